package jujutest_test

import (
	"strings"
	"testing"

	"github.com/juju/juju/api/client/application"
	"github.com/juju/juju/rpc/params"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujutest/estate"
)

func TestAHookThatFailsIsRunAgainOnceItIsResolved(t *testing.T) {
	a := ofCharm(t, "tiny")
	end, err := a.world.Inject("prod", estate.Fault{Kind: estate.FaultUpgradeHook, Model: "admin/web", Application: "tiny", Agent: "unit-tiny-0"})
	if err != nil {
		t.Fatal(err)
	}
	a.publish(2)
	a.refresh()
	a.comes("error")
	u := a.unit()
	if u.Charm != "" || u.AgentStatus.Status != "idle" || u.WorkloadStatus.Status != "error" || u.WorkloadStatus.Info != `hook failed: "upgrade-charm"` {
		t.Errorf("%+v", u)
	}
	eventually(t, "the other unit comes", func() bool { return a.truth().Units[1].State == "" })
	client := application.NewClient(a.conn)
	if err := client.ResolveUnitErrors([]string{"tiny/0"}, false, true); err != nil {
		t.Fatal(err)
	}
	a.comes("upgrading")
	a.comes("error")
	end()
	if err := client.ResolveUnitErrors([]string{"tiny/0"}, false, true); err != nil {
		t.Fatal(err)
	}
	a.settles()
	if err := client.ResolveUnitErrors([]string{"tiny/0"}, false, true); err == nil {
		t.Error("what is in no error can be resolved")
	}
}

func TestAUnitInErrorIsPassedByUntilItIsResolved(t *testing.T) {
	a := ofCharm(t, "brittle")
	a.publish(2)
	a.refresh()
	a.comes("error")
	a.publish(3)
	a.refresh()
	if got := a.unit().Charm; got != "ch:amd64/brittle-2" {
		t.Errorf("it runs %q", got)
	}
	if err := a.world.ResolveUnit("prod", "web", "brittle/0", true); err != nil {
		t.Fatal(err)
	}
	a.comes("error") // the same hook has failed again
	if err := a.world.ResolveUnit("prod", "web", "brittle/0", false); err != nil {
		t.Fatal(err)
	}
	a.settles()
	if got := a.truth().Units[0].URL; got != "ch:amd64/brittle-3" {
		t.Errorf("it runs %q", got)
	}
}

func TestAUnitWhoseOtherHookHasFailedIsPassedBy(t *testing.T) {
	a := ofCharm(t, "tiny")
	if err := a.world.SetAgentFault("prod", "web", estate.AgentFault{Agent: "unit-tiny-0", Kind: estate.AgentError}); err != nil {
		t.Fatal(err)
	}
	a.publish(2)
	a.refresh()
	eventually(t, "the other unit comes", func() bool { return a.truth().Units[1].URL == "ch:amd64/tiny-2" && a.truth().Units[1].State == "" })
	if u := a.unit(); u.Charm != "ch:amd64/tiny-1" || u.WorkloadStatus.Info != `hook failed: "config-changed"` {
		t.Errorf("%+v", u)
	}
	if err := a.world.ResolveUnit("prod", "web", "tiny/0", true); err != nil {
		t.Fatal(err)
	}
	a.settles()
}

func TestAHookCanBeRunAgainByItself(t *testing.T) {
	text := strings.Replace(charmed("3.6.11"), "speed: 100", "speed: 100\ntiming: {hook-retry: 5s}", 1)
	w := start(t, text)
	a := appOf(t, w, "tiny")
	if _, err := w.Inject("prod", estate.Fault{Kind: estate.FaultUpgradeHook, Agent: "unit-tiny-0", Times: 2}); err != nil {
		t.Fatal(err)
	}
	a.publish(2)
	a.refresh()
	a.comes("error")
	a.settles()
}

func TestAUnitThatPausesGoesOnAfterItsAction(t *testing.T) {
	a := ofCharm(t, "slow")
	a.publish(2)
	a.refresh()
	a.comes("paused")
	if u := a.unit(); u.Charm != "" || u.AgentStatus.Status != "idle" || u.WorkloadStatus.Status != "blocked" || u.WorkloadStatus.Info != "look first" {
		t.Errorf("%+v", u)
	}
	run := func(name string) *params.Error {
		var out params.EnqueuedActions
		if err := a.call("Action", 7, "EnqueueOperation", params.Actions{Actions: []params.Action{{Receiver: "unit-slow-0", Name: name}}}, &out); err != nil {
			t.Fatal(err)
		}
		return out.Actions[0].Error
	}
	if run("resume-refresh") == nil {
		t.Error("an action that it does not have")
	}
	if failure := run("go-on"); failure != nil {
		t.Fatal(failure)
	}
	a.settles()
}

func TestAPausedOrStuckUnitGoesOnWhenTheFaultEnds(t *testing.T) {
	for kind, state := range map[string]string{estate.FaultUpgradePauses: "paused", estate.FaultUpgradeSticks: "stuck"} {
		a := ofCharm(t, "tiny")
		end, err := a.world.Inject("prod", estate.Fault{Kind: kind, Application: "tiny"})
		if err != nil {
			t.Fatal(err)
		}
		a.publish(2)
		a.refresh()
		a.comes(state)
		end()
		a.settles()
	}
}

func TestAStuckUnitFollowsWhenItsRevisionIsMended(t *testing.T) {
	a := ofCharm(t, "slow")
	a.publish(3)
	a.refresh()
	a.comes("stuck")
	if u := a.unit(); u.AgentStatus.Status != "executing" || u.WorkloadStatus.Status != "maintenance" {
		t.Errorf("%+v", u)
	}
	if err := a.world.DescribeRevision("slow", estate.CharmRevision{Revision: 3}); err != nil {
		t.Fatal(err)
	}
	a.settles()
}

func TestASubordinateIsShownWithItsPrincipals(t *testing.T) {
	a := ofCharm(t, "idle")
	if st := a.status(); st.Units != nil || len(st.SubordinateTo) != 1 || st.Charm != "ch:amd64/idle-1" || st.CharmChannel != "1/stable" {
		t.Errorf("%+v", st)
	}
	a.publish(2)
	a.refresh()
	subs := status(t, a.conn).Applications["tiny"].Units["tiny/0"].Subordinates
	if len(subs) != 1 || subs["idle/0"].Charm != "ch:amd64/idle-1" {
		t.Errorf("%+v", subs)
	}
	a.settles()
	if n := len(a.truth().Units); n != 2 {
		t.Errorf("%d units", n)
	}
}

func TestAUnitThatIsAwayFollowsWhenItIsBack(t *testing.T) {
	a := ofCharm(t, "cargo")
	if err := a.world.SetAgentFault("prod", "web", estate.AgentFault{Agent: "unit-cargo-0", Kind: estate.AgentDown}); err != nil {
		t.Fatal(err)
	}
	a.publish(2)
	a.refresh()
	if u := a.unit(); u.AgentStatus.Status != "lost" || u.Charm != "ch:amd64/cargo-1" {
		t.Errorf("%+v", u)
	}
	if err := a.world.Heal("prod", "web", "unit-cargo-0"); err != nil {
		t.Fatal(err)
	}
	a.settles()
}
