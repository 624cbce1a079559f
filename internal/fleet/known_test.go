package fleet

import (
	"testing"

	"github.com/juju/version/v2"
)

func TestATargetIsKnownOnlyWhenSomebodyToldIt(t *testing.T) {
	alone := Goal{Include: []ModelPattern{{Name: "web"}}}
	said := func(code ProblemCode, chosen version.Number) *Objections {
		return &Objections{Chosen: chosen, Problem: &Problem{Code: code}}
	}
	for name, test := range map[string]struct {
		goal Goal
		c    Controller
		want bool
	}{
		"not asked":                  {Goal{}, Controller{Version: old}, false},
		"newer":                      {Goal{}, Controller{Version: old, Objections: &Objections{Chosen: want}}, true},
		"nothing newer":              {Goal{}, Controller{Version: old, Objections: &Objections{}}, true},
		"nothing newer, by code":     {Goal{}, Controller{Version: old, Objections: said(UpToDate, version.Zero)}, true},
		"blocked":                    {Goal{}, Controller{Version: old, Objections: said(Blocked, version.Zero)}, false},
		"refused":                    {Goal{}, Controller{Version: old, Objections: said(Refused, version.Zero)}, false},
		"refused, its own as chosen": {Goal{}, Controller{Version: old, Objections: said(Refused, old)}, false},
		"refused after choosing":     {Goal{}, Controller{Version: old, Objections: said(Refused, want)}, true},
		"failed":                     {Goal{}, Controller{Version: old, Objections: said(Unreachable, version.Zero)}, false},
		"a wish":                     {Goal{AgentVersion: want}, Controller{Version: old}, true},
		"under way":                  {Goal{}, Controller{Version: old, Upgrading: want}, true},
		"models alone":               {alone, Controller{Version: old, Objections: said(Blocked, version.Zero)}, true},
		"models with the controller": {Goal{Include: alone.Include, WithController: true}, Controller{Version: old}, false},
	} {
		if got := test.goal.Knows(&test.c); got != test.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

func TestAModelIsCurrentWhenNoAgentShowsAnotherVersion(t *testing.T) {
	for name, test := range map[string]struct {
		agent   Agent
		current bool
	}{
		"there":                     {at(UnitAgent, "mail/0", "idle", want), true},
		"lost at the version":       {at(UnitAgent, "mail/0", "lost", want), true},
		"down and no version shown": {at(MachineAgent, "0", "down", version.Zero), true},
		"behind":                    {at(UnitAgent, "mail/0", "idle", old), false},
		"lost and behind":           {at(UnitAgent, "mail/0", "lost", old), false},
	} {
		m := Model{Version: want, Status: ModelStatus{Agents: []Agent{test.agent}}}
		if got := Current(&m, want); got != test.current {
			t.Errorf("%s: %v", name, got)
		}
		if name == "lost and behind" && !Current(&m, want, "unit mail/0") {
			t.Error("an agent that was accepted as absent counts")
		}
		if m.Version = old; Current(&m, want) {
			t.Errorf("%s: a model at another version is current", name)
		}
		m.Version, m.Problem = want, &Problem{Code: Other}
		if Current(&m, want) {
			t.Errorf("%s: a model that could not be read is current", name)
		}
	}
}
