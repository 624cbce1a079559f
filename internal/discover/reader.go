// Package discover looks at the world: Reader → fleet.Fleet, parallel over
// models, bounded, and partial where a controller or a model does not answer.
//
// It imports fleet only and changes nothing.
package discover

import (
	"context"

	"github.com/juju/version/v2"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// Reader is how discover sees Juju. Nothing in it can change anything. Its
// errors are *fleet.Problem in their chain wherever the cause is known.
type Reader interface {
	// Login opens the controller of that registry name and returns who answers
	// there: UUID, version, user, access, the API servers as the controller
	// names them (not yet probed). It may prompt; calls are made one after the
	// other. A controller that does not answer is an error.
	Login(ctx context.Context, name string) (fleet.Controller, error)

	// Controller fills in what the controller itself can tell, in a constant
	// number of calls: cloud, agent stream, models (without their Status),
	// command blocks, each server probed on its own, or that it is Upgrading.
	Controller(ctx context.Context, c fleet.Controller) (fleet.Controller, error)

	// Objections asks the controller, as a dry run, to upgrade itself to the
	// target, or to the newest patch that it sees when target is zero. It
	// cannot send anything but a dry run.
	Objections(ctx context.Context, c fleet.Controller, target version.Number) (fleet.Objections, error)

	// Model reads one model: its status in one call, and the actions that are
	// running when an agent is seen executing. It returns the model with
	// Status and Operations filled in.
	Model(ctx context.Context, c fleet.Controller, m fleet.Model) (fleet.Model, error)

	// Holdings reads what a controller has besides its models, in a constant
	// number of calls. It takes a superuser.
	Holdings(ctx context.Context, c fleet.Controller) (fleet.Holdings, error)

	// Newcomer tells what a controller of that name will be when it is made so: its
	// version, cloud, user, and Holdings, all from this machine alone. It is Planned.
	// A cloud, region or credential that the client does not know, and a name that
	// it has already, are its Problem.
	Newcomer(ctx context.Context, name string, how fleet.Bootstrap) (fleet.Controller, error)

	// Belongings reads what the models of source would bring along, compared with
	// what target has, in a number of calls that grows with the clouds and owners
	// of credentials, not with the models. It returns them by the UUID of the
	// model; a model that it could not read is not in it. Credentials are compared
	// inside: no value of one comes out. It takes a superuser on both. A Planned target
	// is not asked, and has none of the same.
	Belongings(ctx context.Context, source, target fleet.Controller, models []fleet.Model) (map[string]fleet.Belongings, error)

	// Charms reads the charms of a model's applications: a call for each charm.
	Charms(ctx context.Context, c fleet.Controller, m fleet.Model) ([]fleet.Charm, error)

	CharmReader

	// MoveRefusal asks source, as a dry run, to migrate the model to target, and
	// returns its refusal, nil when it has none. A server that has no such dry run
	// would begin the migration: it is not asked, and the answer is nil.
	MoveRefusal(ctx context.Context, source, target fleet.Controller, m fleet.Model) (*fleet.Problem, error)
}
