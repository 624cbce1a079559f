package e2e

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"time"
)

// toJuju4 are the arguments of a run from 3.6.11 to 4.1.0. The bench's machines
// are of the cloud type manual, which Juju 4 has not, hence what is accepted.
var toJuju4 = append([]string{"-c", "old", "--to", "next", "--accept", "manual-cloud@*"}, soon...)

// leaseLeft is how long an aborted import leaves leases behind on 4.1-beta2: what it
// claims for leaders, and a little more for the worker that lets go of them.
const leaseLeft = 65 * time.Second

// TestModelsWithUnitsMoveToJuju4: from 3.6.11 to 4.1.0, three models with a machine
// and a unit each; Juju 4 upgrades their agents by itself.
//
// What the bench cannot do: its cloud is "manual" and its 4.1.0 is a 4.1-beta2 that
// was patched to take such models (the beta refuses them); the agents' archive has
// a "jujud", which the beta lacks, and without which a machine agent of 3.6 does not
// start again; there is no cloud with an API of its own, no Vault, and no second server.
// The agents of 3.6.11 are hidden from the streams, since this beta aborts
// migrations by a race of its own otherwise: see the next test. Versions of machine
// agents are shown by no 4.1 controller.
func TestModelsWithUnitsMoveToJuju4(t *testing.T) {
	b := newBench(t)
	moving, workers := b.leaving("a", "b", "c")
	b.fault("hide-agents", "3.6.11")
	page := b.transcript(t, "move-juju4.md", "From 3.6.11 to 4.1.0", "`old` is at 3.6.11 and has three models with a machine and a unit each, on the cloud type `manual`, which Juju 4 has not. `next` is at 4.1.0, a patched 4.1-beta2.")

	blocked := b.tool("plan", "-c", "old", "--to", "next").exits(t, exitBlocked)
	blocked.says(t, `BLOCKER +manual-cloud +old:admin/a`, `--accept manual-cloud@old:admin/a`)
	page.show(blocked)
	planned := b.tool(append([]string{"plan"}, toJuju4...)...).exits(t, exitPending)
	planned.says(t, `3\.6\.11 → 4\.1\.0`, `3 of 3 to move`, `client-older`, `ACCEPTED +manual-cloud`, `strands-agents`)
	page.show(planned)
	if got := append(b.changes("old"), b.changes("next")...); len(got) != 0 {
		t.Errorf("a plan has asked for %v", got)
	}

	ran := b.tool("apply", hashIn(t, planned), "-y")
	for _, screen := range b.arrived(t, 1, ran, workers) {
		page.show(screen)
		ran = screen
	}
	ran.says(t, `3 models moved from old to next, at 4\.1\.0`, `Regressions: none \(6 agents compared\)`)
	b.onJuju4(t, moving)
	b.settled(1)
	b.askedToMigrate("old", once(moving))
	page.show(b.must(time.Minute, "juju", "status"))
	b.tool(append([]string{"-y"}, toJuju4...)...).exits(t, exitDone).says(t, `(?i)nothing to do`)
	b.keepsSecrets()
}

