package report

import (
	"time"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

// HandoverView is what there is to be told of the users of a run whose models move
// to another controller. It has no secret in it.
type HandoverView struct {
	Run int
	// Source and Target are the controllers that users leave, and go to.
	Source, Target fleet.Ref
	// Problem is why Target could not be asked; nil when it was. Of its users nothing
	// is known then: not that they exist, nor when they were seen.
	Problem *fleet.Problem
	People  []HandoverPerson
	Now     time.Time
}

// HandoverPerson is a user of the source, as the target shows that user now.
type HandoverPerson struct {
	plan.Person
	// Run is the run that brought the person: this one, or another one to the same
	// target. Comes is how that one did.
	Run int
	// Made is when the run made the user, or a later string of that user's; zero when
	// it has not.
	Made time.Time
	// Before is the LastLogin that the target told when a new string was made: that
	// one says nothing of the string. Zero when there was none.
	Before time.Time
	// Exists and Disabled are as the target tells.
	Exists, Disabled bool
	// LastLogin is when the target last saw the user; zero for never.
	LastLogin time.Time
	// HasString says that File, a registrations.yaml of Run's, has a string for the user.
	HasString bool
	File      string
	// Lost says that a new string was asked for and is not known: neither is whether
	// what the user had before still works.
	Lost bool
}

// ReissuedView is what there is to be told of a user who was given a new string.
type ReissuedView struct {
	Run    int
	Target fleet.Ref
	User   string
	// File has the new string.
	File string
	// Known says that the user had logged in, or had a password: it is void, too.
	Known bool
}
