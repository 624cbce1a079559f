package estate

import "time"

// Estate describes a simulated world. Its zero values mean what is most common,
// so that a small description is enough.
type Estate struct {
	// Speed is how many simulated seconds pass in a real one. Zero means 1.
	Speed float64 `yaml:"speed,omitempty"`
	// Timing says how long things take, in simulated time.
	Timing Timing `yaml:"timing,omitempty"`
	// Controllers are the controllers, in the order of the client's list.
	Controllers []Controller `yaml:"controllers"`
	// Juju is the juju program that stands in for the real one.
	Juju Program `yaml:"juju,omitempty"`
	// Charmhub is the store of charms that they all ask.
	Charmhub Charmhub `yaml:"charmhub,omitempty"`
}

// Timing says how long things take, in simulated time. A zero field means the
// default, see [DefaultTiming].
type Timing struct {
	// AgentNotice passes between an accepted upgrade and the first restart.
	AgentNotice time.Duration `yaml:"agent-notice,omitempty"`
	// AgentStagger passes between the restarts of two hosts of a model.
	AgentStagger time.Duration `yaml:"agent-stagger,omitempty"`
	// AgentRestart is how long a host's agent is away.
	AgentRestart time.Duration `yaml:"agent-restart,omitempty"`
	// UnitSettle is how much longer than its host a unit's agent is away.
	UnitSettle time.Duration `yaml:"unit-settle,omitempty"`
	// ControllerNotice passes between an accepted controller upgrade and the
	// moment at which its API servers drop their connections.
	ControllerNotice time.Duration `yaml:"controller-notice,omitempty"`
	// ControllerDown is how long all API servers then refuse connections.
	ControllerDown time.Duration `yaml:"controller-down,omitempty"`
	// PodNotice is what ControllerNotice is of a controller on Kubernetes, PodDown what
	// ControllerDown is. Outages of more than 30 seconds make the charms of all its
	// models on Kubernetes restart.
	PodNotice time.Duration `yaml:"pod-notice,omitempty"`
	PodDown   time.Duration `yaml:"pod-down,omitempty"`
	// ControllerStagger is how much later each further API server answers.
	ControllerStagger time.Duration `yaml:"controller-stagger,omitempty"`
	// UpgradeWindow is how long, with all API servers back, the upgrade goes on:
	// most methods are refused with "upgrade in progress".
	UpgradeWindow time.Duration `yaml:"upgrade-window,omitempty"`
	// UpgradeTimeout is how long API servers wait for one that does not come;
	// 15 minutes in Juju.
	UpgradeTimeout time.Duration `yaml:"upgrade-timeout,omitempty"`
	// Backup is how long it takes to make a backup.
	Backup time.Duration `yaml:"backup,omitempty"`
	// MigrationPhase is how long each phase of a migration takes; Phases says so of
	// single ones, by their names (see [Phases]).
	MigrationPhase time.Duration            `yaml:"migration-phase,omitempty"`
	Phases         map[string]time.Duration `yaml:"migration-phases,omitempty"`
	// MigrationNotice passes at a controller of Juju 4 before it begins a migration
	// that it has accepted.
	MigrationNotice time.Duration `yaml:"migration-notice,omitempty"`
	// AgentMove is how long an agent takes to come back at its new controller.
	AgentMove time.Duration `yaml:"agent-move,omitempty"`
	// MigrationGap is how long a controller that a model has left knows nothing of
	// it, before it says where the model went.
	MigrationGap time.Duration `yaml:"migration-gap,omitempty"`
	// BootstrapStage is how long each stage of a bootstrap takes; Bootstraps says so of
	// single ones, by their names (see [BootstrapStages]).
	BootstrapStage time.Duration            `yaml:"bootstrap-stage,omitempty"`
	Bootstraps     map[string]time.Duration `yaml:"bootstrap-stages,omitempty"`
	// Restore is how long juju-restore takes.
	Restore time.Duration `yaml:"restore,omitempty"`
	// MachineStart is how long a machine takes to start that becomes a controller.
	MachineStart time.Duration `yaml:"machine-start,omitempty"`
	// CharmFetch is how long a controller of Juju 3 does not have a charm yet that
	// units are to come to: meanwhile their agents fail, and heal themselves.
	CharmFetch time.Duration `yaml:"charm-fetch,omitempty"`
	// CharmNotice passes before a unit begins to come to another charm, and while it
	// unpacks that.
	CharmNotice time.Duration `yaml:"charm-notice,omitempty"`
	// CharmUpgrade is how long its upgrade-charm hook runs.
	CharmUpgrade time.Duration `yaml:"charm-upgrade,omitempty"`
	// HookRetry is how long a unit whose upgrade-charm hook has failed waits before it
	// runs it again by itself. Zero means that it waits to be resolved.
	HookRetry time.Duration `yaml:"hook-retry,omitempty"`
}

