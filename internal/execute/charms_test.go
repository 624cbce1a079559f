package execute_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/journal"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

func TestCharmsFollowTheAgentsOfTheirModelOneByOne(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newCharmWorld(3)
		d := refreshing{world: w}.run(t)
		wantDone(t, d)
		w.wantRefreshed(t, allOf(3)...)
		if w.most != 1 {
			t.Errorf("%d applications of a model at once", w.most)
		}
	})
}

func TestCharmsAloneLeaveAgentsAsTheyAre(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newCharmWorld(2)
		d := refreshing{world: w, goal: fleet.Goal{Charms: fleet.CharmsOnly}}.run(t)
		wantDone(t, d)
		w.wantRefreshed(t, allOf(2)...)
		if len(w.asked) > 0 {
			t.Errorf("upgrades were asked for: %v", w.asked)
		}
	})
}

func TestSeveralApplicationsAtOnceWhenWantedAndTheOrderedOnesFirst(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newCharmWorld(1)
		s := refreshing{
			world: w, goal: fleet.Goal{CharmOrder: []fleet.AppPattern{{App: "web"}}},
			options: plan.Options{Parallel: 1, Agents: 200, MaxFailures: 1, CharmParallel: 2},
		}
		d := s.run(t)
		wantDone(t, d)
		w.wantRefreshed(t, allOf(1)...)
		if w.most != 2 {
			t.Errorf("%d at once, want 2", w.most)
		}
		if db, web := w.app("a-m0", "db").asked, w.app("a-m0", "web").asked; !web.Before(db.Add(-hookTime)) {
			t.Errorf("web was asked for at %s, db at %s", web, db)
		}
	})
}

func TestOrderIsThatOfTheOperator(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newCharmWorld(1)
		wantDone(t, refreshing{world: w, goal: fleet.Goal{CharmOrder: []fleet.AppPattern{{App: "web"}, {App: "id*"}}}}.run(t))
		at := func(name string) time.Time { return w.app("a-m0", name).asked }
		if !at("web").Before(at("idle")) || !at("idle").Before(at("db")) {
			t.Errorf("web %s, idle %s, db %s", at("web"), at("idle"), at("db"))
		}
	})
}

// TestAHookThatGoesOnFailingStopsItsModelAlone, and says what to type; once that was
// done, resume goes on without asking again.
func TestAHookThatGoesOnFailingStopsItsModelAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newCharmWorld(2)
		s := refreshing{world: w, options: plan.Options{Parallel: 2, Agents: 200, MaxFailures: 0}}
		w.app("a-m0", "idle").fails = forever()
		before := s.before()
		d := s.run(t)
		failed := refreshID("a-m0", "idle")
		wantStatus(t, d, map[string]journal.Status{
			refreshID("a-m0", "db"): journal.Done, failed: journal.Failed, refreshID("a-m0", "web"): journal.Held, refreshID("a-m1", "web"): journal.Done,
		})
		r := d.Step(failed).Record
		wantTyped(t, r, "juju resolved -m a:admin/a-m0 idle/0", "juju debug-log -m a:admin/a-m0 --replay --no-tail --include unit-idle-0")
		wantTold(t, r, "resume 1", `hook failed: "upgrade-charm"`)
		if !r.Changed || len(r.Missing) != 1 {
			t.Errorf("changed %v, missing %v", r.Changed, r.Missing)
		}
		w.app("a-m0", "idle").fails = time.Time{} // juju resolved
		s.again(t, d, before)
		wantDone(t, d)
		w.wantRefreshed(t, allOf(2)...)
	})
}

func TestAHookThatHealsByItselfFailsNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newCharmWorld(1)
		w.app("a-m0", "db").fails = time.Now().Add(50 * time.Second)
		wantDone(t, refreshing{world: w, goal: fleet.Goal{Charms: fleet.CharmsOnly}}.run(t))
		w.wantRefreshed(t, allOf(1)...)
	})
}

