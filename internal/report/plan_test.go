package report

import (
	"fmt"
	"strings"
	"testing"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

func plans() map[string]plan.Plan {
	out := map[string]plan.Plan{"small": small().p, "blocked-ha": blockedPlan().p, "no-controllers": newPlan().p}

	b := newPlan().controller("prod", "aws/eu-west-1", "3.6.11", "3.6.11", plan.Current, 3).
		model("admin/web", 8, 21, plan.Current).model("admin/mail", 3, 18, plan.Current)
	out["up-to-date"] = b.p

	b = small().controller("stage", "lxd/default", "3.6.11", "3.6.11", plan.Current, 1)
	b.p.Controllers[1].MetadataURL = "https://mirror.example.com/juju/tools"
	b.model("admin/web", 2, 4, plan.Current)
	b.p.Controllers = append(b.p.Controllers, plan.Controller{
		Ref: fleet.Ref{Name: "lab"}, Disposition: plan.Held,
		Problem: &fleet.Problem{Code: fleet.LoginNeeded, Text: "the stored password is not accepted any more", Remedy: "juju login -c lab"},
	})
	b.p.EstimatedFrom = 3
	out["fleet-unreachable"] = b.p

	out["many-models"] = manyModels(60, 5).p

	b = newPlan().controller("edge", "maas", "4.1.0", "4.1.1", plan.Upgrade, 1).
		model("admin/app", 2, 4, plan.Upgrade)
	b.last().NotShown, b.last().Awaited = 2, 4
	b.model("admin/idle", 3, 0, plan.Current)
	b.last().NotShown, b.last().Awaited, b.last().There = 3, 0, 0
	b.model("admin/half", 1, 6, plan.Upgrade)
	b.last().From, b.last().There, b.last().NotShown, b.last().Awaited = v("4.1.1"), 2, 1, 6
	b.p.Client.Version, b.p.Client.Needs = v("3.6.11"), v("4.1.1")
	b.p.Client.Command = "snap refresh juju --channel=4.1/stable"
	out["not-shown-old-client"] = b.p

	b = newPlan().controller("prod", "aws/eu-west-1", "3.6.4", "3.6.11", plan.Held, 3)
	b.last().Codes = []string{"server-down"}
	b.model("admin/web", 8, 21, plan.Held, "server-down").model("admin/db", 3, 3, plan.Held, "server-down", "agent-down")
	b.find(agentDown("prod:admin/db"), fleet.Finding{
		Code: "server-down", Severity: fleet.Blocker, Scope: fleet.WholeController, Subject: "prod", Acceptable: true,
		Meaning: "1 of 3 API servers does not answer: 10.0.0.3:17070 (connection refused)",
		Fix:     []string{`juju ssh -m prod:controller 2 "sudo systemctl restart 'jujud-machine-*'"`},
	})
	out["controller-blocked"] = b.p

	b = newPlan().controller("prod", "aws/eu-west-1", "3.6.11", "3.6.11", plan.LeftOut, 1)
	b.from = v("3.6.4")
	b.model("admin/web", 8, 21, plan.Upgrade).model("admin/mail", 0, 0, plan.LeftOut).model("admin/new", 1, 2, plan.LeftOut)
	out["models-only"] = b.p

	b = blockedPlan()
	b.p.Findings[1].Accepted = true
	b.p.Controllers[0].Models[2].Disposition, b.p.Controllers[0].Models[2].Codes = plan.Upgrade, nil
	out["accepted"] = b.p

	b = newPlan()
	b.p.Goal.Exclude = []fleet.ModelPattern{{Name: "lab*"}}
	b.p.Controllers = []plan.Controller{{
		Ref: fleet.Ref{Name: "lab"}, Disposition: plan.Held,
		Problem: &fleet.Problem{Code: fleet.Unreachable, Text: "no answer in time"},
	}}
	out["unseen"] = b.p
	b = newPlan().controller("old", "lxd", "3.6.11", "3.6.11", plan.Current, 1).model("admin/db", 3, 3, plan.Held, "agent-down").
		find(agentDown("old:admin/db"))
	b.p.Controllers = append(b.p.Controllers, out["unseen"].Controllers...)
	out["blocked-and-unseen"] = b.p

	b = newPlan().controller("prod", "aws", "3.6.4", "3.6.11", plan.Upgrade, 1)
	for i := range 5 {
		f := agentDown(fmt.Sprintf("prod:admin/t%d", i))
		f.Accepted = true
		b.model(fmt.Sprintf("admin/t%d", i), 1, 1, plan.Upgrade).find(f)
	}
	out["many-accepted"] = b.p

	b = small().find(fleet.Finding{
		Code: "client-too-old", Severity: fleet.Blocker, Scope: fleet.WholeRun, Subject: "client",
		Meaning: "the client is older than the target", Fix: []string{"snap refresh juju --channel=3.6/stable"},
	})
	out["run-blocked"] = b.p
	return out
}

// manyModels is a controller with n models, some of them blocked.
func manyModels(n, blocked int) *builder {
	b := newPlan().controller("prod", "openstack/region-one", "3.6.4", "3.6.11", plan.Upgrade, 3)
	for i := range n {
		name := fmt.Sprintf("admin/tenant-%02d", i)
		switch {
		case i%(n/blocked) == 7:
			b.model(name, 3, 3, plan.Held, "agent-down").find(agentDown("prod:" + name))
		case i%10 == 3:
			b.model(name, 2, 5, plan.Current)
		default:
			b.model(name, 2, 5, plan.Upgrade)
		}
		if i%10 == 4 {
			b.find(actionsRunning("prod:" + name))
		}
	}
	return b
}

func TestAPlanReads(t *testing.T) {
	for name, p := range plans() {
		t.Run(name, func(t *testing.T) {
			got := draw(t, func(b *strings.Builder) error { return Plan(b, p, terminal) })
			golden(t, "plan-"+name, got+"\n"+Question(p)+"\n")
		})
	}
}

func TestAPlanOfADumbTerminalIsPlainASCII(t *testing.T) {
	got := draw(t, func(b *strings.Builder) error { return Plan(b, blockedPlan().p, Style{Command: "juju-upgrade-all"}) })
	for _, r := range got {
		if r > 126 || r < 32 && r != '\n' {
			t.Fatalf("%q is not plain ASCII", r)
		}
	}
	golden(t, "plan-ascii", got)
}

func TestColourChangesNothingButColour(t *testing.T) {
	colour := terminal
	colour.Colour = true
	for name, p := range plans() {
		plainly := draw(t, func(b *strings.Builder) error { return Plan(b, p, terminal) })
		coloured := draw(t, func(b *strings.Builder) error { return Plan(b, p, colour) })
		if plainly == coloured {
			t.Errorf("%s: there is no colour", name)
		}
		if got := plainText(coloured); got != plainly {
			t.Errorf("%s: without its colours it reads otherwise:\n%s", name, got)
		}
	}
}

func TestABlockedModelIsShownHoweverManyModelsThereAre(t *testing.T) {
	p := manyModels(300, 30).p
	got := draw(t, func(b *strings.Builder) error { return Plan(b, p, terminal) })
	for _, m := range p.Controllers[0].Models {
		if m.Disposition == plan.Held && !strings.Contains(got, "\n    "+m.Name+" ") {
			t.Errorf("%s is blocked and not shown", m.Name)
		}
	}
}

func TestForeignTextForgesNoLine(t *testing.T) {
	b := small().find(fleet.Finding{
		Code: "x", Severity: fleet.Warning, Subject: "prod",
		Meaning: "broken\nNothing to do.\r\x1b[2J\u202eevil",
	})
	got := draw(t, func(w *strings.Builder) error { return Plan(w, b.p, terminal) })
	if strings.ContainsAny(got, "\r\x1b\u202e") || strings.Contains(got, "\nNothing") {
		t.Errorf("the message got through:\n%q", got)
	}
}
