package fleet

import (
	"testing"

	"pgregory.net/rapid"
)

func TestACharmsURLTellsItsSourceItsNameItsRevisionAndItsArchitecture(t *testing.T) {
	for _, test := range []struct {
		url, charm string
		source     Source
		revision   int
		arch       string
	}{
		{"ch:amd64/tiny-1", "tiny", Charmhub, 1, "amd64"},
		{"ch:arm64/jammy/postgresql-k8s-381", "postgresql-k8s", Charmhub, 381, "arm64"},
		{"local:tiny-0", "tiny", LocalCharm, 0, ""},
		{"local:focal/my-charm-12", "my-charm", LocalCharm, 12, ""},
		{"cs:~bob/bionic/mysql-58", "mysql", CharmStore, 58, ""},
		{"ch:amd64/tiny", "tiny", Charmhub, -1, "amd64"},
		{"ch:tiny-x", "tiny-x", Charmhub, -1, ""},
		{"", "", "", -1, ""},
	} {
		a := Application{URL: test.url}
		if a.Charm() != test.charm || a.Source() != test.source || a.Revision() != test.revision || a.Arch() != test.arch {
			t.Errorf("%q is %q of %q, revision %d, for %q", test.url, a.Charm(), a.Source(), a.Revision(), a.Arch())
		}
	}
}

func TestWhatIsNewerAndWhatIsOffItsChannel(t *testing.T) {
	box := func(now, then int, uploaded bool) []Resource {
		return []Resource{{Name: "box", Now: now, Then: then, Uploaded: uploaded}}
	}
	for name, test := range map[string]struct {
		release    *Release
		newer, off bool
	}{
		"not asked":                      {nil, false, false},
		"not told":                       {&Release{Problem: &Problem{}}, false, false},
		"the same":                       {&Release{Revision: 3}, false, false},
		"a newer one":                    {&Release{Revision: 4}, true, false},
		"an older one":                   {&Release{Revision: 2}, false, true},
		"an older one, with a resource":  {&Release{Revision: 2, Resources: box(1, 2, false)}, false, true},
		"a newer resource":               {&Release{Revision: 3, Resources: box(1, 2, false)}, true, false},
		"an older resource":              {&Release{Revision: 3, Resources: box(2, 1, false)}, false, false},
		"the same resource":              {&Release{Revision: 3, Resources: box(2, 2, false)}, false, false},
		"one that somebody has uploaded": {&Release{Revision: 3, Resources: box(-1, 2, true)}, false, false},
		"one that the channel has not":   {&Release{Revision: 3, Resources: box(2, -1, false)}, false, false},
		"one that it lacks":              {&Release{Revision: 3, Resources: box(-1, 1, false)}, true, false},
	} {
		a := Application{URL: "ch:amd64/tiny-3", Release: test.release}
		if a.Newer() != test.newer || a.OffChannel() != test.off {
			t.Errorf("%s: newer %v, off its channel %v", name, a.Newer(), a.OffChannel())
		}
	}
}

func TestUnitsAreThoseOfTheirApplicationAlone(t *testing.T) {
	s := ModelStatus{Agents: []Agent{
		{Kind: MachineAgent, Name: "0"}, {Kind: UnitAgent, Name: "web/0"}, {Kind: SubordinateAgent, Name: "idle/0"}, {Kind: UnitAgent, Name: "web-x/0"},
	}}
	if got := s.UnitsOf("web"); len(got) != 1 || got[0].Name != "web/0" {
		t.Errorf("units of web are %v", got)
	}
	if got := s.UnitsOf("idle"); len(got) != 1 {
		t.Errorf("units of idle are %v", got)
	}
}

