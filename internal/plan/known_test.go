package plan_test

import (
	"testing"

	"github.com/juju/version/v2"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

func TestAControllerOfUnknownTargetIsHeldAndNeverUpToDate(t *testing.T) {
	for name, o := range map[string]*fleet.Objections{
		"not asked": nil,
		"blocked":   {Problem: &fleet.Problem{Code: fleet.Blocked}},
		"refused":   {Problem: &fleet.Problem{Code: fleet.Refused}},
		"failed":    {Problem: &fleet.Problem{Code: fleet.Unreachable}},
		"no code":   {Problem: &fleet.Problem{}},
	} {
		in := input(fleet.Goal{}, controller("prod", v4, v4, 1, model("web", v4, 1)))
		in.Fleet.Controllers[0].Objections = o
		p := plan.Compute(in)
		c := p.Controllers[0]
		if c.Disposition != plan.Held || len(p.Steps) > 0 {
			t.Errorf("%s: it is %s, with %d steps", name, c.Disposition, len(p.Steps))
		}
		if m := c.Models[1]; m.Disposition != plan.Current {
			t.Errorf("%s: a model at its controller's version is %s", name, m.Disposition)
		}
	}
}

func TestOnlyASnapIsRefreshed(t *testing.T) {
	in := input(fleet.Goal{}, controller("prod", v4, v11, 1))
	in.Fleet.Client.Version = v4
	if p := plan.Compute(in); p.Client.Command == "" {
		t.Error("an older snap is not refreshed")
	}
	in.Fleet.Client.Snap = false
	if p := plan.Compute(in); p.Client.Command != "" || p.Client.Needs != v11 {
		t.Errorf("a client that is no snap: %+v", p.Client)
	}
}

func TestAModelWhoseAgentsAreDownAtTheTargetIsUpToDate(t *testing.T) {
	for name, behind := range map[string]bool{"at the target": false, "one is behind": true} {
		for _, include := range [][]fleet.ModelPattern{nil, {pattern("web")}} {
			in := input(fleet.Goal{Include: include}, controller("prod", v11, v11, 1, model("web", v11, 2)))
			agents := in.Fleet.Controllers[0].Models[0].Status.Agents
			agents[1].State.Status = "lost"
			agents[0].State.Status, agents[0].Version = "down", version.Zero // Juju 4 shows none
			want := plan.Current
			if behind {
				agents[2].Version, want = v4, plan.Upgrade
			}
			if m := plan.Compute(in).Controllers[0].Models[1]; m.Disposition != want {
				t.Errorf("%s, include %v: it is %s", name, include, m.Disposition)
			}
		}
	}
}
