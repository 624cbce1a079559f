package preflight

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/juju/version/v2"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// spoil makes a model such that nearly every check of models would fire.
func spoil(m *fleet.Model) {
	m.Life, m.Migration, m.ChangesBlocked, m.Operations = "dying", "quiescing", true, 3
	m.Condition.Status, m.Access = "suspended", fleet.AccessRead
	for i := range m.Status.Agents {
		m.Status.Agents[i].Health.Status = "error"
	}
}

// holds are the names of the findings that hold something.
func holds(findings []fleet.Finding) []string {
	var out []string
	for _, f := range findings {
		if f.Holds() {
			out = append(out, f.Name())
		}
	}
	return out
}

func TestWhatIsWhereItShouldBeIsHeldByNothing(t *testing.T) {
	e := well()
	controllerAt(e.c(), target)
	e.c().Objections = &fleet.Objections{}
	e.own().ChangesBlocked = true
	for _, m := range []*fleet.Model{e.web(), e.db()} {
		goTo(m, target)
		spoil(m)
	}
	got := e.run()
	if len(got) != 1 || got[0].Code != "nothing-newer" {
		t.Errorf("found %+v", got)
	}
}

func TestModelsOutOfTheGoalGetNoFindings(t *testing.T) {
	e := well()
	spoil(e.db())
	lost(&e.db().Status.Agents[0])
	e.db().Problem = &fleet.Problem{Code: fleet.Other}
	e.goal.Exclude = []fleet.ModelPattern{{Name: "db"}}
	if got := e.run(); len(got) != 0 {
		t.Errorf("found %+v", got)
	}
}

func TestWhatJujuObjectsToInAModelHoldsItsControllerEvenIfTheModelIsLeftOut(t *testing.T) {
	e := well()
	e.goal.Exclude = []fleet.ModelPattern{{Name: "db"}}
	refused("cannot upgrade to \"3.6.11\" due to issues with these models:\n\"admin/db\":\n- reason\n\"admin/web\":\n- other")(e)
	got := of(e.run(), "juju-refuses")
	if len(got) != 2 {
		t.Fatalf("found %+v", got)
	}
	if f := got[0]; f.Subject != "prod:admin/db" || f.Model != "m-admin/db" || f.Scope != fleet.WholeController || f.Acceptable {
		t.Errorf("found %+v", f)
	}
}

func TestATextThatCanNotBeSplitIsOneFinding(t *testing.T) {
	const head = "cannot upgrade to \"3.6.11\" due to issues with these models:\n"
	for name, text := range map[string]string{
		"no list":          "database node 3 (10.0.0.3) has state DOWN",
		"unknown model":    head + "\"admin/gone\":\n- reason",
		"no reasons":       head + "\"admin/web\":",
		"reasons of none":  head + "- reason",
		"a foreign line":   head + "\"admin/web\":\n- reason\nand so on",
		"a model twice":    head + "\"admin/web\":\n- a\n\"admin/web\":\n- b",
		"nothing":          head,
		"empty":            "",
		"validation broke": `validating model "web" for controller upgrade: cannot dial`,
	} {
		e := well()
		refused(text)(e)
		f := only(t, e.run(), "juju-refuses")
		if f.Subject != "prod" || f.Model != "" || !f.Holds() {
			t.Errorf("%s: %+v", name, f)
		}
	}
}

func TestWhoMayWriteToAModelMayUpgradeItAlone(t *testing.T) {
	e := well()
	c := e.c()
	// The controller is not well, and the user has no say in it.
	c.Access, c.Objections = fleet.AccessLogin, nil
	c.Servers[1] = fleet.Server{Addresses: []string{"10.0.0.2:17070"}, Problem: &fleet.Problem{Code: fleet.Unreachable}}
	e.own().Status.Agents[1].State.Status = "down"
	e.own().Access = ""
	e.web().Access = fleet.AccessWrite
	goTo(e.web(), version.MustParse("3.6.2"))
	e.goal.Include = []fleet.ModelPattern{{Name: "web"}}
	if got := e.run(); len(got) != 0 {
		t.Errorf("found %+v", got)
	}
}

func TestWithoutAnAskingUserNothingNewerIsNotClaimed(t *testing.T) {
	e := well()
	e.c().Access, e.c().Objections = fleet.AccessLogin, nil
	none(t, e.run(), "nothing-newer")
}

func TestAgentsAtTheTargetsVersionOrOnTheirWayAreNotLagging(t *testing.T) {
	behind := func(e *estate) { e.web().Status.Agents[2].Version = version.MustParse("3.6.2") }
	for name, change := range map[string]func(*estate){
		"the model was asked already": func(e *estate) { controllerAt(e.c(), target); behind(e); e.web().Version = target },
		"on Kubernetes":               func(e *estate) { behind(e); e.web().Type = fleet.CAAS },
		"an agent is ahead":           func(e *estate) { e.web().Status.Agents[2].Version = target },
		"Juju 4 does not ask":         func(e *estate) { behind(e); e.c().Version = version.MustParse("4.1.0") },
	} {
		t.Run(name, func(t *testing.T) {
			e := well()
			change(e)
			none(t, e.run(), "agent-lagging")
		})
	}
}

