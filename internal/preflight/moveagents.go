package preflight

import (
	"fmt"
	"strings"
	"time"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/rules"
)

// moveAgentChecks are about the machines, units and agents of models that move.
func moveAgentChecks() []check {
	model := func(code string, severity fleet.Severity, acceptable bool, summary string, says func(view) []say) check {
		return check{
			Check: Check{Code: code, Severity: severity, Scope: fleet.OneModel, Acceptable: acceptable, Summary: summary},
			when:  func(v view) bool { return v.lands() && v.m.Problem == nil }, model: says,
		}
	}
	b, w := fleet.Blocker, fleet.Warning
	return []check{
		model("agents-out-of-step", b, false, "Agents are newer than their model will be when it moves; Juju migrates no such model.", agentsOutOfStep),
		model("machine-not-running", b, false, "Machines are not running; Juju migrates no such model.", machineNotRunning),
		model("unit-settling", w, false, "Units are neither idle nor executing; Juju migrates the model only when they are.", unitSettling),
		model("workload-refused", b, false, "Workloads are in a state in which Juju 4 does not let their model go.", workloadRefused),
		model("base-unsupported", b, false, "Machines are of a base with which Juju migrates no model.", baseUnsupported),
		model("reconnect-budget", b, true, "The model has more agents than can log in to the target in the time that a migration has: a warning when it comes near.", reconnectBudget),
	}
}

// agentsOutOfStep is about what no upgrade before the move mends: agents that are
// ahead. Those that are behind are told by agent-lagging, or are on their way.
func agentsOutOfStep(v view) []say {
	if len(agentLagging(v)) > 0 || v.m.Type == fleet.CAAS && v.c.Version.Major < 4 {
		return nil
	}
	ahead := v.pick(func(a fleet.Agent) bool {
		return !a.Gone() && a.Version.Compare(v.target) > 0
	})
	if len(ahead) == 0 {
		return nil
	}
	return one(say{
		meaning: fmt.Sprintf("it is to move at %s, but %s: Juju migrates no model of which an agent is at another version",
			v.target, list(ahead, func(a fleet.Agent) string { return "at " + a.Version.String() })),
		see:    append([]string{"juju status -m " + v.here()}, each(ahead, v.log)...),
		fix:    v.restarts(ahead),
		agents: ahead,
	})
}

// starting says that an agent is still to start: agent-not-started.
func starting(a fleet.Agent) bool {
	return a.State.Status == "pending" || a.State.Status == "allocating"
}

// machineNotRunning is about what Juju asks of each machine: that its instance is
// running, and its agent started. Errors, and agents out of sight, have findings
// of their own.
func machineNotRunning(v view) []say {
	if v.m.Type == fleet.CAAS {
		return nil
	}
	what := func(a fleet.Agent) string {
		switch {
		case a.Health.Status != "" && a.Health.Status != "running":
			return v.since(a.Health) + said(a.Health)
		case a.State.Status != "" && a.State.Status != "started":
			return v.since(a.State) + said(a.State)
		}
		return ""
	}
	still := v.pick(func(a fleet.Agent) bool {
		return isUnit(a) == 0 && !a.Gone() && !starting(a) && !bad(a.State) && !bad(a.Health) && what(a) != ""
	})
	if len(still) == 0 {
		return nil
	}
	return one(say{
		meaning: list(still, what) + ": Juju migrates no model with a machine that is not running",
		see:     each(still, func(a fleet.Agent) string { return "juju show-machine -m " + v.here() + " " + a.Name }),
		fix:     v.restarts(still),
		agents:  still,
	})
}

// unitSettling is a warning: it passes by itself, and the migration is tried again
// when it has.
func unitSettling(v view) []say {
	settling := v.pick(func(a fleet.Agent) bool {
		return isUnit(a) == 1 && !a.Gone() && !starting(a) && a.State.Status != "" && a.State.Status != "idle" && a.State.Status != "executing"
	})
	if len(settling) == 0 {
		return nil
	}
	return one(say{
		meaning: list(settling, func(a fleet.Agent) string { return v.since(a.State) + said(a.State) }) +
			": Juju begins to migrate when all units are idle or executing; it is asked again until they are",
		see:    append([]string{"juju status -m " + v.here()}, each(settling, v.log)...),
		agents: settling,
	})
}

