package contract_test

import (
	"context"
	"os"
	"os/exec"
	"strconv"
	"testing"
	"time"

	"github.com/juju/version/v2"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujutest"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujutest/contract"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujutest/estate"
)

func TestTheSimulationKeepsTheContractOfCharms(t *testing.T) {
	for _, v := range []string{"3.5.4", "3.6.11", "4.1.0"} {
		t.Run(v, func(t *testing.T) {
			model := estate.Model{Name: "web", Base: "ubuntu@24.04"}
			for _, name := range []string{"tiny", "cargo", "brittle", "future"} {
				model.Applications = append(model.Applications, estate.Application{Name: name, Units: 1, Channel: "1/stable"})
			}
			w, err := jujutest.Start(estate.Estate{
				Speed:       20,
				Controllers: []estate.Controller{{Name: "prod", Version: v, Models: []estate.Model{model}}},
				Charmhub:    benchStore(),
			})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(w.Close)
			c, err := w.Controller("prod")
			if err != nil {
				t.Fatal(err)
			}
			env := contract.Charms{Side: simulatedSide(t, w, "prod", v), Model: c.Models["admin/web"], Patience: 20 * time.Second, Poll: 5 * time.Millisecond}
			simulateStore(w, &env)
			contract.RunCharms(t, env)
		})
	}
}

// benchStore is what the store of the bench has.
func benchStore() estate.Charmhub {
	bases, one := []string{"ubuntu@24.04"}, map[string]estate.Release{"1/stable": {Revision: 1}}
	return estate.Charmhub{Charms: []estate.Charm{
		{
			Name: "tiny", Bases: bases,
			Revisions: []estate.CharmRevision{{Revision: 22, Bases: []string{"ubuntu@22.04"}}},
			Channels:  map[string]estate.Release{"1/stable": {Revision: 1}, "3/stable": {Revision: 22}},
		},
		{Name: "cargo", Bases: bases, Resources: map[string]string{"box": "file"}, Channels: one},
		{Name: "brittle", Bases: bases, Channels: one, Revisions: []estate.CharmRevision{{Revision: 2, Refresh: estate.Refresh{Kind: estate.FaultUpgradeHook}}}},
		{
			Name: "future", Bases: bases,
			Revisions: []estate.CharmRevision{{Revision: 2, Assumes: []string{"juju >= 99"}}},
			Channels:  map[string]estate.Release{"1/stable": {Revision: 1}, "2/stable": {Revision: 2}},
		},
	}}
}

// simulateStore fills in how the store of a simulation is changed.
func simulateStore(w *jujutest.World, env *contract.Charms) {
	ends := map[string]func(){}
	fault := func(f estate.Fault) func(context.Context, bool) error {
		return func(_ context.Context, well bool) error {
			if end := ends[f.Kind]; well && end != nil {
				end()
			}
			if well {
				return nil
			}
			end, err := w.Inject("prod", f)
			ends[f.Kind] = end
			return err
		}
	}
	env.Publish = func(_ context.Context, charm string, revision int) error {
		return w.Publish(charm, "1/stable", estate.Release{Revision: revision})
	}
	env.PublishBox = func(_ context.Context, revision int) error {
		return w.Publish("cargo", "1/stable", estate.Release{Revision: 1, Resources: map[string]int{"box": revision}})
	}
	env.Reachable = fault(estate.Fault{Kind: estate.FaultCharmhub})
	env.Hooks = fault(estate.Fault{Kind: estate.FaultUpgradeHook, Application: "tiny"})
	env.Block = func(_ context.Context, blocked bool) error {
		if blocked {
			return w.Block("prod", "web", "all")
		}
		return w.Block("prod", "web")
	}
}

// TestARealControllerRefreshesCharms refreshes the charms of a real model. JUJU_DATA is
// the client's store; CONTRACT_CONTROLLER, at CONTRACT_FROM, has CONTRACT_MODEL with the
// applications that contract.Charms names. CONTRACT_STORE is a program that changes what
// is behind them: publish CHARM REVISION, publish-box REVISION, reachable BOOL, hooks
// BOOL, block BOOL.
func TestARealControllerRefreshesCharms(t *testing.T) {
	program := os.Getenv("CONTRACT_STORE")
	if os.Getenv("JUJU_E2E") == "" || program == "" {
		t.Skip("set JUJU_E2E=1, JUJU_DATA, CONTRACT_CONTROLLER, CONTRACT_MODEL, CONTRACT_FROM and CONTRACT_STORE to refresh real charms")
	}
	name, v := os.Getenv("CONTRACT_CONTROLLER"), os.Getenv("CONTRACT_FROM")
	side := realSide(t, name, v)
	conn, err := side.Open(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	uuid := listModels(t, conn, side.User)[os.Getenv("CONTRACT_MODEL")]
	_ = conn.Close()
	run := func(ctx context.Context, args ...string) error {
		out, err := exec.CommandContext(ctx, program, args...).CombinedOutput()
		t.Logf("%v: %s", args, out)
		return err
	}
	turn := func(what string) func(context.Context, bool) error {
		return func(ctx context.Context, on bool) error { return run(ctx, what, strconv.FormatBool(on)) }
	}
	side.Version = version.MustParse(v)
	contract.RunCharms(t, contract.Charms{
		Side: side, Model: uuid, Patience: 3 * time.Minute, Poll: 100 * time.Millisecond,
		Publish: func(ctx context.Context, charm string, revision int) error {
			return run(ctx, "publish", charm, strconv.Itoa(revision))
		},
		PublishBox: func(ctx context.Context, revision int) error { return run(ctx, "publish-box", strconv.Itoa(revision)) },
		Reachable:  turn("reachable"), Hooks: turn("hooks"), Block: turn("block"),
	})
}
