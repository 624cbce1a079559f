package journal_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/journal"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

func TestAStoreMakesNothingBeforeARun(t *testing.T) {
	dir := t.TempDir()
	s := journal.NewStore(dir)
	if runs, err := s.Runs(); err != nil || len(runs) > 0 {
		t.Errorf("runs are %v, %v", runs, err)
	}
	if _, err := s.Last(); !fleet.IsBadInput(err) {
		t.Errorf("the last run of none: %v", err)
	}
	wantUnfinished(t, s, map[string]int{})
	if s.Alive(1) || s.Progress(1) != nil {
		t.Error("a run that there is not shows signs of life")
	}
	if s.Estimates() != plan.Guesses() {
		t.Error("estimates come from nowhere")
	}
	if entries, _ := os.ReadDir(dir); len(entries) > 0 {
		t.Errorf("it made %v", entries)
	}
}

func TestWhatIsAppendedIsLoaded(t *testing.T) {
	s := newStore(t)
	r := create(t, s, planOf("prod"))
	rich := journal.Record{
		Event: journal.Moved, Step: web, Status: journal.Failed, Changed: true,
		Detail: "stalled\nfor 15 minutes", Meaning: "1 agent did not come", Fix: []string{"juju status <x>"},
		Missing: []fleet.Agent{{Kind: fleet.UnitAgent, Name: "web/0"}}, There: 1, Awaited: 2, NotShown: 3,
		Regressions: []fleet.Regression{{Agent: "unit web/0", After: fleet.Condition{Status: "error", Since: epoch}}},
		Result:      "file",
	}
	add(t, r, event(journal.Begun), moved(web, journal.Started), rich)
	want := r.State()
	got := load(t, s, r.Number)
	if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
		t.Errorf("in memory and on disk differ:\n%s", diff)
	}
	last := got.Steps[web].Record
	rich.Format, rich.Run, rich.Seq, rich.Time = journal.Format, r.Number, 3, last.Time
	if diff := cmp.Diff(rich, last); diff != "" {
		t.Errorf("the record is another:\n%s", diff)
	}
	if lines := strings.Count(string(read(t, journalFile(s, r.Number))), "\n"); lines != 3 {
		t.Errorf("three records take %d lines", lines)
	}
	records, err := s.Records(r.Number)
	if err != nil || len(records) != 3 {
		t.Errorf("records are %v, %v", records, err)
	}
}

func TestWatchersSeeRecordsThatAreOnDisk(t *testing.T) {
	s := newStore(t)
	r := create(t, s, planOf("prod"))
	var seen []int
	r.Watch(func(rec journal.Record) {
		records, err := s.Records(r.Number)
		if err != nil || len(records) != rec.Seq {
			t.Errorf("record %d is shown while %d are on disk (%v)", rec.Seq, len(records), err)
		}
		seen = append(seen, rec.Seq)
	})
	finish(t, r)
	if len(seen) != r.State().Seq || !slices.IsSorted(seen) {
		t.Errorf("shown were %v", seen)
	}
}

func TestRunsAreNumberedAndListedInOrder(t *testing.T) {
	s := newStore(t)
	for range 11 {
		r := create(t, s, planOf("prod"))
		finish(t, r)
		if err := r.Close(); err != nil {
			t.Fatal(err)
		}
	}
	// What else lies there is no run.
	write(t, filepath.Join(filepath.Dir(s.RunDir(1)), "notes"), nil)
	write(t, s.RunDir(99), []byte("a file"))
	if err := os.Mkdir(s.RunDir(0), 0o700); err != nil {
		t.Fatal(err)
	}
	runs, err := s.Runs()
	if err != nil || !slices.Equal(runs, []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11}) {
		t.Errorf("runs are %v, %v", runs, err)
	}
	if last, err := s.Last(); last != 11 || err != nil {
		t.Errorf("the last is %d, %v", last, err)
	}
}

