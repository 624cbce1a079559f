package jujutest_test

import (
	"errors"
	"testing"
	"time"

	"github.com/juju/juju/api"
	"github.com/juju/juju/api/client/client"
	"github.com/juju/juju/rpc/params"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujutest"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujutest/estate"
)

// threeServers has long phases, so that tests can look inside them.
const threeServers = `
speed: 50
timing: {controller-notice: 5s, controller-down: 40s, controller-stagger: 15s, upgrade-window: 40s, upgrade-timeout: 100s}
controllers:
  - name: prod
    version: 3.6.4
    series-offers: [3.6.11]
    ha: 3
    models: [{name: web, machines: 1}]
`

// openServer logs in to one API server, at once or not at all.
func openServer(t *testing.T, w *jujutest.World, server int, model string) (api.Connection, error) {
	t.Helper()
	info, err := w.APIInfo("prod", model)
	if err != nil {
		t.Fatal(err)
	}
	info.Addrs = info.Addrs[server : server+1]
	conn, err := api.Open(info, api.DialOpts{Timeout: 2 * time.Second, RetryDelay: time.Hour, DialTimeout: time.Second})
	if err != nil {
		return nil, err
	}
	t.Cleanup(func() { _ = conn.Close() })
	return conn, nil
}

func serverVersion(t *testing.T, w *jujutest.World, server int) string {
	t.Helper()
	conn, err := openServer(t, w, server, "")
	if err != nil {
		return "refused"
	}
	v, _ := conn.ServerVersion()
	_ = conn.Close()
	return v.String()
}

func beginUpgrade(t *testing.T, w *jujutest.World) {
	t.Helper()
	if _, err := upgrade(t, w, "controller", "3.6.11", false); err != nil {
		t.Fatal(err)
	}
}

func TestEachServerOfAControllerIsAServerOfItsOwn(t *testing.T) {
	w := start(t, threeServers)
	conn := open(t, w, "prod", "")
	if n := len(conn.APIHostPorts()); n != 3 {
		t.Errorf("%d servers in %v", n, conn.APIHostPorts())
	}
	st := status(t, open(t, w, "prod", "controller"))
	primaries := 0
	for _, m := range st.Machines {
		if !m.HasVote || !m.WantsVote {
			t.Errorf("machine %s has no vote", m.Id)
		}
		if m.PrimaryControllerMachine != nil {
			primaries++
		}
	}
	if len(st.Machines) != 3 || primaries != 1 {
		t.Errorf("%d machines, %d primaries", len(st.Machines), primaries)
	}
}

func TestInAControllerUpgradeAllRefuseThenServeALittleThenAll(t *testing.T) {
	w := start(t, threeServers)
	beginUpgrade(t, w)
	eventually(t, "all refuse", func() bool {
		return serverVersion(t, w, 0) == "refused" && serverVersion(t, w, 1) == "refused" && serverVersion(t, w, 2) == "refused"
	})
	eventually(t, "the primary serves", func() bool { return serverVersion(t, w, 0) == "3.6.11" })

	ctl, err := openServer(t, w, 0, "")
	if err != nil {
		t.Fatal(err)
	}
	if err := ctl.APICall("ModelManager", 10, "", "ListModels", params.Entity{Tag: "user-admin"}, nil); !params.IsCodeUpgradeInProgress(err) {
		t.Errorf("ListModels in the window: %v", err)
	}
	if err := ctl.APICall("Pinger", 1, "", "Ping", nil, nil); err != nil {
		t.Errorf("ping in the window: %v", err)
	}
	model, err := openServer(t, w, 0, "controller")
	if err != nil {
		t.Fatal(err)
	}
	status(t, model)
	if err := model.APICall("Block", 2, "", "List", nil, nil); !params.IsCodeUpgradeInProgress(err) {
		t.Errorf("Block.List in the window: %v", err)
	}

	eventually(t, "the controller", func() bool { return w.Arrived("prod", "controller") })
	if err := ctl.APICall("ModelManager", 10, "", "ListModels", params.Entity{Tag: "user-admin"}, nil); !params.IsCodeUpgradeInProgress(err) {
		t.Errorf("a connection from the window is not restricted any more: %v", err)
	}
	for i := range 3 {
		if v := serverVersion(t, w, i); v != "3.6.11" {
			t.Errorf("server %d is at %s", i, v)
		}
	}
	if err := open(t, w, "prod", "").APICall("ModelManager", 10, "", "ListModels", params.Entity{Tag: "user-admin"}, nil); err != nil {
		t.Errorf("ListModels afterwards: %v", err)
	}
}

