package journal

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

// ErrUnfinished is the error when an earlier run left a controller unfinished.
type ErrUnfinished struct {
	Controller string
	Unfinished
}

// Error implements error.
func (e *ErrUnfinished) Error() string {
	if e.Problem != nil {
		return fmt.Sprintf("run %d may have left %s unfinished, and cannot be read: %v", e.Run, e.Controller, e.Problem)
	}
	return fmt.Sprintf("run %d left %s unfinished", e.Run, e.Controller)
}

// Create makes a new run of the plan: its number, its folder, the plan, the
// health before, and the locks of its controllers. With the locks in hand it
// makes sure once more that no earlier run left one of them unfinished.
func (s Store) Create(p plan.Plan, before map[string]fleet.Health) (*Run, error) {
	if err := os.MkdirAll(s.dir, 0o700); err != nil {
		return nil, fmt.Errorf("cannot keep a journal: %w", err)
	}
	locks, err := s.lockControllers(p)
	if err != nil {
		return nil, err
	}
	err = s.free(p)
	var r *Run
	if err == nil {
		r, err = s.create(p, before)
	}
	if err != nil {
		unlock(locks)
		return nil, err
	}
	r.locks = append(r.locks, locks...)
	r.tell(locks)
	return r, nil
}

// free makes sure that no run left one of the plan's controllers unfinished.
func (s Store) free(p plan.Plan) error {
	unfinished, err := s.Unfinished()
	if err != nil {
		return err
	}
	for _, c := range controllersOf(p) {
		if u, ok := unfinished[c.UUID]; ok {
			return &ErrUnfinished{Controller: c.Name, Unfinished: u}
		}
	}
	return nil
}

func (s Store) create(p plan.Plan, before map[string]fleet.Health) (*Run, error) {
	number, err := s.mkdir()
	if err != nil {
		return nil, err
	}
	dir := s.RunDir(number)
	data, err := plan.Encode(p)
	if err != nil {
		return nil, err
	}
	if err := writeFile(filepath.Join(dir, planFile), data); err != nil {
		return nil, err
	}
	health, err := json.Marshal(before)
	if err != nil {
		return nil, fmt.Errorf("cannot keep the health before: %w", err)
	}
	if err := writeFile(filepath.Join(dir, beforeFile), health); err != nil {
		return nil, err
	}
	return s.open(number)
}

// mkdir makes the next run's folder. Two processes never get the same one.
func (s Store) mkdir() (int, error) {
	runs, err := s.numbers()
	if err != nil {
		return 0, err
	}
	next := 1
	if len(runs) > 0 {
		next = runs[len(runs)-1] + 1
	}
	for {
		err := os.Mkdir(s.RunDir(next), 0o700)
		if err == nil {
			return next, syncDir(s.dir)
		}
		if !errors.Is(err, fs.ErrExist) {
			return 0, fmt.Errorf("cannot keep a journal: %w", err)
		}
		next++
	}
}
