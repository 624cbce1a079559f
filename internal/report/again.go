package report

import (
	"strings"

	"github.com/juju/version/v2"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/journal"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

// PlanAgain is the command that looks at the same again, as arguments of the
// tool: without them it would look at the current controller. What is passed on to a
// bootstrap may be a secret: VALUE stands for it.
func PlanAgain(full *plan.Plan) string {
	shown := *full
	if b := full.Goal.Bootstrap; b != nil {
		made := *b
		made.Args = withoutValues(b.Args)
		shown.Goal.Bootstrap = &made
	}
	return strings.TrimSpace("plan " + clean(shown.Arguments()))
}

// nowPlan is the run's plan as it would be made now: what the run has made exists.
func nowPlan(s *journal.State) *plan.Plan {
	out := s.Plan
	if out.Goal.Clone == fleet.CloneRestore && (s.Made.UUID != "" || restored(s)) {
		out.Goal.Clone, out.Goal.Restore = fleet.CloneNative, "" // it is for a controller that is empty
	}
	if s.Made.UUID == "" || out.Target == nil {
		return &out
	}
	target := *out.Target
	target.Ref, target.Bootstrap = s.Made, nil
	out.Target, out.Goal.To, out.Goal.Bootstrap = &target, s.Made, nil
	return &out
}

// restored says that juju-restore has done all that it was to do in the run, if it was
// to do anything.
func restored(s *journal.State) bool {
	step := stepOf(&s.Plan, plan.RestoreCopy)
	return step == nil || s.Steps[step.ID].Status == journal.Done
}

// fewModels is up to how many left out models are named in a command.
const fewModels = 4

// planLeftOut is the command that looks at what a plan could not do, and only at
// that. It is for a run whose controllers have arrived: models are then looked
// at alone.
func planLeftOut(full *plan.Plan) string {
	rest := plan.Plan{Goal: full.Goal, Options: full.Options, Journey: full.Journey, Target: full.Target}
	rest.Options.SkipBlocked = false // what was left out is the point
	// The canaries are not among what is left, or are all that is.
	rest.Goal.Canary, rest.Options.Soak = nil, 0
	var models []fleet.ModelPattern
	whole := false
	for _, t := range tallies(full) {
		if !t.stuck() {
			continue
		}
		rest.Controllers = append(rest.Controllers, *t.controller)
		whole = whole || t.controller.Disposition == plan.Held
		for _, m := range t.held {
			models = append(models, patternOf(t.controller, m))
		}
	}
	if !whole && len(models) > 0 && len(models) <= fewModels {
		rest.Goal.Include, rest.Goal.Exclude, rest.Goal.WithController = models, nil, false
		rest.Goal.AgentVersion, rest.Goal.Backup = version.Zero, ""
	}
	return PlanAgain(&rest)
}

// patternOf is the model as -m names it.
func patternOf(c *plan.Controller, m *plan.Model) fleet.ModelPattern {
	owner, name, ok := strings.Cut(m.Name, "/")
	if !ok {
		owner, name = "", m.Name
	}
	return fleet.ModelPattern{Controller: c.Name, Owner: owner, Name: name}
}
