package journal

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/gofrs/flock"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// Run is a run that this process carries out: it holds the locks of its
// controllers and is the only one that writes its journal.
type Run struct {
	// Number and Dir are the run's.
	Number int
	Dir    string
	// Before is the health of each model, by UUID, when the run first began.
	Before map[string]fleet.Health

	mu    sync.Mutex
	state State
	// broken is why the journal cannot be written any more.
	broken error
	file   *os.File
	locks  []*flock.Flock
	now    func() time.Time
	// telling guards progress.json, which many goroutines tell of.
	telling sync.Mutex
	// watch is shown each record once it is on disk.
	watch func(Record)
}

// ErrLocked is the error when another process holds a controller or a run.
type ErrLocked struct {
	// Subject is the controller's name, or "run 17".
	Subject string
	// Run is the run that holds it; 0 when that is not known.
	Run int
}

// Error implements error.
func (e *ErrLocked) Error() string {
	if e.Run == 0 {
		return fmt.Sprintf("another run is at work on %s", e.Subject)
	}
	return fmt.Sprintf("run %d is at work on %s: follow it with 'juju upgrade-all status %d'", e.Run, e.Subject, e.Run)
}

// Resume takes up a run that is not at work any more.
func (s Store) Resume(number int) (*Run, error) {
	state, err := s.Load(number)
	if err != nil {
		return nil, err
	}
	locks, err := s.lockControllers(state.Plan)
	if err != nil {
		return nil, err
	}
	r, err := s.open(number)
	if err != nil {
		unlock(locks)
		return nil, err
	}
	r.locks = append(r.locks, locks...)
	r.tell(locks)
	return r, nil
}

// open locks the run and opens its journal for appending; a torn last line is
// cut off first.
func (s Store) open(number int) (*Run, error) {
	dir := s.RunDir(number)
	lock, err := lockRun(number, filepath.Join(dir, lockFile))
	if err != nil {
		return nil, err
	}
	r := &Run{Number: number, Dir: dir, locks: []*flock.Flock{lock}, now: time.Now}
	if err := r.load(s); err != nil {
		_ = r.Close()
		return nil, err
	}
	return r, nil
}

func (r *Run) load(s Store) error {
	state, err := s.Load(r.Number)
	if err != nil {
		return err
	}
	r.state = state
	data, err := os.ReadFile(filepath.Join(r.Dir, beforeFile))
	if err == nil {
		err = json.Unmarshal(data, &r.Before)
	}
	if err != nil {
		return fleet.BadInput("cannot read the health before run %d: %v", r.Number, err)
	}
	r.file, err = openJournal(filepath.Join(r.Dir, journalFile))
	return err
}

// openJournal opens a journal for appending, without what is torn at its end.
func openJournal(name string) (*os.File, error) {
	file, err := os.OpenFile(name, os.O_RDWR|os.O_CREATE|os.O_APPEND, 0o600)
	if err != nil {
		return nil, fmt.Errorf("cannot open the journal: %w", err)
	}
	data, err := os.ReadFile(name)
	if err == nil {
		var whole int
		if _, whole, err = parseRecords(data); err == nil && whole < len(data) {
			err = file.Truncate(int64(whole))
		}
	}
	if err == nil {
		err = syncDir(filepath.Dir(name))
	}
	if err != nil {
		_ = file.Close()
		return nil, fmt.Errorf("cannot open the journal: %w", err)
	}
	return file, nil
}

// Watch has fn shown each record once it is on disk, in order. It is set before
// the run begins; fn must not call the Run, which waits for it.
func (r *Run) Watch(fn func(Record)) { r.watch = fn }

// State tells where the run stands.
func (r *Run) State() State {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.state.clone()
}

// Step tells where one step stands.
func (r *Run) Step(id string) StepState {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.state.Steps[id]
}

// Append numbers the record, writes it and syncs it to disk. When it fails the
// record has not happened, and nothing that it announces may be done. Nothing can
// be appended after a failure: what is at the file's end is not known then, and a
// record after half a record would make the whole journal unreadable. Resume
// finds out.
func (r *Run) Append(rec Record) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.broken != nil {
		return r.broken
	}
	rec.Format, rec.Run, rec.Seq, rec.Time = Format, r.Number, r.state.Seq+1, r.now().UTC()
	line, err := json.Marshal(rec)
	if err != nil {
		return fmt.Errorf("cannot write the journal: %w", err)
	}
	_, err = r.file.Write(append(line, '\n'))
	if err == nil {
		err = r.file.Sync()
	}
	if err != nil {
		r.broken = fmt.Errorf("cannot write the journal: %w", err)
		return r.broken
	}
	r.state.Apply(rec)
	if r.watch != nil {
		r.watch(rec)
	}
	return nil
}

// Tell rewrites the run's progress. It is for people in another terminal: a
// failure to write it harms nothing and is not told.
func (r *Run) Tell(p Progress) {
	p.Format, p.Run, p.PID = Format, r.Number, os.Getpid()
	p.Host, _ = os.Hostname()
	data, err := json.Marshal(p)
	if err != nil {
		return
	}
	r.telling.Lock()
	defer r.telling.Unlock()
	file := filepath.Join(r.Dir, progressFile)
	if os.WriteFile(file+".new", data, 0o600) == nil {
		_ = os.Rename(file+".new", file)
	}
}

// Close gives up the locks. The run can then be resumed by any process.
func (r *Run) Close() error {
	var err error
	if r.file != nil {
		err = r.file.Close()
	}
	unlock(r.locks)
	r.locks = nil
	return err
}

// clone copies the state, so that its reader is not disturbed by later records.
func (s State) clone() State {
	steps := make(map[string]StepState, len(s.Steps))
	for id, step := range s.Steps {
		steps[id] = step
	}
	s.Steps = steps
	return s
}
