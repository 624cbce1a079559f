package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"
	"time"
)

// password is that of the user admin on every controller of a bench; it must
// be nowhere but in the client's store.
const password = "bench-secret"

// status is what "juju status --format json" shows, as far as it matters here.
type status struct {
	Model struct {
		Name    string `json:"name"`
		Version string `json:"version"`
	} `json:"model"`
	Machines     map[string]machine `json:"machines"`
	Applications map[string]struct {
		CharmRev int             `json:"charm-rev"`
		Units    map[string]unit `json:"units"`
	} `json:"applications"`
}

type condition struct {
	Current string `json:"current"`
	Message string `json:"message"`
	Version string `json:"version"`
}

type machine struct {
	Agent      condition          `json:"juju-status"`
	Containers map[string]machine `json:"containers"`
}

type unit struct {
	Agent        condition       `json:"juju-status"`
	Workload     condition       `json:"workload-status"`
	Subordinates map[string]unit `json:"subordinates"`
}

// agent is a line of a status: "machine 0", "3.6.11", "started".
type agent struct{ name, version, state string }

// agents are all agents of a status, by name.
func (s status) agents() []agent {
	var out []agent
	var machines func(map[string]machine)
	machines = func(ms map[string]machine) {
		for name, m := range ms {
			out = append(out, agent{"machine " + name, m.Agent.Version, m.Agent.Current})
			machines(m.Containers)
		}
	}
	var units func(map[string]unit)
	units = func(us map[string]unit) {
		for name, u := range us {
			out = append(out, agent{"unit " + name, u.Agent.Version, u.Agent.Current})
			units(u.Subordinates)
		}
	}
	machines(s.Machines)
	for _, a := range s.Applications {
		units(a.Units)
	}
	sort.Slice(out, func(i, j int) bool { return out[i].name < out[j].name })
	return out
}

// status asks the real client about a model: "prod:admin/web".
func (b *bench) status(model string) status {
	b.t.Helper()
	s, err := parseStatus(b.juju("status", "-m", model, "--format", "json"))
	if err != nil {
		b.t.Fatalf("status of %s: %v", model, err)
	}
	return s
}

func parseStatus(text string) (status, error) {
	var s status
	return s, json.Unmarshal([]byte(text), &s)
}

// modelsOf are the models of a controller, as "prod:admin/web".
func (b *bench) modelsOf(controller string) []string {
	b.t.Helper()
	var out []string
	for name := range b.modelIDs(controller) {
		out = append(out, name)
	}
	sort.Strings(out)
	return out
}

// modelIDs are the UUIDs of the models of a controller.
func (b *bench) modelIDs(controller string) map[string]string {
	b.t.Helper()
	var list struct {
		Models []struct {
			Name string `json:"name"`
			UUID string `json:"model-uuid"`
		} `json:"models"`
	}
	if err := json.Unmarshal([]byte(b.juju("models", "-c", controller, "--all", "--format", "json")), &list); err != nil {
		b.t.Fatal(err)
	}
	out := map[string]string{}
	for _, m := range list.Models {
		out[controller+":"+m.Name] = m.UUID
	}
	return out
}

// world is everything that matters of the controllers in one text, so that two
// looks can be compared.
func (b *bench) world(controllers ...string) string {
	b.t.Helper()
	var out strings.Builder
	for _, c := range controllers {
		for _, name := range b.modelsOf(c) {
			s := b.status(name)
			fmt.Fprintf(&out, "%s %s\n", name, s.Model.Version)
			for _, a := range s.agents() {
				fmt.Fprintf(&out, "  %s %s %s\n", a.name, a.version, a.state)
			}
		}
	}
	return out.String()
}

// at fails the test unless the model and all its agents are at the version and
// well; an agent whose version is not shown (4.1's machines) has to be well.
func (b *bench) at(version string, models ...string) {
	b.t.Helper()
	for _, model := range models {
		if s := b.status(model); !s.at(version) {
			b.t.Errorf("%s is not at %s: model %s, agents %v", model, version, s.Model.Version, s.agents())
		}
	}
}

func (s status) at(version string) bool {
	if s.Model.Version != version {
		return false
	}
	for _, a := range s.agents() {
		shown := a.version == version || a.version == "" && strings.HasPrefix(version, "4.") && strings.HasPrefix(a.name, "machine ")
		if !shown || a.state == "down" || a.state == "lost" || a.state == "error" {
			return false
		}
	}
	return true
}

// arrives waits until the model and all its agents are at the version.
func (b *bench) arrives(within time.Duration, version, model string) {
	b.t.Helper()
	b.eventually(within, model+" at "+version, func() bool {
		r := b.look(time.Minute, "juju", "status", "-m", model, "--format", "json")
		s, err := parseStatus(r.stdout)
		return r.code == 0 && err == nil && s.at(version)
	})
}

// request is an UpgradeModel that a controller was sent and that was not a dry
// run.
type request struct{ model, version string }

// requests reads, from the audit logs of the controller's machines, which
// upgrades they were asked for. A log that is not there yet has none.
func (b *bench) requests(machines ...string) []request {
	var out []request
	for _, m := range machines {
		for _, log := range b.audits(m) {
			found, err := parseAudit(log)
			if err != nil {
				b.t.Fatalf("audit log of %s: %v", m, err)
			}
			out = append(out, found...)
		}
	}
	return out
}

