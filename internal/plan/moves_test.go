package plan_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/juju/version/v2"
	"pgregory.net/rapid"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

// moveInput is a source whose models are to move to a controller "new".
func moveInput(goal fleet.Goal, to version.Number, source fleet.Controller) plan.Input {
	target := controller("new", to, to, 1)
	target.Holdings = &fleet.Holdings{
		Users:     []fleet.User{{Name: "admin", Access: "superuser"}},
		AgentRate: fleet.AgentRate{Burst: 10, Interval: 250 * time.Millisecond},
	}
	source.Holdings = &fleet.Holdings{
		Users: []fleet.User{
			{Name: "admin", Access: "superuser"}, {Name: "alice", DisplayName: "Alice", Access: "superuser"},
			{Name: "bob", Access: "login", Disabled: true}, {Name: "unneeded", Access: "login"},
		},
		MigrationWait: 15 * time.Minute,
	}
	for i := range source.Models {
		m := &source.Models[i]
		m.Belongings = &fleet.Belongings{Owner: "admin", Users: []fleet.ModelUser{{Name: "admin"}, {Name: "eve@elsewhere"}}}
	}
	in := input(goal, source)
	in.Goal.To, in.Goal.ToVersion = target.Ref, to
	in.Fleet.Target = &target
	return in
}

// hosted returns the source's model of that name.
func hosted(in plan.Input, name string) *fleet.Model {
	models := in.Fleet.Controllers[0].Models
	return &models[slices.IndexFunc(models, func(m fleet.Model) bool { return m.Name == "admin/"+name })]
}

func consumes(m *fleet.Model, urls ...string) {
	for _, url := range urls {
		m.Status.Remotes = append(m.Status.Remotes, fleet.Remote{Name: "saas", OfferURL: url})
	}
}

// moves adds cases in which models move.
func moves(out map[string]plan.Input) {
	v354 := version.MustParse("3.5.4")
	patched := moveInput(fleet.Goal{}, v11, controller("old", v4, v11, 1, model("web", v4, 2), model("db", v4, 1)))
	hosted(patched, "web").Belongings.Users = append(hosted(patched, "web").Belongings.Users, fleet.ModelUser{Name: "alice"}, fleet.ModelUser{Name: "bob"})
	hosted(patched, "db").Belongings.Owner = "bob"
	out["move-patched-first"] = patched

	out["move-as-it-is"] = moveInput(fleet.Goal{Backup: fleet.BackupSkip}, v11, controller("old", v354, v354, 1, model("web", v354, 1)))

	newest := moveInput(fleet.Goal{}, version.MustParse("3.6.7"), controller("old", v4, v11, 1, model("web", v4, 1)))
	newest.Fleet.Controllers[0].Objections.Chosen = version.MustParse("3.6.7")
	out["move-not-beyond-the-target"] = newest

	joined := moveInput(fleet.Goal{Canary: []fleet.ModelPattern{pattern("tiny")}}, v11,
		controller("old", v354, v354, 1, model("app", v354, 1), model("db", v354, 1), model("other", v354, 1), model("tiny", v354, 1), model("zoo", v354, 1)))
	consumes(hosted(joined, "app"), "admin/zoo.cage", "old:admin/db.db", "elsewhere:admin/x.y")
	consumes(hosted(joined, "other"), "admin/tiny.t")
	out["move-canary-and-joined"] = joined

	held := moveInput(fleet.Goal{}, v11, controller("old", v354, v354, 1, model("web", v354, 1), model("db", v354, 1)))
	held.Findings = []fleet.Finding{lost(&held.Fleet.Controllers[0], hosted(held, "db"))}
	out["move-one-blocked"] = held

	some := moveInput(fleet.Goal{}, v410, controller("old", v11, v11, 1, model("web", v11, 1), model("db", v11, 1), model("half", v11, 1)))
	for _, name := range []string{"db", "half"} {
		there := *hosted(some, name)
		if name == "half" {
			there.Condition.Status = "busy"
		}
		some.Fleet.Target.Models = append(some.Fleet.Target.Models, there)
	}
	out["move-some-are-there"] = some

	ill := moveInput(fleet.Goal{Canary: []fleet.ModelPattern{pattern("db")}}, v11, controller("old", v354, v354, 1, model("web", v354, 1), model("db", v354, 1)))
	ill.Findings = []fleet.Finding{lost(&ill.Fleet.Controllers[0], hosted(ill, "db"))}
	out["move-canary-blocked"] = ill

	out["move-models-alone"] = moveInput(fleet.Goal{Include: []fleet.ModelPattern{pattern("web")}}, v11,
		controller("old", v4, v11, 1, model("web", version.MustParse("3.6.2"), 1), model("db", v4, 1)))

	done := moveInput(fleet.Goal{}, v11, controller("old", v4, v11, 1))
	out["move-nothing-left"] = done

	gone := moveInput(fleet.Goal{}, v11, controller("old", v4, v11, 1, model("web", v4, 1)))
	gone.Fleet.Target = &fleet.Controller{Ref: gone.Goal.To, Problem: &fleet.Problem{Code: fleet.Unreachable, Text: "refused"}}
	gone.Findings = []fleet.Finding{{Code: "target-unreachable", Severity: fleet.Blocker, Scope: fleet.WholeRun, Subject: "new"}}
	out["move-target-unreachable"] = gone

	four := moveInput(fleet.Goal{}, v411, controller("old", v410, v410, 1, model("web", v410, 0)))
	out["move-from-juju-4"] = four
}

