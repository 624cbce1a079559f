package plugin

import (
	"io"

	"github.com/juju/cmd/v3"
	"github.com/juju/gnuflag"
	"github.com/juju/version/v2"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/discover"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/report"
)

// upgradeCommand is 'upgrade-all' itself, and with planOnly 'upgrade-all plan'.
type upgradeCommand struct {
	cmd.CommandBase
	deps     Deps
	planOnly bool
	opts     options
	out      output
}

// Info implements cmd.Command.
func (c *upgradeCommand) Info() *cmd.Info {
	if c.planOnly {
		return planInfo()
	}
	return upgradeInfo()
}

// SetFlags implements cmd.Command.
func (c *upgradeCommand) SetFlags(f *gnuflag.FlagSet) {
	c.opts.setFlags(f)
	c.out.setFlags(f)
	if !c.planOnly {
		f.BoolVar(&c.opts.dryRun, "dry-run", false, "Don't change anything, just report what would be changed")
		f.StringVar(&c.out.events, "events", "", "Append one JSON line to this file for each transition")
	}
}

// Init implements cmd.Command.
func (c *upgradeCommand) Init(args []string) error {
	if len(args) > 0 {
		return strayArgument(args[0])
	}
	if err := c.opts.understand(); err != nil {
		return err
	}
	return c.out.understand()
}

// strayArgument tells a command in the wrong place from a typing error.
func strayArgument(arg string) error {
	for _, w := range words {
		if arg == w {
			return fleet.BadInput("%q comes first: juju upgrade-all %s [options]", arg, arg)
		}
	}
	return fleet.BadInput("unrecognized argument %q: models are named with -m, controllers with -c", arg)
}

// Run implements cmd.Command.
func (c *upgradeCommand) Run(ctx *cmd.Context) error { return finish(ctx, c.run(ctx)) }

func (c *upgradeCommand) run(ctx *cmd.Context) error {
	s, err := c.deps.open(ctx, c.out)
	if err != nil {
		return err
	}
	names, err := c.opts.scope(s.registry)
	if err == nil {
		err = c.opts.destination.read(ctx)
	}
	if err == nil {
		err = c.opts.charms.read(ctx, &c.opts.goal)
	}
	if err == nil {
		err = c.opts.destination.set(s.ctx, s.deps, s.registry, names, &c.opts.goal)
	}
	if err != nil {
		return err
	}
	s.passwords = c.opts.destination.passwords
	if c.opts.run.BackupDir != "" {
		c.opts.run.BackupDir = ctx.AbsPath(c.opts.run.BackupDir)
	}
	world, err := s.connect()
	if err != nil {
		return err
	}
	defer world.Close()
	reader := world.Reader()
	if c.planOnly || c.opts.dryRun {
		v, err := s.look(reader, names, c.opts.goal, c.opts.run)
		if err == nil {
			err = unmatched(v, c.opts.goal)
		}
		if err != nil {
			return err
		}
		return s.showPlan(v)
	}
	v, err := s.lookPatiently(reader, names, c.opts)
	if err == nil {
		err = unmatched(v, c.opts.goal)
	}
	if err != nil {
		return err
	}
	again := func() (view, error) { return s.look(reader, names, c.opts.goal, c.opts.run) }
	return s.upgrade(world, v, again, consent{yes: c.opts.yes, skipBlocked: c.opts.run.SkipBlocked})
}

// showPlan ends 'plan': the plan is shown and kept under its hash.
func (s *session) showPlan(v view) error {
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
	return exit(planCode(v.plan))
}

// keep keeps a plan that could be applied, since its screen says how.
func (s *session) keep(p plan.Plan) error {
	if len(p.Steps) == 0 {
		return nil
	}
	_, err := s.store.KeepPlan(p)
	return err
}

// planCode is the exit code of a plan: blocked, pending, or nothing to do.
func planCode(p plan.Plan) int {
	blocked := len(p.Blockers()) > 0
	switch {
	case blocked && (!p.Options.SkipBlocked || len(p.Steps) == 0):
		return exitBlocked
	case len(p.Steps) > 0:
		return exitPending
	}
	return exitDone
}

// lookPatiently looks until no controller is in the middle of an upgrade that
// somebody else began to the version that is wanted: that upgrade is adopted,
// and waited for.
func (s *session) lookPatiently(r Reader, names []discover.Named, o options) (view, error) {
	began, told := s.deps.Now(), false
	for {
		v, err := s.look(r, names, o.goal, o.run)
		if err == nil {
			// It may be an upgrade of a run of ours.
			err = s.unfinished(v.controllers())
		}
		if err != nil {
			return v, err
		}
		c := upgrading(v.fleet, o.goal)
		if c == nil || s.deps.Now().Sub(began) > adoptedWait {
			return v, nil
		}
		if !told {
			s.ctx.Infof("%s is being upgraded to %s already, not by this run: waiting for it.", c.Name, c.Upgrading)
			told = true
			s = s.silently()
		}
		if !pause(s.ctx, adoptedPoll) {
			return v, exitf(exitInterrupted, "interrupted; nothing was changed")
		}
	}
}

// upgrading returns a controller whose upgrade is to be waited for.
func upgrading(f fleet.Fleet, g fleet.Goal) *fleet.Controller {
	for i := range f.Controllers {
		c := &f.Controllers[i]
		if c.Problem == nil && c.Upgrading != version.Zero && (!g.UpgradesController() || g.Target(c) == c.Upgrading) {
			return c
		}
	}
	return nil
}
