package report

import (
	"time"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/journal"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

// fresh is for how long what was seen is told as if it were of now.
const fresh = 10 * time.Second

// blind says that looks have been failing for a while: what is known of the step
// is old, and that comes before all that is known.
func blind(p journal.StepProgress, now time.Time) bool {
	return p.Trouble != "" && now.Sub(p.Seen) > fresh
}

// blindWords say what comes first of a step that is not seen: that its controller
// does not answer, or else what the last look failed with.
func (s Style) blindWords(step *plan.Step, p journal.StepProgress, now time.Time) string {
	if p.TroubleCode != fleet.Unreachable {
		return clean(p.Trouble)
	}
	who := clean(step.Where().Name)
	if step.Kind == plan.Migrate { // both are looked at
		who = clean(step.Controller.Name) + " or " + who
	}
	words := who + " does not answer"
	if !p.Seen.IsZero() {
		words += " since " + age(now.Sub(p.Seen)) + " (last seen " + s.clock(p.Seen) + ")"
	}
	return words + podWords(step, p, now)
}

// podReplaced is for how long a controller on Kubernetes may be away while its pod is
// replaced before that looks wrong: it takes 35 to 45 seconds (seen), and longer where
// nodes are busy.
const podReplaced = 2 * time.Minute

// podWords say why a controller that is a pod does not answer while it is upgraded.
func podWords(step *plan.Step, p journal.StepProgress, now time.Time) string {
	switch {
	case step.Kind != plan.ControllerUpgrade || step.Cluster == "" || p.Seen.IsZero():
		return "" // nobody may have asked for it yet
	case now.Sub(p.Seen) < podReplaced:
		return ": its pod is being replaced"
	}
	return ": its pod has not come back"
}

// podHelp says what a controller that is a pod is away for, and, once that looks wrong,
// what shows why; empty where podWords have nothing to say.
func podHelp(step *plan.Step, p journal.StepProgress, now time.Time) string {
	switch {
	case podWords(step, p, now) == "":
		return ""
	case now.Sub(p.Seen) < podReplaced:
		return "The API and the database are in that pod; this takes about 40 seconds."
	}
	return "The API and the database are in that pod; what keeps it (an image that cannot be pulled, no room on a node) is shown by: " + fleet.DescribeController
}

// lastSeen says of when it is what is told of agents; "" when it is of now.
func lastSeen(p journal.StepProgress, now time.Time) string {
	if p.Seen.IsZero() || !blind(p, now) && now.Sub(p.Seen) < quiet {
		return ""
	}
	return "as last seen " + age(now.Sub(p.Seen)) + " ago"
}

// givesUp is when the first of the steps under way fails if nothing moves; zero
// when that is not known.
func givesUp(s *journal.State, progress map[string]journal.StepProgress) time.Time {
	var first time.Time
	for id, p := range progress {
		if s.Steps[id].Status != journal.Started || p.Stall.IsZero() || p.ForOperator {
			continue
		}
		if first.IsZero() || p.Stall.Before(first) {
			first = p.Stall
		}
	}
	return first
}

// prospect is how a run that is going on will go on: about how long it still
// takes while it moves, and else when it gives up. It is "" when nothing is known.
func (s Style) prospect(state *journal.State, progress map[string]journal.StepProgress, v Verdict, now time.Time) string {
	switch v {
	case Running:
		if d := left(*state, progress, now); d > 0 {
			return "~" + about(d) + " left"
		}
	case Waiting, Stalled:
		if v == Waiting && forOperator(*state, progress) {
			return "waits for you"
		}
		if t := givesUp(state, progress); now.Before(t) {
			return s.deadline(t, now)
		}
	}
	return ""
}

func (s Style) deadline(t, now time.Time) string {
	return "gives up at " + s.in(t).Format("15:04") + " (in " + age(t.Sub(now)) + ")"
}
