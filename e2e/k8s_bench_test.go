package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"gopkg.in/yaml.v3"
)

// clusterPrefix begins the names of the folders of clusters.
const clusterPrefix = prefix + "k8s-"

// clusterTurn is held by the test that has a cluster: two of them need more memory and
// time than they save.
var clusterTurn sync.Mutex

// cluster is a Kubernetes cluster with real controllers in it, in a folder of its own.
// What a bench can be asked, it can be asked as well.
type cluster struct{ *bench }

// newCluster makes an empty cluster, and ends all of it at the end of the test. It skips
// the test unless JUJU_E2E=1, and where no cluster can be made.
func newCluster(t *testing.T) *cluster {
	t.Helper()
	if os.Getenv("JUJU_E2E") != "1" {
		t.Skip("needs real controllers: JUJU_E2E=1 (see the package comment)")
	}
	if !strings.Contains(t.Name(), "Kubernetes") {
		t.Fatal("a test that has a cluster has a name that says Kubernetes")
	}
	t.Parallel()
	built := builtCluster()
	for _, file := range []string{filepath.Join(built, "bin", "kube"), filepath.Join(built, "images", "jujud-operator", "3.6.11"), clusterScript()} {
		if _, err := os.Stat(file); err != nil {
			t.Skipf("the Kubernetes bench is not built: %v (BENCH_DIR=%s K8SBENCH_DIR=%s %s build)", err, builtBench(), built, clusterScript())
		}
	}
	clusterTurn.Lock()
	t.Cleanup(clusterTurn.Unlock)
	dir, err := os.MkdirTemp(filepath.Dir(builtBench()), clusterPrefix)
	if err != nil {
		t.Fatal(err)
	}
	c := &cluster{&bench{t: t, dir: dir, pods: true, versions: map[string]string{}}}
	live.add(c.bench)
	t.Cleanup(func() {
		if t.Failed() || testing.Verbose() {
			t.Logf("what was run:\n%s\n%s", c.history.String(), c.try(30*time.Second, "pods").stdout)
		}
		live.down(c.bench)
	})
	c.own()
	for _, tree := range []string{"bin", "images", "nft"} {
		if err := os.Symlink(filepath.Join(built, tree), filepath.Join(dir, tree)); err != nil {
			t.Fatal(err)
		}
	}
	c.must(5*time.Minute, "up") // it takes seconds, but for a machine that is busy otherwise
	c.keepAudits(t)
	return c
}

// keepAudits keeps the audit logs of the cluster's controllers: a pod takes its own with
// it when it is replaced.
func (c *cluster) keepAudits(t *testing.T) {
	dir := filepath.Join(c.dir, "audits")
	if err := os.Mkdir(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			logs, _ := filepath.Glob(filepath.Join(c.dir, "run", "pods", "controller-*_controller-0_*", "volumes", "*", "var", "log", "juju", "audit.log"))
			for _, log := range logs {
				rel, _ := filepath.Rel(filepath.Join(c.dir, "run", "pods"), log)
				pod, _, _ := strings.Cut(strings.TrimPrefix(rel, "controller-"), string(filepath.Separator))
				_ = os.Link(log, filepath.Join(dir, pod)) // it grows there, too; mostly it exists
			}
			select {
			case <-stop:
				return
			case <-time.After(100 * time.Millisecond):
			}
		}
	}()
	t.Cleanup(func() { close(stop); <-stopped })
}

// bootstrap makes a controller. Its audit log tells requests with their arguments.
func (c *cluster) bootstrap(name, version string, options ...string) {
	c.t.Helper()
	up := append([]string{"bootstrap", name, version, "--config", "audit-log-capture-args=true"}, options...)
	if r := c.look(5*time.Minute, up...); r.code != 0 {
		// On a busy machine its token may not be made in the time that juju gives it. What
		// is left of it keeps another one of that name away.
		c.t.Logf("kb %s: exit %d, and once more\n%s", strings.Join(up, " "), r.code, r.all)
		namespace := "/api/v1/namespaces/controller-" + name
		c.try(time.Minute, "api", namespace, "-X", "DELETE")
		c.eventually(2*time.Minute, "the namespace of "+name+" goes", func() bool {
			return strings.Contains(c.look(30*time.Second, "api", namespace).stdout, `"code": 404`)
		})
		c.must(5*time.Minute, up...)
	}
	c.versions[name] = version
	c.juju("switch", name+":admin/controller")
}

// made are the options with which a run makes a controller "new" in this cluster, out of
// what the cluster has.
func (c *cluster) made() []string {
	out := []string{"--bootstrap", "k8s", "--bootstrap-name", "new"}
	for _, setting := range []string{"caas-image-repo=" + imagesAt, "charmhub-url=" + charmsAt, "agent-metadata-url=" + agentsAt, "audit-log-capture-args=true"} {
		out = append(out, "--bootstrap-arg", "--config="+setting)
	}
	for _, setting := range []string{"charmhub-url=" + charmsAt, "agent-metadata-url=" + agentsAt} {
		out = append(out, "--bootstrap-arg", "--model-default="+setting)
	}
	return out
}

// Where the cluster has images, charms and lists of agent versions.
const (
	imagesAt = "registry.k8sbench/juju"
	charmsAt = "http://10.98.0.1:8001"
	agentsAt = "http://10.98.0.1:8000/tools"
)

