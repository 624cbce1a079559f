package report

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/journal"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

// underWay draws the steps that have begun and not ended.
func (p *page) underWay(s journal.State, progress *journal.Progress, v Verdict, now time.Time) {
	begun := false
	for i := range s.Plan.Steps {
		step := &s.Plan.Steps[i]
		at := s.Steps[step.ID]
		if at.Status != journal.Started {
			continue
		}
		if !begun {
			p.heading(underWayTitle(v))
			begun = true
		}
		p.underWayStep(step, at, stepsUnderWay(progress)[step.ID], v, now)
	}
}

// stepsUnderWay is what is known of the steps under way, if anything is.
func stepsUnderWay(progress *journal.Progress) map[string]journal.StepProgress {
	if progress == nil {
		return nil
	}
	return progress.Steps
}

func underWayTitle(v Verdict) string {
	switch v {
	case Running, Waiting, Stalled:
		return "Under way"
	}
	return "Begun and not ended (Juju may be going on with it by itself)"
}

func (p *page) underWayStep(step *plan.Step, at journal.StepState, sp journal.StepProgress, v Verdict, now time.Time) {
	row := line{say("  "), cyan.say("%s ", p.style.running()), bold.say("%s", stepName(step).text), say("  ")}
	times := "began " + age(now.Sub(at.Last)) + " ago"
	if at.Attempts > 1 {
		times += fmt.Sprintf(" (attempt %d)", at.Attempts)
	}
	if !sp.Moved.IsZero() && !sp.ForOperator {
		times += ", last change " + age(now.Sub(sp.Moved)) + " ago"
	}
	counts, trouble := progressCounts(step, sp), clean(sp.Trouble)
	switch {
	case blind(sp, now):
		row = append(row, red.say("%s", p.style.blindWords(step, sp, now)))
		if strings.HasPrefix(row[len(row)-1].text, trouble) && row.columns() <= p.style.width() {
			trouble = "" // it is all said
		}
		p.line(row.cut(p.style.width(), p.style.ellipsis())...)
		p.line(say("      %s", times))
		if help := podHelp(step, sp, now); help != "" {
			p.sentence(line{say("      ")}, help)
		}
	case counts != "" && lastSeen(sp, now) == "":
		p.line(append(row, say("%s, %s", counts, times))...)
		counts = ""
	default:
		p.line(append(row, say("%s", times))...)
	}
	if v.live() && stalled(sp, now) && now.Before(sp.Stall) {
		p.line(say("      "), yellow.say("gives up at %s (in %s) if nothing moves until then", p.style.clock(sp.Stall), age(sp.Stall.Sub(now))))
	}
	if trouble != "" {
		p.sentence(line{say("      the last look failed: ")}, trouble)
	}
	p.sight(step, counts, sp, now)
	if sp.ForOperator && v.live() {
		p.line(say("      The run goes on by itself after that, and does not give up before."))
	}
}

// progressCounts are the counts of a step under way; "" when there are none.
func progressCounts(step *plan.Step, sp journal.StepProgress) string {
	var parts []string
	if !settling(step.Kind, sp) {
		parts = appendWords(parts, size(step, sp.There, sp.Awaited))
	}
	if sp.NotShown > 0 {
		parts = append(parts, fmt.Sprintf("%d not shown by the controller", sp.NotShown))
	}
	return strings.Join(parts, ", ")
}

// sight draws what the last good look has seen, and of when that is.
func (p *page) sight(step *plan.Step, counts string, sp journal.StepProgress, now time.Time) {
	note := noteWords(step.Kind, sp)
	if seen := lastSeen(sp, now); seen != "" && (counts != "" || note != "" || len(sp.Missing) > 0) {
		p.sentence(line{say("      "), yellow.say("%s:", seen), say(" ")}, counts)
	} else if counts != "" {
		p.line(say("      %s", counts))
	}
	switch {
	case sp.ForOperator:
		p.request(sp)
	case note != "":
		p.sentence(line{say("      ")}, note)
	}
	p.missing(step, sp.Missing, now)
}

// failures draws each failed step: what Juju said, what it means, what to type.
func (p *page) failures(s journal.State, now time.Time) {
	begun, ofClone := false, 0
	var more []string
	for i := range s.Plan.Steps {
		step := &s.Plan.Steps[i]
		at := s.Steps[step.ID]
		if at.Status != journal.Failed {
			continue
		}
		if !begun {
			p.heading("Failed")
			begun = true
		}
		if isClone(step) {
			ofClone++
		}
		if isClone(step) && ofClone > clonesShown {
			more = append(more, deed(step))
			continue
		}
		p.failure(&s, step, at, now)
	}
	if len(more) > 0 {
		p.sentence(line{say("  "), red.say("%s ", p.style.failed())}, "not cloned either: "+p.style.listed(more, itemsNamed))
	}
}

