package report

import (
	"bytes"
	"fmt"
	"io"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/journal"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

var (
	_ Progress = (*Lines)(nil)
	_ Progress = (*Live)(nil)
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestAFrameReads(t *testing.T) {
	two := blockedPlan().controller("stage", "lxd", "3.6.4", "3.6.11", plan.Upgrade, 1).model("admin/web", 1, 1, plan.Upgrade)
	several := newRun(two.p).event(0, journal.Begun).through(0, "/prod/backup")
	several.step(time.Minute, "/prod/controller/upgrade", journal.Started)
	many := newRun(manyModels(60, 5).p).event(0, journal.Begun).through(0, "/prod/backup", "/prod/controller/upgrade", "/prod/controller/verify")
	for i := range 30 {
		if id := fmt.Sprintf("/prod/models/admin/tenant-%02d/upgrade", i); many.s.Plan.Step(id) != nil {
			many.step(4*time.Minute, id, journal.Started)
		}
	}
	ascii := terminal
	ascii.Unicode = false
	for _, test := range []struct {
		name          string
		s             journal.State
		progress      *journal.Progress
		now           time.Duration
		width, height int
		style         Style
	}{
		{"begun", newRun(small().p).event(0, journal.Begun).s, &journal.Progress{}, time.Second, 100, 30, terminal},
		{"halfway", halfway().s, underWay(), 7 * time.Minute, 100, 30, terminal},
		{"ascii", halfway().s, underWay(), 7 * time.Minute, 80, 30, ascii},
		{"narrow", halfway().s, underWay(), 7 * time.Minute, 40, 30, terminal},
		{"low", halfway().s, underWay(), 7 * time.Minute, 80, 3, terminal},
		{"failed", failedRun().s, &journal.Progress{}, 22 * time.Minute, 100, 30, terminal},
		{"controller", several.s, &journal.Progress{Steps: map[string]journal.StepProgress{"/prod/controller/upgrade": {
			Moved: at(90 * time.Second), Seen: at(118 * time.Second), There: 2, Awaited: 6, Note: "1 of 3 servers answer 3.6.11", Trouble: "connection refused", TroubleCode: fleet.Unreachable}}},
			2 * time.Minute, 100, 30, terminal},
		{"unanswered", halfway().s, unanswering("prod does not answer", fleet.Unreachable), 8 * time.Minute, 140, 30, terminal},
		{"troubled", halfway().s, unanswering("cannot read the model's status: "+strings.Repeat("not the leader, ", 9), fleet.Other), 8 * time.Minute, 100, 30, terminal},
		{"never-seen", several.s, &journal.Progress{Steps: map[string]journal.StepProgress{"/prod/controller/upgrade": {
			Moved: at(90 * time.Second), Trouble: "no answer in time", TroubleCode: fleet.Unreachable}}}, 2 * time.Minute, 100, 30, terminal},
		{"settling", settlingRun().s, settlingProgress(), 6*time.Minute + 20*time.Second, 100, 30, terminal},
		{"waiting", halfway().s, underWay(), 8 * time.Minute, 100, 30, terminal},
		{"many", many.s, &journal.Progress{}, 5 * time.Minute, 80, 12, terminal},
	} {
		t.Run(test.name, func(t *testing.T) {
			rows := frame(test.s, test.progress.Steps, at(test.now), test.width, test.height, test.style)
			if len(rows) > test.height {
				t.Errorf("%d rows in a terminal of %d", len(rows), test.height)
			}
			golden(t, "frame-"+test.name, strings.Join(rows, "\n")+"\n")
		})
	}
}

// unanswering is the progress of halfway when its controller is not seen any more.
func unanswering(trouble string, code fleet.ProblemCode) *journal.Progress {
	p := underWay()
	p.Heartbeat = at(8 * time.Minute)
	for id, step := range p.Steps {
		step.Seen, step.Trouble, step.TroubleCode = at(7*time.Minute+35*time.Second), trouble, code
		p.Steps[id] = step
	}
	return p
}

// settlingRun is one in which a verification does not trust yet what it sees.
func settlingRun() *run {
	r := halfway()
	r.step(6*time.Minute, "/prod/models/admin/web/upgrade", journal.Done)
	return r.step(6*time.Minute, "/prod/models/admin/web/verify", journal.Started)
}

func settlingProgress() *journal.Progress {
	p := underWay()
	delete(p.Steps, "/prod/models/admin/web/upgrade")
	p.Heartbeat = at(6*time.Minute + 20*time.Second)
	p.Steps["/prod/models/admin/web/verify"] = journal.StepProgress{
		Moved: at(6 * time.Minute), Stall: at(11 * time.Minute), Seen: at(6*time.Minute + 19*time.Second),
		There: 29, Awaited: 29, Note: "unit web/0 still runs a hook",
	}
	return p
}

// anyText is what a charm or a cloud may say.
var anyText = rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"", "a\nb", "\x1b[2J", "日本語", "e\u0301", "👍 ok", strings.Repeat("long ", 60)}))

