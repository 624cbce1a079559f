package plan

import (
	"github.com/juju/version/v2"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// Controller is what the plan says of one controller.
type Controller struct {
	fleet.Ref
	Aliases []string `json:"aliases,omitempty"`
	// Place is cloud/region, for people.
	Place string         `json:"place,omitempty"`
	From  version.Number `json:"from"`
	To    version.Number `json:"to"`
	// Disposition is what happens with the controller itself.
	Disposition Disposition `json:"disposition"`
	// Problem is why it could not be looked at.
	Problem *fleet.Problem `json:"problem,omitempty"`
	// Servers counts its API servers.
	Servers int `json:"servers"`
	// Stream and MetadataURL are where it looked for newer versions.
	Stream      string `json:"agent-stream,omitempty"`
	MetadataURL string `json:"agent-metadata-url,omitempty"`
	// Backup says what is done about a backup, in a few words.
	Backup string  `json:"backup,omitempty"`
	Models []Model `json:"models"`
}

// Target is what the plan says of the controller that models move to.
type Target struct {
	fleet.Ref
	Aliases []string `json:"aliases,omitempty"`
	// Place is cloud/region, for people.
	Place   string         `json:"place,omitempty"`
	Version version.Number `json:"version"`
	// Servers counts its API servers.
	Servers int `json:"servers"`
	// Problem is why it could not be looked at.
	Problem *fleet.Problem `json:"problem,omitempty"`
	// Budget is about how many agents it lets in within the time that the agents
	// of a migrating model have; 0 when it does not say.
	Budget int `json:"reconnect-budget,omitempty"`
	// Bootstrap is how it is to be made; nil when it exists. It has no UUID then.
	Bootstrap *fleet.Bootstrap `json:"bootstrap,omitempty"`
	// WantsServers is to how many servers it is brought before models move; 0 when
	// it stays as it is.
	WantsServers int `json:"wants-servers,omitempty"`
}

// User is a user to be made.
type User struct {
	Name        string `json:"name"`
	DisplayName string `json:"display-name,omitempty"`
	// Access is what the user may do with the controller itself.
	Access   string `json:"access"`
	Disabled bool   `json:"disabled,omitempty"`
	// Password says that the user is given a known password, and needs no
	// registration. The password itself is in no file of ours.
	Password bool `json:"password,omitempty"`
}

// Person is a user of the source, for the hand-over.
type Person struct {
	Name   string `json:"name"`
	Access string `json:"access,omitempty"`
	Comes  Coming `json:"comes"`
}

// Coming is how a user of the source gets to the target.
type Coming string

// The ways of coming.
const (
	// Registers: is made, and registers. HasPassword: is made, with a known one.
	Registers   Coming = "registers"
	HasPassword Coming = "has-password"
	// WasThere: exists on the target, and is left as is.
	WasThere Coming = "was-there"
	// ComesWithIt: is there as soon as the target is made, with a new password that
	// the bootstrap leaves with this client.
	ComesWithIt Coming = "comes-with-it"
	// External: logs in as before, where the target has the same identity provider.
	External Coming = "external"
	// Restored: comes with its password, in a backup.
	Restored Coming = "restored"
	// StaysOut: is not made (--clone none, and no model needs it).
	StaysOut Coming = "stays-out"
)

// Model is what the plan says of one model.
type Model struct {
	fleet.Ref
	IsController bool            `json:"is-controller,omitempty"`
	Type         fleet.ModelType `json:"type,omitempty"`
	From         version.Number  `json:"from"`
	To           version.Number  `json:"to"`
	Disposition  Disposition     `json:"disposition"`
	// Codes are the findings that hold it, when it is blocked.
	Codes    []string `json:"codes,omitempty"`
	Machines int      `json:"machines"`
	Units    int      `json:"units"`
	// There and Awaited count the agents that are at To already, and all that
	// have to be; NotShown those whose version the controller does not show.
	There    int `json:"there"`
	Awaited  int `json:"awaited"`
	NotShown int `json:"not-shown,omitempty"`
	// Via is the version that it is brought to where it is, before it moves; zero
	// when it moves as it is, and when it does not move.
	Via version.Number `json:"via,omitzero"`
	// Joined are the models ("owner/name", with "controller:" before it where that
	// is another one) to which it has cross-model relations.
	Joined []string `json:"joined,omitempty"`
	// Canary says that it goes first.
	Canary bool `json:"canary,omitempty"`
	// Cluster is the Kubernetes cluster that its pods are on, Singles its applications
	// of one unit there, which are away while their pod is replaced.
	Cluster string   `json:"cluster,omitempty"`
	Singles []string `json:"single-unit-applications,omitempty"`
	// Applications are those that the goal is about, with --charms.
	Applications []Application `json:"applications,omitempty"`
}

// Application is what the plan says of one application.
type Application struct {
	Name string `json:"name"`
	// Charm is the name of its charm, Source where that comes from.
	Charm   string       `json:"charm"`
	Source  fleet.Source `json:"source,omitempty"`
	Channel string       `json:"channel,omitempty"`
	Base    string       `json:"base,omitempty"`
	// From and To are revisions; To is -1 when it is not known: of a file, which
	// Juju numbers when it is uploaded, and where Charmhub did not tell.
	From int `json:"from"`
	To   int `json:"to"`
	// Disposition is what happens with it.
	Disposition Disposition `json:"disposition"`
	// Codes are the findings that hold it, when it is blocked.
	Codes []string `json:"codes,omitempty"`
	// Resources are those that change.
	Resources []fleet.Resource `json:"resources,omitempty"`
	Units     int              `json:"units"`
	// File is the archive that it is given.
	File string `json:"file,omitempty"`
}

// Disposition is what happens with a controller, a model or an application.
type Disposition string

// The dispositions.
const (
	// Upgrade: it has steps in this plan.
	Upgrade Disposition = "upgrade"
	// Current: it is where it should be.
	Current Disposition = "up-to-date"
	// Held: findings block it.
	Held Disposition = "blocked"
	// LeftOut: not in the goal (-m, --exclude).
	LeftOut Disposition = "left-out"
	// Moves: it has steps in this plan that bring it to another controller, and
	// before that perhaps to a newer version (Model.Via).
	Moves Disposition = "moves"
	// Moved: it is on the other controller already.
	Moved Disposition = "moved"
	// AsIs: a model whose agents are no part of this, whatever becomes of its charms.
	AsIs Disposition = "as-is"
	// Local: an application with a local charm, for which no file is given.
	Local Disposition = "local"
	// OffChannel: an application with a newer revision than its channel has.
	OffChannel Disposition = "off-channel"
)
