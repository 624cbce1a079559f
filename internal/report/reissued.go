package report

import (
	"fmt"
	"io"
)

// Reissued draws what to know of a new registration string.
func Reissued(w io.Writer, v ReissuedView, style Style) error {
	p := &page{style: style}
	user, target := clean(v.User), clean(v.Target.Name)
	p.sentence(nil, fmt.Sprintf("%s has a new registration string for %s, in %s (0600).", user, target, clean(v.File)))
	for _, words := range v.void() {
		p.sentence(line{yellow.say("  ! ")}, words)
	}
	p.blank()
	p.line(say("Send it, by a way that nobody else can read, to be typed as:   "), bold.say("juju register STRING"))
	if v.Known {
		p.sentence(nil, fmt.Sprintf("On a client that knows %s already, 'juju unregister %s' comes first: it removes nothing but the client's entry.", target, target))
	}
	return p.flush(w)
}

// void says what does not let the user in any more.
func (v ReissuedView) void() []string {
	user := clean(v.User)
	out := []string{"earlier strings of " + user + " are void"}
	if v.Known {
		out = append(out, fmt.Sprintf("the password of %s is void, too: %s cannot log in before registering with the new string, nor can programs that use that account", user, user))
	}
	return out
}

// ReissuedDoc is the twin of what is said of a new registration string.
type ReissuedDoc struct {
	Run        int    `json:"run" yaml:"run"`
	Controller string `json:"controller" yaml:"controller"`
	User       string `json:"user" yaml:"user"`
	// Registrations is the file that has the string.
	Registrations string   `json:"registrations" yaml:"registrations"`
	Void          []string `json:"void" yaml:"void"`
}

// ReissuedDocument makes that twin.
func ReissuedDocument(v ReissuedView) ReissuedDoc {
	void := []string{"earlier-strings"}
	if v.Known {
		void = append(void, "password")
	}
	return ReissuedDoc{Run: v.Run, Controller: v.Target.Name, User: v.User, Registrations: v.File, Void: void}
}
