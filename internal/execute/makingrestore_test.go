package execute_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/journal"
)

// restoring is a setup in which the target of n models is made, and restored to.
func restoring(t *testing.T, n int) (*makeWorld, setup) {
	w, s := making(n, 1)
	s.goal.Clone, s.goal.Restore, s.goal.Passwords = fleet.CloneRestore, "/opt/it's juju/juju-restore", nil
	s.goal.Backup, s.dir = fleet.BackupAuto, t.TempDir()
	return w, s
}

func TestARestoreIsRunOnTheNewControllerWithItsBackup(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, s := restoring(t, 1)
		d := s.run(t)
		wantDone(t, d)
		wantLawful(t, w.world)
		if w.begun("restore") != 1 || len(w.added) > 0 || len(w.migrated) != 1 {
			t.Errorf("%d restores; made were %v, migrated %v", w.begun("restore"), w.added, w.migrated)
		}
		e := w.last("restore")
		backup := filepath.Join(s.dir, "juju-backup-run1-a.tar.gz")
		if e.program != "/bin/sh" || len(e.args) != 8 || e.args[0] != "-c" {
			t.Fatalf("run is %s %q", e.program, e.args)
		}
		want := []string{
			"restore", "/bin/juju", "t:admin/controller", backup, "/opt/it's juju/juju-restore",
			`chmod +x ./'juju-restore' && sudo ./'juju-restore' --yes --copy-controller ./'juju-backup-run1-a.tar.gz'`,
		}
		if !slices.Equal(e.args[2:], want) {
			t.Errorf("its arguments are %q", e.args[2:])
		}
		step := d.Step("/t/restore")
		if took := step.Last.Sub(step.Began); took < copying+15*time.Second || step.Record.There != 4 || step.Record.Awaited != 4 {
			t.Errorf("it took %s, and has seen %d of %d users", took, step.Record.There, step.Record.Awaited)
		}
		for _, path := range []string{"clouds/aws", "secret-backends/vault"} {
			if w.items["t-uuid"][path] != w.items["a-uuid"][path] {
				t.Errorf("%s did not arrive", path)
			}
		}
	})
}

// TestTheRestoreCopiesBothFilesAndThenRuns runs the script itself, with a juju that
// writes down what it is asked for. What is before a colon would be a machine for it.
func TestTheRestoreCopiesBothFilesAndThenRuns(t *testing.T) {
	dir := t.TempDir()
	log := filepath.Join(dir, "log")
	juju := filepath.Join(dir, "it's a juju")
	script := "#!/bin/sh\nfor a in \"$@\"; do printf '<%s>' \"$a\" >> '" + log + "'; done; echo \"in ${PWD##*/}\" >> '" + log + "'\n[ \"$1\" != \"$FAILS\" ]\n"
	if err := os.WriteFile(juju, []byte(script), 0o700); err != nil { //nolint:gosec // it is run
		t.Fatal(err)
	}
	var e errand
	synctest.Test(t, func(t *testing.T) {
		w, s := restoring(t, 1)
		s.goal.Juju, s.goal.Bootstrap.Juju = juju, juju
		wantDone(t, s.run(t))
		e = *w.last("restore")
	})
	for i, sub := range map[int]string{5: "a:b", 6: "it's juju"} {
		e.args[i] = filepath.Join(dir, sub, filepath.Base(e.args[i]))
		if err := os.MkdirAll(filepath.Dir(e.args[i]), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(e.args[i], []byte("x"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	first := "<scp><-m><t:admin/controller><--><juju-backup-run1-a.tar.gz><0:>in a:b\n"
	copied := first + "<scp><-m><t:admin/controller><--><juju-restore><0:>in it's juju\n"
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	there := "<ssh><-m><t:admin/controller><0><--><" + e.args[7] + ">in " + filepath.Base(here) + "\n"
	for fails, want := range map[string]string{"": copied + there, "scp": first, "ssh": copied + there} {
		out, err := run(e.program, e.args, "FAILS="+fails)
		if (err != nil) != (fails != "") {
			t.Errorf("with %q failing it ends with %v: %s", fails, err, out)
		}
		if data, err := os.ReadFile(log); err != nil || string(data) != want {
			t.Errorf("with %q failing juju was asked for\n%s\nwant\n%s", fails, data, want)
		}
		_ = os.Remove(log)
	}
}

func TestNothingIsRestoredWithoutABackupOfThisRun(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, s := restoring(t, 1)
		s.goal.Backup = fleet.BackupSkip
		// One of another run, and of another controller.
		for _, name := range []string{"juju-backup-run2-a.json", "juju-backup-run1-b.json"} {
			if err := os.WriteFile(filepath.Join(s.dir, name), []byte(`{"file":"x"}`), 0o600); err != nil {
				t.Fatal(err)
			}
		}
		d := s.run(t)
		r := d.Step("/t/restore").Record
		wantTold(t, r, "juju upgrade-all abandon 1", "there is no backup of a by this run", "nothing was restored")
		if w.begun("restore") > 0 || len(w.migrated) > 0 || r.Changed {
			t.Errorf("%d restores, migrated %v, changed %v", w.begun("restore"), w.migrated, r.Changed)
		}
		wantStatus(t, d, map[string]journal.Status{"/t/users/alice": journal.Held, "/t/clouds/aws": journal.Held})
	})
}

func TestARestoreThatFailsIsToldAndResumeTriesAgain(t *testing.T) {
	for name, f := range map[string]fate{
		"fails":     {after: 20 * time.Second, code: 3, output: []string{"ERROR backup is of 3.6.4"}},
		"is killed": {after: 20 * time.Second, killed: true},
	} {
		for _, serves := range []bool{true, false} {
			t.Run(name, func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w, s := restoring(t, 1)
					w.restoring = f
					w.restores = func() { w.lost = !serves } // it may leave the controller stopped
					before := w.before()
					d := &diary{plan: s.plan()}
					s.carry(t, d, before)
					step := d.Step("/t/restore")
					tells := "exit code 3): Running machine configuration script...; ERROR backup is of 3.6.4"
					if f.killed {
						tells = "ended from outside"
					}
					wantTold(t, step.Record, "juju upgrade-all resume 1", tells, "restore.log")
					if took := step.Last.Sub(step.Began); took > time.Minute || !step.Changed || len(w.migrated) > 0 {
						t.Errorf("told after %s, changed %v, migrated %v", took, step.Changed, w.migrated)
					}
					w.restoring, w.lost, w.restores = fate{after: copying}, false, nil
					s.carry(t, d, before)
					wantDone(t, d)
					wantLawful(t, w.world)
					if w.begun("restore") != 2 {
						t.Errorf("%d restores", w.begun("restore"))
					}
				})
			})
		}
	}
}

