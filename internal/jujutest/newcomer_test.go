package jujutest_test

import (
	"crypto/tls"
	"net/http"
	"net/http/cookiejar"
	"strings"
	"testing"
	"time"

	"github.com/go-macaroon-bakery/macaroon-bakery/v3/httpbakery"
	"github.com/juju/names/v5"

	"github.com/juju/juju/api"
	"github.com/juju/juju/api/client/secretbackends"
	"github.com/juju/juju/api/client/usermanager"
	"github.com/juju/juju/api/controller/controller"
	"github.com/juju/juju/rpc/params"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujutest"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujutest/estate"
)

// servers are how many machines of a controller serve, and how many are not started.
func servers(t *testing.T, w *jujutest.World, c string) (serving, missing int) {
	t.Helper()
	for _, m := range status(t, open(t, w, c, "controller")).Machines {
		if m.HasVote && m.AgentStatus.Status == "started" {
			serving++
		}
		if m.AgentStatus.Status != "started" {
			missing++
		}
	}
	return serving, missing
}

func enableHA(t *testing.T, w *jujutest.World, c string, placement ...string) params.ControllersChangeResult {
	t.Helper()
	var out params.ControllersChangeResults
	args := params.ControllersSpecs{Specs: []params.ControllersSpec{{NumControllers: 3, Placement: placement}}}
	if err := open(t, w, c, "").APICall("HighAvailability", 2, "", "EnableHA", args, &out); err != nil {
		t.Fatal(err)
	}
	return out.Results[0]
}

func TestACloudThatMakesMachinesMakesServers(t *testing.T) {
	w := start(t, "speed: 50\ncontrollers: [{name: prod, version: 3.6.11}]\n")
	if got := enableHA(t, w, "prod"); got.Error != nil || strings.Join(got.Result.Added, " ") != "machine-1 machine-2" {
		t.Fatalf("%+v", got)
	}
	eventually(t, "all serve", func() bool { serving, missing := servers(t, w, "prod"); return serving == 3 && missing == 0 })
	c, err := w.Controller("prod")
	if err != nil || len(c.Addrs) != 3 {
		t.Fatalf("%+v, %v", c, err)
	}
	for _, addr := range c.Addrs {
		i, err := w.APIInfo("prod", "")
		if err != nil {
			t.Fatal(err)
		}
		i.Addrs = []string{addr}
		conn, err := api.Open(i, quick)
		if err != nil {
			t.Fatalf("%s does not answer: %v", addr, err)
		}
		_ = conn.Close()
	}
}

func TestAManualCloudHasOnlyTheMachinesThatItHas(t *testing.T) {
	w := start(t, "speed: 50\ncontrollers: [{name: prod, version: 3.6.11, cloud-type: manual, spare-machines: 1}]\n")
	if id, err := w.AddMachine("prod"); err != nil || id != "2" {
		t.Fatal(id, err)
	}
	if got := enableHA(t, w, "prod", "1", "#:2"); got.Error != nil || strings.Join(got.Result.Converted, " ") != "machine-1 machine-2" {
		t.Fatalf("%+v", got)
	}
	eventually(t, "all serve", func() bool { serving, missing := servers(t, w, "prod"); return serving == 3 && missing == 0 })

	// Without placement the call is accepted, and nothing ever comes of it.
	w = start(t, "speed: 50\ncontrollers: [{name: prod, version: 3.6.11, cloud-type: manual, spare-machines: 2}]\n")
	if got := enableHA(t, w, "prod"); got.Error != nil || strings.Join(got.Result.Added, " ") != "machine-3 machine-4" {
		t.Fatalf("%+v", got)
	}
	time.Sleep(400 * time.Millisecond)
	if serving, missing := servers(t, w, "prod"); serving != 1 || missing != 2 {
		t.Errorf("%d serve, %d are missing", serving, missing)
	}
	if got := enableHA(t, w, "prod", "1", "2"); got.Error != nil || len(got.Result.Converted) > 0 {
		t.Errorf("there are three already: %+v", got)
	}
}

