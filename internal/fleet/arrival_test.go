package fleet

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/juju/version/v2"
	"pgregory.net/rapid"
)

func TestAnAgentHasArrivedOnlyIfItReportsTheVersionAndIsInSight(t *testing.T) {
	for name, test := range map[string]struct {
		agent   Agent
		arrived bool
	}{
		"at the version":           {at(MachineAgent, "0", "started", want), true},
		"idle at the version":      {at(UnitAgent, "mail/0", "idle", want), true},
		"executing at the version": {at(UnitAgent, "mail/0", "executing", want), true},
		"down at the version":      {at(MachineAgent, "0", "down", want), false},
		"lost at the version":      {at(UnitAgent, "mail/0", "lost", want), false},
		"at an older version":      {at(UnitAgent, "mail/0", "idle", old), false},
		"at a newer version":       {at(UnitAgent, "mail/0", "idle", version.MustParse("3.6.12")), false},
		"at another build":         {at(UnitAgent, "mail/0", "idle", version.MustParse("3.6.11.1")), false},
		"a container behind":       {at(ContainerAgent, "0/lxd/0", "started", old), false},
		"a subordinate behind":     {at(SubordinateAgent, "logs/0", "idle", old), false},
		"down and no version":      {at(MachineAgent, "0", "down", version.Zero), false},
	} {
		got := Arrival(ModelStatus{Agents: []Agent{test.agent}}, want)
		if got.Complete() != test.arrived || (got.There == 1) != test.arrived || got.Awaited != 1 {
			t.Errorf("%s: %+v", name, got)
		}
	}
}

func TestWhatTheControllerDoesNotShowIsToldAndNotAwaited(t *testing.T) {
	got := Arrival(ModelStatus{Agents: []Agent{
		at(MachineAgent, "0", "started", version.Zero), at(UnitAgent, "mail/0", "idle", want),
	}}, want)
	if diff := cmp.Diff([]string{"machine 0"}, agents(got.NotShown)); diff != "" {
		t.Error(diff)
	}
	if !got.Complete() || got.Awaited != 1 || got.There != 1 {
		t.Errorf("%+v", got)
	}
}

func TestTheModelsOwnVersionProvesNothing(t *testing.T) {
	status := ModelStatus{Version: want, Agents: []Agent{at(UnitAgent, "mail/0", "idle", old)}}
	if Arrival(status, want).Complete() {
		t.Error("an agent that is behind has arrived")
	}
}

func TestAnAcceptedAgentIsExemptButCountsWhenItComes(t *testing.T) {
	status := ModelStatus{Agents: []Agent{
		at(UnitAgent, "mail/0", "lost", old), at(UnitAgent, "mail/1", "idle", want), at(UnitAgent, "mail/2", "lost", old),
	}}
	got := Arrival(status, want, "unit mail/0", "unit mail/1", "unit gone/0")
	if got.There != 1 || got.Awaited != 2 {
		t.Errorf("%+v", got)
	}
	if diff := cmp.Diff([]string{"unit mail/0"}, agents(got.Absent)); diff != "" {
		t.Error(diff)
	}
	if diff := cmp.Diff([]string{"unit mail/2"}, agents(got.Missing)); diff != "" {
		t.Error(diff)
	}
	// A machine is not exempt because a unit of that name is.
	status = ModelStatus{Agents: []Agent{at(MachineAgent, "mail/0", "down", old)}}
	if Arrival(status, want, "unit mail/0").Complete() {
		t.Error("a machine was exempt under a unit's name")
	}
}

func TestNoAgentIsCountedTwiceOrForgotten(t *testing.T) {
	agent := rapid.Custom(func(t *rapid.T) Agent {
		return at(
			rapid.SampledFrom([]AgentKind{MachineAgent, ContainerAgent, UnitAgent, SubordinateAgent}).Draw(t, "kind"),
			rapid.SampledFrom([]string{"0", "1", "mail/0", "mail/1"}).Draw(t, "name"),
			rapid.SampledFrom([]string{"started", "idle", "down", "lost", ""}).Draw(t, "state"),
			rapid.SampledFrom([]version.Number{version.Zero, old, want}).Draw(t, "version"),
		)
	})
	rapid.Check(t, func(t *rapid.T) {
		status := ModelStatus{Agents: rapid.SliceOf(agent).Draw(t, "agents")}
		absent := rapid.SliceOf(rapid.SampledFrom([]string{"machine 0", "unit mail/0", "unit mail/1"})).Draw(t, "absent")
		got := Arrival(status, want, absent...)
		if got.There+len(got.Missing)+len(got.NotShown)+len(got.Absent) != len(status.Agents) {
			t.Fatalf("%+v", got)
		}
		if got.Awaited != got.There+len(got.Missing) {
			t.Fatalf("%+v", got)
		}
	})
}

func TestAgentsAreCountedByWhatTheyAreOf(t *testing.T) {
	machines, units := ModelStatus{Agents: []Agent{
		at(MachineAgent, "0", "", want), at(ContainerAgent, "0/lxd/0", "", want),
		at(UnitAgent, "mail/0", "", want), at(SubordinateAgent, "logs/0", "", want), at(UnitAgent, "mail/1", "", want),
	}}.Count()
	if machines != 2 || units != 3 {
		t.Errorf("%d machines, %d units", machines, units)
	}
}

func TestAModelOfPodsWithoutUnitsIsNotShown(t *testing.T) {
	status := ModelStatus{Version: want, Pods: true}
	got := Arrival(status, want)
	if len(got.NotShown) != 1 || got.NotShown[0].String() != "model operator" || got.Awaited != 0 || !got.Complete() {
		t.Errorf("an empty model: %+v", got)
	}
	status.Agents = []Agent{{Kind: UnitAgent, Name: "web/0", Version: want, State: Condition{Status: "idle"}}}
	if got := Arrival(status, want); len(got.NotShown) != 0 || got.There != 1 {
		t.Errorf("its units tell of it: %+v", got)
	}
}
