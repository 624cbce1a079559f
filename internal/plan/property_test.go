package plan_test

import (
	"encoding/json"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/juju/version/v2"
	"pgregory.net/rapid"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

// copyOf makes a copy of the input that shares nothing with it.
func copyOf(t rapid.TB, in plan.Input) plan.Input {
	t.Helper()
	data, err := json.Marshal(in)
	if err != nil {
		t.Fatal(err)
	}
	var out plan.Input
	if err := json.Unmarshal(data, &out); err != nil {
		t.Fatal(err)
	}
	return out
}

func encode(t rapid.TB, p plan.Plan) []byte {
	t.Helper()
	data, err := plan.Encode(p)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func TestTheSameInputGivesTheSameBytes(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := anyInput(t)
		before := copyOf(t, in)
		first := encode(t, plan.Compute(in))
		if second := encode(t, plan.Compute(before)); string(first) != string(second) {
			t.Fatalf("two plans of one input differ:\n%s", cmp.Diff(string(first), string(second)))
		}
		if diff := cmp.Diff(before, in, cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("computing a plan changed its input:\n%s", diff)
		}
	})
}

func TestTheOrderInWhichJujuListsThingsIsNoDecision(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := anyInput(t)
		was := plan.Compute(in)
		other := copyOf(t, in)
		other.Findings = rapid.Permutation(other.Findings).Draw(t, "findings")
		for i := range other.Fleet.Controllers {
			c := &other.Fleet.Controllers[i]
			c.Models = rapid.Permutation(c.Models).Draw(t, "models")
			c.Servers = rapid.Permutation(c.Servers).Draw(t, "servers")
		}
		wantSame(t, was, plan.Compute(other))
	})
}

func TestTimesEstimatesAndTextsAreNoDecisions(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := anyInput(t)
		was := plan.Compute(in)
		other := copyOf(t, in)
		other.Fleet.Looked = epoch.Add(time.Duration(rapid.Int32().Draw(t, "later")) * time.Second)
		other.Estimates = plan.Estimates{Runs: 7, Backup: time.Hour, Controller: time.Second, Model: time.Minute, Agent: time.Millisecond}
		other.Tool = rapid.String().Draw(t, "tool")
		other.Options.SkipBlocked = !in.Options.SkipBlocked // it is decided when the plan is applied
		other.Fleet.Client = fleet.Client{Version: v4, Path: "/usr/bin/juju"}
		for i := range other.Findings {
			f := &other.Findings[i]
			f.Meaning = rapid.String().Draw(t, "meaning")
			f.See, f.Fix = []string{"juju status"}, []string{"juju retry-provisioning"}
		}
		for i := range other.Fleet.Controllers {
			c := &other.Fleet.Controllers[i]
			for j := range c.Models {
				for k := range c.Models[j].Status.Agents {
					a := &c.Models[j].Status.Agents[k]
					a.State.Message, a.State.Since = rapid.String().Draw(t, "message"), epoch
					a.Health = fleet.Condition{Status: "blocked", Message: "by hand"}
				}
			}
		}
		wantSame(t, was, plan.Compute(other))
	})
}

func wantSame(t *rapid.T, was, is plan.Plan) {
	t.Helper()
	if was.Hash != is.Hash {
		t.Fatalf("another hash, though no decision is another: %s, %s", was.Hash, is.Hash)
	}
	if diff := plan.Differences(was, is); len(diff) > 0 {
		t.Fatalf("equal plans are said to differ: %q", diff)
	}
}

func wantOther(t *rapid.T, was, is plan.Plan) {
	t.Helper()
	if was.Hash == is.Hash {
		t.Fatalf("the same hash %s, though a decision is another:\n%s\n%s", was.Hash, tree(was), tree(is))
	}
	for _, pair := range [][2]plan.Plan{{was, is}, {is, was}} {
		if len(plan.Differences(pair[0], pair[1])) == 0 {
			t.Fatal("plans with other hashes are said not to differ")
		}
	}
}

