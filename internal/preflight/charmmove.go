package preflight

import (
	"fmt"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/rules"
)

// charmMoveChecks are about charms that are to be refreshed after their models have
// moved.
func charmMoveChecks() []check {
	return []check{
		together(Check{Code: "charm-after-move-to-4", Severity: fleet.Blocker, Scope: fleet.OneApplication, Acceptable: true,
			Summary: "Applications from Charmhub can not be refreshed any more after a move from 3.x to 4.1."}, lostByMove, charmAfterMove),
		{
			Check: Check{Code: "charms-already-moved", Severity: fleet.Notice, Scope: fleet.WholeRun,
				Summary: "Charms of models that are on the target already are no part of a move."},
			when: func(v view) bool { return v.goal.Refreshes() && existsLooked(v) }, target: charmsAlreadyMoved,
		},
	}
}

// lostByMove says that the application can not be refreshed where it moves to.
func lostByMove(v view) bool {
	return v.moves() && v.there.reachable() && v.asksCharmhub() && rules.RefreshLost(v.target, v.there.controller.Version) != ""
}

// charmAfterMove is acceptable: what was seen on one version may be mended in the
// target's.
func charmAfterMove(v view, who []view) []say {
	subject := "its charm is"
	if v.app == nil {
		subject = "the charms of " + some(appNames(who)) + " are"
	}
	return one(say{
		meaning: fmt.Sprintf("%s to be refreshed on %s, after the move: %s", subject, v.there.controller.Name, rules.RefreshLost(v.target, v.there.controller.Version)),
		see:     []string{"juju status -m " + v.here()},
		fix:     []string{"juju upgrade-all plan --charms-only -c " + v.c.Name + "   # before the move"},
	})
}

func charmsAlreadyMoved(v view) []say {
	var names []string
	for i := range v.c.Models {
		if m := &v.c.Models[i]; !m.IsController && landed(m) {
			names = append(names, m.Name)
		}
	}
	if len(names) == 0 {
		return nil
	}
	return one(say{
		meaning: "the charms of models that are there already are no part of this: " + some(natural(names)),
		fix:     []string{"juju upgrade-all plan --charms-only -c " + v.c.Name},
	})
}
