package jujutest

import (
	"time"

	"github.com/juju/version/v2"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujutest/estate"
)

// How a controller upgrades: all API servers drop their connections and refuse new
// ones; the primary runs the database steps and serves the new version; the others
// follow; while one is missing, each serves with nearly all methods refused; when all
// are there, the upgrade ends and the agents of hosted models may move.

type phase int

const (
	phaseNotice  phase = iota // accepted, all still serve the old version
	phaseDown                 // all refuse, until the primary is back
	phaseWindow               // serving, not complete
	phaseAborted              // given up: a server did not come in time
)

// upgrade is a controller upgrade under way.
type upgrade struct {
	target    version.Number
	phase     phase
	finishing bool
	// gone is when the API went away.
	gone time.Time
	// due says that the primary would be back if nothing kept it.
	due bool
}

func (w *World) beginUpgrade(c *controller, target version.Number) {
	u := &upgrade{target: target}
	c.upgrade = u
	notice := w.timing.ControllerNotice
	if c.model().onKubernetes() {
		notice = w.timing.PodNotice
	}
	w.sched.after(notice, func() { w.dropServers(c, u) })
}

// dropServers begins the outage, unless the agents cannot get their new binary.
func (w *World) dropServers(c *controller, u *upgrade) {
	if c.upgrade != u || u.phase != phaseNotice {
		return
	}
	if c.has(estate.FaultSpoilAgents, u.target.String()) {
		return
	}
	u.phase, u.gone = phaseDown, time.Now()
	down := w.timing.ControllerDown
	if c.model().onKubernetes() {
		down = w.timing.PodDown
	}
	for _, s := range c.servers {
		s.restarting = true
		s.machine().leave()
		for _, unit := range s.machine().allUnits() {
			unit.leave()
		}
		w.settleServer(s)
	}
	w.sched.after(down, func() {
		u.due = true
		w.primaryReturns(c, u)
	})
}

// primaryReturns ends the outage, when the primary is alive.
func (w *World) primaryReturns(c *controller, u *upgrade) {
	primary := c.servers[c.primary]
	if c.upgrade != u || u.phase != phaseDown || !primary.alive || !u.due {
		return
	}
	if c.model().onKubernetes() && c.cannotPull(c.model()) {
		return // API and database are in one pod: there is nothing until it comes
	}
	u.phase = phaseWindow
	c.binaries[u.target] = true
	w.serverReturns(primary, u)
	delay := time.Duration(0)
	for _, s := range c.servers {
		if s == primary {
			continue
		}
		delay += w.timing.ControllerStagger
		w.sched.after(delay, func() { w.serverReturns(s, u) })
	}
	w.sched.after(w.timing.UpgradeTimeout, func() { w.abortUpgrade(c, u) })
}

// serverReturns is an API server's coming back at the new version.
func (w *World) serverReturns(s *server, u *upgrade) {
	c := s.controller
	if c.upgrade != u || u.phase < phaseWindow || !s.alive {
		return
	}
	s.version = u.target
	s.restarting = false
	s.window = true
	s.machine().arrive(c.model())
	if c.model().onKubernetes() {
		c.model().upgraded = time.Now()
		w.podsLose(c, w.sched.simulated(time.Since(u.gone)))
	}
	w.settleServer(s)
	w.maybeFinish(c, u)
}

// maybeFinish ends the upgrade a while after all servers are there.
func (w *World) maybeFinish(c *controller, u *upgrade) {
	if c.upgrade != u || u.finishing || !c.allThere(u) {
		return
	}
	u.finishing = true
	w.sched.after(w.timing.UpgradeWindow, func() {
		u.finishing = false
		if c.upgrade == u && c.allThere(u) {
			w.finishUpgrade(c)
		}
	})
}

// allThere says whether each server runs the target; after an abort, whether each
// has been restarted since as well.
func (c *controller) allThere(u *upgrade) bool {
	for _, s := range c.servers {
		if !s.alive || s.restarting || s.version != u.target || u.phase == phaseAborted && !s.restarted {
			return false
		}
	}
	return u.phase == phaseWindow || u.phase == phaseAborted
}

func (w *World) finishUpgrade(c *controller) {
	c.upgrade = nil
	c.model().aborted, c.model().upgraded = "", time.Time{}
	for _, s := range c.servers {
		s.window = false
		s.machine().upgradeError = ""
		for _, u := range s.machine().allUnits() {
			w.sched.after(w.timing.UnitSettle+u.fault.Delay, func() { u.arrive(c.model()) })
		}
	}
	w.moveAll(c)
}

func (w *World) abortUpgrade(c *controller, u *upgrade) {
	if c.upgrade != u || u.phase != phaseWindow || c.allThere(u) {
		return
	}
	u.phase = phaseAborted
	c.model().aborted = "last upgrade aborted on " + time.Now().UTC().Format(time.RFC3339)
	for _, s := range c.servers {
		s.restarted = false
		if s.alive {
			s.machine().upgradeError = "upgrade to " + u.target.String() +
				" failed (giving up): aborted wait for other controllers: timed out"
		}
	}
}

// killServer is the death of a controller machine's agent.
func (w *World) killServer(s *server) {
	s.alive = false
	s.machine().leave()
	for _, u := range s.machine().allUnits() {
		u.leave()
	}
	w.settleServer(s)
}

// startServer starts a dead one again; it takes a moment.
func (w *World) startServer(s *server) {
	c := s.controller
	w.sched.after(w.timing.ControllerStagger, func() {
		s.alive = true
		s.restarted = true
		switch u := c.upgrade; {
		case u == nil || u.phase == phaseNotice:
			s.restarting = false
			s.machine().present = true
			s.machine().since = time.Now()
			for _, unit := range s.machine().allUnits() {
				unit.arrive(c.model())
			}
			w.settleServer(s)
		case u.phase == phaseDown:
			w.primaryReturns(c, u)
		default:
			w.serverReturns(s, u)
		}
	})
}

// KillServer ends the agent of a controller machine as SIGKILL does: its API server
// refuses connections, and an upgrade waits for it.
func (w *World) KillServer(controllerName string, server int) (start func(), err error) {
	return w.Inject(controllerName, estate.Fault{Kind: estate.FaultKilled, Server: server})
}

// RestartServer drops the connections of an API server and has it back a moment later.
func (w *World) RestartServer(controllerName string, server int) error {
	start, err := w.KillServer(controllerName, server)
	if err != nil {
		return err
	}
	start()
	return nil
}
