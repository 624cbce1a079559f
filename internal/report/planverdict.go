package report

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

func duration(d time.Duration) string {
	if d == 0 {
		return ""
	}
	return "~" + about(d)
}

// verdict draws what can go and what cannot, and how long it takes.
func (p *page) verdict(full *plan.Plan) {
	p.sentence(nil, verdictWords(full))
	if len(full.Steps) > 0 && !runBlocked(full) {
		p.line(say("%s Plan %s.", howLong(full), full.Hash))
	}
}

// command draws the next command.
func (p *page) command(full *plan.Plan) {
	if lead, args := nextOf(full); args != "" {
		p.line(say("%s   ", lead), bold.say("%s", p.style.command(args)))
	}
}

// nextOf is what to type after a plan, and what for; "" when nothing is to be done.
func nextOf(full *plan.Plan) (lead, args string) {
	goes, blockers := len(full.Steps) > 0 && !runBlocked(full), len(full.Blockers()) > 0
	blocks, unseen := stuckOnes(tallies(full))
	switch {
	case goes && blockers && full.Options.SkipBlocked:
		return "To do all but what is blocked:", applies(full)
	case goes && blockers:
		return "To do all but what is blocked:", applies(full) + " --skip-blocked"
	case goes:
		return "To do exactly this:", applies(full)
	case blockers:
		return "Fix or accept what blocks, then look again:", PlanAgain(full)
	case len(blocks)+len(unseen) > 0:
		return "Mend that, then look again:", PlanAgain(full)
	}
	return "", ""
}

func howLong(full *plan.Plan) string {
	d := full.Estimate()
	if d == 0 {
		return "How long it takes is not known yet."
	}
	basis := "a guess: no earlier run here"
	if full.EstimatedFrom > 0 {
		basis = "from " + count(full.EstimatedFrom, "earlier run")
	}
	return fmt.Sprintf("About %s (%s).", about(d), basis)
}

func verdictWords(full *plan.Plan) string {
	if full.Target != nil {
		return moveVerdict(full)
	}
	all := tallies(full)
	going, apps := movers(all), refreshedOnes(all)
	blocks, unseen := stuckOnes(all)
	stuck := append(slices.Clone(blocks), unseen...)
	switch {
	case runBlocked(full):
		return "Nothing can go now: a blocker holds the whole run."
	case len(going) == 0 && apps == "" && len(stuck) == 0:
		return nothingToDo(full, all)
	case len(going) == 0 && apps == "":
		return "Nothing can go now: " + stuckWords(blocks, unseen) + "."
	}
	words := apps + " can be refreshed now"
	if len(going) > 0 {
		words = moversWords(all, going) + " can go now"
		if apps != "" {
			words += ", and then " + apps
		}
	}
	if len(stuck) > 0 {
		words += "; " + someOf(stuck) + " cannot"
	}
	return words + "."
}

// movers are what is upgraded or moves.
func movers(all []tally) []string {
	var out []string
	for _, t := range all {
		if t.upgrades() {
			out = append(out, t.what())
		}
	}
	return out
}

// stuckOnes name what should be upgraded and cannot: what is blocked, and what
// could not be looked at.
func stuckOnes(all []tally) (blocks, unseen []string) {
	for _, t := range all {
		switch names := t.whatIsStuck(len(all) > 1); {
		case !t.stuck():
		case t.controller.Problem != nil:
			unseen = append(unseen, names...)
		default:
			blocks = append(blocks, names...)
		}
	}
	return blocks, unseen
}

// stuckWords say which of the two it is.
func stuckWords(blocks, unseen []string) string {
	var parts []string
	if len(blocks) > 0 {
		parts = append(parts, someOf(blocks)+" "+areThey(blocks)+" blocked")
	}
	if len(unseen) > 0 {
		parts = append(parts, someOf(unseen)+" could not be looked at")
	}
	return strings.Join(parts, "; ")
}

// someOf names the first of many things.
func someOf(things []string) string {
	const most = 5
	if len(things) <= most {
		return join(things)
	}
	return strings.Join(things[:most], ", ") + fmt.Sprintf(" and %d more", len(things)-most)
}

func moversWords(all []tally, going []string) string {
	if len(going) <= 3 {
		return strings.Join(going, ", ")
	}
	controllers, models, wanted := 0, 0, 0
	for _, t := range all {
		if t.goes {
			controllers++
		}
		models += t.going
		wanted += t.going + len(t.held)
	}
	words := count(models, "model")
	if models < wanted {
		words = fmt.Sprintf("%d of %s", models, count(wanted, "model"))
	}
	if controllers > 0 {
		words = count(controllers, "controller") + " and " + words
	}
	return words
}

func nothingToDo(full *plan.Plan, all []tally) string {
	var at []string
	leftOut := 0
	for _, t := range all {
		c := t.controller
		name := clean(c.Name)
		leftOut += t.leftOut
		switch {
		case c.Disposition == plan.Current && t.current > 0:
			name += " and its " + count(t.current, "model")
		case c.Disposition != plan.Current && t.current > 0:
			name = count(t.current, "model") + " of " + name
		case c.Disposition != plan.Current:
			continue
		}
		at = append(at, name+" ("+number(c.From)+")")
	}
	var parts []string
	switch {
	case len(at) > 3:
		parts = append(parts, count(len(at), "controller")+" up to date")
	case len(at) > 0:
		parts = append(parts, join(at)+" up to date")
	}
	if full.Goal.Refreshes() {
		parts = append(parts, noneToRefresh(all))
	}
	if leftOut > 0 {
		parts = append(parts, count(leftOut, "model")+" left out")
	}
	words := strings.TrimSuffix("Nothing to do: "+strings.Join(parts, "; "), ": ") + "."
	if full.Goal.UpgradesAgents() && !full.Goal.UpgradesController() {
		words += " With -m a controller stays as it is, and its models go no further: --with-controller brings it along."
	}
	return words
}

// applies is the command that carries out exactly that plan. Passwords are in no plan.
func applies(full *plan.Plan) string {
	if len(full.Goal.Passwords) > 0 {
		return "apply " + full.Hash + " --password-file FILE"
	}
	return "apply " + full.Hash
}
