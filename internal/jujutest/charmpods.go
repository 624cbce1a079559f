package jujutest

import (
	"slices"

	"github.com/juju/juju/rpc/params"
)

// How the units of an application on Kubernetes come to its charm: a pod runs the charm that
// it was made with, so each is replaced, one after the other and the last one first, as those
// of a StatefulSet are. A charm that pauses holds back those that come after its first one,
// by the partition of the StatefulSet, and none once it was told to go on.
// (internal/worker/uniter/remotestate/watcher.go applicationChanged)

// turn is the unit whose pod is replaced now, or is to be next; nil when there is none. A pod
// whose hook has failed runs all the same, and holds back nobody.
func (app *application) turn() *unit {
	for _, u := range slices.Backward(app.units) {
		if u.charm.phase != charmError && (u.charm.phase != "" || u.charm.modified != app.charm.modified) {
			return u
		}
	}
	return nil
}

// letGoOn says that units of an application on Kubernetes were told to go on, which is then
// true of all that come to that charm.
func (app *application) letGoOn(m *model) bool {
	return m.onKubernetes() && app.charm.resumed == app.charm.modified
}

// followPods has the next pod of an application begin to come to its charm.
func (w *World) followPods(m *model, app *application) {
	if u := app.turn(); m.onKubernetes() && u != nil {
		w.followCharm(m, u)
	}
}

// replacePod replaces a unit's pod by one that is made with its application's charm.
func (w *World) replacePod(m *model, u *unit) {
	w.restartHost(m, u.machine)
	w.sched.after(w.timing.AgentRestart+w.timing.UnitSettle, func() {
		if m.controller.byUUID[m.uuid] == m && u.charm.phase == charmUnpacking {
			w.unpackCharm(m, u)
		}
	})
}

// showPause is what status tells of an application whose charm says of it as a whole that it
// has paused.
func (app *application) showPause(out *params.ApplicationStatus) {
	for _, u := range app.units {
		if u.charm.phase == charmPaused && u.charm.aloft {
			out.Status.Status, out.Status.Info = "blocked", u.charm.message
		}
	}
}
