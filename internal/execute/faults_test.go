package execute_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"testing"
	"testing/synctest"
	"time"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/journal"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

func forever() time.Time { return time.Now().Add(1000 * time.Hour) }

func TestNoControllerIsBegunWhileAnotherIsHalfwayWhateverTheLimit(t *testing.T) {
	for _, limit := range []int{0, 3} {
		synctest.Test(t, func(t *testing.T) {
			a := newController("a", 1)
			w := newWorld(a, newController("b", 1))
			s := setup{world: w, options: plan.Options{Parallel: 1, MaxFailures: limit, Stall: 2 * time.Minute}}
			d := &diary{plan: s.plan()}
			a.models["a-own"].never = map[string]bool{"machine 0": true}
			if err := s.engine(d, w.before()).Run(t.Context()); err != nil {
				t.Fatal(err)
			}
			wantStatus(t, d, map[string]journal.Status{
				"/a/controller/upgrade": journal.Failed,
				"/b/controller/upgrade": journal.Held,
			})
			if w.asked["b-own"] > 0 {
				t.Error("b was asked while a is halfway")
			}
		})
	}
}

func TestARequestOfAnInterruptedAttemptCountsAsAChange(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newController("a", 1)
		w := newWorld(a, newController("b", 1))
		s := setup{world: w, options: plan.Options{Parallel: 1, Stall: time.Hour}}
		before := w.before()
		d := &diary{plan: s.plan()}
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(5*time.Second, cancel)
		if err := s.engine(d, before).Run(ctx); err != nil {
			t.Fatal(err)
		}
		w.blind["a-own"] = blindness{&fleet.Problem{Code: fleet.Forbidden, Text: "permission denied"}, forever()}
		if err := s.engine(d, before).Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		wantStatus(t, d, map[string]journal.Status{"/a/controller/upgrade": journal.Failed, "/b/controller/upgrade": journal.Held})
		if !d.State().Steps["/a/controller/upgrade"].Record.Changed {
			t.Error("the failure says that nothing was changed")
		}
	})
}

// TestWhatAControllerSaysWhileItRestartsIsNotBelievedAtOnce: a database that
// elects a primary makes healthy servers say all kinds of things.
func TestWhatAControllerSaysWhileItRestartsIsNotBelievedAtOnce(t *testing.T) {
	for _, code := range []fleet.ProblemCode{fleet.Other, fleet.NotFound, fleet.Forbidden, fleet.LoginNeeded} {
		t.Run(string(code), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(newController("a", 1))
				s := setup{world: w}
				d := &diary{plan: s.plan()}
				before := w.before()
				time.AfterFunc(time.Second, func() {
					w.mu.Lock()
					defer w.mu.Unlock()
					w.blind["a-own"] = blindness{&fleet.Problem{Code: code, Text: "EOF"}, time.Now().Add(outage + time.Minute)}
				})
				if err := s.engine(d, before).Run(t.Context()); err != nil {
					t.Fatal(err)
				}
				wantDone(t, d)
			})
		})
	}
}

func TestAModelThatIsDestroyedMeanwhileIsSkipped(t *testing.T) {
	for _, code := range []fleet.ProblemCode{fleet.NotFound, fleet.Forbidden} {
		t.Run(string(code), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := newController("a", 2)
				w := newWorld(a)
				s := setup{world: w}
				d := &diary{plan: s.plan()}
				before := w.before()
				delete(a.models, "a-m0")
				w.blind["a-m0"] = blindness{&fleet.Problem{Code: code, Text: "gone"}, forever()}
				if err := s.engine(d, before).Run(t.Context()); err != nil {
					t.Fatal(err)
				}
				wantStatus(t, d, map[string]journal.Status{
					"/a/models/admin/a-m0/upgrade": journal.Skipped,
					"/a/models/admin/a-m0/verify":  journal.Skipped,
					"/a/models/admin/a-m1/verify":  journal.Done,
				})
				if d.State().Unfinished() {
					t.Error("the run can never be finished")
				}
			})
		})
	}
}

func TestAModelThatIsForbiddenButThereFails(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(newController("a", 1))
		s := setup{world: w}
		d := &diary{plan: s.plan()}
		before := w.before()
		w.blind["a-m0"] = blindness{&fleet.Problem{Code: fleet.Forbidden, Text: "permission denied"}, forever()}
		if err := s.engine(d, before).Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		wantStatus(t, d, map[string]journal.Status{"/a/models/admin/a-m0/upgrade": journal.Failed})
	})
}

