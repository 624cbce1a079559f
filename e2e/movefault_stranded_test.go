package e2e

import (
	"os"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/journal"
)

// TestAStrandedUnitAgentIsNeverReportedAsArrived: a unit's agent that has kept the
// addresses of the old controller, though its model has moved, is named, with a
// cure that works as it is printed. (Juju issues 18618 and 21820: it comes about by
// chance, so the end state is made here.)
func TestAStrandedUnitAgentIsNeverReportedAsArrived(t *testing.T) {
	b := newBench(t)
	b.pair()
	b.model("old", "app", "--worker")
	app := b.modelIDs("old")["old:admin/app"]
	page := b.transcript(t, "move-stranded.md", "A unit's agent stays with the old controller", "The model `app` has moved, and Juju reports a success; but the agent of its unit keeps the addresses of `old`.")
	conf := b.file("old-app-0", "/var/lib/juju/agents/unit-tiny-0/agent.conf")
	before, err := os.ReadFile(conf)
	if err != nil {
		t.Fatal(err)
	}

	// Killed when the migration has begun, the run sees nothing of its end.
	p := b.start(move("--stall", "30s")...)
	p.awaits(time.Minute, "the migration is asked for", func() bool { return len(b.migrationsAsked("old")) == 1 })
	p.signal(syscall.SIGKILL)
	p.wait(10 * time.Second)
	b.eventually(3*time.Minute, "app has left old", func() bool { return len(b.modelsOf("old")) == 1 })
	// Only its machine: Juju may have stranded the unit's agent by itself by now.
	b.eventually(3*time.Minute, "the machine of app has come to new", func() bool {
		r := b.look(time.Minute, "juju", "status", "-m", "new:admin/app", "--format", "json")
		s, err := parseStatus(r.stdout)
		agents := s.agents()
		return r.code == 0 && err == nil && len(agents) == 2 && agents[0].state == "started"
	})
	b.fault("stop-agent", "old-app-0")
	if err := os.WriteFile(conf, before, 0o600); err != nil {
		t.Fatal(err)
	}
	b.fault("start-agent", "old-app-0")
	b.eventually(3*time.Minute, "the machine is there and its unit is not", func() bool {
		agents := b.status("new:admin/app").agents()
		return len(agents) == 2 && agents[0].state == "started" && agents[1].state == "lost"
	})

	stranded := b.tool("resume", "-y").exits(t, exitFailed)
	page.show(stranded)
	stranded.says(t, `new:admin/app arrive.*failed`, `tiny/0`, `(?s)lost.*agent is not communicating`, `juju ssh -m new:admin/app 0`, `resume 1`)
	failed := b.stepIs(1, "/new/models/admin/app/arrive", journal.Failed)
	if len(failed.Missing) != 1 || failed.Missing[0].Name != "tiny/0" {
		t.Errorf("the step names %v", failed.Missing)
	}
	b.stepIs(1, "/new/models/admin/app/verify", journal.Held)
	b.onlyUsers("new", "admin")
	// Again, without a cure: no better.
	b.tool("resume", "-y").exits(t, exitFailed).says(t, `tiny/0`)

	printed := cures(t, stranded.all)
	if len(printed) != 1 || !strings.Contains(printed[0].script, "unit-tiny-0") {
		t.Fatalf("what is printed is not one command about the unit: %v", printed)
	}
	b.must(time.Minute, "enter", "old-app-0", "sh", "-c", printed[0].script)
	b.arrives(2*time.Minute, "3.6.11", "new:admin/app")
	page.note("What is printed is typed:")
	resumed := b.tool("resume", "-y").exits(t, exitDone)
	page.show(resumed)
	b.on("old")
	b.on("new", "app")
	b.at("3.6.11", "new:admin/app")
	b.askedToMigrate("old", map[string]int{app: 1})
	b.onlyUsers("new", "admin")
	b.settled(1)
	b.keepsSecrets()
}
