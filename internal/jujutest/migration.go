package jujutest

import (
	"time"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujutest/estate"
)

// How a model moves to another controller: stage after stage, each with the text that
// Juju shows of it. A stage has its time, and then does what it is for: it goes on, is
// tried again, or fails, and then the migration is aborted and the target's half of
// the model removed. There is no way back from SUCCESS. (Juju
// internal/worker/migrationmaster)

// migration is one of a model away from its controller.
type migration struct {
	id     string
	model  *model // where it was
	half   *model // where it comes to, from the import on
	target targetInfo
	phase  string
	status string
	stage  int
	start  time.Time
	end    time.Time
	// exporting says that the model is in Juju's migration mode "exporting".
	exporting bool
	// since is when the stage began to wait for something.
	since time.Time
	// admitted is when, after since, each agent may log in at the target.
	admitted map[string]time.Duration
	// moved are the agents that have left for the target.
	moved map[string]bool
}

// active says that it has neither moved the model nor been given up.
func (g *migration) active() bool { return g != nil && g.end.IsZero() }

// stage is what Juju shows as one text.
type stage struct {
	phase, status string
	run           func(*World, *migration) outcome
	// fragile says that a fault that aborts the phase strikes here.
	fragile bool
}

// outcome of a stage; its zero value means that the next one begins.
type outcome struct {
	again  bool   // it is tried again
	reason string // it has failed
	over   bool   // there is no next one
}

func stages() []stage {
	return []stage{
		{phase: "QUIESCE", status: "performing source prechecks", run: checkSource},
		{phase: "QUIESCE", status: "performing target prechecks", run: checkTarget},
		{phase: "QUIESCE", status: "quiescing, waiting for agents to report back", run: awaitReports},
		{phase: "QUIESCE", status: "quiescing, all agents reported success", fragile: true},
		{phase: "QUIESCE", status: "performing source prechecks", run: checkSource},
		{phase: "QUIESCE", status: "performing target prechecks", run: checkTarget},
		{phase: "IMPORT", status: "exporting model"},
		{phase: "IMPORT", status: "importing model into target controller", run: importModel},
		{phase: "IMPORT", status: "uploading model binaries into target controller", run: uploadBinaries, fragile: true},
		{phase: "PROCESSRELATIONS", status: "processing relations", fragile: true},
		{phase: "VALIDATION", status: "validating, waiting for agents to report back", run: awaitReports},
		{phase: "VALIDATION", status: "validating, all agents reported success"},
		{phase: "VALIDATION", status: "checking machines in migrated model", run: checkMachines, fragile: true},
		{phase: "VALIDATION", status: "activating model in target controller", run: activateModel},
		{phase: "SUCCESS", status: "successful, waiting for agents to report back", run: leaveSource},
		{phase: "SUCCESS", status: "transferring ownership of cloud resources to target controller", run: transferResources},
		{phase: "LOGTRANSFER", status: "successful, transferring logs to target controller (0 sent)", run: transferLogs},
		{phase: "LOGTRANSFER", status: "successful, transferred logs to target controller (163 sent)"},
		{phase: "REAP", status: "successful, removing model from source controller", run: reapModel},
	}
}

// stageTime is how long a stage takes: its share of the phase's time.
func (w *World) stageTime(st stage) time.Duration {
	d, ok := w.timing.Phases[st.phase]
	if !ok {
		d = w.timing.MigrationPhase
	}
	n := 0
	for _, other := range stages() {
		if other.phase == st.phase {
			n++
		}
	}
	return d / time.Duration(n)
}

// migrationPoll is how often a stage that waits looks again.
const migrationPoll = 500 * time.Millisecond

// beginMigration makes what was accepted begin. A controller of Juju 4 takes its time.
func (w *World) beginMigration(g *migration) {
	notice := w.timing.MigrationPhase / 10
	if g.model.controller.version4() {
		notice = w.timing.MigrationNotice
	}
	g.model.migration = g
	g.phase, g.status, g.start = "QUIESCE", "starting", time.Now()
	w.sched.after(notice, func() {
		g.exporting = true
		w.startMigration(g)
	})
}

