package execute_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/execute"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/journal"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

// TestWhatTidiesUpLeavesAControllerAloneThatIsNotTheRuns: nobody is dialled by a name
// alone, and nothing waits for one who does not come up.
func TestWhatTidiesUpLeavesAControllerAloneThatIsNotTheRuns(t *testing.T) {
	for name, fails := range map[string]func(*makeWorld){
		"failed":    func(w *makeWorld) { w.fate = fate{after: 5 * time.Second, code: 1} },
		"half made": func(w *makeWorld) { w.fate = fate{after: 30 * time.Second, killed: true} },
		"taken":     func(w *makeWorld) { w.registry["t"] = &entry{"t-uuid", true} },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, s := making(2, 1)
				fails(w)
				d := &diary{plan: s.plan()}
				before := w.before()
				e := s.engine(d, before)
				w.isMade = func() bool { return true } // no name is enough
				if err := e.Run(t.Context()); err != nil {
					t.Fatal(err)
				}
				wantLawful(t, w.world)
				wantStatus(t, d, map[string]journal.Status{
					"/t/bootstrap": journal.Failed, "/t/accounts": journal.Held, "/client": journal.Held, "/t/users/bob/disable": journal.Held,
				})
				if late := d.State().Last.Sub(d.Step("/t/bootstrap").Last); late > 5*time.Second {
					t.Errorf("the run ended %s after its bootstrap had failed", late)
				}
				if r := d.Step("/t/accounts").Record; !strings.Contains(r.Detail, "there is no t") {
					t.Errorf("the account is %+v", r)
				}
			})
		})
	}
}

// TestPasswordsAreInNoFileOfTheRun: with the journal as it is on disk.
func TestPasswordsAreInNoFileOfTheRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, s := making(2, 1)
		w.refuse["user svc"] = []error{away()}
		dir := t.TempDir()
		run, err := journal.NewStore(dir).Create(s.plan(), w.before())
		if err != nil {
			t.Fatal(err)
		}
		defer run.Close()
		e := s.engine(&diary{plan: s.plan()}, w.before())
		e.Journal = run
		w.isMade = func() bool { return run.State().Made.UUID != "" }
		file := registrar{w, run.Registrations()}
		e.Kinds[plan.AddUser] = execute.AddUser{Watcher: w, Registrar: w, Registrations: file, Passwords: w.known}
		e.Kinds[plan.DisableUser] = execute.DisableUser{Watcher: w, Registrar: w, Registrations: file}
		e.Kinds[plan.RemoveAccounts] = execute.RemoveAccounts{Watcher: w, Mover: w, Prefix: "run-1", State: run.State, Since: &execute.Settling{}}
		if err := e.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		if n := run.State().Count(journal.Done); n != len(run.State().Steps) || w.given["svc"] == "" {
			t.Errorf("%d steps of %d are done, given are %v", n, len(run.State().Steps), w.given)
		}
		secrets := map[string]int{"hunter2-planted": 0, "key of alice 1": 0}
		for _, password := range w.passwords {
			secrets[password.Reveal()] = 0
		}
		count(t, dir, secrets)
		if len(secrets) != 3 || secrets["key of alice 1"] != 1 {
			t.Errorf("secrets are in so many files: %v", secrets)
		}
		for secret, n := range secrets {
			if secret != "key of alice 1" && n > 0 {
				t.Errorf("a password is in %d files", n)
			}
		}
	})
}

// registrar is the world, whose file of registrations is on disk.
type registrar struct {
	*makeWorld
	file *journal.Registrations
}

func (r registrar) Intend(user string) error {
	return errors.Join(r.makeWorld.Intend(user), r.file.Intend(user))
}

func (r registrar) Keep(user string, s fleet.Secret) error {
	return errors.Join(r.makeWorld.Keep(user, s), r.file.Keep(user, s))
}

func (r registrar) Of(user string) (intended, kept bool, err error) { return r.file.Of(user) }

// count counts in how many files below dir each of the texts is.
func count(t *testing.T, dir string, texts map[string]int) {
	t.Helper()
	err := filepath.WalkDir(dir, func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(file)
		for text := range texts {
			if strings.Contains(string(data), text) {
				texts[text]++
			}
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestWhatFailsWhileNobodyLooksIsToldBeforeItIsTriedAgain: the operator resumes what he
// believes to be under way.
func TestWhatFailsWhileNobodyLooksIsToldBeforeItIsTriedAgain(t *testing.T) {
	for _, id := range []string{"/t/bootstrap", "/t/restore"} {
		t.Run(id, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, s := restoring(t, 1)
				after, name := 20*time.Second, "bootstrap"
				if id == "/t/restore" {
					after, name = 90*time.Second, "restore"
					w.restoring = fate{after: 40 * time.Second, code: 1, output: []string{"ERROR no"}}
				} else {
					w.fate = fate{after: 40 * time.Second, code: 1, output: []string{"ERROR no"}}
				}
				before := w.before()
				d := &diary{plan: s.plan()}
				s.until(t, d, before, after)
				if d.Step(id).Status != journal.Started {
					t.Fatalf("it is %s", d.Step(id).Status)
				}
				time.Sleep(time.Hour)
				s.carry(t, d, before)
				wantTold(t, d.Step(id).Record, "juju upgrade-all resume 1", "exit code 1): Running machine configuration script...; ERROR no")
				if !d.Step(id).Changed || w.begun(name) != 1 {
					t.Errorf("changed %v, begun %d times", d.Step(id).Changed, w.begun(name))
				}
				w.fate, w.restoring = fate{after: completed}, fate{after: copying}
				s.carry(t, d, before)
				wantDone(t, d)
				wantLawful(t, w.world)
				if w.begun(name) != 2 {
					t.Errorf("begun %d times", w.begun(name))
				}
			})
		})
	}
}
