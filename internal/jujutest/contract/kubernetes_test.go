package contract_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"testing"
	"time"

	"github.com/juju/version/v2"

	"github.com/juju/juju/api"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujutest"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujutest/contract"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujutest/estate"
)

// simulatedSpeed leaves what pods show long enough to be looked at.
const simulatedSpeed = 10

// onCluster describes a controller on a cluster that all of them share.
func onCluster(name, v string, offers []string, models ...estate.Model) estate.Controller {
	return estate.Controller{
		Name: name, Version: v, Offers: offers, Cloud: "k8s", CloudType: "kubernetes", Models: models,
		Clouds: []estate.Cloud{{Name: "k8s", Endpoint: "https://10.0.0.1:6443"}},
	}
}

func TestTheSimulationKeepsTheContractOfKubernetes(t *testing.T) {
	from, to := "3.6.4", "3.6.11"
	w, err := jujutest.Start(estate.Estate{Speed: simulatedSpeed, Controllers: []estate.Controller{onCluster("prod", from, []string{from, to},
		estate.Model{Name: "web", Applications: []estate.Application{{Name: "pod1", Units: 2}, {Name: "pod2", Units: 1}}},
		estate.Model{Name: "db", Applications: []estate.Application{{Name: "pod1", Units: 1}}},
	)}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Close)
	ends := map[string]func(){}
	contract.RunKubernetes(t, contract.Kubernetes{
		Env: contract.Env{
			Open: func(_ context.Context, model string) (api.Connection, error) {
				info, err := w.APIInfo("prod", model)
				if err != nil {
					return nil, err
				}
				return api.Open(info, dial)
			},
			User: "admin", Model: "admin/web", From: version.MustParse(from), To: version.MustParse(to),
			Patience: 20 * time.Second, Poll: 5 * time.Millisecond,
		},
		Other:    "admin/db",
		Restarts: 35 * time.Second / simulatedSpeed,
		Break: func(fault string, of version.Number, on bool) error {
			if !on {
				ends[fault]()
				return nil
			}
			ends[fault], err = w.Inject("prod", estate.Fault{Kind: fault, Version: versionOf(fault, of)})
			return err
		},
	})
}

// versionOf is the version that a fault means.
func versionOf(fault string, of version.Number) string {
	if fault == contract.NoRegistry {
		return ""
	}
	return of.String()
}

func TestTheSimulationKeepsTheContractOfMigrationsOnACluster(t *testing.T) {
	for name, versions := range map[string][2]string{"3.6 to 3.6": {"3.6.4", "3.6.11"}, "3.6 to 4.1": {"3.6.11", "4.1.0"}} {
		t.Run(name, func(t *testing.T) {
			web := estate.Model{Name: "web", Applications: []estate.Application{{Name: "pod1", Units: 2}}}
			w, err := jujutest.Start(estate.Estate{Speed: simulatedSpeed, Controllers: []estate.Controller{
				onCluster("old", versions[0], nil, web), onCluster("new", versions[1], nil),
			}})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(w.Close)
			contract.RunKubernetesMove(t, contract.Move{
				Source: simulatedSide(t, w, "old", versions[0]), Target: simulatedSide(t, w, "new", versions[1]),
				Model: "admin/web", Patience: 20 * time.Second, Poll: 5 * time.Millisecond,
			})
		})
	}
}

// TestARealControllerOnKubernetesKeepsTheContract upgrades one. JUJU_DATA is the client's
// store; CONTRACT_CONTROLLER, CONTRACT_MODEL (two units of an application) and
// CONTRACT_OTHER are at CONTRACT_FROM, and may be upgraded to CONTRACT_TO;
// CONTRACT_BREAK is a program that is given a fault, a version, and on or off.
func TestARealControllerOnKubernetesKeepsTheContract(t *testing.T) {
	if os.Getenv("JUJU_E2E") == "" || os.Getenv("CONTRACT_BREAK") == "" {
		t.Skip("set JUJU_E2E=1, JUJU_DATA, CONTRACT_CONTROLLER, CONTRACT_MODEL, CONTRACT_OTHER, CONTRACT_BREAK, CONTRACT_FROM and CONTRACT_TO to upgrade a real controller")
	}
	side := realSide(t, os.Getenv("CONTRACT_CONTROLLER"), os.Getenv("CONTRACT_FROM"))
	ctl, err := side.Open(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	uuids := listModels(t, ctl, side.User)
	_ = ctl.Close()
	contract.RunKubernetes(t, contract.Kubernetes{
		Env: contract.Env{
			Open: func(ctx context.Context, model string) (api.Connection, error) { return side.Open(ctx, uuids[model]) },
			User: side.User, Model: os.Getenv("CONTRACT_MODEL"), From: side.Version, To: version.MustParse(os.Getenv("CONTRACT_TO")),
			Patience: 5 * time.Minute, Poll: 100 * time.Millisecond,
		},
		Other:    os.Getenv("CONTRACT_OTHER"),
		Restarts: 50 * time.Second,
		Break: func(fault string, of version.Number, on bool) error {
			state := map[bool]string{true: "on", false: "off"}[on]
			if out, err := exec.Command(os.Getenv("CONTRACT_BREAK"), fault, of.String(), state).CombinedOutput(); err != nil { //nolint:gosec // it is what the test was given
				return fmt.Errorf("%s %s: %w: %s", fault, state, err, out)
			}
			return nil
		},
	})
}

// TestARealControllerOnKubernetesLetsItsModelsMove moves CONTRACT_MODEL with its units
// from CONTRACT_CONTROLLER, at CONTRACT_FROM, to CONTRACT_TARGET, at CONTRACT_TO.
func TestARealControllerOnKubernetesLetsItsModelsMove(t *testing.T) {
	if os.Getenv("JUJU_E2E") == "" || os.Getenv("CONTRACT_TARGET") == "" {
		t.Skip("set JUJU_E2E=1, JUJU_DATA, CONTRACT_CONTROLLER, CONTRACT_TARGET, CONTRACT_MODEL, CONTRACT_FROM and CONTRACT_TO to move a real model")
	}
	contract.RunKubernetesMove(t, contract.Move{
		Source: realSide(t, os.Getenv("CONTRACT_CONTROLLER"), os.Getenv("CONTRACT_FROM")),
		Target: realSide(t, os.Getenv("CONTRACT_TARGET"), os.Getenv("CONTRACT_TO")),
		Model:  os.Getenv("CONTRACT_MODEL"), Patience: 5 * time.Minute, Poll: 100 * time.Millisecond,
	})
}
