package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// groupFrom is how many findings of one code are drawn as a group.
const groupFrom = 4

// findingOptions say how findings are drawn.
type findingOptions struct {
	// choices shows how to accept or leave out.
	choices bool
	// age is how long ago they were found; empty where that is now.
	age string
}

// findings draws what preflight has to say. The worst is last, where the eye
// rests and the verdict follows.
func (p *page) findings(all []fleet.Finding, o findingOptions) {
	for _, group := range grouped(all) {
		if len(group) >= groupFrom {
			p.findingGroup(group, o)
			continue
		}
		for _, f := range group {
			p.finding(f, o)
		}
	}
}

// grouped sorts findings from mild to holding, those of one code together.
func grouped(all []fleet.Finding) [][]fleet.Finding {
	sorted := slices.Clone(all)
	slices.SortStableFunc(sorted, func(a, b fleet.Finding) int {
		return cmp.Or(weight(a)-weight(b), reach(a)-reach(b), strings.Compare(a.Code, b.Code))
	})
	var out [][]fleet.Finding
	for _, f := range sorted {
		if n := len(out); n > 0 && out[n-1][0].Code == f.Code && weight(out[n-1][0]) == weight(f) {
			out[n-1] = append(out[n-1], f)
			continue
		}
		out = append(out, []fleet.Finding{f})
	}
	return out
}

func weight(f fleet.Finding) int {
	switch {
	case f.Severity == fleet.Blocker && !f.Accepted:
		return 3
	case f.Accepted:
		return 2
	case f.Severity == fleet.Warning:
		return 1
	}
	return 0
}

// reach orders findings by how much they are about.
func reach(f fleet.Finding) int {
	switch f.Scope {
	case fleet.WholeRun:
		return 2
	case fleet.WholeController:
		return 1
	}
	return 0
}

func severity(f fleet.Finding) span {
	word := strings.ToUpper(string(f.Severity))
	switch weight(f) {
	case 3:
		return red.say("%-8s", word)
	case 2:
		return yellow.say("%-8s", "ACCEPTED")
	case 1:
		return yellow.say("%-8s", word)
	}
	return cyan.say("%-8s", word)
}

// under is where the texts of a finding begin.
const under = "            "

func (p *page) finding(f fleet.Finding, o findingOptions) {
	head := line{say("  "), severity(f), say("  "), bold.say("%s", clean(f.Code)), say("  %s", clean(f.Subject))}
	if o.age != "" {
		head = append(head, dim.say("  %s ago", o.age))
	}
	p.line(head...)
	if f.Accepted {
		p.accepted(f)
		return
	}
	p.sentence(line{say(under)}, clean(f.Meaning))
	p.commands("see:", f.See)
	p.commands("fix:", f.Fix)
	if o.choices && f.Holds() {
		p.choices(f)
	}
}

// accepted draws what has been decided already: there is nothing to type.
func (p *page) accepted(f fleet.Finding) {
	p.line(line{say(under), say("%s", clean(f.Meaning))}.cut(p.style.width(), p.style.ellipsis())...)
	if len(f.Agents) > 0 {
		p.notWaitedFor(f.Agents)
	}
}

func (p *page) notWaitedFor(agents []string) {
	names := make([]string, len(agents))
	for i, a := range agents {
		names[i] = clean(a)
	}
	p.line(say("%snot waited for: %s", under, some(names, fewAgents, "agent")))
}

func agentsOf(group []fleet.Finding) []string {
	var out []string
	for _, f := range group {
		out = append(out, f.Agents...)
	}
	return out
}

// commands draws commands to type, each in a row of its own.
func (p *page) commands(label string, commands []string) {
	for _, c := range commands {
		p.line(say("%s%-5s", under, label), say("%s", clean(c)))
		label = ""
	}
}

