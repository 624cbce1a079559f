package preflight

import (
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/rules"
)

// localCharmsRefused can be accepted: it was seen on a beta, and others may take them. The
// model stays where it is then, and works.
func localCharmsRefused(v view) []say {
	b := v.m.Belongings
	if b == nil || v.m.Type != fleet.CAAS || !rules.RefusesLocalPods(v.target, v.there.controller.Version) {
		return nil
	}
	var local []string
	for _, c := range b.Charms {
		if !c.FromStore() {
			local = append(local, c.Application)
		}
	}
	if len(local) == 0 {
		return nil
	}
	return one(say{
		meaning: "on Kubernetes, Juju " + v.there.controller.Version.String() + " refuses applications of local charms in the import (seen on 4.1-beta2), and gives the migration up: " + some(local),
		see:     []string{"juju status -m " + v.here()},
		fix:     []string{v.without()},
	})
}
