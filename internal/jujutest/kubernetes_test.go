package jujutest_test

import (
	"strings"
	"testing"

	"github.com/juju/names/v5"

	"github.com/juju/juju/api/client/cloud"
	"github.com/juju/juju/api/client/modelmanager"
	"github.com/juju/juju/api/client/secretbackends"
	"github.com/juju/juju/rpc/params"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujutest"
)

// cluster are two controllers on one Kubernetes cluster, and one elsewhere with a model
// there.
const cluster = `
speed: 50
controllers:
  - name: pods
    version: 3.5.4
    cloud: k8s
    cloud-type: kubernetes
    clouds: [{name: k8s, endpoint: "https://10.0.0.1:6443", ca-certificates: [of-the-cluster]}]
    secret-backends: [{name: safe, id: 0123456789ab}]
    models:
      - {name: web, secrets: 2, secret-backends: [safe], applications: [{name: app, units: 2}, {name: db, units: 1}]}
      - {name: mine, applications: [{name: own, units: 1, charm: "local:own"}]}
  - name: prod
    version: 3.6.11
    series-offers: [3.6.11, 3.6.12]
    cloud: k8s
    cloud-type: kubernetes
    secret-backends: [{name: safe, id: 0123456789ab}]
    models: [{name: local, applications: [{name: own, units: 1, charm: "local:own"}]}]
  - name: newest
    version: 4.1.0
    cloud: k8s
    cloud-type: kubernetes
    secret-backends: [{name: safe, id: 0123456789ab}]
  - name: machines
    version: 3.6.11
    clouds: [{name: k8s, type: kubernetes}]
    models:
      - {name: web, cloud: k8s, applications: [{name: app, units: 1}]}
      - {name: plain, applications: [{name: app, units: 1}]}
`

// kindOf is the type of a model, as each list and account of it says.
func kindOf(t *testing.T, w *jujutest.World, c, model string) string {
	t.Helper()
	uuid := uuidOf(t, w, c, model)
	kinds := map[string]bool{status(t, open(t, w, c, model)).Model.Type: true, info(t, w, c, uuid).Result.Type: true}
	manager := modelmanager.NewClient(open(t, w, c, ""))
	list, err := manager.ListModels("admin")
	if err != nil {
		t.Fatal(err)
	}
	for _, m := range list {
		kinds[string(m.Type)] = kinds[string(m.Type)] || m.UUID == uuid
	}
	summaries, err := manager.ListModelSummaries("admin", true)
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range summaries {
		if s.UUID == uuid {
			kinds[string(s.Type)] = true
		}
	}
	states, err := manager.ModelStatus(names.NewModelTag(uuid))
	if err != nil {
		t.Fatal(err)
	}
	kinds[string(states[0].ModelType)] = true
	var out []string
	for kind, said := range kinds {
		if said {
			out = append(out, kind)
		}
	}
	return strings.Join(out, " or ")
}

func TestAModelOnKubernetesHasPodsAndNoMachines(t *testing.T) {
	w := start(t, cluster)
	for where, want := range map[string]string{
		"pods:controller": "caas", "pods:web": "caas", "machines:web": "caas", "machines:plain": "iaas", "machines:controller": "iaas",
	} {
		c, model, _ := strings.Cut(where, ":")
		if got := kindOf(t, w, c, model); got != want {
			t.Errorf("%s is %s", where, got)
		}
		st := status(t, open(t, w, c, model))
		if machines := len(st.Machines); (machines == 0) != (want == "caas") {
			t.Errorf("%s has %d machines", where, machines)
		}
		shown := info(t, w, c, uuidOf(t, w, c, model)).Result
		if (len(shown.Machines) == 0) != (want == "caas") {
			t.Errorf("%s has machines %+v", where, shown.Machines)
		}
	}
	app := status(t, open(t, w, "pods", "web")).Applications["app"]
	unit := app.Units["app/1"]
	if unit.ProviderId != "app-1" || unit.Address == "" || unit.PublicAddress != "" || unit.Machine != "" || unit.AgentStatus.Version != "3.5.4" {
		t.Errorf("%+v", unit)
	}
	if app.Scale != 2 || app.ProviderId == "" || app.PublicAddress == "" {
		t.Errorf("%+v", app)
	}
	own := status(t, open(t, w, "prod", "controller")).Applications["controller"].Units["controller/0"]
	if own.ProviderId != "controller-0" || own.AgentStatus.Version != "3.6.11" {
		t.Errorf("%+v", own)
	}
}

