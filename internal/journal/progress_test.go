package journal_test

import (
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/journal"
)

func TestProgressIsReadAsItWasTold(t *testing.T) {
	s := newStore(t)
	r := create(t, s, planOf("prod"))
	told := journal.Progress{Heartbeat: epoch, Steps: map[string]journal.StepProgress{
		web: {Since: epoch, Moved: epoch.Add(time.Minute), There: 1, Awaited: 2, Missing: []fleet.Agent{{Name: "web/0"}}, Note: "waiting"},
	}}
	r.Tell(told)
	got := s.Progress(1)
	if got == nil {
		t.Fatal("nothing is told")
	}
	told.Format, told.Run, told.PID = journal.Format, 1, os.Getpid()
	told.Host, _ = os.Hostname()
	if diff := cmp.Diff(told, *got); diff != "" {
		t.Error(diff)
	}
}

func TestProgressThatCannotBeReadIsNone(t *testing.T) {
	s := newStore(t)
	r := create(t, s, planOf("prod"))
	for _, content := range []string{"", "{", `{"format":2,"run":1}`, `[]`} {
		write(t, filepath.Join(r.Dir, "progress.json"), []byte(content))
		if p := s.Progress(1); p != nil {
			t.Errorf("%q is read as %+v", content, *p)
		}
	}
}

// Steps tell of themselves at once, and status reads meanwhile: what it reads is
// always whole.
func TestProgressIsRewrittenInOnePiece(t *testing.T) {
	s := newStore(t)
	r := create(t, s, planOf("prod"))
	steps := map[string]journal.StepProgress{}
	for i := range 200 {
		steps[string(rune('a'+i%26))+web] = journal.StepProgress{There: i}
	}
	r.Tell(journal.Progress{Steps: steps})
	var telling sync.WaitGroup
	for i := range 4 {
		telling.Go(func() {
			for range 100 {
				p := journal.Progress{Steps: steps}
				if i%2 == 0 {
					p.Steps = nil // a shorter file over a longer one
				}
				r.Tell(p)
			}
		})
	}
	done := make(chan struct{})
	go func() { telling.Wait(); close(done) }()
	for reads := 0; ; reads++ {
		select {
		case <-done:
			if reads == 0 {
				t.Error("nothing was read meanwhile")
			}
			return
		default:
			if s.Progress(1) == nil {
				t.Error("a torn progress was read")
				<-done
				return
			}
		}
	}
}

func TestTellingHarmsNothingWhenItCannot(t *testing.T) {
	s := newStore(t)
	r := create(t, s, planOf("prod"))
	if err := os.Mkdir(filepath.Join(r.Dir, "progress.json"), 0o700); err != nil {
		t.Fatal(err)
	}
	r.Tell(journal.Progress{Heartbeat: epoch})
	finish(t, r)
	if load(t, s, 1).Unfinished() {
		t.Error("the run is unfinished")
	}
}
