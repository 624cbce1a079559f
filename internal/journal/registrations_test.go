package journal_test

import (
	"errors"
	"os"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/journal"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

func TestRegistrationsOutliveTheProcessAndNobodyElseReadsThem(t *testing.T) {
	run := create(t, newStore(t), planOf("prod"))
	r := run.Registrations()
	if intended, kept, err := r.Of("alice"); intended || kept || err != nil {
		t.Errorf("before anything: %v, %v, %v", intended, kept, err)
	}
	for _, name := range []string{"alice", "bob", "carol"} {
		if err := r.Intend(name); err != nil {
			t.Fatal(err)
		}
	}
	if err := r.Keep("alice", "MEQT-first"); err != nil {
		t.Fatal(err)
	}
	if err := r.Keep("alice", "MEQT-second"); err != nil {
		t.Fatal(err)
	}
	if err := r.Forget("carol"); err != nil {
		t.Fatal(err)
	}
	later := run.Registrations()
	for name, want := range map[string][2]bool{"alice": {true, true}, "bob": {true, false}, "carol": {false, false}} {
		intended, kept, err := later.Of(name)
		if err != nil || [2]bool{intended, kept} != want {
			t.Errorf("%s: intended %v, kept %v (%v), want %v", name, intended, kept, err, want)
		}
	}
	info, err := os.Stat(run.RegistrationsFile())
	if err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("its mode is %v (%v)", info.Mode(), err)
	}
	data, err := os.ReadFile(run.RegistrationsFile())
	if err != nil {
		t.Fatal(err)
	}
	if text := string(data); !strings.Contains(text, "register: MEQT-second") || strings.Contains(text, "first") || !strings.Contains(text, "juju register") {
		t.Errorf("the file is\n%s", text)
	}
}

func TestAFileOfRegistrationsThatIsDamagedIsLeftAsItIsAndNotQuoted(t *testing.T) {
	run := create(t, newStore(t), planOf("prod"))
	if err := os.WriteFile(run.RegistrationsFile(), []byte("users: [MEQT-secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	err := run.Registrations().Keep("alice", fleet.Secret("x"))
	if err == nil || strings.Contains(err.Error(), "MEQT") {
		t.Errorf("the error is %v", err)
	}
	if data, _ := os.ReadFile(run.RegistrationsFile()); string(data) != "users: [MEQT-secret" {
		t.Errorf("the file is now %q", data)
	}
}

// movePlan is a plan in which a model moves from prod to new.
func movePlan() plan.Plan {
	p := planOf("prod")
	p.Target = &plan.Target{Ref: fleet.Ref{UUID: "new-uuid", Name: "new"}}
	for i := range p.Steps {
		p.Steps[i].Target = p.Target.Ref
	}
	return p
}

func TestARunThatMovesModelsHoldsBothControllers(t *testing.T) {
	s := newStore(t)
	r := create(t, s, movePlan())
	var locked *journal.ErrLocked
	if _, err := s.Create(planOf("new"), nil); !errors.As(err, &locked) {
		t.Errorf("another run on the target got %v", err)
	}
	add(t, r, journal.Record{Event: journal.Begun}, journal.Record{Event: journal.Moved, Step: movePlan().Steps[0].ID, Status: journal.Started})
	if err := r.Close(); err != nil {
		t.Fatal(err)
	}
	unfinished, err := s.Unfinished()
	if err != nil {
		t.Fatal(err)
	}
	for _, uuid := range []string{"new-uuid", movePlan().Steps[0].Controller.UUID} {
		if unfinished[uuid].Run != r.Number {
			t.Errorf("%s is not held by the unfinished run: %v", uuid, unfinished)
		}
	}
}

// TestANewStringDoesNotMakeAUserTheRuns: one whom somebody else made is never disabled
// by it, nor changed.
func TestANewStringDoesNotMakeAUserTheRuns(t *testing.T) {
	r := create(t, newStore(t), movePlan()).Registrations()
	if err := r.Intend("alice"); err != nil {
		t.Fatal(err)
	}
	for name, ours := range map[string]bool{"alice": true, "bob": false} {
		if err := r.KeepAnew(name, "MEQT-new", time.Time{}); err != nil {
			t.Fatal(err)
		}
		if intended, kept, err := r.Of(name); intended != ours || !kept || err != nil {
			t.Errorf("%s: made by the run: %v, kept: %v (%v)", name, intended, kept, err)
		}
	}
}

// TestWhileANewStringIsAskedForNoneIsKept: what was is void by then, or may be; unless
// Juju says no.
func TestWhileANewStringIsAskedForNoneIsKept(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		run := create(t, newStore(t), movePlan())
		r := run.Registrations()
		if err := errors.Join(r.Intend("alice"), r.Keep("alice", "MEQT-first")); err != nil {
			t.Fatal(err)
		}
		before, seen := read(t, run.RegistrationsFile()), time.Now()
		time.Sleep(time.Hour)
		for name, made := range map[string]bool{"alice": true, "bob": false} {
			takeBack, err := r.Void(name, seen)
			if err != nil {
				t.Fatal(err)
			}
			intended, has, err := run.Registrations().Of(name)
			if intended != made || has || err != nil {
				t.Errorf("%s: made by the run: %v, kept: %v (%v)", name, intended, has, err)
			}
			issued, err := run.Registrations().Issued()
			if is := issued[name]; err != nil || is.Kept || !is.At.Equal(time.Now()) || !is.Before.Equal(seen) {
				t.Errorf("%s: issued is %+v (%v)", name, is, err)
			}
			if name == "alice" && strings.Contains(string(read(t, run.RegistrationsFile())), "MEQT-") {
				t.Error("a string that may be void is kept")
			}
			if err := takeBack(); err != nil || string(read(t, run.RegistrationsFile())) != string(before) {
				t.Errorf("%s: taken back, the file is not as it was (%v)", name, err)
			}
		}
		if _, err := r.Void("alice", seen); err != nil {
			t.Fatal(err)
		}
		if err := r.KeepAnew("alice", "MEQT-second", seen); err != nil {
			t.Fatal(err)
		}
		if issued, err := r.Issued(); err != nil || !issued["alice"].Kept || !issued["alice"].Before.Equal(seen) {
			t.Errorf("issued is %v (%v)", issued, err)
		}
	})
}
