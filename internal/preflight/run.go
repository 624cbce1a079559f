package preflight

import (
	"cmp"
	"slices"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// Run asks all checks about all that the goal concerns. What it returns is
// ordered by severity, then as the fleet has its controllers, then by subject
// and code, and does not depend on the order of anything else.
func Run(f fleet.Fleet, g fleet.Goal) []fleet.Finding {
	r := runner{order: map[string]int{}}
	world := view{fleet: &f, goal: g}
	if g.Moves() && g.UpgradesAgents() {
		world.there = world.lookUp()
	}
	for i := range f.Controllers {
		r.order[f.Controllers[i].UUID] = i + 1
	}
	for _, c := range table() {
		r.ask(c, world)
	}
	for i := range r.out {
		accept(&r.out[i], f, g.Accept)
	}
	r.out = append(r.out, unused(r.out, f, g.Accept)...)
	r.sort()
	return r.out
}

// runner collects findings.
type runner struct {
	out []fleet.Finding
	// order is each controller's place in the fleet; what is wider comes first.
	order map[string]int
}

// ask asks one check about everything that it is for.
func (r *runner) ask(c check, world view) {
	if c.run != nil {
		r.hear(c, world, c.run)
	}
	if c.target != nil && world.moves() {
		at := world
		at.c = world.there.controller
		r.hear(c, at, c.target)
	}
	if c.controller == nil && c.model == nil && c.application == nil {
		return
	}
	for i := range world.fleet.Controllers {
		at := world.at(&world.fleet.Controllers[i])
		if c.controller != nil {
			r.hear(c, at, c.controller)
		}
		if at.unreachable() {
			continue
		}
		for j := range at.c.Models {
			r.askModel(c, at.in(&at.c.Models[j]))
		}
	}
}

// askModel asks it about a model, and about the applications of that.
func (r *runner) askModel(c check, in view) {
	if c.model != nil {
		r.hear(c, in, c.model)
	}
	if c.application == nil {
		return
	}
	for _, of := range in.applications() {
		r.hear(c, of, c.application)
	}
}

func (r *runner) hear(c check, v view, ask func(view) []say) {
	if c.when != nil && !c.when(v) {
		return
	}
	for _, s := range ask(v) {
		r.out = append(r.out, c.finding(v, s))
	}
}

func (r *runner) sort() {
	slices.SortStableFunc(r.out, func(a, b fleet.Finding) int {
		return cmp.Or(
			cmp.Compare(weight(a.Severity), weight(b.Severity)),
			cmp.Compare(r.order[a.Controller], r.order[b.Controller]),
			cmp.Compare(a.Subject, b.Subject),
			cmp.Compare(a.Code, b.Code),
			cmp.Compare(a.Meaning, b.Meaning),
		)
	})
}

func weight(s fleet.Severity) int {
	switch s {
	case fleet.Blocker:
		return 0
	case fleet.Warning:
		return 1
	default:
		return 2
	}
}
