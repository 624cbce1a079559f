package jujutest

import (
	"fmt"
	"slices"
	"time"

	"github.com/juju/juju/rpc/params"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujutest/estate"
)

// The life of a unit's pod. It comes to another version by being replaced: the stop hook
// runs, the pod goes, another one of its name comes with an address of its own, and the
// agent in it runs the hooks of a charm that is upgraded. (all seen on 3.6.4 and 3.6.11)

// pod is what a machine has that is one.
type pod struct {
	phase podPhase
	// hook is what its unit's agent runs.
	hook    string
	address string
	// stale says that its StatefulSet has changed, so that it is to be replaced; made
	// counts how often it was.
	stale bool
	made  int
}

// podPhase is what becomes of a pod.
type podPhase string

const (
	podRuns   podPhase = ""
	podStops  podPhase = "stopping"
	podGone   podPhase = "gone"
	podStarts podPhase = "starting"
	// podPulls waits for its image, or has just got it, and an address.
	podPulls podPhase = "pulling"
	// podWakes has an agent again, whose unit has not run a hook yet: it is idle, but
	// its workload is not. (seen, for a second)
	podWakes podPhase = "waking"
)

// newPod makes the pod of a unit: it restarts with its agent, as a machine does.
func (m *model) newPod(app *application, number int) *machine {
	h := &machine{id: fmt.Sprintf("%s-%d", app.name, number), base: m.base, arch: "amd64"}
	h.agent = agent{version: m.version, present: true, since: m.since}
	h.pod = pod{address: m.controller.world.newAddress()}
	m.pods = append(m.pods, h)
	return h
}

// newAddress is one that no pod has had.
func (w *World) newAddress() string {
	w.addresses++
	return fmt.Sprintf("10.1.%d.%d", w.addresses/250%250, w.addresses%250+1)
}

func (m *model) copyPod(from *machine, hosts map[*machine]*machine) *machine {
	h := *from
	h.units, h.moving, h.present = nil, false, false
	h.pod = pod{address: from.pod.address}
	hosts[from] = &h
	return &h
}

// podOf is the pod that an agent is in, or nil.
func (m *model) podOf(a *agent) *machine {
	for _, h := range m.pods {
		if slices.ContainsFunc(h.units, func(u *unit) bool { return &u.agent == a }) {
			return h
		}
	}
	return nil
}

// isPod says whether what restarts is a pod.
func (m *model) isPod(h *machine) bool { return slices.Contains(m.pods, h) }

// rollPods replaces pods whose agents are not at their model's version: those of an
// application one after the other and the last one first, as a StatefulSet does, but
// those of all applications at the same time.
func (w *World) rollPods(m *model, notice time.Duration) {
	if !m.onKubernetes() {
		return
	}
	for _, app := range m.apps {
		next := app.nextPod(m)
		if next == nil {
			continue
		}
		next.moving = true
		w.sched.after(notice, func() { w.renewPod(m, next) })
	}
}

// nextPod is the pod of an application that is to be replaced next; nil while one is
// replaced, or when there is none. That of an API server comes with it.
func (app *application) nextPod(m *model) *machine {
	var next *machine
	for _, u := range slices.Backward(app.units) {
		switch h := u.machine; {
		case h == nil || m.serverOn(h) != nil:
		case h.moving:
			return nil
		case next == nil && (h.pod.stale && h.present || h.pending(m)):
			next = h
		}
	}
	return next
}

// renewPod replaces a pod by one at its model's version.
func (w *World) renewPod(m *model, h *machine) {
	if m.controller.byUUID[m.uuid] != m {
		return // it has moved meanwhile
	}
	h.pod.made++
	h.pod.stale = false
	h.enter(podStops, "stop")
	w.podAfter(h, w.timing.AgentRestart/8, func() {
		h.enter(podGone, "")
		h.pod.address = ""
		for _, u := range h.units {
			u.vanish()
		}
		w.podAfter(h, w.timing.AgentRestart/8, func() { w.createPod(m, h) })
	})
}

// podAfter calls fn when a time has passed, unless the pod is replaced meanwhile.
func (w *World) podAfter(h *machine, d time.Duration, fn func()) {
	made := h.pod.made
	w.sched.after(d, func() {
		if h.pod.made == made {
			fn()
		}
	})
}

// createPod makes a pod anew, unless its image cannot be pulled.
func (w *World) createPod(m *model, h *machine) {
	if m.controller.cannotPull(m) {
		h.enter(podPulls, "")
		return
	}
	if h.pod.phase != podPulls { // which is told until its agent reports (seen)
		h.enter(podStarts, "")
	}
	h.pod.address = w.newAddress()
	delay := w.timing.AgentRestart * 3 / 4
	for _, u := range h.units {
		delay += u.fault.Delay
	}
	w.podAfter(h, delay, func() { w.podReports(m, h) })
}