func TestApplicationsAreNamedAsJujuNamesWhatIsInAModel(t *testing.T) {
	c, m := &Controller{Ref: Ref{Name: "my.prod"}}, &Model{Ref: Ref{Name: "bob@example.com/web"}}
	for pattern, want := range map[string]bool{
		"tiny": true, "t*": true, "web.tiny": true, "w*.tiny": true, "bob@example.com/web.tiny": true, "my.prod:web.tiny": true, "my.prod:*/*.*": true,
		"big": false, "db.tiny": false, "alice/web.tiny": false, "dev:web.tiny": false,
	} {
		p, err := ParseAppPattern(pattern)
		if err != nil {
			t.Errorf("%q: %v", pattern, err)
			continue
		}
		if p.Matches(c, m, "tiny") != want {
			t.Errorf("%q matches: %v", pattern, !want)
		}
		if p.String() != pattern {
			t.Errorf("%q is written %q", pattern, p)
		}
	}
	for _, bad := range []string{"", "web.", "web/tiny", "prod:tiny", ".tiny", "[", "web.[", "a:b:c.tiny"} {
		if p, err := ParseAppPattern(bad); err == nil {
			t.Errorf("%q is %+v", bad, p)
		}
	}
}

func TestAnApplicationPatternIsReadAsItIsWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		typed := rapid.StringMatching(`([a-z.]{1,4}:)?([a-z@.]{1,4}/)?[a-z*]{1,4}\.[a-z*]{1,4}|[a-z*]{1,5}`).Draw(t, "pattern")
		p, err := ParseAppPattern(typed)
		if err != nil {
			return
		}
		again, err := ParseAppPattern(p.String())
		if err != nil || again.String() != p.String() {
			t.Fatalf("%q is %q is %q: %v", typed, p, again, err)
		}
	})
}

func TestTheGoalPicksApplications(t *testing.T) {
	app := func(s string) AppPattern {
		p, err := ParseAppPattern(s)
		if err != nil {
			t.Fatal(err)
		}
		return p
	}
	c := &Controller{Ref: Ref{Name: "prod"}}
	web, own := &Model{Ref: Ref{Name: "admin/web"}}, &Model{Ref: Ref{Name: "admin/controller"}, IsController: true}
	only := []ModelPattern{{Name: "web"}}
	for name, test := range map[string]struct {
		goal  Goal
		m     *Model
		app   string
		want  bool
		named bool
	}{
		"without charms":              {Goal{}, web, "tiny", false, false},
		"all":                         {Goal{Charms: CharmsAlso}, web, "tiny", true, false},
		"of another model":            {Goal{Charms: CharmsAlso, Include: []ModelPattern{{Name: "db"}}}, web, "tiny", false, false},
		"excluded":                    {Goal{Charms: CharmsAlso, ExcludeApps: []AppPattern{app("web.t*")}}, web, "tiny", false, false},
		"of another name":             {Goal{Charms: CharmsAlso, Apps: []AppPattern{app("big")}}, web, "tiny", false, false},
		"by a glob":                   {Goal{Charms: CharmsAlso, Apps: []AppPattern{app("t*")}}, web, "tiny", true, false},
		"by its name":                 {Goal{Charms: CharmsAlso, Apps: []AppPattern{app("tiny")}}, web, "tiny", true, true},
		"by a file":                   {Goal{Charms: CharmsOnly, Apps: []AppPattern{app("big")}, CharmFiles: []CharmFile{{App: app("tiny")}}}, web, "tiny", true, true},
		"excluded, with a file":       {Goal{Charms: CharmsOnly, ExcludeApps: []AppPattern{app("tiny")}, CharmFiles: []CharmFile{{App: app("tiny")}}}, web, "tiny", false, true},
		"the controller's":            {Goal{Charms: CharmsAlso}, own, "controller", true, false},
		"another one of that model":   {Goal{Charms: CharmsAlso}, own, "dashboard", false, false},
		"with models alone":           {Goal{Charms: CharmsAlso, Include: only}, own, "controller", false, false},
		"with them, the controller's": {Goal{Charms: CharmsAlso, Include: only, WithController: true}, own, "controller", true, false},
		"of one that models leave":    {Goal{Charms: CharmsAlso, To: Ref{Name: "new"}}, own, "controller", false, false},
	} {
		if got := test.goal.WantsApp(c, test.m, test.app); got != test.want {
			t.Errorf("%s: wanted %v", name, got)
		}
		if got := test.goal.NamesApp(c, test.m, test.app); got != test.named {
			t.Errorf("%s: named %v", name, got)
		}
	}
}
