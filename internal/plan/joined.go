package plan

import (
	"slices"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// joined names the models to which the model has cross-model relations, as far as
// the consumers on the same controller show: who consumes an offer from elsewhere
// is not seen.
func (b *builder) joined(m *fleet.Model) []string {
	var out []string
	for _, r := range m.Status.Remotes {
		controller, model := r.OfferedBy()
		if !b.here(controller) {
			model = controller + ":" + model
		}
		out = append(out, model)
	}
	for i := range b.c.Models {
		other := &b.c.Models[i]
		if b.consumes(other, m) {
			out = append(out, other.Name)
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// here says whether a controller's name in the URL of an offer is this one's.
func (b *builder) here(name string) bool {
	return name == "" || name == b.c.Name || slices.Contains(b.c.Aliases, name)
}

// consumes says whether a model consumes something that the other offers.
func (b *builder) consumes(consumer, offerer *fleet.Model) bool {
	return consumer.UUID != offerer.UUID && slices.ContainsFunc(consumer.Status.Remotes, func(r fleet.Remote) bool {
		controller, model := r.OfferedBy()
		return b.here(controller) && model == offerer.Name
	})
}

// offerers are those of the models of which this one consumes something.
func (b *builder) offerers(m *fleet.Model, among []*fleet.Model) []*fleet.Model {
	var out []*fleet.Model
	for _, other := range among {
		if b.consumes(m, other) {
			out = append(out, other)
		}
	}
	return out
}

// moveOrder is the order in which models move: canaries first; models that are
// joined by cross-model relations follow each other, offerers before their
// consumers; else by name.
func (b *builder) moveOrder(moving []*fleet.Model, shown map[string]Model) []*fleet.Model {
	w := waves{b: b, moving: moving, placed: map[string]bool{}}
	for _, first := range []bool{true, false} {
		for _, m := range moving {
			if shown[m.UUID].Canary == first {
				w.place(m, first)
			}
		}
	}
	return w.order
}

// waves collects models in the order in which they move.
type waves struct {
	b      *builder
	moving []*fleet.Model
	placed map[string]bool
	order  []*fleet.Model
}

// place adds a model, before it the offerers that it consumes from, and after it
// its consumers. A circle is cut where it was entered. A canary goes alone.
func (w *waves) place(m *fleet.Model, alone bool) {
	if w.placed[m.UUID] {
		return
	}
	w.placed[m.UUID] = true
	if !alone {
		for _, offerer := range w.b.offerers(m, w.moving) {
			w.place(offerer, alone)
		}
	}
	w.order = append(w.order, m)
	if alone {
		return
	}
	for _, other := range w.moving {
		if w.b.consumes(other, m) {
			w.place(other, alone)
		}
	}
}