var anyDuration = rapid.Custom(func(t *rapid.T) time.Duration {
	return time.Duration(rapid.Int64Range(-1e15, 1e15).Draw(t, "d"))
})

// anyState is a state of a run as no run may ever have it.
func anyState(t *rapid.T) (journal.State, *journal.Progress) {
	b := newPlan()
	for range rapid.IntRange(0, 3).Draw(t, "controllers") {
		name := rapid.OneOf(rapid.StringMatching(`[a-z]{1,9}`), anyText).Draw(t, "controller")
		d := rapid.SampledFrom([]plan.Disposition{plan.Upgrade, plan.Current, plan.Held, plan.LeftOut, ""}).Draw(t, "disposition")
		b.controller(name, "", "3.6.4", "3.6.11", d, rapid.IntRange(0, 3).Draw(t, "servers"))
		for range rapid.IntRange(0, 6).Draw(t, "models") {
			d := rapid.SampledFrom([]plan.Disposition{plan.Upgrade, plan.Current, plan.Held, plan.LeftOut, ""}).Draw(t, "model")
			b.model(anyText.Draw(t, "name"), rapid.IntRange(-1, 9).Draw(t, "machines"), 2, d, anyText.Draw(t, "code"))
		}
	}
	for range rapid.IntRange(0, 6).Draw(t, "findings") {
		f := agentDown(anyText.Draw(t, "subject"))
		f.Meaning = anyText.Draw(t, "meaning")
		f.Severity = rapid.SampledFrom([]fleet.Severity{fleet.Blocker, fleet.Warning, fleet.Notice, ""}).Draw(t, "severity")
		f.Accepted = rapid.Bool().Draw(t, "accepted")
		b.find(f)
	}
	if rapid.Bool().Draw(t, "moves") {
		anyMove(t, b)
	}
	anyCharms(t, b)
	b.p.Options.Parallel = rapid.IntRange(-1, 4).Draw(t, "parallel")
	ids := []string{"/unknown"}
	for _, s := range b.p.Steps {
		ids = append(ids, s.ID)
	}
	r := newRun(b.p)
	for range rapid.IntRange(0, 20).Draw(t, "records") {
		r.record(journal.Record{
			Time:  at(anyDuration.Draw(t, "time")),
			Event: rapid.SampledFrom([]journal.Event{journal.Begun, journal.Moved, journal.Moved, journal.Moved, journal.Resumed, journal.Finished, journal.Interrupted, "new"}).Draw(t, "event"),
			Step:  rapid.SampledFrom(ids).Draw(t, "step"),
			Status: rapid.SampledFrom([]journal.Status{journal.Pending, journal.Started, journal.Started, journal.Done, journal.Failed,
				journal.Held, journal.Skipped, "new"}).Draw(t, "status"),
			Detail: anyText.Draw(t, "detail"), There: rapid.IntRange(-1, 99).Draw(t, "there"), Awaited: rapid.IntRange(-1, 99).Draw(t, "awaited"),
			Missing: manyMissing(rapid.IntRange(0, 20).Draw(t, "missing")),
		})
	}
	progress := &journal.Progress{Heartbeat: at(anyDuration.Draw(t, "heartbeat")), Steps: map[string]journal.StepProgress{}}
	for _, id := range rapid.SliceOf(rapid.SampledFrom(ids)).Draw(t, "under way") {
		progress.Steps[id] = journal.StepProgress{
			Moved: at(anyDuration.Draw(t, "moved")), Stall: at(anyDuration.Draw(t, "stall")),
			There: rapid.IntRange(-1, 99).Draw(t, "there"), Awaited: rapid.IntRange(-1, 99).Draw(t, "awaited"),
			Seen:        rapid.SampledFrom([]time.Time{{}, at(anyDuration.Draw(t, "seen"))}).Draw(t, "has been seen"),
			ForOperator: rapid.Bool().Draw(t, "for the operator"), Command: anyText.Draw(t, "command"), Since: at(anyDuration.Draw(t, "since")),
			Note: anyText.Draw(t, "note"), Trouble: anyText.Draw(t, "trouble"),
			Missing: append(manyMissing(rapid.IntRange(0, 6).Draw(t, "missing")), fleet.Agent{Name: anyText.Draw(t, "agent")}),
		}
	}
	return r.s, progress
}

