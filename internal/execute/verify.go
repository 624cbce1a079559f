package execute

import (
	"context"
	"errors"
	"fmt"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

// Verify compares a model's health with what it was before the run first
// began. What got worse has the step's stall time to get well again.
type Verify struct {
	Watcher Watcher
	// Before is the health of each model, by UUID, at the first start of the run.
	Before map[string]fleet.Health
}

// Look implements Kind.
func (k Verify) Look(ctx context.Context, s plan.Step) (Sight, error) {
	before, ok := k.Before[s.Model.UUID]
	if !ok {
		return Sight{}, fmt.Errorf("the health of %s before the run is not on record", s.Model.Name)
	}
	status, err := k.Watcher.ModelStatus(ctx, s.Controller, s.Model)
	if err != nil {
		return Sight{}, err
	}
	now := fleet.HealthOf(status)
	for _, name := range s.Absent {
		// Accepted as absent: its workload is not seen, so not compared.
		delete(now, name)
	}
	worse := fleet.Worse(before, now)
	sight := Sight{Stage: There, Awaited: len(now), There: len(now) - len(worse), Regressions: worse}
	if len(worse) > 0 {
		sight.Stage = Coming
		sight.Note = describe(worse)
	}
	return sight, nil
}

// Act implements Kind. There is nothing to ask for: Look never says Absent.
func (k Verify) Act(context.Context, plan.Step) error {
	return errors.New("nothing can be done about a model's health")
}

func describe(worse []fleet.Regression) string {
	r := worse[0]
	text := fmt.Sprintf("%s is %s", r.Agent, r.After.Status)
	if r.After.Message != "" {
		text += " (" + r.After.Message + ")"
	}
	if len(worse) > 1 {
		text += fmt.Sprintf(" and %d more", len(worse)-1)
	}
	return text
}
