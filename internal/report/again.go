package report

import (
	"slices"
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
	var apps []fleet.AppPattern
	var files []fleet.CharmFile
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
		for _, h := range t.charms.held {
			at := patternOf(t.controller, h.model)
			apps = append(apps, fleet.AppPattern{Model: &at, App: h.app.Name})
			files = append(files, filesFor(full, t.controller, h)...)
		}
	}
	switch {
	case whole:
	case len(models) == 0 && len(apps) > 0:
		onlyApps(&rest, apps, files)
	case len(models) > 0 && len(models) <= fewModels && len(apps) == 0:
		rest.Goal.Include, rest.Goal.Exclude, rest.Goal.WithController = models, nil, false
		rest.Goal.AgentVersion, rest.Goal.Backup = version.Zero, ""
	}
	return PlanAgain(&rest)
}

// onlyApps narrows a plan to applications, and to their charms: named one by one where
// they are few. What has moved is where it went.
func onlyApps(p *plan.Plan, apps []fleet.AppPattern, files []fleet.CharmFile) {
	g := fleet.Goal{
		Charms: fleet.CharmsOnly, Include: p.Goal.Include, Exclude: p.Goal.Exclude, WithController: p.Goal.WithController,
		Accept: p.Goal.Accept, Apps: p.Goal.Apps, ExcludeApps: p.Goal.ExcludeApps, CharmOrder: p.Goal.CharmOrder, CharmFiles: p.Goal.CharmFiles,
	}
	if t := p.Target; t != nil {
		p.Controllers = []plan.Controller{{Ref: t.Ref}}
		g.Include, g.Exclude = elsewhere(g.Include, t.Name), elsewhere(g.Exclude, t.Name)
		for i := range apps {
			at := *apps[i].Model
			at.Controller = t.Name
			apps[i].Model = &at
		}
	}
	if len(apps) <= fewModels {
		g.Apps, g.CharmFiles = apps, files
		g.Include, g.Exclude, g.WithController, g.ExcludeApps, g.CharmOrder = nil, nil, false, nil, nil
	}
	p.Goal, p.Target, p.Journey = g, nil, plan.Patch
}

// filesFor are the files of a goal that are given to the application.
func filesFor(full *plan.Plan, c *plan.Controller, h heldApp) []fleet.CharmFile {
	at, model := &fleet.Controller{Ref: c.Ref, Aliases: c.Aliases}, &fleet.Model{Ref: h.model.Ref}
	return slices.DeleteFunc(slices.Clone(full.Goal.CharmFiles), func(f fleet.CharmFile) bool {
		return !f.App.Matches(at, model, h.app.Name)
	})
}

// elsewhere are patterns for the models where they have moved to.
func elsewhere(patterns []fleet.ModelPattern, controller string) []fleet.ModelPattern {
	out := slices.Clone(patterns)
	for i := range out {
		if out[i].Controller != "" {
			out[i].Controller = controller
		}
	}
	return out
}

// patternOf is the model as -m names it.
func patternOf(c *plan.Controller, m *plan.Model) fleet.ModelPattern {
	owner, name, ok := strings.Cut(m.Name, "/")
	if !ok {
		owner, name = "", m.Name
	}
	return fleet.ModelPattern{Controller: c.Name, Owner: owner, Name: name}
}
