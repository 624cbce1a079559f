package jujutest_test

import (
	"testing"

	"github.com/juju/juju/api/client/resources"
	"github.com/juju/juju/rpc/params"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujutest/estate"
)

// pend makes a resource one that the application is to have with its next charm.
func (a app) pend(name string, revision int) params.AddPendingResourcesResult {
	a.Helper()
	now := a.origin()
	var out params.AddPendingResourcesResult
	args := params.AddPendingResourcesArgsV2{
		Entity: params.Entity{Tag: "application-" + a.name}, URL: now.URL, CharmOrigin: now.Origin,
		Resources: []params.CharmResource{{Name: name, Type: "file", Path: name, Origin: "store", Revision: revision}},
	}
	if err := a.call("Resources", 3, "AddPendingResources", args, &out); err != nil {
		a.Fatal(err)
	}
	return out
}

func (a app) publishResource(name string, revision int) {
	a.Helper()
	if err := a.world.Publish(a.name, a.truth().Channel, estate.Release{Revision: 1, Resources: map[string]int{name: revision}}); err != nil {
		a.Fatal(err)
	}
}

func TestTheClientReadsWhatAnApplicationHasOfResources(t *testing.T) {
	a := appOf(t, start(t, charmed("3.6.11")), "cargo")
	client, err := resources.NewClient(a.conn)
	if err != nil {
		t.Fatal(err)
	}
	list, err := client.ListResources([]string{"cargo", "tiny"})
	if err != nil {
		t.Fatal(err)
	}
	box, note := list[0].Resources[0], list[0].Resources[1]
	if box.Name != "box" || box.Revision != 1 || box.Origin.String() != "store" || note.Origin.String() != "upload" || len(list[1].Resources) != 0 {
		t.Errorf("%+v", list)
	}
	if of := list[0].UnitResources; len(of) != 1 || of[0].Tag.Id() != "cargo/0" || of[0].Resources[0].Revision != 1 {
		t.Errorf("units: %+v", of)
	}
}

func TestAResourceAloneIsARefreshThatStatusDoesNotShow(t *testing.T) {
	a := appOf(t, start(t, charmed("3.6.11")), "cargo")
	a.publishResource("box", 2)
	var offered params.CharmResourcesResults
	now := a.origin()
	entity := params.CharmURLAndOrigin{CharmURL: now.URL, Origin: now.Origin}
	if err := a.call("Charms", 7, "ListCharmResources", params.CharmURLAndOrigins{Entities: []params.CharmURLAndOrigin{entity}}, &offered); err != nil {
		t.Fatal(err)
	}
	if r := offered.Results[0]; len(r) != 2 || r[0].Name != "box" || r[0].Revision != 2 {
		t.Errorf("offered: %+v", r)
	}
	ids := a.pend("box", -1).PendingIDs
	if c := a.truth(); c.Resources["box"] != 1 {
		t.Errorf("it is there before the charm is set: %+v", c)
	}
	if err := a.set(now.URL, now.Origin, map[string]string{"box": ids[0]}); err != nil {
		t.Fatal(err)
	}
	if c := a.truth(); c.Resources["box"] != 2 || c.Resources["note"] != -1 || c.Settled() {
		t.Errorf("the application has it at once, units later: %+v", c)
	}
	if u := a.unit(); u.Charm != "" {
		t.Errorf("status shows %q", u.Charm)
	}
	a.settles()
	if c := a.truth(); c.Units[0].Resources["box"] != 2 {
		t.Errorf("%+v", c)
	}
	if err := a.set(now.URL, now.Origin, map[string]string{"box": ids[0]}); !params.IsCodeNotFound(err) {
		t.Errorf("taken twice: %v", err)
	}
}

func TestJuju4GivesAResourceAtOnce(t *testing.T) {
	a := appOf(t, start(t, charmed("4.1.0")), "cargo")
	a.publishResource("box", 2)
	if out := a.pend("none", 1); out.Error == nil || out.Error.Code != "" {
		t.Errorf("one that the charm does not have: %+v", out)
	}
	a.pend("box", -1)
	if c := a.truth(); c.Resources["box"] != 2 || c.Settled() {
		t.Errorf("%+v", c)
	}
	a.settles()
}