// TestACharmThatWaitsForItsOperatorIsWaitedFor for as long as it takes, and said to be.
func TestACharmThatWaitsForItsOperatorIsWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newCharmWorld(1)
		w.app("a-m0", "db").pauses = time.Now().Add(10 * time.Hour)
		w.app("a-m0", "db").actions = []string{"pre-refresh-check", "resume-refresh"}
		s := refreshing{world: w}
		d := &diary{plan: s.plan()}
		engine := s.engine(d, s.before())
		var told journal.StepProgress
		engine.Observe = func(_ string, p *journal.StepProgress) {
			if p != nil && p.ForOperator {
				told = *p
			}
		}
		if err := engine.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		wantDone(t, d)
		if want := "waiting for you: unit db/0 is blocked (run resume-refresh)"; !strings.HasPrefix(told.Note, want) {
			t.Errorf("told is %q, want %q", told.Note, want)
		}
		if want := "juju run -m a:admin/a-m0 db/leader resume-refresh   # when you have looked"; told.Command != want {
			t.Errorf("to type is %q, want %q", told.Command, want)
		}
	})
}

func TestAPauseFailsWhereTheOperatorSetALimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newCharmWorld(1)
		w.app("a-m0", "db").pauses = forever()
		d := refreshing{world: w, options: plan.Options{Parallel: 1, Agents: 200, MaxFailures: 1, Stall: 10 * time.Minute}}.run(t)
		verify := strings.Replace(refreshID("a-m0", "db"), "refresh", "verify", 1)
		wantStatus(t, d, map[string]journal.Status{verify: journal.Failed, refreshID("a-m0", "idle"): journal.Held})
		wantTold(t, d.Step(verify).Record, "resume 1", "db/0", "before db was refreshed")
	})
}

// TestAPauseHoldsNothingBesideIt: where several applications are refreshed at once, each
// is judged by its own units.
func TestAPauseHoldsNothingBesideIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newCharmWorld(1)
		w.app("a-m0", "db").pauses = time.Now().Add(10 * time.Hour)
		d := refreshing{world: w, options: plan.Options{Parallel: 1, Agents: 200, MaxFailures: 1, CharmParallel: 2}}.run(t)
		wantDone(t, d)
		w.wantRefreshed(t, allOf(1)...)
		if idle := w.app("a-m0", "idle").asked; !idle.Before(w.app("a-m0", "db").pauses) {
			t.Errorf("idle was asked for at %s", idle)
		}
		if verified := d.Step("/a/models/admin/a-m0/charms/idle/verify").Last; !verified.Before(w.app("a-m0", "db").pauses) {
			t.Errorf("idle was seen to be well at %s", verified)
		}
	})
}

// TestAPauseIsThatOfItsApplicationAfterResume: an application that was seen to be well is
// not looked at again because of one that came after it.
func TestAPauseIsThatOfItsApplicationAfterResume(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newCharmWorld(1)
		w.app("a-m0", "web").pauses = time.Now().Add(10 * time.Hour)
		s := refreshing{world: w}
		before := s.before()
		d := &diary{plan: s.plan()}
		ctx, cancel := context.WithTimeout(t.Context(), time.Hour)
		defer cancel()
		if err := s.engine(d, before).Run(ctx); err != nil {
			t.Fatal(err)
		}
		n := len(d.records)
		s.again(t, d, before)
		wantDone(t, d)
		w.wantRefreshed(t, allOf(1)...)
		for _, r := range d.records[n:] {
			if r.Event == journal.Moved && !strings.Contains(r.Step, "/charms/web/") {
				t.Errorf("%s is %s again", r.Step, r.Status)
			}
		}
	})
}

// TestWhatGetsWorseIsTiedToTheApplicationThatWasRefreshed, also where it is another's
// unit.
func TestWhatGetsWorseIsTiedToTheApplicationThatWasRefreshed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newCharmWorld(1)
		w.app("a-m0", "db").ails = "web/0"
		d := refreshing{world: w}.run(t)
		verify := "/a/models/admin/a-m0/charms/db/verify"
		wantStatus(t, d, map[string]journal.Status{refreshID("a-m0", "db"): journal.Done, verify: journal.Failed, refreshID("a-m0", "idle"): journal.Held})
		r := d.Step(verify).Record
		wantTold(t, r, "resume 1", "web/0", "before db was refreshed")
		if len(r.Regressions) != 1 || r.Regressions[0].Agent != "unit web/0" {
			t.Errorf("regressions are %v", r.Regressions)
		}
	})
}

