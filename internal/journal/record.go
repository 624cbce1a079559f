// Package journal keeps a run: its directory with the plan written once and
// the journal appended and fsynced, its lock, and what can be told of it at any
// time: State = Fold(plan, records).
//
// It imports plan and fleet.
package journal

import (
	"time"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// Format is the version of the journal's JSON lines.
const Format = 1

// Event says what a record is about.
type Event string

// The events of a run, and the one of a step.
const (
	// Begun is a run's first record; Resumed each later start.
	Begun   Event = "begun"
	Resumed Event = "resumed"
	// Interrupted: the run was told to stop. Finished: nothing is left that
	// could be done. Abandoned: the operator ended it for good.
	Interrupted Event = "interrupted"
	Finished    Event = "finished"
	Abandoned   Event = "abandoned"
	// Moved: a step changed its status.
	Moved Event = "step"
	// Noted: a step under way knows something that nobody could find out later.
	Noted Event = "noted"
)

// Status is the status of a step. The list is closed.
type Status string

// The statuses of a step.
const (
	// Pending: not begun.
	Pending Status = "pending"
	// Started: begun, and not known to have ended.
	Started Status = "started"
	// Done: seen there.
	Done Status = "done"
	// Failed: did not get there.
	Failed Status = "failed"
	// Held: something that it needs failed or is blocked.
	Held Status = "held"
	// Skipped: nothing was to be done, or the operator left it out.
	Skipped Status = "skipped"
)

// Ended says that nothing more happens to the step in this attempt.
func (s Status) Ended() bool {
	switch s {
	case Done, Failed, Held, Skipped:
		return true
	}
	return false
}

// Record is one transition: the only durable event. What is written to disk is
// what is shown and what --events streams.
type Record struct {
	Format int `json:"format"`
	// Seq numbers the records of a run from 1; order is by it, never by time.
	Seq   int       `json:"seq"`
	Time  time.Time `json:"time"`
	Run   int       `json:"run"`
	Event Event     `json:"event"`
	// Step is set for Moved and Noted, Status for Moved.
	Step   string `json:"step,omitempty"`
	Status Status `json:"status,omitempty"`
	// Changed says that the world has been changed by the step, or may have been.
	Changed bool `json:"changed,omitempty"`
	// Detail is what happened in words: what Juju said, which step held it.
	Detail string `json:"detail,omitempty"`
	// Meaning and Fix are for what failed: what it means, and what to type.
	Meaning string   `json:"meaning,omitempty"`
	Fix     []string `json:"fix,omitempty"`
	// Missing are the agents that had not arrived when the step failed.
	Missing []fleet.Agent `json:"missing,omitempty"`
	// There and Awaited count the agents seen.
	There    int `json:"there,omitempty"`
	Awaited  int `json:"awaited,omitempty"`
	NotShown int `json:"not-shown,omitempty"`
	// Regressions are what a verify step found worse than before.
	Regressions []fleet.Regression `json:"regressions,omitempty"`
	// Unplanned names models that are behind and not in the plan (Finished).
	Unplanned []string `json:"unplanned,omitempty"`
	// Made is the controller that a done step has made.
	Made *fleet.Ref `json:"made,omitempty"`
	// Note is what a step knows (Noted).
	Note *Note `json:"note,omitempty"`
	// Result is what a done step leaves to be known: the backup's file, a caution.
	Result string `json:"result,omitempty"`
}

// Note is what a step has to know again when the run is resumed, and the world does not
// tell. Each is whole: what is not in a later one is not known any more.
type Note struct {
	// Since is since when agents were in their state just before something was asked
	// for, by their names.
	Since map[string]time.Time `json:"since,omitempty"`
	// Uploaded is what Juju calls what was uploaded for the step.
	Uploaded string `json:"uploaded,omitempty"`
}
