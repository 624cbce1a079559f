package jujutest_test

import (
	"testing"
	"time"

	"github.com/juju/juju/rpc/params"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujutest/estate"
)

const sick = `
speed: 100
controllers:
  - name: prod
    version: 3.6.4
    ha: 3
    faults: [{kind: killed, server: 2}]
    models:
      - name: web
        machines: 2
        applications: [{name: app, units: 3}]
        actions:
          - {unit: app/0, name: backup}
          - {unit: app/2, name: restore, status: pending}
        faults:
          - {agent: machine-1, kind: down}
`

func TestAgentsThatAreDownFromTheStartHaveBeenSoForHours(t *testing.T) {
	w := start(t, sick)
	long := func(what string, s params.DetailedStatus, want bool) {
		t.Helper()
		if s.Since == nil {
			t.Fatalf("%s: no time", what)
		}
		if age := time.Since(*s.Since); (age > 2*time.Hour) != want {
			t.Errorf("%s is %s since %s", what, s.Status, age)
		}
	}
	st := status(t, open(t, w, "prod", "web"))
	long("machine 1", st.Machines["1"].AgentStatus, true)
	long("app/1, on machine 1", st.Applications["app"].Units["app/1"].AgentStatus, true)
	long("machine 0", st.Machines["0"].AgentStatus, false)
	long("the dead member", status(t, open(t, w, "prod", "controller")).Machines["2"].AgentStatus, true)

	if err := w.SetAgentFault("prod", "web", estate.AgentFault{Agent: "machine-0", Kind: estate.AgentDown}); err != nil {
		t.Fatal(err)
	}
	long("machine 0, which went down just now", status(t, open(t, w, "prod", "web")).Machines["0"].AgentStatus, false)
}

func TestAUnitThatRunsAnActionIsShownExecuting(t *testing.T) {
	w := start(t, sick)
	units := status(t, open(t, w, "prod", "web")).Applications["app"].Units
	if got := units["app/0"].AgentStatus; got.Status != "executing" || got.Info != "running action backup" {
		t.Errorf("app/0: %s (%s)", got.Status, got.Info)
	}
	if got := units["app/2"].AgentStatus; got.Status != "idle" {
		t.Errorf("app/2, whose action waits: %s", got.Status)
	}
	if err := w.SetAgentFault("prod", "web", estate.AgentFault{Agent: "unit-app-0", Kind: estate.AgentDown}); err != nil {
		t.Fatal(err)
	}
	if got := status(t, open(t, w, "prod", "web")).Applications["app"].Units["app/0"].AgentStatus; got.Status != "lost" {
		t.Errorf("app/0, which is gone: %s", got.Status)
	}
}
