package execute_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/journal"
)

func TestModelsMoveWhenAllServersServe(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, s := making(1, 3)
		before := w.before()
		d := &diary{plan: s.plan()}
		notes := s.watched(t, d, before, "/t/enable-ha")
		wantDone(t, d)
		wantMade(t, w, 1, 3)
		for _, want := range []string{"1 of 3 servers serve and vote", "2 of 3 servers serve and vote"} {
			if !slices.Contains(notes, want) {
				t.Errorf("told was %q, and not %q", slices.Compact(notes), want)
			}
		}
		step := d.Step("/t/enable-ha")
		if took := step.Last.Sub(step.Began); took < 2*haTime || step.Record.There != 3 || step.Record.Awaited != 3 {
			t.Errorf("it took %s: %+v", took, step.Record)
		}
	})
}

func TestServersThatACloudDoesNotMakeAreAskedOfTheOperatorOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, s := making(2, 3)
		before := w.before()
		d := &diary{plan: s.plan()}
		w.ha.Makes, w.ha.Spare = false, []string{"1"}
		s.carry(t, d, before)
		r := d.Step("/t/enable-ha").Record
		wantTold(t, r, "juju add-machine -m t:admin/controller", "1 of its own model could become servers, of 2", "models do not move before t has 3 servers")
		wantTold(t, r, "juju upgrade-all resume 1")
		wantUntold(t, r, "juju-ha-space", "juju enable-ha")
		if last := r.Fix[len(r.Fix)-1]; last != "or without them: juju upgrade-all abandon 1; juju upgrade-all plan -c a --to t" || r.Changed || w.haAsks > 0 || len(w.migrated) > 0 || len(w.added) > 0 {
			t.Errorf("at last %q, changed %v, asked %d times, migrated %v, made %v", last, r.Changed, w.haAsks, w.migrated, w.added)
		}
		w.ha.Spare = []string{"1", "2"}
		s.carry(t, d, before)
		wantDone(t, d)
		wantMade(t, w, 2, 3)
	})
}

// wantUntold wants none of these among what is told to type.
func wantUntold(t *testing.T, r journal.Record, untrue ...string) {
	t.Helper()
	for _, text := range untrue {
		if strings.Contains(strings.Join(r.Fix, "\n"), text) {
			t.Errorf("to type is %q", r.Fix)
		}
	}
}

// TestServersThatJujuRefusesAreAskedForAsJujuWantsThem: machines are not what is lacking
// where the cloud makes them.
func TestServersThatJujuRefusesAreAskedForAsJujuWantsThem(t *testing.T) {
	for name, c := range map[string]struct {
		no     fleet.Problem
		fix    []string
		untold []string
	}{
		"several networks": {
			fleet.Problem{Code: fleet.Refused, Text: "juju-ha-space is not set and a unique usable address was not found for machines: 0"},
			[]string{"juju controller-config -c t juju-ha-space=SPACE", "juju enable-ha -c t -n 3"}, []string{"add-machine", "enable-command"},
		},
		"disabled": {
			fleet.Problem{Code: fleet.Blocked, Text: "the operation has been blocked"},
			[]string{"juju enable-command all -m t:admin/controller"}, []string{"add-machine", "juju-ha-space"},
		},
		"not allowed": {
			fleet.Problem{Code: fleet.Forbidden, Text: "permission denied"},
			[]string{"juju status -m t:admin/controller"}, []string{"add-machine", "juju-ha-space", "enable-command"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, s := making(2, 3)
				before := w.before()
				d := &diary{plan: s.plan()}
				w.refuse["enable-ha"] = []error{&c.no}
				s.carry(t, d, before)
				r := d.Step("/t/enable-ha").Record
				for _, fix := range append(c.fix, "juju upgrade-all resume 1") {
					wantTold(t, r, fix, c.no.Text, "models do not move before t has 3 servers")
				}
				wantUntold(t, r, c.untold...)
				if len(w.migrated) > 0 || w.haAsks != 1 {
					t.Errorf("migrated %v, asked %d times", w.migrated, w.haAsks)
				}
				// By hand, as Juju wants it.
				w.ha = fleet.HA{Servers: 3, Well: 3, Makes: true}
				s.carry(t, d, before)
				wantDone(t, d)
				wantMade(t, w, 2, 3)
			})
		})
	}
}

