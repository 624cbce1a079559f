package report

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

// charmTally counts what a plan does with the applications of a controller's models.
type charmTally struct {
	// going are refreshed, in so many models.
	going, models int
	// current run the newest of their channels; local and off are left alone; leftOut
	// are by an option.
	current, local, off, leftOut int
	// held are those that findings block, as "admin/web.tiny", without those whose
	// whole model is.
	held []string
}

func charmTallyOf(c *plan.Controller) charmTally {
	var t charmTally
	for i := range c.Models {
		m := &c.Models[i]
		before := t.going
		for j := range m.Applications {
			switch a := &m.Applications[j]; a.Disposition {
			case plan.Upgrade:
				t.going++
			case plan.Current:
				t.current++
			case plan.Local:
				t.local++
			case plan.OffChannel:
				t.off++
			case plan.LeftOut:
				t.leftOut++
			case plan.Held:
				if m.Disposition != plan.Held {
					t.held = append(t.held, clean(m.Name+"."+a.Name))
				}
			}
		}
		if t.going > before {
			t.models++
		}
	}
	return t
}

// appRows is how many applications of a controller a plan shows.
const appRows = 30

// charms draws what becomes of the applications of a controller's models: those that
// something happens with, or that are left alone for a reason; the others are counted.
func (p *page) charms(full *plan.Plan, c *plan.Controller) {
	if !full.Goal.Refreshes() {
		return
	}
	t := charmTallyOf(c)
	words := "none to refresh"
	if t.going > 0 {
		words = fmt.Sprintf("%s of %s to refresh, %s in each model", count(t.going, "application"), count(t.models, "model"), atATime(full.Options.CharmParallel))
	}
	for _, more := range []struct {
		n     int
		words string
	}{{t.current, "at the newest of their channels"}, {t.leftOut, "left out"}} {
		if more.n > 0 {
			words += fmt.Sprintf("; %d %s", more.n, more.words)
		}
	}
	p.row("charms", words)
	var held, rest []line
	for i := range c.Models {
		m := &c.Models[i]
		for j := range m.Applications {
			switch a := &m.Applications[j]; a.Disposition {
			case plan.Current, plan.LeftOut:
			case plan.Held:
				held = append(held, p.application(m, a))
			default:
				rest = append(rest, p.application(m, a))
			}
		}
	}
	rows := append(held, rest...)
	p.table(4, rows[:min(len(rows), max(appRows, len(held)))])
	if more := len(rows) - max(appRows, len(held)); more > 0 {
		p.line(say("    %s %d more (--format yaml shows all)", p.style.ellipsis(), more))
	}
}

// application is the row of one application: where, what charm, what happens.
func (p *page) application(m *plan.Model, a *plan.Application) line {
	name, charm := say("%s", clean(m.Name+"."+a.Name)), say("%s", charmWords(a))
	row := line{name, charm, say("%s", revisions(p.style, a)), say("%s", count(a.Units, "unit"))}
	switch a.Disposition {
	case plan.Local:
		return append(row, dim.say("a local charm: left alone"))
	case plan.OffChannel:
		return append(row, dim.say("off its channel, which has %d: left alone", a.To))
	case plan.Held:
		return append(row, red.say("%s", heldApplication(a)))
	}
	if a.File != "" {
		return append(row, say("from %s", clean(a.File)))
	}
	return append(row, say("%s", resourceWords(p.style, a.Resources)))
}

func heldApplication(a *plan.Application) string {
	if slices.Equal(a.Codes, []string{"model-held"}) {
		return "waits for its model, which is blocked"
	}
	return blocked(a.Codes)
}

// charmWords name a charm and what it follows: "tiny 1/stable", "local:tiny".
func charmWords(a *plan.Application) string {
	if a.Source != fleet.Charmhub {
		return clean(string(a.Source) + ":" + a.Charm)
	}
	return strings.TrimSpace(clean(a.Charm + " " + a.Channel))
}

// revisions are those of an application's charm: "1 → 2".
func revisions(s Style, a *plan.Application) string {
	from := revision(a.From)
	if a.Disposition != plan.Upgrade || a.To == a.From {
		return from
	}
	if a.To < 0 {
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
func resourceWords(s Style, all []fleet.Resource) string {
	var out []string
	for _, r := range all {
		out = append(out, fmt.Sprintf("%s %s %s %d", clean(r.Name), revision(r.Now), s.arrow(), r.Then))
	}
	return strings.Join(out, ", ")
}

// charmsToo is said after what else is done: " with 3 applications".
func charmsToo(n int) string {
	if n == 0 {
		return ""
	}
	return " with " + count(n, "application")
}

// restOfCharms say of a plan without refreshes how the applications are.
func restOfCharms(all []tally) string {
	var t charmTally
	for _, one := range all {
		t.current += one.charms.current
		t.local += one.charms.local
		t.off += one.charms.off
	}
	var parts []string
	for _, more := range []struct {
		n     int
		words string
	}{{t.current, "at the newest of their channels"}, {t.local, "with local charms"}, {t.off, "off their channels"}} {
		if more.n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", more.n, more.words))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return "; applications: " + strings.Join(parts, ", ")
}

// ApplicationDoc is what a plan says of one application.
type ApplicationDoc struct {
	Name        string        `json:"name" yaml:"name"`
	Charm       string        `json:"charm" yaml:"charm"`
	Source      string        `json:"source,omitempty" yaml:"source,omitempty"`
	Channel     string        `json:"channel,omitempty" yaml:"channel,omitempty"`
	Base        string        `json:"base,omitempty" yaml:"base,omitempty"`
	From        int           `json:"from" yaml:"from"`
	To          *int          `json:"to,omitempty" yaml:"to,omitempty"`
	Disposition string        `json:"disposition" yaml:"disposition"`
	Codes       []string      `json:"codes,omitempty" yaml:"codes,omitempty"`
	Resources   []ResourceDoc `json:"resources,omitempty" yaml:"resources,omitempty"`
	Units       int           `json:"units" yaml:"units"`
	File        string        `json:"file,omitempty" yaml:"file,omitempty"`
}

// ResourceDoc is a resource that changes; From is absent where there was none.
type ResourceDoc struct {
	Name string `json:"name" yaml:"name"`
	From *int   `json:"from,omitempty" yaml:"from,omitempty"`
	To   int    `json:"to" yaml:"to"`
}

func applicationDocs(all []plan.Application) []ApplicationDoc {
	var out []ApplicationDoc
	for _, a := range all {
		doc := ApplicationDoc{
			Name: a.Name, Charm: a.Charm, Source: string(a.Source), Channel: a.Channel, Base: a.Base, From: a.From, To: known(a.To),
			Disposition: string(a.Disposition), Codes: a.Codes, Units: a.Units, File: a.File,
		}
		for _, r := range a.Resources {
			doc.Resources = append(doc.Resources, ResourceDoc{Name: r.Name, From: known(r.Now), To: r.Then})
		}
		out = append(out, doc)
	}
	return out
}

// known is a revision; nil where there is none.
func known(revision int) *int {
	if revision < 0 {
		return nil
	}
	return &revision
}