// choices draws what else can be done about a blocker.
func (p *page) choices(f fleet.Finding) {
	var out []string
	if f.Acceptable {
		out = append(out, "--accept "+clean(f.Name()))
	}
	switch {
	case f.Scope == fleet.OneModel:
		out = append(out, "--exclude "+clean(f.Subject))
	case f.Scope == fleet.OneApplication && f.Application != "":
		out = append(out, "--exclude-app "+clean(f.Subject))
	case f.Scope == fleet.OneApplication: // it holds all of its model
		out = append(out, "--exclude-app '"+clean(f.Subject)+".*'")
	}
	p.or(out)
}

func (p *page) or(choices []string) {
	if len(choices) > 0 {
		p.line(say("%s%-5s", under, "or:"), say("%s", strings.Join(choices, ", ")))
	}
}

// findingGroup draws many findings of one code: what they mean once, if they
// all mean the same, and what they are about.
func (p *page) findingGroup(group []fleet.Finding, o findingOptions) {
	first := group[0]
	head := line{say("  "), severity(first), say("  "), bold.say("%s", clean(first.Code)), say("  %d times", len(group))}
	if o.age != "" {
		head = append(head, dim.say("  %s ago", o.age))
	}
	p.line(head...)
	if first.Accepted {
		for _, f := range group {
			p.line(line{say("%s%s  %s", under, clean(f.Subject), clean(f.Meaning))}.cut(p.style.width(), p.style.ellipsis())...)
		}
		if agents := agentsOf(group); len(agents) > 0 {
			p.notWaitedFor(agents)
		}
		return
	}
	if same(group, func(f fleet.Finding) string { return f.Meaning }) {
		p.sentence(line{say(under)}, clean(first.Meaning))
		subjects := make([]string, len(group))
		for i, f := range group {
			subjects[i] = clean(f.Subject)
		}
		p.sentence(line{say(under + "at:  ")}, p.subjects(subjects, first.Holds()))
	} else {
		for _, f := range group {
			p.sentence(line{say("%s%s  ", under, clean(f.Subject))}, clean(f.Meaning))
		}
	}
	p.groupCommands("see:", group, func(f fleet.Finding) []string { return f.See })
	p.groupCommands("fix:", group, func(f fleet.Finding) []string { return f.Fix })
	if o.choices && first.Holds() {
		p.groupChoices(group)
	}
}

// subjectsNamed is up to how many subjects of one finding are named that hold nothing.
const subjectsNamed = 12

// subjects names what a finding is about: all of it where it holds something.
func (p *page) subjects(names []string, holds bool) string {
	if more := len(names) - subjectsNamed; more > 0 && !holds {
		return strings.Join(names[:subjectsNamed], ", ") + fmt.Sprintf(" %s %d more (--format yaml shows all)", p.style.ellipsis(), more)
	}
	return strings.Join(names, ", ")
}

func same(group []fleet.Finding, of func(fleet.Finding) string) bool {
	return !slices.ContainsFunc(group, func(f fleet.Finding) bool { return of(f) != of(group[0]) })
}

// groupCommands draws the commands of a group: once when they are the same,
// else those of the first few.
func (p *page) groupCommands(label string, group []fleet.Finding, of func(fleet.Finding) []string) {
	const most = 3
	var distinct []string
	for _, f := range group {
		for _, c := range of(f) {
			if !slices.Contains(distinct, c) {
				distinct = append(distinct, c)
			}
		}
	}
	if more := len(distinct) - most; more > 0 {
		p.commands(label, distinct[:most])
		p.line(say("%s     ", under), dim.say("%s %d more such commands (--format yaml shows all)", p.style.ellipsis(), more))
		return
	}
	p.commands(label, distinct)
}

func (p *page) groupChoices(group []fleet.Finding) {
	var out []string
	if !slices.ContainsFunc(group, func(f fleet.Finding) bool { return !f.Acceptable }) {
		out = append(out, fmt.Sprintf("--accept '%s@*'", clean(group[0].Code)))
	}
	if !slices.ContainsFunc(group, func(f fleet.Finding) bool { return f.Scope == fleet.WholeRun }) {
		out = append(out, "--skip-blocked to leave them out")
	}
	p.or(out)
}
