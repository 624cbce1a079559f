package execute

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/journal"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

// Journal is what the engine needs of a run's journal.
type Journal interface {
	// Append makes one transition durable. When it fails, the transition has
	// not happened and what it announces is not done.
	Append(journal.Record) error
	// State is where the run stands, all appended records included; Step where
	// one step does.
	State() journal.State
	Step(id string) journal.StepState
}

// Engine carries out one run.
type Engine struct {
	// Kinds has the behaviour of each kind of step in the plan.
	Kinds map[plan.Kind]Kind
	// Journal is the run's.
	Journal Journal
	// Observe is told how far a step under way is, and with nil that it is no
	// longer under way. It is called from many goroutines.
	Observe func(step string, p *journal.StepProgress)
	// Unplanned names the models that are behind and that the plan does not
	// know, because they appeared since it was made; nil when nobody asks.
	Unplanned func(context.Context) []string
	// Poll is how long to wait between two looks.
	Poll Poll

	// run is the run's number, stall its own stall time; 0 for that of each kind.
	run   int
	stall time.Duration
	// moves are the steps in which models move away, by the model's UUID.
	moves map[string]plan.Step

	// mu guards what follows.
	mu sync.Mutex
	// made is the controller that the run has made.
	made fleet.Ref
	// broken is the error of an append; after it nothing more is begun.
	broken error
	// there are the steps that this attempt has seen done: on a resume what an
	// earlier attempt has done is looked at again before anything builds on it.
	there map[string]bool
}

// Poll is how often the world is looked at: Min after something moved, ever
// slower up to Max while nothing does.
type Poll struct{ Min, Max time.Duration }

// defaultPoll is gentle to a controller that restarts, and quick enough for a
// person who watches.
var defaultPoll = Poll{Min: 500 * time.Millisecond, Max: 5 * time.Second}

// Run carries out what is left of the run: controllers in the plan's order, one
// after the other. It returns when nothing is left that could be done, or soon
// after ctx ends; the error is only that of a journal that cannot be written.
// Where things stand is in the journal's State.
func (e *Engine) Run(ctx context.Context) error {
	if e.Poll == (Poll{}) {
		e.Poll = defaultPoll
	}
	state := e.Journal.State()
	e.run, e.stall = state.Run, state.Plan.Options.Stall
	e.moves, e.made = map[string]plan.Step{}, state.Made
	for _, s := range state.Plan.Steps {
		if s.Kind == plan.Migrate {
			e.moves[s.Model.UUID] = s
		}
	}
	event := journal.Resumed
	if state.Seq == 0 {
		event = journal.Begun
	}
	e.append(journal.Record{Event: event})
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	stopped := ""
	for _, c := range state.Plan.Controllers {
		group := group{engine: e, stop: stop, plan: &state.Plan, controller: c.UUID}
		group.run(ctx, stopped)
		if stopped == "" && (group.overBudget() || group.halfway()) {
			stopped = fmt.Sprintf("controller %s did not get there whole", c.Name)
		}
	}
	e.append(e.last(ctx))
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.broken
}

// lastLook is how long the look for models that the plan does not know may take.
const lastLook = time.Minute

// last is the record that ends this attempt.
func (e *Engine) last(ctx context.Context) journal.Record {
	r := journal.Record{Event: journal.Finished}
	if ctx.Err() == nil && e.Unplanned != nil {
		bounded, cancel := context.WithTimeout(ctx, lastLook)
		defer cancel()
		r.Unplanned = e.Unplanned(bounded)
	}
	if ctx.Err() != nil {
		return journal.Record{Event: journal.Interrupted}
	}
	return r
}

// append writes a record, or remembers that the journal is broken.
func (e *Engine) append(r journal.Record) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.broken != nil {
		return false
	}
	if e.broken = e.Journal.Append(r); e.broken == nil && r.Made != nil {
		e.made = *r.Made
	}
	return e.broken == nil
}

// resolved is the step, with the controller that it is about in place of the one that
// was to be made.
func (e *Engine) resolved(s plan.Step) plan.Step {
	e.mu.Lock()
	defer e.mu.Unlock()
	s.Target = journal.State{Made: e.made}.Resolve(s.Target)
	return s
}

// saw remembers that this attempt has seen the step done.
func (e *Engine) saw(id string) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.there == nil {
		e.there = map[string]bool{}
	}
	e.there[id] = true
}

// seen says whether this attempt has seen the step done.
func (e *Engine) seen(id string) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	return e.there[id]
}

// status tells where a step stands now.
func (e *Engine) status(id string) journal.Status { return e.Journal.Step(id).Status }
