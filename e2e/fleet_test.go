package e2e

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/journal"
)

// TestAFleetIsUpgraded is the main job: two controllers with their models,
// looked at, planned, upgraded, verified and reported, and nothing left to do.
func TestAFleetIsUpgraded(t *testing.T) {
	b := newBench(t)
	b.up("prod", "3.6.4")
	b.up("lab", "3.6.4")
	b.model("prod", "web", "--worker")
	b.model("prod", "db", "--charm")
	b.model("lab", "spare")
	models := []string{"prod:admin/controller", "prod:admin/web", "prod:admin/db"}
	page := b.transcript(t, "upgrade.md", "A fleet is upgraded", "Two controllers at 3.6.4; `prod` has a model with a machine agent and a unit, and one with an application without units; `lab` has an empty model.")

	before := b.world("prod", "lab")
	planned := b.tool("plan", "--all-controllers").exits(t, exitPending)
	planned.says(t, `prod`, `lab`, `3\.6\.4 → 3\.6\.11`, `web`, `db`, `spare`, `backup`, `juju upgrade-all apply [0-9a-f]+`)
	page.show(planned)
	dry := b.tool("--dry-run", "--all-controllers").exits(t, exitPending)
	if a, c := hashIn(t, planned), hashIn(t, dry); a != c {
		t.Errorf("two plans of the same world have the hashes %s and %s", a, c)
	}
	if after := b.world("prod", "lab"); after != before {
		t.Errorf("a plan has changed something:\n%s\nafter:\n%s", before, after)
	}
	if got := b.requests("prod", "lab"); len(got) != 0 {
		t.Errorf("a plan has asked for %v", got)
	}
	b.direct("--all-controllers").wait(runLimit).exits(t, 2).says(t, `-y`)

	var document map[string]any
	twin := b.try(runLimit, "juju", "upgrade-all", "plan", "--all-controllers", "--format", "json").exits(t, exitPending)
	if err := json.Unmarshal([]byte(twin.stdout), &document); err != nil || len(document) == 0 {
		t.Errorf("plan --format json: %v\n%s", err, twin.stdout)
	}

	events := filepath.Join(b.dir, "events.jsonl")
	ran := b.tool("-y", "--all-controllers", "--events", events).exits(t, exitDone)
	page.show(ran)
	ran.says(t, `Done in`, `prod`, `lab`, `3\.6\.11`, `Regressions: none`)
	b.at("3.6.11", append(models, "lab:admin/controller", "lab:admin/spare")...)
	b.askedOnce("3.6.11", "prod", []string{"prod"}, models...)
	b.askedOnce("3.6.11", "lab", []string{"lab"}, "lab:admin/controller", "lab:admin/spare")
	b.settled(1)
	b.hasBackups(1, 2)
	streamed, err := os.ReadFile(events)
	if err != nil || bytes.Count(streamed, []byte("\n")) != len(b.records(1)) {
		t.Errorf("--events has %d lines, the journal %d: %v", bytes.Count(streamed, []byte("\n")), len(b.records(1)), err)
	}

	page.show(b.tool("status").exits(t, exitDone))
	b.tool("status", "1").exits(t, exitDone).says(t, `(?m)^Done`)
	b.tool("runs").exits(t, exitDone).says(t, `\b1\b`)
	b.nothingLeft(t, page, "--all-controllers")
	if got := len(b.requests("prod", "lab")); got != 5 {
		t.Errorf("%d requests after a rerun with nothing to do, want 5", got)
	}
	b.keepsSecrets()
}

// TestAPlanIsAppliedAsItIsOrNotAtAll: what the operator has read is what is
// done; a world that needs another plan is left alone.
func TestAPlanIsAppliedAsItIsOrNotAtAll(t *testing.T) {
	b := newBench(t)
	b.up("prod", "3.6.4")
	b.model("prod", "db", "--charm")
	hash := hashIn(t, b.tool("plan", "-c", "prod").exits(t, exitPending))

	b.model("prod", "late")
	stale := b.tool("apply", hash, "-y").exits(t, exitStale)
	stale.says(t, `late`)
	if got := b.requests("prod"); len(got) != 0 {
		t.Errorf("a stale plan has asked for %v", got)
	}
	narrow := hashIn(t, b.tool("plan", "-c", "prod", "--exclude", "late").exits(t, exitPending))
	b.tool("apply", narrow, "-y").exits(t, exitDone)
	b.at("3.6.11", "prod:admin/controller", "prod:admin/db")
	b.at("3.6.4", "prod:admin/late")
	b.askedOnce("3.6.11", "prod", []string{"prod"}, "prod:admin/controller", "prod:admin/db")

	b.tool("-y", "-m", "prod:late").exits(t, exitDone) // models alone
	b.at("3.6.11", "prod:admin/late")
	b.askedOnce("3.6.11", "prod", []string{"prod"}, "prod:admin/controller", "prod:admin/db", "prod:admin/late")
}

var hashPattern = regexp.MustCompile(`apply ([0-9a-f]{6,64})`)

// hashIn is the hash that a plan says to apply.
func hashIn(t *testing.T, r result) string {
	t.Helper()
	m := hashPattern.FindStringSubmatch(r.all)
	if m == nil {
		t.Fatalf("no plan hash in:\n%s", r.all)
	}
	return m[1]
}

// hasBackups fails the test unless the run has so many backups, each kept in
// a file of this user alone.
func (b *bench) hasBackups(run, want int) {
	b.t.Helper()
	got := map[string]bool{}
	for _, r := range b.records(run) {
		if r.Status != journal.Done || r.Result == "" || filepath.Base(r.Step) != "backup" {
			continue
		}
		path := r.Result
		if !filepath.IsAbs(path) {
			path = filepath.Join(b.runDir(run), path)
		}
		info, err := os.Stat(path)
		if err != nil || info.Size() < 1<<20 || info.Mode().Perm() != 0o600 {
			b.t.Errorf("backup of %s: %v, %v", r.Step, info, err)
			continue
		}
		got[path] = true
	}
	if len(got) != want {
		b.t.Errorf("run %d has the backups %v, want %d", run, got, want)
	}
}
