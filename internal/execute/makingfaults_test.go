package execute_test

import (
	"context"
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

// wantTold wants the record of a failed step to say what is in tells, and to tell
// what to type, fix among it.
func wantTold(t *testing.T, r journal.Record, fix string, tells ...string) {
	t.Helper()
	text := r.Detail + "\n" + r.Meaning
	for _, want := range tells {
		if !strings.Contains(text, want) {
			t.Errorf("it does not tell %q:\n%s", want, text)
		}
	}
	if r.Status != journal.Failed || !strings.Contains(strings.Join(r.Fix, "\n"), fix) {
		t.Errorf("it is %s, and to type is %q, want %q", r.Status, r.Fix, fix)
	}
}

// wantNothingOf wants nothing of the target to have begun but what tidies up.
func wantNothingOf(t *testing.T, w *makeWorld, d *diary) {
	t.Helper()
	for _, s := range d.plan.Steps {
		if step := d.Step(s.ID); !s.Always && s.Kind != plan.MakeController && s.Kind != plan.Backup && step.Attempts > 0 {
			t.Errorf("%s was begun, and is %s", s.ID, step.Status)
		}
	}
	for _, what := range w.writes {
		if !strings.HasPrefix(what, "start ") {
			t.Errorf("changed was: %s", what)
		}
	}
}

func TestABootstrapThatFailsIsToldInJujusWordsAndNothingElseBegins(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, s := making(2, 3)
		w.fate = fate{after: 40 * time.Second, code: 1, output: []string{"ERROR failed to bootstrap model: no instance types", "ERROR cleaned up"}}
		before := w.before()
		d := &diary{plan: s.plan()}
		s.carry(t, d, before)
		r := d.Step("/t/bootstrap").Record
		wantTold(t, r, "juju upgrade-all resume 1", "exit code 1", "no instance types; ERROR cleaned up", "nothing has moved", "bootstrap.log")
		if !r.Changed || w.begun("bootstrap") != 1 {
			t.Errorf("changed %v, %d bootstraps", r.Changed, w.begun("bootstrap"))
		}
		wantNothingOf(t, w, d)
		wantStatus(t, d, map[string]journal.Status{"/t/users/alice": journal.Held, "/t/enable-ha": journal.Held, "/a/models/admin/a-m0/migrate": journal.Held})
		// The operator has been told: resume means another one.
		w.fate = fate{after: completed}
		s.carry(t, d, before)
		wantDone(t, d)
		wantLawful(t, w.world)
		if w.begun("bootstrap") != 2 {
			t.Errorf("%d bootstraps", w.begun("bootstrap"))
		}
	})
}

func TestAnInterruptLeavesABootstrapGoingOnAndResumePicksItUp(t *testing.T) {
	for name, c := range map[string]time.Duration{"still running": 5 * time.Second, "has come up": time.Hour} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, s := making(1, 1)
				before := w.before()
				d := &diary{plan: s.plan()}
				ctx, cancel := context.WithTimeout(t.Context(), 20*time.Second)
				defer cancel()
				began := time.Now()
				s.interrupted(ctx, t, d, before)
				if took := time.Since(began); took > 21*time.Second || d.State().Event != journal.Interrupted {
					t.Errorf("it took %s to stop, %s", took, d.State().Event)
				}
				wantNothingOf(t, w, d)
				time.Sleep(c)
				notes := s.watched(t, d, before, "/t/bootstrap")
				if running := slices.Contains(notes, "Running machine configuration script..."); running != (c < time.Minute) {
					t.Errorf("told was %q", notes)
				}
				wantDone(t, d)
				wantMade(t, w, 1, 1)
			})
		})
	}
}

// interrupted carries out a run until ctx ends.
func (s setup) interrupted(ctx context.Context, t *testing.T, d *diary, before map[string]fleet.Health) {
	t.Helper()
	if err := s.engine(d, before).Run(ctx); err != nil {
		t.Fatal(err)
	}
}

// watched carries out what is left, and returns what was told of a step meanwhile.
func (s setup) watched(t *testing.T, d *diary, before map[string]fleet.Health, id string) (notes []string) {
	t.Helper()
	e := s.engine(d, before)
	e.Observe = func(step string, p *journal.StepProgress) {
		if step == id && p != nil {
			notes = append(notes, p.Note)
		}
	}
	if err := e.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	return notes
}

// endings are how a bootstrap ends that does not end by itself: with all that waits for
// it, or alone.
var endings = map[string]fate{
	"the whole errand": {killed: true}, "juju, by SIGKILL": {code: 137}, "juju, by SIGTERM": {code: 143},
}

func TestABootstrapThatIsKilledHalfWayIsNeverRepeatedWhileItsNameIsTaken(t *testing.T) {
	for name, after := range map[string]time.Duration{"before the machine": 5 * time.Second, "on the machine": 30 * time.Second} {
		for what, f := range endings {
			f.after = after
			t.Run(what+" "+name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w, s := making(1, 1)
					w.fate = f
					before := w.before()
					d := &diary{plan: s.plan()}
					for range 3 {
						s.carry(t, d, before)
						r := d.Step("/t/bootstrap").Record
						wantTold(t, r, "juju unregister t --no-prompt", "ended from outside", "Running machine configuration", "cut short", "Nothing has moved")
						wantNothingOf(t, w, d)
					}
					if w.begun("bootstrap") != 1 {
						t.Errorf("%d bootstraps", w.begun("bootstrap"))
					}
					// As told: the machine is removed, and the name is given up.
					w.forget("t")
					w.serves, w.fate = time.Time{}, fate{after: completed}
					s.carry(t, d, before)
					wantDone(t, d)
					wantLawful(t, w.world)
					if w.begun("bootstrap") != 2 {
						t.Errorf("%d bootstraps", w.begun("bootstrap"))
					}
				})
			})
		}
	}
}

