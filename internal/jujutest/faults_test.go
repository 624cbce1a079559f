package jujutest_test

import (
	"crypto/sha1"
	"encoding/base64"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/juju/juju/api/client/backups"
	"github.com/juju/juju/rpc/params"
	"gopkg.in/yaml.v3"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujutest"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujutest/estate"
)

func inject(t *testing.T, w *jujutest.World, f estate.Fault) func() {
	t.Helper()
	end, err := w.Inject("prod", f)
	if err != nil {
		t.Fatal(err)
	}
	return end
}

func TestAControllerThatRefusesIsBackAtTheFaultsEnd(t *testing.T) {
	w := start(t, oneController)
	end := inject(t, w, estate.Fault{Kind: estate.FaultRefuse, All: true})
	if v := serverVersion(t, w, 0); v != "refused" {
		t.Errorf("serves %s", v)
	}
	end()
	end() // a second end does nothing
	if v := serverVersion(t, w, 0); v != "3.6.4" {
		t.Errorf("after the end: %s", v)
	}
}

func TestAFrozenControllerAnswersNothingUntilThawed(t *testing.T) {
	w := start(t, oneController)
	conn := open(t, w, "prod", "")
	end := inject(t, w, estate.Fault{Kind: estate.FaultFreeze})
	answered := make(chan error, 1)
	go func() { answered <- conn.APICall("Controller", 12, "", "ControllerVersion", nil, nil) }()
	select {
	case err := <-answered:
		t.Fatalf("answered: %v", err)
	case <-time.After(300 * time.Millisecond):
	}
	end()
	select {
	case err := <-answered:
		if err != nil {
			t.Error(err)
		}
	case <-time.After(10 * time.Second):
		t.Error("no answer after the thaw")
	}
}

func TestAWorldThatEndsWhileFrozenLeavesNothingBehind(t *testing.T) {
	w := start(t, oneController)
	conn := open(t, w, "prod", "")
	inject(t, w, estate.Fault{Kind: estate.FaultFreeze})
	done := make(chan struct{})
	go func() {
		_ = conn.APICall("Controller", 12, "", "ControllerVersion", nil, nil)
		close(done)
	}()
	w.Close()
	<-done
}

func TestADroppedConnectionTookEffectOnlyIfItSaysSo(t *testing.T) {
	for when, effect := range map[string]bool{"before": false, "after": true} {
		t.Run(when, func(t *testing.T) {
			w := start(t, strings.Replace(oneController, "name: web\n", "name: web\n        version: 3.6.3\n", 1))
			inject(t, w, estate.Fault{Kind: estate.FaultDrop, Method: "ModelUpgrader.UpgradeModel", Model: "web", When: when, Times: 1})
			if _, err := upgrade(t, w, "web", "", false); err == nil {
				t.Error("an answer came")
			}
			if v, _ := w.ModelVersion("prod", "web"); (v == "3.6.4") != effect {
				t.Errorf("model is at %s", v)
			}
			calls := w.CallsOf("ModelUpgrader.UpgradeModel")
			if len(calls) != 1 || calls[0].Effect != effect || calls[0].Model != "admin/web" {
				t.Errorf("calls %+v", calls)
			}
			if _, err := upgrade(t, w, "web", "", false); err != nil {
				t.Errorf("the second time: %v", err)
			}
		})
	}
}

func TestAnInjectedErrorComesAsOftenAsItSays(t *testing.T) {
	w := start(t, oneController)
	inject(t, w, estate.Fault{Kind: estate.FaultError, Method: "Controller.ControllerVersion", Code: "try again", Skip: 1, Times: 2})
	conn := open(t, w, "prod", "")
	var codes []string
	for range 4 {
		codes = append(codes, params.ErrCode(conn.APICall("Controller", 12, "", "ControllerVersion", nil, nil)))
	}
	if got := strings.Join(codes, ","); got != ",try again,try again," {
		t.Errorf("got %q", got)
	}
}

func TestADelayedMethodAnswersLate(t *testing.T) {
	w := start(t, oneController)
	inject(t, w, estate.Fault{Kind: estate.FaultDelay, Method: "Controller.ControllerVersion", Delay: 20 * time.Second})
	conn := open(t, w, "prod", "")
	begun := time.Now()
	if err := conn.APICall("Controller", 12, "", "ControllerVersion", nil, nil); err != nil {
		t.Fatal(err)
	}
	if took := time.Since(begun); took < 350*time.Millisecond {
		t.Errorf("took %v: want 20 s / 50", took)
	}
}

func TestAgentsThatCannotDownloadTheirBinaryMoveWhenTheyCan(t *testing.T) {
	w := start(t, oneController)
	end := inject(t, w, estate.Fault{Kind: estate.FaultSpoilAgents, Version: "3.6.11"})
	beginUpgrade(t, w)
	time.Sleep(500 * time.Millisecond)
	st := status(t, open(t, w, "prod", "controller"))
	if st.Model.Version != "3.6.11" || st.Machines["0"].AgentStatus.Version != "3.6.4" || st.Machines["0"].AgentStatus.Status != "started" {
		t.Errorf("model %s, machine %+v", st.Model.Version, st.Machines["0"].AgentStatus)
	}
	end()
	eventually(t, "the controller", func() bool { return w.Arrived("prod", "controller") })
}

