package plugin

import (
	"strings"

	"github.com/juju/cmd/v3"
	"github.com/juju/gnuflag"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/client"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

// charmOptions are those about the charms of applications, as typed.
type charmOptions struct {
	also, only                   bool
	apps, excludes, order, paths []string
}

func (c *charmOptions) setFlags(f *gnuflag.FlagSet, run *plan.Options) {
	f.BoolVar(&c.also, "charms", false, "Refresh the charms of these models, too, each in its channel")
	f.BoolVar(&c.only, "charms-only", false, "Refresh the charms, and nothing else")
	f.Var(cmd.NewAppendStringsValue(&c.apps), "app", "With --charms: only these applications: [MODEL.]APPLICATION; may be repeated")
	f.Var(cmd.NewAppendStringsValue(&c.excludes), "exclude-app", "With --charms: not these applications; may be repeated")
	f.Var(cmd.NewAppendStringsValue(&c.order), "charm-order", "With --charms: these applications of a model first, in this order: APPLICATION[,...]")
	f.Var(cmd.NewAppendStringsValue(&c.paths), "charm-path", "With --charms: give applications this local charm: [MODEL.]APPLICATION=FILE; may be repeated")
	f.IntVar(&run.CharmParallel, "charm-parallel", 1, "With --charms: applications of a model to refresh at once")
}

// dependent are the options that say something of charms, and nothing without --charms.
var dependent = map[string]bool{"app": true, "exclude-app": true, "charm-order": true, "charm-path": true, "charm-parallel": true}

// contradictory are the options of what --charms-only leaves out.
var contradictory = map[string]bool{
	"agent-version": true, "backup": true, "backup-dir": true, "to": true, "bootstrap": true,
}

// understand makes sense of what was typed.
func (c *charmOptions) understand(flags *gnuflag.FlagSet, goal *fleet.Goal, run plan.Options) error {
	var err error
	switch {
	case c.also && c.only:
		return fleet.BadInput("--charms and --charms-only contradict each other: use one of them")
	case c.also:
		goal.Charms = fleet.CharmsAlso
	case c.only:
		goal.Charms = fleet.CharmsOnly
	}
	flags.Visit(func(f *gnuflag.Flag) {
		switch {
		case dependent[f.Name] && goal.Charms == "" && err == nil:
			err = fleet.BadInput("--%s goes with --charms or --charms-only: without them no charm is refreshed", f.Name)
		case contradictory[f.Name] && c.only && err == nil:
			err = fleet.BadInput("--charms-only and --%s contradict each other: charms alone are refreshed (with --charms, they are as well)", f.Name)
		}
	})
	if err != nil {
		return err
	}
	if run.CharmParallel < 1 {
		return fleet.BadInput("--charm-parallel %d is less than 1", run.CharmParallel)
	}
	for _, list := range []struct {
		typed []string
		to    *[]fleet.AppPattern
	}{{c.apps, &goal.Apps}, {c.excludes, &goal.ExcludeApps}, {c.order, &goal.CharmOrder}} {
		if *list.to, err = appPatterns(list.typed); err != nil {
			return err
		}
	}
	return nil
}

func appPatterns(typed []string) ([]fleet.AppPattern, error) {
	var out []fleet.AppPattern
	for _, list := range typed {
		for _, s := range strings.Split(list, ",") {
			p, err := fleet.ParseAppPattern(s)
			if err != nil {
				return nil, fleet.BadInput("%v", err)
			}
			out = append(out, p)
		}
	}
	return out, nil
}

// read reads the files that are named.
func (c *charmOptions) read(ctx *cmd.Context, goal *fleet.Goal) error {
	for _, typed := range c.paths {
		app, file, ok := strings.Cut(typed, "=")
		if !ok || app == "" || file == "" {
			return fleet.BadInput("--charm-path %q is not [MODEL.]APPLICATION=FILE", typed)
		}
		pattern, err := fleet.ParseAppPattern(app)
		if err != nil {
			return fleet.BadInput("--charm-path: %v", err)
		}
		file = ctx.AbsPath(file)
		name, sha, err := client.CharmFile(file)
		if err != nil {
			return fleet.BadInput("--charm-path: %v", err)
		}
		goal.CharmFiles = append(goal.CharmFiles, fleet.CharmFile{App: pattern, File: file, Charm: name, SHA256: sha})
	}
	return nil
}
