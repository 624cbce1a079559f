package execute

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

// podsQuiet is for how long the pods of a model that has moved have to be seen well. The
// target changes their StatefulSets once the migration has succeeded, and some six
// seconds after that they restart (seen, 3.6): before it, all look settled.
const podsQuiet = 20 * time.Second

// podsArrived tells whether the pods of a model that has moved are there to stay.
func (k Arrive) podsArrived(s plan.Step, status fleet.ModelStatus, sight Sight) (Sight, error) {
	_, units := status.Count()
	switch {
	case len(sight.Missing) > 0:
		k.Settling.forget(s.ID)
		sight.Note = podTrouble(sight.Missing)
		sight.Mark = names(sight.Missing) // one after the other, however many there are
	case units == 0 || k.Settling.expired(s.ID, podsQuiet):
		sight.Stage = There
	default:
		sight.Note = "its pods restart once more after a migration"
	}
	return sight, nil
}

func names(agents []fleet.Agent) string {
	var out []string
	for _, a := range agents {
		out = append(out, a.Name)
	}
	return strings.Join(out, " ")
}

// podTrouble says what Juju tells of a pod that does not come; empty when that is nothing.
func podTrouble(missing []fleet.Agent) string {
	for _, a := range missing {
		if a.Health.Status == "error" && a.Health.Message != "" {
			return fmt.Sprintf("%s does not start: %s", a.Name, a.Health.Message)
		}
	}
	return ""
}

// describeController shows what Kubernetes says of the pods of controllers.
const describeController = "kubectl describe pods -A -l app.kubernetes.io/name=controller"

// explainPods says what a stall means where pods are awaited; ok is false elsewhere.
func explainPods(s plan.Step, a *attempt, err error, resume string) (meaning string, fix []string, ok bool) {
	const mended = "once what keeps %s is mended (an image that can not be pulled, no room on a node), %s back without further ado"
	var stall *stallError
	awaited := s.Kind == plan.ControllerUpgrade || s.Kind == plan.ModelUpgrade || s.Kind == plan.Arrive
	if s.Cluster == "" || !awaited || !errors.As(err, &stall) {
		return "", nil, false
	}
	switch {
	case s.Kind == plan.ControllerUpgrade && stall.trouble != nil:
		return "Juju has accepted it, and the controller's pod, which has the API and the database in it, does not come back; nothing takes that back, and " +
			fmt.Sprintf(mended, "the pod", "it comes"), []string{describeController, resume}, true
	case stall.trouble != nil || len(a.sight.Missing) == 0:
		return "", nil, false
	}
	for _, agent := range first(a.sight.Missing, 2) {
		fix = append(fix, "kubectl -n "+namespace(s.Model)+" describe pod "+strings.ReplaceAll(agent.Name, "/", "-"))
	}
	if s.Kind == plan.ControllerUpgrade { // its namespace has a name of its own
		fix = []string{describeController}
	}
	meaning = fmt.Sprintf("Juju has accepted %s, and these pods have not come at it; nothing takes that back, and ", s.To)
	if s.Kind == plan.Arrive {
		meaning = fmt.Sprintf("it is on %s, and these pods have not come back there; ", s.Target.Name)
	}
	return meaning + fmt.Sprintf(mended, "them", "they come"), append(fix, resume), true
}

// namespace is that of a model, which has its name unless that was taken there.
func namespace(model fleet.Ref) string {
	if _, name, ok := strings.Cut(model.Name, "/"); ok {
		return name
	}
	return model.Name
}
