package preflight

import (
	"fmt"

	"github.com/juju/version/v2"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/rules"
)

func agentChecks() []check {
	return []check{
		{
			Check: Check{Code: "agent-down", Severity: fleet.Blocker, Scope: fleet.OneModel, Acceptable: true,
				Summary: "Agents are down or lost; they would not arrive. Accepting it exempts those that it names, but Juju migrates no such model. A warning where nothing is left to upgrade."},
			when: func(v view) bool { return v.quiet() || v.settled() }, model: agentDown,
		},
		{
			Check: Check{Code: "agent-lagging", Severity: fleet.Blocker, Scope: fleet.OneModel,
				Summary: "Agents are not at their model's version; up to 3.6, Juju refuses to upgrade the model before they are."},
			when: view.quiet, model: agentLagging,
		},
		{
			Check: Check{Code: "agent-not-started", Severity: fleet.Blocker, Scope: fleet.OneModel,
				Summary: "Machines or units have no agent yet; Juju refuses to migrate the model before they have and, up to 3.6, to upgrade it."},
			when: view.quiet, model: agentNotStarted,
		},
		{
			Check: Check{Code: "machine-error", Severity: fleet.Blocker, Scope: fleet.OneModel, Acceptable: true,
				Summary: "Machines are in error; their agents may not come back. Accepting it exempts those that it names, but Juju migrates no such model."},
			when: view.quiet, model: machineError,
		},
		{
			Check: Check{Code: "unit-error", Severity: fleet.Warning, Scope: fleet.OneModel,
				Summary: "Units are in error; their agents are upgraded, and move, all the same, and run the failed hook again."},
			when: view.readable, model: unitError,
		},
	}
}

// member says that the agent is of a machine of the controller, which
// controller-machine-down speaks of.
func (v view) member(a fleet.Agent) bool {
	// Where models move, Juju asks for the health of all machines there.
	return v.m.IsController && (a.WantsVote || v.leaving && isUnit(a) == 0)
}

// pick returns the model's agents of which it is true.
func (v view) pick(is func(fleet.Agent) bool) []fleet.Agent {
	var out []fleet.Agent
	for _, a := range v.m.Status.Agents {
		if is(a) {
			out = append(out, a)
		}
	}
	return out
}

// agentDown is a warning where nothing is left to upgrade: there is nobody to
// wait for.
func agentDown(v view) []say {
	gone := v.pick(func(a fleet.Agent) bool { return a.Gone() && !v.member(a) })
	if len(gone) == 0 {
		return nil
	}
	s := say{
		meaning: list(gone, func(a fleet.Agent) string { return v.since(a.State) + said(a.State) }),
		see:     append([]string{"juju status -m " + v.here()}, each(gone, v.pod)...),
		fix:     v.restarts(gone),
		agents:  gone,
	}
	if v.settled() {
		s.meaning += "; nothing of the model is left to upgrade, so this holds nothing"
		if v.refreshed() {
			s.meaning += " but charms (charm-unit-lost)"
		}
		s.severity, s.final = fleet.Warning, true
		return one(s)
	}
	if v.moves() && !v.m.IsController {
		s.meaning += ": Juju migrates no model while an agent of it is out of sight"
		s.final = true
		return one(s)
	}
	s.meaning += ": gone agents would not arrive, and the upgrade of the model would wait for them until it stalls"
	return one(s)
}

// agentLagging is about what Juju refuses, so it cannot be accepted; it counts
// agents that are down as well. When the model is at the target already, those
// are on their way (model-underway).
func agentLagging(v view) []say {
	if v.m.Version == v.target || !rules.WantsAgentsInStep(v.c.Version, v.m.Type) {
		return nil
	}
	behind := v.pick(func(a fleet.Agent) bool {
		return a.Version != version.Zero && a.Version != v.m.Version && a.Version != v.target
	})
	if len(behind) == 0 {
		return nil
	}
	return one(say{
		meaning: fmt.Sprintf("the model is at %s, but %s: Juju refuses to upgrade it before all its agents are there",
			v.m.Version, list(behind, func(a fleet.Agent) string { return "at " + a.Version.String() })),
		see:    append([]string{"juju status -m " + v.here()}, each(behind, v.log)...),
		fix:    v.restarts(behind),
		agents: behind,
	})
}

