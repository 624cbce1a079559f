package estate

import (
	"fmt"
	"time"

	"gopkg.in/yaml.v3"
)

// Charmhub is the store of charms that all controllers of an estate ask. It can be
// published to while the estate runs. A controller that cannot reach it has the fault
// [FaultCharmhub].
type Charmhub struct {
	Charms []Charm `yaml:"charms,omitempty"`
}

// Charm is a charm of the store. What it says of bases, actions, resources and storage is so
// of each revision that does not say otherwise.
type Charm struct {
	Name string `yaml:"name"`
	// Bases that it supports, such as ubuntu@24.04; any if there are none.
	Bases []string `yaml:"bases,omitempty"`
	// OffersOtherBase says what the store answers to who asks for a base that a channel
	// has nothing for: what it has for another one, and not that there is nothing.
	OffersOtherBase bool `yaml:"offers-other-base,omitempty"`
	// Actions that it offers, such as pre-refresh-check.
	Actions []string `yaml:"actions,omitempty"`
	// Resources are the types of its resources (file, oci-image) by their names.
	Resources map[string]string `yaml:"resources,omitempty"`
	// Storage are the names of what storage each unit has.
	Storage []string `yaml:"storage,omitempty"`
	// Revisions are those that there is something to say of. One that is in a channel
	// and not here is as the charm says.
	Revisions []CharmRevision `yaml:"revisions,omitempty"`
	// Channels are what is released, by TRACK/RISK. A risk that is not here has what the
	// next more stable one of its track has.
	Channels map[string]Release `yaml:"channels,omitempty"`
}

// CharmRevision is one revision of a charm; in YAML also just its number.
type CharmRevision struct {
	Revision  int               `yaml:"revision"`
	Bases     []string          `yaml:"bases,omitempty"`
	Actions   []string          `yaml:"actions,omitempty"`
	Resources map[string]string `yaml:"resources,omitempty"`
	Storage   []string          `yaml:"storage,omitempty"`
	// Assumes are what it wants of a model, such as "juju >= 3.6" or k8s-api.
	Assumes []string `yaml:"assumes,omitempty"`
	// Refresh is what becomes of units that come to it.
	Refresh Refresh `yaml:"refresh,omitempty"`
}

// Release is what a channel has; in YAML also just the charm's revision.
type Release struct {
	Revision int `yaml:"revision"`
	// Resources are the revisions of resources, by their names; 1 of those that are not
	// here.
	Resources map[string]int `yaml:"resources,omitempty"`
}

// Refresh is what becomes of a unit that comes to another charm; in YAML also just the
// kind.
type Refresh struct {
	// Kind is settles (the default), or one of the faults [FaultUpgradeHook],
	// [FaultUpgradePauses] and [FaultUpgradeSticks].
	Kind string `yaml:"kind,omitempty"`
	// Takes is how long its hook runs; what the timing's charm-upgrade says if zero.
	Takes time.Duration `yaml:"takes,omitempty"`
	// Message that a unit shows that pauses.
	Message string `yaml:"message,omitempty"`
	// Action that has it go on; resume-refresh if empty.
	Action string `yaml:"action,omitempty"`
	// ByApplication says that it is the application that shows the message, and not the
	// unit, which looks well.
	ByApplication bool `yaml:"by-application,omitempty"`
}

// RefreshSettles is the kind of a refresh that goes well.
const RefreshSettles = "settles"

// ResumeRefresh is the action for which a unit asks that pauses.
const ResumeRefresh = "resume-refresh"

// HeldResource is a resource of an application: a revision of the store's, or, in YAML
// "uploaded", one that somebody gave.
type HeldResource struct {
	Revision int
	Uploaded bool
}

// UnmarshalYAML accepts a revision or the word uploaded.
func (r *HeldResource) UnmarshalYAML(node *yaml.Node) error {
	if node.Value == "uploaded" {
		*r = HeldResource{Uploaded: true}
		return nil
	}
	if err := node.Decode(&r.Revision); err != nil || r.Revision < 0 {
		return fmt.Errorf("line %d: %q is neither a resource's revision nor uploaded", node.Line, node.Value)
	}
	return nil
}

// MarshalYAML is what UnmarshalYAML accepts.
func (r HeldResource) MarshalYAML() (any, error) {
	if r.Uploaded {
		return "uploaded", nil
	}
	return r.Revision, nil
}

// UnmarshalYAML accepts a revision's number or what is to be said of it.
func (r *CharmRevision) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind == yaml.ScalarNode {
		return node.Decode(&r.Revision)
	}
	type plain CharmRevision
	return decodeKnown(node, (*plain)(r), "revision", "bases", "actions", "resources", "storage", "assumes", "refresh")
}

// UnmarshalYAML accepts a charm's revision or what is to be said of the release.
func (r *Release) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind == yaml.ScalarNode {
		return node.Decode(&r.Revision)
	}
	type plain Release
	return decodeKnown(node, (*plain)(r), "revision", "resources")
}

// UnmarshalYAML accepts a kind or what is to be said of the refresh.
func (r *Refresh) UnmarshalYAML(node *yaml.Node) error {
	if node.Kind == yaml.ScalarNode {
		return node.Decode(&r.Kind)
	}
	type plain Refresh
	return decodeKnown(node, (*plain)(r), "kind", "takes", "message", "action", "by-application")
}
