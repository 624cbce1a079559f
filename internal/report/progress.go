package report

import (
	"io"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"
	"unicode"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/journal"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

// Progress is told what a run does while it does it. It may be used by many
// goroutines. Nothing is drawn after Close.
type Progress interface {
	// Record is told every transition, in the order of the journal.
	Record(journal.Record)
	// Progress is told how far a step under way is, as often as one likes.
	Progress(step string, p journal.StepProgress)
	// Close ends the drawing.
	Close()
}

// How often a step under way is told of when no terminal shows it: when
// something moved, and when nothing does.
const (
	noteEvery    = 30 * time.Second
	reminderOnce = 5 * time.Minute
)

// Lines is the Progress of a run that nobody watches on a terminal: one plain
// line a transition, and now and then what is awaited.
type Lines struct {
	mu     sync.Mutex
	w      io.Writer
	now    func() time.Time
	style  Style
	state  journal.State
	told   map[string]told
	closed bool
}

// told is what was last told of a step: phase is what Juju said of it.
type told struct {
	at          time.Time
	text, phase string
}

// NewLines returns a Progress that writes lines to w, beginning from that
// state. now tells the time of the notes; transitions bear their own.
func NewLines(w io.Writer, s journal.State, now func() time.Time, style Style) *Lines {
	return &Lines{w: w, now: now, style: style, state: private(s), told: map[string]told{}}
}

// private copies what Apply changes of a state.
func private(s journal.State) journal.State {
	s.Steps = maps.Clone(s.Steps)
	if s.Steps == nil {
		s.Steps = map[string]journal.StepState{}
	}
	return s
}

// Record implements Progress.
func (l *Lines) Record(r journal.Record) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.closed {
		return
	}
	l.state.Apply(r)
	if r.Event == journal.Noted {
		return // for the run itself
	}
	if r.Event != journal.Moved {
		l.write(r.Time, line{say("run %d", r.Run), say("%s", string(r.Event)), say("%s", l.runWords(r))})
		if words := goingOnWords(&l.state, false); r.Event == journal.Interrupted && words != "" {
			l.write(r.Time, line{say("run %d", r.Run), say("%s", words)})
		}
		return
	}
	l.told[r.Step] = told{at: r.Time}
	step := l.state.Plan.Step(r.Step)
	if step == nil {
		step = &plan.Step{ID: r.Step, Lane: r.Step}
	}
	if isClone(step) && r.Status == journal.Started {
		return // there are many, and each is short: a line when it has ended
	}
	words, status := l.style.outcome(step, r), string(r.Status)
	switch at := l.state.Steps[r.Step]; {
	case r.Status == journal.Done && !at.Began.IsZero():
		words = strings.TrimSpace(words + "  in " + took(r.Time.Sub(at.Began)))
	case r.Status == journal.Started && at.Attempts > 1:
		status += " again"
		if step.Class == plan.PointOfNoReturn {
			status += ", looking first" // it is not asked for twice
		}
	}
	l.write(r.Time, line{stepName(step), say("%s", status), say("%s", words)})
}

// stepName is "prod:admin/web upgrade".
func stepName(step *plan.Step) span {
	name := subject(*step)
	if name == "" {
		return say("%s", clean(step.ID))
	}
	return say("%s %s", name, deed(step))
}

// runWords says more of what happened to the run.
func (l *Lines) runWords(r journal.Record) string {
	n := stepsOf(l.state)
	words := count(n.done, "step")
	if n.total > 0 {
		words = counted(n)
	}
	if r.Detail != "" {
		words += ": " + clean(r.Detail)
	}
	return words
}

// Progress implements Progress.
func (l *Lines) Progress(id string, p journal.StepProgress) {
	l.mu.Lock()
	defer l.mu.Unlock()
	step := l.state.Plan.Step(id)
	if l.closed || step == nil || l.state.Steps[id].Status != journal.Started {
		return
	}
	now := l.now()
	// What is compared leaves out how long ago things were: that always changes.
	lasting := journal.StepProgress{There: p.There, Awaited: p.Awaited, Missing: p.Missing, Note: p.Note, ForOperator: p.ForOperator}
	if blind(p, now) {
		lasting.Trouble = p.Trouble
	}
	text, phase := l.style.awaiting(step, lasting, now), ""
	switch {
	case p.ForOperator: // nor can that wait
		phase = text
	case hasPhases(step.Kind):
		// A phase that Juju tells is news at once; a number that grows in it is not.
		text, phase = uncounted(text), uncounted(clean(p.Note))
	}
	last := l.told[id]
	wait := noteEvery
	switch {
	case phase != "" && phase != last.phase:
		wait = 0
	case text == last.text:
		wait = reminderOnce
	}
	if text == "" || now.Sub(last.at) < wait {
		return
	}
	l.told[id] = told{at: now, text: text, phase: phase}
	cells := line{stepName(step), say("under way"), say("%s", l.style.awaiting(step, p, now))}
	if p.ForOperator {
		cells = append(cells, say("%s", clean(p.Command)))
	}
	if now.Sub(p.Moved) >= quiet && now.Before(p.Stall) {
		cells = append(cells, say("%s", l.style.deadline(p.Stall, now)))
	}
	l.write(now, cells)
}

// hasPhases says that what Juju says of a step of the kind are its phases.
func hasPhases(kind plan.Kind) bool {
	switch kind {
	case plan.Migrate, plan.MakeController, plan.RestoreCopy:
		return true
	}
	return false
}

// uncounted is a text without its numbers.
func uncounted(text string) string {
	return strings.Map(func(r rune) rune {
		if unicode.IsDigit(r) {
			return -1
		}
		return r
	}, text)
}

// Close implements Progress.
func (l *Lines) Close() {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.closed = true
}

// write writes one line. What cannot be written is lost: the journal has it.
func (l *Lines) write(t time.Time, cells line) {
	words := []string{l.style.stamp(t)}
	for _, cell := range cells {
		if cell.text != "" {
			words = append(words, cell.text)
		}
	}
	_, _ = io.WriteString(l.w, strings.Join(words, "  ")+"\n")
}

// lastEvents returns the last n records of steps, oldest first.
func lastEvents(s journal.State, n int) []journal.Record {
	var out []journal.Record
	for _, at := range s.Steps {
		if at.Record.Seq > 0 {
			out = append(out, at.Record)
		}
	}
	slices.SortFunc(out, func(a, b journal.Record) int { return a.Seq - b.Seq })
	return out[max(0, len(out)-n):]
}
