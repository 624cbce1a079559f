package e2e

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/journal"
)

// TestAControllerWithHAIsUpgraded: a member without its database, or dead, is
// found before; one that dies midway is named and waited for, and the upgrade
// is finished when it is back.
func TestAControllerWithHAIsUpgraded(t *testing.T) {
	b := newBench(t)
	b.up("prod", "3.6.4", "--ha")
	b.model("prod", "db", "--charm")
	members := []string{"prod", "prod-1", "prod-2"}
	page := b.transcript(t, "ha.md", "A controller of three machines", "First without one database, then with a dead member, then one dies while the controller is upgraded.")
	before := b.world("prod")

	b.fault("stop-db", "prod-2")
	time.Sleep(11 * time.Second) // a member is down 10 s after its last sign of life
	refused := b.tool("-y", "-c", "prod").exits(t, exitBlocked)
	refused.says(t, `BLOCKER`, `database node`, `DOWN`)
	page.note("The database of machine 2 is down: Juju itself would refuse.")
	page.show(refused)
	b.fault("start-db", "prod-2")

	b.fault("kill-controller", "prod-2")
	b.eventually(time.Minute, "the dead member is seen", func() bool { return b.status("prod:admin/controller").Machines["2"].Agent.Current == "down" })
	// Each server sees for itself who is gone, the machine's agent or that of its unit
	// first, and any of them may answer.
	dead := b.tool("-y", "-c", "prod").exits(t, exitBlocked)
	dead.says(t, `BLOCKER\s+server-down`, `10\.99\.0\.13`, `BLOCKER\s+(controller-machine-down|agent-down)`)
	page.note("The agent of machine 2 is dead: Juju would accept the upgrade, and wait for it.")
	page.show(dead)
	if got := b.requests("prod", "prod-1"); len(got) != 0 {
		t.Errorf("with a member down it has asked for %v", got)
	}
	b.fault("start-controller", "prod-2")
	b.eventually(time.Minute, "all is as before", func() bool { return b.healthy("prod", before) })
	// Its status is well a moment before its own address answers.
	b.eventually(time.Minute, "nothing is in the way", func() bool { return b.tool("plan", "-c", "prod").code == exitPending })

	p := b.start("-y", "-c", "prod")
	p.awaits(2*time.Minute, "the controller was asked", func() bool { return len(b.requests(members...)) > 0 })
	// Not the one that was asked: had it died before it did what it was asked for,
	// asking another one would be right.
	victim, machine, address := "prod-2", "2", "10.99.0.13"
	if len(b.requests(victim)) > 0 {
		victim, machine, address = "prod-1", "1", "10.99.0.12"
	}
	b.fault("kill-controller", victim)
	awaited := regexp.MustCompile(`prod upgrade .*(machine ` + machine + `|` + regexp.QuoteMeta(address) + `)`)
	p.awaits(5*time.Minute, "it says whom it waits for", func() bool { return awaited.MatchString(p.shown()) })
	if b.reached(1, prodUpgrade, journal.Done) {
		t.Error("the controller is done without machine " + machine)
	}
	var status result
	p.awaits(2*time.Minute, "so does its status", func() bool {
		status = b.tool("status")
		return strings.Contains(status.all, "machine "+machine)
	})
	status.says(t, `(?m)^(Running|Waiting)`)
	page.note("Machine " + machine + " dies in the middle of the upgrade; from another terminal:")
	page.show(status)
	b.fault("start-controller", victim)
	ran := p.wait(runLimit).exits(t, exitDone)
	page.note("It is back, and the upgrade is finished. What the first terminal has shown:")
	page.show(ran)
	b.arrives(time.Minute, "3.6.11", "prod:admin/controller") // servers see each other late
	b.at("3.6.11", "prod:admin/controller", "prod:admin/db")
	b.askedOnce("3.6.11", "prod", members, "prod:admin/controller", "prod:admin/db")
	b.settled(1)
	b.hasBackups(1, 1)
}

// healthy says that the world is as it was.
func (b *bench) healthy(controller, before string) bool {
	b.t.Helper()
	if b.look(time.Minute, "juju", "models", "-c", controller).code != 0 {
		return false
	}
	return b.world(controller) == before
}
