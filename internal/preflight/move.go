package preflight

import (
	"slices"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/rules"
)

// moveChecks are about models that move to another controller. They are asked only
// where the goal has one.
func moveChecks() []check {
	return slices.Concat(bootstrapChecks(), targetChecks(), restoreChecks(), sourceChecks(), cloneChecks(), landingChecks(), credentialChecks(), moveAgentChecks())
}

// destination is the controller that models move to.
type destination struct {
	controller *fleet.Controller
	// byUUID and byName are the models that it lists.
	byUUID, byName map[string]*fleet.Model
}

// lookUp finds the controller that models move to. One that was not looked at is
// as good as one that does not answer.
func (v view) lookUp() *destination {
	d := &destination{controller: v.fleet.Target, byUUID: map[string]*fleet.Model{}, byName: map[string]*fleet.Model{}}
	if d.controller == nil {
		d.controller = &fleet.Controller{Ref: v.goal.To, Problem: &fleet.Problem{Code: fleet.Other, Text: "it was not looked at"}}
	}
	for i := range d.controller.Models {
		m := &d.controller.Models[i]
		d.byUUID[m.UUID], d.byName[m.Name] = m, m
	}
	return d
}

// reachable says that the target could be looked at.
func (d *destination) reachable() bool { return d.controller.Problem == nil }

// moves says that models are to move to another controller.
func (v view) moves() bool { return v.there != nil }

// leaves says that the model is in the goal and still to move: it is not alive on
// the target.
func (v view) leaves() bool {
	if !v.moves() || v.unreachable() || v.m.IsController || !v.goal.Wants(v.c, v.m) {
		return false
	}
	there := v.there.byUUID[v.m.UUID]
	return there == nil || !landed(there)
}

// landed says that a model that the target lists works there.
func landed(there *fleet.Model) bool { return there.Life == "alive" && !there.Importing() }

// anyLeaves says that models of the controller are to move. One that does not even
// show its own model may have some.
func (v view) anyLeaves() bool {
	if !v.moves() || v.unreachable() {
		return false
	}
	if v.c.ControllerModel() == nil {
		return true
	}
	for i := range v.c.Models {
		if v.in(&v.c.Models[i]).leaves() {
			return true
		}
	}
	return false
}

// quits says that models of the controller are to move, and that none is on its
// way because of an upgrade of the controller.
func (v view) quits() bool { return v.leaving && v.quietController() }

// quietController says that no upgrade of the controller is under way.
func (v view) quietController() bool { return !underway(v) }

// moving are views of all models that are to move to the target.
func (v view) moving() []view {
	var out []view
	for i := range v.fleet.Controllers {
		at := v.at(&v.fleet.Controllers[i])
		if at.unreachable() {
			continue
		}
		for j := range at.c.Models {
			if in := at.in(&at.c.Models[j]); in.leaves() {
				out = append(out, in)
			}
		}
	}
	return out
}

// to are the options that commands need to be about the same: where models move to,
// and whether charms are refreshed.
func (v view) to() string {
	switch b := v.goal.Bootstrap; {
	case !v.moves():
		return v.charms()
	case b != nil:
		return " --bootstrap " + b.Place() + " --bootstrap-name " + v.there.controller.Name + v.charms()
	}
	return " --to " + v.there.controller.Name + v.charms()
}

// replan is the command that makes another plan of the move, for which options are
// added.
func (v view) replan(options string) string {
	return "juju upgrade-all plan -c " + v.c.Name + v.to() + options
}

// clonesItem says that the run gives the target what the source has, before its models
// move: of the items that wanted picks.
func (v view) clonesItem(wanted func(fleet.Holding) bool) bool {
	h := v.c.Holdings
	return h != nil && v.goal.Clones() && slices.ContainsFunc(h.Items, func(item fleet.Holding) bool {
		return wanted(item) && rules.Lacks(v.there.controller, item)
	})
}

// without is the command that leaves the model out.
func (v view) without() string {
	if !v.moves() {
		return "juju upgrade-all plan" + v.charms() + " --exclude " + v.here()
	}
	return "juju upgrade-all plan -c " + v.c.Name + v.to() + " --exclude " + v.here()
}

// does is what Juju does with the models: it upgrades or migrates them.
func (v view) does() string {
	if v.moves() {
		return "migrates"
	}
	return "upgrades"
}

// do is what the operator does with a model.
func (v view) do() string {
	switch {
	case v.moves():
		return "move it"
	case v.onlyCharms():
		return "refresh its charms"
	}
	return "upgrade it"
}

// verb is what Juju is asked to do with the view's model.
func (v view) verb() string {
	if v.moves() && !v.m.IsController {
		return "migrate"
	}
	return "upgrade"
}

// journey is what is ahead of a model.
func (v view) journey() string {
	switch {
	case v.moves() && !v.m.IsController:
		return "a move"
	case v.onlyCharms():
		return "a refresh of its charms"
	}
	return "an upgrade"
}

// migrationWait tells for how long a migration waits, where that is known.
func (v view) migrationWait() string {
	if h := v.c.Holdings; h != nil && h.MigrationWait > 0 {
		return " after " + span(h.MigrationWait)
	}
	return ""
}

// moveIssues are the known faults that strike models that move.
func (v view) moveIssues() []rules.MoveIssue {
	if !v.quits() || !v.there.reachable() {
		return nil
	}
	agents := 0
	struck := map[rules.Whom]bool{}
	for i := range v.c.Models {
		m := v.in(&v.c.Models[i])
		if !m.leaves() {
			continue
		}
		if len(m.m.Status.Agents) > 0 {
			agents++
		}
		struck[rules.OnKubernetes] = struck[rules.OnKubernetes] || m.m.Type == fleet.CAAS
	}
	struck[rules.WithAgents] = agents > 1
	var out []rules.MoveIssue
	for _, i := range rules.MoveIssues(v.target, v.there.controller.Version) {
		if struck[i.Whom] {
			out = append(out, i)
		}
	}
	return out
}