func TestARunThatNeverBeganIsNeitherTheLastNorUnfinished(t *testing.T) {
	s := newStore(t)
	r := create(t, s, planOf("prod"))
	finish(t, r)
	_ = r.Close()
	killed := create(t, s, planOf("prod"))
	_ = killed.Close()
	if last, err := s.Last(); last != r.Number || err != nil {
		t.Errorf("the last is %d, %v", last, err)
	}
	wantUnfinished(t, s, map[string]int{})
	if next := create(t, s, planOf("prod")); next.Number != killed.Number+1 {
		t.Errorf("the next is run %d after %d", next.Number, killed.Number)
	}
}

// wantUnfinished compares which run left which controller unfinished.
func wantUnfinished(t *testing.T, s journal.Store, want map[string]int) {
	t.Helper()
	unfinished, err := s.Unfinished()
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]int{}
	for uuid, u := range unfinished {
		got[uuid] = u.Run
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestTheNewestRunThatLeftAControllerUnfinishedIsFound(t *testing.T) {
	s := newStore(t)
	runs := []struct {
		plan    plan.Plan
		records []journal.Record
	}{
		{planOf("prod"), []journal.Record{moved(web, journal.Started), event(journal.Interrupted)}},                          // 1
		{planOf("dev"), []journal.Record{moved("/dev/controller/upgrade", journal.Failed), event("finished")}},               // 2: refused
		{planOf("prod"), []journal.Record{moved(web, journal.Started)}},                                                      // 3, killed
		{planOf("prod"), []journal.Record{moved(web, journal.Started), event(journal.Abandoned)}},                            // 4
		{planOf("prod", "dev"), []journal.Record{moved(web, journal.Started), event("interrupted"), event("abandoned")}},     // 5
		{planOf("test"), []journal.Record{moved("/test/backup", "started"), event("some-later-end")}},                        // 6
		{planOf("dev", "lab"), []journal.Record{moved("/dev/controller/upgrade", journal.Done), event(journal.Interrupted)}}, // 7: lab not begun
	}
	for _, run := range runs {
		r := create(t, s, run.plan)
		add(t, r, event(journal.Begun))
		_ = r.Close()
	}
	for i, run := range runs {
		r, err := s.Resume(i + 1)
		if err != nil {
			t.Fatal(err)
		}
		add(t, r, run.records...)
		_ = r.Close()
	}
	wantUnfinished(t, s, map[string]int{"prod-uuid": 3, "test-uuid": 6, "dev-uuid": 7})

	_, err := s.Create(planOf("lab", "dev"), nil)
	var unfinished *journal.ErrUnfinished
	if !errors.As(err, &unfinished) || unfinished.Run != 7 || unfinished.Controller != "dev" {
		t.Errorf("a new run on what run 7 left unfinished: %v", err)
	}

	// One that cannot be read still counts where its plan tells of steps.
	file := filepath.Join(s.RunDir(7), "plan.json")
	write(t, file, []byte(strings.Replace(string(read(t, file)), `"format": 1`, `"format": 99`, 1)))
	got, err := s.Unfinished()
	if u := got["lab-uuid"]; err != nil || u.Run != 7 || u.Problem == nil {
		t.Errorf("the run of a newer tool is %+v, %v", u, err)
	}
	// A torn one tells of none, and hides no other.
	write(t, file, []byte("{"))
	wantUnfinished(t, s, map[string]int{"prod-uuid": 3, "test-uuid": 6})
}

func TestUnusableRunsSayWhy(t *testing.T) {
	damage := func(name string, change func(string) string) func(*testing.T, string) {
		return func(t *testing.T, dir string) {
			file := filepath.Join(dir, name)
			write(t, file, []byte(change(string(read(t, file)))))
		}
	}
	replace := func(old, new string) func(string) string {
		return func(s string) string {
			if !strings.Contains(s, old) {
				panic("nothing to damage: " + old)
			}
			return strings.Replace(s, old, new, 1)
		}
	}
	line := func(n int, change func(string) string) func(string) string {
		return func(s string) string {
			lines := strings.SplitAfter(s, "\n")
			lines[n-1] = change(lines[n-1])
			return strings.Join(lines, "")
		}
	}
	drop := func(string) string { return "" }
	double := func(s string) string { return s + s }
	for name, c := range map[string]struct {
		damage func(*testing.T, string)
		says   string
	}{
		"no plan":          {func(t *testing.T, dir string) { remove(t, dir, "plan.json") }, "cannot read the plan of run 1"},
		"torn plan":        {damage("plan.json", func(s string) string { return s[:100] }), "not a whole plan"},
		"edited plan":      {damage("plan.json", replace("3.6.11", "3.6.12")), "edited or damaged"},
		"later plan":       {damage("plan.json", replace(`"format": 1`, `"format": 9`)), "its format is 9"},
		"damaged line":     {damage("journal.jsonl", line(3, replace(`"seq"`, `"s`))), "line 3 is not a record"},
		"empty line":       {damage("journal.jsonl", line(3, func(string) string { return "\n" })), "line 3 is not a record"},
		"missing first":    {damage("journal.jsonl", line(1, drop)), "line 1 is record 2: records are missing or doubled"},
		"missing middle":   {damage("journal.jsonl", line(3, drop)), "line 3 is record 4"},
		"doubled":          {damage("journal.jsonl", line(3, double)), "line 4 is record 3"},
		"doubled last":     {damage("journal.jsonl", line(12, double)), "line 13 is record 12"},
		"later format":     {damage("journal.jsonl", line(2, replace(`"format":1`, `"format":2`))), "line 2 has format 2 and this version of the tool reads format 1"},
		"later last line":  {damage("journal.jsonl", line(12, replace(`"format":1`, `"format":2`))), "line 12 has format 2"},
		"no format":        {damage("journal.jsonl", line(2, replace(`"format":1,`, ``))), "line 2 has format 0"},
		"joined lines":     {damage("journal.jsonl", replace("}\n{", "}{")), "line 1 is not a record"},
		"not a folder":     {func(t *testing.T, dir string) { notFolder(t, dir) }, "cannot read the plan of run 1"},
		"journal a folder": {func(t *testing.T, dir string) { journalFolder(t, dir) }, "cannot use the journal of run 1"},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStore(t)
			r := create(t, s, planOf("prod"))
			finish(t, r)
			_ = r.Close()
			c.damage(t, s.RunDir(1))
			_, err := s.Load(1)
			if !fleet.IsBadInput(err) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %v, want an input error that says %q", err, c.says)
			}
			if _, err := s.Resume(1); !fleet.IsBadInput(err) {
				t.Errorf("resuming it: %v", err)
			}
			// It may have left its controller in the middle, as far as anybody
			// can tell; it stands in no other's way, nor once it is deleted.
			var unfinished *journal.ErrUnfinished
			switch r, err := s.Create(planOf("prod"), nil); {
			case err == nil:
				_ = r.Close()
			case !errors.As(err, &unfinished):
				t.Errorf("a new run: %v", err)
			}
			finish(t, create(t, s, planOf("dev")))
			if err := os.RemoveAll(s.RunDir(1)); err != nil {
				t.Fatal(err)
			}
			if _, err := s.Create(planOf("prod"), nil); err != nil {
				t.Errorf("a new run after the broken one was deleted: %v", err)
			}
		})
	}
}

