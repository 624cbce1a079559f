package journal

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/gofrs/flock"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

// lockControllers takes the lock of each controller that the plan changes: one
// run at a time on a controller, by its UUID, whatever name it goes by.
func (s Store) lockControllers(p plan.Plan) ([]*flock.Flock, error) {
	dir := filepath.Join(s.dir, locksDir)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, fmt.Errorf("cannot lock the controllers: %w", err)
	}
	var locks []*flock.Flock
	for _, c := range controllersOf(p) {
		lock := flock.New(filepath.Join(dir, c.UUID+".lock"))
		held, err := lock.TryLock()
		if err == nil && held {
			locks = append(locks, lock)
			_ = os.Truncate(lock.Path(), 0) // it names an earlier run
			continue
		}
		unlock(locks)
		if err != nil {
			return nil, fmt.Errorf("cannot lock controller %s: %w", c.Name, err)
		}
		return nil, &ErrLocked{Subject: c.Name, Run: holder(lock.Path())}
	}
	return locks, nil
}

// lockRun takes the lock of a run. Alive, in another process, holds it for an
// instant to see whether it is free, so a lock that is held is tried again.
func lockRun(number int, file string) (*flock.Flock, error) {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	lock := flock.New(file)
	held, err := lock.TryLockContext(ctx, 10*time.Millisecond)
	switch {
	case held:
		return lock, nil
	case err != nil && ctx.Err() == nil:
		return nil, fmt.Errorf("cannot lock run %d: %w", number, err)
	}
	return nil, &ErrLocked{Subject: fmt.Sprintf("run %d", number)}
}

// controllersOf returns the controllers that the plan has steps for, those that
// models move to among them. One that is to be made has no identity yet: nobody else
// can be at work on it.
func controllersOf(p plan.Plan) []fleet.Ref {
	var out []fleet.Ref
	seen := map[string]bool{"": true}
	for _, step := range p.Steps {
		for _, c := range []fleet.Ref{step.Controller, step.Target} {
			if !seen[c.UUID] {
				seen[c.UUID] = true
				out = append(out, c)
			}
		}
	}
	return out
}

// tell writes the run's number into the locks, for the message of a process
// that finds them held. It is no more than a hint.
func (r *Run) tell(locks []*flock.Flock) {
	for _, lock := range locks {
		_ = os.WriteFile(lock.Path(), []byte(strconv.Itoa(r.Number)+"\n"), 0o600)
	}
}

func holder(file string) int {
	data, err := os.ReadFile(file)
	if err != nil {
		return 0
	}
	run, err := strconv.Atoi(strings.TrimSpace(string(data)))
	if err != nil {
		return 0
	}
	return run
}

func unlock(locks []*flock.Flock) {
	for _, lock := range locks {
		_ = lock.Close()
	}
}

// Alive says whether a process is carrying the run out right now.
func (s Store) Alive(run int) bool {
	file := filepath.Join(s.RunDir(run), lockFile)
	if _, err := os.Stat(file); err != nil {
		return false
	}
	lock := flock.New(file, flock.SetFlag(os.O_RDONLY))
	free, err := lock.TryRLock()
	if err != nil {
		return false
	}
	defer lock.Close()
	return !free
}
