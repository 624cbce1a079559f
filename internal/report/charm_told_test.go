package report

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/journal"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

func TestWhatACharmWaitsForIsALineAtOnce(t *testing.T) {
	var b strings.Builder
	s := refreshing().s
	now := at(11 * time.Minute)
	l := NewLines(&b, s, func() time.Time { return now }, terminal)
	told := &run{s: s, seq: s.Seq}
	tell := func(id string, status journal.Status) {
		told.seq++
		l.Record(journal.Record{Seq: told.seq, Run: 17, Time: now, Event: journal.Moved, Step: id, Status: status, There: 8, Awaited: 8})
	}
	tell(mysqlVerify, journal.Started)
	tell(tinyRefresh, journal.Started)
	for ; now.Before(at(18 * time.Minute)); now = now.Add(time.Second) {
		p := refreshProgress().Steps[mysqlVerify]
		p.Moved, p.Seen, p.Stall = now, now, now.Add(5*time.Minute)
		if now.Before(at(11*time.Minute + 7*time.Second)) {
			p.ForOperator, p.Command, p.Note, p.There = false, "", "unit mysql/2 still runs a hook", 6
		}
		l.Progress(mysqlVerify, p)
		p = refreshProgress().Steps[tinyRefresh]
		p.Seen = now
		if now.Before(at(13 * time.Minute)) {
			p.Note, p.Missing = "", p.Missing[:2]
		}
		l.Progress(tinyRefresh, p)
	}
	tell(tinyRefresh, journal.Done)
	told.seq++
	l.Record(journal.Record{Seq: told.seq, Run: 17, Time: now, Event: journal.Interrupted})
	golden(t, "charm-lines", b.String())
	if !strings.Contains(b.String(), "14:11:07Z  prod:admin/db.mysql verify  under way  waiting for you: ") {
		t.Error("it was not told at once")
	}
}

func TestTheLastWordsOfALiveBlockNameTheRefreshesThatGoOn(t *testing.T) {
	var b strings.Builder
	l := NewLive(&b, refreshing().s, LiveOptions{Size: func() (int, int) { return 100, 30 }, Now: func() time.Time { return at(13 * time.Minute) }})
	l.Close()
	want := "prod:admin/web.tiny: where Juju has accepted the refresh, the units go on to the new charm by\nthemselves; resume 17 looks again, and picks it up.\n"
	if b.String() != want {
		t.Errorf("the last words are %q", b.String())
	}
}

func TestARunThatAsksItsOperatorWaitsAndDoesNotStall(t *testing.T) {
	s, now := refreshing().s, at(40*time.Minute)
	busy := func(change func(p *journal.StepProgress)) *journal.Progress {
		p := refreshProgress()
		p.Heartbeat = now
		asks, other := p.Steps[mysqlVerify], p.Steps[tinyRefresh]
		asks.Moved, asks.Stall = at(13*time.Minute), at(41*time.Minute)
		other.Moved, other.Stall = now, now.Add(15*time.Minute)
		change(&other)
		p.Steps[mysqlVerify], p.Steps[tinyRefresh] = asks, other
		return p
	}
	for name, test := range map[string]struct {
		progress *journal.Progress
		want     Verdict
	}{
		"while another charm moves": {busy(func(*journal.StepProgress) {}), Waiting},
		"while another one stalls":  {busy(func(p *journal.StepProgress) { p.Moved, p.Stall = at(20*time.Minute), at(45*time.Minute) }), Stalled},
		"but is silent for too long": {func() *journal.Progress {
			p := busy(func(*journal.StepProgress) {})
			p.Heartbeat = at(30 * time.Minute)
			return p
		}(), Stalled},
	} {
		for range 20 { // steps under way have no order
			if got := VerdictOf(s, test.progress, true, now); got != test.want {
				t.Fatalf("%s it is %s, want %s", name, got, test.want)
			}
		}
	}
	doc := StateDocument(s, busy(func(*journal.StepProgress) {}), true, "/d", now, Style{})
	if doc.FailsAt == "" || doc.FailsAt == moment(at(41*time.Minute)) {
		t.Errorf("it fails at %q: what waits for the operator does not", doc.FailsAt)
	}
	for _, step := range doc.Steps {
		if step.ForOperator && step.Stall != "" {
			t.Errorf("%s fails at %s", step.ID, step.Stall)
		}
	}
}

func TestEveryHeldApplicationIsNamed(t *testing.T) {
	s := manyHeld().s
	var b strings.Builder
	if err := Summary(&b, s, "/d", at(3*time.Hour), terminal); err != nil {
		t.Fatal(err)
	}
	_, held, _ := strings.Cut(b.String(), "Held:")
	held, _, _ = strings.Cut(held, "regressions")
	for _, step := range s.Plan.Steps {
		if step.Kind == plan.RefreshCharm && s.Steps[step.ID].Status == journal.Held && !strings.Contains(held, subject(step)) {
			t.Errorf("%s is held and not named in:\n%s", subject(step), held)
		}
	}
}

