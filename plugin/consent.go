package plugin

import (
	"context"
	"io"
	"slices"
	"time"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/journal"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/report"
)

const (
	// adoptedWait is how long somebody else's upgrade of a controller is waited
	// for; HA controllers wait 15 minutes for one another. adoptedPoll is how
	// often one looks meanwhile.
	adoptedWait = 30 * time.Minute
	adoptedPoll = 5 * time.Second
)

// consent is what the operator has agreed to beforehand.
type consent struct{ yes, skipBlocked bool }

// fresh is how long a look at the world is good for while the question stands.
const fresh = 2 * time.Minute

// upgrade shows the plan, asks, and carries it out. An answer that comes late is
// an answer about what was: again looks once more, and has to see the same.
func (s *session) upgrade(world World, v view, again func() (view, error), c consent) error {
	p := &v.plan
	p.Options.SkipBlocked = c.skipBlocked
	if err := s.unfinished(v.controllers()); err != nil {
		return err
	}
	blocked := len(p.Blockers()) > 0
	if len(p.Steps) == 0 || blocked && c.yes && !c.skipBlocked || held(p) {
		return s.showNoRun(v, blocked)
	}
	if err := s.showToRun(p, c); err != nil {
		return err
	}
	asked := s.deps.Now()
	if err := s.ask(p, c); err != nil {
		return err
	}
	if s.deps.Now().Sub(asked) > fresh {
		now, err := again()
		if err != nil {
			return err
		}
		if differences := plan.Differences(*p, now.plan); len(differences) > 0 {
			return stale(*p, differences)
		}
		now.plan.Options = p.Options
		v = now
	}
	return s.begin(world, v)
}

// showToRun shows the plan that is about to be carried out. Where stdout is for a
// document, who is asked sees it beside the question.
func (s *session) showToRun(p *plan.Plan, c consent) error {
	w, style := s.ctx.Stdout, s.style
	if s.out.machine() {
		if c.yes {
			return nil
		}
		w, style.Colour = s.ctx.Stderr, s.deps.Terminal.Colour && s.deps.Terminal.Err
	}
	return report.PlanToRun(w, *p, style)
}

// held says that a blocker holds the whole run.
func held(p *plan.Plan) bool {
	for _, f := range p.Blockers() {
		if f.Scope == fleet.WholeRun {
			return true
		}
	}
	return false
}

// unfinished ends the command when an earlier run holds one of the controllers.
func (s *session) unfinished(controllers []fleet.Controller) error {
	unfinished, err := s.store.Unfinished()
	if err != nil {
		return err
	}
	for _, c := range controllers {
		if u, ok := unfinished[c.UUID]; ok {
			return s.leftBy(u, c.Name)
		}
	}
	return nil
}

// leftBy says what to do about a run that left a controller unfinished.
func (s *session) leftBy(u journal.Unfinished, controller string) error {
	switch {
	case u.Problem != nil:
		return exitf(exitBusy, "run %d may have left %s in the middle of an upgrade, and cannot be read: %v\n\nif a newer version of this tool began it, go on with that; else look at the controller, and then delete the run:\n    rm -r %s",
			u.Run, controller, u.Problem, s.store.RunDir(u.Run))
	case s.store.Alive(u.Run):
		return exitf(exitBusy, "run %d is at work on %s\n\nfollow it with:\n    juju upgrade-all status %d --follow", u.Run, controller, u.Run)
	}
	return exitf(exitBusy, "run %d left %s unfinished\n\ngo on with it:\n    juju upgrade-all resume %d\nor end it for good:\n    juju upgrade-all abandon %d", u.Run, controller, u.Run, u.Run)
}

// showNoRun shows a plan that is not carried out: nothing is to be done, or
// blockers hold it.
func (s *session) showNoRun(v view, blocked bool) error {
	if err := s.keep(v.plan); err != nil {
		return err
	}
	err := s.result(
		func(w io.Writer) error { return report.Plan(w, v.plan, s.style) },
		func() any { return report.PlanDocument(v.plan) },
	)
	if err != nil {
		return err
	}
	if !blocked {
		return nil
	}
	if len(v.plan.Steps) > 0 {
		return exitf(exitBlocked, "blocked: nothing was changed; clear the findings above, accept them by name, or leave out what they hold with --skip-blocked")
	}
	if !slices.ContainsFunc(v.plan.Blockers(), func(f fleet.Finding) bool { return f.Acceptable }) {
		return exitf(exitBlocked, "blocked: nothing was changed; clear the findings above")
	}
	return exitf(exitBlocked, "blocked: nothing was changed; clear the findings above, or accept them by name")
}

// ask gets the operator's consent.
func (s *session) ask(p *plan.Plan, c consent) error {
	if c.yes {
		return nil
	}
	if !s.deps.Terminal.In {
		if len(p.Blockers()) > 0 {
			return exitf(exitUsage, "there is no terminal to ask at: use -y --skip-blocked to go on without being asked and without what is blocked; nothing was changed")
		}
		return exitf(exitUsage, "there is no terminal to ask at: use -y to go on without being asked; nothing was changed")
	}
	word, byName := report.Confirms(*p)
	answer, err := s.answer(report.Question(*p))
	switch {
	case err != nil:
		return exitf(exitInterrupted, "interrupted; nothing was changed")
	case byName && answer != word:
		return exitf(exitFailed, "aborted: that is not the name of the controller, %s; nothing was changed", word)
	case !byName && !yes(answer):
		return exitf(exitFailed, "aborted; nothing was changed")
	}
	// The question named what is left out.
	p.Options.SkipBlocked = len(p.Blockers()) > 0
	return nil
}

// pause waits; false when the context has ended.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
