package plan

import (
	"slices"

	"github.com/juju/version/v2"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// modelLanes plans the lanes of the models that are worked on where they are, the
// canaries first: the others wait until these are seen to be well.
func (b *builder) modelLanes(models []Model, ready []string) {
	var canaries []string
	var refs []fleet.Ref
	for _, first := range []bool{true, false} {
		if !first {
			canaries = b.soak(canaries, refs, Step{})
		}
		for i, m := range inOrder(b.c.Models) {
			shown := models[i]
			switch {
			case shown.IsController && first:
				b.charmSteps(m, shown.Applications, Step{ID: b.ownLane(), Model: m.Ref, From: shown.From, To: shown.To}, ready)
			case shown.IsController || shown.Canary != first:
			case first:
				if ids := b.inPlace(m, shown, ready); len(ids) > 0 {
					refs, canaries = append(refs, m.Ref), append(canaries, ids...)
				}
			default:
				b.inPlace(m, shown, slices.Concat(ready, canaries))
			}
		}
	}
}

// inPlace plans what is done to a model where it is: to its agents, and then to its
// charms. It returns the last steps; none when nothing is.
func (b *builder) inPlace(m *fleet.Model, shown Model, needs []string) (last []string) {
	before := len(b.steps)
	last = needs
	if shown.Disposition == Upgrade {
		last = []string{b.modelSteps(m, shown, needs)}
	}
	last = b.charmSteps(m, shown.Applications, Step{ID: b.lane(m), Model: m.Ref, From: shown.From, To: shown.To}, last)
	if len(b.steps) == before {
		return nil
	}
	return last
}

// canaryHeld is the code of what waits for a canary that is blocked.
const canaryHeld = "canary-held"

// heldByCanary holds the models that were to begin after a canary that is blocked:
// to go on without it would be to go on unwarned.
func (b *builder) heldByCanary(models []Model, going ...Disposition) {
	blocked := slices.ContainsFunc(models, func(m Model) bool { return m.Canary && !m.IsController && m.Disposition == Held })
	for i := range models {
		if m := &models[i]; blocked && !m.IsController && !m.Canary && slices.Contains(going, m.Disposition) {
			m.Disposition, m.Codes, m.Via = Held, []string{canaryHeld}, version.Zero
		}
	}
}

// soak plans to watch canaries for a while, where that is wanted, and returns what
// the others wait for.
func (b *builder) soak(canaries []string, models []fleet.Ref, s Step) []string {
	if len(canaries) == 0 || b.in.Options.Soak == 0 {
		return canaries
	}
	s.ID = "/" + b.c.Name + "/soak"
	s.Lane, s.Kind, s.Class, s.Needs, s.Models, s.Soak = s.ID, Soak, Recoverable, canaries, models, b.in.Options.Soak
	return []string{b.add(s)}
}
