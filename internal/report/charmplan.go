package report

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

// charms draws what becomes of the applications of a controller's models: those that
// something happens with, or that are left alone for a reason; the others are counted.
func (p *page) charms(full *plan.Plan, c *plan.Controller) {
	if !full.Goal.Refreshes() {
		return
	}
	t := charmTallyOf(c)
	row := line{say("  charms      %s", charmsWords(full, t))}
	if t.going > 0 {
		row = append(row, dim.say("%s", apart(duration(charmEstimate(full, c.UUID)))))
	}
	p.line(row...)
	if parts := t.others(); len(parts) > 0 {
		p.sentence(line{say(indent)}, "others: "+strings.Join(parts, ", "))
	}
	rows := p.charmRows(c, t)
	var shown []line
	for _, row := range rows[:min(len(rows), modelRows)] {
		shown = append(shown, row.cells)
	}
	p.table(4, shown)
	p.hiddenCharms(rows[len(shown):])
}

// charmRow is a row of an application, or of several that the same holds.
type charmRow struct {
	cells       line
	disposition plan.Disposition
	of          int
}

// charmRows are those of the applications of a controller's models: the held ones first.
func (p *page) charmRows(c *plan.Controller, t charmTally) []charmRow {
	var out []charmRow
	for _, g := range heldGroups(t.held) {
		if len(g) >= groupFrom {
			cells := line{say("%s", clean(g[0].model.Name)), say("%s", count(len(g), "application")), say(""), say(""), red.say("%s", blocked(g[0].app.Codes))}
			out = append(out, charmRow{cells, plan.Held, len(g)})
			continue
		}
		for _, h := range g {
			out = append(out, charmRow{p.application(h.model, h.app), plan.Held, 1})
		}
	}
	for i := range c.Models {
		m := &c.Models[i]
		for j := range m.Applications {
			switch a := &m.Applications[j]; a.Disposition {
			case plan.Current, plan.LeftOut, plan.Held:
			default:
				out = append(out, charmRow{p.application(m, a), a.Disposition, 1})
			}
		}
	}
	return out
}

// hiddenCharms counts those that there is no room for.
func (p *page) hiddenCharms(rows []charmRow) {
	if len(rows) == 0 {
		return
	}
	n, more := map[plan.Disposition]int{}, 0
	for _, row := range rows {
		n[row.disposition] += row.of
		more += row.of
	}
	var parts []string
	for _, of := range []struct {
		disposition plan.Disposition
		words       string
	}{{plan.Held, "blocked"}, {plan.Upgrade, "to refresh"}, {plan.Local, "local"}, {plan.OffChannel, channels(n[plan.OffChannel], "off %s")}} {
		if k := n[of.disposition]; k > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", k, of.words))
		}
	}
	p.line(say("    %s %d more: %s (--format yaml shows all)", p.style.ellipsis(), more, strings.Join(parts, ", ")))
}

// charmsWords say how many are refreshed, and at what pace.
func charmsWords(full *plan.Plan, t charmTally) string {
	if t.going == 0 {
		return "none to refresh"
	}
	words := fmt.Sprintf("%s of %s to refresh", count(t.going, "application"), count(t.models, "model"))
	if full.Target != nil {
		words += " on " + clean(full.Target.Name)
	}
	switch {
	case t.going == t.models: // each is alone in its model
		return words
	case t.models > 1:
		return words + ", " + atATime(full.Options.CharmParallel) + " in each model"
	}
	return words + ", " + atATime(full.Options.CharmParallel)
}

// charmEstimate is about how long the refreshes of a controller's applications take:
// models are worked on at once, and in each one application after the other.
func charmEstimate(full *plan.Plan, controller string) time.Duration {
	return full.EstimateOf(func(s *plan.Step) bool { return s.Refresh != nil && s.Controller.UUID == controller })
}

// application is the row of one application: where, what charm, what happens.
func (p *page) application(m *plan.Model, a *plan.Application) line {
	row := line{say("%s", appName(m, a)), say("%s", charmWords(a)), say("%s", revisions(p.style, a)), say("%s", count(a.Units, "unit"))}
	switch {
	case a.Disposition == plan.Local && a.Source == fleet.CharmStore:
		return append(row, dim.say("of the Charm Store, which is no more: left alone"))
	case a.Disposition == plan.Local:
		return append(row, dim.say("a local charm: left alone"))
	case a.Disposition == plan.OffChannel:
		return append(row, dim.say("off its channel, which has %d: left alone", a.To))
	case a.Disposition == plan.Held:
		return append(row, red.say("%s", blocked(a.Codes)))
	case a.File != "":
		return append(row, say("from %s", clean(a.File)))
	}
	var notes []string
	if a.Base != "" {
		notes = append(notes, clean(a.Base))
	}
	if a.To >= 0 && a.To < a.From {
		notes = append(notes, "goes back: it is named")
	}
	return append(row, say("%s", strings.Join(append(notes, resourceWords(p.style, a.Resources)...), ", ")))
}

// revisions are those of an application's charm: "1 → 2".
func revisions(s Style, a *plan.Application) string {
	from := revision(a.From)
	switch {
	case a.Disposition != plan.Upgrade || a.To == a.From:
		return from
	case a.To < 0:
		return from + " " + s.arrow() + " new"
	}
	return from + " " + s.arrow() + " " + revision(a.To)
}

func revision(n int) string {
	if n < 0 {
		return "-"
	}
	return strconv.Itoa(n)
}

// resourceWords are the resources that change: "box 1 → 2".
func resourceWords(s Style, all []fleet.Resource) []string {
	var out []string
	for _, r := range all {
		now := revision(r.Now) + " "
		if r.Now < 0 {
			now = "" // it has none of Charmhub's
		}
		out = append(out, fmt.Sprintf("%s %s%s %s", clean(r.Name), now, s.arrow(), revision(r.Then)))
	}
	return out
}
