package fleet

import (
	"path"

	"github.com/juju/version/v2"
)

// Bootstrap says how the controller that models move to is to be made.
type Bootstrap struct {
	Cloud  string `json:"cloud"`
	Region string `json:"region,omitempty"`
	// Args are passed on to "juju bootstrap", after what the run itself gives it.
	Args []string `json:"args,omitempty"`
	// KeepBroken has Juju clean nothing up after a failure: on a cloud whose machines
	// are given to it, it would end a controller that it finds there.
	KeepBroken bool `json:"keep-broken,omitempty"`
	// Juju is the client program that makes it, and Version the version of that
	// program: a client makes controllers of its own version.
	Juju    string         `json:"juju"`
	Version version.Number `json:"version"`
}

// Place is the cloud and the region, as juju's commands name them.
func (b *Bootstrap) Place() string { return path.Join(b.Cloud, b.Region) }

// CloneMode says how what a controller has besides models reaches another one.
type CloneMode string

// The modes of --clone.
const (
	// CloneNative: over the API, one thing after the other.
	CloneNative CloneMode = "native"
	// CloneRestore: by a backup and juju-restore --copy-controller.
	CloneRestore CloneMode = "restore"
	// CloneNone: only the users that models need.
	CloneNone CloneMode = "none"
)

// ItemKind says what an Item is.
type ItemKind string

// The kinds of Item. Users have steps of their own.
const (
	CloudItem        ItemKind = "cloud"
	CloudAccessItem  ItemKind = "cloud-access"
	ConfigItem       ItemKind = "controller-config"
	ModelDefaultItem ItemKind = "model-default"
	BackendItem      ItemKind = "secret-backend"
)

// Item names one thing that a controller has and that can be given to another one.
// It never says what is in it.
type Item struct {
	Kind ItemKind `json:"kind"`
	// Name is that of the cloud, of the configuration's key, or of the backend.
	Name string `json:"name"`
	// Cloud and Region are where a model default holds; the region may be empty.
	Cloud  string `json:"cloud,omitempty"`
	Region string `json:"region,omitempty"`
	// User has Access to the cloud of that name.
	User   string `json:"user,omitempty"`
	Access string `json:"access,omitempty"`
	// ID is what tells a secret backend apart on every controller.
	ID string `json:"id,omitempty"`
}

// Path names the item within its controller, for people and as part of the ID of a
// step: "clouds/aws", "clouds/aws/access/bob", "config/audit-log-max-size",
// "model-defaults/aws/eu-west-1/http-proxy", "secret-backends/vault". Two items of
// one path are the same thing on two controllers.
func (i Item) Path() string {
	switch i.Kind {
	case CloudItem:
		return path.Join("clouds", i.Name)
	case CloudAccessItem:
		return path.Join("clouds", i.Name, "access", i.User)
	case ConfigItem:
		return path.Join("config", i.Name)
	case ModelDefaultItem:
		return path.Join("model-defaults", i.Cloud, i.Region, i.Name)
	case BackendItem:
		return path.Join("secret-backends", i.Name)
	}
	return path.Join(string(i.Kind), i.Name)
}

// Holding is an item that a controller has.
type Holding struct {
	Item
	// Digest is the same for two holdings with the same in them, in this process
	// only; what is in them cannot be told from it.
	Digest string `json:"-"`
	// Preset says that the controller has it as Juju makes it: nobody has chosen it.
	Preset bool `json:"preset,omitempty"`
	// Value is what a controller is configured with: of a ConfigItem only, and of none
	// that is Untold.
	Value string `json:"value,omitempty"`
	// Untold says that what is in a ConfigItem is a secret, or may be one: nobody but
	// the two controllers sees it.
	Untold bool `json:"untold,omitempty"`
}

// Makes says that the controller's cloud makes machines by itself, as far as is known.
func (h *Holdings) Makes() bool { return h == nil || h.HA == nil || h.HA.Makes }

// Holding returns the same item of the controller, or nil. A secret backend is told by
// its ID, anything else by its path.
func (h *Holdings) Holding(item Item) *Holding {
	for i := range h.Items {
		is := &h.Items[i]
		if is.Path() == item.Path() || is.Kind == BackendItem && item.Kind == BackendItem && is.ID == item.ID && is.ID != "" {
			return is
		}
	}
	return nil
}

// Likeness is how an item of one controller is next to that of another.
type Likeness int

// The likenesses.
const (
	// Lacking: the other one lacks it, or has it as Juju makes it.
	Lacking Likeness = iota
	// Same: both have it, with the same in it.
	Same
	// Different: both have it, with something else in it.
	Different
	// Forgotten: the first one does not have it (any more).
	Forgotten
)

// HA is how many servers a controller has, and may have.
type HA struct {
	// Servers counts the machines that are controllers, or are becoming so; Well
	// those among them that serve, vote and are started.
	Servers int `json:"servers"`
	Well    int `json:"well"`
	// Spare are the machines of its own model that could become controllers: they
	// are started, and nothing runs on them.
	Spare []string `json:"spare,omitempty"`
	// Makes says that the cloud makes machines by itself when more are asked for.
	Makes bool `json:"makes,omitempty"`
}

// CanHave says whether the controller could have so many servers now.
func (h HA) CanHave(servers int) bool { return h.Makes || h.Servers+len(h.Spare) >= servers }

// Registered is what the client's registry has of a controller's name.
type Registered struct {
	Ref
	// Addressed says that it has an address: "juju bootstrap" writes them when the
	// controller has come up, and the rest when it begins.
	Addressed bool `json:"addressed"`
}

// Errand is a program that runs for us, and goes on by itself if we end.
type Errand struct {
	Stage ErrandStage `json:"stage"`
	// ID tells one run of the errand from another.
	ID string `json:"id,omitempty"`
	// Code is the program's exit code, when it has ended.
	Code int `json:"code,omitempty"`
	// Output are the last lines that it wrote; Lines is how many it wrote in all.
	Output []string `json:"output,omitempty"`
	Lines  int      `json:"lines,omitempty"`
	// Log is the file with all of them.
	Log string `json:"log"`
}

// ErrandStage is how far an errand is.
type ErrandStage string

// The stages of an errand.
const (
	// NotBegun: it was never begun.
	NotBegun ErrandStage = "not-begun"
	// Running: it is under way.
	Running ErrandStage = "running"
	// Ended: it has ended by itself, with a code.
	Ended ErrandStage = "ended"
	// Killed: it is not under way, and has left no code.
	Killed ErrandStage = "killed"
)