// others are the ways in which a decision can become another. Each changes
// what the given step rests on, and says whether it could.
var others = map[string]func(in *plan.Input, s plan.Step) bool{
	"another model of the same name": func(in *plan.Input, s plan.Step) bool {
		_, m := find(in, s)
		m.UUID = "another"
		for i := range in.Findings {
			if in.Findings[i].Model == s.Model.UUID {
				in.Findings[i].Model = "another"
			}
		}
		return true
	},
	"another controller of the same name": func(in *plan.Input, s plan.Step) bool {
		c, _ := find(in, s)
		c.UUID = "another"
		for i := range in.Findings {
			if in.Findings[i].Controller == s.Controller.UUID {
				in.Findings[i].Controller = "another"
			}
		}
		return true
	},
	"another version": func(in *plan.Input, _ plan.Step) bool {
		in.Goal.AgentVersion = version.MustParse("3.6.31")
		return in.Goal.UpgradesController()
	},
	"a step less": func(in *plan.Input, s plan.Step) bool {
		c, m := find(in, s)
		in.Goal.Exclude = append(in.Goal.Exclude, fleet.ModelPattern{Controller: c.Name, Name: m.UUID})
		return !m.IsController
	},
	"one more agent absent": func(in *plan.Input, s plan.Step) bool {
		in.Findings = append(in.Findings, fleet.Finding{
			Code: "three", Severity: fleet.Blocker, Scope: fleet.OneModel, Subject: "s", Accepted: true,
			Controller: s.Controller.UUID, Model: s.Model.UUID, Agents: []string{"unit other/9"},
		})
		return true
	},
	"another pace": func(in *plan.Input, _ plan.Step) bool {
		in.Options.Parallel++
		in.Options.PerCluster = in.Options.Parallel
		return true
	},
	"another patience": func(in *plan.Input, _ plan.Step) bool {
		in.Options.Stall += time.Minute
		return true
	},
	"another number of failures": func(in *plan.Input, _ plan.Step) bool {
		in.Options.MaxFailures++
		return true
	},
	"one more finding accepted": func(in *plan.Input, s plan.Step) bool {
		in.Findings = append(in.Findings, fleet.Finding{
			Code: "three", Severity: fleet.Blocker, Scope: fleet.WholeController, Subject: s.Controller.Name, Accepted: true,
			Controller: s.Controller.UUID,
		})
		return true
	},
}

func find(in *plan.Input, s plan.Step) (*fleet.Controller, *fleet.Model) {
	for i := range in.Fleet.Controllers {
		c := &in.Fleet.Controllers[i]
		if c.UUID != s.Controller.UUID {
			continue
		}
		for j := range c.Models {
			if c.Models[j].UUID == s.Model.UUID {
				return c, &c.Models[j]
			}
		}
	}
	panic("the plan has a step for what is not in the fleet")
}

func TestEveryOtherDecisionIsAnotherHash(t *testing.T) {
	for name, change := range others {
		t.Run(name, func(t *testing.T) {
			changed := 0
			rapid.Check(t, func(t *rapid.T) {
				in := anyInput(t)
				was := plan.Compute(in)
				if len(was.Steps) == 0 {
					return
				}
				step := rapid.SampledFrom(was.Steps).Draw(t, "step")
				other := copyOf(t, in)
				if !change(&other, step) {
					return
				}
				changed++
				wantOther(t, was, plan.Compute(other))
			})
			if changed == 0 {
				t.Error("no plan was drawn in which that could be changed")
			}
		})
	}
}

func TestPlansKeepTheLaws(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := plan.Compute(anyInput(t))
		seen := map[string]bool{}
		for _, s := range p.Steps {
			for _, need := range s.Needs {
				if !seen[need] {
					t.Fatalf("%s needs %s, which is not planned before it", s.ID, need)
				}
			}
			if seen[s.ID] {
				t.Fatalf("%s is planned twice", s.ID)
			}
			seen[s.ID] = true
			if s.To.Compare(s.From) < 0 {
				t.Fatalf("%s goes back from %s to %s", s.ID, s.From, s.To)
			}
		}
		for _, c := range p.Controllers {
			lawful(t, p, c)
		}
	})
}

// lawful checks that the steps of a controller are those of its dispositions,
// and that no model goes ahead of it.
func lawful(t *rapid.T, p plan.Plan, c plan.Controller) {
	base := "/" + c.Name
	if planned := p.Step(base+"/controller/upgrade") != nil; planned != (c.Disposition == plan.Upgrade) {
		t.Fatalf("controller %s is %s, and its upgrade planned: %t", c.Name, c.Disposition, planned)
	}
	for _, m := range c.Models {
		if m.IsController {
			continue
		}
		lane := base + "/models/" + m.Name
		upgrade, verify := p.Step(lane+"/upgrade"), p.Step(lane+"/verify")
		if (upgrade != nil) != (m.Disposition == plan.Upgrade) || (verify != nil) != (upgrade != nil) {
			t.Fatalf("model %s is %s, and planned are %v and %v", m.Name, m.Disposition, upgrade, verify)
		}
		if upgrade == nil {
			continue
		}
		if upgrade.To != c.To {
			t.Fatalf("%s goes to %s, its controller to %s", upgrade.ID, upgrade.To, c.To)
		}
		waits := slices.Contains(upgrade.Needs, base+"/controller/verify")
		if waits != (c.Disposition == plan.Upgrade) || c.Disposition == plan.Held {
			t.Fatalf("%s needs %q, and its controller is %s", upgrade.ID, upgrade.Needs, c.Disposition)
		}
		if c.Disposition != plan.Upgrade && upgrade.To != c.From {
			t.Fatalf("%s goes to %s, ahead of its controller at %s", upgrade.ID, upgrade.To, c.From)
		}
	}
}

func TestPlansAreReadAsTheyWereWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p := plan.Compute(anyInput(t))
		data := encode(t, p)
		back, err := plan.Decode(data)
		if err != nil {
			t.Fatalf("cannot read what was written: %v\n%s", err, data)
		}
		if diff := cmp.Diff(p, back, cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("another plan was read:\n%s", diff)
		}
		if again := encode(t, back); string(again) != string(data) {
			t.Fatalf("other bytes were written:\n%s", cmp.Diff(string(data), string(again)))
		}
	})
}

func TestDifferencesAreNamedOnceForEachControllerAndModelWithTheReason(t *testing.T) {
	all := cases()
	was := plan.Compute(all["one-controller"])
	changed := func(name string, change func(*plan.Input)) {
		in := copyOf(t, all["one-controller"])
		change(&in)
		all[name] = in
	}
	changed("backup-skipped-now", func(in *plan.Input) { in.Goal.Backup = fleet.BackupSkip })
	changed("nothing-newer-now", func(in *plan.Input) { in.Fleet.Controllers[0].Objections = &fleet.Objections{} })
	changed("another-version", func(in *plan.Input) { in.Fleet.Controllers[0].Objections.Chosen = version.MustParse("3.6.7") })
	changed("unreachable-now", func(in *plan.Input) {
		in.Fleet.Controllers[0] = fleet.Controller{Ref: in.Fleet.Controllers[0].Ref, Problem: &fleet.Problem{Code: fleet.Unreachable}}
	})
	all["done-by-others"] = input(fleet.Goal{}, controller("prod", v11, v11, 1, model("web", v11, 2), model("db", v11, 1)))
	all["one-model-more"] = input(fleet.Goal{}, controller("prod", v4, v11, 1, model("web", v4, 2), model("db", v4, 1), model("cms", v4, 1)))
	for name, want := range map[string][]string{
		"one-controller": nil,
		"exclude":        {"prod:admin/db would not be upgraded: left out now"},
		"blocked-model":  {"prod:admin/db would not be upgraded: blocked now: agent-down"},
		"backup-skipped-now": {
			"prod would be upgraded without a backup",
		},
		"controller-held": {
			"prod would not be upgraded: blocked now: commands-blocked",
			"prod:admin/db would not be upgraded: blocked now: agent-down, commands-blocked",
			"prod:admin/web would not be upgraded: blocked now: commands-blocked",
		},
		"nothing-newer-now": {
			"prod would not be upgraded: no newer version is visible now",
			"prod:admin/db would not be upgraded: no newer version is visible now",
			"prod:admin/web would not be upgraded: no newer version is visible now",
		},
		"done-by-others": {
			"prod would not be upgraded: up to date now",
			"prod:admin/db would not be upgraded: up to date now",
			"prod:admin/web would not be upgraded: up to date now",
		},
		"unreachable-now": {
			"prod would not be upgraded: blocked now: unreachable",
			"prod:admin/db would not be upgraded: blocked now: unreachable",
			"prod:admin/web would not be upgraded: blocked now: unreachable",
		},
		"another-version": {
			"prod would go to 3.6.7 instead of 3.6.11",
			"prod:admin/db would go to 3.6.7 instead of 3.6.11",
			"prod:admin/web would go to 3.6.7 instead of 3.6.11",
		},
		"one-model-more": {"prod:admin/cms (to 3.6.11) was not in the plan"},
		"accepted-absent-agent": {
			`prod:admin/db would be upgraded without ["unit db/0"] instead of []`,
			`accepted findings were [] and would be ["agent-down@prod:admin/db"]`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(want, plan.Differences(was, plan.Compute(all[name]))); diff != "" {
				t.Error(diff)
			}
		})
	}
	swapped := all["two-controllers"]
	first := plan.Compute(swapped)
	swapped.Fleet.Controllers = []fleet.Controller{swapped.Fleet.Controllers[1], swapped.Fleet.Controllers[0]}
	if diff := cmp.Diff([]string{"the order of the steps would be another"}, plan.Differences(first, plan.Compute(swapped))); diff != "" {
		t.Error(diff)
	}
}

func TestEstimatesShareALane(t *testing.T) {
	in := input(fleet.Goal{Backup: fleet.BackupSkip}, controller("prod", v11, v11, 1,
		model("a", v4, 0), model("b", v4, 0), model("c", v4, 0), model("d", v4, 0)))
	in.Estimates = plan.Estimates{Model: time.Minute}
	in.Options.Parallel = 2
	verify := 4 * 5 * time.Second
	p := plan.Compute(in)
	if got, want := p.Estimate(), 2*time.Minute+verify; got != want {
		t.Errorf("four models of a minute, two at once, are said to take %s, want %s", got, want)
	}
}
