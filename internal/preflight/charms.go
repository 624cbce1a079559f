package preflight

import (
	"slices"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// charmChecks are about the charms of applications. They are asked only where the goal
// has charms, and speak of applications that are to be refreshed, or that a rule leaves
// alone. What they find holds no agents.
//
// Of what the new charm is on Kubernetes, its format and its storage, no call tells before the
// model has it: there, what the charm of now is has to do for a warning, and the step finds out
// the rest, and changes nothing then.
func charmChecks() []check {
	return slices.Concat(charmhubChecks(), charmUnitChecks(), charmWants(), charmPodsChecks(), charmNotices(), charmMoveChecks())
}

// ofApplication makes a check of applications.
func ofApplication(code string, severity fleet.Severity, acceptable bool, summary string, when func(view) bool, says func(view) []say) check {
	return check{
		Check: Check{Code: code, Severity: severity, Scope: fleet.OneApplication, Acceptable: acceptable, Summary: summary},
		when:  when, application: says,
	}
}

// together makes a check of applications that is told of their model where all that
// are to be refreshed there share it, and otherwise of each.
func together(c Check, is func(view) bool, says func(v view, who []view) []say) check {
	return check{
		Check: c,
		model: func(v view) []say {
			if !v.shared(is) {
				return nil
			}
			return says(v, v.refreshing())
		},
		application: func(v view) []say {
			if !v.refreshes() || !is(v) || v.shared(is) {
				return nil
			}
			return says(v, []view{v})
		},
	}
}
