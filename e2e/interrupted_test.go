package e2e

import (
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/journal"
)

// Steps of the runs below.
const (
	prodUpgrade = "/prod/controller/upgrade"
	webUpgrade  = "/prod/models/admin/web/upgrade"
)

// TestAKilledRunIsResumed: SIGKILL at the worst moments, while a controller
// restarts and while a model's agents do. What Juju was asked for is not asked
// for again, nothing is lost, and no other run starts meanwhile.
func TestAKilledRunIsResumed(t *testing.T) {
	b := newBench(t)
	b.up("prod", "3.6.4")
	b.model("prod", "web", "--worker")
	web := b.modelIDs("prod")["prod:admin/web"]
	b.model("prod", "db", "--charm")
	page := b.transcript(t, "killed.md", "A run is killed, twice", "The tool is killed while the controller upgrades, and again while a model does.")

	p := b.start("-y", "-c", "prod")
	p.awaits(2*time.Minute, "the controller was asked", func() bool { return len(b.requests("prod")) == 1 })
	p.signal(syscall.SIGKILL)
	page.show(p.wait(10 * time.Second))
	status := b.tool("status")
	status.says(t, `(?m)^Interrupted`, `resume`)
	page.show(status)
	held := b.tool("-y", "-c", "prod").exits(t, exitHeld)
	held.says(t, `resume 1`, `abandon 1`)
	page.show(held)

	b.fault("freeze", "prod-web-0") // so that its model is under way for as long as it takes to look
	p = b.start("resume", "-y")
	p.awaits(2*time.Minute, "web was asked", func() bool { return b.asked(web, "prod") })
	p.awaits(time.Minute, "web is under way", func() bool { return b.reached(1, webUpgrade, journal.Started) })
	if !b.reached(1, prodUpgrade, journal.Done) {
		t.Error("a model was asked for before its controller was done")
	}
	p.signal(syscall.SIGKILL)
	page.note("Resumed, and killed again:")
	page.show(p.wait(10 * time.Second))
	b.fault("thaw", "prod-web-0")

	resumed := b.tool("resume", "1", "-y").exits(t, exitDone)
	page.note("Resumed once more:")
	page.show(resumed)
	b.at("3.6.11", "prod:admin/controller", "prod:admin/web", "prod:admin/db")
	b.askedOnce("3.6.11", "prod", []string{"prod"}, "prod:admin/controller", "prod:admin/web", "prod:admin/db")
	b.settled(1)
	b.tool("-y", "-c", "prod").exits(t, exitDone).says(t, `(?i)nothing to do`)
	b.keepsSecrets()
}

// TestARunThatIsTornDownBeforeItAsksIsResumed: killed between "started" and
// the request, or just after it; either way each is asked for once.
func TestARunThatIsTornDownBeforeItAsksIsResumed(t *testing.T) {
	b := newBench(t)
	b.up("prod", "3.6.4")
	b.model("prod", "db", "--charm")
	p := b.start("-y", "-c", "prod")
	p.awaits(2*time.Minute, "the step has begun", func() bool { return b.reached(1, prodUpgrade, journal.Started) })
	p.signal(syscall.SIGKILL)
	p.wait(10 * time.Second)
	t.Logf("asked for when it was killed: %v", b.requests("prod"))
	b.tool("resume", "-y").exits(t, exitDone)
	b.at("3.6.11", "prod:admin/controller", "prod:admin/db")
	b.askedOnce("3.6.11", "prod", []string{"prod"}, "prod:admin/controller", "prod:admin/db")
	b.settled(1)
}

// TestCtrlCLeavesAResumableRun: without waiting for Juju, and saying what Juju still does.
func TestCtrlCLeavesAResumableRun(t *testing.T) {
	b := newBench(t)
	b.up("prod", "3.6.4")
	b.model("prod", "web", "--worker")
	web := b.modelIDs("prod")["prod:admin/web"]
	page := b.transcript(t, "interrupted.md", "A run is interrupted and resumed", "Ctrl-C while the agents of a model restart.")
	b.fault("freeze", "prod-web-0")
	p := b.direct("-y", "-c", "prod")
	p.awaits(3*time.Minute, "web was asked", func() bool { return b.asked(web, "prod") })
	began := time.Now()
	p.signal(syscall.SIGINT)
	interrupted := p.wait(20*time.Second).exits(t, exitInterrupted)
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("it took %v to stop", took)
	}
	interrupted.says(t, `resume`, `(?i)juju`)
	page.show(interrupted)
	b.fault("thaw", "prod-web-0")
	page.show(b.tool("status"))
	page.show(b.tool("resume", "-y").exits(t, exitDone))
	b.at("3.6.11", "prod:admin/controller", "prod:admin/web")
	b.askedOnce("3.6.11", "prod", []string{"prod"}, "prod:admin/controller", "prod:admin/web")
	b.settled(1)
}

// TestAControllerThatDiesMidRunIsSurvived: its agent is killed while a model's
// agents restart, and comes back; the run waits, and says so.
func TestAControllerThatDiesMidRunIsSurvived(t *testing.T) {
	b := newBench(t)
	b.up("prod", "3.6.4")
	b.model("prod", "web", "--worker")
	web := b.modelIDs("prod")["prod:admin/web"]
	b.model("prod", "db", "--charm")
	b.fault("freeze", "prod-web-0")
	p := b.start("-y", "-c", "prod")
	p.awaits(3*time.Minute, "web was asked", func() bool { return b.asked(web, "prod") })
	b.fault("kill-controller", "prod")
	b.fault("thaw", "prod-web-0")
	time.Sleep(5 * time.Second) // for so long it does not answer
	if !p.running() {
		t.Fatalf("the run has ended without its controller:\n%s", p.wait(time.Second).all)
	}
	b.fault("start-controller", "prod")
	p.wait(runLimit).exits(t, exitDone)
	b.at("3.6.11", "prod:admin/controller", "prod:admin/web", "prod:admin/db")
	b.askedOnce("3.6.11", "prod", []string{"prod"}, "prod:admin/controller", "prod:admin/web", "prod:admin/db")
	b.settled(1)
}

// TestAnAbandonedRunHoldsNothing: after it a new run may begin.
func TestAnAbandonedRunHoldsNothing(t *testing.T) {
	b := newBench(t)
	b.up("prod", "3.6.4")
	p := b.start("-y", "-c", "prod", "--backup", "skip")
	p.awaits(2*time.Minute, "the controller was asked", func() bool { return len(b.requests("prod")) == 1 })
	p.signal(syscall.SIGKILL)
	p.wait(10 * time.Second)
	b.tool("abandon", "1").exits(t, exitDone)
	b.tool("resume", "1").says(t, `abandoned`)
	b.arrives(2*time.Minute, "3.6.11", "prod:admin/controller") // Juju goes on by itself
	b.tool("-y", "-c", "prod").exits(t, exitDone).says(t, `(?i)nothing to do`)
	b.tool("runs").exits(t, exitDone).says(t, `(?i)abandoned`)
}

// asked says that a controller was asked to upgrade the model of that UUID.
func (b *bench) asked(uuid string, machines ...string) bool {
	return slices.ContainsFunc(b.requests(machines...), func(r request) bool { return r.model == uuid })
}
