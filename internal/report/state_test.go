package report

import (
	"strings"
	"testing"
	"time"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/journal"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

func regressed() *run {
	p := small().p
	r := newRun(p).event(0, journal.Begun)
	for i, s := range p.Steps {
		if s.ID == "/prod/models/admin/shop/verify" {
			r.record(journal.Record{Time: at(9 * time.Minute), Event: journal.Moved, Step: s.ID, Status: journal.Failed,
				There: 20, Awaited: 21, Detail: "nothing has moved for 5m0s: unit shop/0 is blocked (no database)",
				Meaning: "the agents arrived, but this is worse than before the upgrade",
				Fix:     []string{"juju show-status-log -m prod:admin/shop shop/0"},
				Regressions: []fleet.Regression{{Agent: "unit shop/0", Before: fleet.Condition{Status: "active"},
					After: fleet.Condition{Status: "blocked", Message: "no database"}}},
			})
			continue
		}
		r.through(time.Duration(i)*time.Minute, s.ID)
	}
	return r.event(14*time.Minute, journal.Finished)
}

func interrupted() *run { return halfway().event(7*time.Minute, journal.Interrupted) }

func TestAStatusReads(t *testing.T) {
	stalledProgress := underWay()
	stalledProgress.Heartbeat = at(19 * time.Minute)
	notShown := newPlan().controller("edge", "maas", "4.1.0", "4.1.1", plan.Upgrade, 1).model("admin/app", 2, 4, plan.Upgrade)
	r := newRun(notShown.p).event(0, journal.Begun).through(0, "/edge/backup", "/edge/controller/upgrade", "/edge/controller/verify")
	r.step(4*time.Minute, "/edge/models/admin/app/upgrade", journal.Started)
	for _, test := range []struct {
		name     string
		s        journal.State
		progress *journal.Progress
		alive    bool
		now      time.Duration
	}{
		{"running", halfway().s, underWay(), true, 7 * time.Minute},
		{"stalled", halfway().s, stalledProgress, true, 19 * time.Minute},
		{"silent", halfway().s, underWay(), true, 50 * time.Minute},
		{"killed", halfway().s, underWay(), false, 9 * time.Hour},
		{"interrupted", interrupted().s, nil, false, 10 * time.Minute},
		{"failed", failedRun().s, nil, false, 30 * time.Minute},
		{"abandoned", failedRun().event(time.Hour, journal.Abandoned).s, nil, false, 2 * time.Hour},
		{"done", doneRun(small().p).s, nil, false, time.Hour},
		{"controller", newRun(small().p).event(0, journal.Begun).through(0, "/prod/backup").
			step(time.Minute, "/prod/controller/upgrade", journal.Started).s, &journal.Progress{
			Heartbeat: at(2 * time.Minute), PID: 7, Steps: map[string]journal.StepProgress{"/prod/controller/upgrade": {
				Moved: at(90 * time.Second), Seen: at(119 * time.Second), Stall: at(31 * time.Minute), There: 0, Awaited: 2,
				Note: "waiting for the server to answer 3.6.11", Trouble: "cannot read model status: connection refused", TroubleCode: fleet.Unreachable}},
		}, true, 2*time.Minute + time.Second},
		{"unanswered", halfway().s, unanswering("cannot read the status: dial tcp 10.0.0.1:17070: connection refused", fleet.Unreachable), true, 8 * time.Minute},
		{"troubled", halfway().s, unanswering("cannot read the model's status: "+strings.Repeat("not the leader, ", 9), fleet.Other), true, 8 * time.Minute},
		{"settling", settlingRun().s, settlingProgress(), true, 6*time.Minute + 20*time.Second},
		{"waiting", halfway().s, waiting(), true, 8 * time.Minute},
		{"done-with-results", doneWithResults().s, nil, false, time.Hour},
		{"accepted", acceptedRun().s, nil, false, time.Hour},
		{"not-shown", r.s, &journal.Progress{Heartbeat: at(5 * time.Minute), Steps: map[string]journal.StepProgress{
			"/edge/models/admin/app/upgrade": {Moved: at(5 * time.Minute), Stall: at(20 * time.Minute), There: 1, Awaited: 4,
				NotShown: 2, Missing: manyMissing(3)},
		}}, true, 5 * time.Minute},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := draw(t, func(b *strings.Builder) error {
				return Status(b, test.s, test.progress, test.alive, at(test.now), terminal)
			})
			golden(t, "status-"+test.name, got)
			if word := strings.Fields(got)[0]; !strings.EqualFold(word, string(VerdictOf(test.s, test.progress, test.alive, at(test.now)))) {
				t.Errorf("the first word is %q", word)
			}
		})
	}
}

