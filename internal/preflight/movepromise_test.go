package preflight

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/juju/version/v2"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// saidOf are the names of findings.
func saidOf(findings []fleet.Finding) []string {
	var out []string
	for _, f := range findings {
		out = append(out, f.Name())
	}
	return out
}

const always = "backup-not-restorable-after-move@prod"

func TestWhereAllIsWellForAMoveOnlyTheBackupIsSpokenOf(t *testing.T) {
	e := well()
	moving(e)
	if diff := cmp.Diff([]string{always}, saidOf(e.run())); diff != "" {
		t.Error(diff)
	}
	for name, change := range map[string]func(*estate){
		"towards 4.0":         func(e *estate) { e.toward("4.0.16") },
		"from 3.6 to 3.7":     func(e *estate) { e.toward("3.7.1") },
		"from 4.0 to 4.1":     func(e *estate) { e.from("4.0.4"); e.toward("4.1.1") },
		"a bare model":        func(e *estate) { e.brought().Credential, e.brought().Charms = fleet.Credential{}, nil },
		"no region":           func(e *estate) { e.web().Region = "" },
		"no rate limit":       func(e *estate) { e.there().Holdings.AgentRate = fleet.AgentRate{}; crowd(e.web(), 9000) },
		"everyone to 3.6.24":  func(e *estate) { e.goal.AgentVersion = same },
		"unused offers":       func(e *estate) { e.web().Status.Offers = []fleet.Offer{{Name: "site"}} },
		"one name twice":      func(e *estate) { e.arrived(model("boss/web", same)) },
		"as far as is known":  func(e *estate) { e.brought().Owner = "" },
		"both from this host": func(e *estate) { e.c().Servers[0].Addresses[0], e.there().Servers = "127.0.0.1:1", e.c().Servers },
	} {
		e := well()
		moving(e)
		change(e)
		if diff := cmp.Diff([]string{always}, saidOf(e.run())); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestWhatIsOnTheTargetAlreadyIsHeldByNothing(t *testing.T) {
	e := well()
	moving(e)
	for _, m := range []*fleet.Model{e.web(), e.db()} {
		e.arrived(*m)
		spoil(m)
		lost(&m.Status.Agents[0])
		m.Belongings = nil
	}
	e.there().Upgrading = version.MustParse("3.6.28")
	e.there().Models[0].Status.Agents[0].State.Status = "down"
	e.there().Holdings, e.c().Holdings = nil, nil
	e.c().Access = fleet.AccessLogin
	for _, f := range e.run() {
		if f.Code != "moved-unfinished" || f.Holds() {
			t.Errorf("found %+v", f)
		}
	}
}

func TestAModelThatIsUpToDateIsStillToMove(t *testing.T) {
	e := well()
	moving(e)
	e.web().Life = "dying"
	if !only(t, e.run(), "model-dying").Holds() {
		t.Error("it holds nothing")
	}
}

func TestOutOfTheGoalNothingMoves(t *testing.T) {
	e := well()
	moving(e)
	spoil(e.db())
	lost(&e.db().Status.Agents[0])
	crowd(e.db(), 9000)
	e.db().Cloud, e.db().Belongings = "cave", nil
	e.goal.Exclude = []fleet.ModelPattern{{Name: "db"}}
	if diff := cmp.Diff([]string{always}, saidOf(e.run())); diff != "" {
		t.Error(diff)
	}
}

func TestWhatIsForAnUpgradeInPlaceIsSilentWhereNoneIsPlanned(t *testing.T) {
	for name, change := range map[string]func(*estate){
		"a refusal of what nothing goes to": refused("the model hosts deprecated ubuntu machine(s)"),
		"commands of the source":            func(e *estate) { e.own().ChangesBlocked = true },
		"a server that does not answer":     func(e *estate) { e.c().Servers[1].Problem = &fleet.Problem{Code: fleet.Unreachable} },
		"an even number":                    func(e *estate) { e.c().Servers = e.c().Servers[:2] },
		"architectures":                     func(e *estate) { e.web().Status.Agents[0].Arch = "s390x" },
	} {
		e := well()
		moving(e)
		change(e)
		if diff := cmp.Diff([]string{always}, saidOf(e.run())); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestASourceThatIsPatchedFirstIsCheckedForThatToo(t *testing.T) {
	e := well()
	moving(e)
	e.from("3.6.20")
	e.goal.AgentVersion = version.Zero
	e.c().Objections = &fleet.Objections{Chosen: same}
	e.c().Servers[1].Problem = &fleet.Problem{Code: fleet.Unreachable, Text: "cut"}
	e.own().ChangesBlocked = true
	e.web().Status.Agents[2].Version = version.MustParse("3.6.19")
	var got []string
	for _, f := range e.run() {
		if f.Holds() {
			got = append(got, f.Name())
		}
	}
	want := []string{"server-down@prod", "commands-blocked@prod:admin/controller", "agent-lagging@prod:admin/web"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestNothingIsPatchedForModelsThatStay(t *testing.T) {
	e := well()
	moving(e)
	e.from("3.6.20")
	e.goal.AgentVersion = version.Zero
	e.c().Objections = &fleet.Objections{Problem: &fleet.Problem{Code: fleet.Refused, Text: "no"}}
	e.goal.Exclude = []fleet.ModelPattern{{Name: "*"}}
	if got := holds(e.run()); len(got) > 0 {
		t.Errorf("held by %v", got)
	}
}

func TestASourceThatShowsNoModelsIsNotTakenForEmpty(t *testing.T) {
	e := well()
	moving(e)
	e.c().Upgrading, e.c().Models = version.MustParse("3.6.28"), nil
	e.goal.AgentVersion = e.c().Upgrading
	e.toward("3.6.28")
	if got := holds(e.run()); !cmp.Equal(got, []string{"controller-model-hidden@prod"}) {
		t.Errorf("held by %v", got)
	}
}

func TestATargetThatIsNotKnownHoldsAllOnce(t *testing.T) {
	for name, change := range map[string]func(*estate){
		"not looked at":   func(e *estate) { e.fleet.Target = nil },
		"without answers": func(e *estate) { *e.there() = fleet.Controller{Ref: e.there().Ref, Problem: &fleet.Problem{}} },
		"not a superuser": func(e *estate) { e.there().Access, e.there().Holdings = fleet.AccessLogin, nil },
	} {
		e := well()
		moving(e)
		change(e)
		for _, m := range []*fleet.Model{e.web(), e.db()} {
			m.Belongings = nil // there was nothing to compare with
		}
		got := holds(e.run())
		if len(got) != 1 || !strings.HasPrefix(got[0], "target-") {
			t.Errorf("%s: held by %v", name, got)
		}
	}
}

func TestAFindingOfTheTargetIsNotOneOfTheSource(t *testing.T) {
	e := well()
	moving(e)
	e.there().Models[0].Status.Agents[1].State.Status = "down"
	f := only(t, e.run(), "target-unhealthy")
	if f.Controller != "c-new" || f.Model != "" || f.Scope != fleet.WholeRun {
		t.Errorf("found %+v", f)
	}
}

func TestAModelOnItsWayIsNoLeftover(t *testing.T) {
	e := well()
	moving(e)
	e.arrived(*e.web()).Condition.Status = "busy"
	e.web().Migration = "importing model into target controller"
	e.web().LastMigration = &fleet.Migration{Start: looked}
	if got := holds(e.run()); !cmp.Equal(got, []string{"model-migrating@prod:admin/web"}) {
		t.Errorf("held by %v", got)
	}
}

func TestNoCommandThatIsToldDestroysAnything(t *testing.T) {
	for _, f := range firings() {
		e := well()
		f.change(e)
		for _, got := range e.run() {
			for _, c := range append(got.See, got.Fix...) {
				if strings.Contains(c, "destroy") || strings.Contains(c, "kill-controller") || strings.Contains(c, "--force") {
					t.Errorf("%s: %s", got.Name(), c)
				}
			}
		}
	}
}

func TestWhatJujuWouldRefuseToMoveCanNotBeAccepted(t *testing.T) {
	e := well()
	moving(e)
	lost(&e.web().Status.Agents[2])
	e.db().Status.Agents[0].Health.Status = "error"
	e.goal.Accept = []fleet.Acceptance{{Code: "agent-down", Subject: "*"}, {Code: "machine-error", Subject: "*"}}
	got := e.run()
	for _, code := range []string{"agent-down", "machine-error"} {
		if f := only(t, got, code); !f.Holds() || f.Acceptable {
			t.Errorf("found %+v", f)
		}
	}
}

func TestOnKubernetesNoMachinesAreAskedFor(t *testing.T) {
	e := well()
	moving(e)
	e.from("3.6.18")
	for _, m := range []*fleet.Model{e.web(), e.db()} {
		m.Type = fleet.CAAS
		m.Status.Agents[0].Health.Status, m.Status.Agents[0].Base = "stopped", "ubuntu@18.04"
	}
	got := e.run()
	for _, code := range []string{"machine-not-running", "base-unsupported", "strands-agents"} {
		none(t, got, code)
	}
}
