package plugin

import (
	"slices"
	"strings"

	"github.com/juju/cmd/v3"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// name is the command's, as juju knows it.
const name = "upgrade-all"

// words are those that may follow it.
var words = []string{"plan", "apply", "status", "resume", "abandon", "runs", "handover", "leftovers"}

// Main carries out the command with those arguments (without the program's
// name) and returns its exit code.
//
// The command is one of a super command named juju, so that its help and its
// errors read as those of Juju's own; "plan" and its like are, to that super
// command, commands with a name of two words.
func Main(deps Deps, ctx *cmd.Context, args []string) int {
	super := cmd.NewSuperCommand(cmd.SuperCommandParams{
		Name:        "juju",
		Purpose:     purpose,
		Version:     deps.Version,
		FlagKnownAs: "option",
		Log:         &cmd.Log{},
	})
	super.Register(&upgradeCommand{deps: deps})
	super.Register(&upgradeCommand{deps: deps, planOnly: true})
	super.Register(&applyCommand{deps: deps})
	super.Register(&statusCommand{deps: deps})
	super.Register(&resumeCommand{deps: deps})
	super.Register(&abandonCommand{deps: deps})
	super.Register(&runsCommand{deps: deps})
	super.Register(&handoverCommand{deps: deps})
	super.Register(&leftoversCommand{deps: deps})
	if topic := noTopic(args); topic != "" {
		cmd.WriteError(ctx.Stderr, fleet.BadInput("there is no help on %q: juju upgrade-all help [%s]", topic, strings.Join(words, "|")))
		return exitUsage
	}
	return cmd.Main(juju{super}, ctx, dispatch(args))
}

// juju is the super command.
type juju struct{ *cmd.SuperCommand }

// Run implements cmd.Command. The commands themselves return exit codes; what else
// goes wrong are the global options.
func (j juju) Run(ctx *cmd.Context) error {
	err := j.SuperCommand.Run(ctx)
	if err == nil || cmd.IsErrSilent(err) || cmd.IsRcPassthroughError(err) {
		return err
	}
	return finish(ctx, fleet.BadInput("%v", err))
}

// noTopic returns what 'help' is asked about and there is no help on.
func noTopic(args []string) string {
	if len(args) < 2 || args[0] != "help" || len(args) == 2 && slices.Contains(words, args[1]) {
		return ""
	}
	return strings.Join(args[1:], " ")
}

// dispatch turns the arguments into those of the super command.
func dispatch(args []string) []string {
	if len(args) == 0 {
		return []string{name}
	}
	switch first := args[0]; {
	case first == "--description":
		return []string{first}
	case first == "--version", first == "version":
		return append([]string{"version"}, args[1:]...)
	case first == "help":
		return []string{"help", strings.Join(append([]string{name}, args[1:]...), " ")}
	case slices.Contains(words, first):
		return append([]string{name + " " + first}, args[1:]...)
	}
	return append([]string{name}, args...)
}