func TestModelsThatHaveBegunGoOnThoughTheirControllerIsNotSeenAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(newController("a", 2))
		s := setup{world: w, options: plan.Options{Parallel: 2, MaxFailures: 1, Stall: 3 * time.Minute}}
		before := w.before()
		d := &diary{plan: s.plan()}
		ctx, cancel := context.WithCancel(t.Context())
		time.AfterFunc(outage+20*time.Second, func() {
			if w.asked["a-m0"] == 1 {
				cancel()
			}
		})
		// The interrupt has to come while both models are on their way.
		time.AfterFunc(outage+9*time.Second, func() {
			if w.asked["a-m0"] == 1 && w.asked["a-m1"] == 1 {
				cancel()
			}
		})
		if err := s.engine(d, before).Run(ctx); err != nil {
			t.Fatal(err)
		}
		wantStatus(t, d, map[string]journal.Status{
			"/a/models/admin/a-m0/upgrade": journal.Started, "/a/models/admin/a-m1/upgrade": journal.Started,
		})
		w.blind["a-own"] = blindness{away(), forever()}
		if err := s.engine(d, before).Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		wantStatus(t, d, map[string]journal.Status{
			"/a/controller/upgrade":        journal.Failed,
			"/a/models/admin/a-m0/upgrade": journal.Done,
			"/a/models/admin/a-m1/verify":  journal.Done,
		})
	})
}

func TestABackupThatWasMovedToSafetyUndoesNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newController("a", 1)
		w := newWorld(a)
		a.models["a-m0"].sick = map[string]fleet.Condition{"unit app/0": {Status: "error"}}
		s := setup{world: w, goal: fleet.Goal{Backup: fleet.BackupAuto}, dir: t.TempDir(), options: plan.Options{Parallel: 1, MaxFailures: 1, Stall: time.Minute}}
		before := w.before()
		d := &diary{plan: s.plan()}
		if err := s.engine(d, before).Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		wantStatus(t, d, map[string]journal.Status{"/a/models/admin/a-m0/verify": journal.Failed})
		files, _ := filepath.Glob(filepath.Join(s.dir, "*"))
		if len(files) != 2 {
			t.Fatalf("files are %q", files)
		}
		for _, file := range files {
			if err := os.Remove(file); err != nil {
				t.Fatal(err)
			}
		}
		a.models["a-m0"].sick = nil
		if err := s.engine(d, before).Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		wantDone(t, d)
		if files, _ := filepath.Glob(filepath.Join(s.dir, "*")); len(files) > 0 {
			t.Errorf("a backup of what is upgraded already was made: %q", files)
		}
	})
}

func TestABackupLeftByACrashIsNeitherTrustedNorOverwritten(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(newController("a", 1))
		s := setup{world: w, goal: fleet.Goal{Backup: fleet.BackupAuto}, dir: t.TempDir()}
		left := filepath.Join(s.dir, "juju-backup-run1-a.tar.gz")
		if err := os.WriteFile(left, []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
		d := s.run(t)
		wantDone(t, d)
		if data, err := os.ReadFile(left); err != nil || string(data) != "half" {
			t.Errorf("what was there is now %q, %v", data, err)
		}
		if result := d.State().Steps["/a/backup"].Record.Result; result != filepath.Join(s.dir, "juju-backup-run1-a-2.tar.gz") {
			t.Errorf("the backup is in %q", result)
		}
	})
}

func TestAnAgentThatIsLostAfterItsArrivalIsARegression(t *testing.T) {
	before := fleet.ModelStatus{Agents: []fleet.Agent{{Kind: fleet.UnitAgent, Name: "app/0", State: fleet.Condition{Status: "idle"}, Health: fleet.Condition{Status: "active"}}}}
	after := fleet.ModelStatus{Agents: []fleet.Agent{{Kind: fleet.UnitAgent, Name: "app/0", State: fleet.Condition{Status: "lost"}, Health: fleet.Condition{Status: "unknown"}}}}
	if worse := fleet.Worse(fleet.HealthOf(before), fleet.HealthOf(after)); len(worse) != 1 || worse[0].After.Status != "lost" {
		t.Errorf("regressions are %+v", worse)
	}
}

func TestARefusalAfterABackupHasChangedNothing(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(newController("a", 1), newController("b", 1))
		w.refuse["a-own"] = []error{&fleet.Problem{Code: fleet.Refused, Text: "no"}}
		s := setup{world: w, goal: fleet.Goal{Backup: fleet.BackupAuto}, dir: t.TempDir()}
		d := s.run(t)
		wantStatus(t, d, map[string]journal.Status{
			"/a/controller/upgrade":       journal.Failed,
			"/b/models/admin/b-m0/verify": journal.Done,
		})
	})
}

func TestARequestThatHangsStalls(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(newController("a", 1))
		w.hang["a-m0"] = true
		d := setup{world: w}.run(t)
		wantStatus(t, d, map[string]journal.Status{"/a/models/admin/a-m0/upgrade": journal.Failed})
	})
}

