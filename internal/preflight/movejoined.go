package preflight

import (
	"fmt"
	"slices"
	"strings"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// crossModel tells where the other ends of a model's cross-model relations will be.
func crossModel(v view) []say {
	ends := append(v.offers(), v.remotes()...)
	if len(ends) == 0 {
		return nil
	}
	slices.Sort(ends)
	return one(say{
		meaning: "it has cross-model relations, of which Juju has lost some in migrations (issues #22517, #23311): " + some(slices.Compact(ends)) +
			"; they are looked at after the move, on both sides",
		see: []string{"juju status -m " + v.here() + " --relations", "juju offers -m " + v.here()},
	})
}

// offers are the offers of the model that others use, with their consumers.
func (v view) offers() []string {
	var out []string
	for _, o := range v.m.Status.Offers {
		var users []string
		for i := range v.c.Models {
			other := v.in(&v.c.Models[i])
			if other.m.UUID != v.m.UUID && slices.ContainsFunc(other.m.Status.Remotes, func(r fleet.Remote) bool { return v.isOf(r, o) }) {
				users = append(users, other.m.Name+" ("+other.whereabouts()+")")
			}
		}
		slices.Sort(users)
		switch {
		case len(users) > 0:
			out = append(out, "offers "+o.Name+" to "+some(users))
		case o.Total > 0:
			out = append(out, fmt.Sprintf("offers %s, %s, to models that are not seen from here", o.Name, count(o.Total, "relation")))
		}
	}
	return out
}

// isOf says whether a remote application is of an offer of the view's model.
func (v view) isOf(r fleet.Remote, o fleet.Offer) bool {
	controller, model := r.OfferedBy()
	return v.isHere(controller) && model == v.m.Name && strings.HasSuffix(r.OfferURL, "."+o.Name)
}

// isHere says whether a controller's name, in the URL of an offer, is of the
// view's.
func (v view) isHere(name string) bool {
	return name == "" || name == v.c.Name || slices.Contains(v.c.Aliases, name)
}

// remotes are the offers of others that the model uses.
func (v view) remotes() []string {
	var out []string
	for _, r := range v.m.Status.Remotes {
		controller, model := r.OfferedBy()
		there := v.there.controller
		where := "on " + controller + ", which is not looked at"
		switch {
		case v.isHere(controller):
			where = "not seen from here"
			for i := range v.c.Models {
				if v.c.Models[i].Name == model {
					where = v.in(&v.c.Models[i]).whereabouts()
				}
			}
		case controller == there.Name || slices.Contains(there.Aliases, controller):
			where = "already on " + there.Name
		}
		out = append(out, "uses "+r.Name+" of "+model+" ("+where+")")
	}
	return out
}

// whereabouts is where a model of the source will be.
func (v view) whereabouts() string {
	there := v.there.byUUID[v.m.UUID]
	switch {
	case v.leaves():
		return "moves too"
	case there != nil && landed(there):
		return "already on " + v.there.controller.Name
	}
	return "stays behind"
}