// DefaultTiming is what the zero fields of a [Timing] mean.
func DefaultTiming() Timing {
	return Timing{
		AgentNotice:       2 * time.Second,
		AgentStagger:      time.Second,
		AgentRestart:      8 * time.Second,
		UnitSettle:        2 * time.Second,
		ControllerNotice:  2 * time.Second,
		ControllerDown:    10 * time.Second,
		PodNotice:         time.Second, // 0.2 s on real ones, but an answer is not to be lost at any speed
		PodDown:           40 * time.Second,
		ControllerStagger: 3 * time.Second,
		UpgradeWindow:     6 * time.Second,
		UpgradeTimeout:    15 * time.Minute,
		Backup:            5 * time.Second,
		MigrationPhase:    time.Second,
		MigrationNotice:   5 * time.Second,
		AgentMove:         2 * time.Second,
		MigrationGap:      time.Second,
		BootstrapStage:    time.Second,
		Restore:           5 * time.Second,
		MachineStart:      8 * time.Second,
		CharmFetch:        4 * time.Second,
		CharmNotice:       time.Second,
		CharmUpgrade:      3 * time.Second,
	}
}

// Controller describes a controller.
type Controller struct {
	// Name is the controller's name in the client's store.
	Name string `yaml:"name"`
	// UUID is made from the name if it is empty.
	UUID string `yaml:"uuid,omitempty"`
	// Version is the agent version that it runs.
	Version string `yaml:"version"`
	// Offers are the agent versions that its streams offer.
	Offers []string `yaml:"series-offers,omitempty"`
	// Stream is its agent stream; "released" if empty.
	Stream string `yaml:"stream,omitempty"`
	// MetadataURL is its agent-metadata-url.
	MetadataURL string `yaml:"agent-metadata-url,omitempty"`
	// HA is the number of controller machines; zero means one. On Kubernetes there is
	// one server, and no machine.
	HA int `yaml:"ha,omitempty"`
	// Cloud, Region and CloudType say where it is; "lab", none and "lxd" if empty. With
	// the type kubernetes its own model, and each on such a cloud, is one of
	// Kubernetes: applications have pods, and there are no machines.
	Cloud     string `yaml:"cloud,omitempty"`
	Region    string `yaml:"region,omitempty"`
	CloudType string `yaml:"cloud-type,omitempty"`
	// Credential is the cloud credential of its own model, OWNER/NAME; the user's
	// "default" if empty.
	Credential string `yaml:"credential,omitempty"`
	// User is the account in the client's store; "admin" if empty. Its password
	// is made up unless it is given here.
	User     string `yaml:"user,omitempty"`
	Password string `yaml:"password,omitempty"`
	// Access is what the user may on the controller: superuser (the default) or login.
	Access string `yaml:"access,omitempty"`
	// StorePassword is what the client's store holds instead of the right password.
	// "none" leaves it out.
	StorePassword string `yaml:"store-password,omitempty"`
	// Blocks are the controller model's: all, remove-object, destroy-model.
	Blocks []string `yaml:"blocks,omitempty"`
	// Users are those that it has besides User, and besides the owners and users of
	// its models, who are there with login access if they are not listed.
	Users []User `yaml:"users,omitempty"`
	// Clouds are those that it has besides its own. One with the name of its own says
	// more of that.
	Clouds []Cloud `yaml:"clouds,omitempty"`
	// ModelDefaults are what new models are configured with, by CLOUD or CLOUD/REGION.
	ModelDefaults map[string]map[string]any `yaml:"model-defaults,omitempty"`
	// Credentials are cloud credentials. Those that a model uses and that are not
	// listed are made up from their names, so that they are the same everywhere.
	Credentials []Credential `yaml:"credentials,omitempty"`
	// SecretBackends are those that it has besides the built-in one.
	SecretBackends []SecretBackend `yaml:"secret-backends,omitempty"`
	// Config is controller configuration, such as agent-ratelimit-max or identity-url.
	Config map[string]any `yaml:"config,omitempty"`
	// ModelConfig is configuration of the controller model.
	ModelConfig map[string]any `yaml:"controller-model-config,omitempty"`
	// Spare is how many machines the controller model has besides its controllers.
	Spare int `yaml:"spare-machines,omitempty"`
	// Applications of the controller model. It has machines as HA says.
	Applications []Application `yaml:"applications,omitempty"`
	// Models are the hosted models.
	Models []Model `yaml:"models,omitempty"`
	// Generate adds many models of one shape.
	Generate *Generated `yaml:"generate,omitempty"`
	// Faults are there from the start; see [Fault].
	Faults []Fault `yaml:"faults,omitempty"`
	// AgentFaults of the controller model's agents.
	AgentFaults []AgentFault `yaml:"agent-faults,omitempty"`
}

// Generated is the short form of many models of one shape.
type Generated struct {
	// Models is how many; they are called Prefix-0, Prefix-1 and so on.
	Models int    `yaml:"models"`
	Prefix string `yaml:"prefix,omitempty"`
	// Units is how many units each has, in one application on as many machines
	// as Machines says, or one machine for each unit.
	Units    int `yaml:"units,omitempty"`
	Machines int `yaml:"machines,omitempty"`
}

