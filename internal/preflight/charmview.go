package preflight

import (
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// of narrows the view to an application.
func (v view) of(a *fleet.Application) view {
	v.app = a
	return v
}

// appPath names the view's application as Juju writes what is in a model.
func (v view) appPath() string { return v.here() + "." + v.app.Name }

// canRefresh says that charms of the model may be in the goal. Where models move, their
// charms are refreshed after them; those of the controllers are left as they are.
func (v view) canRefresh() bool {
	return v.goal.Refreshes() && v.reachable() && (!v.moves() || v.leaves())
}

// applications are views of those of the model of which the charm is in the goal.
func (v view) applications() []view {
	if !v.canRefresh() || v.m.Problem != nil {
		return nil
	}
	var out []view
	for i := range v.m.Status.Applications {
		if a := &v.m.Status.Applications[i]; v.goal.WantsApp(v.c, v.m, a.Name) {
			out = append(out, v.of(a))
		}
	}
	return out
}

// file is the archive that the application is given; nil when it is given none.
func (v view) file() *fleet.CharmFile { return v.goal.FileFor(v.c, v.m, v.app.Name) }

// alive says that the application is not being removed.
func (v view) alive() bool { return v.app.Life == "" || v.app.Life == "alive" }

// asksCharmhub says that the application gets its charm from Charmhub.
func (v view) asksCharmhub() bool { return v.file() == nil && v.app.Source() == fleet.Charmhub }

// release is what Charmhub has for an application that gets its charm there; nil where
// that is not known.
func (v view) release() *fleet.Release {
	if r := v.app.Release; v.asksCharmhub() && r != nil && r.Problem == nil {
		return r
	}
	return nil
}

// due says that there is another charm for the application, or that it is not known
// whether there is one.
func (v view) due() bool {
	switch {
	case v.file() != nil:
		return true
	case !v.asksCharmhub():
		return false
	case v.release() == nil:
		return true
	}
	return v.app.Newer() || v.app.OffChannel() && v.goal.NamesApp(v.c, v.m, v.app.Name)
}

// refreshes says that the application is to be refreshed, if nothing holds it.
func (v view) refreshes() bool { return v.due() && v.alive() }

// refreshing are the applications of the model that are to be refreshed.
func (v view) refreshing() []view {
	var out []view
	for _, a := range v.applications() {
		if a.refreshes() {
			out = append(out, a)
		}
	}
	return out
}

// refreshed says that charms of the model are to be refreshed. Of a model that could
// not be read that is not known: it is, where it may have such.
func (v view) refreshed() bool {
	if v.canRefresh() && v.m.Problem != nil {
		return v.mayHaveWanted()
	}
	return len(v.refreshing()) > 0
}

// mayHaveWanted says that an application of the model could be in the goal.
func (v view) mayHaveWanted() bool {
	if v.m.IsController {
		return v.goal.WantsApp(v.c, v.m, fleet.ControllerApplication)
	}
	if !v.goal.Wants(v.c, v.m) {
		return false
	}
	if len(v.goal.Apps) == 0 {
		return true
	}
	for _, p := range v.goal.Apps {
		if p.Model == nil || p.Model.Matches(v.c, v.m) {
			return true
		}
	}
	for _, f := range v.goal.CharmFiles {
		if f.App.Model == nil || f.App.Model.Matches(v.c, v.m) {
			return true
		}
	}
	return false
}

// refreshesAny says that charms of any model of the controller are to be refreshed.
func (v view) refreshesAny() bool {
	for i := range v.c.Models {
		if v.in(&v.c.Models[i]).refreshed() {
			return true
		}
	}
	return false
}

// touched says that anything of the model is to be changed: its agents, its place or
// its charms.
func (v view) touched() bool { return v.concerned() || v.refreshed() }

// touchedReadable says that the model is touched and that its status is known.
func (v view) touchedReadable() bool { return v.touched() && v.m.Problem == nil }

// touchedHosted says that the model is so and not the controller's own.
func (v view) touchedHosted() bool { return v.touchedReadable() && !v.m.IsController }

// onlyCharms says that charms are all of the model that is to be changed. What is
// found in a controller's own model then holds nothing else.
func (v view) onlyCharms() bool { return v.m != nil && !v.concerned() && v.refreshed() }

// shared says that all applications of the model that are to be refreshed have it in
// common, and that there are more than one: that is told once.
func (v view) shared(is func(view) bool) bool {
	all := v.of(nil).refreshing()
	for _, a := range all {
		if !is(a) {
			return false
		}
	}
	return len(all) > 1
}
