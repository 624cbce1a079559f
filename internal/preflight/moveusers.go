package preflight

import (
	"fmt"
	"slices"
	"strings"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// usersNamed is how many users a notice names.
const usersNamed = 10

func usersCreated(v view) []say {
	if v.c.Holdings == nil {
		return nil
	}
	var missing []string
	for _, in := range v.moving() {
		missing = append(missing, in.missingUsers()...)
	}
	slices.Sort(missing)
	missing = slices.Compact(missing)
	if len(missing) == 0 {
		return nil
	}
	named := strings.Join(missing[:min(len(missing), usersNamed)], ", ")
	if more := len(missing) - usersNamed; more > 0 {
		named += fmt.Sprintf(" and %d more", more)
	}
	return one(say{
		meaning: fmt.Sprintf("%s that models need on it and that it lacks will be made there: %s; each needs a new password there, as passwords can not be copied",
			count(len(missing), "local user"), named),
		see: []string{"juju users -c " + v.c.Name + " --all"},
	})
}

// missingUsers are the local users who have access to the model, its owner among
// them, and are not on the target.
func (v view) missingUsers() []string {
	b, there := v.m.Belongings, v.there.controller.Holdings
	if b == nil || there == nil {
		return nil
	}
	names := []string{b.Owner}
	for _, u := range b.Users {
		names = append(names, u.Name)
	}
	return slices.DeleteFunc(names, func(name string) bool {
		return name == "" || !fleet.LocalUser(name) || there.User(name) != nil
	})
}

func externalUsers(v view) []say {
	b, there, ok := v.brings()
	if !ok || v.c.Holdings == nil || v.c.Holdings.IdentityURL == there.IdentityURL {
		return nil
	}
	var names, fix []string
	for _, u := range b.Users {
		if !fleet.LocalUser(u.Name) {
			names = append(names, u.Name)
		}
	}
	if !fleet.LocalUser(b.Owner) {
		names = append(names, b.Owner)
	}
	slices.Sort(names)
	names = slices.Compact(names)
	if len(names) == 0 {
		return nil
	}
	for _, name := range names[:min(len(names), shown)] {
		if name != b.Owner {
			fix = append(fix, "juju revoke -c "+v.c.Name+" "+name+" read "+v.m.Name)
		}
	}
	return one(say{
		meaning: fmt.Sprintf("external users have access to it (%s), and the two controllers do not have the same identity provider: Juju migrates no such model", some(names)),
		see:     []string{"juju controller-config -c " + v.c.Name + " identity-url", "juju controller-config -c " + v.there.controller.Name + " identity-url"},
		fix:     fix,
	})
}