// Model describes a hosted model.
type Model struct {
	// Name is OWNER/NAME, or NAME alone for a model of the controller's user.
	Name string `yaml:"name"`
	// UUID is made from the names of controller and model if it is empty.
	UUID string `yaml:"uuid,omitempty"`
	// Version is its agent version; the controller's if empty.
	Version string `yaml:"version,omitempty"`
	// Life is alive (the default), dying or dead.
	Life string `yaml:"life,omitempty"`
	// Access is what the user may here unless it is a superuser: admin (the default), write, read, none.
	Access string `yaml:"access,omitempty"`
	// Users have access to it, besides its owner.
	Users []ModelUser `yaml:"users,omitempty"`
	// Cloud and Region are the controller's if empty.
	Cloud  string `yaml:"cloud,omitempty"`
	Region string `yaml:"region,omitempty"`
	// Credential is its cloud credential, OWNER/NAME; the owner's "default" if empty.
	Credential string `yaml:"credential,omitempty"`
	// SecretBackends are names of secret backends in use; the first is the one in
	// its configuration.
	SecretBackends []string `yaml:"secret-backends,omitempty"`
	// Secrets is how many secrets a model on Kubernetes keeps in its own namespace.
	Secrets int `yaml:"secrets,omitempty"`
	// Config is model configuration, such as fan-config.
	Config map[string]any `yaml:"config,omitempty"`
	// Offers are application endpoints that other models may consume.
	Offers []Offer `yaml:"offers,omitempty"`
	// Remotes are applications of other models that this one consumes.
	Remotes []Remote `yaml:"saas,omitempty"`
	// Suspended says that its cloud credential is not valid.
	Suspended bool `yaml:"suspended,omitempty"`
	// Migrating is the status text of a migration away that is under way.
	Migrating string `yaml:"migrating,omitempty"`
	// Importing says that it is being migrated to this controller.
	Importing bool `yaml:"importing,omitempty"`
	// Base of its machines and applications; ubuntu@22.04 if empty.
	Base string `yaml:"base,omitempty"`
	// Machines is a number or a list.
	Machines Machines `yaml:"machines,omitempty"`
	// Applications are placed on the machines in turn.
	Applications []Application `yaml:"applications,omitempty"`
	// Blocks are what juju disable-command has: all, remove-object, destroy-model.
	Blocks []string `yaml:"blocks,omitempty"`
	// Objections are Juju's reasons not to upgrade this model, as its validation says them.
	Objections []string `yaml:"objections,omitempty"`
	// Actions are running.
	Actions []Action `yaml:"actions,omitempty"`
	// Faults of its agents.
	Faults []AgentFault `yaml:"faults,omitempty"`
}

// Machines is a list of machines; in YAML also just their number.
type Machines []Machine

// Machine describes a machine.
type Machine struct {
	// Base of this machine; the model's if empty.
	Base string `yaml:"base,omitempty"`
	// Containers is how many LXD containers it has.
	Containers int `yaml:"containers,omitempty"`
	// Arch is amd64 if empty.
	Arch string `yaml:"arch,omitempty"`
	// Instance is the status of its instance; running if empty.
	Instance string `yaml:"instance,omitempty"`
}

// Application describes an application.
type Application struct {
	Name string `yaml:"name"`
	// Units is how many it has.
	Units int `yaml:"units,omitempty"`
	// Subordinates are names of subordinate applications of which each unit has a unit.
	Subordinates []string `yaml:"subordinates,omitempty"`
	// Charm is the charm's name; the application's if empty. One that begins with
	// local: is not from Charmhub.
	Charm string `yaml:"charm,omitempty"`
	// NoManifest says that the charm does not tell which bases it is for.
	NoManifest bool `yaml:"no-manifest,omitempty"`
	// Channel is latest/stable if empty.
	Channel string `yaml:"channel,omitempty"`
	// Revision of the charm; 1 if zero.
	Revision int `yaml:"revision,omitempty"`
	// Base of the charm; the model's if empty.
	Base string `yaml:"base,omitempty"`
	// Resources are those that it has, by their names. Of those of its charm that are
	// not here it has what its channel has.
	Resources map[string]HeldResource `yaml:"resources,omitempty"`
	// Subordinate says that its units are those of applications that name it among
	// their subordinates.
	Subordinate bool `yaml:"subordinate,omitempty"`
	// Refresh is what becomes of its units when they come to another charm, unless that
	// charm says so itself.
	Refresh Refresh `yaml:"refresh,omitempty"`
	// InContainers places its units in containers rather than on machines.
	InContainers bool `yaml:"in-containers,omitempty"`
}

// Action is an action that runs.
type Action struct {
	// Unit is APPLICATION/NUMBER.
	Unit string `yaml:"unit"`
	// Name of the action.
	Name string `yaml:"name"`
	// Status is running (the default) or pending.
	Status string `yaml:"status,omitempty"`
}
