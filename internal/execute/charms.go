package execute

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
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

// hookPatience is for how long a unit may be in error before its step fails: Juju runs
// a hook that failed again by itself, after 5, 10, 20 seconds and so on.
const hookPatience = time.Minute

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
		if uploaded := k.Journal.Step(s.ID).Note.Uploaded; uploaded != "" && fleet.SameCharm(app.URL, uploaded) {
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
	if len(failed) == 0 && k.pausedAt(s, status, units, len(behind)) {
		waitsForOperator(s, &sight, k.pauses(s, status))
	}
	switch well := s.ID + " well"; {
	case len(sight.Missing) > 0:
		k.Settling.forget(well)
	case sure || k.Settling.expired(well, quietTime):
		sight.Stage = There
	}
	return sight, nil
}

// hooks tells of units in error; with an error once that has lasted.
func (k RefreshCharm) hooks(s plan.Step, failed []fleet.Agent, sight *Sight) error {
	if len(failed) == 0 {
		k.Settling.forget(s.ID)
		return nil
	}
	sight.Note = hookWords(failed)
	if k.Settling.expired(s.ID, hookPatience) {
		return &hookError{units: failed}
	}
	sight.Note += ": Juju tries again by itself"
	return nil
}

// hookError is the error of units whose hooks have failed for good.
type hookError struct{ units []fleet.Agent }

// Error implements error.
func (e *hookError) Error() string { return hookWords(e.units) }

// Unwrap makes it certain: no further look would change it.
func (e *hookError) Unwrap() error { return &certainError{fmt.Errorf("%s", hookWords(e.units))} }

func hookWords(units []fleet.Agent) string {
	var words []string
	for _, u := range first(units, 3) {
		text := u.Name + " is in error"
		if u.Health.Message != "" {
			text += " (" + u.Health.Message + ")"
		}
		words = append(words, text)
	}
	if more := len(units) - len(words); more > 0 {
		words = append(words, fmt.Sprintf("and %d more", more))
	}
	return strings.Join(words, ", ")
}

// Act implements Kind. What nobody could find out any more is made durable first: since when
// the units were idle, and what an upload is called, which is not made twice.
func (k RefreshCharm) Act(ctx context.Context, s plan.Step) error {
	refresh, note := *s.Refresh, k.Journal.Step(s.ID).Note
	if refresh.File != "" {
		if note.Uploaded == "" {
			url, err := k.Refresher.Upload(ctx, s.Where(), s.Model, refresh)
			if err != nil {
				return err
			}
			note.Uploaded = url
		}
		refresh.To = note.Uploaded
	}
	note.Since = k.Idle.of(s.ID)
	if err := k.note(s.ID, note); err != nil {
		return err
	}
	return k.Refresher.Refresh(ctx, s.Where(), s.Model, refresh)
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