func workloadRefused(v view) []say {
	refused := v.pick(func(a fleet.Agent) bool {
		return isUnit(a) == 1 && !a.Gone() && rules.RefusesWorkload(v.c.Version, a.Health.Status)
	})
	if len(refused) == 0 {
		return nil
	}
	return one(say{
		meaning: list(refused, func(a fleet.Agent) string { return v.since(a.Health) + said(a.Health) }) +
			fmt.Sprintf(": Juju %d migrates no model with such a workload", v.c.Version.Major),
		see: append([]string{"juju status -m " + v.here()}, each(refused, v.log)...),
		fix: each(refused, func(a fleet.Agent) string {
			if !bad(a.Health) {
				return ""
			}
			return "juju resolved -m " + v.here() + " " + a.Name
		}),
		agents: refused,
	})
}

func baseUnsupported(v view) []say {
	if v.m.Type == fleet.CAAS {
		return nil
	}
	old := v.pick(func(a fleet.Agent) bool {
		return isUnit(a) == 0 && a.Base != "" && rules.UnsupportedBase(v.target, v.there.controller.Version, a.Base)
	})
	if len(old) == 0 {
		return nil
	}
	takes := ""
	if bases := rules.SupportedBases(v.there.controller.Version); bases != nil {
		takes = ", only " + strings.Join(bases, ", ")
	}
	return one(say{
		meaning: list(old, func(a fleet.Agent) string { return "(" + a.Base + ")" }) + ": Juju migrates no model with machines of such a base" + takes,
		see:     []string{"juju machines -m " + v.here()},
		fix:     []string{"juju set-application-base -m " + v.here() + " APPLICATION BASE   # then juju add-unit, and remove-unit the old ones", v.without()},
		agents:  old,
	})
}

// nearly is from which part of the budget on, in percent, it is told.
const nearly = 70

// reconnectBudget compares the model's agents with those that the target lets in
// while they try. It is acceptable: it is arithmetic, and agents of a controller
// at rest may be quicker.
func reconnectBudget(v view) []say {
	there := v.there.controller
	if there.Holdings == nil {
		return nil
	}
	budget, agents := rules.ReconnectBudget(v.c, there, v.goal.ClonesAll()), len(v.m.Status.Agents)
	if budget == 0 || agents*100 < budget*nearly {
		return nil
	}
	s := say{
		meaning: fmt.Sprintf("it has %s, and %s lets in about %d within the %s for which they try to log in there: those that are refused to the end do not report, and the migration is aborted",
			count(agents, "agent"), there.Name, budget, span(fleet.ValidationTime)),
		see: []string{"juju controller-config -c " + there.Name + " agent-ratelimit-max", "juju controller-config -c " + there.Name + " agent-ratelimit-rate"},
		fix: []string{v.roomFor(agents)},
	}
	if there.Planned {
		s.see = nil
	}
	if agents <= budget {
		s.severity, s.final = fleet.Warning, true
	}
	return one(s)
}

// roomFor is the command that lets that many agents in, well below the budget: at
// shorter intervals, and in a larger burst only where those would be too short.
func (v view) roomFor(agents int) string {
	there := v.there.controller
	rate := wider(rules.RateThen(v.c, there, v.goal.ClonesAll()), rules.ServersThen(v.c, there), agents)
	if there.Planned {
		return fmt.Sprintf("juju upgrade-all plan -c %s%s --bootstrap-arg --config=agent-ratelimit-max=%d --bootstrap-arg --config=agent-ratelimit-rate=%s",
			v.c.Name, v.to(), rate.Burst, rate.Interval)
	}
	return fmt.Sprintf("juju controller-config -c %s agent-ratelimit-max=%d agent-ratelimit-rate=%s", there.Name, rate.Burst, rate.Interval)
}

// wider is a rate of which that many agents are less than what is told.
func wider(rate fleet.AgentRate, servers, agents int) fleet.AgentRate {
	servers = max(1, servers)
	each := agents*100/(nearly*servers) + 1
	most := int(fleet.ValidationTime / time.Millisecond)
	if rest := each - rate.Burst; rest > 0 {
		rate.Interval = min(rate.Interval, max(time.Millisecond, (fleet.ValidationTime/time.Duration(rest)).Truncate(time.Millisecond)))
		rate.Burst = max(rate.Burst, each-most)
	}
	return rate
}