func TestAFrameFitsEveryTerminal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, progress := anyState(t)
		width, height := rapid.IntRange(-1, 130).Draw(t, "width"), rapid.IntRange(-1, 40).Draw(t, "height")
		style := Style{Colour: rapid.Bool().Draw(t, "colour"), Unicode: rapid.Bool().Draw(t, "unicode")}
		rows := frame(s, progress.Steps, at(anyDuration.Draw(t, "now")), width, height, style)
		if len(rows) > max(0, height) {
			t.Fatalf("%d rows in a terminal of %d", len(rows), height)
		}
		for _, row := range rows {
			bare := plainText(row)
			if columns(bare) > width {
				t.Fatalf("%d columns in a terminal of %d: %q", columns(bare), width, row)
			}
			if strings.ContainsAny(bare, "\n\r\x1b\t") {
				t.Fatalf("a control character got through: %q", bare)
			}
			if strings.HasSuffix(bare, " ") {
				t.Fatalf("trailing blank: %q", bare)
			}
		}
	})
}

func TestEveryStateCanBeDrawn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s, progress := anyState(t)
		if rapid.Bool().Draw(t, "no progress") {
			progress = nil
		}
		alive, now := rapid.Bool().Draw(t, "alive"), at(anyDuration.Draw(t, "now"))
		style := Style{Unicode: true, Width: rapid.IntRange(-1, 120).Draw(t, "width")}
		var b bytes.Buffer
		run := Run{Number: 1, State: s, Progress: progress, Alive: alive}
		for name, err := range map[string]error{
			"plan": Plan(&b, s.Plan, style), "status": Status(&b, s, progress, alive, now, style),
			"summary": Summary(&b, s, "/d", now, style), "runs": Runs(&b, []Run{run}, now, style),
			"plan as yaml":  Encode(&b, "yaml", PlanDocument(s.Plan)),
			"state as yaml": Encode(io.Discard, "yaml", StateDocument(s, progress, alive, "/d", now, style)),
			"runs as json":  Encode(&b, "json", RunsDocument([]Run{run}, now)),
		} {
			if err != nil {
				t.Fatalf("%s: %v", name, err)
			}
		}
		_ = Question(s.Plan)
		if strings.ContainsAny(strings.ReplaceAll(b.String(), "\n", ""), "\r\x1b") {
			t.Fatalf("a control character got through: %q", b.String())
		}
	})
}