// waiting is the progress of halfway when nothing moves, and a dead agent's state
// was never known.
func waiting() *journal.Progress {
	p := underWay()
	p.Heartbeat = at(8 * time.Minute)
	for id, step := range p.Steps {
		step.Missing = append([]fleet.Agent{lost("mail/9")}, step.Missing...)
		step.Missing[0].State.Since = time.Time{}
		p.Steps[id] = step
	}
	return p
}

func doneWithResults() *run {
	r := doneRun(blockedPlan().p)
	r.record(journal.Record{Time: at(10 * time.Minute), Event: journal.Moved, Step: "/prod/backup", Status: journal.Done,
		Result: "/home/op/.local/share/juju/upgrade-all/17/juju-backup-run17-prod.tar.gz"})
	return r.event(14*time.Minute+32*time.Second, journal.Finished)
}

func acceptedRun() *run {
	p := plans()["accepted"]
	for i := range p.Steps {
		if p.Steps[i].Lane == "/prod/models/admin/web" {
			p.Steps[i].Absent = []string{"unit web/7"}
		}
	}
	return doneRun(p)
}

func TestASummaryReads(t *testing.T) {
	notShown := newPlan().controller("edge", "maas", "4.1.0", "4.1.1", plan.Upgrade, 1).model("admin/app", 2, 4, plan.Upgrade)
	shown := newRun(notShown.p).event(0, journal.Begun).through(0, "/edge/backup", "/edge/controller/upgrade", "/edge/controller/verify",
		"/edge/models/admin/app/upgrade", "/edge/models/admin/app/verify")
	shown.record(journal.Record{Time: at(5 * time.Minute), Event: journal.Moved, Step: "/edge/models/admin/app/upgrade",
		Status: journal.Done, There: 4, Awaited: 4, NotShown: 2})
	shown.event(6*time.Minute, journal.Finished)

	alone := doneRun(plans()["models-only"])
	absent := small()
	for i := range absent.p.Steps {
		if absent.p.Steps[i].Lane == "/prod/models/admin/web" {
			absent.p.Steps[i].Absent = []string{"unit web/7"}
		}
	}
	budget := newRun(manyModels(40, 2).p).event(0, journal.Begun).
		through(0, "/prod/backup", "/prod/controller/upgrade", "/prod/controller/verify")
	for _, s := range budget.s.Plan.Steps[3:] {
		budget.record(journal.Record{Time: at(9 * time.Minute), Event: journal.Moved, Step: s.ID, Status: journal.Held,
			Detail: "1 failed after a change, and --max-failures is 1"})
	}
	budget.event(9*time.Minute, journal.Finished)

	for name, s := range map[string]journal.State{
		"done": doneRun(small().p).s, "left-out": doneWithResults().s, "one-model": alone.s, "failed": failedRun().s, "regressed": regressed().s,
		"interrupted": interrupted().s, "not-shown": shown.s, "absent": doneRun(absent.p).s, "budget": budget.s,
		"resumed": halfway().event(9*time.Hour, journal.Resumed).event(9*time.Hour+time.Minute, journal.Interrupted).s,
	} {
		t.Run(name, func(t *testing.T) {
			golden(t, "summary-"+name, draw(t, func(b *strings.Builder) error {
				return Summary(b, s, "/home/op/.local/share/juju/upgrade-all/17", at(30*time.Minute), terminal)
			}))
		})
	}
}