func TestARestoreThatIsDoneIsNeverRepeated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, s := restoring(t, 1)
		before := w.before()
		d := &diary{plan: s.plan()}
		w.refuse["migrate a-m0"] = []error{errNo, errNo, errNo}
		for range 100 {
			w.refuse["migrate a-m0"] = append(w.refuse["migrate a-m0"], errNo)
		}
		s.carry(t, d, before)
		wantStatus(t, d, map[string]journal.Status{"/t/restore": journal.Done, "/a/models/admin/a-m0/migrate": journal.Failed})
		delete(w.users, "svc") // by somebody, knowingly
		w.refuse = map[string][]error{}
		w.restoring.after = 100 * time.Hour
		s.carry(t, d, before)
		wantDone(t, d)
		if w.begun("restore") != 1 {
			t.Errorf("%d restores", w.begun("restore"))
		}
	})
}

var errNo = &fleet.Problem{Code: fleet.Refused, Text: "no"}

func TestARestoreThatIsInterruptedGoesOn(t *testing.T) {
	for after := 66 * time.Second; after < 130*time.Second; after += 3700 * time.Millisecond {
		synctest.Test(t, func(t *testing.T) {
			w, s := restoring(t, 1)
			before := w.before()
			d := &diary{plan: s.plan()}
			s.until(t, d, before, after)
			s.carry(t, d, before)
			wantDone(t, d)
			wantLawful(t, w.world)
			if w.begun("restore") != 1 || w.begun("bootstrap") != 1 {
				t.Errorf("after %s: %d restores, %d bootstraps", after, w.begun("restore"), w.begun("bootstrap"))
			}
		})
	}
}

// TestARestoreHasArrivedWhenItHasEndedWellAndItsUsersAreSeen: where all users have the
// names of those who are there anyway, they show nothing.
func TestARestoreHasArrivedWhenItHasEndedWellAndItsUsersAreSeen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, s := restoring(t, 1)
		p := s.plan()
		p.Step("/t/restore").Names = []string{"admin"}
		d := &diary{plan: p}
		s.carry(t, d, w.before())
		if w.begun("restore") != 1 || d.Step("/t/restore").Status != journal.Done {
			t.Errorf("%d restores, %s", w.begun("restore"), d.Step("/t/restore").Status)
		}
	})
	synctest.Test(t, func(t *testing.T) {
		w, s := restoring(t, 1)
		p := s.plan()
		p.Step("/t/restore").Names = []string{"alice", "nobody"}
		d := &diary{plan: p}
		s.carry(t, d, w.before())
		wantTold(t, d.Step("/t/restore").Record, "juju upgrade-all resume 1", "--clone native", "these users are not there: nobody")
		if len(w.migrated) > 0 {
			t.Errorf("migrated %v", w.migrated)
		}
	})
}

// TestNamesReachTheMachinesShellAsTheyAre: the program's and the backup's.
func TestNamesReachTheMachinesShellAsTheyAre(t *testing.T) {
	for _, program := range []string{"juju-restore", "it's", "a b", "$(touch x)", "-rf", `back\slash"`, "new\nline", ";reboot"} {
		synctest.Test(t, func(t *testing.T) {
			w, s := restoring(t, 1)
			s.goal.Restore = "/opt/" + program
			wantDone(t, s.run(t))
			there := w.last("restore").args[7]
			// sudo and chmod of the machine only tell what they are given.
			tell := `sudo() { printf '%s|' "$@"; }; chmod() { printf '%s|' "$@"; }; ` + there
			out, err := run("/bin/sh", []string{"-c", tell})
			want := "+x|./" + program + "|./" + program + "|--yes|--copy-controller|./juju-backup-run1-a.tar.gz|"
			if err != nil || out != want {
				t.Errorf("%q becomes %q (%v)", program, out, err)
			}
		})
	}
}

// run runs a program, and returns what it writes.
func run(program string, args []string, env ...string) (string, error) {
	cmd := exec.Command(program, args...)
	cmd.Env = append(os.Environ(), env...)
	out, err := cmd.CombinedOutput()
	return string(out), err
}
