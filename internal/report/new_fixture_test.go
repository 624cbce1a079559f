package report

import (
	"time"

	"pgregory.net/rapid"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/journal"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

// planted is a value that may stand on no screen and in no document.
const planted = "hunter2"

// making plans that the run makes the controller that models move to.
func (m *mover) making(args ...string) *mover {
	m.target.UUID = ""
	b := &fleet.Bootstrap{Cloud: "aws", Region: "eu-west-1", Args: args, Juju: "/snap/bin/juju", Version: v("4.1.0")}
	m.p.Target = &plan.Target{Ref: m.target, Place: "aws/eu-west-1", Version: v("4.1.0"), Servers: 1, Bootstrap: b}
	m.p.Goal.To, m.p.Goal.ToVersion, m.p.Goal.Bootstrap, m.p.Goal.Clone = m.target, v("4.1.0"), b, fleet.CloneNative
	m.prepare(plan.Step{ID: "/new/bootstrap", Kind: plan.MakeController, Bootstrap: b, To: v("4.1.0"), Estimate: 8 * time.Minute,
		Config: map[string]string{"max-txn-log-size": planted, "identity-url": planted}})
	return m
}

// prepare adds a step that is done to the target itself, before models move.
func (m *mover) prepare(s plan.Step) *mover {
	s.Lane, s.Class = "/new/controller", plan.Recoverable
	m.there(s)
	return m
}

func (m *mover) servers(n int) *mover {
	m.p.Target.WantsServers = n
	return m.prepare(plan.Step{ID: "/new/enable-ha", Kind: plan.EnableHA, Servers: n, Needs: []string{"/new/bootstrap"}, Estimate: 5 * time.Minute})
}

func (m *mover) clones(items ...fleet.Item) *mover {
	for i := range items {
		id := "/new/" + items[i].Path()
		m.there(plan.Step{ID: id, Kind: plan.CloneItem, Lane: id, Class: plan.Recoverable, Stage: 1, Item: &items[i]})
	}
	return m
}

func (m *mover) people(all ...plan.Person) *mover {
	m.p.People = all
	return m
}

var (
	everyItem = []fleet.Item{
		{Kind: fleet.CloudItem, Name: "aws"}, {Kind: fleet.CloudItem, Name: "maas"},
		{Kind: fleet.CloudAccessItem, Name: "aws", User: "alice", Access: "add-model"},
		{Kind: fleet.CloudAccessItem, Name: "maas", User: "bob", Access: "admin"},
		{Kind: fleet.BackendItem, Name: "vault", ID: "65f1"},
		{Kind: fleet.ConfigItem, Name: "audit-log-max-size"}, {Kind: fleet.ConfigItem, Name: "features"},
		{Kind: fleet.ModelDefaultItem, Cloud: "aws", Name: "http-proxy"}, {Kind: fleet.ModelDefaultItem, Cloud: "aws", Name: "https-proxy"},
		{Kind: fleet.ModelDefaultItem, Cloud: "aws", Region: "eu-west-1", Name: "ftp-proxy"},
	}
	everybody = []plan.Person{
		{Name: "admin", Access: fleet.AccessSuperuser, Comes: plan.WasThere}, {Name: "alice", Access: fleet.AccessLogin, Comes: plan.Registers},
		{Name: "bob", Access: fleet.AccessSuperuser, Comes: plan.Registers}, {Name: "carol@corp", Access: fleet.AccessLogin, Comes: plan.External},
		{Name: "robot", Access: fleet.AccessSuperuser, Comes: plan.HasPassword},
	}
	madeUsersOfAll = []plan.User{
		{Name: "alice", DisplayName: "Alice", Access: fleet.AccessLogin}, {Name: "bob", Access: fleet.AccessSuperuser, Disabled: true},
		{Name: "robot", Access: fleet.AccessSuperuser, Password: true},
	}
	notClonedFindings = []fleet.Finding{
		{Code: "passwords-not-cloned", Severity: fleet.Notice, Scope: fleet.WholeController, Subject: "old",
			Meaning: "Juju shows the passwords of users to nobody: who is given none chooses a new one when registering",
			Fix:     []string{"juju upgrade-all plan -c old --to new --password-file FILE"}},
		{Code: "config-not-cloned", Severity: fleet.Warning, Scope: fleet.WholeController, Subject: "old",
			Meaning: "juju-ha-space, public-dns-address are the controller's own, and are not given to another one",
			See:     []string{"juju controller-config -c old"}, Fix: []string{"juju controller-config -c new public-dns-address=NAME"}},
		{Code: "applications-not-cloned", Severity: fleet.Warning, Scope: fleet.WholeController, Subject: "old",
			Meaning: "grafana-agent in the controller model stays", Fix: []string{"juju deploy -m new:admin/controller grafana-agent"}},
	}
)

// withAll is a new controller that gets everything.
func withAll() plan.Plan {
	m := newMove("3.5.7", "3.5.7", 3).making("--config", "audit-log-max-size="+planted, "--constraints", "mem=8G "+planted, "--no-default-model").
		servers(3).clones(everyItem...).people(everybody...)
	m.find(notClonedFindings...)
	return m.moves("admin/shop", 4, 17).moves("admin/web", 8, 21).with(madeUsersOfAll...)
}

// newPlans are plans of moves to a controller that is made or cloned to, by the name
// of their screens.
func newPlans() map[string]plan.Plan {
	out := map[string]plan.Plan{"all": withAll()}

	out["patched-first"] = newMove("3.5.4", "3.5.7", 1).making().moves("admin/web", 8, 21).with()

	m := newMove("3.5.7", "3.5.7", 1).making().moves("admin/web", 8, 21)
	m.p.Goal.Clone = fleet.CloneNone
	m.people(plan.Person{Name: "alice", Comes: plan.Registers}, plan.Person{Name: "zed", Comes: plan.StaysOut})
	out["clone-none"] = m.with(twoUsers[:1]...)

	m = newMove("3.5.7", "3.5.7", 1).making()
	m.p.Goal.Clone = fleet.CloneRestore
	m.prepare(plan.Step{ID: "/new/restore", Kind: plan.RestoreCopy, Program: "/usr/local/bin/juju-restore", Names: []string{"alice", "bob"}, Needs: []string{"/new/bootstrap"}})
	m.people(plan.Person{Name: "alice", Comes: plan.Restored}, plan.Person{Name: "bob", Comes: plan.Restored})
	out["restore"] = m.moves("admin/web", 8, 21).with()

	m = newMove("3.5.7", "3.5.7", 1)
	m.p.Goal.Clone = fleet.CloneNative
	out["nothing-to-clone"] = m.moves("admin/web", 8, 21).with()
	return out
}

// making is a run of withAll whose bootstrap is under way.
func bootstrapping() *run {
	return newRun(withAll()).event(0, journal.Begun).through(0, "/old/backup").step(time.Minute, "/new/bootstrap", journal.Started)
}

func bootstrapProgress(note string) *journal.Progress {
	return &journal.Progress{Format: 1, Run: 17, PID: 4711, Host: "bastion", Heartbeat: at(3 * time.Minute), Steps: map[string]journal.StepProgress{
		"/new/bootstrap": {Since: at(time.Minute), Moved: at(2*time.Minute + 50*time.Second), Seen: at(3 * time.Minute), Stall: at(40 * time.Minute), Note: note},
	}}
}

// madeRun is a run of withAll that has made the controller.
func madeRun() *run {
	r := bootstrapping()
	ref := fleet.Ref{Name: "new", UUID: "made-uuid"}
	r.record(journal.Record{Time: at(9 * time.Minute), Event: journal.Moved, Step: "/new/bootstrap", Status: journal.Done, Changed: true,
		Made: &ref, Result: ref.UUID, There: 1, Awaited: 1})
	r.step(9*time.Minute, "/new/enable-ha", journal.Started)
	return r.record(journal.Record{Time: at(14 * time.Minute), Event: journal.Moved, Step: "/new/enable-ha", Status: journal.Done, Changed: true, There: 3, Awaited: 3})
}

// clone records what the step of an item has come to.
func (r *run) clone(d time.Duration, i fleet.Item, changed bool, result string) *run {
	id := "/new/" + i.Path()
	r.step(d, id, journal.Started)
	return r.record(journal.Record{Time: at(d + time.Second), Event: journal.Moved, Step: id, Status: journal.Done, Changed: changed, Result: result})
}

// cloning is such a run in the middle of the clone.
func cloning() *run {
	r := madeRun()
	for _, i := range everyItem[:4] {
		r.clone(14*time.Minute, i, true, "")
	}
	return r.step(14*time.Minute, "/new/"+everyItem[4].Path(), journal.Started).step(14*time.Minute, "/new/"+everyItem[5].Path(), journal.Started)
}

// movedToNew is such a run that is done: some things were there, and one of them
// differs.
func movedToNew() *run {
	r := madeRun()
	for i, item := range everyItem {
		result := ""
		if i == 0 || i == 5 {
			result = "is there, differs, and is left as it is"
		}
		r.clone(14*time.Minute, item, i > 5 && i < 9 || i == 4, result)
	}
	var ids []string
	for _, s := range r.s.Plan.Steps {
		if s.Kind == plan.AddUser {
			r.record(journal.Record{Time: at(15 * time.Minute), Event: journal.Moved, Step: s.ID, Status: journal.Done, Changed: true})
		} else if s.Stage >= 2 {
			ids = append(ids, s.ID)
		}
	}
	return r.through(15*time.Minute, ids...).event(30*time.Minute, journal.Finished)
}

// halfMade is such a run whose bootstrap was ended from outside.
func halfMade() *run {
	r := bootstrapping()
	r.record(journal.Record{Time: at(3 * time.Minute), Event: journal.Moved, Step: "/new/bootstrap", Status: journal.Failed, Changed: true,
		Detail:  "juju bootstrap was ended from outside: Running machine configuration script...",
		Meaning: "new may come up all the same", Fix: []string{"juju upgrade-all resume 17"}})
	for _, s := range r.s.Plan.Steps[2:] {
		r.record(journal.Record{Time: at(3 * time.Minute), Event: journal.Moved, Step: s.ID, Status: journal.Held, Detail: "/new/bootstrap is failed"})
	}
	return r.event(3*time.Minute, journal.Finished)
}

// anyNew makes the plan one of a controller that is made, as none may ever be.
func anyNew(t *rapid.T, m *mover) {
	text := func(what string) string { return anyText.Draw(t, what) }
	if rapid.Bool().Draw(t, "made") {
		m.target = fleet.Ref{Name: text("new")}
		b := &fleet.Bootstrap{Cloud: text("cloud"), Region: text("region"), Args: []string{text("argument"), "--" + text("option")}, Juju: text("juju")}
		m.p.Target.Ref, m.p.Target.Bootstrap = m.target, b
		m.there(plan.Step{ID: "/" + text("id"), Kind: plan.MakeController, Bootstrap: rapid.SampledFrom([]*fleet.Bootstrap{b, nil}).Draw(t, "how"),
			Config: map[string]string{text("key"): text("value")}})
		m.there(plan.Step{ID: "/" + text("restore"), Kind: plan.RestoreCopy, Program: text("program"), Names: []string{text("name")}})
	}
	m.p.Target.WantsServers = rapid.IntRange(-1, 3).Draw(t, "wants")
	m.p.Goal.Clone = fleet.CloneMode(rapid.SampledFrom([]string{"", "native", "none", "restore"}).Draw(t, "clone"))
	for range rapid.IntRange(0, 3).Draw(t, "items") {
		kind := rapid.SampledFrom([]fleet.ItemKind{fleet.CloudItem, fleet.CloudAccessItem, fleet.ConfigItem, fleet.ModelDefaultItem, fleet.BackendItem, "other"}).Draw(t, "kind")
		m.clones(fleet.Item{Kind: kind, Name: text("item"), Cloud: text("cloud"), Region: text("region"), User: text("user"), Access: text("access")})
	}
	comes := rapid.SampledFrom([]plan.Coming{plan.Registers, plan.WasThere, plan.External, plan.StaysOut, ""}).Draw(t, "comes")
	m.people(plan.Person{Name: text("person"), Access: text("access"), Comes: comes})
	m.find(fleet.Finding{Code: text("code") + "-not-cloned", Severity: fleet.Warning, Subject: text("subject"), Meaning: text("meaning"), Fix: []string{text("fix")}})
}
