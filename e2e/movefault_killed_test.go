package e2e

import (
	"fmt"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestAMoveThatIsKilledIsResumed: SIGKILL of the tool in different phases of a
// migration. Resumed, every model ends on exactly one controller; no migration is
// asked for twice, nobody is made twice, no temporary superuser is left.
func TestAMoveThatIsKilledIsResumed(t *testing.T) {
	for _, test := range []struct {
		phase string
		// slow makes the phase long, mend undoes that.
		slow, mend func(*bench)
		reached    func(*bench) bool
	}{
		{
			phase:   "QUIESCE",
			slow:    func(b *bench) { b.fault("freeze", "old-app-0") },
			mend:    func(b *bench) { b.fault("thaw", "old-app-0") },
			reached: func(b *bench) bool { return len(b.migrationsAsked("old")) == 1 },
		}, {
			phase:   "IMPORT",
			slow:    func(b *bench) { b.fault("slow", "old", "60000") },
			mend:    func(b *bench) { b.fault("slow", "old", "0") },
			reached: func(b *bench) bool { return b.count("new", "MigrationTarget", "Import") == 1 },
		}, {
			phase:   "SUCCESS",
			slow:    func(b *bench) { b.fault("slow", "old-app-0", "64") },
			mend:    func(b *bench) { b.fault("slow", "old-app-0", "0") },
			reached: func(b *bench) bool { return b.count("new", "MigrationTarget", "Activate") == 1 },
		},
	} {
		t.Run(test.phase, func(t *testing.T) {
			b := newBench(t)
			b.pair()
			// Longer than all that is done before the phase is let go on.
			b.juju("controller-config", "-c", "old", "migration-agent-wait-time=2m")
			b.model("old", "app", "--worker")
			b.model("old", "db", "--charm")
			b.juju("add-user", "carol", "-c", "old")
			b.juju("grant", "-c", "old", "carol", "read", "app", "db")
			ids := b.modelIDs("old")
			app, db := ids["old:admin/app"], ids["old:admin/db"]
			page := b.transcript(t, "move-killed-"+strings.ToLower(test.phase)+".md", "A move is killed in the phase "+test.phase,
				"The tool is killed (SIGKILL) in the middle of the migration of `app`, which Juju goes on with.")

			test.slow(b)
			p := b.start(move()...)
			p.awaits(2*time.Minute, test.phase, func() bool { return test.reached(b) })
			p.signal(syscall.SIGKILL)
			page.show(p.wait(10 * time.Second))
			status := b.tool("status")
			status.says(t, `(?m)^Interrupted`, `juju upgrade-all resume 1`)
			page.show(status)
			held := b.tool(move()...).exits(t, exitHeld)
			held.says(t, `resume 1`, `abandon 1`)
			test.mend(b)

			resumed := b.getsThere(t, b.start("resume", "-y"))
			page.show(resumed)
			b.movedOnce("carol", map[string]string{"app": app, "db": db})
		})
	}
}

// movedOnce fails the test unless run 1 has moved these models, given with their
// UUIDs, and made the user, each once, and has left nothing of its own.
func (b *bench) movedOnce(user string, models map[string]string) {
	b.t.Helper()
	names, asked := []string{}, map[string]int{}
	for name, id := range models {
		names, asked[id] = append(names, name), 1
	}
	b.on("old")
	b.on("new", names...)
	for _, name := range names {
		b.at("3.6.11", "new:admin/"+name)
	}
	b.askedToMigrate("old", asked)
	b.onlyUsers("new", "admin", user)
	made := 0
	for _, a := range b.auditLog("new") {
		if a.facade == "UserManager" && a.method == "AddUser" && strings.Contains(a.args, fmt.Sprintf(`"username":%q`, user)) {
			made++
		}
	}
	if made != 1 {
		b.t.Errorf("%s was made %d times, want once", user, made)
	}
	b.settled(1)
	b.keepsSecrets()
}

// TestCtrlCDuringAMigrationLeavesItToJuju: without waiting for it, and saying that
// nothing stops a migration and how to go on.
func TestCtrlCDuringAMigrationLeavesItToJuju(t *testing.T) {
	b := newBench(t)
	b.pair()
	b.model("old", "app", "--worker")
	b.model("old", "db", "--charm")
	b.juju("add-user", "carol", "-c", "old")
	b.juju("grant", "-c", "old", "carol", "read", "app")
	ids := b.modelIDs("old")
	page := b.transcript(t, "move-interrupted.md", "A move is interrupted and resumed", "Ctrl-C in the middle of the migration of `app`.")

	b.fault("freeze", "old-app-0")
	p := b.direct(move()...)
	p.awaits(time.Minute, "the migration is asked for", func() bool { return len(b.migrationsAsked("old")) == 1 })
	time.Sleep(2 * time.Second) // in the middle of it
	began := time.Now()
	p.signal(syscall.SIGINT)
	interrupted := p.wait(20*time.Second).exits(t, exitInterrupted)
	if took := time.Since(began); took > 5*time.Second {
		t.Errorf("it took %v to stop", took)
	}
	interrupted.says(t, `(?i)no call stops a migration|cannot be stopped|nothing stops`, `juju upgrade-all resume 1`, `app`)
	page.show(interrupted)
	b.fault("thaw", "old-app-0")
	page.show(b.tool("status"))
	page.show(b.getsThere(t, b.start("resume", "-y")))
	b.movedOnce("carol", map[string]string{"app": ids["old:admin/app"], "db": ids["old:admin/db"]})
}
