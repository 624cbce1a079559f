package plan_test

import (
	"slices"
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

func upgrades(p plan.Plan) (ids []string) {
	for _, s := range p.Steps {
		if s.Kind == plan.ModelUpgrade {
			ids = append(ids, s.ID)
		}
	}
	return ids
}

func TestModelsWithApplicationsOfOnePodComeLast(t *testing.T) {
	p := plan.Compute(input(fleet.Goal{}, controller("a", v4, v11, 1,
		pods("cache", "k:6443", 1), pods("web", "k:6443", 3), pods("empty", "k:6443", 0), model("zoo", v4, 1))))
	want := []string{"/a/models/admin/empty/upgrade", "/a/models/admin/web/upgrade", "/a/models/admin/zoo/upgrade", "/a/models/admin/cache/upgrade"}
	if got := upgrades(p); !slices.Equal(got, want) {
		t.Errorf("upgraded in the order %q, want %q", got, want)
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
