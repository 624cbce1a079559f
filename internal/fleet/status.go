package fleet

import (
	"slices"
	"strings"
	"time"

	"github.com/juju/version/v2"
)

// AgentKind says what an agent is the agent of.
type AgentKind string

// The kinds of agent that a model has.
const (
	MachineAgent     AgentKind = "machine"
	ContainerAgent   AgentKind = "container"
	UnitAgent        AgentKind = "unit"
	SubordinateAgent AgentKind = "subordinate"
	// OperatorAgent is that of a model on Kubernetes, which no status has.
	OperatorAgent AgentKind = "model operator"
)

// Condition is a status as Juju shows it.
type Condition struct {
	Status  string    `json:"status,omitempty"`
	Message string    `json:"message,omitempty"`
	Since   time.Time `json:"since,omitzero"`
}

// Agent is one agent of a model and what it takes care of.
type Agent struct {
	Kind AgentKind `json:"kind"`
	// Name is Juju's: "0", "0/lxd/1", "mail/2".
	Name string `json:"name"`
	// Version is what the agent last reported; zero when the controller does
	// not show it (Juju 4.1 shows none for machines).
	Version version.Number `json:"version"`
	// State is the agent's own status: started, idle, executing, down, lost, ….
	State Condition `json:"state"`
	// Health is the status of what the agent looks after: the workload of a
	// unit, the instance of a machine.
	Health Condition `json:"health"`
	// Arch is a machine's architecture in Juju's words; empty when not shown.
	Arch string `json:"arch,omitempty"`
	// Base is a machine's operating system as "ubuntu@22.04"; empty when not shown.
	Base string `json:"base,omitempty"`
	// Machine is the machine that a unit's agent runs on; empty when not told.
	Machine string `json:"machine,omitempty"`
	// WantsVote says that the machine is a controller's. (HasVote in Juju is
	// a wish as well and says nothing of health, so it is not here.)
	WantsVote bool `json:"wants-vote,omitempty"`
}

// String names the agent as people do: "machine 0", "unit mail/2".
func (a Agent) String() string {
	switch a.Kind {
	case OperatorAgent:
		return "model operator"
	case MachineAgent, ContainerAgent:
		return "machine " + a.Name
	default:
		return "unit " + a.Name
	}
}

// Tag names the agent as Juju's logs and services do: "machine-0", "unit-mail-2".
func (a Agent) Tag() string {
	kind, name, _ := strings.Cut(a.String(), " ")
	return kind + "-" + strings.ReplaceAll(name, "/", "-")
}

// Gone says that the controller has lost sight of the agent.
func (a Agent) Gone() bool { return a.State.Status == "down" || a.State.Status == "lost" }

// ModelStatus is what one FullStatus call has shown of a model.
type ModelStatus struct {
	// Version is the model's agent-version at that moment (see Model.Version).
	Version version.Number `json:"version"`
	// Condition is the model's own status.
	Condition Condition `json:"condition"`
	// Pods says that the model is on Kubernetes: it has a model operator besides, of
	// which Juju shows nothing.
	Pods bool `json:"pods,omitempty"`
	// Agents are all agents: machines with their containers, then units with
	// their subordinates, in the order of their names.
	Agents []Agent `json:"agents,omitempty"`
	// Applications are its applications, in the order of their names.
	Applications []Application `json:"applications,omitempty"`
	// Offers are what the model offers to others, Remotes what it consumes of
	// others, by name.
	Offers  []Offer  `json:"offers,omitempty"`
	Remotes []Remote `json:"remotes,omitempty"`
}

// Count returns how many machines (with containers) and units (with
// subordinates) the model has.
func (s ModelStatus) Count() (machines, units int) {
	for _, a := range s.Agents {
		switch a.Kind {
		case MachineAgent, ContainerAgent:
			machines++
		default:
			units++
		}
	}
	return machines, units
}

// Singles are the applications that have one unit, in the order of their names: while
// the pod of such a unit is replaced, nothing of the application answers.
func (s ModelStatus) Singles() []string {
	var out []string
	for _, app := range s.Applications {
		if len(s.UnitsOf(app.Name)) == 1 {
			out = append(out, app.Name)
		}
	}
	slices.SortFunc(out, CompareNatural)
	return out
}
