package plugin

import (
	"io"
	"time"

	"github.com/juju/cmd/v3"
	"github.com/juju/gnuflag"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/journal"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/report"
)

// statusCommand is 'upgrade-all status'.
type statusCommand struct {
	cmd.CommandBase
	deps   Deps
	out    output
	run    runArgument
	follow bool
}

// Info implements cmd.Command.
func (c *statusCommand) Info() *cmd.Info { return statusInfo() }

// SetFlags implements cmd.Command.
func (c *statusCommand) SetFlags(f *gnuflag.FlagSet) {
	c.out.setFlags(f)
	f.BoolVar(&c.follow, "follow", false, "Go on showing it until the run has ended")
}

// Init implements cmd.Command.
func (c *statusCommand) Init(args []string) error {
	if err := c.run.parse(args); err != nil {
		return err
	}
	if err := c.out.understand(); err != nil {
		return err
	}
	if c.follow && (c.out.machine() || c.out.file != "") {
		return fleet.BadInput("--follow is for people, --format and -o are for programs: use --events FILE with the run itself")
	}
	return nil
}

// Run implements cmd.Command.
func (c *statusCommand) Run(ctx *cmd.Context) error { return finish(ctx, c.status(ctx)) }

func (c *statusCommand) status(ctx *cmd.Context) error {
	s, state, err := c.run.load(c.deps, ctx, c.out)
	if err != nil {
		return err
	}
	if c.follow {
		return s.follow(state)
	}
	return s.showStatus(state.Run)
}

// showStatus shows a run once.
func (s *session) showStatus(number int) error {
	state, err := s.store.Load(number)
	if err != nil {
		return err
	}
	progress, alive, now := s.store.Progress(number), s.store.Alive(number), s.deps.Now()
	return s.result(
		func(w io.Writer) error { return report.Status(w, state, progress, alive, now, s.style) },
		func() any {
			return report.StateDocument(state, progress, alive, s.store.RunDir(number), now, s.style)
		},
	)
}

// followEvery is how often a followed run is looked at.
const followEvery = time.Second

// follow shows a run that another process carries out, as that process shows
// it, until it has ended; then its status.
func (s *session) follow(state journal.State) error {
	number := state.Run
	screen := s.screen(state)
	defer screen.Close()
	for s.store.Alive(number) {
		records, err := s.store.Records(number)
		if err != nil {
			return err
		}
		for _, r := range records[min(state.Seq, len(records)):] {
			state.Apply(r)
			screen.Record(r)
		}
		if p := s.store.Progress(number); p != nil {
			for id, step := range p.Steps {
				screen.Progress(id, step)
			}
		}
		if !pause(s.ctx, followEvery) {
			return exit(exitInterrupted)
		}
	}
	screen.Close()
	return s.showStatus(number)
}

// runsCommand is 'upgrade-all runs'.
type runsCommand struct {
	cmd.CommandBase
	deps Deps
	out  output
}

// Info implements cmd.Command.
func (c *runsCommand) Info() *cmd.Info { return runsInfo() }

// SetFlags implements cmd.Command.
func (c *runsCommand) SetFlags(f *gnuflag.FlagSet) { c.out.setFlags(f) }

// Init implements cmd.Command.
func (c *runsCommand) Init(args []string) error {
	if err := cmd.CheckEmpty(args); err != nil {
		return err
	}
	return c.out.understand()
}

// Run implements cmd.Command.
func (c *runsCommand) Run(ctx *cmd.Context) error { return finish(ctx, c.runs(ctx)) }

func (c *runsCommand) runs(ctx *cmd.Context) error {
	s, err := c.deps.open(ctx, c.out)
	if err != nil {
		return err
	}
	numbers, err := s.store.Runs()
	if err != nil {
		return err
	}
	var runs []report.Run
	for _, n := range numbers {
		r := report.Run{Number: n, Dir: s.store.RunDir(n), Progress: s.store.Progress(n), Alive: s.store.Alive(n)}
		if r.State, err = s.store.Load(n); err != nil {
			r.Problem = err.Error()
		}
		runs = append(runs, r)
	}
	now := s.deps.Now()
	return s.result(
		func(w io.Writer) error { return report.Runs(w, runs, now, s.style) },
		func() any { return report.RunsDocument(runs, now) },
	)
}
