package execute_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/journal"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

const arrives = "/t/models/admin/a-m0/arrive"

// podsMove is a model of that many pods that moves, each away for so long afterwards.
func podsMove(pods int, away time.Duration) (*moveWorld, setup) {
	w, s := moveSetup(1)
	m := w.source.models["a-m0"]
	m.cluster, m.agents, w.podTime = "k:6443", nil, away
	for i := range pods {
		m.agents = append(m.agents, fmt.Sprintf("unit app/%d", i))
	}
	s.options = plan.Options{Parallel: 2, MaxFailures: 1}
	return w, s
}

func TestPodsThatRestartAfterAMigrationHaveArrivedWhenTheLastOneHas(t *testing.T) {
	for _, c := range []struct {
		name        string
		pods        int
		away, pause time.Duration
	}{
		{"for longer than a step may stand still", 40, 10 * time.Second, 0},
		{"with all there for a while in between", 5, 10 * time.Second, 25 * time.Second},
		{"so quickly that not each is seen away", 3, time.Second, 5 * time.Second},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, s := podsMove(c.pods, c.away)
				w.podPause = c.pause
				d := s.run(t)
				wantDone(t, d)
				wantMoved(t, w, 1)
				last := w.moving["a-m0"].began.Add(active + podsLate + time.Duration(c.pods)*(c.away+c.pause) - c.pause)
				if at := d.Step(arrives).Last; at.Before(last) {
					t.Errorf("arrived %s before its last pod was there", last.Sub(at))
				}
			})
		})
	}
}

func TestPodsThatAreSeenAgainLaterAreNotWaitedForAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, s := podsMove(2, 10*time.Second)
		arrived := 0
		for _, r := range s.run(t).records {
			if r.Step == arrives && r.Status == journal.Done {
				arrived = r.Seq
			}
		}
		w, s := podsMove(2, 10*time.Second)
		before := w.before()
		d := &diary{plan: s.plan(), killAt: arrived + 1, durable: true}
		_ = s.engine(d, before).Run(t.Context()) // killed after the arrival
		d.dead, d.killAt = false, 0
		s.carry(t, d, before)
		wantDone(t, d)
		if got := d.Step(arrives); got.Attempts != 1 {
			t.Errorf("waited for %d times", got.Attempts)
		}
	})
}

func TestAPodThatDoesNotComeBackAfterAMigrationStallsWithWhatKeepsIt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, s := podsMove(3, time.Hour)
		w.podTrouble = `unknown container reason "ImagePullBackOff": no such image`
		d := s.run(t)
		wantStatus(t, d, map[string]journal.Status{arrives: journal.Failed})
		r := d.Step(arrives).Record
		for _, want := range []string{"app/0 is lost, and in error", "ImagePullBackOff"} {
			if !strings.Contains(r.Detail, want) {
				t.Errorf("%q is not in %q", want, r.Detail)
			}
		}
		if fix := strings.Join(r.Fix, "\n"); !strings.Contains(fix, "kubectl -n a-m0 describe pod app-0") || !strings.Contains(fix, "juju upgrade-all resume") {
			t.Errorf("to type: %s", fix)
		}
	})
}
