package execute

import (
	"context"
	"fmt"
	"slices"
	"sort"
	"strings"

	"github.com/juju/version/v2"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

// bootstrapErrand is the name of the errand, and of its log in the run's directory.
const bootstrapErrand = "bootstrap"

// MakeController has a juju client make the controller that models move to. The
// client goes on by itself if this process ends, and is never stopped: a bootstrap
// that is interrupted leaves a machine behind that nobody can reach.
type MakeController struct {
	Watcher  Watcher
	Comparer Comparer
	Errands  Errands
}

// Look implements Kind. What the client's registry has of the name tells how far it
// is: Juju writes the whole entry when it begins, the addresses when the controller
// has come up, and takes the entry away when it has failed.
func (k MakeController) Look(ctx context.Context, s plan.Step) (Sight, error) {
	if s.Target.UUID != "" {
		return k.again(ctx, s)
	}
	// The errand first: if it ends in between, the registry has all that it wrote.
	errand, err := k.Errands.Status(bootstrapErrand)
	if err != nil {
		return Sight{}, &certainError{err}
	}
	entry, found, err := k.Comparer.Registered(s.Target.Name)
	if err != nil {
		return Sight{}, err
	}
	switch {
	case errand.Stage == fleet.Running:
		return Sight{Stage: Coming, Note: lastLine(errand), Mark: fmt.Sprint(errand.Lines)}, nil
	case !found:
		return unregistered(s, errand)
	case !maybeOurs(errand, entry):
		text := knowsAnother + entry.UUID
		if errand.Stage == fleet.Ended && errand.Code != 0 {
			text += "; " + failed("juju bootstrap", errand)
		}
		return Sight{}, &certainError{&fleet.Problem{Code: fleet.Exists, Text: text}}
	case !entry.Addressed:
		return Sight{}, &certainError{&fleet.Problem{Code: fleet.HalfMade, Text: failed("juju bootstrap", errand)}}
	}
	return k.up(ctx, s, entry.Ref)
}

const knowsAnother = "this client knows another controller of that name: "

// maybeOurs says that an entry may be what a bootstrap that is over has left. One that
// ended by itself has taken its entry away if it failed, and else written the addresses;
// one that was killed has left what there was.
func maybeOurs(errand fleet.Errand, entry fleet.Registered) bool {
	switch {
	case errand.Stage == fleet.NotBegun:
		return false
	case errand.Stage == fleet.Killed, bySignal(errand):
		return true
	}
	return errand.Code == 0 && entry.Addressed
}

// bySignal says that a signal has ended the errand's program: a shell tells its number
// so. What is above is a code of the program's own, such as ssh's 255.
func bySignal(e fleet.Errand) bool {
	return e.Stage == fleet.Ended && e.Code > 128 && e.Code <= 128+64
}

// unregistered tells what it means that the client's registry does not have the name:
// it was not begun, or has failed; or it has been made, and taken out of the registry.
// That one is not made again: where a cloud is given its machines, another bootstrap
// would find it there, and Juju's clean-up end it.
func unregistered(s plan.Step, errand fleet.Errand) (Sight, error) {
	switch {
	case errand.Stage == fleet.Ended && errand.Code == 0:
		return Sight{}, forgotten(s, "this client does not know it any more")
	case errand.Stage == fleet.NotBegun:
		return Sight{Stage: Absent}, nil
	}
	return Sight{Stage: Absent, Outcome: Outcome{ID: errand.ID, Text: failed("juju bootstrap", errand)}}, nil
}

// forgotten is the error of a controller that was made, and that the registry leads to
// no more.
func forgotten(s plan.Step, how string) error {
	return &certainError{&fleet.Problem{Code: fleet.NotFound, Text: s.Target.Name + " was made, and " + how}}
}

// lastLine is the last thing that the errand wrote.
func lastLine(e fleet.Errand) string {
	if len(e.Output) == 0 {
		return "begun"
	}
	return e.Output[len(e.Output)-1]
}

// failed says how an errand has ended.
func failed(what string, e fleet.Errand) string {
	text := what + " was ended from outside"
	switch {
	case bySignal(e):
		text += fmt.Sprintf(" (exit code %d)", e.Code)
	case e.Stage == fleet.Ended:
		text = fmt.Sprintf("%s failed (exit code %d)", what, e.Code)
	}
	if len(e.Output) > 0 {
		text += ": " + strings.Join(e.Output[max(0, len(e.Output)-2):], "; ")
	}
	return text
}

// up tells whether the controller is what models can move to: it serves, it is of the
// version that was planned, and the agents of its own model are there.
func (k MakeController) up(ctx context.Context, s plan.Step, made fleet.Ref) (Sight, error) {
	status, listed, err := k.own(ctx, made)
	switch {
	case err != nil:
		return Sight{}, err
	case !listed:
		return Sight{Stage: Coming, Note: notListed}, nil
	case status.Version != s.To:
		return Sight{}, notAsPlanned(s, status.Version)
	}
	sight := Sight{Stage: There, Made: &made, Result: made.UUID}
	arrived := fleet.Connected(status)
	sight.There, sight.Awaited, sight.Missing = arrived.There, arrived.Awaited, arrived.Missing
	for _, a := range status.Agents {
		if a.Kind == fleet.MachineAgent && a.State.Status != "started" {
			sight.Stage, sight.Note = Coming, "its machine "+a.Name+" is "+a.State.Status
		}
	}
	if len(arrived.Missing) > 0 {
		sight.Stage = Coming
	}
	return sight, nil
}

// again looks at a controller that an earlier attempt has made: that this client reaches
// that one, that it serves, and that it is no older than planned. It may have been given
// machines since, of which some are down or on their way, and a newer patch: what needs
// more of it looks for itself.
func (k MakeController) again(ctx context.Context, s plan.Step) (Sight, error) {
	entry, found, err := k.Comparer.Registered(s.Target.Name)
	switch {
	case err != nil:
		return Sight{}, err
	case !found:
		return Sight{}, forgotten(s, "this client does not know it any more")
	case entry.UUID != s.Target.UUID:
		return Sight{}, &certainError{&fleet.Problem{Code: fleet.Exists, Text: knowsAnother + entry.UUID}}
	case !entry.Addressed:
		return Sight{}, forgotten(s, "this client has no address for it any more")
	}
	status, listed, err := k.own(ctx, s.Target)
	switch {
	case err != nil:
		return Sight{}, err
	case !listed:
		return Sight{Stage: Coming, Note: notListed}, nil
	case status.Version.Compare(s.To) < 0:
		return Sight{}, notAsPlanned(s, status.Version)
	}
	return Sight{Stage: There, Made: &entry.Ref, Result: entry.UUID}, nil
}

const notListed = "it does not list its own model yet"

// own is the status of a controller's own model, once it serves; false while it does
// not list that model.
func (k MakeController) own(ctx context.Context, c fleet.Ref) (fleet.ModelStatus, bool, error) {
	if err := k.Watcher.Open(ctx, c); err != nil {
		return fleet.ModelStatus{}, false, err
	}
	models, err := k.Watcher.Models(ctx, c)
	i := slices.IndexFunc(models, func(m fleet.Model) bool { return m.IsController })
	if err != nil || i < 0 {
		return fleet.ModelStatus{}, false, err
	}
	status, err := k.Watcher.ModelStatus(ctx, c, models[i].Ref)
	return status, true, err
}

// notAsPlanned is the error of a controller that is of another version.
func notAsPlanned(s plan.Step, is version.Number) error {
	return &certainError{&fleet.Problem{Code: fleet.Refused, Text: fmt.Sprintf("%s is at %s, and the plan is for %s", s.Target.Name, is, s.To)}}
}

// Act implements Kind.
func (k MakeController) Act(_ context.Context, s plan.Step) error {
	// Between our look and this, somebody may have registered the name.
	if _, found, err := k.Comparer.Registered(s.Target.Name); err != nil || found {
		if err != nil {
			return err
		}
		return &certainError{&fleet.Problem{Code: fleet.Exists, Text: "this client knows a controller of that name already"}}
	}
	if err := k.Errands.Start(bootstrapErrand, s.Bootstrap.Juju, BootstrapArguments(s)...); err != nil {
		return &certainError{fmt.Errorf("cannot run %s: %w", s.Bootstrap.Juju, err)}
	}
	return nil
}

// BootstrapArguments are what juju is run with. The client goes on pointing where it
// does until models have moved.
func BootstrapArguments(s plan.Step) []string {
	out := []string{"bootstrap", s.Bootstrap.Place(), s.Target.Name, "--no-switch"}
	if s.Bootstrap.KeepBroken {
		out = append(out, "--keep-broken")
	}
	keys := make([]string, 0, len(s.Config))
	for key := range s.Config {
		keys = append(keys, key)
	}
	sort.Strings(keys)
	for _, key := range keys {
		out = append(out, "--config", key+"="+s.Config[key])
	}
	return append(out, s.Bootstrap.Args...)
}

// EnableHA gives a controller more servers, and waits until they serve.
type EnableHA struct {
	Comparer Comparer
	Cloner   Cloner
}

// Look implements Kind.
func (k EnableHA) Look(ctx context.Context, s plan.Step) (Sight, error) {
	ha, err := k.Comparer.HA(ctx, s.Target)
	if err != nil {
		return Sight{}, err
	}
	sight := Sight{There: min(ha.Well, s.Servers), Awaited: s.Servers, Note: fmt.Sprintf("%d of %d servers serve and vote", min(ha.Well, s.Servers), s.Servers)}
	switch {
	case ha.Well >= s.Servers:
		sight.Stage, sight.Note = There, ""
	case ha.Servers >= s.Servers:
		sight.Stage = Coming
	}
	return sight, nil
}

// Act implements Kind.
func (k EnableHA) Act(ctx context.Context, s plan.Step) error {
	ha, err := k.Comparer.HA(ctx, s.Target)
	if err != nil {
		return err
	}
	if !ha.CanHave(s.Servers) {
		return &certainError{&sparesError{spare: len(ha.Spare), wanted: s.Servers - ha.Servers}}
	}
	return k.Cloner.EnableHA(ctx, s.Target, s.Servers)
}

// sparesError is the error of a controller whose cloud makes no machines, and that has
// fewer to make servers of than are wanted.
type sparesError struct{ spare, wanted int }

// Error implements error.
func (e *sparesError) Error() string {
	return fmt.Sprintf("its cloud makes no machines, and %d of its own model could become servers, of %d", e.spare, e.wanted)
}
