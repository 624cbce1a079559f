package execute_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/juju/version/v2"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/journal"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

// moveSetup is a source at the old version, which is patched first, with n models
// that move to a controller at the next one.
func moveSetup(n int) (*moveWorld, setup) {
	w := newMoveWorld(n)
	return w, setup{world: w.world, moves: w, options: plan.Options{Parallel: 2, MaxFailures: 1, Stall: 4 * time.Minute}}
}

// carry carries out what is left of a run.
func (s setup) carry(t *testing.T, d *diary, before map[string]fleet.Health) {
	t.Helper()
	if err := s.engine(d, before).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
}

func wantMoved(t *testing.T, w *moveWorld, n int) {
	t.Helper()
	if len(w.target.models) != n+1 {
		t.Errorf("%d models are on the target, want %d and its own", len(w.target.models), n)
	}
	for uuid, homes := range w.homes() {
		if homes != 1 {
			t.Errorf("%s is on %d controllers", uuid, homes)
		}
	}
	if left := w.accounts(); len(left) > 0 {
		t.Errorf("temporary superusers are left: %q", left)
	}
	for name, n := range w.registered {
		if w.kept[name] != fmt.Sprint("key of ", name, " ", n) {
			t.Errorf("what is kept for %s is not the newest of %d strings: %q", name, n, w.kept[name])
		}
	}
}

func TestAllModelsMoveOneAfterTheOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, s := moveSetup(3)
		d := s.run(t)
		wantDone(t, d)
		wantLawful(t, w.world)
		wantMoved(t, w, 3)
		for uuid, n := range w.migrated {
			if n != 1 {
				t.Errorf("%s was asked to move %d times", uuid, n)
			}
		}
		if w.made != 1 || w.removed != 1 {
			t.Errorf("%d accounts were made and %d removed", w.made, w.removed)
		}
		if a := w.users["alice"]; a == nil || a.DisplayName != "Alice" || a.Access != "superuser" || a.Disabled {
			t.Errorf("alice is %+v", a)
		}
		if b := w.users["bob"]; b == nil || !b.Disabled || w.users["eve@elsewhere"] != nil {
			t.Errorf("users are %+v", w.users)
		}
		for uuid := range w.migrated {
			if !w.followed[uuid] {
				t.Errorf("the client does not find %s", uuid)
			}
		}
		var previous time.Time
		for _, uuid := range []string{"a-m0", "a-m1", "a-m2"} {
			if at := w.moving[uuid].began; at.Sub(previous) < reaped {
				t.Errorf("%s began %s after the one before it", uuid, at.Sub(previous))
			}
			previous = w.moving[uuid].began
		}
	})
}

// TestAMoveKilledAtAnyAppendIsCompletedByResume kills the run at every append,
// before and after the record is durable, and resumes it: each model ends on one
// controller, nothing is done twice, and no account is left.
func TestAMoveKilledAtAnyAppendIsCompletedByResume(t *testing.T) {
	for _, hidden := range []bool{false, true} {
		appends := 0
		synctest.Test(t, func(t *testing.T) {
			w, s := moveSetup(2)
			w.hide(hidden)
			appends = len(s.run(t).records)
		})
		if appends < 30 {
			t.Fatalf("only %d appends: the run did not do its work", appends)
		}
		for at := 1; at <= appends; at++ {
			for _, durable := range []bool{false, true} {
				t.Run(fmt.Sprintf("append %d, durable %v, hidden %v", at, durable, hidden), func(t *testing.T) {
					synctest.Test(t, func(t *testing.T) { killAndResumeMove(t, at, durable, hidden) })
				})
			}
		}
	}
}

// hide makes the source one that does not show its migrations.
func (w *moveWorld) hide(hidden bool) {
	if hidden {
		w.hidden = true
	}
}

func killAndResumeMove(t *testing.T, at int, durable, hidden bool) {
	w, s := moveSetup(2)
	w.hide(hidden)
	before := w.before()
	d := &diary{plan: unseen(s.plan(), hidden), killAt: at, durable: durable}
	if err := s.engine(d, before).Run(t.Context()); !errors.Is(err, errKilled) {
		t.Fatalf("the kill at append %d gave %v", at, err)
	}
	d.dead, d.killAt = false, 0
	s.carry(t, d, before)
	wantDone(t, d)
	wantLawful(t, w.world)
	wantMoved(t, w, 2)
	for uuid, n := range w.migrated {
		if n != 1 {
			t.Errorf("%s was asked to move %d times", uuid, n)
		}
	}
}

