package fleet

import "github.com/juju/version/v2"

// Arrived is who of a model's agents is at a version.
type Arrived struct {
	// There counts the agents that report the version and are in sight.
	There int `json:"there"`
	// Awaited counts the agents that have to report it: There plus Missing.
	Awaited int `json:"awaited"`
	// Missing are the agents that do not report it, or are down or lost.
	Missing []Agent `json:"missing,omitempty"`
	// NotShown are the agents whose version the controller does not show.
	// They are told to the operator and never waited for.
	NotShown []Agent `json:"not-shown,omitempty"`
	// Absent are the agents that the operator accepted as absent and that are
	// indeed not there.
	Absent []Agent `json:"absent,omitempty"`
}

// Complete says that nobody is missing.
func (a Arrived) Complete() bool { return len(a.Missing) == 0 }

// Current says that nothing of the model is left to upgrade: it is at the
// version, and no agent that has to be shows another one. An agent that is down
// or lost at that version has not arrived, but nothing is there to be upgraded.
func Current(m *Model, want version.Number, absent ...string) bool {
	if m.Problem != nil || m.Version != want {
		return false
	}
	for _, a := range Arrival(m.Status, want, absent...).Missing {
		if a.Version != want && a.Version != version.Zero {
			return false
		}
	}
	return true
}

// Arrival is the one definition of arrival: it tells which agents of the model
// report the version want, are not down or lost, and so have truly arrived.
// Agents named in absent (as Agent.String names them) were accepted by the
// operator as absent and are exempt.
func Arrival(status ModelStatus, want version.Number, absent ...string) Arrived {
	exempt := set(absent)
	var out Arrived
	for _, agent := range status.Agents {
		switch {
		case !agent.Gone() && agent.Version == want:
			out.There++
		case exempt[agent.String()]:
			out.Absent = append(out.Absent, agent)
		case !agent.Gone() && agent.Version == version.Zero:
			out.NotShown = append(out.NotShown, agent)
		default:
			out.Missing = append(out.Missing, agent)
		}
	}
	out.Awaited = out.There + len(out.Missing)
	if status.Pods && len(status.Agents) == 0 {
		// Units tell that their model's operator has come: it is what brings them. (seen)
		out.NotShown = append(out.NotShown, Agent{Kind: OperatorAgent, Name: "model operator"})
	}
	return out
}

func set(names []string) map[string]bool {
	out := make(map[string]bool, len(names))
	for _, name := range names {
		out[name] = true
	}
	return out
}
