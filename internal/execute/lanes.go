package execute

import (
	"cmp"
	"context"
	"fmt"
	"math"
	"slices"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/journal"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

// lane is steps that fail together, one after the other.
type lane struct {
	name   string
	steps  []plan.Step
	agents int
	// pool is the limit that the lane counts against; empty for none. Of a model whose
	// pods are replaced, cluster is where they are: there, models count against another.
	pool           pool
	cluster, model string
	fragile        bool
	// stage is when it may begin (plan.Step.Stage).
	stage int
	// always says that it is carried out whatever has failed.
	always bool
}

// lanes splits a controller's steps into lanes, both in the plan's order, but for those
// that are fragile.
func lanes(p *plan.Plan, controller string) []*lane {
	var out []*lane
	byName := map[string]*lane{}
	for _, s := range p.Steps {
		if s.Controller.UUID != controller {
			continue
		}
		l, ok := byName[s.Lane]
		if !ok {
			l = &lane{name: s.Lane}
			byName[s.Lane] = l
			out = append(out, l)
		}
		l.add(s)
	}
	// What is away while its one pod is replaced comes last of those that may begin: by
	// then others have.
	slices.SortStableFunc(out, func(x, y *lane) int { return cmp.Compare(x.order(), y.order()) })
	return out
}

// order is 1 of a lane that comes after others.
func (l *lane) order() int {
	if l.fragile {
		return 1
	}
	return 0
}

func (l *lane) add(s plan.Step) {
	l.steps = append(l.steps, s)
	// The same agents migrate and are then upgraded.
	l.agents = max(l.agents, s.Agents)
	l.stage, l.always, l.fragile = s.Stage, s.Always, l.fragile || s.Fragile
	switch {
	case s.Kind == plan.Migrate:
		l.pool = moves
	case s.Kind == plan.AddUser || s.Kind == plan.CloneItem:
		l.pool = making
	case s.Kind == plan.ModelUpgrade && l.pool == "":
		l.pool, l.cluster, l.model = upgrades, s.Cluster, s.Model.UUID
	case s.Kind == plan.RefreshCharm:
		l.pool, l.cluster, l.model = charms, s.Cluster, s.Model.UUID
	}
}

// group is the work on one controller: its lanes, within the limits.
type group struct {
	engine     *Engine
	stop       context.CancelFunc
	plan       *plan.Plan
	controller string
}

// run carries out the controller's lanes. With a reason in stopped it begins
// none of them and holds them all.
func (g *group) run(ctx context.Context, stopped string) {
	waiting := lanes(g.plan, g.controller)
	for _, l := range waiting {
		if g.done(l) {
			l.pool, l.cluster = again, ""
		}
	}
	ended := make(chan *lane)
	running := map[*lane]bool{}
	for {
		reason := stopped
		if reason == "" && g.overBudget() {
			reason = g.budgetReason()
		}
		waiting = g.start(ctx, waiting, running, reason, ended)
		switch {
		case len(running) > 0:
			delete(running, <-ended)
		case len(waiting) == 0 || ctx.Err() != nil:
			return
		default:
			waiting = g.unmet(waiting)
		}
	}
}

// done says that an earlier attempt has done all of the lane.
func (g *group) done(l *lane) bool {
	return !slices.ContainsFunc(l.steps, func(s plan.Step) bool { return g.engine.status(s.ID) != journal.Done })
}

// unmet holds lanes that wait for what will not come: what they need was done
// once, and is not seen any more. It returns those that tidy up, whose turn is
// now.
func (g *group) unmet(waiting []*lane) []*lane {
	var rest []*lane
	for _, l := range waiting {
		if l.always {
			rest = append(rest, l)
		} else {
			g.hold(l, "what it needs was not seen there again")
		}
	}
	return rest
}

// start begins every waiting lane that may begin now, holds those that never
// will, and returns the rest.
func (g *group) start(ctx context.Context, waiting []*lane, running map[*lane]bool, stopped string, ended chan<- *lane) []*lane {
	for {
		// A lane that is held may hold others: look again until nothing changes.
		rest := make([]*lane, 0, len(waiting))
		stage := stage(waiting, running)
		for _, l := range waiting {
			blocker, ready := g.needs(l)
			ready = ready && l.stage <= stage
			switch {
			case ctx.Err() != nil:
				// Interrupted: what has not begun stays pending.
			case blocker != "" && !g.begun(l):
				g.hold(l, blocker)
			case stopped != "" && !l.always && !g.begun(l):
				g.hold(l, stopped)
			case ready && l.always && g.unmade(l):
				g.hold(l, "there is no "+l.steps[0].Target.Name)
			case (ready || g.begun(l)) && g.fits(l, running):
				running[l] = true
				go func() {
					g.engine.lane(ctx, g.stop, l)
					ended <- l
				}()
			default:
				rest = append(rest, l)
			}
		}
		if len(rest) == len(waiting) || len(rest) == 0 || ctx.Err() != nil {
			return rest
		}
		waiting = rest
	}
}

// unmade says that the lane is about a controller that was to be made, and was not:
// there is nothing to tidy up there.
func (g *group) unmade(l *lane) bool {
	return slices.ContainsFunc(l.steps, func(s plan.Step) bool {
		return s.OnTarget() && s.Kind != plan.MakeController && g.engine.resolved(s).Target.UUID == ""
	})
}

// stage is the earliest stage that has not ended.
func stage(waiting []*lane, running map[*lane]bool) int {
	first := math.MaxInt
	for _, l := range waiting {
		first = min(first, l.stage)
	}
	for l := range running {
		first = min(first, l.stage)
	}
	return first
}

// needs says what the lane waits for in other lanes: a step that will not be
// done any more blocks it; it is ready when all are done.
func (g *group) needs(l *lane) (blocker string, ready bool) {
	ready = true
	own := map[string]bool{}
	for _, s := range l.steps {
		own[s.ID] = true
	}
	for _, s := range l.steps {
		for _, need := range s.Needs {
			if own[need] {
				continue
			}
			switch status := g.engine.status(need); status {
			case journal.Skipped:
			case journal.Done:
				ready = ready && g.engine.seen(need)
			case journal.Failed, journal.Held:
				return fmt.Sprintf("%s is %s", need, status), false
			case journal.Pending, journal.Started:
				ready = false
			}
		}
	}
	return "", ready
}

// begun says that the lane was begun earlier, in an attempt that was cut short,
// beyond what can be taken back: that goes on whatever has failed elsewhere.
func (g *group) begun(l *lane) bool {
	for _, s := range l.steps {
		if s.Class == plan.PointOfNoReturn && g.engine.status(s.ID) == journal.Started {
			return true
		}
	}
	return false
}

// overBudget says that so many steps of the controller have failed after they
// changed something that nothing more is to be begun.
func (g *group) overBudget() bool {
	if g.plan.Options.MaxFailures == 0 {
		return false
	}
	return g.failures() >= g.plan.Options.MaxFailures
}

// failures counts the failed steps in whose lanes something was changed for
// good: a model whose health got worse counts, one that Juju refused to touch
// does not.
func (g *group) failures() int {
	changed, n := map[string]bool{}, 0
	for _, s := range g.plan.Steps {
		if s.Controller.UUID != g.controller {
			continue
		}
		step := g.engine.Journal.Step(s.ID)
		changed[s.Lane] = changed[s.Lane] || step.Changed && s.Class == plan.PointOfNoReturn
		if step.Status == journal.Failed && changed[s.Lane] {
			n++
		}
	}
	return n
}

func (g *group) budgetReason() string {
	return fmt.Sprintf("%d failed after a change, and --max-failures is %d", g.failures(), g.plan.Options.MaxFailures)
}

// hold records that none of the lane's steps is going to happen in this attempt.
func (g *group) hold(l *lane, reason string) {
	for _, s := range l.steps {
		switch g.engine.status(s.ID) {
		case journal.Done, journal.Skipped, journal.Held:
		default:
			g.engine.append(journal.Record{Event: journal.Moved, Step: s.ID, Status: journal.Held, Detail: reason})
		}
	}
}

// halfway says that the controller itself was changed and is not seen to be
// whole: no other controller is begun then, whatever the limit of failures.
func (g *group) halfway() bool {
	own, changed, whole := g.lane(), false, true
	for _, s := range g.plan.Steps {
		if s.Lane != own || own == "" {
			continue
		}
		step := g.engine.Journal.Step(s.ID)
		changed = changed || step.Changed && s.Class == plan.PointOfNoReturn
		whole = whole && step.Status == journal.Done
	}
	return changed && !whole
}

// lane is the name of the controller's own lane; empty when it is left as it is.
func (g *group) lane() string {
	for _, s := range g.plan.Steps {
		if s.Controller.UUID == g.controller && s.Kind == plan.ControllerUpgrade {
			return s.Lane
		}
	}
	return ""
}
