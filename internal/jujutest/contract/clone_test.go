package contract_test

import (
	"context"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/juju/names/v5"
	"github.com/juju/version/v2"

	"github.com/juju/juju/api"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujutest"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujutest/contract"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujutest/estate"
)

func TestTheSimulationKeepsTheContractOfWhatIsGiven(t *testing.T) {
	for _, v := range []string{"3.5.4", "3.6.11", "4.1.0"} {
		t.Run(v, func(t *testing.T) {
			w, err := jujutest.Start(estate.Estate{Speed: 20, Controllers: []estate.Controller{
				{Name: "new", Version: v, CloudType: "manual", Region: "here", Spare: 2},
			}})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(w.Close)
			c, err := w.Controller("new")
			if err != nil {
				t.Fatal(err)
			}
			contract.RunClone(t, contract.Clone{
				Side:   simulatedSide(t, w, "new", v),
				OpenAs: opensAs(api.Info{Addrs: c.Addrs, CACert: c.CACert, ControllerUUID: c.UUID}),
				Cloud:  "lab", Region: "here", Vault: "http://127.0.0.1:8200", Machines: []string{"1", "2"},
				Patience: 20 * time.Second, Poll: 5 * time.Millisecond,
			})
		})
	}
}

// opensAs logs in to a controller as other users.
func opensAs(info api.Info) func(context.Context, string, string) (api.Connection, error) {
	return func(_ context.Context, user, password string) (api.Connection, error) {
		own := info
		own.Tag, own.Password = names.NewUserTag(user), password
		return api.Open(&own, dial)
	}
}

// TestARealControllerTakesWhatItIsGiven gives a real controller what another one could
// have. JUJU_DATA is the client's store; CONTRACT_CONTROLLER, at CONTRACT_FROM, has
// CONTRACT_CLOUD with CONTRACT_REGION; CONTRACT_MACHINES (with commas between them) may
// become controllers, if there are any. CONTRACT_HOST is an address of this machine at
// which that controller reaches a secret backend, which the test itself is.
func TestARealControllerTakesWhatItIsGiven(t *testing.T) {
	if os.Getenv("JUJU_E2E") == "" || os.Getenv("CONTRACT_CLOUD") == "" {
		t.Skip("set JUJU_E2E=1, JUJU_DATA, CONTRACT_CONTROLLER, CONTRACT_FROM, CONTRACT_CLOUD, CONTRACT_REGION, CONTRACT_HOST and CONTRACT_MACHINES to give a real controller something")
	}
	name, v := os.Getenv("CONTRACT_CONTROLLER"), os.Getenv("CONTRACT_FROM")
	details, _ := stored(t, name)
	env := contract.Clone{
		Side:   realSide(t, name, v),
		OpenAs: opensAs(api.Info{Addrs: details.APIEndpoints, CACert: details.CACert, ControllerUUID: details.ControllerUUID}),
		Cloud:  os.Getenv("CONTRACT_CLOUD"), Region: os.Getenv("CONTRACT_REGION"), Vault: vault(t, os.Getenv("CONTRACT_HOST")),
		Patience: 5 * time.Minute, Poll: 100 * time.Millisecond,
	}
	env.Version = version.MustParse(v)
	if machines := os.Getenv("CONTRACT_MACHINES"); machines != "" {
		env.Machines = strings.Split(machines, ",")
	}
	contract.RunClone(t, env)
}

// vault is as much of a secret backend as Juju looks at when it is given one; its
// address is empty without a host.
func vault(t *testing.T, host string) string {
	t.Helper()
	if host == "" {
		return ""
	}
	l, err := net.Listen("tcp", net.JoinHostPort(host, "0"))
	if err != nil {
		t.Fatal(err)
	}
	srv := httptest.NewUnstartedServer(http.HandlerFunc(func(resp http.ResponseWriter, req *http.Request) {
		resp.Header().Set("Content-Type", "application/json")
		body := `{"initialized":true,"sealed":false,"standby":false,"version":"1.15.0"}`
		if strings.HasSuffix(req.URL.Path, "/key-status") {
			body = `{"data":{"term":1,"install_time":"2024-01-01T00:00:00Z","encryptions":1}}`
		}
		_, _ = resp.Write([]byte(body))
	}))
	_ = srv.Listener.Close()
	srv.Listener = l
	srv.Start()
	t.Cleanup(srv.Close)
	return srv.URL
}