// agentNotStarted is a blocker where Juju refuses because of it (an agent
// without a version is not "in step"), and a notice elsewhere.
func agentNotStarted(v view) []say {
	moves := v.moves() && !v.m.IsController
	inStep := rules.WantsAgentsInStep(v.c.Version, v.m.Type) && (moves || v.m.Version != v.target)
	refuses := inStep || moves
	waiting := v.pick(func(a fleet.Agent) bool {
		if a.Version != version.Zero || a.Gone() {
			return false
		}
		return inStep || a.State.Status == "pending" || a.State.Status == "allocating"
	})
	if len(waiting) == 0 {
		return nil
	}
	s := say{
		meaning: list(waiting, func(a fleet.Agent) string { return v.since(a.State) + said(a.State) }) + ": no agent has started there yet",
		see:     []string{"juju status -m " + v.here()},
		agents:  waiting,
	}
	if !refuses {
		s.severity = fleet.Notice
		s.meaning += "; when it does, it starts at the model's version"
		return one(s)
	}
	s.meaning += "; Juju refuses to " + v.verb() + " the model before all have"
	s.fix = each(waiting, func(a fleet.Agent) string {
		if isUnit(a) == 1 || !bad(a.Health) {
			return "" // it only has to be waited for
		}
		return "juju retry-provisioning -m " + v.here() + " " + a.Name
	})
	return one(s)
}

// machineError is a blocker that can be accepted: an agent that runs on a broken
// machine may not survive its restart, but Juju would go on.
func machineError(v view) []say {
	broken := v.pick(func(a fleet.Agent) bool {
		return isUnit(a) == 0 && !a.Gone() && !v.member(a) && (bad(a.State) || bad(a.Health))
	})
	if len(broken) == 0 {
		return nil
	}
	return one(say{
		meaning: list(broken, func(a fleet.Agent) string {
			c := a.State
			if !bad(c) {
				c = a.Health
			}
			return v.since(c) + said(c)
		}) + v.brokenMachine(),
		final: v.moves() && !v.m.IsController,
		see:   each(broken, func(a fleet.Agent) string { return "juju show-machine -m " + v.here() + " " + a.Name }),
		fix: each(broken, func(a fleet.Agent) string {
			return "juju retry-provisioning -m " + v.here() + " " + a.Name
		}),
		agents: broken,
	})
}

// brokenMachine is what it leads to that a machine is in error.
func (v view) brokenMachine() string {
	if v.moves() && !v.m.IsController {
		return ": Juju migrates no model with a machine in error"
	}
	return ": an agent on a machine in error may not come back from its restart"
}

func bad(c fleet.Condition) bool { return c.Status == "error" || c.Status == "provisioning error" }

// unitError is a warning: Juju allows it, the agent of a unit in error restarts
// as any other, and what counts afterwards is that nothing is worse than before.
// To hold a whole model for one failed hook would teach people to accept blindly.
func unitError(v view) []say {
	broken := v.pick(func(a fleet.Agent) bool { return isUnit(a) == 1 && !a.Gone() && bad(a.Health) })
	if len(broken) == 0 {
		return nil
	}
	meaning := ": its agent is upgraded all the same, and runs the failed hook again"
	if v.moves() && !v.m.IsController {
		if rules.RefusesWorkload(v.c.Version, "error") {
			return nil // workload-refused
		}
		meaning = ": it moves all the same, and its agent runs the failed hook again"
	}
	return one(say{
		meaning: list(broken, func(a fleet.Agent) string { return v.since(a.Health) + said(a.Health) }) + meaning,
		see:     each(broken, v.log),
		fix:     each(broken, func(a fleet.Agent) string { return "juju resolved -m " + v.here() + " " + a.Name }),
		agents:  broken,
	})
}
