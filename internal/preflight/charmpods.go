package preflight

import (
	"fmt"
	"strings"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/rules"
)

// charmPodsChecks are about charms on Kubernetes.
func charmPodsChecks() []check {
	return []check{
		ofApplication("charm-storage-fixed", fleet.Notice, false, "The application has storage on Kubernetes, where Juju refuses a charm that says anything else of it; the refresh finds that out, and changes nothing then.",
			view.refreshes, charmStorageFixed),
		ofApplication("charm-podspec", fleet.Warning, false, "The application's charm makes its pods by a podspec; Juju brings none with units to a sidecar charm. The refresh finds that out, and changes nothing then.",
			view.refreshes, charmPodspec),
	}
}

// charmPodspec is about charms of format 1, on Kubernetes. What format the new one has, no
// call tells before the model has it. (3.6 apiserver/facades/client/application
// application.go, code "application should not have units")
func charmPodspec(v view) []say {
	units := len(v.m.Status.UnitsOf(v.app.Name))
	if v.m.Type != fleet.CAAS || !v.app.Podspec {
		return nil
	}
	meaning := "its charm makes its pods by a podspec (format 1): should the new one be a sidecar charm, "
	if units > 0 {
		meaning += fmt.Sprintf("Juju refuses it while the application has units (%d), and nothing is changed then", units)
	} else {
		meaning += "Juju takes it, as the application has no units"
	}
	s := say{meaning: meaning, see: []string{v.inform(), "juju status -m " + v.here() + " " + v.app.Name}}
	if units == 0 {
		s.severity = fleet.Notice
		return one(s)
	}
	s.fix = []string{
		"juju scale-application -m " + v.here() + " " + v.app.Name + " 0   # if it is one: it is away until it is scaled again, after the refresh",
		v.withoutApp() + "   # or leave it as it is",
	}
	return one(s)
}

// charmStorageFixed is about what only the refresh finds out. See rules.FixedOnKubernetes.
func charmStorageFixed(v view) []say {
	if v.m.Type != fleet.CAAS || len(v.app.Storage) == 0 {
		return nil
	}
	at := v.c
	if v.moves() {
		at = v.there.controller
	}
	return one(say{
		meaning: fmt.Sprintf("it has storage (%s): on Kubernetes Juju %s refuses a charm that says anything else of its %s, if only in a description; no call tells that before the model has the charm, so the refresh finds it out, and changes nothing then",
			strings.Join(natural(v.app.Storage), ", "), at.Version, strings.Join(rules.FixedOnKubernetes(at.Version), ", ")),
		see: []string{v.inform(), "juju storage -m " + v.here()},
		fix: []string{v.withoutApp() + "   # if it does: such a charm takes another application"},
	})
}
