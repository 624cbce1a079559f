package journal_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"gopkg.in/yaml.v3"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/journal"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

// makePlan is a plan in which a model moves from prod to new, which is made first.
func makePlan() plan.Plan {
	p := planOf("prod")
	p.Target = &plan.Target{Ref: fleet.Ref{Name: "new"}, Bootstrap: &fleet.Bootstrap{Cloud: "aws"}}
	for i := range p.Steps {
		p.Steps[i].Target = p.Target.Ref
	}
	p.Steps[0].ID, p.Steps[0].Kind, p.Steps[0].Class = "/new/bootstrap", plan.MakeController, plan.Recoverable
	return p
}

// made is the record of the step that has made the controller.
func made() journal.Record {
	return journal.Record{Event: journal.Moved, Step: "/new/bootstrap", Status: journal.Done, Changed: true, Made: &fleet.Ref{UUID: "new-uuid", Name: "new"}}
}

// kept is what is in a file of registrations, as somebody else would read it.
func kept(t *testing.T, file string) map[string]map[string]any {
	t.Helper()
	var out struct{ Users map[string]map[string]any }
	if err := yaml.Unmarshal(read(t, file), &out); err != nil {
		t.Fatal(err)
	}
	return out.Users
}

func TestAUserIsSentTheStringAndBothNames(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := newStore(t)
		run := create(t, s, makePlan())
		add(t, run, event(journal.Begun), made())
		time.Sleep(time.Hour)
		when := time.Now()
		if err := run.Registrations().Keep("alice", "MEQT-alice"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(time.Hour)
		if err := run.Registrations().Keep("bob", "MEQT-bob"); err != nil {
			t.Fatal(err)
		}
		alice := kept(t, run.RegistrationsFile())["alice"]
		letter, _ := alice["send"].(string)
		for _, want := range []string{"Hello alice,", "controller prod is replaced by new", "\n    juju register MEQT-alice\n", "juju models -c new"} {
			if !strings.Contains(letter, want) {
				t.Errorf("it does not say %q:\n%s", want, letter)
			}
		}
		if strings.Contains(letter, "bob") {
			t.Errorf("it is about somebody else:\n%s", letter)
		}
		if alice["register"] != "MEQT-alice" || !when.Equal(alice["issued"].(time.Time)) {
			t.Errorf("of alice is kept %v, issued %v", alice["register"], alice["issued"])
		}
		issued, err := s.Registrations(run.State()).Issued()
		if err != nil || len(issued) != 2 || !issued["alice"].At.Equal(when) || !issued["bob"].At.Equal(when.Add(time.Hour)) {
			t.Errorf("issued is %v (%v)", issued, err)
		}
	})
}

func TestAnotherStringOfOneUserLeavesTheOthersAsTheyAre(t *testing.T) {
	s := newStore(t)
	run := create(t, s, makePlan())
	for _, name := range []string{"alice", "bob", "svc", "true", "0x10", "o'neil+x"} {
		r := run.Registrations()
		if err := r.Intend(name); err != nil {
			t.Fatal(err)
		}
		if name == "svc" {
			continue // who has a password
		}
		if err := r.Keep(name, fleet.Secret("MEQT-"+name)); err != nil {
			t.Fatal(err)
		}
	}
	before := kept(t, run.RegistrationsFile())
	// As handover --reissue does, from another process.
	later := s.Registrations(load(t, s, run.Number))
	if later.File() != run.RegistrationsFile() {
		t.Errorf("it is another file: %s", later.File())
	}
	if err := later.Keep("bob", "MEQT-again"); err != nil {
		t.Fatal(err)
	}
	after := kept(t, run.RegistrationsFile())
	if bob := after["bob"]; bob["register"] != "MEQT-again" || !strings.Contains(bob["send"].(string), "register MEQT-again\n") {
		t.Errorf("bob has %v", bob)
	}
	for name, is := range before {
		if name != "bob" && (after[name]["register"] != is["register"] || after[name]["send"] != is["send"] || after[name]["made-by-this-run"] != true) {
			t.Errorf("%s has %v, and had %v", name, after[name], is)
		}
	}
	issued, err := later.Issued()
	if _, has := issued["svc"]; err != nil || has || len(issued) != 5 {
		t.Errorf("issued is %v (%v)", issued, err)
	}
	info, err := os.Stat(run.RegistrationsFile())
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("its mode is %v (%v)", info.Mode(), err)
	}
}

func TestAFileOfRegistrationsOfAnEarlierReleaseIsReadAndKept(t *testing.T) {
	s := newStore(t)
	run := create(t, s, makePlan())
	// As the release wrote it that knew neither when nor what to send.
	earlier := "# Send each user the command\nusers:\n    alice:\n        made-by-this-run: true\n        register: MEQT-alice\n    bob:\n        made-by-this-run: true\n"
	write(t, run.RegistrationsFile(), []byte(earlier))
	r := run.Registrations()
	for name, want := range map[string][2]bool{"alice": {true, true}, "bob": {true, false}, "carol": {false, false}} {
		intended, has, err := r.Of(name)
		if err != nil || [2]bool{intended, has} != want {
			t.Errorf("%s: intended %v, kept %v (%v), want %v", name, intended, has, err, want)
		}
	}
	issued, err := r.Issued()
	if at, has := issued["alice"]; err != nil || !has || !at.At.IsZero() || len(issued) != 1 {
		t.Errorf("issued is %v (%v)", issued, err)
	}
	if err := r.Keep("bob", "MEQT-bob"); err != nil {
		t.Fatal(err)
	}
	if alice := kept(t, run.RegistrationsFile())["alice"]; alice["register"] != "MEQT-alice" || len(alice) != 2 {
		t.Errorf("alice has %v now", alice)
	}
}

