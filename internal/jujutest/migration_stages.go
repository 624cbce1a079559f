package jujutest

import (
	"fmt"
	"time"

	jujucontroller "github.com/juju/juju/controller"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujutest/estate"
)

func checkSource(_ *World, g *migration) outcome {
	if failure := g.model.sourceChecks(); failure != nil {
		return outcome{reason: "source prechecks failed: " + failure.Message}
	}
	return outcome{}
}

func checkTarget(w *World, g *migration) outcome {
	c, failure := w.connect(g.target)
	if failure != nil {
		return g.unless(w, failure, "failed to connect to target controller during prechecks: ")
	}
	if c.uuid != g.target.uuid {
		return outcome{reason: fmt.Sprintf("unexpected target controller UUID (got controller-%s, expected controller-%s)", c.uuid, g.target.uuid)}
	}
	if failure := c.targetChecks(g.model); failure != nil {
		return outcome{reason: "target prechecks failed: " + failure.Message}
	}
	return outcome{}
}

// unless is how a stage ends that could not connect to the target: it waits for one
// that cannot be reached, and fails for good when it is refused, or after a while.
func (g *migration) unless(w *World, failure *connectFailure, prefix string) outcome {
	if failure.refused || w.sched.simulated(time.Since(g.since)) > targetPatience {
		return outcome{reason: prefix + failure.Message}
	}
	return outcome{again: true}
}

// targetPatience is how long a target that cannot be reached is waited for. (seen)
const targetPatience = 80 * time.Second

// reports says whether an agent reports back, and how long after the stage began.
func (g *migration) reports(w *World, a *agent) (time.Duration, bool) {
	if !a.present || a.fault.Kind == estate.AgentFrozen {
		return 0, false
	}
	if g.phase != "VALIDATION" {
		return 0, true
	}
	if _, ok := g.admitted[a.tag]; !ok {
		if g.admitted == nil {
			g.admitted = map[string]time.Duration{}
		}
		g.admitted[a.tag] = g.half.controller.admit(w.sched) + w.sched.simulated(time.Since(g.since))
	}
	return g.admitted[a.tag], g.admitted[a.tag] <= validationTime
}

// validationTime is how long an agent tries to log in at the target. One that is
// refused for longer does not report. (Juju migrationminion retryMaxDuration)
const validationTime = 5 * time.Minute

// awaitReports waits for each agent's report.
func awaitReports(w *World, g *migration) outcome {
	missing, still := g.reporting(w)
	prefix := map[string]string{"QUIESCE": "quiescing", "VALIDATION": "validating"}[g.phase]
	waited := w.sched.simulated(time.Since(g.since))
	switch {
	case missing == 0 && still == 0:
		return outcome{}
	case waited > g.model.controller.agentWait():
		return outcome{reason: prefix + ", timed out waiting for agents to report"}
	case waited > 30*time.Second:
		g.status = fmt.Sprintf("%s, waiting for agents to report back: %d succeeded, %d still to report",
			prefix, len(g.model.agents)-missing-still, missing+still)
	}
	return outcome{again: true}
}

// reporting counts the agents that do not report, and those that have yet to.
func (g *migration) reporting(w *World) (missing, still int) {
	waited := w.sched.simulated(time.Since(g.since))
	for _, a := range g.model.inOrder() {
		after, ok := g.reports(w, a)
		switch {
		case !ok:
			missing++
		case after > waited:
			still++
		}
	}
	return missing, still
}

// agentWait is how long a migration waits for agents in each phase.
func (c *controller) agentWait() time.Duration {
	return jujucontroller.Config(c.config).MigrationMinionWaitMax()
}

// importModel makes the target's half of the model.
func importModel(w *World, g *migration) outcome {
	const prefix = "model data transfer failed, failed to "
	c, failure := w.connect(g.target)
	if failure != nil {
		return g.unless(w, failure, prefix+"connect to target controller: ")
	}
	if reason := c.cannotImport(g.model); reason != "" {
		return outcome{reason: prefix + "import model into target controller: " + reason}
	}
	g.half = w.importInto(c, g.model)
	return outcome{}
}

// uploadBinaries goes on over the connection of the import.
func uploadBinaries(w *World, g *migration) outcome {
	if _, failure := w.connect(g.target); failure != nil && !failure.refused {
		return g.unless(w, failure, "model data transfer failed, failed to migrate binaries: ")
	}
	return outcome{}
}

