package report

import (
	"fmt"
	"strings"
	"time"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/journal"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

// frame is the live block as it stands at now: never more than height rows,
// none wider than width. The bar is always in it; what is under way or has
// failed outranks what has happened, which outranks nothing.
func frame(s journal.State, progress map[string]journal.StepProgress, now time.Time, width, height int, style Style) []string {
	if width <= 0 || height <= 0 {
		return nil
	}
	busy, rest := laneRows(&s, progress, now, style)
	room := height - 1 // the bar
	tail := len(rest) > 0 && room > 0
	if tail {
		room--
	}
	if len(busy) > room {
		hidden := len(busy) - max(0, room-1)
		busy = busy[:len(busy)-hidden]
		if room > 0 {
			busy = append(busy, line{dim.say("   %s and %d more under way or failed", style.ellipsis(), hidden)})
		}
	}
	room -= len(busy)
	asked := requestRows(&s, progress, min(2, room))
	room -= len(asked)
	rows := eventRows(s, min(3, room), style)
	rows = append(rows, barRow(s, progress, now, width, style))
	rows = append(rows, asked...)
	rows = append(rows, busy...)
	if tail {
		rows = append(rows, rest)
	}
	out := make([]string, len(rows))
	for i, row := range rows {
		out[i] = row.cut(width, style.ellipsis()).render(style)
	}
	return out
}

// laneRows draws the lanes that are under way or have failed a row each, and
// counts the others in one row.
func laneRows(s *journal.State, progress map[string]journal.StepProgress, now time.Time, style Style) (busy []line, rest line) {
	lanes := lanesOf(s)
	name := 0
	for _, l := range lanes {
		if l.status == journal.Started || l.status == journal.Failed {
			name = max(name, columns(l.name))
		}
	}
	name = min(name, 32)
	var failed []line
	n := map[journal.Status]int{}
	cloning := cloningRow(s, lanes, name, style)
	for _, l := range lanes {
		switch l.status {
		case journal.Started:
			if cloning != nil && isClone(l.step) {
				continue
			}
			busy = append(busy, startedRow(l, progress, now, name, style))
		case journal.Failed:
			row := line{red.say("   %s ", style.failed()), say("%s", l.name).pad(name + 2), say("%s failed", deed(l.step))}
			failed = append(failed, append(row, say("  %s", style.outcome(l.step, l.at.Record))))
		default:
			n[l.status]++
		}
	}
	for _, c := range []struct {
		n      int
		symbol string
		word   string
		ink    ink
	}{
		{n[journal.Done], style.done(), "done", green},
		{n[journal.Held], style.failed(), "held", yellow},
		{n[journal.Pending] + n[""], style.waiting(), "waiting", dim},
	} {
		if c.n > 0 {
			rest = append(rest, c.ink.say("   %s", c.symbol), say(" %d %s", c.n, c.word))
		}
	}
	if cloning != nil {
		busy = append([]line{cloning}, busy...)
	}
	return append(failed, busy...), rest
}

// cloningRow is one row for all that is being cloned, of which there are many and
// each is short; nil when that is nothing, or all there is to clone.
func cloningRow(s *journal.State, lanes []laneState, name int, style Style) line {
	all := clones(&s.Plan)
	if all < 2 {
		return nil
	}
	var now []string
	row := line{cyan.say("   %s ", style.running())}
	for _, l := range lanes {
		if l.status == journal.Started && isClone(l.step) {
			if len(now) == 0 {
				row = append(row, say("%s", l.name).pad(name+2))
			}
			now = append(now, deed(l.step))
		}
	}
	if len(now) == 0 {
		return nil
	}
	return append(row, say("%-7s  %d of %d cloned  %s", "clone", clonedOf(s).ended(), all, strings.Join(now, ", ")))
}

func isClone(step *plan.Step) bool { return step != nil && step.Kind == plan.CloneItem }

func startedRow(l laneState, progress map[string]journal.StepProgress, now time.Time, name int, style Style) line {
	row := line{cyan.say("   %s ", style.running()), say("%s", l.name).pad(name + 2), say("%-7s  ", deed(l.step))}
	p, known := progress[l.step.ID]
	if !known {
		return row
	}
	if words := style.awaiting(l.step, p, now); words != "" {
		if stalled(p, now) || blind(p, now) || p.ForOperator {
			return append(row, yellow.say("%s", words))
		}
		return append(row, say("%s", words))
	}
	return row
}

// eventRows are the last events that are worth a row: what a step has come to.
func eventRows(s journal.State, most int, style Style) []line {
	if most <= 0 {
		return nil
	}
	places := several(&s.Plan)
	var out []line
	for _, r := range lastEvents(s, most) {
		step := s.Plan.Step(r.Step)
		if step == nil {
			continue
		}
		row := line{dim.say(" %s  ", style.clock(r.Time)), say("%s %s  ", lane(*step, places), deed(step)), statusSpan(r.Status)}
		if words := style.outcome(step, r); words != "" {
			row = append(row, say("  %s", words))
		}
		out = append(out, row)
	}
	return out
}

func statusSpan(s journal.Status) span {
	switch s {
	case journal.Done:
		return green.say("%s", string(s))
	case journal.Failed:
		return red.say("%s", string(s))
	case journal.Held:
		return yellow.say("%s", string(s))
	}
	return say("%s", string(s))
}

// counted is "18/35 steps", and what went wrong.
func counted(n steps) string {
	s := fmt.Sprintf("%d/%d steps", n.done, n.total)
	if n.failed > 0 {
		s += fmt.Sprintf(", %d failed", n.failed)
	}
	if n.held > 0 {
		s += fmt.Sprintf(", %d held", n.held)
	}
	return s
}

// barRow is the bar, the counters that it stands for, and the time.
func barRow(s journal.State, progress map[string]journal.StepProgress, now time.Time, width int, style Style) line {
	n := stepsOf(s)
	share := 1.0
	if n.total > 0 {
		share = float64(n.done) / float64(n.total)
	}
	length := min(24, width/4)
	full := int(share * float64(length))
	row := line{
		say(" ["), green.say("%s", strings.Repeat(style.symbol("█", "#"), full)),
		dim.say("%s", strings.Repeat(style.symbol("░", "-"), length-full)), say("] "),
		bold.say("%d%%", int(share*100)), say("  %s", counted(n)),
	}
	if !s.Begun.IsZero() {
		row = append(row, say("  %s elapsed", took(now.Sub(s.Begun))))
	}
	// Who draws this is alive.
	v := pace(s, &journal.Progress{Heartbeat: now, Steps: progress}, now)
	if words := style.prospect(&s, progress, v, now); words != "" {
		row = append(row, say(", %s", words))
	}
	return row
}
