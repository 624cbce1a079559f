package rules

import "github.com/juju/version/v2"

// Whom says which models a fault of moving strikes.
type Whom string

// The models that faults strike.
const (
	// StoreCharms: those with applications from Charmhub.
	StoreCharms Whom = "store-charms"
	// OnKubernetes: those on Kubernetes with a credential.
	OnKubernetes Whom = "on-kubernetes"
	// WithAgents: those with machines or units, when there is more than one.
	WithAgents Whom = "with-agents"
)

// MoveIssue is a fault of Juju that strikes models that move.
type MoveIssue struct {
	Whom Whom
	// What is the case, and what it leads to.
	What string
	// Told is where it was seen or is told.
	Told string
}

// MoveIssues returns the faults that are known on the way, in their order.
func MoveIssues(source, target version.Number) []MoveIssue {
	if source.Major >= 4 || target.Major < 4 {
		return nil
	}
	var out []MoveIssue
	if target.Compare(version.Number{Major: 4, Minor: 0, Patch: 15}) <= 0 {
		out = append(out, MoveIssue{
			Whom: OnKubernetes,
			What: "the credential of a model on Kubernetes can be refused for its rbac-id",
			Told: "https://github.com/juju/juju/issues/23260",
		})
	}
	if target.Compare(version.Number{Major: 4, Minor: 1, Tag: "alpha"}) >= 0 {
		out = append(out, MoveIssue{
			Whom: WithAgents,
			What: "the target may fetch the agents of the model's version before the source has sent them, and the migration is aborted: the model goes on where it is, and trying again may pass",
			Told: "seen on 4.1-beta2",
		})
	}
	return out
}

// RefusesLocalPods says that the target's import refuses models of Juju 3 on Kubernetes
// with local charms: Juju 3 bakes defaults into the configuration of such applications,
// and Juju 4 finds them twice. (seen on 4.1-beta2: "application has multiple settings,
// expected only one")
func RefusesLocalPods(source, target version.Number) bool {
	return source.Major < 4 && target.Compare(version.Number{Major: 4, Minor: 1, Tag: "alpha"}) >= 0
}
