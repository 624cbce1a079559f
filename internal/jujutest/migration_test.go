package jujutest_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/juju/errors"
	"github.com/juju/names/v5"

	"github.com/juju/juju/api"
	"github.com/juju/juju/api/client/modelmanager"
	"github.com/juju/juju/api/client/usermanager"
	"github.com/juju/juju/api/controller/controller"
	"github.com/juju/juju/core/network"
	"github.com/juju/juju/rpc/params"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujutest"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujutest/estate"
)

// two are a controller with a model to move, and one that it may go to.
const two = `
speed: 50
controllers:
  - name: old
    version: 3.5.4
    models:
      - name: web
        users: [{name: alice, access: write}, {name: bob}]
        machines: [{containers: 1}]
        applications: [{name: app, units: 1, subordinates: [nrpe]}]
        offers: [{name: app, endpoint: website}]
      - name: alice/shop
        applications: [{name: shop, units: 1}]
        saas: [{name: app, url: "admin/web.app"}]
      - name: bare
  - name: new
    version: 3.6.11
    series-offers: [3.6.11]
    users: [{name: alice}, {name: bob}]
`

// migrate asks for a migration as juju migrate does.
func migrate(t *testing.T, w *jujutest.World, from, model, to string, change ...func(*controller.MigrationSpec)) (string, error) {
	t.Helper()
	target, err := w.Controller(to)
	if err != nil {
		t.Fatal(err)
	}
	spec := controller.MigrationSpec{
		ModelUUID: modelTag(t, w, from, model).Id(), TargetControllerUUID: target.UUID, TargetControllerAlias: to,
		TargetAddrs: target.Addrs, TargetCACert: target.CACert, TargetUser: target.User, TargetPassword: target.Password,
	}
	for _, c := range change {
		c(&spec)
	}
	return controller.NewClient(open(t, w, from, "")).InitiateMigration(spec)
}

// uuidOf is a model's UUID, which it keeps.
func uuidOf(t *testing.T, w *jujutest.World, controller, model string) string {
	t.Helper()
	return modelTag(t, w, controller, model).Id()
}

func info(t *testing.T, w *jujutest.World, controller, uuid string) params.ModelInfoResult {
	t.Helper()
	list, err := modelmanager.NewClient(open(t, w, controller, "")).ModelInfo([]names.ModelTag{names.NewModelTag(uuid)})
	if err != nil {
		t.Fatal(err)
	}
	return list[0]
}

// loginTo logs in to a model by its UUID, which the controller need not have.
func loginTo(t *testing.T, w *jujutest.World, controller, uuid string) (api.Connection, error) {
	t.Helper()
	i, err := w.APIInfo(controller, "")
	if err != nil {
		t.Fatal(err)
	}
	i.ModelTag = names.NewModelTag(uuid)
	return api.Open(i, quick)
}

// arrivesAt waits until a model is on exactly that controller, with all its agents.
func arrivesAt(t *testing.T, w *jujutest.World, controller, model, uuid string) {
	t.Helper()
	eventually(t, model+" on "+controller, func() bool {
		has, importing := w.Whereabouts(uuid)
		return slices.Equal(has, []string{controller}) && len(importing) == 0 && w.Arrived(controller, model)
	})
}

