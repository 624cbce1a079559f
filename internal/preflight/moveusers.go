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
	if v.c.Holdings == nil || v.goal.ClonesAll() {
		return nil // passwords-not-cloned tells of all users
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
	named := most(missing)
	passwords := "each needs a new password there, as passwords cannot be copied"
	if given := v.given(missing); given == len(missing) {
		passwords = "all with a password that was given"
	} else if given > 0 {
		passwords = fmt.Sprintf("%d with a password that was given; the others need a new one there, as passwords cannot be copied", given)
	}
	s := say{
		meaning: fmt.Sprintf("%s that models need on it and that it lacks will be made there: %s; %s", count(len(missing), "local user"), named, passwords),
		see:     []string{"juju users -c " + v.c.Name + " --all"},
	}
	if v.c.Planned {
		s.see = nil
	}
	return one(s)
}

// most names the first of a longer list.
func most(names []string) string {
	text := strings.Join(names[:min(len(names), usersNamed)], ", ")
	if more := len(names) - usersNamed; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

// given is how many of the users get a password that was given.
func (v view) given(names []string) int {
	n := 0
	for _, name := range names {
		if slices.Contains(v.goal.Passwords, name) {
			n++
		}
	}
	return n
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
	if !ok || v.c.Holdings == nil || v.c.Holdings.IdentityURL == v.identityThere(there) {
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
	s := say{
		meaning: fmt.Sprintf("external users have access to it (%s), and the two controllers do not have the same identity provider: Juju migrates no such model", some(names)),
		see:     []string{"juju controller-config -c " + v.c.Name + " identity-url", "juju controller-config -c " + v.there.controller.Name + " identity-url"},
		fix:     fix,
	}
	if v.there.controller.Planned {
		s.see = s.see[:1]
		s.fix = append(v.withIdentity(), s.fix...)
	}
	return one(s)
}