func TestUnitsThatDoNotFollowAreNamed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newCharmWorld(1)
		w.app("a-m0", "db").deaf = 100 * time.Hour
		d := refreshing{world: w}.run(t)
		r := d.Step(refreshID("a-m0", "db")).Record
		wantTold(t, r, "resume 1", "have not followed")
		wantTyped(t, r, "juju show-status-log -m a:admin/a-m0 db/0")
		if len(r.Missing) != 1 || r.Missing[0].Name != "db/0" {
			t.Errorf("missing are %v", r.Missing)
		}
	})
}

// TestUnitsThatShowNothingOfItAreNotTakenForThere: what a resource alone brings, and on
// Juju 4.1 a charm, is not seen before the unit runs its hook.
func TestUnitsThatShowNothingOfItAreNotTakenForThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newCharmWorld(1)
		db := w.app("a-m0", "db")
		db.mute, db.deaf = true, 40*time.Second
		db.fails = forever()
		d := refreshing{world: w}.run(t)
		wantStatus(t, d, map[string]journal.Status{refreshID("a-m0", "db"): journal.Failed, refreshID("a-m0", "idle"): journal.Held})
	})
}

// TestAResumedRunLooksForAWhileAtUnitsThatShowNothing: it does not know since when they
// are idle.
func TestAResumedRunLooksForAWhileAtUnitsThatShowNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newCharmWorld(1)
		db := w.app("a-m0", "db")
		db.mute, db.fails = true, forever()
		s := refreshing{world: w, goal: fleet.Goal{Charms: fleet.CharmsOnly}}
		before := s.before()
		d := &diary{plan: s.plan(), killAt: 3, durable: true} // begun
		w.url("a-m0", "db")                                   // it was asked for just before
		if err := s.engine(d, before).Run(t.Context()); !errors.Is(err, errKilled) {
			t.Fatal(err)
		}
		d.dead, d.killAt = false, 0
		s.again(t, d, before)
		wantStatus(t, d, map[string]journal.Status{refreshID("a-m0", "db"): journal.Failed})
	})
}

func TestOnlyResourcesAreBroughtWhereTheCharmIsTheSame(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newCharmWorld(1)
		for name, a := range w.apps["a-m0"] {
			a.newest = a.url
			if name == "db" {
				a.resources = map[string]int{"box": 1, "own": -1}
				a.wants = []fleet.Resource{{Name: "box", Now: 1, Then: 2}, {Name: "own", Now: -1, Then: 7, Uploaded: true}}
			}
		}
		wantDone(t, refreshing{world: w, goal: fleet.Goal{Charms: fleet.CharmsOnly}}.run(t))
		w.wantRefreshed(t, "a-m0.db")
		if got := w.app("a-m0", "db").resources; got["box"] != 2 || got["own"] != -1 {
			t.Errorf("resources are %v", got)
		}
		if p := (refreshing{world: w, goal: fleet.Goal{Charms: fleet.CharmsOnly}}).plan(); len(p.Steps) > 0 && p.Steps[0].Refresh.Resources[0].Now == 2 {
			t.Error("it is planned again")
		}
	})
}

func TestALocalCharmIsGivenWhereAFileIs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newCharmWorld(1)
		wantDone(t, fromFile(w).run(t))
		w.wantRefreshed(t, "a-m0.web")
	})
}

// TestALaterRevisionThatSomebodyBroughtIsWaitedFor: one that mends what failed, perhaps.
func TestALaterRevisionThatSomebodyBroughtIsWaitedFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newCharmWorld(1)
		s := refreshing{world: w}
		before := s.before()
		w.app("a-m0", "db").fails = forever()
		d := s.run(t)
		wantStatus(t, d, map[string]journal.Status{refreshID("a-m0", "db"): journal.Failed})
		db := w.app("a-m0", "db") // juju refresh, juju resolved --no-retry
		db.url, db.asked, db.fails = "ch:amd64/db-3", time.Now(), time.Time{}
		s.again(t, d, before)
		wantDone(t, d)
		if r := d.Step(refreshID("a-m0", "db")).Record; !strings.Contains(r.Result, "revision 3, which is later than planned") {
			t.Errorf("told is %q", r.Result)
		}
		if w.sent["a-m0.db"] != 1 {
			t.Errorf("it was asked for %d times", w.sent["a-m0.db"])
		}
	})
}

