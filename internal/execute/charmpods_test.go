package execute_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/journal"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

// rolling is how the pods of an application come to another charm. Its pause, if it has one,
// comes after the first of them.
type rolling struct {
	// aloft says that it is the application that tells of the pause, and no unit.
	aloft bool
	// hesitates is for how long each pod that came waits for the others, idle.
	hesitates time.Duration
	// ticks says that its units run a hook of a few seconds every five minutes.
	ticks bool
	// blocked says that its first unit was so before.
	blocked bool
	// pulled is when an image of its first pod that comes can be pulled: its charm's, or,
	// of beside, its workload's, which leaves the charm's agent as it is.
	pulled time.Time
	beside bool
}

// pullError is what Juju says of an image that cannot be pulled. (seen)
const pullError = `unknown container reason "ImagePullBackOff": Back-off pulling image "registry/db"`

// podTime is for how long a pod is away.
const podTime = 20 * time.Second

// begins is when the pod that is nth in the order of their coming goes away.
func (a *charmApp) begins(nth int) time.Time {
	each := podTime + hookTime + a.hesitates
	at := a.asked.Add(followTime + time.Duration(nth)*each)
	if came := a.pulled.Add(time.Duration(nth-1) * each); nth > 0 && came.After(at) {
		at = came
	}
	if resumed := a.pauses.Add(time.Duration(nth-1) * each); nth > 0 && resumed.After(at) {
		return resumed
	}
	return at
}

// cameTo says that the nth pod has come, and has run its hook.
func (a *charmApp) cameTo(nth int) bool {
	return !time.Now().Before(a.begins(nth).Add(podTime + hookTime))
}

// showsPods has the application and its units as they are now.
func (a *charmApp) showsPods(app *fleet.Application, agents []fleet.Agent) {
	app.Status.Status = "active"
	for i := range agents {
		unit := &agents[i]
		var number int
		if n, _ := fmt.Sscanf(unit.Name, app.Name+"/%d", &number); n != 1 {
			continue
		}
		unit.State.Since = longAgo
		if a.ticks {
			unit.State.Since = time.Now().Truncate(5 * time.Minute)
		}
		if a.ticks && time.Now().Unix()%300 < 3 {
			unit.State.Status = "executing"
		}
		if a.blocked && number == a.pods-1 {
			unit.Health = fleet.Condition{Status: "blocked", Message: "no database"}
		}
		nth := a.pods - 1 - number
		if a.asked.IsZero() || time.Now().Before(a.begins(nth)) {
			if !a.asked.IsZero() && !a.mute {
				app.Behind = append(app.Behind, unit.Name)
			}
			continue
		}
		if came := a.begins(nth).Add(podTime); !a.ticks || came.After(unit.State.Since) {
			unit.State.Since = came
		}
		if nth == 0 && time.Now().Before(a.pulled) {
			unit.Health = fleet.Condition{Status: "error", Message: pullError}
			if !a.beside {
				unit.State.Status = "lost"
			}
			continue
		}
		switch at := time.Since(a.begins(nth)); {
		case at < podTime:
			unit.State.Status = "allocating"
			unit.Health = fleet.Condition{Status: "waiting", Message: "installing agent"}
		case at < podTime+hookTime:
			unit.State.Status = "executing"
		case at < podTime+hookTime+a.hesitates:
			unit.Health = fleet.Condition{Status: "waiting", Message: "waiting for the others"}
		case nth > 0 || !time.Now().Before(a.pauses):
		case a.aloft:
			app.Status = fleet.Condition{Status: "blocked", Message: "check unit 2 and run resume-refresh"}
		default:
			unit.Health = fleet.Condition{Status: "blocked", Message: "run resume-refresh"}
		}
	}
}

// onPods is a world on Kubernetes, in which db has three units.
func onPods() *charmWorld {
	w := newCharmWorld(1)
	w.cluster = "https://10.0.0.1:6443"
	w.controllers["a-uuid"].models["a-m0"].agents = []string{"unit db/0", "unit db/1", "unit db/2", "unit idle/0", "unit web/0"}
	w.app("a-m0", "db").pods = 3
	w.app("a-m0", "db").actions = []string{"resume-refresh"}
	return w
}

