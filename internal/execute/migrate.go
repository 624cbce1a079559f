package execute

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

// Migrate moves a model to another controller. What has become of it is told by
// what both controllers show of the model, never by the words of a status.
type Migrate struct {
	Watcher  Watcher
	Mover    Mover
	Accounts *Accounts
}

// Look implements Kind.
func (k Migrate) Look(ctx context.Context, s plan.Step) (Sight, error) {
	here, listed, err := k.Watcher.ModelAt(ctx, s.Controller, s.Model)
	if err != nil {
		return Sight{}, err
	}
	if listed && here.LastMigration.Underway() {
		status := here.LastMigration.Status
		return Sight{Stage: Coming, Note: status, Mark: status}, nil
	}
	arrived, importing, err := k.there(ctx, s)
	switch {
	case err != nil:
		return Sight{}, ending(err, s, here.LastMigration)
	case arrived:
		return Sight{Stage: There, Result: caution(s, listed)}, nil
	case importing && (!listed || s.Unseen):
		return Sight{Stage: Coming, Note: s.Target.Name + " is importing it", Mark: "importing"}, nil
	case importing:
		return Sight{}, leftover(s, here.LastMigration)
	case !listed:
		return k.lost(ctx, s)
	}
	return Sight{Stage: Absent, Hidden: s.Unseen, Outcome: outcome(here.LastMigration)}, nil
}

// ending adds to an error what the source says of a migration that is over. Without
// it nobody would know why, for as long as the target does not answer.
func ending(err error, s plan.Step, m *fleet.Migration) error {
	if m == nil || m.Status == "" {
		return err
	}
	return fmt.Errorf("%s says of its last migration: %s; %w", s.Controller.Name, m.Status, err)
}

// lost is for a model that neither controller answers for. The source's list is
// asked, too: for a moment it can say "unauthorized" of what it has.
func (k Migrate) lost(ctx context.Context, s plan.Step) (Sight, error) {
	models, err := k.Watcher.Models(ctx, s.Controller)
	switch {
	case err != nil:
		return Sight{}, err
	case modelOf(models, s.Model) != nil:
		return Sight{}, &fleet.Problem{Code: fleet.Forbidden, Text: fmt.Sprintf("%s lists %s and tells nothing of it", s.Controller.Name, s.Model.Name)}
	}
	return Sight{Stage: Gone, Note: fmt.Sprintf("neither %s nor %s has the model any more", s.Controller.Name, s.Target.Name)}, nil
}

// leftover is the error of a model of which the target still has a half.
func leftover(s plan.Step, last *fleet.Migration) error {
	text := fmt.Sprintf("%s still has an unfinished import of %s, which no migration belongs to any more", s.Target.Name, s.Model.Name)
	if last != nil {
		text += " (the last one said: " + last.Status + ")"
	}
	return &fleet.Problem{Code: fleet.Leftover, Text: text}
}

// there tells whether the target has the model, or a part of it. Only its list
// says that the model works there: asked for the model alone, a 3.6 controller can
// say for a moment that one which it begins to import is available.
func (k Migrate) there(ctx context.Context, s plan.Step) (arrived, importing bool, err error) {
	models, err := k.Watcher.Models(ctx, s.Target)
	if err != nil {
		return false, false, err
	}
	if m := modelOf(models, s.Model); m != nil {
		return !m.Importing(), m.Importing(), nil
	}
	_, importing, err = k.Watcher.ModelAt(ctx, s.Target, s.Model)
	return false, importing, err
}

// caution is what has to be known of a model that has moved and is still listed
// by the controller that it left.
func caution(s plan.Step, listed bool) string {
	switch {
	case !listed:
		return ""
	case s.Unseen:
		return fmt.Sprintf("%s goes on listing %s, which is on %s now: never destroy it on %s, what it runs on belongs to %s",
			s.Controller.Name, s.Model.Name, s.Target.Name, s.Controller.Name, s.Target.Name)
	}
	return fmt.Sprintf("%s could not remove its own copy of %s, which is on %s now: never destroy that model, nor %s with its models, what it runs on belongs to %s",
		s.Controller.Name, s.Model.Name, s.Target.Name, s.Controller.Name, s.Target.Name)
}

// outcome tells a migration that has ended without moving the model.
func outcome(m *fleet.Migration) Outcome {
	if m == nil {
		return Outcome{}
	}
	return Outcome{ID: m.Start.UTC().Format(time.RFC3339Nano), Text: m.Status}
}

// Act implements Kind.
func (k Migrate) Act(ctx context.Context, s plan.Step) error {
	account, err := k.Accounts.get(ctx, s.Target)
	if err != nil {
		return &preparationError{fmt.Errorf("cannot make the account with which %s logs in at %s: %w", s.Controller.Name, s.Target.Name, err)}
	}
	return k.Mover.Migrate(ctx, s.Controller, s.Target, s.Model, account)
}

// Arrive sees that a model which has moved is alive on its new controller and that
// all its agents are connected there. An agent can stay with the old controller,
// and the migration be reported as a success (Juju issues 18618, 21820).
type Arrive struct {
	Watcher Watcher
	// Restarts are what was seen of the pods of models that have moved.
	Restarts *Restarts
	// Done says that an earlier attempt has seen the step done.
	Done func(step string) bool
}

// Look implements Kind.
func (k Arrive) Look(ctx context.Context, s plan.Step) (Sight, error) {
	m, found, err := k.Watcher.ModelAt(ctx, s.Target, s.Model)
	switch {
	case err != nil:
		return Sight{}, err
	case !found:
		return Sight{}, &fleet.Problem{Code: fleet.NotFound, Text: fmt.Sprintf("%s does not have %s any more", s.Target.Name, s.Model.Name)}
	case m.Importing():
		return Sight{Stage: Coming, Note: s.Target.Name + " is importing it"}, nil
	case m.Life != "" && m.Life != "alive":
		return Sight{}, &certainError{fmt.Errorf("%s is %s on %s: somebody is destroying it", s.Model.Name, m.Life, s.Target.Name)}
	}
	status, err := k.Watcher.ModelStatus(ctx, s.Target, s.Model)
	if err != nil {
		return Sight{}, err
	}
	connected := fleet.Connected(status, s.Absent...)
	sight := Sight{Stage: Coming, There: connected.There, Awaited: connected.Awaited, Missing: connected.Missing}
	if s.Cluster != "" {
		return k.podsArrived(s, status, sight), nil
	}
	if connected.Complete() {
		sight.Stage = There
	} else if unit := leftBehind(connected.Missing); unit != "" {
		sight.Note = fmt.Sprintf("%s is lost and its machine is not: if that stays so, it is with %s still", unit, s.Controller.Name)
	}
	return sight, nil
}

// leftBehind names a unit's agent that is not seen while that of its machine is.
func leftBehind(missing []fleet.Agent) string {
	for _, unit := range missing {
		isUnit := unit.Kind == fleet.UnitAgent || unit.Kind == fleet.SubordinateAgent
		if isUnit && unit.Machine != "" && !slices.ContainsFunc(missing, func(a fleet.Agent) bool { return a.Name == unit.Machine }) {
			return unit.String()
		}
	}
	return ""
}

// Act implements Kind. There is nothing to ask for: Look never says Absent.
func (k Arrive) Act(context.Context, plan.Step) error {
	return errNothingToAsk
}
