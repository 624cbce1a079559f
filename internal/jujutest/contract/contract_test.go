package contract_test

import (
	"context"
	"os"
	"testing"
	"time"

	"github.com/juju/names/v5"
	"github.com/juju/version/v2"
	"go.uber.org/goleak"

	"github.com/juju/juju/api"
	"github.com/juju/juju/jujuclient"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujutest"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujutest/contract"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujutest/estate"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var dial = api.DialOpts{Timeout: 5 * time.Second, RetryDelay: 50 * time.Millisecond, DialTimeout: 3 * time.Second}

func TestTheSimulationKeepsTheContract(t *testing.T) {
	for name, test := range map[string]struct {
		spec     estate.Controller
		from, to string
	}{
		"3.6":    {estate.Controller{}, "3.6.4", "3.6.11"},
		"3.6 HA": {estate.Controller{HA: 3}, "3.6.4", "3.6.11"},
		"4.1":    {estate.Controller{}, "4.1.0", "4.1.1"},
	} {
		t.Run(name, func(t *testing.T) {
			spec := test.spec
			spec.Name, spec.Version, spec.Offers = "prod", test.from, []string{test.from, test.to}
			spec.Models = []estate.Model{{
				Name:         "web",
				Machines:     estate.Machines{{Containers: 1}},
				Applications: []estate.Application{{Name: "tiny", Units: 1, Subordinates: []string{"idle"}}},
			}}
			w, err := jujutest.Start(estate.Estate{Speed: 40, Controllers: []estate.Controller{spec}})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(w.Close)
			open := func(model, password string) (api.Connection, error) {
				info, err := w.APIInfo("prod", model)
				if err != nil {
					return nil, err
				}
				if password != "" {
					info.Password = password
				}
				return api.Open(info, dial)
			}
			contract.Run(t, contract.Env{
				Open:     func(_ context.Context, model string) (api.Connection, error) { return open(model, "") },
				OpenAs:   func(_ context.Context, password string) (api.Connection, error) { return open("", password) },
				User:     "admin",
				Model:    "admin/web",
				From:     version.MustParse(test.from),
				To:       version.MustParse(test.to),
				Patience: 20 * time.Second,
				Poll:     10 * time.Millisecond,
			})
		})
	}
}

func TestTheSimulationKeepsTheContractOfMigrations(t *testing.T) {
	for name, versions := range map[string][2]string{
		"3.5 to 3.6": {"3.5.4", "3.6.11"},
		"3.6 to 3.6": {"3.6.11", "3.6.11"},
		"3.6 to 4.1": {"3.6.11", "4.1.0"},
		"4.1 to 4.1": {"4.1.0", "4.1.1"},
	} {
		t.Run(name, func(t *testing.T) {
			old := estate.Controller{Name: "old", Version: versions[0], Models: []estate.Model{
				{Name: "web", Applications: []estate.Application{{Name: "tiny", Units: 1}}}, {Name: "bare"},
			}}
			w, err := jujutest.Start(estate.Estate{Speed: 20, Controllers: []estate.Controller{old, {Name: "new", Version: versions[1]}}})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(w.Close)
			contract.RunMove(t, contract.Move{
				Source: simulatedSide(t, w, "old", versions[0]), Target: simulatedSide(t, w, "new", versions[1]),
				Model: "admin/web", Bare: "admin/bare", Patience: 20 * time.Second, Poll: 5 * time.Millisecond,
			})
		})
	}
}

func simulatedSide(t *testing.T, w *jujutest.World, name, v string) contract.Side {
	t.Helper()
	c, err := w.Controller(name)
	if err != nil {
		t.Fatal(err)
	}
	return contract.Side{
		Open: opener(&api.Info{
			Addrs: c.Addrs, CACert: c.CACert, ControllerUUID: c.UUID, Tag: names.NewUserTag(c.User), Password: c.Password,
		}),
		User: c.User, UUID: c.UUID, CACert: c.CACert, Addrs: c.Addrs, Version: version.MustParse(v),
	}
}

// opener logs in to models by their UUIDs.
func opener(info *api.Info) func(context.Context, string) (api.Connection, error) {
	return func(_ context.Context, uuid string) (api.Connection, error) {
		own := *info
		if uuid != "" {
			own.ModelTag = names.NewModelTag(uuid)
		}
		return api.Open(&own, dial)
	}
}

// TestARealControllerLetsItsModelsMove moves a real model. JUJU_DATA is the client's
// store; CONTRACT_CONTROLLER, at CONTRACT_FROM, has CONTRACT_MODEL, which moves to
// CONTRACT_TARGET, at CONTRACT_TO, and CONTRACT_BARE, which has no machine and stays.
// Agents at 4.1-beta2 do not report to another one: that model is without any, too.
func TestARealControllerLetsItsModelsMove(t *testing.T) {
	if os.Getenv("JUJU_E2E") == "" || os.Getenv("CONTRACT_TARGET") == "" {
		t.Skip("set JUJU_E2E=1, JUJU_DATA, CONTRACT_CONTROLLER, CONTRACT_TARGET, CONTRACT_MODEL, CONTRACT_BARE, CONTRACT_FROM and CONTRACT_TO to move a real model")
	}
	contract.RunMove(t, contract.Move{
		Source: realSide(t, os.Getenv("CONTRACT_CONTROLLER"), os.Getenv("CONTRACT_FROM")),
		Target: realSide(t, os.Getenv("CONTRACT_TARGET"), os.Getenv("CONTRACT_TO")),
		Model:  os.Getenv("CONTRACT_MODEL"), Bare: os.Getenv("CONTRACT_BARE"), Patience: 5 * time.Minute, Poll: 100 * time.Millisecond,
	})
}

// realSide reads a controller and its account in the client's store.
func realSide(t *testing.T, name, v string) contract.Side {
	t.Helper()
	details, account := stored(t, name)
	return contract.Side{
		Open: opener(&api.Info{
			Addrs: details.APIEndpoints, CACert: details.CACert, ControllerUUID: details.ControllerUUID,
			Tag: names.NewUserTag(account.User), Password: account.Password,
		}),
		User: account.User, UUID: details.ControllerUUID, CACert: details.CACert, Addrs: details.APIEndpoints, Version: version.MustParse(v),
	}
}

// stored is what the client's store has of a controller.
func stored(t *testing.T, name string) (jujuclient.ControllerDetails, jujuclient.AccountDetails) {
	t.Helper()
	data := os.Getenv("JUJU_DATA")
	controllers, err := jujuclient.ReadControllersFile(data + "/controllers.yaml")
	if err != nil {
		t.Fatal(err)
	}
	accounts, err := jujuclient.ReadAccountsFile(data + "/accounts.yaml")
	if err != nil {
		t.Fatal(err)
	}
	details, ok := controllers.Controllers[name]
	if !ok {
		t.Fatalf("there is no controller %q in %s", name, data)
	}
	account := accounts[name]
	if password := os.Getenv("CONTRACT_PASSWORD"); password != "" {
		account.Password = password // where the store has a cookie instead
	}
	return details, account
}

// TestARealControllerKeepsTheContract upgrades a real controller. JUJU_DATA is the
// client's store; CONTRACT_CONTROLLER and CONTRACT_MODEL name a controller and a model
// with agents, both at CONTRACT_FROM, that may be upgraded to CONTRACT_TO.
func TestARealControllerKeepsTheContract(t *testing.T) {
	if os.Getenv("JUJU_E2E") == "" || os.Getenv("CONTRACT_CONTROLLER") == "" {
		t.Skip("set JUJU_E2E=1, JUJU_DATA, CONTRACT_CONTROLLER, CONTRACT_MODEL, CONTRACT_FROM and CONTRACT_TO to upgrade a real controller")
	}
	name, model := os.Getenv("CONTRACT_CONTROLLER"), os.Getenv("CONTRACT_MODEL")
	details, account := stored(t, name)
	uuids := map[string]string{}
	open := func(model, password string) (api.Connection, error) {
		info := &api.Info{
			Addrs: details.APIEndpoints, CACert: details.CACert, ControllerUUID: details.ControllerUUID,
			Tag: names.NewUserTag(account.User), Password: password,
		}
		if model != "" {
			info.ModelTag = names.NewModelTag(uuids[model])
		}
		return api.Open(info, dial)
	}
	ctl, err := open("", account.Password)
	if err != nil {
		t.Fatal(err)
	}
	for fullName, uuid := range listModels(t, ctl, account.User) {
		uuids[fullName] = uuid
	}
	_ = ctl.Close()
	contract.Run(t, contract.Env{
		Open:     func(_ context.Context, model string) (api.Connection, error) { return open(model, account.Password) },
		OpenAs:   func(_ context.Context, password string) (api.Connection, error) { return open("", password) },
		User:     account.User,
		Model:    model,
		From:     version.MustParse(os.Getenv("CONTRACT_FROM")),
		To:       version.MustParse(os.Getenv("CONTRACT_TO")),
		Patience: 5 * time.Minute,
		Poll:     200 * time.Millisecond,
	})
}
