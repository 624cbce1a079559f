package preflight

import (
	"fmt"
	"strings"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/rules"
)

// charmNotices are about what is left alone, and what is up to the operator.
func charmNotices() []check {
	notice := func(code, summary string, when func(view) bool, says func(view) []say) check {
		return ofApplication(code, fleet.Notice, false, summary, when, says)
	}
	return []check{
		notice("charm-local", "The application has a local charm, and no file is given for it: it is left alone.", view.alive, charmLocal),
		notice("charm-store", "The application's charm is from the Charm Store, which is no more: it is left alone.", view.alive, charmStore),
		notice("charm-off-channel", "The application runs a later revision than its channel has: it is left alone unless it is named.", view.alive, charmOffChannel),
		notice("charm-checks", "The charm offers an action that checks whether it is ready for a refresh.", view.refreshes, charmOffersChecks),
		notice("charm-pauses", "The charm offers an action that lets a refresh go on: it may stop half way and wait for that.", view.refreshes, charmPauses),
		notice("charm-resource-uploaded", "The application has resources that an operator has uploaded: they stay as they are.", view.refreshes, charmResourceUploaded),
	}
}

func charmLocal(v view) []say {
	if v.file() != nil || v.app.Source() != fleet.LocalCharm {
		return nil
	}
	return one(say{
		meaning: fmt.Sprintf("its charm is local (%s): nobody but you knows what is newer, so it is left alone", v.app.URL),
		see:     []string{v.show()},
		fix:     []string{v.planWith(" --charm-path " + v.appPath() + "=FILE")},
	})
}

func charmStore(v view) []say {
	if v.file() != nil || v.app.Source() != fleet.CharmStore {
		return nil
	}
	return one(say{
		meaning: fmt.Sprintf("its charm is from the Charm Store (%s), which is no more: nothing newer comes from there, so it is left alone", v.app.URL),
		see:     []string{v.inform()},
		fix:     []string{v.refresh(" --switch ch:" + v.app.Charm() + "   # if Charmhub's is the same charm")},
	})
}

// charmOffChannel is about what a refresh would take back: Juju does not remember that
// a revision was asked for by its number.
func charmOffChannel(v view) []say {
	r := v.release()
	if r == nil || !v.app.OffChannel() {
		return nil
	}
	s := say{
		meaning: fmt.Sprintf("it runs revision %d, and %s has %d", v.app.Revision(), v.follows(), r.Revision),
		see:     []string{v.inform()},
	}
	if v.goal.NamesApp(v.c, v.m, v.app.Name) {
		s.meaning += ": it is named, so it goes back to that"
		return one(s)
	}
	s.meaning += ": it was given that by its number, or the channel took it back; it is left alone"
	s.fix = []string{
		v.planWith(fmt.Sprintf(" --app %s   # goes back to %d", v.appPath(), r.Revision)),
		v.refresh(" --channel CHANNEL   # one that has it, or later: it then follows that"),
	}
	return one(s)
}

func charmOffersChecks(v view) []say {
	actions := v.app.Release.Offers(rules.RefreshChecks())
	if len(actions) == 0 {
		return nil
	}
	var see []string
	for _, a := range actions {
		see = append(see, v.runAction(a))
	}
	return one(say{
		meaning: fmt.Sprintf("its charm wants to be asked before a refresh whether it is ready (%s): type this first, and go on only if it says so; this run does not ask it", strings.Join(actions, ", ")),
		see:     see,
	})
}

func charmPauses(v view) []say {
	actions := v.app.Release.Offers(rules.RefreshResumes())
	if len(actions) == 0 {
		return nil
	}
	var fix []string
	for _, a := range actions {
		fix = append(fix, v.runAction(a)+"   # when it waits for that; or on the unit that its message names")
	}
	return one(say{
		meaning: fmt.Sprintf("its charm may stop the refresh half way and wait for you (%s); the run then waits too", strings.Join(actions, ", ")),
		see:     []string{v.show()},
		fix:     fix,
	})
}

func charmResourceUploaded(v view) []say {
	r := v.release()
	if r == nil {
		return nil
	}
	var names []string
	for _, res := range r.Resources {
		if res.Uploaded {
			names = append(names, res.Name)
		}
	}
	if len(names) == 0 {
		return nil
	}
	names = natural(names)
	return one(say{
		meaning: fmt.Sprintf("an operator has uploaded %s: that stays, whatever its channel has, and may be too old for the new charm", some(names)),
		see:     []string{"juju resources -m " + v.here() + " " + v.app.Name + " --details"},
		fix:     []string{"juju attach-resource -m " + v.here() + " " + v.app.Name + " " + names[0] + "=FILE   # another one"},
	})
}
