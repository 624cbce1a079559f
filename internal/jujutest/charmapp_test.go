package jujutest_test

import (
	"strings"
	"testing"

	"github.com/juju/juju/api"
	"github.com/juju/juju/rpc/params"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujutest"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujutest/estate"
)

// charmed is a store and applications; a controller of each version has them.
func charmed(version string) string {
	return strings.ReplaceAll(`
speed: 100
controllers:
  - name: prod
    version: VERSION
    models:
      - name: web
        base: ubuntu@24.04
        applications:
          - {name: tiny, units: 2, channel: 1/stable, subordinates: [idle]}
          - {name: cargo, units: 1, channel: 1/stable, resources: {note: uploaded}}
          - {name: brittle, units: 1}
          - {name: slow, units: 1}
          - {name: own, units: 1, charm: "local:own"}
          - {name: idle, subordinate: true, channel: 1/stable}
charmhub:
  charms:
    - name: tiny
      bases: [ubuntu@22.04, ubuntu@24.04]
      actions: [pre-refresh-check]
      channels: {1/stable: 1, 1/candidate: 2, 3/stable: 22}
      revisions:
        - 2
        - {revision: 22, bases: [ubuntu@22.04]}
        - {revision: 99, assumes: ["juju >= 99"]}
    - name: idle
      channels: {1/stable: 1}
    - name: cargo
      resources: {box: file, note: file}
      channels: {1/stable: {revision: 1, resources: {box: 1}}}
    - name: brittle
      channels: {stable: 1}
      revisions: [{revision: 2, refresh: fail-upgrade}]
    - name: slow
      channels: {latest/stable: 1}
      revisions: [{revision: 2, refresh: {kind: pause, message: look first, action: go-on}}, {revision: 3, refresh: stuck}]
`, "VERSION", version)
}

// app is an application of a model as a client finds and refreshes it.
type app struct {
	*testing.T
	world *jujutest.World
	conn  api.Connection
	name  string
}

// ofCharm starts an estate with charms, and is its application of that name.
func ofCharm(t *testing.T, name string) app {
	t.Helper()
	return appOf(t, start(t, charmed("3.6.11")), name)
}

func appOf(t *testing.T, w *jujutest.World, name string) app {
	return app{T: t, world: w, conn: open(t, w, "prod", "web"), name: name}
}

func (a app) call(facade string, v int, method string, args, out any) error {
	return a.conn.APICall(facade, v, "", method, args, out)
}

func (a app) origin() params.CharmURLOriginResult {
	a.Helper()
	var out params.CharmURLOriginResult
	if err := a.call("Application", 19, "GetCharmURLOrigin", params.ApplicationGet{ApplicationName: a.name}, &out); err != nil || out.Error != nil {
		a.Fatal(err, out.Error)
	}
	return out
}

// resolve asks for what a channel has as juju refresh does, with the origin changed.
func (a app) resolve(change func(*params.CharmOrigin)) params.ResolveCharmWithChannelResult {
	a.Helper()
	now := a.origin()
	if change != nil {
		change(&now.Origin)
	}
	args := params.ResolveCharmsWithChannel{Resolve: []params.ResolveCharmWithChannel{{
		Reference: now.URL[:strings.LastIndex(now.URL, "-")], Origin: now.Origin,
	}}}
	var out params.ResolveCharmWithChannelResults
	if err := a.call("Charms", 7, "ResolveCharms", args, &out); err != nil {
		a.Fatal(err)
	}
	return out.Results[0]
}

// add resolves what the channel has and gives it to the model.
func (a app) add() (url string, origin params.CharmOrigin) {
	a.Helper()
	found := a.resolve(nil)
	if found.Error != nil {
		a.Fatal(found.Error)
	}
	var out params.CharmOriginResult
	if err := a.call("Charms", 7, "AddCharm", params.AddCharmWithOrigin{URL: found.URL, Origin: found.Origin}, &out); err != nil {
		a.Fatal(err)
	}
	return found.URL, out.Origin
}

func (a app) set(url string, origin params.CharmOrigin, resources map[string]string) error {
	return a.call("Application", 19, "SetCharm", params.ApplicationSetCharm{
		ApplicationName: a.name, CharmURL: url, CharmOrigin: &origin, ResourceIDs: resources,
	}, nil)
}

// refresh brings the application to what its channel has.
func (a app) refresh() string {
	a.Helper()
	url, origin := a.add()
	if err := a.set(url, origin, nil); err != nil {
		a.Fatal(err)
	}
	return url
}

func (a app) publish(revision int) {
	a.Helper()
	if err := a.world.Publish(a.name, a.truth().Channel, estate.Release{Revision: revision}); err != nil {
		a.Fatal(err)
	}
}

func (a app) truth() jujutest.ApplicationCharm {
	a.Helper()
	c, err := a.world.Charm("prod", "web", a.name)
	if err != nil {
		a.Fatal(err)
	}
	return c
}

func (a app) status() params.ApplicationStatus {
	a.Helper()
	return status(a.T, a.conn).Applications[a.name]
}

func (a app) unit() params.UnitStatus {
	a.Helper()
	return a.status().Units[a.name+"/0"]
}

// comes waits until a unit is in a state.
func (a app) comes(state string) {
	a.Helper()
	eventually(a.T, a.name+" "+state, func() bool { return a.truth().Units[0].State == state })
}

func (a app) settles() {
	a.Helper()
	eventually(a.T, a.name+" settles", func() bool { return a.truth().Settled() })
}
