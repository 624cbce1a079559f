package execute

import (
	"context"
	"errors"
	"time"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/journal"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

// attempt is one attempt at a step.
type attempt struct {
	step plan.Step
	// run is the run's number, for the commands that are told.
	run int
	// poll is how long to wait until the next look: Min, which grows to Max
	// while nothing moves. quick is what Min begins at again when something does.
	poll  Poll
	quick time.Duration
	stall time.Duration
	// strict says that the operator chose stall, which then holds whatever the step
	// waits for.
	strict bool

	began time.Time
	moved time.Time
	sight Sight
	// best is the most that was seen: a count or a stage that merely goes up
	// and down is no movement.
	best Sight
	// marks are the marks that were seen: one that comes and goes is no movement.
	marks map[string]bool
	// trouble is the error of the last look; since is when looks began to fail,
	// and seen when one last succeeded: what the sight tells is of then.
	trouble error
	since   time.Time
	seen    time.Time
	asked   asked
	// changed says that the world has been changed, or may have been: by this
	// attempt or an earlier one.
	changed bool
	// confirm says that the step was seen as it is, once.
	confirm bool
	// looked says that there was a look; earlier is the outcome that the first
	// one found, which is not of this attempt.
	looked  bool
	earlier string
	// untold says that the attempt before this one was cut short while a program may
	// have been at work for it: how that has ended was told to nobody yet.
	untold bool
	// requested is when it was last asked for, or may have been.
	requested time.Time
	// refused is since when Juju refuses what may heal by itself.
	refused time.Time
}

// asked is what is known of our own request; zero while there was none.
type asked int

const (
	// maybeAsked: the answer was lost, so the request may have got through.
	maybeAsked asked = iota + 1
	surelyAsked
)

// persists is how long an error that does not look as if it could pass has to
// last before it fails a step: a controller that restarts, or whose database is
// electing a primary, says many things that are not so.
const persists = 2 * time.Minute

// attempt begins an attempt at a step of which that much is known.
func (e *Engine) attempt(s plan.Step, before journal.StepState) *attempt {
	now := time.Now()
	a := &attempt{step: s, run: e.run, poll: e.Poll, quick: e.Poll.Min, stall: defaultStall[s.Kind], began: now, moved: now, since: now}
	// Juju itself may wait for longer, and tell nothing meanwhile.
	a.stall = max(a.stall, s.Patience+patienceMargin)
	switch s.Kind {
	case plan.Backup, plan.RemoveAccounts, plan.MakeController, plan.RestoreCopy:
	default:
		if e.stall > 0 {
			a.stall, a.strict = max(e.stall, s.Patience), true
		}
	}
	if before.Changed || before.Status == journal.Started {
		a.requested = before.Tried
	}
	a.untold = before.Status == journal.Started && (s.Kind == plan.MakeController || s.Kind == plan.RestoreCopy)
	// One that was cut short may have asked for it just before.
	a.changed = before.Changed || before.Status == journal.Started && s.Class == plan.PointOfNoReturn
	return a
}

// preparationError is the error of what has to be done before a step is asked for:
// nothing was asked for yet.
type preparationError struct{ error }

// Unwrap makes the cause visible to errors.As.
func (e *preparationError) Unwrap() error { return e.error }

// leftoverPersists is the same for what is left over on a target: a migration that is
// given up takes it away within seconds, or never.
const leftoverPersists = 20 * time.Second

func lasts(err error) time.Duration {
	if fleet.CodeOf(err) == fleet.Leftover {
		return leftoverPersists
	}
	return persists
}

// certainError is an error that no further look would change.
type certainError struct{ error }

// Unwrap makes the cause visible to errors.As.
func (e *certainError) Unwrap() error { return e.error }

// look looks once, acts if nobody has asked for the step yet, and tells how it
// has ended, if it has. Its error fails the step.
func (a *attempt) look(ctx context.Context, kind Kind) (journal.Status, error) {
	bounded, cancel := context.WithTimeout(ctx, a.patience())
	defer cancel()
	sight, err := kind.Look(bounded, a.step)
	if err != nil {
		if bounded.Err() != nil && ctx.Err() == nil {
			err = &fleet.Problem{Code: fleet.Unreachable, Text: silentWords(a.step)}
		}
		return journal.Started, a.troubled(err)
	}
	a.trouble, a.sight, a.seen = nil, sight, time.Now()
	a.note(sight)
	if err := a.ended(sight); err != nil {
		return journal.Started, err
	}
	switch sight.Stage {
	case There:
		// What was there before we came is there. What has just arrived is
		// looked at once more: agents may restart twice.
		return a.confirmed(journal.Done, !a.changed)
	case Gone:
		if a.step.Kind == plan.Migrate && a.changed {
			return journal.Started, a.troubled(&fleet.Problem{Code: fleet.NotFound, Text: sight.Note})
		}
		return a.confirmed(journal.Skipped, false)
	case Coming:
		a.changed = a.changed || a.step.Class == plan.PointOfNoReturn
	case Absent:
		if a.asked != surelyAsked && !a.mayBeHidden(sight) {
			return journal.Started, a.act(ctx, kind)
		}
	}
	a.confirm = false
	return journal.Started, a.stalled()
}

// A look has shortestLook at the least and longestLook at the most.
const (
	shortestLook = 10 * time.Second
	longestLook  = 2 * time.Minute
)

// patience is how long a look may take. Somebody who keeps a connection open and
// says nothing costs one look, not the step; and the step stalls on time.
func (a *attempt) patience() time.Duration {
	return min(longestLook, max(shortestLook, a.stall-time.Since(a.moved)))
}

// confirmed ends the step when the same is seen for the second time, or at once.
func (a *attempt) confirmed(status journal.Status, atOnce bool) (journal.Status, error) {
	if a.confirm || atOnce {
		return status, nil
	}
	a.confirm = true
	return journal.Started, nil
}

// act asks for the step. It has the stall time for it: a request that hangs is
// no movement.
func (a *attempt) act(ctx context.Context, kind Kind) error {
	a.confirm = false
	bounded, cancel := context.WithTimeout(ctx, a.stall)
	defer cancel()
	err := kind.Act(bounded, a.step)
	code := fleet.CodeOf(err)
	switch {
	case err == nil:
		a.asked, a.changed, a.requested = surelyAsked, true, time.Now()
		a.moves()
		return nil
	case errors.As(err, new(*preparationError)):
		return a.unprepared(ctx, bounded, err)
	case ctx.Err() != nil:
		return nil // interrupted: the journal has it as started, and resume looks
	case bounded.Err() != nil:
		a.changed, a.trouble = true, err
		return a.stallError()
	case code == fleet.UpToDate:
		// Somebody else asked for it between our look and our request.
		a.asked = maybeAsked
		return a.stalled()
	case fleet.Passing(err):
		// A window that is still open refuses for certain; a connection that
		// broke leaves open whether the request got through.
		if code != fleet.Busy {
			a.asked, a.changed, a.requested = maybeAsked, true, time.Now()
		}
		return a.troubled(err)
	case code == fleet.Refused && a.step.Kind == plan.Migrate, code == fleet.Other && a.step.Kind == plan.RefreshCharm:
		return a.refusedFor(err)
	}
	return err
}

// troubled takes in an error that may pass; one that does not, or that has not
// passed for long enough, is returned.
func (a *attempt) troubled(err error) error {
	now := time.Now()
	if a.trouble == nil || fleet.Passing(a.trouble) {
		// An outage is no part of the time for which an answer has to last.
		a.since = now
	}
	a.confirm, a.trouble = false, err
	var certain *certainError
	lasting := !fleet.Passing(err) && now.Sub(a.since) >= lasts(err)
	if errors.As(err, &certain) || lasting {
		return err
	}
	return a.stalled()
}

// note finds out whether anything has moved.
func (a *attempt) note(s Sight) {
	if s.ForOperator && !a.strict {
		a.moved = time.Now()
	}
	if s.Stage > a.best.Stage || s.There > a.best.There || s.Mark != "" && !a.marks[s.Mark] {
		a.moves()
		if a.marks == nil {
			a.marks = map[string]bool{}
		}
		a.marks[s.Mark] = true
		a.best.Stage, a.best.There = max(s.Stage, a.best.Stage), max(s.There, a.best.There)
	}
}

func (a *attempt) moves() { a.moved, a.poll.Min = time.Now(), a.quick }

// stalled returns an error when nothing has moved for too long.
func (a *attempt) stalled() error {
	if time.Since(a.moved) < a.stall {
		return nil
	}
	return a.stallError()
}

func (a *attempt) stallError() error {
	return &stallError{
		still: time.Since(a.moved), trouble: a.trouble, note: a.sight.Note,
		missing: len(a.sight.Missing), awaited: a.sight.Awaited,
	}
}

// wait waits until the next look; false when ctx has ended.
func (a *attempt) wait(ctx context.Context) bool {
	timer := time.NewTimer(a.poll.Min)
	defer timer.Stop()
	a.poll.Min = min(a.poll.Min*3/2, a.poll.Max)
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}

func (a *attempt) progress() *journal.StepProgress {
	p := &journal.StepProgress{
		Since: a.began, Moved: a.moved, Stall: a.moved.Add(a.stall),
		There: a.sight.There, Awaited: a.sight.Awaited, NotShown: a.sight.NotShown,
		Missing: a.sight.Missing, Note: a.sight.Note, ForOperator: a.sight.ForOperator, Command: a.sight.Command, Seen: a.seen,
	}
	if a.trouble != nil {
		p.Trouble, p.TroubleCode = a.trouble.Error(), fleet.CodeOf(a.trouble)
	}
	return p
}

func (a *attempt) record(status journal.Status) journal.Record {
	return journal.Record{
		Event: journal.Moved, Step: a.step.ID, Status: status, Changed: a.changed,
		There: a.sight.There, Awaited: a.sight.Awaited, NotShown: a.sight.NotShown,
	}
}
