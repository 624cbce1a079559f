package standin_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/juju/juju/core/model"
	"github.com/juju/juju/jujuclient"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujutest/estate"
)

// ofCluster are a client's files with a cluster of which the estate knows nothing.
var ofCluster = map[string]string{
	"clouds.yaml": `
clouds:
  k8s: {type: kubernetes, auth-types: [oauth2], endpoint: "https://10.0.0.1:6443", host-cloud-region: microk8s/localhost, regions: {localhost: {}}, ca-certificates: [of-the-cluster]}
`,
	"credentials.yaml": `
credentials:
  k8s: {one: {auth-type: oauth2, Token: canary-token-one}, two: {auth-type: oauth2, Token: canary-token-two}}
`,
}

// knows writes the client's files.
func (y *yard) knows(files map[string]string) {
	y.Helper()
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(y.data, name), []byte(content), 0o600); err != nil {
			y.Fatal(err)
		}
	}
}

const podLines = `Creating Juju controller "new" on k8s/localhost
Bootstrap to Kubernetes cluster identified as microk8s/localhost
Creating k8s resources for controller "controller-new"
Downloading images
Starting controller pod
Bootstrap agent now started
`

func TestAControllerIsMadeInAClusterOfTheClientsFiles(t *testing.T) {
	y := newYard(t, oldOne)
	y.knows(ofCluster)
	code, _, errs := y.juju("bootstrap", "k8s", "new", "--credential", "two", "--config", "controller-service-type=loadbalancer", "--config", "audit-log-max-backups=4")
	if code != 0 || !strings.HasPrefix(errs, podLines) || !strings.Contains(errs, "is now available in namespace \"controller-new\"\n") ||
		!strings.Contains(errs, "deploy k8s workloads") {
		t.Fatalf("code %d\n%s", code, errs)
	}
	entry := y.entry("new")
	if entry == nil || entry.CloudType != "kubernetes" || entry.CloudRegion != "localhost" || len(entry.APIEndpoints) != 1 {
		t.Fatalf("%+v", entry)
	}
	own, err := jujuclient.NewFileClientStore().ModelByName("new", "admin/controller")
	if err != nil || own.ModelType != model.CAAS {
		t.Errorf("%+v, %v", own, err)
	}
	if !y.answers("new") {
		t.Error("it does not answer")
	}
	clouds, err := y.world.Clouds("new")
	if err != nil || len(clouds) != 1 || clouds[0].Endpoint != "https://10.0.0.1:6443" || strings.Join(clouds[0].CACerts, " ") != "of-the-cluster" {
		t.Errorf("%+v, %v", clouds, err)
	}
	config, err := y.world.Config("new")
	if _, told := config["controller-service-type"]; told || err != nil || config["audit-log-max-backups"] != 4 {
		t.Errorf("%v, %v", config, err)
	}
	y.eventually("its unit is there", func() bool { return y.world.Arrived("new", "controller") })
	if secrets := strings.Join(y.world.Secrets(), " "); !strings.Contains(secrets, "canary-token-two") || strings.Contains(secrets, "canary-token-one") {
		t.Error("it did not get the credential that was named")
	}
}

func TestWhatIsNotMadeInACluster(t *testing.T) {
	y := newYard(t, oldOne)
	y.knows(ofCluster)
	for want, args := range map[string][]string{
		"more than one credential": {"k8s", "new"},
		"not found":                {"k8s", "new", "--credential", "three"},
		"are only allowed for":     {"lab", "new", "--config", "controller-service-type=loadbalancer"},
	} {
		if code, _, errs := y.juju(append([]string{"bootstrap"}, args...)...); code == 0 || !strings.Contains(errs, want) || y.entry("new") != nil {
			t.Errorf("%v: code %d\n%s", args, code, errs)
		}
	}
	if code, _, errs := y.juju("bootstrap", "k8s", "new", "--credential", "one"); code != 0 {
		t.Fatal(errs)
	}
	if err := jujuclient.NewFileClientStore().RemoveController("new"); err != nil {
		t.Fatal(err)
	}
	code, _, errs := y.juju("bootstrap", "k8s", "new", "--credential", "one")
	if code != 1 || !strings.HasPrefix(errs, "ERROR a controller called \"new\" already exists on this k8s cluster.\n") || y.entry("new") != nil {
		t.Errorf("a name that its namespace has taken: code %d\n%s", code, errs)
	}
	other := map[string]string{}
	for file, content := range ofCluster {
		other[file] = strings.Replace(content, "k8s:", "same:", 1)
	}
	y.knows(other)
	if code, _, errs := y.juju("bootstrap", "same", "new", "--credential", "one"); code != 1 || !strings.Contains(errs, "already exists on this k8s cluster") {
		t.Errorf("the same cluster by another name: code %d\n%s", code, errs)
	}
}

func TestABootstrapThatFailsLeavesNothingInItsCluster(t *testing.T) {
	y := newYard(t, oldOne)
	y.knows(ofCluster)
	end, err := y.world.Inject(estate.ProgramName, estate.Fault{Kind: estate.FaultBootstrapFails, Stage: "script", Message: "pod not ready"})
	if err != nil {
		t.Fatal(err)
	}
	if code, _, errs := y.juju("bootstrap", "k8s", "new", "--credential", "one"); code != 1 || !strings.HasSuffix(errs, "ERROR failed to bootstrap model: pod not ready\n") {
		t.Fatalf("code %d\n%s", code, errs)
	}
	end()
	if code, _, errs := y.juju("bootstrap", "k8s", "new", "--credential", "one"); code != 0 {
		t.Errorf("code %d\n%s", code, errs)
	}
}
