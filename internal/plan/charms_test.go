package plan_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/juju/version/v2"
	"pgregory.net/rapid"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

// charmed gives a model applications, each as "name now then": "web ch:1 2",
// "own local:0", "db ch:7 5", "cms ch:1 ?" (Charmhub does not tell).
func charmed(m *fleet.Model, apps ...string) *fleet.Model {
	for _, spec := range apps {
		words := strings.Fields(spec)
		source, revision, _ := strings.Cut(words[1], ":")
		a := fleet.Application{Name: words[0], URL: fmt.Sprintf("%s:%s-%s", source, words[0], revision), Base: "ubuntu@24.04"}
		if source == "ch" {
			a.URL, a.Channel = fmt.Sprintf("ch:amd64/%s-%s", words[0], revision), "1/stable"
		}
		if len(words) > 2 {
			then := fleet.Application{URL: fmt.Sprintf("ch:amd64/%s-%s", words[0], words[2])}
			a.Release = &fleet.Release{URL: then.URL, Revision: then.Revision(), Channel: "1/stable"}
			if words[2] == "?" {
				a.Release = &fleet.Release{Problem: &fleet.Problem{Code: fleet.NotFound, Text: "no such charm"}}
			}
		}
		m.Status.Applications = append(m.Status.Applications, a)
	}
	return m
}

func appPattern(s string) fleet.AppPattern {
	p, err := fleet.ParseAppPattern(s)
	if err != nil {
		panic(err)
	}
	return p
}

// inError is a finding that holds one application.
func inError(c *fleet.Controller, m *fleet.Model, app string) fleet.Finding {
	return fleet.Finding{
		Code: "charm-unit-error", Severity: fleet.Blocker, Scope: fleet.OneApplication, Subject: c.Name + ":" + m.Name + "." + app,
		Controller: c.UUID, Model: m.UUID, Application: app, Agents: []string{"unit " + app + "/0"}, Acceptable: true,
	}
}

// withCharms adds cases in which applications are refreshed.
func withCharms(out map[string]plan.Input) {
	fleetOf := func(goal fleet.Goal) plan.Input {
		in := input(goal, controller("prod", v4, v11, 1, model("web", v4, 2), model("db", v11, 1)))
		charmed(hosted(in, "web"), "web ch:1 2", "own local:0", "ahead ch:7 5", "same ch:3 3", "boxed ch:1 1")
		boxed := hosted(in, "web").Status.Application("boxed")
		boxed.Release.Resources = []fleet.Resource{{Name: "box", Type: "file", Now: 1, Then: 2}, {Name: "mine", Now: -1, Then: 9, Uploaded: true}}
		charmed(hosted(in, "db"), "db ch:1 4", "idle ch:1 2", "gone ch:1 ?")
		charmed(in.Fleet.Controllers[0].ControllerModel(), "controller ch:100 103", "dashboard ch:1 2")
		return in
	}
	out["charms-too"] = fleetOf(fleet.Goal{Charms: fleet.CharmsAlso})
	out["charms-alone"] = fleetOf(fleet.Goal{Charms: fleet.CharmsOnly, CharmOrder: []fleet.AppPattern{appPattern("db.idle")}})
	out["charms-not-wanted"] = fleetOf(fleet.Goal{})

	named := fleetOf(fleet.Goal{
		Charms: fleet.CharmsOnly, Apps: []fleet.AppPattern{appPattern("ahead"), appPattern("prod:admin/db.*")}, ExcludeApps: []fleet.AppPattern{appPattern("id*")},
		CharmFiles: []fleet.CharmFile{{App: appPattern("web.own"), File: "/charms/own.charm", Charm: "own", SHA256: "abc"}},
	})
	out["charms-named"] = named

	several := fleetOf(fleet.Goal{Charms: fleet.CharmsOnly, CharmOrder: []fleet.AppPattern{appPattern("boxed")}})
	charmed(hosted(several, "web"), "x ch:1 2", "y ch:1 2")
	several.Options.CharmParallel = 2
	out["charms-two-at-once"] = several

	held := fleetOf(fleet.Goal{Charms: fleet.CharmsAlso})
	c := &held.Fleet.Controllers[0]
	held.Findings = []fleet.Finding{inError(c, hosted(held, "web"), "web"), lost(c, hosted(held, "db")), accepted(inError(c, hosted(held, "web"), "boxed"))}
	out["charms-held"] = held

	canary := fleetOf(fleet.Goal{Charms: fleet.CharmsAlso, Canary: []fleet.ModelPattern{pattern("db")}})
	out["charms-of-a-canary"] = canary

	moved := moveInput(fleet.Goal{Charms: fleet.CharmsAlso}, v11, controller("old", v11, v11, 1, model("web", v11, 2)))
	charmed(hosted(moved, "web"), "web ch:1 2", "same ch:3 3")
	charmed(moved.Fleet.Controllers[0].ControllerModel(), "controller ch:100 103")
	out["charms-after-a-move"] = moved
}

// charmWords draw what a plan says of a model's applications.
func charmWords(m plan.Model) string {
	var b strings.Builder
	for _, a := range m.Applications {
		fmt.Fprintf(&b, "    app %s: %s of %s in %q, %d -> %d, %s\n", a.Name, a.Charm, a.Source, a.Channel, a.From, a.To,
			strings.Join(append([]string{string(a.Disposition)}, a.Codes...), " "))
	}
	return b.String()
}

