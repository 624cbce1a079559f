package report

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// leftSections are the parts of the screen, in its order, and what one thing of each
// is called.
var leftSections = []struct {
	kind  LeftoverKind
	title string
	thing string
}{
	{LeftModel, "Models on SOURCE", "model"},
	{LeftAgent, "Agents that are not connected to TARGET", "agent"},
	{LeftRelation, "Cross-model relations that SOURCE is part of", "cross-model relation"},
	{LeftUser, "Users not seen on TARGET yet", "user"},
	{LeftApplication, "Applications in the controller model of SOURCE", "application"},
	{LeftElsewhere, "Besides", "other thing"},
}

// word is the standing as a screen has it.
func (s LeftoverStanding) word() string { return strings.ReplaceAll(string(s), "-", " ") }

func (s LeftoverStanding) ink() ink {
	switch s {
	case ListedOnly:
		return dim
	case Migrating:
		return cyan
	}
	return yellow
}

// Leftovers draws what still needs the controller that models have left, and, when
// that is nothing, the command that removes it.
func Leftovers(w io.Writer, v LeftoversView, style Style) error {
	p := &page{style: style}
	source := clean(v.Source.Name)
	p.sentence(line{bold.say("%s", source), say("  ")},
		fmt.Sprintf("what still needs it, as far as this client sees (run %d, to %s)", v.Run, clean(v.Target.Name)))
	for _, of := range leftSections {
		p.leftSection(v, v.title(of.title), ofKind(v.Entries, of.kind))
	}
	p.leftSection(v, "Could not be looked at", v.Unseen)
	p.leftSection(v, "Cannot be seen from here", v.Hidden)
	p.blank()
	p.sentence(nil, v.words())
	if v.Empty() && v.Removal.Command != "" {
		p.blank()
		p.line(say("To remove %s, which this tool never does:   ", source), bold.say("%s", clean(v.Removal.Command)))
		p.sentence(nil, clean(v.Removal.Why))
	}
	return p.flush(w)
}

func (v LeftoversView) title(s string) string {
	return strings.NewReplacer("SOURCE", clean(v.Source.Name), "TARGET", clean(v.Target.Name)).Replace(s)
}

func ofKind(all []Leftover, kind LeftoverKind) []Leftover {
	var out []Leftover
	for _, e := range all {
		if e.kind() == kind {
			out = append(out, e)
		}
	}
	return out
}

// kind is a kind that there is: nothing that was found may be lost.
func (e Leftover) kind() LeftoverKind {
	for _, of := range leftSections {
		if of.kind == e.Kind {
			return e.Kind
		}
	}
	return LeftElsewhere
}

// leftSection draws things of one kind, each with what to type; once, when that is
// the same for all.
func (p *page) leftSection(v LeftoversView, title string, all []Leftover) {
	if len(all) == 0 {
		return
	}
	p.heading(fmt.Sprintf("%s (%d)", title, len(all)))
	subject, standing := 0, 0
	for _, e := range all {
		subject = max(subject, columns(clean(e.Subject)))
		standing = max(standing, columns(e.Standing.word()))
	}
	subject = min(subject, 40)
	once := sameCommands(all)
	shown := all[:min(len(all), modelRows)]
	for _, e := range shown {
		lead := line{say("  ")}
		if subject > 0 {
			lead = append(lead, say("%s", clean(e.Subject)).pad(subject+2))
		}
		if standing > 0 {
			lead = append(lead, e.Standing.ink().say("%s", e.Standing.word()).pad(standing+2))
		}
		p.sentence(lead, clean(e.Text))
		if !once {
			p.typed(e.Commands)
		}
	}
	if more := len(all) - len(shown); more > 0 {
		p.line(say("  %s %d more (--format yaml shows all)", p.style.ellipsis(), more))
	}
	if once {
		p.typed(all[0].Commands)
	}
}

func sameCommands(all []Leftover) bool {
	return !slices.ContainsFunc(all, func(e Leftover) bool { return !slices.Equal(e.Commands, all[0].Commands) })
}

// typed draws commands to type, each in a row of its own.
func (p *page) typed(commands []string) {
	for _, c := range commands {
		p.line(say("      "), bold.say("%s", clean(c)))
	}
}

// words say whether the old controller can go.
func (v LeftoversView) words() string {
	source := clean(v.Source.Name)
	var parts []string
	for _, of := range leftSections {
		n := 0
		for _, e := range v.Entries {
			if e.kind() == of.kind && e.Standing != ListedOnly {
				n++
			}
		}
		if n > 0 {
			parts = append(parts, count(n, of.thing))
		}
	}
	switch {
	case len(parts) > 0 && len(v.Unseen) > 0:
		return fmt.Sprintf("Keep %s: %s, and not everything could be looked at.", source, join(parts))
	case len(parts) > 0:
		return fmt.Sprintf("Keep %s: %s.", source, join(parts))
	case len(v.Unseen) > 0:
		return fmt.Sprintf("Keep %s: nothing was found that needs it, but not everything could be looked at.", source)
	}
	return fmt.Sprintf("Nothing was found that still needs %s, as far as can be seen from here.", source)
}