func TestModelsThatThePlanDoesNotKnowAreNamedAtTheEnd(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(newController("a", 1))
		s := setup{world: w}
		d := &diary{plan: s.plan()}
		e := s.engine(d, w.before())
		e.Unplanned = func(context.Context) []string { return []string{"a:admin/new"} }
		if err := e.Run(t.Context()); err != nil {
			t.Fatal(err)
		}
		if got := d.State().Unplanned; len(got) != 1 || got[0] != "a:admin/new" {
			t.Errorf("unplanned are %q", got)
		}
	})
}

func TestNoMoreAgentsThanTheLimitRestartAtOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(newController("a", 4)) // of three agents each
		d := setup{world: w, options: plan.Options{Parallel: 4, Agents: 7, MaxFailures: 1}}.run(t)
		wantDone(t, d)
		if w.most != 2 {
			t.Errorf("%d models at once, want 2 for a limit of 7 agents", w.most)
		}
	})
}

func TestModelsOnOneKubernetesClusterAreUpgradedOneAfterTheOther(t *testing.T) {
	for _, c := range []struct {
		name       string
		clusters   []string
		perCluster int
		most       int
	}{
		{"one cluster", []string{"k:6443", "k:6443", "k:6443"}, 0, 1},
		{"two clusters", []string{"k:6443", "l:6443", "k:6443", "l:6443"}, 0, 2},
		{"one cluster beside machines", []string{"k:6443", "k:6443", "", ""}, 0, 3},
		{"one cluster, two at once", []string{"k:6443", "k:6443", "k:6443"}, 2, 2},
	} {
		t.Run(c.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w := newWorld(newController("a", len(c.clusters)))
				for i, cluster := range c.clusters {
					w.controllers["a-uuid"].models[fmt.Sprintf("a-m%d", i)].cluster = cluster
				}
				d := setup{world: w, options: plan.Options{Parallel: 4, PerCluster: c.perCluster, Agents: 200, MaxFailures: 1}}.run(t)
				wantDone(t, d)
				if w.most != c.most {
					t.Errorf("%d models at once, want %d", w.most, c.most)
				}
			})
		})
	}
}

func TestWhatHasOnePodOnlyBeginsAfterOthers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(newController("a", 3))
		for i := range 3 {
			w.controllers["a-uuid"].models[fmt.Sprintf("a-m%d", i)].cluster = "k:6443"
		}
		s := setup{world: w, options: plan.Options{Parallel: 4, Agents: 200, MaxFailures: 1}}
		d := &diary{plan: s.plan()}
		d.plan.Step("/a/models/admin/a-m0/upgrade").Fragile = true
		s.carry(t, d, w.before())
		wantDone(t, d)
		if d.Step("/a/models/admin/a-m0/upgrade").Began.Before(d.Step("/a/models/admin/a-m2/verify").Last) {
			t.Errorf("it did not wait:\n%s", d.sequence())
		}
	})
}

func TestAgentsOnSeveralClustersCountTogether(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(newController("a", 6)) // of three agents each
		for i := range 6 {
			w.controllers["a-uuid"].models[fmt.Sprintf("a-m%d", i)].cluster = fmt.Sprintf("k%d:6443", i)
		}
		d := setup{world: w, options: plan.Options{Parallel: 4, Agents: 7, MaxFailures: 1}}.run(t)
		wantDone(t, d)
		if w.most != 2 {
			t.Errorf("%d models at once, want 2 for a limit of 7 agents", w.most)
		}
	})
}

func TestARequestThatDoesNotShowYetIsNotRepeated(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newController("a", 1)
		a.models["a-m0"].lag = 20 * time.Second
		w := newWorld(a)
		d := setup{world: w}.run(t)
		wantDone(t, d)
		if w.asked["a-m0"] != 1 {
			t.Errorf("asked %d times", w.asked["a-m0"])
		}
	})
}

func TestAnArrivalIsBelievedWhenItIsSeenTwice(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := newWorld(newController("a", 1))
		w.flap["a-m0"] = true
		d := setup{world: w}.run(t)
		wantDone(t, d)
		// One look before the agent went away again, two for the arrival, and
		// one for the health.
		if w.whole["a-m0"] < 4 {
			t.Errorf("done after %d looks that saw it whole", w.whole["a-m0"])
		}
	})
}

func TestAControllerIsThereWhenItsLastServerIs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a := newController("a", 1)
		a.late = 3 * time.Minute
		w := newWorld(a)
		began := time.Now()
		d := setup{world: w}.run(t)
		wantDone(t, d)
		if at := d.State().Steps["/a/controller/upgrade"].Last.Sub(began); at < a.late {
			t.Errorf("done after %s, while a server was still at %s", at, old)
		}
	})
}
