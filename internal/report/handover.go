package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

// Handover draws who of the source's users has come to the target, and what to send
// to those who have not.
func Handover(w io.Writer, v HandoverView, style Style) error {
	p := &page{style: style}
	target := clean(v.Target.Name)
	p.sentence(line{bold.say("%s", target), say("  ")}, fmt.Sprintf("who has come over from %s, by run %d", clean(v.Source.Name), v.Run))
	if v.Problem != nil {
		p.sentence(line{red.say("%s was not asked: ", target)}, clean(v.Problem.Text)+". What is known from the run alone:")
		p.commands("fix:", given(v.Problem.Remedy))
	}
	if len(v.People) == 0 {
		p.blank()
		p.sentence(nil, "This run has no users to hand over.")
		return p.flush(w)
	}
	p.blank()
	p.handoverTable(v)
	p.blank()
	p.sentence(nil, v.cameWords())
	p.toSend(v)
	p.withPassword(v)
	p.notShownByJuju(v)
	p.handoverNext(v)
	return p.flush(w)
}

// given is a list of one, or of none when it is empty.
func given(s string) []string {
	if s == "" {
		return nil
	}
	return []string{s}
}

func (p *page) handoverTable(v HandoverView) {
	rows := []line{{dim.say("USER"), dim.say("ACCESS"), dim.say("STATE"), dim.say("REGISTRATION")}}
	for _, h := range v.People {
		state := v.state(h)
		rows = append(rows, line{
			say("%s", orDash(h.Name)), say("%s", orDash(h.Access)),
			state.ink().say("%s", state.word()), say("%s", p.registration(v, h)),
		})
	}
	p.table(0, rows)
}

// registration says how the person gets in, or when they were last seen there.
func (p *page) registration(v HandoverView, h HandoverPerson) string {
	target := clean(v.Target.Name)
	seen := ""
	if !h.LastLogin.IsZero() {
		seen = "last seen " + p.style.in(h.LastLogin).Format("2006-01-02 15:04")
	}
	switch v.state(h) {
	case loggedIn:
		return seen
	case externalUser:
		return "logs in as before" + commaWords(seen)
	case wasThere:
		if seen == "" {
			return "was made on " + target + " by somebody, and not seen there yet"
		}
		return "logs in as on " + target + " before" + commaWords(seen)
	case cameWithIt:
		return "its password was made by the bootstrap: juju show-controller " + target + " --show-password"
	case notMade:
		return "no model needs this user: juju add-user -c " + target + " " + clean(h.Name)
	case toMake:
		return "not made yet: " + p.style.command(fmt.Sprintf("resume %d", v.Run))
	case goneUser:
		return "not on " + target + " any more"
	case disabledUser:
		return "may not log in: juju enable-user -c " + target + " " + clean(h.Name)
	case unknownState:
		if h.Made.IsZero() && h.asBefore() && h.Comes != plan.WasThere {
			return "not made yet, as far as the run knows"
		}
	case notYet:
	}
	return p.wayIn(v, h)
}

// wayIn is how one who has not come gets in.
func (p *page) wayIn(v HandoverView, h HandoverPerson) string {
	switch {
	case h.HasString:
		return "in " + clean(h.File) + " (0600)"
	case h.Lost:
	case h.Comes == plan.HasPassword:
		return "password given (--password-file), no registration needed"
	case h.Comes == plan.Restored:
		return "logs in with the password of " + clean(v.Source.Name)
	case h.Comes == plan.WasThere && v.Problem != nil:
		return "logs in as on " + clean(v.Target.Name) + " before"
	}
	return "no string is kept: " + p.style.command(v.reissue(clean(h.Name)))
}

func commaWords(s string) string {
	if s == "" {
		return ""
	}
	return ", " + s
}

// who names the people in that state, or of all states that wait, who come that way.
func (v HandoverView) who(which func(HandoverPerson, handoverState) bool) []string {
	var out []string
	for _, h := range v.People {
		if which(h, v.state(h)) {
			out = append(out, clean(h.Name))
		}
	}
	return out
}

