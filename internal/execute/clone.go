package execute

import (
	"context"
	"fmt"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

// CloneItem gives a controller one thing that another one has. What is there already
// is left as it is.
type CloneItem struct {
	Comparer Comparer
	Cloner   Cloner
}

// Look implements Kind.
func (k CloneItem) Look(ctx context.Context, s plan.Step) (Sight, error) {
	likeness, err := k.Comparer.Compare(ctx, s.Controller, s.Target, *s.Item)
	if err != nil {
		return Sight{}, err
	}
	switch likeness {
	case fleet.Same:
		return Sight{Stage: There}, nil
	case fleet.Different:
		return Sight{Stage: There, Result: "is there, differs, and is left as it is"}, nil
	case fleet.Forgotten:
		return Sight{Stage: Gone, Note: s.Controller.Name + " does not have it any more"}, nil
	case fleet.Lacking:
	}
	return Sight{Stage: Absent}, nil
}

// Act implements Kind.
func (k CloneItem) Act(ctx context.Context, s plan.Step) error {
	err := k.Cloner.Clone(ctx, s.Controller, s.Target, *s.Item)
	if fleet.CodeOf(err) == fleet.Exists {
		return nil // the next look tells whether it is the same
	}
	if err != nil {
		return fmt.Errorf("cannot clone %s to %s: %w", s.Item.Path(), s.Target.Name, err)
	}
	return nil
}
