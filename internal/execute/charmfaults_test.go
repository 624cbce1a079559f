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

// TestAnUploadedCharmIsFoundAgainAfterAKill at any append: it is set once, and uploaded again
// only where the kill came before it could be noted.
func TestAnUploadedCharmIsFoundAgainAfterAKill(t *testing.T) {
	appends := 0
	synctest.Test(t, func(t *testing.T) { appends = len(fromFile(newCharmWorld(1)).run(t).records) })
	if appends < 7 {
		t.Fatalf("only %d appends", appends)
	}
	for at := 1; at <= appends; at++ {
		for _, durable := range []bool{false, true} {
			t.Run(fmt.Sprintf("append %d, durable %v", at, durable), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w := newCharmWorld(1)
					s := fromFile(w)
					before := s.before()
					d := &diary{plan: s.plan(), killAt: at, durable: durable}
					if err := s.engine(d, before).Run(t.Context()); !errors.Is(err, errKilled) {
						t.Fatalf("the kill gave %v", err)
					}
					uploads := 1
					if at == 3 && !durable { // what it is called was to be noted
						uploads = 2
					}
					d.dead, d.killAt = false, 0
					s.again(t, d, before)
					wantDone(t, d)
					w.wantRefreshed(t, "a-m0.web")
					if w.uploads["a-m0.web"] != uploads || w.app("a-m0", "web").url != fmt.Sprintf("local:web-%d", uploads) {
						t.Errorf("%d uploads, and it is at %s", w.uploads["a-m0.web"], w.app("a-m0", "web").url)
					}
				})
			})
		}
	}
}

// TestAnotherUploadThanOursIsSomebodyElses, also where ours was refused and is not there.
func TestAnotherUploadThanOursIsSomebodyElses(t *testing.T) {
	for _, ours := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			w := newCharmWorld(1)
			s := fromFile(w)
			before := s.before()
			d := &diary{plan: s.plan()}
			sent := 0
			if ours {
				w.refuses["a-m0.web"], sent = &fleet.Problem{Code: fleet.Refused, Text: "not now"}, 1
				s.again(t, d, before)
				wantStatus(t, d, map[string]journal.Status{refreshID("a-m0", "web"): journal.Failed})
			}
			w.app("a-m0", "web").url = "local:web-7"
			s.again(t, d, before)
			wantTold(t, d.Step(refreshID("a-m0", "web")).Record, "resume 1", "somebody else has refreshed it")
			if w.sent["a-m0.web"] != sent {
				t.Errorf("asked for %d times", w.sent["a-m0.web"])
			}
		})
	}
}

// TestAnUploadThatWasRefusedIsSetByResume, and not uploaded again.
func TestAnUploadThatWasRefusedIsSetByResume(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newCharmWorld(1)
		s := fromFile(w)
		before := s.before()
		w.refuses["a-m0.web"] = &fleet.Problem{Code: fleet.Refused, Text: "not now"}
		d := s.run(t)
		wantStatus(t, d, map[string]journal.Status{refreshID("a-m0", "web"): journal.Failed})
		s.again(t, d, before)
		wantDone(t, d)
		if w.uploads["a-m0.web"] != 1 || w.app("a-m0", "web").url != "local:web-1" {
			t.Errorf("%d uploads, and it is at %s", w.uploads["a-m0.web"], w.app("a-m0", "web").url)
		}
	})
}

// TestALocalCharmOfARunThatNotedNothingIsOurs: a version that did not note what it had uploaded
// has begun the run.
func TestALocalCharmOfARunThatNotedNothingIsOurs(t *testing.T) {
	for _, status := range []journal.Status{journal.Started, journal.Done} {
		synctest.Test(t, func(t *testing.T) {
			w := newCharmWorld(1)
			s := fromFile(w)
			before := s.before()
			d := &diary{plan: s.plan()}
			w.app("a-m0", "web").url = "local:web-7"
			for _, r := range []journal.Record{
				{Event: journal.Begun},
				{Event: journal.Moved, Step: refreshID("a-m0", "web"), Status: journal.Started},
				{Event: journal.Moved, Step: refreshID("a-m0", "web"), Status: status, Changed: true},
			} {
				if err := d.Append(r); err != nil {
					t.Fatal(err)
				}
			}
			s.again(t, d, before)
			wantDone(t, d)
			if len(w.uploads)+len(w.sent) > 0 {
				t.Errorf("uploaded %v, sent %v", w.uploads, w.sent)
			}
		})
	}
}

