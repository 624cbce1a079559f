package report

import (
	"time"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/journal"
)

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

// request draws what a step asks of the operator, and what to type for that.
func (p *page) request(of journal.StepProgress) {
	p.sentence(line{say("      ")}, clean(of.Note))
	if of.Command != "" {
		p.line(say("      to type:  "), bold.say("%s", clean(of.Command)))
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
		if at.Command != "" {
			out = append(out, line{yellow.say("   ! "), bold.say("%s", clean(at.Command))})
		}
	}
	return out
}