// podReports is the coming of the agents in a new pod; one with a fault may not come.
func (w *World) podReports(m *model, h *machine) {
	h.version = m.version
	for _, u := range h.units {
		u.arrive(m)
		if !u.present {
			return // those after it wait for it, until it is healed
		}
	}
	hooks := []string{"upgrade-charm", "config-changed", "start", "workload-pebble-ready"}
	for _, u := range h.units {
		if u.charm.phase != "" {
			hooks = nil // it runs those of another charm
		}
	}
	h.enter(podWakes, "")
	w.podAfter(h, w.timing.UnitSettle/2, func() {
		w.runHooks(h, hooks, func() {
			h.moving = false
			w.rollPods(m, 0)
		})
	})
}

// runHooks has the unit of a pod run hooks one after the other, unless it is replaced.
func (w *World) runHooks(h *machine, hooks []string, then func()) {
	if len(hooks) == 0 {
		h.enter(podRuns, "")
		then()
		return
	}
	h.enter(podRuns, hooks[0])
	w.podAfter(h, w.timing.UnitSettle/4, func() { w.runHooks(h, hooks[1:], then) })
}

// enter is the beginning of a phase. The time of a unit's status moves when it begins a
// hook and when it ends one, not when its agent comes or goes.
func (h *machine) enter(p podPhase, hook string) {
	for _, u := range h.units {
		if hook != "" || h.pod.hook != "" || p == podPulls {
			u.charm.since, u.since = time.Now(), time.Now()
		}
	}
	h.pod.phase, h.pod.hook = p, hook
}

// vanish is the going of an agent whose pod goes, or whose controller does.
func (u *unit) vanish() {
	if u.present {
		u.present, u.since = false, u.charm.since
	}
}

// cannotPull says that pods of a model's version do not come, since their image cannot
// be pulled.
func (c *controller) cannotPull(m *model) bool {
	return slices.ContainsFunc(c.faults.list, func(f *fault) bool {
		return f.Kind == estate.FaultSpoilImage && f.Version == m.version.String() && f.means(m)
	})
}

// pullAgain has the pods come that have waited for an image, if it can be pulled by now.
// (seen: 2 s after it could)
func (w *World) pullAgain(c *controller) {
	w.sched.after(w.timing.UnitSettle, func() {
		if u := c.upgrade; u != nil {
			w.primaryReturns(c, u)
		}
		for _, m := range c.models {
			for _, h := range m.pods {
				if h.pod.phase == podPulls && h.pod.address == "" {
					w.createPod(m, h)
				}
			}
		}
	})
}

// inPod is what status tells of where a unit is that is a pod.
func (m *model) inPod(u *unit, out *params.UnitStatus) {
	out.Machine, out.PublicAddress = "", ""
	if !u.starting {
		out.ProviderId, out.Address = u.machine.id, u.machine.pod.address
	}
}

// showPod is what status tells of a unit while something becomes of its pod.
func (m *model) showPod(u *unit, out *params.UnitStatus) {
	p := u.machine.pod
	if u.present && p.hook != "" {
		out.AgentStatus.Status, out.AgentStatus.Info = "executing", "running "+p.hook+" hook"
	}
	workload := &out.WorkloadStatus
	if p.phase != podPulls && workload.Status != "active" {
		return
	}
	switch p.phase {
	case podStops:
		workload.Status, workload.Info = "maintenance", "stopping charm software"
	case podWakes:
		workload.Status = "maintenance"
	case podPulls:
		workload.Status, workload.Info = "error", m.pullError()
	}
}

// ofUnit is what status tells of an application because of one of its units. That a
// unit has lost its controller is none of it.
func (m *model) ofUnit(u *unit, shown params.DetailedStatus) params.DetailedStatus {
	shown.Version = ""
	if u.machine == nil || !m.onKubernetes() {
		return shown
	}
	switch phase := u.machine.pod.phase; {
	case phase == podGone || phase == podStarts:
		shown.Status, shown.Info = "maintenance", ""
	case shown.Status == "unknown":
		shown.Status, shown.Info = "active", ""
	}
	return shown
}

// pullError is what Juju says of a container whose image cannot be pulled.
func (m *model) pullError() string {
	return fmt.Sprintf("unknown container reason %q: Back-off pulling image %q", "ImagePullBackOff",
		m.controller.imageRepo()+"/"+imageName+":"+m.version.String())
}
