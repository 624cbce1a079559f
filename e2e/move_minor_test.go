package e2e

import (
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestAControllerMovesToTheNextMinorVersion is the journey for which the tool was
// made: all that is on a 3.5.4 controller goes to a 3.6.11 one, with the users that
// it needs, and every agent is seen there.
func TestAControllerMovesToTheNextMinorVersion(t *testing.T) {
	b := newBench(t)
	b.up("old", "3.5.4")
	b.up("new", "3.6.11")
	b.model("old", "web", "--worker")
	b.model("old", "db", "--charm")
	b.model("old", "lab")
	b.model("old", "spare")
	for _, name := range []string{"alice", "bob", "carol"} {
		b.juju("add-user", name, "-c", "old")
	}
	b.juju("grant", "alice", "superuser", "-c", "old")
	b.juju("grant", "alice", "admin", "admin/db", "-c", "old")
	b.juju("grant", "bob", "read", "admin/web", "-c", "old")
	b.juju("grant", "carol", "write", "admin/db", "-c", "old")
	b.juju("disable-user", "carol", "-c", "old")
	b.juju("switch", "old:admin/web")
	ids := b.modelIDs("old")
	moving := []string{ids["old:admin/web"], ids["old:admin/db"], ids["old:admin/lab"], ids["old:admin/spare"]}
	page := b.transcript(t, "move.md", "From 3.5.4 to 3.6.11", "`old` is at 3.5.4 and has four models; one has a machine agent and a unit. `alice` is a superuser and administers `db`, `bob` reads `web`, `carol` is disabled and writes `db`. `new` is at 3.6.11, and empty.")

	before := b.world("old", "new")
	planned := b.tool(append([]string{"plan", "-c", "old", "--to", "new"}, soon...)...).exits(t, exitPending)
	planned.says(t, `old .*3\.5\.4`, `to new .*3\.6\.11`, `4 of 4 to move`, `alice \(superuser\)`, `bob \(login\)`, `carol \(login, disabled\)`,
		`(?i)no way back`, `do not restore`, `backup`, `strands-agents`)
	page.show(planned)
	if after := b.world("old", "new"); after != before {
		t.Errorf("a plan has changed something:\n%s\nafter:\n%s", before, after)
	}
	if got := append(b.changes("old"), b.changes("new")...); len(got) != 0 {
		t.Errorf("a plan has asked for %v", got)
	}

	ran := b.tool("apply", hashIn(t, planned), "-y")
	for _, screen := range b.arrived(t, 1, ran, map[string]string{"new:admin/web": "old-web-0"}) {
		page.show(screen)
		ran = screen
	}
	ran.says(t, `Done in`, `4 models moved from old to new`, `on new .*admin/db.*admin/web`, `Regressions: none \(2 agents compared\)`, `registrations\.yaml`)

	b.well("new:admin/web", 2)                      // a hook of its own may run after the run has looked
	status := b.must(time.Minute, "juju", "status") // as the operator types it
	page.note("The operator goes on where the model is now:")
	page.show(status)
	status.says(t, `web +new +bench/default +3\.6\.11`, `tiny/0\* +active +idle`)
	b.at("3.6.11", "new:admin/web", "new:admin/db", "new:admin/lab", "new:admin/spare")
	b.livesOn("new", moving, "old")
	b.on("old")
	b.askedToMigrate("old", map[string]int{moving[0]: 1, moving[1]: 1, moving[2]: 1, moving[3]: 1})
	b.askedOnce("3.6.11", "new", []string{"new"}, "new:admin/web", "new:admin/db", "new:admin/lab", "new:admin/spare")
	b.madeOnce("new", "alice", "bob", "carol")
	if got := b.disabled("new"); !slices.Equal(got, []string{"carol"}) {
		t.Errorf("disabled on new are %q, want carol as on old", got)
	}
	b.noAccounts("new", "old")
	b.hasBackups(1, 1)
	b.settled(1)
	b.keptHealth(1)
	b.tool("status").exits(t, exitDone).says(t, `(?m)^Done`)

	b.registers("bob", b.registrations(1)["bob"], "web", "read")
	b.nothingLeft(t, page, "-c", "old", "--to", "new")
	b.askedToMigrate("old", map[string]int{moving[0]: 1, moving[1]: 1, moving[2]: 1, moving[3]: 1})
	b.madeOnce("new", "alice", "bob", "carol")
	b.keepsSecrets()
}

// madeOnce fails the test unless the tool has made exactly these users, each once,
// beside one temporary superuser or more: a run that is resumed makes another one.
func (b *bench) madeOnce(controller string, names ...string) {
	b.t.Helper()
	got := b.usersAdded(controller)
	if got[""] == 0 {
		b.t.Errorf("no temporary superuser was made on %s", controller)
	}
	delete(got, "")
	for _, name := range names {
		if got[name] != 1 {
			b.t.Errorf("%s was asked %d times to make %s, want once", controller, got[name], name)
		}
		delete(got, name)
	}
	if len(got) > 0 {
		b.t.Errorf("%s was also asked to make %v", controller, got)
	}
}

// registrations are the registration strings that a run has kept for users, in a
// file that no other user of this machine can read, and nowhere else.
func (b *bench) registrations(run int) map[string]string {
	b.t.Helper()
	path := filepath.Join(b.runDir(run), "registrations.yaml")
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 {
		b.t.Fatalf("%s: %v, %v", path, info, err)
	}
	text, err := os.ReadFile(path)
	if err != nil {
		b.t.Fatal(err)
	}
	out := map[string]string{}
	var user string
	for line := range strings.Lines(string(text)) {
		name, value, _ := strings.Cut(strings.TrimSpace(line), ":")
		switch {
		case strings.HasPrefix(line, "    ") && strings.TrimSpace(value) == "":
			user = name
		case name == "register":
			out[user] = strings.TrimSpace(value)
		}
	}
	for name, key := range out {
		if key == "" || strings.Contains(b.history.String(), key) {
			b.t.Errorf("the registration string of %s is empty, or was shown", name)
		}
		for _, file := range []string{"plan.json", "journal.jsonl", "progress.json", "before.json"} {
			if text, err := os.ReadFile(filepath.Join(b.runDir(run), file)); err != nil || strings.Contains(string(text), key) {
				b.t.Errorf("%s has the registration string of %s, or cannot be read: %v", file, name, err)
			}
		}
	}
	return out
}

// registers fails the test unless the user can register with that string, as on a
// machine of their own, and has that access to the model.
func (b *bench) registers(user, key, model, access string) {
	b.t.Helper()
	if key == "" {
		b.t.Fatalf("there is no registration string for %s", user)
	}
	store := filepath.Join(b.dir, user)
	if err := os.Mkdir(store, 0o700); err != nil {
		b.t.Fatal(err)
	}
	as := func(script string) result {
		return b.must(time.Minute, "exec", "env", "JUJU_DATA="+store, "sh", "-c", script)
	}
	as("printf 'own-secret\nown-secret\nnew\n' | juju register " + key)
	var list struct {
		Models []struct {
			Name   string `json:"short-name"`
			Access string `json:"access"`
		} `json:"models"`
	}
	said := as("juju models --format json").stdout
	if err := json.Unmarshal([]byte(said), &list); err != nil || len(list.Models) != 1 || list.Models[0].Name != model || list.Models[0].Access != access {
		b.t.Errorf("%s sees other than %s access to %s alone: %v\n%s", user, access, model, err, said)
	}
	as("juju status -m admin/" + model)
}

// keptHealth fails the test unless the run has kept how agents were before it, for
// no other user's eyes.
func (b *bench) keptHealth(run int) {
	b.t.Helper()
	path := filepath.Join(b.runDir(run), "before.json")
	text, err := os.ReadFile(path)
	if err != nil || !strings.Contains(string(text), "tiny/0") {
		b.t.Errorf("%s does not know tiny/0: %v", path, err)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		b.t.Errorf("%s: %v, %v", path, info, err)
	}
}
