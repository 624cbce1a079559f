package discover

import (
	"context"
	"slices"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// CharmReader is how discover sees charms.
type CharmReader interface {
	// Applications returns those applications of the model that wanted picks, with
	// their Release: what their channels have, resources included. The model's Status
	// was read before. The number of calls does not grow with the applications, but where
	// one answer of a batch spoils it, and on Kubernetes, up to Juju 3, with the charms
	// that are to be others. What Charmhub does not tell of one application is that one's
	// Problem. An application whose charm is not from Charmhub has no Release.
	Applications(ctx context.Context, c fleet.Controller, m fleet.Model, wanted func(application string) bool) ([]fleet.Application, error)
}

// applications fills in what Charmhub has for those of the model's applications that
// the goal is about. What cannot be asked is each one's Problem.
func applications(ctx context.Context, r CharmReader, c fleet.Controller, m *fleet.Model, goal fleet.Goal) {
	wanted := func(name string) bool { return goal.WantsApp(&c, m, name) && goal.FileFor(&c, m, name) == nil }
	if m.Problem != nil || !slices.ContainsFunc(m.Status.Applications, func(a fleet.Application) bool {
		return a.Source() == fleet.Charmhub && wanted(a.Name)
	}) {
		return
	}
	found, err := r.Applications(ctx, c, *m, wanted)
	for i := range m.Status.Applications {
		a := &m.Status.Applications[i]
		switch j := slices.IndexFunc(found, func(f fleet.Application) bool { return f.Name == a.Name }); {
		case err == nil && j >= 0:
			a.Release, a.Storage, a.Podspec = found[j].Release, found[j].Storage, found[j].Podspec
		case err != nil && a.Source() == fleet.Charmhub && wanted(a.Name):
			a.Release = &fleet.Release{Problem: problem(err)}
		}
	}
}