// clonesShown is up to how many things that could not be cloned are told one by one:
// where many fail, most fail for the same reason.
const clonesShown = 4

func (p *page) failure(s *journal.State, step *plan.Step, at journal.StepState, now time.Time) {
	r := at.Record
	row := line{say("  "), red.say("%s ", p.style.failed()), bold.say("%s", stepName(step).text)}
	words := age(now.Sub(at.Last)) + " ago"
	if n := size(step, r.There, r.Awaited); n != "" {
		words = n + ", " + words
	}
	if at.Attempts > 1 {
		words += fmt.Sprintf(", attempt %d", at.Attempts)
	}
	if !at.Changed && changes(step.Kind) {
		words += ", nothing was changed by it"
	}
	p.line(append(row, say("  %s", words))...)
	p.labelled("what happened: ", orElse(r.Detail, "nothing more is known; the journal has all there is"))
	p.labelled("it means:      ", r.Meaning)
	label := "to type:       "
	for _, c := range r.Fix {
		if s.Event == journal.Abandoned && strings.Contains(c, " resume ") {
			continue // there is no going on with it
		}
		p.line(say("      %s", label), say("%s", clean(c)))
		label = "               "
	}
	p.missing(step, r.Missing, now)
}

// changes says that steps of the kind change something, unless they fail.
func changes(kind plan.Kind) bool {
	switch kind {
	case plan.Verify, plan.Arrive, plan.Relations, plan.Soak:
		return false
	}
	return true
}

func (p *page) labelled(label, text string) {
	if text != "" {
		p.sentence(line{say("      %s", label)}, clean(text))
	}
}

func orElse(s, other string) string {
	if s == "" {
		return other
	}
	return s
}

// heldSteps draws what did not begin, and because of what.
func (p *page) heldSteps(s journal.State) {
	var reasons []string
	subjects, itself, counts := map[string][]string{}, map[string][]string{}, map[string]int{}
	told := map[[3]string]bool{} // a model that moves has two names
	for i := range s.Plan.Steps {
		step := &s.Plan.Steps[i]
		if s.Steps[step.ID].Status != journal.Held {
			continue
		}
		reason := orElse(named(&s.Plan, heldBy(&s, step)), "something that it needs is not done")
		if counts[reason] == 0 {
			reasons = append(reasons, reason)
		}
		counts[reason]++
		if of := [3]string{reason, step.Lane, application(step)}; !told[of] {
			told[of] = true
			if name := heldName(&s, step); !slices.Contains(subjects[reason], name) {
				subjects[reason] = append(subjects[reason], name)
			}
			if failedItself(&s, step) {
				itself[reason] = append(itself[reason], heldName(&s, step))
			}
		}
	}
	if len(reasons) == 0 {
		return
	}
	p.heading("Held: does not begin until this is solved")
	for _, reason := range reasons {
		p.sentence(line{say("  "), yellow.say("%s", count(counts[reason], "step")), say(", because ")}, reason+":")
		names := subjects[reason]
		if n := len(itself[reason]); n < len(names) { // the others are what is held
			names = slices.DeleteFunc(names, func(name string) bool { return slices.Contains(itself[reason], name) })
		}
		list := strings.Join(names[:min(len(names), modelRows)], ", ")
		if more := len(names) - modelRows; more > 0 {
			list += fmt.Sprintf(" %s %d more (--format yaml shows all)", p.style.ellipsis(), more)
		}
		p.sentence(line{say("    ")}, list)
	}
}

// heldName names what a held step is about; a model that has not moved is where it
// was.
func heldName(s *journal.State, step *plan.Step) string {
	if step.OnTarget() && step.Model.UUID != "" && !movedOnes(s)[step.Model.UUID] {
		at := *step
		at.Target = fleet.Ref{}
		if at.Refresh != nil {
			return subject(at)
		}
		return clean(step.Controller.Name + ":" + step.Model.Name)
	}
	return subject(*step)
}

// named is what a record says of a step that it begins with, with the step's name.
func named(p *plan.Plan, detail string) string {
	if id, rest, ok := strings.Cut(detail, " "); ok {
		if step := p.Step(id); step != nil {
			return stepName(step).text + " " + clean(rest)
		}
	}
	return clean(detail)
}

// heldBy says what holds a step: what its record says, else what it needs and
// is not done.
func heldBy(s *journal.State, step *plan.Step) string {
	if detail := s.Steps[step.ID].Record.Detail; detail != "" {
		return clean(detail)
	}
	var by []string
	for _, id := range step.Needs {
		need := s.Plan.Step(id)
		if need == nil {
			continue
		}
		if status := s.Steps[id].Status; status == journal.Failed || status == journal.Held {
			by = append(by, stepName(need).text+" is "+string(status))
		}
	}
	if len(by) == 0 {
		return ""
	}
	return strings.Join(by, ", ")
}
