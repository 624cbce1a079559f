package execute_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/juju/version/v2"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/journal"
)

// wantMade wants n models on a controller that was made once, with all that there is.
func wantMade(t *testing.T, w *makeWorld, n, servers int) {
	t.Helper()
	wantLawful(t, w.world)
	if len(w.target.models) != n+1 || len(w.accounts()) > 0 {
		t.Errorf("%d models are there, want %d and its own; accounts left are %q", len(w.target.models), n, w.accounts())
	}
	for uuid, homes := range w.homes() {
		if homes != 1 {
			t.Errorf("%s is on %d controllers", uuid, homes)
		}
	}
	if w.begun("bootstrap") != 1 {
		t.Errorf("%d bootstraps were begun", w.begun("bootstrap"))
	}
	for path, want := range w.items["a-uuid"] {
		if got := w.items["t-uuid"][path]; got != want || w.cloned[path] != 1 {
			t.Errorf("%s is %q there, want %q; it was cloned %d times", path, got, want, w.cloned[path])
		}
	}
	for _, name := range []string{"alice", "bob", "svc"} {
		if w.users[name] == nil || w.added[name] != 1 {
			t.Errorf("%s is %+v, made %d times", name, w.users[name], w.added[name])
		}
	}
	if wrong := w.wrong(); len(wrong) > 0 {
		t.Errorf("users cannot log in: %q", wrong)
	}
	if a := w.users["alice"]; a == nil || a.Access != "superuser" || a.DisplayName != "Alice" || a.Disabled || !w.users["bob"].Disabled {
		t.Errorf("alice is %+v, bob %+v", a, w.users["bob"])
	}
	if ha, want := w.ha.Servers, max(1, servers); ha != want || want > 1 && w.haAsks != 1 {
		t.Errorf("it has %d servers, want %d, and was asked %d times", ha, want, w.haAsks)
	}
}

func TestAControllerIsMadeGivenEverythingAndMovedTo(t *testing.T) {
	for _, servers := range []int{1, 3} {
		synctest.Test(t, func(t *testing.T) {
			w, s := making(3, servers)
			d := s.run(t)
			wantDone(t, d)
			wantMade(t, w, 3, servers)
			want := []string{"bootstrap", "aws/eu-west-1", "t", "--no-switch", "--config", "set-numa-control-policy=true", "--constraints", "mem=8G"}
			if e := w.last("bootstrap"); e.program != "/bin/juju" || !reflect.DeepEqual(e.args, want) {
				t.Errorf("%s was run with %q", e.program, e.args)
			}
			if state := d.State(); state.Made != (fleet.Ref{UUID: "t-uuid", Name: "t"}) || state.Target() != state.Made {
				t.Errorf("the journal has made %+v, its target is %+v", state.Made, state.Target())
			}
			boot := d.State().Steps["/t/bootstrap"]
			if took := boot.Last.Sub(boot.Began); took < addressed+starting || boot.Record.Result != "t-uuid" || !boot.Changed {
				t.Errorf("the bootstrap took %s: %+v", took, boot.Record)
			}
			if !w.followed["a-m0"] || w.given["svc"].Reveal() != "hunter2-planted" {
				t.Errorf("followed %v, given %v", w.followed, w.given)
			}
		})
	}
}

// TestNothingIsDoneForAControllerBeforeItIsThere: in the order of the journal.
func TestNothingIsDoneForAControllerBeforeItIsThere(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		_, s := making(1, 3)
		d := s.run(t)
		wantDone(t, d)
		at := map[string]int{}
		for _, r := range d.records {
			at[string(r.Status)+" "+r.Step] = r.Seq
		}
		for _, order := range [][2]string{
			{"done /t/bootstrap", "started /t/enable-ha"},
			{"done /t/enable-ha", "started /t/users/alice"},
			{"done /t/enable-ha", "started /t/secret-backends/vault"},
			{"done /t/clouds/aws", "started /t/clouds/aws/access/alice"},
			{"done /t/users/alice", "started /t/clouds/aws/access/alice"},
			{"done /t/clouds/aws", "started /a/models/admin/a-m0/migrate"},
		} {
			if first, second := at[order[0]], at[order[1]]; first == 0 || second == 0 || first > second {
				t.Errorf("%s is record %d, and %s %d", order[0], first, order[1], second)
			}
		}
	})
}

// TestAMakingKilledAtAnyAppendIsCompletedByResume kills the run at every append,
// before and after the record is durable.
func TestAMakingKilledAtAnyAppendIsCompletedByResume(t *testing.T) {
	appends := 0
	synctest.Test(t, func(t *testing.T) {
		_, s := making(2, 3)
		appends = len(s.run(t).records)
	})
	if appends < 40 {
		t.Fatalf("only %d appends: the run did not do its work", appends)
	}
	for at := 1; at <= appends; at++ {
		for _, durable := range []bool{false, true} {
			t.Run(fmt.Sprintf("append %d, durable %v", at, durable), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w, s := making(2, 3)
					before := w.before()
					d := &diary{plan: s.plan(), killAt: at, durable: durable}
					if err := s.engine(d, before).Run(t.Context()); err == nil {
						t.Fatal("it was not killed")
					}
					d.dead, d.killAt = false, 0
					s.carry(t, d, before)
					wantDone(t, d)
					wantMade(t, w, 2, 3)
				})
			})
		}
	}
}

