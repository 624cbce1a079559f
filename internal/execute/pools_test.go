package execute

import (
	"testing"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

func TestOneModelAtATimeHasItsPodsReplacedOnACluster(t *testing.T) {
	on := func(p pool, cluster, model string) *lane {
		return &lane{pool: p, cluster: cluster, model: model, agents: 3}
	}
	for _, c := range []struct {
		name       string
		lane       *lane
		running    []*lane
		perCluster int
		want       bool
	}{
		{"its charms beside the agents of another", on(charms, "k", "b"), []*lane{on(upgrades, "k", "a")}, 0, false},
		{"its charms beside other charms of it", on(charms, "k", "a"), []*lane{on(charms, "k", "a"), on(charms, "k", "a")}, 0, true},
		{"beside one on another cluster", on(upgrades, "k", "b"), []*lane{on(upgrades, "l", "a")}, 0, true},
		{"beside machines", on(upgrades, "k", "b"), []*lane{on(upgrades, "", "")}, 0, true},
		{"a third where two may", on(upgrades, "k", "c"), []*lane{on(upgrades, "k", "a"), on(charms, "k", "b")}, 2, false},
		{"a second where two may", on(upgrades, "k", "c"), []*lane{on(charms, "k", "a"), on(charms, "k", "a")}, 2, true},
		{"machines do not count pods", on(upgrades, "", ""), []*lane{on(upgrades, "k", "a"), on(upgrades, "l", "b")}, 0, true},
	} {
		g := &group{plan: &plan.Plan{Options: plan.Options{Parallel: 1, PerCluster: c.perCluster, Agents: 200, CharmParallel: 2}}}
		running := map[*lane]bool{}
		for _, l := range c.running {
			running[l] = true
		}
		if got := g.fits(c.lane, running); got != c.want {
			t.Errorf("%s: %v", c.name, got)
		}
	}
}
