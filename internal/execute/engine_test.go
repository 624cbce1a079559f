package execute_test

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/juju/version/v2"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/execute"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/journal"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

var errKilled = errors.New("killed")

// diary is a journal in memory that can be killed at an append: before the
// record is durable, or after.
type diary struct {
	mu      sync.Mutex
	plan    plan.Plan
	records []journal.Record
	// killAt is the number of the append that kills; 0 for none.
	killAt  int
	durable bool
	dead    bool
}

func (d *diary) Append(r journal.Record) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.dead {
		return errKilled
	}
	r.Seq, r.Time = len(d.records)+1, time.Now()
	d.dead = d.killAt == r.Seq
	if !d.dead || d.durable {
		d.records = append(d.records, r)
	}
	if d.dead {
		return errKilled
	}
	return nil
}

func (d *diary) State() journal.State {
	d.mu.Lock()
	defer d.mu.Unlock()
	return journal.Fold(1, d.plan, slices.Clone(d.records))
}

func (d *diary) Step(id string) journal.StepState { return d.State().Steps[id] }

// wasDone says that the step is done, as far as the journal has it.
func (d *diary) wasDone(id string) bool { return d.Step(id).Status == journal.Done }

// sequence is what happened to the steps, in order: "started /a/controller/upgrade".
func (d *diary) sequence() string {
	var b strings.Builder
	for _, r := range d.records {
		if r.Event == journal.Moved {
			fmt.Fprintln(&b, r.Status, r.Step)
		} else {
			fmt.Fprintln(&b, r.Event)
		}
	}
	return b.String()
}

type setup struct {
	world *world
	// moves is the world where models move; nil where none do.
	moves *moveWorld
	// makes is the world where their target is made, for so many servers; nil where
	// it is not.
	makes    *makeWorld
	servers  int
	goal     fleet.Goal
	options  plan.Options
	findings []fleet.Finding
	dir      string
}

func (s setup) plan() plan.Plan {
	if s.options == (plan.Options{}) {
		s.options = plan.Options{Parallel: 2, Agents: 200, MaxFailures: 1}
	}
	if s.goal.Backup == "" {
		s.goal.Backup = fleet.BackupSkip
	}
	f := s.world.fleet()
	switch {
	case s.makes != nil:
		f = s.makes.unmade(f, s.servers)
		s.goal.To, s.goal.ToVersion = f.Target.Ref, f.Target.Version
	case s.moves != nil:
		f = s.moves.split(f)
		s.goal.To, s.goal.ToVersion = f.Target.Ref, f.Target.Version
	}
	return plan.Compute(plan.Input{Fleet: f, Goal: s.goal, Options: s.options, Findings: s.findings, Estimates: plan.Guesses()})
}

func (s setup) engine(d *diary, before map[string]fleet.Health) *execute.Engine {
	switch {
	case s.makes != nil:
		return s.makes.engine(d, before, s.dir)
	case s.moves != nil:
		return s.moves.engine(d, before, s.dir)
	}
	return &execute.Engine{
		Journal: d,
		Kinds: map[plan.Kind]execute.Kind{
			plan.Backup:            execute.MakeBackup{Archivist: s.world, Dir: s.dir, Run: 1},
			plan.ControllerUpgrade: execute.ControllerUpgrade{Watcher: s.world, Upgrader: s.world},
			plan.ModelUpgrade:      execute.ModelUpgrade{Watcher: s.world, Upgrader: s.world},
			plan.Verify:            execute.Verify{Watcher: s.world, Before: before, Settling: &execute.Settling{}},
			plan.Soak:              execute.Soak{Watcher: s.world, Before: before, Since: func(id string) time.Time { return d.Step(id).Began }},
		},
	}
}

// run plans and carries out, once.
func (s setup) run(t *testing.T) *diary {
	t.Helper()
	d := &diary{plan: s.plan()}
	if err := s.engine(d, s.world.before()).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	return d
}

func wantDone(t *testing.T, d *diary) {
	t.Helper()
	for id, step := range d.State().Steps {
		if step.Status != journal.Done {
			t.Errorf("%s is %s: %s", id, step.Status, step.Record.Detail)
		}
	}
}

func wantStatus(t *testing.T, d *diary, want map[string]journal.Status) {
	t.Helper()
	steps := d.State().Steps
	for id, status := range want {
		if steps[id].Status != status {
			t.Errorf("%s is %q (%s), want %q", id, steps[id].Status, steps[id].Record.Detail, status)
		}
	}
}

func wantLawful(t *testing.T, w *world) {
	t.Helper()
	if len(w.broken) > 0 {
		t.Errorf("laws broken: %q", w.broken)
	}
}

