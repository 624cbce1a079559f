package estate

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/juju/version/v2"
)

// Kinds of faults of a controller.
const (
	// FaultRefuse: its API servers refuse connections.
	FaultRefuse = "refuse"
	// FaultFreeze: they accept connections and answer nothing.
	FaultFreeze = "freeze"
	// FaultKilled: the agent of a controller machine is dead. Its server refuses
	// connections, and an upgrade waits for it.
	FaultKilled = "killed"
	// FaultDatabaseDown: the database of a controller machine is down, to which
	// Juju's validation of an upgrade objects.
	FaultDatabaseDown = "database-down"
	// FaultDrop: the connection is dropped at a method, before or after it took effect.
	FaultDrop = "drop"
	// FaultDelay: a method answers late.
	FaultDelay = "delay"
	// FaultError: a method answers with an error of a code.
	FaultError = "error"
	// FaultBackup: create-backup fails.
	FaultBackup = "backup-fails"
	// FaultTruncate: the download of a backup ends early.
	FaultTruncate = "backup-truncated"
	// FaultHideAgents: a version is not offered, though series-offers has it.
	FaultHideAgents = "hide-agents"
	// FaultStreams: its streams cannot be reached. Asked for the newest, it knows of
	// nothing newer; asked for a version, it fails. One on Kubernetes fails either way.
	FaultStreams = "streams-unreachable"
	// FaultSpoilAgents: a version is offered, but no agent can download it.
	FaultSpoilAgents = "spoil-agents"

	// The faults of images are those of models on Kubernetes, and their controllers.

	// FaultHideImage: the registry does not have the image of a version, though
	// series-offers has that.
	FaultHideImage = "hide-image"
	// FaultRegistry: the registry of images does not serve.
	FaultRegistry = "registry-down"
	// FaultSpoilImage: the registry has the image of a version, but pods of a controller,
	// or of one model, cannot pull it. They come by themselves once they can.
	FaultSpoilImage = "spoil-image"

	// The faults of migrations are those of the controller that a model is to leave.

	// FaultMigrationRefused: a migration is not begun, as by prechecks of the source.
	FaultMigrationRefused = "migration-refused"
	// FaultMigrationAborts: a migration fails in a phase before SUCCESS.
	FaultMigrationAborts = "migration-aborts"
	// FaultMigrationSticks: a migration does not leave a phase until the fault ends.
	FaultMigrationSticks = "migration-sticks"
	// FaultMigrationLeftover: the target's part of an aborted migration stays there.
	FaultMigrationLeftover = "migration-leftover"
	// FaultMigrationStrands: an agent stays with the old controller, though the
	// migration is a success. It is lost at the new one until it is healed there.
	FaultMigrationStrands = "migration-strands"
	// FaultReapFails: the model is not removed where it was, though it has moved.
	FaultReapFails = "reap-fails"
	// FaultKeepsModel: the model stays listed where it was, as if nothing had been.
	// A controller of Juju 4 does so without this fault.
	FaultKeepsModel = "keeps-model"

	// FaultCharmhub: the controller cannot reach Charmhub.
	FaultCharmhub = "charmhub-unreachable"

	// The faults of refreshes are those of units of the models of a controller; of one
	// model, application (application:) or unit (agent:). Each ends with the fault, but
	// a unit in error has to be resolved, too.

	// FaultUpgradeHook: the upgrade-charm hook fails.
	FaultUpgradeHook = "fail-upgrade"
	// FaultUpgradePauses: the unit is blocked and asks for an action, after which it
	// goes on.
	FaultUpgradePauses = "pause"
	// FaultUpgradeSticks: the hook does not end.
	FaultUpgradeSticks = "stuck"

	// FaultBackendRefused: a secret backend that is added does not answer.
	FaultBackendRefused = "backend-refused"

	// The faults of bootstraps and of juju-restore are those of the juju program: of the
	// name [ProgramName].

	// FaultBootstrapFails: a bootstrap fails in a stage; juju removes what it has made.
	FaultBootstrapFails = "bootstrap-fails"
	// FaultBootstrapSticks: a bootstrap does not leave a stage until the fault ends.
	FaultBootstrapSticks = "bootstrap-sticks"
	// FaultBootstrapStops: the program is killed in a stage. A controller whose script
	// runs on its machine comes up all the same.
	FaultBootstrapStops = "bootstrap-stops"
	// FaultRestoreFails: juju-restore fails.
	FaultRestoreFails = "restore-fails"
)

