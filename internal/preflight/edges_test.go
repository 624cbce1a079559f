package preflight

import (
	"testing"

	"github.com/juju/version/v2"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// silent are worlds in which a check must not speak.
func silent() map[string]struct {
	code   string
	change func(*estate)
} {
	alone := func(e *estate) { e.goal.Include = []fleet.ModelPattern{{Name: "web"}} }
	return map[string]struct {
		code   string
		change func(*estate)
	}{
		"a gone agent without a version is down, not waiting to start": {"agent-not-started", func(e *estate) {
			lost(&e.web().Status.Agents[2])
			e.web().Status.Agents[2].Version = version.Zero
		}},
		"a machine that is gone is told once": {"machine-error", func(e *estate) {
			lost(&e.web().Status.Agents[0])
			e.web().Status.Agents[0].Health.Status = "error"
		}},
		"a controller's machine is told by controller-machine-down": {"machine-error", func(e *estate) { e.own().Status.Agents[0].State.Status = "error" }},
		"a unit that is gone is told once": {"unit-error", func(e *estate) {
			lost(&e.web().Status.Agents[2])
			e.web().Status.Agents[2].Health.Status = "error"
		}},
		"up to date is no refusal": {"juju-refuses", func(e *estate) {
			e.c().Objections = &fleet.Objections{Problem: &fleet.Problem{Code: fleet.UpToDate, Text: "no upgrades available"}}
		}},
		"a block is told by commands-blocked": {"juju-refuses", func(e *estate) {
			e.own().ChangesBlocked = true
			e.c().Objections.Problem = &fleet.Problem{Code: fleet.Blocked, Text: "the operation has been blocked"}
		}},
		"models alone adopt no upgrade of the controller": {"upgrade-adopted", func(e *estate) {
			alone(e)
			e.c().Servers[2].Version = version.MustParse("3.6.2")
		}},
		"an upgrade that no model has to wait for": {"upgrade-in-progress", func(e *estate) {
			alone(e)
			e.own().Version = target
		}},
		"who wishes what is there needs no superuser": {"no-superuser", func(e *estate) {
			e.c().Access, e.c().Objections, e.goal.AgentVersion = fleet.AccessLogin, nil, old
		}},
		"a superuser may write everywhere": {"model-access", func(e *estate) { e.web().Access = "" }},
		"-m elsewhere with another version": {"not-controllers-version", func(e *estate) {
			e.goal.Include, e.goal.AgentVersion = []fleet.ModelPattern{{Controller: "lab", Name: "web"}}, target
		}},
		"a model whose version is not told is not too old": {"model-too-old", func(e *estate) { e.web().Version = version.Zero }},
		"another series is no sibling": {"newer-elsewhere", func(e *estate) {
			e.c().Objections = &fleet.Objections{}
			e.other("lab", version.MustParse("4.1.0"))
		}},
		"no access is why it cannot be read": {"model-unreadable", func(e *estate) {
			alone(e)
			e.c().Access, e.web().Access = fleet.AccessLogin, ""
			e.web().Problem = &fleet.Problem{Code: fleet.Forbidden}
		}},
		"a migration is told once": {"model-busy", func(e *estate) {
			e.web().Migration = "quiescing"
			e.web().Condition.Status = "busy"
		}},
		"pods that restarted or are about to do not restart again": {"pods-restart", func(e *estate) {
			controllerAt(e.c(), target)
			e.web().Type, e.web().Version = fleet.CAAS, target
		}},
		"no backup at all cannot fail": {"backup-may-fail", func(e *estate) {
			e.goal.Backup, e.own().Type = fleet.BackupAuto, fleet.CAAS
		}},
		"a controller that is up to date needs no newer client": {"client-older", func(e *estate) {
			e.fleet.Client.Version = version.MustParse("3.6.2")
			e.c().Objections = &fleet.Objections{}
		}},
		"a controller that cannot be looked at needs no newer client": {"client-older", func(e *estate) {
			e.fleet.Client.Version = old
			e.c().Problem = &fleet.Problem{Code: fleet.Unreachable}
		}},
	}
}

func TestChecksKeepSilentAboutWhatIsNotTheirs(t *testing.T) {
	for name, s := range silent() {
		t.Run(name, func(t *testing.T) {
			e := well()
			s.change(e)
			none(t, e.run(), s.code)
		})
	}
}

func TestAControllerIsThereOnlyWhenTheAgentsOfItsModelAre(t *testing.T) {
	e := well()
	controllerAt(e.c(), target)
	e.c().Objections = &fleet.Objections{}
	lost(&e.own().Status.Agents[4])
	if f := only(t, e.run(), "agent-down"); f.Scope != fleet.WholeController || f.Holds() {
		t.Errorf("%+v", f)
	}
	e.own().Status.Agents[3].Version = old
	if !only(t, e.run(), "agent-down").Holds() {
		t.Error("it holds nothing, though an agent is still to be upgraded")
	}
}

func TestModelsAloneWaitForAServerThatIsBehind(t *testing.T) {
	e := well()
	controllerAt(e.c(), target)
	e.c().Servers[2].Version = old
	e.goal.Include = []fleet.ModelPattern{{Name: "web"}}
	if !only(t, e.run(), "upgrade-in-progress").Holds() {
		t.Error("it holds nothing")
	}
}

func TestOnlyBlockersAreAcceptable(t *testing.T) {
	for _, f := range firings() {
		e := well()
		f.change(e)
		for _, got := range e.run() {
			if got.Acceptable && got.Severity != fleet.Blocker {
				t.Errorf("%+v", got)
			}
		}
	}
}
