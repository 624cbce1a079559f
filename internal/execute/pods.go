package execute

import (
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

// The pods of a model that has moved look settled at once, and are replaced some six
// seconds after its migration has succeeded, one after the other (seen, 3.6). Those of an
// agent older than 3.6 are not ready before they are half a minute old, and the next one
// goes when they are. (internal/provider/kubernetes/application)
const (
	// podsCalm is for how long all have to be seen well once each was seen away.
	podsCalm = 20 * time.Second
	// podsWell is for how long where not each was: one may be away between two looks.
	podsWell = 75 * time.Second
)

// Restarts remembers what was seen of the pods of models that have moved. It only spares
// time, so a resumed run begins with an empty one.
type Restarts struct {
	mu    sync.Mutex
	steps map[string]*restarts
}

// restarts is what was seen in a step: which units were away, and since when all are
// there, and also have nothing to do.
type restarts struct {
	away       map[string]bool
	well, calm time.Time
}

// over says, after one more look, that all pods have been replaced.
func (r *Restarts) over(step string, units []fleet.Agent) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.steps == nil {
		r.steps = map[string]*restarts{}
	}
	s := r.steps[step]
	if s == nil {
		s = &restarts{away: map[string]bool{}}
		r.steps[step] = s
	}
	return s.over(units, time.Now())
}

func (s *restarts) over(units []fleet.Agent, now time.Time) bool {
	all, calm := true, true
	for _, u := range units {
		if u.Gone() {
			s.away[u.Name], all = true, false
		}
		calm = calm && u.State.Status != "executing"
	}
	switch {
	case !all:
		s.well, s.calm = time.Time{}, time.Time{}
		return false
	case s.well.IsZero():
		s.well = now
	}
	if !calm {
		s.calm = time.Time{}
	} else if s.calm.IsZero() {
		s.calm = now
	}
	each := len(s.away) >= len(units)
	return each && calm && now.Sub(s.calm) >= podsCalm || now.Sub(s.well) >= podsWell
}

// podsArrived tells whether the pods of a model that has moved are there to stay.
func (k Arrive) podsArrived(s plan.Step, status fleet.ModelStatus, sight Sight) Sight {
	units := slices.DeleteFunc(slices.Clone(status.Agents), func(a fleet.Agent) bool { return slices.Contains(s.Absent, a.String()) })
	over := k.Restarts.over(s.ID, units)
	switch {
	case len(sight.Missing) > 0:
		sight.Note = podTrouble(sight.Missing)
		// They go one after the other, however many there are. Not all their names: of
		// pods that come and go for ever, there is always another set.
		sight.Mark = sight.Missing[0].Name
	case len(units) == 0 || over || k.Done(s.ID):
		sight.Stage = There
	default:
		sight.Note = "its pods are replaced once more after a migration"
	}
	return sight
}

// podTrouble says what Juju tells of a pod that is away; empty when that is nothing.
func podTrouble(missing []fleet.Agent) string {
	for _, a := range missing {
		if a.Gone() && a.Health.Status == "error" && a.Health.Message != "" {
			return fmt.Sprintf("%s is %s, and in error: %s", a.Name, a.State.Status, a.Health.Message)
		}
	}
	return ""
}

// explainPods says what a stall means where pods are awaited; ok is false elsewhere.
func explainPods(s plan.Step, a *attempt, err error, resume string) (meaning string, fix []string, ok bool) {
	const mended = "once what keeps %s is mended (an image that cannot be pulled, no room on a node), %s back without further ado"
	var stall *stallError
	awaited := s.Kind == plan.ControllerUpgrade || s.Kind == plan.ModelUpgrade || s.Kind == plan.Arrive
	if s.Cluster == "" || !awaited || !errors.As(err, &stall) {
		return "", nil, false
	}
	switch {
	case s.Kind == plan.ControllerUpgrade && stall.trouble != nil:
		return "Juju has accepted it, and the controller's pod, which has the API and the database in it, does not come back; nothing takes that back, and " +
			fmt.Sprintf(mended, "the pod", "it comes"), []string{fleet.DescribeController, resume}, true
	case stall.trouble != nil || len(a.sight.Missing) == 0:
		return "", nil, false
	}
	fix = podCures(s, a.sight.Missing)
	if s.Kind == plan.ControllerUpgrade {
		fix = []string{fleet.DescribeController}
	}
	meaning = fmt.Sprintf("Juju has accepted %s, and these pods have not come at it; nothing takes that back, and ", s.To)
	if s.Kind == plan.Arrive {
		meaning = fmt.Sprintf("it is on %s, and these pods have not come back there; ", s.Target.Name)
	}
	return meaning + fmt.Sprintf(mended, "them", "they come"), append(fix, resume), true
}

// podCures are the commands that show what Kubernetes says of units; none on machines.
func podCures(s plan.Step, units []fleet.Agent) []string {
	if s.Cluster == "" {
		return nil
	}
	var out []string
	for _, unit := range first(units, 2) {
		out = append(out, fleet.DescribePod(s.Model, unit.Name))
	}
	return out
}
