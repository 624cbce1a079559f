package plan_test

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	diff "github.com/google/go-cmp/cmp"
	"github.com/juju/version/v2"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

var update = flag.Bool("update", false, "write the golden trees anew")

// tree draws all of a plan that is a decision, and what is shown of it.
func tree(p plan.Plan) string {
	var b strings.Builder
	fmt.Fprintf(&b, "plan %s, about %s, client needs %s", p.Hash, p.Estimate(), p.Client.Needs)
	if p.Client.Command != "" {
		fmt.Fprintf(&b, " (%s)", p.Client.Command)
	}
	b.WriteString("\n\n")
	for _, c := range p.Controllers {
		fmt.Fprintf(&b, "controller %s (%s) %s -> %s %s", c.Name, c.Place, c.From, c.To, c.Disposition)
		if c.Problem != nil {
			fmt.Fprintf(&b, " (%s)", c.Problem.Code)
		}
		if c.Backup != "" {
			fmt.Fprintf(&b, ", backup: %s", c.Backup)
		}
		b.WriteString("\n")
		for _, m := range c.Models {
			fmt.Fprintf(&b, "  model %s %s -> %s %s", m.Name, m.From, m.To, strings.Join(append([]string{string(m.Disposition)}, m.Codes...), " "))
			fmt.Fprintf(&b, ", %d machines, %d units, %d of %d there", m.Machines, m.Units, m.There, m.Awaited)
			if m.NotShown > 0 {
				fmt.Fprintf(&b, ", %d not shown", m.NotShown)
			}
			b.WriteString(moving(m) + "\n" + charmWords(m))
		}
	}
	if p.Target != nil {
		fmt.Fprintf(&b, "to %s (%s) %s, %d servers, lets in %d agents", p.Target.Name, p.Target.Place, p.Target.Version, p.Target.Servers, p.Target.Budget)
		if p.Target.Bootstrap != nil || p.Target.WantsServers > 0 {
			fmt.Fprintf(&b, ", to be made: %v, wants %d servers", p.Target.Bootstrap != nil, p.Target.WantsServers)
		}
		b.WriteString("\n")
	}
	for _, person := range p.People {
		fmt.Fprintf(&b, "person %s (%s) %s\n", person.Name, person.Access, person.Comes)
	}
	lane := ""
	for _, s := range p.Steps {
		if s.Lane != lane {
			lane = s.Lane
			fmt.Fprintf(&b, "\nlane %s\n", lane)
		}
		fmt.Fprintf(&b, "  %s: %s of %s at %s, %s -> %s, %s, %d agents, about %s\n",
			s.ID, s.Kind, s.Model.UUID, s.Controller.UUID, s.From, s.To, s.Class, s.Agents, s.Estimate)
		b.WriteString(moveStep(s) + refreshWords(s))
		if s.Soak > 0 {
			fmt.Fprintf(&b, "    watches %d models for %s\n", len(s.Models), s.Soak)
		}
		for _, list := range []struct {
			word  string
			items []string
		}{{"needs", s.Needs}, {"absent", s.Absent}} {
			for _, item := range list.items {
				fmt.Fprintf(&b, "    %s %s\n", list.word, item)
			}
		}
		for _, addresses := range s.Answered {
			fmt.Fprintf(&b, "    answered %s\n", strings.Join(addresses, " or "))
		}
	}
	if len(p.Steps) == 0 {
		b.WriteString("\nno steps\n")
	}
	return b.String()
}

// moving draws what only a plan in which models move says of a model.
func moving(m plan.Model) string {
	out := ""
	if m.Via != version.Zero {
		out += fmt.Sprintf(", by %s", m.Via)
	}
	if len(m.Joined) > 0 {
		out += fmt.Sprintf(", joined with %s", strings.Join(m.Joined, " and "))
	}
	if m.Canary {
		out += ", first"
	}
	return out
}

// moveStep draws what only a step of a move has.
func moveStep(s plan.Step) string {
	if !s.OnTarget() {
		return ""
	}
	out := fmt.Sprintf("    stage %d, target %s", s.Stage, cmp.Or(s.Target.UUID, s.Target.Name+" to be"))
	if s.Always {
		out += ", always"
	}
	if s.Unseen {
		out += ", unseen"
	}
	if s.Patience > 0 {
		out += fmt.Sprintf(", patience %s", s.Patience)
	}
	if s.User != nil {
		out += fmt.Sprintf(", user %+v", *s.User)
	}
	if s.Item != nil {
		out += ", item " + s.Item.Path()
	}
	if s.Bootstrap != nil {
		out += fmt.Sprintf(", bootstrap %+v with %v", *s.Bootstrap, s.Config)
	}
	if s.Program != "" {
		out += fmt.Sprintf(", %s by %s, until %v are there", s.Program, s.Juju, s.Names)
	}
	if s.Servers > 0 {
		out += fmt.Sprintf(", %d servers", s.Servers)
	}
	for _, m := range s.Models {
		out += ", " + m.Name
	}
	return out + "\n"
}

