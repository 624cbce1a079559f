package e2e

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/journal"
)

// The password with which a service account logs in, before and after.
const robotPassword = "robot-secret-7"

// machine makes an empty machine, of which the client can make a controller, and
// returns the options with which the run does so. (The bench has no Charmhub with the
// controller's charm.)
func (b *bench) machine(name string) []string {
	b.t.Helper()
	b.must(2*time.Minute, "machine", name)
	return []string{"--bootstrap", "bench", "--bootstrap-name", "new", "--bootstrap-arg", "--controller-charm-path=" + filepath.Join(b.dir, "juju-controller.charm")}
}

// richOld is a controller "old" with users, grants, configuration and model defaults.
func (b *bench) richOld(version string) {
	b.t.Helper()
	b.up("old", version)
	b.model("old", "web", "--worker")
	b.model("old", "db", "--charm")
	b.model("old", "lab")
	for _, user := range []string{"alice", "bob", "carol", "robot"} {
		b.juju("add-user", user, "-c", "old")
	}
	b.juju("grant", "alice", "superuser", "-c", "old")
	b.juju("grant", "bob", "read", "admin/web", "-c", "old")
	b.juju("grant", "robot", "write", "admin/db", "-c", "old")
	b.juju("grant-cloud", "bob", "add-model", "bench", "-c", "old")
	b.juju("disable-user", "carol", "-c", "old")
	b.juju("controller-config", "-c", "old", "audit-log-max-size=400M", "max-debug-log-duration=12h")
	b.juju("model-defaults", "-c", "old", "--cloud", "bench", "update-status-hook-interval=7m")
	b.juju("model-defaults", "-c", "old", "--cloud", "bench", "--region", "default", "logging-config=<root>=WARNING")
}

// passwordFile has the passwords of users, for nobody else's eyes.
func (b *bench) passwordFile(text string) string {
	b.t.Helper()
	file := filepath.Join(b.dir, "passwords.yaml")
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		b.t.Fatal(err)
	}
	return file
}

// config is what a controller is configured with, by key.
func (b *bench) config(controller, key string) string {
	b.t.Helper()
	value := strings.TrimSpace(b.juju("controller-config", "-c", controller, key))
	if d, err := time.ParseDuration(value); err == nil {
		return d.String() // "12h" is "12h0m0s"
	}
	return value
}

// modelDefault is what a controller gives new models for a key: all that it says.
func (b *bench) modelDefault(controller, key string) string {
	b.t.Helper()
	return b.juju("model-defaults", "-c", controller, key, "--format", "yaml")
}

// logsIn fails the test unless that user can log in with the password, as on another
// machine, and has that access to the model.
func (b *bench) logsIn(controller, user, password, model, access string) {
	b.t.Helper()
	store := filepath.Join(b.dir, user)
	if err := os.Mkdir(store, 0o700); err != nil {
		b.t.Fatal(err)
	}
	as := func(script string) result {
		return b.must(time.Minute, "exec", "env", "JUJU_DATA="+store, "sh", "-c", script)
	}
	file, err := os.ReadFile(filepath.Join(b.data(), "controllers.yaml"))
	if err == nil {
		err = os.WriteFile(filepath.Join(store, "controllers.yaml"), file, 0o600)
	}
	if err != nil {
		b.t.Fatal(err)
	}
	as("printf '" + password + "\n' | juju login -c " + controller + " -u " + user)
	var list struct {
		Models []struct {
			Name   string `json:"short-name"`
			Access string `json:"access"`
		} `json:"models"`
	}
	said := as("juju models -c " + controller + " --format json").stdout
	if err := json.Unmarshal([]byte(said), &list); err != nil || len(list.Models) != 1 || list.Models[0].Name != model || list.Models[0].Access != access {
		b.t.Errorf("%s sees other than %s access to %s alone: %v\n%s", user, access, model, err, said)
	}
}

// clonedOnce fails the test unless each of these steps of a run was done, and by that
// many requests.
func (b *bench) clonedOnce(t testing.TB, run int, steps ...string) {
	t.Helper()
	done := map[string]int{}
	for _, r := range b.records(run) {
		if r.Event == journal.Moved && r.Status == journal.Done {
			done[r.Step]++
		}
	}
	for _, step := range steps {
		if done[step] != 1 {
			t.Errorf("%s was done %d times", step, done[step])
		}
	}
}

// whoHasCome looks at what is told of the users, a line each, and of what still needs the
// old controller: these, else nothing.
func (b *bench) whoHasCome(t *testing.T, page *transcript, note string, users []string, needs ...string) {
	t.Helper()
	handover := b.tool("handover").exits(t, exitDone)
	page.note(note)
	page.show(handover)
	for _, line := range users {
		handover.says(t, `(?m)^`+line)
	}
	code := exitFailed
	if len(needs) == 0 {
		code, needs = exitDone, []string{`juju destroy-controller old`}
	}
	left := b.tool("leftovers").exits(t, code)
	page.show(left)
	left.says(t, needs...)
}
