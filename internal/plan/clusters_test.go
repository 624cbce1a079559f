package plan_test

import (
	"testing"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

// pods makes a model on a Kubernetes cluster, of one application with that many units.
func pods(name, cluster string, units int) fleet.Model {
	m := fleet.Model{Ref: fleet.Ref{UUID: name + "-uuid", Name: "admin/" + name}, Type: fleet.CAAS, Version: v4, Life: "alive", Cluster: cluster}
	m.Status.Version = v4
	m.Status.Applications = []fleet.Application{{Name: name}}
	for i := range units {
		m.Status.Agents = append(m.Status.Agents, unit(name, i, v4))
	}
	return m
}

func TestModelsWithApplicationsOfOnePodAreFragileAndScalingThemChangesNoDecision(t *testing.T) {
	compute := func(units int) plan.Plan {
		return plan.Compute(input(fleet.Goal{}, controller("a", v4, v11, 1, pods("cache", "k:6443", units), pods("web", "k:6443", 3), model("zoo", v4, 1))))
	}
	one, two := compute(1), compute(2)
	for id, want := range map[string]bool{"cache": true, "web": false, "zoo": false} {
		if got := one.Step("/a/models/admin/" + id + "/upgrade").Fragile; got != want {
			t.Errorf("%s is fragile: %v", id, got)
		}
	}
	if one.Hash != two.Hash {
		t.Error("a second pod is another decision")
	}
}

func TestEachClusterTakesItsOwnTime(t *testing.T) {
	var models []fleet.Model
	for _, name := range []string{"a", "b", "c", "d"} {
		models = append(models, pods(name, "k:6443", 2))
	}
	one := plan.Compute(input(fleet.Goal{}, controller("a", v4, v11, 1, models...)))
	models[0].Cluster, models[1].Cluster = "l:6443", "l:6443"
	two := plan.Compute(input(fleet.Goal{}, controller("a", v4, v11, 1, models...)))
	least := one.Step("/a/models/admin/a/upgrade").Estimate
	if saved := one.Estimate() - two.Estimate(); saved < 2*least {
		t.Errorf("four models on one cluster take %s, on two %s", one.Estimate(), two.Estimate())
	}
}
