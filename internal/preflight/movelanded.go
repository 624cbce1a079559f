package preflight

import (
	"fmt"
	"slices"
	"strings"

	"github.com/juju/version/v2"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// hasLanded says that the model is in the goal and on the target already, and that
// what it is like there was seen.
func (v view) hasLanded() bool {
	if !v.moves() || v.unreachable() || v.m.IsController || !v.goal.Wants(v.c, v.m) || !v.there.reachable() {
		return false
	}
	there := v.there.byUUID[v.m.UUID]
	return there != nil && landed(there) && there.Problem == nil && there.Status.Version != version.Zero
}

// movedUnfinished is about a model that an earlier run, or somebody else, has moved:
// this run does not touch it any more.
func movedUnfinished(v view) []say {
	there, target := v.there.byUUID[v.m.UUID], v.there.controller
	lost := fleet.Connected(there.Status).Missing
	if len(lost) == 0 && fleet.Current(there, target.Version) {
		return nil
	}
	meaning := fmt.Sprintf("it is on %s already, and is not at %s there", target.Name, target.Version)
	if len(lost) > 0 {
		meaning = fmt.Sprintf("it is on %s already, and not connected there: %s", target.Name, list(lost, func(fleet.Agent) string { return "" }))
	}
	owner := v.onTarget(there)
	return one(say{
		meaning: meaning + "; this run leaves it as it is",
		see:     []string{"juju status -m " + owner},
		fix:     []string{"juju upgrade-all plan -c " + target.Name + " -m " + strings.TrimPrefix(owner, target.Name+":")},
		agents:  lost,
	})
}

// userDisabled is a blocker towards Juju 4, whose import gives each user access and
// fails at one who is disabled. (Seen on 4.1.0, which then keeps a part of the model.)
func userDisabled(v view) []say {
	b, h, known := v.brings()
	if !known {
		return nil
	}
	var names, fix []string
	for _, u := range b.Users {
		there := h.User(u.Name)
		if there == nil || !there.Disabled {
			continue
		}
		names = append(names, u.Name)
		fix = append(fix, "juju enable-user -c "+v.there.controller.Name+" "+u.Name)
	}
	if len(names) == 0 {
		return nil
	}
	slices.Sort(names)
	slices.Sort(fix)
	s := say{
		meaning: fmt.Sprintf("of those with access to it, %s cannot log in there: disabled on %s", strings.Join(names, ", "), v.there.controller.Name),
		see:     []string{"juju users -c " + v.there.controller.Name + " --all"},
		fix:     fix[:min(shown, len(fix))],
	}
	if v.there.controller.Version.Major < 4 {
		s.severity = fleet.Warning
	} else {
		s.meaning += ", and its import there fails at a user who is disabled"
	}
	return one(s)
}
