package e2e

import (
	"strings"
	"testing"
	"time"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/journal"
)

// TestAMigrationThatJujuGivesUpIsAccountedFor: the agents of a model do not report
// back, and Juju gives its migration up. The run says so with Juju's reason, moves
// what --max-failures leaves to it, tidies up, and the model works where it was.
// Once the agents are back, resume moves the rest.
func TestAMigrationThatJujuGivesUpIsAccountedFor(t *testing.T) {
	b := newBench(t)
	b.pair()
	b.model("old", "app", "--worker")
	b.model("old", "db", "--charm")
	ids := b.modelIDs("old")
	app, db := ids["old:admin/app"], ids["old:admin/db"]
	page := b.transcript(t, "move-aborted.md", "Juju gives a migration up", "Models move from `old` to `new`, both at 3.6.11. The machine of `app` stops answering when its migration begins (`migration-agent-wait-time` is 30 s here).")

	b.fault("freeze", "old-app-0") // seen as started and idle for some minutes still
	ran := b.tool(move()...).exits(t, exitFailed)
	page.show(ran)
	ran.says(t, `timed out waiting for agents`, `works on old as before`, `juju upgrade-all resume 1`, `max-failures`, `juju status -m old:admin/app`)
	b.stepIs(1, "/old/models/admin/app/migrate", journal.Failed)
	b.stepIs(1, "/old/models/admin/db/migrate", journal.Held)
	b.stepIs(1, "/new/accounts", journal.Done)
	b.onlyUsers("new", "admin")
	b.on("old", "app", "db")
	b.on("new")
	b.fault("thaw", "old-app-0")
	b.arrives(time.Minute, "3.6.11", "old:admin/app")

	page.note("The agents are back, on `old`:")
	page.show(b.tool("status"))
	resumed := b.getsThere(t, b.start("resume", "-y"))
	page.show(resumed)
	b.on("old")
	b.on("new", "app", "db")
	b.at("3.6.11", "new:admin/app", "new:admin/db")
	b.askedToMigrate("old", map[string]int{app: 2, db: 1})
	b.onlyUsers("new", "admin")
	b.settled(1)
	b.keepsSecrets()
}

// TestAModelWhoseImportIsTakenBackLetsOthersMove: the agents do not validate the
// new controller, which removes what it had of the model; with --max-failures the
// next model moves nevertheless.
func TestAModelWhoseImportIsTakenBackLetsOthersMove(t *testing.T) {
	b := newBench(t)
	b.pair()
	b.model("old", "app", "--worker")
	b.model("old", "db", "--charm")
	ids := b.modelIDs("old")
	app, db := ids["old:admin/app"], ids["old:admin/db"]

	b.fault("slow", "old", "60000") // so that its upload takes a while
	p := b.start(move("--max-failures", "2")...)
	p.awaits(time.Minute, "new imports app", func() bool { return b.count("new", "MigrationTarget", "Import") == 1 })
	b.fault("freeze", "old-app-0")
	b.fault("slow", "old", "0")
	ran := p.wait(runLimit).exits(t, exitFailed)
	ran.says(t, `validating, timed out waiting for agents`, `works on old as before`, `(?s)for\s+5\s+minutes`, `resume 1`)
	b.stepIs(1, "/old/models/admin/app/migrate", journal.Failed)
	b.stepIs(1, "/new/models/admin/db/verify", journal.Done)
	b.on("old", "app")
	b.on("new", "db")
	b.onlyUsers("new", "admin")
	b.fault("thaw", "old-app-0")
	// They go on trying to log in at new, and would not answer another migration.
	b.fault("stop-agent", "old-app-0")
	b.fault("start-agent", "old-app-0")
	b.arrives(time.Minute, "3.6.11", "old:admin/app")

	b.getsThere(t, b.start("resume", "-y"))
	b.on("old")
	b.on("new", "app", "db")
	b.at("3.6.11", "new:admin/app", "new:admin/db")
	b.askedToMigrate("old", map[string]int{app: 2, db: 1})
	b.onlyUsers("new", "admin")
	b.settled(1)
}

// TestAnAgentThatIsStoppedMidwayEndsItsMigrationInAnAccount: the machine agent of a
// model, and its unit's, end while the model is on its way.
func TestAnAgentThatIsStoppedMidwayEndsItsMigrationInAnAccount(t *testing.T) {
	b := newBench(t)
	b.pair()
	b.model("old", "app", "--worker")
	app := b.modelIDs("old")["old:admin/app"]
	page := b.transcript(t, "move-agent-stopped.md", "An agent is stopped in the middle of a migration", "The machine agent of `app` and its unit are killed while `old` uploads the model's agent binaries.")

	p := b.uploading()
	b.fault("stop-agent", "old-app-0")
	b.fault("slow", "old", "0")
	ran := p.wait(runLimit).exits(t, exitFailed)
	page.show(ran)
	ran.says(t, `timed out waiting for agents`, `works on old as before`, `juju upgrade-all resume 1`, `juju status -m old:admin/app`)
	b.stepIs(1, "/old/models/admin/app/migrate", journal.Failed)
	b.stepIs(1, "/new/accounts", journal.Done)
	b.on("old", "app")
	b.on("new")
	b.onlyUsers("new", "admin")

	b.fault("start-agent", "old-app-0")
	b.arrives(time.Minute, "3.6.11", "old:admin/app")
	page.note("The agent is started, and back on `old`:")
	page.show(b.getsThere(t, b.start("resume", "-y")))
	b.on("old")
	b.on("new", "app")
	b.at("3.6.11", "new:admin/app")
	b.askedToMigrate("old", map[string]int{app: 2})
	b.onlyUsers("new", "admin")
	b.settled(1)
}

// TestATargetThatIsCutOffForAWhileIsWaitedFor: an outage in the middle of the
// upload is no failure; Juju goes on, and so does the run.
func TestATargetThatIsCutOffForAWhileIsWaitedFor(t *testing.T) {
	b := newBench(t)
	b.pair()
	b.model("old", "app", "--worker")
	app := b.modelIDs("old")["old:admin/app"]

	p := b.uploading("--stall", "2m")
	b.fault("cut", "new")
	b.fault("slow", "old", "0")
	// Juju itself gives up when it needs a new connection and has none for 30 s.
	time.Sleep(20 * time.Second)
	if !p.running() {
		t.Fatalf("the run has ended without its target:\n%s", p.wait(time.Second).all)
	}
	b.fault("mend", "new")
	b.getsThere(t, p)
	b.on("old")
	b.on("new", "app")
	b.at("3.6.11", "new:admin/app")
	b.askedToMigrate("old", map[string]int{app: 1})
	b.onlyUsers("new", "admin")
	b.settled(1)
}

// uploading starts a run and waits until the old controller uploads app's agent
// binaries, which is made to take some ten seconds.
func (b *bench) uploading(more ...string) *process {
	b.t.Helper()
	b.fault("slow", "old", "40000")
	p := b.start(move(more...)...)
	p.awaits(time.Minute, "old uploads", func() bool { return strings.Contains(p.shown(), "uploading model binaries") })
	return p
}
