package standin

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/juju/juju/jujuclient"
)

// valued and flags are the options of juju bootstrap: with a value, and without.
var (
	valued = []string{
		"--add-model", "--agent-version", "--bootstrap-base", "--bootstrap-constraints", "--bootstrap-image", "--bootstrap-series",
		"--config", "--constraints", "--controller-charm-channel", "--controller-charm-path", "--credential", "--db-snap",
		"--db-snap-asserts", "--logging-config", "--metadata-source", "--model-default", "--storage-pool", "--to",
	}
	flags = []string{"--auto-upgrade", "--build-agent", "--debug", "--force", "--keep-broken", "--no-switch", "--quiet", "-q", "--show-log", "--verbose", "-v"}
)

// options are what juju bootstrap is run with.
type options struct {
	place, name           string
	config, modelDefaults map[string]any
	agentVersion          string
	credential            string
	noSwitch, keepBroken  bool
}

// parse reads the arguments of juju bootstrap.
func parse(args []string) (options, error) {
	out := options{config: map[string]any{}, modelDefaults: map[string]any{}}
	var rest []string
	for len(args) > 0 {
		arg := args[0]
		args = args[1:]
		name, value, joined := strings.Cut(arg, "=")
		switch {
		case !strings.HasPrefix(arg, "-"):
			rest = append(rest, arg)
		case slices.Contains(flags, name):
			out.noSwitch = out.noSwitch || name == "--no-switch"
			out.keepBroken = out.keepBroken || name == "--keep-broken"
		case !slices.Contains(valued, name):
			return out, usageError{fmt.Errorf("option provided but not defined: %s", name)}
		default:
			if !joined {
				if len(args) == 0 {
					return out, usageError{fmt.Errorf("option needs an argument: %s", name)}
				}
				value, args = args[0], args[1:]
			}
			if err := out.set(name, value); err != nil {
				return out, err
			}
		}
	}
	if len(rest) != 2 {
		return out, usageError{errors.New("want a cloud and a name: the simulation does not ask")}
	}
	out.place, out.name = rest[0], rest[1]
	return out, nil
}

// set takes an option with a value.
func (o *options) set(name, value string) error {
	into := map[string]map[string]any{"--config": o.config, "--model-default": o.modelDefaults}[name]
	switch {
	case name == "--agent-version":
		o.agentVersion = value
	case name == "--credential":
		o.credential = value
	case into != nil:
		return merge(into, value)
	}
	return nil
}

// merge takes KEY=VALUE, the value in YAML, or the name of a YAML file.
func merge(into map[string]any, arg string) error {
	key, value, ok := strings.Cut(arg, "=")
	if ok {
		var parsed any
		if err := yaml.Unmarshal([]byte(value), &parsed); err != nil || parsed == nil {
			parsed = value
		}
		into[key] = parsed
		return nil
	}
	data, err := os.ReadFile(arg)
	if err != nil {
		return err
	}
	return yaml.Unmarshal(data, into)
}

// modelOption takes -m CONTROLLER:MODEL out of arguments, and returns the UUID of the
// controller.
func modelOption(args []string) (controllerUUID string, rest []string, err error) {
	model := ""
	for len(args) > 0 {
		switch {
		case args[0] == "--":
			rest, args = append(rest, args[1:]...), nil
			continue
		case (args[0] == "-m" || args[0] == "--model") && len(args) > 1:
			model, args = args[1], args[1:]
		case strings.HasPrefix(args[0], "--model="):
			model = strings.TrimPrefix(args[0], "--model=")
		default:
			// What comes after the machine is the command's.
			rest = append(rest, args[0])
		}
		args = args[1:]
	}
	name, _, ok := strings.Cut(model, ":")
	if !ok {
		return "", nil, usageError{errors.New("which model? The simulation wants -m CONTROLLER:MODEL")}
	}
	details, err := jujuclient.NewFileClientStore().ControllerByName(name)
	if err != nil {
		return "", nil, err
	}
	return details.ControllerUUID, rest, nil
}
