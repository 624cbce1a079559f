package plugin

import (
	"path"
	"slices"
	"strings"
	"time"

	"github.com/juju/cmd/v3"
	"github.com/juju/gnuflag"
	"github.com/juju/version/v2"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/preflight"
)

// options are those of 'upgrade-all' and 'upgrade-all plan', as typed and as
// understood.
type options struct {
	versionTyped, backupTyped                             string
	controllersTyped, models, excludes, accepts, canaries []string
	flags                                                 *gnuflag.FlagSet
	destination                                           destination
	charms                                                charmOptions

	// What they mean.
	controllers []string
	all         bool
	goal        fleet.Goal
	run         plan.Options
	yes, dryRun bool
}

func (o *options) setFlags(f *gnuflag.FlagSet) {
	o.flags = f
	f.Var(cmd.NewAppendStringsValue(&o.controllersTyped), "c", "Controllers to work on, in this order: NAME[,...]; may be repeated")
	f.Var(cmd.NewAppendStringsValue(&o.controllersTyped), "controller", "")
	f.BoolVar(&o.all, "all-controllers", false, "Work on all controllers of this client")
	f.Var(cmd.NewAppendStringsValue(&o.models), "m", "Only these models; may be repeated")
	f.Var(cmd.NewAppendStringsValue(&o.models), "model", "")
	f.Var(cmd.NewAppendStringsValue(&o.excludes), "exclude", "Not these models; may be repeated")
	f.BoolVar(&o.goal.WithController, "with-controller", false, "With -m: upgrade the controller of these models, too")
	o.destination.setFlags(f)
	o.charms.setFlags(f, &o.run)
	f.Var(cmd.NewAppendStringsValue(&o.canaries), "canary", "These models first; the others when these are well: MODEL[,...]")
	f.DurationVar(&o.run.Soak, "soak", 0, "With --canary: watch these for so long before the others begin")
	f.StringVar(&o.versionTyped, "agent-version", "", "The version to reach (default: the newest patch that the controller sees); with --to or --bootstrap: to be patched to first")
	f.StringVar(&o.backupTyped, "backup", string(fleet.BackupAuto), "Back controllers up first: auto, require or skip")
	f.StringVar(&o.run.BackupDir, "backup-dir", "", "Where backups go (default: the run's directory)")
	f.Var(cmd.NewAppendStringsValue(&o.accepts), "accept", "Go on in spite of these findings: CODE@SUBJECT[,...]")
	f.BoolVar(&o.run.SkipBlocked, "skip-blocked", false, "Leave out what blockers hold and do the rest")
	f.IntVar(&o.run.Parallel, "parallel", plan.DefaultParallel, "Models to upgrade at once in a controller (unless given, 1 on each Kubernetes cluster, and 1 to move)")
	f.IntVar(&o.run.MaxFailures, "max-failures", plan.DefaultMaxFailures, "Begin no more models, and no other controller, after so many failures (0: never)")
	f.DurationVar(&o.run.Stall, "stall", 0, "A step in which nothing moves for so long has failed (default: by its kind)")
	f.BoolVar(&o.yes, "y", false, "Answer 'yes' to confirmation prompts")
	f.BoolVar(&o.yes, "yes", false, "")
	f.BoolVar(&o.yes, "no-prompt", false, "")
}

// understand makes sense of what was typed. What makes none is bad input.
func (o *options) understand() error {
	for _, step := range []func() error{o.understandScope, o.understandGoal, o.understandRun} {
		if err := step(); err != nil {
			return err
		}
	}
	return nil
}

func (o *options) understandScope() error {
	for _, typed := range o.controllersTyped {
		names := strings.Split(typed, ",")
		if slices.Contains(names, "") {
			return fleet.BadInput("-c %q has an empty name", typed)
		}
		o.controllers = append(o.controllers, names...)
	}
	if o.all && len(o.controllers) > 0 {
		return fleet.BadInput("-c and --all-controllers contradict each other: use one of them")
	}
	err := o.destination.understand(o.flags)
	if err != nil {
		return err
	}
	if o.destination.moves() && (o.all || len(o.controllers) > 1) {
		return fleet.BadInput("--to and --bootstrap move the models of one controller: name that one with -c")
	}
	if o.goal.Include, err = patterns(o.models); err != nil {
		return err
	}
	if o.goal.Canary, err = patterns(o.canaries); err != nil {
		return err
	}
	if o.goal.Exclude, err = patterns(o.excludes); err != nil {
		return err
	}
	if o.destination.clone == string(fleet.CloneRestore) && !o.goal.UpgradesController() {
		return fleet.BadInput("-m and --clone restore contradict each other: juju-restore brings all that a controller has, and not what some models need: leave models out with --exclude, or use --clone native")
	}
	return nil
}

