package execute_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/journal"
)

func TestAnApplicationThatIsRemovedMeanwhileIsSkipped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newCharmWorld(1)
		s := refreshing{world: w, goal: fleet.Goal{Charms: fleet.CharmsOnly}}
		d := &diary{plan: s.plan()}
		before := s.before()
		delete(w.apps["a-m0"], "db")
		s.again(t, d, before)
		wantStatus(t, d, map[string]journal.Status{refreshID("a-m0", "db"): journal.Skipped, refreshID("a-m0", "web"): journal.Done})
	})
}

// TestARefreshWhoseAnswerIsLostIsLookedForBeforeItIsAskedForAgain, whether or not it
// took effect.
func TestARefreshWhoseAnswerIsLostIsLookedForBeforeItIsAskedForAgain(t *testing.T) {
	for name, effect := range map[string]bool{"after it took effect": true, "before": false} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newCharmWorld(1)
				want := 1
				if effect {
					w.loses["a-m0.db"] = away()
				} else {
					w.refuses["a-m0.db"], want = away(), 2
				}
				wantDone(t, refreshing{world: w}.run(t))
				wantLawful(t, w.world)
				if got := w.sent["a-m0.db"]; got != want {
					t.Errorf("asked for %d times, want %d", got, want)
				}
			})
		})
	}
}

// TestCharmsKilledAtAnyAppendAreCompletedByResume kills the run at every append, before
// and after the record is durable.
func TestCharmsKilledAtAnyAppendAreCompletedByResume(t *testing.T) {
	appends := 0
	synctest.Test(t, func(t *testing.T) { appends = len(refreshing{world: newCharmWorld(1)}.run(t).records) })
	if appends < 20 {
		t.Fatalf("only %d appends: the run did not do its work", appends)
	}
	for at := 1; at <= appends; at++ {
		for _, durable := range []bool{false, true} {
			t.Run(fmt.Sprintf("append %d, durable %v", at, durable), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w := newCharmWorld(1)
					s := refreshing{world: w}
					before := s.before()
					d := &diary{plan: s.plan(), killAt: at, durable: durable}
					if err := s.engine(d, before).Run(t.Context()); !errors.Is(err, errKilled) {
						t.Fatalf("the kill gave %v", err)
					}
					d.dead, d.killAt = false, 0
					s.again(t, d, before)
					wantDone(t, d)
					w.wantRefreshed(t, allOf(1)...)
				})
			})
		}
	}
}

// TestCharmsInterruptedAtAnyTimeAreCompletedByResume.
func TestCharmsInterruptedAtAnyTimeAreCompletedByResume(t *testing.T) {
	for _, after := range slices.Collect(everyFew(1300*time.Millisecond, 60*time.Second)) {
		synctest.Test(t, func(t *testing.T) {
			w := newCharmWorld(1)
			s := refreshing{world: w}
			before := s.before()
			d := &diary{plan: s.plan()}
			ctx, cancel := context.WithTimeout(t.Context(), after)
			defer cancel()
			if err := s.engine(d, before).Run(ctx); err != nil {
				t.Fatal(err)
			}
			s.again(t, d, before)
			wantDone(t, d)
			w.wantRefreshed(t, allOf(1)...)
		})
	}
}

// wantTyped checks that each of these is among what is to be typed.
func wantTyped(t *testing.T, r journal.Record, commands ...string) {
	t.Helper()
	for _, want := range commands {
		if !strings.Contains(strings.Join(r.Fix, "\n"), want) {
			t.Errorf("%q is not among what is to be typed: %q", want, r.Fix)
		}
	}
}

// everyFew are the times up to the last one.
func everyFew(step, last time.Duration) func(func(time.Duration) bool) {
	return func(yield func(time.Duration) bool) {
		for at := step; at <= last; at += step {
			if !yield(at) {
				return
			}
		}
	}
}
