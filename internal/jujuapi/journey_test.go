package jujuapi_test

import (
	"context"
	"fmt"
	"strings"
	"testing"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/execute"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujuapi"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujutest/estate"
)

// moving is an estate of two controllers of these versions.
func moving(from, to string) string {
	return `
speed: 50
controllers:
  - name: old
    version: ` + from + `
    users: [{name: alice}]
    credentials:
      - {owner: admin, name: mine, auth-type: userpass, attributes: {username: me, password: canary-here}}
      - {owner: alice, name: hers, auth-type: userpass, attributes: {username: she, password: canary-hers}}
    models:
      - {name: web, users: [{name: alice, access: write}], credential: admin/mine, machines: 1, applications: [{name: app, units: 1}]}
      - {name: shop, credential: alice/hers}
  - name: new
    version: ` + to + `
    ha: 3
    series-offers: [` + to + `]
    credentials:
      - {owner: admin, name: mine, auth-type: userpass, attributes: {username: me, password: canary-there}}
      - {owner: alice, name: hers, auth-type: userpass, attributes: {username: she, password: canary-hers}}
`
}

var temporary = execute.Account{User: "upgrade-all-1-ab12cd", Password: "canary-temporary"}

func TestAModelThatMovesIsSeenToTheOtherSide(t *testing.T) {
	for _, test := range []struct{ from, to string }{{"3.6.4", "3.6.11"}, {"3.6.11", "4.1.0"}, {"4.1.0", "4.1.1"}} {
		t.Run(test.from+" to "+test.to, func(t *testing.T) {
			for _, name := range []string{"JUJU_CONTROLLER", "JUJU_MODEL"} {
				t.Setenv(name, "")
			}
			ctx := context.Background()
			text := strings.ReplaceAll(moving(test.from, test.to), "canary-there", "canary-here")
			b := prepare(t, text)
			old, target := b.look("old"), b.look("new")
			web := b.model(old, "admin/web")
			w := b.session.Writer()
			if _, err := w.AddUser(ctx, target.Ref, "alice", "Alice", ""); err != nil {
				t.Fatal(err)
			}
			if err := w.AddAccount(ctx, target.Ref, temporary); err != nil {
				t.Fatal(err)
			}
			if err := w.Migrate(ctx, old.Ref, target.Ref, web.Ref, temporary); err != nil {
				t.Fatal(err)
			}
			var there fleet.Model
			eventually(t, "the model works on the target, and its agents are there", func() bool {
				models, err := b.reader.Models(ctx, target.Ref)
				if err != nil {
					t.Fatal(err)
				}
				for _, m := range models {
					if m.UUID == web.UUID && !m.Importing() {
						there = m
					}
				}
				// During the import a connection to the model is refused for its whole life.
				status, err := b.reader.ModelStatus(ctx, target.Ref, web.Ref)
				if err != nil && !fleet.Passing(err) && fleet.CodeOf(err) != fleet.NotFound && fleet.CodeOf(err) != fleet.Forbidden {
					t.Fatal(err)
				}
				return there.UUID != "" && err == nil && fleet.Connected(status).Complete()
			})
			if strings.HasPrefix(test.from, "3.") {
				eventually(t, "the source does not have it any more", func() bool {
					_, found, err := b.reader.ModelAt(ctx, old.Ref, web.Ref)
					if err != nil {
						t.Fatal(err)
					}
					return !found
				})
			}
			moved := []fleet.Model{there}
			if err := w.Follow(ctx, old.Ref, target.Ref, moved); err != nil {
				t.Fatal(err)
			}
			if knows, err := w.Knows(old.Ref, target.Ref, moved); err != nil || !knows {
				t.Errorf("the client does not know: %v", err)
			}
			if name, err := jujuapi.StoreIn(b.dir).Current(); err != nil || name != "new" {
				t.Errorf("the client points to %q, %v", name, err)
			}
			if err := w.RemoveAccount(ctx, target.Ref, temporary.User); err != nil {
				t.Error(err)
			}
			users, err := b.reader.Users(ctx, target.Ref)
			if err != nil || strings.Contains(fmt.Sprint(users), temporary.User) {
				t.Errorf("users: %v, %v", users, err)
			}
		})
	}
}