func TestLinesAreOnePerTransition(t *testing.T) {
	var b strings.Builder
	now := at(0)
	r := newRun(blockedPlan().p)
	l := NewLines(&b, r.s, func() time.Time { return now }, terminal)
	told := &run{s: r.s}
	tell := func(rec journal.Record) {
		told.seq++
		rec.Seq, rec.Run = told.seq, 17
		l.Record(rec)
	}
	mail := "/prod/models/admin/mail/upgrade"
	tell(journal.Record{Time: at(0), Event: journal.Begun})
	tell(journal.Record{Time: at(time.Second), Event: journal.Moved, Step: "/prod/backup", Status: journal.Started})
	tell(journal.Record{Time: at(time.Minute), Event: journal.Moved, Step: "/prod/backup", Status: journal.Done, Result: "/b/juju-backup-run17-prod.tar.gz"})
	tell(journal.Record{Time: at(2 * time.Minute), Event: journal.Moved, Step: mail, Status: journal.Started})
	tell(journal.Record{Time: at(2 * time.Minute), Event: journal.Noted, Step: mail, Note: &journal.Note{Uploaded: "local:web-3"}}) // for the run itself
	for now = at(2 * time.Minute); now.Before(at(16 * time.Minute)); now = now.Add(time.Second) {
		p := underWay().Steps[mail]
		p.Moved, p.There = at(2*time.Minute), min(19, int(now.Sub(at(2*time.Minute))/time.Second))
		if p.There < 19 {
			p.Missing = manyMissing(21 - p.There)
		}
		if now.After(at(4 * time.Minute)) {
			p.Seen = now.Add(-time.Second)
		}
		if now.After(at(9*time.Minute)) && now.Before(at(11*time.Minute)) {
			p.Seen, p.Trouble, p.TroubleCode = at(9*time.Minute), "prod does not answer", fleet.Unreachable
		}
		l.Progress(mail, p)
	}
	tell(journal.Record{Time: now, Event: journal.Moved, Step: mail, Status: journal.Failed, There: 19, Awaited: 21,
		Detail: "nothing has moved for 15m0s", Missing: underWay().Steps[mail].Missing})
	tell(journal.Record{Time: now, Event: journal.Moved, Step: "/prod/models/admin/mail/verify", Status: journal.Held, Detail: mail + " is failed"})
	tell(journal.Record{Time: now, Event: journal.Interrupted})
	l.Close()
	tell(journal.Record{Time: now, Event: journal.Resumed})
	l.Progress(mail, journal.StepProgress{})
	golden(t, "lines", b.String())
}

// screen is a terminal as far as a Live needs one.
type screen struct {
	rows     []string
	row      int
	scrolled bool
	height   int
}

func (s *screen) Write(data []byte) (int, error) {
	text := string(data)
	for len(text) > 0 {
		switch {
		case strings.HasPrefix(text, "\r"):
			text = text[1:]
		case strings.HasPrefix(text, "\n"):
			s.row++
			s.scrolled = s.scrolled || s.row >= s.height
			text = text[1:]
		case strings.HasPrefix(text, "\x1b[?7"):
			text = text[5:]
		case strings.HasPrefix(text, "\x1b[J"):
			s.rows = s.rows[:min(len(s.rows), s.row)]
			text = text[3:]
		case strings.HasPrefix(text, "\x1b["):
			var n int
			if _, err := fmt.Sscanf(text, "\x1b[%dA", &n); err != nil {
				return 0, fmt.Errorf("unexpected sequence %q", text)
			}
			s.row -= n
			text = text[strings.IndexByte(text, 'A')+1:]
		default:
			end := strings.IndexAny(text, "\n\r\x1b")
			if end < 0 {
				end = len(text)
			}
			for len(s.rows) <= s.row {
				s.rows = append(s.rows, "")
			}
			s.rows[s.row] += text[:end]
			text = text[end:]
		}
	}
	return len(data), nil
}

