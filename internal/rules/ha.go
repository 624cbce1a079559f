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

// ServersFor returns to how many servers target can be brought by the run before
// models of source move there: as many as source has. It is 0 when target has them,
// or can not have them.
func ServersFor(source, target *fleet.Controller) int {
	if source == nil || target == nil || target.Holdings == nil || target.Holdings.HA == nil {
		return 0
	}
	kind := fleet.IAAS
	if m := target.ControllerModel(); m != nil {
		kind = m.Type
	}
	ha, want := *target.Holdings.HA, len(source.Servers)
	// An even number is no safer than one less, and Juju refuses it.
	if want%2 == 0 {
		want--
	}
	if NoHA(target.Version, kind) != "" || want <= ha.Servers || !ha.CanHave(want) {
		return 0
	}
	return want
}
