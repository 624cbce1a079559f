package preflight

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/rules"
)

// shown is how many agents a sentence, and how many commands a finding, names.
const shown = 3

// inOrder returns the agents as people count: machines, then units, each by
// name, with numbers as numbers.
func inOrder(agents []fleet.Agent) []fleet.Agent {
	out := slices.Clone(agents)
	slices.SortFunc(out, func(a, b fleet.Agent) int {
		return cmp.Or(
			cmp.Compare(isUnit(a), isUnit(b)),
			fleet.CompareNatural(a.Name, b.Name),
		)
	})
	return out
}

func isUnit(a fleet.Agent) int {
	switch a.Kind {
	case fleet.MachineAgent, fleet.ContainerAgent:
		return 0
	}
	return 1
}

// names are the agents as Agent.String names them, in order.
func names(agents []fleet.Agent) []string {
	var out []string
	for _, a := range inOrder(agents) {
		out = append(out, a.String())
	}
	return out
}

// list tells the first few agents, each with what tell says of it, and counts
// the rest: "unit mail/2 lost since 3h, unit mail/3 lost and 4 more".
func list(agents []fleet.Agent, tell func(fleet.Agent) string) string {
	var parts []string
	for i, a := range inOrder(agents) {
		if i == shown {
			break
		}
		parts = append(parts, strings.TrimSpace(a.String()+" "+tell(a)))
	}
	text := strings.Join(parts, ", ")
	if more := len(agents) - shown; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

// since tells a condition with its age where that is known: "error since 3h".
// Of an agent that is down or lost it never is: Juju's time is that of the last
// status that was stored, which may be of days before.
func (v view) since(c fleet.Condition) string {
	age := v.fleet.Looked.Sub(c.Since)
	gone := c.Status == "down" || c.Status == "lost"
	if gone || c.Since.IsZero() || v.fleet.Looked.IsZero() || age < 0 {
		return c.Status
	}
	return c.Status + " since " + span(age)
}

// span tells a duration in its largest sensible unit.
func span(d time.Duration) string {
	const day = 24 * time.Hour
	switch {
	case d < 2*time.Minute:
		return fmt.Sprintf("%ds", d/time.Second)
	case d < 2*time.Hour:
		return fmt.Sprintf("%dm", d/time.Minute)
	case d < 2*day:
		return fmt.Sprintf("%dh", d/time.Hour)
	default:
		return fmt.Sprintf("%dd", d/day)
	}
}

// said adds a message to a status, when there is one.
func said(c fleet.Condition) string {
	if c.Message == "" {
		return ""
	}
	return " (" + oneLine(c.Message) + ")"
}

// oneLine makes one line of a text that may have many.
func oneLine(s string) string { return strings.Join(strings.Fields(s), " ") }

// count tells a number of things.
func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// each makes the commands for the first few agents.
func each(agents []fleet.Agent, command func(fleet.Agent) string) []string {
	var out []string
	for _, a := range inOrder(agents) {
		c := command(a)
		if c == "" || slices.Contains(out, c) {
			continue
		}
		out = append(out, c)
		if len(out) == shown {
			break
		}
	}
	return out
}

// log is the command that shows what became of an agent; empty for one that is
// down or lost, which Juju records nowhere.
func (v view) log(a fleet.Agent) string {
	kind := ""
	switch {
	case a.Gone():
		return ""
	case a.Kind == fleet.MachineAgent:
		kind = "--type juju-machine "
	case a.Kind == fleet.ContainerAgent:
		kind = "--type juju-container "
	}
	return "juju show-status-log -m " + v.here() + " " + kind + a.Name
}

// restart is the command that restarts an agent; empty where Juju has none. A
// unit's agent runs within its machine's.
func (v view) restart(a fleet.Agent) string {
	switch {
	case v.m.Type == fleet.CAAS:
		return ""
	case isUnit(a) == 0:
		return v.restartOn(a.Name, a.Name)
	case a.Machine != "":
		return v.restartOn(a.Machine, a.Machine)
	}
	return v.restartOn(a.Name, "*")
}

// restartOn is the command that restarts the agent of a machine over ssh to
// that machine, or to a unit on it.
func (v view) restartOn(where, machine string) string {
	return "juju ssh -m " + v.here() + " " + where + " \"sudo systemctl restart '" + rules.Service(v.c.Version) + "-machine-" + strings.ReplaceAll(machine, "/", "-") + "'\""
}

// restarts are the commands that restart the agents, one for each machine. Where
// it is not told which machine a unit is on, those of machines stand for it: it
// went with one of them.
func (v view) restarts(agents []fleet.Agent) []string {
	machines := slices.ContainsFunc(agents, func(a fleet.Agent) bool { return isUnit(a) == 0 })
	return each(agents, func(a fleet.Agent) string {
		if isUnit(a) == 1 && a.Machine == "" && machines {
			return ""
		}
		return v.restart(a)
	})
}

// some names the first few of a list.
func some(names []string) string {
	text := strings.Join(names[:min(len(names), shown)], ", ")
	if more := len(names) - shown; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}
