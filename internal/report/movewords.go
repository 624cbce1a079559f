package report

import (
	"fmt"
	"strings"
	"time"

	"github.com/juju/version/v2"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

// noComingBack is said wherever somebody decides about a move.
const noComingBack = "A model that has moved does not come back by this tool."

// twoOwners is why a backup of the source is of no use once a model has moved.
func twoOwners(full *plan.Plan) string {
	machines, pods := false, false
	for i := range full.Steps {
		if s := &full.Steps[i]; s.Kind == plan.Migrate {
			machines, pods = machines || s.Cluster == "", pods || s.Cluster != ""
		}
	}
	switch {
	case !pods:
		return "two controllers would own the same machines"
	case !machines:
		return "two controllers would own the same pods"
	}
	return "two controllers would own the same machines and pods"
}

// Confirms is the word that has to be typed before the plan is carried out, as
// it is: the name of the controller that models leave. It is not ok when no model
// moves, and y is enough.
func Confirms(p plan.Plan) (word string, ok bool) {
	if runBlocked(&p) {
		return "", false
	}
	for _, s := range p.Steps {
		if s.Kind == plan.Migrate {
			return s.Controller.Name, true
		}
	}
	return "", false
}

// moveQuestion is what is asked before models move. It ends where the answer is
// typed.
func moveQuestion(p *plan.Plan) string {
	word, moves := Confirms(*p)
	if !moves {
		return "Finish what is left of the move to " + clean(p.Target.Name) + "? [y/N]"
	}
	blocks, unseen := stuckOnes(tallies(p))
	words := "Move "
	if first := beforeMove(p); len(first) > 0 {
		words = strings.Join(first, ", ") + ", then move "
		words = strings.ToUpper(words[:1]) + words[1:]
	}
	words += movingOnes(tallies(p)) + " to " + clean(p.Target.Name)
	if to := p.Target.Version; to != version.Zero {
		words += " at " + to.String()
	}
	if t, _ := charmsOf(tallies(p)); t.going > 0 {
		words += ", then refresh " + count(t.going, "application") + " there"
	}
	words += withoutWords(append(blocks, unseen...)) + "? " + noComingBack
	return words + "\nTo go on, type the name of the controller that " + leaves(tallies(p)) + " (" + clean(word) + "):"
}

func leaves(all []tally) string {
	n := 0
	for _, t := range all {
		n += t.going
	}
	if n == 1 {
		return "it leaves"
	}
	return "they leave"
}

// movingOnes are the models that move: "old:admin/web", "3 models of old".
func movingOnes(all []tally) string {
	var out []string
	for _, t := range all {
		switch {
		case t.going == 1:
			out = append(out, t.oneModel())
		case t.going > 1:
			out = append(out, count(t.going, "model")+" of "+clean(t.controller.Name))
		}
	}
	return join(out)
}

// targetWords are the controller that models move to, and its version.
func targetWords(p *plan.Plan) string {
	name := clean(p.Target.Name)
	if p.Target.Version != version.Zero {
		name += " (" + p.Target.Version.String() + ")"
	}
	return name
}

// patchedFirst says what is upgraded in place before anything moves: "old to
// 3.5.7"; "" when nothing is.
func patchedFirst(p *plan.Plan) string {
	for i := range p.Controllers {
		c := &p.Controllers[i]
		if c.Disposition == plan.Upgrade {
			return clean(c.Name) + " to " + number(c.To)
		}
		for _, m := range c.Models {
			if m.Disposition == plan.Moves && m.Via != version.Zero {
				return "models of " + clean(c.Name) + " to " + number(m.Via)
			}
		}
	}
	return ""
}

// beforeMove says what is done before anything moves: "upgrade old to 3.5.7",
// "bootstrap new on aws/eu-west-1".
func beforeMove(p *plan.Plan) []string {
	var out []string
	if first := patchedFirst(p); first != "" {
		out = append(out, "upgrade "+first)
	}
	if s := makes(p); s != nil {
		out = append(out, "bootstrap "+clean(p.Target.Name)+" on "+clean(s.Bootstrap.Place()))
	}
	return out
}

// moveVerdict says what can move and what cannot.
func moveVerdict(full *plan.Plan) string {
	all := tallies(full)
	blocks, unseen := stuckOnes(all)
	if full.Target.Problem != nil {
		unseen = append(unseen, clean(full.Target.Name))
	}
	stuck := append(append([]string{}, blocks...), unseen...)
	_, moves := Confirms(*full)
	switch {
	case runBlocked(full):
		return "Nothing can go now: a blocker holds the whole run."
	case len(full.Steps) == 0 && len(stuck) == 0:
		return nothingToMove(full, all)
	case len(full.Steps) == 0:
		return "Nothing can go now: " + stuckWords(blocks, unseen) + "."
	}
	words := "What is left of the move to " + clean(full.Target.Name) + " can go now"
	if moves {
		words = wantedOnes(all) + " can move to " + clean(full.Target.Name) + " now"
	}
	var first []string
	if patched := patchedFirst(full); moves && patched != "" {
		first = append(first, "an upgrade of "+patched)
	}
	if moves && hasKind(full, plan.MakeController) {
		first = append(first, "the bootstrap of "+clean(full.Target.Name))
	}
	if len(first) > 0 {
		words += ", after " + join(first)
	}
	if t, _ := charmsOf(all); t.going > 0 {
		words += ", and then " + count(t.going, "application") + " can be refreshed there"
	}
	if len(stuck) > 0 {
		words += "; " + someOf(stuck) + " cannot"
	}
	return words + "."
}

// wantedOnes are those of the wanted models that move: "The 4 models of old", when
// these are all, or "3 of 4 models of old".
func wantedOnes(all []tally) string {
	if len(all) != 1 {
		return movingOnes(all)
	}
	t := all[0]
	wanted := t.going + len(t.held)
	switch {
	case t.going < wanted:
		return fmt.Sprintf("%d of %s of %s", t.going, count(wanted, "model"), clean(t.controller.Name))
	case t.going > 1 && t.going == t.models:
		return "The " + movingOnes(all)
	}
	return movingOnes(all)
}

func nothingToMove(full *plan.Plan, all []tally) string {
	words, moved, leftOut := "Nothing to do: ", 0, 0
	for _, t := range all {
		moved += t.moved
		leftOut += t.leftOut
	}
	if moved == 0 {
		words += "there is no model to move"
	} else {
		words += fmt.Sprintf("%s %s on %s already", count(moved, "model"), are(moved), clean(full.Target.Name))
	}
	if leftOut > 0 {
		words += "; " + count(leftOut, "model") + " left out"
	}
	return words + "."
}

// moveEstimate is about how long the moves take of a controller's models: those of
// one model come one after the other.
func moveEstimate(full *plan.Plan) time.Duration {
	var sum, longest time.Duration
	for _, d := range moveEstimates(full) {
		sum += d
		longest = max(longest, d)
	}
	return max(longest, sum/time.Duration(migrations(full)))
}

// moveEstimates are about how long the move of each model takes, by its UUID.
func moveEstimates(full *plan.Plan) map[string]time.Duration {
	out := map[string]time.Duration{}
	for i := range full.Steps {
		if s := &full.Steps[i]; s.OnTarget() && s.Model.UUID != "" && s.Refresh == nil {
			out[s.Model.UUID] += s.Estimate
		}
	}
	return out
}

// migrations is how many models move at once.
func migrations(full *plan.Plan) int { return max(1, full.Options.Migrations) }

// access is what a user that is made may do.
func access(u *plan.User) string {
	var words []string
	if u.Access != "" {
		words = append(words, clean(u.Access))
	}
	if u.Disabled {
		words = append(words, "disabled")
	}
	if u.Password {
		words = append(words, "password given")
	}
	return strings.Join(words, ", ")
}