// checkMachines compares the model's machines with its cloud's. What cannot connect
// here makes Juju's worker begin the phase anew, for ever.
func checkMachines(w *World, g *migration) outcome {
	if _, failure := w.connect(g.target); failure != nil {
		return g.anew(w)
	}
	if n := g.model.strangeInstances(); n > 0 {
		plural := ""
		if n > 1 {
			plural = "s"
		}
		return outcome{reason: fmt.Sprintf("machine sanity check failed, %d error%s found", n, plural)}
	}
	return outcome{}
}

// anew makes the phase begin anew.
func (g *migration) anew(w *World) outcome {
	first := g.stage
	for first > 0 && stages()[first-1].phase == g.phase {
		first--
	}
	w.sched.after(workerRestart, func() { w.enterStage(g, first) })
	return outcome{over: true}
}

// workerRestart is how long a worker that has failed is away.
const workerRestart = 4 * time.Second

// activateModel makes the half whole: from here on the model is the target's.
func activateModel(w *World, g *migration) outcome {
	if _, failure := w.connect(g.target); failure != nil {
		return g.anew(w)
	}
	m := g.half
	m.importing, m.since = false, time.Now()
	delete(m.controller.departed, m.uuid) // it can have come back
	if m.controller.version4() {
		m.version = m.controller.version() // its agents follow when they have come
	}
	return outcome{}
}

// leaveSource has the agents go to the target. Those that do not report are waited
// for; then it goes on without them.
func leaveSource(w *World, g *migration) outcome {
	waits := false
	for _, a := range g.model.inOrder() {
		switch {
		case g.moved[a.tag]:
			continue
		case !a.present || a.fault.Kind == estate.AgentFrozen:
			waits = true
			continue
		}
		if g.moved == nil {
			g.moved = map[string]bool{}
		}
		g.moved[a.tag] = true
		a.leave()
		w.moveAgent(g, g.half.agents[a.tag])
	}
	if waits && w.sched.simulated(time.Since(g.since)) < g.model.controller.agentWait() {
		return outcome{again: true}
	}
	return outcome{}
}

// moveAgent has an agent come to the target, unless it stays with the old controller.
func (w *World) moveAgent(g *migration, a *agent) {
	m := g.half
	for _, f := range g.model.controller.faults.list {
		if f.Kind == estate.FaultMigrationStrands && f.Agent == a.tag && f.means(g.model) {
			a.fault = estate.AgentFault{Agent: a.tag, Kind: estate.AgentDown}
			a.since = time.Now()
			return
		}
	}
	w.sched.after(w.timing.AgentMove+m.controller.admit(w.sched), func() {
		if a.fault.Kind == estate.AgentDown || a.moving {
			return
		}
		a.present, a.since = true, time.Now()
		w.podComes(m, a)
		w.moveAgents(m)
		w.followCharms(m)
	})
}

// transferResources and transferLogs need the account with which the source logs in
// at the target; without it they are tried again for ever. (seen; Juju issue 20286)
func transferResources(w *World, g *migration) outcome {
	if _, failure := w.connect(g.target); failure != nil {
		return g.anew(w)
	}
	return outcome{}
}

func transferLogs(w *World, g *migration) outcome { return transferResources(w, g) }

// reapModel removes the model where it was.
func reapModel(w *World, g *migration) outcome {
	m := g.model
	c := m.controller
	if f := c.striking(estate.FaultReapFails, g, ""); f != nil {
		reason := f.Message
		if reason == "" {
			reason = "transaction aborted"
		}
		g.phase, g.status, g.end = "REAPFAILED", "removing exported model failed: "+reason, time.Now()
		return outcome{over: true}
	}
	if c.version4() || c.striking(estate.FaultKeepsModel, g, "") != nil {
		g.phase, g.end, g.exporting = "DONE", time.Now(), false
		if !c.version4() {
			m.migration = nil
		}
		return outcome{over: true}
	}
	m.reaping = true
	users := map[string]bool{}
	for _, u := range m.users {
		users[u.name] = true
	}
	moment := w.timing.MigrationPhase / 10
	w.sched.after(moment, func() {
		g.phase, g.end = "DONE", time.Now()
		w.sched.after(moment, func() {
			w.forgetModel(m)
			w.sched.after(w.timing.MigrationGap, func() {
				c.departed[m.uuid] = &departure{target: g.target, users: users}
			})
		})
	})
	return outcome{over: true}
}
