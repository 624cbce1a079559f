package journal_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/journal"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

// anyRecords draws a journal of the plan of one controller.
func anyRecords(t *rapid.T) []journal.Record {
	events := rapid.SampledFrom([]journal.Event{
		journal.Moved, journal.Moved, journal.Moved, journal.Moved, journal.Resumed, journal.Noted,
		journal.Interrupted, journal.Finished, journal.Abandoned, "of-a-later-version",
	})
	steps := rapid.SampledFrom([]string{backup, controller, checked, web, webChecked, "/not/in/the/plan"})
	statuses := rapid.SampledFrom([]journal.Status{
		journal.Started, journal.Started, journal.Done, journal.Failed, journal.Held, journal.Skipped,
	})
	out := []journal.Record{{Event: journal.Begun}}
	for range rapid.IntRange(0, 30).Draw(t, "records") {
		r := journal.Record{Event: events.Draw(t, "event")}
		if r.Event == journal.Moved {
			r.Step, r.Status = steps.Draw(t, "step"), statuses.Draw(t, "status")
			r.Changed = rapid.Bool().Draw(t, "changed")
			if r.Status == journal.Failed {
				r.Regressions = []fleet.Regression{{Agent: "unit web/0"}}
			}
		}
		if r.Event == journal.Noted {
			r.Step, r.Note = steps.Draw(t, "step"), &journal.Note{Uploaded: "local:web-1", Since: map[string]time.Time{"web/0": epoch}}
		}
		out = append(out, r)
	}
	for i := range out {
		out[i].Format, out[i].Run, out[i].Seq, out[i].Time = journal.Format, 1, i+1, epoch.Add(time.Duration(i)*time.Second)
	}
	return out
}

func TestFoldingAllIsApplyingOneByOne(t *testing.T) {
	p := planOf("prod")
	rapid.Check(t, func(t *rapid.T) {
		records := anyRecords(t)
		split := rapid.IntRange(0, len(records)).Draw(t, "split")
		want := journal.Fold(1, p, records)
		got := journal.Fold(1, p, records[:split])
		for _, r := range records[split:] {
			got.Apply(r)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("all at once and one by one differ:\n%s", diff)
		}
	})
}

// wantStep is what the records say of one step, told the long way; final says
// that there is no way back from it.
func wantStep(records []journal.Record, id string, final bool) journal.StepState {
	want := journal.StepState{Status: journal.Pending}
	for _, r := range records {
		switch {
		case r.Event == journal.Noted && r.Step == id:
			want.Note = *r.Note
		case r.Event == journal.Resumed && (want.Status == journal.Failed || want.Status == journal.Held):
			want.Status, want.Record = journal.Pending, journal.Record{}
		case r.Event == journal.Moved && r.Step == id:
			untold := final && want.Status == journal.Started && r.Status == journal.Held
			want.Status, want.Last, want.Record = r.Status, r.Time, r
			want.Changed = want.Changed || r.Changed || untold
			if r.Status == journal.Failed && !want.Changed {
				want.Note.Since = nil
			}
			if r.Status == journal.Started {
				want.Attempts++
				want.Tried = r.Time
				if want.Attempts == 1 {
					want.Began = r.Time
				}
			}
		}
	}
	return want
}

func TestTheStateIsWhatTheRecordsSay(t *testing.T) {
	p := planOf("prod")
	rapid.Check(t, func(t *rapid.T) {
		records := anyRecords(t)
		s := journal.Fold(1, p, records)
		if len(s.Steps) != len(p.Steps) {
			t.Fatalf("%d steps are known of %d", len(s.Steps), len(p.Steps))
		}
		unfinished := false
		for id, step := range s.Steps {
			if diff := cmp.Diff(wantStep(records, id, p.Step(id).Class == plan.PointOfNoReturn), step); diff != "" {
				t.Fatalf("%s:\n%s", id, diff)
			}
			if _, told := s.Regressions()[id]; told != (len(step.Record.Regressions) > 0) {
				t.Fatalf("%s: its regressions are told: %t", id, told)
			}
			unfinished = unfinished || step.Status != journal.Done && step.Status != journal.Skipped
		}
		wantEvents(t, records, s)
		if want := unfinished && s.Event != journal.Abandoned; s.Unfinished() != want {
			t.Fatalf("unfinished is %t, with the last event %s", s.Unfinished(), s.Event)
		}
	})
}

