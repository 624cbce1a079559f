package journal

import (
	"time"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

// StepState is where one step stands: the last thing that was recorded of it.
type StepState struct {
	Status Status
	// Began is when it was first started, Last when it last changed.
	Began, Last time.Time
	// Tried is when it was last started.
	Tried time.Time
	// Attempts counts how often it was started.
	Attempts int
	// Changed says that some attempt of it has, or may have, changed the world.
	Changed bool
	// Note is what was noted last of it.
	Note Note
	// Record is the last record of it that moved it; zero while it is pending.
	Record Record
}

// State is where a run stands: the fold of its plan and its records.
type State struct {
	Run   int
	Plan  plan.Plan
	Steps map[string]StepState
	// Begun is when the run first began; Last when it was last heard of in the
	// journal.
	Begun, Last time.Time
	// Resumed is when the run was last resumed; zero when it never was.
	Resumed time.Time
	// Unplanned are models that are behind and that the plan does not know, as
	// the run found at its end.
	Unplanned []string
	// Made is the controller that the run has made; zero while it has made none.
	Made fleet.Ref
	// Event is the last event of the run itself.
	Event Event
	// Seq is the number of the last record.
	Seq int
}

// Fold tells where a run stands. It is the only reader of records.
func Fold(run int, p plan.Plan, records []Record) State {
	s := State{Run: run, Plan: p, Steps: make(map[string]StepState, len(p.Steps))}
	for _, step := range p.Steps {
		s.Steps[step.ID] = StepState{Status: Pending}
	}
	for _, r := range records {
		s.Apply(r)
	}
	return s
}

// Apply adds one record to the state.
func (s *State) Apply(r Record) {
	s.Seq, s.Last = r.Seq, r.Time
	if r.Event != Moved && r.Event != Noted {
		s.event(r)
		return
	}
	step, known := s.Steps[r.Step]
	if !known {
		return
	}
	if r.Event == Noted {
		if r.Note != nil {
			step.Note = *r.Note
			s.Steps[r.Step] = step
		}
		return
	}
	if r.Status == Started {
		step.Attempts++
		step.Tried = r.Time
		if step.Began.IsZero() {
			step.Began = r.Time
		}
	}
	// What was begun and is held without having been looked at again may have
	// been changed by the attempt that was cut short.
	untold := step.Status == Started && r.Status == Held && s.final(r.Step)
	step.Status, step.Last, step.Record = r.Status, r.Time, r
	step.Changed = step.Changed || r.Changed || untold
	if r.Made != nil {
		s.Made = *r.Made
	}
	if r.Status == Failed && !step.Changed {
		step.Note.Since = nil // nothing was asked for after all
	}
	s.Steps[r.Step] = step
}

// final says that there is no way back from the step.
func (s *State) final(id string) bool {
	step := s.Plan.Step(id)
	return step != nil && step.Class == plan.PointOfNoReturn
}

// event takes in a record about the run itself. A run that is resumed tries
// again what had failed, and what was held by it.
func (s *State) event(r Record) {
	s.Event, s.Unplanned = r.Event, r.Unplanned
	switch r.Event {
	case Begun:
		s.Begun = r.Time
	case Resumed:
		s.Resumed = r.Time
		for id, step := range s.Steps {
			if step.Status == Failed || step.Status == Held {
				step.Status, step.Record = Pending, Record{}
				s.Steps[id] = step
			}
		}
	}
}

// Target is the controller that the run's models move to; zero when none do. One
// that the run makes has no UUID before it is made.
func (s State) Target() fleet.Ref {
	if s.Plan.Target == nil {
		return fleet.Ref{}
	}
	return s.Resolve(s.Plan.Target.Ref)
}

// Resolve returns the controller that is meant: for one that the run was to make,
// and has made, with its UUID.
func (s State) Resolve(c fleet.Ref) fleet.Ref {
	if c.UUID == "" && c.Name != "" && s.Made.UUID != "" {
		return s.Made
	}
	return c
}

// Count returns how many steps have that status.
func (s State) Count(status Status) int {
	n := 0
	for _, step := range s.Steps {
		if step.Status == status {
			n++
		}
	}
	return n
}

// Unfinished says that the run could be resumed: it neither finished with all
// its steps done nor was abandoned.
func (s State) Unfinished() bool {
	if s.Event == Abandoned {
		return false
	}
	return s.Count(Done)+s.Count(Skipped) < len(s.Steps)
}

// Regressions returns all regressions of the run's verify steps, by step ID.
func (s State) Regressions() map[string][]fleet.Regression {
	out := map[string][]fleet.Regression{}
	for id, step := range s.Steps {
		if len(step.Record.Regressions) > 0 {
			out[id] = step.Record.Regressions
		}
	}
	return out
}
