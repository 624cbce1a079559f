package jujuapi

import (
	"context"

	"github.com/juju/names/v5"
	"github.com/juju/version/v2"

	"github.com/juju/juju/api/base"
	"github.com/juju/juju/rpc/params"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// facade ModelUpgrader is served as v1 on controller connections (2.9 to 3.x), as
// v1 on model connections (4.0.0 to 4.0.11), and as v2 on controller connections
// (from 4.0.12 on). The parameters are the same. The linked library has only v1 in
// its table of facades, so that v2 is called by number.
const upgraderFacade = "ModelUpgrader"

// Versions of Juju at which ModelUpgrader changed (PR #22488).
func upgraderMoves() (onModel, secondVersion version.Number) {
	return version.MustParse("4.0.0"), version.MustParse("4.0.12")
}

// upgrade makes the one call that asks for an upgrade, or whether it would be
// refused: args.DryRun is the caller's to set, and the callers are objections.go
// (always true) and writer.go (never).
func (s *Session) upgrade(ctx context.Context, controller, model fleet.Ref, args params.UpgradeModelParams,
	send func(context.Context, *Session, key, func(*conn) (params.UpgradeModelResult, error)) (params.UpgradeModelResult, error),
) (params.UpgradeModelResult, error) {
	args.ModelTag = names.NewModelTag(model.UUID).String()
	tries, err := s.upgraderTries(ctx, controller, model)
	if err != nil {
		return params.UpgradeModelResult{}, err
	}
	var result params.UpgradeModelResult
	for _, try := range tries {
		result, err = send(ctx, s, try.key, func(c *conn) (params.UpgradeModelResult, error) {
			var result params.UpgradeModelResult
			if !c.serves(upgraderFacade, try.version) {
				return result, lacks(c, upgraderFacade)
			}
			err := base.NewFacadeCallerForVersion(c, upgraderFacade, try.version).FacadeCall("UpgradeModel", args, &result)
			return result, err
		})
		// What the server does not have has changed nothing: try the other way.
		if fleet.CodeOf(err) != fleet.Unsupported {
			break
		}
	}
	return result, err
}

// upgraderTry is one way to reach ModelUpgrader.
type upgraderTry struct {
	key     key
	version int
}

// upgraderTries lists the ways, the likeliest first by the server's version.
func (s *Session) upgraderTries(ctx context.Context, controller, model fleet.Ref) ([]upgraderTry, error) {
	whole := key{controller: controller}
	c, err := s.pool.get(ctx, whole)
	if err != nil {
		return nil, err
	}
	defer c.release()
	first := upgraderTry{whole, 1}
	onModel := upgraderTry{key{controller, model.UUID}, 1}
	second := upgraderTry{whole, 2}
	moved, renewed := upgraderMoves()
	switch v := c.version.ToPatch(); {
	case v.Compare(moved) < 0:
		return []upgraderTry{first, second}, nil
	case v.Compare(renewed) < 0:
		return []upgraderTry{onModel, second}, nil
	}
	return []upgraderTry{second, onModel}, nil
}