// TestAnAbortByTheRaceOf41EndsInATrueAccount: the same with the agents in the
// streams. 4.1-beta2 often aborts then, as it fetches the agents of 3.6.11 while the
// source sends them. Either all pass, or the run says that Juju gave up, the model
// works where it was, and resume completes it once the agents are hidden. What 4.1-beta2
// has aborted leaves its applications' leases behind on the target, for the minute that
// a leader is sure of; until it is over, it aborts any other try ("lease already held").
//
// What the bench cannot do: delete the database of such a model, as dqlite does. Its
// plain SQLite file stays on the target, with all that is in it, and would abort any
// other try as well ("read-only model record already exists"); it is removed here.
func TestAnAbortByTheRaceOf41EndsInATrueAccount(t *testing.T) {
	b := newBench(t)
	moving, workers := b.leaving("a", "b")
	ran := b.tool(append([]string{"-y"}, toJuju4...)...)
	screens := []result{ran}
	want := once(moving)
	for range 4 { // a strand and an abort for each model
		if ran.code == exitDone {
			break
		}
		ran.exits(t, exitFailed)
		gaveUp := b.gaveUp(t, ran, moving)
		for _, id := range gaveUp {
			want[id]++
		}
		if len(gaveUp) == 0 {
			b.rejoin(t, 1, ran, workers)
		}
		b.noAccounts("next")
		b.fault("hide-agents", "3.6.11")
		if len(gaveUp) > 0 {
			time.Sleep(leaseLeft)
		}
		for _, id := range gaveUp {
			b.must(time.Minute, "enter", "next", "sh", "-c", "rm -f /var/lib/juju/dqlite/"+id+"*")
		}
		ran = b.tool("resume", "-y")
		screens = append(screens, ran)
	}
	ran.exits(t, exitDone)
	b.onJuju4(t, moving)
	b.settled(1)
	b.askedToMigrate("old", want)
	b.keepsSecrets()
	if maps.Equal(want, once(moving)) {
		t.Log("4.1 aborted nothing this time")
		return
	}
	page := b.transcript(t, "move-juju4-aborted.md", "From 3.6.11 to 4.1.0: Juju gives up, and resume completes it", "4.1-beta2 fetches the agents of a model's version while the source sends them; when it is quicker, it aborts the migration. `resume` comes a minute later, when the agents are no longer in the streams.")
	for _, screen := range screens {
		page.show(screen)
	}
}

// gaveUp are the UUIDs of models whose migration Juju gave up in a run that failed.
// It fails the test unless each is told with Juju's reason, and works where it was.
func (b *bench) gaveUp(t *testing.T, ran result, moving map[string]string) (uuids []string) {
	t.Helper()
	failed := b.failures(1)
	said := strings.Join(strings.Fields(ran.all), " ") // lines are folded
	for _, model := range slices.Sorted(maps.Keys(moving)) {
		r, ok := failed["/old/models/admin/"+model+"/migrate"]
		if !ok {
			continue
		}
		t.Logf("Juju gave up the migration of %s: %s", model, r.Detail)
		ran.says(t, `works on old as before`, `resume 1`, `juju status -m old:admin/`+model)
		if r.Detail == "" || !strings.Contains(said, strings.Join(strings.Fields(r.Detail), " ")) {
			t.Errorf("Juju's reason is not shown: %q\n%s", r.Detail, ran.all)
		}
		b.at("3.6.11", "old:admin/"+model)
		b.livesOn("old", []string{moving[model]}, "next")
		uuids = append(uuids, moving[model])
	}
	return uuids
}

// leaving brings up the controllers old (3.6.11) and next (4.1.0), and on old models
// with a machine and a unit each. It returns their UUIDs by name, and their machines
// by the names that the models will have.
func (b *bench) leaving(models ...string) (moving, workers map[string]string) {
	b.t.Helper()
	b.up("next", "4.1.0")
	b.up("old", "3.6.11")
	moving, workers = map[string]string{}, map[string]string{}
	for _, m := range models {
		b.model("old", m, "--worker")
		workers["next:admin/"+m] = "old-" + m + "-0"
	}
	ids := b.modelIDs("old")
	for _, m := range models {
		moving[m] = ids["old:admin/"+m]
	}
	b.juju("switch", "old:admin/"+models[0])
	b.captures("next")
	b.isWell("next")
	return moving, workers
}

// onJuju4 fails the test unless the models are on next alone, at 4.1.0 with all
// their agents, and nothing of the run is left there.
func (b *bench) onJuju4(t *testing.T, moving map[string]string) {
	t.Helper()
	for model, id := range moving {
		b.at("4.1.0", "next:admin/"+model)
		b.livesOn("next", []string{id}, "old")
	}
	b.on("old")
	b.noAccounts("next", "old")
	if said := b.juju("status"); !strings.Contains(said, "next") { // the current model has moved
		t.Errorf("the operator's plain juju status shows:\n%s", said)
	}
}

// once is that each of these UUIDs was asked for once.
func once(uuids map[string]string) map[string]int {
	out := map[string]int{}
	for _, id := range uuids {
		out[id] = 1
	}
	return out
}
