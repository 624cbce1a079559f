package execute

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

// hookPatience is for how long a unit may be in error before its step fails: Juju runs
// a hook that failed again by itself, after 5, 10, 20 seconds and so on.
//
// On Kubernetes a unit is shown in error as well while one of its pod's images cannot be
// pulled, its charm's or its workload's, which "juju resolved" does not cure. Only the text
// tells that from a failed hook, so there both have the step's stall time: an image that comes
// heals by itself.
const hookPatience = time.Minute

// hooks tells of units in error; with an error once that has lasted.
func (k RefreshCharm) hooks(s plan.Step, failed []fleet.Agent, sight *Sight) error {
	if len(failed) == 0 {
		k.Settling.forget(s.ID)
		return nil
	}
	if s.Cluster != "" {
		if sight.Note = podTrouble(failed); sight.Note == "" {
			sight.Note = hookWords(failed)
		}
		return nil
	}
	sight.Note = hookWords(failed)
	if k.Settling.expired(s.ID, hookPatience) {
		return &hookError{units: failed}
	}
	sight.Note += ": Juju tries again by itself"
	return nil
}

// inError are the units that are shown so, with agents to run a hook again.
func inError(units []fleet.Agent) []fleet.Agent {
	return slices.DeleteFunc(slices.Clone(units), func(u fleet.Agent) bool { return u.Gone() || u.Health.Status != "error" })
}

// hookError is the error of units whose hooks have failed for good.
type hookError struct{ units []fleet.Agent }

// Error implements error.
func (e *hookError) Error() string { return hookWords(e.units) }

// Unwrap makes it certain: no further look would change it.
func (e *hookError) Unwrap() error { return &certainError{fmt.Errorf("%s", hookWords(e.units))} }

func hookWords(units []fleet.Agent) string {
	var words []string
	for _, u := range first(units, 3) {
		text := u.Name + " is in error"
		if u.Health.Message != "" {
			text += " (" + u.Health.Message + ")"
		}
		words = append(words, text)
	}
	if more := len(units) - len(words); more > 0 {
		words = append(words, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(words, ", ")
}
