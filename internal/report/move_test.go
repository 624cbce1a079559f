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

func TestAPlanOfAMoveReads(t *testing.T) {
	for name, p := range movePlans() {
		t.Run(name, func(t *testing.T) {
			got := draw(t, func(b *strings.Builder) error { return Plan(b, p, terminal) })
			golden(t, "move-plan-"+name, got+"\n"+Question(p)+"\n")
		})
	}
}

func TestAMoveOnADumbTerminalIsPlainASCII(t *testing.T) {
	ascii := Style{}
	got := draw(t, func(b *strings.Builder) error {
		if err := Plan(b, fourModels(), ascii); err != nil {
			return err
		}
		return Status(b, moved().s, movingProgress("quiescing"), true, at(17*time.Minute), ascii)
	}) + strings.Join(frame(moved().s, movingProgress("quiescing").Steps, at(17*time.Minute), 80, 30, ascii), "\n")
	for _, r := range got {
		if r > 126 || r < 32 && r != '\n' {
			t.Fatalf("%q is not plain ASCII in\n%s", r, got)
		}
	}
}

func TestColourChangesNothingButColourOfAMove(t *testing.T) {
	colour := terminal
	colour.Colour = true
	screens := map[string]func(*strings.Builder, Style) error{
		"status":  func(b *strings.Builder, s Style) error { return Status(b, aborted().s, nil, false, at(time.Hour), s) },
		"summary": func(b *strings.Builder, s Style) error { return Summary(b, moved().s, "/d", at(time.Hour), s) },
	}
	for name, p := range movePlans() {
		screens[name] = func(b *strings.Builder, s Style) error { return Plan(b, p, s) }
	}
	for name, screen := range screens {
		plainly := draw(t, func(b *strings.Builder) error { return screen(b, terminal) })
		coloured := draw(t, func(b *strings.Builder) error { return screen(b, colour) })
		if got := plainText(coloured); got != plainly || coloured == plainly {
			t.Errorf("%s: without its colours it reads otherwise, or has none:\n%s", name, got)
		}
	}
}

func TestAMoveIsConfirmedByTheNameOfItsSource(t *testing.T) {
	blocked := fourModels()
	blocked.Findings = append(blocked.Findings, fleet.Finding{Code: "x", Severity: fleet.Blocker, Scope: fleet.WholeRun, Subject: "client"})
	left := fourModels()
	for len(left.Steps) > 1 && left.Steps[0].Kind != plan.FollowModels {
		left.Steps = left.Steps[1:]
	}
	for name, test := range map[string]struct {
		p    plan.Plan
		word string
		ok   bool
	}{
		"a move":             {fourModels(), "old", true},
		"a patch":            {small().p, "", false},
		"blocked as a whole": {blocked, "", false},
		"nothing to move":    {movePlans()["nothing-left"], "", false},
		"only tidying up":    {left, "", false},
	} {
		word, ok := Confirms(test.p)
		if word != test.word || ok != test.ok {
			t.Errorf("%s: %q, %v", name, word, ok)
		}
		question := Question(test.p)
		if asksForName := strings.HasSuffix(question, ":"); asksForName != ok {
			t.Errorf("%s: %v, and the question is %q", name, ok, question)
		}
	}
}

func TestAStatusOfAMoveReads(t *testing.T) {
	for _, test := range []struct {
		name     string
		s        journal.State
		progress *journal.Progress
		now      time.Duration
	}{
		{"moving", moved().s, movingProgress("quiescing, waiting for agents to report back"), 17 * time.Minute},
		{"arriving", arriving().s, arrivingProgress(), 19 * time.Minute},
		{"unanswered", moved().s, unansweredMove(), 18 * time.Minute},
		{"interrupted", moved().event(17*time.Minute, journal.Interrupted).s, nil, 20 * time.Minute},
		{"aborted", aborted().s, nil, time.Hour},
		{"abandoned", moved().event(17*time.Minute, journal.Abandoned).s, nil, time.Hour},
		{"done", doneRun(fourModels()).s, nil, time.Hour},
	} {
		t.Run(test.name, func(t *testing.T) {
			alive := test.progress != nil
			if alive {
				test.progress.Heartbeat = at(test.now)
			}
			got := draw(t, func(b *strings.Builder) error {
				return Status(b, test.s, test.progress, alive, at(test.now), terminal)
			})
			golden(t, "move-status-"+test.name, got)
		})
	}
}

// TestAKilledMoveWarnsOfWhatItHasLeft: who was killed has written nothing of its end.
func TestAKilledMoveWarnsOfWhatItHasLeft(t *testing.T) {
	for _, alive := range []bool{false, true} {
		var progress *journal.Progress
		if alive {
			progress = movingProgress("validating")
		}
		got := draw(t, func(b *strings.Builder) error {
			return Status(b, moved().s, progress, alive, at(17*time.Minute), terminal)
		})
		if warned := strings.Contains(got, "temporary superuser may still be on new"); warned == alive {
			t.Errorf("alive %v, and the warning: %v\n%s", alive, warned, got)
		}
	}
}