// files are those that have the strings of the people in that state, each once.
func (v HandoverView) files(which func(HandoverPerson, handoverState) bool) []string {
	var out []string
	for _, h := range v.People {
		if h.HasString && which(h, v.state(h)) && !slices.Contains(out, h.File) {
			out = append(out, h.File)
		}
	}
	return out
}

// toSend says what the operator sends to those who have to register: a text with their
// string in it, which no screen shows.
func (p *page) toSend(v HandoverView) {
	waits := func(h HandoverPerson, s handoverState) bool { return h.HasString && (s == notYet || s == unknownState) }
	files := v.files(waits)
	if len(files) == 0 {
		return
	}
	p.heading("What to send")
	for _, file := range files {
		names := v.who(func(h HandoverPerson, s handoverState) bool { return waits(h, s) && h.File == file })
		p.sentence(line{say("  ")}, fmt.Sprintf("To %s, each the text under \"send\" of their own in %s, by a way that nobody else can read.", someOf(names), clean(file)))
	}
	p.line(say("  A new string:  "), bold.say("%s", p.style.command(v.reissue("USER"))))
	p.sentence(line{say("                 ")}, "earlier strings of that user, and any password, are void at once")
}

// withPassword draws how those get in who have a password that is known.
func (p *page) withPassword(v HandoverView) {
	target := clean(v.Target.Name)
	for _, of := range []struct {
		comes plan.Coming
		which string
	}{{plan.HasPassword, "the password that was given"}, {plan.Restored, "the password of " + clean(v.Source.Name)}} {
		names := v.who(func(h HandoverPerson, s handoverState) bool {
			return h.Comes == of.comes && h.asBefore() && (s == notYet || s == unknownState)
		})
		if len(names) == 0 {
			continue
		}
		p.heading("With " + of.which)
		p.sentence(line{say("  ")}, fmt.Sprintf("%s: programs need the addresses and the CA certificate of %s; a client needs one address:", someOf(names), target))
		p.commands("see:", []string{"juju show-controller " + target})
		p.commands("do:", []string{"juju login -c " + target + " -u " + names[0] + " ADDRESS:PORT"})
	}
}

// unseenByJuju is what cannot be told of users.
var unseenByJuju = []string{
	"Juju does not show whether a string was used: somebody has logged in when the controller has seen that user since they were made.",
	"Strings do not expire: each is void once it was used, or when a newer one is made.",
	"Juju shows external users only where they have access to the controller itself.",
}

func (p *page) notShownByJuju(v HandoverView) {
	p.heading("To know")
	for _, words := range unseenByJuju[:2] {
		p.sentence(line{say("  %s ", p.style.waiting())}, words)
	}
	if len(v.who(func(_ HandoverPerson, s handoverState) bool { return s == externalUser })) > 0 {
		p.sentence(line{say("  %s ", p.style.waiting())}, unseenByJuju[2])
	}
}

func (p *page) handoverNext(v HandoverView) {
	come, wanted := v.come()
	if v.Problem != nil || come < wanted {
		return
	}
	p.blank()
	rows := []line{{say("Next:"), bold.say("%s", p.style.command(fmt.Sprintf("leftovers %d", v.Run))), dim.say("what still needs %s", clean(v.Source.Name))}}
	// That of another run may have strings of others, too.
	for _, file := range v.files(func(h HandoverPerson, _ handoverState) bool { return h.Run == v.Run }) {
		rows = append(rows, line{say(""), bold.say("rm %s", shellWord(file)), dim.say("nobody needs it any more")})
	}
	p.table(0, rows)
}

// shellWord is a file's name as it is typed.
func shellWord(s string) string {
	if strings.ContainsAny(s, " '\"\\$&;()<>|*?[]`#~!") {
		return "'" + strings.ReplaceAll(clean(s), "'", `'\''`) + "'"
	}
	return clean(s)
}
