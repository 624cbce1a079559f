package execute

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/juju/version/v2"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

// ModelUpgrade brings a hosted model to its controller's version.
type ModelUpgrade struct {
	Watcher  Watcher
	Upgrader Upgrader
}

// Look implements Kind: it is there when every agent is.
func (k ModelUpgrade) Look(ctx context.Context, s plan.Step) (Sight, error) {
	status, err := k.Watcher.ModelStatus(ctx, s.Where(), s.Model)
	if err != nil {
		return gone(ctx, k.Watcher, s, err)
	}
	return lookAtModel(status, s)
}

// gone finds out whether a model that does not answer is not there any more. A
// 3.6 controller says "unauthorized" of a model that it no longer has, so that
// its list of models is what tells.
func gone(ctx context.Context, w Watcher, s plan.Step, err error) (Sight, error) {
	switch fleet.CodeOf(err) {
	case fleet.NotFound, fleet.Forbidden, fleet.Moved:
	default:
		return Sight{}, err
	}
	models, listErr := w.Models(ctx, s.Where())
	if listErr != nil || modelOf(models, s.Model) != nil {
		return Sight{}, err
	}
	return Sight{Stage: Gone, Note: "the controller does not list the model any more"}, nil
}

// modelOf finds a model in a list; nil when it is not there.
func modelOf(models []fleet.Model, ref fleet.Ref) *fleet.Model {
	for i := range models {
		if models[i].UUID == ref.UUID {
			return &models[i]
		}
	}
	return nil
}

// Act implements Kind.
func (k ModelUpgrade) Act(ctx context.Context, s plan.Step) error {
	return k.Upgrader.UpgradeModel(ctx, s.Where(), s.Model, s.To)
}

// lookAtModel tells how far a model's agents are.
func lookAtModel(status fleet.ModelStatus, s plan.Step) (Sight, error) {
	if s.OnTarget() && status.Version.Compare(s.To) > 0 {
		// The controller that it moved to was upgraded meanwhile.
		s.To = status.Version
	}
	if status.Version.Compare(s.To) > 0 {
		return Sight{}, &certainError{fmt.Errorf(
			"%s is already at %s, which is newer than the planned %s: somebody else upgraded it", s.Model.Name, status.Version, s.To)}
	}
	arrived := fleet.Arrival(status, s.To, s.Absent...)
	sight := Sight{
		Stage: Coming, There: arrived.There, Awaited: arrived.Awaited,
		Missing: arrived.Missing, NotShown: len(arrived.NotShown),
	}
	if s.Cluster != "" {
		sight.Note = podTrouble(arrived.Missing)
	}
	switch {
	case status.Version != s.To:
		sight.Stage, sight.There = Absent, 0
	case arrived.Complete():
		sight.Stage = There
	}
	return sight, nil
}

// ControllerUpgrade brings a controller, and its own model's agents, to a newer
// patch version.
type ControllerUpgrade struct {
	Watcher  Watcher
	Upgrader Upgrader
}

// Look implements Kind. A controller is there when every API server that
// answered before serves the version, all agents of its own model have arrived,
// and it no longer refuses the calls that its upgrade window forbids.
func (k ControllerUpgrade) Look(ctx context.Context, s plan.Step) (Sight, error) {
	servers, err := k.Watcher.Servers(ctx, s.Controller)
	if err != nil {
		return Sight{}, err
	}
	serving, late := serving(servers, s)
	wanted := serving + len(late)
	note := fmt.Sprintf("%d of %d servers answer %s", serving, wanted, s.To)
	switch {
	case wanted == 1 && s.Cluster != "":
		note = fmt.Sprintf("waiting for its pod, which has the API and the database in it, to answer %s", s.To)
	case wanted == 1:
		note = fmt.Sprintf("waiting for the server to answer %s", s.To)
	case len(late) > 0 && serving > 0:
		note += ", not yet " + strings.Join(late, ", ")
	}
	if silent := silent(servers, s); len(silent) > 0 {
		note += "; not waited for, but the others may: " + strings.Join(silent, ", ")
	}
	status, err := k.Watcher.ModelStatus(ctx, s.Controller, s.Model)
	if err != nil {
		return Sight{}, fmt.Errorf("%s: %w", note, err)
	}
	sight, err := lookAtModel(status, s)
	if err != nil {
		return Sight{}, err
	}
	sight.There += serving
	sight.Awaited += wanted
	switch {
	case serving < wanted && sight.Stage == There:
		sight.Stage = Coming
	case sight.Stage == There:
		return k.opened(ctx, s, sight)
	}
	if serving < wanted || len(silent(servers, s)) > 0 {
		sight.Note = note
	}
	return sight, nil
}

// opened makes sure that the controller's upgrade window is over.
func (k ControllerUpgrade) opened(ctx context.Context, s plan.Step, sight Sight) (Sight, error) {
	err := k.Watcher.Open(ctx, s.Controller)
	if fleet.CodeOf(err) == fleet.Busy {
		sight.Stage, sight.Note = Coming, "all servers answer; the controller is finishing its upgrade"
		return sight, nil
	}
	return sight, err
}

// Act implements Kind.
func (k ControllerUpgrade) Act(ctx context.Context, s plan.Step) error {
	return k.Upgrader.UpgradeModel(ctx, s.Controller, s.Model, s.To)
}

// serving counts the API servers that serve the step's version, of those that
// have to, and names the others: the ones that answered when the plan was made,
// each known by any of its addresses. When none is on record, all that are
// known have to.
func serving(servers []fleet.Server, s plan.Step) (serving int, late []string) {
	answered := s.Answered
	if len(answered) == 0 {
		for _, server := range servers {
			answered = append(answered, server.Addresses)
		}
	}
	for _, addresses := range answered {
		switch {
		case versionAt(servers, addresses) == s.To:
			serving++
		case len(addresses) > 0:
			late = append(late, addresses[0])
		default:
			late = append(late, "one without an address")
		}
	}
	return serving, late
}

// silent names the servers that do not answer and that the step does not wait
// for, because they did not answer when the plan was made.
func silent(servers []fleet.Server, s plan.Step) []string {
	var out []string
	if len(s.Answered) == 0 {
		return nil
	}
	for _, server := range servers {
		awaited := slices.ContainsFunc(s.Answered, func(addresses []string) bool {
			return slices.ContainsFunc(addresses, func(a string) bool { return slices.Contains(server.Addresses, a) })
		})
		if !awaited && server.Problem != nil && len(server.Addresses) > 0 {
			out = append(out, server.Addresses[0])
		}
	}
	return out
}

// versionAt is what the server with any of these addresses answers.
func versionAt(servers []fleet.Server, addresses []string) version.Number {
	for _, server := range servers {
		for _, address := range addresses {
			if slices.Contains(server.Addresses, address) {
				return server.Version
			}
		}
	}
	return version.Zero
}
