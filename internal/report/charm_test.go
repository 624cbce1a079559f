package report

import (
	"strings"
	"testing"
	"time"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/journal"
)

func TestAPlanOfCharmsReads(t *testing.T) {
	for name, p := range charmPlans() {
		t.Run(name, func(t *testing.T) {
			got := draw(t, func(b *strings.Builder) error { return Plan(b, p, terminal) })
			golden(t, "charm-plan-"+name, got+"\n"+Question(p)+"\n")
		})
	}
}

// interruptedRefresh is a run that stopped while a charm was refreshed.
func interruptedRefresh() *run { return refreshing().event(13*time.Minute, journal.Interrupted) }

// movedAndFailed is a move whose models have arrived, and a charm of which has not.
func movedAndFailed() *run {
	r := newRun(movedCharms()).event(0, journal.Begun)
	for i, s := range r.s.Plan.Steps {
		d := time.Duration(i) * time.Minute
		switch s.ID {
		case "/new/models/admin/shop/charms/cart/refresh":
			r.record(journal.Record{Time: at(d), Event: journal.Moved, Step: s.ID, Status: journal.Failed,
				Detail: "cannot refresh cart: operation is blocked", Meaning: "cart was not refreshed",
				Fix: []string{"juju show-application -m new:admin/shop cart", "juju upgrade-all resume 17"}})
		case "/new/models/admin/shop/charms/cart/verify", "/new/models/admin/shop/charms/shop/refresh", "/new/models/admin/shop/charms/shop/verify":
			r.record(journal.Record{Time: at(d), Event: journal.Moved, Step: s.ID, Status: journal.Held,
				Detail: "/new/models/admin/shop/charms/cart/refresh failed"})
		default:
			r.through(d, s.ID)
		}
	}
	return r.event(40*time.Minute, journal.Finished)
}

// gonePartly is a run in which an application is no longer there.
func gonePartly() *run {
	r := newRun(charmsAlone().p).event(0, journal.Begun)
	for i, s := range r.s.Plan.Steps {
		if s.Refresh.Application == "mysql" {
			r.record(journal.Record{Time: at(time.Duration(i) * time.Minute), Event: journal.Moved, Step: s.ID, Status: journal.Skipped,
				Detail: "the model has no such application any more"})
			continue
		}
		r.through(time.Duration(i)*time.Minute, s.ID)
	}
	return r.event(9*time.Minute, journal.Finished)
}

// acceptedUnits is a run that did not wait for a unit.
func acceptedUnits() *run {
	p := charmPlans()["one"]
	p.Steps[0].Absent = []string{"machine 0", "unit other/1", "unit tiny/3"}
	return doneRun(p)
}

func TestAStatusOfCharmsReads(t *testing.T) {
	for _, test := range []struct {
		name     string
		s        journal.State
		progress *journal.Progress
		alive    bool
		now      time.Duration
	}{
		{"waiting-for-you", refreshing().s, refreshProgress(), true, 13 * time.Minute},
		{"interrupted", interruptedRefresh().s, nil, false, 20 * time.Minute},
		{"killed", refreshing().s, refreshProgress(), false, time.Hour},
		{"hook-failed", hookFailed().s, nil, false, 20 * time.Minute},
		{"abandoned", interruptedRefresh().event(time.Hour, journal.Abandoned).s, nil, false, 2 * time.Hour},
		{"many-held", manyHeld().s, nil, false, 3 * time.Hour},
		{"only", newRun(charmsAlone().p).event(0, journal.Begun).through(0, mysqlRefresh).s, nil, true, time.Minute},
		{"only-done", doneRun(charmsAlone().p).s, nil, false, time.Hour},
		{"moved", movedAndFailed().s, nil, false, time.Hour},
	} {
		t.Run(test.name, func(t *testing.T) {
			golden(t, "charm-status-"+test.name, draw(t, func(b *strings.Builder) error {
				return Status(b, test.s, test.progress, test.alive, at(test.now), terminal)
			}))
		})
	}
}

func TestASummaryOfCharmsReads(t *testing.T) {
	for name, r := range map[string]*run{
		"done": doneRun(withCharms().p), "only": doneRun(charmsAlone().p), "one": doneRun(charmPlans()["one"]),
		"hook-failed": hookFailed(), "interrupted": interruptedRefresh(), "many-held": manyHeld(), "moved": movedAndFailed(),
		"moved-done": doneRun(movedCharms()), "gone": gonePartly(), "accepted": acceptedUnits(),
		"none-begun": newRun(charmsAlone().p).event(0, journal.Begun).event(time.Second, journal.Interrupted),
	} {
		t.Run(name, func(t *testing.T) {
			golden(t, "charm-summary-"+name, draw(t, func(b *strings.Builder) error {
				return Summary(b, r.s, "/home/op/.local/share/juju/upgrade-all/17", at(30*time.Minute), terminal)
			}))
		})
	}
}

func TestAFrameOfCharmsReads(t *testing.T) {
	many := newRun(manyCharms(30, 12).p).event(0, journal.Begun)
	for i, s := range many.s.Plan.Steps {
		switch {
		case s.Refresh == nil:
			many.through(time.Duration(i)*time.Second, s.ID)
		case strings.Contains(s.ID, "app00"):
			many.step(4*time.Minute, s.ID, journal.Started)
		}
	}
	for _, test := range []struct {
		name          string
		s             journal.State
		progress      map[string]journal.StepProgress
		now           time.Duration
		width, height int
	}{
		{"waiting-for-you", refreshing().s, refreshProgress().Steps, 13 * time.Minute, 100, 30},
		{"narrow", refreshing().s, refreshProgress().Steps, 13 * time.Minute, 60, 7},
		{"hook-failed", hookFailed().s, nil, 14 * time.Minute, 100, 30},
		{"many", many.s, nil, 5 * time.Minute, 80, 12},
	} {
		t.Run(test.name, func(t *testing.T) {
			rows := frame(test.s, test.progress, at(test.now), test.width, test.height, terminal)
			if len(rows) > test.height {
				t.Errorf("%d rows in a terminal of %d", len(rows), test.height)
			}
			golden(t, "charm-frame-"+test.name, strings.Join(rows, "\n")+"\n")
		})
	}
}
