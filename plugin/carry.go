package plugin

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"sync"
	"time"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/execute"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/journal"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/report"
)

// begin makes a run of the plan and carries it out.
func (s *session) begin(world World, v view) error {
	events, err := s.openEvents()
	if err != nil {
		return err
	}
	defer events.Close()
	run, err := s.store.Create(v.plan, health(v.fleet))
	var left *journal.ErrUnfinished
	if errors.As(err, &left) {
		return s.leftBy(left.Unfinished, left.Controller)
	}
	if err != nil {
		return err
	}
	defer run.Close()
	return s.carry(world, run, events)
}

// carry carries out what is left of a run, and tells of it: on the screen, in
// the run's progress, in the events.
func (s *session) carry(world World, run *journal.Run, events io.Writer) error {
	screen := s.screen(run.State())
	teller := newTeller(run, screen)
	run.Watch(func(r journal.Record) {
		if r.Event != journal.Noted { // it moves nothing
			writeEvent(events, r)
		}
		screen.Record(r)
	})
	engine := &execute.Engine{
		Kinds:   s.kinds(world, run),
		Journal: run,
		Observe: teller.observe,
		Unplanned: func(ctx context.Context) []string {
			return unplanned(ctx, world.Reader(), run.State())
		},
	}
	err := engine.Run(s.ctx)
	teller.close()
	screen.Close()
	if err != nil {
		return exitf(exitInterrupted, "%v\n\nthe run stopped there; when the disk can be written again:\n    juju upgrade-all resume %d", err, run.Number)
	}
	return s.summary(run)
}

func (s *session) kinds(world World, run *journal.Run) map[plan.Kind]execute.Kind {
	reader, writer := world.Reader(), world.Writer()
	state := run.State()
	dir := state.Plan.Options.BackupDir
	if dir == "" {
		dir = run.Dir
	}
	settling, prefix := &execute.Settling{}, execute.AccountPrefix(state)
	errands, registrations := s.deps.Errands(run.Dir), run.Registrations()
	backup := execute.MakeBackup{Archivist: writer, Dir: dir, Run: run.Number}
	return map[plan.Kind]execute.Kind{
		plan.Backup:            backup,
		plan.ControllerUpgrade: execute.ControllerUpgrade{Watcher: reader, Upgrader: writer},
		plan.ModelUpgrade:      execute.ModelUpgrade{Watcher: reader, Upgrader: writer},
		plan.Verify:            execute.Verify{Watcher: reader, Before: run.Before, Settling: settling},
		plan.RefreshCharm:      execute.RefreshCharm{Watcher: reader, Refresher: writer, Before: run.Before, Journal: run, Settling: settling, Idle: &execute.Idle{}},
		plan.AddUser:           execute.AddUser{Watcher: reader, Registrar: writer, Registrations: registrations, Passwords: s.passwords},
		plan.DisableUser:       execute.DisableUser{Watcher: reader, Registrar: writer, Registrations: registrations},
		plan.MakeController:    execute.MakeController{Watcher: reader, Comparer: reader, Errands: errands},
		plan.EnableHA:          execute.EnableHA{Comparer: reader, Cloner: writer},
		plan.CloneItem:         execute.CloneItem{Comparer: reader, Cloner: writer},
		plan.RestoreCopy:       execute.RestoreCopy{Watcher: reader, Errands: errands, Backup: backup},
		plan.Migrate: execute.Migrate{
			Watcher: reader, Mover: writer, Accounts: &execute.Accounts{Mover: writer, Prefix: prefix},
		},
		plan.Arrive:         execute.Arrive{Watcher: reader, Restarts: &execute.Restarts{}, Done: func(step string) bool { return run.Step(step).Status == journal.Done }},
		plan.Soak:           execute.Soak{Watcher: reader, Before: run.Before, Since: func(step string) time.Time { return run.Step(step).Began }},
		plan.Relations:      execute.Relations{Watcher: reader, Before: run.Before},
		plan.RemoveAccounts: execute.RemoveAccounts{Watcher: reader, Mover: writer, Prefix: prefix, State: run.State, Since: settling},
		plan.FollowModels:   execute.FollowModels{Watcher: reader, Store: writer},
	}
}

// unplanned names the models that appeared on the plan's controllers since it
// was made, and are behind, or would be left behind: no model is left unaccounted for. A plan for some
// models only leaves out the others knowingly.
func unplanned(ctx context.Context, r Reader, state journal.State) []string {
	p := state.Plan
	if len(p.Goal.Include) > 0 {
		return nil
	}
	// Controllers that did not come back are not asked: it would take its time, and that
	// they are away is told already. What resumes the run looks for new models again.
	away := map[string]bool{}
	for _, s := range p.Steps {
		if s.Kind == plan.ControllerUpgrade && state.Steps[s.ID].Status == journal.Failed && state.Steps[s.ID].Changed {
			away[s.Controller.UUID] = true
		}
	}
	var out []string
	for _, c := range p.Controllers {
		if away[c.UUID] || p.Journey == plan.Patch && c.Disposition != plan.Upgrade && c.Disposition != plan.Current {
			continue
		}
		known := map[string]bool{}
		for _, m := range c.Models {
			known[m.UUID] = true
		}
		models, err := r.Models(ctx, c.Ref)
		if err != nil {
			out = append(out, fmt.Sprintf("%s (its models could not be listed: %v)", c.Name, err))
			continue
		}
		for _, m := range models {
			wanted := p.Goal.Wants(&fleet.Controller{Ref: c.Ref, Aliases: c.Aliases}, &m)
			left := p.Journey == plan.Move && !m.IsController || m.Version.Compare(c.To) < 0
			if !known[m.UUID] && wanted && left {
				out = append(out, fmt.Sprintf("%s:%s (%s)", c.Name, m.Name, m.Version))
			}
		}
	}
	return out
}

