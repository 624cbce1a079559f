package fleet

import (
	"time"

	"github.com/juju/version/v2"
)

// Fleet is everything one look at the world has shown.
type Fleet struct {
	Looked      time.Time    `json:"looked"`
	Client      Client       `json:"client"`
	Controllers []Controller `json:"controllers"`
	// Target is the controller that models are to move to; nil when none is.
	Target *Controller `json:"target,omitempty"`
}

// Client describes the juju client on this machine.
type Client struct {
	// Version is that of the juju program on PATH; zero when there is none.
	Version version.Number `json:"version"`
	// Path is where that program was found.
	Path string `json:"path,omitempty"`
	// Snap says that the program is a snap; Channel is what it tracks.
	Snap    bool   `json:"snap,omitempty"`
	Channel string `json:"channel,omitempty"`
	// Library is the version of the Juju client library linked into this tool.
	Library version.Number `json:"library"`
}

// Ref names a controller or a model: the UUID is its identity, the name is for
// people.
type Ref struct {
	UUID string `json:"uuid"`
	Name string `json:"name"`
}

// Access levels of a user on a controller or a model, in Juju's words.
const (
	AccessSuperuser = "superuser"
	AccessLogin     = "login"
	AccessAdmin     = "admin"
	AccessWrite     = "write"
	AccessRead      = "read"
)

// Controller is one controller, whatever number of names the registry has for it.
type Controller struct {
	Ref
	// Aliases are further names of the same controller in the client's registry.
	Aliases []string `json:"aliases,omitempty"`
	// Planned says that it does not exist: the run is to make it. It has no UUID, and
	// what is told of it is what it will be.
	Planned bool `json:"planned,omitempty"`
	// Uploads is the credential of this client that a planned controller is made with,
	// and has from then on; its name is empty when it is made without a stored one.
	Uploads Credential `json:"uploads,omitzero"`
	// Problem is why the controller could not be looked at; nil when it could.
	Problem *Problem `json:"problem,omitempty"`

	Cloud  string `json:"cloud,omitempty"`
	Region string `json:"region,omitempty"`
	// Cluster is the Kubernetes cluster that it is a pod in (see Model.Cluster).
	Cluster string `json:"cluster,omitempty"`
	// Version is the version that the API server reported at login.
	Version version.Number `json:"version"`
	// User is who this client logs in as, Access what that user may do there.
	User   string `json:"user,omitempty"`
	Access string `json:"access,omitempty"`

	// Stream and MetadataURL say where the controller looks for newer agents.
	// An empty MetadataURL is Juju's public streams.
	Stream      string `json:"agent-stream,omitempty"`
	MetadataURL string `json:"agent-metadata-url,omitempty"`
	// Upgrading is the version of an upgrade that is under way there; zero
	// when there is none. While it is, a controller shows no models.
	Upgrading version.Number `json:"upgrading"`
	// Objections is the controller's own answer to a dry run of its upgrade;
	// nil when it was not asked (no superuser access, or unreachable).
	Objections *Objections `json:"objections,omitempty"`

	Servers []Server `json:"servers,omitempty"`
	// ReachedAt is the address ("host:port") at which this client reached it; empty
	// when that was by a proxy.
	ReachedAt string  `json:"reached-at,omitempty"`
	Models    []Model `json:"models,omitempty"`
	// Holdings are what it has besides its models; nil where no model is to move
	// from or to it, or where they could not be read.
	Holdings *Holdings `json:"holdings,omitempty"`
	// Unread is why they, or what its models would bring along, could not be read.
	Unread *Problem `json:"unread,omitempty"`
}

// ControllerModel returns the controller's own model, or nil when it is not shown.
func (c *Controller) ControllerModel() *Model {
	for i := range c.Models {
		if c.Models[i].IsController {
			return &c.Models[i]
		}
	}
	return nil
}