// told runs, and returns what the step was told to wait for the operator for, each time that
// this was another than just before.
func (s refreshing) told(t *testing.T, step string) (*diary, []journal.StepProgress) {
	t.Helper()
	d := &diary{plan: s.plan()}
	engine := s.engine(d, s.before())
	var out []journal.StepProgress
	was := ""
	engine.Observe = func(id string, p *journal.StepProgress) {
		if id != step || p == nil {
			return
		}
		now := ""
		if p.ForOperator {
			now = p.Note
		}
		if now != was && now != "" {
			out = append(out, *p)
		}
		was = now
	}
	if err := engine.Run(t.Context()); err != nil {
		t.Fatal(err)
	}
	return d, out
}

// TestAPauseHalfWayThroughPodsIsWaitedFor for as long as it takes, and said to be, once: by a
// unit, or by the application as a whole.
func TestAPauseHalfWayThroughPodsIsWaitedFor(t *testing.T) {
	for name, test := range map[string]struct {
		aloft, mute bool
		want        string
	}{
		"a unit says so":                           {false, false, "waiting for you: unit db/2 is blocked (run resume-refresh)"},
		"the application says so":                  {true, false, "waiting for you: application db is blocked (check unit 2 and run resume-refresh)"},
		"a unit, where nobody shows who is behind": {false, true, "waiting for you: unit db/2 is blocked (run resume-refresh)"},
		"the application, the same":                {true, true, "waiting for you: application db is blocked (check unit 2 and run resume-refresh)"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := onPods()
				db := w.app("a-m0", "db")
				db.pauses, db.aloft, db.mute, db.ticks = time.Now().Add(10*time.Hour), test.aloft, test.mute, true
				d, told := refreshing{world: w, goal: fleet.Goal{Charms: fleet.CharmsOnly}}.told(t, refreshID("a-m0", "db"))
				wantDone(t, d)
				w.wantRefreshed(t, allOf(1)...)
				if len(told) != 1 || told[0].Note != test.want {
					t.Fatalf("told %d times: %+v", len(told), told)
				}
				if want := "juju run -m a:admin/a-m0 db/leader resume-refresh   # when you have looked"; told[0].Command != want {
					t.Errorf("to type is %q, want %q", told[0].Command, want)
				}
				if told[0].There != 1 || told[0].Awaited != 3 {
					t.Errorf("%d of %d are there", told[0].There, told[0].Awaited)
				}
				if done := d.Step(refreshID("a-m0", "db")).Last; done.Before(db.pauses) {
					t.Errorf("it was there at %s, half way", done)
				}
			})
		})
	}
}

// TestAPauseOfTheWholeApplicationIsSeenWhenAllUnitsAreThere, of machines as of pods.
func TestAPauseOfTheWholeApplicationIsSeenWhenAllUnitsAreThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := onPods()
		w.cluster = ""
		db := w.app("a-m0", "db")
		db.pods, db.pauses, db.aloft = 1, time.Now().Add(10*time.Hour), true
		w.controllers["a-uuid"].models["a-m0"].agents = []string{"unit db/0", "unit idle/0", "unit web/0"}
		d, told := refreshing{world: w, goal: fleet.Goal{Charms: fleet.CharmsOnly}}.told(t, strings.Replace(refreshID("a-m0", "db"), "refresh", "verify", 1))
		wantDone(t, d)
		if len(told) != 1 || !strings.HasPrefix(told[0].Note, "waiting for you: application db is blocked") {
			t.Fatalf("told %+v", told)
		}
		if idle := w.app("a-m0", "idle").asked; idle.Before(db.pauses) {
			t.Errorf("the next one was asked for at %s", idle)
		}
	})
}

// TestPodsThatComeSlowlyAreNoPause: each waits for the others for a while, and says so.
func TestPodsThatComeSlowlyAreNoPause(t *testing.T) {
	for _, hesitates := range []time.Duration{0, 15 * time.Second, 50 * time.Second, 65 * time.Second, 80 * time.Second} {
		for _, mute := range []bool{false, true} {
			synctest.Test(t, func(t *testing.T) {
				w := onPods()
				w.app("a-m0", "db").hesitates, w.app("a-m0", "db").mute = hesitates, mute
				d, told := refreshing{world: w, goal: fleet.Goal{Charms: fleet.CharmsOnly}}.told(t, refreshID("a-m0", "db"))
				wantDone(t, d)
				if len(told) > 0 {
					t.Errorf("with %s, mute %v: told %+v", hesitates, mute, told)
				}
			})
		}
	}
}

