package jujutest_test

import (
	"strings"
	"testing"
	"time"

	"github.com/juju/juju/rpc/params"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujutest/estate"
)

func TestARefreshBringsAllUnitsToWhatTheChannelHas(t *testing.T) {
	for _, version := range []string{"3.5.4", "3.6.11", "4.1.0"} {
		t.Run(version, func(t *testing.T) {
			a := appOf(t, start(t, charmed(version)), "tiny")
			st := a.status()
			if st.Charm != "ch:amd64/tiny-1" || st.CharmRev != 1 || st.CharmChannel != "1/stable" || st.Base.Channel != "24.04/stable" {
				t.Errorf("before: %+v", st)
			}
			if url := a.resolve(nil).URL; url != "ch:amd64/tiny-1" {
				t.Errorf("resolved %s, want what it has", url)
			}
			a.publish(2)
			if url := a.refresh(); url != "ch:amd64/tiny-2" {
				t.Fatalf("refreshed to %s", url)
			}
			if st := a.status(); st.Charm != "ch:amd64/tiny-2" || st.CharmRev != 2 {
				t.Errorf("the application is not there at once: %+v", st)
			}
			if a.truth().Settled() {
				t.Error("units are there at once")
			}
			a.settles()
			if u := a.unit(); u.Charm != "" || u.AgentStatus.Status != "idle" || u.WorkloadStatus.Status != "active" {
				t.Errorf("after: %+v", u)
			}
			calls := a.world.CallsOf("Application.SetCharm")
			if len(calls) != 1 || calls[0].Subject != "tiny" || calls[0].Model != "admin/web" || !calls[0].Effect {
				t.Errorf("calls: %+v", calls)
			}
		})
	}
}

func TestAUnitIsAtTheNewCharmBeforeItsHookRuns(t *testing.T) {
	a := appOf(t, start(t, strings.Replace(charmed("3.6.11"), "speed: 100", "speed: 10", 1)), "tiny")
	a.publish(2)
	a.refresh()
	if u := a.unit(); u.Charm != "ch:amd64/tiny-1" {
		t.Errorf("before it follows: %q", u.Charm)
	}
	a.comes("fetching")
	if u := a.unit(); u.AgentStatus.Status != "failed" || u.AgentStatus.Info != "resolver loop error" || u.Charm != "ch:amd64/tiny-1" {
		t.Errorf("while the controller does not have the charm: %+v", u)
	}
	a.comes("upgrading")
	if u := a.unit(); u.Charm != "" || u.AgentStatus.Status != "executing" || u.WorkloadStatus.Status != "maintenance" {
		t.Errorf("while the hook runs: %+v", u)
	}
	a.settles()
}

func TestAUnitLooksDoneWhileItUnpacksButForTheTime(t *testing.T) {
	text := strings.Replace(charmed("3.6.11"), "speed: 100", "speed: 1\ntiming: {charm-notice: 300ms, charm-fetch: 1ms, charm-upgrade: 1ms}", 1)
	a := appOf(t, start(t, text), "slow")
	before := *a.unit().AgentStatus.Since
	a.publish(4)
	a.refresh()
	a.comes("unpacking")
	u := a.unit()
	if u.Charm != "" || u.AgentStatus.Status != "idle" || u.WorkloadStatus.Status != "active" || a.status().Charm != "ch:amd64/slow-4" {
		t.Errorf("%+v", u)
	}
	unpacking := *u.AgentStatus.Since
	a.settles()
	if after := *a.unit().AgentStatus.Since; !after.After(before) || !after.After(unpacking) {
		t.Errorf("idle since %v, then %v, then %v", before, unpacking, after)
	}
}

func TestAUnitWaitsForACharmThatTheControllerCannotGet(t *testing.T) {
	a := ofCharm(t, "tiny")
	a.publish(2)
	a.refresh()
	end, err := a.world.Inject("prod", estate.Fault{Kind: estate.FaultCharmhub})
	if err != nil {
		t.Fatal(err)
	}
	a.comes("fetching")
	since := *a.unit().AgentStatus.Since
	time.Sleep(200 * time.Millisecond) // 20 s there, five times what fetching takes
	if u := a.unit(); u.AgentStatus.Status != "failed" || u.Charm != "ch:amd64/tiny-1" || !u.AgentStatus.Since.Equal(since) {
		t.Errorf("%+v", u)
	}
	end()
	a.settles()
}

func TestACharmThatIsAddedByItsRevisionIsThatOne(t *testing.T) {
	for _, v := range []string{"3.6.11", "4.1.0"} {
		a := appOf(t, start(t, charmed(v)), "tiny")
		a.publish(5)
		a.publish(6)
		origin := a.origin().Origin
		origin.ID, origin.Hash, origin.Revision = "", "", ptr(5)
		var added params.CharmOriginResult
		if err := a.call("Charms", 7, "AddCharm", params.AddCharmWithOrigin{URL: "ch:amd64/tiny-5", Origin: origin}, &added); err != nil {
			t.Fatal(err)
		}
		if err := a.set("ch:amd64/tiny-5", added.Origin, nil); err != nil || *added.Origin.Revision != 5 {
			t.Fatalf("%+v, %v", added, err)
		}
		a.settles()
		if now := a.origin(); now.URL != "ch:amd64/tiny-5" || now.Origin.ID == "" || now.Origin.Hash == "" || a.truth().Channel != "1/stable" {
			t.Errorf("%s: %+v", v, now)
		}
		if url := a.resolve(nil).URL; url != "ch:amd64/tiny-6" {
			t.Errorf("%s: then the channel has %s", v, url)
		}
	}
}

func TestJuju4RunsTheHookForTheSameCharmAgain(t *testing.T) {
	a := appOf(t, start(t, charmed("4.1.0")), "tiny")
	now := a.origin()
	if err := a.set(now.URL, now.Origin, nil); err != nil {
		t.Fatal(err)
	}
	if a.truth().Settled() {
		t.Error("its units have nothing to do")
	}
	a.settles()
}

func TestAnAgentThatRestartsHasRunNoHook(t *testing.T) {
	a := ofCharm(t, "cargo")
	before := *a.unit().AgentStatus.Since
	if err := a.world.SetAgentFault("prod", "web", estate.AgentFault{Agent: "unit-cargo-0", Kind: estate.AgentDown}); err != nil {
		t.Fatal(err)
	}
	if lost := a.unit().AgentStatus; lost.Status != "lost" || !lost.Since.After(before) {
		t.Errorf("%+v", lost)
	}
	if err := a.world.Heal("prod", "web", "unit-cargo-0"); err != nil {
		t.Fatal(err)
	}
	eventually(t, "it is back", func() bool { return a.unit().AgentStatus.Status == "idle" })
	if after := *a.unit().AgentStatus.Since; !after.Equal(before) {
		t.Errorf("idle since %v, then %v", before, after)
	}
}
