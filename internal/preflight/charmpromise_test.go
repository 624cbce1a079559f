package preflight

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// ofCharms says that a code is of a check of charms.
func ofCharms(code string) bool {
	return slices.ContainsFunc(charmChecks(), func(c check) bool { return c.Code == code })
}

// current brings all agents of an estate to where they should be.
func current(e *estate) {
	controllerAt(e.c(), target)
	goTo(e.web(), target)
	goTo(e.db(), target)
	e.c().Objections = &fleet.Objections{}
}

func TestNothingIsSaidOfApplicationsThatAreWell(t *testing.T) {
	for _, mode := range []fleet.CharmMode{fleet.CharmsAlso, fleet.CharmsOnly} {
		e := well()
		charmed(e)
		e.goal.Charms = mode
		if got := e.run(); len(got) != 0 {
			t.Errorf("%s: %+v", mode, got)
		}
	}
}

func TestWithoutAWishForCharmsNothingIsSaidOfThem(t *testing.T) {
	for _, f := range charmFirings() {
		e := well()
		f.change(e)
		e.goal.Charms = ""
		for _, got := range e.run() {
			if ofCharms(got.Code) || got.Scope == fleet.OneApplication {
				t.Errorf("%s, %s: %+v", f.code, f.when, got)
			}
		}
	}
}

func TestWithCharmsAloneNothingIsSaidOfAgents(t *testing.T) {
	said := []string{"client-missing", "controller-unreachable", "controller-busy", "login-needed", "controller-forbidden", "controller-unsupported",
		"controller-unreadable", "controller-too-old", "model-access", "upgrade-in-progress", "model-unreadable", "model-dying", "model-migrating",
		"model-busy", "model-suspended", "pods-restart", "accept-unused"}
	for _, f := range slices.Concat(accessFirings(), versionFirings(), controllerFirings(), modelFirings(), charmFirings()) {
		e := well()
		charmed(e)
		f.change(e)
		if e.goal.Moves() {
			continue
		}
		e.goal.Charms = fleet.CharmsOnly
		for _, got := range e.run() {
			if !ofCharms(got.Code) && !slices.Contains(said, got.Code) {
				t.Errorf("%s, %s: %+v", f.code, f.when, got)
			}
			if slices.ContainsFunc(got.Fix, func(c string) bool {
				return strings.Contains(c, "upgrade-all plan") && !strings.Contains(c, "--charms-only")
			}) {
				t.Errorf("%s, %s: what is told to type is about agents: %v", f.code, f.when, got.Fix)
			}
		}
	}
}

func TestWhatIsFoundOfCharmsHoldsNoAgents(t *testing.T) {
	for _, f := range slices.Concat(charmhubFirings(), charmUnitFirings(), charmNoticeFirings()) {
		e := well()
		f.change(e)
		for _, got := range e.run() {
			if ofCharms(got.Code) && got.Holds() && got.Scope != fleet.OneApplication {
				t.Errorf("%s, %s: %+v", f.code, f.when, got)
			}
			if of := got.Application; of != "" && !strings.HasSuffix(got.Subject, "."+of) || of == "" && strings.HasSuffix(got.Subject, ".web") {
				t.Errorf("%s is not about %s", got.Subject, of)
			}
		}
	}
}

func TestAModelOfWhichOnlyCharmsAreToChangeIsHeldByWhatHoldsModels(t *testing.T) {
	for code, change := range map[string]func(*estate){
		"model-dying":             func(e *estate) { e.web().Life = "dying" },
		"model-migrating":         func(e *estate) { e.web().Migration = "quiescing" },
		"model-busy":              func(e *estate) { e.web().Condition.Status = "busy" },
		"model-suspended":         func(e *estate) { e.web().Condition.Status = "suspended" },
		"charms-commands-blocked": func(e *estate) { e.web().ChangesBlocked = true },
	} {
		e := well()
		charmed(e)
		current(e)
		change(e)
		if got := holds(e.run()); !slices.Equal(got, []string{code + "@prod:admin/web"}) {
			t.Errorf("%s: held by %v", code, got)
		}
		e.app("web").Release.Revision = 5
		if got := holds(e.run()); len(got) != 0 {
			t.Errorf("%s: nothing is newer, and it is held by %v", code, got)
		}
	}
}