// Fault is something wrong with a controller. It is there from the start, or
// begins while the world runs.
type Fault struct {
	// Kind is one of the Fault... constants.
	Kind string `yaml:"kind"`
	// Server is the number of the API server that is meant; -1 for all. It is not
	// looked at where a fault concerns the whole controller. In YAML the default is 0;
	// all: true means all of them.
	Server int `yaml:"server,omitempty"`
	// All means all API servers.
	All bool `yaml:"all,omitempty"`
	// Method is FACADE.METHOD, for drop, delay and error.
	Method string `yaml:"method,omitempty"`
	// Model narrows drop, delay and error to connections to this model, or calls
	// that name it (OWNER/NAME or NAME), and faults of migrations and spoil-image to
	// those of it.
	Model string `yaml:"model,omitempty"`
	// Times is how often it happens; zero means always.
	Times int `yaml:"times,omitempty"`
	// Skip is how many calls pass unharmed first.
	Skip int `yaml:"skip,omitempty"`
	// When a connection is dropped: before (the default) or after the method took effect.
	When string `yaml:"when,omitempty"`
	// Delay of an answer, in simulated time.
	Delay time.Duration `yaml:"delay,omitempty"`
	// Code and Message of an error.
	Code    string `yaml:"code,omitempty"`
	Message string `yaml:"message,omitempty"`
	// Version that hide-agents, spoil-agents, hide-image or spoil-image means.
	Version string `yaml:"version,omitempty"`
	// Phase of a migration in which it aborts or sticks; see [Phases].
	Phase string `yaml:"phase,omitempty"`
	// Stage of a bootstrap in which it fails, sticks or stops; see [BootstrapStages].
	Stage string `yaml:"stage,omitempty"`
	// Application to which faults of refreshes are narrowed.
	Application string `yaml:"application,omitempty"`
	// Agent that a migration strands, or the unit whose refresh does not go well: a tag
	// such as unit-mysql-0.
	Agent string `yaml:"agent,omitempty"`
}

// Phases of a migration, in their order.
func Phases() []string {
	return []string{"QUIESCE", "IMPORT", "PROCESSRELATIONS", "VALIDATION", "SUCCESS", "LOGTRANSFER", "REAP"}
}

// OfProgram says that the fault is one of the juju program, not of a controller.
func (f Fault) OfProgram() bool {
	return slices.Contains([]string{FaultBootstrapFails, FaultBootstrapSticks, FaultBootstrapStops, FaultRestoreFails}, f.Kind)
}