func unansweredMove() *journal.Progress {
	p := movingProgress("quiescing, waiting for agents to report back")
	step := p.Steps[shopMove]
	step.Trouble, step.TroubleCode = "cannot list the models of old: no answer in time", fleet.Unreachable
	p.Steps[shopMove] = step
	return p
}

func TestASummaryOfAMoveReads(t *testing.T) {
	early := newRun(fourModels()).event(0, journal.Begun).through(0, "/old/backup", "/old/controller/upgrade", "/old/controller/verify",
		"/old/models/admin/shop/upgrade", "/old/models/admin/shop/verify").event(6*time.Minute, journal.Interrupted)
	stranded := arriving()
	stranded.record(journal.Record{Time: at(28 * time.Minute), Event: journal.Moved, Step: "/new/models/admin/shop/arrive", Status: journal.Failed,
		There: 20, Awaited: 21, Missing: []fleet.Agent{lost("shop/3")}, Detail: "nothing has moved for 10m0s",
		Meaning: "the model is on new, but not all of its agents", Fix: []string{"juju status -m new:admin/shop"}})
	stranded.event(29*time.Minute, journal.Finished)
	gone := doneRun(asTheyAre())
	for _, id := range []string{shopMove, "/new/models/admin/shop/arrive", "/new/models/admin/shop/upgrade", "/new/models/admin/shop/verify"} {
		gone.record(journal.Record{Time: at(10 * time.Minute), Event: journal.Moved, Step: id, Status: journal.Skipped})
	}
	for name, s := range map[string]journal.State{
		"done": doneRun(fourModels()).s, "caution": beware().s, "aborted": aborted().s, "stranded": stranded.s, "early": early.s,
		"interrupted": moved().event(17*time.Minute, journal.Interrupted).s, "gone": gone.event(11*time.Minute, journal.Finished).s,
		"many": doneRun(movePlans()["many"]).s, "one-model": doneRun(movePlans()["one-model"]).s,
	} {
		t.Run(name, func(t *testing.T) {
			golden(t, "move-summary-"+name, draw(t, func(b *strings.Builder) error {
				return Summary(b, s, "/home/op/.local/share/juju/upgrade-all/17", at(30*time.Minute), terminal)
			}))
		})
	}
}

func TestEveryModelOfAMoveIsOnExactlyOneController(t *testing.T) {
	for name, r := range map[string]*run{"moving": moved(), "arriving": arriving(), "aborted": aborted(), "done": doneRun(fourModels())} {
		seen := map[string]string{}
		for _, doc := range StateDocument(r.s, nil, false, "/d", at(time.Hour), terminal).Models {
			if seen[doc.UUID] != "" || doc.Controller != "old" && doc.Controller != "new" {
				t.Errorf("%s: %s is on %q and %q", name, doc.Name, seen[doc.UUID], doc.Controller)
			}
			seen[doc.UUID] = doc.Controller
		}
		for _, m := range r.s.Plan.Controllers[0].Models {
			if !m.IsController && seen[m.UUID] == "" {
				t.Errorf("%s: %s is nowhere", name, m.Name)
			}
		}
	}
}

func TestAnAgentThatIsSeenTwiceIsCountedOnce(t *testing.T) {
	doc := StateDocument(doneRun(fourModels()).s, nil, false, "/d", at(time.Hour), terminal)
	if want := 1 + 29 + 21 + 21; doc.AgentsSeen != want {
		t.Errorf("%d agents were seen, and not %d: the controller's own and those of three models", doc.AgentsSeen, want)
	}
}

func TestAFrameOfAMoveReads(t *testing.T) {
	aliceMade := patched()
	for _, test := range []struct {
		name     string
		s        journal.State
		progress *journal.Progress
		now      time.Duration
	}{
		{"moving", moved().s, movingProgress("quiescing, waiting for agents to report back"), 17 * time.Minute},
		{"arriving", arriving().s, arrivingProgress(), 19 * time.Minute},
		{"users", aliceMade.step(12*time.Minute, "/new/users/bob", journal.Started).s, &journal.Progress{}, 12 * time.Minute},
		{"aborted", aborted().s, &journal.Progress{}, 22 * time.Minute},
	} {
		t.Run(test.name, func(t *testing.T) {
			rows := frame(test.s, test.progress.Steps, at(test.now), 100, 30, terminal)
			golden(t, "move-frame-"+test.name, strings.Join(rows, "\n")+"\n")
		})
	}
}

