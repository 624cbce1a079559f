package plugin

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/juju/cmd/v3"
	"github.com/juju/gnuflag"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/execute"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/journal"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

// abandonCommand is 'upgrade-all abandon'.
type abandonCommand struct {
	cmd.CommandBase
	deps Deps
	out  output
	run  runArgument
}

// Info implements cmd.Command.
func (c *abandonCommand) Info() *cmd.Info { return abandonInfo() }

// SetFlags implements cmd.Command.
func (c *abandonCommand) SetFlags(f *gnuflag.FlagSet) {
	c.out.setFlags(f)
	acceptYes(f)
}

// Init implements cmd.Command.
func (c *abandonCommand) Init(args []string) error {
	if err := c.run.parse(args); err != nil {
		return err
	}
	return c.out.understand()
}

// Run implements cmd.Command.
func (c *abandonCommand) Run(ctx *cmd.Context) error { return finish(ctx, c.abandon(ctx)) }

func (c *abandonCommand) abandon(ctx *cmd.Context) error {
	s, state, err := c.run.load(c.deps, ctx, c.out)
	if err != nil {
		return err
	}
	number := state.Run
	accounts := accountsStep(state)
	if !state.Unfinished() && (state.Event != journal.Abandoned || accounts == nil) {
		return fleet.BadInput("run %d is over already: there is nothing to abandon (see 'juju upgrade-all status %d')", number, number)
	}
	run, err := s.store.Resume(number)
	if err != nil {
		var locked *journal.ErrLocked
		if errors.As(err, &locked) {
			return fmt.Errorf("%w; interrupt it there first (Ctrl-C)", err)
		}
		return err
	}
	defer run.Close()
	if accounts != nil {
		s.tidy(run, *accounts)
	}
	if err := run.Append(journal.Record{Event: journal.Abandoned}); err != nil {
		return err
	}
	return s.showStatus(number)
}

// accountsStep is the step that would have removed the run's accounts from the
// target, if there may be any.
func accountsStep(state journal.State) *plan.Step {
	var accounts *plan.Step
	var tried time.Time
	for i := range state.Plan.Steps {
		switch s := &state.Plan.Steps[i]; s.Kind {
		case plan.Migrate:
			if at := state.Steps[s.ID].Tried; at.After(tried) {
				tried = at
			}
		case plan.RemoveAccounts:
			at := *s
			at.Target = state.Resolve(s.Target)
			accounts = &at
		}
	}
	if tried.IsZero() || accounts == nil {
		return nil
	}
	// One that was done says nothing of the accounts of later attempts.
	if at := state.Steps[accounts.ID]; at.Status == journal.Done && !at.Last.Before(tried) {
		return nil
	}
	return accounts
}

// tidyTime bounds what abandon does on the controllers.
const tidyTime = 2 * time.Minute

// tidy does, for a run that is given up, what is done at the end of every other:
// the accounts go if nothing uses them any more, and the client follows what has
// moved. What cannot be done is said, with the way to do it by hand.
func (s *session) tidy(run *journal.Run, accounts plan.Step) {
	ctx, cancel := context.WithTimeout(s.ctx, tidyTime)
	defer cancel()
	target := accounts.Target.Name
	note, err := s.tryToTidy(ctx, run, accounts)
	switch {
	case err != nil:
		note = err.Error()
	case note == "":
		s.ctx.Infof("No temporary superuser of run %d is on %s any more.", run.Number, target)
		return
	}
	s.ctx.Infof("A temporary superuser of run %d may be left on %s (%s). When no model is migrating any more:\n    juju upgrade-all abandon %d\nor find and remove it by hand, and have this client find the models:\n    juju users -c %s\n    juju remove-user -c %s %s-…\n    juju models -c %s",
		run.Number, target, note, run.Number, target, target, execute.AccountPrefix(run.State()), target)
}

// tryToTidy returns why the accounts could not be removed yet; nothing when there
// are none any more.
func (s *session) tryToTidy(ctx context.Context, run *journal.Run, accounts plan.Step) (note string, err error) {
	world, err := s.connect()
	if err != nil {
		return "", err
	}
	defer world.Close()
	reader, writer := world.Reader(), world.Writer()
	state := run.State()
	for i := range state.Plan.Steps {
		var err error
		step := state.Plan.Steps[i]
		step.Target = state.Resolve(step.Target)
		switch step.Kind {
		case plan.Migrate:
			err = s.lastLook(ctx, run, execute.Migrate{Watcher: reader}, step)
		case plan.FollowModels:
			_, err = once(ctx, execute.FollowModels{Watcher: reader, Store: writer}, step)
		}
		if err != nil {
			return "", err
		}
	}
	note, err = once(ctx, execute.RemoveAccounts{
		Watcher: reader, Mover: writer, Prefix: execute.AccountPrefix(state), State: run.State, Since: &execute.Settling{},
	}, accounts)
	if err == nil && note == "" {
		err = run.Append(journal.Record{Event: journal.Moved, Step: accounts.ID, Status: journal.Done})
	}
	return note, err
}

// lastLook records where a model is that was under way when the run was last heard
// of: nobody looks for it after this.
func (s *session) lastLook(ctx context.Context, run *journal.Run, kind execute.Kind, step plan.Step) error {
	if at := run.Step(step.ID); at.Status != journal.Started && (at.Status != journal.Failed || !at.Changed) {
		return nil
	}
	sight, err := kind.Look(ctx, step)
	if err != nil || sight.Stage != execute.There {
		return err
	}
	return run.Append(journal.Record{Event: journal.Moved, Step: step.ID, Status: journal.Done, Changed: true, Result: sight.Result})
}

// once does what a kind of step would do now, without waiting, and returns what it
// would wait for.
func once(ctx context.Context, kind execute.Kind, step plan.Step) (note string, err error) {
	sight, err := kind.Look(ctx, step)
	switch {
	case err != nil:
		return "", err
	case sight.Stage == execute.Absent:
		return "", kind.Act(ctx, step)
	case sight.Stage == execute.Coming:
		return sight.Note, nil
	}
	return "", nil
}