func refreshWords(s plan.Step) string {
	r := s.Refresh
	if r == nil || s.Kind != plan.RefreshCharm {
		return ""
	}
	out := fmt.Sprintf("    %s -> %s%s in %q on %s", r.From, r.To, r.File, r.Channel, r.Base)
	for _, resource := range r.Resources {
		out += fmt.Sprintf(", %s %d -> %d", resource.Name, resource.Now, resource.Then)
	}
	return out + "\n"
}

// TestCharmsComeLastAndInTheirOrder draws worlds with applications, and holds their
// plans to what every refresh may rely on.
func TestCharmsComeLastAndInTheirOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := anyInput(t)
		in.Goal.Charms = rapid.SampledFrom([]fleet.CharmMode{fleet.CharmsAlso, fleet.CharmsOnly}).Draw(t, "charms")
		if in.Goal.Charms == fleet.CharmsOnly {
			in.Goal.AgentVersion = version.Zero
		}
		in.Options.CharmParallel = rapid.IntRange(0, 3).Draw(t, "at once")
		for i := range in.Fleet.Controllers {
			for j := range in.Fleet.Controllers[i].Models {
				anyCharms(t, &in.Fleet.Controllers[i].Models[j])
			}
		}
		p := plan.Compute(in)
		at := map[string]int{}
		for i, s := range p.Steps {
			at[s.ID] = i
			for _, need := range s.Needs {
				if before, ok := at[need]; !ok || before >= i {
					t.Fatalf("%s needs %s, which does not come before it", s.ID, need)
				}
			}
			if in.Goal.Charms == fleet.CharmsOnly && s.Refresh == nil {
				t.Fatalf("charms alone, and %s", s.ID)
			}
		}
		for _, s := range p.Steps {
			if s.Kind != plan.RefreshCharm {
				continue
			}
			wantRefreshable(t, &p, s, at)
		}
	})
}

// wantRefreshable wants a step's application to be one that goes, after its model.
func wantRefreshable(t *rapid.T, p *plan.Plan, s plan.Step, at map[string]int) {
	verify := strings.TrimSuffix(s.ID, "refresh") + "verify"
	if i, ok := at[verify]; !ok || p.Steps[i].Lane != s.Lane {
		t.Fatalf("%s is not verified in its lane", s.ID)
	}
	c := p.Controllers[slices.IndexFunc(p.Controllers, func(c plan.Controller) bool { return c.UUID == s.Controller.UUID })]
	m := c.Models[slices.IndexFunc(c.Models, func(m plan.Model) bool { return m.UUID == s.Model.UUID })]
	a := m.Applications[slices.IndexFunc(m.Applications, func(a plan.Application) bool { return a.Name == s.Refresh.Application })]
	if a.Disposition != plan.Upgrade || m.Disposition == plan.Held || m.Disposition == plan.LeftOut && !m.IsController {
		t.Fatalf("%s, whose application is %s and whose model is %s", s.ID, a.Disposition, m.Disposition)
	}
	if from, to := s.Refresh.Revisions(); to < from {
		t.Fatalf("%s goes back from %d to %d", s.ID, from, to)
	}
	for _, other := range p.Steps {
		if other.Model == s.Model && other.Kind == plan.ModelUpgrade && at[other.ID] > at[s.ID] {
			t.Fatalf("%s before %s", s.ID, other.ID)
		}
	}
}

func anyCharms(t *rapid.T, m *fleet.Model) {
	if m.Problem != nil {
		return
	}
	for i := range rapid.IntRange(0, 4).Draw(t, "applications") {
		name := fmt.Sprintf("app%d", i)
		if m.IsController && i == 0 {
			name = fleet.ControllerApplication
		}
		kind := rapid.SampledFrom([]string{"ch:%d %d", "ch:%d %d", "ch:%d ?", "local:%d", "ch:%d"}).Draw(t, "kind")
		args := []any{rapid.IntRange(0, 3).Draw(t, "now"), rapid.IntRange(0, 3).Draw(t, "then")}
		charmed(m, name+" "+fmt.Sprintf(kind, args[:strings.Count(kind, "%d")]...))
	}
}

func TestWhatIsAnotherInARefreshIsSaid(t *testing.T) {
	now := func(change func(*plan.Input)) plan.Plan {
		in := input(fleet.Goal{Charms: fleet.CharmsOnly}, controller("prod", v11, v11, 1, model("web", v11, 2)))
		charmed(hosted(in, "web"), "tiny ch:1 2", "web ch:1 1")
		change(&in)
		return plan.Compute(in)
	}
	tiny := func(in *plan.Input) *fleet.Application { return hosted(*in, "web").Status.Application("tiny") }
	for want, change := range map[string]func(*plan.Input){
		"tiny would go to revision 3 instead of 2": func(in *plan.Input) { tiny(in).Release.URL, tiny(in).Release.Revision = "ch:amd64/tiny-3", 3 },
		"web would be refreshed as well": func(in *plan.Input) {
			web := hosted(*in, "web").Status.Application("web")
			web.Release.URL, web.Release.Revision = "ch:amd64/web-2", 2
		},
		"would not be refreshed":         func(in *plan.Input) { tiny(in).Release.Revision = 1 },
		"tiny would get other resources": func(in *plan.Input) { tiny(in).Release.Resources = []fleet.Resource{{Name: "box", Now: 1, Then: 2}} },
	} {
		got := strings.Join(plan.Differences(now(func(*plan.Input) {}), now(change)), "\n")
		if !strings.Contains(got, want) {
			t.Errorf("want %q, got %q", want, got)
		}
		if !strings.Contains(got, "charms of prod:admin/web") {
			t.Errorf("it is not said of what: %q", got)
		}
	}
}