// screen is what shows the run while it goes on: a live block on a terminal,
// else plain lines.
func (s *session) screen(state journal.State) report.Progress {
	style := s.style
	style.Colour = s.deps.Terminal.Colour && s.deps.Terminal.Err
	style.Zone = time.Local
	if !s.deps.Terminal.Err || s.ctx.Quiet() || s.deps.Terminal.Size == nil {
		w := s.ctx.Stderr
		if s.ctx.Quiet() {
			w = io.Discard
		}
		return report.NewLines(w, state, s.deps.Now, style)
	}
	ticker := time.NewTicker(time.Second)
	live := report.NewLive(s.ctx.Stderr, state, report.LiveOptions{
		Size: s.deps.Terminal.Size, Now: s.deps.Now, Tick: ticker.C, Style: style,
	})
	return tickingScreen{live, ticker}
}

// tickingScreen stops its ticker when it is closed.
type tickingScreen struct {
	*report.Live
	ticker *time.Ticker
}

// Close implements report.Progress.
func (t tickingScreen) Close() {
	t.Live.Close()
	t.ticker.Stop()
}

// summary ends a run that was carried out, for now or for good.
func (s *session) summary(run *journal.Run) error {
	state, now := run.State(), s.deps.Now()
	err := s.result(
		func(w io.Writer) error { return report.Summary(w, state, run.Dir, now, s.style) },
		func() any { return report.StateDocument(state, nil, false, run.Dir, now, s.style) },
	)
	if err != nil {
		return err
	}
	return exit(runCode(state))
}

// runCode is the exit code of a run that has ended, for now or for good.
func runCode(state journal.State) int {
	switch {
	case !state.Unfinished() && (len(state.Plan.Blockers()) > 0 || len(state.Unplanned) > 0):
		return exitPartly
	case !state.Unfinished():
		return exitDone
	case state.Event == journal.Interrupted:
		return exitInterrupted
	}
	return exitFailed
}

// openEvents opens the file of --events.
func (s *session) openEvents() (io.WriteCloser, error) {
	if s.out.events == "" {
		return discard{}, nil
	}
	file, err := os.OpenFile(s.ctx.AbsPath(s.out.events), os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fleet.BadInput("cannot write events: %v", err)
	}
	return file, nil
}

type discard struct{}

func (discard) Write(p []byte) (int, error) { return len(p), nil }
func (discard) Close() error                { return nil }

// writeEvent writes a transition as a line of JSON. The journal has it already:
// a reader of events that has gone away does not stop the run.
func writeEvent(w io.Writer, r journal.Record) {
	line, err := json.Marshal(r)
	if err != nil {
		return
	}
	_, _ = fmt.Fprintf(w, "%s\n", line)
}

// teller rewrites the run's progress, with a heartbeat.
type teller struct {
	run    *journal.Run
	screen report.Progress
	done   chan struct{}
	gone   sync.WaitGroup

	mu    sync.Mutex
	steps map[string]journal.StepProgress
}

// heartbeat is how often the progress is rewritten.
const heartbeat = 2 * time.Second

func newTeller(run *journal.Run, screen report.Progress) *teller {
	t := &teller{run: run, screen: screen, done: make(chan struct{}), steps: map[string]journal.StepProgress{}}
	t.gone.Go(func() {
		ticker := time.NewTicker(heartbeat)
		defer ticker.Stop()
		for {
			t.tell()
			select {
			case <-t.done:
				t.tell()
				return
			case <-ticker.C:
			}
		}
	})
	return t
}

// observe takes in how far a step is; nil when it is no longer under way.
func (t *teller) observe(step string, p *journal.StepProgress) {
	t.mu.Lock()
	if p == nil {
		delete(t.steps, step)
	} else {
		t.steps[step] = *p
	}
	t.mu.Unlock()
	if p != nil {
		t.screen.Progress(step, *p)
	}
}

func (t *teller) tell() {
	t.mu.Lock()
	steps := make(map[string]journal.StepProgress, len(t.steps))
	for id, p := range t.steps {
		steps[id] = p
	}
	t.mu.Unlock()
	t.run.Tell(journal.Progress{Heartbeat: time.Now(), Steps: steps})
}

func (t *teller) close() {
	close(t.done)
	t.gone.Wait()
}