func TestAWholeFleetArrivesInOrderWithEachRequestSentOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(newController("a", 5), newController("b", 1))
		d := setup{world: w}.run(t)
		wantDone(t, d)
		wantLawful(t, w)
		for uuid, n := range w.asked {
			if n != 1 {
				t.Errorf("%s was asked for %d times", uuid, n)
			}
		}
		if len(w.asked) != 8 {
			t.Errorf("%d models were asked for, want 8", len(w.asked))
		}
		if w.most != 2 {
			t.Errorf("%d models at once, want the limit of 2 to be used and kept", w.most)
		}
	})
}

// TestARunKilledAtAnyAppendIsCompletedByResume kills the run at every append,
// before and after the record is durable, and resumes it: everything arrives,
// nothing is asked for twice.
func TestARunKilledAtAnyAppendIsCompletedByResume(t *testing.T) {
	appends := 0
	synctest.Test(t, func(t *testing.T) {
		d := setup{world: newWorld(newController("a", 3), newController("b", 1)), goal: fleet.Goal{Backup: fleet.BackupAuto}, dir: t.TempDir()}.run(t)
		appends = len(d.records)
	})
	if appends < 30 {
		t.Fatalf("only %d appends: the run did not do its work", appends)
	}
	for at := 1; at <= appends; at++ {
		for _, durable := range []bool{false, true} {
			t.Run(fmt.Sprintf("append %d, durable %v", at, durable), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) { killAndResume(t, at, durable) })
			})
		}
	}
}

func killAndResume(t *testing.T, at int, durable bool) {
	w := newWorld(newController("a", 3), newController("b", 1))
	s := setup{world: w, goal: fleet.Goal{Backup: fleet.BackupAuto}, dir: t.TempDir()}
	before := w.before()
	d := &diary{plan: s.plan(), killAt: at, durable: durable}
	if err := s.engine(d, before).Run(t.Context()); !errors.Is(err, errKilled) {
		t.Fatalf("the kill at append %d gave %v", at, err)
	}
	d.dead, d.killAt = false, 0
	if err := s.engine(d, before).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	wantDone(t, d)
	wantLawful(t, w)
	for uuid, n := range w.asked {
		if n != 1 {
			t.Errorf("%s was asked for %d times", uuid, n)
		}
	}
	backups, err := filepath.Glob(filepath.Join(s.dir, "*.tar.gz"))
	if err != nil || len(backups) != 2 {
		t.Errorf("%d backups (%v), want one for each controller", len(backups), err)
	}
}

func TestAnInterruptReturnsAtOnceAndLeavesARunThatResumes(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(newController("a", 3))
		s := setup{world: w}
		before := w.before()
		d := &diary{plan: s.plan()}
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(30*time.Second, cancel)
		began := time.Now()
		if err := s.engine(d, before).Run(ctx); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(began) - 30*time.Second; took > time.Second {
			t.Errorf("it took %s to stop", took)
		}
		if state := d.State(); state.Event != journal.Interrupted || !state.Unfinished() {
			t.Errorf("state is %q, unfinished %v", state.Event, state.Unfinished())
		}
		if err := s.engine(d, before).Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		wantDone(t, d)
		wantLawful(t, w)
	})
}

func TestAnAgentThatNeverComesStallsItsModelAndIsNamed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newController("a", 2)
		w := newWorld(a)
		s := setup{world: w, options: plan.Options{Parallel: 1, MaxFailures: 0, Stall: 2 * time.Minute}}
		p := s.plan()
		a.models["a-m0"].never = map[string]bool{"unit app/1": true}
		d := &diary{plan: p}
		if err := s.engine(d, w.before()).Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		wantStatus(t, d, map[string]journal.Status{
			"/a/models/admin/a-m0/upgrade": journal.Failed,
			"/a/models/admin/a-m0/verify":  journal.Held,
			"/a/models/admin/a-m1/verify":  journal.Done,
		})
		r := d.State().Steps["/a/models/admin/a-m0/upgrade"].Record
		if len(r.Missing) != 1 || r.Missing[0].String() != "unit app/1" || len(r.Fix) == 0 || !r.Changed {
			t.Errorf("the failure does not tell who is missing and what to type: %+v", r)
		}
	})
}

func TestAcceptedAbsentAgentsAreNotWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newController("a", 1)
		a.models["a-m0"].never = map[string]bool{"unit app/1": true}
		w := newWorld(a)
		d := setup{world: w, findings: []fleet.Finding{{
			Code: "agent-down", Severity: fleet.Blocker, Scope: fleet.OneModel, Controller: a.uuid, Model: "a-m0",
			Agents: []string{"unit app/1"}, Acceptable: true, Accepted: true,
		}}}.run(t)
		wantDone(t, d)
	})
}