// TestAHookDuringAnUploadIsNotThatOfTheRefresh: what follows is waited for all the same.
func TestAHookDuringAnUploadIsNotThatOfTheRefresh(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newCharmWorld(1)
		w.uploading = 3 * time.Minute
		web := w.app("a-m0", "web")
		web.mute, web.deaf, web.fails = true, 3*time.Minute, forever()
		d := fromFile(w).run(t)
		wantStatus(t, d, map[string]journal.Status{refreshID("a-m0", "web"): journal.Failed})
		if w.uploads["a-m0.web"] != 1 || w.sent["a-m0.web"] != 1 {
			t.Errorf("uploaded %v, sent %v", w.uploads, w.sent)
		}
	})
}

// TestAnUploadThatIsCutOffHasChangedNothing: it is used by nobody, and was not set.
func TestAnUploadThatIsCutOffHasChangedNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newCharmWorld(1)
		w.cut = away()
		d := fromFile(w).run(t)
		r := d.Step(refreshID("a-m0", "web")).Record
		if r.Status != journal.Failed || r.Changed || w.uploads["a-m0.web"] < 2 || len(w.sent) > 0 {
			t.Errorf("%s, changed %v; uploaded %v, sent %v", r.Status, r.Changed, w.uploads, w.sent)
		}
	})
}

// TestAnUploadThatIsRefusedWithoutACodeIsTriedAgainForAWhile, as a refresh is.
func TestAnUploadThatIsRefusedWithoutACodeIsTriedAgainForAWhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newCharmWorld(1)
		w.cut = &fleet.Problem{Code: fleet.Other, Text: "not now"}
		go func() {
			time.Sleep(time.Minute)
			w.mu.Lock()
			defer w.mu.Unlock()
			w.cut = nil
		}()
		wantDone(t, fromFile(w).run(t))
	})
}

// fromFile gives web the charm of a file, and refreshes nothing else.
func fromFile(w *charmWorld) refreshing {
	return refreshing{world: w, goal: fleet.Goal{
		Charms: fleet.CharmsOnly, Apps: []fleet.AppPattern{{App: "none"}},
		CharmFiles: []fleet.CharmFile{{App: fleet.AppPattern{App: "web"}, File: "/charms/web.charm", Charm: "web", SHA256: "abc"}},
	}}
}

// TestAResumedRunKnowsSinceWhenUnitsWereIdle: one that notices nothing for longer than any
// quiet that the run would wait for is not taken for there.
func TestAResumedRunKnowsSinceWhenUnitsWereIdle(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newCharmWorld(1)
		db := w.app("a-m0", "db")
		db.mute, db.deaf, db.fails = true, 3*time.Minute, forever()
		s := refreshing{world: w, goal: fleet.Goal{Charms: fleet.CharmsOnly}}
		before := s.before()
		d := &diary{plan: s.plan()}
		ctx, cancel := context.WithTimeout(t.Context(), 3*time.Second)
		defer cancel()
		if err := s.engine(d, before).Run(ctx); err != nil {
			t.Fatal(err)
		}
		if w.sent["a-m0.db"] != 1 {
			t.Fatalf("asked for %d times", w.sent["a-m0.db"])
		}
		s.again(t, d, before)
		wantStatus(t, d, map[string]journal.Status{refreshID("a-m0", "db"): journal.Failed})
	})
}

// TestNothingIsAskedForThatCouldNotBeNoted: the next one would not know what it sees.
func TestNothingIsAskedForThatCouldNotBeNoted(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newCharmWorld(1)
		s := refreshing{world: w, goal: fleet.Goal{Charms: fleet.CharmsOnly}}
		d := &diary{plan: s.plan(), killAt: 3}
		if err := s.engine(d, s.before()).Run(t.Context()); !errors.Is(err, errKilled) {
			t.Fatal(err)
		}
		if len(w.sent) > 0 || d.sequence() != "begun\nstarted "+refreshID("a-m0", "db")+"\n" {
			t.Errorf("sent %v after\n%s", w.sent, d.sequence())
		}
	})
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
