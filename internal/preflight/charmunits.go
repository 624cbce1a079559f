package preflight

import (
	"slices"
	"strings"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// charmUnitChecks are about applications and units that are not fit for a new charm.
func charmUnitChecks() []check {
	b := fleet.Blocker
	return []check{
		{
			Check: Check{Code: "charms-commands-blocked", Severity: b, Scope: fleet.OneApplication,
				Summary: "Commands are disabled in the model: its charms are left alone."},
			when: func(v view) bool { return v.refreshed() && v.m.Problem == nil }, model: charmsCommandsBlocked,
		},
		ofApplication("charm-dying", b, false, "The application is being removed.", func(v view) bool { return v.due() && !v.alive() }, charmDying),
		ofApplication("charm-unit-error", b, true, "Units of the application are in error, and a refresh passes them by. Accepting it exempts those that it names. With charms alone, a warning where there is nothing newer.", func(v view) bool { return v.refreshes() || v.onlyCharms() && v.alive() }, charmUnitError),
		ofApplication("charm-unit-lost", b, true, "Agents of units of the application are down or lost; they would not get the new charm. Accepting it exempts those that it names.", view.refreshes, charmUnitLost),
		ofApplication("charm-underway", b, true, "Units of the application do not run its charm of now yet: a warning where there is nothing newer.", view.alive, charmUnderway),
	}
}

// charmsCommandsBlocked cannot be accepted: Juju refuses, in each version.
// Source: Juju apiserver/facades/client/application/application.go SetCharm,
// ChangeAllowed. It holds all charms of the model.
func charmsCommandsBlocked(v view) []say {
	if !v.m.ChangesBlocked {
		return nil
	}
	return one(say{
		meaning: "commands are disabled in it, so Juju refuses to refresh its charms, which are left alone: " + some(appNames(v.refreshing())),
		see:     []string{"juju disabled-commands -m " + v.here()},
		fix:     []string{"juju enable-command all -m " + v.here()},
	})
}

func charmDying(v view) []say {
	if v.m.Life != "" && v.m.Life != "alive" {
		return nil // model-dying
	}
	return one(say{
		meaning: "it is " + v.app.Life + ": what is being removed is not refreshed",
		see:     []string{v.show()},
		fix:     []string{v.withoutApp()},
	})
}

// units are those of the application's units of which it is true.
func (v view) units(is func(fleet.Agent) bool) []fleet.Agent {
	return slices.DeleteFunc(v.m.Status.UnitsOf(v.app.Name), func(a fleet.Agent) bool { return !is(a) })
}

func failed(a fleet.Agent) bool { return !a.Gone() && bad(a.Health) }

// charmUnitError is acceptable: the other units are refreshed, and these follow when
// their error is resolved. Source: Juju internal/worker/uniter/resolver.go
// nextOpHookError.
func charmUnitError(v view) []say {
	broken := v.units(failed)
	if len(broken) == 0 {
		return nil
	}
	if !v.refreshes() {
		return one(say{
			severity: fleet.Warning, final: true, agents: broken,
			meaning: list(broken, func(a fleet.Agent) string { return v.since(a.Health) + said(a.Health) }) + ": its charm has nothing newer, so this run leaves it as it is",
			see:     append(each(broken, v.log), v.debugLog(inOrder(broken)[0])),
			fix:     each(broken, func(a fleet.Agent) string { return "juju resolved -m " + v.here() + " " + a.Name }),
		})
	}
	return one(say{
		meaning: list(broken, func(a fleet.Agent) string { return v.since(a.Health) + said(a.Health) }) +
			": Juju's refresh silently passes such units by, until their error is resolved",
		see: append(each(broken, v.log), v.debugLog(inOrder(broken)[0])),
		fix: append(each(broken, func(a fleet.Agent) string { return "juju resolved -m " + v.here() + " " + a.Name }),
			"juju resolved --no-retry -m "+v.here()+" "+inOrder(broken)[0].Name+"   # passes the failed hook over, where the new charm mends it", v.withoutApp()),
		agents: broken,
	})
}

func charmUnitLost(v view) []say {
	gone := v.units(fleet.Agent.Gone)
	if len(gone) == 0 {
		return nil
	}
	return one(say{
		meaning: list(gone, func(a fleet.Agent) string { return v.since(a.State) + said(a.State) }) +
			": the new charm would not get there, and the refresh would wait for it until it stalls",
		see:    []string{v.show()},
		fix:    append(v.restarts(gone), v.withoutApp()),
		agents: gone,
	})
}

// charmUnderway exempts nobody when it is accepted: such units are waited for. Where
// the application is to be refreshed, those in error or out of sight have findings of
// their own.
func charmUnderway(v view) []say {
	behind := natural(v.app.Behind)
	of := func(is func(fleet.Agent) bool) []string {
		var out []string
		for _, a := range v.units(is) {
			if slices.Contains(behind, a.Name) {
				out = append(out, a.Name)
			}
		}
		return natural(out)
	}
	s := say{see: []string{v.show()}}
	if v.refreshes() {
		ill := append(of(failed), of(fleet.Agent.Gone)...)
		behind = slices.DeleteFunc(behind, func(name string) bool { return slices.Contains(ill, name) })
		s.meaning = ": a refresh of it is on its way, or was left half done; what comes next begins when that has ended"
		s.fix = []string{v.planWith("   # once more, when it has ended"), v.withoutApp()}
	} else {
		s.severity, s.final = fleet.Warning, true
		s.meaning = ": a refresh of it was asked for, and has not come to them; there is nothing newer, so this run does not wait for it"
		for _, name := range of(failed) {
			s.fix = append(s.fix, "juju resolved -m "+v.here()+" "+name)
		}
		s.fix = s.fix[:min(len(s.fix), shown)]
	}
	if len(behind) == 0 {
		return nil
	}
	what := "do"
	if len(behind) == 1 {
		what = "does"
	}
	s.meaning = strings.Join([]string{some(behind), what, "not run", v.app.URL, "yet"}, " ") + s.meaning
	return one(s)
}