func remove(t *testing.T, dir, name string) {
	t.Helper()
	if err := os.Remove(filepath.Join(dir, name)); err != nil {
		t.Fatal(err)
	}
}

func notFolder(t *testing.T, dir string) {
	t.Helper()
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	write(t, dir, []byte("x"))
}

func journalFolder(t *testing.T, dir string) {
	t.Helper()
	remove(t, dir, "journal.jsonl")
	if err := os.Mkdir(filepath.Join(dir, "journal.jsonl"), 0o700); err != nil {
		t.Fatal(err)
	}
}

func TestAnUnknownRunSaysWhereRunsAreListed(t *testing.T) {
	s := newStore(t)
	finish(t, create(t, s, planOf("prod")))
	for _, run := range []int{2, 0, -1} {
		for what, err := range map[string]error{
			"load":   func() error { _, err := s.Load(run); return err }(),
			"resume": func() error { _, err := s.Resume(run); return err }(),
		} {
			if !fleet.IsBadInput(err) || !strings.Contains(err.Error(), "juju upgrade-all runs") {
				t.Errorf("%s of run %d: %v", what, run, err)
			}
		}
	}
}

func TestTheHealthBeforeTheFirstStartCounts(t *testing.T) {
	s := newStore(t)
	r := create(t, s, planOf("prod"))
	add(t, r, event(journal.Begun), event(journal.Interrupted))
	if diff := cmp.Diff(health(), r.Before); diff != "" {
		t.Error(diff)
	}
	file := filepath.Join(r.Dir, "before.json")
	first := read(t, file)
	_ = r.Close()
	for range 2 {
		again, err := s.Resume(1)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(health(), again.Before); diff != "" {
			t.Error(diff)
		}
		add(t, again, event(journal.Resumed))
		_ = again.Close()
	}
	if string(read(t, file)) != string(first) {
		t.Error("the health before was written anew")
	}
	write(t, file, []byte("{"))
	if _, err := s.Resume(1); !fleet.IsBadInput(err) || !strings.Contains(err.Error(), "the health before run 1") {
		t.Errorf("with a damaged record of it: %v", err)
	}
	write(t, file, first)
	if _, err := s.Resume(1); err != nil {
		t.Errorf("the failed attempt left locks: %v", err)
	}
}

