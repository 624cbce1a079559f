package execute

import (
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
	case units == 0 || k.Settling.expired(s.ID, podsQuiet):
		sight.Stage = There
	default:
		sight.Note = "its pods restart once more after a migration"
	}
	return sight, nil
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

// explainPods says what a stall means where pods are awaited; ok is false elsewhere.
func explainPods(s plan.Step, a *attempt, stall *stallError, resume string) (meaning string, fix []string, ok bool) {
	switch {
	case s.Cluster == "":
		return "", nil, false
	case s.Kind == plan.ControllerUpgrade && stall.trouble != nil:
		return "Juju has accepted it, and the controller's pod, which has the API and the database in it, does not come back; nothing takes that back, and once what keeps the pod is mended (an image that can not be pulled, no room on a node) it comes by itself",
			[]string{"kubectl describe pods -A -l app.kubernetes.io/name=controller", resume}, true
	case stall.trouble != nil || len(a.sight.Missing) == 0:
		return "", nil, false
	}
	fix = nil
	for _, agent := range first(a.sight.Missing, 2) {
		fix = append(fix, "kubectl -n "+namespace(s.Model)+" describe pod "+strings.ReplaceAll(agent.Name, "/", "-"))
	}
	return fmt.Sprintf("Juju has accepted %s; these pods have not come at it, and nothing takes that back; once what keeps them is mended (an image that can not be pulled, no room on a node) they come by themselves", s.To),
		append(fix, resume), true
}

// namespace is that of a model, which has its name unless that was taken there.
func namespace(model fleet.Ref) string {
	if _, name, ok := strings.Cut(model.Name, "/"); ok {
		return name
	}
	return model.Name
}
