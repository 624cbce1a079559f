package execute

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/journal"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

// RefreshCharm brings an application to another charm, and waits until all its units
// run that one.
type RefreshCharm struct {
	Watcher   Watcher
	Refresher Refresher
	// Before is the health of each model, by UUID, at the first start of the run.
	Before map[string]fleet.Health
	// Settling is since when units are seen in error, or all of them well.
	Settling *Settling
	// Journal is where steps note what they have to know again after a crash.
	Journal Journal
	// Idle is since when their agents are idle while it is not asked for yet: what is
	// noted of them just before it is.
	Idle *Idle
}

// Idle remembers since when agents have been in their state, from a look that has found a
// step not asked for until it is.
type Idle struct {
	mu    sync.Mutex
	since map[string]map[string]time.Time
}

// note remembers the agents of a step that was not asked for yet.
func (i *Idle) note(step string, agents []fleet.Agent) {
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.since == nil {
		i.since = map[string]map[string]time.Time{}
	}
	i.since[step] = map[string]time.Time{}
	for _, a := range agents {
		i.since[step][a.Name] = a.State.Since
	}
}

// of are the agents that were noted of a step.
func (i *Idle) of(step string) map[string]time.Time {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.since[step]
}

// moved says whether an agent has done something since its refresh was asked for; that is
// not known of one that was not noted before, as when somebody else has asked for it.
func (k RefreshCharm) moved(step string, a fleet.Agent) (moved, known bool) {
	was, ok := k.Journal.Step(step).Note.Since[a.Name]
	return !was.Equal(a.State.Since), ok && !was.IsZero()
}

// quietTime is for how long units have to be seen well of which it is not known whether
// they have done anything yet. A unit notices a new charm after some seconds, and new
// resources of the same charm without any sign before it runs its hook; Juju 4.1 shows
// none either of a new charm. (seen)
const quietTime = 30 * time.Second

// Look implements Kind: it is there when every unit runs the charm, its agent has
// nothing to do any more, and no hook of it has failed.
func (k RefreshCharm) Look(ctx context.Context, s plan.Step) (Sight, error) {
	status, err := k.Watcher.ModelStatus(ctx, s.Where(), s.Model)
	if err != nil {
		return gone(ctx, k.Watcher, s, err)
	}
	app := status.Application(s.Refresh.Application)
	if app == nil {
		return Sight{Stage: Gone, Note: "the model has no such application any more"}, nil
	}
	asked, err := k.asked(ctx, s, app)
	units := awaitedUnits(status, s)
	if err != nil || !asked {
		k.Idle.note(s.ID, units)
		return Sight{Stage: Absent, Awaited: len(units)}, err
	}
	return k.settled(s, status, units)
}

// asked says that the application has the charm that the step brings: that somebody
// has asked for it.
func (k RefreshCharm) asked(ctx context.Context, s plan.Step, app *fleet.Application) (bool, error) {
	r := s.Refresh
	switch {
	case r.File != "" && !fleet.SameCharm(app.URL, r.From):
		// Any upload gets a number of its own, so another one is somebody else's.
		if uploaded := k.Journal.Step(s.ID).Note.Uploaded; uploaded != "" && fleet.SameCharm(app.URL, uploaded) || app.Source() == fleet.LocalCharm && k.unnoted(s.ID) {
			return true, nil
		}
	case r.File == "" && fleet.SameCharm(app.URL, r.To) && fleet.SameCharm(r.From, r.To):
		return k.resourcesThere(ctx, s)
	case r.File == "" && (fleet.SameCharm(app.URL, r.To) || later(app, r)):
		return true, nil
	case fleet.SameCharm(app.URL, r.From):
		return false, nil
	}
	return false, &certainError{&fleet.Problem{
		Code: fleet.Refused, Text: fmt.Sprintf("%s is at %s now, and was at %s when this was planned: somebody else has refreshed it", app.Name, app.URL, r.From),
	}}
}

// unnoted says that the step was begun before, and nothing is on record of what it has
// uploaded: the run was begun by a version that noted nothing, and went by its being a local
// charm. A kill before the upload could be noted looks the same, and was not set.
func (k RefreshCharm) unnoted(step string) bool {
	was := k.Journal.Step(step)
	return was.Note.Uploaded == "" && was.Note.Since == nil && (was.Attempts > 1 || was.Status.Ended())
}

// later says that somebody has brought the application to a revision that is newer than
// the planned one: to one that is mended, perhaps.
func later(app *fleet.Application, r *fleet.Refresh) bool {
	planned := fleet.Application{URL: r.To}
	return app.Source() == planned.Source() && app.Charm() == planned.Charm() && app.Revision() > planned.Revision() && planned.Revision() > fleet.Application{URL: r.From}.Revision()
}