func patterns(typed []string) ([]fleet.ModelPattern, error) {
	var out []fleet.ModelPattern
	for _, list := range typed {
		for _, s := range strings.Split(list, ",") {
			p, err := fleet.ParseModelPattern(s)
			if err != nil {
				return nil, fleet.BadInput("%v", err)
			}
			out = append(out, p)
		}
	}
	return out, nil
}

func (o *options) understandGoal() error {
	if err := o.charms.understand(o.flags, &o.goal, o.run); err != nil {
		return err
	}
	if o.versionTyped != "" {
		v, err := version.Parse(o.versionTyped)
		if err != nil {
			return fleet.BadInput("--agent-version %q is not a version such as 3.6.11", o.versionTyped)
		}
		o.goal.AgentVersion = v
	}
	if o.goal.WithController && len(o.goal.Include) == 0 {
		return fleet.BadInput("--with-controller goes with -m: without -m the controller is upgraded anyway")
	}
	if o.goal.AgentVersion != version.Zero && !o.goal.UpgradesController() {
		return fleet.BadInput("-m and --agent-version contradict each other: models are brought to the version that their controller has (with --with-controller, both are upgraded)")
	}
	for _, typed := range o.accepts {
		accepted, err := fleet.ParseAcceptances(typed)
		if err != nil {
			return fleet.BadInput("%v", err)
		}
		if err := knownCodes(accepted); err != nil {
			return err
		}
		o.goal.Accept = append(o.goal.Accept, accepted...)
	}
	o.goal.Backup = fleet.BackupMode(o.backupTyped)
	switch o.goal.Backup {
	case fleet.BackupAuto, fleet.BackupRequire, fleet.BackupSkip:
	default:
		return fleet.BadInput("--backup %q is none of auto, require and skip", o.backupTyped)
	}
	if o.goal.Backup == fleet.BackupSkip && o.run.BackupDir != "" {
		return fleet.BadInput("--backup skip and --backup-dir contradict each other")
	}
	return nil
}

// knownCodes refuses to accept what no check ever says: a typing error.
func knownCodes(accepted []fleet.Acceptance) error {
	for _, a := range accepted {
		if !slices.ContainsFunc(preflight.Checks(), func(c preflight.Check) bool {
			ok, err := path.Match(a.Code, c.Code)
			return err == nil && ok
		}) {
			return fleet.BadInput("cannot accept %q: there is no finding of the code %q: the plan tells them", a, a.Code)
		}
	}
	return nil
}

func (o *options) understandRun() error {
	switch {
	case o.run.Parallel < 1:
		return fleet.BadInput("--parallel %d is less than 1", o.run.Parallel)
	case o.run.MaxFailures < 0:
		return fleet.BadInput("--max-failures %d is negative: 0 never stops", o.run.MaxFailures)
	case o.run.Soak < 0:
		return fleet.BadInput("--soak %s is negative", o.run.Soak)
	case o.run.Soak > 0 && len(o.canaries) == 0:
		return fleet.BadInput("--soak goes with --canary: without it no model goes first")
	case o.run.Stall < 0, o.run.Stall > 0 && o.run.Stall < time.Second:
		return fleet.BadInput("--stall %s is too short to see anything move", o.run.Stall)
	}
	o.run.Agents = agentsAtOnce
	o.flags.Visit(func(f *gnuflag.Flag) {
		if f.Name != "parallel" {
			return
		}
		o.run.PerCluster = o.run.Parallel
		if o.destination.moves() {
			o.run.Migrations = o.run.Parallel
		}
	})
	return nil
}

// agentsAtOnce is about how many agents of one controller restart at once: each
// logs in anew, and Juju lets in about four in a second.
const agentsAtOnce = 200

// output are the options about what is written where.
type output struct {
	format, file, events string
}

func (o *output) setFlags(f *gnuflag.FlagSet) {
	f.StringVar(&o.format, "format", "text", "Write the result as text, json or yaml")
	f.StringVar(&o.file, "o", "", "Write the result to this file")
	f.StringVar(&o.file, "output", "", "")
}

func (o *output) understand() error {
	switch o.format {
	case "text", "json", "yaml":
		return nil
	}
	return fleet.BadInput("--format %q is none of text, json and yaml", o.format)
}

// machine says that the result is for a program.
func (o *output) machine() bool { return o.format != "text" }