// parseAudit finds the upgrades in an audit log (Juju: core/auditlog.Record).
// Arguments that cannot be read are an error: what is not known to be a dry run
// must not pass for one. The last line may be half written.
func parseAudit(log []byte) ([]request, error) {
	var out []request
	for line := range bytes.Lines(log) {
		if !bytes.HasSuffix(line, []byte("\n")) {
			break
		}
		var record struct {
			Request *struct {
				Facade, Method, Args string
			} `json:"request"`
		}
		if err := json.Unmarshal(line, &record); err != nil {
			return nil, fmt.Errorf("%w: %s", err, line)
		}
		if record.Request == nil || record.Request.Facade != "ModelUpgrader" || record.Request.Method != "UpgradeModel" {
			continue
		}
		var args struct {
			Model   string `json:"model-tag"`
			Version string `json:"target-version"`
			DryRun  bool   `json:"dry-run"`
		}
		if err := json.Unmarshal([]byte(record.Request.Args), &args); err != nil {
			return nil, fmt.Errorf("%w: %s", err, line)
		}
		if !args.DryRun {
			out = append(out, request{strings.TrimPrefix(args.Model, "model-"), args.Version})
		}
	}
	return out, nil
}

// askedOnce fails the test unless each of the models was asked for exactly
// once, for that version, and nothing else was asked for.
func (b *bench) askedOnce(version string, controller string, machines []string, models ...string) {
	b.t.Helper()
	ids := b.modelIDs(controller)
	count := map[request]int{}
	for _, r := range b.requests(machines...) {
		count[r]++
	}
	for _, m := range models {
		r := request{ids[m], version}
		if count[r] != 1 {
			b.t.Errorf("%s was asked %d times to upgrade to %s, want once", m, count[r], version)
		}
		delete(count, r)
	}
	if len(count) > 0 {
		b.t.Errorf("also asked for: %v (models: %v)", count, ids)
	}
}

// keepsSecrets fails the test if the password is in any file that the tool
// has written or in anything that was shown so far.
func (b *bench) keepsSecrets() {
	b.t.Helper()
	if strings.Contains(strings.ReplaceAll(b.history.String(), "password "+password, ""), password) {
		b.t.Error("the password was shown")
	}
	b.clean(filepath.Join(b.data(), "upgrade-all"), password)
}

// clean fails the test if any file below root can be read by others, or has
// one of the secrets in it.
func (b *bench) clean(root string, secrets ...string) {
	b.t.Helper()
	files := 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		if info.Mode().Perm()&0o077 != 0 {
			b.t.Errorf("%s can be read by others: %v", path, info.Mode())
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		files++
		for _, secret := range secrets {
			if bytes.Contains(data, []byte(secret)) {
				b.t.Errorf("a secret (%.3s…) is in %s", secret, path)
			}
		}
		return nil
	})
	if err != nil || files == 0 {
		b.t.Errorf("%d files looked at in %s: %v", files, root, err)
	}
}

func TestAuditedRequestsAreCountedWithoutDryRuns(t *testing.T) {
	const log = `{"conversation":{"who":"admin","what":"juju upgrade-all","when":"","model-name":"","model-uuid":"","conversation-id":"1","connection-id":"2"}}
{"request":{"conversation-id":"1","connection-id":"2","request-id":3,"when":"","facade":"ModelUpgrader","method":"UpgradeModel","version":1,"args":"{\"model-tag\":\"model-aa\",\"target-version\":\"3.6.11\",\"dry-run\":true}\n"}}
{"request":{"conversation-id":"1","connection-id":"2","request-id":4,"when":"","facade":"ModelUpgrader","method":"UpgradeModel","version":1,"args":"{\"model-tag\":\"model-bb\",\"target-version\":\"3.6.11\"}\n"}}
{"request":{"conversation-id":"1","connection-id":"2","request-id":5,"when":"","facade":"ModelUpgrader","method":"AbortModelUpgrade","version":1,"args":"{}"}}
{"request":{"conversation-id":"1","connection-id"`
	got, err := parseAudit([]byte(log))
	if err != nil || len(got) != 1 || got[0] != (request{"bb", "3.6.11"}) {
		t.Errorf("got %v, %v", got, err)
	}
	if _, err := parseAudit([]byte(`{"request":{"facade":"ModelUpgrader","method":"UpgradeModel"}}` + "\n")); err == nil {
		t.Error("a request without its arguments passes for a dry run")
	}
}

func TestAModelIsAtAVersionOnlyWithAllItsAgents(t *testing.T) {
	s, err := parseStatus(`{"model":{"name":"web","version":"3.6.11"},
		"machines":{"0":{"juju-status":{"current":"started","version":"3.6.11"},
			"containers":{"0/lxd/0":{"juju-status":{"current":"started","version":"3.6.4"}}}}},
		"applications":{"tiny":{"units":{"tiny/0":{"juju-status":{"current":"idle","version":"3.6.11"},
			"subordinates":{"idle/0":{"juju-status":{"current":"lost","version":"3.6.11"}}}}}}}}`)
	if err != nil {
		t.Fatal(err)
	}
	if s.at("3.6.11") {
		t.Error("a container at 3.6.4 and a lost subordinate are at 3.6.11")
	}
	want := "[{machine 0 3.6.11 started} {machine 0/lxd/0 3.6.4 started} {unit idle/0 3.6.11 lost} {unit tiny/0 3.6.11 idle}]"
	if got := fmt.Sprint(s.agents()); got != want {
		t.Errorf("agents: %s, want %s", got, want)
	}
	delete(s.Machines["0"].Containers, "0/lxd/0")
	delete(s.Applications["tiny"].Units["tiny/0"].Subordinates, "idle/0")
	if !s.at("3.6.11") || s.at("3.6.4") {
		t.Error("all its agents are at 3.6.11")
	}
}
