package report

import (
	"fmt"
	"io"
	"strings"
	"time"

	"github.com/juju/version/v2"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/journal"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

// Status draws where a run stands. progress may be nil; alive says whether the
// run's process holds its lock.
func Status(w io.Writer, s journal.State, progress *journal.Progress, alive bool, now time.Time, style Style) error {
	p := &page{style: style}
	v := VerdictOf(s, progress, alive, now)
	p.statusHead(s, progress, v, now)
	p.heard(s, progress, v, now)
	if !v.live() {
		p.achieved(&s)
		p.goingOn(&s, v)
	}
	p.whereabouts(&s, v)
	p.newController(&s, "", v)
	p.underWay(s, progress, v, now)
	p.failures(s, now)
	p.heldSteps(s)
	p.leftOut(&s.Plan)
	p.gone(s)
	p.unplanned(s)
	p.regressions(s)
	if left := lasting(s.Plan.Findings); len(left) > 0 {
		p.heading("Findings of the plan, left out or accepted")
		p.findings(left, findingOptions{age: since(s.Plan.Created, now)})
	}
	if !v.live() {
		p.toSeeTo(&s, v)
		p.outcomes(s)
	}
	p.next(&s, v)
	return p.flush(w)
}

// lasting are the findings that still matter once a run has begun: those that
// keep something out of it, and those that were accepted. What else there was to
// know was told with the plan.
func lasting(all []fleet.Finding) []fleet.Finding {
	var out []fleet.Finding
	for _, f := range all {
		if (f.Holds() || f.Accepted) && !ofClone(f) {
			out = append(out, f)
		}
	}
	return out
}

func (p *page) statusHead(s journal.State, progress *journal.Progress, v Verdict, now time.Time) {
	n := stepsOf(s)
	words := fmt.Sprintf("run %d, %s: %s", s.Run, p.style.way(&s.Plan), counted(n))
	if v.live() {
		words += ", " + took(elapsed(s, v, now)) + " elapsed"
		if prospect := p.style.prospect(&s, stepsUnderWay(progress), v, now); prospect != "" {
			words += ", " + prospect
		}
	} else {
		words += ", after " + took(elapsed(s, v, now))
	}
	p.headline(v, "  ", words)
}

// headline begins a screen with the verdict, set off from what follows by sep.
func (p *page) headline(v Verdict, sep, words string) {
	word := v.word()
	for i, row := range wrap(word+sep+words, p.style.width()-1) {
		if i == 0 {
			p.line(span{word, v.ink()}, say("%s%s", sep, strings.TrimSpace(strings.TrimPrefix(row, word))))
			continue
		}
		p.line(say("%s", row))
	}
}

// way is what a plan is about: "prod 3.6.4 → 3.6.11", "5 controllers to 3.6.11".
func (s Style) way(p *plan.Plan) string {
	if p.Target != nil {
		return moveWay(p)
	}
	var moving []*plan.Controller
	for i := range p.Controllers {
		if tallyOf(&p.Controllers[i]).upgrades() {
			moving = append(moving, &p.Controllers[i])
		}
	}
	if upgradedOnes(tallies(p)) == "" {
		if apps := refreshedOnes(tallies(p)); apps != "" {
			return "refresh of " + apps
		}
		return "nothing to upgrade"
	}
	switch {
	case len(moving) == 1 && moving[0].Disposition == plan.Upgrade:
		return clean(moving[0].Name) + " " + s.hop(moving[0].From, moving[0].To)
	case len(moving) == 1 && tallyOf(moving[0]).going == 1:
		t := tallyOf(moving[0])
		return t.oneModel() + " " + s.hop(t.mover.From, t.mover.To)
	case len(moving) == 1:
		return "models of " + clean(moving[0].Name) + " to " + number(moving[0].To)
	}
	names := make([]string, len(moving))
	for i, c := range moving {
		names[i] = clean(c.Name)
	}
	words := some(names, 3, "controller")
	if to := target(p); to != version.Zero {
		words += " to " + to.String()
	}
	return words
}

// heard says when the run was last heard of, and by whom.
func (p *page) heard(s journal.State, progress *journal.Progress, v Verdict, now time.Time) {
	last, who := s.Last, ""
	if progress != nil {
		if progress.Heartbeat.After(last) {
			last = progress.Heartbeat
		}
		if progress.PID > 0 {
			who = fmt.Sprintf(" (process %d", progress.PID)
			if progress.Host != "" {
				who += " on " + clean(progress.Host)
			}
			who += ")"
		}
	}
	if last.IsZero() {
		return
	}
	words := fmt.Sprintf("Last heard of %s ago%s.", age(now.Sub(last)), who)
	if v == Done || v == Failed || v == Abandoned {
		words = fmt.Sprintf("Ended %s ago.", age(now.Sub(s.Last)))
	}
	if !s.Resumed.IsZero() {
		words += fmt.Sprintf(" Resumed %s ago.", age(now.Sub(s.Resumed)))
	}
	switch {
	case v == Stalled && now.Sub(last) > silent:
		words += " That process holds the run and is silent: is it suspended, or its machine asleep?"
	case v == Interrupted && s.Event != journal.Interrupted:
		words += " It ended without a word: killed, or its machine went down."
	}
	p.sentence(nil, words)
}

// nextCommand is one of the commands to type now, and what it does: arguments of
// the tool, or a command of juju.
type nextCommand struct{ args, juju, why string }

func (c nextCommand) typed(s Style) string {
	if c.juju != "" {
		return c.juju
	}
	return s.command(c.args)
}

// nextCommands are the commands to type now.
func nextCommands(s *journal.State, v Verdict) []nextCommand {
	run := fmt.Sprintf("%d", s.Run)
	abandon := nextCommand{args: "abandon " + run, why: "ends it for good; takes nothing back"}
	switch v {
	case Running, Waiting:
		return []nextCommand{{args: "status " + run + " --follow", why: "watch it"}}
	case Stalled:
		return []nextCommand{{args: "status " + run + " --follow", why: "watch it"},
			{args: "resume " + run, why: "after Ctrl-C there: looks again, and goes on"}}
	case Failed:
		return []nextCommand{{args: "resume " + run, why: "tries what failed again, and goes on"}, abandon}
	case Interrupted:
		return []nextCommand{{args: "resume " + run, why: "looks again, and goes on"}, abandon}
	case Abandoned:
		return append(lookAtMoved(s), nextCommand{args: PlanAgain(nowPlan(s)), why: "what is still to be done"})
	}
	commands := append(lookAtMoved(s), handingOver(s)...)
	if leavesOut(&s.Plan) {
		commands = append(commands, nextCommand{args: planLeftOut(nowPlan(s)), why: "what was left out"})
	}
	return commands
}

// next draws what to type now.
func (p *page) next(s *journal.State, v Verdict) {
	commands := nextCommands(s, v)
	if len(commands) == 0 {
		return
	}
	p.blank()
	rows := make([]line, len(commands))
	for i, c := range commands {
		label := "Next:"
		if i > 0 {
			label = ""
		}
		rows[i] = line{say("%s", label), bold.say("%s", c.typed(p.style)), dim.say("%s", c.why)}
	}
	p.table(0, rows)
}
