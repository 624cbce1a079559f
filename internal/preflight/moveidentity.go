package preflight

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// bootstrappedWith is what the arguments of the bootstrap set the key to; empty where
// they do not, or do so in a file.
func (v view) bootstrappedWith(key string) string {
	if v.goal.Bootstrap == nil {
		return ""
	}
	for _, arg := range v.goal.Bootstrap.Args {
		if value, ok := strings.CutPrefix(strings.TrimPrefix(arg, "--config="), key+"="); ok {
			return value
		}
	}
	return ""
}

// setAtBootstrap says that the target is to be made with a value of its own for the key:
// of an argument, of a file among them, or of its cloud's entry.
func (v view) setAtBootstrap(key string) bool {
	if v.bootstrappedWith(key) != "" {
		return true
	}
	there := v.there.controller
	if !there.Planned || there.Holdings == nil {
		return false
	}
	h := there.Holdings.Holding(fleet.Item{Kind: fleet.ConfigItem, Name: key})
	return h != nil && !h.Preset
}

// identityThere is where external users of the target log in.
func (v view) identityThere(there *fleet.Holdings) string {
	return cmp.Or(there.IdentityURL, v.bootstrappedWith("identity-url"))
}

// withIdentity is the command that makes the target with the identity provider of the
// source: it cannot be set later.
func (v view) withIdentity() []string {
	h := v.c.Holdings
	if h == nil || h.IdentityURL == "" {
		return nil
	}
	options := " --bootstrap-arg --config=identity-url=" + quote(h.IdentityURL)
	if key := h.Holding(fleet.Item{Kind: fleet.ConfigItem, Name: "identity-public-key"}); key != nil && key.Value != "" {
		options += " --bootstrap-arg --config=identity-public-key=" + quote(key.Value)
	}
	if v.goal.Bootstrap != nil {
		return []string{v.replan(options)}
	}
	return []string{"juju upgrade-all plan -c " + v.c.Name + " --bootstrap CLOUD --bootstrap-name NAME" + options}
}

func identityNotCloned(v view) []say {
	here, there := v.c.Holdings.IdentityURL, v.identityThere(v.there.controller.Holdings)
	if here == "" || here == there {
		return nil
	}
	return one(say{
		meaning: fmt.Sprintf("its external users log in at %s, and those of %s at %s: they cannot log in there, and what they may do with the controller is not cloned; that can only be set when a controller is made",
			here, v.there.controller.Name, cmp.Or(there, "no identity provider")),
		see: []string{"juju controller-config -c " + v.c.Name + " identity-url"},
		fix: v.withIdentity(),
	})
}

// externalsNotCloned speaks where external users could log in at the target: where
// they cannot, identity-not-cloned does.
func externalsNotCloned(v view) []say {
	here, there := v.c.Holdings, v.there.controller.Holdings
	if here.IdentityURL != "" && here.IdentityURL != v.identityThere(there) {
		return nil
	}
	var seen, fix []string
	for _, u := range here.Users {
		other := there.User(u.Name)
		if fleet.LocalUser(u.Name) || u.Access == "" || other != nil && other.Access == u.Access {
			continue
		}
		seen = append(seen, u.Name+" ("+u.Access+")")
		fix = append(fix, "juju grant -c "+v.there.controller.Name+" "+u.Name+" "+u.Access)
	}
	if here.IdentityURL == "" && len(seen) == 0 {
		return nil
	}
	slices.Sort(seen)
	slices.Sort(fix)
	meaning := "what external users may do with the controller itself is not cloned, and Juju does not list all of them"
	if len(seen) > 0 {
		meaning += ": " + most(seen)
	}
	return one(say{
		meaning: meaning,
		see:     []string{"juju users -c " + v.c.Name + " --all"},
		fix:     v.later(fix[:min(len(fix), shown)]),
	})
}
