package jujutest_test

import (
	"testing"

	"github.com/juju/names/v5"

	"github.com/juju/juju/api"
	"github.com/juju/juju/api/client/usermanager"
	"github.com/juju/juju/api/controller/controller"
	"github.com/juju/juju/rpc/params"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujutest"
)

const populated = `
controllers:
  - name: prod
    version: 3.6.11
    users:
      - {name: alice, display-name: Alice, access: superuser, last-connection: 48h}
      - {name: bob, disabled: true}
      - {name: carl@ext}
    models:
      - {name: dora/web, users: [{name: erin, access: write}, {name: fred@ext}]}
`

// loginAs logs in as a user of a controller, to a model if it is not empty.
func loginAs(t *testing.T, w *jujutest.World, c, model, user, password string) (api.Connection, error) {
	t.Helper()
	i, err := w.APIInfo(c, model)
	if err != nil {
		t.Fatal(err)
	}
	i.Tag, i.Password = names.NewUserTag(user), password
	conn, err := api.Open(i, quick)
	if err == nil {
		t.Cleanup(func() { _ = conn.Close() })
	}
	return conn, err
}

func listed(t *testing.T, c *usermanager.Client) map[string]params.UserInfo {
	t.Helper()
	list, err := c.UserInfo(nil, usermanager.AllUsers)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]params.UserInfo{}
	for _, u := range list {
		out[u.Username] = u
	}
	return out
}

func TestAControllerHasTheUsersOfItsModelsToo(t *testing.T) {
	w := start(t, populated)
	users := listed(t, usermanager.NewClient(open(t, w, "prod", "")))
	for name, access := range map[string]string{"admin": "superuser", "alice": "superuser", "bob": "", "carl@ext": "login", "dora": "login", "erin": "login"} {
		if u, ok := users[name]; !ok || u.Access != access {
			t.Errorf("%s: %+v", name, u)
		}
	}
	if len(users) != 6 || !users["bob"].Disabled || users["alice"].DisplayName != "Alice" || users["alice"].LastConnection == nil || users["erin"].LastConnection != nil {
		t.Errorf("%+v", users)
	}
	conn, err := loginAs(t, w, "prod", "dora/web", "erin", passwordOf(t, w, "prod", "erin"))
	if err != nil {
		t.Fatal(err)
	}
	status(t, conn)
	if users := listed(t, usermanager.NewClient(open(t, w, "prod", ""))); users["erin"].LastConnection == nil {
		t.Error("a login is not remembered")
	}
	if _, err := loginAs(t, w, "prod", "controller", "erin", passwordOf(t, w, "prod", "erin")); !params.IsCodeUnauthorized(err) {
		t.Errorf("another's model: %v", err)
	}
	if _, err := loginAs(t, w, "prod", "", "bob", passwordOf(t, w, "prod", "bob")); !params.IsCodeUnauthorized(err) {
		t.Errorf("a disabled user: %v", err)
	}
}

func TestUsersAreMadeChangedAndRemoved(t *testing.T) {
	for _, version := range []string{"3.6.11", "4.1.0"} {
		w := start(t, "controllers: [{name: prod, version: "+version+"}]")
		conn := open(t, w, "prod", "")
		users, ctl := usermanager.NewClient(conn), controller.NewClient(conn)
		if tag, key, err := users.AddUser("gina", "Gina", ""); err != nil || tag.Id() != "gina" || len(key) != 32 {
			t.Fatalf("%v %d %v", tag, len(key), err)
		}
		_, _, err := users.AddUser("gina", "", "")
		if code := params.ErrCode(err); err == nil || code != map[string]string{"3.6.11": params.CodeAlreadyExists, "4.1.0": ""}[version] {
			t.Errorf("%s: twice: %v (%q)", version, err, code)
		}
		if _, _, err := users.AddUser("hugo", "", "canary-hugo"); err != nil {
			t.Fatal(err)
		}
		if _, err := loginAs(t, w, "prod", "", "hugo", "canary-hugo"); err != nil {
			t.Errorf("%s: %v", version, err)
		}
		if err := ctl.GrantController("hugo", "superuser"); err != nil {
			t.Error(err)
		}
		if err := ctl.GrantController("hugo", "superuser"); err == nil || params.ErrCode(err) != "" {
			t.Errorf("%s: granted twice: %v", version, err)
		}
		if key, err := users.ResetPassword("hugo"); err != nil || len(key) != 32 {
			t.Errorf("%s: reset: %v", version, err)
		}
		if _, err := loginAs(t, w, "prod", "", "hugo", "canary-hugo"); !params.IsCodeUnauthorized(err) {
			t.Errorf("%s: a void password: %v", version, err)
		}
		for range 2 {
			if err := users.DisableUser("gina"); err != nil {
				t.Errorf("%s: disable: %v", version, err)
			}
		}
		if _, err := users.ResetPassword("gina"); err == nil || params.ErrCode(err) != "" {
			t.Errorf("%s: reset of a disabled user: %v", version, err)
		}
		if err := users.RemoveUser("hugo"); err != nil {
			t.Error(err)
		}
		if err := users.RemoveUser("hugo"); err == nil || params.ErrCode(err) != "" {
			t.Errorf("%s: removed twice: %v (%q)", version, err, params.ErrCode(err))
		}
		if err := users.RemoveUser("admin"); err == nil {
			t.Error("the controller's owner was removed")
		}
		if _, ok := listed(t, users)["hugo"]; ok {
			t.Errorf("%s: a removed user is listed", version)
		}
		// Juju 4 gives no access to one who has a removed user's name, and says it does.
		if _, _, err := users.AddUser("hugo", "", "canary-hugo"); err != nil {
			t.Fatal(err)
		}
		if err := ctl.GrantController("hugo", "superuser"); err != nil {
			t.Error(err)
		}
		if got, want := listed(t, users)["hugo"].Access, map[string]string{"3.6.11": "superuser", "4.1.0": ""}[version]; got != want {
			t.Errorf("%s: access %q", version, got)
		}
		if calls := w.CallsOf("UserManager.AddUser"); len(calls) != 4 || calls[0].Subject != "gina" || calls[1].Effect || calls[3].Args == "" {
			t.Errorf("%+v", calls)
		}
	}
}

func TestWhoIsNoSuperuserSeesAndChangesNobodyElse(t *testing.T) {
	w := start(t, populated)
	conn, err := loginAs(t, w, "prod", "", "erin", passwordOf(t, w, "prod", "erin"))
	if err != nil {
		t.Fatal(err)
	}
	users := usermanager.NewClient(conn)
	if all := listed(t, users); len(all) != 1 || all["erin"].Username == "" {
		t.Errorf("sees %+v", all)
	}
	for what, err := range map[string]error{
		"add":     func() error { _, _, err := users.AddUser("x1", "", ""); return err }(),
		"remove":  users.RemoveUser("dora"),
		"disable": users.DisableUser("dora"),
		"configs": func() error { _, err := controller.NewClient(conn).HostedModelConfigs(); return err }(),
	} {
		if !params.IsCodeUnauthorized(err) {
			t.Errorf("%s: %v", what, err)
		}
	}
	if err := controller.NewClient(conn).GrantController("erin", "superuser"); err == nil {
		t.Error("erin made herself a superuser")
	}
}
