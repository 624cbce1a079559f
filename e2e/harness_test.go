package e2e

import (
	"os"
	"testing"
	"time"
)

// TestTheHarnessSeesWhatJujuDoes proves what the other tests stand on, without
// the tool: Juju's own client upgrades a controller and a model, and the
// harness sees each request once, dry runs not at all, and every agent arrive.
func TestTheHarnessSeesWhatJujuDoes(t *testing.T) {
	b := newBench(t)
	b.up("prod", "3.6.4")
	b.model("prod", "web", "--worker")
	b.at("3.6.4", "prod:admin/controller", "prod:admin/web")

	before := b.world("prod")
	b.juju("upgrade-controller", "-c", "prod", "--agent-version", "3.6.11", "--dry-run")
	if got := b.requests("prod"); len(got) != 0 {
		t.Fatalf("a dry run counts as a request: %v", got)
	}
	if after := b.world("prod"); after != before {
		t.Fatalf("two looks at the same world differ:\n%s\n%s", before, after)
	}

	b.juju("upgrade-controller", "-c", "prod", "--agent-version", "3.6.11")
	b.arrives(2*time.Minute, "3.6.11", "prod:admin/controller")
	b.eventually(time.Minute, "prod serves everything again", func() bool { return b.look(time.Minute, "juju", "models", "-c", "prod").code == 0 })
	b.arrives(time.Minute, "3.6.4", "prod:admin/web") // lost at first: its agents have to log in again

	b.fault("stop-agent", "prod-web-0")
	b.eventually(time.Minute, "the stopped agent is seen", func() bool { return b.status("prod:admin/web").Machines["0"].Agent.Current == "down" })
	b.fault("start-agent", "prod-web-0")
	b.arrives(time.Minute, "3.6.4", "prod:admin/web")

	b.juju("upgrade-model", "-m", "prod:admin/web", "--agent-version", "3.6.11")
	b.arrives(2*time.Minute, "3.6.11", "prod:admin/web")
	b.askedOnce("3.6.11", "prod", []string{"prod"}, "prod:admin/controller", "prod:admin/web")

	live.down(b)
	if _, err := os.Stat(b.dir); !os.IsNotExist(err) {
		t.Errorf("the bench's folder is still there: %v", err)
	}
}
