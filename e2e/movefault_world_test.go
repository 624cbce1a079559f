package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/journal"
)

// audited is a request that a controller was sent by a user, as its audit log
// has it.
type audited struct {
	facade, method string
	args           string
}

// auditLog reads the audit log of a controller's machine, without what this test
// binary's own setting up has asked for: only what is asked by whoever is neither
// the juju client nor the bench. These are the tool, and a controller that brings
// models to another.
func (b *bench) auditLog(machine string) []audited {
	b.t.Helper()
	var out []audited
	for _, log := range b.audits(machine) {
		found, err := parseAudited(log)
		if err != nil {
			b.t.Fatalf("audit log of %s: %v", machine, err)
		}
		out = append(out, found...)
	}
	return out
}

// parseAudited reads an audit log; its last line may be half written.
func parseAudited(log []byte) ([]audited, error) {
	foreign := map[string]bool{}
	var out []audited
	for line := range bytes.Lines(log) {
		if !bytes.HasSuffix(line, []byte("\n")) {
			break
		}
		var record struct {
			Conversation *struct {
				What string
				ID   string `json:"conversation-id"`
			}
			Request *struct {
				Facade, Method, Args string
				ID                   string `json:"conversation-id"`
			}
		}
		if err := json.Unmarshal(line, &record); err != nil {
			return nil, fmt.Errorf("%w: %s", err, line)
		}
		if c := record.Conversation; c != nil {
			command, _, _ := strings.Cut(c.What, " ") // 4.1's juju says its whole path
			foreign[c.ID] = filepath.Base(command) == "juju" || strings.Contains(c.What, "addmachine")
		}
		if r := record.Request; r != nil && !foreign[r.ID] {
			out = append(out, audited{r.Facade, r.Method, r.Args})
		}
	}
	return out, nil
}

// asks are the requests of the tool that only read; all others change something.
var asks = []string{
	"Cloud.CloudInfo", "ModelManager.ModelDefaultsForClouds", "HighAvailability.ControllerDetails",
	"Charms.CharmInfo", "Client.FullStatus",
	"Cloud.Clouds", "Cloud.CredentialContents", "Cloud.Credential", "Cloud.UserCredentials",
	"Controller.ControllerConfig", "Controller.HostedModelConfigs", "Controller.ListBlockedModels", "Controller.AllModels",
	"ModelManager.ListModelSummaries", "ModelManager.ModelInfo", "Pinger.Ping",
	"SecretBackends.ListSecretBackends", "UserManager.UserInfo",
	"Controller.IdentityProviderURL", "Controller.ControllerVersion",
}

// changes are the requests in a controller's audit log that change something.
// Questions that are asked as dry runs change nothing.
func (b *bench) changes(machine string) []string {
	b.t.Helper()
	var out []string
	for _, a := range b.auditLog(machine) {
		name := a.facade + "." + a.method
		asked := name == "ModelUpgrader.UpgradeModel" || name == "Controller.InitiateMigration" && b.dryRuns(machine)
		dry := asked && strings.Contains(a.args, `"dry-run":true`)
		if !slices.Contains(asks, name) && !dry {
			out = append(out, name)
		}
	}
	return out
}

// dryRuns says that the controller can be asked about a migration without doing it.
// The 3.x ones here are older than that: they ignore the word, and migrate.
func (b *bench) dryRuns(machine string) bool {
	b.t.Helper()
	version := b.versions[machine]
	if !b.pods {
		text, err := os.ReadFile(filepath.Join(b.dir, "run", machine, "version"))
		if err != nil {
			b.t.Fatal(err)
		}
		version = string(text)
	}
	return strings.HasPrefix(version, "4.")
}

// migrationsAsked counts how often the controller was asked to migrate each model.
func (b *bench) migrationsAsked(controller string) map[string]int {
	b.t.Helper()
	out := map[string]int{}
	for _, a := range b.auditLog(controller) {
		if a.facade != "Controller" || a.method != "InitiateMigration" {
			continue
		}
		var args struct {
			Specs []struct {
				Model string `json:"model-tag"`
			} `json:"specs"`
			DryRun bool `json:"dry-run"`
		}
		if err := json.Unmarshal([]byte(a.args), &args); err != nil || len(args.Specs) == 0 {
			b.t.Fatalf("a request to migrate that cannot be read (%v): %s", err, a.args)
		}
		if args.DryRun && b.dryRuns(controller) {
			continue
		}
		for _, s := range args.Specs {
			out[strings.TrimPrefix(s.Model, "model-")]++
		}
	}
	return out
}

