package e2e

import (
	"archive/zip"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/journal"
)

// charmsOf is a controller with a model "web" on a machine: tiny, cargo with a resource,
// and brittle, all from Charmhub at revision 1.
func (b *bench) charmsOf(controller, version string) {
	b.t.Helper()
	b.up(controller, version)
	b.must(2*time.Minute, "model", controller, "web", "--worker", "--charmhub")
	for _, name := range []string{"cargo", "brittle"} {
		b.juju("deploy", name, "-m", controller+":web", "--to", "0")
	}
	b.well(controller+":web", 4)
	b.isWell(controller)
}

// well waits until that many agents of a model are there, and nothing is in error or at
// work.
func (b *bench) well(model string, agents int) {
	b.t.Helper()
	b.eventually(2*time.Minute, model+" is well", func() bool {
		r := b.look(time.Minute, "juju", "status", "-m", model, "--format", "json")
		s, err := parseStatus(r.stdout)
		if r.code != 0 || err != nil || len(s.agents()) != agents {
			return false
		}
		for _, a := range s.agents() {
			if a.state != "idle" && a.state != "started" {
				return false
			}
		}
		return true
	})
}

// publish puts a revision of a charm into its channel 1/stable.
func (b *bench) publish(charm string, revision int) {
	b.t.Helper()
	b.must(time.Minute, "charmhub", "publish", charm, fmt.Sprint(revision), "1/stable")
}

// revisionOf is the revision that the real client tells of an application.
func (b *bench) revisionOf(model, app string) int {
	b.t.Helper()
	return b.status(model).Applications[app].CharmRev
}

// setCharms counts the requests for a new charm of each application that a controller
// was sent by the tool.
func (b *bench) setCharms(controller string) map[string]int {
	b.t.Helper()
	out := map[string]int{}
	for _, a := range b.auditLog(controller) {
		if a.facade != "Application" || a.method != "SetCharm" {
			continue
		}
		if m := regexp.MustCompile(`"application":"([^"]+)"`).FindStringSubmatch(a.args); m != nil {
			out[m[1]]++
		}
	}
	return out
}

// TestCharmsAreRefreshedAfterTheAgents: the whole patch journey with charms, on a real
// controller and the real client's estate: agents, then a unit's charm, then one with a
// newer resource; a second run has nothing to do.
func TestCharmsAreRefreshedAfterTheAgents(t *testing.T) {
	b := newBench(t)
	b.charmsOf("prod", "3.6.4")
	b.publish("tiny", 2)
	b.must(time.Minute, "charmhub", "publish-resource", "cargo", "box", "2", "1/stable")
	page := b.transcript(t, "charms.md", "A controller, its model, and the charms of that",
		"`prod` is at 3.6.4. Charmhub has a newer revision of `tiny`, and of `cargo` a newer resource; `brittle` has nothing newer.")

	planned := b.tool("plan", "-c", "prod", "--charms", "--backup", "skip").exits(t, exitPending)
	page.show(planned)
	planned.says(t, `2 applications of 1 model to refresh`, `admin/web\.tiny +tiny 1/stable +1 → 2`, `admin/web\.cargo .*box 1 → 2`, `admin/controller\.controller .*left alone`, `1 at the newest`)
	if got := b.setCharms("prod"); len(got) > 0 {
		t.Errorf("a plan has refreshed %v", got)
	}
	ran := b.tool("-y", "-c", "prod", "--charms", "--backup", "skip").exits(t, exitDone)
	page.show(ran)
	ran.says(t, `Done in`, `2 applications refreshed`, `Regressions: none`)
	b.at("3.6.11", "prod:admin/web")
	if got := b.revisionOf("prod:admin/web", "tiny"); got != 2 {
		t.Errorf("tiny is at revision %d", got)
	}
	status := b.must(time.Minute, "juju", "status", "-m", "prod:admin/web")
	page.show(status)
	status.says(t, `tiny +.*revision 2`)
	if got := b.setCharms("prod"); got["tiny"] != 1 || got["cargo"] != 1 || len(got) != 2 {
		t.Errorf("charms were asked for: %v", got)
	}
	again := b.tool("-y", "-c", "prod", "--charms", "--backup", "skip").exits(t, exitDone)
	page.show(again)
	again.says(t, `(?i)nothing to do`, `3 at the newest of their channels`)
	b.settled(1)
	b.keepsSecrets()
}

