package e2e

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"gopkg.in/yaml.v3"
)

// TestAControllerIsMadeForTheNextMinorVersion is the whole of the minor journey: the
// run has the real client make a 3.6.11 controller, gives it what the 3.5.4 one has,
// moves all models there, and hands the users over.
func TestAControllerIsMadeForTheNextMinorVersion(t *testing.T) {
	b := newBench(t)
	b.richOld("3.5.4")
	made := b.machine("box")
	b.juju("switch", "old:admin/web")
	ids := b.modelIDs("old")
	moving := []string{ids["old:admin/web"], ids["old:admin/db"], ids["old:admin/lab"]}
	options := slices.Concat([]string{"-c", "old"}, made, []string{"--password-file", b.passwordFile("robot: " + robotPassword + "\n")}, soon)
	page := b.transcript(t, "new-controller.md", "From 3.5.4 to a 3.6.11 controller that the run makes",
		"`old` is at 3.5.4 and has three models; one has a machine agent and a unit. `alice` is a superuser, `bob` reads `web` and may add models to the cloud, `robot` is a service account that writes `db`, `carol` is disabled. Somebody has chosen two settings of the controller, and two defaults for new models.")

	planned := b.tool(append([]string{"plan"}, options...)...).exits(t, exitPending)
	page.show(planned)
	planned.says(t, `old .*3\.5\.4`, `to new .*3\.6\.11`, `3 of 3 to move`, `audit-log-max-size`, `max-debug-log-duration`, `robot`, `(?i)no way back`, `passwords-not-cloned`)
	if got := b.changes("old"); len(got) != 0 || strings.Contains(b.juju("controllers", "--format", "json"), `"new"`) {
		t.Errorf("a plan has changed something: %v", got)
	}

	ran := b.tool(slices.Concat([]string{"-y"}, options)...)
	for _, screen := range b.arrived(t, 1, ran, map[string]string{"new:admin/web": "old-web-0"}) {
		page.show(screen)
		ran = screen
	}
	ran.says(t, `Done in`, `3 models moved from old to new`, `Regressions: none \(2 agents compared\)`, `handover`)
	b.clonedOnce(t, 1, "/new/bootstrap", "/new/config/audit-log-max-size", "/new/config/max-debug-log-duration",
		"/new/users/alice", "/new/users/bob", "/new/users/carol", "/new/users/robot", "/new/clouds/bench/access/bob")
	for _, key := range []string{"audit-log-max-size", "max-debug-log-duration"} {
		if was, is := b.config("old", key), b.config("new", key); was != is {
			t.Errorf("%s is %s on new, and %s on old", key, is, was)
		}
	}
	for _, key := range []string{"update-status-hook-interval", "logging-config"} {
		if was, is := b.modelDefault("old", key), b.modelDefault("new", key); was != is {
			t.Errorf("the default of %s is on new\n%s\nand on old\n%s", key, is, was)
		}
	}
	b.well("new:admin/web", 2)                      // a hook of its own may run after the run has looked
	status := b.must(time.Minute, "juju", "status") // as the operator types it
	page.note("The operator goes on where the model is now:")
	page.show(status)
	status.says(t, `web +new +bench/default +3\.6\.11`, `tiny/0\* +active +idle`)
	b.at("3.6.11", "new:admin/web", "new:admin/db", "new:admin/lab", "new:admin/controller")
	b.livesOn("new", moving, "old")
	b.on("old")
	if got := b.disabled("new"); !slices.Equal(got, []string{"carol"}) {
		t.Errorf("disabled on new are %q, want carol as on old", got)
	}
	b.noAccounts("new", "old")
	b.settled(1)

	b.handedOver(t, page)
	b.nothingLeft(t, page, "-c", "old", "--to", "new")
	b.keepsSecrets()
}

// handedOver has each user find the way to "new", and looks at what is told of them
// before and after.
func (b *bench) handedOver(t *testing.T, page *transcript) {
	b.whoHasCome(t, page, "Who has found the way?", []string{`alice +superuser +not yet`, `bob +login +not yet`, `robot +.*not yet`}, `alice`, `bob`, `robot`)

	keys := b.registrations(1)
	b.registers("bob", keys["bob"], "web", "read")
	b.logsIn("new", "robot", robotPassword, "db", "write")
	if keys["robot"] != "" {
		t.Error("robot has a password, and a registration string as well")
	}
	b.tool("handover", "--reissue", "alice", "-y").exits(t, exitDone).says(t, `alice`)
	newer := b.newString(1, "alice")
	if newer == keys["alice"] || newer == "" {
		t.Error("alice has no new registration string")
	}
	store := b.dir + "/alice"
	void := b.try(time.Minute, "exec", "env", "JUJU_DATA="+store, "sh", "-c", "mkdir -p "+store+" && printf 'own-secret\nown-secret\nnew\n' | juju register "+keys["alice"]+"; rm -r "+store)
	if strings.Contains(void.all, "Welcome") {
		t.Errorf("the earlier string still works:\n%s", void.all)
	}
	b.registersAny("alice", newer)

	b.whoHasCome(t, page, "`bob` and `alice` have registered, with the real `juju register`; `robot` has logged in with its password.",
		[]string{`alice +superuser +logged in`, `bob +login +logged in`, `robot +\S+ +logged in`})
}

// newString is the string that the run's file has for a user now, whoever has seen
// those of others meanwhile.
func (b *bench) newString(run int, user string) string {
	b.t.Helper()
	text, err := os.ReadFile(filepath.Join(b.runDir(run), "registrations.yaml"))
	if err != nil {
		b.t.Fatal(err)
	}
	var file struct {
		Users map[string]struct{ Register string } `yaml:"users"`
	}
	if err := yaml.Unmarshal(text, &file); err != nil {
		b.t.Fatal(err)
	}
	return file.Users[user].Register
}

// registersAny has the user register with that string.
func (b *bench) registersAny(user, key string) {
	b.t.Helper()
	store := b.dir + "/" + user
	b.must(time.Minute, "exec", "env", "JUJU_DATA="+store, "sh", "-c", "mkdir -p "+store+" && printf 'own-secret\nown-secret\nnew\n' | juju register "+key)
}
