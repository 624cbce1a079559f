package contract

import (
	"context"
	"testing"
	"time"

	"github.com/juju/errors"

	"github.com/juju/juju/rpc/params"
)

// Charms is a model whose applications are refreshed, and the store and the machines
// behind it.
type Charms struct {
	Side
	// Model is the UUID of a model with these applications, each at revision 1 of
	// 1/stable, with one unit and a base of ubuntu@24.04: tiny; cargo, with revision 1 of
	// a resource of the type file, box; brittle, the upgrade-charm hook of whose revision
	// 2 always fails; future, whose revision 2 in 2/stable assumes a Juju that there is
	// not. In 3/stable of tiny there is a revision for ubuntu@22.04 alone.
	Model string
	// Publish releases a revision of a charm to its channel 1/stable; PublishBox one of
	// cargo's resource; Reachable says whether the controller reaches the store; Hooks
	// whether tiny's upgrade-charm hook goes well; Block whether all changes are blocked.
	Publish    func(ctx context.Context, charm string, revision int) error
	PublishBox func(ctx context.Context, revision int) error
	Reachable  func(ctx context.Context, reachable bool) error
	Hooks      func(ctx context.Context, well bool) error
	Block      func(ctx context.Context, blocked bool) error
	// Patience is how long to wait for units, Poll how often to look.
	Patience, Poll time.Duration
}

// RunCharms makes the assertions about what a controller shows and refuses when charms
// are refreshed. At its end tiny is at revision 4, cargo has box 2, brittle is at 3.
func RunCharms(t *testing.T, env Charms) {
	for _, part := range []struct {
		name string
		run  func(*refresher)
	}{
		{"what a channel has", (*refresher).resolved},
		{"refusals", (*refresher).refused},
		{"blocks", (*refresher).blocked},
		{"no store", (*refresher).unreachable},
		{"assumptions", (*refresher).assumed},
		{"refresh", (*refresher).refreshed},
		{"published meanwhile", (*refresher).overtaken},
		{"resource", (*refresher).resource},
		{"failing hook", (*refresher).failing},
		{"unit in error", (*refresher).passedBy},
	} {
		// The parts are in order: revisions are published one after the other.
		if !t.Run(part.name, func(t *testing.T) { part.run(&refresher{T: t, env: env}) }) {
			t.FailNow()
		}
	}
}

type refresher struct {
	*testing.T
	env Charms
}

// juju4 says that the controller is one of Juju 4.
func (r *refresher) juju4() bool { return r.env.Version.Major >= 4 }

func (r *refresher) must(err error) {
	r.Helper()
	if err != nil {
		r.Fatal(err)
	}
}

// ask calls a method of a facade of the model, the newest that both sides know.
func (r *refresher) ask(facade, method string, args, out any) error {
	conn, err := r.env.Open(r.Context(), r.env.Model)
	if err != nil {
		return errors.Annotate(err, "cannot log in")
	}
	defer conn.Close()
	return conn.APICall(facade, conn.BestFacadeVersion(facade), "", method, args, out)
}

// now is the charm of an application and where that comes from.
func (r *refresher) now(app string) (url string, origin params.CharmOrigin) {
	r.Helper()
	var out params.CharmURLOriginResult
	r.must(r.ask("Application", "GetCharmURLOrigin", params.ApplicationGet{ApplicationName: app, BranchName: "master"}, &out))
	if out.Error != nil {
		r.Fatal(out.Error)
	}
	return out.URL, out.Origin
}

// resolve asks for what the channels of origins have.
func (r *refresher) resolve(charm string, origins ...params.CharmOrigin) []params.ResolveCharmWithChannelResult {
	r.Helper()
	var args params.ResolveCharmsWithChannel
	for _, o := range origins {
		args.Resolve = append(args.Resolve, params.ResolveCharmWithChannel{Reference: "ch:" + o.Architecture + "/" + charm, Origin: o})
	}
	var out params.ResolveCharmWithChannelResults
	r.must(r.ask("Charms", "ResolveCharms", args, &out))
	if len(out.Results) != len(origins) {
		r.Fatalf("%d results of %d", len(out.Results), len(origins))
	}
	return out.Results
}

