package contract

import (
	"context"
	"testing"
	"time"

	"github.com/juju/names/v5"

	"github.com/juju/juju/api"
	"github.com/juju/juju/rpc/params"
)

// Clone is a controller that is given what another one has.
type Clone struct {
	Side
	// OpenAs logs in to the controller as another user.
	OpenAs func(ctx context.Context, user, password string) (api.Connection, error)
	// Cloud is a cloud that it has, and Region a region of that.
	Cloud, Region string
	// Vault is the address of a secret backend that it can reach; with none, no backend is added.
	Vault string
	// Machines are machines of its own model that may become controllers, by ID; with
	// none, that is not tried. Juju 4 is asked all the same, and refuses.
	Machines []string
	// Patience is how long to wait for an arrival, Poll how often to look.
	Patience, Poll time.Duration
}

// RunClone makes the assertions about what a controller takes and how it refuses. What
// it is given stays there; each run gives things of other names.
func RunClone(t *testing.T, env Clone) {
	g := &giver{env: env, id: time.Now().UTC().Format("20060102150405")}
	for _, part := range []struct {
		name string
		run  func(*giver)
	}{
		{"users", (*giver).users},
		{"access", (*giver).access},
		{"registration", (*giver).registration},
		{"passwords", (*giver).passwords},
		{"disabled users", (*giver).disabled},
		{"clouds", (*giver).clouds},
		{"cloud access", (*giver).cloudAccess},
		{"model defaults", (*giver).modelDefaults},
		{"configuration", (*giver).configuration},
		{"secret backends", (*giver).backends},
		{"high availability", (*giver).highAvailability},
	} {
		// The parts are in order: later ones use what earlier ones have made.
		if !t.Run(part.name, func(t *testing.T) { g.T = t; part.run(g) }) {
			t.FailNow()
		}
	}
}

type giver struct {
	*testing.T
	env Clone
	id  string
}

// juju4 says that it is a controller of Juju 4.
func (g *giver) juju4() bool { return g.env.Version.Major >= 4 }

// name makes a name that no run before has made.
func (g *giver) name(what string) string { return what + "-" + g.id }

// call calls the controller; what is refused as a whole is returned.
func (g *giver) call(facade string, version int, method string, args, result any) error {
	g.Helper()
	var conn api.Connection
	// Some settings have it restart its API.
	g.eventually("a login", func() (ok bool) {
		var err error
		conn, err = g.env.Open(g.Context(), "")
		return err == nil
	})
	defer conn.Close()
	return conn.APICall(facade, version, "", method, args, result)
}

// must calls the controller, and fails the test if that is refused as a whole.
func (g *giver) must(facade string, version int, method string, args, result any) {
	g.Helper()
	if err := g.call(facade, version, method, args, result); err != nil {
		g.Fatalf("%s.%s: %v", facade, method, err)
	}
}

// controllerFacade is the version of Controller that is served by all of a major version.
func (g *giver) controllerFacade() int {
	if g.juju4() {
		return 12
	}
	return 11
}

// refused fails the test unless something was refused with a code: the first is that of
// Juju 3, the second that of Juju 4.
func (g *giver) refused(what string, got *params.Error, code3, code4 string) {
	g.Helper()
	want := code3
	if g.juju4() {
		want = code4
	}
	if got == nil || got.Code != want {
		g.Errorf("%s: refused with %+v, want the code %q", what, got, want)
	}
}

// accepted fails the test if something was refused.
func (g *giver) accepted(what string, got *params.Error) {
	g.Helper()
	if got != nil {
		g.Errorf("%s: %v", what, got)
	}
}

func (g *giver) eventually(what string, cond func() bool) {
	g.Helper()
	deadline := time.Now().Add(g.env.Patience)
	for !cond() {
		if time.Now().After(deadline) {
			g.Fatalf("not within %v: %s", g.env.Patience, what)
		}
		time.Sleep(g.env.Poll)
	}
}

// one is the request about one entity.
func one(tag names.Tag) params.Entities {
	return params.Entities{Entities: []params.Entity{{Tag: tag.String()}}}
}
