package execute

import (
	"context"
	"fmt"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

// Relations sees that the connections to what a model offers are joined again, when
// the model and its consumers have moved: the controller counts them on the
// offering side, and shows a consumer's side as joined whatever the case.
type Relations struct {
	Watcher Watcher
	// Before is what was recorded of each model, by UUID, at the first start.
	Before map[string]fleet.Health
}

// Look implements Kind.
func (k Relations) Look(ctx context.Context, s plan.Step) (Sight, error) {
	status, err := k.Watcher.ModelStatus(ctx, s.Where(), s.Model)
	if err != nil {
		return gone(ctx, k.Watcher, s, err)
	}
	now := fleet.OffersOf(status)
	apart := fleet.Unjoined(k.Before[s.Model.UUID], now)
	sight := Sight{Stage: There, Mark: fmt.Sprint(len(now)), Regressions: apart}
	if len(apart) > 0 {
		sight.Stage, sight.Note = Coming, describe(apart)
	}
	return sight, nil
}

// Act implements Kind. There is nothing to ask for: Look never says Absent.
func (k Relations) Act(context.Context, plan.Step) error { return errNothingToAsk }
