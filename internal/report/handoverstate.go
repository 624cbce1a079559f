package report

import (
	"fmt"
	"strings"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

// handoverState says how far a user of the source has come to the target. The words
// are stable: scripts read them.
type handoverState string

const (
	// loggedIn: the target has seen the user since the run made them. notYet: it has
	// not.
	loggedIn handoverState = "logged-in"
	notYet   handoverState = "not-yet"
	// externalUser: logs in with an identity that the controller does not keep.
	externalUser handoverState = "external"
	// wasThere: existed on the target before the run, and was seen there (of one who was
	// not to come: or made there by somebody).
	wasThere handoverState = "was-there"
	// cameWithIt: was made with the target, by its bootstrap.
	cameWithIt handoverState = "came-with-it"
	// notMade: not made, by intention. toMake: the run has not made them yet.
	notMade handoverState = "not-made"
	toMake  handoverState = "to-make"
	// goneUser: was there, and is not any more.
	goneUser handoverState = "gone"
	// disabledUser: exists, and may not log in.
	disabledUser handoverState = "disabled"
	// unknownState: the target did not tell.
	unknownState handoverState = "unknown"
)

// word is the state as a screen has it.
func (h handoverState) word() string {
	return strings.ReplaceAll(string(h), "-", " ")
}

func (h handoverState) ink() ink {
	switch h {
	case loggedIn:
		return green
	case notYet, disabledUser, unknownState, toMake:
		return yellow
	case goneUser:
		return red
	}
	return noInk
}

// state says how far a person has come.
func (v HandoverView) state(h HandoverPerson) handoverState {
	switch {
	case h.Comes == plan.External:
		return externalUser
	case h.Comes == plan.StaysOut && !h.Exists:
		return notMade
	case v.Problem != nil:
		return unknownState
	case !h.Exists && (!h.Made.IsZero() || h.Comes == plan.WasThere):
		return goneUser
	case !h.Exists:
		return toMake
	case h.Disabled:
		return disabledUser
	case h.asBefore() && (h.Comes == plan.WasThere && !h.LastLogin.IsZero() || h.Comes == plan.StaysOut):
		return wasThere
	case h.asBefore() && h.Comes == plan.ComesWithIt:
		return cameWithIt
	case h.Came():
		return loggedIn
	}
	return notYet
}

// asBefore says that no string was made for the person, or asked for: whatever lets
// them in is what they had already.
func (h HandoverPerson) asBefore() bool { return !h.HasString && !h.Lost }

// Came says that the person was on the target with what they have now. Only times of
// the target's own clock are compared, but for what a backup brings along.
func (h HandoverPerson) Came() bool {
	switch {
	case h.LastLogin.IsZero(), h.Comes == plan.Restored && h.Made.IsZero():
		return false
	case !h.Before.IsZero():
		return h.LastLogin.After(h.Before)
	case h.Comes == plan.Restored:
		return !h.LastLogin.Before(h.Made)
	}
	return true
}

// waiting says that the person is to come, and has not.
func (h handoverState) waiting() bool { return h == notYet || h == toMake }

func (v HandoverView) reissue(user string) string {
	return fmt.Sprintf("handover %d --reissue %s", v.Run, user)
}

// come counts those who were to come, and those of them who have.
func (v HandoverView) come() (come, wanted int) {
	for _, h := range v.People {
		switch state := v.state(h); {
		case state == loggedIn:
			come++
			wanted++
		case state.waiting():
			wanted++
		}
	}
	return come, wanted
}

func (v HandoverView) cameWords() string {
	come, wanted := v.come()
	target := clean(v.Target.Name)
	switch {
	case v.Problem != nil:
		return "Who has logged in is not known while " + target + " does not answer."
	case wanted == 0:
		return "Nobody has to log in anew."
	case come == wanted:
		return fmt.Sprintf("All of the %s who had to log in anew have.", count(wanted, "user"))
	}
	return fmt.Sprintf("%d of %s who have to log in anew have; %d not yet.", come, count(wanted, "user"), wanted-come)
}
