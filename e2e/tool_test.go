package e2e

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/journal"
)

// pluginName is the program under test.
const pluginName = "juju-upgrade-all"

// The exit codes that the operator is promised.
const (
	exitDone        = 0
	exitFailed      = 1
	exitBlocked     = 3
	exitInterrupted = 4
	exitStale       = 5
	exitHeld        = 6
	exitLeftOut     = 7
	exitPending     = 8
)

// runLimit is how long one run of the tool may take here: more than the longest stall
// (5 minutes) that one waits out when Juju strands an agent.
const runLimit = 8 * time.Minute

var build struct {
	once sync.Once
	// dir is the folder of what was built here, given that of what was named.
	dir, given string
	err        error
}

// needPlugin puts the plugin on the PATH of this bench: the one that
// JUJU_UPGRADE_ALL names, else this source, built once.
func (b *bench) needPlugin() {
	b.t.Helper()
	build.once.Do(func() {
		if path := os.Getenv("JUJU_UPGRADE_ALL"); path != "" {
			build.given = filepath.Dir(path)
			return
		}
		if build.dir, build.err = os.MkdirTemp("", prefix+"bin-"); build.err != nil {
			return
		}
		cmd := exec.Command("go", "build", "-trimpath", "-o", filepath.Join(build.dir, pluginName), "../cmd/juju-upgrade-all")
		cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
		if out, err := cmd.CombinedOutput(); err != nil {
			build.err = fmt.Errorf("cannot build the plugin: %w\n%s", err, out)
		}
	})
	if build.err != nil {
		b.t.Fatal(build.err)
	}
	if err := os.Symlink(cmp.Or(build.given, build.dir), filepath.Join(b.dir, "plugin")); err != nil && !os.IsExist(err) {
		b.t.Fatal(err)
	}
}

func removePlugin() {
	if build.dir != "" {
		_ = os.RemoveAll(build.dir)
	}
}

// start starts "juju upgrade-all ARGS" by the real juju.
func (b *bench) start(args ...string) *process {
	b.t.Helper()
	b.needPlugin()
	return b.spawn(true, append([]string{"juju", "upgrade-all"}, args...)...)
}

// direct starts "juju-upgrade-all ARGS", without juju.
func (b *bench) direct(args ...string) *process {
	b.t.Helper()
	b.needPlugin()
	return b.spawn(true, append([]string{"exec", pluginName}, args...)...)
}

// tool runs "juju upgrade-all ARGS" by the real juju to its end.
func (b *bench) tool(args ...string) result {
	b.t.Helper()
	return b.start(args...).wait(runLimit)
}

// runDir is the folder of a run.
func (b *bench) runDir(run int) string {
	return filepath.Join(b.data(), "upgrade-all", strconv.Itoa(run))
}

// records are what the run's journal holds; a torn last line is left out.
func (b *bench) records(run int) []journal.Record {
	b.t.Helper()
	data, err := os.ReadFile(filepath.Join(b.runDir(run), "journal.jsonl"))
	if err != nil && !os.IsNotExist(err) {
		b.t.Fatal(err)
	}
	var out []journal.Record
	for line := range bytes.Lines(data) {
		var r journal.Record
		if err := json.Unmarshal(line, &r); err != nil {
			if bytes.HasSuffix(line, []byte("\n")) {
				b.t.Fatalf("journal of run %d: %v: %s", run, err, line)
			}
			break
		}
		out = append(out, r)
	}
	return out
}

// reached says that a step of the run has had that status.
func (b *bench) reached(run int, step string, status journal.Status) bool {
	for _, r := range b.records(run) {
		if r.Event == journal.Moved && r.Step == step && r.Status == status {
			return true
		}
	}
	return false
}

// settled fails the test unless the run's journal says that it finished, with
// every step done or skipped in the end.
func (b *bench) settled(run int) {
	b.t.Helper()
	last := map[string]journal.Status{}
	var event journal.Event
	for _, r := range b.records(run) {
		if r.Event == journal.Moved {
			last[r.Step] = r.Status
			continue
		}
		event = r.Event
	}
	if event != journal.Finished {
		b.t.Errorf("journal of run %d: its last event is %q, want %q", run, event, journal.Finished)
	}
	if len(last) == 0 {
		b.t.Errorf("journal of run %d has no steps", run)
	}
	for step, status := range last {
		if status != journal.Done && status != journal.Skipped {
			b.t.Errorf("journal of run %d: %s is %s", run, step, status)
		}
	}
}

// nothingLeft runs what was run once more: it has nothing to do.
func (b *bench) nothingLeft(t *testing.T, page *transcript, args ...string) {
	t.Helper()
	again := b.tool(append([]string{"-y"}, args...)...).exits(t, exitDone)
	page.note("Once more: nothing is left to do.")
	page.show(again)
	again.says(t, `(?i)nothing to do`)
}
