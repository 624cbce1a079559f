package execute

import (
	"context"
	"slices"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/journal"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

// lane carries out a lane: after a step that has failed, the rest is held.
func (e *Engine) lane(ctx context.Context, stop context.CancelFunc, l *lane) {
	blocker := ""
	for i, s := range l.steps {
		switch {
		case blocker != "":
			if status := e.status(s.ID); status != journal.Done && status != journal.Skipped {
				e.append(journal.Record{Event: journal.Moved, Step: s.ID, Status: journal.Held, Detail: blocker})
			}
			continue
		case e.over(s, l.steps[i+1:]):
			e.saw(s.ID)
			continue
		}
		switch status := e.step(ctx, s); status {
		case journal.Skipped:
			if s.Kind == plan.Migrate {
				e.skip(l.steps[i+1:], "there is no such model any more")
				return
			}
		case journal.Done:
		case journal.Failed:
			blocker = s.ID + " failed"
		default: // interrupted, or the journal is broken
			if ctx.Err() == nil {
				stop()
			}
			return
		}
	}
}

// skip records that there is nothing left to do the steps to.
func (e *Engine) skip(steps []plan.Step, why string) {
	for _, s := range steps {
		if e.append(journal.Record{Event: journal.Moved, Step: s.ID, Status: journal.Skipped, Detail: why}) {
			e.saw(s.ID)
		}
	}
}

// over says that a step has served its purpose, and is not to be looked at again:
// a backup, when what it was made for has begun (another one would be of something
// else, and it may have been moved to where it is safe); what was done to a model
// where it was, when it has begun to move away; a move, from which there is no way
// back (whether the model is whole there is what its next step looks at); and what
// somebody may have undone, or done more of, knowingly.
func (e *Engine) over(s plan.Step, later []plan.Step) bool {
	if e.status(s.ID) != journal.Done {
		return false
	}
	switch s.Kind {
	case plan.Migrate, plan.DisableUser, plan.RestoreCopy, plan.RefreshCharm:
		return true
	case plan.Backup:
		return slices.ContainsFunc(later, e.begunStep) || e.anyMoved()
	case plan.Verify:
		if e.refreshedAfter(s) {
			return true
		}
	}
	move, moves := e.moves[s.Model.UUID]
	return moves && !s.OnTarget() && e.begunStep(move)
}

// refreshedAfter says that the refresh of an application of the step's model has begun
// that comes after it: what is worse now may be of that, which has a verification of its
// own.
func (e *Engine) refreshedAfter(s plan.Step) bool {
	steps := e.Journal.State().Plan.Steps
	i := slices.IndexFunc(steps, func(other plan.Step) bool { return other.ID == s.ID })
	return slices.ContainsFunc(steps[i+1:], func(later plan.Step) bool {
		return later.Kind == plan.RefreshCharm && later.Model == s.Model && later.Where() == s.Where() && e.begunStep(later)
	})
}

// anyMoved says that some model has begun to move.
func (e *Engine) anyMoved() bool {
	for _, move := range e.moves {
		if e.begunStep(move) {
			return true
		}
	}
	return false
}

// begunStep says that a step has begun to change something, or is done.
func (e *Engine) begunStep(s plan.Step) bool {
	step := e.Journal.Step(s.ID)
	return step.Changed || step.Status == journal.Done || step.Status == journal.Started
}