func TestAnAgentThatIsDownAndBehindIsRefusedByJujuWhetherAcceptedOrNot(t *testing.T) {
	e := well()
	a := &e.web().Status.Agents[2]
	lost(a)
	a.Version = version.MustParse("3.6.2")
	e.goal.Accept = []fleet.Acceptance{{Code: "agent-*", Subject: "prod:admin/*"}}
	got := e.run()
	if !only(t, got, "agent-down").Accepted {
		t.Error("agent-down is not accepted")
	}
	if !only(t, got, "agent-lagging").Holds() {
		t.Error("agent-lagging was let pass")
	}
	none(t, got, "accept-unused")
}

func TestAMachineWhoseVersionIsNotShownIsNoFindingOnJuju4(t *testing.T) {
	e := well()
	four := version.MustParse("4.1.0")
	controllerAt(e.c(), four)
	goTo(e.web(), four)
	goTo(e.db(), four)
	e.c().Objections.Chosen = version.MustParse("4.1.1")
	e.fleet.Client.Version = version.MustParse("4.1.1")
	for _, m := range []*fleet.Model{e.own(), e.web(), e.db()} {
		for i := range m.Status.Agents {
			if isUnit(m.Status.Agents[i]) == 0 {
				m.Status.Agents[i].Version = version.Zero
			}
		}
	}
	if got := e.run(); len(got) != 0 {
		t.Errorf("found %+v", got)
	}
}

func TestOneModelHasOneFindingThatNamesAllItsAgents(t *testing.T) {
	e := well()
	for i := range e.db().Status.Agents {
		lost(&e.db().Status.Agents[i])
	}
	f := only(t, e.run(), "agent-down")
	if diff := cmp.Diff([]string{"machine 0", "machine 1", "unit db/0", "unit db/1"}, f.Agents); diff != "" {
		t.Error(diff)
	}
	if !strings.Contains(f.Meaning, "and 1 more") || len(f.See) != 1 {
		t.Errorf("found %+v", f)
	}
}

