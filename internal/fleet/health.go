package fleet

import (
	"fmt"
	"maps"
	"sort"
	"strings"
)

// Health is the condition of what a model's agents look after, by the agent's
// name (Agent.String).
type Health map[string]Condition

// HealthOf reads a model's health from its status. Of what an agent looks after,
// Juju knows nothing while the agent is gone (it says "unknown" of a workload and
// "running" of a machine, whatever they are): then being gone is its health.
func HealthOf(status ModelStatus) Health {
	out := make(Health, len(status.Agents))
	for _, agent := range status.Agents {
		out[agent.String()] = agent.Health
		if agent.Gone() {
			out[agent.String()] = agent.State
		}
	}
	for _, r := range status.Remotes {
		out["saas "+r.Name] = r.Status
	}
	return out
}

// RecordOf is what is kept of a model before a run: its health, its applications' and its
// offers.
func RecordOf(status ModelStatus) Health {
	out := HealthOf(status)
	maps.Copy(out, ApplicationsOf(status))
	maps.Copy(out, OffersOf(status))
	return out
}

// joined is the status of a connection of an offer.
const joined = "joined"

// OffersOf tells the joined connections of what a model offers, each by a name of
// its own. They are no part of HealthOf: while models that are joined move one after
// the other, none of them is.
func OffersOf(status ModelStatus) Health {
	out := Health{}
	for _, o := range status.Offers {
		for i := range o.Connected {
			out[fmt.Sprintf("%s%s connection %d", offerPrefix, o.Name, i+1)] = Condition{Status: joined}
		}
	}
	return out
}

const offerPrefix = "offer "

// Unjoined returns the connections that were joined before and are not any more.
func Unjoined(before, after Health) []Regression {
	var out []Regression
	for name, was := range before {
		if _, ok := after[name]; !ok && strings.HasPrefix(name, offerPrefix) {
			out = append(out, Regression{Agent: name, Before: was, After: Condition{Status: "not joined"}})
		}
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Agent < out[j].Agent })
	return out
}

// Regression is something that was well, or at least better, before.
type Regression struct {
	Agent  string    `json:"agent"`
	Before Condition `json:"before"`
	After  Condition `json:"after"`
}

// Worse returns what is worse in after than it was in before, by name. What
// was not there before, or is not there any more, is not compared: units come
// and go by other hands.
func Worse(before, after Health) []Regression {
	var out []Regression
	for name, was := range before {
		is, ok := after[name]
		if ok && rank(is.Status) > rank(was.Status) {
			out = append(out, Regression{Agent: name, Before: was, After: is})
		}
	}
	sort.Slice(out, func(i, j int) bool { return out[i].Agent < out[j].Agent })
	return out
}

// rank orders Juju's workload and instance statuses by how bad they are. What
// is merely busy (maintenance, waiting, executing) ranks above what is well,
// because a unit that never gets out of it is worse off than before.
func rank(status string) int {
	switch status {
	case "error", "provisioning error", "down", "lost", "terminated":
		return 3
	case "blocked":
		return 2
	case "waiting", "maintenance", "allocating", "pending":
		return 1
	default: // active, running, started, unknown ("the charm says nothing"), unset
		return 0
	}
}
