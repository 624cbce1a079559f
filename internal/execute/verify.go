package execute

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

// Verify compares a model's health with what it was before the run first
// began. What got worse has the step's stall time to get well again.
//
// A unit that still runs a hook may yet fail it: it has settleTime to get done.
type Verify struct {
	Watcher Watcher
	// Before is the health of each model, by UUID, at the first start of the run.
	Before map[string]fleet.Health
	// Settling is when each step was first seen with hooks still running. It
	// only spares time, so a resumed run begins with an empty one.
	Settling *Settling
}

// settleTime is how long hooks that run right after an upgrade are waited for.
const settleTime = 30 * time.Second

// Settling remembers since when steps are waited for.
type Settling struct {
	mu    sync.Mutex
	since map[string]time.Time
}

// expired says whether the step has been settling for that long, and notes when it
// began to.
func (s *Settling) expired(step string, enough time.Duration) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.since == nil {
		s.since = map[string]time.Time{}
	}
	if _, ok := s.since[step]; !ok {
		s.since[step] = time.Now()
	}
	return time.Since(s.since[step]) >= enough
}

// began says whether the step is settling.
func (s *Settling) began(step string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	_, ok := s.since[step]
	return ok
}

// forget says that the step is not waited for any more: what comes next begins anew.
func (s *Settling) forget(step string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.since, step)
}

// Look implements Kind.
func (k Verify) Look(ctx context.Context, s plan.Step) (Sight, error) {
	before, ok := k.Before[s.Model.UUID]
	if !ok {
		return Sight{}, &certainError{fmt.Errorf("the health of %s before the run is not on record", s.Model.Name)}
	}
	status, err := k.Watcher.ModelStatus(ctx, s.Where(), s.Model)
	if err != nil {
		return gone(ctx, k.Watcher, s, err)
	}
	now := fleet.HealthOf(status)
	for _, name := range s.Absent {
		// Accepted as absent: its workload is not seen, so not compared.
		delete(now, name)
	}
	for _, app := range s.Beside {
		for _, unit := range status.UnitsOf(app) {
			delete(now, unit.String())
		}
	}
	worse := fleet.Worse(before, now)
	sight := Sight{Stage: There, Awaited: len(now), There: len(now) - len(worse), Regressions: worse}
	if len(worse) > 0 {
		sight.Stage = Coming
		sight.Note = describe(worse)
		if len(pausing(s, status, worse)) > 0 {
			waitsForOperator(s, &sight, worse)
		}
	} else if pauses := applicationPauses(s, status, before); len(pauses) > 0 {
		sight.Stage, sight.Regressions = Coming, pauses
		waitsForOperator(s, &sight, pauses)
	} else if busy := executing(status); busy != "" && !k.Settling.expired(s.ID, settleTime) {
		sight.Stage = Coming
		sight.Note = busy + " still runs a hook"
	}
	return sight, nil
}

// executing names a unit that is running a hook or an action.
func executing(status fleet.ModelStatus) string {
	for _, a := range status.Agents {
		if a.State.Status == "executing" {
			return a.String()
		}
	}
	return ""
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
