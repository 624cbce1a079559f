package plan

import (
	"cmp"
	"slices"

	"github.com/juju/version/v2"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/rules"
)

// The stages of a move. What is patched first is patched before anybody is made
// or anything moves; what tidies up comes last.
const (
	stagePatch = iota
	stageUsers
	stageMove
	stageAccounts
	stageClient
	stageCharms
)

// target says what there is to say of the controller that models move to.
func target(in Input) *Target {
	t := in.Fleet.Target
	if t == nil {
		return &Target{Ref: in.Goal.To}
	}
	out := &Target{
		Ref: t.Ref, Aliases: t.Aliases, Place: place(t), Version: t.Version,
		Servers: len(t.Servers), Problem: t.Problem,
	}
	if len(in.Fleet.Controllers) > 0 {
		out.Budget = rules.ReconnectBudget(&in.Fleet.Controllers[0], t, in.Goal.ClonesAll())
	}
	if t.Planned {
		out.Bootstrap = in.Goal.Bootstrap
	}
	return out
}

// move plans the move of the controller's models: first the source and they are
// brought to its newest patch, to; then the target is made, if it does not exist, and
// given what it lacks; then they move, one after the other.
func (b *builder) move(out *Controller, to version.Number) {
	models := inOrder(b.c.Models)
	moves := false
	for _, m := range models {
		shown := b.moving(m, to, out.Disposition)
		out.Models = append(out.Models, shown)
	}
	b.heldByCanary(out.Models, Moves)
	for i, m := range models {
		if out.Models[i].Disposition == Moves || out.Models[i].Disposition == Held && !m.IsController {
			out.Models[i].Applications = b.applications(m, out.Models[i].Disposition)
		}
	}
	for _, shown := range out.Models {
		moves = moves || shown.Disposition == Moves
	}
	if !moves && !b.clonesAlone(out) {
		if out.Disposition == Upgrade {
			// It would be upgraded for the sake of models that stay.
			out.Disposition, out.To = LeftOut, out.From
			b.leaveOwn(out)
		}
		return
	}
	ready := b.before(out, to)
	b.movingLanes(out, ready)
}

// clonesAlone says that there is something to do for the target though no model moves:
// none is left that could, and it lacks something of the source's.
func (b *builder) clonesAlone(out *Controller) bool {
	t := b.in.Fleet.Target
	held := slices.ContainsFunc(out.Models, func(m Model) bool { return !m.IsController && m.Disposition == Held })
	if held || len(b.holding(nil)) > 0 || b.c.Problem != nil || t == nil || t.Problem != nil || t.Holdings == nil || !b.in.Goal.ClonesAll() {
		return false
	}
	users := slices.ContainsFunc(b.localUsersHere(), func(name string) bool { return t.Holdings.User(name) == nil })
	return t.Planned || users || len(b.missing(nil)) > 0
}

// leaveOwn shows the controller's own model as it is.
func (b *builder) leaveOwn(out *Controller) {
	for i := range out.Models {
		if out.Models[i].IsController {
			out.Models[i].Disposition, out.Models[i].To = LeftOut, out.Models[i].From
		}
	}
}

// moving says what happens with a model of the source.
func (b *builder) moving(m *fleet.Model, to version.Number, controller Disposition) Model {
	if m.IsController {
		return b.model(m, to, controller)
	}
	out := Model{Ref: m.Ref, Type: m.Type, From: m.Version, To: b.in.Goal.ToVersion, Joined: b.joined(m)}
	out.Machines, out.Units = m.Status.Count()
	out.Canary = b.in.Goal.First(b.c, m)
	codes := b.holding(m)
	switch {
	case !b.in.Goal.Wants(b.c, m):
		out.Disposition, out.To = LeftOut, m.Version
	case b.onTarget(m):
		out.Disposition = Moved
	case len(codes) > 0 || m.Problem != nil:
		out.Disposition, out.Codes = Held, codes
	case controller == Held:
		out.Disposition, out.Codes = Held, []string{"controller-held"}
	default:
		out.Disposition = Moves
		if !fleet.Current(m, to, b.absent(m)...) {
			out.Via = to
		}
	}
	out.arrived(m, b.absent(m))
	return out
}

// onTarget says that the model is on the target already, and works there.
func (b *builder) onTarget(m *fleet.Model) bool {
	t := b.in.Fleet.Target
	if t == nil {
		return false
	}
	return slices.ContainsFunc(t.Models, func(there fleet.Model) bool {
		return there.UUID == m.UUID && there.Life == "alive" && !there.Importing()
	})
}

