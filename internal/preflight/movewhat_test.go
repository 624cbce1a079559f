package preflight

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

func TestTheOtherEndsOfCrossModelRelationsAreTold(t *testing.T) {
	e := well()
	moving(e)
	e.db().Status.Offers = []fleet.Offer{{Name: "sql", Total: 1}, {Name: "unused"}}
	e.web().Status.Remotes = []fleet.Remote{
		{Name: "sql", OfferURL: "admin/db.sql"}, {Name: "mail", OfferURL: "prod-old:admin/gone.mail"},
		{Name: "logs", OfferURL: "new:admin/logs.all"}, {Name: "far", OfferURL: "other:admin/far.away"},
	}
	found := of(e.run(), "cross-model")
	if len(found) != 2 {
		t.Fatalf("found %+v", found)
	}
	for i, parts := range [][]string{
		{"offers sql to admin/web (moves too)"},
		{"uses far of admin/far (on other, which is not looked at)", "uses logs of admin/logs (already on new)", "uses mail of admin/gone (not seen from here)", "and 1 more"},
	} {
		for _, part := range parts {
			if !strings.Contains(found[i].Meaning, part) {
				t.Errorf("%q is not in %q", part, found[i].Meaning)
			}
		}
	}
}

func TestUsersAreCountedOnceAndOnlyLocalOnes(t *testing.T) {
	e := well()
	moving(e)
	for i := range 30 {
		for _, m := range []*fleet.Model{e.web(), e.db()} {
			m.Belongings.Users = append(m.Belongings.Users, fleet.ModelUser{Name: fmt.Sprintf("user%02d", i)}, fleet.ModelUser{Name: fmt.Sprintf("user%02d@elsewhere", i)})
		}
	}
	f := only(t, e.run(), "users-created")
	if !strings.Contains(f.Meaning, "30 local users") || !strings.Contains(f.Meaning, "user09 and 20 more") || strings.Contains(f.Meaning, "@") {
		t.Errorf("found %q", f.Meaning)
	}
}

func TestTheRateThatIsToldLetsAllAgentsIn(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rate := fleet.AgentRate{
			Burst:    rapid.IntRange(0, 5000).Draw(t, "burst"),
			Interval: time.Duration(rapid.Int64Range(1, int64(time.Minute)).Draw(t, "interval")),
		}
		servers, agents := rapid.IntRange(0, 7).Draw(t, "servers"), rapid.IntRange(1, 2_000_000).Draw(t, "agents")
		got := wider(rate, servers, agents)
		if budget := got.Within(fleet.ValidationTime, servers); agents*100 >= budget*nearly {
			t.Fatalf("%+v lets in %d of %d", got, budget, agents)
		}
		if got.Interval <= 0 || got.Interval > time.Minute || got.Burst < rate.Burst || got.Interval > rate.Interval {
			t.Fatalf("%+v of %+v is none that Juju takes, or stricter than before", got, rate)
		}
	})
}

func TestTheBudgetIsToldFromItsFirstPercentsOn(t *testing.T) {
	budget := 3 * 1210
	for agents, want := range map[int]string{0: "", 1: "", budget*7/10 - 1: "", budget * 7 / 10: "warning", budget: "warning", budget + 1: "blocker"} {
		e := well()
		moving(e)
		crowd(e.web(), agents)
		got := ""
		for _, f := range of(e.run(), "reconnect-budget") {
			got = string(f.Severity)
			if f.Acceptable != (f.Severity == fleet.Blocker) {
				t.Errorf("%d: %+v", agents, f)
			}
		}
		if got != want {
			t.Errorf("%d agents: %q, want %q", agents, got, want)
		}
	}
}

func TestAttributesOfACredentialAreNamedAndCounted(t *testing.T) {
	e := well()
	moving(e)
	e.brought().Clash = &fleet.Clash{Attributes: []string{"a", "b", "c", "d"}}
	if f := only(t, e.run(), "credential-differs"); !strings.Contains(f.Meaning, "a, b, c and 1 more") {
		t.Errorf("found %+v", f)
	}
}