// TestAnImageThatComesLateHealsARefresh, whichever image it is: no hook has failed.
func TestAnImageThatComesLateHealsARefresh(t *testing.T) {
	for _, beside := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			w := onPods()
			w.app("a-m0", "db").pulled, w.app("a-m0", "db").beside = time.Now().Add(10*time.Minute), beside
			wantDone(t, refreshing{world: w, goal: fleet.Goal{Charms: fleet.CharmsOnly}}.run(t))
			w.wantRefreshed(t, allOf(1)...)
		})
	}
}

// TestAnImageThatDoesNotComeIsLookedForInKubernetes: "juju resolved" would do nothing of a pod
// that is away, and is told where it may be a hook as well.
func TestAnImageThatDoesNotComeIsLookedForInKubernetes(t *testing.T) {
	for _, beside := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			w := onPods()
			w.app("a-m0", "db").pulled, w.app("a-m0", "db").beside = forever(), beside
			d := refreshing{world: w, goal: fleet.Goal{Charms: fleet.CharmsOnly}}.run(t)
			wantStatus(t, d, map[string]journal.Status{refreshID("a-m0", "db"): journal.Failed, refreshID("a-m0", "idle"): journal.Held})
			r := d.Step(refreshID("a-m0", "db")).Record
			wantTold(t, r, "resume 1", "ImagePullBackOff", "cannot be pulled")
			wantTyped(t, r, "kubectl -n a-m0 describe pod db-2")
			if resolved := strings.Contains(strings.Join(r.Fix, " "), "juju resolved"); resolved != beside {
				t.Errorf("to type is %q", r.Fix)
			}
		})
	}
}

// TestWhatWasBlockedBeforeIsNoPause: pods that then do not come stall, as ever.
func TestWhatWasBlockedBeforeIsNoPause(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := onPods()
		db := w.app("a-m0", "db")
		db.blocked, db.pauses, db.aloft = true, forever(), true
		s := refreshing{world: w, goal: fleet.Goal{Charms: fleet.CharmsOnly}}
		before := s.before()
		before["a-m0"]["application db"] = fleet.Condition{Status: "blocked"}
		d := &diary{plan: s.plan()}
		s.again(t, d, before)
		r := d.Step(refreshID("a-m0", "db")).Record
		wantTold(t, r, "resume 1", "have not followed")
		wantTyped(t, r, "juju show-status-log -m a:admin/a-m0 db/0")
		if len(r.Missing) != 2 {
			t.Errorf("missing are %v", r.Missing)
		}
	})
}

func TestAPauseOfPodsFailsWhereTheOperatorSetALimit(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := onPods()
		w.app("a-m0", "db").pauses = forever()
		d := refreshing{world: w, goal: fleet.Goal{Charms: fleet.CharmsOnly}, options: plan.Options{Parallel: 1, Agents: 200, MaxFailures: 1, Stall: 10 * time.Minute}}.run(t)
		wantStatus(t, d, map[string]journal.Status{refreshID("a-m0", "db"): journal.Failed, refreshID("a-m0", "idle"): journal.Held})
		r := d.Step(refreshID("a-m0", "db")).Record
		wantTold(t, r, "resume 1", "half way")
		wantTyped(t, r, "juju run -m a:admin/a-m0 db/leader resume-refresh")
	})
}

// TestAPauseHalfWayIsThereAgainAfterResume, and is not refreshed a second time.
func TestAPauseHalfWayIsThereAgainAfterResume(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := onPods()
		w.app("a-m0", "db").pauses = time.Now().Add(10 * time.Hour)
		s := refreshing{world: w, goal: fleet.Goal{Charms: fleet.CharmsOnly}}
		before := s.before()
		d := &diary{plan: s.plan()}
		go func() {
			time.Sleep(time.Hour)
			d.mu.Lock()
			d.dead = true
			d.mu.Unlock()
		}()
		if err := s.engine(d, before).Run(t.Context()); !errors.Is(err, errKilled) {
			t.Fatal(err)
		}
		d.dead = false
		w.app("a-m0", "db").pauses = time.Now().Add(10 * time.Hour)
		s.again(t, d, before)
		wantDone(t, d)
		w.wantRefreshed(t, allOf(1)...)
	})
}