// askedToMigrate fails the test unless the controller was asked to migrate exactly
// these models, given with their UUIDs, each so often.
func (b *bench) askedToMigrate(controller string, want map[string]int) {
	b.t.Helper()
	got := b.migrationsAsked(controller)
	for id, n := range want {
		if got[id] != n {
			b.t.Errorf("%s was asked %d times to migrate %s, want %d", controller, got[id], id, n)
		}
		delete(got, id)
	}
	if len(got) > 0 {
		b.t.Errorf("%s was also asked to migrate %v", controller, got)
	}
}

// count says how many requests of that name a controller has had.
func (b *bench) count(controller, facade, method string) int {
	b.t.Helper()
	n := 0
	for _, a := range b.auditLog(controller) {
		if a.facade == facade && a.method == method {
			n++
		}
	}
	return n
}

// users are the names of a controller's users.
func (b *bench) users(controller string) []string {
	b.t.Helper()
	return b.usersWho(controller, func(bool) bool { return true })
}

// disabled are the users of the controller who may not log in.
func (b *bench) disabled(controller string) []string {
	b.t.Helper()
	return b.usersWho(controller, func(disabled bool) bool { return disabled })
}

// usersWho are the names of those users, in order.
func (b *bench) usersWho(controller string, wanted func(disabled bool) bool) []string {
	b.t.Helper()
	var list []struct {
		Name     string `json:"user-name"`
		Disabled bool   `json:"disabled"`
	}
	if err := json.Unmarshal([]byte(b.juju("users", "-c", controller, "--all", "--format", "json")), &list); err != nil {
		b.t.Fatal(err)
	}
	var out []string
	for _, u := range list {
		if wanted(u.Disabled) {
			out = append(out, u.Name)
		}
	}
	slices.Sort(out)
	return out
}

// onlyUsers fails the test unless the controller has exactly these users.
func (b *bench) onlyUsers(controller string, want ...string) {
	b.t.Helper()
	if got := b.users(controller); !slices.Equal(got, want) {
		b.t.Errorf("%s has the users %v, want %v", controller, got, want)
	}
}

// on fails the test unless the controller lists exactly these models, beside its
// own.
func (b *bench) on(controller string, want ...string) {
	b.t.Helper()
	got := slices.DeleteFunc(b.modelsOf(controller), func(name string) bool { return name == controller+":admin/controller" })
	var full []string
	for _, name := range want {
		full = append(full, controller+":admin/"+name)
	}
	slices.Sort(full)
	if !slices.Equal(got, full) {
		b.t.Errorf("%s has the models %v, want %v", controller, got, full)
	}
}

// stepIs fails the test unless the step's last status in the run is this one, and
// returns its record.
func (b *bench) stepIs(run int, step string, want journal.Status) journal.Record {
	b.t.Helper()
	var last journal.Record
	for _, r := range b.records(run) {
		if r.Event == journal.Moved && r.Step == step {
			last = r
		}
	}
	if last.Status != want {
		b.t.Errorf("run %d: %s is %q, want %q (%s)", run, step, last.Status, want, last.Detail)
	}
	return last
}

// pair brings up two controllers of 3.6.11: the one that models leave, and the one
// that they move to.
func (b *bench) pair() {
	b.t.Helper()
	b.up("new", "3.6.11")
	b.up("old", "3.6.11")
}

// move are the arguments of a run that moves all models from old to new. Nothing
// moves in it for as long as Juju waits for agents (30 s here); it may wait longer.
func move(more ...string) []string {
	return append([]string{"-y", "-c", "old", "--to", "new", "--backup", "skip", "--stall", "75s"}, more...)
}

// getsThere waits until the run has ended well. Juju itself strands app's unit now
// and then, more often on a busy machine: then the run has to say so, and to get
// there by what it says.
func (b *bench) getsThere(t *testing.T, p *process) result {
	t.Helper()
	screens := b.arrived(t, 1, p.wait(runLimit), map[string]string{"new:admin/app": "old-app-0"})
	return screens[len(screens)-1]
}

func TestAnAuditLogIsReadWithoutWhatTheClientAsked(t *testing.T) {
	const log = `{"conversation":{"who":"admin","what":"juju add-user carol","conversation-id":"1"}}
{"request":{"conversation-id":"1","facade":"UserManager","method":"AddUser","args":"{}"}}
{"conversation":{"who":"admin","what":"juju-upgrade-all -c old","conversation-id":"2"}}
{"request":{"conversation-id":"2","facade":"UserManager","method":"AddUser","args":"{\"users\":[]}"}}
{"request":{"conversation-id":"2","fac`
	got, err := parseAudited([]byte(log))
	if err != nil || len(got) != 1 || got[0] != (audited{"UserManager", "AddUser", `{"users":[]}`}) {
		t.Errorf("got %v, %v", got, err)
	}
	if _, err := parseAudited([]byte("{\n")); err == nil {
		t.Error("a line that cannot be read passes for none")
	}
}
