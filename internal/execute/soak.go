package execute

import (
	"context"
	"fmt"
	"time"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

// Soak watches the models that went first for a while: the others begin when these
// are well at its end.
type Soak struct {
	Watcher Watcher
	// Before is the health of each model, by UUID, at the first start of the run.
	Before map[string]fleet.Health
	// Since tells when a step first began: a resumed run goes on with its time.
	Since func(step string) time.Time
}

// Look implements Kind.
func (k Soak) Look(ctx context.Context, s plan.Step) (Sight, error) {
	sight := Sight{Stage: There}
	for _, model := range s.Models {
		status, err := k.Watcher.ModelStatus(ctx, s.Where(), model)
		if err != nil {
			at := s
			at.Model = model
			if lost, goneErr := gone(ctx, k.Watcher, at, err); goneErr == nil && lost.Stage == Gone {
				continue // it was destroyed by somebody: it has nothing to tell
			}
			return Sight{}, err
		}
		now := fleet.HealthOf(status)
		worse := fleet.Worse(k.Before[model.UUID], now)
		for i := range worse {
			worse[i].Agent = model.Name + " " + worse[i].Agent
		}
		sight.Awaited += len(now)
		sight.There += len(now) - len(worse)
		sight.Regressions = append(sight.Regressions, worse...)
	}
	over := time.Since(k.Since(s.ID))
	switch {
	case len(sight.Regressions) > 0:
		sight.Stage, sight.Note = Coming, describe(sight.Regressions)
	case over < s.Soak:
		sight.Stage = Coming
		sight.Note = fmt.Sprintf("well so far, %s left", (s.Soak - over).Round(time.Second))
		sight.Mark = over.Truncate(10 * time.Second).String()
	}
	return sight, nil
}

// Act implements Kind. There is nothing to ask for: Look never says Absent.
func (k Soak) Act(context.Context, plan.Step) error { return errNothingToAsk }