func wantEvents(t *rapid.T, records []journal.Record, s journal.State) {
	var resumed time.Time
	var last journal.Event
	for _, r := range records {
		if r.Event == journal.Resumed {
			resumed = r.Time
		}
		if r.Event != journal.Moved && r.Event != journal.Noted {
			last = r.Event
		}
	}
	end := records[len(records)-1]
	if s.Begun != epoch || s.Resumed != resumed || s.Event != last || s.Seq != end.Seq || s.Last != end.Time {
		t.Fatalf("begun %s, resumed %s, last event %s, record %d at %s", s.Begun, s.Resumed, s.Event, s.Seq, s.Last)
	}
}

func TestAResumedRunTriesAgainWhatFailedAndWhatWasHeld(t *testing.T) {
	s := journal.Fold(1, planOf("prod"), []journal.Record{
		event(journal.Begun), moved(backup, journal.Done), moved(controller, journal.Started),
		{Event: journal.Moved, Step: checked, Status: journal.Failed, Changed: true, Detail: "worse"},
		moved(web, journal.Held), moved(webChecked, journal.Skipped), event(journal.Finished),
	})
	if !s.Unfinished() {
		t.Error("before: it is finished")
	}
	s.Apply(event(journal.Resumed))
	for id, want := range map[string]journal.Status{
		backup: journal.Done, controller: journal.Started, checked: journal.Pending, web: journal.Pending, webChecked: journal.Skipped,
	} {
		if got := s.Steps[id].Status; got != want {
			t.Errorf("%s is %s, want %s", id, got, want)
		}
	}
	if step := s.Steps[checked]; !step.Changed || step.Record.Detail != "" {
		t.Errorf("of what failed before is left: %+v", step)
	}
}

func TestAStateIsNotDisturbedByLaterRecords(t *testing.T) {
	s := newStore(t)
	r := create(t, s, planOf("prod"))
	add(t, r, event(journal.Begun))
	before := r.State()
	add(t, r, moved(backup, journal.Started))
	if before.Seq != 1 || before.Steps[backup].Status != journal.Pending {
		t.Errorf("an earlier state is at record %d and has %+v", before.Seq, before.Steps[backup])
	}
}

// TestWhatWasNotedIsKnownAfterACrash, and moves nothing. Since when agents were idle is not
// known any more once it is certain that nothing was asked for.
func TestWhatWasNotedIsKnownAfterACrash(t *testing.T) {
	s := newStore(t)
	r := create(t, s, planOf("prod"))
	note := journal.Note{Since: map[string]time.Time{"web/0": epoch.Add(time.Nanosecond)}, Uploaded: "local:web-3"}
	add(t, r, event(journal.Begun))
	add(t, r, moved(web, journal.Started))
	before := r.Step(web)
	add(t, r, journal.Record{Event: journal.Noted, Step: web, Note: &note})
	state := load(t, s, r.Number)
	before.Note = note
	if diff := cmp.Diff(before, state.Steps[web]); diff != "" {
		t.Errorf("after the crash:\n%s", diff)
	}
	if state.Event != journal.Begun {
		t.Errorf("the run is %q", state.Event)
	}
	add(t, r, moved(web, journal.Failed))
	if got := r.Step(web).Note; got.Since != nil || got.Uploaded != note.Uploaded {
		t.Errorf("after a refusal: %+v", got)
	}
}