// TestAStringIsInOneFileOnly: whatever is written of the run.
func TestAStringIsInOneFileOnly(t *testing.T) {
	s := newStore(t)
	run := create(t, s, makePlan())
	add(t, run, event(journal.Begun), made())
	if err := run.Registrations().Keep("alice", "MEQT-planted"); err != nil {
		t.Fatal(err)
	}
	if err := run.Registrations().Keep("alice", "MEQT-planted"); err != nil {
		t.Fatal(err)
	}
	run.Tell(journal.Progress{})
	add(t, run, event(journal.Finished))
	files := 0
	err := filepath.WalkDir(filepath.Dir(run.Dir), func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		files++
		if has := strings.Contains(string(read(t, file)), "planted"); has != (file == run.RegistrationsFile()) {
			t.Errorf("%s: has it is %v", file, has)
		}
		return nil
	})
	if err != nil || files < 5 {
		t.Errorf("%d files (%v)", files, err)
	}
}

func TestTheControllerThatARunHasMadeIsKnownToEveryLaterReader(t *testing.T) {
	s := newStore(t)
	run := create(t, s, makePlan())
	add(t, run, event(journal.Begun), moved("/new/bootstrap", journal.Started))
	if target := run.State().Target(); target != (fleet.Ref{Name: "new"}) {
		t.Errorf("before it is made the target is %+v", target)
	}
	add(t, run, made(), moved(controller, journal.Started), moved(controller, journal.Failed), event(journal.Finished), event(journal.Resumed))
	want := fleet.Ref{UUID: "new-uuid", Name: "new"}
	for who, state := range map[string]journal.State{"the run": run.State(), "a later one": load(t, s, run.Number)} {
		if state.Made != want || state.Target() != want || state.Resolve(fleet.Ref{Name: "new"}) != want {
			t.Errorf("%s knows %+v, the target is %+v", who, state.Made, state.Target())
		}
		// Who has an identity, and who is nobody, stays so.
		for _, c := range []fleet.Ref{{UUID: "prod-uuid", Name: "prod"}, {UUID: "other", Name: "new"}, {}} {
			if got := state.Resolve(c); got != c {
				t.Errorf("%+v becomes %+v", c, got)
			}
		}
	}
	if target := (journal.State{Plan: planOf("prod")}).Target(); target != (fleet.Ref{}) {
		t.Errorf("where nothing moves the target is %+v", target)
	}
}

func TestARunInTheMiddleHoldsTheControllerThatItMade(t *testing.T) {
	for name, c := range map[string]struct {
		records []journal.Record
		held    []string
	}{
		"while it is made":    {[]journal.Record{moved("/new/bootstrap", journal.Started)}, []string{"prod-uuid"}},
		"once it is made":     {[]journal.Record{made()}, nil},
		"in a step":           {[]journal.Record{made(), moved(checked, journal.Started)}, []string{"prod-uuid", "new-uuid"}},
		"after a change":      {[]journal.Record{made(), moved(controller, journal.Done)}, []string{"prod-uuid", "new-uuid"}},
		"when it is given up": {[]journal.Record{made(), moved(checked, journal.Started), event(journal.Abandoned)}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStore(t)
			run := create(t, s, makePlan())
			add(t, run, append([]journal.Record{event(journal.Begun)}, c.records...)...)
			if err := run.Close(); err != nil {
				t.Fatal(err)
			}
			unfinished, err := s.Unfinished()
			if err != nil || len(unfinished) != len(c.held) {
				t.Errorf("held are %v (%v), want %v", unfinished, err, c.held)
			}
			for _, uuid := range c.held {
				if unfinished[uuid].Run != run.Number {
					t.Errorf("%s is not held: %v", uuid, unfinished)
				}
			}
			other, err := s.Create(planOf("new=new-uuid"), nil)
			var left *journal.ErrUnfinished
			if len(c.held) == 2 != errors.As(err, &left) {
				t.Errorf("another run of it gets %v", err)
			}
			if err == nil {
				_ = other.Close()
			}
		})
	}
}

// TestRunsThatAreYetToMakeAControllerDoNotHoldOneAnother: it has no identity yet.
func TestRunsThatAreYetToMakeAControllerDoNotHoldOneAnother(t *testing.T) {
	s := newStore(t)
	_ = create(t, s, makePlan())
	p := makePlan()
	for i := range p.Steps {
		p.Steps[i].Controller = fleet.Ref{UUID: "dev-uuid", Name: "dev"}
	}
	if _, err := s.Create(p, nil); err != nil {
		t.Error(err)
	}
}

// TestAControllerThatHasAllIsNotHeldByWhatIsLeftOfTheOther: nor one that was made.
func TestAControllerThatHasAllIsNotHeldByWhatIsLeftOfTheOther(t *testing.T) {
	s := newStore(t)
	p := makePlan()
	last := len(p.Steps) - 1
	p.Steps[last].Target = fleet.Ref{}
	run := create(t, s, p)
	add(t, run, event(journal.Begun), made())
	for _, step := range p.Steps[1:last] {
		add(t, run, moved(step.ID, journal.Started), moved(step.ID, journal.Done))
	}
	add(t, run, moved(p.Steps[last].ID, journal.Started))
	if err := run.Close(); err != nil {
		t.Fatal(err)
	}
	unfinished, err := s.Unfinished()
	if _, held := unfinished["prod-uuid"]; err != nil || !held || len(unfinished) != 1 {
		t.Errorf("held are %v (%v)", unfinished, err)
	}
}
