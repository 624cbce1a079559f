package discover

import (
	"context"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// CharmReader is how discover sees charms.
type CharmReader interface {
	// Applications returns those applications of the model that wanted picks, with
	// their Release: what their channels have, resources included. The model's Status
	// was read before. The number of calls does not grow with the applications,
	// but where one answer of a batch spoils it. What Charmhub does not tell of one
	// application is that one's Problem. An application whose charm is not from
	// Charmhub has no Release.
	Applications(ctx context.Context, c fleet.Controller, m fleet.Model, wanted func(application string) bool) ([]fleet.Application, error)
}
