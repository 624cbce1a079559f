package discover_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/juju/version/v2"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/discover"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

var now = time.Date(2026, 11, 22, 2, 0, 0, 0, time.UTC)

func options(parallel int) discover.Options {
	return discover.Options{Parallel: parallel, Now: func() time.Time { return now }}
}

// look looks at the named controllers, eight models at once.
func look(t *testing.T, j *juju, goal fleet.Goal, controllers ...string) fleet.Fleet {
	t.Helper()
	f, err := discover.Fleet(t.Context(), j, names(controllers...), goal, options(8))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func pattern(t *testing.T, s string) fleet.ModelPattern {
	t.Helper()
	p, err := fleet.ParseModelPattern(s)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// read names the models whose status is in the fleet.
func read(f fleet.Fleet) []string {
	var out []string
	for _, c := range f.Controllers {
		for _, m := range c.Models {
			if len(m.Status.Agents) > 0 {
				out = append(out, c.Name+":"+m.Name)
			}
		}
	}
	return out
}

func TestAWholeFleetIsSeenInTheOrderThatWasAsked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := newJuju(controller("a", 1), controller("b", 0))
		got := look(t, j, fleet.Goal{}, "b", "a")
		want := fleet.Fleet{Looked: now}
		for _, name := range []string{"b", "a"} {
			c := j.controllers[name]
			c.Aliases, c.Cloud = []string{name + "-alias"}, "aws"
			c.Servers = []fleet.Server{{Addresses: []string{"10.0.0.1:17070"}, Version: at}}
			c.Objections = &fleet.Objections{Chosen: version.MustParse("3.6.11")}
			c.Models = slices.Clone(c.Models)
			for i := range c.Models {
				m := &c.Models[i]
				m.Operations = 1
				m.Status = fleet.ModelStatus{Version: at, Agents: []fleet.Agent{{Kind: fleet.MachineAgent, Name: "0", Version: at}}}
			}
			want.Controllers = append(want.Controllers, c)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
	})
}

func TestLoginsComeOneAfterTheOther(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := newJuju(controller("a", 3), controller("b", 3), controller("c", 3))
		look(t, j, fleet.Goal{}, "c", "a", "b")
		if j.most["login"] != 1 {
			t.Errorf("%d logins at once", j.most["login"])
		}
		if want := []string{"c", "a", "b"}; !slices.Equal(j.order, want) {
			t.Errorf("logins were in the order %v, want %v", j.order, want)
		}
	})
}

func TestModelsAreReadInParallelWithinTheBound(t *testing.T) {
	for _, c := range []struct{ parallel, want int }{{0, 1}, {1, 1}, {4, 4}, {100, 42}} {
		t.Run(fmt.Sprint(c.parallel), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				j := newJuju(controller("a", 20), controller("b", 20))
				begin := time.Now()
				if _, err := discover.Fleet(t.Context(), j, names("a", "b"), fleet.Goal{}, options(c.parallel)); err != nil {
					t.Fatal(err)
				}
				if j.most["model"] != c.want {
					t.Errorf("%d models were read at once, want %d", j.most["model"], c.want)
				}
				if c.parallel == 100 && time.Since(begin) > 4*j.takes {
					t.Errorf("it took %s: not all that could go at once did", time.Since(begin))
				}
			})
		})
	}
}

func TestWhatDoesNotAnswerIsAFactAndTheRestIsRead(t *testing.T) {
	gone := &fleet.Problem{Code: fleet.Unreachable, Text: "connection refused", Remedy: "juju controllers --refresh"}
	for _, call := range []string{"login b", "controller b"} {
		t.Run(call, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				j := newJuju(controller("a", 1), controller("b", 5), controller("c", 1))
				j.broken[call] = fmt.Errorf("cannot look at b: %w", gone)
				f := look(t, j, fleet.Goal{}, "a", "b", "c")
				want := []string{"a:admin/controller", "a:admin/m0", "c:admin/controller", "c:admin/m0"}
				if got := read(f); !slices.Equal(got, want) {
					t.Errorf("read were %v, want %v", got, want)
				}
				b := f.Controllers[1]
				if b.UUID != "b-uuid" || b.Name != "b" || !slices.Equal(b.Aliases, []string{"b-alias"}) {
					t.Errorf("it is not known by its names: %+v", b)
				}
				wantProblem(t, b.Problem, fleet.Unreachable, "cannot look at b: connection refused", gone.Remedy)
				if n := j.calls["objections b"] + j.calls["model b/admin/m0"]; n > 0 {
					t.Errorf("it was asked %d more times", n)
				}
			})
		})
	}
}