// Validate says what is wrong with the fault.
func (f Fault) Validate() error {
	kinds := []string{FaultRefuse, FaultFreeze, FaultKilled, FaultDatabaseDown, FaultDrop, FaultDelay, FaultError,
		FaultBackup, FaultTruncate, FaultHideAgents, FaultSpoilAgents, FaultStreams,
		FaultHideImage, FaultRegistry, FaultSpoilImage, FaultMigrationRefused, FaultMigrationAborts,
		FaultMigrationSticks, FaultMigrationLeftover, FaultMigrationStrands, FaultReapFails, FaultKeepsModel, FaultBackendRefused,
		FaultBootstrapFails, FaultBootstrapSticks, FaultBootstrapStops, FaultRestoreFails,
		FaultCharmhub, FaultUpgradeHook, FaultUpgradePauses, FaultUpgradeSticks}
	if !slices.Contains(kinds, f.Kind) {
		return fmt.Errorf("unknown kind of fault %q: want one of %s", f.Kind, strings.Join(kinds, ", "))
	}
	switch f.Kind {
	case FaultDrop, FaultDelay, FaultError:
		if facade, method, ok := strings.Cut(f.Method, "."); !ok || facade == "" || method == "" {
			return fmt.Errorf("fault %s needs a method such as Client.FullStatus, not %q", f.Kind, f.Method)
		}
	case FaultHideAgents, FaultSpoilAgents, FaultHideImage, FaultSpoilImage:
		if _, err := version.Parse(f.Version); err != nil {
			return fmt.Errorf("fault %s needs a version, not %q", f.Kind, f.Version)
		}
	case FaultMigrationAborts, FaultMigrationSticks:
		phases := Phases()
		if f.Kind == FaultMigrationAborts {
			phases = phases[:slices.Index(phases, "SUCCESS")] // there is no way back from that
		}
		if !slices.Contains(phases, f.Phase) {
			return fmt.Errorf("fault %s needs a phase, one of %s, not %q", f.Kind, strings.Join(phases, ", "), f.Phase)
		}
	case FaultBootstrapFails, FaultBootstrapSticks, FaultBootstrapStops:
		if !slices.Contains(BootstrapStages(), f.Stage) {
			return fmt.Errorf("fault %s needs a stage, one of %s, not %q", f.Kind, strings.Join(BootstrapStages(), ", "), f.Stage)
		}
	case FaultUpgradeHook, FaultUpgradePauses, FaultUpgradeSticks:
		if f.Agent != "" && !agentTag.MatchString(f.Agent) {
			return fmt.Errorf("fault %s needs an agent such as unit-mysql-0, or none, not %q", f.Kind, f.Agent)
		}
	case FaultMigrationStrands:
		if !agentTag.MatchString(f.Agent) {
			return fmt.Errorf("fault %s needs an agent such as unit-mysql-0, not %q", f.Kind, f.Agent)
		}
	}
	if f.When != "" && f.When != "before" && f.When != "after" {
		return fmt.Errorf("fault %s: when %q: want before or after", f.Kind, f.When)
	}
	if f.Times < 0 || f.Skip < 0 || f.Delay < 0 || f.Server < -1 {
		return fmt.Errorf("fault %s: a number is negative", f.Kind)
	}
	return nil
}

// AgentFault is what is wrong with one agent.
type AgentFault struct {
	// Agent is a tag such as machine-0, machine-0-lxd-1 or unit-mysql-0.
	Agent string `yaml:"agent"`
	// Kind is one of the Agent... constants.
	Kind string `yaml:"kind"`
	// Version is the one at which an agent that lags is.
	Version string `yaml:"version,omitempty"`
	// Delay is how much longer a slow agent takes, in simulated time.
	Delay time.Duration `yaml:"delay,omitempty"`
	// Message is shown with an error.
	Message string `yaml:"message,omitempty"`
}

// Kinds of agent faults.
const (
	// AgentDown is not there: down (a machine, with its units) or lost (a unit).
	AgentDown = "down"
	// AgentLags is there at an old version and stays so.
	AgentLags = "lags"
	// AgentNeverComes restarts to upgrade and does not come back.
	AgentNeverComes = "never-comes"
	// AgentNeverUpgrades is there and does not take any new version.
	AgentNeverUpgrades = "never-upgrades"
	// AgentSlow takes its time to restart.
	AgentSlow = "slow"
	// AgentError is a machine in error, or a unit whose hook failed.
	AgentError = "error"
	// AgentFrozen looks well, and does and reports nothing.
	AgentFrozen = "frozen"
)

// Validate says what is wrong with the fault; whether there is such an agent it
// does not know.
func (f AgentFault) Validate() error {
	var v validator
	v.agentFaults(nil, []AgentFault{f})
	return v.err()
}