func TestServersThatAreThereOrComingAreNotAskedForAgain(t *testing.T) {
	for name, ha := range map[string]fleet.HA{"there": {Servers: 3, Well: 3}, "more than wanted": {Servers: 5, Well: 4}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, s := making(1, 3)
				d := &diary{plan: s.plan()}
				w.ha = ha
				s.carry(t, d, w.before())
				wantDone(t, d)
				if r := d.Step("/t/enable-ha").Record; w.haAsks > 0 || r.Changed || r.There != 3 {
					t.Errorf("asked %d times, %+v", w.haAsks, r)
				}
			})
		})
	}
}

// TestServersThatNeverVoteStallTheStepAndNoModelMoves: two of three are no safer.
func TestServersThatNeverVoteStallTheStepAndNoModelMoves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, s := making(1, 3)
		d := &diary{plan: s.plan()}
		w.ha = fleet.HA{Servers: 3, Well: 2}
		s.carry(t, d, w.before())
		wantTold(t, d.Step("/t/enable-ha").Record, "juju status -m t:admin/controller", "2 of 3 servers serve and vote")
		if strings.Contains(strings.Join(d.Step("/t/enable-ha").Record.Fix, " "), "add-machine") || len(w.migrated) > 0 {
			t.Errorf("to type is %q, migrated %v", d.Step("/t/enable-ha").Record.Fix, w.migrated)
		}
	})
}

func TestWhatIsThereAlreadyIsLeftAsItIs(t *testing.T) {
	for name, c := range map[string]struct {
		there  func(w *makeWorld)
		result string
	}{
		"the same":      {func(w *makeWorld) { w.items["t-uuid"]["clouds/aws"] = "ec2" }, ""},
		"another":       {func(w *makeWorld) { w.items["t-uuid"]["clouds/aws"] = "theirs" }, "is there, differs, and is left as it is"},
		"made just now": {func(w *makeWorld) { w.overtakes = "clouds/aws" }, "is there, differs, and is left as it is"},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, s := making(2, 1)
				d := &diary{plan: s.plan()}
				c.there(w)
				is := w.items["t-uuid"]["clouds/aws"]
				s.carry(t, d, w.before())
				wantDone(t, d)
				wantLawful(t, w.world)
				if r := d.Step("/t/clouds/aws").Record; r.Result != c.result || w.cloned["clouds/aws"] > 0 {
					t.Errorf("%q, cloned %d times", r.Result, w.cloned["clouds/aws"])
				}
				if now := w.items["t-uuid"]["clouds/aws"]; is != "" && now != is || is == "" && now != "theirs" {
					t.Errorf("it is %q now", now)
				}
				if len(w.migrated) != 2 {
					t.Errorf("migrated %v", w.migrated)
				}
			})
		})
	}
}

func TestWhatTheSourceNoLongerHasIsSkipped(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, s := making(2, 1)
		d := &diary{plan: s.plan()}
		delete(w.items["a-uuid"], "clouds/aws/access/alice")
		s.carry(t, d, w.before())
		wantStatus(t, d, map[string]journal.Status{
			"/t/clouds/aws/access/alice": journal.Skipped, "/t/models/admin/a-m0/verify": journal.Done, "/t/models/admin/a-m1/verify": journal.Done,
		})
		if r := d.Step("/t/clouds/aws/access/alice").Record; d.State().Unfinished() || !strings.Contains(r.Detail, "a does not have it any more") {
			t.Errorf("unfinished %v: %+v", d.State().Unfinished(), r)
		}
	})
}

func TestAnItemThatIsRefusedHoldsOnlyTheModelsThatNeedIt(t *testing.T) {
	for path, c := range map[string]struct {
		held    string
		fix     string
		meaning string
	}{
		"clouds/aws":                              {"a-m0", "juju show-cloud -c a aws", "models of that cloud do not move before t has it"},
		"secret-backends/vault":                   {"a-m1", "juju show-secret-backend -c a vault", "models with secrets there do not move before t has it"},
		"clouds/aws/access/alice":                 {"", "juju clouds -c t", "models move without it"},
		"config/audit-log-max-size":               {"", "juju controller-config -c t audit-log-max-size", "models move without it"},
		"model-defaults/aws/eu-west-1/http-proxy": {"", "juju model-defaults -c t http-proxy", "models move without it"},
	} {
		t.Run(path, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				w, s := making(2, 1)
				w.refuse["clone "+path] = []error{&fleet.Problem{Code: fleet.Refused, Text: "its server does not answer", Remedy: "juju do-something"}}
				before := w.before()
				d := &diary{plan: s.plan()}
				s.carry(t, d, before)
				r := d.Step("/t/" + path).Record
				wantTold(t, r, c.fix, "cannot clone "+path+" to t: its server does not answer", c.meaning)
				wantTold(t, r, "juju upgrade-all resume 1")
				wantTold(t, r, "juju do-something")
				for _, m := range []string{"a-m0", "a-m1"} {
					want := journal.Done
					if m == c.held {
						want = journal.Held
					}
					if status := d.Step("/a/models/admin/" + m + "/migrate").Status; status != want {
						t.Errorf("%s is %s, want %s", m, status, want)
					}
				}
				s.carry(t, d, before)
				wantDone(t, d)
				wantMade(t, w, 2, 1)
			})
		})
	}
}

