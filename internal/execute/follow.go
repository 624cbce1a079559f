package execute

import (
	"context"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

// FollowModels has the client on this machine find the models that have moved, so
// that what the operator types next works.
type FollowModels struct {
	Watcher Watcher
	Store   ClientStore
}

// Look implements Kind.
func (k FollowModels) Look(ctx context.Context, s plan.Step) (Sight, error) {
	moved, err := k.moved(ctx, s)
	if err != nil {
		return Sight{}, err
	}
	known, err := k.Store.Knows(s.Controller, s.Target, moved)
	if err != nil {
		return Sight{}, err
	}
	sight := Sight{Stage: Absent, Awaited: len(moved)}
	if known {
		sight.Stage, sight.There = There, len(moved)
	}
	return sight, nil
}

// moved are the step's models that are on the target, and work there.
func (k FollowModels) moved(ctx context.Context, s plan.Step) ([]fleet.Model, error) {
	there, err := k.Watcher.Models(ctx, s.Target)
	if err != nil {
		return nil, err
	}
	var out []fleet.Model
	for _, ref := range s.Models {
		if m := modelOf(there, ref); m != nil && !m.Importing() {
			out = append(out, *m)
		}
	}
	return out, nil
}

// Act implements Kind.
func (k FollowModels) Act(ctx context.Context, s plan.Step) error {
	moved, err := k.moved(ctx, s)
	if err != nil {
		return err
	}
	return k.Store.Follow(ctx, s.Controller, s.Target, moved)
}
