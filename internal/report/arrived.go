package report

import (
	"fmt"

	"github.com/juju/version/v2"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/journal"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

// arrived is what a run has seen arrive.
type arrived struct {
	controllers      []string
	models, wanted   int
	agents, notShown int
	controllerGoal   int
	// model is the one that arrived last.
	model string
	// elsewhere counts the agents seen on the controller that models move to.
	elsewhere int
}

// arrivedOf counts what has arrived. A model that has moved is no longer where it
// was upgraded: it counts where it is now.
func arrivedOf(s *journal.State) arrived {
	var a arrived
	moved := movedOnes(s)
	for i := range s.Plan.Steps {
		step := &s.Plan.Steps[i]
		at := s.Steps[step.ID]
		if at.Status == journal.Skipped {
			continue // no longer there
		}
		done := at.Status == journal.Done
		switch {
		case !done || !step.OnTarget():
		case step.Kind == plan.Arrive:
			a.elsewhere += at.Record.There
		case step.Kind == plan.ModelUpgrade:
			// They are connected there; their version is not told.
			a.notShown += at.Record.NotShown
		}
		if step.OnTarget() || moved[step.Model.UUID] {
			continue
		}
		switch step.Kind {
		case plan.ControllerUpgrade:
			a.controllerGoal++
			if done {
				a.controllers = append(a.controllers, clean(step.Controller.Name))
			}
		case plan.ModelUpgrade:
			a.wanted++
			if done {
				a.models++
				a.model = subject(*step)
			}
		default:
			continue
		}
		if done {
			a.agents += max(0, at.Record.There-servers(&s.Plan, step))
			a.notShown += at.Record.NotShown
		}
	}
	return a
}

// servers is how many API servers are counted among what arrived in the step.
func servers(full *plan.Plan, step *plan.Step) int {
	if step.Kind != plan.ControllerUpgrade {
		return 0
	}
	if n := len(step.Answered); n > 0 {
		return n
	}
	for _, c := range full.Controllers {
		if c.UUID == step.Controller.UUID {
			return c.Servers
		}
	}
	return 0
}

// arrivedWords is "prod and 10 models at 3.6.11 (211 agents seen there)".
func (p *page) arrivedWords(s *journal.State, a arrived) string {
	charms := refreshedOf(s).words()
	switch {
	case charms == "":
		return agentWords(s, a)
	case s.Plan.Target == nil && a.controllerGoal+a.wanted == 0:
		return charms // no agents were to be upgraded
	}
	return agentWords(s, a) + "; " + charms
}

// agentWords are the same of agents and of models.
func agentWords(s *journal.State, a arrived) string {
	full := &s.Plan
	switch patched := len(a.controllers)+a.models > 0; {
	case full.Target == nil:
		return inPlaceWords(full, a)
	case patched:
		return movedWords(s, a) + "; " + inPlaceWords(full, a)
	}
	return movedWords(s, a)
}

// inPlaceWords say what has arrived where it was.
func inPlaceWords(full *plan.Plan, a arrived) string {
	var what []string
	alone := a.models == 1 && a.wanted == 1 && a.controllerGoal == 0
	if len(a.controllers) > 0 {
		what = append(what, few(a.controllers, 3, "controller")...)
	}
	switch {
	case alone:
		what = append(what, a.model)
	case a.models == 0 && a.wanted > 1:
		what = append(what, "none of "+count(a.wanted, "model"))
	case a.models < a.wanted:
		what = append(what, fmt.Sprintf("%d of %s", a.models, count(a.wanted, "model")))
	case a.wanted > 0:
		what = append(what, count(a.models, "model"))
	}
	words := join(what)
	if !alone && a.controllerGoal == 0 && len(full.Controllers) == 1 {
		words += " of " + clean(full.Controllers[0].Name)
	}
	if len(a.controllers) == 0 && a.models == 0 {
		return "nothing has arrived yet"
	}
	if to := target(full); to != version.Zero {
		words += " at " + to.String()
	} else {
		words += " at the versions of the plan"
	}
	if a.agents > 0 {
		words += fmt.Sprintf(" (%s seen there)", count(a.agents, "agent"))
	}
	return words
}
