package journal_test

import (
	"bytes"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/journal"
)

// A crash leaves the last line torn anywhere: it is as if it had never been
// written, and the next record takes its place.
func TestALastLineTornAnywhereIsSurvived(t *testing.T) {
	s := newStore(t)
	r := create(t, s, planOf("prod"))
	add(t, r, event(journal.Begun), moved(backup, journal.Started))
	before := r.State()
	kept := len(read(t, journalFile(s, 1)))
	add(t, r, journal.Record{Event: journal.Moved, Step: backup, Status: journal.Done, Result: "a\nb <ü>"})
	after := r.State()
	_ = r.Close()
	whole := read(t, journalFile(s, 1))
	for n := kept; n <= len(whole); n++ {
		write(t, journalFile(s, 1), whole[:n])
		want := before
		if n == len(whole) {
			want = after
		}
		if diff := cmp.Diff(want, load(t, s, 1), cmpopts.EquateEmpty()); diff != "" {
			t.Fatalf("torn after %d of %d bytes:\n%s", n, len(whole), diff)
		}
		wantGoesOn(t, s, want.Seq)
	}
}

// wantGoesOn resumes the run and wants what it appends to follow that record.
func wantGoesOn(t *testing.T, s journal.Store, seq int) {
	t.Helper()
	r, err := s.Resume(1)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	add(t, r, event(journal.Resumed), moved(backup, journal.Started))
	records, err := s.Records(1)
	if err != nil || len(records) != seq+2 {
		t.Fatalf("%d records after %d and two more: %v", len(records), seq, err)
	}
	if diff := cmp.Diff(r.State(), load(t, s, 1), cmpopts.EquateEmpty()); diff != "" {
		t.Fatalf("in memory and on disk differ:\n%s", diff)
	}
}

// Some file systems leave zeros, or what else was in a block, where a line was
// going to be.
func TestALastLineOfRubbishIsSurvived(t *testing.T) {
	s := newStore(t)
	r := create(t, s, planOf("prod"))
	add(t, r, event(journal.Begun))
	_ = r.Close()
	whole := read(t, journalFile(s, 1))
	for _, rubbish := range []string{strings.Repeat("\x00", 512), "\x00\x00\n", "\n", "{\"format\":1\n", "7\n", "{", "null"} {
		write(t, journalFile(s, 1), append(bytes.Clone(whole), rubbish...))
		if seq := load(t, s, 1).Seq; seq != 1 {
			t.Errorf("after %q it has %d records", rubbish, seq)
		}
		wantGoesOn(t, s, 1)
	}
}