// TestAMakingKilledAtAnyWriteIsCompletedByResume kills the process at everything that
// changes something, just before it and just after it: users, strings, items, servers.
func TestAMakingKilledAtAnyWriteIsCompletedByResume(t *testing.T) {
	for _, effect := range []bool{false, true} {
		for at, more := 1, true; more; at++ {
			t.Run(fmt.Sprintf("write %d, with effect %v", at, effect), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w, s := making(2, 3)
					before := w.before()
					d := &diary{plan: s.plan()}
					if more = w.killed(t.Context(), s, d, before, at, effect); !more && at < 25 {
						t.Errorf("there were only %d writes", at-1)
					}
					t.Logf("killed at %v", w.writes[min(at, len(w.writes))-1])
					time.Sleep(time.Second)
					s.carry(t, d, before)
					wantDone(t, d)
					wantMade(t, w, 2, 3)
				})
			})
		}
	}
}

// TestAMakingKilledAtAnyTimeIsCompletedByResume kills the process at many instants,
// and takes the run up soon, or much later.
func TestAMakingKilledAtAnyTimeIsCompletedByResume(t *testing.T) {
	for _, away := range []time.Duration{time.Second, time.Hour} {
		for after := 300 * time.Millisecond; after < 230*time.Second; after += 3700 * time.Millisecond {
			t.Run(fmt.Sprintf("after %s, for %s", after, away), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w, s := making(2, 3)
					before := w.before()
					d := &diary{plan: s.plan()}
					s.until(t, d, before, after)
					time.Sleep(away)
					s.carry(t, d, before)
					wantDone(t, d)
					wantMade(t, w, 2, 3)
				})
			})
		}
	}
}

// untilMade carries out a run of one model whose process dies when the controller was
// made, before anything has moved.
func untilMade(t *testing.T) (*makeWorld, setup, *diary, map[string]fleet.Health) {
	t.Helper()
	w, s := making(1, 1)
	before := w.before()
	d := &diary{plan: s.plan(), killAt: 3, durable: true}
	s.until(t, d, before, time.Hour)
	d.killAt = 0
	if d.Step("/t/bootstrap").Status != journal.Done || len(w.migrated) > 0 {
		t.Fatalf("the bootstrap is %+v, migrated %v", d.Step("/t/bootstrap"), w.migrated)
	}
	return w, s, d, before
}

// TestAResumedRunLooksAgainAtTheControllerThatItMade: and never says what is true only of
// one that is yet to be made.
func TestAResumedRunLooksAgainAtTheControllerThatItMade(t *testing.T) {
	for name, c := range map[string]struct {
		change     func(*makeWorld)
		tells, fix string
	}{
		"another one has its name": {
			func(w *makeWorld) { w.registry["t"] = &entry{"other-uuid", true} },
			"this client knows another controller of that name: other-uuid", "juju show-controller t",
		},
		"it is of an earlier version": {func(w *makeWorld) { w.target.models["t-own"].version = old }, "is at 3.6.4", "juju show-controller t"},
		"it does not answer":          {func(w *makeWorld) { w.lost = true }, "connection refused", "juju status -m t:admin/controller"},
		"it has no address any more": {
			func(w *makeWorld) { w.forget("t"); w.registry["t"] = &entry{"t-uuid", false} },
			"has no address for it any more", "juju login -c t",
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, s, d, before := untilMade(t)
				c.change(w)
				n := len(w.writes)
				s.carry(t, d, before)
				r := d.Step("/t/bootstrap").Record
				wantTold(t, r, c.fix, c.tells)
				wantTold(t, r, "juju upgrade-all abandon 1")
				for _, untrue := range []string{"othing has moved", "ootstraps anew"} {
					if strings.Contains(r.Meaning+strings.Join(r.Fix, " "), untrue) {
						t.Errorf("it says %q:\n%s\n%q", untrue, r.Meaning, r.Fix)
					}
				}
				if w.begun("bootstrap") != 1 || len(w.migrated) > 0 || len(w.writes) > n {
					t.Errorf("%d bootstraps, migrated %v, written %q", w.begun("bootstrap"), w.migrated, w.writes[n:])
				}
			})
		})
	}
}

// TestAControllerThatWasMadeMayHaveChangedSince: what it was waited for when it came up is
// not waited for again.
func TestAControllerThatWasMadeMayHaveChangedSince(t *testing.T) {
	for name, change := range map[string]func(own *model){
		"another machine is down": func(own *model) {
			own.agents, own.never = append(own.agents, "machine 1"), map[string]bool{"machine 1": true}
		},
		"a unit is down": func(own *model) {
			own.agents, own.never = append(own.agents, "unit controller/1"), map[string]bool{"unit controller/1": true}
		},
		"somebody has patched it": func(own *model) { own.version = version.MustParse("3.6.12") },
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, s, d, before := untilMade(t)
				change(w.target.models["t-own"])
				began := time.Now()
				s.carry(t, d, before)
				wantDone(t, d)
				wantMade(t, w, 1, 1)
				if took := time.Since(began); took > 5*time.Minute {
					t.Errorf("it took %s", took)
				}
			})
		})
	}
}

func TestALaterProcessKnowsTheControllerFromTheJournal(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, s, d, before := untilMade(t)
		state := d.State()
		if made := state.Target(); made.UUID != "t-uuid" {
			t.Fatalf("the target is %+v", made)
		}
		for _, step := range state.Plan.Steps {
			if step.Target.UUID != "" {
				t.Errorf("the plan was changed: %+v", step)
			}
			if step.OnTarget() && state.Resolve(step.Target).UUID != "t-uuid" {
				t.Errorf("%s is about %+v", step.ID, state.Resolve(step.Target))
			}
		}
		// By another name now: the journal has the UUID.
		w.registry["renamed"] = w.registry["t"]
		s.carry(t, d, before)
		wantDone(t, d)
		wantMade(t, w, 1, 1)
	})
}
