package jujuapi_test

import (
	"context"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujuapi"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujutest/estate"
)

func TestALookShowsAllThatTheControllerKnows(t *testing.T) {
	b := prepare(t, two)
	c := b.look("prod")
	if c.Version != v("3.6.4") || c.User != "admin" || !c.Superuser() || c.Region != "east" || c.Stream != "released" {
		t.Errorf("controller: %+v", c)
	}
	if len(c.Servers) != 3 {
		t.Fatalf("servers: %+v", c.Servers)
	}
	for _, s := range c.Servers {
		if s.Version != v("3.6.4") || s.Problem != nil || len(s.Addresses) != 1 {
			t.Errorf("server: %+v", s)
		}
	}
	if own := c.ControllerModel(); own == nil || own.Name != "admin/controller" {
		t.Errorf("controller model: %+v", own)
	}
	db := b.model(c, "bob/db")
	if !db.ChangesBlocked || db.Type != fleet.IAAS || db.Life != "alive" || db.Access != fleet.AccessAdmin || db.Version != v("3.6.4") {
		t.Errorf("model: %+v", db)
	}
	if b.model(c, "admin/web").ChangesBlocked {
		t.Error("a model without blocks is shown with one")
	}
}

func TestAgentsComeInTheOrderThatPeopleCount(t *testing.T) {
	b := prepare(t, two)
	c := b.look("prod")
	m, err := b.reader.Model(context.Background(), c, b.model(c, "admin/web"))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, a := range m.Status.Agents {
		names = append(names, a.String())
		if a.Version != v("3.6.4") {
			t.Errorf("agent %s is at %s", a, a.Version)
		}
	}
	if names[0] != "machine 0" || names[1] != "machine 1" {
		t.Errorf("machines come first: %v", names)
	}
	units := slices.DeleteFunc(slices.Clone(m.Status.Agents), func(a fleet.Agent) bool { return a.Kind != fleet.UnitAgent })
	if len(units) != 11 || units[2].Name != "app/2" || units[10].Name != "app/10" {
		t.Errorf("units: %v", units)
	}
	machines, all := m.Status.Count()
	if machines != 2 || all != 22 || len(m.Status.Applications) != 2 {
		t.Errorf("%d machines, %d units, %d applications", machines, all, len(m.Status.Applications))
	}
	if m.Status.Agents[0].Arch != "amd64" || m.Status.Agents[0].Base != "ubuntu@22.04" {
		t.Errorf("machine: %+v", m.Status.Agents[0])
	}
}

func TestContainersFollowTheirMachine(t *testing.T) {
	b := prepare(t, two)
	c := b.look("prod")
	m, err := b.reader.Model(context.Background(), c, b.model(c, "bob/db"))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, a := range m.Status.Agents {
		got = append(got, string(a.Kind)+" "+a.Name)
	}
	want := []string{"machine 0", "container 0/lxd/0", "container 0/lxd/1"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestActionsAreNotAskedForWhereNoAgentIsExecuting(t *testing.T) {
	b := prepare(t, two)
	c := b.look("prod")
	if _, err := b.reader.Model(context.Background(), c, b.model(c, "bob/db")); err != nil {
		t.Fatal(err)
	}
	if calls := b.world.CallsOf("Action.ListOperations"); len(calls) > 0 {
		t.Errorf("%d calls", len(calls))
	}
}

func TestRunningActionsAreCounted(t *testing.T) {
	b := prepare(t, two)
	c := b.look("prod")
	web, err := b.reader.Model(context.Background(), c, b.model(c, "admin/web"))
	if err != nil {
		t.Fatal(err)
	}
	if web.Operations != 1 {
		t.Errorf("%d operations, want 1", web.Operations)
	}
}

func TestTheMachineAgentsOfJuju4ShowNoVersion(t *testing.T) {
	b := prepare(t, two)
	c := b.look("next")
	m, err := b.reader.Model(context.Background(), c, *c.ControllerModel())
	if err != nil {
		t.Fatal(err)
	}
	if got := fleet.Arrival(m.Status, v("4.1.0")); len(got.NotShown) == 0 || len(got.Missing) > 0 {
		t.Errorf("arrival: %+v", got)
	}
}

func TestCallsForAControllerDoNotGrowWithItsModels(t *testing.T) {
	count := func(models string) int {
		b := prepare(t, "speed: 100\ncontrollers:\n  - {name: big, version: 3.6.4, generate: {models: "+models+", units: 1}}\n")
		c := b.look("big")
		if _, err := b.reader.Objections(context.Background(), c, v("3.6.4")); err != nil {
			t.Fatal(err)
		}
		return len(b.world.Calls())
	}
	if few, many := count("2"), count("60"); few != many {
		t.Errorf("%d calls with 2 models, %d with 60", few, many)
	}
}

func TestAModelCostsOneCallAndOneLogin(t *testing.T) {
	b := prepare(t, "speed: 100\ncontrollers:\n  - {name: big, version: 3.6.4, generate: {models: 40, units: 1}}\n")
	c := b.look("big")
	b.world.ForgetCalls()
	for _, m := range c.Models {
		if _, err := b.reader.Model(context.Background(), c, m); err != nil {
			t.Fatal(err)
		}
	}
	if calls := b.world.Calls(); len(calls) > 2*len(c.Models) {
		t.Errorf("%d calls for %d models", len(calls), len(c.Models))
	}
}

func TestAUserWithoutSuperuserSeesTheirOwnModels(t *testing.T) {
	b := prepare(t, `
speed: 100
controllers:
  - name: prod
    version: 3.6.4
    user: eve
    access: login
    models:
      - {name: eve/own, access: write}
      - {name: bob/other, access: none}
`)
	c := b.look("prod")
	if c.Superuser() || c.User != "eve" {
		t.Errorf("%s is shown with %s", c.User, c.Access)
	}
	if m := b.model(c, "eve/own"); m.Access != fleet.AccessWrite {
		t.Errorf("model: %+v", m)
	}
	if len(b.world.CallsOf("Controller.ListBlockedModels")) > 0 {
		t.Error("asks for what only a superuser may")
	}
	c.Models = slices.DeleteFunc(c.Models, func(m fleet.Model) bool { return m.IsController })
	if _, err := b.reader.Objections(context.Background(), c, v("3.6.11")); fleet.CodeOf(err) != fleet.Forbidden {
		t.Errorf("objections: %v", err)
	}
}

func TestAServerThatDoesNotAnswerHoldsNobodyUp(t *testing.T) {
	b := prepareWith(t, two, jujuapi.Config{ProbeTimeout: 300e6})
	b.inject("prod", estate.Fault{Kind: estate.FaultRefuse, Server: 1})
	b.inject("prod", estate.Fault{Kind: estate.FaultFreeze, Server: 2})
	c := b.look("prod")
	want := []fleet.ProblemCode{"", fleet.Unreachable, fleet.Unreachable}
	var got []fleet.ProblemCode
	addresses, err := b.world.Controller("prod")
	if err != nil {
		t.Fatal(err)
	}
	for _, address := range addresses.Addrs {
		for _, s := range c.Servers {
			if slices.Contains(s.Addresses, address) {
				code := fleet.ProblemCode("")
				if s.Problem != nil {
					code = s.Problem.Code
				}
				got = append(got, code)
			}
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
