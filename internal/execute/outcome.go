package execute

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

// silentWords say who does not answer.
func silentWords(s plan.Step) string {
	if !s.OnTarget() {
		return s.Controller.Name + " does not answer"
	}
	return fmt.Sprintf("%s or %s does not answer", s.Controller.Name, s.Target.Name)
}

// hiddenTime is for how long, at the least, a request that may have got through is
// waited for where nothing shows whether it did.
const hiddenTime = 3 * time.Minute

// mayBeHidden says that a request of ours, of this attempt or of one that was cut
// short, may be under way without being seen: to repeat it could do it twice.
func (a *attempt) mayBeHidden(s Sight) bool {
	if !s.Hidden || !a.changed || time.Since(a.requested) >= max(hiddenTime, a.step.Patience) {
		return false
	}
	a.sight.Note = "it may have been asked for already, which is not shown: waiting to see"
	return true
}

// ended returns an error when the world shows that the step was tried and has
// failed, since this attempt began to look. What had failed before, and was told, is
// no reason not to try again.
func (a *attempt) ended(s Sight) error {
	if !a.looked {
		a.looked = true
		if !a.untold {
			a.earlier = s.Outcome.ID
			return nil
		}
	}
	if s.Stage == Absent && s.Outcome.ID != "" && s.Outcome.ID != a.earlier {
		a.changed = true
		return &abortedError{text: s.Outcome.Text}
	}
	return nil
}

// abortedError is the error of a step that Juju began and gave up.
type abortedError struct{ text string }

// Error implements error.
func (e *abortedError) Error() string { return e.text }

// unprepared takes in an error of what comes before the request: nothing was asked for.
func (a *attempt) unprepared(ctx, bounded context.Context, err error) error {
	switch {
	case fleet.Passing(err):
		return a.troubled(err)
	case bounded.Err() != nil && ctx.Err() == nil:
		a.trouble = err
		return a.stallError()
	case errors.As(err, new(*fleet.Problem)) && fleet.CodeOf(err) == fleet.Other && a.step.Kind == plan.RefreshCharm:
		return a.refusedFor(err)
	}
	return err
}

// refusedFor waits a while with what Juju refuses: before it moves a model it wants
// units settled and cleanups done, which come by themselves, and says so in no way
// but words. A refusal changes nothing.
func (a *attempt) refusedFor(err error) error {
	now := time.Now()
	if a.refused.IsZero() {
		a.refused = now
	}
	if now.Sub(a.refused) >= min(persists, a.stall) {
		return err
	}
	a.sight.Note = err.Error()
	if p := (*fleet.Problem)(nil); errors.As(err, &p) {
		a.sight.Note = p.Text
	}
	a.sight.Note += " (refused for now, and tried again)"
	return nil
}