func wantProblem(t *testing.T, got *fleet.Problem, code fleet.ProblemCode, text, remedy string) {
	t.Helper()
	if want := (&fleet.Problem{Code: code, Text: text, Remedy: remedy}); !cmp.Equal(want, got) {
		t.Errorf("the problem is %+v, want %+v", got, want)
	}
}

func TestAModelThatDoesNotAnswerIsAFact(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := newJuju(controller("a", 3))
		j.broken["model a/admin/m1"] = &fleet.Problem{Code: fleet.Forbidden, Text: "permission denied"}
		j.broken["model a/admin/controller"] = errors.New("something else")
		c := look(t, j, fleet.Goal{}, "a").Controllers[0]
		if c.Problem != nil {
			t.Errorf("the controller has a problem: %+v", c.Problem)
		}
		wantProblem(t, c.Models[0].Problem, fleet.Other, "something else", "")
		wantProblem(t, c.Models[2].Problem, fleet.Forbidden, "permission denied", "")
		if m := c.Models[2]; m.Name != "admin/m1" || m.Version != at {
			t.Errorf("what was known of it is lost: %+v", m)
		}
		for _, i := range []int{1, 3} {
			if c.Models[i].Problem != nil || len(c.Models[i].Status.Agents) == 0 {
				t.Errorf("the others suffer: %+v", c.Models[i])
			}
		}
	})
}

func TestModelsOutsideTheGoalAreNotRead(t *testing.T) {
	for name, c := range map[string]struct {
		goal fleet.Goal
		want []string
	}{
		"some":       {fleet.Goal{Include: []fleet.ModelPattern{pattern(t, "m0")}}, []string{"a:admin/controller", "a:admin/m0", "b:admin/controller", "b:admin/m0"}},
		"of one":     {fleet.Goal{Include: []fleet.ModelPattern{pattern(t, "b:m*")}}, []string{"a:admin/controller", "b:admin/controller", "b:admin/m0", "b:admin/m1"}},
		"by alias":   {fleet.Goal{Include: []fleet.ModelPattern{pattern(t, "a-alias:m1")}}, []string{"a:admin/controller", "a:admin/m1", "b:admin/controller"}},
		"but one":    {fleet.Goal{Exclude: []fleet.ModelPattern{pattern(t, "a:*/m1")}}, []string{"a:admin/controller", "a:admin/m0", "b:admin/controller", "b:admin/m0", "b:admin/m1"}},
		"not at all": {fleet.Goal{Exclude: []fleet.ModelPattern{pattern(t, "*")}}, []string{"a:admin/controller", "b:admin/controller"}},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				j := newJuju(controller("a", 2), controller("b", 2))
				f := look(t, j, c.goal, "a", "b")
				if got := read(f); !slices.Equal(got, c.want) {
					t.Errorf("read were %v, want %v", got, c.want)
				}
				asked := 0
				for call, n := range j.calls {
					if strings.HasPrefix(call, "model ") {
						asked += n
					}
				}
				if asked != len(c.want) {
					t.Errorf("%d models were asked for, %d are to be read", asked, len(c.want))
				}
				for _, c := range f.Controllers {
					if len(c.Models) != 3 {
						t.Errorf("%s is said to have %d models", c.Name, len(c.Models))
					}
				}
			})
		})
	}
}

func TestCallsAreAsManyForAnyNumberOfModels(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := newJuju(controller("a", 0), controller("b", 50))
		look(t, j, fleet.Goal{}, "a", "b")
		if len(j.calls) != 2*3+52 {
			t.Errorf("%d different calls", len(j.calls))
		}
		for call, n := range j.calls {
			if n != 1 {
				t.Errorf("%s was made %d times", call, n)
			}
		}
	})
}