func TestWhereCommandsAreDisabledAgentsMayBeAcceptedAndCharmsNot(t *testing.T) {
	e := well()
	charmed(e)
	e.web().ChangesBlocked = true
	e.goal.Accept = []fleet.Acceptance{{Code: "*-commands-blocked", Subject: "*"}}
	if got := holds(e.run()); !slices.Equal(got, []string{"charms-commands-blocked@prod:admin/web"}) {
		t.Errorf("held by %v", got)
	}
}

func TestApplicationsThatAreNotToBeRefreshedGetNoBlockers(t *testing.T) {
	broken := func(e *estate) {
		a := e.app("web")
		inError(e)
		lost(&e.web().Status.Agents[3])
		a.Release.Bases, a.Release.Actions = []string{"ubuntu@24.04"}, []string{"pre-refresh-check", "resume-refresh"}
		a.Release.Resources = []fleet.Resource{{Name: "zip", Uploaded: true}}
		a.Life = "dying"
	}
	for name, change := range map[string]func(*estate){
		"current":         func(e *estate) { e.app("web").Release.Revision = 5 },
		"left out":        func(e *estate) { e.goal.ExcludeApps = patterns("web.web") },
		"not among those": func(e *estate) { e.goal.Apps = patterns("db", "controller") },
		"in a model left": func(e *estate) { e.goal.Exclude = []fleet.ModelPattern{{Name: "web"}} },
		"later than channel": func(e *estate) {
			e.app("web").URL = url("web", 9)
			e.app("web").Life = "alive"
			e.app("web").Release.Actions = nil
		},
		"local": func(e *estate) { e.app("web").URL = "local:web-1"; e.app("web").Life = "alive" },
	} {
		e := well()
		charmsAlone(broken)(e)
		change(e)
		for _, got := range e.run() {
			if got.Code != "charm-local" && got.Code != "charm-off-channel" {
				t.Errorf("%s: %+v", name, got)
			}
		}
	}
}

func TestACharmIsAcceptedByApplication(t *testing.T) {
	for subject, want := range map[string]bool{
		webApp: true, "prod:admin/web.*": true, "prod-old:admin/web.web": true, "prod:admin/*": true, "*": true,
		"prod:admin/web": false, "prod:admin/web.logs": false, "prod:admin/db.web": false,
	} {
		e := well()
		charms(inError)(e)
		e.goal.Accept = []fleet.Acceptance{{Code: "charm-unit-error", Subject: subject}}
		f := only(t, e.run(), "charm-unit-error")
		if f.Accepted != want || !slices.Equal(f.Agents, []string{"unit web/0"}) || f.Application != "web" {
			t.Errorf("%s: %+v", subject, f)
		}
	}
}

func TestAUnitInErrorOrOutOfSightIsNotAlsoUnderway(t *testing.T) {
	e := well()
	charms(inError)(e)
	e.web().Status.Agents = append(e.web().Status.Agents, unit("web/1"), unit("web/2"))
	lost(&e.web().Status.Agents[4])
	e.app("web").Behind = []string{"web/0", "web/1"}
	none(t, e.run(), "charm-underway")
	e.app("web").Behind = append(e.app("web").Behind, "web/2")
	if f := only(t, e.run(), "charm-underway"); !strings.HasPrefix(f.Meaning, "web/2 does not") || len(f.Agents) > 0 {
		t.Errorf("%+v", f)
	}
}

