package plugin

import (
	"fmt"
	"slices"
	"strings"

	"github.com/juju/cmd/v3"
	"github.com/juju/gnuflag"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/discover"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/journal"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/report"
)

// applyCommand is 'upgrade-all apply'.
type applyCommand struct {
	cmd.CommandBase
	deps    Deps
	out     output
	consent consent
	plan    string
	// passwordFile has the passwords of users whom the plan makes with one.
	passwordFile string
}

// Info implements cmd.Command.
func (c *applyCommand) Info() *cmd.Info { return applyInfo() }

// SetFlags implements cmd.Command.
func (c *applyCommand) SetFlags(f *gnuflag.FlagSet) {
	c.out.setFlags(f)
	f.StringVar(&c.out.events, "events", "", "Append one JSON line to this file for each transition")
	setPasswordFlag(f, &c.passwordFile)
	f.BoolVar(&c.consent.skipBlocked, "skip-blocked", false, "Leave out what blockers hold and do the rest")
	f.BoolVar(&c.consent.yes, "y", false, "Answer 'yes' to confirmation prompts")
	f.BoolVar(&c.consent.yes, "yes", false, "")
	f.BoolVar(&c.consent.yes, "no-prompt", false, "")
}

// Init implements cmd.Command.
func (c *applyCommand) Init(args []string) error {
	if len(args) != 1 {
		return fleet.BadInput("apply needs one plan: its hash, or its file as ./FILE")
	}
	c.plan = args[0]
	return c.out.understand()
}

// Run implements cmd.Command.
func (c *applyCommand) Run(ctx *cmd.Context) error { return finish(ctx, c.run(ctx)) }

func (c *applyCommand) run(ctx *cmd.Context) error {
	s, err := c.deps.open(ctx, c.out)
	if err != nil {
		return err
	}
	file := c.plan
	if strings.ContainsAny(file, "/.") {
		file = ctx.AbsPath(file)
	}
	kept, err := s.store.FindPlan(file)
	if err != nil {
		return err
	}
	if c.passwordFile != "" {
		if s.passwords, err = readPasswords(ctx.AbsPath(c.passwordFile)); err != nil {
			return err
		}
	}
	with := kept
	with.Goal.Passwords = sortedNames(s.passwords)
	if err := foreseen(&kept, s.passwords, "plan "+kept.Hash, "make it anew with 'juju upgrade-all "+report.PlanAgain(&with)+"'"); err != nil {
		return err
	}
	if err := enough(s.passwords, kept.Goal.Passwords, "juju upgrade-all apply "+c.plan); err != nil {
		return err
	}
	names, err := s.planned(kept.Controllers, sameNames)
	if err == nil {
		_, err = s.planned(to(journal.State{Plan: kept}), sameNames)
	}
	if err != nil {
		return err
	}
	world, err := s.connect()
	if err != nil {
		return err
	}
	defer world.Close()
	v, err := s.look(world.Reader(), names, kept.Goal, kept.Options)
	if err != nil {
		return err
	}
	if err := s.unfinished(v.controllers()); err != nil {
		return err
	}
	if differences := plan.Differences(kept, v.plan); len(differences) > 0 {
		return stale(kept, differences)
	}
	again := func() (view, error) { return s.look(world.Reader(), names, kept.Goal, kept.Options) }
	return s.upgrade(world, v, again, consent{yes: c.consent.yes, skipBlocked: c.consent.skipBlocked || kept.Options.SkipBlocked})
}

// stale says that a decision of the plan would now be another.
func stale(kept plan.Plan, differences []string) error {
	const most = 8
	more := ""
	if n := len(differences) - most; n > 0 {
		differences, more = differences[:most], fmt.Sprintf("\n    ... and %d more", n)
	}
	return exitf(exitStale, "plan %s is stale, and nothing was changed:\n    %s%s\n\nmake it anew with:\n    juju upgrade-all %s",
		kept.Hash, strings.Join(differences, "\n    "), more, report.PlanAgain(&kept))
}

// naming says whether the controllers of a plan must still have their names.
type naming bool

const (
	// sameNames: the names are in the IDs of the steps, so that a plan made
	// now would have others.
	sameNames naming = true
	// anyNames: a run that has begun goes on with its controllers, which are
	// those of its UUIDs.
	anyNames naming = false
)

// planned finds controllers of a plan in the registry, by their UUIDs.
func (s *session) planned(controllers []plan.Controller, want naming) ([]discover.Named, error) {
	known, err := s.registry.Controllers()
	if err != nil {
		return nil, err
	}
	var out []discover.Named
	for _, c := range controllers {
		i := slices.IndexFunc(known, func(n discover.Named) bool { return n.UUID == c.UUID })
		if i < 0 {
			return nil, fleet.BadInput("controller %s of the plan (%s) is not known to this client any more: see 'juju controllers'", c.Name, c.UUID)
		}
		n := known[i]
		if slices.Contains(n.Aliases, c.Name) {
			n.Aliases = slices.DeleteFunc(append([]string{n.Name}, n.Aliases...), func(a string) bool { return a == c.Name })
			n.Name = c.Name
		}
		if n.Name != c.Name && want == sameNames {
			return nil, fleet.BadInput("controller %s of the plan is now called %s here: make the plan anew with 'juju upgrade-all plan'", c.Name, n.Name)
		}
		out = append(out, n)
	}
	return out, nil
}
