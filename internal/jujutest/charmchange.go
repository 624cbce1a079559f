package jujutest

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/juju/juju/rpc/params"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujutest/estate"
)

// How units come to the charms of their applications: unit after unit for itself, by
// its upgrade-charm hook.

// unitCharm is the charm that a unit runs, and what it is doing about it.
type unitCharm struct {
	url string
	// modified is how far it has followed its application; target how far the hook
	// that runs brings it.
	modified, target int
	resources        map[string]resource
	phase            charmPhase
	// since is when the phase changed: when the unit last began or ended to run a hook.
	// That its agent restarts is none of it. (seen)
	since time.Time
	// waiting says that it will be looked at again.
	waiting bool
	// resumed says that it was told to go on where it had paused.
	resumed bool
	message string
	// aloft says that it is its application that shows the message.
	aloft bool
}

// charmPhase is what a unit is doing about its charm.
type charmPhase string

const (
	charmFetching charmPhase = "fetching" // and its agent fails, since there is none yet
	// charmUnpacking looks as if all were done, but for the time since when. (seen)
	charmUnpacking charmPhase = "unpacking"
	charmHook      charmPhase = "upgrading"
	charmError     charmPhase = "error"
	charmPaused    charmPhase = "paused"
	charmStuck     charmPhase = "stuck"
)

func (u *unit) enter(p charmPhase) { u.charm.phase, u.charm.since = p, time.Now() }

// charmChanged has the units of an application follow it.
func (w *World) charmChanged(m *model, app *application) {
	if m.charms[app.charm.url].pending {
		w.fetchCharm(m, app.charm.url)
	}
	for _, u := range m.unitsOf(app) {
		w.sched.after(w.timing.CharmNotice, func() { w.followCharm(m, u) })
	}
}

// fetchCharm gets the archive of a charm, as long as it takes until Charmhub is reached.
// Applications are told its ID and hash then: what AddCharm answered was the old one's.
func (w *World) fetchCharm(m *model, url string) {
	w.sched.after(w.timing.CharmFetch, func() {
		if m.controller.reachesCharmhub() != nil {
			w.fetchCharm(m, url)
			return
		}
		k := m.charms[url]
		k.pending = false
		m.charms[url] = k
		for _, app := range m.apps {
			if app.charm.url == url {
				app.charm.id, app.charm.hash = charmID(k.name), charmHash(k.name, k.revision)
			}
		}
	})
}

// followCharms has all units of a model follow their applications.
func (w *World) followCharms(m *model) {
	for _, u := range m.units() {
		w.followCharm(m, u)
	}
}

// followCharm has a unit begin to come to its application's charm, unless it is busy.
// One that is in error waits until that is resolved; nobody is told. (seen)
func (w *World) followCharm(m *model, u *unit) {
	switch {
	case m.controller.byUUID[m.uuid] != m || u.charm.modified == u.app.charm.modified:
		return
	case m.onKubernetes() && u.app.turn() != u:
		return
	case u.charm.phase != "" && u.charm.phase != charmPaused:
		return
	case !u.present || u.starting || oneOf(u.fault.Kind, estate.AgentError, estate.AgentFrozen):
		w.lookAgain(m, u, w.timing.UnitSettle)
		return
	case m.charms[u.app.charm.url].pending && m.onKubernetes(): // a pod is made when there is a charm for it
		w.lookAgain(m, u, w.timing.CharmNotice)
		return
	case m.charms[u.app.charm.url].pending:
		u.enter(charmFetching)
		w.awaitCharm(m, u)
		return
	}
	u.charm.phase = charmUnpacking
	if m.onKubernetes() {
		w.replacePod(m, u)
		return
	}
	w.unpackCharm(m, u)
}

// unpackCharm brings a unit to its application's charm. It is at that before its hook
// runs. (internal/worker/uniter/operation/deploy.go)
func (w *World) unpackCharm(m *model, u *unit) {
	u.charm.url, u.charm.target, u.charm.resumed = u.app.charm.url, u.app.charm.modified, false
	phase := u.charm.phase
	w.sched.after(w.timing.CharmNotice, func() {
		if m.controller.byUUID[m.uuid] == m && u.charm.phase == phase {
			w.runCharmHook(m, u)
		}
	})
}

// awaitCharm has a unit follow once its controller has the charm. Until its hook runs its
// agent looks as before. (seen)
func (w *World) awaitCharm(m *model, u *unit) {
	w.sched.after(w.timing.CharmNotice, func() {
		switch {
		case m.controller.byUUID[m.uuid] != m || u.charm.phase != charmFetching:
		case m.charms[u.app.charm.url].pending:
			w.awaitCharm(m, u)
		default:
			w.unpackCharm(m, u)
		}
	})
}

// lookAgain looks at a unit later, which cannot follow now.
func (w *World) lookAgain(m *model, u *unit, after time.Duration) {
	if u.charm.waiting {
		return
	}
	u.charm.waiting = true
	w.sched.after(after, func() {
		u.charm.waiting = false
		w.followCharm(m, u)
	})
}

func (w *World) runCharmHook(m *model, u *unit) {
	u.enter(charmHook)
	takes := cmp.Or(m.refreshOf(u).Takes, u.app.spec.Refresh.Takes, w.timing.CharmUpgrade)
	w.sched.after(takes, func() { w.endCharmHook(m, u) })
}