// unseen makes the plan one of a source that does not show its migrations.
func unseen(p plan.Plan, hidden bool) plan.Plan {
	for i := range p.Steps {
		k := p.Steps[i].Kind
		p.Steps[i].Unseen = hidden && (k == plan.Migrate || k == plan.RemoveAccounts)
		if p.Steps[i].Unseen {
			p.Steps[i].Patience = 3 * time.Minute
		}
	}
	return p
}

// TestAMoveKilledAtAnyTimeIsCompletedByResume kills the process in every phase.
func TestAMoveKilledAtAnyTimeIsCompletedByResume(t *testing.T) {
	for _, hidden := range []bool{false, true} {
		for after := 40 * time.Second; after < 160*time.Second; after += 1700 * time.Millisecond {
			t.Run(fmt.Sprintf("after %s, hidden %v", after, hidden), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w, s := moveSetup(2)
					w.hide(hidden)
					before := w.before()
					d := &diary{plan: unseen(s.plan(), hidden)}
					ctx, cancel := context.WithCancel(t.Context())
					time.AfterFunc(after, func() {
						d.mu.Lock()
						d.dead = true
						d.mu.Unlock()
						cancel()
					})
					_ = s.engine(d, before).Run(ctx) // killed, whatever it says
					time.Sleep(3 * time.Second)
					d.mu.Lock()
					d.dead = false
					d.mu.Unlock()
					s.carry(t, d, before)
					wantDone(t, d)
					wantLawful(t, w.world)
					wantMoved(t, w, 2)
				})
			})
		}
	}
}

func TestAMigrationThatJujuGivesUpEndsInAnAccountAndResumeCompletesTheRest(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, s := moveSetup(3)
		w.unlucky["a-m1"] = true
		before := w.before()
		d := &diary{plan: s.plan()}
		s.carry(t, d, before)
		wantStatus(t, d, map[string]journal.Status{
			"/t/models/admin/a-m0/verify":  journal.Done,
			"/a/models/admin/a-m1/migrate": journal.Failed,
			"/t/models/admin/a-m1/arrive":  journal.Held,
			"/a/models/admin/a-m2/migrate": journal.Held,
			"/t/accounts":                  journal.Done,
			"/client":                      journal.Done,
		})
		r := d.State().Steps["/a/models/admin/a-m1/migrate"].Record
		if !strings.Contains(r.Detail, "sanity check") || !strings.Contains(r.Meaning, "works on a as before") || len(r.Fix) == 0 {
			t.Errorf("the account is %+v", r)
		}
		if left := w.accounts(); len(left) > 0 || w.homes()["a-m1"] != 1 || !w.followed["a-m0"] || w.followed["a-m1"] {
			t.Errorf("left are %q, homes %v, followed %v", left, w.homes(), w.followed)
		}
		s.carry(t, d, before)
		wantDone(t, d)
		wantLawful(t, w.world)
		wantMoved(t, w, 3)
	})
}

func TestALeftoverOnTheTargetIsNeitherASuccessNorTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, s := moveSetup(1)
		w.moving["a-m0"] = &move{began: time.Now().Add(-time.Hour), ends: time.Now().Add(-time.Minute), halves: true}
		d := s.run(t)
		wantStatus(t, d, map[string]journal.Status{"/a/models/admin/a-m0/migrate": journal.Failed, "/t/accounts": journal.Done})
		if r := d.State().Steps["/a/models/admin/a-m0/migrate"].Record; w.migrated["a-m0"] > 0 || !strings.Contains(r.Meaning, "what is left of it on t") || !strings.Contains(r.Detail, "sanity check") {
			t.Errorf("asked %d times; the account is %+v", w.migrated["a-m0"], r)
		}
	})
}

func TestAModelThatTheSourceGoesOnListingHasMovedWithACaution(t *testing.T) {
	for _, hidden := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			w, s := moveSetup(1)
			w.unreaped["a-m0"] = true
			w.hide(hidden)
			d := &diary{plan: unseen(s.plan(), hidden)}
			s.carry(t, d, w.before())
			wantDone(t, d)
			if r := d.State().Steps["/a/models/admin/a-m0/migrate"].Record; !strings.Contains(r.Result, "never destroy") {
				t.Errorf("hidden %v: the caution is %q", hidden, r.Result)
			}
		})
	}
}