func TestAnUpgradeWaitsForAServerThatIsDeadAndNoTwoAnswersAgree(t *testing.T) {
	w := start(t, threeServers)
	revive, err := w.KillServer("prod", 2)
	if err != nil {
		t.Fatal(err)
	}
	st := status(t, open(t, w, "prod", "controller"))
	if got := st.Machines["2"]; got.AgentStatus.Status != "down" || !got.HasVote {
		t.Errorf("dead member: %q, vote %v", got.AgentStatus.Status, got.HasVote)
	}
	beginUpgrade(t, w)
	for i, other := range []string{"1", "0"} {
		eventually(t, "a live server", func() bool { return serverVersion(t, w, i) == "3.6.11" })
		conn, err := openServer(t, w, i, "controller")
		if err != nil {
			t.Fatal(err)
		}
		st := status(t, conn)
		own := []string{"0", "1"}[i]
		if st.Machines[own].AgentStatus.Status != "started" || st.Machines[other].AgentStatus.Status != "down" {
			t.Errorf("server %d says: own %q, other %q", i, st.Machines[own].AgentStatus.Status, st.Machines[other].AgentStatus.Status)
		}
	}
	if w.Arrived("prod", "controller") {
		t.Error("arrived without a member")
	}
	revive()
	eventually(t, "the controller", func() bool { return w.Arrived("prod", "controller") })
}

func TestAnUpgradeThatWaitedTooLongIsGivenUpUntilAllAreRestarted(t *testing.T) {
	w := start(t, threeServers)
	revive, err := w.KillServer("prod", 1)
	if err != nil {
		t.Fatal(err)
	}
	beginUpgrade(t, w)
	eventually(t, "the end of the wait", func() bool {
		conn, err := openServer(t, w, 0, "controller")
		if err != nil {
			return false
		}
		defer conn.Close()
		st, err := client.NewClient(conn, nil).Status(nil) // may be cut by the upgrade
		return err == nil && st.Machines["0"].AgentStatus.Status == "error"
	})
	revive()
	time.Sleep(time.Second)
	if w.Arrived("prod", "controller") {
		t.Fatal("it finished by itself")
	}
	for i := range 3 {
		if err := w.RestartServer("prod", i); err != nil {
			t.Fatal(err)
		}
	}
	eventually(t, "the controller", func() bool { return w.Arrived("prod", "controller") })
}

func TestWithADeadPrimaryAllServersRefuseUntilItIsBack(t *testing.T) {
	w := start(t, threeServers)
	revive, err := w.KillServer("prod", 0)
	if err != nil {
		t.Fatal(err)
	}
	beginUpgrade(t, w)
	time.Sleep(1500 * time.Millisecond) // notice and outage take 0.9 s
	for i := range 3 {
		if v := serverVersion(t, w, i); v != "refused" {
			t.Errorf("server %d serves %s", i, v)
		}
	}
	revive()
	eventually(t, "the controller", func() bool { return w.Arrived("prod", "controller") })
}

func TestADatabaseThatIsDownIsAnObjection(t *testing.T) {
	w := start(t, threeServers)
	end, err := w.Inject("prod", estate.Fault{Kind: estate.FaultDatabaseDown, Server: 2})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := upgrade(t, w, "controller", "3.6.11", true); params.ErrCode(err) != params.CodeNotSupported {
		t.Errorf("got %v", err)
	}
	end()
	if _, err := upgrade(t, w, "controller", "3.6.11", true); err != nil {
		t.Errorf("mended: %v", err)
	}
}

func TestAWrongPasswordIsUnauthorized(t *testing.T) {
	w := start(t, oneController)
	info, err := w.APIInfo("prod", "")
	if err != nil {
		t.Fatal(err)
	}
	info.Password = "wrong"
	conn, err := api.Open(info, quick)
	if err == nil {
		_ = conn.Close()
		t.Fatal("logged in")
	}
	var coder interface{ ErrorCode() string }
	if !errors.As(err, &coder) && !params.IsCodeUnauthorized(err) {
		t.Errorf("got %v", err)
	}
	if code := params.ErrCode(err); code != params.CodeUnauthorized {
		t.Errorf("code %q", code)
	}
}