func TestASecretBackendThatDoesNotAnswerIsRefused(t *testing.T) {
	w := start(t, "controllers: [{name: prod, version: 3.6.11}]\n")
	end, err := w.Inject("prod", estate.Fault{Kind: estate.FaultBackendRefused})
	if err != nil {
		t.Fatal(err)
	}
	add := func() error {
		return secretbackends.NewClient(open(t, w, "prod", "")).AddSecretBackend(secretbackends.CreateSecretBackend{
			ID: "0123", Name: "safe", BackendType: "vault", Config: map[string]any{"endpoint": "http://x", "token": "canary-of-safe"},
		})
	}
	if err := add(); err == nil || params.ErrCode(err) != "" {
		t.Errorf("%v", err)
	}
	end()
	if err := add(); err != nil {
		t.Error(err)
	}
	if list, err := w.Backends("prod"); err != nil || len(list) != 1 || list[0].ID != "0123" {
		t.Errorf("%+v, %v", list, err)
	}
	for _, call := range w.CallsOf("SecretBackends.AddSecretBackends") {
		if strings.Contains(call.Args, "canary") {
			t.Error("a token is in the record of calls")
		}
	}
}

func TestSomeSettingsRestartTheAPI(t *testing.T) {
	w := start(t, "speed: 20\ncontrollers: [{name: prod, version: 3.6.11}]\n")
	conn := open(t, w, "prod", "")
	if err := controller.NewClient(conn).ConfigSet(map[string]any{"query-tracing-enabled": true}); err != nil {
		t.Fatal(err)
	}
	select {
	case <-conn.Broken():
	case <-time.After(10 * time.Second):
		t.Fatal("the connection is not dropped")
	}
	eventually(t, "it answers again", func() bool {
		again, err := tryOpen(t, w, "prod", "")
		return err == nil && again.Close() == nil
	})
	if config, err := w.Config("prod"); err != nil || config["query-tracing-enabled"] != true {
		t.Errorf("%v, %v", config, err)
	}
}

func TestADurationThatIsNoneBreaksTheConfigurationOfJuju4(t *testing.T) {
	for _, value := range []any{int64(time.Hour), "long"} {
		w := start(t, "controllers: [{name: prod, version: 4.1.0}]\n")
		c := controller.NewClient(open(t, w, "prod", ""))
		if err := c.ConfigSet(map[string]any{"migration-agent-wait-time": value}); err != nil {
			t.Fatalf("%v: %v", value, err)
		}
		if _, err := c.ControllerConfig(); err == nil {
			t.Errorf("%v: the configuration can be read", value)
		}
		if err := c.ConfigSet(map[string]any{"audit-log-max-backups": 3}); err == nil {
			t.Errorf("%v: the configuration can be set", value)
		}
	}
}

func TestWhoHasRegisteredLogsInByTheCookie(t *testing.T) {
	w := start(t, "controllers: [{name: prod, version: 3.6.11}]\n")
	_, key, err := usermanager.NewClient(open(t, w, "prod", "")).AddUser("ann", "Ann", "")
	if err != nil {
		t.Fatal(err)
	}
	cookie, err := w.Register("prod", "ann", key, "of-ann")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Register("prod", "ann", key, "of-ann-2"); err == nil {
		t.Error("the key is good twice")
	}
	login := func(cookies ...*http.Cookie) error {
		jar, err := cookiejar.New(nil)
		if err != nil {
			t.Fatal(err)
		}
		i, err := w.APIInfo("prod", "")
		if err != nil {
			t.Fatal(err)
		}
		i.Tag, i.Password = names.NewUserTag("ann"), ""
		bakery := httpbakery.NewClient()
		bakery.Jar = jar
		bakery.Transport = &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, DisableKeepAlives: true}
		jar.SetCookies(api.CookieURLFromHost(i.Addrs[0]), cookies)
		opts := quick
		opts.BakeryClient = bakery
		conn, err := api.Open(i, opts)
		if err != nil {
			return err
		}
		return conn.Close()
	}
	if err := login(cookie); err != nil {
		t.Error(err)
	}
	if err := login(); err == nil {
		t.Error("she logs in without the cookie")
	}
	if users := listed(t, usermanager.NewClient(open(t, w, "prod", ""))); users["ann"].LastConnection == nil {
		t.Error("her login is not seen")
	}
}