// active waits until the model has exactly that many units, each at the version, idle
// and active.
func (c *cluster) active(version, model string, units int) {
	c.t.Helper()
	var last string
	well := func() bool {
		s, err := parseStatus(c.juju("status", "-m", model, "--format", "json"))
		if err != nil {
			c.t.Fatal(err)
		}
		last = fmt.Sprintf("%s %v", s.Model.Version, s.Applications)
		n := 0
		for _, app := range s.Applications {
			for _, u := range app.Units {
				if u.Agent.Version != version || u.Agent.Current != "idle" || u.Workload.Current != "active" {
					return false
				}
				n++
			}
		}
		return n == units && s.Model.Version == version
	}
	if !until(3*time.Minute, 500*time.Millisecond, well) {
		c.t.Fatalf("%s has not %d units at %s that are idle and active, but %s", model, units, version, last)
	}
}

// pod is what the cluster tells of a pod: "web/pod1-0".
type pod struct {
	// ID is another one when the pod was replaced.
	ID string
	// Restarts are those of its containers, by their names.
	Restarts map[string]int
	// Waiting is why a container does not run.
	Waiting string
}

// pod looks for a pod; there is none for moments while it is replaced.
func (c *cluster) pod(name string) (pod, bool) {
	c.t.Helper()
	namespace, name, _ := strings.Cut(name, "/")
	var p struct {
		Metadata struct{ UID string }
		Status   struct {
			ContainerStatuses []struct {
				Name         string
				RestartCount int
				State        struct{ Waiting *struct{ Reason string } }
			}
		}
	}
	said := c.must(30*time.Second, "api", "/api/v1/namespaces/"+namespace+"/pods/"+name).stdout
	if err := json.Unmarshal([]byte(said), &p); err != nil {
		c.t.Fatalf("%v: %s", err, said)
	}
	out := pod{ID: p.Metadata.UID, Restarts: map[string]int{}}
	for _, s := range p.Status.ContainerStatuses {
		out.Restarts[s.Name] = s.RestartCount
		if s.State.Waiting != nil {
			out.Waiting = s.State.Waiting.Reason
		}
	}
	return out, out.ID != ""
}

// secrets are the passwords and the tokens that the client keeps.
func (c *cluster) secrets() []string {
	c.t.Helper()
	var out []string
	for _, file := range []string{"accounts.yaml", "credentials.yaml"} {
		text, err := os.ReadFile(filepath.Join(c.data(), file))
		if err != nil {
			c.t.Fatal(err)
		}
		var doc yaml.Node
		if err := yaml.Unmarshal(text, &doc); err != nil {
			c.t.Fatal(err)
		}
		var walk func(*yaml.Node)
		walk = func(n *yaml.Node) {
			for i, child := range n.Content {
				secret := i > 0 && n.Kind == yaml.MappingNode && i%2 == 1 && slices.Contains([]string{"password", "Token"}, n.Content[i-1].Value)
				if secret && child.Value != "" {
					out = append(out, child.Value)
				}
				walk(child)
			}
		}
		walk(&doc)
	}
	if len(out) < 2 {
		c.t.Fatalf("the client keeps %d secrets, want a password and a token", len(out))
	}
	return out
}

// keepsSecrets fails the test if a password or token is in any file that the tool has
// written, or in anything that was shown so far.
func (c *cluster) keepsSecrets() {
	c.t.Helper()
	secrets := c.secrets()
	for _, s := range secrets {
		if bytes.Contains(c.history.Bytes(), []byte(s)) {
			c.t.Errorf("a secret (%.3s…) was shown", s)
		}
	}
	c.clean(filepath.Join(c.data(), "upgrade-all"), secrets...)
}

// clusterScript is the program that makes clusters, and controllers in them.
func clusterScript() string { return inBench(filepath.Join("k8s", "kb")) }

// builtCluster is the folder in which that program left its binaries and images.
func builtCluster() string {
	if dir := os.Getenv("K8SBENCH_DIR"); dir != "" {
		return dir
	}
	return filepath.Join(builtBench(), "k8s")
}

// TestTheHarnessSeesWhatJujuDoesOnKubernetes proves what the other tests stand on,
// without the tool: requests are seen once, also of a pod that is gone, and pods arrive.
func TestTheHarnessSeesWhatJujuDoesOnKubernetes(t *testing.T) {
	c := newCluster(t)
	c.bootstrap("prod", "3.6.4")
	c.model("prod", "web", "1")
	was, _ := c.pod("web/pod1-0")
	c.juju("upgrade-controller", "-c", "prod", "--agent-version", "3.6.11", "--dry-run")
	if got := c.requests("prod"); len(got) != 0 {
		t.Fatalf("a dry run counts as a request: %v", got)
	}
	id := c.modelIDs("prod")["prod:admin/controller"]
	c.fault("delete-pod", "web/pod1-0")
	c.eventually(time.Minute, "the pod is another one", func() bool { is, ok := c.pod("web/pod1-0"); return ok && is.ID != was.ID })
	c.active("3.6.4", "prod:admin/web", 1)
	// The answer may be lost, as the API goes away at once.
	c.try(30*time.Second, "exec", "timeout", "20", "juju", "upgrade-controller", "-c", "prod", "--agent-version", "3.6.11")
	c.eventually(2*time.Minute, "prod answers at 3.6.11", func() bool {
		r := c.look(30*time.Second, "exec", "timeout", "8", "juju", "status", "-m", "prod:admin/controller", "--format", "json")
		s, err := parseStatus(r.stdout)
		return r.code == 0 && err == nil && s.at("3.6.11")
	})
	if got := c.requests("prod"); !slices.Equal(got, []request{{id, "3.6.11"}}) {
		t.Errorf("requests of a pod that is gone: %v", got)
	}
	live.down(c.bench)
	if _, err := os.Stat(c.dir); !os.IsNotExist(err) {
		t.Errorf("the cluster's folder is still there: %v", err)
	}
}