// TestAFailingUpgradeHookStopsItsModel, with an account; a mended charm, juju resolved
// and resume finish it.
func TestAFailingUpgradeHookStopsItsModel(t *testing.T) {
	b := newBench(t)
	b.charmsOf("prod", "3.6.11")
	b.publish("tiny", 2)
	page := b.transcript(t, "charms-failed.md", "A charm whose upgrade hook fails",
		"The hook `upgrade-charm` of `tiny` fails; `cargo` comes before it, `wrap` would come after it.")
	b.juju("deploy", "tiny", "wrap", "-m", "prod:web", "--to", "0", "--revision", "1", "--channel", "1/stable")
	b.well("prod:web", 5)
	b.fault("fail-upgrade", "prod-web-0")

	ran := b.tool("-y", "-c", "prod", "--charms-only", "--exclude-app", "cargo").exits(t, exitFailed)
	page.show(ran)
	ran.says(t, `(?s)Failed.*prod:admin/web\.tiny refresh`, `hook failed: "upgrade-charm"`, `juju debug-log -m prod:admin/web .*--include unit-tiny-0`, `juju resolved -m prod:admin/web tiny/0`, `resume 1`)
	b.stepIs(1, "/prod/models/admin/web/charms/tiny/refresh", journal.Failed)
	b.stepIs(1, "/prod/models/admin/web/charms/wrap/refresh", journal.Held)
	if got := b.setCharms("prod"); got["tiny"] != 1 || got["wrap"] != 0 {
		t.Errorf("charms were asked for: %v", got)
	}

	b.fault("mend-upgrade", "prod-web-0")
	page.note("What makes the hook fail is mended:")
	// While Juju runs the hook again by itself, the unit is not in error: it is refused.
	var resolved result
	b.eventually(time.Minute, "tiny/0 is resolved", func() bool {
		resolved = b.look(time.Minute, "juju", "resolved", "-m", "prod:admin/web", "tiny/0")
		return resolved.code == 0 || strings.Contains(resolved.all, "not in an error state")
	})
	page.show(resolved)
	b.well("prod:web", 5)
	resumed := b.tool("resume", "-y").exits(t, exitDone)
	page.show(resumed)
	resumed.says(t, `Done in`, `2 applications refreshed`)
	if got := b.setCharms("prod"); got["tiny"] != 1 || got["wrap"] != 1 {
		t.Errorf("charms were asked for: %v", got)
	}
	b.settled(1)
}

// TestWhatIsLeftAloneAndWhatIsRefused: a revision that its channel is behind of, a base
// that the newer revision has not, a charm that assumes more than there is, a unit in
// error, a model in which commands are disabled.
func TestCharmsThatAreLeftAloneOrHeld(t *testing.T) {
	b := newBench(t)
	b.charmsOf("prod", "3.6.11")
	b.juju("deploy", "tiny", "pinned", "-m", "prod:web", "--to", "0", "--revision", "2", "--channel", "1/stable")
	b.juju("deploy", "future", "-m", "prod:web", "--to", "0", "--channel", "1/stable")
	b.well("prod:web", 6)
	b.publish("future", 2)
	page := b.transcript(t, "charms-held.md", "Charms that are left alone, or held",
		"`pinned` runs a revision that its channel does not have; the newer revision of `future` assumes a Juju that does not exist.")

	planned := b.tool("plan", "-c", "prod", "--charms-only").exits(t, exitBlocked)
	page.show(planned)
	planned.says(t, `admin/web\.pinned .*off its channel`, `admin/web\.future .*blocked: charm-assumes`, `>= 99\.0\.0`, `--exclude-app prod:admin/web\.future`)
	if apps := len(b.status("prod:admin/web").Applications); apps != 5 {
		t.Errorf("a dry run has left %d applications, want 5", apps)
	}
	page.note("Accepted, it is refused before anything is changed:")
	ran := b.tool("-y", "-c", "prod", "--charms-only", "--accept", "charm-assumes@*").exits(t, exitFailed)
	page.show(ran)
	ran.says(t, `prod:admin/web\.future refresh`, `>= 99\.0\.0`, `--exclude-app prod:admin/web\.future`)
	failed := b.stepIs(1, "/prod/models/admin/web/charms/future/refresh", journal.Failed)
	if failed.Changed || b.revisionOf("prod:admin/web", "future") != 1 || b.setCharms("prod")["future"] != 0 {
		t.Errorf("future was touched: changed %v", failed.Changed)
	}
	b.tool("abandon", "1").exits(t, exitDone)

	b.juju("disable-command", "all", "-m", "prod:web")
	b.publish("tiny", 2)
	held := b.tool("-y", "-c", "prod", "--charms-only", "--exclude-app", "future").exits(t, exitBlocked)
	page.note("Commands that change the model are disabled:")
	page.show(held)
	held.says(t, `charms-commands-blocked`)
	if got := b.setCharms("prod"); len(got) > 0 {
		t.Errorf("charms were asked for: %v", got)
	}
	b.juju("enable-command", "all", "-m", "prod:web")
}

