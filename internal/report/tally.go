package report

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/juju/version/v2"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

// tally counts what a plan does with one controller and its hosted models.
type tally struct {
	controller *plan.Controller
	// goes says that the controller itself is upgraded.
	goes bool
	// models counts the hosted models; going, current and leftOut some of them.
	// Those that go are upgraded where they are, or move to another controller.
	models, going, current, leftOut int
	// moved counts those that are on the other controller already.
	moved int
	// mover is the last one of those that go.
	mover *plan.Model
	// held are the hosted models that findings block.
	held []*plan.Model
	// charms counts what is done with the applications.
	charms charmTally
}

func tallies(p *plan.Plan) []tally {
	out := make([]tally, len(p.Controllers))
	for i := range p.Controllers {
		out[i] = tallyOf(&p.Controllers[i])
	}
	return out
}

func tallyOf(c *plan.Controller) tally {
	t := tally{controller: c, goes: c.Disposition == plan.Upgrade, charms: charmTallyOf(c)}
	for i := range c.Models {
		m := &c.Models[i]
		if m.IsController {
			continue
		}
		t.models++
		switch m.Disposition {
		case plan.Upgrade, plan.Moves:
			t.going++
			t.mover = m
		case plan.Moved:
			t.moved++
		case plan.Current:
			t.current++
		case plan.LeftOut:
			t.leftOut++
		case plan.Held:
			t.held = append(t.held, m)
		}
	}
	return t
}

// upgrades says that the plan upgrades or moves anything of the controller.
func (t tally) upgrades() bool { return t.goes || t.going > 0 }

// stuck says that something in the controller should be upgraded and cannot.
func (t tally) stuck() bool {
	return t.controller.Disposition == plan.Held || len(t.held) > 0 || len(t.charms.held) > 0
}

// what names what is upgraded: "prod and its 11 models", "prod and 10 of its 11
// models", "3 models of prod", "prod:admin/db".
func (t tally) what() string {
	name, wanted := clean(t.controller.Name), t.going+len(t.held)
	switch {
	case t.goes && wanted == 0:
		return name
	case t.goes && t.going == 0:
		return name + " without its models"
	case t.goes && wanted == 1:
		return name + " and its model"
	case t.goes && t.going == wanted:
		return name + " and its " + count(wanted, "model")
	case t.goes:
		return fmt.Sprintf("%s and %d of its %s", name, t.going, count(wanted, "model"))
	case t.going == 1:
		return t.oneModel()
	case t.going < wanted:
		return fmt.Sprintf("%d of %s of %s", t.going, count(wanted, "model"), name)
	}
	return count(t.going, "model") + " of " + name
}

// oneModel names the one model that goes.
func (t tally) oneModel() string { return clean(t.controller.Name) + ":" + clean(t.mover.Name) }

// whatIsStuck names what should be upgraded and cannot.
func (t tally) whatIsStuck(severalControllers bool) []string {
	name := clean(t.controller.Name)
	switch {
	case t.controller.Problem != nil:
		return []string{name}
	case t.controller.Disposition == plan.Held && len(t.held) > 0:
		return []string{name + " with its " + count(len(t.held), "model")}
	case t.controller.Disposition == plan.Held:
		return []string{name}
	}
	if name += ":"; !severalControllers {
		name = ""
	}
	var out []string
	for _, m := range t.held {
		out = append(out, name+clean(m.Name))
	}
	return append(out, heldNames(t.charms.held, name, false)...)
}

// estimates are about how long a controller itself takes, and its models, where
// they are.
func estimates(p *plan.Plan, controller string) (itself, models time.Duration) {
	here := func(s *plan.Step) bool { return s.Controller.UUID == controller && !s.OnTarget() }
	for i := range p.Steps {
		if s := &p.Steps[i]; here(s) && s.Kind == plan.ControllerUpgrade {
			itself += s.Estimate
		}
	}
	return itself, p.EstimateOf(func(s *plan.Step) bool { return here(s) && s.Kind == plan.ModelUpgrade })
}

// noWayBack says that the plan does something that Juju cannot undo: there, or
// anywhere when no controller is named.
func noWayBack(p *plan.Plan, controller string) bool {
	return slices.ContainsFunc(p.Steps, func(s plan.Step) bool {
		return s.Class == plan.PointOfNoReturn && (controller == "" || s.Where().UUID == controller)
	})
}

// runBlocked says that a finding holds everything.
func runBlocked(p *plan.Plan) bool {
	return slices.ContainsFunc(p.Findings, func(f fleet.Finding) bool {
		return f.Holds() && f.Scope == fleet.WholeRun
	})
}

// target is the one version that the plan goes to, without what moves elsewhere;
// zero when there are several.
func target(p *plan.Plan) version.Number {
	to := version.Zero
	for _, s := range p.Steps {
		if s.OnTarget() || s.Refresh != nil {
			continue
		}
		if to != version.Zero && s.To != to {
			return version.Zero
		}
		to = s.To
	}
	return to
}

// Question is what is asked at the prompt before anything is changed; "" when
// nothing can be done.
func Question(p plan.Plan) string {
	if len(p.Steps) == 0 || runBlocked(&p) {
		return ""
	}
	if p.Target != nil {
		return moveQuestion(&p)
	}
	all := tallies(&p)
	var without []string
	for _, t := range all {
		if t.stuck() {
			without = append(without, t.whatIsStuck(len(all) > 1)...)
		}
	}
	var deeds []string
	if things := upgradedOnes(all); things != "" {
		words := "upgrade " + things
		if to := target(&p); to != version.Zero {
			words += " to " + to.String()
		}
		deeds = append(deeds, words)
	}
	if apps := refreshedOnes(all); apps != "" {
		deeds = append(deeds, "refresh "+apps)
	}
	words := strings.Join(deeds, ", then ") + withoutWords(without) + "?"
	if words != "?" {
		words = strings.ToUpper(words[:1]) + words[1:]
	}
	switch {
	case !p.Goal.UpgradesAgents():
		words += " What a charm does to its data stays."
	case noWayBack(&p, ""):
		words += " There is no way back."
	}
	return words + " [y/N]"
}

// upgradedOnes are what a question says is upgraded: "prod and 3 models, stage".
func upgradedOnes(all []tally) string {
	var what []string
	controllers, models := 0, 0
	for _, t := range all {
		models += t.going
		name := clean(t.controller.Name)
		switch {
		case !t.upgrades():
		case t.goes && t.going > 0:
			controllers++
			what = append(what, name+" and "+count(t.going, "model"))
		case t.goes:
			controllers++
			what = append(what, name)
		case t.going == 1:
			what = append(what, t.oneModel())
		default:
			what = append(what, count(t.going, "model")+" of "+name)
		}
	}
	switch {
	case len(what) <= 3:
		return strings.Join(what, ", ")
	case controllers > 0:
		return count(controllers, "controller") + " and " + count(models, "model")
	}
	return count(models, "model")
}

// withoutWords name in a question what is left out.
func withoutWords(without []string) string {
	switch n := len(without); {
	case n > 3:
		return " (" + count(n, "blocked one") + " left out)"
	case n > 0:
		return " (" + join(without) + " " + areThey(without) + " left out)"
	}
	return ""
}