func TestAModelMovesToAnotherControllerWithAllThatIsIts(t *testing.T) {
	w := start(t, two)
	uuid := uuidOf(t, w, "old", "web")
	id, err := migrate(t, w, "old", "web", "new")
	if err != nil || id != uuid+":0" {
		t.Fatalf("%q, %v", id, err)
	}
	seen := map[string]bool{}
	eventually(t, "the source has removed the model", func() bool {
		g, ok := w.Migration("old", "web")
		seen[g.Status] = true
		return !ok
	})
	for _, text := range []string{"importing model into target controller", "validating, waiting for agents to report back",
		"successful, removing model from source controller"} {
		if !seen[text] {
			t.Errorf("%q was not shown: %v", text, seen)
		}
	}
	arrivesAt(t, w, "new", "web", uuid)
	st := status(t, open(t, w, "new", "web"))
	if st.Model.Version != "3.5.4" || st.Machines["0"].AgentStatus.Version != "3.5.4" {
		t.Errorf("3.6 does not upgrade what comes: model %s, machine %s", st.Model.Version, st.Machines["0"].AgentStatus.Version)
	}
	if len(st.Machines["0"].Containers) != 1 || len(st.Applications["app"].Units["app/0"].Subordinates) != 1 {
		t.Errorf("machines %v, applications %v", st.Machines, st.Applications)
	}
	if offer := st.Offers["app"]; offer.TotalConnectedCount != 0 || offer.Endpoints["website"].Name == "" {
		t.Errorf("an offer whose consumer has not followed: %+v", offer)
	}
	got := info(t, w, "new", uuid).Result
	access := map[string]string{}
	for _, u := range got.Users {
		access[u.UserName] = string(u.Access)
	}
	if _, err := migrate(t, w, "old", "alice/shop", "new"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the consumer is counted", func() bool {
		return status(t, open(t, w, "new", "web")).Offers["app"].TotalConnectedCount == 1
	})
	if access["admin"] != "admin" || access["alice"] != "write" || access["bob"] != "read" || got.Status.Status != "available" || got.Migration != nil {
		t.Errorf("users %v, status %v, migration %v", access, got.Status, got.Migration)
	}
}

func TestTheControllerThatAModelHasLeftSaysWhereItIs(t *testing.T) {
	w := start(t, two)
	uuid := uuidOf(t, w, "old", "web")
	if _, err := migrate(t, w, "old", "web", "new"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "redirection", func() bool {
		failed := info(t, w, "old", uuid).Error
		return failed != nil && failed.Code == params.CodeRedirect
	})
	_, err := loginTo(t, w, "old", uuid)
	var redirect *api.RedirectError
	target, _ := w.Controller("new")
	if !errors.As(err, &redirect) || len(redirect.Servers) != 1 || redirect.ControllerTag.Id() != target.UUID {
		t.Fatalf("got %#v", err)
	}
	if got := network.DialAddress(redirect.Servers[0][0]); got != target.Addrs[0] {
		t.Errorf("sent on to %s, it is at %s", got, target.Addrs[0])
	}
	// Superusers who had no access of their own to it are not told.
	uuid = uuidOf(t, w, "old", "alice/shop")
	if _, err := migrate(t, w, "old", "alice/shop", "new"); err != nil {
		t.Fatal(err)
	}
	arrivesAt(t, w, "new", "alice/shop", uuid)
	if failed := info(t, w, "old", uuid).Error; failed == nil || failed.Code != params.CodeUnauthorized {
		t.Errorf("told admin: %v", failed)
	}
	if _, err := migrate(t, w, "old", "controller", "new", func(s *controller.MigrationSpec) { s.ModelUUID = uuid }); params.ErrCode(err) != params.CodeNotFound {
		t.Errorf("a model that has gone: %v", err)
	}
}

func TestJuju4UpgradesWhatComesAndShowsNothingOfWhatGoes(t *testing.T) {
	w := start(t, strings.NewReplacer("3.5.4", "3.6.11", "3.6.11", "4.1.0").Replace(two))
	uuid := uuidOf(t, w, "old", "web")
	if _, err := migrate(t, w, "old", "web", "new"); err != nil {
		t.Fatal(err)
	}
	arrivesAt(t, w, "new", "web", uuid)
	eventually(t, "all agents at 4.1.0", func() bool {
		st := status(t, open(t, w, "new", "web"))
		u := st.Applications["app"].Units["app/0"]
		return u.AgentStatus.Version == "4.1.0" && st.Model.Version == "4.1.0"
	})

	w = start(t, strings.NewReplacer("3.5.4", "4.1.0", "3.6.11", "4.1.1").Replace(two))
	uuid = uuidOf(t, w, "old", "web")
	id, err := migrate(t, w, "old", "web", "new")
	if err != nil || strings.Contains(id, ":") {
		t.Fatalf("%q, %v", id, err)
	}
	eventually(t, "both list it", func() bool {
		if got := info(t, w, "old", uuid).Result; got == nil || got.Migration != nil || got.Status.Status != "available" {
			t.Errorf("the source shows %+v", got)
		}
		has, _ := w.Whereabouts(uuid)
		return len(has) == 2
	})
	eventually(t, "the agents", func() bool { return w.Arrived("new", "web") })

	uuid = uuidOf(t, w, "old", "bare")
	for range 2 {
		if _, err := migrate(t, w, "old", "bare", "new"); err != nil {
			t.Errorf("4.1 accepts what has moved: %v", err)
		}
		eventually(t, "both have it", func() bool {
			has, _ := w.Whereabouts(uuid)
			g, _ := w.Migration("old", "bare")
			return len(has) == 2 && !g.End.IsZero()
		})
	}
}

