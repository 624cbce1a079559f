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
	if !state.Unfinished() {
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
	if err := run.Append(journal.Record{Event: journal.Abandoned}); err != nil {
		return err
	}
	if step := accountsStep(state); step != nil {
		s.removeAccounts(state, *step)
	}
	return s.showStatus(number)
}

// accountsStep is the step that would have removed the run's accounts from the
// target, if there may be any.
func accountsStep(state journal.State) *plan.Step {
	var accounts *plan.Step
	begun := false
	for i := range state.Plan.Steps {
		switch s := &state.Plan.Steps[i]; s.Kind {
		case plan.Migrate:
			begun = begun || state.Steps[s.ID].Attempts > 0
		case plan.RemoveAccounts:
			accounts = s
		}
	}
	if !begun {
		return nil
	}
	return accounts // even when it was done: a later attempt may have made another
}

// tidyTime bounds what abandon does on the target.
const tidyTime = 2 * time.Minute

// removeAccounts removes the accounts of a run that is given up, if nothing uses
// them any more, or says what is left to do by hand.
func (s *session) removeAccounts(state journal.State, step plan.Step) {
	ctx, cancel := context.WithTimeout(s.ctx, tidyTime)
	defer cancel()
	note, err := s.tryRemoveAccounts(ctx, state, step)
	switch {
	case err != nil:
		note = err.Error()
	case note == "":
		s.ctx.Infof("The temporary superuser of run %d is removed from %s.", state.Run, step.Target.Name)
		return
	}
	s.ctx.Infof("A temporary superuser of run %d may be left on %s (%s). When no model is migrating any more, find and remove it:\n    juju users -c %s\n    juju remove-user -c %s %s-…",
		state.Run, step.Target.Name, note, step.Target.Name, step.Target.Name, accountPrefix(state))
}

// tryRemoveAccounts returns why they could not be removed yet; nothing when there
// are none any more.
func (s *session) tryRemoveAccounts(ctx context.Context, state journal.State, step plan.Step) (note string, err error) {
	world, err := s.connect()
	if err != nil {
		return "", err
	}
	defer world.Close()
	reader, writer := world.Reader(), world.Writer()
	kind := execute.RemoveAccounts{Watcher: reader, Mover: writer, Prefix: accountPrefix(state), Asked: func() time.Time { return asked(state) }, Since: &execute.Settling{}}
	sight, err := kind.Look(ctx, step)
	switch {
	case err != nil:
		return "", err
	case sight.Stage == execute.Coming:
		return sight.Note, nil
	case sight.Stage == execute.Absent:
		return "", kind.Act(ctx, step)
	}
	return "", nil
}
