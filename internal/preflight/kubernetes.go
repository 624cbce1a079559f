package preflight

import (
	"fmt"
	"slices"
	"strings"

	"github.com/juju/version/v2"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// kubernetesChecks are about controllers and models that are pods.
func kubernetesChecks() []check {
	return []check{
		{
			Check: Check{Code: "controller-pod", Severity: fleet.Warning, Scope: fleet.WholeController,
				Summary: "A controller on Kubernetes is one pod, with its database: it is away while that is replaced, and for as long as its image cannot be pulled."},
			when: func(v view) bool { return v.begins() && v.onKubernetes() }, controller: controllerPod,
		},
		{
			Check: Check{Code: "pods-restart", Severity: fleet.Warning, Scope: fleet.OneModel,
				Summary: "Upgrading or moving a model on Kubernetes restarts the pods of all its applications; refreshing a charm, those of the application."},
			when: view.touchedHosted, model: podsRestart,
		},
		{
			Check: Check{Code: "images-not-tried", Severity: fleet.Notice, Scope: fleet.WholeController,
				Summary: "Nobody has tried whether the nodes can pull the images of the version to reach: Juju looks in the registry at the most, and for amd64 only."},
			when: func(v view) bool { return v.reachable() && !v.unknown() }, controller: imagesNotTried,
		},
	}
}

// onKubernetes says that the controller itself is a pod.
func (v view) onKubernetes() bool {
	m := v.c.ControllerModel()
	return m != nil && m.Type == fleet.CAAS
}

// pod is the command that shows what Kubernetes says of a unit's pod; empty for what is
// none.
func (v view) pod(a fleet.Agent) string {
	if v.m.Type != fleet.CAAS || v.m.IsController {
		return ""
	}
	return fleet.DescribePod(v.m.Ref, a.Name)
}

// controllerPod tells what was seen on 3.6: Juju's own agent loses half a minute of the
// outage, and the probes of the charm containers give up after as long.
func controllerPod(v view) []say {
	models, units := 0, 0
	for i := range v.c.Models {
		m := &v.c.Models[i]
		if _, n := m.Status.Count(); m.Type == fleet.CAAS && !m.IsController && n > 0 {
			models, units = models+1, units+n
		}
	}
	meaning := "it is one pod, with its database in it: its API is away for about 40 seconds while that is replaced, and nothing takes it back: an image that the node cannot pull keeps it away until it can"
	if units > 0 {
		meaning += fmt.Sprintf(". When it is away for more than half a minute, Kubernetes restarts the charm containers of its %s in %s, which run hooks then; workloads go on",
			count(units, "unit"), count(models, "model"))
	}
	return one(say{meaning: meaning, see: []string{"kubectl get pods -A -l app.kubernetes.io/name=controller"}})
}

// podsRestart is about the agents, and where these stay as they are about charms: a pod
// is replaced for either.
func podsRestart(v view) []say {
	if v.m.Type != fleet.CAAS {
		return nil
	}
	var what string
	var apps []string
	switch {
	case v.concerned() && v.moves():
		what = "the move, and each upgrade before and after it, restarts the pods of all its applications" // seen on 3.6.11
	case v.concerned() && v.m.Version != v.target:
		what = "the upgrade restarts the pods of all its applications"
	default:
		what = "the refresh of a charm restarts the pods of the application"
		for _, a := range v.refreshing() {
			apps = append(apps, a.app.Name)
		}
		if len(apps) == 0 {
			return nil
		}
	}
	units, singles := v.podsOf(apps)
	if units == 0 {
		return nil
	}
	meaning := fmt.Sprintf("on Kubernetes, %s: %s", what, count(units, "unit"))
	if len(singles) > 0 {
		meaning += "; of one unit only, and so away meanwhile: " + some(singles)
	}
	return one(say{meaning: meaning, see: []string{"juju status -m " + v.here()}})
}

// podsOf counts the units of applications of the model, of all where none is named, and
// names the applications that have one only.
func (v view) podsOf(apps []string) (units int, singles []string) {
	singles = v.m.Status.Singles()
	if apps == nil {
		_, units = v.m.Status.Count()
		return units, singles
	}
	for _, app := range apps {
		units += len(v.m.Status.UnitsOf(app))
	}
	return units, slices.DeleteFunc(singles, func(app string) bool { return !slices.Contains(apps, app) })
}

// imagesNotTried is said once for a controller: of itself, if it is a pod, and of its
// models that are. (3.x apiserver/facades/client/modelupgrader/findagents.go: tags, and
// the default architecture; nothing at all where a model follows its controller)
func imagesNotTried(v view) []say {
	changes := func(to version.Number) bool {
		return v.anyHosted(func(v view) bool {
			_, units := v.m.Status.Count()
			return v.hosted() && v.m.Type == fleet.CAAS && units > 0 && v.m.Version != to
		})
	}
	own, there := v.begins() && v.onKubernetes(), v.moves() && v.there.reachable() && changes(v.goal.ToVersion)
	var images, see []string
	if own || changes(v.target) {
		images, see = append(images, "jujud-operator:"+v.target.String()), append(see, v.seeRegistry())
	}
	if last := "jujud-operator:" + v.goal.ToVersion.String(); there && !slices.Contains(images, last) {
		images = append(images, last)
	}
	if there && v.exists() {
		see = append(see, v.at(v.there.controller).seeRegistry())
	}
	if len(images) == 0 {
		return nil
	}
	looks := "Juju does not look for it beforehand"
	if own {
		looks = "Juju looks only whether the registry lists that of the controller, for amd64, and not whether a node can pull it"
	}
	last := images[len(images)-1]
	return one(say{
		meaning: "pods need the image " + strings.Join(images, " and then ") + " on every node that they may run on: " + looks,
		see:     see,
		fix:     []string{"kubectl run try-image --rm -it --restart=Never --command --image=REPOSITORY/" + last + " -- true   # pulls it on one node"},
	})
}