func TestAFileIsGivenWithoutAskingCharmhub(t *testing.T) {
	e := well()
	charmed(e)
	give(e, "web.web", "web")
	unresolved(e.app("web"), fleet.Unreachable)
	e.app("web").Channel = "1/edge"
	if got := e.run(); len(got) != 0 {
		t.Errorf("found %+v", got)
	}
	e.app("web").URL, e.app("web").Release = "local:web-4", nil
	if got := e.run(); len(got) != 0 {
		t.Errorf("found %+v", got)
	}
	inError(e)
	if !only(t, e.run(), "charm-unit-error").Holds() {
		t.Error("a file is given to an application with a unit in error")
	}
}

func TestOneApplicationThatCharmhubCouldBeAskedForDoesNotShareTheFaultOfOthers(t *testing.T) {
	e := well()
	charmed(e)
	e.db().Status.Applications = append(e.db().Status.Applications, application("a", 1, 2), application("b", 1, 2))
	for _, name := range []string{"web", "a", "b"} {
		unresolved(e.app(name), fleet.Unreachable)
	}
	var got []string
	for _, f := range of(e.run(), "charmhub-unreachable") {
		got = append(got, f.Subject+" "+f.Application)
	}
	// Of web, one application is to be refreshed; of db, two are, and both cannot be.
	if diff := cmp.Diff([]string{"prod:admin/db ", webApp + " web"}, got); diff != "" {
		t.Error(diff)
	}
	e.app("a").Release = &fleet.Release{URL: url("a", 2), Revision: 2}
	if got := of(e.run(), "charmhub-unreachable"); len(got) != 2 || got[0].Application != "b" {
		t.Errorf("found %+v", got)
	}
}

func TestNoAccessIsWhyCharmhubCouldNotBeAsked(t *testing.T) {
	e := well()
	charmed(e)
	e.goal.Charms, e.goal.Include = fleet.CharmsOnly, []fleet.ModelPattern{{Name: "web"}}
	e.c().Access, e.web().Access = fleet.AccessLogin, fleet.AccessRead
	unresolved(e.app("web"), fleet.Forbidden)
	if got := holds(e.run()); !slices.Equal(got, []string{"model-access@prod:admin/web"}) {
		t.Errorf("held by %v", got)
	}
}

func TestAModelThatCanNotBeReadHoldsCharmsOnlyWhereSomeMayBeThere(t *testing.T) {
	for pattern, want := range map[string]int{"web": 1, "web.*": 1, "lab:web.web": 0, "db.db": 0} {
		e := well()
		charmed(e)
		e.goal.Charms, e.goal.Apps = fleet.CharmsOnly, patterns(pattern)
		e.web().Problem, e.web().Status = &fleet.Problem{Text: "oh"}, fleet.ModelStatus{}
		if got := of(e.run(), "model-unreadable"); len(got) != want {
			t.Errorf("%s: %+v", pattern, got)
		}
	}
}

func TestAgentsThatAreGoneHoldCharmsByApplicationWhereNoAgentIsToBeUpgraded(t *testing.T) {
	e := well()
	charmed(e)
	current(e)
	lost(&e.web().Status.Agents[3]) // of logs, which has nothing newer
	if got := holds(e.run()); len(got) != 0 {
		t.Errorf("held by %v", got)
	}
	lost(&e.web().Status.Agents[2])
	if got := holds(e.run()); !slices.Equal(got, []string{"charm-unit-lost@" + webApp}) {
		t.Errorf("held by %v", got)
	}
}

func TestBeforeAMoveCharmsOfTheControllersAreNotAsked(t *testing.T) {
	e := well()
	moves(charms(func(e *estate) { unresolved(e.app("controller"), fleet.NotFound) }))(e)
	none(t, e.run(), "charm-unresolved")
	unresolved(e.app("web"), fleet.NotFound)
	if f := only(t, e.run(), "charm-unresolved"); !strings.Contains(strings.Join(f.Fix, "\n"), "plan -c prod --to new --charms --exclude-app "+webApp) {
		t.Errorf("%v", f.Fix)
	}
}

