package preflight

import (
	"fmt"
	"slices"
	"strings"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/rules"
)

// spacesForServers are the keys for spaces that somebody has chosen on the source, and
// nobody for the target, where the run adds servers to it: Juju takes a machine with
// addresses in several networks as a server only in the space that juju-ha-space names.
// Source: Juju apiserver/facades/client/highavailability validateCurrentControllers.
func (v view) spacesForServers() []string {
	if v.c.Holdings == nil || !v.there.reachable() || rules.ServersFor(v.c, v.there.controller) == 0 {
		return nil
	}
	var out []string
	for _, key := range []string{"juju-ha-space", "juju-mgmt-space"} {
		item := fleet.Item{Kind: fleet.ConfigItem, Name: key}
		here, there := v.c.Holdings.Holding(item), v.there.controller.Holdings.Holding(item)
		chosen := here != nil && !here.Preset
		taken := there != nil && !there.Preset || v.setAtBootstrap(key)
		if chosen && !taken && rules.KnownConfig(v.there.controller.Version, key) {
			out = append(out, key)
		}
	}
	if !slices.Contains(out, "juju-ha-space") {
		return nil // the other one does not keep servers apart
	}
	return out
}

// needsSpaces says that they are to be set before the run.
func (v view) needsSpaces() bool {
	return v.moves() && v.reachable() && (v.leaving || v.there.controller.Planned) && len(v.spacesForServers()) > 0
}

func spacesUnset(v view) []say {
	there := v.there.controller
	var chosen, keys []string
	options := ""
	for _, key := range v.spacesForServers() {
		chosen = append(chosen, keptWords(*v.c.Holdings.Holding(fleet.Item{Kind: fleet.ConfigItem, Name: key})))
		keys = append(keys, key+"=VALUE")
		options += " --bootstrap-arg --config=" + key + "=VALUE"
	}
	s := say{
		meaning: fmt.Sprintf("it has %s, and %s gets as many servers before models move: where these have addresses in several networks, Juju adds none before juju-ha-space is set there",
			strings.Join(chosen, " and "), there.Name),
		see: []string{"juju spaces -m " + v.own()},
		fix: []string{"juju controller-config -c " + there.Name + " " + strings.Join(keys, " ") + "   # what is right there, before the run"},
	}
	if there.Planned {
		s.fix = []string{v.replan(options + "   # what is right there")}
	}
	return one(s)
}