// startMigration enters the first stage, unless the worker that should hangs. (seen of
// a model that had left a controller and come back)
func (w *World) startMigration(g *migration) {
	if g.model.controller.holding(estate.FaultMigrationSticks, g) != nil {
		w.sched.after(migrationPoll, func() { w.startMigration(g) })
		return
	}
	w.enterStage(g, 0)
}

func (w *World) enterStage(g *migration, i int) {
	st := stages()[i]
	if st.phase == "PROCESSRELATIONS" && g.model.controller.version4() {
		w.enterStage(g, i+1)
		return
	}
	g.stage, g.phase, g.status = i, st.phase, st.status
	g.since, g.admitted = time.Now(), nil
	w.sched.after(w.stageTime(st), func() { w.runStage(g) })
}

// runStage does what a stage is for, unless something keeps it.
func (w *World) runStage(g *migration) {
	st := stages()[g.stage]
	c := g.model.controller
	if c.byUUID[g.model.uuid] != g.model {
		return // the model has been removed meanwhile
	}
	if !c.serves() || c.holding(estate.FaultMigrationSticks, g) != nil {
		w.sched.after(migrationPoll, func() { w.runStage(g) })
		return
	}
	var out outcome
	if st.run != nil {
		out = st.run(w, g)
	}
	if st.fragile && out == (outcome{}) {
		if f := c.striking(estate.FaultMigrationAborts, g, st.phase); f != nil {
			out.reason = f.reason(st.phase)
		}
	}
	switch {
	case out.over:
	case out.again:
		w.sched.after(migrationPoll, func() { w.runStage(g) })
	case out.reason != "":
		w.abortMigration(g, out.reason)
	default:
		w.enterStage(g, g.stage+1)
	}
}

// serves says whether any API server of the controller is at work: it is they who
// carry a migration out.
func (c *controller) serves() bool {
	for _, s := range c.servers {
		if s.alive && !s.restarting {
			return true
		}
	}
	return false
}

// reason is why a phase fails.
func (f *fault) reason(phase string) string {
	if f.Message != "" {
		return f.Message
	}
	return map[string]string{
		"QUIESCE":          "quiescing, some agents reported failure",
		"IMPORT":           "model data transfer failed, failed to migrate binaries: cannot upload agent binaries",
		"PROCESSRELATIONS": "processing relations failed, processing relations failed",
		"VALIDATION":       "machine sanity check failed, 1 error found",
	}[phase]
}

// abortMigration gives a migration up, and has the target's half removed.
func (w *World) abortMigration(g *migration, reason string) {
	g.phase, g.status = "ABORT", "aborted, removing model from target controller: "+reason
	if half := g.half; half != nil && g.model.controller.striking(estate.FaultMigrationLeftover, g, "") == nil {
		if _, failure := w.connect(g.target); failure == nil {
			half.dropping = true
			if half.controller.version4() {
				half.life = "dead"
			}
		}
	}
	w.sched.after(w.timing.MigrationPhase/2, func() {
		if g.half != nil && g.half.dropping {
			w.forgetModel(g.half)
		}
		g.phase, g.end, g.exporting = "ABORTDONE", time.Now(), false
	})
}

// forgetModel takes a model away from its controller.
func (w *World) forgetModel(m *model) {
	c := m.controller
	for i, other := range c.models {
		if other == m {
			c.models = append(c.models[:i:i], c.models[i+1:]...)
			delete(c.byUUID, m.uuid)
			return
		}
	}
}

// holding is a fault that keeps a migration in its phase. It is not used up.
func (c *controller) holding(kind string, g *migration) *fault {
	for _, f := range c.faults.list {
		if f.Kind == kind && f.Phase == g.phase && f.means(g.model) {
			return f
		}
	}
	return nil
}

// striking is a fault that hits a migration, in that phase if it names one, and
// counts it.
func (c *controller) striking(kind string, g *migration, phase string) *fault {
	return c.faults.strike(func(f *fault) bool {
		return f.Kind == kind && (f.Phase == "" || f.Phase == phase) && f.means(g.model)
	})
}
