package preflight

import (
	"fmt"

	"github.com/juju/version/v2"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/rules"
)

// sourceChecks are about the controller that models move away from, and what they
// would bring along.
func sourceChecks() []check {
	return []check{
		{
			Check: Check{Code: "patch-first", Severity: fleet.Blocker, Scope: fleet.WholeController,
				Summary: "The controller has to be brought to a later patch before its models can move."},
			when:       func(v view) bool { return v.leaving && v.there.reachable() },
			controller: patchFirst,
		},
		{
			Check: Check{Code: "belongings-unread", Severity: fleet.Blocker, Scope: fleet.WholeController,
				Summary: "What a model would bring along, or what a controller has, could not be read: users, clouds, credentials."},
			when:   func(v view) bool { return v.moves() && v.there.reachable() && v.there.controller.Superuser() },
			target: holdingsUnread, controller: holdingsUnread, model: belongingsUnread,
		},
		{
			Check: Check{Code: "strands-agents", Severity: fleet.Warning, Scope: fleet.WholeController,
				Summary: "Agents of units may stay with the old controller when their model has moved."},
			when:       func(v view) bool { return v.quits() && v.there.reachable() },
			controller: strandsAgents,
		},
		{
			Check: Check{Code: "backup-not-restorable-after-move", Severity: fleet.Notice, Scope: fleet.WholeController,
				Summary: "Once a model has moved, no backup of its old controller must be restored."},
			when:       func(v view) bool { return v.quits() && v.there.reachable() },
			controller: backupTooLate,
		},
	}
}

func patchFirst(v view) []say {
	way := rules.WayOf(v.target, v.there.controller.Version)
	if way.Refused != "" || v.target.Compare(way.First) >= 0 {
		return nil
	}
	fix := "juju upgrade-all plan -c " + v.c.Name + v.to() + " --agent-version " + way.First.String() + "   # or later"
	if !v.goal.UpgradesController() {
		fix = "juju upgrade-all plan -c " + v.c.Name + v.to() + " --with-controller -m …"
	}
	return one(say{
		meaning: fmt.Sprintf("to move models to %s at %s it has to be at %s or later itself, and it would be at %s",
			v.there.controller.Name, v.there.controller.Version, way.First, v.target),
		see: v.seeStream(),
		fix: []string{fix},
	})
}

// holdingsUnread is about the target and about the source: both have to be
// compared.
func holdingsUnread(v view) []say {
	source := v.c.UUID != v.there.controller.UUID
	if v.unreachable() || !v.c.Superuser() || v.c.Holdings != nil || source && !v.quits() || !source && !v.awaits() {
		return nil
	}
	s := say{
		meaning: "its users, clouds and secret backends could not be read, so they cannot be compared with those of the other controller" + v.unread(),
		see:     []string{"juju users -c " + v.c.Name, "juju clouds --controller " + v.c.Name, "juju secret-backends -c " + v.c.Name},
	}
	if !source {
		s.scope = fleet.WholeRun
	}
	return one(s)
}

// unread is why something of the controller could not be read, where that is known.
func (v view) unread() string {
	if v.c.Unread == nil {
		return ""
	}
	return ": " + oneLine(v.c.Unread.Text)
}

func belongingsUnread(v view) []say {
	if !v.leaves() || v.m.Belongings != nil || v.m.Problem != nil || !v.c.Superuser() {
		return nil
	}
	return one(say{
		meaning: "what it would bring along could not be read (its users, credential and configuration), so there is no telling whether it can move" + v.unread(),
		see:     []string{"juju show-model " + v.here(), "juju model-config -m " + v.here()},
		fix:     []string{v.without()},
		scope:   fleet.OneModel,
	})
}

// strandsAgents asks for the version at which the models move.
func strandsAgents(v view) []say {
	reason := rules.StrandsAgents(v.target)
	if reason == "" || !v.movesUnits() {
		return nil
	}
	s := say{
		meaning: reason + ": one that does is lost on the new one until it is told where its controller is; the run then ends, names it, and says what to type",
		see:     []string{"juju show-controller " + v.c.Name},
	}
	if o := v.c.Objections; rules.SameSeries(v.target, version.Number{Major: 3, Minor: 6}) && o != nil && o.Chosen.Compare(v.target) > 0 {
		s.fix = []string{"juju upgrade-all plan -c " + v.c.Name + "   # to 3.6.19 or later, if it sees one, before models move"}
	}
	return one(s)
}

// movesUnits says that units on machines are among what moves.
func (v view) movesUnits() bool {
	for i := range v.c.Models {
		m := v.in(&v.c.Models[i])
		if _, units := m.m.Status.Count(); m.leaves() && m.m.Type != fleet.CAAS && units > 0 {
			return true
		}
	}
	return false
}

func backupTooLate(v view) []say {
	which, owned := "this run's or any other", "machines"
	if v.noBackup() != "" {
		which = "by whatever means it was made" // not by this run's
	}
	if rules.KindOf(v.c) == fleet.CAAS {
		owned = "pods"
	}
	return one(say{
		meaning: fmt.Sprintf("from the first model that has moved on, no backup of it must be restored, %s: two controllers would own that model's %s", which, owned),
	})
}