func TestAgentsAreCountedAsPeopleCount(t *testing.T) {
	got := names([]fleet.Agent{unit("db/10"), unit("db/2"), container("0/lxd/1"), machine("10"), machine("2"), machine("0"), subordinate("a/0")})
	want := []string{"machine 0", "machine 0/lxd/1", "machine 2", "machine 10", "unit a/0", "unit db/2", "unit db/10"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestAMemberOfTheControllerCanNotBeAcceptedAsAbsent(t *testing.T) {
	e := well()
	lost(&e.own().Status.Agents[1])
	e.goal.Accept = []fleet.Acceptance{{Code: "agent-down", Subject: "*"}, {Code: "controller-machine-down", Subject: "*"}}
	got := e.run()
	none(t, got, "agent-down")
	if !only(t, got, "controller-machine-down").Holds() {
		t.Error("it was let pass")
	}
}

func TestAnAcceptanceCountsOnlyWhereItIsMeant(t *testing.T) {
	for subject, want := range map[string]bool{
		"prod:admin/db": true, "*": true, "prod:*/db": true, "prod-old:admin/db": true,
		"prod:admin/web": false, "prod": false, "lab:admin/db": false,
	} {
		e := well()
		lost(&e.db().Status.Agents[3])
		e.goal.Accept = []fleet.Acceptance{{Code: "agent-down", Subject: subject}}
		got := e.run()
		if accepted := only(t, got, "agent-down").Accepted; accepted != want {
			t.Errorf("%s: accepted is %v", subject, accepted)
		}
		if unused := len(of(got, "accept-unused")) == 1; unused == want {
			t.Errorf("%s: unused is %v", subject, unused)
		}
	}
}

func TestAnUpgradeUnderWayTakesAgentsAwayWithoutAFinding(t *testing.T) {
	e := well()
	e.own().Version = target
	for i := range e.own().Status.Agents {
		e.own().Status.Agents[i].State.Status = "down"
	}
	e.c().Servers[0] = fleet.Server{Addresses: []string{"10.0.0.1:17070"}, Problem: &fleet.Problem{Code: fleet.Unreachable}}
	e.c().Objections = &fleet.Objections{Problem: &fleet.Problem{Code: fleet.Busy}}
	if got := holds(e.run()); len(got) != 0 {
		t.Errorf("held by %v", got)
	}
}

func TestAServerOutOfReachHoldsNothingOnceItsMachineHasArrived(t *testing.T) {
	e := well()
	controllerAt(e.c(), target)
	e.c().Objections = &fleet.Objections{}
	e.c().Servers[1] = fleet.Server{Addresses: []string{"10.0.0.2:17070"}, Problem: &fleet.Problem{Code: fleet.Unreachable}}
	if got := holds(e.run()); len(got) != 0 {
		t.Errorf("held by %v", got)
	}
}

func TestABlockInTheControllersModelHoldsModelsUpTo36Only(t *testing.T) {
	for v, want := range map[string]int{"3.6.4": 1, "4.1.0": 0} {
		e := well()
		at := version.MustParse(v)
		controllerAt(e.c(), at)
		older := at
		older.Patch = 0
		older.Minor--
		goTo(e.web(), older)
		goTo(e.db(), at)
		e.own().ChangesBlocked = true
		e.goal.Include = []fleet.ModelPattern{{Name: "web"}}
		if got := of(e.run(), "commands-blocked"); len(got) != want {
			t.Errorf("%s: found %+v", v, got)
		}
	}
}

func TestAnOlderVersionOfTheArchitecturesSaysNothing(t *testing.T) {
	e := well()
	e.db().Status.Agents[1].Arch = "arm64"
	e.goal.AgentVersion = version.MustParse("3.6.10") // and Arches are of 3.6.11
	none(t, e.run(), "arch-missing")
	e.goal.AgentVersion = version.Zero
	e.c().Objections.Arches = nil // not told
	none(t, e.run(), "arch-missing")
}

func TestAWishThatIsNotAPatchIsToldOnce(t *testing.T) {
	e := well()
	e.goal.AgentVersion = version.MustParse("4.0.1")
	refused("upgrading a controller to a newer major.minor version 4.0 not supported")(e)
	none(t, e.run(), "juju-refuses")
}

func TestAnUnfinishedRunNamesBothWaysOut(t *testing.T) {
	f := UnfinishedRun(17, well().c(), false)
	want := []string{"juju upgrade-all resume 17", "juju upgrade-all abandon 17"}
	if diff := cmp.Diff(want, f.Fix); diff != "" {
		t.Error(diff)
	}
	if f.Subject != "prod" || f.Controller != "c-prod" || !f.Holds() || f.Acceptable || f.Scope != fleet.WholeController {
		t.Errorf("found %+v", f)
	}
}

func TestARunThatIsAtWorkIsFollowedAndNotResumed(t *testing.T) {
	f := UnfinishedRun(5, well().c(), true)
	if f.Code != "unfinished-run" || f.Meaning != "run 5 is at work on it" || !f.Holds() || len(f.Fix) > 0 {
		t.Errorf("found %+v", f)
	}
	if diff := cmp.Diff([]string{"juju upgrade-all status 5 --follow"}, f.See); diff != "" {
		t.Error(diff)
	}
}

func TestFindingsAreOrderedBySeverityThenAsTheFleetIs(t *testing.T) {
	e := well()
	e.fleet.Client.Version = old
	e.other("alpha", old).Models[0].ChangesBlocked = true
	e.own().ChangesBlocked = true
	e.web().Operations = 1
	e.web().Life = "dying"
	lost(&e.db().Status.Agents[3])
	lost(&e.web().Status.Agents[3])
	e.goal.Accept = []fleet.Acceptance{{Code: "agent-down", Subject: "nowhere"}}
	var got []string
	for _, f := range e.run() {
		got = append(got, f.Name())
	}
	want := []string{
		"commands-blocked@prod:admin/controller",
		"agent-down@prod:admin/db", "agent-down@prod:admin/web", "model-dying@prod:admin/web",
		// alpha sees nothing newer, so nothing of it is held.
		"client-older@client", "actions-running@prod:admin/web", "newer-elsewhere@alpha",
		"accept-unused@agent-down@nowhere", "nothing-newer@alpha",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestRunLeavesItsInputAlone(t *testing.T) {
	for _, f := range firings() {
		e, same := well(), well()
		f.change(e)
		f.change(same)
		e.run()
		if diff := cmp.Diff(same.fleet, e.fleet); diff != "" {
			t.Errorf("%s: %s", f.code, diff)
		}
	}
}

func TestSpansAreTold(t *testing.T) {
	e := well()
	var got []string
	for _, s := range []string{"90s", "30m", "3h", "50h"} {
		d := mustDuration(t, s)
		got = append(got, view{fleet: &e.fleet}.since(fleet.Condition{Status: "error", Since: looked.Add(-d)}))
	}
	got = append(got, view{fleet: &e.fleet}.since(fleet.Condition{Status: "error"}))
	want := []string{"error since 90s", "error since 30m", "error since 3h", "error since 2d", "error"}
	if !slices.Equal(got, want) {
		t.Errorf("got %q", got)
	}
}

func TestAControllerWithAProblemOfAnyCodeIsHeld(t *testing.T) {
	for _, code := range []fleet.ProblemCode{"", "new-code", fleet.Unreachable, fleet.Busy, fleet.LoginNeeded, fleet.Forbidden,
		fleet.Blocked, fleet.Refused, fleet.NotFound, fleet.Unsupported, fleet.UpToDate, fleet.Corrupt, fleet.Other} {
		e := well()
		problem(code)(e)
		if got := holds(e.run()); len(got) != 1 {
			t.Errorf("%q: held by %v", code, got)
		}
	}
}