func TestAnImportingModelIsLookedAtInVain(t *testing.T) {
	for version, listed := range map[string]bool{"3.6.11": false, "4.1.0": true} {
		w := start(t, strings.NewReplacer("3.5.4", "3.6.11", "3.6.11", version).Replace(two))
		uuid := uuidOf(t, w, "old", "web")
		if failed := info(t, w, "new", uuid).Error; failed == nil {
			t.Fatal("it is there already")
		}
		if _, err := loginTo(t, w, "new", uuid); !params.IsCodeModelNotFound(err) {
			t.Errorf("%s: login to what it does not have: %v", version, err)
		}
		stop, err := w.Inject("old", estate.Fault{Kind: estate.FaultMigrationSticks, Phase: "VALIDATION"})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := migrate(t, w, "old", "web", "new"); err != nil {
			t.Fatal(err)
		}
		eventually(t, "it is being imported", func() bool {
			_, importing := w.Whereabouts(uuid)
			got := info(t, w, "new", uuid).Result
			return len(importing) == 1 && got != nil && got.Status.Status == "busy"
		})
		sums, err := modelmanager.NewClient(open(t, w, "new", "")).ListModelSummaries("admin", true)
		if err != nil || (len(sums) == 2) != listed {
			t.Errorf("%s: lists %d models, %v", version, len(sums), err)
		}
		conn, err := loginTo(t, w, "new", uuid)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = conn.Close() })
		stop()
		arrivesAt(t, w, "new", "web", uuid)
		if err := conn.APICall("Client", 8, "", "FullStatus", params.StatusParams{}, nil); err == nil || params.ErrCode(err) != "" {
			t.Errorf("%s: a connection of the import: %v", version, err)
		}
	}
}

func TestTheAccountOfAMigrationIsMadeAndRemoved(t *testing.T) {
	w := start(t, two)
	conn := open(t, w, "new", "")
	users := usermanager.NewClient(conn)
	if _, _, err := users.AddUser("mover", "", "canary-of-a-test"); err != nil {
		t.Fatal(err)
	}
	as := func(s *controller.MigrationSpec) { s.TargetUser, s.TargetPassword = "mover", "canary-of-a-test" }
	if _, err := migrate(t, w, "old", "web", "new", as); err == nil || !strings.Contains(err.Error(), "users granted access to the model do not exist") {
		t.Errorf("without superuser: %v", err)
	}
	if err := controller.NewClient(conn).GrantController("mover", "superuser"); err != nil {
		t.Fatal(err)
	}
	uuid := uuidOf(t, w, "old", "web")
	if _, err := migrate(t, w, "old", "web", "new", as); err != nil {
		t.Fatal(err)
	}
	arrivesAt(t, w, "new", "web", uuid)
	if err := users.RemoveUser("mover"); err != nil {
		t.Fatal(err)
	}
	list, err := users.UserInfo(nil, usermanager.AllUsers)
	if err != nil || slices.ContainsFunc(list, func(u params.UserInfo) bool { return u.Username == "mover" }) {
		t.Errorf("%v, %v", list, err)
	}
	if calls := w.CallsOf("UserManager.RemoveUser"); len(calls) != 1 || calls[0].Subject != "mover" {
		t.Errorf("%+v", calls)
	}
	if calls := w.CallsOf("Controller.InitiateMigration"); len(calls) != 2 || calls[0].Effect || !calls[1].Effect || calls[1].Model != "admin/web" {
		t.Errorf("%+v", calls)
	}
	if !slices.Contains(w.Secrets(), "canary-of-a-test") {
		t.Error("the account's password is none of the secrets that outputs are searched for")
	}
}
