package journal_test

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/journal"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

func TestAControllerIsHeldByOneRunWhateverItsName(t *testing.T) {
	s := newStore(t)
	left := create(t, s, planOf("prod"))
	add(t, left, event(journal.Begun))
	_ = left.Close()
	r := create(t, s, planOf("prod", "dev"))
	add(t, r, event(journal.Begun))

	_, err := s.Create(planOf("prod"), nil)
	wantLocked(t, err, "prod", 2)
	_, err = s.Create(planOf("other", "alias=dev-uuid"), nil)
	wantLocked(t, err, "alias", 2)
	_, err = s.Resume(1)
	wantLocked(t, err, "prod", 2)
	_, err = s.Resume(2)
	wantLocked(t, err, "prod", 2)
	if runs, _ := s.Runs(); len(runs) != 2 {
		t.Errorf("what was refused left a run: %v", runs)
	}

	// What is held halfway is given up again: "other" above is free.
	_ = create(t, s, planOf("other")).Close()
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	again, err := s.Resume(1)
	if err != nil {
		t.Fatal(err)
	}
	_, err = s.Create(planOf("prod"), nil)
	wantLocked(t, err, "prod", 1)
	_ = again.Close()
}

func TestAPlanOfNothingHoldsNothing(t *testing.T) {
	s := newStore(t)
	none := plan.Compute(plan.Input{})
	first, second := create(t, s, none), create(t, s, none)
	if first.Number == second.Number {
		t.Error("two runs of one number")
	}
	_, err := s.Resume(first.Number)
	wantLocked(t, err, "run 1", 0)
}

func TestOnlyARunAtWorkIsAlive(t *testing.T) {
	s := newStore(t)
	if s.Alive(1) {
		t.Error("a run that there is not is alive")
	}
	r := create(t, s, planOf("prod"))
	if !s.Alive(1) {
		t.Error("a run at work is not alive")
	}
	_ = r.Close()
	if s.Alive(1) {
		t.Error("a run that was given up is alive")
	}
	remove(t, s.RunDir(1), "lock")
	if s.Alive(1) {
		t.Error("a run without a lock is alive")
	}
	if _, err := os.Stat(filepath.Join(s.RunDir(1), "lock")); err == nil {
		t.Error("looking made a lock")
	}
}

// Status looks again and again in another terminal: that is in nobody's way.
func TestLookingAtARunDoesNotHoldIt(t *testing.T) {
	s := newStore(t)
	_ = create(t, s, planOf("prod")).Close()
	stop := make(chan struct{})
	var looking sync.WaitGroup
	for range 4 {
		looking.Go(func() {
			for {
				select {
				case <-stop:
					return
				case <-time.After(time.Millisecond):
					s.Alive(1)
				}
			}
		})
	}
	for range 50 {
		r, err := s.Resume(1)
		if err != nil {
			t.Errorf("while it is looked at: %v", err)
			break
		}
		_ = r.Close()
	}
	close(stop)
	looking.Wait()
}

func TestALockThatCannotBeMadeIsNotOneThatIsHeld(t *testing.T) {
	s := newStore(t)
	_ = create(t, s, planOf("prod")).Close()
	remove(t, s.RunDir(1), "lock")
	if err := os.Symlink(filepath.Join("no", "such", "folder"), filepath.Join(s.RunDir(1), "lock")); err != nil {
		t.Fatal(err)
	}
	_, err := s.Resume(1)
	var locked *journal.ErrLocked
	if err == nil || errors.As(err, &locked) {
		t.Errorf("got %v, want why it cannot be locked", err)
	}
}

func TestErrLockedSaysHowToFollow(t *testing.T) {
	for want, err := range map[string]*journal.ErrLocked{
		"another run is at work on prod":                                         {Subject: "prod"},
		"run 17 is at work on prod: follow it with 'juju upgrade-all status 17'": {Subject: "prod", Run: 17},
	} {
		if got := fmt.Sprint(err); got != want {
			t.Errorf("it says %q, want %q", got, want)
		}
	}
}