func TestABootstrapThatIsKilledWhenTheAddressIsKnownIsGoneOnWith(t *testing.T) {
	for what, f := range endings {
		f.after = 62 * time.Second
		t.Run(what, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, s := making(1, 1)
				w.fate = f
				d := s.run(t)
				wantDone(t, d)
				wantMade(t, w, 1, 1)
			})
		})
	}
}

func TestAControllerOfAnotherVersionThanPlannedIsLeftAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, s := making(1, 1)
		before := w.before()
		d := &diary{plan: s.plan()}
		w.target.models["t-own"].version = old
		s.carry(t, d, before)
		wantTold(t, d.Step("/t/bootstrap").Record, "juju show-controller t", "t is at 3.6.4, and the plan is for 3.6.11", "left as it is")
		wantNothingOf(t, w, d)
	})
}

func TestANameThatIsTakenMeanwhileIsLeftAlone(t *testing.T) {
	for name, take := range map[string]func(*makeWorld){
		"before it is looked at":      func(w *makeWorld) { w.registry["t"] = &entry{"other-uuid", true} },
		"by one who is half made":     func(w *makeWorld) { w.registry["t"] = &entry{"other-uuid", false} },
		"between a look and its call": func(w *makeWorld) { w.snatch = "registered" },
		"just before juju looks":      func(w *makeWorld) { w.snatch = "start" },
		"by another bootstrap":        func(w *makeWorld) { w.snatch = "begins" },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, s := making(1, 1)
				d := &diary{plan: s.plan()}
				before := w.before()
				take(w)
				for range 3 {
					s.carry(t, d, before)
					r := d.Step("/t/bootstrap").Record
					wantTold(t, r, "juju show-controller t", "of that name", "left alone")
					if w.begun("bootstrap") > 0 {
						wantTold(t, r, "juju show-controller t", `failed (exit code 1): `, `ERROR controller "t" already exists`)
					}
					if strings.Contains(strings.Join(r.Fix, " "), "unregister") {
						t.Errorf("to type is %q", r.Fix)
					}
				}
				if w.begun("bootstrap") > 1 {
					t.Errorf("%d bootstraps", w.begun("bootstrap"))
				}
				wantNothingOf(t, w, d)
				wantLawful(t, w.world)
			})
		})
	}
}

// TestAControllerThatWasMadeAndIsForgottenIsNotMadeAgain: on a cloud whose machines
// are given to it, another bootstrap would end the one that is there.
func TestAControllerThatWasMadeAndIsForgottenIsNotMadeAgain(t *testing.T) {
	for _, durable := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			w, s := making(1, 1)
			if durable {
				w.fate = fate{after: 62 * time.Second, killed: true} // and has come up
			}
			before := w.before()
			d := &diary{plan: s.plan(), killAt: 3, durable: durable}
			s.until(t, d, before, time.Hour)
			d.killAt = 0
			w.forget("t")
			s.carry(t, d, before)
			wantTold(t, d.Step("/t/bootstrap").Record, "juju login", "does not know", "not made again")
			if w.begun("bootstrap") != 1 {
				t.Errorf("durable %v: %d bootstraps", durable, w.begun("bootstrap"))
			}
			delete(w.registry, "forgotten t")
			w.registry["t"] = &entry{"t-uuid", true}
			s.carry(t, d, before)
			wantDone(t, d)
			wantMade(t, w, 1, 1)
		})
	}
}

// broken are errands that cannot be begun, or not be told of.
type broken struct {
	execute.Errands
	start, status error
}

func (b broken) Start(name, program string, args ...string) error {
	if b.start != nil {
		return b.start
	}
	return b.Errands.Start(name, program, args...)
}

func (b broken) Status(name string) (fleet.Errand, error) {
	if b.status != nil {
		return fleet.Errand{}, b.status
	}
	return b.Errands.Status(name)
}

func TestAProgramThatCanNotBeBegunOrToldOfFailsAtOnce(t *testing.T) {
	no := errors.New("no such program")
	for name, b := range map[string]broken{"begun": {start: no}, "told of": {status: no}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, s := making(1, 1)
				d := &diary{plan: s.plan()}
				e := s.engine(d, w.before())
				b.Errands = w
				e.Kinds[plan.MakeController] = execute.MakeController{Watcher: w, Comparer: w, Errands: b}
				began := time.Now()
				if err := e.Run(t.Context()); err != nil {
					t.Fatal(err)
				}
				r := d.Step("/t/bootstrap")
				wantTold(t, r.Record, "juju upgrade-all abandon 1", "no such program")
				if took := r.Last.Sub(began); took > time.Second || r.Changed {
					t.Errorf("it took %s, changed %v", took, r.Changed)
				}
			})
		})
	}
}
