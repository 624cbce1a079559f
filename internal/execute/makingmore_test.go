package execute_test

import (
	"errors"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/execute"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/journal"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

// TestTheArgumentsOfABootstrapAreTheSameEveryTime: in one order, the operator's last.
func TestTheArgumentsOfABootstrapAreTheSameEveryTime(t *testing.T) {
	step := plan.Step{
		Target: fleet.Ref{Name: "new"}, Config: map[string]string{"c": "3", "a": "1 and = more", "d": "4", "b": ""},
		Bootstrap: &fleet.Bootstrap{Cloud: "manual", KeepBroken: true, Args: []string{"--config", "a=2", "-v"}},
	}
	want := []string{
		"bootstrap", "manual", "new", "--no-switch", "--keep-broken",
		"--config", "a=1 and = more", "--config", "b=", "--config", "c=3", "--config", "d=4", "--config", "a=2", "-v",
	}
	for range 20 {
		if got := execute.BootstrapArguments(step); !slices.Equal(got, want) {
			t.Fatalf("they are %q", got)
		}
	}
}

func TestAControllerHasComeUpWhenItServesAndAllOfItsOwnAgentsAreThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, s := making(1, 1)
		w.busy = 90 * time.Second
		d := s.run(t)
		wantDone(t, d)
		wantMade(t, w, 1, 1)
		if step := d.Step("/t/bootstrap"); step.Last.Sub(step.Began) < addressed+w.busy {
			t.Errorf("done after %s", step.Last.Sub(step.Began))
		}
	})
	synctest.Test(t, func(t *testing.T) {
		w, s := making(1, 1)
		d := &diary{plan: s.plan()}
		own := w.target.models["t-own"]
		own.agents = append(own.agents, "unit controller/0")
		own.never = map[string]bool{"unit controller/0": true}
		s.carry(t, d, w.before())
		r := d.Step("/t/bootstrap").Record
		if r.Status != journal.Failed || len(r.Missing) != 1 || r.Missing[0].String() != "unit controller/0" || len(w.added) > 0 {
			t.Errorf("it is %+v, made are %v", r, w.added)
		}
		own.never = nil
		s.carry(t, d, w.before())
		wantDone(t, d)
		wantMade(t, w, 1, 1)
	})
}

// TestARegistryThatCanNotBeReadIsNotTakenForAnEmptyOne: just before juju is started.
func TestARegistryThatCanNotBeReadIsNotTakenForAnEmptyOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, s := making(1, 1)
		w.unread = errors.New("controllers.yaml is torn")
		d := s.run(t)
		if r := d.Step("/t/bootstrap").Record; !strings.Contains(r.Detail, "is torn") || w.begun("bootstrap") > 0 {
			t.Errorf("it is %+v; %d bootstraps", r, w.begun("bootstrap"))
		}
	})
}

// TestABootstrapThatTellsNothingHasAllTheTimeOfJuju: whatever --stall says of agents.
func TestABootstrapThatTellsNothingHasAllTheTimeOfJuju(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, s := making(1, 1)
		w.fate = fate{after: 15 * time.Minute, silent: true}
		s.options.Stall = time.Minute
		d := s.run(t)
		wantDone(t, d)
		wantMade(t, w, 1, 1)
	})
	synctest.Test(t, func(t *testing.T) {
		w, s := making(1, 1)
		w.fate = fate{after: 70 * time.Minute} // and tells something now and then
		wantDone(t, s.run(t))
		wantMade(t, w, 1, 1)
	})
	synctest.Test(t, func(t *testing.T) {
		w, s := making(1, 1)
		w.fate = fate{after: 2 * time.Hour, silent: true}
		before := w.before()
		d := &diary{plan: s.plan()}
		s.carry(t, d, before)
		wantTold(t, d.Step("/t/bootstrap").Record, "juju upgrade-all resume 1", "nothing has moved for 30m0s: Running machine configuration script...")
		time.Sleep(2 * time.Hour)
		s.carry(t, d, before)
		wantDone(t, d)
		wantMade(t, w, 1, 1)
	})
}

func TestARestoreHasArrivedWhenAllIsServedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, s := restoring(t, 1)
		w.busy = 3 * time.Minute // after which it is made, and serves; and then again
		w.restores = func() { w.busy = 6 * time.Minute }
		d := s.run(t)
		wantDone(t, d)
		if step := d.Step("/t/restore"); step.Last.Sub(w.serves) < 6*time.Minute {
			t.Errorf("done %s after the controller began to serve", step.Last.Sub(w.serves))
		}
	})
}

// TestAPasswordThatThePlanDoesNotKnowOfIsNotGiven: resume may be given a file with more.
func TestAPasswordThatThePlanDoesNotKnowOfIsNotGiven(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, s := making(2, 1)
		w.known["alice"] = "of-alice"
		d := s.run(t)
		wantDone(t, d)
		wantMade(t, w, 2, 1)
		if w.given["alice"] != "" || w.registered["alice"] != 1 {
			t.Errorf("alice was given %v, and %d strings", w.given, w.registered["alice"])
		}
	})
}

func TestAFewUsersAndItemsAreMadeAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, s := making(2, 1)
		d := s.run(t)
		wantDone(t, d)
		now, most := 0, 0
		for _, r := range d.records {
			step := d.plan.Step(r.Step)
			if step == nil || step.Kind != plan.AddUser && step.Kind != plan.CloneItem {
				continue
			}
			if r.Status == journal.Started {
				now++
			} else {
				now--
			}
			most = max(most, now)
		}
		if most != 4 {
			t.Errorf("%d at once", most)
		}
	})
}
