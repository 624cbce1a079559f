package preflight

import (
	"fmt"
	"slices"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// charmWants are checks of what the new charm wants of the model, or of the controller.
func charmWants() []check {
	return []check{
		ofApplication("charm-assumes", fleet.Blocker, true, "The new charm assumes what the model does not have; Juju refuses it, or would have it fail.", view.refreshes, charmAssumes),
		ofApplication("charm-resource-lacking", fleet.Blocker, false, "The new charm wants a resource that the application does not have, which Juju 4 does not give it together with the charm.", view.refreshes, charmResourceLacking),
	}
}

// charmAssumes is what the controller has said of the model as it is: where the run
// brings that to another version first, or moves it, nothing is known.
func charmAssumes(v view) []say {
	r := v.release()
	if r == nil || r.Objection == "" || v.goal.UpgradesAgents() && v.concerned() {
		return nil
	}
	return one(say{
		meaning: fmt.Sprintf("revision %d of %s assumes what the model does not have: %s", r.Revision, v.app.Charm(), oneLine(r.Objection)),
		see:     []string{v.inform(), "juju show-model " + v.here()},
		fix:     []string{v.withoutApp()},
	})
}

// charmResourceLacking is about 4.x, which sets resources of the charm of now alone, and
// before the new one comes. (seen on 4.1-beta2)
func charmResourceLacking(v view) []say {
	at := v.c
	if v.moves() {
		at = v.there.controller
	}
	r := v.release()
	if r == nil || at.Version.Major < 4 {
		return nil
	}
	i := slices.IndexFunc(r.Resources, func(one fleet.Resource) bool { return one.Now < 0 && one.Changes() })
	if i < 0 {
		return nil
	}
	return one(say{
		meaning: fmt.Sprintf("revision %d of %s wants a resource %s, which the application does not have: Juju %s gives it none before it has the charm, and the charm's hooks would fail",
			r.Revision, v.app.Charm(), r.Resources[i].Name, at.Version),
		see: []string{v.inform(), "juju resources -m " + v.here() + " " + v.app.Name},
		fix: []string{"juju refresh -m " + v.here() + " " + v.app.Name + "   # it meets the same; its hooks are to be resolved then", v.withoutApp()},
	})
}
