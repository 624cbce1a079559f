package plugin

import (
	"fmt"
	"slices"
	"strconv"

	"github.com/juju/cmd/v3"
	"github.com/juju/gnuflag"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/journal"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/report"
)

// runArgument is the optional RUN of status, resume and abandon.
type runArgument struct{ number int }

func (a *runArgument) parse(args []string) error {
	if len(args) > 1 {
		return fleet.BadInput("want one run, not %d: %q", len(args), args)
	}
	if len(args) == 0 {
		return nil
	}
	n, err := strconv.Atoi(args[0])
	if err != nil || n < 1 {
		return fleet.BadInput("%q is not the number of a run: see 'juju upgrade-all runs'", args[0])
	}
	a.number = n
	return nil
}

// find returns the run that is meant: the named one, else the last.
func (a *runArgument) find(s *session) (int, error) {
	if a.number > 0 {
		return a.number, nil
	}
	return s.store.Last()
}

// load opens the session and tells where the run that is meant stands.
func (a *runArgument) load(d Deps, ctx *cmd.Context, out output) (*session, journal.State, error) {
	s, err := d.open(ctx, out)
	if err != nil {
		return nil, journal.State{}, err
	}
	number, err := a.find(s)
	if err != nil {
		return nil, journal.State{}, err
	}
	state, err := s.store.Load(number)
	return s, state, err
}

// resumeCommand is 'upgrade-all resume'.
type resumeCommand struct {
	cmd.CommandBase
	deps Deps
	out  output
	run  runArgument
	// passwordFile has the passwords of users who are still to be made with one.
	passwordFile string
}

// Info implements cmd.Command.
func (c *resumeCommand) Info() *cmd.Info { return resumeInfo() }

// SetFlags implements cmd.Command.
func (c *resumeCommand) SetFlags(f *gnuflag.FlagSet) {
	c.out.setFlags(f)
	f.StringVar(&c.out.events, "events", "", "Append one JSON line to this file for each transition")
	setPasswordFlag(f, &c.passwordFile)
	acceptYes(f)
}

// acceptYes lets a script that answers every prompt say so to a command that
// has none.
func acceptYes(f *gnuflag.FlagSet) {
	var yes bool
	f.BoolVar(&yes, "y", false, "Accepted for scripts: there is no prompt here")
	f.BoolVar(&yes, "yes", false, "")
	f.BoolVar(&yes, "no-prompt", false, "")
}

// Init implements cmd.Command.
func (c *resumeCommand) Init(args []string) error {
	if err := c.run.parse(args); err != nil {
		return err
	}
	return c.out.understand()
}

// Run implements cmd.Command.
func (c *resumeCommand) Run(ctx *cmd.Context) error { return finish(ctx, c.resume(ctx)) }

func (c *resumeCommand) resume(ctx *cmd.Context) error {
	s, state, err := c.run.load(c.deps, ctx, c.out)
	if err == nil && c.run.number == 0 && !state.Unfinished() {
		state, err = s.leftLast(state)
	}
	if err != nil {
		return err
	}
	number := state.Run
	switch {
	case state.Event == journal.Abandoned:
		return fleet.BadInput("run %d was abandoned: look again with 'juju upgrade-all %s'", number, report.PlanAgain(&state.Plan))
	case !state.Unfinished():
		ctx.Infof("Run %d is done: there is nothing to resume.", number)
		if c.out.machine() {
			return s.showStatus(number)
		}
		return nil
	}
	if c.passwordFile != "" {
		if s.passwords, err = readPasswords(ctx.AbsPath(c.passwordFile)); err != nil {
			return err
		}
	}
	afterwards := "leave it out of the file, and give one afterwards with 'juju change-user-password -c " + state.Target().Name + " USER'"
	if err := foreseen(&state.Plan, s.passwords, fmt.Sprintf("run %d", number), afterwards); err != nil {
		return err
	}
	if err := enough(s.passwords, unmade(state), fmt.Sprintf("juju upgrade-all resume %d", number)); err != nil {
		return err
	}
	return s.resume(state)
}

// leftLast returns the newest run that left a controller unfinished; the last
// run when none did.
func (s *session) leftLast(last journal.State) (journal.State, error) {
	unfinished, err := s.store.Unfinished()
	if err != nil {
		return last, err
	}
	newest := 0
	for _, u := range unfinished {
		newest = max(newest, u.Run)
	}
	if newest == 0 {
		return last, nil
	}
	return s.store.Load(newest)
}

// to is the controller that the run's models move to, as one among others; none when
// none do, and while the run has not made it.
func to(state journal.State) []plan.Controller {
	target := state.Target()
	if target.UUID == "" {
		return nil
	}
	return []plan.Controller{{Ref: target, Aliases: state.Plan.Target.Aliases}}
}

// outdated ends the command when a newer run left a controller of this one
// unfinished: that one knows better where it stands.
func (s *session) outdated(state journal.State) error {
	unfinished, err := s.store.Unfinished()
	if err != nil {
		return err
	}
	for _, c := range append(to(state), state.Plan.Controllers...) {
		if u, ok := unfinished[c.UUID]; ok && u.Run > state.Run {
			return s.leftBy(u, c.Name)
		}
	}
	return nil
}

// resume goes on with a run.
func (s *session) resume(state journal.State) error {
	if err := s.outdated(state); err != nil {
		return err
	}
	names, err := s.planned(append(slices.Clone(state.Plan.Controllers), to(state)...), anyNames)
	if err != nil {
		return err
	}
	events, err := s.openEvents()
	if err != nil {
		return err
	}
	defer events.Close()
	run, err := s.store.Resume(state.Run)
	if err != nil {
		return err
	}
	defer run.Close()
	world, err := s.connect()
	if err != nil {
		return err
	}
	defer world.Close()
	// The logins may have to ask a person: one after the other, before the
	// work begins. A controller that is restarting is waited for by its steps.
	s.ctx.Infof("Going on with run %d on %s ...", state.Run, place(names))
	reader := telling{world.Reader(), s.ctx}
	for _, n := range names {
		_, err := reader.Login(s.ctx, n.Name)
		switch {
		case s.ctx.Err() != nil:
			return exitf(exitInterrupted, "interrupted; run %d stands where it did", state.Run)
		case err != nil && !fleet.Passing(err):
			return exitf(exitFailed, "cannot resume run %d on %s: %v", state.Run, n.Name, err)
		}
	}
	return s.carry(world, run, events)
}