func TestAnAgentThatStaysWithTheOldControllerHasNotArrived(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, s := moveSetup(2)
		w.stranded["a-m0"] = "unit app/1"
		before := w.before()
		d := &diary{plan: s.plan()}
		s.carry(t, d, before)
		wantStatus(t, d, map[string]journal.Status{
			"/a/models/admin/a-m0/migrate": journal.Done,
			"/t/models/admin/a-m0/arrive":  journal.Failed,
			"/t/models/admin/a-m0/upgrade": journal.Held,
			"/t/accounts":                  journal.Done,
			"/client":                      journal.Done,
		})
		r := d.State().Steps["/t/models/admin/a-m0/arrive"].Record
		if len(r.Missing) != 1 || r.Missing[0].String() != "unit app/1" || !strings.Contains(r.Meaning, "not all of its agents") {
			t.Errorf("the account is %+v", r)
		}
		delete(w.target.models["a-m0"].never, "unit app/1")
		s.carry(t, d, before)
		wantDone(t, d)
		wantMoved(t, w, 2)
	})
}

func TestWhatJujuRefusesForAMomentIsTriedAgain(t *testing.T) {
	refused := &fleet.Problem{Code: fleet.Refused, Text: "source prechecks failed: cleanup needed"}
	synctest.Test(t, func(t *testing.T) {
		w, s := moveSetup(1)
		w.refuse["migrate a-m0"] = []error{refused, refused, refused}
		d := s.run(t)
		wantDone(t, d)
		wantMoved(t, w, 1)
	})
}

func TestWhatJujuGoesOnRefusingFailsWithNothingChanged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, s := moveSetup(2)
		for range 10000 {
			w.refuse["migrate a-m0"] = append(w.refuse["migrate a-m0"], &fleet.Problem{Code: fleet.Refused, Text: "source prechecks failed: cleanup needed"})
		}
		d := s.run(t)
		wantStatus(t, d, map[string]journal.Status{
			"/a/models/admin/a-m0/migrate": journal.Failed,
			"/t/models/admin/a-m1/verify":  journal.Done, // nothing was changed, so that the next one goes
			"/t/accounts":                  journal.Done,
		})
		if r := d.State().Steps["/a/models/admin/a-m0/migrate"].Record; r.Changed || !strings.Contains(r.Detail, "cleanup needed") {
			t.Errorf("the account is %+v", r)
		}
		if left := w.accounts(); len(left) > 0 {
			t.Errorf("left are %q", left)
		}
	})
}

func TestAMigrationWhoseAcceptanceWasLostIsNotAskedForTwice(t *testing.T) {
	for _, hidden := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			w, s := moveSetup(1)
			w.hide(hidden)
			w.lose["migrate a-m0"] = []error{away()}
			d := &diary{plan: unseen(s.plan(), hidden)}
			s.carry(t, d, w.before())
			wantDone(t, d)
			wantLawful(t, w.world)
			if w.migrated["a-m0"] != 1 {
				t.Errorf("hidden %v: asked %d times", hidden, w.migrated["a-m0"])
			}
		})
	}
}

func TestAUserWhoseStringWasLostGetsANewOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, s := moveSetup(2)
		w.loseUser = "alice"
		d := s.run(t)
		wantDone(t, d)
		wantMoved(t, w, 2)
		if w.registered["alice"] != 2 {
			t.Errorf("alice was given %d strings, want the lost one and another", w.registered["alice"])
		}
	})
}

func TestAUserWhomSomebodyElseMadeIsLeftAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, s := moveSetup(2)
		p := s.plan()
		w.users["alice"] = &fleet.User{Name: "alice", Access: "login"}
		d := &diary{plan: p}
		s.carry(t, d, w.before())
		wantDone(t, d)
		if w.registered["alice"] != 0 || w.users["alice"].Access != "login" {
			t.Errorf("alice was changed: %+v, %d strings", w.users["alice"], w.registered["alice"])
		}
	})
}

func TestAUserWhomSomebodyElseMakesMeanwhileIsLeftAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, s := moveSetup(2)
		w.overtake = "alice"
		d := s.run(t)
		wantDone(t, d)
		if w.registered["alice"] != 0 || w.kept["alice"] != "" {
			t.Errorf("alice was changed: %d strings, %q", w.registered["alice"], w.kept["alice"])
		}
	})
}