func TestAPhaseIsALineAndANumberInItIsNot(t *testing.T) {
	var b strings.Builder
	now := at(0)
	p := fourModels()
	l := NewLines(&b, newRun(p).s, func() time.Time { return now }, terminal)
	seq := 0
	tell := func(rec journal.Record) {
		seq++
		rec.Seq, rec.Run, rec.Time = seq, 17, now
		l.Record(rec)
	}
	tell(journal.Record{Event: journal.Begun})
	for _, id := range []string{"/new/users/alice", "/new/users/bob"} {
		tell(journal.Record{Event: journal.Moved, Step: id, Status: journal.Started})
		now = now.Add(time.Second)
		tell(journal.Record{Event: journal.Moved, Step: id, Status: journal.Done, Changed: true})
	}
	tell(journal.Record{Event: journal.Moved, Step: webMove, Status: journal.Started})
	for _, phase := range []string{"starting", "quiescing, waiting for agents to report back", "importing model into target controller",
		"successful, transferring logs to target controller (%d sent)", "successful, removing model from source controller"} {
		for i := range 200 {
			now = now.Add(200 * time.Millisecond)
			note := strings.ReplaceAll(phase, "%d", strings.Repeat("7", i%4+1))
			l.Progress(webMove, journal.StepProgress{Moved: now, Seen: now, Note: note})
		}
	}
	tell(journal.Record{Event: journal.Moved, Step: webMove, Status: journal.Done, Changed: true})
	tell(journal.Record{Event: journal.Moved, Step: "/new/models/admin/web/arrive", Status: journal.Started})
	now = now.Add(40 * time.Second)
	l.Progress("/new/models/admin/web/arrive", journal.StepProgress{Moved: now, Seen: now, There: 17, Awaited: 29, Missing: manyMissing(12)})
	tell(journal.Record{Event: journal.Moved, Step: "/new/models/admin/web/arrive", Status: journal.Done, There: 29, Awaited: 29})
	for _, id := range []string{"/new/accounts", "/client"} {
		tell(journal.Record{Event: journal.Moved, Step: id, Status: journal.Started})
		tell(journal.Record{Event: journal.Moved, Step: id, Status: journal.Done})
	}
	tell(journal.Record{Event: journal.Moved, Step: shopMove, Status: journal.Started})
	tell(journal.Record{Event: journal.Interrupted})
	golden(t, "move-lines", b.String())
}

func TestTheLastWordsOfALiveBlockSayWhatGoesOnByItself(t *testing.T) {
	for name, test := range map[string]struct {
		r    *run
		want string
	}{
		"a model moves": {moved(), "No call stops a migration: Juju goes on with admin/shop by itself; resume 17 picks it up."},
		"none does":     {patched(), ""},
		"all have":      {doneRun(fourModels()), ""},
	} {
		s := &screen{height: 24}
		l := NewLive(s, test.r.s, LiveOptions{Size: func() (int, int) { return 120, 24 }, Now: func() time.Time { return at(17 * time.Minute) }})
		l.Record(journal.Record{Seq: 99, Event: journal.Interrupted})
		l.Close()
		l.Close()
		if got := strings.Join(s.rows, "\n"); got != test.want {
			t.Errorf("%s: the last words are %q, want %q", name, got, test.want)
		}
	}
}

func TestAMoveIsToldInDocuments(t *testing.T) {
	for name, document := range map[string]any{
		"runs":  RunsDocument([]Run{{Number: 17, State: moved().s, Alive: true}}, at(17*time.Minute)),
		"plan":  PlanDocument(fourModels()),
		"state": StateDocument(aborted().s, nil, false, "/runs/17", at(time.Hour), Style{}),
		"live":  StateDocument(moved().s, movingProgress("quiescing"), true, "/runs/17", at(17*time.Minute), Style{}),
	} {
		var y bytes.Buffer
		if err := Encode(&y, "yaml", document); err != nil {
			t.Fatal(err)
		}
		golden(t, "move-document-"+name+".yaml", y.String())
	}
}

func TestARunOfAMoveIsJudgedAsAnyOther(t *testing.T) {
	now := at(17 * time.Minute)
	quietly := movingProgress("quiescing")
	quietly.Heartbeat = at(18 * time.Minute)
	for name, test := range map[string]struct {
		s        journal.State
		progress *journal.Progress
		now      time.Time
		want     Verdict
	}{
		"a phase changed":          {moved().s, movingProgress("quiescing"), now, Running},
		"no phase changes":         {moved().s, quietly, at(18 * time.Minute), Waiting},
		"given up by Juju":         {aborted().s, nil, now, Failed},
		"stopped in the middle":    {moved().event(17*time.Minute, journal.Interrupted).s, nil, now, Interrupted},
		"all that can move, moved": {doneRun(fourModels()).s, nil, now, Done},
	} {
		if got := VerdictOf(test.s, test.progress, test.progress != nil, test.now); got != test.want {
			t.Errorf("%s: %q, want %q", name, got, test.want)
		}
	}
	before, after := left(patched().s, nil, at(12*time.Minute)), left(moved().s, nil, at(16*time.Minute))
	if before <= after || after <= 0 {
		t.Errorf("%s were left before a model moved, and then %s", before, after)
	}
}