// endCharmHook is the end of a unit's upgrade-charm hook, as what is wrong with it has it.
func (w *World) endCharmHook(m *model, u *unit) {
	if m.controller.byUUID[m.uuid] != m || u.charm.phase != charmHook {
		return
	}
	if !u.present { // its agent restarts, and runs the hook again
		w.sched.after(w.timing.UnitSettle, func() { w.endCharmHook(m, u) })
		return
	}
	r := m.fateOf(u, true)
	switch r.Kind {
	case estate.FaultUpgradeHook:
		u.enter(charmError)
		w.followPods(m, u.app)
		if w.timing.HookRetry > 0 {
			w.sched.after(w.timing.HookRetry, func() { w.resolveUnit(m, u, true) })
		}
		return
	case estate.FaultUpgradePauses:
		if !u.charm.resumed && !u.app.letGoOn(m) {
			u.enter(charmPaused)
			u.charm.aloft = r.ByApplication
			u.charm.message = cmp.Or(r.Message, fmt.Sprintf("refresh paused, run action %s to go on", cmp.Or(r.Action, estate.ResumeRefresh)))
			return
		}
	case estate.FaultUpgradeSticks:
		u.enter(charmStuck)
		return
	}
	w.charmSettled(m, u)
}

// charmSettled is a unit's arrival. There may be something newer by now.
func (w *World) charmSettled(m *model, u *unit) {
	u.enter("")
	u.charm.message = ""
	u.charm.modified, u.charm.resources = u.charm.target, u.app.charm.resources
	w.followCharm(m, u)
	w.followPods(m, u.app)
}

// resolveUnit resolves the error of a unit: its hook runs again, or is left out.
func (w *World) resolveUnit(m *model, u *unit, retry bool) {
	if u.fault.Kind == estate.AgentError {
		u.fault = estate.AgentFault{}
	}
	switch {
	case u.charm.phase != charmError:
		w.followCharm(m, u)
	case retry:
		w.runCharmHook(m, u)
	default:
		w.charmSettled(m, u)
	}
}

// runAction runs an action on a unit. One that paused units ask for has all of their
// application go on.
func (w *World) runAction(m *model, u *unit, action string) {
	for _, other := range m.unitsOf(u.app) {
		if other.charm.phase == charmPaused && action == cmp.Or(m.fateOf(other, false).Action, estate.ResumeRefresh) {
			other.charm.resumed, u.app.charm.resumed = true, u.app.charm.modified
			w.runCharmHook(m, other)
		}
	}
}

// resumeCharms has units go on that a fault has held which is no more.
func (w *World) resumeCharms(c *controller) {
	for _, m := range c.models {
		for _, u := range m.units() {
			held := map[charmPhase]string{charmPaused: estate.FaultUpgradePauses, charmStuck: estate.FaultUpgradeSticks}[u.charm.phase]
			if held != "" && m.fateOf(u, false).Kind != held {
				w.runCharmHook(m, u)
			}
		}
	}
}

// refreshOf is what the charm says that becomes of a unit, or else its application.
func (m *model) refreshOf(u *unit) estate.Refresh {
	name, revision := charmName(u.charm.url)
	if r := m.controller.world.hub.content(name, u.charm.url, revision).Refresh; r.Kind != "" {
		return r
	}
	return u.app.spec.Refresh
}

// fateOf is what becomes of a unit at the end of its hook; counted says that faults which
// happen so many times count it.
func (m *model) fateOf(u *unit, counted bool) estate.Refresh {
	faults := &m.controller.faults
	meant := func(f *fault) bool {
		return oneOf(f.Kind, estate.FaultUpgradeHook, estate.FaultUpgradePauses, estate.FaultUpgradeSticks) && f.means(m) &&
			(f.Application == "" || f.Application == u.app.name) && (f.Agent == "" || f.Agent == u.tag)
	}
	var hit *fault
	if counted {
		hit = faults.strike(meant)
	} else if i := slices.IndexFunc(faults.list, meant); i >= 0 {
		hit = faults.list[i]
	}
	if hit != nil {
		return estate.Refresh{Kind: hit.Kind, Message: hit.Message}
	}
	return m.refreshOf(u)
}

// showCharm is what status tells of a unit's charm.
func (m *model) showCharm(u *unit, out *params.UnitStatus) {
	if u.charm.url != u.app.charm.url && !m.controller.version4() {
		out.Charm = u.charm.url // Juju 4 does not tell of it (seen on 4.1-beta2)
	}
	if since := u.charm.since; u.present && !u.starting {
		out.AgentStatus.Since = &since
		if u.charm.phase != charmFetching && u.fault.Kind != estate.AgentError {
			out.WorkloadStatus.Since = &since
		}
	}
	switch u.charm.phase {
	case charmFetching:
		out.AgentStatus.Status, out.AgentStatus.Info = "failed", "resolver loop error"
	case charmHook, charmStuck:
		out.AgentStatus.Status, out.AgentStatus.Info = "executing", "running upgrade-charm hook"
		out.WorkloadStatus.Status, out.WorkloadStatus.Info = "maintenance", "upgrading the charm"
	case charmError:
		out.WorkloadStatus.Status, out.WorkloadStatus.Info = "error", `hook failed: "upgrade-charm"`
	case charmPaused:
		if u.charm.aloft {
			break
		}
		out.WorkloadStatus.Status, out.WorkloadStatus.Info = "blocked", u.charm.message
	}
}