func TestARegressionThatSeveralRefreshesMayHaveCausedIsOne(t *testing.T) {
	p := withCharms().p
	r := newRun(p).event(0, journal.Begun)
	worse := []fleet.Regression{{Agent: "unit own/0", Before: fleet.Condition{Status: "active"}, After: fleet.Condition{Status: "error"}}}
	for _, id := range []string{frontVerify, tinyVerify} {
		r.record(journal.Record{Time: at(time.Minute), Event: journal.Moved, Step: id, Status: journal.Failed, Regressions: worse})
	}
	var b strings.Builder
	if err := Summary(&b, r.s, "", at(time.Hour), terminal); err != nil {
		t.Fatal(err)
	}
	want := "1 regression since before the run\n  prod:admin/web  unit own/0  since the refresh of front or tiny  active → error\n"
	if !strings.Contains(b.String(), want) {
		t.Errorf("want\n%s\nin\n%s", want, b.String())
	}
}

func TestWhatIsLeftOutOfCharmsIsPlannedAlone(t *testing.T) {
	held := func(n int) plan.Plan {
		b := withCharms()
		b.p.Goal.CharmFiles = []fleet.CharmFile{{App: fleet.AppPattern{App: "own"}, File: "own.charm"}, {App: fleet.AppPattern{App: "held*"}, File: "h.charm"}}
		b.p.Goal.Accept = []fleet.Acceptance{{Code: "agent-down", Subject: "prod:admin/web"}}
		for range n {
			b.app("held", 1, 2, 1, heldBack("charm-unit-lost"))
		}
		b.p.Options.SkipBlocked = true
		return b.p
	}
	both := withCharms().model("admin/late", 1, 1, plan.Held, "agent-down").p
	narrowed := held(7)
	narrowed.Goal.ExcludeApps = []fleet.AppPattern{{App: "ntp"}}
	moved := movedCharms()
	moved.Controllers[0].Models[1].Applications[0].Disposition = plan.Held
	for name, test := range map[string]struct {
		p    plan.Plan
		want string
	}{
		"few": {held(1), "plan -c prod --accept agent-down@prod:admin/web --charms-only --app prod:admin/db.router --app prod:admin/web.held --charm-path 'held*=h.charm'"},
		"many": {narrowed, "plan -c prod --accept agent-down@prod:admin/web --charms-only --exclude-app ntp " +
			"--charm-path own=own.charm --charm-path 'held*=h.charm'"},
		"a model, too":   {both, "plan -c prod --charms"},
		"where it moved": {moved, "plan -c new --charms-only --app new:admin/shop.cart"},
	} {
		if got := planLeftOut(&test.p); got != test.want {
			t.Errorf("%s:\n got %s\nwant %s", name, got, test.want)
		}
	}
}

func TestRefreshesThatTookLongerMakeOnlyRefreshesLonger(t *testing.T) {
	p := charmsAlone().p
	slow := newRun(p).event(0, journal.Begun)
	slow.step(0, mysqlRefresh, journal.Started).step(6*time.Minute, mysqlRefresh, journal.Done)
	quick := newRun(p).event(0, journal.Begun)
	quick.step(0, mysqlRefresh, journal.Started).step(time.Minute, mysqlRefresh, journal.Done)
	a, b := left(slow.s, nil, at(6*time.Minute)), left(quick.s, nil, at(6*time.Minute))
	if a < 2*b {
		t.Errorf("after a slow refresh %s are left, after a quick one %s", a, b)
	}
	if got := correction(slow.s, false); got != 1 {
		t.Errorf("agents are taken to be %v times as slow", got)
	}
}

func charmDocuments() map[string]any {
	return map[string]any{
		"plan": PlanDocument(withCharms().p), "only": PlanDocument(charmsAlone().p),
		"live":   StateDocument(refreshing().s, refreshProgress(), true, "/runs/17", at(13*time.Minute), Style{}),
		"failed": StateDocument(hookFailed().s, nil, false, "/runs/17", at(time.Hour), Style{}),
	}
}

func TestCharmsAreToldInDocuments(t *testing.T) {
	for name, document := range charmDocuments() {
		var y bytes.Buffer
		if err := Encode(&y, "yaml", document); err != nil {
			t.Fatal(err)
		}
		golden(t, "charm-document-"+name+".yaml", y.String())
	}
	live := charmDocuments()["live"].(StateDoc)
	if c := live.Charms; c == nil || c.Wanted != 4 || c.Refreshed != 3 || len(c.Waiting) != 1 || c.Waiting[0] != "prod:admin/db.mysql" {
		t.Errorf("the charms are %+v", c)
	}
	if StateDocument(halfway().s, nil, true, "", at(0), Style{}).Charms != nil {
		t.Error("a run without charms tells of charms")
	}
}

func TestCharmsOnADumbTerminalArePlainASCII(t *testing.T) {
	for name, p := range charmPlans() {
		dumb := Style{}
		got := draw(t, func(b *strings.Builder) error { return Plan(b, p, dumb) })
		got += draw(t, func(b *strings.Builder) error {
			return Status(b, refreshing().s, refreshProgress(), true, at(13*time.Minute), dumb)
		})
		for _, r := range got {
			if r > 126 || r < 32 && r != '\n' {
				t.Fatalf("%s: %q is not plain ASCII", name, r)
			}
		}
	}
}

func TestAVersionThatOnlyCharmsAreRefreshedAtIsNoTarget(t *testing.T) {
	p := small().charms(fleet.CharmsAlso).controller("stage", "lxd", "3.5.7", "3.5.7", plan.Current, 1).
		model("admin/web", 1, 1, plan.Current).app("tiny", 1, 2, 1).p
	want := "Upgrade prod and 3 models to 3.6.11, then refresh stage:admin/web.tiny? There is no way back. [y/N]"
	if got := Question(p); got != want {
		t.Errorf("the question is %q, want %q", got, want)
	}
}