func TestFaultyAgentsDoNotArriveUntilHealed(t *testing.T) {
	for kind, want := range map[string]struct{ agent, version string }{
		estate.AgentDown:          {"lost", "3.6.3"},
		estate.AgentNeverComes:    {"lost", "3.6.3"},
		estate.AgentNeverUpgrades: {"idle", "3.6.3"},
	} {
		t.Run(kind, func(t *testing.T) {
			w := start(t, strings.Replace(oneController, "name: web\n", "name: web\n        version: 3.6.3\n", 1))
			if err := w.SetAgentFault("prod", "web", estate.AgentFault{Agent: "unit-shop-1", Kind: kind}); err != nil {
				t.Fatal(err)
			}
			if _, err := upgrade(t, w, "web", "", false); err != nil {
				t.Fatal(err)
			}
			conn := open(t, w, "prod", "web")
			eventually(t, "all others", func() bool {
				st := status(t, conn)
				return st.Machines["1"].AgentStatus.Version == "3.6.4" && st.Machines["1"].AgentStatus.Status == "started" &&
					st.Machines["0"].Containers["0/lxd/0"].AgentStatus.Version == "3.6.4" &&
					st.Applications["shop"].Units["shop/1"].Subordinates["nrpe/1"].AgentStatus.Version == "3.6.4"
			})
			u := status(t, conn).Applications["shop"].Units["shop/1"]
			if u.AgentStatus.Status != want.agent || u.AgentStatus.Version != want.version {
				t.Errorf("agent %+v", u.AgentStatus)
			}
			if err := w.Heal("prod", "web", "unit-shop-1"); err != nil {
				t.Fatal(err)
			}
			eventually(t, "the healed agent", func() bool { return w.Arrived("prod", "web") })
		})
	}
}

func TestADeadMachineAgentTakesItsUnitsAlong(t *testing.T) {
	w := start(t, oneController)
	if err := w.SetAgentFault("prod", "web", estate.AgentFault{Agent: "machine-0", Kind: estate.AgentDown}); err != nil {
		t.Fatal(err)
	}
	st := status(t, open(t, w, "prod", "web"))
	u := st.Applications["shop"].Units["shop/0"]
	if st.Machines["0"].AgentStatus.Status != "down" || u.AgentStatus.Status != "lost" || u.WorkloadStatus.Status != "unknown" {
		t.Errorf("machine %q, unit %q, workload %q", st.Machines["0"].AgentStatus.Status, u.AgentStatus.Status, u.WorkloadStatus.Status)
	}
	if st.Machines["0"].Containers["0/lxd/0"].AgentStatus.Status != "started" {
		t.Error("its container's agent is down as well")
	}
}

func TestABackupIsWholeGoneOnceDownloadedAndCanFail(t *testing.T) {
	w := start(t, strings.Replace(oneController, "    models:", "    ha: 3\n    models:", 1))
	conn := open(t, w, "prod", "controller")
	client := backups.NewClient(conn)
	meta, err := client.Create("note", false)
	if err != nil {
		t.Fatal(err)
	}
	data := download(t, client, meta.Filename)
	sum := sha1.Sum(data)
	if int64(len(data)) != meta.Size || base64.StdEncoding.EncodeToString(sum[:]) != meta.Checksum {
		t.Errorf("%d bytes of %d", len(data), meta.Size)
	}
	if _, err := client.Download(meta.Filename); err == nil {
		t.Error("it can be downloaded twice")
	}
	inject(t, w, estate.Fault{Kind: estate.FaultTruncate, Times: 1})
	if meta, err = client.Create("", false); err != nil {
		t.Fatal(err)
	}
	body, err := client.Download(meta.Filename)
	if err != nil {
		t.Fatal(err)
	}
	part, err := io.ReadAll(body)
	_ = body.Close()
	if err == nil || int64(len(part)) >= meta.Size {
		t.Errorf("truncated: %d bytes, %v", len(part), err)
	}
	inject(t, w, estate.Fault{Kind: estate.FaultBackup, Times: 1})
	if _, err := client.Create("", false); err == nil {
		t.Error("a backup that fails was made")
	}
}

func download(t *testing.T, client *backups.Client, name string) []byte {
	t.Helper()
	body, err := client.Download(name)
	if err != nil {
		t.Fatal(err)
	}
	defer body.Close()
	data, err := io.ReadAll(body)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestNoRecordHoldsASecret(t *testing.T) {
	w := start(t, oneController)
	client := backups.NewClient(open(t, w, "prod", "controller"))
	meta, err := client.Create("", false)
	if err != nil {
		t.Fatal(err)
	}
	download(t, client, meta.Filename)
	data, err := json.Marshal(w.Calls())
	if err != nil {
		t.Fatal(err)
	}
	secrets := w.Secrets()
	if len(secrets) == 0 || !strings.HasPrefix(secrets[0], "canary-") {
		t.Fatalf("secrets %v", secrets)
	}
	for _, secret := range secrets {
		if strings.Contains(string(data), secret) {
			t.Error("a secret is in the record of calls")
		}
	}
	if len(w.CallsOf("HTTP.GET /backups")) != 1 || len(w.CallsOf("Admin.Login")) == 0 {
		t.Error("calls are missing")
	}
}

func TestTheStoreIsPrivateAndNamesAllThatThereIs(t *testing.T) {
	w := start(t, oneController)
	dir := filepath.Join(t.TempDir(), "store")
	if err := w.WriteStore(dir); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"controllers.yaml", "accounts.yaml", "models.yaml"} {
		info, err := os.Stat(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		if info.Mode().Perm() != 0o600 {
			t.Errorf("%s has mode %v", name, info.Mode())
		}
	}
	data, err := os.ReadFile(filepath.Join(dir, "models.yaml"))
	if err != nil {
		t.Fatal(err)
	}
	var models struct {
		Controllers map[string]struct {
			Models map[string]struct{ UUID string }
		}
	}
	if err := yaml.Unmarshal(data, &models); err != nil {
		t.Fatal(err)
	}
	if got := models.Controllers["prod"].Models["admin/web"].UUID; got != modelTag(t, w, "prod", "web").Id() {
		t.Errorf("models.yaml has %q", got)
	}
}
