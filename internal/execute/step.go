package execute

import (
	"context"
	"fmt"
	"time"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/journal"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

// step is the step law, for every kind of step: write "started"; look at the
// world; if it is not there yet, act; wait until it is truly there; look once
// more to verify; write "done". It returns Done, Failed, or Started when it was
// interrupted.
//
// A step that an earlier attempt has done is looked at again, and carried out
// anew if it is no longer there.
func (e *Engine) step(ctx context.Context, s plan.Step) journal.Status {
	kind, ok := e.Kinds[s.Kind]
	if !ok {
		return e.fail(s, &attempt{}, fmt.Errorf("this version of the tool has no step of kind %q", s.Kind))
	}
	if e.status(s.ID) == journal.Done {
		if sight, err := kind.Look(ctx, s); err == nil && sight.Stage == There {
			e.saw(s.ID)
			return journal.Done
		}
	}
	if ctx.Err() != nil || !e.append(journal.Record{Event: journal.Moved, Step: s.ID, Status: journal.Started}) {
		return journal.Started
	}
	defer e.observe(s.ID, nil)
	a := newAttempt(s, e)
	for {
		done, err := a.look(ctx, kind, s)
		switch {
		case ctx.Err() != nil:
			return journal.Started
		case err != nil:
			return e.fail(s, a, err)
		case done:
			return e.done(s, a)
		}
		e.observe(s.ID, a.progress())
		if !a.wait(ctx) {
			return journal.Started
		}
	}
}

// done writes that the step is done.
func (e *Engine) done(s plan.Step, a *attempt) journal.Status {
	r := a.record(s, journal.Done)
	r.Result = a.sight.Result
	if !e.append(r) {
		return journal.Started
	}
	e.saw(s.ID)
	return journal.Done
}

// fail writes that the step has failed, and all that helps to understand it.
func (e *Engine) fail(s plan.Step, a *attempt, err error) journal.Status {
	r := a.record(s, journal.Failed)
	r.Detail = err.Error()
	r.Missing, r.Regressions = a.sight.Missing, a.sight.Regressions
	r.Meaning, r.Fix = explain(s, a, err)
	if !e.append(r) {
		return journal.Started
	}
	return journal.Failed
}

func (e *Engine) observe(id string, p *journal.StepProgress) {
	if e.Observe != nil {
		e.Observe(id, p)
	}
}

// attempt is one attempt at a step.
type attempt struct {
	poll, pause Poll
	stall       time.Duration
	began       time.Time
	moved       time.Time
	sight       Sight
	trouble     error
	// best is the most that was seen: a count or a stage that merely goes up
	// and down is no movement.
	best  Sight
	asked asked
	// changed says that the world has been changed, or may have been.
	changed bool
	// confirm says that the step was seen there, once.
	confirm bool
}

// asked is what is known of our own request.
type asked int

const (
	notAsked asked = iota
	// maybeAsked: the answer was lost, so the request may have got through.
	maybeAsked
	surelyAsked
)

func newAttempt(s plan.Step, e *Engine) *attempt {
	now := time.Now()
	stall := defaultStall[s.Kind]
	if e.stall > 0 {
		stall = e.stall
	}
	return &attempt{poll: e.Poll, pause: e.Poll, stall: stall, began: now, moved: now}
}

// defaultStall is after how long without movement a step has failed. HA
// controllers wait 15 minutes for one another before they give up, and agents
// of a large model are let in slowly.
var defaultStall = map[plan.Kind]time.Duration{
	plan.Backup:            10 * time.Minute,
	plan.ControllerUpgrade: 30 * time.Minute,
	plan.ModelUpgrade:      15 * time.Minute,
	plan.Verify:            5 * time.Minute,
}

// look looks once, acts if nobody has asked for the step yet, and says whether
// it is done. Its error fails the step.
func (a *attempt) look(ctx context.Context, kind Kind, s plan.Step) (done bool, err error) {
	sight, err := kind.Look(ctx, s)
	if err != nil {
		return false, a.troubled(s, err)
	}
	a.trouble, a.sight = nil, sight
	a.note(sight)
	switch sight.Stage {
	case There:
		// What was there before we came is there. What has just arrived is
		// looked at once more: agents may restart twice.
		done = !a.changed || a.confirm
		a.confirm = true
		return done, nil
	case Coming:
		a.changed = a.changed || s.Kind != plan.Verify
	case Absent:
		if a.asked != surelyAsked {
			return false, a.act(ctx, kind, s)
		}
	}
	a.confirm = false
	return false, a.stalled(s)
}

// act asks for the step.
func (a *attempt) act(ctx context.Context, kind Kind, s plan.Step) error {
	a.confirm = false
	err := kind.Act(ctx, s)
	switch {
	case err == nil:
		a.asked, a.changed, a.moved = surelyAsked, true, time.Now()
		a.pause = a.poll
		return nil
	case ctx.Err() != nil:
		a.asked, a.changed = maybeAsked, true
		return nil
	case fleet.Passing(err):
		// A window that is still open refuses for certain; a connection that
		// broke leaves open whether the request got through.
		if fleet.CodeOf(err) != fleet.Busy {
			a.asked, a.changed = maybeAsked, true
		}
		return a.troubled(s, err)
	}
	return err
}

// troubled takes in an error that may pass; one that does not pass is returned.
func (a *attempt) troubled(s plan.Step, err error) error {
	a.confirm = false
	if !fleet.Passing(err) {
		return err
	}
	a.trouble = err
	return a.stalled(s)
}

// note finds out whether anything has moved.
func (a *attempt) note(s Sight) {
	if s.Stage > a.best.Stage || s.There > a.best.There {
		a.moved, a.pause = time.Now(), a.poll
		a.best.Stage, a.best.There = max(s.Stage, a.best.Stage), max(s.There, a.best.There)
	}
}

// stalled returns an error when nothing has moved for too long.
func (a *attempt) stalled(s plan.Step) error {
	still := time.Since(a.moved)
	if still < a.stall {
		return nil
	}
	return &stallError{step: s, still: still, trouble: a.trouble, note: a.sight.Note}
}

// wait waits until the next look; false when ctx has ended.
func (a *attempt) wait(ctx context.Context) bool {
	timer := time.NewTimer(a.pause.Min)
	defer timer.Stop()
	a.pause.Min = min(a.pause.Min*3/2, a.pause.Max)
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
		Missing: a.sight.Missing, Note: a.sight.Note,
	}
	if a.trouble != nil {
		p.Trouble = a.trouble.Error()
	}
	return p
}

func (a *attempt) record(s plan.Step, status journal.Status) journal.Record {
	return journal.Record{
		Event: journal.Moved, Step: s.ID, Status: status, Changed: a.changed,
		There: a.sight.There, Awaited: a.sight.Awaited, NotShown: a.sight.NotShown,
	}
}
