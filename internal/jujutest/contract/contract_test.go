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

// TestARealControllerKeepsTheContract upgrades a real controller. JUJU_DATA is the
// client's store; CONTRACT_CONTROLLER and CONTRACT_MODEL name a controller and a model
// with agents, both at CONTRACT_FROM, that may be upgraded to CONTRACT_TO.
func TestARealControllerKeepsTheContract(t *testing.T) {
	if os.Getenv("JUJU_E2E") == "" || os.Getenv("CONTRACT_CONTROLLER") == "" {
		t.Skip("set JUJU_E2E=1, JUJU_DATA, CONTRACT_CONTROLLER, CONTRACT_MODEL, CONTRACT_FROM and CONTRACT_TO to upgrade a real controller")
	}
	name, model := os.Getenv("CONTRACT_CONTROLLER"), os.Getenv("CONTRACT_MODEL")
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
