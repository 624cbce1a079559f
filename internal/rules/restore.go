package rules

import (
	"slices"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// LackingUsers are the local users of source whom target lacks, as people count; but
// not those that Juju makes itself. Where one of the two does not tell, none are known.
func LackingUsers(source, target *fleet.Controller) []string {
	if source.Holdings == nil || target.Holdings == nil {
		return nil
	}
	var out []string
	for _, u := range source.Holdings.Users {
		if fleet.LocalUser(u.Name) && !JujusOwnUser(u.Name) && target.Holdings.User(u.Name) == nil {
			out = append(out, u.Name)
		}
	}
	slices.SortFunc(out, fleet.CompareNatural)
	return out
}

// Restores says that juju-restore is to give target what source has: that was chosen,
// and users are lacking there, whose passwords only a backup brings. Where all of them
// are, what else is lacking is cloned without it: it stops a controller, and writes
// over what is there. The plan has the step where this says so, and preflight looks
// into whether it can work.
func Restores(goal fleet.Goal, source, target *fleet.Controller) bool {
	return goal.Clone == fleet.CloneRestore && source.Problem == nil && target != nil && target.Problem == nil &&
		len(LackingUsers(source, target)) > 0
}
