package report

import (
	"time"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// LeftoversView is what still needs the controller that models have left, as far as
// this client sees.
type LeftoversView struct {
	Run            int
	Source, Target fleet.Ref
	// Entries are what was found, in any order.
	Entries []Leftover
	// Unseen are what could not be looked at: while there is any, nobody can say that
	// nothing is left.
	Unseen []Leftover
	// Hidden are what can never be seen from here.
	Hidden []Leftover
	// Removal is the command that removes Source, and what makes it this one. It is
	// shown only when nothing is left, and never run.
	Removal Removal
	Now     time.Time
}

// Leftover is one thing that still needs the old controller, or is to be known
// before it goes.
type Leftover struct {
	Kind LeftoverKind
	// Subject is what it is about: "old:admin/web", "bob", "unit web/3".
	Subject string
	// Standing is how a model stands: of LeftModel only.
	Standing LeftoverStanding
	// Text says what is the case, in a few words.
	Text string
	// Commands are what to type: to look closer, or to bring it over.
	Commands []string
}

// LeftoverKind says what a leftover is.
type LeftoverKind string

// The kinds of leftover.
const (
	// LeftModel is a model that the old controller lists.
	LeftModel LeftoverKind = "model"
	// LeftUser has not been seen on the new one.
	LeftUser LeftoverKind = "user"
	// LeftRelation is a cross-model relation that the old one is part of.
	LeftRelation LeftoverKind = "relation"
	// LeftAgent is not connected to the new one.
	LeftAgent LeftoverKind = "agent"
	// LeftApplication is in the old one's controller model.
	LeftApplication LeftoverKind = "application"
	// LeftElsewhere is for what fits nowhere else (Unseen, Hidden).
	LeftElsewhere LeftoverKind = "elsewhere"
)

// LeftoverStanding is how a model stands that the old controller lists.
type LeftoverStanding string

// The standings of a model.
const (
	// ToMove: the run is to move it, and has not. Migrating: Juju moves it.
	ToMove    LeftoverStanding = "to-move"
	Migrating LeftoverStanding = "migrating"
	// Blocked: findings hold it. NotSelected: by -m or --exclude. NotPlanned: it
	// appeared after the plan was made.
	Blocked     LeftoverStanding = "blocked"
	NotSelected LeftoverStanding = "not-selected"
	NotPlanned  LeftoverStanding = "not-planned"
	// ListedOnly: it is on the new one, and the old one, which is of Juju 4 and never
	// stops, goes on listing it. It needs nothing of the old one.
	ListedOnly LeftoverStanding = "listed-only"
	// NotRemoved: it is on the new one, and the old one, which is older than that, could
	// not remove its own copy. It stays there, and nobody may destroy it.
	NotRemoved LeftoverStanding = "not-removed"
)

// Removal is the command that removes a controller.
type Removal struct {
	Command string
	// Why says why it is this command, and what it does to what.
	Why string
}

// Left counts what still needs the old controller: all entries but models that it
// only goes on listing.
func (v LeftoversView) Left() int {
	n := 0
	for _, e := range v.Entries {
		if e.Standing != ListedOnly {
			n++
		}
	}
	return n
}

// Empty says that the old controller can go, as far as can be seen: nothing is left,
// and everything was looked at.
func (v LeftoversView) Empty() bool { return v.Left() == 0 && len(v.Unseen) == 0 }