func TestALiveBlockIsRedrawnInPlaceAndClearedAtTheEnd(t *testing.T) {
	s := &screen{height: 24}
	r := newRun(blockedPlan().p)
	now := at(0)
	l := NewLive(s, r.s, LiveOptions{
		Size: func() (int, int) { return 80, 24 }, Now: func() time.Time { return now }, Style: Style{Unicode: true, Zone: time.UTC},
	})
	for i, step := range r.s.Plan.Steps {
		now = at(time.Duration(i) * time.Minute)
		l.Record(journal.Record{Seq: 2*i + 1, Time: now, Event: journal.Moved, Step: step.ID, Status: journal.Started})
		l.Progress(step.ID, journal.StepProgress{There: 1, Awaited: 2})
		now = now.Add(time.Second)
		l.Progress(step.ID, journal.StepProgress{There: 2, Awaited: 2, Note: "nearly"})
		want := frame(l.state, l.progress, now, 79, 23, l.o.Style)
		if got := strings.Join(s.rows, "\n"); got != strings.Join(want, "\n") || s.row != len(want) {
			t.Fatalf("on the screen is\n%s\nand should be\n%s", got, strings.Join(want, "\n"))
		}
		l.Record(journal.Record{Seq: 2*i + 2, Time: now, Event: journal.Moved, Step: step.ID, Status: journal.Done})
	}
	if s.scrolled {
		t.Error("it scrolled")
	}
	l.Close()
	l.Close()
	l.Record(journal.Record{Seq: 99, Event: journal.Finished})
	l.Progress("x", journal.StepProgress{})
	if len(s.rows) != 0 || s.row != 0 {
		t.Errorf("it left %q", s.rows)
	}
}

func TestALiveBlockThatBecameNarrowerIsErasedWhole(t *testing.T) {
	var b strings.Builder
	width := 100
	r := halfway()
	l := NewLive(&b, r.s, LiveOptions{Size: func() (int, int) { return width, 30 }, Now: func() time.Time { return at(7 * time.Minute) }})
	l.Progress("/prod/models/admin/web/upgrade", underWay().Steps["/prod/models/admin/web/upgrade"])
	up := 0
	for _, n := range l.drawn {
		up += (n + 39) / 40
	}
	if up <= len(l.drawn) {
		t.Fatal("no row is wide enough to be broken")
	}
	width = 40
	b.Reset()
	l.Close()
	if want := fmt.Sprintf("\r\x1b[%dA\x1b[J", up); b.String() != want {
		t.Errorf("got %q, want %q", b.String(), want)
	}
}

func TestATickMovesTheClockOfALiveBlock(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var mu sync.Mutex
		draws := 0
		w := writerFunc(func(data []byte) (int, error) {
			mu.Lock()
			defer mu.Unlock()
			draws++
			return len(data), nil
		})
		ticker := time.NewTicker(time.Second)
		defer ticker.Stop()
		l := NewLive(w, halfway().s, LiveOptions{Size: func() (int, int) { return 80, 24 }, Now: time.Now, Tick: ticker.C})
		var tellers sync.WaitGroup
		for range 8 {
			tellers.Go(func() {
				for range 100 {
					l.Progress("/prod/backup", journal.StepProgress{There: 1, Awaited: 2})
					time.Sleep(10 * time.Millisecond)
				}
			})
		}
		tellers.Wait()
		mu.Lock()
		busy := draws
		mu.Unlock()
		if busy > 12 {
			t.Errorf("%d drawings in a second", busy)
		}
		time.Sleep(5 * time.Second)
		mu.Lock()
		idle := draws - busy
		mu.Unlock()
		if idle < 4 {
			t.Errorf("%d drawings in five seconds in which only the clock moved", idle)
		}
		l.Close()
	})
}

type writerFunc func([]byte) (int, error)

func (f writerFunc) Write(data []byte) (int, error) { return f(data) }