func TestOnlyServersWithADryRunAreAsked(t *testing.T) {
	for from, asked := range map[string]int{"3.6.12": 0, "3.6.13": 1, "4.0.2": 0, "4.0.3": 1} {
		b := prepare(t, strings.ReplaceAll(moving(from, "4.1.1"), "canary-there", "canary-here"))
		old, target := b.look("old"), b.look("new")
		web := b.model(old, "admin/web")
		refusal, err := b.reader.MoveRefusal(context.Background(), old, target, web)
		if b.noSecrets(err); err != nil {
			t.Errorf("%s: %v", from, err)
		}
		calls := b.world.CallsOf("Controller.InitiateMigration")
		if len(calls) != asked {
			t.Errorf("%s: %d calls", from, len(calls))
		}
		for _, call := range calls {
			if call.Effect {
				t.Errorf("%s: the question began the migration", from)
			}
		}
		// The user alice is missing on the target.
		if (refusal != nil) != (asked > 0) || refusal != nil && refusal.Code != fleet.Refused {
			t.Errorf("%s: %+v", from, refusal)
		}
	}
}

func TestWhatModelsBringAlongIsComparedWithoutASecretComingOut(t *testing.T) {
	for _, from := range []string{"2.9.52", "3.6.11", "4.1.0"} {
		b := prepare(t, moving(from, map[string]string{"2.9.52": "3.6.11", "3.6.11": "4.1.0", "4.1.0": "4.1.1"}[from]))
		old, target := b.look("old"), b.look("new")
		web, shop := b.model(old, "admin/web"), b.model(old, "admin/shop")
		got, err := b.reader.Belongings(context.Background(), old, target, []fleet.Model{web, shop})
		if err != nil {
			t.Fatalf("%s: %v", from, err)
		}
		if clash := got[web.UUID].Clash; clash == nil || len(clash.Attributes) != 1 || clash.Attributes[0] != "password" {
			t.Errorf("%s: %+v", from, clash)
		}
		if clash := got[shop.UUID].Clash; clash == nil || !clash.Hidden {
			t.Errorf("%s: %+v", from, clash)
		}
		if users := fmt.Sprint(got[web.UUID].Users); !strings.Contains(users, "alice") {
			t.Errorf("%s: %s", from, users)
		}
		holdings, err := b.reader.Holdings(context.Background(), old)
		if err != nil || holdings.User("alice") == nil || holdings.Cloud("lab") == nil {
			t.Errorf("%s: %+v, %v", from, holdings, err)
		}
		b.noSecrets(fmt.Errorf("%+v %+v", got, holdings))
	}
}

func TestAMigrationIsRefusedByAFacadeThatHasLooked(t *testing.T) {
	ctx := context.Background()
	b := prepare(t, moving("3.6.4", "3.6.11"))
	old, target := b.look("old"), b.look("new")
	web := b.model(old, "admin/web")
	w := b.session.Writer()
	if err := w.AddAccount(ctx, target.Ref, temporary); err != nil {
		t.Fatal(err)
	}
	b.wants(w.Migrate(ctx, old.Ref, target.Ref, web.Ref, temporary), fleet.Refused) // no alice there
	wrong := execute.Account{User: temporary.User, Password: "canary-wrong"}
	b.wants(w.Migrate(ctx, old.Ref, target.Ref, web.Ref, wrong), fleet.Forbidden)
	b.inject("old", estate.Fault{Kind: estate.FaultDrop, Method: "Controller.InitiateMigration", When: "before"})
	b.world.ForgetCalls()
	b.wants(w.Migrate(ctx, old.Ref, target.Ref, web.Ref, temporary), fleet.Unreachable)
	if calls := b.world.CallsOf("Controller.InitiateMigration"); len(calls) > 1 {
		t.Errorf("%d calls", len(calls))
	}
}