func TestObjectionsAreAskedOnlyWhereTheyMatter(t *testing.T) {
	target := version.MustParse("3.6.9")
	for name, c := range map[string]struct {
		goal   fleet.Goal
		change func(*fleet.Controller)
		want   int
	}{
		"a controller":             {want: 1},
		"to a version":             {goal: fleet.Goal{AgentVersion: target}, want: 1},
		"models and controller":    {goal: fleet.Goal{Include: []fleet.ModelPattern{{Name: "m0"}}, WithController: true}, want: 1},
		"models alone":             {goal: fleet.Goal{Include: []fleet.ModelPattern{{Name: "m0"}}}},
		"by one who may not":       {change: func(c *fleet.Controller) { c.Access = fleet.AccessLogin }},
		"while it is upgrading":    {change: func(c *fleet.Controller) { c.Upgrading = target }},
		"and it shows nothing now": {change: func(c *fleet.Controller) { c.Upgrading, c.Models = target, nil }},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				a := controller("a", 1)
				if c.change != nil {
					c.change(&a)
				}
				j := newJuju(a)
				got := look(t, j, c.goal, "a").Controllers[0].Objections
				if n := j.calls["objections a"]; n != c.want || (got != nil) != (c.want == 1) {
					t.Errorf("it was asked %d times, want %d; it answered %v", n, c.want, got)
				}
				if j.target["a"] != c.goal.AgentVersion {
					t.Errorf("it was asked about %s, want %s", j.target["a"], c.goal.AgentVersion)
				}
			})
		})
	}
}

func TestObjectionsThatCannotBeAskedAreAProblemOfTheirOwn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := newJuju(controller("a", 1))
		j.broken["objections a"] = &fleet.Problem{Code: fleet.Unsupported, Text: "no such call"}
		c := look(t, j, fleet.Goal{}, "a").Controllers[0]
		if c.Problem != nil || len(read(fleet.Fleet{Controllers: []fleet.Controller{c}})) != 2 {
			t.Errorf("the controller was not read: %+v", c)
		}
		wantProblem(t, c.Objections.Problem, fleet.Unsupported, "no such call", "")
	})
}

func TestALookThatIsCutShortReturnsAtOnce(t *testing.T) {
	for name, c := range map[string]struct {
		after  time.Duration
		logins int
	}{
		"before":        {after: 0, logins: 0},
		"in a login":    {after: 1500 * time.Millisecond, logins: 2},
		"in the models": {after: 4500 * time.Millisecond, logins: 3},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				j := newJuju(controller("a", 50), controller("b", 50), controller("c", 50))
				ctx, cancel := context.WithCancel(t.Context())
				if c.after == 0 {
					cancel()
				}
				timer := time.AfterFunc(c.after, func() {
					j.mu.Lock()
					j.stuck = true // what begins from now on does not end by itself
					j.mu.Unlock()
					cancel()
				})
				defer timer.Stop()
				begin := time.Now()
				_, err := discover.Fleet(ctx, j, names("a", "b", "c"), fleet.Goal{}, options(4))
				if !errors.Is(err, context.Canceled) {
					t.Errorf("the error is %v", err)
				}
				if took := time.Since(begin) - c.after; took > 0 {
					t.Errorf("it returned %s late", took)
				}
				if len(j.order) != c.logins {
					t.Errorf("%d logins were begun, want %d", len(j.order), c.logins)
				}
			})
		})
	}
}

// With -race this holds that nothing is written that others read.
func TestALargeFleetIsReadWhole(t *testing.T) {
	var all []fleet.Controller
	var list []string
	for i := range 20 {
		name := fmt.Sprintf("c%d", i)
		all, list = append(all, controller(name, 50)), append(list, name)
	}
	j := newJuju(all...)
	j.takes = time.Microsecond // real time: goroutines really run at once
	f := look(t, j, fleet.Goal{}, list...)
	if got := len(read(f)); got != 20*51 {
		t.Errorf("%d models were read, want %d", got, 20*51)
	}
	if j.most["model"] > 8 {
		t.Errorf("%d models were read at once", j.most["model"])
	}
}