func TestAnAccountThatAStuckMigrationUsesIsNotRemoved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, s := moveSetup(1)
		w.stick = true
		before := w.before()
		d := &diary{plan: s.plan()}
		s.carry(t, d, before)
		wantStatus(t, d, map[string]journal.Status{"/a/models/admin/a-m0/migrate": journal.Failed, "/t/accounts": journal.Failed})
		if r := d.State().Steps["/a/models/admin/a-m0/migrate"].Record; !strings.Contains(r.Meaning, "no call stops a migration") {
			t.Errorf("the account is %+v", r)
		}
		if len(w.accounts()) != 1 {
			t.Errorf("accounts are %q", w.accounts())
		}
		w.unstick()
		s.carry(t, d, before)
		wantDone(t, d)
		wantLawful(t, w.world)
		wantMoved(t, w, 1)
	})
}

func TestAModelThatTheTargetListsAsImportingHasNotMoved(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, s := moveSetup(1)
		w.hide(true)
		w.listsImporting = true
		before := w.before()
		d := &diary{plan: unseen(s.plan(), true)}
		s.carry(t, d, before)
		wantDone(t, d)
		r := d.State().Steps["/a/models/admin/a-m0/migrate"]
		if took := r.Last.Sub(w.moving["a-m0"].began); took < active {
			t.Errorf("it is said to have moved %s after its beginning, while it was imported", took)
		}
	})
}

func TestAnInterruptInTheMiddleOfAMigrationLeavesItsAccountAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, s := moveSetup(1)
		before := w.before()
		d := &diary{plan: s.plan()}
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go func() {
			for w.migratedSoFar() == 0 {
				time.Sleep(time.Second)
			}
			cancel()
		}()
		if err := s.engine(d, before).Run(ctx); err != nil {
			t.Fatal(err)
		}
		if len(w.accounts()) != 1 {
			t.Errorf("accounts are %q: the migration in flight needs its one", w.accounts())
		}
		s.carry(t, d, before)
		wantDone(t, d)
		wantLawful(t, w.world)
		wantMoved(t, w, 1)
		if w.migrated["a-m0"] != 1 {
			t.Errorf("asked %d times", w.migrated["a-m0"])
		}
	})
}

func (w *moveWorld) migratedSoFar() int {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := 0
	for _, asked := range w.migrated {
		n += asked
	}
	return n
}

func TestMoreModelsMoveAtOnceWithinTheReconnectBudget(t *testing.T) {
	for budget, want := range map[int]int{0: 3, 6: 2, 1: 1} {
		synctest.Test(t, func(t *testing.T) {
			w, s := moveSetup(3)
			s.options.Migrations = 3
			p := s.plan()
			p.Target.Budget = budget
			d := &diary{plan: p}
			s.carry(t, d, w.before())
			wantDone(t, d)
			most := 0
			for _, a := range w.moving {
				n := 0
				for _, b := range w.moving {
					if !b.began.After(a.began) && a.began.Sub(b.began) < reaped {
						n++
					}
				}
				most = max(most, n)
			}
			if most != want {
				t.Errorf("with a budget of %d agents %d moved at once, want %d", budget, most, want)
			}
		})
	}
}

func TestModelsThatAreJoinedAreSeenJoinedAgainOnceBothHaveMoved(t *testing.T) {
	for _, torn := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			w, s := moveSetup(2)
			w.related, w.torn = true, torn
			p := s.plan()
			before := w.before()
			f := w.split(w.fleet())
			for _, m := range f.Controllers[0].Models {
				before[m.UUID] = fleet.RecordOf(m.Status)
			}
			d := &diary{plan: p}
			s.carry(t, d, before)
			r := d.State().Steps["/t/models/admin/a-m0/relations"]
			if !torn {
				wantDone(t, d)
			}
			if want := map[bool]journal.Status{false: journal.Done, true: journal.Failed}[torn]; r.Status != want {
				t.Errorf("torn %v: the relations are %s: %+v", torn, r.Status, r.Record)
			}
			if torn && !strings.Contains(r.Record.Meaning, "joined before") {
				t.Errorf("the account is %+v", r.Record)
			}
		})
	}
}