func TestAFailureAfterAChangeStopsWhatHasNotBegun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newController("a", 4)
		w := newWorld(a, newController("b", 1))
		a.models["a-m0"].sick = map[string]fleet.Condition{"unit app/0": {Status: "error", Message: "hook failed"}}
		s := setup{world: w, options: plan.Options{Parallel: 2, MaxFailures: 1, Stall: time.Minute}}
		d := s.run(t)
		wantStatus(t, d, map[string]journal.Status{
			"/a/models/admin/a-m0/upgrade": journal.Done,
			"/a/models/admin/a-m0/verify":  journal.Failed,
			"/a/models/admin/a-m1/verify":  journal.Done, // begun before: goes on
			"/b/controller/upgrade":        journal.Held,
			"/b/models/admin/b-m0/upgrade": journal.Held,
		})
		if w.asked["b-own"] != 0 {
			t.Error("the next controller was begun")
		}
		r := d.State().Steps["/a/models/admin/a-m0/verify"].Record
		if len(r.Regressions) != 1 || r.Regressions[0].Agent != "unit app/0" {
			t.Errorf("regressions are %+v", r.Regressions)
		}
	})
}

func TestAControllerThatRefusesHoldsItsModelsAndNothingIsChanged(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(newController("a", 2))
		w.refuse["a-own"] = []error{&fleet.Problem{Code: fleet.Refused, Text: "database node 3 has state DOWN"}}
		d := setup{world: w}.run(t)
		wantStatus(t, d, map[string]journal.Status{
			"/a/controller/upgrade":        journal.Failed,
			"/a/controller/verify":         journal.Held,
			"/a/models/admin/a-m0/upgrade": journal.Held,
			"/a/models/admin/a-m1/verify":  journal.Held,
		})
		if r := d.State().Steps["/a/controller/upgrade"].Record; r.Changed || !strings.Contains(r.Detail, "state DOWN") {
			t.Errorf("the failure tells %+v", r)
		}
		if len(w.asked) != 1 {
			t.Errorf("asked for %v", w.asked)
		}
	})
}

func TestAnAnswerThatWasLostIsLookedForBeforeAskingAgain(t *testing.T) {
	for _, test := range []struct {
		name  string
		setup func(*world)
		asked int
	}{
		{"it got through", func(w *world) { w.lose["a-m0"] = []error{away()} }, 1},
		{"it did not", func(w *world) { w.refuse["a-m0"] = []error{away()} }, 2},
		{"the window was open", func(w *world) {
			w.refuse["a-m0"] = []error{&fleet.Problem{Code: fleet.Busy, Text: "upgrade in progress"}}
		}, 2},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(newController("a", 1))
				test.setup(w)
				d := setup{world: w}.run(t)
				wantDone(t, d)
				wantLawful(t, w)
				if w.asked["a-m0"] != test.asked {
					t.Errorf("asked %d times, want %d", w.asked["a-m0"], test.asked)
				}
			})
		})
	}
}

func TestAnUpgradeThatSomebodyElseAskedForIsAdopted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newController("a", 1)
		w := newWorld(a)
		s := setup{world: w}
		d := &diary{plan: s.plan()}
		before := w.before()
		ref := fleet.Ref{UUID: a.uuid}
		if err := w.UpgradeModel(t.Context(), ref, fleet.Ref{UUID: "a-own"}, next); err != nil {
			t.Fatal(err)
		}
		if err := s.engine(d, before).Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		wantDone(t, d)
		if w.asked["a-own"] != 1 {
			t.Errorf("the controller was asked for again: %d", w.asked["a-own"])
		}
	})
}

func TestAModelThatIsNewerThanPlannedFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newController("a", 1)
		w := newWorld(a)
		s := setup{world: w}
		d := &diary{plan: s.plan()}
		a.models["a-m0"].version = version.MustParse("3.6.12")
		if err := s.engine(d, w.before()).Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		wantStatus(t, d, map[string]journal.Status{"/a/models/admin/a-m0/upgrade": journal.Failed})
	})
}

// TestResumeLooksAgainAtWhatWasDone: the world outranks the journal.
func TestResumeLooksAgainAtWhatWasDone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newController("a", 1)
		w := newWorld(a)
		s := setup{world: w, options: plan.Options{Parallel: 1, MaxFailures: 1, Stall: time.Minute}}
		before := w.before()
		d := &diary{plan: s.plan()}
		if err := s.engine(d, before).Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		wantDone(t, d)
		a.models["a-m0"].never = map[string]bool{"unit app/0": true}
		if err := s.engine(d, before).Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		wantStatus(t, d, map[string]journal.Status{
			"/a/controller/upgrade":        journal.Done,
			"/a/models/admin/a-m0/upgrade": journal.Failed,
		})
	})
}

func TestStepsOfOneModelAreRecordedInTheOrderOfTheLaw(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := setup{world: newWorld(newController("a", 1))}.run(t)
		want := `begun
started /a/controller/upgrade
done /a/controller/upgrade
started /a/controller/verify
done /a/controller/verify
started /a/models/admin/a-m0/upgrade
done /a/models/admin/a-m0/upgrade
started /a/models/admin/a-m0/verify
done /a/models/admin/a-m0/verify
finished
`
		if got := d.sequence(); got != want {
			t.Errorf("got\n%s\nwant\n%s", got, want)
		}
	})
}