func TestWhatJujuRefusesAControllerOnKubernetes(t *testing.T) {
	w := start(t, cluster)
	refused := func(what, c, model, facade string, version int, method string, args any) {
		t.Helper()
		err := open(t, w, c, model).APICall(facade, version, "", method, args, &struct{}{})
		if params.ErrCode(err) != params.CodeNotSupported {
			t.Errorf("%s: %v", what, err)
		}
	}
	three := params.ControllersSpecs{Specs: []params.ControllersSpec{{NumControllers: 3}}}
	refused("more servers", "prod", "", "HighAvailability", 2, "EnableHA", three)
	refused("more servers of Juju 4", "newest", "", "HighAvailability", 2, "EnableHA", three)
	refused("a backup", "prod", "controller", "Backups", 3, "Create", params.BackupsCreateArgs{})
	if err := open(t, w, "machines", "controller").APICall("Backups", 3, "", "Create", params.BackupsCreateArgs{}, &struct{}{}); err != nil {
		t.Errorf("a backup of one on machines: %v", err)
	}
}

func TestPodsFollowTheirModelsVersionOneByOne(t *testing.T) {
	w := start(t, cluster)
	if _, err := upgrade(t, w, "controller", "3.6.12", false); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the controller's pod is back", func() bool {
		conn, err := tryOpen(t, w, "prod", "")
		if err != nil {
			return false
		}
		defer func() { _ = conn.Close() }()
		v, ok := conn.ServerVersion()
		return ok && v.String() == "3.6.12" && w.Arrived("prod", "controller")
	})
	if _, err := upgrade(t, w, "local", "3.6.12", false); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the unit has gone", func() bool { return !w.Arrived("prod", "local") })
	eventually(t, "the unit has come", func() bool { return w.Arrived("prod", "local") })
	if unit := status(t, open(t, w, "prod", "local")).Applications["own"].Units["own/0"]; unit.AgentStatus.Version != "3.6.12" {
		t.Errorf("%+v", unit.AgentStatus)
	}
}

func TestPodsRestartAfterTheyHaveMoved(t *testing.T) {
	w := start(t, strings.Replace(cluster, "speed: 50", "speed: 10", 1)) // so that they are seen in between
	uuid := uuidOf(t, w, "pods", "web")
	if _, err := migrate(t, w, "pods", "web", "prod"); err != nil {
		t.Fatal(err)
	}
	arrivesAt(t, w, "prod", "web", uuid)
	eventually(t, "they restart", func() bool { return !w.Arrived("prod", "web") })
	eventually(t, "they are back", func() bool { return w.Arrived("prod", "web") })
	if v, err := w.ModelVersion("prod", "web"); err != nil || v != "3.5.4" {
		t.Errorf("it is at %s, %v", v, err)
	}
}

func TestPodsOfJuju4ComeAtItsVersion(t *testing.T) {
	w := start(t, cluster)
	uuid := uuidOf(t, w, "machines", "web")
	if _, err := migrate(t, w, "machines", "web", "newest"); err != nil {
		t.Fatal(err)
	}
	arrivesAt(t, w, "newest", "web", uuid)
	eventually(t, "its pods are replaced", func() bool {
		u := status(t, open(t, w, "newest", "web")).Applications["app"].Units["app/0"]
		return u.AgentStatus.Version == "4.1.0" && u.AgentStatus.Status == "idle"
	})
}

func TestJuju4TakesNoLocalCharmsOnKubernetesFromJuju3(t *testing.T) {
	w := start(t, cluster)
	if _, err := migrate(t, w, "prod", "local", "newest"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "it is given up", func() bool {
		g, ok := w.Migration("prod", "local")
		return ok && strings.Contains(g.Status, `application "own" has multiple settings, expected only one`) && !g.End.IsZero()
	})
}

func TestTheBackendOfAModelsOwnIsToldWhileItHoldsSecrets(t *testing.T) {
	w := start(t, cluster)
	list, err := secretbackends.NewClient(open(t, w, "pods", "")).ListSecretBackends(nil, false)
	if err != nil {
		t.Fatal(err)
	}
	uuid := uuidOf(t, w, "pods", "web")
	var got []string
	for _, b := range list {
		got = append(got, b.Name+" "+b.BackendType)
		if b.Name == "web-local" && (b.ID != uuid || b.NumSecrets != 2) {
			t.Errorf("%+v", b)
		}
	}
	if text := strings.Join(got, ", "); text != "internal controller, safe vault, web-local kubernetes" {
		t.Error(text)
	}
	var used []string
	for _, b := range info(t, w, "pods", uuid).Result.SecretBackends {
		used = append(used, b.Result.Name)
	}
	if text := strings.Join(used, ", "); text != "web-local, safe" {
		t.Error(text)
	}
}

func TestAClusterIsToldWithItsCertificates(t *testing.T) {
	w := start(t, cluster)
	got, err := cloud.NewClient(open(t, w, "pods", "")).Cloud(names.NewCloudTag("k8s"))
	if err != nil || got.Type != "kubernetes" || got.Endpoint != "https://10.0.0.1:6443" || strings.Join(got.CACertificates, " ") != "of-the-cluster" ||
		got.AuthTypes.Contains("empty") {
		t.Errorf("%+v, %v", got, err)
	}
}
