package journal

import (
	"time"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// Progress is what is known of a run between its records: rewritten again and
// again with a heartbeat, read by status in another terminal, lost without harm.
type Progress struct {
	Format int `json:"format"`
	Run    int `json:"run"`
	// Heartbeat is when the run was last heard of.
	Heartbeat time.Time `json:"heartbeat"`
	PID       int       `json:"pid"`
	Host      string    `json:"host,omitempty"`
	// Steps are those under way, by ID.
	Steps map[string]StepProgress `json:"steps"`
}

// StepProgress is how far a step under way is.
type StepProgress struct {
	Since time.Time `json:"since"`
	// Moved is when anything last moved; Stall is when it fails if nothing does.
	Moved    time.Time     `json:"moved"`
	Stall    time.Time     `json:"stall"`
	There    int           `json:"there"`
	Awaited  int           `json:"awaited"`
	NotShown int           `json:"not-shown,omitempty"`
	Missing  []fleet.Agent `json:"missing,omitempty"`
	// Seen is when a look last succeeded: what is told of agents is of then.
	Seen time.Time `json:"seen,omitzero"`
	// Note says what is awaited, in a few words; Trouble is what the last look
	// failed with, when it did.
	Note string `json:"note,omitempty"`
	// ForOperator says that it goes on when the operator has done what Note says, and
	// Command what to type for that, where it is known.
	ForOperator bool   `json:"for-operator,omitempty"`
	Command     string `json:"command-for-operator,omitempty"`
	Trouble     string `json:"trouble,omitempty"`
	// TroubleCode is what kind of trouble it is.
	TroubleCode fleet.ProblemCode `json:"trouble-code,omitempty"`
}
