package preflight

import (
	"strings"
	"testing"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

func TestAPatternThatMatchesNoApplicationIsBadInput(t *testing.T) {
	app := func(s string) func(*estate) { return func(e *estate) { e.goal.Apps = patterns(s) } }
	exclude := func(s string) func(*estate) { return func(e *estate) { e.goal.ExcludeApps = patterns(s) } }
	hidden := func(change func(*estate)) func(*estate) {
		return func(e *estate) {
			change(e)
			e.other("lab", old).Problem = &fleet.Problem{Code: fleet.Unreachable}
		}
	}
	for name, c := range map[string]struct {
		change func(*estate)
		says   string // empty: it is good
	}{
		"a name":                  {app("web"), ""},
		"a place":                 {app("prod:admin/web.w*"), ""},
		"the controller's":        {app("controller"), ""},
		"none given":              {func(*estate) {}, ""},
		"misspelt":                {app("wab"), "--app wab matches no application: see 'juju status'"},
		"shortened":               {exclude("log"), "did you mean prod:admin/web.logs?"},
		"in another model":        {app("db.web"), "did you mean prod:admin/web.web?"},
		"left out with its model": {func(e *estate) { app("db")(e); e.goal.Exclude = []fleet.ModelPattern{{Name: "db"}} }, "left out by -m"},
		"left out itself":         {func(e *estate) { app("db")(e); exclude("d*")(e) }, "names prod:admin/db.db, which is left out"},
		"in the controller's model": {func(e *estate) {
			app("extra")(e)
			e.own().Status.Applications = append(e.own().Status.Applications, application("extra", 1, 2))
		}, `only "controller"`},
		"an order":                       {func(e *estate) { e.goal.CharmOrder = patterns("db", "nothing") }, "--charm-order nothing"},
		"a file":                         {func(e *estate) { give(e, "wub", "wub") }, "--charm-path wub"},
		"a file for one left out":        {func(e *estate) { give(e, "web", "web"); exclude("web")(e) }, "--charm-path web names prod:admin/web.web"},
		"may be on a controller":         {hidden(app("nothing")), ""},
		"may be there, and is to stay":   {hidden(exclude("nothing")), "lab shows none now: write MODEL.nothing"},
		"is there, and is to stay":       {hidden(exclude("lab:*.nothing")), ""},
		"is elsewhere, and is to stay":   {hidden(exclude("prod:*.nothing")), "matches no application"},
		"may be in a model not readable": {func(e *estate) { app("web.x")(e); e.web().Problem = &fleet.Problem{} }, ""},
		"not in a model not readable":    {func(e *estate) { app("db.x")(e); e.web().Problem = &fleet.Problem{} }, "matches no application"},
	} {
		e := well()
		charmed(e)
		c.change(e)
		err := UnmatchedApps(e.fleet, e.goal)
		switch {
		case c.says == "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case c.says != "" && (err == nil || !strings.Contains(err.Error(), c.says) || !fleet.IsBadInput(err)):
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestWithoutCharmsPatternsOfApplicationsAreNotAsked(t *testing.T) {
	e := well()
	charmed(e)
	e.goal.Charms, e.goal.Apps = "", patterns("nothing")
	if err := UnmatchedApps(e.fleet, e.goal); err != nil {
		t.Error(err)
	}
}
