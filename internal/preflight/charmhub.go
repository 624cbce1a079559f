package preflight

import (
	"fmt"
	"strings"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/rules"
)

// charmhubChecks are about where the new charm comes from, and whether it fits.
func charmhubChecks() []check {
	b := fleet.Blocker
	return []check{
		ofApplication("charm-unresolved", b, false, "Charmhub has no answer for the application: its channel may be closed.", view.refreshes, charmUnresolved),
		together(Check{Code: "charmhub-unreachable", Severity: b, Scope: fleet.OneApplication,
			Summary: "Charmhub does not answer, for any application of the model: that holds their charms, and nothing else."}, charmhubGone, charmhubUnreachable),
		ofApplication("charm-base-unsupported", b, false, "The new charm does not support the application's base; Juju refuses to refresh it.", view.refreshes, charmBaseUnsupported),
		ofApplication("charm-channel-closed", fleet.Warning, false, "Charmhub answers with another channel than the application follows: that one is closed.", view.refreshes, charmChannelClosed),
		ofApplication("charm-file-other", b, false, "The file that is given is of another charm than the application's.", view.refreshes, charmFileOther),
	}
}

// charmhubGone says that Charmhub did not answer for the application. Juju has no code
// for that, nor for most of what Charmhub refuses: what is true of all applications of
// the model that were asked for is taken for it. (seen, 3.6)
func charmhubGone(v view) bool {
	r := v.app.Release
	if !v.asksCharmhub() || r == nil || r.Problem == nil {
		return false
	}
	switch r.Problem.Code {
	case fleet.Unreachable:
		return true
	case fleet.NotFound, fleet.Forbidden:
		return false
	}
	return v.unanswered() > 1
}

// unanswered is how many applications of the model Charmhub was asked for, where it
// answered for none; 0 where it did for one, if only that there is no such thing.
func (v view) unanswered() int {
	n := 0
	for _, a := range v.applications() {
		r := a.app.Release
		if !a.asksCharmhub() || r == nil {
			continue
		}
		if r.Problem == nil || r.Problem.Code == fleet.NotFound {
			return 0
		}
		n++
	}
	return n
}

func charmUnresolved(v view) []say {
	if !v.asksCharmhub() || v.release() != nil || charmhubGone(v) {
		return nil
	}
	p := fleet.Problem{Code: fleet.Other, Text: "it was not asked"}
	if v.app.Release != nil {
		p = *v.app.Release.Problem
	}
	if p.Code == fleet.Forbidden && len(modelAccess(v)) > 0 {
		return nil // model-access
	}
	what := "no answer for " + v.app.Charm() + " in " + v.follows() + ": that may be closed"
	if p.Code == fleet.NotFound {
		what = "no " + v.app.Charm() + " for it in " + v.follows() + " any more: that is closed, or the charm is gone"
	}
	return one(say{
		meaning: "Charmhub has " + what + " (" + oneLine(p.Text) + ")",
		see:     []string{v.inform(), v.show()},
		fix:     append(remedy(&p, v.refresh(" --channel CHANNEL   # one that is open, which it then follows")), v.withoutApp()),
	})
}

func charmhubUnreachable(v view, who []view) []say {
	p := who[0].app.Release.Problem
	meaning := "its charm stays as it is"
	if v.app == nil {
		meaning = fmt.Sprintf("the charms of %s stay as they are", some(appNames(who)))
	}
	return one(say{
		meaning: fmt.Sprintf("Charmhub does not answer, so there is no knowing what is newer: %s (%s)", meaning, oneLine(text(who))),
		see:     []string{"juju model-config -m " + v.here() + " charmhub-url", "juju model-config -m " + v.here() + " juju-https-proxy"},
		fix:     remedy(p, v.planWith("   # once more, when Charmhub can be reached from the controller")),
	})
}

// text is the first of the texts of problems of applications: which one that is does
// not depend on their order.
func text(who []view) string {
	least := ""
	for _, a := range who {
		least = first(least, a.app.Release.Problem.Text)
	}
	return least
}

// charmBaseUnsupported tells what Juju really takes. It looks at the application's
// base, not at that of the request, so that "juju refresh --base" alone is refused for
// machines. Source: Juju 3.6 state/application.go SetCharm, checkBaseForSetCharm.
func charmBaseUnsupported(v view) []say {
	r := v.release()
	if r == nil || len(r.Bases) == 0 {
		return nil
	}
	base := "BASE"
	if len(r.Bases) == 1 {
		base = r.Bases[0]
	}
	fix := []string{v.refresh(" --channel CHANNEL   # one that supports its base, which it then follows")}
	switch {
	case v.m.Type == fleet.CAAS:
		fix = append(fix, v.refresh(" --base "+base))
	case rules.SetsBase(v.c.Version):
		fix = append(fix, "juju set-application-base -m "+v.here()+" "+v.app.Name+" "+base+"   # when its machines run that (juju upgrade-machine), and if its charm of now supports it")
	}
	return one(say{
		meaning: fmt.Sprintf("revision %d of %s supports %s, and the application is on %s: Juju refuses to refresh it",
			r.Revision, v.app.Charm(), strings.Join(natural(r.Bases), ", "), v.app.Base),
		see: []string{v.inform() + " --base " + v.app.Base, v.show()},
		fix: append(fix, v.withoutApp()),
	})
}

func charmChannelClosed(v view) []say {
	r := v.release()
	if r == nil || r.Channel == "" || v.app.Channel == "" || rules.SameChannel(r.Channel, v.app.Channel) {
		return nil
	}
	return one(say{
		meaning: fmt.Sprintf("it follows %s, and Charmhub answers with what %s has: its own channel is closed; it goes on following it", v.app.Channel, r.Channel),
		see:     []string{v.inform()},
		fix:     []string{v.refresh(" --channel " + r.Channel + "   # it then follows that")},
	})
}

func charmFileOther(v view) []say {
	f := v.file()
	if f == nil || f.Charm == v.app.Charm() {
		return nil
	}
	return one(say{
		meaning: fmt.Sprintf("%s is the charm %s, and the application's is %s: Juju refreshes it to no other", f.File, f.Charm, v.app.Charm()),
		see:     []string{v.show()},
		fix:     []string{v.planWith(" --charm-path " + v.appPath() + "=FILE   # one of the charm " + v.app.Charm())},
	})
}
