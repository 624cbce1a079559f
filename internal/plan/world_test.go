package plan_test

import (
	"fmt"

	"github.com/juju/version/v2"
	"pgregory.net/rapid"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

// anyInput draws a world, a goal and findings about it.
func anyInput(t *rapid.T) plan.Input {
	var controllers []fleet.Controller
	for i := range rapid.IntRange(1, 3).Draw(t, "controllers") {
		controllers = append(controllers, anyController(t, fmt.Sprintf("c%d", i)))
	}
	in := input(anyGoal(t), controllers...)
	for i := range in.Fleet.Controllers {
		in.Findings = append(in.Findings, anyFindings(t, &in.Fleet.Controllers[i])...)
	}
	return in
}

func anyVersion(t *rapid.T, label string) version.Number {
	return rapid.SampledFrom([]version.Number{v4, version.MustParse("3.6.7"), v11}).Draw(t, label)
}

func anyController(t *rapid.T, name string) fleet.Controller {
	at := anyVersion(t, "controller version")
	var models []fleet.Model
	for i := range rapid.IntRange(0, 4).Draw(t, "models") {
		has := anyVersion(t, "model version")
		if has.Compare(at) > 0 {
			has = at // no model is ahead of its controller
		}
		m := model(fmt.Sprintf("m%d", i), has, rapid.IntRange(0, 3).Draw(t, "units"))
		for j := range m.Status.Agents {
			a := &m.Status.Agents[j]
			a.Version = rapid.SampledFrom([]version.Number{m.Version, m.Version, m.Version, v4, {}}).Draw(t, "agent version")
			a.State.Status = rapid.SampledFrom([]string{"started", "started", "lost"}).Draw(t, "state")
		}
		if rapid.IntRange(0, 9).Draw(t, "model problem") == 0 {
			m.Problem, m.Status = &fleet.Problem{Code: fleet.Forbidden, Text: "no"}, fleet.ModelStatus{}
		}
		models = append(models, m)
	}
	c := controller(name, at, anyVersion(t, "next"), rapid.IntRange(1, 3).Draw(t, "servers"), models...)
	switch rapid.IntRange(0, 9).Draw(t, "controller state") {
	case 0:
		return fleet.Controller{Ref: c.Ref, Problem: &fleet.Problem{Code: fleet.Unreachable, Text: "gone"}}
	case 1:
		c.Upgrading, c.Models = v11, nil
	case 2:
		c.ControllerModel().Version = v11
	}
	return c
}

func anyGoal(t *rapid.T) fleet.Goal {
	some := func(label string) []fleet.ModelPattern {
		var out []fleet.ModelPattern
		for _, s := range rapid.SliceOfN(rapid.SampledFrom([]string{"m0", "c1:m*", "admin/m2", "c0:*"}), 0, 1).Draw(t, label) {
			out = append(out, pattern(s))
		}
		return out
	}
	return fleet.Goal{
		AgentVersion:   rapid.SampledFrom([]version.Number{version.Zero, v11}).Draw(t, "agent-version"),
		Include:        some("include"),
		Exclude:        some("exclude"),
		WithController: rapid.Bool().Draw(t, "with-controller"),
		Backup:         rapid.SampledFrom([]fleet.BackupMode{fleet.BackupAuto, fleet.BackupSkip}).Draw(t, "backup"),
	}
}

func anyFindings(t *rapid.T, c *fleet.Controller) []fleet.Finding {
	var out []fleet.Finding
	severity := rapid.SampledFrom([]fleet.Severity{fleet.Blocker, fleet.Blocker, fleet.Warning})
	if rapid.IntRange(0, 5).Draw(t, "controller finding") == 0 {
		out = append(out, fleet.Finding{
			Code: "wide", Severity: severity.Draw(t, "severity"), Scope: fleet.WholeController,
			Subject: c.Name, Controller: c.UUID, Accepted: rapid.Bool().Draw(t, "accepted"),
		})
	}
	for i := range c.Models {
		m := &c.Models[i]
		for _, code := range []string{"one", "two"} {
			if rapid.IntRange(0, 2).Draw(t, "model finding") != 0 {
				continue
			}
			f := fleet.Finding{
				Code: code, Severity: severity.Draw(t, "severity"), Scope: fleet.OneModel, Subject: c.Name + ":" + m.Name,
				Controller: c.UUID, Model: m.UUID, Accepted: rapid.IntRange(0, 3).Draw(t, "accepted") > 0,
			}
			for _, a := range m.Status.Agents {
				if rapid.Bool().Draw(t, "named") {
					f.Agents = append(f.Agents, a.String())
				}
			}
			out = append(out, f)
		}
	}
	return out
}
