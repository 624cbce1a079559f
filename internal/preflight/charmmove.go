package preflight

import (
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// charmMoveChecks are about charms that are to be refreshed after their models have
// moved.
func charmMoveChecks() []check {
	return []check{
		{
			Check: Check{Code: "charms-already-moved", Severity: fleet.Notice, Scope: fleet.WholeRun,
				Summary: "Charms of models that are on the target already are no part of a move."},
			when: func(v view) bool { return v.goal.Refreshes() && existsLooked(v) }, target: charmsAlreadyMoved,
		},
	}
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
