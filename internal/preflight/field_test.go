package preflight

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// The promises of this file come from use on real controllers.

func TestALookForTheNewestThatFailedIsToldOnceAndNeverUpToDate(t *testing.T) {
	own := func(code fleet.ProblemCode) *fleet.Objections {
		return &fleet.Objections{Problem: &fleet.Problem{Code: code, Text: "no"}}
	}
	for code, o := range map[string]*fleet.Objections{
		"newest-unknown":      own(fleet.Other),
		"commands-blocked":    own(fleet.Blocked),
		"juju-refuses":        own(fleet.Refused),
		"version-not-offered": own(fleet.NotFound),
	} {
		e := well()
		e.c().Objections = o
		got := e.run()
		if !only(t, got, code).Holds() || len(holds(got)) != 1 {
			t.Errorf("%s: held by %v", code, holds(got))
		}
		none(t, got, "nothing-newer")
		none(t, got, "newer-elsewhere")
	}
	e := well()
	e.c().Access, e.c().Objections = fleet.AccessLogin, nil
	if got := holds(e.run()); !cmp.Equal(got, []string{"no-superuser@prod"}) {
		t.Errorf("without superuser access: held by %v", got)
	}
	for name, change := range map[string]func(*estate){
		"a wish":       func(e *estate) { e.goal.AgentVersion = target },
		"models alone": func(e *estate) { e.goal.Include = []fleet.ModelPattern{{Name: "web"}} },
		"under way":    func(e *estate) { e.own().Version = target },
	} {
		e := well()
		e.c().Objections = nil
		change(e)
		if got := of(e.run(), "newest-unknown"); len(got) > 0 {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestAgentsThatAreDownHoldNothingWhereNothingIsToBeUpgraded(t *testing.T) {
	for _, include := range [][]fleet.ModelPattern{nil, {{Name: "web"}}} {
		e := well()
		controllerAt(e.c(), target)
		e.c().Objections = &fleet.Objections{}
		goTo(e.web(), target)
		goTo(e.db(), target)
		spoil(e.web())
		lost(&e.web().Status.Agents[2])
		e.goal.Include = include
		if got := holds(e.run()); len(got) > 0 {
			t.Errorf("held by %v", got)
		}
		e.goal.Accept = []fleet.Acceptance{{Code: "agent-down", Subject: "*"}}
		if f := only(t, e.run(), "accept-unused"); !strings.Contains(f.Meaning, "agent-down@prod:admin/web holds nothing") {
			t.Errorf("found %+v", f)
		}
		e.web().Life, e.web().Migration, e.web().ChangesBlocked, e.web().Condition.Status = "alive", "", false, "available"
		e.web().Access, e.goal.Accept = fleet.AccessAdmin, nil
		e.web().Status.Agents[3].Version = old
		if !only(t, e.run(), "agent-down").Holds() {
			t.Error("it holds nothing, though an agent is still to be upgraded")
		}
	}
}

func TestOneMachineIsRestartedOnce(t *testing.T) {
	down := func(told bool) []string {
		e := well()
		for i := range e.db().Status.Agents {
			a := &e.db().Status.Agents[i]
			if a.Name == "1" {
				continue // machine 1 is well
			}
			lost(a)
			if told && isUnit(*a) == 1 {
				a.Machine = strings.TrimPrefix(a.Name, "db/")
			}
		}
		return only(t, e.run(), "agent-down").Fix
	}
	zero := `juju ssh -m prod:admin/db 0 "sudo systemctl restart 'jujud-machine-0'"`
	one := `juju ssh -m prod:admin/db 1 "sudo systemctl restart 'jujud-machine-1'"`
	if diff := cmp.Diff([]string{zero, one}, down(true)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{zero}, down(false)); diff != "" {
		t.Error(diff)
	}
}

func TestOfAnAgentThatIsDownNoTimeIsTold(t *testing.T) {
	e := well()
	lost(&e.db().Status.Agents[3])
	lost(&e.own().Status.Agents[1])
	for _, f := range e.run() {
		text := f.Meaning + strings.Join(f.See, "\n")
		if strings.Contains(text, "since") || strings.Contains(text, "show-status-log") {
			t.Errorf("found %+v", f)
		}
	}
}

func TestTheMachineOfAServerThatIsDownIsNamedWhereItCanBeTold(t *testing.T) {
	down := func(e *estate, i int) {
		e.c().Servers[i].Problem = &fleet.Problem{Code: fleet.Unreachable, Text: "timeout"}
	}
	restart := func(where, machine string) string {
		return "juju ssh -m prod:admin/controller " + where + ` "sudo systemctl restart 'jujud-machine-` + machine + `'"`
	}
	for name, test := range map[string]struct {
		change func(*estate)
		want   []string
	}{
		"its agent is down": {func(e *estate) { down(e, 1); lost(&e.own().Status.Agents[1]) }, []string{restart("1", "1")}},
		"nothing tells":     {func(e *estate) { down(e, 1) }, []string{restart("<machine>", "*")}},
		"one of two": {func(e *estate) { down(e, 1); down(e, 2); lost(&e.own().Status.Agents[2]) },
			[]string{restart("2", "2"), restart("<machine>", "*")}},
		"only one machine": {func(e *estate) {
			down(e, 1)
			e.own().Status.Agents = append(e.own().Status.Agents[:1:1], unit("controller/0"))
		}, []string{restart("0", "0")}},
	} {
		e := well()
		test.change(e)
		if diff := cmp.Diff(test.want, only(t, e.run(), "server-down").Fix); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestThatABackupMayFailIsOneShortNotice(t *testing.T) {
	e := well()
	e.goal.Backup = fleet.BackupAuto
	f := only(t, e.run(), "backup-may-fail")
	if len(f.See)+len(f.Fix) > 0 || len(f.Meaning) > 100 {
		t.Errorf("found %+v", f)
	}
}
