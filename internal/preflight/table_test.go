package preflight

import (
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/juju/version/v2"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// firing is a change to a world in which all is well, and what it makes
// preflight say.
type firing struct {
	code   string
	when   string
	change func(*estate)
	// subject, severity, scope and acceptable are of the finding.
	subject    string
	severity   fleet.Severity
	scope      fleet.Scope
	acceptable bool
	// says are parts of the meaning and the commands.
	says []string
}

func problem(code fleet.ProblemCode) func(*estate) {
	return func(e *estate) {
		*e.c() = fleet.Controller{Ref: e.c().Ref, Problem: &fleet.Problem{Code: code, Text: "no\n way"}}
	}
}

func refused(text string) func(*estate) {
	return func(e *estate) { e.c().Objections.Problem = &fleet.Problem{Code: fleet.Refused, Text: text} }
}

func lost(a *fleet.Agent) {
	a.State = fleet.Condition{Status: "lost", Message: "agent is not communicating with the server", Since: looked.Add(-3 * time.Hour)}
}

func accessFirings() []firing {
	b, c := fleet.Blocker, fleet.WholeController
	return []firing{
		{"client-older", "an older patch", func(e *estate) { e.fleet.Client.Version = old; e.fleet.Client.Snap = true },
			"client", fleet.Warning, fleet.WholeRun, false, []string{"3.6.4", "3.6.11", "snap refresh juju --channel=3.6/stable"}},
		{"client-missing", "none", func(e *estate) { e.fleet.Client = fleet.Client{} },
			"client", fleet.Notice, fleet.WholeRun, false, []string{"PATH"}},
		{"controller-unreachable", "no answer", problem(fleet.Unreachable), "prod", b, c, false, []string{"no way", "juju show-controller prod", "--skip-blocked   # or leave it out of -c"}},
		{"controller-busy", "maintenance", problem(fleet.Busy), "prod", b, c, false, []string{"no way"}},
		{"login-needed", "expired", problem(fleet.LoginNeeded), "prod", b, c, false, []string{"juju login -c prod"}},
		{"controller-forbidden", "no permission", problem(fleet.Forbidden), "prod", b, c, false, []string{"juju whoami -c prod"}},
		{"controller-unsupported", "JAAS", problem(fleet.Unsupported), "prod", b, c, false, []string{"no way"}},
		{"controller-unreadable", "whatever", problem(fleet.Other), "prod", b, c, false, []string{"no way"}},
		{"controller-too-old", "2.9.46", func(e *estate) { e.c().Version = version.MustParse("2.9.46") },
			"prod", b, c, false, []string{"2.9.47"}},
		{"no-superuser", "login only", func(e *estate) { e.c().Access = fleet.AccessLogin; e.c().Objections = nil },
			"prod", b, c, false, []string{"juju grant -c prod admin superuser", "-m 'prod:*'"}},
		{"model-access", "read only", func(e *estate) {
			e.c().Access, e.web().Access = fleet.AccessLogin, fleet.AccessRead
			e.goal.Include = []fleet.ModelPattern{{Name: "web"}}
			goTo(e.web(), version.MustParse("3.6.2"))
		}, "prod:admin/web", b, fleet.OneModel, false, []string{"juju grant -c prod admin write admin/web"}},
	}
}

func versionFirings() []firing {
	b, c := fleet.Blocker, fleet.WholeController
	return []firing{
		{"not-a-patch", "another series", func(e *estate) { e.goal.AgentVersion = version.MustParse("4.0.1") },
			"prod", b, c, false, []string{"new controller"}},
		{"not-a-patch", "older", func(e *estate) { e.goal.AgentVersion = version.MustParse("3.6.3") },
			"prod", b, c, false, []string{"no way back"}},
		{"not-controllers-version", "with -m", func(e *estate) {
			e.goal.Include, e.goal.AgentVersion = []fleet.ModelPattern{{Name: "web"}}, target
		}, "prod", b, c, false, []string{"--with-controller"}},
		{"newest-unknown", "the dry run failed", func(e *estate) {
			e.c().Objections = &fleet.Objections{Problem: &fleet.Problem{Code: fleet.Unreachable, Text: "was\ncut"}}
		}, "prod", b, c, false, []string{"newer than 3.6.4", "was cut", "juju upgrade-controller -c prod --dry-run", "--agent-version"}},
		{"newest-unknown", "not asked", func(e *estate) { e.c().Objections = nil },
			"prod", b, c, false, []string{"not asked"}},
		{"nothing-newer", "up to date", func(e *estate) { e.c().Objections = &fleet.Objections{} },
			"prod", fleet.Notice, c, false, []string{`"released"`, "https://streams.canonical.com/juju/tools"}},
		{"nothing-newer", "of a pod", func(e *estate) { e.c().Objections, e.own().Type = &fleet.Objections{}, fleet.CAAS },
			"prod", fleet.Notice, c, false, []string{"and in its image registry", "the registry has it and the stream tells of none", "caas-image-repo"}},
		{"newer-elsewhere", "a sibling sees newer", func(e *estate) {
			e.c().Objections = &fleet.Objections{}
			e.other("lab", old).Objections = &fleet.Objections{Chosen: target}
		}, "prod", fleet.Warning, c, false, []string{"lab", "3.6.11"}},
		{"model-behind", "3.5", func(e *estate) { goTo(e.web(), version.MustParse("3.5.4")) },
			"prod:admin/web", fleet.Notice, fleet.OneModel, false, []string{"3.5.4", "3.6.11"}},
		{"model-newer", "ahead of its controller", func(e *estate) { goTo(e.web(), version.MustParse("3.6.9")) },
			"prod:admin/web", b, fleet.OneModel, false, []string{"3.6.9"}},
		{"model-too-old", "2.9.42", func(e *estate) { goTo(e.web(), version.MustParse("2.9.42")) },
			"prod:admin/web", b, c, false, []string{"2.9.43"}},
		{"juju-refuses", "of one model", refused("cannot upgrade to \"3.6.11\" due to issues with these models:\n\"admin/web\":\n- the model hosts deprecated ubuntu machine(s): ubuntu@18.04(1)\n- another"),
			"prod:admin/web", b, c, false, []string{"ubuntu@18.04(1); another", "juju upgrade-controller -c prod --dry-run"}},
		{"juju-refuses", "of all", refused("database node 3 has state DOWN"), "prod", b, c, false, []string{"state DOWN"}},
		{"juju-refuses", "of a pod", func(e *estate) {
			refused("non-successful response status=503")(e)
			e.own().Type = fleet.CAAS
		}, "prod", b, c, false, []string{"status=503; it looks for agents in stream", "and in its image registry", "caas-image-repo"}},
		{"juju-refuses", "not to be asked", func(e *estate) { e.c().Objections.Problem = &fleet.Problem{Code: fleet.Unreachable, Text: "cut"} },
			"prod", b, c, false, []string{"could not be asked"}},
		{"version-not-offered", "unknown version", func(e *estate) {
			e.goal.AgentVersion = version.MustParse("3.6.99")
			e.c().Objections = &fleet.Objections{Problem: &fleet.Problem{Code: fleet.NotFound, Text: "no matching agent versions available"}}
		}, "prod", b, c, false, []string{"3.6.99", "released", "juju model-config -m prod:admin/controller agent-stream"}},
		{"arch-missing", "arm64 in a model", func(e *estate) { e.db().Status.Agents[1].Arch = "arm64" },
			"prod:admin/db", b, fleet.OneModel, false, []string{"arm64", "machine 1"}},
		{"arch-missing", "arm64 in the controller", func(e *estate) { e.own().Status.Agents[1].Arch = "arm64" },
			"prod:admin/controller", b, c, false, []string{"arm64", "machine 1"}},
	}
}

func controllerFirings() []firing {
	b, c := fleet.Blocker, fleet.WholeController
	return []firing{
		{"upgrade-adopted", "the same version", func(e *estate) { e.c().Upgrading = target },
			"prod", fleet.Notice, c, false, []string{"3.6.11", "adopted"}},
		{"upgrade-adopted", "only its model's version tells", func(e *estate) { e.own().Version = target; e.c().Objections.Chosen = version.Zero },
			"prod", fleet.Notice, c, false, []string{"3.6.11"}},
		{"upgrade-adopted", "one server is behind", func(e *estate) { controllerAt(e.c(), target); e.c().Servers[2].Version = old },
			"prod", fleet.Notice, c, false, []string{"3.6.11"}},
		{"upgrade-in-progress", "to another version", func(e *estate) {
			e.goal.AgentVersion, e.c().Upgrading = target, version.MustParse("3.6.9")
		}, "prod", b, c, false, []string{"3.6.9", "--agent-version 3.6.9"}},
		{"upgrade-in-progress", "models alone", func(e *estate) {
			e.goal.Include, e.c().Upgrading = []fleet.ModelPattern{{Name: "web"}}, target
		}, "prod", b, c, false, []string{"no model"}},
		{"controller-model-hidden", "not in the list", func(e *estate) { e.c().Models = e.c().Models[1:] },
			"prod", b, c, false, []string{"juju models -c prod --all"}},
		{"server-down", "one of three", func(e *estate) {
			e.c().Servers[1] = fleet.Server{Addresses: []string{"10.0.0.2:17070"}, Problem: &fleet.Problem{Code: fleet.Unreachable, Text: "timeout"}}
		}, "prod", b, c, true, []string{"1 of 3 servers", "10.0.0.2:17070", "timeout"}},
		{"controller-machine-down", "one of three", func(e *estate) { e.own().Status.Agents[2].State.Status = "down" },
			"prod:admin/controller", b, c, false, []string{"machine 2 down; Juju", "juju ssh -m prod:admin/controller 2", "jujud-machine-2"}},
		{"controller-machine-down", "in error after an aborted upgrade", func(e *estate) {
			e.own().Status.Agents[1].State = fleet.Condition{Status: "error", Message: "upgrade to 3.6.11 failed (giving up)"}
		}, "prod:admin/controller", b, c, false, []string{"giving up"}},
		{"ha-even", "two", func(e *estate) {
			e.c().Servers = e.c().Servers[:2]
			e.own().Status.Agents = append(e.own().Status.Agents[:2:2], unit("controller/0"))
		}, "prod", fleet.Notice, c, false, []string{"juju enable-ha -c prod -n 3"}},
		{"commands-blocked", "in the controller's model", func(e *estate) { e.own().ChangesBlocked = true },
			"prod:admin/controller", b, c, false, []string{"juju enable-command all -m prod:admin/controller"}},
		{"commands-blocked", "and models alone on 3.6", func(e *estate) {
			e.own().ChangesBlocked = true
			e.goal.Include = []fleet.ModelPattern{{Name: "web"}}
			goTo(e.web(), version.MustParse("3.6.2"))
		}, "prod:admin/controller", b, c, false, []string{"all its models"}},
		{"commands-blocked", "and nothing newer is told", func(e *estate) {
			e.own().ChangesBlocked = true
			e.c().Objections = &fleet.Objections{Problem: &fleet.Problem{Code: fleet.Blocked, Text: "blocked"}}
		}, "prod:admin/controller", b, c, false, []string{"juju enable-command all -m prod:admin/controller", "no knowing whether it is up to date"}},
		{"commands-blocked", "and only the dry run tells", func(e *estate) {
			e.c().Objections = &fleet.Objections{Problem: &fleet.Problem{Code: fleet.Blocked, Text: "blocked"}}
		}, "prod:admin/controller", b, c, false, []string{"juju enable-command all -m prod:admin/controller"}},
		{"controller-machine-down", "at the target already", func(e *estate) {
			controllerAt(e.c(), target)
			e.c().Objections = &fleet.Objections{}
			lost(&e.own().Status.Agents[2])
		}, "prod:admin/controller", fleet.Warning, c, false, []string{"nothing of the controller is left to upgrade"}},
		{"known-issue", "no controller application", func(e *estate) {
			e.c().Objections.Chosen = version.MustParse("3.6.23")
			e.own().Status.Agents = e.own().Status.Agents[:3]
		}, "prod", fleet.Warning, c, false, []string{"issues/22621"}},
		{"known-issue", "models on Kubernetes", func(e *estate) {
			e.c().Objections.Chosen = version.MustParse("3.6.14")
			e.web().Type = fleet.CAAS
		}, "prod", fleet.Warning, c, false, []string{"issues/21684"}},
		{"backup-impossible", "with auto", func(e *estate) { e.own().Type = fleet.CAAS; e.goal.Backup = fleet.BackupAuto },
			"prod", fleet.Warning, c, false, []string{"Kubernetes"}},
		{"backup-impossible", "with require", func(e *estate) { e.own().Type = fleet.CAAS; e.goal.Backup = fleet.BackupRequire },
			"prod", b, c, false, []string{"--backup skip"}},
		{"backup-may-fail", "3.6.4", func(e *estate) { e.goal.Backup = fleet.BackupAuto },
			"prod", fleet.Notice, c, false, []string{"#22249"}},
		{"backup-not-restorable", "3.6.23", func(e *estate) {
			e.goal.Backup = fleet.BackupAuto
			controllerAt(e.c(), version.MustParse("3.6.23"))
			e.c().Objections.Chosen = version.MustParse("3.6.28")
		}, "prod", fleet.Notice, c, false, []string{"format 2"}},
	}
}

func modelFirings() []firing {
	b, m := fleet.Blocker, fleet.OneModel
	web := "prod:admin/web"
	return []firing{
		{"model-unreadable", "a hosted model", func(e *estate) {
			e.web().Problem, e.web().Status = &fleet.Problem{Code: fleet.Other, Text: "oh"}, fleet.ModelStatus{}
		}, web, b, m, false, []string{"oh", "juju status -m prod:admin/web"}},
		{"model-unreadable", "the controller's", func(e *estate) { e.own().Problem = &fleet.Problem{Text: "oh"} },
			"prod:admin/controller", b, fleet.WholeController, false, []string{"oh"}},
		{"model-dying", "dying", func(e *estate) { e.web().Life = "dying" }, web, b, m, false, []string{"--exclude prod:admin/web"}},
		{"model-migrating", "away", func(e *estate) { e.web().Migration = "quiescing" }, web, b, m, false, []string{"quiescing"}},
		{"model-busy", "importing", func(e *estate) { e.web().Status.Condition = fleet.Condition{Status: "busy", Message: "importing"} },
			web, b, m, false, []string{"importing"}},
		{"model-suspended", "credential", func(e *estate) { e.web().Condition = fleet.Condition{Status: "suspended"} },
			web, b, m, true, []string{"juju set-credential -m prod:admin/web lab", "juju update-credential -c prod lab"}},
		{"model-commands-blocked", "on 3.6", func(e *estate) { e.web().ChangesBlocked = true }, web, b, m, true, []string{"juju enable-command all -m prod:admin/web"}},
		{"model-commands-blocked", "on 4.1", func(e *estate) {
			controllerAt(e.c(), version.MustParse("4.1.0"))
			goTo(e.db(), version.MustParse("4.1.0"))
			goTo(e.web(), version.MustParse("4.1.0"))
			e.c().Objections.Chosen = version.MustParse("4.1.1")
			e.web().ChangesBlocked = true
		}, web, b, m, false, []string{"Juju refuses"}},
		{"actions-running", "one", func(e *estate) { e.web().Operations = 1 }, web, fleet.Warning, m, false, []string{"1 action is", "agents go down and wait until it ends", "reports it as failed", "juju operations -m prod:admin/web", "juju cancel-task -m prod:admin/web"}},
		{"pods-restart", "k8s", func(e *estate) {
			e.web().Type = fleet.CAAS
			e.web().Status.Applications = []fleet.Application{{Name: "web"}, {Name: "cache"}}
			e.web().Status.Agents = append(e.web().Status.Agents, fleet.Agent{Kind: fleet.UnitAgent, Name: "cache/0", Version: e.web().Version, State: fleet.Condition{Status: "idle"}})
		}, web, fleet.Warning, m, false, []string{"3 units", "of one unit only, and so away meanwhile: cache, web"}},
		{"controller-pod", "with models on its cluster", func(e *estate) { e.own().Type, e.web().Type = fleet.CAAS, fleet.CAAS },
			"prod", fleet.Warning, fleet.WholeController, false, []string{"one pod", "about 40 seconds", "its 2 units in 1 model"}},
		{"images-not-tried", "a model alone", func(e *estate) { e.web().Type = fleet.CAAS },
			"prod", fleet.Notice, fleet.WholeController, false, []string{"jujud-operator:3.6.11", "Juju does not look for it", "kubectl run try-image"}},
		{"images-not-tried", "the controller", func(e *estate) { e.own().Type = fleet.CAAS },
			"prod", fleet.Notice, fleet.WholeController, false, []string{"jujud-operator:3.6.11", "for amd64"}},
		{"model-underway", "asked before", func(e *estate) {
			controllerAt(e.c(), target)
			e.web().Version = target
		}, web, fleet.Notice, m, false, []string{"4 agents", "at 3.6.4"}},
		{"agent-down", "a unit is lost", func(e *estate) { lost(&e.db().Status.Agents[3]) },
			"prod:admin/db", b, m, true, []string{"unit db/1 lost (agent is", "juju status -m prod:admin/db", "juju ssh -m prod:admin/db db/1"}},
		{"agent-down", "of the controller's model", func(e *estate) { lost(&e.own().Status.Agents[4]) },
			"prod:admin/controller", b, fleet.WholeController, true, []string{"unit controller/1"}},
		{"agent-down", "at the target already", func(e *estate) {
			controllerAt(e.c(), target)
			goTo(e.web(), target)
			goTo(e.db(), target)
			lost(&e.web().Status.Agents[2])
		}, web, fleet.Warning, m, false, []string{"unit web/0", "nothing of the model is left to upgrade"}},
		{"agent-lagging", "an older version", func(e *estate) { e.web().Status.Agents[2].Version = version.MustParse("3.6.2") },
			web, b, m, false, []string{"unit web/0 at 3.6.2", "the model is at 3.6.4"}},
		{"agent-not-started", "a pending machine", func(e *estate) {
			a := &e.web().Status.Agents[0]
			a.Version, a.State.Status = version.Zero, "pending"
		}, web, b, m, false, []string{"machine 0 pending", "refuses"}},
		{"agent-not-started", "where Juju goes on", func(e *estate) {
			e.web().Type = fleet.CAAS
			a := &e.web().Status.Agents[2]
			a.Version, a.State.Status = version.Zero, "allocating"
		}, web, fleet.Notice, m, false, []string{"unit web/0 allocating"}},
		{"machine-error", "the cloud says so", func(e *estate) { e.web().Status.Agents[0].Health.Status = "provisioning error" },
			web, b, m, true, []string{"machine 0 provisioning error", "juju retry-provisioning -m prod:admin/web 0"}},
		{"unit-error", "a failed hook", func(e *estate) {
			e.web().Status.Agents[2].Health = fleet.Condition{Status: "error", Message: `hook failed: "config-changed"`}
		}, web, fleet.Warning, m, false, []string{"hook failed", "juju resolved -m prod:admin/web web/0"}},
		{"accept-unused", "no such finding", func(e *estate) { e.goal.Accept = []fleet.Acceptance{{Code: "agent-down", Subject: "*"}} },
			"agent-down@*", fleet.Notice, fleet.WholeRun, false, []string{"meets no finding"}},
		{"accept-unused", "not to be accepted", func(e *estate) {
			e.web().Life = "dying"
			e.goal.Accept = []fleet.Acceptance{{Code: "model-dying", Subject: "*"}}
		}, "model-dying@*", fleet.Notice, fleet.WholeRun, false, []string{"cannot be accepted"}},
	}
}

func firings() []firing {
	return slices.Concat(accessFirings(), versionFirings(), controllerFirings(), modelFirings(),
		targetFirings(), sourceFirings(), landingFirings(), credentialFirings(), moveAgentFirings(),
		bootstrapFirings(), plannedFirings(), restoreFirings(), cloneFirings(), charmFirings())
}

func TestWhereAllIsWellNothingIsSaid(t *testing.T) {
	if got := well().run(); len(got) != 0 {
		t.Errorf("found %+v", got)
	}
}

func TestEachCheckFindsWhatItIsFor(t *testing.T) {
	for _, f := range firings() {
		t.Run(f.code+" "+f.when, func(t *testing.T) {
			e := well()
			f.change(e)
			got := only(t, e.run(), f.code)
			if got.Subject != f.subject || got.Severity != f.severity || got.Scope != f.scope || got.Acceptable != f.acceptable {
				t.Errorf("found %+v", got)
			}
			text := strings.Join(append(append([]string{got.Meaning}, got.See...), got.Fix...), "\n")
			for _, part := range f.says {
				if !strings.Contains(text, part) {
					t.Errorf("%q is not in:\n%s", part, text)
				}
			}
			if strings.ContainsAny(got.Meaning, "\n\t") {
				t.Errorf("more than one line: %q", got.Meaning)
			}
		})
	}
}

func TestEachCheckHasAWorldInWhichItFires(t *testing.T) {
	fires := map[string]bool{unfinishedRun().Code: true} // TestAnUnfinishedRunNamesBothWaysOut
	for _, f := range firings() {
		fires[f.code] = true
	}
	for _, c := range Checks() {
		if !fires[c.Code] {
			t.Errorf("no test makes %s fire", c.Code)
		}
	}
	if len(fires) != len(Checks()) {
		t.Errorf("%d codes are tested, %d are listed", len(fires), len(Checks()))
	}
}

func TestEveryFindingIsAsTheListSays(t *testing.T) {
	listed := map[string]Check{}
	for _, c := range Checks() {
		if _, twice := listed[c.Code]; twice {
			t.Errorf("%s is listed twice", c.Code)
		}
		if !regexp.MustCompile(`^[a-z]+(-[a-z0-9]+)*$`).MatchString(c.Code) || !strings.HasSuffix(c.Summary, ".") {
			t.Errorf("badly listed: %+v", c)
		}
		listed[c.Code] = c
	}
	for _, f := range firings() {
		e := well()
		f.change(e)
		seen := map[string]bool{}
		for _, got := range e.run() {
			c, ok := listed[got.Code]
			switch {
			case !ok:
				t.Errorf("%s is not listed", got.Code)
			case weight(got.Severity) < weight(c.Severity):
				t.Errorf("%s is worse than listed: %+v", got.Code, got)
			case got.Acceptable && !c.Acceptable:
				t.Errorf("%s is acceptable against the list: %+v", got.Code, got)
			case got.Accepted && len(got.Agents) > 0 && got.Scope != fleet.OneApplication && got.Code != "agent-down" && got.Code != "machine-error":
				t.Errorf("accepting %s exempts agents", got.Code)
			case seen[got.Name()]:
				t.Errorf("said twice: %s", got.Name())
			case got.Severity == fleet.Blocker && len(got.See)+len(got.Fix) == 0:
				t.Errorf("%s holds something and names no command", got.Code)
			}
			seen[got.Name()] = true
		}
	}
}
