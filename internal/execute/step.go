package execute

import (
	"context"
	"fmt"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/journal"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

// step is the step law, for every kind of step: write "started"; look at the
// world; if it is not there yet, act; wait until it is truly there; look once
// more to verify; write "done". It returns how the step ended, or Started when
// it was interrupted.
//
// A step that an earlier attempt has done is looked at again, and carried out
// anew if it is no longer there.
func (e *Engine) step(ctx context.Context, s plan.Step) journal.Status {
	s = e.resolved(s)
	before := e.Journal.Step(s.ID)
	a := e.attempt(s, before)
	kind, ok := e.Kinds[s.Kind]
	if !ok {
		return e.fail(s, a, fmt.Errorf("this version of the tool has no step of kind %q", s.Kind))
	}
	if before.Status == journal.Done && stillThere(ctx, kind, a) {
		e.saw(s.ID)
		return journal.Done
	}
	if ctx.Err() != nil || !e.append(journal.Record{Event: journal.Moved, Step: s.ID, Status: journal.Started}) {
		return journal.Started
	}
	over := false
	defer func() {
		if over { // what an interrupted step was waiting for goes on being told
			e.observe(s.ID, nil)
		}
	}()
	for {
		e.observe(s.ID, a.progress())
		status, err := a.look(ctx, kind)
		switch {
		case ctx.Err() != nil:
			return journal.Started
		case err != nil:
			over = true
			return e.fail(s, a, err)
		case status.Ended():
			over = true
			return e.end(s, a, status)
		}
		e.observe(s.ID, a.progress())
		if !a.wait(ctx) {
			return journal.Started
		}
	}
}

// stillThere looks again at what an earlier attempt has done.
func stillThere(ctx context.Context, kind Kind, a *attempt) bool {
	bounded, cancel := context.WithTimeout(ctx, a.patience())
	defer cancel()
	sight, err := kind.Look(bounded, a.step)
	return err == nil && sight.Stage == There
}

// end writes that the step is done, or that there is nothing left to do it to.
func (e *Engine) end(s plan.Step, a *attempt, status journal.Status) journal.Status {
	r := a.record(status)
	r.Result, r.Made = a.sight.Result, a.sight.Made
	if status == journal.Skipped {
		r.Detail = a.sight.Note
	}
	if !e.append(r) {
		return journal.Started
	}
	e.saw(s.ID)
	return status
}

// fail writes that the step has failed, and all that helps to understand it.
func (e *Engine) fail(s plan.Step, a *attempt, err error) journal.Status {
	r := a.record(journal.Failed)
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
