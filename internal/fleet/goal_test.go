package fleet

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/juju/version/v2"
)

func pattern(t *testing.T, s string) ModelPattern {
	t.Helper()
	p, err := ParseModelPattern(s)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func TestModelPatternsAreReadAsTheyAreWritten(t *testing.T) {
	for s, want := range map[string]ModelPattern{
		"web":            {Name: "web"},
		"admin/web":      {Owner: "admin", Name: "web"},
		"prod:web":       {Controller: "prod", Name: "web"},
		"pr*:*/web-[ab]": {Controller: "pr*", Owner: "*", Name: "web-[ab]"},
	} {
		got := pattern(t, s)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", s, diff)
		}
		if got.String() != s {
			t.Errorf("%s is written %s", s, got)
		}
	}
}

func TestModelPatternsOfAnotherFormAreRefused(t *testing.T) {
	for _, s := range []string{"", ":web", "/web", "prod:", "admin/", "prod:/web", "a/b/c", "a:b:c", "a:b:c/d", "[", "[:web", "a/[", `web\`} {
		if got, err := ParseModelPattern(s); err == nil {
			t.Errorf("%q was read as %+v", s, got)
		}
	}
}

func TestAPatternMatchesByNameGlobOrUUID(t *testing.T) {
	c := &Controller{Ref: Ref{UUID: "c", Name: "prod"}, Aliases: []string{"blue"}}
	m := &Model{Ref: Ref{UUID: "f00d-1", Name: "admin/web"}}
	for s, want := range map[string]bool{
		"web": true, "w*": true, "admin/web": true, "*/web": true, "prod:web": true, "blue:web": true, "b*:admin/*": true,
		"f00d-1": true, "prod:f00d-1": true,
		"db": false, "bob/web": false, "lab:web": false, "admin/f00d-1": false, "lab:f00d-1": false,
	} {
		if got := pattern(t, s).Matches(c, m); got != want {
			t.Errorf("%s: %v", s, got)
		}
	}
}

func TestTheGoalIsAllButWhatIsExcludedOrNotIncluded(t *testing.T) {
	c := &Controller{Ref: Ref{Name: "prod"}}
	web, db := &Model{Ref: Ref{Name: "admin/web"}}, &Model{Ref: Ref{Name: "admin/db"}}
	for name, test := range map[string]struct {
		goal                Goal
		web, db, controller bool
	}{
		"all":            {Goal{}, true, true, true},
		"but one":        {Goal{Exclude: []ModelPattern{{Name: "db"}}}, true, false, true},
		"one":            {Goal{Include: []ModelPattern{{Name: "db"}}}, false, true, false},
		"exclude wins":   {Goal{Include: []ModelPattern{{Name: "*"}}, Exclude: []ModelPattern{{Name: "db"}}}, true, false, false},
		"one and theirs": {Goal{Include: []ModelPattern{{Name: "web"}}, WithController: true}, true, false, true},
	} {
		if w, d, k := test.goal.Wants(c, web), test.goal.Wants(c, db), test.goal.UpgradesController(); w != test.web || d != test.db || k != test.controller {
			t.Errorf("%s: web %v, db %v, controller %v", name, w, d, k)
		}
	}
}

func TestTheTargetIsTheWishElseWhatIsUnderWayElseTheNewestSeen(t *testing.T) {
	nine := version.MustParse("3.6.9")
	seen := func() *Controller { return &Controller{Version: old, Objections: &Objections{Chosen: want}} }
	under := func(change func(*Controller)) *Controller { c := seen(); change(c); return c }
	own := Model{IsController: true, Version: nine}
	for name, test := range map[string]struct {
		goal Goal
		c    *Controller
		want version.Number
	}{
		"the newest":                    {Goal{}, seen(), want},
		"the wish":                      {Goal{AgentVersion: nine}, seen(), nine},
		"its own when nothing is newer": {Goal{}, &Controller{Version: old, Objections: &Objections{}}, old},
		"its own when it was not asked": {Goal{}, &Controller{Version: old}, old},
		"an older one is not newer":     {Goal{}, &Controller{Version: want, Objections: &Objections{Chosen: old}}, want},
		"models alone":                  {Goal{AgentVersion: nine, Include: []ModelPattern{{Name: "*"}}}, seen(), old},
		"what is under way":             {Goal{}, under(func(c *Controller) { c.Upgrading = nine }), nine},
		"the wish, whatever goes on":    {Goal{AgentVersion: want}, under(func(c *Controller) { c.Upgrading = nine }), want},
		"asked for, not yet begun":      {Goal{}, under(func(c *Controller) { c.Models = []Model{own} }), nine},
	} {
		if got := test.goal.Target(test.c); got != test.want {
			t.Errorf("%s: %s, want %s", name, got, test.want)
		}
	}
}

func TestAnAcceptedUpgradeIsUnderWayUntilAllServersServeIt(t *testing.T) {
	server := func(v version.Number) Server { return Server{Version: v} }
	dead := Server{Problem: &Problem{Code: Unreachable}}
	own := func(v version.Number) []Model {
		return []Model{{IsController: true, Version: v}, {Version: version.MustParse("3.9.9")}}
	}
	for name, test := range map[string]struct {
		c    Controller
		want version.Number
	}{
		"none":                       {Controller{Version: old, Servers: []Server{server(old), server(old)}, Models: own(old)}, version.Zero},
		"it says so":                 {Controller{Version: old, Upgrading: want}, want},
		"its model was asked":        {Controller{Version: old, Models: own(want)}, want},
		"another server is ahead":    {Controller{Version: old, Servers: []Server{server(old), server(want)}}, want},
		"another server is behind":   {Controller{Version: want, Servers: []Server{server(want), server(old)}}, want},
		"a dead server says nothing": {Controller{Version: want, Servers: []Server{server(want), dead}, Models: own(want)}, version.Zero},
		"an unasked server":          {Controller{Version: want, Servers: []Server{{}}}, version.Zero},
	} {
		if got := test.c.Underway(); got != test.want {
			t.Errorf("%s: %s, want %s", name, got, test.want)
		}
	}
}

func FuzzParseModelPattern(f *testing.F) {
	for _, s := range []string{"web", "prod:admin/web", "a:b:c/d", "*:*/*", "[a-]", `\:`, "a/b/c", "[:]/x", "a:[b/c]"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		p, err := ParseModelPattern(s)
		if err != nil {
			return
		}
		if p.String() != s {
			t.Errorf("%q is written %q", s, p)
		}
		again, err := ParseModelPattern(p.String())
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(p, again); diff != "" {
			t.Error(diff)
		}
		// It can be asked about anything.
		p.Matches(&Controller{Ref: Ref{Name: s}}, &Model{Ref: Ref{Name: "admin/" + s}})
	})
}
