package execute_test

import (
	"context"
	"testing"
	"testing/synctest"
	"time"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/execute"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/journal"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

// mute is a kind whose next looks are never answered.
type mute struct {
	execute.Kind
	looks *int
}

func (m mute) Look(ctx context.Context, s plan.Step) (execute.Sight, error) {
	if *m.looks > 0 {
		*m.looks--
		<-ctx.Done()
		return execute.Sight{}, ctx.Err()
	}
	return m.Kind.Look(ctx, s)
}

func TestAnOddAnswerAfterALongOutageIsNotBelievedAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newController("a", 1)
		w := newWorld(a)
		s := setup{world: w}
		d := &diary{plan: s.plan()}
		before := w.before()
		blind := func(err error, d time.Duration) func() {
			return func() {
				w.mu.Lock()
				defer w.mu.Unlock()
				w.blind["a-own"] = blindness{err, time.Now().Add(d)}
			}
		}
		time.AfterFunc(time.Second, blind(away(), 4*time.Minute))
		time.AfterFunc(4*time.Minute, blind(&fleet.Problem{Code: fleet.Forbidden, Text: "permission denied"}, 30*time.Second))
		if err := s.engine(d, before).Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		wantDone(t, d)
	})
}

func TestAHealthThatIsForbiddenForAMomentFailsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(newController("a", 1))
		s := setup{world: w}
		e, d := s.engine(nil, w.before()), &diary{plan: s.plan()}
		e.Journal = d
		e.Kinds[plan.Verify] = forbidden{Kind: e.Kinds[plan.Verify], until: time.Now().Add(outage + time.Minute)}
		if err := e.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		wantDone(t, d)
	})
}

// forbidden is a kind that may not look until then.
type forbidden struct {
	execute.Kind
	until time.Time
}

func (f forbidden) Look(ctx context.Context, s plan.Step) (execute.Sight, error) {
	if time.Now().Before(f.until) {
		return execute.Sight{}, &fleet.Problem{Code: fleet.Forbidden, Text: "permission denied"}
	}
	return f.Kind.Look(ctx, s)
}

func TestAnAnswerThatNeverComesCostsOneLook(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(newController("a", 1))
		s := setup{world: w}
		e, d := s.engine(nil, w.before()), &diary{plan: s.plan()}
		e.Journal = d
		looks := 2
		e.Kinds[plan.ModelUpgrade] = mute{e.Kinds[plan.ModelUpgrade], &looks}
		if err := e.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		wantDone(t, d)
	})
}

func TestAResumedLookAndTheLastOneEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(newController("a", 1))
		s := setup{world: w}
		before := w.before()
		d := &diary{plan: s.plan()}
		if err := s.engine(d, before).Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		e := s.engine(d, before)
		looks := 1
		e.Kinds[plan.ControllerUpgrade] = mute{e.Kinds[plan.ControllerUpgrade], &looks}
		e.Unplanned = func(ctx context.Context) []string { <-ctx.Done(); return nil }
		began := time.Now()
		if err := e.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		wantDone(t, d)
		if took := time.Since(began); took > 10*time.Minute {
			t.Errorf("it took %s", took)
		}
	})
}

func TestAnInterruptWhileTheLastLookIsTakenIsAnInterrupt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(newController("a", 1))
		s := setup{world: w}
		d := &diary{plan: s.plan()}
		ctx, cancel := context.WithCancel(t.Context())
		e := s.engine(d, w.before())
		e.Unplanned = func(context.Context) []string { cancel(); return []string{"a (interrupted)"} }
		if err := e.Run(ctx); err != nil {
			t.Fatal(err)
		}
		if state := d.State(); state.Event != journal.Interrupted || len(state.Unplanned) > 0 {
			t.Errorf("the run ends as %s, unplanned %q", state.Event, state.Unplanned)
		}
	})
}

// TestAControllerThatWasBegunStaysSoThoughItIsHeld: killed after the request was
// accepted and before anything of it was written, with the backup moved away.
func TestAControllerThatWasBegunStaysSoThoughItIsHeld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(newController("a", 1), newController("b", 1))
		s := setup{world: w}
		p := s.plan()
		var records []journal.Record
		add := func(event journal.Event, step string, status journal.Status) {
			records = append(records, journal.Record{Seq: len(records) + 1, Event: event, Step: step, Status: status})
		}
		add(journal.Begun, "", "")
		add(journal.Moved, "/a/controller/upgrade", journal.Started)
		add(journal.Resumed, "", "")
		add(journal.Moved, "/a/controller/upgrade", journal.Held)
		if state := journal.Fold(1, p, records); !state.Steps["/a/controller/upgrade"].Changed {
			t.Error("it is forgotten that the controller may have been changed")
		}
	})
}

func TestAControllerWhoseBackupHasBegunIsNotUpgradedBesideAHalfDoneOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newController("a", 1)
		w := newWorld(a, newController("b", 1))
		s := setup{world: w, goal: fleet.Goal{Backup: fleet.BackupAuto}, dir: t.TempDir(), options: plan.Options{Parallel: 1, MaxFailures: 1, Stall: time.Minute}}
		before := w.before()
		d := &diary{plan: s.plan()}
		// Find the append after b's backup has begun, to be killed there.
		run := &diary{plan: d.plan}
		if err := s.engine(run, before).Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		at := 0
		for _, r := range run.records {
			if r.Step == "/b/backup" && r.Status == journal.Started {
				at = r.Seq
			}
		}
		w2 := newWorld(newController("a", 1), newController("b", 1))
		s.world, s.dir = w2, t.TempDir()
		d = &diary{plan: s.plan(), killAt: at + 1}
		if err := s.engine(d, w2.before()).Run(t.Context()); err == nil {
			t.Fatal("it was not killed")
		}
		d.dead, d.killAt = false, 0
		w2.blind["a-own"] = blindness{away(), forever()}
		if err := s.engine(d, before).Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		wantStatus(t, d, map[string]journal.Status{"/a/controller/upgrade": journal.Failed, "/b/controller/upgrade": journal.Held})
		if w2.asked["b-own"] > 0 {
			t.Error("b was upgraded")
		}
	})
}
