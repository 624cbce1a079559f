package execute

import (
	"context"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

// Kind is the behaviour of one kind of step. The step law (see Engine.step)
// is what calls it; a Kind keeps no state between calls, so that a resumed run
// needs nothing but the plan, the journal and the world.
type Kind interface {
	// Look says how far the world is. An error that is fleet.Passing is looked
	// at again; any other fails the step.
	Look(ctx context.Context, s plan.Step) (Sight, error)
	// Act asks for what Look did not see. An error that is fleet.Passing leaves
	// open whether the request got through: the engine looks before it acts
	// again.
	Act(ctx context.Context, s plan.Step) error
}

// Sight is what a Look has seen.
type Sight struct {
	// Stage is how far the step is.
	Stage Stage
	// There and Awaited count what has arrived and what is to arrive, in the
	// step's own units (agents, servers, bytes); both zero where nothing counts.
	There, Awaited int
	// Missing are the agents that are awaited.
	Missing []fleet.Agent
	// NotShown counts the agents whose version the controller does not show.
	NotShown int
	// Note says in a few words what is awaited: "1 of 3 servers answers 3.6.11".
	Note string
	// Regressions are what is worse than before (verify steps).
	Regressions []fleet.Regression
	// Result is kept with the step when it is done: a file's name, a caution.
	Result string
	// Mark is a text that changes when something has moved that nothing counts.
	Mark string
	// ForOperator says that it goes on when the operator has done something: what,
	// says Note. Such a step does not stall, but for an explicit --stall.
	ForOperator bool
	// Command is what to type for that; empty where nothing known does it.
	Command string
	// Hidden says that an attempt that is under way could look just the same: with
	// Absent it does not show that nobody has asked.
	Hidden bool
	// Made is the controller that the step has made, once it is There.
	Made *fleet.Ref
	// Outcome is how the latest attempt at it, by whoever made it, has ended in
	// the world without getting there; its zero value when none has.
	Outcome Outcome
}

// Outcome is how an attempt ended that did not get there.
type Outcome struct {
	// ID tells attempts apart.
	ID string
	// Text is what Juju says of it.
	Text string
}

// Stage is how far a step is in the world.
type Stage int

// The stages of a step in the world.
const (
	// Absent: nobody has asked for it yet.
	Absent Stage = iota
	// Coming: it was asked for, by us or by another, and is on its way.
	Coming
	// There: it is truly there.
	There
	// Gone: what the step is about no longer exists.
	Gone
)
