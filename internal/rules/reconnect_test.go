package rules

import (
	"testing"
	"time"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// TestTheBudgetIsThatOfTheTargetWhenModelsMove: with the servers and the rate that the
// run gives it before.
func TestTheBudgetIsThatOfTheTargetWhenModelsMove(t *testing.T) {
	rate := fleet.AgentRate{Burst: 10, Interval: time.Second}
	chosen := func(name string) fleet.Holding {
		return fleet.Holding{Item: fleet.Item{Kind: fleet.ConfigItem, Name: name}, Value: "x", Digest: "here"}
	}
	source := func(servers int, items ...fleet.Holding) *fleet.Controller {
		return &fleet.Controller{
			Version: v("3.6.11"), Servers: make([]fleet.Server, servers),
			Holdings: &fleet.Holdings{AgentRate: fleet.AgentRate{Burst: 110, Interval: 10 * time.Second}, Items: items},
		}
	}
	target := func(ha fleet.HA) *fleet.Controller {
		return &fleet.Controller{Planned: true, Version: v("3.6.11"), Holdings: &fleet.Holdings{AgentRate: rate, HA: &ha}}
	}
	one, makes := fleet.HA{Servers: 1, Well: 1}, fleet.HA{Servers: 1, Well: 1, Makes: true}
	for name, test := range map[string]struct {
		source, target *fleet.Controller
		all            bool
		want           int
	}{
		"as it is":                    {source(1), target(makes), true, 310},
		"with two more servers":       {source(3), target(makes), true, 930},
		"that cannot have more":       {source(3), target(one), true, 310},
		"with the burst of source":    {source(1, chosen("agent-ratelimit-max")), target(makes), true, 410},
		"with the interval of source": {source(1, chosen("agent-ratelimit-rate")), target(makes), true, 40},
		"and nothing cloned":          {source(1, chosen("agent-ratelimit-max")), target(makes), false, 310},
		"not known":                   {source(1), &fleet.Controller{}, true, 0},
	} {
		if got := ReconnectBudget(test.source, test.target, test.all); got != test.want {
			t.Errorf("%s: %d, want %d", name, got, test.want)
		}
	}
}
