package e2e

import (
	"strings"
	"testing"
	"time"
)

// TestAStoppedAgentBlocksItsModelOnly: it is found before anything is changed,
// the rest can go without its model, and once it is accepted as absent nobody
// waits for it.
func TestAStoppedAgentBlocksItsModelOnly(t *testing.T) {
	b := newBench(t)
	b.up("prod", "3.6.4")
	b.model("prod", "web", "--worker")
	b.model("prod", "db", "--charm")
	b.fault("stop-agent", "prod-web-0")
	b.eventually(time.Minute, "the stopped agents are seen", func() bool {
		agents := b.status("prod:admin/web").agents()
		return len(agents) == 2 && agents[0].state == "down" && agents[1].state == "lost"
	})
	page := b.transcript(t, "blocked.md", "An agent is down", "The machine of `prod:admin/web` has lost its agents.")

	before := b.world("prod")
	blocked := b.tool("plan", "-c", "prod").exits(t, exitBlocked)
	blocked.says(t, `BLOCKER\s+agent-down\s+prod:admin/web`, `tiny/0`, `--accept agent-down@prod:admin/web`, `--skip-blocked`)
	page.show(blocked)
	b.tool("-y", "-c", "prod").exits(t, exitBlocked)
	if after := b.world("prod"); after != before {
		t.Errorf("a blocked run has changed something:\n%s\nafter:\n%s", before, after)
	}
	if got := b.requests("prod"); len(got) != 0 {
		t.Errorf("a blocked run has asked for %v", got)
	}

	skipped := b.tool("-y", "-c", "prod", "--skip-blocked").exits(t, exitLeftOut)
	skipped.says(t, `Left out:.*web.*agent-down`)
	page.note("The rest goes without it:")
	page.show(skipped)
	b.at("3.6.11", "prod:admin/controller", "prod:admin/db")
	if v := b.status("prod:admin/web").Model.Version; v != "3.6.4" {
		t.Errorf("the blocked model is at %s", v)
	}
	b.askedOnce("3.6.11", "prod", []string{"prod"}, "prod:admin/controller", "prod:admin/db")

	accepted := b.tool("-y", "-c", "prod", "--accept", "agent-down@prod:admin/web").exits(t, exitDone)
	page.note("Accepted as absent, it is not waited for:")
	page.show(accepted)
	accepted.says(t, `tiny/0`)
	b.askedOnce("3.6.11", "prod", []string{"prod"}, "prod:admin/controller", "prod:admin/db", "prod:admin/web")
	if s := b.status("prod:admin/web"); s.Model.Version != "3.6.11" || s.agents()[0].state != "down" {
		t.Errorf("web: %v", s)
	}

	b.fault("start-agent", "prod-web-0")
	b.arrives(2*time.Minute, "3.6.11", "prod:admin/web")
	b.tool("-y", "-c", "prod").exits(t, exitDone).says(t, `(?i)nothing to do`)
	b.keepsSecrets()
}

// TestAgentBinariesThatAreHiddenOrBroken: nothing newer is told with the place
// that was looked at; a version that cannot be had stops before the change; one
// whose download fails is a stall with the machine's name, mended and resumed.
func TestAgentBinariesThatAreHiddenOrBroken(t *testing.T) {
	b := newBench(t)
	b.up("prod", "3.6.4")
	b.model("prod", "db", "--charm")
	page := b.transcript(t, "agent-binaries.md", "Agent binaries are hidden, then broken", "The streams that the controller looks at do not have 3.6.11; later they offer it, but its download fails.")

	b.fault("hide-agents", "3.6.11")
	nothing := b.tool("-y", "-c", "prod").exits(t, exitDone)
	nothing.says(t, `(?i)nothing`, `released`, `http://10\.99\.0\.1:8000/tools`)
	page.show(nothing)
	wished := b.tool("-y", "-c", "prod", "--agent-version", "3.6.11").exits(t, exitBlocked)
	wished.says(t, `BLOCKER`, `3\.6\.11`)
	page.show(wished)
	b.fault("show-agents")
	if got := b.requests("prod"); len(got) != 0 {
		t.Errorf("without agent binaries it has asked for %v", got)
	}

	b.fault("spoil-agents", "3.6.11")
	p := b.start("-y", "-c", "prod", "--stall", "75s")
	p.awaits(time.Minute, "the controller was asked", func() bool { return len(b.requests("prod")) > 0 })
	status := b.tool("status")
	status.says(t, `(?m)^(Running|Waiting)`)
	stalled := p.wait(runLimit).exits(t, exitFailed)
	page.note("Offered, but broken: nothing moves, and the step fails with the machine's name.")
	page.show(stalled)
	stalled.says(t, `machine 0`, `3\.6\.4`, `resume`)
	page.show(b.tool("status"))
	if s := b.status("prod:admin/controller"); s.Machines["0"].Agent.Version != "3.6.4" {
		t.Errorf("machine 0 is at %s", s.Machines["0"].Agent.Version)
	}
	b.tool("-y", "-c", "prod").exits(t, exitHeld).says(t, `resume`, `abandon`)

	b.fault("mend-agents")
	resumed := b.tool("resume", "-y").exits(t, exitDone)
	page.note("Mended, and resumed:")
	page.show(resumed)
	b.at("3.6.11", "prod:admin/controller", "prod:admin/db")
	b.askedOnce("3.6.11", "prod", []string{"prod"}, "prod:admin/controller", "prod:admin/db")
	b.keepsSecrets()
}

// TestABackupThatFailsStopsItsController: auto means tried, and a backup that
// was tried and failed stops before the point of no return.
func TestABackupThatFailsStopsItsController(t *testing.T) {
	b := newBench(t)
	b.up("prod", "3.6.4")
	b.fault("spoil-backup", "prod")
	failed := b.tool("-y", "-c", "prod").exits(t, exitFailed)
	failed.says(t, `backup`, `mongodump`)
	if got := b.requests("prod"); len(got) != 0 {
		t.Errorf("without its backup the controller was asked for %v", got)
	}
	b.at("3.6.4", "prod:admin/controller")

	b.fault("mend-backup", "prod")
	b.tool("resume", "-y").exits(t, exitDone)
	b.at("3.6.11", "prod:admin/controller")
	b.hasBackups(1, 1)
	for _, r := range b.records(1) {
		if strings.Contains(r.Detail, password) {
			t.Errorf("the password is in the journal: %v", r)
		}
	}
}