// add gives the model what the application's channel has.
func (r *refresher) add(app string) (url string, origin params.CharmOrigin) {
	r.Helper()
	_, now := r.now(app)
	found := r.resolve(app, now)[0]
	if found.Error != nil {
		r.Fatal(found.Error)
	}
	return found.URL, r.addExactly(found.URL, found.Origin)
}

func (r *refresher) addExactly(url string, origin params.CharmOrigin) params.CharmOrigin {
	r.Helper()
	var out params.CharmOriginResult
	r.must(r.ask("Charms", "AddCharm", params.AddCharmWithOrigin{URL: url, Origin: origin}, &out))
	if out.Error != nil {
		r.Fatal(out.Error)
	}
	return out.Origin
}

func (r *refresher) set(app, url string, origin params.CharmOrigin, resources map[string]string) error {
	return r.ask("Application", "SetCharm", params.ApplicationSetCharm{
		ApplicationName: app, Generation: "master", CharmURL: url, CharmOrigin: &origin, Channel: origin.Risk, ResourceIDs: resources,
	}, nil)
}

// refresh brings an application to what its channel has, and returns its URL.
func (r *refresher) refresh(app string) string {
	r.Helper()
	url, origin := r.add(app)
	r.must(r.set(app, url, origin, nil))
	return url
}

// look is an application and its unit as status shows them.
func (r *refresher) look(app string) (params.ApplicationStatus, params.UnitStatus) {
	r.Helper()
	var out params.FullStatus
	r.must(r.ask("Client", "FullStatus", params.StatusParams{}, &out))
	st, there := out.Applications[app]
	if !there || len(st.Units) != 1 {
		r.Fatalf("application %s: %+v", app, st)
	}
	for _, u := range st.Units {
		return st, u
	}
	return st, params.UnitStatus{}
}

func (r *refresher) eventually(what string, cond func() bool) {
	r.Helper()
	deadline := time.Now().Add(r.env.Patience)
	for !cond() {
		if time.Now().After(deadline) {
			r.Fatalf("not within %v: %s", r.env.Patience, what)
		}
		time.Sleep(r.env.Poll)
	}
}

// idleSince is since when an application's unit has nothing to do.
func (r *refresher) idleSince(app string) time.Time {
	r.Helper()
	var since time.Time
	r.eventually(app+" is idle", func() bool {
		_, u := r.look(app)
		since = *u.AgentStatus.Since
		return u.AgentStatus.Status == "idle"
	})
	return since
}

// arrives waits until a unit runs its application's charm and has nothing to do, and has
// done something since a moment before.
func (r *refresher) arrives(app string, before time.Time) {
	r.Helper()
	r.eventually(app+" arrives", func() bool {
		_, u := r.look(app)
		return u.Charm == "" && u.AgentStatus.Status == "idle" && u.AgentStatus.Since.After(before) && u.WorkloadStatus.Status != "error"
	})
}

// fails waits until a unit shows that its upgrade-charm hook has failed. It is at the
// new charm then.
func (r *refresher) fails(app string) {
	r.Helper()
	r.eventually(app+"'s hook fails", func() bool {
		_, u := r.look(app)
		return u.Charm == "" && u.WorkloadStatus.Status == "error" && u.WorkloadStatus.Info == `hook failed: "upgrade-charm"`
	})
}

// refusedWith checks the code of an error.
func (r *refresher) refusedWith(what, want string, err error) {
	r.Helper()
	if err == nil || code(err) != want {
		r.Errorf("%s: %v (%q), want code %q", what, err, code(err), want)
	}
}

// unmoved checks that an application has the charm that it had.
func (r *refresher) unmoved(app, url string) {
	r.Helper()
	if now, _ := r.now(app); now != url {
		r.Errorf("%s is at %s, want %s", app, now, url)
	}
}
