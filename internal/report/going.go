package report

import (
	"fmt"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/journal"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

// restoreLog is the file, in a run's directory, with what the restore wrote.
const restoreLog = "restore.log"

// errandWords say which program that the run has begun goes on by itself; "" when
// none does.
func errandWords(s *journal.State, abandoned bool) string {
	for i := range s.Plan.Steps {
		step := &s.Plan.Steps[i]
		if s.Steps[step.ID].Status != journal.Started {
			continue
		}
		var what, log string
		switch step.Kind {
		case plan.MakeController:
			what, log = "juju bootstrap of "+clean(step.Target.Name), bootstrapLog
		case plan.RestoreCopy:
			what, log = "The restore to "+clean(step.Target.Name), restoreLog
		default:
			continue
		}
		words := fmt.Sprintf("%s goes on by itself, and is never ended by this tool (what it writes: %s in the run's directory)", what, log)
		if abandoned {
			return words + "."
		}
		return fmt.Sprintf("%s; resume %d picks it up.", words, s.Run)
	}
	return ""
}

// makingCautions are what must not be done while the controller that models move to
// may be half there, and that it stays.
func makingCautions(s *journal.State, v Verdict) []string {
	step := stepOf(&s.Plan, plan.MakeController)
	if step == nil || v.live() {
		return nil
	}
	at, name := s.Steps[step.ID], clean(step.Target.Name)
	halfMade := at.Status == journal.Started || at.Changed && at.Status != journal.Done && at.Status != journal.Skipped
	switch {
	case halfMade && at.Status == journal.Failed && !step.Bootstrap.KeepBroken:
		return []string{fmt.Sprintf("A bootstrap that fails removes from its cloud what it made of %s; one that is cut short does not. Which one it was is in %s in the run's directory.", name, bootstrapLog)}
	case halfMade:
		out := []string{fmt.Sprintf("%s may be half there, or come up by itself. Where its machine was given to Juju (a manual cloud), do not bootstrap another one there: Juju would end the controller that it finds.", name)}
		if at.Status != journal.Started || v == Abandoned {
			out = append(out, fmt.Sprintf("If nothing of %s is left on its cloud: 'juju unregister %s' removes what this client has of it, and nothing else.", name, name))
		}
		return out
	case v == Abandoned && at.Status == journal.Done:
		return []string{fmt.Sprintf("%s was made by this run and stays: nothing of this tool removes it.", name)}
	}
	return nil
}
