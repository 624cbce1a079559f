package report

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/juju/version/v2"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/journal"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

var update = flag.Bool("update", false, "rewrite the golden files")

// terminal draws as a capable terminal does, without its colours.
var terminal = Style{Unicode: true, Width: 100, Zone: time.UTC}

var start = time.Date(2026, 11, 22, 14, 0, 0, 0, time.UTC)

func at(d time.Duration) time.Time { return start.Add(d) }

func v(s string) version.Number { return version.MustParse(s) }

// golden compares a screen with its file, and holds what holds for every screen.
func golden(t *testing.T, name, got string) {
	t.Helper()
	for i, row := range strings.Split(got, "\n") {
		if strings.TrimRight(row, " ") != row {
			t.Errorf("row %d has trailing blanks: %q", i+1, row)
		}
	}
	file := filepath.Join("testdata", name+".golden")
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o600); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs (-want +got; if it is meant: go test -update):\n%s", file, diff)
	}
}

func draw(t *testing.T, f func(*strings.Builder) error) string {
	t.Helper()
	var b strings.Builder
	if err := f(&b); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// builder makes plans as plan.Compute does, with less to say.
type builder struct {
	p    plan.Plan
	name string
	uuid string
	to   version.Number
	from version.Number
}

func newPlan() *builder {
	return &builder{p: plan.Plan{
		Format: plan.Format, Hash: "3f9a1c0b7d2e", Created: start.Add(-30 * time.Second), Journey: "patch",
		Client: plan.ClientLine{
			Client: fleet.Client{Version: v("3.6.11"), Path: "/snap/bin/juju", Snap: true, Channel: "3.6/stable", Library: v("3.6.11")},
			Needs:  v("3.6.11"),
		},
		Options: plan.Options{Parallel: 4, Agents: 200, MaxFailures: 1},
	}}
}

func (b *builder) controller(name, place, from, to string, d plan.Disposition, servers int) *builder {
	b.name, b.uuid, b.from, b.to = name, name+"-uuid", v(from), v(to)
	c := plan.Controller{
		Ref: fleet.Ref{Name: name, UUID: b.uuid}, Place: place, From: b.from, To: b.to, Disposition: d,
		Servers: servers, Stream: "released",
	}
	c.Models = []plan.Model{{
		Ref: fleet.Ref{Name: "admin/controller", UUID: name + "-controller"}, IsController: true,
		From: b.from, To: b.to, Disposition: d, Machines: servers, Awaited: servers,
	}}
	if d == plan.Upgrade {
		c.Backup = "controller database, kept in the run's directory (0600)"
		lane := "/" + name + "/controller"
		b.add(plan.Step{ID: "/" + name + "/backup", Kind: plan.Backup, Lane: lane, Class: plan.Recoverable, Estimate: 2 * time.Minute})
		b.add(plan.Step{ID: lane + "/upgrade", Kind: plan.ControllerUpgrade, Lane: lane, Class: plan.PointOfNoReturn,
			Needs: []string{"/" + name + "/backup"}, Estimate: 6 * time.Minute, Agents: servers})
		b.add(plan.Step{ID: lane + "/verify", Kind: plan.Verify, Lane: lane, Class: plan.Recoverable,
			Needs: []string{lane + "/upgrade"}, Estimate: 5 * time.Second})
	}
	b.p.Controllers = append(b.p.Controllers, c)
	return b
}

func (b *builder) add(s plan.Step) {
	s.Controller, s.From, s.To = fleet.Ref{Name: b.name, UUID: b.uuid}, b.from, b.to
	b.p.Steps = append(b.p.Steps, s)
}

func (b *builder) model(name string, machines, units int, d plan.Disposition, codes ...string) *builder {
	m := plan.Model{
		Ref: fleet.Ref{Name: name, UUID: b.name + name}, Type: fleet.IAAS, From: b.from, To: b.to, Disposition: d,
		Codes: codes, Machines: machines, Units: units, Awaited: machines + units,
	}
	if d == plan.Current {
		m.From, m.There = b.to, m.Awaited
	}
	if d == plan.Upgrade {
		lane := "/" + b.name + "/models/" + name
		b.add(plan.Step{ID: lane + "/upgrade", Kind: plan.ModelUpgrade, Lane: lane, Class: plan.PointOfNoReturn,
			Model: m.Ref, Needs: []string{"/" + b.name + "/controller/verify"}, Agents: m.Awaited,
			Estimate: 40*time.Second + time.Duration(m.Awaited)*2*time.Second})
		b.add(plan.Step{ID: lane + "/verify", Kind: plan.Verify, Lane: lane, Class: plan.Recoverable,
			Model: m.Ref, Needs: []string{lane + "/upgrade"}, Estimate: 5 * time.Second})
	}
	c := &b.p.Controllers[len(b.p.Controllers)-1]
	c.Models = append(c.Models, m)
	return b
}

func (b *builder) find(f ...fleet.Finding) *builder {
	b.p.Findings = append(b.p.Findings, f...)
	return b
}

// last is the model that was added last.
func (b *builder) last() *plan.Model {
	c := &b.p.Controllers[len(b.p.Controllers)-1]
	return &c.Models[len(c.Models)-1]
}

func agentDown(subject string) fleet.Finding {
	return fleet.Finding{
		Code: "agent-down", Severity: fleet.Blocker, Scope: fleet.OneModel, Subject: subject, Acceptable: true,
		Meaning: "unit postgresql/2 lost since 3h: gone agents would not arrive, and the upgrade of the model would wait for them until it stalls",
		See:     []string{"juju show-status-log -m " + subject + " postgresql/2"},
		Fix:     []string{"juju ssh -m " + subject + ` 2 "sudo systemctl restart 'jujud-machine-*'"`},
		Agents:  []string{"unit postgresql/2"},
	}
}

func actionsRunning(subject string) fleet.Finding {
	return fleet.Finding{
		Code: "actions-running", Severity: fleet.Warning, Scope: fleet.OneModel, Subject: subject,
		Meaning: "1 action is running; restarting the agent ends it", See: []string{"juju operations -m " + subject},
	}
}

// small is one controller and three models that can all go.
func small() *builder {
	return newPlan().controller("prod", "aws/eu-west-1", "3.6.4", "3.6.11", plan.Upgrade, 1).
		model("admin/web", 8, 21, plan.Upgrade).
		model("admin/shop", 4, 17, plan.Upgrade).
		model("admin/mail", 3, 18, plan.Upgrade)
}

// blockedPlan is an HA controller, one model of which is blocked.
func blockedPlan() *builder {
	return newPlan().controller("prod", "aws/eu-west-1", "3.6.4", "3.6.11", plan.Upgrade, 3).
		model("admin/cms", 2, 9, plan.Upgrade).
		model("admin/db", 3, 3, plan.Held, "agent-down").
		model("admin/mail", 3, 18, plan.Upgrade).
		model("admin/staging", 4, 10, plan.Current).
		model("admin/web", 8, 21, plan.Upgrade).
		find(actionsRunning("prod:admin/cms"), agentDown("prod:admin/db"))
}

// run makes records by playing a run.
type run struct {
	s   journal.State
	seq int
}

func newRun(p plan.Plan) *run { return &run{s: journal.Fold(17, p, nil)} }

func (r *run) event(d time.Duration, e journal.Event) *run {
	return r.record(journal.Record{Time: at(d), Event: e})
}

func (r *run) step(d time.Duration, id string, status journal.Status) *run {
	rec := journal.Record{Time: at(d), Event: journal.Moved, Step: id, Status: status}
	if step := r.s.Plan.Step(id); step != nil && status == journal.Done {
		rec.There, rec.Awaited, rec.Changed = step.Agents, step.Agents, step.Class == plan.PointOfNoReturn
		if step.Kind == plan.Verify {
			rec.There = compared(&r.s.Plan, step)
			rec.Awaited = rec.There
		}
		if step.Kind == plan.Migrate { // nothing counts there
			rec.There, rec.Awaited = 0, 0
		}
		if step.Kind == plan.ControllerUpgrade { // its API servers count, too
			rec.There, rec.Awaited = 2*step.Agents, 2*step.Agents
		}
	}
	return r.record(rec)
}

func (r *run) record(rec journal.Record) *run {
	r.seq++
	rec.Format, rec.Run, rec.Seq = journal.Format, 17, r.seq
	r.s.Apply(rec)
	return r
}

// through does steps one after the other, a minute each, beginning at d.
func (r *run) through(d time.Duration, ids ...string) *run {
	for i, id := range ids {
		r.step(d+time.Duration(i)*time.Minute, id, journal.Started)
		r.step(d+time.Duration(i+1)*time.Minute, id, journal.Done)
	}
	return r
}

// halfway is a run of the blocked plan: the controller is done, two models are
// under way.
func halfway() *run {
	r := newRun(blockedPlan().p).event(0, journal.Begun).
		through(time.Second, "/prod/backup", "/prod/controller/upgrade", "/prod/controller/verify",
			"/prod/models/admin/cms/upgrade", "/prod/models/admin/cms/verify")
	r.step(5*time.Minute, "/prod/models/admin/mail/upgrade", journal.Started)
	r.step(5*time.Minute+4*time.Second, "/prod/models/admin/web/upgrade", journal.Started)
	return r
}

func lost(name string) fleet.Agent {
	return fleet.Agent{Kind: fleet.UnitAgent, Name: name, Version: v("3.6.4"),
		State: fleet.Condition{Status: "lost", Message: "agent is not communicating with the server", Since: at(-3 * time.Hour)}}
}

func behind(kind fleet.AgentKind, name string) fleet.Agent {
	return fleet.Agent{Kind: kind, Name: name, Version: v("3.6.4"),
		State: fleet.Condition{Status: "idle", Since: at(2 * time.Minute)}}
}

// underWay is the progress of halfway, looked at two minutes later.
func underWay() *journal.Progress {
	return &journal.Progress{
		Format: 1, Run: 17, PID: 4711, Host: "bastion", Heartbeat: at(7*time.Minute - 2*time.Second),
		Steps: map[string]journal.StepProgress{
			"/prod/models/admin/mail/upgrade": {
				Since: at(5 * time.Minute), Moved: at(5*time.Minute + 30*time.Second), Stall: at(20*time.Minute + 30*time.Second),
				There: 19, Awaited: 21, Missing: []fleet.Agent{behind(fleet.UnitAgent, "mail/2"), behind(fleet.MachineAgent, "3")},
			},
			"/prod/models/admin/web/upgrade": {
				Since: at(5 * time.Minute), Moved: at(6*time.Minute + 50*time.Second), Stall: at(21*time.Minute + 50*time.Second),
				There: 17, Awaited: 29, Missing: manyMissing(12),
			},
		},
	}
}

func manyMissing(n int) []fleet.Agent {
	out := make([]fleet.Agent, n)
	for i := range out {
		out[i] = behind(fleet.UnitAgent, fmt.Sprintf("web/%d", i))
	}
	return out
}

// failedRun is a run in which a model's agents did not arrive.
func failedRun() *run {
	r := halfway()
	r.record(journal.Record{Time: at(20 * time.Minute), Event: journal.Moved, Step: "/prod/models/admin/mail/upgrade",
		Status: journal.Failed, Changed: true, There: 19, Awaited: 21,
		Detail:  "nothing has moved for 15m0s",
		Meaning: "Juju has accepted 3.6.11; these agents have not arrived there",
		Fix: []string{"juju show-status-log -m prod:admin/mail mail/2",
			"juju show-status-log -m prod:admin/mail --type juju-machine 3"},
		Missing: []fleet.Agent{lost("mail/2"), behind(fleet.MachineAgent, "3")},
	})
	r.record(journal.Record{Time: at(20 * time.Minute), Event: journal.Moved, Step: "/prod/models/admin/mail/verify",
		Status: journal.Held, Detail: "/prod/models/admin/mail/upgrade is failed"})
	r.step(21*time.Minute, "/prod/models/admin/web/upgrade", journal.Done)
	r.step(21*time.Minute, "/prod/models/admin/web/verify", journal.Started)
	r.step(21*time.Minute+10*time.Second, "/prod/models/admin/web/verify", journal.Done)
	return r.event(21*time.Minute+10*time.Second, journal.Finished)
}

// doneRun is a run of that plan in which everything arrived.
func doneRun(p plan.Plan) *run {
	r := newRun(p).event(0, journal.Begun)
	var ids []string
	for _, s := range p.Steps {
		ids = append(ids, s.ID)
	}
	r.through(0, ids...)
	return r.event(time.Duration(len(ids))*time.Minute+32*time.Second, journal.Finished)
}
