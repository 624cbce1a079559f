package discover

import (
	"context"

	"golang.org/x/sync/errgroup"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// newcomer tells what the controller will be that models are to move to.
func newcomer(ctx context.Context, r Reader, goal fleet.Goal) *fleet.Controller {
	c, err := r.Newcomer(ctx, goal.To.Name, *goal.Bootstrap)
	if err != nil {
		c.Problem = problem(err)
	}
	c.Ref, c.Planned = goal.To, true
	return &c
}

// target looks at the controller that models are to move to: at its own model only,
// and at what it has besides models.
func target(ctx context.Context, r Reader, goal fleet.Goal, limit chan struct{}) *fleet.Controller {
	if goal.Bootstrap != nil {
		return newcomer(ctx, r, goal)
	}
	found := logins(ctx, r, []Named{{Ref: goal.To}})
	if len(found) == 0 {
		return &fleet.Controller{Ref: goal.To}
	}
	c := &found[0]
	if c.Problem != nil {
		return c
	}
	// An empty pattern matches no model, so that only the controller's own is read;
	// and nobody asks it what it would upgrade itself to.
	onlyOwn := fleet.Goal{Include: []fleet.ModelPattern{{}}}
	controller(ctx, r, c, onlyOwn, limit)
	if c.Problem == nil {
		holdings(ctx, r, c)
	}
	return c
}

// holdings reads what the controller has besides its models. What cannot be read is
// not known, which preflight tells.
func holdings(ctx context.Context, r Reader, c *fleet.Controller) {
	if !c.Superuser() {
		return
	}
	h, err := r.Holdings(ctx, *c)
	if err != nil {
		c.Unread = problem(err)
		return
	}
	c.Holdings = &h
}

// belongings reads what the source and its models would bring along to the target,
// and, where the source can tell without doing it, what it would say to each move.
func belongings(ctx context.Context, r Reader, c, target *fleet.Controller, goal fleet.Goal, limit int) {
	if c.Problem != nil || target.Problem != nil || !c.Superuser() || !target.Superuser() {
		return
	}
	holdings(ctx, r, c)
	arrived(ctx, r, c, target, goal)
	var moving []fleet.Model
	for _, m := range c.Models {
		if !m.IsController && goal.Wants(c, &m) {
			moving = append(moving, m)
		}
	}
	all, err := r.Belongings(ctx, *c, *target, moving)
	if err != nil {
		c.Unread = problem(err)
		return
	}
	var group errgroup.Group
	group.SetLimit(limit)
	shown := *c
	for i := range c.Models {
		m := &c.Models[i]
		b, ok := all[m.UUID]
		if !ok {
			continue
		}
		m.Belongings = &b
		group.Go(func() error {
			each(ctx, r, shown, *target, m)
			return nil
		})
	}
	_ = group.Wait() // the functions report by what they leave in the model
}

// arrived reads, on the target, those of the source's models that it has already:
// whether they are whole there is not for the source to tell.
func arrived(ctx context.Context, r Reader, c, target *fleet.Controller, goal fleet.Goal) {
	for i := range target.Models {
		there := &target.Models[i]
		for j := range c.Models {
			if m := &c.Models[j]; m.UUID == there.UUID && goal.Wants(c, m) && !there.Importing() {
				model(ctx, r, *target, there)
			}
		}
	}
}

// each reads what only calls for one model tell.
func each(ctx context.Context, r Reader, c, target fleet.Controller, m *fleet.Model) {
	if wantsCharms(c, target) {
		charms, err := r.Charms(ctx, c, *m)
		if err != nil {
			// Not all of what it would bring along is known.
			m.Belongings = nil
			return
		}
		m.Belongings.Charms = charms
	}
	if target.Planned {
		return // there is nobody yet of whom to ask it
	}
	refusal, err := r.MoveRefusal(ctx, c, target, *m)
	if err != nil {
		refusal = problem(err)
	}
	m.MoveRefusal = refusal
}

// wantsCharms says that the target wants something of charms that the source did
// not ask of them.
func wantsCharms(source, target fleet.Controller) bool {
	return target.Version.Major >= 4 && source.Version.Major < 4
}
