package discover

import (
	"context"
	"slices"
	"sync"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/juju/version/v2"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// Options bound a look at the world.
type Options struct {
	// Parallel is how many models, and how many controllers, are read at once.
	Parallel int
	// Now tells the time; time.Now when nil.
	Now func() time.Time
}

// Named is a controller as the client's registry names it.
type Named struct {
	fleet.Ref
	Aliases []string
}

// Fleet looks at the named controllers, in this order, and at those of their
// models that the goal can concern. Where models are to move, it looks at the
// controller that they move to before all others, and at what they would bring
// along. A controller or a model that cannot be looked at is in the result with its
// Problem; the error is the context's.
func Fleet(ctx context.Context, r Reader, names []Named, goal fleet.Goal, opts Options) (fleet.Fleet, error) {
	now := time.Now
	if opts.Now != nil {
		now = opts.Now
	}
	out := fleet.Fleet{Looked: now(), Controllers: logins(ctx, r, names)}
	limit := max(1, opts.Parallel)
	// One bound for all models of all controllers: memory and connections
	// stay flat however large the fleet is.
	models := make(chan struct{}, limit)
	if goal.Moves() && ctx.Err() == nil {
		out.Target = target(ctx, r, goal, models)
		goal.ToVersion = out.Target.Version
	}
	if err := ctx.Err(); err != nil {
		return out, err
	}
	var group errgroup.Group
	group.SetLimit(limit)
	for i := range out.Controllers {
		c := &out.Controllers[i]
		if c.Problem != nil {
			continue
		}
		group.Go(func() error {
			controller(ctx, r, c, goal, models)
			return nil
		})
	}
	_ = group.Wait() // the functions report by what they leave in the fleet
	if goal.Moves() {
		for i := range out.Controllers {
			belongings(ctx, r, &out.Controllers[i], out.Target, goal, limit)
		}
	}
	return out, ctx.Err()
}

// logins logs in to one controller after the other, because a login may prompt.
func logins(ctx context.Context, r Reader, names []Named) []fleet.Controller {
	out := make([]fleet.Controller, 0, len(names))
	for _, n := range names {
		if ctx.Err() != nil {
			break // no more prompts for somebody who has left
		}
		c, err := r.Login(ctx, n.Name)
		if err != nil {
			c = fleet.Controller{Ref: n.Ref, Problem: problem(err)}
		}
		c.Name, c.Aliases = n.Name, n.Aliases
		if c.UUID == "" {
			c.UUID = n.UUID
		}
		out = append(out, c)
	}
	return out
}

// controller fills in one controller and its models.
func controller(ctx context.Context, r Reader, c *fleet.Controller, goal fleet.Goal, limit chan struct{}) {
	seen, err := r.Controller(ctx, *c)
	if err != nil {
		c.Problem = problem(err)
		return
	}
	seen.Aliases = c.Aliases
	*c = seen
	// c.Objections and c.Models are written by goroutines while others read:
	// those get a copy that nobody writes to.
	shown := *c
	shown.Models = slices.Clone(c.Models)
	var wait sync.WaitGroup
	defer wait.Wait()
	if goal.UpgradesController() && c.Superuser() && c.Upgrading == version.Zero {
		wait.Go(func() { c.Objections = objections(ctx, r, shown, goal) })
	}
	for i := range c.Models {
		m := &c.Models[i]
		if !concerns(goal, &shown, m) {
			continue
		}
		wait.Go(func() {
			select {
			case limit <- struct{}{}:
				defer func() { <-limit }()
			case <-ctx.Done():
				return
			}
			model(ctx, r, shown, m)
			applications(ctx, r, shown, m, goal)
		})
	}
}

// concerns says whether the goal needs the model's status: the controller's own
// model always tells how the controller is.
func concerns(goal fleet.Goal, c *fleet.Controller, m *fleet.Model) bool {
	return m.IsController || goal.Wants(c, m)
}

func objections(ctx context.Context, r Reader, c fleet.Controller, goal fleet.Goal) *fleet.Objections {
	o, err := r.Objections(ctx, c, goal.AgentVersion)
	if err == nil && goal.AgentVersion == version.Zero && goal.Beyond(o.Chosen) && c.Version.Compare(goal.ToVersion) < 0 {
		// Its newest is newer than where its models are to go.
		o, err = r.Objections(ctx, c, goal.ToVersion)
	}
	if err != nil && o.Problem == nil {
		o.Problem = problem(err)
	}
	return &o
}

func model(ctx context.Context, r Reader, c fleet.Controller, m *fleet.Model) {
	seen, err := r.Model(ctx, c, *m)
	if err != nil {
		m.Problem = problem(err)
		return
	}
	*m = seen
}

// problem makes a fact of an error.
func problem(err error) *fleet.Problem {
	p := fleet.ProblemOf(err)
	return &p
}