// Underway is the version of an upgrade of the controller that has been accepted
// and is not over: it says so itself, or its own model's version is ahead of what
// the server runs, or its servers answer different versions. Zero when there is
// none.
func (c *Controller) Underway() version.Number {
	if c.Upgrading != version.Zero {
		return c.Upgrading
	}
	ahead, behind := c.Version, false
	if m := c.ControllerModel(); m != nil && m.Version.Compare(ahead) > 0 {
		ahead = m.Version
	}
	for _, s := range c.Servers {
		switch {
		case s.Problem != nil || s.Version == version.Zero:
		case s.Version.Compare(ahead) > 0:
			ahead = s.Version
		case s.Version.Compare(c.Version) < 0:
			behind = true
		}
	}
	if behind || ahead != c.Version {
		return ahead
	}
	return version.Zero
}

// Superuser says whether the user may upgrade the controller itself.
func (c *Controller) Superuser() bool { return c.Access == AccessSuperuser }

// Server is one API server of a controller, however many addresses it has.
type Server struct {
	Addresses []string `json:"addresses"`
	// Version is what the server answered; zero when none of its addresses did.
	Version version.Number `json:"version"`
	// Problem is why it did not answer.
	Problem *Problem `json:"problem,omitempty"`
}

// Objections is what a controller says when asked, without doing it, to
// upgrade itself.
type Objections struct {
	// Chosen is the version that the controller would go to; zero when it
	// sees nothing newer.
	Chosen version.Number `json:"chosen"`
	// Problem is its refusal; nil when it has none. Nothing newer to go to is
	// not a refusal.
	Problem *Problem `json:"problem,omitempty"`
	// Arches are the architectures for which Chosen (else the target asked
	// for) has agent binaries; nil when the controller does not tell.
	Arches []string `json:"arches,omitempty"`
}

// ModelType is Juju's name for what a model's workloads run on.
type ModelType string

// The model types of Juju.
const (
	IAAS ModelType = "iaas"
	CAAS ModelType = "caas"
)

// Model is one model of a controller.
type Model struct {
	// Ref's name is qualified by its owner: "admin/web".
	Ref
	IsController bool      `json:"is-controller,omitempty"`
	Type         ModelType `json:"type,omitempty"`
	Cloud        string    `json:"cloud,omitempty"`
	Region       string    `json:"region,omitempty"`
	// Cluster is the Kubernetes cluster that its pods are on: where that cloud's API
	// is, or the cloud's name where that is not told; empty of a model on machines.
	Cluster string `json:"cluster,omitempty"`
	// Version is the model's agent-version. It flips when an upgrade is
	// requested and so never shows that anything has arrived.
	Version version.Number `json:"version"`
	// Life is alive, dying or dead.
	Life string `json:"life,omitempty"`
	// Condition is the model's own status: available, busy, suspended, ….
	Condition Condition `json:"condition"`
	// Migration describes a migration that is under way; empty when none is.
	Migration string `json:"migration,omitempty"`
	// LastMigration is the latest migration of the model away from this
	// controller, under way or ended; nil when the controller tells of none.
	LastMigration *Migration `json:"last-migration,omitempty"`
	// Access is what the user may do in the model.
	Access string `json:"access,omitempty"`
	// ChangesBlocked says that "juju disable-command all" is in force there.
	ChangesBlocked bool `json:"changes-blocked,omitempty"`
	// Operations counts the actions that run or wait in the model.
	Operations int `json:"operations,omitempty"`
	// Problem is why the model's status could not be read; nil when it could.
	Problem *Problem `json:"problem,omitempty"`
	// Status is what the model showed; its zero value when Problem is set.
	Status ModelStatus `json:"status"`
	// Belongings are what it would bring along to another controller; nil where
	// it is not to move, or where they could not be read.
	Belongings *Belongings `json:"belongings,omitempty"`
	// MoveRefusal is what its controller said when asked, without doing it, to
	// migrate the model, or why it could not be asked what it has to be; nil when
	// it had nothing to say (most servers have no such dry run).
	MoveRefusal *Problem `json:"move-refusal,omitempty"`
}
