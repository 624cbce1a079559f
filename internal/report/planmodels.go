package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

// modelRows is how many models of a controller a plan shows.
const modelRows = 20

// inPlan are the models of a controller in the order of the plan.
func inPlan(c *plan.Controller) []*plan.Model {
	out := make([]*plan.Model, len(c.Models))
	for i := range c.Models {
		out[i] = &c.Models[i]
	}
	return out
}

// shownModels are those that a plan shows: where agents are no part of it, not those of
// which nothing is to be said but that.
func shownModels(full *plan.Plan, c *plan.Controller) []*plan.Model {
	return slices.DeleteFunc(inPlan(c), func(m *plan.Model) bool {
		return m.Disposition == plan.AsIs && !full.Goal.UpgradesAgents()
	})
}

// models draws the models of a controller in that order; when they are many, the
// blocked ones and as many others as there is room for.
func (p *page) models(c *plan.Controller, all []*plan.Model) {
	p.modelRows(c, all, func(m *plan.Model) line { return p.model(m) })
}

func (p *page) modelRows(c *plan.Controller, all []*plan.Model, draw func(*plan.Model) line) {
	var shown, hidden []*plan.Model
	room := modelRows
	for _, m := range all {
		if p.mustShow(c, m) {
			room--
		}
	}
	for _, m := range all {
		switch {
		case m.IsController:
		case p.mustShow(c, m):
			shown = append(shown, m)
		case room > 0:
			shown = append(shown, m)
			room--
		default:
			hidden = append(hidden, m)
		}
	}
	rows := make([]line, 0, len(shown))
	for _, m := range shown {
		rows = append(rows, draw(m))
	}
	p.table(4, rows)
	if len(hidden) > 0 {
		p.line(say("    %s %d more: %s (--format yaml shows all)", p.style.ellipsis(), len(hidden), dispositions(hidden)))
	}
}

// mustShow says that a model is blocked for a reason of its own.
func (p *page) mustShow(c *plan.Controller, m *plan.Model) bool {
	return !m.IsController && m.Disposition == plan.Held && c.Disposition != plan.Held
}

func dispositions(models []*plan.Model) string {
	n := map[plan.Disposition]int{}
	for _, m := range models {
		n[m.Disposition]++
	}
	var out []string
	for _, d := range []struct {
		disposition plan.Disposition
		words       string
	}{{plan.Upgrade, "to upgrade"}, {plan.Moves, "to move"}, {plan.Moved, "there already"}, {plan.Current, "up to date"}, {plan.Held, "blocked"}, {plan.LeftOut, "left out"}, {plan.AsIs, "as they are"}} {
		if n[d.disposition] > 0 {
			out = append(out, fmt.Sprintf("%d %s", n[d.disposition], d.words))
		}
	}
	return strings.Join(out, ", ")
}

// model is the row of one model: name, versions, size, what happens.
func (p *page) model(m *plan.Model) line {
	size := modelSize(m)
	name := say("%s", clean(m.Name))
	switch m.Disposition {
	case plan.Upgrade:
		return line{name, say("%s", p.style.hop(m.From, m.To)), say("%s", size), say("%s", partly(m))}
	case plan.Current:
		return line{name, say("%s", number(m.From)), say("%s", size), current(m)}
	case plan.Held:
		words := blocked(m.Codes)
		switch {
		case slices.Equal(m.Codes, []string{"controller-held"}):
			words = "waits for its controller, which is blocked"
		case slices.Equal(m.Codes, []string{"canary-held"}):
			words = "waits for a canary, which is blocked"
		}
		return line{name, say("%s", number(m.From)), say("%s", size), red.say("%s", words)}
	}
	if m.Disposition == plan.AsIs {
		return line{name, say("%s", number(m.From)), say("%s", size), dim.say("agents as they are")}
	}
	if notLookedAt(m) {
		return line{name, say("%s", orDash(text(m.From))), dim.say("left out (not looked at)")}
	}
	return line{name, say("%s", number(m.From)), say("%s", size), dim.say("left out")}
}

// modelSize is what a model consists of.
func modelSize(m *plan.Model) string {
	if m.Type == fleet.CAAS && m.Machines == 0 {
		return count(m.Units, "unit")
	}
	return count(m.Machines, "machine") + ", " + count(m.Units, "unit")
}

// notLookedAt says that nobody asked what is in a model, because it was left out.
func notLookedAt(m *plan.Model) bool {
	return m.Disposition == plan.LeftOut && m.Machines == 0 && m.Units == 0 && m.Awaited == 0 && m.NotShown == 0
}

// current says why there is nothing to upgrade in a model. That it is up to
// date is said only of agents that were seen.
func current(m *plan.Model) span {
	notShown := fmt.Sprintf("%s not shown by the controller", count(m.NotShown, "agent"))
	switch {
	case m.Awaited == 0 && m.NotShown > 0:
		return say("nothing to upgrade, as far as is seen: %s", notShown)
	case m.Awaited == 0:
		return green.say("up to date: no agents")
	case m.NotShown > 0:
		return green.say("up to date: %d of %s, %s", m.There, count(m.Awaited, "agent"), notShown)
	}
	return green.say("up to date: %d of %s", m.There, count(m.Awaited, "agent"))
}

// partly says what is worth knowing of a model that is to be upgraded.
func partly(m *plan.Model) string {
	var parts []string
	if m.Canary {
		parts = append(parts, "canary")
	}
	if len(m.Singles) > 0 {
		parts = append(parts, "one pod of "+clean(someOf(m.Singles)))
	}
	if m.There > 0 {
		parts = append(parts, fmt.Sprintf("%d of %s there already", m.There, count(m.Awaited, "agent")))
	}
	if m.NotShown > 0 {
		parts = append(parts, count(m.NotShown, "agent")+" not shown by the controller")
	}
	return strings.Join(parts, ", ")
}