// cases are the fleets whose plans are kept as golden trees.
func cases() map[string]plan.Input {
	out := map[string]plan.Input{
		"one-controller": input(fleet.Goal{}, controller("prod", v4, v11, 1, model("web", v4, 2), model("db", v4, 1))),
		"ha":             input(fleet.Goal{}, controller("prod", v4, v11, 3, model("web", v4, 2))),
		"backup-skipped": input(fleet.Goal{Backup: fleet.BackupSkip}, controller("prod", v4, v11, 1)),
		"up-to-date":     input(fleet.Goal{}, controller("prod", v11, v11, 1, model("web", v11, 2))),
		"two-controllers": input(fleet.Goal{},
			controller("prod", v4, v11, 1, model("web", v4, 1)), controller("dev", v4, v11, 1, model("web", v4, 1))),
		"models-lag-behind": input(fleet.Goal{}, controller("prod", v11, v11, 1, model("web", v4, 2), model("db", v11, 1))),
		"models-alone": input(fleet.Goal{Include: []fleet.ModelPattern{pattern("w*")}},
			controller("prod", v11, v11, 1, model("web", v4, 2), model("db", v4, 1))),
		"models-alone-never-pass-their-controller": input(fleet.Goal{Include: []fleet.ModelPattern{pattern("*")}, AgentVersion: v11},
			controller("prod", v4, v11, 1, model("web", v4, 2), model("old", version.MustParse("3.6.2"), 1))),
		"models-with-controller": input(fleet.Goal{Include: []fleet.ModelPattern{pattern("web")}, WithController: true},
			controller("prod", v4, v11, 1, model("web", v4, 2), model("db", v4, 1))),
		"exclude": input(fleet.Goal{Exclude: []fleet.ModelPattern{pattern("prod:admin/db")}},
			controller("prod", v4, v11, 1, model("web", v4, 2), model("db", v4, 1))),
		"older-client": input(fleet.Goal{AgentVersion: version.MustParse("3.6.7")}, controller("prod", v4, v11, 1)),
	}
	soak := input(fleet.Goal{Canary: []fleet.ModelPattern{pattern("web")}}, controller("prod", v4, v11, 1, model("web", v4, 2), model("db", v4, 1)))
	soak.Options.Soak = 10 * time.Minute
	out["canary-and-soak"] = soak
	ill := input(fleet.Goal{Canary: []fleet.ModelPattern{pattern("web")}}, controller("prod", v4, v11, 1, model("web", v4, 2), model("db", v4, 1)))
	ill.Findings = []fleet.Finding{lost(&ill.Fleet.Controllers[0], &ill.Fleet.Controllers[0].Models[0])}
	out["canary-blocked"] = ill
	old := out["older-client"]
	old.Fleet.Client.Version = v4
	out["older-client"] = old
	held(out)
	worlds(out)
	moves(out)
	clones(out)
	withCharms(out)
	return out
}

// held adds cases in which findings hold something, or are accepted.
func held(out map[string]plan.Input) {
	blocked := func() plan.Input {
		in := input(fleet.Goal{}, controller("prod", v4, v11, 1, model("web", v4, 2), model("db", v4, 1)))
		c := &in.Fleet.Controllers[0]
		in.Findings = []fleet.Finding{lost(c, &c.Models[1])}
		return in
	}
	out["blocked-model"] = blocked()
	accept := blocked()
	accept.Findings[0] = accepted(accept.Findings[0])
	out["accepted-absent-agent"] = accept

	controllerHeld := blocked()
	controllerHeld.Findings = append(controllerHeld.Findings, fleet.Finding{
		Code: "commands-blocked", Severity: fleet.Blocker, Scope: fleet.WholeController, Subject: "prod",
		Controller: "prod-uuid", Meaning: "commands are disabled",
	})
	out["controller-held"] = controllerHeld

	ownHeld := input(fleet.Goal{}, controller("prod", v4, v11, 3, model("web", v4, 1)))
	c := &ownHeld.Fleet.Controllers[0]
	ownHeld.Findings = []fleet.Finding{lost(c, c.ControllerModel())}
	out["controller-held-by-its-model"] = ownHeld

	unreachable := input(fleet.Goal{}, controller("prod", v4, v11, 1), controller("dev", v4, v11, 1, model("web", v4, 1)))
	unreachable.Fleet.Controllers[0] = fleet.Controller{
		Ref: fleet.Ref{UUID: "prod-uuid", Name: "prod"}, Problem: &fleet.Problem{Code: fleet.Unreachable, Text: "refused"},
	}
	unreachable.Findings = []fleet.Finding{{
		Code: "controller-unreachable", Severity: fleet.Blocker, Scope: fleet.WholeController, Subject: "prod", Controller: "prod-uuid",
	}}
	out["one-controller-unreachable"] = unreachable

	whole := blocked()
	whole.Findings = []fleet.Finding{{Code: "client", Severity: fleet.Blocker, Scope: fleet.WholeRun, Subject: "client"}}
	out["whole-run-held"] = whole
}

