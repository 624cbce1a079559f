package report

import (
	"fmt"
	"io"
	"slices"
	"time"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/journal"
)

// Run is one of the runs kept by this client.
type Run struct {
	Number int
	State  journal.State
	// Progress is nil when there is none.
	Progress *journal.Progress
	Alive    bool
	Dir      string
	// Problem is why the run could not be read; its State is empty then.
	Problem string
}

// Runs draws a table of runs, newest first.
func Runs(w io.Writer, runs []Run, now time.Time, style Style) error {
	p := &page{style: style}
	if len(runs) == 0 {
		p.line(say("No runs are kept by this client yet."))
		return p.flush(w)
	}
	rows := []line{{dim.say("RUN"), dim.say("BEGUN"), dim.say("VERDICT"), dim.say("STEPS"), dim.say("TOOK"), dim.say("WHAT")}}
	var open []int
	for _, r := range newestFirst(runs) {
		if r.Problem != "" {
			rows = append(rows, line{say("%d", r.Number), say("-"), red.say("unreadable"), say("-"), say("-"), say("%s", clean(r.Problem))})
			continue
		}
		v := VerdictOf(r.State, r.Progress, r.Alive, now)
		if v == Failed || v == Interrupted {
			open = append(open, r.Number)
		}
		n := stepsOf(r.State)
		begun := "-"
		if !r.State.Begun.IsZero() {
			begun = style.in(r.State.Begun).Format("2006-01-02 15:04")
		}
		rows = append(rows, line{
			say("%d", r.Number), say("%s", begun), {text: string(v), ink: v.ink()},
			say("%d/%d", n.done, n.total), say("%s", took(elapsed(r.State, v, now))), say("%s", style.way(&r.State.Plan)),
		})
	}
	p.table(0, rows)
	if len(open) > 0 {
		p.blank()
		which := fmt.Sprintf("Run %d can go on:   ", open[0])
		if more := len(open) - 1; more > 0 {
			which = fmt.Sprintf("Run %d can go on (and %d older):   ", open[0], more)
		}
		p.line(say("%s", which), bold.say("%s", style.command(fmt.Sprintf("resume %d", open[0]))))
	}
	return p.flush(w)
}

func newestFirst(runs []Run) []Run {
	out := slices.Clone(runs)
	slices.SortStableFunc(out, func(a, b Run) int { return b.Number - a.Number })
	return out
}
