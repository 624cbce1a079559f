package jujuapi

import (
	"maps"
	"os"
	"strings"

	"gopkg.in/yaml.v3"

	jujucontroller "github.com/juju/juju/controller"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/rules"
)

// option is the value of an option of "juju bootstrap", the last one given; empty when
// there is none.
func option(args []string, name string) string {
	if all := options(args, name); len(all) > 0 {
		return all[len(all)-1]
	}
	return ""
}

// options are all values that an option is given, in their order.
func options(args []string, name string) []string {
	var out []string
	for i, arg := range args {
		given, value, joined := strings.Cut(strings.TrimLeft(arg, "-"), "=")
		if !strings.HasPrefix(arg, "-") || given != name {
			continue
		}
		switch {
		case joined:
			out = append(out, value)
		case i+1 < len(args):
			out = append(out, args[i+1])
		}
	}
	return out
}

// settings are what an option such as --config sets: a key and its value, or all of a
// file, over which the former go wherever they stand. (cmd/juju/common/flags.go
// ConfigFlag.ReadAttrs) A file that has gone since its path was understood sets nothing
// here: juju says so when it is asked.
func settings(args []string, name string) map[string]any {
	out, single := make(map[string]any), make(map[string]any)
	for _, given := range options(args, name) {
		if key, value, ok := strings.Cut(given, "="); ok {
			single[key] = parsed(value)
			continue
		}
		data, err := os.ReadFile(given)
		if err != nil {
			continue
		}
		var file map[string]any
		if yaml.Unmarshal(data, &file) == nil {
			for key, value := range file {
				out[key] = value
			}
		}
	}
	maps.Copy(out, single)
	return out
}

// parsed is a value as juju reads it on its command line: as YAML.
func parsed(value string) any {
	var v any
	if yaml.Unmarshal([]byte(value), &v) != nil {
		return value
	}
	return v
}

// made is what "juju bootstrap" makes of a setting.
type made int

const (
	// itsOwn: it is about the making, and nothing of it stays in a list.
	itsOwn made = iota
	controllerSetting
	modelSetting
)

// madeOf says what a key becomes. (environs/bootstrap/config.go
// BootstrapConfigAttributes, controller.ControllerOnlyAttribute)
func madeOf(key string) made {
	switch key {
	case "admin-secret", "ca-cert", "ca-private-key", "ssh-server-host-key",
		"bootstrap-timeout", "bootstrap-retry-delay", "bootstrap-addresses-delay",
		"controller-service-type", "controller-external-name", "controller-external-ips":
		return itsOwn
	}
	if rules.ConfigKey(key) || jujucontroller.ControllerOnlyAttribute(key) {
		return controllerSetting
	}
	return modelSetting
}
