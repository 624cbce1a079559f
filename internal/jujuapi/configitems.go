package jujuapi

import (
	"context"
	"strings"

	jujucontroller "github.com/juju/juju/controller"
	"github.com/juju/juju/rpc/params"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/rules"
)

// configuration reads what a controller is configured with.
func (s *Session) configuration(ctx context.Context, controller fleet.Ref) (map[string]any, error) {
	result, err := read(ctx, s, key{controller: controller}, ask[params.ControllerConfigResult]("Controller", "ControllerConfig", nil))
	return result.Config, err
}

// configItems are what a controller is configured with, by key. (Identity is told by
// IdentityURL, the CA by nobody.) A key whose value is not of its type counts as it is.
// A value is told only where it is known to be no secret: what Juju adds one day may be.
func (s *Session) configItems(config map[string]any) []fleet.Holding {
	var out []fleet.Holding
	for _, name := range natural(config) {
		if name == jujucontroller.CACertKey || name == jujucontroller.IdentityURL {
			continue
		}
		value, _ := configValue(name, config[name])
		h := fleet.Holding{
			Item:   fleet.Item{Kind: fleet.ConfigItem, Name: name},
			Digest: s.digest([]string{name, value}),
			Preset: presetConfig(name, value),
			Untold: !rules.TellsConfig(name) || holdsSecret(value),
		}
		if !h.Untold {
			h.Value = value
		}
		out = append(out, h)
	}
	return out
}

// holdsSecret says that a text is a URL with what may be a password or a token in it.
func holdsSecret(text string) bool {
	return strings.Contains(text, "://") && withoutSecrets(text) != text
}
