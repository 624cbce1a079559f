package e2e

import (
	"slices"
	"testing"
	"time"
)

// TestASourceOfJuju4ThatGoesOnListingWhatHasMoved: from 4.1.0 to 4.1.1. A source of
// 4.1 shows nothing of a migration, neither that it is under way nor that it has
// ended, and goes on listing what has left it; it even takes another request for the same
// model. Arrival is what the target shows, and nothing is asked for twice.
//
// Models without machines: on the bench, migrations with agents between two
// controllers of 4.1-beta2 do not end (its agents never report back).
func TestASourceOfJuju4ThatGoesOnListingWhatHasMoved(t *testing.T) {
	b := newBench(t)
	b.client = "4.1.1"
	b.up("new", "4.1.1")
	b.up("old", "4.1.0")
	b.model("old", "bare")
	b.model("old", "db", "--charm")
	b.juju("switch", "old:admin/db")
	b.captures("old")
	b.captures("new")
	b.isWell("new")
	b.isWell("old")
	ids := b.modelIDs("old")
	moving := map[string]string{"bare": ids["old:admin/bare"], "db": ids["old:admin/db"]}
	page := b.transcript(t, "move-from-juju4.md", "From 4.1.0 to 4.1.1", "`old` is at 4.1.0 and has an empty model and one with an application without units; `new` is at 4.1.1. Controllers of 4.1-beta2 show nothing of migrations, and go on listing what has moved.")

	to := []string{"-c", "old", "--to", "new", "--agent-version", "4.1.0"} // not patched first
	planned := b.tool(append([]string{"plan"}, to...)...).exits(t, exitPending)
	planned.says(t, `4\.1\.0 → 4\.1\.1`, `2 of 2 to move`, `backup-impossible`)
	page.show(planned)
	ran := b.tool(append([]string{"-y"}, to...)...).exits(t, exitDone)
	page.show(ran)
	ran.says(t, `2 models moved from old to new, at 4\.1\.1`, `old goes on listing admin/bare`, `old goes on listing admin/db`, `never destroy it on old`)
	b.at("4.1.1", "new:admin/bare", "new:admin/db")
	b.at("4.1.0", "old:admin/controller")
	page.show(b.must(time.Minute, "juju", "status"))
	for model, id := range moving {
		if got := b.homes(id, "old", "new"); !slices.Equal(got, []string{"old", "new"}) {
			t.Errorf("%s is listed by %v: is what is said here about 4.1 still so?", model, got)
		}
	}
	b.askedToMigrate("old", once(moving))
	b.noAccounts("new", "old")
	b.settled(1)

	for _, args := range [][]string{to, {"-c", "old", "--to", "new", "-m", "old:admin/db"}} {
		again := b.tool(append([]string{"-y"}, args...)...).exits(t, exitDone)
		again.says(t, `(?i)nothing to do`, `on new already`)
		page.note("Once more:")
		page.show(again)
	}
	b.askedToMigrate("old", once(moving))
	b.tool("resume", "1").says(t, `(?i)nothing|finished|done`)
	b.askedToMigrate("old", once(moving))
	b.keepsSecrets()
}
