package report

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/journal"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

// fewAgents is up to how many awaited agents are named one by one.
const fewAgents = 4

// laneState is where what fails together stands.
type laneState struct {
	name   string
	status journal.Status
	// step is the one that tells: the one under way, or that failed.
	step *plan.Step
	at   journal.StepState
}

// lanesOf returns the lanes of a run in the order of its plan.
func lanesOf(s *journal.State) []laneState {
	places := several(&s.Plan)
	index := map[string]int{}
	var out []laneState
	var ended []int
	for i := range s.Plan.Steps {
		step := &s.Plan.Steps[i]
		at := s.Steps[step.ID]
		k, ok := index[step.Lane]
		if !ok {
			k = len(out)
			index[step.Lane] = k
			out = append(out, laneState{name: lane(*step, places), status: journal.Done})
			ended = append(ended, 0)
		}
		if at.Status.Ended() {
			ended[k]++
		}
		if l := &out[k]; outranks(at.Status, l.status) {
			// A model that moves is named where the step has it.
			l.status, l.step, l.at, l.name = at.Status, step, at, lane(*step, places)
		}
	}
	for k := range out {
		// Between two of its steps a lane is under way, not waiting.
		if out[k].status == journal.Pending && ended[k] > 0 {
			out[k].status = journal.Started
		}
	}
	return out
}

// outranks says which status of a step tells more of its lane.
func outranks(a, b journal.Status) bool { return rank(a) > rank(b) }

func rank(s journal.Status) int {
	switch s {
	case journal.Failed:
		return 5
	case journal.Started:
		return 4
	case journal.Held:
		return 3
	case journal.Done, journal.Skipped:
		return 1
	}
	return 2 // pending, or never heard of
}

// size is how far a step is, in its own units; "" when nothing counts.
func size(step *plan.Step, there, awaited int) string {
	switch kind := step.Kind; {
	case awaited <= 0:
		return ""
	case kind == plan.Backup:
		return fmt.Sprintf("%d%%", min(100, max(0, there*100/awaited)))
	case kind == plan.ModelUpgrade, kind == plan.Arrive, kind == plan.MakeController:
		return fmt.Sprintf("%d/%d agents", there, awaited)
	case kind == plan.RefreshCharm:
		return fmt.Sprintf("%d/%d units", there, awaited)
	case kind == plan.FollowModels:
		return fmt.Sprintf("%d/%d models", there, awaited)
	case kind == plan.EnableHA:
		return fmt.Sprintf("%d/%d servers serving", there, awaited)
	case kind == plan.RestoreCopy:
		return fmt.Sprintf("%d/%d users", there, awaited)
	case kind == plan.Verify && step.Refresh != nil: // it compares all agents of the model
		return fmt.Sprintf("%d/%d agents of the model no worse than before", there, awaited)
	case kind == plan.Verify, kind == plan.Soak:
		return fmt.Sprintf("%d/%d no worse than before", there, awaited)
	}
	return fmt.Sprintf("%d/%d", there, awaited)
}

// settling says that a verification has found nothing worse, and does not trust
// it yet.
func settling(kind plan.Kind, p journal.StepProgress) bool {
	return kind == plan.Verify && p.There >= p.Awaited && (p.Awaited > 0 || p.Note != "")
}

// noteWords are what a step says of what it waits for.
func noteWords(kind plan.Kind, p journal.StepProgress) string {
	note := clean(p.Note)
	switch {
	case kind == plan.EnableHA && p.Awaited > 0:
		return "" // the count says it
	case !settling(kind, p):
		return note
	case note == "":
		return "checking health"
	}
	return "checking health: " + note
}

// awaiting says in a few words what a step under way waits for. What comes last
// may be cut.
func (s Style) awaiting(step *plan.Step, p journal.StepProgress, now time.Time) string {
	var parts []string
	if !settling(step.Kind, p) {
		parts = appendWords(parts, size(step, p.There, p.Awaited))
	}
	note := noteWords(step.Kind, p)
	n := len(p.Missing)
	switch tells := step.Kind == plan.RefreshCharm && note != ""; { // of a hook that fails
	case p.ForOperator:
		parts = []string{note}
	case n > 0 && n <= fewAgents && !tells:
		parts = append(parts, "waiting for "+strings.Join(agentNames(p.Missing), ", "))
	case note != "":
		parts = append(parts, makingWords(step)+note)
	}
	if seen := lastSeen(p, now); seen != "" && len(parts) > 0 {
		parts[0] = seen + ": " + parts[0]
	}
	if blind(p, now) {
		return strings.Join(append([]string{s.blindWords(step, p, now)}, parts...), "  ")
	}
	if since := idleSince(p); !since.IsZero() && now.Sub(since) >= quiet {
		parts = append(parts, "("+age(now.Sub(since))+")")
	}
	if p.Trouble != "" {
		parts = append(parts, "last look: "+clean(p.Trouble))
	}
	return strings.Join(parts, "  ")
}

