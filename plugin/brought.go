package plugin

import (
	"time"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/journal"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/report"
)

// bringing is what a run has made of a user: made them on its target, or asked for a
// registration string there.
type bringing struct {
	run int
	// file is the run's registrations.yaml.
	file string
	// made is when the run made the user, and comes how that one gets in; zero when it
	// did not.
	made  time.Time
	comes plan.Coming
	// issue tells of the user's string; nil when there never was one.
	issue *journal.Issue
}

// at is when the user got what they have now.
func (b bringing) at() time.Time {
	if b.issue != nil && b.issue.At.After(b.made) {
		return b.issue.At
	}
	return b.made
}

// broughtTo tells, by user, what the runs of this client have made of them on the
// controller; of several runs, the one that did so last. A later run finds there whom
// an earlier one has made, and only the earlier one knows how they get in.
func (s *session) broughtTo(target fleet.Ref) (map[string]bringing, error) {
	runs, err := s.store.Runs()
	if err != nil {
		return nil, err
	}
	out := map[string]bringing{}
	for _, number := range runs {
		state, err := s.store.Load(number)
		if err != nil || state.Target().UUID != target.UUID {
			continue // one that cannot be read cannot be gone on with either
		}
		registrations := s.store.Registrations(state)
		issued, err := registrations.Issued()
		if err != nil {
			return nil, err
		}
		for _, p := range state.Plan.People {
			b := bringing{run: number, file: registrations.File(), made: madeAt(state, p)}
			if !b.made.IsZero() {
				b.comes = p.Comes
			}
			if is, ok := issued[p.Name]; ok {
				b.issue = &is
			}
			if known := b.issue != nil || b.comes != ""; known && !b.at().Before(out[p.Name].at()) {
				out[p.Name] = b
			}
		}
	}
	return out, nil
}

// person is one of a run's people as the controller shows them now, given what the runs
// of this client have made of them there.
func person(run int, p plan.Person, is *fleet.User, brought map[string]bringing) report.HandoverPerson {
	h := report.HandoverPerson{Person: p, Run: run}
	if is != nil {
		h.Exists, h.Disabled, h.LastLogin = true, is.Disabled, is.LastLogin
	}
	b, ok := brought[p.Name]
	if !ok || b.run < run && !outlives(p.Comes, h.Exists) {
		return h
	}
	h.Run, h.Made = b.run, b.at()
	if b.comes != "" {
		h.Comes = b.comes
	}
	if b.issue != nil {
		h.HasString, h.Lost, h.Before = b.issue.Kept, !b.issue.Kept, b.issue.Before
	}
	if h.HasString {
		h.File = b.file
	}
	return h
}

// outlives says that what an earlier run has made of a user was still there for a run
// with which the user comes that way.
func outlives(comes plan.Coming, exists bool) bool {
	switch comes {
	case plan.WasThere:
		return true
	case plan.StaysOut:
		return exists
	}
	return false // the target had no such user, or has it from elsewhere
}