func TestAnItemWhoseAnswerWasLostIsClonedOnce(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, s := making(2, 1)
		for path := range w.items["a-uuid"] {
			w.lose["clone "+path] = []error{away()}
		}
		d := s.run(t)
		wantDone(t, d)
		wantMade(t, w, 2, 1)
	})
}

func TestAKnownPasswordIsAskedForAndTheUserIsMadeWithItAlone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, s := making(2, 1)
		passwords := w.known
		w.known = map[string]fleet.Secret{"other": "x"}
		before := w.before()
		d := &diary{plan: s.plan()}
		s.carry(t, d, before)
		r := d.Step("/t/users/svc").Record
		wantTold(t, r, "juju upgrade-all resume 1 --password-file FILE", "is in no file of the run's", "no model that svc has access to moves")
		if _, intended := w.kept["svc"]; intended || w.added["svc"] > 0 || r.Changed || w.added["alice"] != 1 {
			t.Errorf("intended %v, made %v, changed %v", intended, w.added, r.Changed)
		}
		w.known = passwords
		s.carry(t, d, before)
		wantDone(t, d)
		wantMade(t, w, 2, 1)
	})
}

// TestAUserWithAPasswordWhoIsMadeNeedsItNoMore: a resume without the file goes on.
func TestAUserWithAPasswordWhoIsMadeNeedsItNoMore(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, s := making(2, 1)
		w.killOn = "add user svc"
		before := w.before()
		d := &diary{plan: s.plan()}
		if !w.killed(t.Context(), s, d, before, 0, true) || w.added["svc"] != 1 || d.Step("/t/users/svc").Status == journal.Done {
			t.Fatalf("svc was made %d times, and is %s", w.added["svc"], d.Step("/t/users/svc").Status)
		}
		passwords := w.known
		w.known = nil
		s.carry(t, d, before)
		w.known = passwords
		wantDone(t, d)
		wantMade(t, w, 2, 1)
	})
}

func TestAServiceWhoseUserSomebodyElseMadeKeepsItsPassword(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, s := making(2, 1)
		w.overtake = "svc"
		d := s.run(t)
		wantDone(t, d)
		if w.given["svc"] != "" || w.added["svc"] > 0 {
			t.Errorf("given %v, made %v", w.given, w.added)
		}
	})
}

// TestAUserWhoHasComeIsNotGivenAnotherString: though the first one was lost.
func TestAUserWhoHasComeIsNotGivenAnotherString(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w, s := making(2, 1)
		w.killOn = "keep alice"
		before, d := w.before(), &diary{plan: s.plan()}
		if !w.killed(t.Context(), s, d, before, 0, false) {
			t.Fatal("it was not killed")
		}
		w.users["alice"].LastLogin = time.Now()
		s.carry(t, d, before)
		wantDone(t, d)
		if w.registered["alice"] != 1 {
			t.Errorf("alice was given %d strings", w.registered["alice"])
		}
	})
}

// TestAUserWhoComesBeforeTheGrantGetsTheAccessAllTheSame: the string was kept, so it may
// have been sent; and who had it may have been quicker than the run.
func TestAUserWhoComesBeforeTheGrantGetsTheAccessAllTheSame(t *testing.T) {
	for _, at := range []string{"keep alice", "grant alice"} {
		for _, effect := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s, with effect %v", at, effect), func(t *testing.T) {
				synctest.Test(t, func(t *testing.T) {
					w, s := making(2, 1)
					w.killOn = at
					before, d := w.before(), &diary{plan: s.plan()}
					if !w.killed(t.Context(), s, d, before, 0, effect) {
						t.Fatal("it was not killed")
					}
					w.users["alice"].LastLogin = time.Now()
					s.carry(t, d, before)
					wantDone(t, d)
					if alice := w.users["alice"]; alice.Access != "superuser" || w.registered["alice"] != 1 {
						t.Errorf("alice is %+v, and was given %d strings", alice, w.registered["alice"])
					}
				})
			})
		}
	}
}
