package jujutest_test

import (
	"testing"
	"time"

	"github.com/juju/juju/api"
	"github.com/juju/juju/api/client/client"
	"github.com/juju/juju/api/client/modelmanager"
	"github.com/juju/juju/rpc/params"
	"github.com/juju/names/v5"
	"github.com/juju/version/v2"
	"go.uber.org/goleak"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujutest"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujutest/estate"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// start makes a world of YAML that ends with the test.
func start(t *testing.T, text string) *jujutest.World {
	t.Helper()
	e, err := estate.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	w, err := jujutest.Start(e)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Close)
	return w
}

var quick = api.DialOpts{Timeout: 5 * time.Second, RetryDelay: 20 * time.Millisecond, DialTimeout: 2 * time.Second}

func tryOpen(t *testing.T, w *jujutest.World, controller, model string) (api.Connection, error) {
	t.Helper()
	info, err := w.APIInfo(controller, model)
	if err != nil {
		t.Fatal(err)
	}
	return api.Open(info, quick)
}

func open(t *testing.T, w *jujutest.World, controller, model string) api.Connection {
	t.Helper()
	conn, err := tryOpen(t, w, controller, model)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn
}

func status(t *testing.T, conn api.Connection) *params.FullStatus {
	t.Helper()
	st, err := client.NewClient(conn, nil).Status(nil)
	if err != nil {
		t.Fatal(err)
	}
	return st
}

// eventually waits for what the simulation does by itself.
func eventually(t *testing.T, what string, cond func() bool) {
	t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for !cond() {
		if time.Now().After(deadline) {
			t.Fatalf("never came: %s", what)
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func modelTag(t *testing.T, w *jujutest.World, controller, model string) names.ModelTag {
	t.Helper()
	info, err := w.APIInfo(controller, model)
	if err != nil {
		t.Fatal(err)
	}
	return info.ModelTag
}

func upgrade(t *testing.T, w *jujutest.World, model, target string, dry bool) (version.Number, error) {
	t.Helper()
	args := params.UpgradeModelParams{ModelTag: modelTag(t, w, "prod", model).String(), DryRun: dry}
	if target != "" {
		args.TargetVersion = version.MustParse(target)
	}
	var res params.UpgradeModelResult
	if err := open(t, w, "prod", "").APICall("ModelUpgrader", 1, "", "UpgradeModel", args, &res); err != nil {
		return res.ChosenVersion, err
	}
	if res.Error != nil {
		return res.ChosenVersion, res.Error
	}
	return res.ChosenVersion, nil
}

const oneController = `
speed: 50
controllers:
  - name: prod
    version: 3.6.4
    series-offers: [3.6.4, 3.6.11]
    models:
      - name: web
        machines: [{containers: 1}, {}]
        applications: [{name: shop, units: 2, subordinates: [nrpe]}]
      - name: db
        applications: [{name: postgresql, units: 1}]
`

func TestAnUnmodifiedClientLogsInAndSeesEverything(t *testing.T) {
	w := start(t, oneController)
	conn := open(t, w, "prod", "")
	if v, ok := conn.ServerVersion(); !ok || v.String() != "3.6.4" {
		t.Errorf("server version %v", v)
	}
	sums, err := modelmanager.NewClient(conn).ListModelSummaries("admin", true)
	if err != nil {
		t.Fatal(err)
	}
	if len(sums) != 3 || sums[0].Name != "controller" || !sums[0].IsController || sums[1].Name != "web" || sums[1].Error != nil {
		t.Errorf("summaries %+v", sums)
	}
	st := status(t, open(t, w, "prod", "web"))
	if len(st.Machines) != 2 || len(st.Machines["0"].Containers) != 1 {
		t.Errorf("machines %+v", st.Machines)
	}
	shop := st.Applications["shop"].Units["shop/1"]
	if shop.AgentStatus.Version != "3.6.4" || len(shop.Subordinates) != 1 {
		t.Errorf("unit %+v", shop)
	}
}

func TestAControllerAndItsModelsUpgrade(t *testing.T) {
	w := start(t, oneController)
	old := open(t, w, "prod", "")
	chosen, err := upgrade(t, w, "controller", "3.6.11", false)
	if err != nil || chosen.String() != "3.6.11" {
		t.Fatalf("chosen %v, %v", chosen, err)
	}
	select {
	case <-old.Broken():
	case <-time.After(10 * time.Second):
		t.Fatal("the connection was not dropped")
	}
	eventually(t, "controller", func() bool { return w.Arrived("prod", "controller") })
	conn := open(t, w, "prod", "")
	if v, _ := conn.ServerVersion(); v.String() != "3.6.11" {
		t.Errorf("server version %v", v)
	}
	if v, _ := w.ModelVersion("prod", "web"); v != "3.6.4" {
		t.Errorf("model moved by itself to %s", v)
	}
	if _, err := upgrade(t, w, "web", "", false); err != nil {
		t.Fatal(err)
	}
	if v, _ := w.ModelVersion("prod", "web"); v != "3.6.11" {
		t.Errorf("version does not flip at once: %s", v)
	}
	if w.Arrived("prod", "web") {
		t.Error("agents arrived at once")
	}
	eventually(t, "model", func() bool { return w.Arrived("prod", "web") })
	if n := len(w.CallsOf("ModelUpgrader.UpgradeModel")); n != 2 {
		t.Errorf("%d calls", n)
	}
}