// anyMove draws a world in which models are to move.
func anyMove(t *rapid.T) plan.Input {
	source := anyController(t, "c0")
	in := moveInput(anyGoal(t), v11, source)
	names := []string{}
	for _, m := range source.Models {
		names = append(names, m.Name)
	}
	for i := range in.Fleet.Controllers[0].Models {
		m := &in.Fleet.Controllers[0].Models[i]
		for range rapid.IntRange(0, 2).Draw(t, "remotes") {
			consumes(m, rapid.SampledFrom(names).Draw(t, "offerer")+".offer")
		}
		for _, name := range []string{"alice", "bob"} {
			if rapid.Bool().Draw(t, name) {
				m.Belongings.Users = append(m.Belongings.Users, fleet.ModelUser{Name: name})
			}
		}
	}
	if rapid.Bool().Draw(t, "canary") {
		in.Goal.Canary = []fleet.ModelPattern{pattern("m0")}
	}
	in.Findings = anyFindings(t, &in.Fleet.Controllers[0])
	return in
}

func TestEveryModelOfAMoveIsAccountedForAndWhatItNeedsComesFirst(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		in := anyMove(t)
		p := plan.Compute(in)
		if got, want := len(p.Controllers[0].Models), len(in.Fleet.Controllers[0].Models); got != want {
			t.Fatalf("%d models are told of, of %d", got, want)
		}
		at := map[string]int{}
		stage := 0
		for i, s := range p.Steps {
			if _, twice := at[s.ID]; twice {
				t.Fatalf("%s is there twice", s.ID)
			}
			at[s.ID] = i
			for _, need := range s.Needs {
				if _, ok := at[need]; !ok {
					t.Fatalf("%s needs %s, which does not come before it", s.ID, need)
				}
			}
			if s.Stage < stage {
				t.Fatalf("%s is of stage %d and comes after %d", s.ID, s.Stage, stage)
			}
			stage = s.Stage
		}
		for _, m := range p.Controllers[0].Models {
			wantWholeLane(t, p, m, at)
		}
	})
}

// wantWholeLane wants a model that moves to have all its steps, after all users
// that it needs; and one that does not, none.
func wantWholeLane(t *rapid.T, p plan.Plan, m plan.Model, at map[string]int) {
	t.Helper()
	var kinds []plan.Kind
	for _, s := range p.Steps {
		if s.Model.UUID == m.UUID && s.Target.UUID != "" && s.Kind != plan.Relations {
			kinds = append(kinds, s.Kind)
		}
	}
	want := []plan.Kind{plan.Migrate, plan.Arrive, plan.ModelUpgrade, plan.Verify}
	if m.Disposition != plan.Moves {
		want = nil
	}
	if !slices.Equal(kinds, want) {
		t.Fatalf("%s, which is %s, has the steps %v", m.Name, m.Disposition, kinds)
	}
}

func TestAnOffererMovesBeforeItsConsumersUnlessTheyGoInACircle(t *testing.T) {
	p := plan.Compute(cases()["move-canary-and-joined"])
	var order []string
	for _, s := range p.Steps {
		if s.Kind == plan.Migrate {
			order = append(order, strings.TrimPrefix(s.Model.Name, "admin/"))
		}
	}
	if want := []string{"tiny", "db", "zoo", "app", "other"}; !slices.Equal(order, want) {
		t.Errorf("they move in the order %v, want %v", order, want)
	}
	in := moveInput(fleet.Goal{}, v11, controller("old", v4, v4, 1, model("a", v4, 1), model("b", v4, 1)))
	consumes(hosted(in, "a"), "admin/b.b")
	consumes(hosted(in, "b"), "admin/a.a")
	n := 0
	for _, s := range plan.Compute(in).Steps {
		if s.Kind == plan.Migrate {
			n++
		}
	}
	if n != 2 {
		t.Errorf("of a circle %d models move", n)
	}
}

func TestWhatIsAnotherInAMoveIsSaid(t *testing.T) {
	base := func() plan.Input { return cases()["move-patched-first"] }
	was := plan.Compute(base())
	for name, c := range map[string]struct {
		change func(*plan.Input)
		want   string
	}{
		"a user came": {func(in *plan.Input) {
			in.Fleet.Target.Holdings.Users = append(in.Fleet.Target.Holdings.Users, fleet.User{Name: "alice"})
		}, "user alice of new would not be made: exists there now, or is not needed any more"},
		"a user may less": {func(in *plan.Input) {
			in.Fleet.Controllers[0].Holdings.User("alice").Access = "login"
		}, "user alice of new would be made with access login instead of superuser"},
		"a model is there": {func(in *plan.Input) {
			in.Fleet.Target.Models = append(in.Fleet.Target.Models, *hosted(*in, "db"))
		}, "old:admin/db would not be moved: there already now"},
		"a model came": {func(in *plan.Input) {
			c := &in.Fleet.Controllers[0]
			m := model("late", v11, 0)
			m.UUID = "late"
			c.Models = append(c.Models, m)
		}, "old:admin/late (to new) was not in the plan"},
		"a model is held": {func(in *plan.Input) {
			in.Findings = []fleet.Finding{lost(&in.Fleet.Controllers[0], hosted(*in, "db"))}
		}, "old:admin/db would not be moved: blocked now: agent-down"},
		"another target": {func(in *plan.Input) {
			in.Fleet.Target.UUID = "other"
		}, "old:admin/db would go to another controller of the same name"},
	} {
		t.Run(name, func(t *testing.T) {
			in := base()
			c.change(&in)
			now := plan.Compute(in)
			if was.Hash == now.Hash {
				t.Error("it has the same hash")
			}
			if got := plan.Differences(was, now); !slices.Contains(got, c.want) {
				t.Errorf("the differences are %q, want %q among them", got, c.want)
			}
		})
	}
}