func TestPlansAreFoundByTheirHash(t *testing.T) {
	s := newStore(t)
	kept := planOf("prod")
	file, err := s.KeepPlan(kept)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.KeepPlan(kept); err != nil {
		t.Errorf("keeping it again: %v", err)
	}
	for _, name := range []string{kept.Hash, kept.Hash[:4], file} {
		got, err := s.FindPlan(name)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(kept, got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s is another plan:\n%s", name, diff)
		}
	}
}

func TestAPlanThatCannotBeFoundSaysWhy(t *testing.T) {
	s := newStore(t)
	if _, err := s.FindPlan("abc"); !fleet.IsBadInput(err) {
		t.Errorf("in an empty store: %v", err)
	}
	file, err := s.KeepPlan(planOf("prod"))
	if err != nil {
		t.Fatal(err)
	}
	dir := filepath.Dir(file)
	write(t, filepath.Join(dir, "aaa1.json"), nil)
	write(t, filepath.Join(dir, "aaa2.json"), []byte("{}"))
	for name, says := range map[string]string{
		"fff":                           `there is no plan "fff": make one with 'juju upgrade-all plan'`,
		"aaa":                           `"aaa" is the beginning of 2 plans: type more of it`,
		"aaa1":                          "aaa1.json: it is not a whole plan",
		"aaa2":                          "aaa2.json: it is not a plan",
		"":                              "is not the hash of a plan",
		"*":                             "is not the hash of a plan",
		"[":                             "is not the hash of a plan",
		"plan":                          "is not the hash of a plan",
		"./no-such-file":                "cannot read the plan",
		dir:                             "cannot read the plan",
		filepath.Join(dir, "none.json"): "cannot read the plan",
	} {
		if _, err := s.FindPlan(name); !fleet.IsBadInput(err) || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: %v, want an input error that says %q", name, err, says)
		}
	}
}

func TestKeptFilesAreForTheirOwnerOnly(t *testing.T) {
	defer umask(0)()
	dir := t.TempDir()
	s := journal.NewStore(filepath.Join(dir, "data"))
	r := create(t, s, planOf("prod"))
	finish(t, r)
	r.Tell(journal.Progress{Heartbeat: epoch})
	if _, err := s.KeepPlan(planOf("prod")); err != nil {
		t.Fatal(err)
	}
	_ = s.Alive(1)
	found := 0
	err := filepath.WalkDir(filepath.Join(dir, "data"), func(path string, e fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := e.Info()
		if err != nil {
			return err
		}
		found++
		want := fs.FileMode(0o600)
		if e.IsDir() {
			want = fs.ModeDir | 0o700
		}
		if info.Mode() != want {
			t.Errorf("%s has mode %v, want %v", path, info.Mode(), want)
		}
		return nil
	})
	if err != nil || found < 11 {
		t.Errorf("found %d files and folders, %v", found, err)
	}
}
