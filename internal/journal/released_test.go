package journal_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/journal"
)

// describe tells all that a state says.
func describe(s journal.State) string {
	var b strings.Builder
	at := "2006-01-02 15:04:05"
	fmt.Fprintf(&b, "plan %s, begun %s, last %s, event %s, record %d, unfinished %t\n",
		s.Plan.Hash, s.Begun.Format(at), s.Last.Format(at), s.Event, s.Seq, s.Unfinished())
	if !s.Resumed.IsZero() {
		fmt.Fprintf(&b, "resumed %s\n", s.Resumed.Format(at))
	}
	for _, planned := range s.Plan.Steps {
		step := s.Steps[planned.ID]
		fmt.Fprintf(&b, "%s: %s, attempts %d, changed %t\n", planned.ID, step.Status, step.Attempts, step.Changed)
		r := step.Record
		if r.Seq > 0 {
			fmt.Fprintf(&b, "  record %d at %s, %d of %d there, %d not shown, %q\n", r.Seq, r.Time.Format(at), r.There, r.Awaited, r.NotShown,
				[]string{r.Detail, r.Meaning, strings.Join(r.Fix, "; "), r.Result})
		}
		for _, a := range r.Missing {
			fmt.Fprintf(&b, "  missing %s, %s since %s\n", a, a.State.Status, a.State.Since.Format(at))
		}
		for _, g := range r.Regressions {
			fmt.Fprintf(&b, "  %s was %s and is %s (%s)\n", g.Agent, g.Before.Status, g.After.Status, g.After.Message)
		}
	}
	return b.String()
}

// The tool may be refreshed in the middle of a run: runs that earlier versions
// wrote are read, and resumed, for ever. What is kept here is never written anew;
// a new format adds to it.
func TestRunsOfEarlierReleasesAreReadAndResumed(t *testing.T) {
	dirs, err := filepath.Glob(filepath.Join("testdata", "released", "*.state"))
	if err != nil || len(dirs) < 5 {
		t.Fatalf("%d runs are kept: %v", len(dirs), err)
	}
	for _, file := range dirs {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".state"), func(t *testing.T) {
			s := newStore(t)
			if err := os.CopyFS(s.RunDir(1), os.DirFS(strings.TrimSuffix(file, ".state"))); err != nil {
				t.Fatal(err)
			}
			state := load(t, s, 1)
			if diff := cmp.Diff(string(read(t, file)), describe(state)); diff != "" {
				t.Errorf("it is read as another run:\n%s", diff)
			}
			r, err := s.Resume(1)
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			if diff := cmp.Diff(health(), r.Before); diff != "" {
				t.Errorf("another health before:\n%s", diff)
			}
			add(t, r, event(journal.Resumed))
			if got := load(t, s, 1).Seq; got != state.Seq+1 {
				t.Errorf("the record after %d is %d", state.Seq, got)
			}
		})
	}
}
