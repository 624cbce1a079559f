package preflight

import (
	"github.com/juju/version/v2"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// view is what a check is asked about: the whole fleet, one controller of it,
// one model of that, or one application of that.
type view struct {
	fleet *fleet.Fleet
	goal  fleet.Goal
	c     *fleet.Controller
	m     *fleet.Model
	app   *fleet.Application
	// target is where c and its models are to go.
	target version.Number
	// there is the controller that models move to; nil when none do.
	there *destination
	// leaving says that models of c are to move, or that it is not known whether
	// there are any.
	leaving bool
}

// at narrows the view to a controller.
func (v view) at(c *fleet.Controller) view {
	v.c, v.target = c, v.goal.Target(c)
	v.leaving = v.anyLeaves()
	return v
}

// in narrows the view to a model.
func (v view) in(m *fleet.Model) view {
	v.m = m
	return v
}

// path names a model of the controller as juju's -m does.
func (v view) path(m *fleet.Model) string { return v.c.Name + ":" + m.Name }

// here names the view's model as juju's -m does.
func (v view) here() string { return v.path(v.m) }

// own names the controller's own model as juju's -m does.
func (v view) own() string {
	if m := v.c.ControllerModel(); m != nil {
		return v.path(m)
	}
	return v.c.Name + ":controller"
}

// reachable says that the controller could be looked at.
func (v view) reachable() bool { return v.c.Problem == nil }

// unreachable is the opposite.
func (v view) unreachable() bool { return v.c.Problem != nil }

// asked says that the controller itself is in the goal. Where models move, it is
// for their sake only.
func (v view) asked() bool {
	return v.reachable() && v.goal.UpgradesController() && (!v.moves() || v.leaving)
}

// upgrades says that the controller itself has something to do, or to wait for.
func (v view) upgrades() bool { return v.asked() && !v.controllerThere() }

// begins says that the controller is to be upgraded, and that it was not yet
// asked to be.
func (v view) begins() bool { return v.upgrades() && v.c.Underway() == version.Zero }

// works says that anything in the controller has something to do.
func (v view) works() bool { return v.upgrades() || v.anyHosted(view.concerned) }

// worksInPlace says that anything in the controller is to be upgraded where it is.
func (v view) worksInPlace() bool { return v.upgrades() || v.anyHosted(view.inPlace) }

// anyHosted says that some hosted model of the controller is so.
func (v view) anyHosted(is func(view) bool) bool {
	for i := range v.c.Models {
		if m := &v.c.Models[i]; !m.IsController && is(v.in(m)) {
			return true
		}
	}
	return false
}

// unknown says that the controller is in the goal, and where it is to go is not
// known: nothing may be said of its being up to date.
func (v view) unknown() bool { return v.asked() && !v.goal.Knows(v.c) }

// controllerThere says that nothing of the controller is left to upgrade: of the
// servers that answer, and of the agents of its own model. A server that does not
// answer from here says nothing if its machine's agent is at the version.
func (v view) controllerThere() bool {
	if v.c.Version != v.target || v.c.Underway() != version.Zero {
		return false
	}
	m := v.c.ControllerModel()
	return m != nil && fleet.Current(m, v.target)
}

// wanted says that the model is in the goal: the controller's own is when the
// controller is.
func (v view) wanted() bool {
	if v.m.IsController {
		return v.goal.UpgradesController()
	}
	return v.goal.Wants(v.c, v.m)
}

// concerned says that the model is in the goal and something of it is left to
// upgrade, or that it is to move.
func (v view) concerned() bool {
	if v.m.IsController {
		return v.upgrades()
	}
	if v.moves() {
		return v.leaves()
	}
	return v.goal.UpgradesAgents() && v.reachable() && v.wanted() && !fleet.Current(v.m, v.target)
}

// inPlace says that the model is concerned and that something of it is left to
// upgrade where it is.
func (v view) inPlace() bool { return v.concerned() && !fleet.Current(v.m, v.target) }

// readable says that the model is concerned and that its status is known.
func (v view) readable() bool { return v.concerned() && v.m.Problem == nil }

// quiet says that the model is concerned, and that nothing of it is restarting:
// an upgrade under way takes agents away and brings them back.
func (v view) quiet() bool {
	return v.readable() && (!v.m.IsController || v.c.Underway() == version.Zero)
}

// settled says that the model is in the goal and that nothing of it is left to
// upgrade, whether or not all its agents are in sight. One that has moved is none
// of this controller's any more, even if it goes on listing it.
func (v view) settled() bool {
	if v.moves() && !v.m.IsController {
		return false
	}
	return v.goal.UpgradesAgents() && v.reachable() && v.wanted() && v.m.Problem == nil && !v.concerned()
}

// hosted says that the model is concerned and not the controller's own.
func (v view) hosted() bool { return v.readable() && !v.m.IsController }
