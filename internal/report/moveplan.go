package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/juju/version/v2"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

// indent is where the texts of a controller's rows begin.
const indent = "              "

// row draws one thing that is to be known of a controller, under its label.
func (p *page) row(label, text string) {
	p.sentence(line{say("  %-12s", label)}, text)
}

// move draws what happens with a controller whose models move, below its heading:
// what is done where they are, and then where they go.
func (p *page) move(full *plan.Plan, t tally) {
	c := t.controller
	itself, models := estimates(full, c.UUID)
	if hasKind(full, plan.Backup) {
		p.sentence(line{say("%s", indent), yellow.say("do not restore once a model has moved:"), say(" ")}, twoOwners(full))
	}
	p.sourceRow(c, duration(itself))
	if first := patchedModels(c); first > 0 {
		words := fmt.Sprintf("%d of %d to upgrade first, %s", first, t.models, sideBySide(full, c))
		p.line(say("  models      %s", words), dim.say("%s", apart(duration(models))))
	}
	p.target(full)
	p.making(full)
	p.users(full)
	p.cloning(full)
	p.movingRow(full, t)
	p.modelRows(c, inMoveOrder(full, c), p.movingModel(full))
	p.budget(full, t)
	if hasKind(full, plan.FollowModels) {
		p.row("client", "this client finds the models on "+clean(full.Target.Name)+" afterwards, and points there if it pointed to what has moved")
	}
}

func apart(words string) string {
	if words == "" {
		return ""
	}
	return "   " + words
}

func hasKind(full *plan.Plan, kind plan.Kind) bool {
	return slices.ContainsFunc(full.Steps, func(s plan.Step) bool { return s.Kind == kind })
}

// sourceRow says what becomes of the controller that models leave.
func (p *page) sourceRow(c *plan.Controller, estimate string) {
	if c.Disposition == plan.Upgrade || c.Disposition == plan.Held {
		p.controllerRow(c, estimate)
		return
	}
	servers := count(c.Servers, "server")
	if c.Servers > 1 {
		servers += ", HA"
	}
	p.line(say("  controller  %s   %s   stays as it is", number(c.From), servers))
}

// patchedModels counts the models that are upgraded before they move.
func patchedModels(c *plan.Controller) int {
	n := 0
	for _, m := range c.Models {
		if !m.IsController && m.Disposition == plan.Moves && m.Via != version.Zero {
			n++
		}
	}
	return n
}

// target draws the controller that models move to.
func (p *page) target(full *plan.Plan) {
	t := full.Target
	head := headOf("to "+t.Name, t.Place)
	if t.Problem != nil {
		p.notLookedAt(full, head, t.Ref, t.Problem)
		return
	}
	if b := t.Bootstrap; b != nil {
		p.line(append(head, bold.say("  %s", number(t.Version)), say(", made by juju %s at %s", number(b.Version), orElse(clean(b.Juju), "juju")))...)
		return
	}
	servers := count(t.Servers, "server")
	if t.Servers > 1 {
		servers += ", HA"
	}
	p.line(append(head, bold.say("  %s", number(t.Version)), say(", %s", servers))...)
}

// movingRow says how many models move, how many at once, and how long it takes.
func (p *page) movingRow(full *plan.Plan, t tally) {
	var words string
	switch {
	case t.models == 0:
		words = "none"
	case t.going == 0 && t.moved == t.models:
		words = count(t.models, "model") + ", there already"
	case t.going == 0:
		words = fmt.Sprintf("none of %d to move", t.models)
	case t.going == 1:
		words = fmt.Sprintf("1 of %d to move", t.models)
	default:
		words = fmt.Sprintf("%d of %d to move, %s, in this order", t.going, t.models, atATime(migrations(full)))
	}
	estimate := ""
	if t.going > 0 {
		estimate = apart(duration(moveEstimate(full)))
	}
	p.line(say("  models      %s", words), dim.say("%s", estimate))
}

// inMoveOrder are the models of a controller: first those that move, in the order
// in which they do, then the others.
func inMoveOrder(full *plan.Plan, c *plan.Controller) []*plan.Model {
	order := map[string]int{}
	for i := range full.Steps {
		if s := &full.Steps[i]; s.Kind == plan.Migrate {
			order[s.Model.UUID] = i
		}
	}
	out := inPlan(c)
	slices.SortStableFunc(out, func(a, b *plan.Model) int {
		return rankOf(order, a, len(full.Steps)) - rankOf(order, b, len(full.Steps))
	})
	return out
}

func rankOf(order map[string]int, m *plan.Model, last int) int {
	if i, ok := order[m.UUID]; ok {
		return i
	}
	return last
}

