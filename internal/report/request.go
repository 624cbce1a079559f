package report

import (
	"strings"
	"time"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/journal"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

// request is what a step asks of the operator: in words, and by which command, where
// there is one.
type request struct{ words, command string }

// requestOf tells it from what the step says of itself. A charm that offers an action
// to go on with is told by it, and that is at the end.
func requestOf(step *plan.Step, p journal.StepProgress) request {
	const command = ": juju "
	note := clean(p.Note)
	i := strings.LastIndex(note, command)
	if i < 0 || !resumes(step) {
		return request{words: note}
	}
	return request{words: note[:i], command: note[i+len(": "):]}
}

// resumes says that the charm that a step refreshes offers an action to go on with.
func resumes(step *plan.Step) bool {
	if step.Refresh == nil {
		return false
	}
	for _, action := range step.Refresh.Actions {
		if strings.HasPrefix(action, "resume-") {
			return true
		}
	}
	return false
}

// forOperator says that a step under way waits for the operator.
func forOperator(s journal.State, progress map[string]journal.StepProgress) bool {
	for id, p := range progress {
		if p.ForOperator && s.Steps[id].Status == journal.Started {
			return true
		}
	}
	return false
}

// idleSince is since when nothing has moved. A step that waits for the operator does
// not stall, so it tells of no movement.
func idleSince(p journal.StepProgress) time.Time {
	if p.ForOperator {
		return p.Since
	}
	return p.Moved
}

// request draws what a step waits for.
func (p *page) request(r request) {
	p.sentence(line{say("      ")}, r.words)
	if r.command != "" {
		p.line(say("      to type:  "), bold.say("%s", r.command))
	}
}

// requestRows are the commands that the run waits for, for the live block: its other
// rows are cut.
func requestRows(s *journal.State, progress map[string]journal.StepProgress, most int) []line {
	var out []line
	for i := range s.Plan.Steps {
		step := &s.Plan.Steps[i]
		at, known := progress[step.ID]
		if !known || !at.ForOperator || s.Steps[step.ID].Status != journal.Started || len(out) >= most {
			continue
		}
		if r := requestOf(step, at); r.command != "" {
			out = append(out, line{yellow.say("   ! "), bold.say("%s", r.command)})
		}
	}
	return out
}
