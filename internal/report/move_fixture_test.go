package report

import (
	"strings"
	"time"

	"pgregory.net/rapid"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/journal"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

// mover makes plans of a move as plan.Compute does, with less to say.
type mover struct {
	*builder
	target fleet.Ref
	moving []plan.Model
}

// newMove is a move from old, a controller that is upgraded to patched first unless
// that is its version already.
func newMove(from, patched string, servers int) *mover {
	m := &mover{builder: newPlan(), target: fleet.Ref{Name: "new", UUID: "new-uuid"}}
	m.p.Journey = plan.Move
	m.p.Goal.To, m.p.Goal.ToVersion = m.target, v("3.6.11")
	m.p.Target = &plan.Target{Ref: m.target, Place: "aws/eu-west-1", Version: v("3.6.11"), Servers: 3, Budget: 3630}
	d := plan.Upgrade
	if from == patched {
		d = plan.Current
	}
	m.controller("old", "aws/eu-west-1", from, patched, d, servers)
	if d == plan.Current {
		m.p.Controllers[0].Backup = "controller database, kept in the run's directory (0600)"
		m.add(plan.Step{ID: "/old/backup", Kind: plan.Backup, Lane: "/old/controller", Class: plan.Recoverable, Estimate: 2 * time.Minute})
	}
	return m
}

// moves adds a model that moves, after an upgrade where the controller has one.
func (m *mover) moves(name string, machines, units int, change ...func(*plan.Model)) *mover {
	model := plan.Model{
		Ref: fleet.Ref{Name: name, UUID: "old" + name}, Type: fleet.IAAS, From: m.from, To: m.p.Target.Version, Disposition: plan.Moves,
		Machines: machines, Units: units, Awaited: machines + units,
	}
	if m.from != m.to {
		model.Via = m.to
		lane := "/old/models/" + name
		m.add(plan.Step{ID: lane + "/upgrade", Kind: plan.ModelUpgrade, Lane: lane, Class: plan.PointOfNoReturn, Model: model.Ref,
			Needs: []string{"/old/controller/verify"}, Agents: model.Awaited, Estimate: time.Minute})
		m.add(plan.Step{ID: lane + "/verify", Kind: plan.Verify, Lane: lane, Class: plan.Recoverable, Model: model.Ref,
			Needs: []string{lane + "/upgrade"}, Estimate: 5 * time.Second})
	}
	for _, f := range change {
		f(&model)
	}
	c := &m.p.Controllers[0]
	c.Models = append(c.Models, model)
	m.moving = append(m.moving, model)
	return m
}

func canary(m *plan.Model) { m.Canary = true }

func joined(names ...string) func(*plan.Model) { return func(m *plan.Model) { m.Joined = names } }

// there adds a step that has to do with the target.
func (m *mover) there(s plan.Step) {
	s.Controller, s.Target = fleet.Ref{Name: "old", UUID: "old-uuid"}, m.target
	m.p.Steps = append(m.p.Steps, s)
}

// with makes the users, and then plans the rest.
func (m *mover) with(users ...plan.User) plan.Plan {
	for i := range users {
		id := "/new/users/" + users[i].Name
		m.there(plan.Step{ID: id, Kind: plan.AddUser, Lane: id, Class: plan.Recoverable, Stage: 1, User: &users[i], Estimate: time.Second})
	}
	var refs []fleet.Ref
	for _, first := range []bool{true, false} {
		for _, model := range m.moving {
			if model.Canary == first {
				m.lane(model)
			}
		}
	}
	for _, model := range m.moving {
		refs = append(refs, model.Ref)
	}
	m.there(plan.Step{ID: "/new/accounts", Kind: plan.RemoveAccounts, Lane: "/new/accounts", Class: plan.Recoverable, Stage: 3, Always: true, Estimate: time.Second})
	m.there(plan.Step{ID: "/client", Kind: plan.FollowModels, Lane: "/client", Class: plan.Recoverable, Stage: 4, Always: true, Models: refs, Estimate: time.Second})
	return m.p
}

func (m *mover) lane(model plan.Model) {
	lane, migrate := "/new/models/"+model.Name, "/old/models/"+model.Name+"/migrate"
	step := plan.Step{Lane: lane, Stage: 2, Model: model.Ref, From: m.to, To: model.To, Agents: model.Awaited}
	for _, s := range []struct {
		id       string
		kind     plan.Kind
		class    plan.Class
		needs    []string
		estimate time.Duration
	}{
		{migrate, plan.Migrate, plan.PointOfNoReturn, nil, 90*time.Second + time.Duration(model.Awaited)*2*time.Second},
		{lane + "/arrive", plan.Arrive, plan.Recoverable, []string{migrate}, 5 * time.Second},
		{lane + "/upgrade", plan.ModelUpgrade, plan.PointOfNoReturn, []string{lane + "/arrive"}, time.Minute},
		{lane + "/verify", plan.Verify, plan.Recoverable, []string{lane + "/upgrade"}, 5 * time.Second},
	} {
		step.ID, step.Kind, step.Class, step.Needs, step.Estimate = s.id, s.kind, s.class, s.needs, s.estimate
		m.there(step)
	}
}

var twoUsers = []plan.User{
	{Name: "alice", DisplayName: "Alice", Access: fleet.AccessLogin},
	{Name: "bob", Access: fleet.AccessSuperuser, Disabled: true},
}

// fourModels is the move of four models, one of them blocked, of a controller that
// is patched first.
func fourModels() plan.Plan {
	m := newMove("3.5.4", "3.5.7", 1).
		moves("admin/shop", 4, 17, joined("admin/mail", "stage:admin/db")).
		moves("admin/mail", 3, 18, joined("admin/shop")).
		moves("admin/web", 8, 21, canary)
	m.model("admin/db", 3, 3, plan.Held, "agent-down").find(agentDown("old:admin/db"))
	return m.with(twoUsers...)
}

// asTheyAre is the move of models of a controller that is not upgraded.
func asTheyAre() plan.Plan {
	return newMove("3.5.7", "3.5.7", 1).moves("admin/shop", 4, 17).moves("admin/web", 8, 21).with(twoUsers[:1]...)
}

// movePlans are plans of moves, by the name of their screens.
func movePlans() map[string]plan.Plan {
	out := map[string]plan.Plan{"patched-first": fourModels(), "as-they-are": asTheyAre()}

	out["one-model"] = newMove("3.6.11", "3.6.11", 3).moves("admin/web", 8, 21).with()

	m := newMove("3.5.7", "3.5.7", 1)
	m.p.Options.Migrations, m.p.Options.Parallel = 3, 3
	for i := range 28 {
		m.moves("admin/tenant-"+string(rune('a'+i%26))+strings.Repeat("x", i/26), 2, i)
	}
	m.model("admin/db", 3, 3, plan.Held, "agent-down").find(agentDown("old:admin/db"))
	var users []plan.User
	for _, name := range []string{"ann", "ben", "cid", "dot", "eve", "fay", "gil"} {
		users = append(users, plan.User{Name: name, Access: fleet.AccessLogin})
	}
	out["many"] = m.with(users...)

	m = newMove("3.5.7", "3.5.7", 1)
	m.model("admin/web", 8, 21, plan.Held, "users-missing").model("admin/new", 0, 0, plan.LeftOut)
	m.p.Controllers[0].Backup, m.p.Steps = "", nil
	out["blocked"] = m.p

	m = newMove("3.5.7", "3.5.7", 1)
	m.model("admin/web", 8, 21, plan.Moved).model("admin/db", 3, 3, plan.Moved)
	m.p.Controllers[0].Backup, m.p.Steps = "", nil
	out["nothing-left"] = m.p

	m = newMove("3.5.7", "3.5.7", 1)
	m.model("admin/web", 8, 21, plan.Held, "controller-held")
	m.p.Controllers[0].Backup, m.p.Steps, m.p.Controllers[0].Disposition = "", nil, plan.Held
	m.p.Target = &plan.Target{Ref: m.target, Problem: &fleet.Problem{Code: fleet.Unreachable, Text: "no answer in time", Remedy: "juju show-controller new"}}
	out["target-unseen"] = m.p
	return out
}

const (
	webMove  = "/old/models/admin/web/migrate"
	mailMove = "/old/models/admin/mail/migrate"
	shopMove = "/old/models/admin/shop/migrate"
)

// patched is a run of fourModels that has done what comes before the moves.
func patched() *run {
	r := newRun(fourModels()).event(0, journal.Begun)
	var ids []string
	for _, s := range r.s.Plan.Steps {
		if s.Stage < 2 {
			ids = append(ids, s.ID)
		}
	}
	return r.through(0, ids...)
}

// moved is a run in which the canary has moved, and the next model moves.
func moved() *run {
	r := patched().through(12*time.Minute, webMove, "/new/models/admin/web/arrive", "/new/models/admin/web/upgrade", "/new/models/admin/web/verify")
	return r.step(16*time.Minute, shopMove, journal.Started)
}

func movingProgress(note string) *journal.Progress {
	return &journal.Progress{Format: 1, Run: 17, PID: 4711, Host: "bastion", Heartbeat: at(17 * time.Minute), Steps: map[string]journal.StepProgress{
		shopMove: {Since: at(16 * time.Minute), Moved: at(16*time.Minute + 50*time.Second), Seen: at(17 * time.Minute), Stall: at(36 * time.Minute), Note: note},
	}}
}

// arriving is a run in which a model has moved, and an agent has not come along.
func arriving() *run {
	r := moved().step(17*time.Minute, shopMove, journal.Done)
	return r.step(17*time.Minute, "/new/models/admin/shop/arrive", journal.Started)
}

func arrivingProgress() *journal.Progress {
	p := movingProgress("")
	p.Steps = map[string]journal.StepProgress{"/new/models/admin/shop/arrive": {
		Since: at(17 * time.Minute), Moved: at(17 * time.Minute), Seen: at(19 * time.Minute), Stall: at(27 * time.Minute),
		There: 20, Awaited: 21, Missing: []fleet.Agent{lost("shop/3")},
	}}
	return p
}

// aborted is a run in which Juju has given a migration up.
func aborted() *run {
	r := moved()
	r.record(journal.Record{Time: at(20 * time.Minute), Event: journal.Moved, Step: shopMove, Status: journal.Failed, Changed: true,
		Detail:  "aborted, removing model from target controller: machine sanity check failed, 1 errors found",
		Meaning: "Juju gave the migration up and the model works on old as before",
		Fix:     []string{"juju status -m old:admin/shop", "juju upgrade-all resume 17"}})
	for _, id := range []string{"/new/models/admin/shop/arrive", "/new/models/admin/shop/upgrade", "/new/models/admin/shop/verify"} {
		r.record(journal.Record{Time: at(20 * time.Minute), Event: journal.Moved, Step: id, Status: journal.Held, Detail: shopMove + " is failed"})
	}
	for _, id := range []string{mailMove, "/new/models/admin/mail/arrive", "/new/models/admin/mail/upgrade", "/new/models/admin/mail/verify"} {
		r.record(journal.Record{Time: at(20 * time.Minute), Event: journal.Moved, Step: id, Status: journal.Held,
			Detail: "1 failed after a change, and --max-failures is 1"})
	}
	r.through(20*time.Minute, "/new/accounts", "/client")
	return r.event(22*time.Minute, journal.Finished)
}

// beware is a run whose source goes on listing a model that has moved.
func beware() *run {
	r := doneRun(asTheyAre())
	return r.record(journal.Record{Time: at(10 * time.Minute), Event: journal.Moved, Step: shopMove, Status: journal.Done, Changed: true,
		Result: "old goes on listing admin/shop, which is on new now: never destroy it on old, what it runs on belongs to new"}).
		event(14*time.Minute, journal.Finished)
}

// anyMove makes the plan one of a move, as none may ever be.
func anyMove(t *rapid.T, b *builder) {
	m := &mover{builder: b, target: fleet.Ref{Name: anyText.Draw(t, "target"), UUID: "new-uuid"}}
	m.p.Target = &plan.Target{Ref: m.target, Version: v("3.6.11"), Servers: rapid.IntRange(0, 3).Draw(t, "target servers"),
		Budget: rapid.IntRange(-1, 9).Draw(t, "budget")}
	if rapid.Bool().Draw(t, "target unseen") {
		m.p.Target.Problem = &fleet.Problem{Code: fleet.Unreachable, Text: anyText.Draw(t, "trouble")}
	}
	m.p.Options.Migrations = rapid.IntRange(-1, 3).Draw(t, "migrations")
	anyNew(t, m)
	for range rapid.IntRange(0, 4).Draw(t, "models that move") {
		if len(m.p.Controllers) > 0 {
			m.moves(anyText.Draw(t, "mover"), 1, 2, joined(anyText.Draw(t, "joined")))
			m.last().Disposition = rapid.SampledFrom([]plan.Disposition{plan.Moves, plan.Moved, plan.Held, ""}).Draw(t, "of the mover")
		}
	}
	m.with(plan.User{Name: anyText.Draw(t, "user"), Access: anyText.Draw(t, "access")})
}