// TestCharmsKilledAreResumed: SIGKILL while a unit runs the hooks of its new charm.
func TestCharmsKilledAreResumed(t *testing.T) {
	b := newBench(t)
	b.charmsOf("prod", "3.6.11")
	b.publish("tiny", 2)
	p := b.start("-y", "-c", "prod", "--charms-only")
	p.awaits(time.Minute, "tiny is asked for", func() bool { return b.setCharms("prod")["tiny"] == 1 })
	p.signal(syscall.SIGKILL)
	p.wait(10 * time.Second)
	b.tool("status").says(t, `(?m)^Interrupted`, `resume 1`)
	b.tool("resume", "-y").exits(t, exitDone).says(t, `1 application refreshed`)
	if got := b.setCharms("prod"); got["tiny"] != 1 || b.revisionOf("prod:admin/web", "tiny") != 2 {
		t.Errorf("charms were asked for: %v", got)
	}
	b.settled(1)
}

// TestCharmsFollowAModelThatMoves: refreshed on the target, when the model's agents have
// been seen there.
func TestCharmsFollowAModelThatMoves(t *testing.T) {
	b := newBench(t)
	b.charmsOf("old", "3.6.11")
	b.up("new", "3.6.11")
	b.publish("tiny", 2)
	page := b.transcript(t, "charms-moved.md", "A model moves, and its charms are refreshed where it is then", "")
	ran := b.tool(append(move(), "--charms")...)
	for _, screen := range b.arrived(t, 1, ran, map[string]string{"new:admin/web": "old-web-0"}) {
		page.show(screen)
		ran = screen
	}
	ran.says(t, `Done in`, `1 application refreshed`)
	if got := b.revisionOf("new:admin/web", "tiny"); got != 2 {
		t.Errorf("tiny is at revision %d", got)
	}
	if got := b.setCharms("old"); len(got) > 0 {
		t.Errorf("charms were refreshed on old: %v", got)
	}
	b.settled(1)
}

// charmArchive is a charm that does nothing, as charmcraft pack leaves it.
func charmArchive(t *testing.T, name string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), name+".charm")
	f, err := os.Create(file)
	if err != nil {
		t.Fatal(err)
	}
	w := zip.NewWriter(f)
	for entry, content := range map[string]string{
		"metadata.yaml": "name: " + name + "\nsummary: does nothing\ndescription: does nothing\n",
		"manifest.yaml": "bases: [{name: ubuntu, channel: \"24.04\", architectures: [amd64]}]\n",
		"config.yaml":   "options: {note: {type: string, default: \"\", description: shown in the status}}\n",
		"dispatch":      "#!/bin/sh\nstatus-set active given\n",
	} {
		header := &zip.FileHeader{Name: entry, Method: zip.Deflate}
		header.SetMode(0o755)
		part, err := w.CreateHeader(header)
		if err == nil {
			_, err = part.Write([]byte(content))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := errors.Join(w.Close(), f.Close()); err != nil {
		t.Fatal(err)
	}
	return file
}

// TestCharmsOfAJuju4Controller: Juju 4.1 shows nothing of a refresh before the unit works
// on it.
func TestCharmsOfAJuju4Controller(t *testing.T) {
	b := newBench(t)
	b.client = "4.1.0"
	b.charmsOf("next", "4.1.0")
	b.publish("tiny", 2)
	b.must(time.Minute, "charmhub", "publish-resource", "cargo", "box", "2", "1/stable")
	ran := b.tool("-y", "-c", "next", "--charms-only").exits(t, exitDone)
	ran.says(t, `2 applications refreshed`, `Regressions: none`)
	status := b.must(time.Minute, "juju", "status", "-m", "next:admin/web")
	status.says(t, `tiny +.*revision 2`)
	if got := b.revisionOf("next:admin/web", "tiny"); got != 2 {
		t.Errorf("tiny is at revision %d", got)
	}
	b.tool("-y", "-c", "next", "--charms-only").exits(t, exitDone).says(t, `(?i)nothing to do`)
	b.settled(1)
}

// TestALocalCharmIsGivenToItsApplication by --charm-path, and waited for.
func TestALocalCharmIsGivenToItsApplication(t *testing.T) {
	b := newBench(t)
	b.up("prod", "3.6.11")
	b.model("prod", "web", "--worker")
	archive := charmArchive(t, "tiny")
	planned := b.tool("plan", "-c", "prod", "--charms-only").exits(t, exitDone)
	planned.says(t, `tiny +local:tiny .*left alone`)
	before := b.revisionOf("prod:admin/web", "tiny")
	ran := b.tool("-y", "-c", "prod", "--charms-only", "--charm-path", "web.tiny="+archive).exits(t, exitDone)
	ran.says(t, `1 application refreshed`)
	if got := b.revisionOf("prod:admin/web", "tiny"); got <= before {
		t.Errorf("tiny is at revision %d, and was at %d", got, before)
	}
	if bad := b.tool("-y", "-c", "prod", "--charms-only", "--charm-path", "web.tiny=/etc/hosts").exits(t, exitUsage); !strings.Contains(bad.all, "is no charm") {
		t.Errorf("told is %s", bad.all)
	}
}
