package preflight

import (
	"github.com/juju/version/v2"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/rules"
)

func clientChecks() []check {
	return []check{
		{
			Check: Check{Code: "client-older", Severity: fleet.Warning, Scope: fleet.WholeRun,
				Summary: "The juju client on this machine is older than what it will have to work with."},
			run: clientOlder,
		},
		{
			Check: Check{Code: "client-missing", Severity: fleet.Notice, Scope: fleet.WholeRun,
				Summary: "No juju client was found on PATH; the commands that are told need one."},
			run: clientMissing,
		},
	}
}

// clientOlder is a warning: the upgrade is made with the library inside, and a
// client works with later patches of its series. Nothing is lost by refreshing
// it afterwards.
func clientOlder(v view) []say {
	needs := version.Zero
	for i := range v.fleet.Controllers {
		at := v.at(&v.fleet.Controllers[i])
		if at.reachable() && at.works() {
			needs = newest(needs, at.target)
			if at.moves() && at.there.reachable() {
				needs = newest(needs, at.there.controller.Version)
			}
		}
	}
	meaning := rules.ClientBehind(v.fleet.Client.Version, needs)
	if meaning == "" {
		return nil
	}
	if !v.fleet.Client.Snap && v.fleet.Client.Path != "" {
		meaning += "; it is " + v.fleet.Client.Path + " and not a snap: replace it as it was installed"
		return one(say{meaning: meaning, see: []string{"juju version"}})
	}
	return one(say{meaning: meaning, see: []string{"juju version"}, fix: []string{rules.RefreshClient(needs)}})
}

func newest(a, b version.Number) version.Number {
	if a.Compare(b) < 0 {
		return b
	}
	return a
}

func clientMissing(v view) []say {
	if v.fleet.Client.Version != version.Zero || v.goal.Bootstrap != nil {
		return nil // where one is needed, bootstrap-client tells
	}
	return one(say{
		meaning: "no juju client was found on PATH: the upgrade does not need it, but the commands that are told here do",
		fix:     []string{"sudo snap install juju"},
	})
}
