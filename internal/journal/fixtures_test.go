package journal_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/juju/version/v2"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/journal"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

const (
	backup     = "/prod/backup"
	controller = "/prod/controller/upgrade"
	checked    = "/prod/controller/verify"
	web        = "/prod/models/admin/web/upgrade"
	webChecked = "/prod/models/admin/web/verify"
)

// planOf makes a plan of controllers NAME, or NAME=UUID where the name is not
// the beginning of the UUID, each with one model "web".
func planOf(names ...string) plan.Plan {
	return planFor(names, 1)
}

func planFor(names []string, models int) plan.Plan {
	return compute(names, models, plan.Options{Parallel: 4, MaxFailures: 1})
}

// absentAgent is the finding that the model's first machine is absent, accepted.
func absentAgent(s *plan.Step) fleet.Finding {
	return fleet.Finding{
		Code: "agent-down", Severity: fleet.Blocker, Scope: fleet.OneModel, Subject: s.Controller.Name + ":" + s.Model.Name,
		Controller: s.Controller.UUID, Model: s.Model.UUID, Agents: []string{"machine 0"}, Acceptable: true, Accepted: true,
	}
}

func compute(names []string, models int, options plan.Options, findings ...fleet.Finding) plan.Plan {
	var f fleet.Fleet
	old, next := version.MustParse("3.6.4"), version.MustParse("3.6.11")
	for _, name := range names {
		uuid := name + "-uuid"
		for i := range name {
			if name[i] == '=' {
				name, uuid = name[:i], name[i+1:]
				break
			}
		}
		c := fleet.Controller{
			Ref: fleet.Ref{UUID: uuid, Name: name}, Version: old, Access: fleet.AccessSuperuser,
			Objections: &fleet.Objections{Chosen: next},
			Models: []fleet.Model{{
				Ref: fleet.Ref{UUID: uuid + "-own", Name: "admin/controller"}, IsController: true, Version: old,
			}},
		}
		for i := range models {
			m := fleet.Model{Ref: fleet.Ref{UUID: fmt.Sprint(uuid, "-web", i), Name: "admin/web"}, Version: old}
			if i > 0 {
				m.Name = fmt.Sprintf("admin/web%d", i)
			}
			for j := range 1 + i%10 {
				m.Status.Agents = append(m.Status.Agents, fleet.Agent{Kind: fleet.MachineAgent, Name: fmt.Sprint(j), Version: old})
			}
			c.Models = append(c.Models, m)
		}
		f.Controllers = append(f.Controllers, c)
	}
	return plan.Compute(plan.Input{
		Fleet: f, Goal: fleet.Goal{Backup: fleet.BackupAuto},
		Options: options, Findings: findings, Estimates: plan.Guesses(),
	})
}

func health() map[string]fleet.Health {
	return map[string]fleet.Health{"web": {"unit web/0": {Status: "active"}}}
}

func newStore(t testing.TB) journal.Store { return journal.NewStore(t.TempDir()) }

// create makes a run and gives it up when the test ends.
func create(t testing.TB, s journal.Store, p plan.Plan) *journal.Run {
	t.Helper()
	r, err := s.Create(p, health())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = r.Close() })
	return r
}

func add(t testing.TB, r *journal.Run, records ...journal.Record) {
	t.Helper()
	for _, record := range records {
		if err := r.Append(record); err != nil {
			t.Fatal(err)
		}
	}
}

func event(e journal.Event) journal.Record { return journal.Record{Event: e} }

func moved(step string, status journal.Status) journal.Record {
	return journal.Record{Event: journal.Moved, Step: step, Status: status, Changed: status == journal.Done}
}

// finish appends all that a run without trouble appends.
func finish(t testing.TB, r *journal.Run) {
	t.Helper()
	add(t, r, event(journal.Begun))
	for _, s := range r.State().Plan.Steps {
		add(t, r, moved(s.ID, journal.Started), moved(s.ID, journal.Done))
	}
	add(t, r, event(journal.Finished))
}

func load(t testing.TB, s journal.Store, run int) journal.State {
	t.Helper()
	state, err := s.Load(run)
	if err != nil {
		t.Fatal(err)
	}
	return state
}

func journalFile(s journal.Store, run int) string {
	return filepath.Join(s.RunDir(run), "journal.jsonl")
}

func read(t testing.TB, file string) []byte {
	t.Helper()
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

func write(t testing.TB, file string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
}

// wantLocked wants the error to say which run holds what.
func wantLocked(t testing.TB, err error, subject string, run int) {
	t.Helper()
	var locked *journal.ErrLocked
	if !errors.As(err, &locked) {
		t.Fatalf("got error %v, want that %s is held", err, subject)
	}
	if locked.Subject != subject || locked.Run != run {
		t.Fatalf("%s is said to be held by run %d, want %s by run %d", locked.Subject, locked.Run, subject, run)
	}
}

var epoch = time.Date(2026, 11, 22, 2, 0, 0, 0, time.UTC)