func TestRunsAreListedNewestFirst(t *testing.T) {
	two := small().controller("stage", "lxd", "3.6.4", "3.6.11", plan.Upgrade, 1)
	runs := []Run{
		{Number: 14, State: doneRun(small().p).s},
		{Number: 15, Problem: "open plan.json: no such file or directory"},
		{Number: 16, State: failedRun().s},
		{Number: 17, State: halfway().s, Progress: underWay(), Alive: true},
		{Number: 18, State: newRun(two.p).event(0, journal.Begun).s},
	}
	golden(t, "runs", draw(t, func(b *strings.Builder) error { return Runs(b, runs, at(7*time.Minute), terminal) }))
	golden(t, "runs-none", draw(t, func(b *strings.Builder) error { return Runs(b, nil, at(0), terminal) }))
}

func TestAVerdictIsOneOfSeven(t *testing.T) {
	now := at(7 * time.Minute)
	idle := underWay()
	for id, p := range idle.Steps {
		p.Moved = at(5*time.Minute + 30*time.Second)
		idle.Steps[id] = p
	}
	for _, test := range []struct {
		name     string
		s        journal.State
		progress *journal.Progress
		alive    bool
		now      time.Time
		want     Verdict
	}{
		{"something moved within a minute", halfway().s, underWay(), true, now, Running},
		{"no progress is known yet", halfway().s, nil, true, now, Running},
		{"nothing moved for a minute", halfway().s, idle, true, now, Waiting},
		{"half of a step's stall time is over", halfway().s, idle, true, at(13 * time.Minute).Add(0), Stalled},
		{"alive and not heard of", halfway().s, underWay(), true, at(time.Hour), Stalled},
		{"killed", halfway().s, underWay(), false, now, Interrupted},
		{"told to stop", interrupted().s, nil, false, now, Interrupted},
		{"told to stop, still leaving", interrupted().s, underWay(), true, now, Interrupted},
		{"resumed", interrupted().event(8*time.Minute, journal.Resumed).s, nil, true, at(8 * time.Minute), Running},
		{"failed", failedRun().s, nil, false, now, Failed},
		{"abandoned", failedRun().event(time.Hour, journal.Abandoned).s, nil, false, now, Abandoned},
		{"all done", doneRun(small().p).s, nil, false, now, Done},
		{"all done, and killed before it could say so", killedAtTheEnd(), nil, false, now, Done},
		{"nothing to do", newRun(newPlan().p).s, nil, false, now, Done},
	} {
		t.Run(test.name, func(t *testing.T) {
			if test.name == "half of a step's stall time is over" {
				idle.Heartbeat = test.now
			}
			if got := VerdictOf(test.s, test.progress, test.alive, test.now); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func killedAtTheEnd() journal.State {
	s := doneRun(small().p).s
	s.Event = journal.Begun
	return s
}

func TestWhatTookLongerMakesTheRestLonger(t *testing.T) {
	p := small().p
	r := newRun(p).event(0, journal.Begun).through(0, "/prod/backup", "/prod/controller/upgrade", "/prod/controller/verify")
	before := left(r.s, nil, at(3*time.Minute))
	r.step(3*time.Minute, "/prod/models/admin/web/upgrade", journal.Started)
	r.step(9*time.Minute, "/prod/models/admin/web/upgrade", journal.Done)
	after := left(r.s, nil, at(9*time.Minute))
	if before <= 0 || after <= before {
		t.Errorf("%s were left, and then %s, although a model took four times its estimate", before, after)
	}
	if got := left(doneRun(p).s, nil, at(time.Hour)); got != 0 {
		t.Errorf("%s are left of a run that is done", got)
	}
}

func TestWhatIsLeftDoesNotGrowWhileNothingMoves(t *testing.T) {
	r := halfway()
	progress := underWay().Steps
	last := left(r.s, progress, at(7*time.Minute))
	for d := 7 * time.Minute; d < 2*time.Hour; d += time.Second {
		now := left(r.s, progress, at(d))
		if now > last || now <= 0 {
			t.Fatalf("after %s, %s are left, and before that %s", d, now, last)
		}
		last = now
	}
}

func TestARunThatDoesNotMoveTellsWhenItGivesUp(t *testing.T) {
	for now, want := range map[time.Duration]string{7 * time.Minute: "", 8 * time.Minute: "2026-11-22T14:20:30Z", 21 * time.Minute: ""} {
		p := underWay()
		p.Heartbeat = at(now)
		doc := StateDocument(halfway().s, p, true, "", at(now), terminal)
		if doc.FailsAt != want || doc.LeftSeconds > 0 != (doc.Verdict == Running) {
			t.Errorf("after %s, %s: fails at %q, %ds left", now, doc.Verdict, doc.FailsAt, doc.LeftSeconds)
		}
	}
}

func TestANextPlanLooksAtTheSame(t *testing.T) {
	p := blockedPlan().p
	p.Goal.Accept = []fleet.Acceptance{{Code: "actions-running", Subject: "*"}}
	abandoned := failedRun()
	abandoned.s.Plan = p
	abandoned.event(time.Hour, journal.Abandoned)
	controller := plans()["controller-blocked"]
	lab := plans()["fleet-unreachable"]
	two := blockedPlan().controller("old", "lxd", "3.6.11", "3.6.11", plan.Current, 1).model("admin/db", 1, 1, plan.Held, "agent-down").
		controller("ok", "lxd", "3.6.11", "3.6.11", plan.Current, 1).p
	for _, test := range []struct {
		name string
		s    journal.State
		want string
	}{
		{"all of it, when it was abandoned", abandoned.s, "plan -c prod --accept 'actions-running@*'"},
		{"the model that was left out", doneRun(blockedPlan().p).s, "plan -c prod -m prod:admin/db"},
		{"models of several controllers", doneRun(two).s, "plan -c prod,old -m prod:admin/db -m old:admin/db"},
		{"the controller that was left out", doneRun(controller).s, "plan -c prod"},
		{"the controller that was not looked at", doneRun(lab).s, "plan -c lab"},
	} {
		t.Run(test.name, func(t *testing.T) {
			got := StateDocument(test.s, nil, false, "", at(time.Hour), terminal).Next
			if len(got) != 1 || got[0] != "juju upgrade-all "+test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestDurationsReadAsPeopleSayThem(t *testing.T) {
	for d, want := range map[time.Duration]string{
		-time.Second: "0s", 0: "0s", 1499 * time.Millisecond: "1s", 32 * time.Second: "32s", 14*time.Minute + 32*time.Second: "14m32s",
		14 * time.Minute: "14m", 3 * time.Hour: "3h", 3*time.Hour + 5*time.Minute + 9*time.Second: "3h5m", 51 * time.Hour: "2d3h",
		48 * time.Hour: "2d", 59*time.Minute + 59*time.Second + 700*time.Millisecond: "1h",
	} {
		if got := took(d); got != want {
			t.Errorf("took(%s) = %q, want %q", d, got, want)
		}
	}
	for d, want := range map[time.Duration]string{
		2 * time.Second: "2s", 179 * time.Second: "2m", 3*time.Hour + 50*time.Minute: "3h", 47 * time.Hour: "47h", 49 * time.Hour: "2d",
	} {
		if got := age(d); got != want {
			t.Errorf("age(%s) = %q, want %q", d, got, want)
		}
	}
}