func TestOneAnswerOfCharmhubShowsThatItIsThere(t *testing.T) {
	e := well()
	charmed(e)
	unresolved(e.app("web"), fleet.Other) // and logs was answered: it is current
	got := e.run()
	none(t, got, "charmhub-unreachable")
	if f := only(t, got, "charm-unresolved"); f.Subject != webApp {
		t.Errorf("%+v", f)
	}
	unresolved(e.app("logs"), fleet.NotFound)
	got = e.run()
	none(t, got, "charmhub-unreachable")
	if f := of(got, "charm-unresolved"); len(f) != 2 {
		t.Errorf("%+v", f)
	}
}

func TestADyingModelIsToldOnce(t *testing.T) {
	e := well()
	charmed(e)
	e.web().Life, e.app("web").Life = "dying", "dying"
	got := e.run()
	none(t, got, "charm-dying")
	only(t, got, "model-dying")
}

func TestWhereNothingIsKnownOfAModelAFileGivenThereHoldsItsUnreadability(t *testing.T) {
	e := well()
	charmed(e)
	e.goal.Charms, e.goal.Apps = fleet.CharmsOnly, patterns("db.db")
	give(e, "web.own", "own")
	for _, m := range []*fleet.Model{e.web(), e.own()} {
		m.Problem, m.Status = &fleet.Problem{Text: "oh"}, fleet.ModelStatus{}
	}
	// The controller's application is not among those that are wanted.
	if got := holds(e.run()); !slices.Equal(got, []string{"model-unreadable@prod:admin/web"}) {
		t.Errorf("held by %v", got)
	}
	e.goal.Exclude = []fleet.ModelPattern{{Name: "web"}}
	if got := holds(e.run()); len(got) != 0 {
		t.Errorf("held by %v", got)
	}
}

func TestAnApplicationWithoutAChannelIsToldAsSuch(t *testing.T) {
	e := well()
	charmed(e)
	e.app("web").Channel = ""
	if got := e.run(); len(got) != 0 {
		t.Errorf("found %+v", got)
	}
	unresolved(e.app("web"), fleet.Other)
	if f := only(t, e.run(), "charm-unresolved"); !strings.Contains(f.Meaning, "in its channel") {
		t.Errorf("%+v", f)
	}
}

func TestAnApplicationThatIsBeingRemovedIsToldOnce(t *testing.T) {
	e := well()
	charmsAlone(inError)(e)
	e.app("web").Life = "dying"
	if got := holds(e.run()); !slices.Equal(got, []string{"charm-dying@" + webApp}) {
		t.Errorf("held by %v", got)
	}
}

func TestWhatCharmhubDoesNotAnswerIsToldOnce(t *testing.T) {
	e := well()
	charmed(e)
	unresolved(e.app("web"), fleet.Other)
	unresolved(e.app("logs"), fleet.Other)
	if got := holds(e.run()); !slices.Equal(got, []string{"charmhub-unreachable@prod:admin/web"}) {
		t.Errorf("held by %v", got)
	}
}

func TestCharmsOfAModelThatHasMovedAreNotAskedWhereItWas(t *testing.T) {
	e := well()
	moves(charms(func(e *estate) {
		unresolved(e.app("web"), fleet.NotFound)
		there := *e.web()
		e.there().Models = append(e.there().Models, there)
	}))(e)
	none(t, e.run(), "charm-unresolved")
}

func TestAModelThatIsUpgradedAndRefreshedIsSpokenOfAsOneThatIsUpgraded(t *testing.T) {
	e := well()
	charmed(e)
	e.web().Migration = "quiescing"
	e.own().Condition.Status = "suspended"
	e.app("controller").Release.Revision++
	got := e.run()
	if f := only(t, got, "model-migrating"); !strings.Contains(f.Meaning, "upgrade it when") {
		t.Errorf("%+v", f)
	}
	if f := only(t, got, "model-suspended"); f.Scope != fleet.WholeController {
		t.Errorf("%+v", f)
	}
}
