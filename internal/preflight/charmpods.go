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
	}
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