// before plans what comes before anything moves, in place, and returns the step
// that has to be done before any model begins; empty when there is none.
func (b *builder) before(out *Controller, to version.Number) (ready string) {
	if out.Disposition == Upgrade {
		out.Backup, ready = b.controllerSteps(to)
	} else if m := b.c.ControllerModel(); m != nil {
		var ids []string
		if out.Backup, ids = b.backupStep(m, to); len(ids) > 0 {
			ready = ids[0]
		}
	}
	return ready
}

// movingLanes plans what is done to and for the models that move.
func (b *builder) movingLanes(out *Controller, ready string) {
	shown := map[string]Model{}
	var moving []*fleet.Model
	for i, m := range inOrder(b.c.Models) {
		if out.Models[i].Disposition == Moves {
			shown[m.UUID] = out.Models[i]
			moving = append(moving, m)
		}
	}
	needs := map[string][]string{}
	for _, m := range moving {
		if ready != "" {
			needs[m.UUID] = []string{ready}
		}
		if s := shown[m.UUID]; s.Via != version.Zero {
			s.To = s.Via
			needs[m.UUID] = append(needs[m.UUID], b.modelSteps(m, s, needs[m.UUID]))
		}
	}
	base := b.newController(ready)
	if base != ready {
		for _, m := range moving {
			needs[m.UUID] = append(needs[m.UUID], base)
		}
	}
	made := b.users(moving, needs, base)
	b.items(moving, needs, made, base)
	b.moveLanes(moving, shown, needs)
	b.disable(made)
	b.tidy(moving)
	b.movedCharms(moving, shown)
	b.came = b.people(made)
}

// users plans the users whom the target lacks, and returns them: those that the models
// need, and all of the source where all is cloned.
func (b *builder) users(moving []*fleet.Model, needs map[string][]string, ready string) (made []User) {
	wanted := map[string][]string{} // models by the name of the user
	for _, m := range moving {
		for _, name := range localUsers(m) {
			wanted[name] = append(wanted[name], m.UUID)
		}
	}
	if b.in.Goal.ClonesAll() {
		for _, name := range b.localUsersHere() {
			if _, ok := wanted[name]; !ok {
				wanted[name] = nil
			}
		}
	}
	there, here := b.in.Fleet.Target.Holdings, b.c.Holdings
	for _, name := range sortedKeys(wanted) {
		if there == nil || there.User(name) != nil {
			continue
		}
		user := User{Name: name, Access: fleet.AccessLogin}
		if here != nil {
			if u := here.User(name); u != nil {
				user = User{Name: name, DisplayName: u.DisplayName, Access: cmp.Or(u.Access, fleet.AccessLogin), Disabled: u.Disabled}
			}
		}
		user.Password = slices.Contains(b.in.Goal.Passwords, name)
		id := b.userID(name)
		step := Step{ID: id, Kind: AddUser, Lane: id, Class: Recoverable, Stage: stageUsers, Target: b.in.Fleet.Target.Ref, User: &user}
		if ready != "" {
			step.Needs = []string{ready}
		}
		b.add(step)
		for _, uuid := range wanted[name] {
			needs[uuid] = append(needs[uuid], id)
		}
		made = append(made, user)
	}
	return made
}

// userID is the ID of the step that makes the user.
func (b *builder) userID(name string) string { return "/" + b.in.Fleet.Target.Name + "/users/" + name }

// disable plans to disable those of the users who are disabled on the source.
func (b *builder) disable(made []User) {
	for _, user := range made {
		if !user.Disabled {
			continue
		}
		id := b.userID(user.Name) + "/disable"
		b.add(Step{
			ID: id, Kind: DisableUser, Lane: id, Class: Recoverable, Stage: stageAccounts, Always: true,
			Target: b.in.Fleet.Target.Ref, User: &user,
		})
	}
}

// localUsers are the names of the local users with access to the model, and its
// owner: Juju refuses to bring a model to a controller that lacks one of them.
func localUsers(m *fleet.Model) []string {
	if m.Belongings == nil {
		return nil
	}
	var out []string
	for _, u := range m.Belongings.Users {
		out = append(out, u.Name)
	}
	if m.Belongings.Owner != "" {
		out = append(out, m.Belongings.Owner)
	}
	out = slices.DeleteFunc(out, func(name string) bool { return !fleet.LocalUser(name) })
	slices.Sort(out)
	return slices.Compact(out)
}
