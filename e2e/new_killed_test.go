package e2e

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// TestABootstrapGoesOnWithoutTheToolAndIsPickedUp: the tool is killed, or told to stop,
// as soon as the real client has begun to bootstrap, which goes on by itself; resume
// finds the controller that it has made, makes no other one, and does the rest.
func TestABootstrapGoesOnWithoutTheToolAndIsPickedUp(t *testing.T) {
	for name, stop := range map[string]struct {
		signal syscall.Signal
		early  bool
	}{
		// Killed at once: the bootstrap is looked for while it runs.
		"killed": {syscall.SIGKILL, true},
		// Told to stop: it has ended long before it is looked for.
		"interrupted": {syscall.SIGINT, false},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			b.up("old", "3.6.11")
			b.model("old", "lab")
			b.juju("add-user", "alice", "-c", "old")
			made := b.machine("box")
			b.juju("switch", "old")
			page := b.transcript(t, "new-"+name+".md", "A bootstrap that outlives the tool ("+name+")",
				"The tool gets "+stop.signal.String()+" as soon as `juju bootstrap` has begun.")

			p := b.start(slices.Concat([]string{"-y", "-c", "old", "--backup", "skip"}, made, soon)...)
			p.awaits(time.Minute, "the bootstrap is begun", func() bool { return b.begun("new") })
			p.signal(stop.signal)
			ended := p.wait(10 * time.Second)
			page.show(ended)
			status := b.tool("status")
			page.show(status)
			status.says(t, `(?m)^Interrupted`, `juju bootstrap of new goes on by itself`, `resume 1`)
			if !stop.early {
				ended.exits(t, exitInterrupted).says(t, `juju bootstrap of new goes on by itself`)
				b.eventually(2*time.Minute, "new serves", func() bool {
					return b.look(30*time.Second, "juju", "models", "-c", "new").code == 0
				})
			}

			resumed := b.tool("resume", "-y").exits(t, exitDone)
			page.show(resumed)
			resumed.says(t, `Done in`, `lab moved to new`)
			log, err := os.ReadFile(filepath.Join(b.runDir(1), "bootstrap.log"))
			if err != nil || strings.Count(string(log), "== bootstrap, begun") != 1 {
				t.Errorf("it was bootstrapped another number of times than once: %v\n%s", err, log)
			}
			b.on("old")
			b.on("new", "lab")
			b.clonedOnce(t, 1, "/new/bootstrap", "/new/users/alice")
			b.noAccounts("new", "old")
			b.settled(1)
			b.keepsSecrets()
		})
	}
}

// begun says that the client's registry has an entry of that name: a bootstrap writes it
// when it begins.
func (b *bench) begun(controller string) bool {
	var list struct {
		Controllers map[string]json.RawMessage `json:"controllers"`
	}
	said := b.try(time.Minute, "juju", "controllers", "--format", "json")
	return said.code == 0 && json.Unmarshal([]byte(said.stdout), &list) == nil && list.Controllers[controller] != nil
}
