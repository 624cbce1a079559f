// Package plan computes what is to be done: Compute(Fleet, Goal, Findings) →
// Plan, ordered steps as plain data. The plan alone decides what a run does.
//
// It imports fleet and rules, does no I/O and knows no clock.
package plan

import (
	"time"

	"github.com/juju/version/v2"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// Format is the version of the plan's JSON. It says nothing of the tool's version.
const Format = 1

// Kind says what a step does; behaviour is looked up by it.
type Kind string

// The kinds of step.
const (
	Backup            Kind = "backup"
	ControllerUpgrade Kind = "controller-upgrade"
	ModelUpgrade      Kind = "model-upgrade"
	Verify            Kind = "verify"
	// AddUser makes a user on the controller that models move to.
	AddUser Kind = "user"
	// DisableUser keeps one whom the run made from logging in, as on the source. It
	// comes last: Juju 4 does not import a model with a user who is disabled.
	DisableUser Kind = "disable-user"
	// Migrate moves a model to another controller; Arrive sees it there, alive,
	// with every agent connected.
	Migrate Kind = "migrate"
	Arrive  Kind = "arrive"
	// Relations sees that what a model offers to others that have moved as well is
	// joined by them again.
	Relations Kind = "relations"
	// MakeController has a juju client make the controller that models move to;
	// EnableHA gives it more servers.
	MakeController Kind = "bootstrap"
	EnableHA       Kind = "enable-ha"
	// CloneItem gives it one thing that the source has; RestoreCopy gives it, from a
	// backup, all that juju-restore --copy-controller takes.
	CloneItem   Kind = "clone"
	RestoreCopy Kind = "restore"
	// RefreshCharm brings an application to another charm.
	RefreshCharm Kind = "charm"
	// Soak watches the canaries for a while before the others begin.
	Soak Kind = "soak"
	// RemoveAccounts removes the accounts that the run made for its migrations.
	RemoveAccounts Kind = "accounts"
	// FollowModels has this client find the models where they are now.
	FollowModels Kind = "client"
)

// Journey says which way a plan goes.
type Journey string

// The journeys.
const (
	// Patch: in place, within a series.
	Patch Journey = "patch"
	// Move: to another controller, by migration.
	Move Journey = "move"
)

// Class says whether there is a way back from a step.
type Class string

// The classes of step.
const (
	Recoverable     Class = "recoverable"
	PointOfNoReturn Class = "point-of-no-return"
)

// Plan is what a run is going to do, and all that a screen needs to show it.
type Plan struct {
	Format int `json:"format"`
	// Hash is of the decisions only: what is done where, to which version, in
	// spite of which findings. Checksum is of the whole document.
	Hash     string    `json:"hash"`
	Checksum string    `json:"checksum,omitempty"`
	Created  time.Time `json:"created"`
	// Tool is the version of the tool that made the plan; for people.
	Tool    string     `json:"tool,omitempty"`
	Journey Journey    `json:"journey"`
	Client  ClientLine `json:"client"`
	Goal    fleet.Goal `json:"goal"`
	Options Options    `json:"options"`
	// Controllers are in the order in which they are upgraded.
	Controllers []Controller `json:"controllers"`
	// Target is the controller that models move to; nil when none do.
	Target   *Target         `json:"target,omitempty"`
	Steps    []Step          `json:"steps"`
	Findings []fleet.Finding `json:"findings"`
	// People are the users of the source, and how each of them gets to the target;
	// none when no models move.
	People []Person `json:"people,omitempty"`
	// Estimated says where the estimates come from: how many earlier runs.
	EstimatedFrom int `json:"estimated-from-runs"`
}

// ClientLine is what the plan says of the client on this machine.
type ClientLine struct {
	fleet.Client
	// Needs is the newest version that the client has to be able to reach.
	Needs version.Number `json:"needs"`
	// Command refreshes the client; empty when it is new enough, and when it is
	// no snap: there is no telling how it was installed.
	Command string `json:"command,omitempty"`
}

// The defaults of a run's options.
const (
	DefaultParallel    = 4
	DefaultMaxFailures = 1
)

// Options are the options of a run, frozen in its plan.
type Options struct {
	// Parallel is how many models are upgraded at once in a controller.
	Parallel int `json:"parallel"`
	// PerCluster is how many models on one Kubernetes cluster are upgraded at once; 0
	// is 1: each has pods that are replaced, on nodes that all share.
	PerCluster int `json:"per-cluster,omitempty"`
	// Migrations is how many models move at once to another controller; 0 is 1.
	Migrations int `json:"migrations,omitempty"`
	// Agents is about how many agents are restarted at once in a controller.
	Agents int `json:"agents"`
	// MaxFailures stops starting models of a controller after that many
	// failures that came after a change; 0 never stops.
	MaxFailures int `json:"max-failures"`
	// Stall is after how long without any movement a step has failed; 0 for
	// the default of its kind.
	Stall time.Duration `json:"stall,omitempty"`
	// Soak is for how long canaries are watched before the others begin.
	Soak time.Duration `json:"soak,omitempty"`
	// CharmParallel is how many applications of a model are refreshed at once; 0 is 1.
	CharmParallel int `json:"charm-parallel,omitempty"`
	// SkipBlocked leaves out what blockers hold.
	SkipBlocked bool `json:"skip-blocked,omitempty"`
	// BackupDir is where backups go; empty for the run's directory.
	BackupDir string `json:"backup-dir,omitempty"`
}

// Step is one thing to do.
type Step struct {
	// ID is a readable path: /prod/models/admin/web/upgrade.
	ID   string `json:"id"`
	Kind Kind   `json:"kind"`
	// Lane is what fails together: /prod/models/admin/web.
	Lane  string `json:"lane"`
	Class Class  `json:"class"`
	// Needs are the IDs of steps that must be done before this one begins.
	Needs []string `json:"needs,omitempty"`
	// Stage orders what is not told by Needs: no step begins before all steps of
	// earlier stages have ended, well or not.
	Stage int `json:"stage,omitempty"`
	// Always says that it is carried out whatever has failed: it tidies up.
	Always bool `json:"always,omitempty"`
	// Controller is the one under whose heading the step is: the source, where
	// models move. Target is the controller that they move to, for all steps that
	// have to do with it.
	Controller fleet.Ref      `json:"controller"`
	Target     fleet.Ref      `json:"target,omitzero"`
	Model      fleet.Ref      `json:"model,omitzero"`
	From       version.Number `json:"from"`
	To         version.Number `json:"to"`
	// Absent are the agents accepted as absent: named here, and exempt.
	Absent []string `json:"absent,omitempty"`
	// Answered are the addresses of each API server that answered when the
	// plan was made: every one of these servers has to arrive.
	Answered [][]string `json:"answered-servers,omitempty"`
	// User is whom a step of kind AddUser makes.
	User *User `json:"user,omitempty"`
	// Models are those that a step which is not about one model is about.
	Models []fleet.Ref `json:"models,omitempty"`
	// Item is what a step of kind CloneItem is about.
	Item *fleet.Item `json:"item,omitempty"`
	// Bootstrap is how a step of kind MakeController makes Target, and Config what
	// it configures it with that cannot be set later.
	Bootstrap *fleet.Bootstrap  `json:"bootstrap,omitempty"`
	Config    map[string]string `json:"config,omitempty"`
	// Servers is how many a step of kind EnableHA wants.
	Servers int `json:"servers,omitempty"`
	// Names are the users who are seen to be there when a restore has arrived, and
	// Program the juju-restore that does it.
	Names   []string `json:"names,omitempty"`
	Program string   `json:"program,omitempty"`
	// Juju is the juju client that such a step works with.
	Juju string `json:"juju,omitempty"`
	// Refresh is what a step of kind RefreshCharm does, or a step of kind Verify
	// comes after.
	Refresh *fleet.Refresh `json:"refresh,omitempty"`
	// Beside are the applications that may be refreshed at the same time, in lanes of
	// their own: how their units are is not for this step to say.
	Beside []string `json:"beside,omitempty"`
	// Soak is how long a step of that kind takes.
	Soak time.Duration `json:"soak,omitempty"`
	// Agents is how many agents it moves.
	Agents int `json:"agents,omitempty"`
	// Cluster is the Kubernetes cluster whose pods it replaces; empty for none. Fragile
	// says that an application there has one pod only: its lane begins after others, but
	// that is no decision of the plan's, since it changes with each scaling.
	Cluster string `json:"cluster,omitempty"`
	Fragile bool   `json:"fragile,omitempty"`
	// Patience is for how long Juju itself may wait for agents in the step, and
	// tell nothing meanwhile.
	Patience time.Duration `json:"patience,omitempty"`
	// Unseen says that Controller does not show what goes on in the step: only
	// Target does, and only at the end.
	Unseen bool `json:"unseen,omitempty"`
	// Estimate is about how long it takes.
	Estimate time.Duration `json:"estimate,omitempty"`
}

// OnTarget says that the step has to do with the controller that models move to.
func (s Step) OnTarget() bool { return s.Target != (fleet.Ref{}) }

// Where is the controller on which the step's model is when the step is done, and
// on which what it does is seen.
func (s Step) Where() fleet.Ref {
	if s.OnTarget() {
		return s.Target
	}
	return s.Controller
}

// Step returns the step with that ID, or nil.
func (p *Plan) Step(id string) *Step {
	for i := range p.Steps {
		if p.Steps[i].ID == id {
			return &p.Steps[i]
		}
	}
	return nil
}

// Blockers returns the findings that still hold something.
func (p *Plan) Blockers() []fleet.Finding {
	var out []fleet.Finding
	for _, f := range p.Findings {
		if f.Holds() {
			out = append(out, f)
		}
	}
	return out
}
