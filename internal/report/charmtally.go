package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

// charmTally counts what a plan does with the applications of a controller's models.
type charmTally struct {
	// going are refreshed, in so many models; one is the last of them.
	going, models int
	one           string
	// current run the newest of their channels; leftOut are by an option, without
	// those whose whole model is; waiting are those whose whole model is blocked.
	current, leftOut, waiting int
	// local and off are left alone.
	local, off int
	// held are those that findings block.
	held []heldApp
}

// heldApp is an application that findings block.
type heldApp struct {
	model *plan.Model
	app   *plan.Application
}

func (h heldApp) name() string { return appName(h.model, h.app) }

// appName is the application as --app names it, without its controller.
func appName(m *plan.Model, a *plan.Application) string { return clean(m.Name + "." + a.Name) }

func charmTallyOf(c *plan.Controller) charmTally {
	var t charmTally
	for i := range c.Models {
		m := &c.Models[i]
		before := t.going
		for j := range m.Applications {
			t.add(c, m, &m.Applications[j])
		}
		if t.going > before {
			t.models++
		}
	}
	return t
}

func (t *charmTally) add(c *plan.Controller, m *plan.Model, a *plan.Application) {
	switch a.Disposition {
	case plan.Upgrade:
		t.going++
		t.one = clean(c.Name) + ":" + appName(m, a)
	case plan.Current:
		t.current++
	case plan.Local:
		t.local++
	case plan.OffChannel:
		t.off++
	case plan.LeftOut:
		if m.Disposition != plan.LeftOut && !m.IsController {
			t.leftOut++
		}
	case plan.Held:
		if m.Disposition == plan.Held {
			t.waiting++
		} else {
			t.held = append(t.held, heldApp{m, a})
		}
	}
}

// others are the words for those that have no row.
func (t charmTally) others() []string {
	var out []string
	for _, of := range []struct {
		n     int
		words string
	}{{t.current, channels(t.current, "at the newest of %s")}, {t.waiting, "in models that are blocked"}, {t.leftOut, "left out"}} {
		if of.n > 0 {
			out = append(out, fmt.Sprintf("%d %s", of.n, of.words))
		}
	}
	return out
}

// alone are the words for those that are left alone.
func (t charmTally) alone() []string {
	var out []string
	switch {
	case t.local == 1:
		out = append(out, "1 application with a local charm")
	case t.local > 1:
		out = append(out, count(t.local, "application")+" with local charms")
	}
	if t.off > 0 {
		out = append(out, count(t.off, "application")+" off "+channels(t.off, "%s"))
	}
	return out
}

// channels puts into the words whose channels they are.
func channels(n int, words string) string {
	if n == 1 {
		return fmt.Sprintf(words, "its channel")
	}
	return fmt.Sprintf(words, "their channels")
}

// charmsOf adds up what a plan does with applications.
func charmsOf(all []tally) (t charmTally, controllers []string) {
	for _, one := range all {
		t.going += one.charms.going
		t.current += one.charms.current
		t.local += one.charms.local
		t.off += one.charms.off
		t.leftOut += one.charms.leftOut
		t.waiting += one.charms.waiting
		if one.charms.going > 0 {
			t.one = one.charms.one
			controllers = append(controllers, clean(one.controller.Name))
		}
	}
	return t, controllers
}

// refreshedOnes are the applications that a plan refreshes: "prod:admin/web.tiny", "7
// applications of prod"; "" when it refreshes none.
func refreshedOnes(all []tally) string {
	switch t, of := charmsOf(all); t.going {
	case 0:
		return ""
	case 1:
		return t.one
	default:
		return count(t.going, "application") + " of " + some(of, 3, "controller")
	}
}

// noneToRefresh says of a plan without refreshes how the applications are.
func noneToRefresh(all []tally) string {
	t, _ := charmsOf(all)
	parts := t.others()
	if t.local > 0 {
		parts = append(parts, fmt.Sprintf("%d local", t.local))
	}
	if t.off > 0 {
		parts = append(parts, fmt.Sprintf("%d %s", t.off, channels(t.off, "off %s")))
	}
	if len(parts) == 0 {
		return "there is no application to refresh"
	}
	return "no application to refresh (" + strings.Join(parts, ", ") + ")"
}

// heldGroups are the applications of one model each, held by the same.
func heldGroups(held []heldApp) [][]heldApp {
	var out [][]heldApp
	for _, h := range held {
		k := slices.IndexFunc(out, func(g []heldApp) bool {
			return g[0].model == h.model && slices.Equal(g[0].app.Codes, h.app.Codes)
		})
		if k < 0 {
			out = append(out, []heldApp{h})
			continue
		}
		out[k] = append(out[k], h)
	}
	return out
}

// heldNames name them, with what holds them where that is wanted.
func heldNames(held []heldApp, controller string, codes bool) []string {
	var out []string
	for _, g := range heldGroups(held) {
		why := ""
		if codes {
			why = parenthesis(strings.Join(g[0].app.Codes, ", "))
		}
		if len(g) >= groupFrom {
			out = append(out, count(len(g), "application")+" of "+controller+clean(g[0].model.Name)+why)
			continue
		}
		for _, h := range g {
			out = append(out, controller+h.name()+why)
		}
	}
	return out
}

// charmWords name a charm and what it follows: "tiny 1/stable", "local:tiny".
func charmWords(a *plan.Application) string {
	if a.Source != fleet.Charmhub {
		return clean(string(a.Source) + ":" + a.Charm)
	}
	if a.Channel == "" {
		return clean(a.Charm)
	}
	return clean(a.Charm) + " " + clean(a.Channel)
}