// TestTheAccountOfAMigrationThatIsNotShownIsKept: a source that shows nothing may go
// on for all the time that it gives its agents.
func TestTheAccountOfAMigrationThatIsNotShownIsKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, s := moveSetup(1)
		w.hide(true)
		w.stick = true
		before := w.before()
		d := &diary{plan: unseen(s.plan(), true)}
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		go func() {
			for w.migratedSoFar() == 0 {
				time.Sleep(time.Second)
			}
			cancel()
		}()
		if err := s.engine(d, before).Run(ctx); err != nil {
			t.Fatal(err)
		}
		soon, stop := context.WithTimeout(t.Context(), 2*time.Minute)
		defer stop()
		if err := s.engine(d, before).Run(soon); err != nil {
			t.Fatal(err)
		}
		if w.migrated["a-m0"] != 1 || len(w.accounts()) != 1 {
			t.Errorf("asked %d times, accounts are %q", w.migrated["a-m0"], w.accounts())
		}
		w.unstick()
		s.carry(t, d, before)
		wantDone(t, d)
		wantLawful(t, w.world)
		wantMoved(t, w, 1)
	})
}

// TestAnAccountIsKeptWhileItMayBeUsedUnseen: the run does not wait for that, and says
// until when.
func TestAnAccountIsKeptWhileItMayBeUsedUnseen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, s := moveSetup(1)
		w.hide(true)
		w.stick = true
		s.options.Stall = time.Minute
		p := unseen(s.plan(), true)
		for i := range p.Steps {
			if p.Steps[i].Kind == plan.RemoveAccounts {
				p.Steps[i].Patience = time.Hour
			}
		}
		before := w.before()
		d := &diary{plan: p}
		s.carry(t, d, before)
		r := d.State().Steps["/t/accounts"].Record
		if r.Status != journal.Failed || len(w.accounts()) != 1 || !strings.Contains(r.Detail, "it is kept until") {
			t.Errorf("accounts are %q, the account is %+v", w.accounts(), r)
		}
		w.unstick()
		s.carry(t, d, before)
		wantDone(t, d)
		wantMoved(t, w, 1)
	})
}

func TestAMigrationThatOnlyGoesToAndFroIsStuck(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, s := moveSetup(1)
		w.stick, w.sway = true, true
		d := s.run(t)
		wantStatus(t, d, map[string]journal.Status{"/a/models/admin/a-m0/migrate": journal.Failed})
	})
}

func TestAModelThatIsDestroyedBeforeItMovesIsLeftOut(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, s := moveSetup(2)
		p := s.plan()
		before := w.before()
		d := &diary{plan: p}
		time.AfterFunc(35*time.Second, func() {
			w.mu.Lock()
			defer w.mu.Unlock()
			delete(w.source.models, "a-m1")
		})
		s.carry(t, d, before)
		wantStatus(t, d, map[string]journal.Status{
			"/t/models/admin/a-m0/verify": journal.Done, "/t/models/admin/a-m1/verify": journal.Skipped,
			"/a/models/admin/a-m1/migrate": journal.Skipped,
		})
		if d.State().Unfinished() {
			t.Error("the run is not finished")
		}
	})
}

func TestAnAccountThatCannotBeMadeChangesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, s := moveSetup(2)
		w.noAccounts = true
		d := s.run(t)
		r := d.State().Steps["/a/models/admin/a-m0/migrate"].Record
		if r.Status != journal.Failed || r.Changed || !strings.Contains(r.Meaning, "nothing was asked for") || len(w.migrated) > 0 {
			t.Errorf("the account is %+v", r)
		}
	})
}

func TestAModelWhoseTargetWasUpgradedMeanwhileArrivesAtThatVersion(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, s := moveSetup(1)
		p := s.plan()
		d := &diary{plan: p}
		newer := version.MustParse("3.6.12")
		go func() {
			for w.migratedSoFar() == 0 {
				time.Sleep(time.Second)
			}
			time.Sleep(active + 2*time.Second)
			w.mu.Lock()
			defer w.mu.Unlock()
			w.pass()
			w.target.base = newer
			w.target.models["a-m0"].version = newer
		}()
		s.carry(t, d, w.before())
		wantDone(t, d)
	})
}

// until carries out a run whose process is killed after that time.
func (s setup) until(t *testing.T, d *diary, before map[string]fleet.Health, after time.Duration) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	dead := func(is bool) {
		d.mu.Lock()
		defer d.mu.Unlock()
		d.dead = is
	}
	kill := time.AfterFunc(after, func() {
		dead(true)
		cancel()
	})
	defer kill.Stop()
	_ = s.engine(d, before).Run(ctx) // killed, whatever it says
	dead(false)
}