// resourcesThere says that all resources are of the planned revisions. The application
// has them at once; when a unit takes one is its charm's affair, which not all tell.
func (k RefreshCharm) resourcesThere(ctx context.Context, s plan.Step) (bool, error) {
	now, err := k.Refresher.Resources(ctx, s.Where(), s.Model, s.Refresh.Application)
	if err != nil {
		return false, err
	}
	return !slices.ContainsFunc(s.Refresh.Resources, func(r fleet.Resource) bool {
		revision, has := now[r.Name]
		return !has || revision >= 0 && revision != r.Then // one that was uploaded meanwhile stays
	}), nil
}

// awaitedUnits are the agents of the application's units, without those that the
// operator has accepted as they are.
func awaitedUnits(status fleet.ModelStatus, s plan.Step) []fleet.Agent {
	return slices.DeleteFunc(status.UnitsOf(s.Refresh.Application), func(a fleet.Agent) bool { return slices.Contains(s.Absent, a.String()) })
}

// settled tells how far the units are.
func (k RefreshCharm) settled(s plan.Step, status fleet.ModelStatus, units []fleet.Agent) (Sight, error) {
	app := status.Application(s.Refresh.Application)
	sight := Sight{Stage: Coming, Awaited: len(units)}
	if later(app, s.Refresh) {
		sight.Result = fmt.Sprintf("somebody has brought it to revision %d, which is later than planned", app.Revision())
	}
	var failed, behind []fleet.Agent
	sure := true
	for _, unit := range units {
		moved, known := k.moved(s.ID, unit)
		sure = sure && known
		if unit.Health.Status == "error" {
			failed = append(failed, unit)
		}
		if slices.Contains(app.Behind, unit.Name) || known && !moved {
			behind = append(behind, unit)
		} else if unit.State.Status == "idle" && unit.Health.Status != "error" {
			sight.There++
			continue
		}
		sight.Missing = append(sight.Missing, unit)
	}
	if err := k.hooks(s, failed, &sight); err != nil {
		return sight, err
	}
	pauses := k.podPauses(s, status)
	if len(failed) == 0 && k.pausedAt(s, units, len(behind), len(pauses) > 0) {
		waitsForOperator(s, &sight, pauses)
	}
	switch well := s.ID + " well"; {
	case len(sight.Missing) > 0 || len(pauses) > 0:
		k.Settling.forget(well)
	case sure || k.Settling.expired(well, quietTime):
		sight.Stage = There
	}
	return sight, nil
}

// Act implements Kind. What nobody could find out any more is made durable first: since when
// the units were idle, and what an upload is called, which is not made twice.
func (k RefreshCharm) Act(ctx context.Context, s plan.Step) error {
	refresh := *s.Refresh
	if refresh.File != "" {
		if err := k.upload(ctx, s); err != nil {
			return err
		}
	}
	note := k.Journal.Step(s.ID).Note
	note.Since = k.Idle.of(s.ID)
	if err := k.note(s.ID, note); err != nil {
		return err
	}
	if refresh.File != "" {
		refresh.To = note.Uploaded
	}
	return k.Refresher.Refresh(ctx, s.Where(), s.Model, refresh)
}

// upload gives the model the step's charm, unless that was done. It may take minutes, in which
// units run a hook now and then: so it is looked once more since when they are idle.
func (k RefreshCharm) upload(ctx context.Context, s plan.Step) error {
	if k.Journal.Step(s.ID).Note.Uploaded != "" {
		return nil
	}
	url, err := k.Refresher.Upload(ctx, s.Where(), s.Model, *s.Refresh)
	if err != nil {
		return &preparationError{err}
	}
	if err := k.note(s.ID, journal.Note{Uploaded: url}); err != nil {
		return err
	}
	status, err := k.Watcher.ModelStatus(ctx, s.Where(), s.Model)
	if err != nil {
		return &preparationError{err}
	}
	k.Idle.note(s.ID, awaitedUnits(status, s))
	return nil
}

// note makes durable what is known of a step, if that is not what is on record.
func (k RefreshCharm) note(step string, note journal.Note) error {
	was := k.Journal.Step(step).Note
	if was.Uploaded == note.Uploaded && maps.EqualFunc(was.Since, note.Since, time.Time.Equal) {
		return nil
	}
	if err := k.Journal.Append(journal.Record{Event: journal.Noted, Step: step, Note: &note}); err != nil {
		return &preparationError{err}
	}
	return nil
}
