package fleetbench_test

import (
	"maps"
	"testing"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

// What models would bring along is asked of the controllers, not of each model.
func TestALookBeforeAMoveTakesAFixedNumberOfCallsToo(t *testing.T) {
	var before counts
	for i, n := range []size{{controllers: 1, models: 2, units: 1, machines: 1}, {controllers: 1, models: 9, units: 3, machines: 2}} {
		e := start(t, n)
		p := e.lookFor(t, fleet.Goal{Backup: fleet.BackupAuto, To: fleet.Ref{Name: target}})
		moves := 0
		for _, s := range p.Steps {
			if s.Kind == plan.Migrate {
				moves++
			}
		}
		if moves != n.models {
			t.Errorf("%+v: %d moves are planned; findings: %v", n, moves, p.Blockers())
		}
		got := e.counts(t)
		for _, call := range []string{"Admin.Login", "Pinger.Ping"} {
			delete(got.Controller, call)
			delete(got.Model, call)
		}
		if want := map[string]int{"Client.FullStatus": n.models}; !maps.Equal(got.Model, want) || got.Effects > 0 {
			t.Errorf("%+v: models take the calls %v, want %v; %d had an effect", n, got.Model, want, got.Effects)
		}
		if i > 0 && !maps.Equal(got.Controller, before.Controller) {
			t.Errorf("%+v: controllers take the calls %v, and with fewer models %v", n, got.Controller, before.Controller)
		}
		before = got
	}
}
