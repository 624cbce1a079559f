package execute_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/journal"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

func soakSetup() (*controller, setup) {
	a := newController("a", 2)
	return a, setup{
		world:   newWorld(a),
		goal:    fleet.Goal{Canary: []fleet.ModelPattern{{Name: "a-m1"}}},
		options: plan.Options{Parallel: 2, MaxFailures: 1, Soak: 10 * time.Minute},
	}
}

func TestTheOthersBeginWhenCanariesHaveBeenWellForLongEnough(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, s := soakSetup()
		d := s.run(t)
		wantDone(t, d)
		if wait := a.models["a-m0"].asked.Sub(a.models["a-m1"].asked); wait < 10*time.Minute || wait > 12*time.Minute {
			t.Errorf("the second model began %s after the canary", wait)
		}
	})
}

func TestACanaryThatFallsIllHoldsTheOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, s := soakSetup()
		time.AfterFunc(5*time.Minute, func() {
			s.world.mu.Lock()
			defer s.world.mu.Unlock()
			a.models["a-m1"].sick = map[string]fleet.Condition{"unit app/0": {Status: "error"}}
		})
		d := s.run(t)
		wantStatus(t, d, map[string]journal.Status{"/a/soak": journal.Failed, "/a/models/admin/a-m0/upgrade": journal.Held})
		if r := d.State().Steps["/a/soak"].Record; len(r.Regressions) != 1 || !strings.Contains(r.Meaning, "the others have not begun") || s.world.asked["a-m0"] > 0 {
			t.Errorf("the account is %+v", r)
		}
	})
}

func TestSoakingGoesOnWithItsTimeAfterAResume(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, s := soakSetup()
		before := s.world.before()
		d := &diary{plan: s.plan()}
		ctx, cancel := context.WithTimeout(t.Context(), 6*time.Minute)
		defer cancel()
		if err := s.engine(d, before).Run(ctx); err != nil {
			t.Fatal(err)
		}
		if err := s.engine(d, before).Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		wantDone(t, d)
		if wait := a.models["a-m0"].asked.Sub(a.models["a-m1"].asked); wait < 10*time.Minute || wait > 12*time.Minute {
			t.Errorf("the second model began %s after the canary", wait)
		}
	})
}
