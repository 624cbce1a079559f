package report

import (
	"slices"
	"strings"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/journal"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

// ofClone says that a finding is of what does not get to the target, or is there
// otherwise: it holds nothing, and is to be seen to by hand.
func ofClone(f fleet.Finding) bool {
	return !f.Holds() && (strings.HasSuffix(f.Code, "not-cloned") || strings.HasPrefix(f.Code, "clone-"))
}

// notClonedOf are those of the findings; others are the rest of them.
func notClonedOf(all []fleet.Finding) (notCloned, others []fleet.Finding) {
	for _, f := range all {
		if ofClone(f) {
			notCloned = append(notCloned, f)
		} else {
			others = append(others, f)
		}
	}
	return notCloned, others
}

// toSeeTo draws at the end of a run what it has not cloned, and what to do about it,
// where there is something to clone to.
func (p *page) toSeeTo(s *journal.State, v Verdict) {
	step := stepOf(&s.Plan, plan.MakeController)
	if v == Interrupted || step != nil && s.Steps[step.ID].Status != journal.Done {
		return
	}
	notCloned, _ := notClonedOf(s.Plan.Findings)
	p.notCloned("Not cloned: to be seen to by hand", notCloned, func(command string) bool { return !isPlanning(command) })
}

// notClonedYet draws what a plan does not clone, and what can only be done about it
// before it is carried out.
func (p *page) notClonedYet(all []fleet.Finding) {
	p.notCloned("Not cloned (what to do by hand is told at the end)", all, isPlanning)
}

// isPlanning says that the command makes another plan.
func isPlanning(command string) bool { return strings.HasPrefix(command, "juju upgrade-all plan ") }

// notCloned draws findings of what is not cloned: what is the same for several once,
// and of the commands those that are wanted.
func (p *page) notCloned(title string, all []fleet.Finding, wanted func(string) bool) {
	if len(all) == 0 {
		return
	}
	p.heading(title)
	for _, group := range grouped(all) {
		p.notClonedGroup(group, wanted)
	}
}

func (p *page) notClonedGroup(group []fleet.Finding, wanted func(string) bool) {
	first := group[0]
	mark := cyan.say("  %s ", p.style.waiting())
	if first.Severity != fleet.Notice {
		mark = yellow.say("  ! ")
	}
	var texts []string
	about := map[string][]string{}
	for _, f := range group {
		text := clean(f.Meaning)
		if about[text] == nil {
			texts = append(texts, text)
		}
		about[text] = append(about[text], clean(f.Subject))
	}
	for i, text := range texts {
		if !same(group, func(f fleet.Finding) string { return f.Subject }) {
			text = p.style.listed(about[text], itemsNamed) + ": " + text
		}
		lead := line{mark, bold.say("%s", clean(first.Code)), say("  ")}
		if i > 0 {
			lead = line{say("%*s", lead.columns(), "")}
		}
		p.sentence(lead, text)
	}
	only := func(commands []string) []string {
		return slices.DeleteFunc(slices.Clone(commands), func(c string) bool { return !wanted(c) })
	}
	p.groupCommands("see:", group, func(f fleet.Finding) []string { return only(f.See) })
	p.groupCommands("fix:", group, func(f fleet.Finding) []string { return only(f.Fix) })
}
