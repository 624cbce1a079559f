package jujutest_test

import (
	"strings"
	"testing"

	"github.com/juju/juju/rpc/params"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujutest/estate"
)

// movable is charmed with a second controller.
func movable(from, to string) string {
	return strings.Replace(charmed(from), "charmhub:\n", "  - {name: new, version: "+to+"}\ncharmhub:\n", 1)
}

func TestAModelTakesItsCharmsAlong(t *testing.T) {
	for to, id := range map[string]bool{"3.6.11": true, "4.1.0": false} {
		t.Run(to, func(t *testing.T) {
			w := start(t, movable("3.6.11", to))
			a := appOf(t, w, "tiny")
			a.publish(2)
			a.refresh()
			a.settles()
			uuid := modelTag(t, w, "prod", "web").Id()
			if err := w.Migrate("prod", "web", "new"); err != nil {
				t.Fatal(err)
			}
			eventually(t, "it is there", func() bool { has, _ := w.Whereabouts(uuid); return len(has) > 0 && has[len(has)-1] == "new" })
			eventually(t, "its agents are there", func() bool { return w.Arrived("new", "web") })
			moved, err := w.Charm("new", "web", "tiny")
			if err != nil || moved.URL != "ch:amd64/tiny-2" || moved.Channel != "1/stable" || !moved.Settled() {
				t.Fatalf("%+v, %v", moved, err)
			}
			there := a
			there.conn = open(t, w, "new", "web")
			if got := there.origin().Origin.ID != ""; got != id {
				t.Errorf("origin %+v", there.origin())
			}
			if err := w.Publish("tiny", "1/stable", estate.Release{Revision: 3}); err != nil {
				t.Fatal(err)
			}
			if !id {
				// As long as a revision is in the origin it is taken for what is wanted.
				if url := there.resolve(nil).URL; url != "ch:amd64/tiny-2" {
					t.Errorf("resolved %s", url)
				}
				healed(there)
			} else {
				there.refresh()
			}
			eventually(t, "it settles there", func() bool {
				c, err := w.Charm("new", "web", "tiny")
				return err == nil && c.URL == "ch:amd64/tiny-3" && c.Settled()
			})
		})
	}
}

// healed refreshes an application of which the controller does not know the ID, by name
// and exact revision.
func healed(a app) {
	a.Helper()
	name := func(o *params.CharmOrigin) { o.ID, o.Hash, o.Revision = "", "", nil }
	found := a.resolve(name)
	if found.Error != nil {
		a.Fatal(found.Error)
	}
	exact := found.Origin
	exact.ID, exact.Hash = "", ""
	var added params.CharmOriginResult
	if err := a.call("Charms", 7, "AddCharm", params.AddCharmWithOrigin{URL: found.URL, Origin: exact}, &added); err != nil {
		a.Fatal(err)
	}
	if err := a.set(found.URL, added.Origin, nil); err != nil {
		a.Fatal(err)
	}
	if a.origin().Origin.ID == "" {
		a.Error("its ID is not known yet")
	}
}

func TestARefreshOnItsWayIsAnObstacleToAMigration(t *testing.T) {
	w := start(t, movable("3.6.11", "3.6.11"))
	a := appOf(t, w, "tiny")
	if err := w.SetAgentFault("prod", "web", estate.AgentFault{Agent: "unit-tiny-0", Kind: estate.AgentError}); err != nil {
		t.Fatal(err)
	}
	a.publish(2)
	a.refresh()
	eventually(t, "the other unit comes", func() bool { return a.truth().Units[1].URL == "ch:amd64/tiny-2" && a.truth().Units[1].State == "" })
	err := w.Migrate("prod", "web", "new")
	if err == nil || params.ErrCode(err) != "" || !strings.Contains(err.Error(), "unit tiny/0 is upgrading") {
		t.Errorf("%v", err)
	}
}
