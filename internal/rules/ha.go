package rules

import (
	"github.com/juju/version/v2"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// NoHA returns why "juju enable-ha" gives a controller of that version, whose own
// model is of that type, no more servers; empty when it can.
// Source: Juju cmd/juju/commands/enableha.go ("not supported on kubernetes"); 4.x:
// apiserver/facades/client/highavailability: EnableHA answers "not supported".
func NoHA(server version.Number, controllerModel fleet.ModelType) string {
	switch {
	case controllerModel == fleet.CAAS:
		return "Juju has no enable-ha on Kubernetes"
	case server.Major >= 4:
		return "Juju 4 has no enable-ha: units of the controller application are added instead"
	}
	return ""
}

// KindOf is the type of a controller's own model: that which it shows, or, of one that
// is yet to be made, that which its cloud will give it.
func KindOf(c *fleet.Controller) fleet.ModelType {
	if m := c.ControllerModel(); m != nil {
		return m.Type
	}
	if c.Holdings != nil {
		if cloud := c.Holdings.Cloud(c.Cloud); cloud != nil && cloud.Type == "kubernetes" {
			return fleet.CAAS
		}
	}
	return fleet.IAAS
}

// SafeServers is how many servers a controller wants to be as safe from the loss of
// one as source is: an even number is no safer than one less, and Juju refuses it.
// Source: Juju apiserver/facades/client/highavailability ("number of controllers must
// be odd and non-negative").
func SafeServers(source *fleet.Controller) int {
	n := len(source.Servers)
	if n%2 == 0 {
		return max(0, n-1)
	}
	return n
}

// ServersFor returns to how many servers target can be brought by the run before
// models of source move there: as many as source has. It is 0 when target has them,
// or cannot have them.
func ServersFor(source, target *fleet.Controller) int {
	if source == nil || target == nil || target.Holdings == nil || target.Holdings.HA == nil {
		return 0
	}
	ha, want := *target.Holdings.HA, SafeServers(source)
	if NoHA(target.Version, KindOf(target)) != "" || want <= ha.Servers || !ha.CanHave(want) {
		return 0
	}
	return want
}