func appendWords(parts []string, words string) []string {
	if words == "" {
		return parts
	}
	return append(parts, words)
}

// outcome says in a few words what a record tells of its step.
func (s Style) outcome(step *plan.Step, r journal.Record) string {
	var parts []string
	switch r.Status {
	case journal.Started:
		parts = appendWords(parts, s.aim(step))
	case journal.Done, journal.Failed:
		if n := size(step, r.There, r.Awaited); n != "" && step.Kind != plan.Backup {
			parts = append(parts, n)
		}
		if r.NotShown > 0 {
			parts = append(parts, fmt.Sprintf("%d not shown", r.NotShown))
		}
		if n := len(r.Regressions); n > 0 {
			parts = append(parts, count(n, "regression"))
		}
	}
	said := step.Kind == plan.RefreshCharm && r.Detail != "" // which units, too
	if n := len(r.Missing); n > 0 && n <= fewAgents && !said {
		parts = append(parts, "missing "+strings.Join(agentNames(r.Missing), ", "))
	}
	if step.Kind == plan.CloneItem && r.Status == journal.Done && !r.Changed && r.Result == "" {
		parts = append(parts, "was there already")
	}
	for _, text := range []string{r.Detail, r.Result} {
		if text != "" && (step.Kind != plan.MakeController || text != r.Result) { // its UUID
			parts = append(parts, clean(text))
		}
	}
	return strings.Join(parts, "  ")
}

// aim says in a few words what a step is begun for.
func (s Style) aim(step *plan.Step) string {
	switch {
	case step.Kind == plan.ControllerUpgrade, step.Kind == plan.ModelUpgrade:
		return s.hop(step.From, step.To)
	case step.Kind == plan.RefreshCharm && step.Refresh != nil:
		return s.ofCharm(step)
	case step.Kind == plan.Migrate:
		return clean(step.Controller.Name) + " " + s.arrow() + " " + clean(step.Target.Name)
	case step.Kind == plan.AddUser && step.User != nil:
		return "access: " + access(step.User)
	case step.Kind == plan.MakeController && step.Bootstrap != nil:
		return "on " + clean(step.Bootstrap.Place()) + ", by juju " + number(step.Bootstrap.Version)
	case step.Kind == plan.EnableHA:
		return count(step.Servers, "server")
	case step.Kind == plan.CloneItem && step.Item != nil && step.Item.Access != "":
		return "access: " + clean(step.Item.Access)
	case step.Kind == plan.RestoreCopy:
		return "what a backup of " + clean(step.Controller.Name) + " has besides models"
	case step.Kind == plan.Soak:
		return fmt.Sprintf("watches %s for %s", count(len(step.Models), "model"), age(step.Soak))
	case step.Kind == plan.RemoveAccounts:
		return "removes the run's temporary superuser"
	case step.Kind == plan.FollowModels:
		return "what has moved, to " + clean(step.Target.Name)
	}
	return ""
}

// makingWords lead what "juju bootstrap" says: on which cloud it is at work.
func makingWords(step *plan.Step) string {
	if step.Kind != plan.MakeController || step.Bootstrap == nil {
		return ""
	}
	return "on " + clean(step.Bootstrap.Place()) + ": "
}

// agentRows is how many agents a table of missing agents has.
const agentRows = 6

// agents draws a table of agents that have not arrived, those first that are
// gone.
func (p *page) agents(indent int, all []fleet.Agent, now time.Time) {
	if len(all) == 0 {
		return
	}
	rows := []line{{dim.say("AGENT"), dim.say("STATE"), dim.say("SINCE"), dim.say("VERSION"), dim.say("MESSAGE")}}
	sorted := slices.Clone(all)
	slices.SortStableFunc(sorted, func(a, b fleet.Agent) int {
		switch {
		case a.Gone() == b.Gone():
			return 0
		case a.Gone():
			return -1
		}
		return 1
	})
	for _, a := range sorted[:min(agentRows, len(sorted))] {
		rows = append(rows, line{
			say("%s", clean(a.String())), say("%s", orDash(a.State.Status)), say("%s", orDash(since(a.State.Since, now))),
			say("%s", number(a.Version)), say("%s", message(a)),
		})
	}
	p.table(indent, rows)
	if more := len(all) - agentRows; more > 0 {
		p.line(say("%*s%s %d more (--format yaml shows all)", indent, "", p.style.ellipsis(), more))
	}
}

func orDash(s string) string {
	if s = clean(s); s == "" {
		return "-"
	}
	return s
}

// message is what the agent, or else what it looks after, said last.
func message(a fleet.Agent) string {
	if a.State.Message != "" {
		return clean(a.State.Message)
	}
	return clean(a.Health.Message)
}
