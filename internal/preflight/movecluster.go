package preflight

import (
	"fmt"
	"slices"
	"strings"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// targetInCluster is about a controller on Kubernetes that this client reaches by a
// tunnel only: the addresses that it names itself are those of a service inside its
// cluster. Who is elsewhere does not get to them, unless somebody has made a way.
func targetInCluster(v view) []say {
	inside := v.c.Cluster
	if inside == "" || v.c.ReachedAt != "" {
		return nil
	}
	var outside []string
	machines := false // which are in no cluster for certain
	for i := range v.fleet.Controllers {
		at := v.at(&v.fleet.Controllers[i])
		if at.leaving && at.c.Cluster != inside {
			outside, machines = append(outside, "controller "+at.c.Name), machines || at.c.Cluster == ""
		}
		for j := range at.c.Models {
			if m := at.in(&at.c.Models[j]); m.leaves() && m.m.Cluster != inside {
				outside, machines = append(outside, m.here()), machines || m.m.Cluster == ""
			}
		}
	}
	if len(outside) == 0 || v.c.Planned && exposed(v.goal.Bootstrap) {
		return nil
	}
	slices.SortFunc(outside, fleet.CompareNatural)
	s := say{
		meaning: fmt.Sprintf("it is inside a Kubernetes cluster (%s), and its addresses are good there only: not for %s, which are elsewhere as far as the addresses of their clouds tell; Juju refuses to begin where the source does not reach it, and gives a migration up where the model's agents do not. Accept this if they do",
			inside, some(outside)),
		see: []string{"juju show-controller " + v.c.Name},
		fix: []string{"juju bootstrap … --config controller-service-type=loadbalancer   # a controller that is reached from outside"},
	}
	if !machines {
		// One cluster may have several addresses.
		s.severity, s.final = fleet.Warning, true
	}
	if v.c.Planned {
		s.severity, s.final = fleet.Warning, true
		s.meaning = fmt.Sprintf("it will be inside a Kubernetes cluster (%s); unless that has a load balancer for it, its addresses are good there only, and not for %s, which are elsewhere: Juju gives such migrations up",
			inside, some(outside))
		s.fix = []string{"--bootstrap-arg --config=controller-service-type=loadbalancer   # with this command, where the cluster has load balancers"}
	}
	return one(s)
}

// exposed says that a controller is to be made with a service that is reached from outside
// its cluster. (controller-service-type: cluster, loadbalancer, external)
func exposed(how *fleet.Bootstrap) bool {
	return how != nil && slices.ContainsFunc(how.Args, func(arg string) bool {
		_, kind, given := strings.Cut(arg, "controller-service-type=")
		return given && kind != "cluster"
	})
}
