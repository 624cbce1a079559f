package jujutest

import (
	"fmt"
	"slices"
	"time"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujutest/estate"
)

// How a model's agents come to its version: host after host restarts, and takes the
// agents of its units along, since they run in it. On Kubernetes, pod after pod does.

// moveAgents schedules the restart of each host that has an agent at another version
// than the model's. While its controller upgrades, nothing moves.
func (w *World) moveAgents(m *model) {
	c := m.controller
	if c.upgrade != nil || c.has(estate.FaultSpoilAgents, m.version.String()) && !c.binaries[m.version] {
		return
	}
	delay := w.timing.AgentNotice
	w.rollPods(m, delay)
	for _, h := range m.hosts() {
		if h.moving || !h.pending(m) {
			continue
		}
		h.moving = true
		w.sched.after(delay, func() { w.restartHost(m, h) })
		delay += w.timing.AgentStagger
	}
}

// moveAll moves the agents of all models of a controller.
func (w *World) moveAll(c *controller) {
	if u := c.upgrade; u != nil {
		if u.phase == phaseNotice {
			w.dropServers(c, u)
		}
		return
	}
	for _, m := range c.models {
		w.moveAgents(m)
	}
}

// pending says whether an agent of the host can move and has not.
func (h *machine) pending(m *model) bool {
	if !h.movable() {
		return false
	}
	if h.version != m.version {
		return true
	}
	for _, u := range h.allUnits() {
		if u.version != m.version && u.movable() {
			return true
		}
	}
	return false
}

// movable says whether an agent would follow its model's version.
func (a *agent) movable() bool {
	return a.present && !oneOf(a.fault.Kind, estate.AgentDown, estate.AgentLags, estate.AgentNeverUpgrades, estate.AgentNeverComes, estate.AgentFrozen) ||
		a.present && a.fault.Kind == estate.AgentNeverComes && !a.moving
}

// allUnits are a host's units and their subordinates.
func (h *machine) allUnits() []*unit {
	return slices.Clone(h.units)
}

func (w *World) restartHost(m *model, h *machine) {
	if m.isPod(h) {
		h.moving = true
		w.renewPod(m, h)
		return
	}
	if !h.present || oneOf(h.fault.Kind, estate.AgentDown, estate.AgentLags, estate.AgentNeverUpgrades, estate.AgentFrozen) {
		h.moving = false
		return
	}
	// The machine of an API server restarts with that, see controller.go.
	if m.serverOn(h) == nil {
		h.leave()
	}
	for _, u := range h.allUnits() {
		u.leave()
	}
	if h.fault.Kind == estate.AgentNeverComes {
		return
	}
	w.sched.after(w.timing.AgentRestart+h.fault.Delay, func() {
		if m.serverOn(h) == nil {
			h.arrive(m)
		}
		for _, u := range h.allUnits() {
			w.sched.after(w.timing.UnitSettle+u.fault.Delay, func() { u.arrive(m) })
		}
		h.moving = false
		w.sched.after(w.timing.UnitSettle, func() { w.moveAgents(m) })
	})
}

// hosts are the machines and containers.
func (m *model) hosts() []*machine {
	var all []*machine
	for _, mach := range m.machines {
		all = append(all, mach)
		all = append(all, mach.containers...)
	}
	return all
}

func (m *model) host(a *agent) *machine {
	for _, h := range m.hosts() {
		if &h.agent == a {
			return h
		}
	}
	return nil
}

// leave is an agent's going.
func (a *agent) leave() {
	if a.present {
		a.present = false
		a.since = time.Now()
	}
}

// arrive is an agent's coming back at its model's version, unless a fault says otherwise.
func (a *agent) arrive(m *model) {
	switch a.fault.Kind {
	case estate.AgentDown, estate.AgentNeverComes:
		return
	case estate.AgentLags, estate.AgentNeverUpgrades, estate.AgentFrozen:
	default:
		a.version = m.version
	}
	if !a.present {
		a.present = true
		a.since = time.Now()
	}
	a.starting = false
}

// longAgo is how long before the start of a world the faults began that are there
// from the start.
const longAgo = 3 * time.Hour

// backdate makes agents that a fault of the start has killed gone for as long.
func (c *controller) backdate(f estate.Fault) {
	if f.Kind != estate.FaultKilled {
		return
	}
	for _, s := range c.serversOf(f) {
		s.machine().since = s.machine().since.Add(-longAgo)
		for _, u := range s.machine().allUnits() {
			u.since = s.machine().since
		}
	}
}

// setFault makes a fault of an agent begin, some time ago.
func (m *model) setFault(a *agent, f estate.AgentFault, ago time.Duration) {
	a.fault = f
	a.since = time.Now().Add(-ago)
	switch f.Kind {
	case estate.AgentDown:
		a.present = false
		if h := m.host(a); h != nil {
			for _, u := range h.allUnits() {
				u.leave()
				u.since = a.since
			}
		}
	case estate.AgentLags:
		if v, ok := parseVersion(f.Version); ok {
			a.version = v
		}
	}
}

// SetAgentFault makes a fault of an agent begin, in place of any other.
func (w *World) SetAgentFault(controllerName, modelName string, f estate.AgentFault) error {
	if err := f.Validate(); err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	_, m, a, err := w.findAgent(controllerName, modelName, f.Agent)
	if err != nil {
		return err
	}
	m.setFault(a, f, 0)
	return nil
}

// Heal ends an agent's fault: the agent comes back and follows its model's version.
func (w *World) Heal(controllerName, modelName, tag string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	_, m, a, err := w.findAgent(controllerName, modelName, tag)
	if err != nil {
		return err
	}
	a.fault = estate.AgentFault{}
	h := m.host(a)
	pod := m.podOf(a)
	w.sched.after(w.timing.UnitSettle, func() {
		if pod != nil && pod.moving {
			w.podReports(m, pod)
			return
		}
		a.arrive(m)
		if h == nil {
			return
		}
		h.moving = false
		for _, u := range h.allUnits() {
			w.sched.after(w.timing.UnitSettle, func() { u.arrive(m) })
		}
	})
	return nil
}

func (w *World) findAgent(controllerName, modelName, tag string) (*controller, *model, *agent, error) {
	c, m, err := w.find(controllerName, modelName)
	if err != nil {
		return nil, nil, nil, err
	}
	a := m.agents[tag]
	if a == nil {
		return nil, nil, nil, fmt.Errorf("model %s of controller %q has no agent %q", m.fullName(), c.name, tag)
	}
	return c, m, a, nil
}
