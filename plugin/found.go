package plugin

import (
	"fmt"
	"slices"
	"strings"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/report"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/rules"
)

func (l *leftovers) found(e report.Leftover) { l.view.Entries = append(l.view.Entries, e) }

// moved says that the model is on the target, and works there.
func (l *leftovers) moved(uuid string) bool {
	return slices.ContainsFunc(l.target.Models, func(m fleet.Model) bool { return m.UUID == uuid && !m.Importing() })
}

// movedName says the same of a model by its name, "owner/name".
func (l *leftovers) movedName(name string) bool {
	return slices.ContainsFunc(l.target.Models, func(m fleet.Model) bool { return m.Name == name && !m.IsController && !m.Importing() })
}

// models are those that the source lists.
func (l *leftovers) models() {
	for i := range l.source.Models {
		m := &l.source.Models[i]
		if m.IsController {
			continue
		}
		e := report.Leftover{Kind: report.LeftModel, Subject: l.source.Name + ":" + m.Name, Standing: l.standing(m)}
		e.Text, e.Commands = l.whatOf(m, e.Standing)
		l.found(e)
	}
}

func (l *leftovers) standing(m *fleet.Model) report.LeftoverStanding {
	switch shown := rules.ShowsMigrations(l.source.Version); {
	case l.moved(m.UUID) && !shown:
		return report.ListedOnly
	case m.LastMigration.Underway():
		return report.Migrating
	case l.moved(m.UUID):
		return report.NotRemoved
	}
	for _, c := range l.state.Plan.Controllers {
		for _, planned := range c.Models {
			if planned.UUID != m.UUID {
				continue
			}
			switch planned.Disposition {
			case plan.Held:
				return report.Blocked
			case plan.LeftOut:
				return report.NotSelected
			case plan.Upgrade, plan.Current, plan.Moves, plan.Moved:
				return report.ToMove
			}
		}
	}
	return report.NotPlanned
}

// whatOf says what is the case with a model, and what to type.
func (l *leftovers) whatOf(m *fleet.Model, standing report.LeftoverStanding) (string, []string) {
	source, target := l.source.Name, l.target.Name
	anew := "juju upgrade-all plan -c " + source + " --to " + target
	switch standing {
	case report.ListedOnly:
		return "it is on " + target + "; " + source + " goes on listing it", []string{"juju status -m " + target + ":" + m.Name}
	case report.NotRemoved:
		return "it is on " + target + ", and " + source + " could not remove its own copy: never destroy it there, nor " + source +
				" with its models, what it runs on belongs to " + target + ". Once nothing else is left: juju unregister " + source + ", and " + l.takeDown(),
			[]string{"juju status -m " + target + ":" + m.Name}
	case report.Migrating:
		return "it is migrating now", []string{"juju status -m " + source + ":" + m.Name}
	case report.ToMove:
		if l.state.Unfinished() {
			return "the run has not moved it", []string{fmt.Sprintf("juju upgrade-all resume %d", l.state.Run)}
		}
		return "it is not on " + target, []string{anew}
	case report.Blocked:
		return "findings held it", []string{anew}
	case report.NotSelected:
		return "it was left out", []string{anew}
	case report.NotPlanned:
	}
	return "the run did not know it", []string{anew}
}

// controllerCharm is the application that every controller's own model has.
const controllerCharm = "controller"

// applications are those of the source's own model.
func (l *leftovers) applications() {
	m := l.source.ControllerModel()
	if m == nil {
		return
	}
	seen := map[string]bool{controllerCharm: true}
	for _, a := range m.Status.Agents {
		app, _, unit := strings.Cut(a.Name, "/")
		if !unit || a.Kind == fleet.ContainerAgent || a.Kind == fleet.MachineAgent || seen[app] {
			continue
		}
		seen[app] = true
		l.found(report.Leftover{
			Kind: report.LeftApplication, Subject: l.source.Name + ":" + m.Name + " " + app,
			Text:     "an application of the controller's own model, which does not move",
			Commands: []string{"juju status -m " + l.source.Name + ":" + m.Name, "juju export-bundle -m " + l.source.Name + ":" + m.Name},
		})
	}
}

// relations are those whose two sides are on the two controllers, and those of what
// is not on the target with others.
func (l *leftovers) relations() {
	for i := range l.target.Models {
		m := &l.target.Models[i]
		for _, remote := range m.Status.Remotes {
			controller, offerer := remote.OfferedBy()
			// What has moved is still said to be of the source, for ever.
			if !l.meansSource(controller) || l.movedName(offerer) {
				continue
			}
			l.found(report.Leftover{
				Kind: report.LeftRelation, Subject: l.target.Name + ":" + m.Name + " " + remote.Name,
				Text:     "it consumes " + remote.OfferURL + ", which is still offered there",
				Commands: []string{"juju status --relations -m " + l.target.Name + ":" + m.Name},
			})
		}
	}
	for i := range l.source.Models {
		m := &l.source.Models[i]
		if l.moved(m.UUID) {
			continue
		}
		for _, offer := range m.Status.Offers {
			if offer.Total == 0 {
				continue
			}
			l.found(report.Leftover{
				Kind: report.LeftRelation, Subject: l.source.Name + ":" + m.Name + " " + offer.Name,
				Text:     fmt.Sprintf("%s to what it offers", number(offer.Total, "relation")),
				Commands: []string{"juju offers -m " + l.source.Name + ":" + m.Name},
			})
		}
	}
}

// meansSource says that a controller named in an offer's URL is the source.
func (l *leftovers) meansSource(name string) bool {
	if name == l.source.Name || slices.Contains(l.source.Aliases, name) {
		return true
	}
	return slices.ContainsFunc(l.state.Plan.Controllers, func(c plan.Controller) bool {
		return c.UUID == l.source.UUID && (c.Name == name || slices.Contains(c.Aliases, name))
	})
}

// agents are those of moved models that are not connected to the target.
func (l *leftovers) agents() {
	for i := range l.target.Models {
		m := &l.target.Models[i]
		if !l.ours(m.UUID) {
			continue
		}
		for _, agent := range fleet.Connected(m.Status).Missing {
			l.found(report.Leftover{
				Kind: report.LeftAgent, Subject: l.target.Name + ":" + m.Name + " " + agent.String(),
				Text: "its agent is not connected to " + l.target.Name + " (" + agent.State.Status + "): it may still be with " + l.source.Name,
				Commands: []string{
					"juju status -m " + l.target.Name + ":" + m.Name,
					fmt.Sprintf("juju upgrade-all status %d", l.state.Run),
				},
			})
		}
	}
}

// ours says that the run has moved the model, or has found it moved.
func (l *leftovers) ours(uuid string) bool {
	for _, c := range l.state.Plan.Controllers {
		for _, m := range c.Models {
			if m.UUID == uuid && !m.IsController {
				return m.Disposition == plan.Moves || m.Disposition == plan.Moved
			}
		}
	}
	return false
}

// users are those who have not been seen on the target since they were brought there.
func (l *leftovers) users(v report.HandoverView) {
	for _, p := range v.People {
		if p.Comes == plan.External || p.Comes == plan.StaysOut || p.Disabled {
			continue
		}
		e := report.Leftover{Kind: report.LeftUser, Subject: p.Name, Commands: []string{fmt.Sprintf("juju upgrade-all handover %d", v.Run)}}
		switch {
		case !p.Exists:
			e.Text = "does not exist on " + v.Target.Name
		case !p.Came():
			e.Text = "has not logged in to " + v.Target.Name + " yet"
		default:
			continue
		}
		l.found(e)
	}
}