// worlds adds cases of other kinds, and other states, of controllers.
func worlds(out map[string]plan.Input) {
	adopted := input(fleet.Goal{}, controller("prod", v4, v11, 3, model("web", v4, 1)))
	c := &adopted.Fleet.Controllers[0]
	c.ControllerModel().Version = v11
	c.Servers[1].Version = v11
	c.Servers[2] = fleet.Server{Addresses: []string{"10.0.0.3:17070"}, Problem: &fleet.Problem{Code: fleet.Unreachable}}
	out["adopted"] = adopted

	window := input(fleet.Goal{}, controller("prod", v4, v11, 1, model("web", v4, 1)))
	window.Fleet.Controllers[0].Upgrading = v11
	window.Fleet.Controllers[0].Objections = nil
	out["adopted-in-its-window"] = window

	hidden := input(fleet.Goal{}, controller("prod", v4, v11, 1))
	hidden.Fleet.Controllers[0].Upgrading = v11
	hidden.Fleet.Controllers[0].Models = nil
	out["adopted-and-its-models-hidden"] = hidden

	k8s := input(fleet.Goal{}, controller("micro", v4, v11, 1, model("web", v4, 1)))
	for i := range k8s.Fleet.Controllers[0].Models {
		k8s.Fleet.Controllers[0].Models[i].Type = fleet.CAAS
	}
	out["kubernetes"] = k8s

	four := input(fleet.Goal{}, controller("next", v410, v411, 1, model("web", v410, 1)))
	for i := range four.Fleet.Controllers[0].Models {
		agents := four.Fleet.Controllers[0].Models[i].Status.Agents
		agents[0].Version = version.Zero // Juju 4 shows no versions of machines
	}
	out["juju-4"] = four

	agents := input(fleet.Goal{}, controller("prod", v11, v11, 1, model("web", v11, 2), model("db", v11, 2), model("cms", v11, 1)))
	models := agents.Fleet.Controllers[0].Models
	models[0].Status.Agents[1].Version = v4
	// An agent that is down at the right version is nothing that an upgrade cures.
	models[1].Status.Agents[1].State.Status = "down"
	out["agents-behind-their-model"] = agents

	unknown := input(fleet.Goal{}, controller("prod", v4, v4, 1, model("web", v4, 1), model("old", version.MustParse("3.6.2"), 1)))
	unknown.Fleet.Controllers[0].Objections = &fleet.Objections{Problem: &fleet.Problem{Code: fleet.Blocked, Text: "the operation has been blocked"}}
	unknown.Findings = []fleet.Finding{{
		Code: "commands-blocked", Severity: fleet.Blocker, Scope: fleet.WholeController, Subject: "prod:admin/controller",
		Controller: "prod-uuid", Model: "prod-own",
	}}
	out["newest-unknown"] = unknown

	own := input(fleet.Goal{}, controller("prod", v11, v11, 3, model("web", v11, 1)))
	own.Fleet.Controllers[0].ControllerModel().Status.Agents[2].Version = v4
	out["controller-agents-behind"] = own
}

func TestPlansAreAsKept(t *testing.T) {
	for name, in := range cases() {
		t.Run(name, func(t *testing.T) {
			got := tree(plan.Compute(in))
			file := filepath.Join("testdata", name+".txt")
			if *update {
				if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			want, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if diff := diff.Diff(string(want), got); diff != "" {
				t.Errorf("another plan (-kept +now), 'go test -update' keeps it:\n%s", diff)
			}
		})
	}
}

func TestEveryKeptPlanIsOfACase(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "*.txt"))
	if err != nil {
		t.Fatal(err)
	}
	all := cases()
	for _, file := range files {
		if _, ok := all[strings.TrimSuffix(filepath.Base(file), ".txt")]; !ok {
			t.Errorf("%s belongs to no case", file)
		}
	}
}
