package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/journal"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

// standing says how a model stands in a move. The words are stable: scripts read
// them.
type standing string

const (
	// movedThere: it is on the controller that models move to, seenThere: with
	// every agent connected.
	movedThere standing = "moved"
	seenThere  standing = "arrived"
	// onItsWay: Juju moves it; until SUCCESS it is where it was.
	onItsWay standing = "moving"
	// stays: it is where it was.
	stays standing = "not-moved"
)

// place is where one model is: on exactly one controller.
type place struct {
	model    plan.Model
	at       fleet.Ref
	standing standing
	// note says in a few words what is to be known of it there.
	note string
	// agents counts those seen there; caution is what the move left behind.
	agents  int
	caution string
}

// moveSteps are the steps of a model's move.
type moveSteps struct{ migrate, arrive, upgrade *plan.Step }

// movesOf finds the steps of each model's move, by its UUID.
func movesOf(p *plan.Plan) map[string]*moveSteps {
	out := map[string]*moveSteps{}
	for i := range p.Steps {
		step := &p.Steps[i]
		if !step.OnTarget() || step.Model.UUID == "" {
			continue
		}
		m := out[step.Model.UUID]
		if m == nil {
			m = &moveSteps{}
			out[step.Model.UUID] = m
		}
		switch step.Kind {
		case plan.Migrate:
			m.migrate = step
		case plan.Arrive:
			m.arrive = step
		case plan.ModelUpgrade:
			m.upgrade = step
		}
	}
	return out
}

// movedOnes are the UUIDs of the models that the run has seen move.
func movedOnes(s *journal.State) map[string]bool {
	out := map[string]bool{}
	for i := range s.Plan.Steps {
		step := &s.Plan.Steps[i]
		if step.Kind == plan.Migrate && s.Steps[step.ID].Status == journal.Done {
			out[step.Model.UUID] = true
		}
	}
	return out
}

// placesOf says of each model of a move where it is; of those that are gone,
// nothing. They are in the order in which they move.
func placesOf(s *journal.State) []place {
	if s.Plan.Target == nil {
		return nil
	}
	moves := movesOf(&s.Plan)
	var out []place
	for i := range s.Plan.Controllers {
		c := &s.Plan.Controllers[i]
		for _, m := range inMoveOrder(&s.Plan, c) {
			if m.IsController {
				continue
			}
			steps := moves[m.UUID]
			if steps == nil || steps.migrate == nil {
				out = append(out, unmoved(&s.Plan, c, m))
			} else if s.Steps[steps.migrate.ID].Status != journal.Skipped {
				out = append(out, placeOf(s, m, steps))
			}
		}
	}
	return out
}

// unmoved is the place of a model that the run does not move.
func unmoved(p *plan.Plan, c *plan.Controller, m *plan.Model) place {
	at := place{model: *m, at: c.Ref, standing: stays}
	switch m.Disposition {
	case plan.Moved:
		at.at, at.standing, at.note = p.Target.Ref, movedThere, "before the run"
	case plan.Held:
		at.note = "blocked"
	case plan.LeftOut:
		at.note = "left out"
	}
	return at
}

// placeOf is the place of a model that the run moves.
func placeOf(s *journal.State, m *plan.Model, steps *moveSteps) place {
	at, step := s.Steps[steps.migrate.ID], steps.migrate
	out := place{model: *m, at: step.Controller, standing: stays}
	switch {
	case at.Status == journal.Done:
		return placeThere(s, out, steps)
	case at.Status == journal.Started:
		out.standing = onItsWay
		out.note = "there until the phase SUCCESS"
	case at.Status == journal.Failed && at.Changed:
		out.note = "as last seen: its move failed"
	case at.Status == journal.Failed:
		out.note = "its move failed"
	case at.Changed:
		out.note = "as last seen"
	default:
		out.note = "not begun"
	}
	return out
}

// placeThere is the place of a model that has moved.
func placeThere(s *journal.State, out place, steps *moveSteps) place {
	out.at, out.standing = steps.migrate.Target, movedThere
	out.caution = clean(s.Steps[steps.migrate.ID].Record.Result)
	status := func(step *plan.Step) journal.Status { return s.Steps[step.ID].Status }
	switch {
	case steps.arrive == nil:
	case status(steps.arrive) != journal.Done:
		out.note = "not all agents seen there"
	default:
		out.standing, out.agents = seenThere, s.Steps[steps.arrive.ID].Record.There
		if steps.upgrade != nil && status(steps.upgrade) != journal.Done {
			out.note = "not seen at " + number(steps.upgrade.To)
		}
	}
	return out
}

// whereabouts draws on which controller each model is, and what not to do there.
func (p *page) whereabouts(s *journal.State, v Verdict) {
	places := placesOf(s)
	if len(places) > 0 {
		p.heading("Where the models are")
		var rows []line
		for _, group := range byPlace(s, places) {
			label := "on " + clean(group[0].at.Name)
			ink := noInk
			if group[0].standing == onItsWay {
				label, ink = "moving", cyan
			}
			rows = append(rows, line{ink.say("%s", label), say("%s", p.placeNames(group))})
		}
		p.labelledRows(rows)
	}
	if cautions := cautionsOf(s, v); len(cautions) > 0 {
		p.heading("Caution")
		for _, c := range cautions {
			p.sentence(line{yellow.say("  ! ")}, c)
		}
	}
}

// labelledRows draws wrapped texts beside their labels.
func (p *page) labelledRows(rows []line) {
	width := 0
	for _, row := range rows {
		width = max(width, columns(row[0].text))
	}
	for _, row := range rows {
		p.sentence(line{say("  "), row[0].pad(width), say("  ")}, row[1].text)
	}
}

// byPlace groups models by where they are: there, on their way, where they were.
func byPlace(s *journal.State, places []place) [][]place {
	var there, moving, here []place
	for _, at := range places {
		switch {
		case at.standing == onItsWay:
			moving = append(moving, at)
		case at.at.UUID == s.Plan.Target.UUID:
			there = append(there, at)
		default:
			here = append(here, at)
		}
	}
	var out [][]place
	for _, group := range [][]place{there, moving, here} {
		if len(group) > 0 {
			out = append(out, group)
		}
	}
	return out
}

// placeNames are the models of a group, those with the same note together; when
// they are many, those with a note come first.
func (p *page) placeNames(group []place) string {
	var notes []string
	names := map[string][]string{}
	for _, at := range group {
		note := at.note
		if at.standing == onItsWay {
			note = "on " + clean(at.at.Name) + " until the phase SUCCESS"
		}
		if names[note] == nil {
			notes = append(notes, note)
		}
		names[note] = append(names[note], clean(at.model.Name))
	}
	if len(group) > modelRows {
		slices.SortStableFunc(notes, func(a, b string) int { return len(names[a]) - len(names[b]) })
	}
	room, hidden := modelRows, 0
	var parts []string
	for _, note := range notes {
		shown := names[note][:min(room, len(names[note]))]
		room -= len(shown)
		hidden += len(names[note]) - len(shown)
		if len(shown) > 0 {
			parts = append(parts, strings.Join(shown, ", ")+parenthesis(note))
		}
	}
	words := strings.Join(parts, "; ")
	if hidden > 0 {
		words += fmt.Sprintf(" %s %d more (--format yaml shows all)", p.style.ellipsis(), hidden)
	}
	return words
}
