package report

import (
	"strings"
	"time"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/journal"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

const (
	mysqlRefresh = "/prod/models/admin/db/charms/mysql/refresh"
	mysqlVerify  = "/prod/models/admin/db/charms/mysql/verify"
	tinyRefresh  = "/prod/models/admin/web/charms/tiny/refresh"
	tinyVerify   = "/prod/models/admin/web/charms/tiny/verify"
	frontRefresh = "/prod/models/admin/web/charms/front/refresh"
	frontVerify  = "/prod/models/admin/web/charms/front/verify"
)

// agentsDone is a run of that plan whose agents are all upgraded.
func agentsDone(p plan.Plan) *run {
	r := newRun(p).event(0, journal.Begun)
	d := time.Duration(0)
	for _, s := range p.Steps {
		if s.Refresh == nil {
			r.through(d, s.ID)
			d += time.Minute
		}
	}
	return r.through(d, "/prod/controller/charms/controller/refresh", "/prod/controller/charms/controller/verify")
}

// refreshing is a run in which one charm is refreshed, one under way, and one waits for
// the operator.
func refreshing() *run {
	p := withCharms().p
	for i := range p.Steps {
		if r := p.Steps[i].Refresh; r != nil && r.Application == "mysql" {
			r.Resumes = []string{"resume-refresh"}
		}
	}
	r := agentsDone(p).through(8*time.Minute, mysqlRefresh, frontRefresh, frontVerify)
	r.step(11*time.Minute, mysqlVerify, journal.Started)
	return r.step(12*time.Minute, tinyRefresh, journal.Started)
}

func unit(name, agent, workload, message string) fleet.Agent {
	return fleet.Agent{Kind: fleet.UnitAgent, Name: name, Version: v("3.6.11"),
		State:  fleet.Condition{Status: agent, Since: at(12*time.Minute + 10*time.Second)},
		Health: fleet.Condition{Status: workload, Message: message, Since: at(12*time.Minute + 20*time.Second)}}
}

// refreshProgress is the progress of refreshing, a minute later.
func refreshProgress() *journal.Progress {
	now := at(13*time.Minute - 2*time.Second)
	return &journal.Progress{Format: 1, Run: 17, PID: 4711, Host: "bastion", Heartbeat: now, Steps: map[string]journal.StepProgress{
		mysqlVerify: {
			Since: at(11 * time.Minute), Moved: now, Stall: now.Add(5 * time.Minute), Seen: now, There: 5, Awaited: 6, ForOperator: true,
			Note:    "waiting for you: unit mysql/2 is blocked (one unit upgraded: check it, then go on)",
			Command: "juju run -m prod:admin/db mysql/leader resume-refresh   # when you have looked",
		},
		tinyRefresh: {
			Since: at(12 * time.Minute), Moved: at(12*time.Minute + 50*time.Second), Stall: at(22 * time.Minute), Seen: now, There: 5, Awaited: 8,
			Missing: []fleet.Agent{unit("tiny/1", "executing", "maintenance", "upgrading"), unit("tiny/2", "idle", "active", ""),
				unit("tiny/3", "idle", "error", `hook failed: "upgrade-charm"`)},
			Note: `tiny/3 is in error (hook failed: "upgrade-charm"): Juju tries again by itself`,
		},
	}}
}

// hookFailed is a run in which a hook of the new charm failed for good.
func hookFailed() *run {
	r := refreshing()
	r.step(14*time.Minute, mysqlVerify, journal.Done)
	r.record(journal.Record{Time: at(14 * time.Minute), Event: journal.Moved, Step: tinyRefresh, Status: journal.Failed, Changed: true,
		There: 7, Awaited: 8, Detail: `tiny/3 is in error (hook failed: "upgrade-charm")`,
		Meaning: "a hook of tiny failed after the refresh, and goes on failing; the applications of admin/web that come after it wait",
		Fix: []string{"juju debug-log -m prod:admin/web --replay --no-tail --include unit-tiny-3",
			"juju resolved -m prod:admin/web tiny/3   # once it is mended: runs the hook again", "juju upgrade-all resume 17"},
		Missing: []fleet.Agent{unit("tiny/3", "idle", "error", `hook failed: "upgrade-charm"`)},
	})
	r.record(journal.Record{Time: at(14 * time.Minute), Event: journal.Moved, Step: tinyVerify, Status: journal.Held, Detail: tinyRefresh + " failed"})
	return r.event(14*time.Minute, journal.Finished)
}

// manyHeld is a run in which the first of many charms has made something worse.
func manyHeld() *run {
	r := newRun(manyCharms(2, 12).p).event(0, journal.Begun)
	failed := ""
	for i, s := range r.s.Plan.Steps {
		d := time.Duration(i) * time.Minute
		switch {
		case s.Refresh == nil || strings.Contains(s.ID, "tenant-01"):
			r.through(d, s.ID)
		case failed != "":
			r.record(journal.Record{Time: at(d), Event: journal.Moved, Step: s.ID, Status: journal.Held, Detail: failed + " failed"})
		case s.Kind == plan.Verify:
			failed = s.ID
			r.record(journal.Record{Time: at(d), Event: journal.Moved, Step: s.ID, Status: journal.Failed, There: 25, Awaited: 27,
				Detail:  "nothing has moved for 5m0s: unit app00/0 is blocked (no database) and 1 more",
				Meaning: "it was better before app00 was refreshed; the applications of admin/tenant-00 that come after it wait",
				Fix:     []string{"juju show-status-log -m prod:admin/tenant-00 app00/0", "juju upgrade-all resume 17"},
				Regressions: []fleet.Regression{
					{Agent: "unit app00/0", Before: fleet.Condition{Status: "active"}, After: fleet.Condition{Status: "blocked", Message: "no database"}},
					{Agent: "unit app04/1", Before: fleet.Condition{Status: "active"}, After: fleet.Condition{Status: "waiting", Message: "for app00"}},
				},
			})
		default:
			r.through(d, s.ID)
		}
	}
	return r.event(2*time.Hour, journal.Finished)
}

// compared is how many agents a verification compares: after a refresh all of the model.
func compared(p *plan.Plan, step *plan.Step) int {
	if step.Refresh == nil {
		return p.Step(step.Needs[0]).Agents
	}
	for _, c := range p.Controllers {
		for _, m := range c.Models {
			if m.Ref == step.Model {
				return m.Machines + m.Units
			}
		}
	}
	return 0
}
