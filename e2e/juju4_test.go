package e2e

import (
	"testing"
)

// TestAJuju4ControllerIsUpgraded: the other wire protocol, and a status that
// does not show the versions of machine agents: told, and never waited for.
func TestAJuju4ControllerIsUpgraded(t *testing.T) {
	b := newBench(t)
	b.client = "4.1.1"
	b.up("next", "4.1.0")
	b.model("next", "app", "--worker")
	b.model("next", "bare")
	page := b.transcript(t, "juju4.md", "A controller of Juju 4.1", "Juju 4.1 does not show the versions of machine agents.")

	b.isWell("next")
	before := b.world("next")
	planned := b.tool("plan", "-c", "next").exits(t, exitPending)
	planned.says(t, `4\.1\.0 → 4\.1\.1`, `(?i)backup`)
	page.show(planned)
	if after := b.world("next"); after != before {
		t.Errorf("a plan has changed something:\n%s\nafter:\n%s", before, after)
	}
	ran := b.tool("-y", "-c", "next").exits(t, exitDone)
	ran.says(t, `not shown`, `4\.1\.1`)
	page.show(ran)
	b.at("4.1.1", "next:admin/controller", "next:admin/app", "next:admin/bare")
	b.askedOnce("4.1.1", "next", []string{"next"}, "next:admin/controller", "next:admin/app", "next:admin/bare")
	b.settled(1)
	b.tool("-y", "-c", "next").exits(t, exitDone).says(t, `(?i)nothing to do`)
	b.keepsSecrets()
}
