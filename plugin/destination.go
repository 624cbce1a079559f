package plugin

import (
	"context"
	"slices"
	"strings"

	"github.com/juju/cmd/v3"
	"github.com/juju/gnuflag"
	"github.com/juju/names/v5"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/client"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/discover"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// destination are the options that say where models go, and what goes with them.
type destination struct {
	to, bootstrap, bootstrapName, clone, juju, restore, passwordFile string
	bootstrapArgs                                                    []string
	// passedOn are the bootstrapArgs as juju understands them.
	passedOn []bootstrapArgument
	// typed are the options that were typed.
	typed map[string]bool
	// passwords are those of the password file.
	passwords map[string]fleet.Secret
}

func (d *destination) setFlags(f *gnuflag.FlagSet) {
	f.StringVar(&d.to, "to", "", "Move the models to this existing controller, of a newer version or of the same")
	f.StringVar(&d.bootstrap, "bootstrap", "", "Move the models to a new controller, which the juju client makes there: CLOUD[/REGION]")
	f.StringVar(&d.bootstrapName, "bootstrap-name", "", "The new controller's name (default: that of cloud and region)")
	f.Var(cmd.NewAppendStringsValue(&d.bootstrapArgs), "bootstrap-arg", "A further argument for 'juju bootstrap'; may be repeated")
	f.StringVar(&d.clone, "clone", "", "How users, access, clouds and configuration get there: native, restore or none (default native)")
	f.StringVar(&d.juju, "juju", "", "The juju client that makes the new controller (default: the one on PATH)")
	f.StringVar(&d.restore, "juju-restore", "", "With --clone restore: the juju-restore program (experimental)")
	setPasswordFlag(f, &d.passwordFile)
}

func setPasswordFlag(f *gnuflag.FlagSet, file *string) {
	f.StringVar(file, "password-file", "", "Known passwords for users who are made there (YAML, USER: PASSWORD; mode 0600)")
}

// moves says that models are to go to another controller.
func (d *destination) moves() bool { return d.typed["to"] || d.typed["bootstrap"] }

// understand makes sense of what was typed. What makes none is bad input.
func (d *destination) understand(flags *gnuflag.FlagSet) error {
	d.typed = map[string]bool{}
	flags.Visit(func(f *gnuflag.Flag) { d.typed[f.Name] = true })
	for _, with := range []struct {
		option string
		needs  bool
		what   string
	}{
		{"bootstrap-name", d.typed["bootstrap"], "--bootstrap"},
		{"bootstrap-arg", d.typed["bootstrap"], "--bootstrap"},
		{"clone", d.moves(), "--to or --bootstrap"},
		{"password-file", d.moves(), "--to or --bootstrap"},
		{"juju", d.typed["bootstrap"] || d.clone == string(fleet.CloneRestore), "--bootstrap or --clone restore"},
		{"juju-restore", d.clone == string(fleet.CloneRestore), "--clone restore"},
	} {
		if d.typed[with.option] && !with.needs {
			return fleet.BadInput("--%s goes with %s", with.option, with.what)
		}
	}
	switch {
	case d.typed["to"] && d.typed["bootstrap"]:
		return fleet.BadInput("--to and --bootstrap contradict each other: models move to a controller that exists, or to one that is made")
	case d.typed["to"] && d.to == "":
		return fleet.BadInput("--to \"\" names no controller: leave --to out to upgrade models where they are")
	case d.typed["bootstrap"]:
		if err := d.understandBootstrap(); err != nil {
			return err
		}
	}
	return d.understandClone()
}

func (d *destination) understandBootstrap() error {
	cloud, region, more := strings.Cut(d.bootstrap, "/")
	if !names.IsValidCloud(cloud) || more && region == "" || strings.ContainsAny(region, "/ ") {
		return fleet.BadInput("--bootstrap %q is not CLOUD[/REGION]: see 'juju clouds'", d.bootstrap)
	}
	if d.bootstrapName == "" && !d.typed["bootstrap-name"] {
		d.bootstrapName = strings.ReplaceAll(d.bootstrap, "/", "-")
	}
	if !names.IsValidControllerName(d.bootstrapName) {
		return fleet.BadInput("--bootstrap-name %q is not a name for a controller", d.bootstrapName)
	}
	var err error
	d.passedOn, err = bootstrapArguments(d.bootstrapArgs)
	return err
}

func (d *destination) understandClone() error {
	switch mode := fleet.CloneMode(d.clone); {
	case !d.typed["clone"]:
		if d.moves() {
			d.clone = string(fleet.CloneNative)
		}
	case mode != fleet.CloneNative && mode != fleet.CloneRestore && mode != fleet.CloneNone:
		return fleet.BadInput("--clone %q is none of native, restore and none", d.clone)
	case mode == fleet.CloneRestore && d.restore == "":
		return fleet.BadInput("--clone restore needs --juju-restore PATH: the program is not part of Juju")
	case mode == fleet.CloneRestore && slices.ContainsFunc(d.passedOn, func(a bootstrapArgument) bool { return a.name == "add-model" }):
		return fleet.BadInput("--clone restore and --bootstrap-arg --add-model contradict each other: juju-restore takes no controller with models")
	case mode == fleet.CloneRestore && d.passwordFile != "":
		return fleet.BadInput("--clone restore and --password-file contradict each other: users come with the passwords that they have")
	}
	return nil
}

// read reads what the options name on this machine.
func (d *destination) read(ctx *cmd.Context) error {
	for option, file := range map[string]*string{"juju": &d.juju, "juju-restore": &d.restore} {
		if *file == "" {
			continue
		}
		*file = ctx.AbsPath(*file)
		if err := client.Executable(*file); err != nil {
			return fleet.BadInput("--%s: %v", option, err)
		}
	}
	var err error
	if d.bootstrapArgs, err = placed(d.bootstrapArgs, d.passedOn, ctx.AbsPath); err != nil || d.passwordFile == "" {
		return err
	}
	d.passwords, err = readPasswords(ctx.AbsPath(d.passwordFile))
	return err
}

// set sets in the goal where models go.
func (d *destination) set(ctx context.Context, deps Deps, r Registry, sources []discover.Named, goal *fleet.Goal) error {
	if !d.moves() {
		return nil
	}
	if len(sources) > 1 {
		return fleet.BadInput("models of one controller move at a time, and -m names models of %s: use one -c", place(sources))
	}
	goal.Clone, goal.Restore, goal.Passwords = fleet.CloneMode(d.clone), d.restore, sortedNames(d.passwords)
	if d.typed["bootstrap"] || goal.Clone == fleet.CloneRestore {
		program := deps.Client(ctx, d.juju)
		goal.Juju, goal.JujuTyped = program.Path, d.juju != ""
		if d.typed["bootstrap"] {
			if err := ownVersion(d.passedOn, program.Path, program.Version); err != nil {
				return err
			}
			goal.To = fleet.Ref{Name: d.bootstrapName}
			cloud, region, _ := strings.Cut(d.bootstrap, "/")
			goal.Bootstrap = &fleet.Bootstrap{
				Cloud: cloud, Region: region, Args: d.bootstrapArgs, Juju: program.Path, Version: program.Version,
			}
			return nil
		}
	}
	known, err := r.Controllers()
	if err != nil {
		return err
	}
	to, err := named(known, []string{d.to})
	if err != nil {
		return fleet.BadInput("--to: %v", err)
	}
	if sources[0].UUID == to[0].UUID {
		return fleet.BadInput("--to %s is the controller that the models are on: name another one, or leave --to out to upgrade it where it is", d.to)
	}
	goal.To = to[0].Ref
	return nil
}