// movingModel draws the row of a model where models move.
func (p *page) movingModel(full *plan.Plan) func(*plan.Model) line {
	takes := moveEstimates(full)
	return func(m *plan.Model) line {
		name, size := say("%s", clean(m.Name)), say("%s", modelSize(m))
		switch m.Disposition {
		case plan.Moves:
			way := p.style.hop(m.From, m.To)
			if m.Via != version.Zero && m.Via != m.From && m.Via != m.To {
				way = number(m.From) + " " + p.style.arrow() + " " + p.style.hop(m.Via, m.To)
			}
			return line{name, say("%s", way), size, dim.say("%s", duration(takes[m.UUID])), say("%s", marks(m))}
		case plan.Moved:
			return line{name, say("%s", number(m.From)), size, green.say("on %s already", clean(full.Target.Name))}
		}
		return p.model(m)
	}
}

// marks say what is worth knowing of a model that is to move.
func marks(m *plan.Model) string {
	var parts []string
	if m.Canary {
		parts = append(parts, "canary")
	}
	if len(m.Joined) > 0 {
		names := make([]string, len(m.Joined))
		for i, name := range m.Joined {
			names[i] = clean(name)
		}
		parts = append(parts, "joined with "+someOf(names))
	}
	if m.NotShown > 0 {
		parts = append(parts, count(m.NotShown, "agent")+" not shown by the controller")
	}
	return strings.Join(parts, ", ")
}

// budget says how many agents the target lets in while a model's agents try, and
// how many may try at once.
func (p *page) budget(full *plan.Plan, t tally) {
	if full.Target.Budget <= 0 || t.going == 0 {
		return
	}
	words := fmt.Sprintf("%s lets in about %d within the %s that a model's agents have; ",
		clean(full.Target.Name), full.Target.Budget, age(fleet.ValidationTime))
	agents, largest := atOnce(full)
	if migrations(full) > 1 && t.going > 1 {
		words += fmt.Sprintf("at most %d move at once", agents)
	} else {
		words += fmt.Sprintf("the largest model, %s, has %d", clean(largest), agents)
	}
	p.row("agents", words)
}

// atOnce is how many agents move at once at the most, and the largest model.
func atOnce(full *plan.Plan) (agents int, largest string) {
	var sizes []int
	most := -1
	for _, s := range full.Steps {
		if s.Kind != plan.Migrate {
			continue
		}
		sizes = append(sizes, s.Agents)
		if s.Agents > most {
			most, largest = s.Agents, s.Model.Name
		}
	}
	slices.Sort(sizes)
	slices.Reverse(sizes)
	for _, n := range sizes[:min(len(sizes), migrations(full))] {
		agents += n
	}
	return agents, largest
}

// pointOfNoReturn is something that cannot be undone, and from where on.
type pointOfNoReturn struct{ what, from string }

// pointsOfNoReturn are those of a plan in which models move.
func pointsOfNoReturn(full *plan.Plan) []pointOfNoReturn {
	if _, moves := Confirms(*full); !moves {
		return nil
	}
	var out []pointOfNoReturn
	if first := patchedFirst(full); first != "" {
		out = append(out, pointOfNoReturn{"upgrade of " + first, "once Juju has accepted it; there is no downgrade"})
	}
	if s := stepOf(full, plan.MakeController); s != nil {
		out = append(out, pointOfNoReturn{"bootstrap of " + clean(full.Target.Name),
			"once it has begun, this tool never ends it, and never removes what it has made"})
	}
	out = append(out, pointOfNoReturn{"move of a model",
		"a model that has moved does not come back by this tool: no way back from the phase SUCCESS. Before it, Juju itself takes the model back when something fails"})
	upgraded := slices.ContainsFunc(full.Steps, func(s plan.Step) bool { return s.Kind == plan.ModelUpgrade && s.OnTarget() && s.From != s.To })
	if upgraded {
		out = append(out, pointOfNoReturn{"upgrade on " + clean(full.Target.Name), "once Juju has accepted it, model by model, as each has moved"})
	}
	if hasKind(full, plan.RefreshCharm) {
		out = append(out, pointOfNoReturn{"refresh of a charm", "once Juju has accepted it; this tool takes no charm back"})
	}
	return out
}

// noReturn draws what cannot be undone, and what stays.
func (p *page) noReturn(full *plan.Plan) {
	points := pointsOfNoReturn(full)
	if len(points) == 0 {
		return
	}
	p.heading("No way back")
	for _, point := range points {
		p.sentence(line{say("  "), yellow.say("%s:", point.what), say(" ")}, point.from)
	}
	source, _ := Confirms(*full)
	p.sentence(line{say("  %s stays: ", clean(source))}, strings.TrimSpace("it is left running, and never destroyed. "+notCopied(full)))
}

// notCopied says what of the source does not get to the target; "" when a backup
// brings that.
func notCopied(full *plan.Plan) string {
	switch full.Goal.Clone {
	case fleet.CloneNative:
		return "Its users' passwords are not copied"
	case fleet.CloneRestore:
		return ""
	}
	return "Its clouds, its configuration and its users' passwords are not copied"
}
