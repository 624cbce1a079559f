package rules

import (
	"github.com/juju/version/v2"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// ControllerBlockHoldsModels says that commands disabled in the controller's
// own model hold the upgrade of every model there: up to 3.6 the server builds
// its upgrade facade, block checker included, from the controller's model.
// Source: Juju apiserver/facades/client/modelupgrader/register.go.
func ControllerBlockHoldsModels(server version.Number) bool { return server.Major < 4 }

// IgnoresModelBlock says that the server upgrades a model in spite of commands
// that are disabled in it. Source: as for ControllerBlockHoldsModels; 4.x asks
// the model itself.
func IgnoresModelBlock(server version.Number) bool { return server.Major < 4 }

// WantsAgentsInStep says that the server refuses to upgrade a model while any
// of its agents has no version, or another than the model's and the new one
// ("some agents have not upgraded to the current model version").
// Source: Juju state/state.go checkCanUpgradeIAAS, up to 3.6. It is not part of
// the dry run.
func WantsAgentsInStep(server version.Number, model fleet.ModelType) bool {
	return server.Major < 4 && model != fleet.CAAS
}

// ShowsMachineVersions says that the server's status has the versions of
// machine agents. Source: seen on 4.1.0, whose status has units' only.
func ShowsMachineVersions(server version.Number) bool { return server.Major < 4 }

// DefaultMetadataURL is where a controller looks for agents when its
// agent-metadata-url is empty. Source: Juju environs/tools/simplestreams.go.
func DefaultMetadataURL() string { return "https://streams.canonical.com/juju/tools" }

// DefaultStream is the agent stream of a controller that names none.
func DefaultStream() string { return "released" }

// Service begins the names of the services in which the machines of a controller and
// of its models run their agents, as a pattern. Source: Juju 4 renamed jujud (seen on
// 4.1.0); machines that migrated there keep the name that they were made with.
func Service(server version.Number) string {
	if server.Major < 4 {
		return "jujud"
	}
	return "juju*"
}
