package contract

import (
	"strings"
	"time"

	"github.com/juju/juju/rpc/params"
)

// refreshed: the application is at its new charm at once, its unit later. Asked again
// for the same, Juju 3 does nothing.
func (r *refresher) refreshed() {
	before := r.idleSince("tiny")
	url, origin := r.add("tiny")
	r.must(r.set("tiny", url, origin, nil))
	r.eventually("the application is at it", func() bool {
		st, _ := r.look("tiny")
		return st.Charm == url && st.CharmRev == 2 && st.CharmChannel == "1/stable"
	})
	r.arrives("tiny", before)
	if r.juju4() {
		return // it runs hooks again
	}
	var idle time.Time
	r.eventually("no hook is left to run", func() bool {
		idle = r.idleSince("tiny")
		time.Sleep(20 * r.env.Poll)
		return r.idleSince("tiny").Equal(idle)
	})
	_, again := r.now("tiny")
	r.must(r.set("tiny", url, again, nil))
	time.Sleep(20 * r.env.Poll)
	if _, u := r.look("tiny"); !u.AgentStatus.Since.Equal(idle) {
		r.Errorf("the same charm again: %+v", u.AgentStatus)
	}
}

// overtaken: what is published after a charm was resolved is what Juju 3 adds under its
// URL; what AddCharm answers shows it.
func (r *refresher) overtaken() {
	_, now := r.now("tiny")
	r.must(r.env.Publish(r.Context(), "tiny", 3))
	found := r.resolve("tiny", now)[0]
	if found.Error != nil || *found.Origin.Revision != 3 {
		r.Fatalf("%+v, %v", found, found.Error)
	}
	r.must(r.env.Publish(r.Context(), "tiny", 4))
	if origin := r.addExactly(found.URL, found.Origin); *origin.Revision != 4 {
		r.Errorf("AddCharm does not show that it is revision %d", *origin.Revision)
	}
}

// resource: a resource alone is a refresh that status does not show.
func (r *refresher) resource() {
	r.must(r.env.PublishBox(r.Context(), 2))
	before := r.idleSince("cargo")
	url, origin := r.add("cargo")
	var offered params.CharmResourcesResults
	entity := params.CharmURLAndOrigin{CharmURL: url, Origin: origin}
	r.must(r.ask("Charms", "ListCharmResources", params.CharmURLAndOrigins{Entities: []params.CharmURLAndOrigin{entity}}, &offered))
	if len(offered.Results) != 1 || len(offered.Results[0]) != 1 || offered.Results[0][0].Name != "box" || offered.Results[0][0].Revision != 2 {
		r.Fatalf("offered: %+v", offered)
	}
	if held := r.held(); held.Resources[0].Revision != 1 || held.Resources[0].Origin != "store" {
		r.Errorf("before: %+v", held)
	}
	ids := r.pend("cargo", url, origin, offered.Results[0][0].CharmResource)
	r.must(r.set("cargo", url, origin, map[string]string{"box": ids[0]}))
	if held := r.held(); held.Resources[0].Revision != 2 {
		r.Errorf("the application does not have it at once: %+v", held)
	}
	r.arrives("cargo", before)
	r.eventually("the unit has it", func() bool {
		units := r.held().UnitResources
		return len(units) == 1 && len(units[0].Resources) == 1 && units[0].Resources[0].Revision == 2
	})
	if !r.juju4() { // which does not look at them
		r.refusedWith("a resource that was taken", params.CodeNotFound, r.set("cargo", url, origin, map[string]string{"box": ids[0]}))
	}
}

// pend makes a resource of the store one that an application is to have.
func (r *refresher) pend(app, url string, origin params.CharmOrigin, box params.CharmResource) []string {
	r.Helper()
	var out params.AddPendingResourcesResult
	box.Origin, box.Revision, box.Fingerprint, box.Size = "store", -1, nil, 0
	r.must(r.ask("Resources", "AddPendingResources", params.AddPendingResourcesArgsV2{
		Entity: params.Entity{Tag: "application-" + app}, URL: url, CharmOrigin: origin, Resources: []params.CharmResource{box},
	}, &out))
	if out.Error != nil || len(out.PendingIDs) != 1 {
		r.Fatalf("%+v, %v", out, out.Error)
	}
	return out.PendingIDs
}

// held are the resources of cargo.
func (r *refresher) held() params.ResourcesResult {
	r.Helper()
	var out params.ResourcesResults
	r.must(r.ask("Resources", "ListResources", params.ListResourcesArgs{Entities: []params.Entity{{Tag: "application-cargo"}}}, &out))
	if len(out.Results) != 1 || out.Results[0].Error != nil || len(out.Results[0].Resources) != 1 {
		r.Fatalf("%+v", out)
	}
	return out.Results[0]
}

// failing: a unit whose upgrade-charm hook fails is at the new charm, in error, its
// agent idle. Resolved when what was wrong is mended, it arrives.
func (r *refresher) failing() {
	before := r.idleSince("tiny")
	r.must(r.env.Hooks(r.Context(), false))
	if url := r.refresh("tiny"); !strings.HasSuffix(url, "/tiny-4") {
		r.Errorf("refreshed to %s", url)
	}
	r.fails("tiny")
	r.must(r.env.Hooks(r.Context(), true))
	r.resolveUnit("tiny", true)
	r.arrives("tiny", before)
}

// resolveUnit resolves the error of an application's units, and says whether Juju took
// it: while it runs the hook again by itself, they are not in error.
func (r *refresher) resolveUnit(app string, retry bool) (taken bool) {
	r.Helper()
	st, _ := r.look(app)
	taken = true
	for name := range st.Units {
		tag := "unit-" + strings.ReplaceAll(name, "/", "-")
		var out params.ErrorResults
		args := params.UnitsResolved{Tags: params.Entities{Entities: []params.Entity{{Tag: tag}}}, Retry: retry}
		r.must(r.ask("Application", "ResolveUnitErrors", args, &out))
		for _, result := range out.Results {
			if result.Error != nil {
				r.Log(result.Error)
				taken = false
			}
		}
	}
	return taken
}

// passedBy: a unit in error does not follow its application, and nobody is told; resolved
// without its hook, it does.
func (r *refresher) passedBy() {
	before := r.idleSince("brittle")
	r.must(r.env.Publish(r.Context(), "brittle", 2))
	r.refresh("brittle")
	r.fails("brittle")
	r.must(r.env.Publish(r.Context(), "brittle", 3))
	url := r.refresh("brittle")
	r.eventually("the application is at it", func() bool { st, _ := r.look("brittle"); return st.Charm == url })
	time.Sleep(20 * r.env.Poll)
	st, u := r.look("brittle")
	if u.WorkloadStatus.Status != "error" && u.AgentStatus.Status != "executing" || !r.juju4() && !strings.HasSuffix(u.Charm, "/brittle-2") {
		r.Errorf("it was not passed by: %s, %+v", st.Charm, u)
	}
	r.eventually("its error is resolved", func() bool { return r.resolveUnit("brittle", false) })
	r.arrives("brittle", before)
}
