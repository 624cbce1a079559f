package plugin

import (
	"io"
	"slices"
	"time"

	"github.com/juju/cmd/v3"
	"github.com/juju/gnuflag"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/journal"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/report"
)

// handoverCommand is 'upgrade-all handover'.
type handoverCommand struct {
	cmd.CommandBase
	deps    Deps
	out     output
	run     runArgument
	reissue string
	typed   bool
	yes     bool
	flags   *gnuflag.FlagSet
}

// Info implements cmd.Command.
func (c *handoverCommand) Info() *cmd.Info { return handoverInfo() }

// SetFlags implements cmd.Command.
func (c *handoverCommand) SetFlags(f *gnuflag.FlagSet) {
	c.flags = f
	c.out.setFlags(f)
	f.StringVar(&c.reissue, "reissue", "", "Make a new registration string for this user; earlier ones, and any password, die")
	f.BoolVar(&c.yes, "y", false, "Answer 'yes' to confirmation prompts")
	f.BoolVar(&c.yes, "yes", false, "")
	f.BoolVar(&c.yes, "no-prompt", false, "")
}

// Init implements cmd.Command.
func (c *handoverCommand) Init(args []string) error {
	if err := c.run.parse(args); err != nil {
		return err
	}
	c.flags.Visit(func(f *gnuflag.Flag) { c.typed = c.typed || f.Name == "reissue" })
	if c.typed && c.reissue == "" {
		return fleet.BadInput("--reissue \"\" names no user")
	}
	return c.out.understand()
}

// Run implements cmd.Command.
func (c *handoverCommand) Run(ctx *cmd.Context) error { return finish(ctx, c.handover(ctx)) }

func (c *handoverCommand) handover(ctx *cmd.Context) error {
	return c.run.onMove(c.deps, ctx, c.out, func(s *session, state journal.State, world World) error {
		target := state.Target()
		users, err := s.usersOf(world, target)
		v, broken := s.people(state, users, err)
		switch {
		case broken != nil:
			return broken
		case c.typed && err != nil:
			return exitf(exitFailed, "cannot make a new registration string on %s: %v", target.Name, err)
		case c.typed:
			return s.reissue(world, v, c.reissue, c.yes)
		}
		return s.result(
			func(w io.Writer) error { return report.Handover(w, v, s.style) },
			func() any { return report.HandoverDocument(v) },
		)
	})
}

// onMove does something about the run that is meant, which has to be one that moves
// models, with the controllers within reach.
func (a *runArgument) onMove(d Deps, ctx *cmd.Context, out output, do func(*session, journal.State, World) error) error {
	s, state, err := a.loadMove(d, ctx, out)
	if err != nil {
		return err
	}
	world, err := s.connect()
	if err != nil {
		return err
	}
	defer world.Close()
	return do(s, state, world)
}

// loadMove opens the session and tells where the run that is meant stands, which has
// to be one that moves models; without a number, the last such run.
func (a *runArgument) loadMove(d Deps, ctx *cmd.Context, out output) (*session, journal.State, error) {
	s, state, err := a.load(d, ctx, out)
	if err == nil && a.number == 0 && state.Plan.Journey != plan.Move {
		state, err = s.lastMove(state)
	}
	switch {
	case err != nil:
		return nil, state, err
	case state.Plan.Journey != plan.Move:
		return nil, state, fleet.BadInput("run %d moved no models to another controller: there is nobody to hand over (see 'juju upgrade-all runs')", state.Run)
	case state.Target().UUID == "":
		return nil, state, fleet.BadInput("run %d has not made %s yet: see 'juju upgrade-all status %d'", state.Run, state.Target().Name, state.Run)
	}
	return s, state, nil
}

// lastMove is the newest run that moves models; the last run when there is none.
func (s *session) lastMove(last journal.State) (journal.State, error) {
	for number := last.Run - 1; number > 0; number-- {
		state, err := s.store.Load(number)
		if err == nil && state.Plan.Journey == plan.Move {
			return state, nil
		}
	}
	return last, nil
}

// usersOf logs in to the controller and lists its users.
func (s *session) usersOf(world World, c fleet.Ref) ([]fleet.User, error) {
	reader := telling{world.Reader(), s.ctx}
	if _, err := reader.Login(s.ctx, c.Name); err != nil {
		return nil, err
	}
	return reader.Users(s.ctx, c)
}

// people puts together what is known of the users whom the run brings over: of those
// whom it found there, by the run that made them. An error in asked is why the target
// could not be asked.
func (s *session) people(state journal.State, users []fleet.User, asked error) (report.HandoverView, error) {
	v := report.HandoverView{Run: state.Run, Source: source(state), Target: state.Target(), Now: s.deps.Now()}
	if asked != nil {
		p := fleet.ProblemOf(asked)
		v.Problem = &p
	}
	brought, err := s.broughtTo(v.Target)
	if err != nil {
		return v, err
	}
	for _, p := range state.Plan.People {
		var is *fleet.User
		if i := slices.IndexFunc(users, func(u fleet.User) bool { return u.Name == p.Name }); i >= 0 {
			is = &users[i]
		}
		v.People = append(v.People, person(state.Run, p, is, brought))
	}
	return v, nil
}

func source(state journal.State) fleet.Ref {
	if len(state.Plan.Controllers) == 0 {
		return fleet.Ref{}
	}
	return state.Plan.Controllers[0].Ref
}

// madeAt is when the run made the user, or restored what the user comes with; zero
// when it has not.
func madeAt(state journal.State, p plan.Person) time.Time {
	for _, s := range state.Plan.Steps {
		at := state.Steps[s.ID]
		made := s.Kind == plan.AddUser && s.User.Name == p.Name && at.Changed
		if made || s.Kind == plan.RestoreCopy && p.Comes == plan.Restored && at.Status == journal.Done {
			return at.Began
		}
	}
	return time.Time{}
}