// TestAnotherWayOfWritingAURLIsTheSameCharm: Juju 4 writes no series, and an architecture
// into the URLs of local charms.
func TestAnotherWayOfWritingAURLIsTheSameCharm(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newCharmWorld(1)
		db := w.app("a-m0", "db")
		db.url, db.newest = "ch:amd64/focal/db-1", "ch:amd64/db-1"
		db.resources, db.wants = map[string]int{"box": 1}, []fleet.Resource{{Name: "box", Now: 1, Then: 2}}
		w.app("a-m0", "web").url = "local:focal/web-0"
		s := refreshing{world: w, goal: fleet.Goal{Charms: fleet.CharmsOnly, CharmFiles: []fleet.CharmFile{{App: fleet.AppPattern{App: "web"}, File: "/web.charm", Charm: "web"}}}}
		before := s.before()
		d := &diary{plan: s.plan()}
		w.app("a-m0", "web").url = "local:amd64/web-0" // as the model has moved
		w.otherWay = true
		s.again(t, d, before)
		wantDone(t, d)
		w.wantRefreshed(t, allOf(1)...)
	})
}

// TestARefusalWithoutACodeIsTriedAgainForAWhile: that Charmhub was not reached has none.
func TestARefusalWithoutACodeIsTriedAgainForAWhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newCharmWorld(1)
		w.refuses["a-m0.db"] = &fleet.Problem{Code: fleet.Other, Text: "connection refused"}
		wantDone(t, refreshing{world: w, goal: fleet.Goal{Charms: fleet.CharmsOnly}}.run(t))
		if w.sent["a-m0.db"] != 2 {
			t.Errorf("asked for %d times", w.sent["a-m0.db"])
		}
	})
}

func TestAResourceThatWasUploadedMeanwhileStays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newCharmWorld(1)
		db := w.app("a-m0", "db")
		db.newest = db.url
		db.resources, db.wants = map[string]int{"box": 1}, []fleet.Resource{{Name: "box", Now: 1, Then: 2}}
		s := refreshing{world: w, goal: fleet.Goal{Charms: fleet.CharmsOnly, Apps: []fleet.AppPattern{{App: "db"}}}}
		d := &diary{plan: s.plan()}
		db.resources["box"] = -1
		s.again(t, d, s.before())
		wantDone(t, d)
		if w.sent["a-m0.db"] > 0 || db.resources["box"] != -1 {
			t.Errorf("asked for %d times, and is %v", w.sent["a-m0.db"], db.resources)
		}
	})
}

func TestAnApplicationThatSomebodyElseRefreshedIsLeftAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newCharmWorld(1)
		w.app("a-m0", "db").newest = "ch:amd64/db-5"
		s := refreshing{world: w}
		d := &diary{plan: s.plan()}
		w.app("a-m0", "db").url = "ch:amd64/db-3"
		s.again(t, d, s.before())
		wantTold(t, d.Step(refreshID("a-m0", "db")).Record, "--exclude-app a:admin/a-m0.db", "somebody else has refreshed it")
		if w.sent["a-m0.db"] > 0 {
			t.Error("it was refreshed all the same")
		}
	})
}

func TestARefusedRefreshChangesNothingAndSaysWhatToType(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newCharmWorld(1)
		w.refuses["a-m0.db"] = &fleet.Problem{Code: fleet.Refused, Text: "its channel has revision 3 now", Remedy: "juju upgrade-all plan --charms-only"}
		d := refreshing{world: w, goal: fleet.Goal{Charms: fleet.CharmsOnly}}.run(t)
		r := d.Step(refreshID("a-m0", "db")).Record
		wantTold(t, r, "juju upgrade-all plan --charms-only", "its channel has revision 3 now", "was not refreshed")
		if r.Changed || r.Status != journal.Failed {
			t.Errorf("%s, changed %v", r.Status, r.Changed)
		}
	})
}
