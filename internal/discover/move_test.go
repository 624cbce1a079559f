package discover_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/juju/version/v2"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

func (j *juju) Holdings(ctx context.Context, c fleet.Controller) (fleet.Holdings, error) {
	err := j.call(ctx, "holdings", c.Name)
	return fleet.Holdings{Users: []fleet.User{{Name: c.Name + "-user"}}}, err
}

func (j *juju) Belongings(ctx context.Context, source, target fleet.Controller, models []fleet.Model) (map[string]fleet.Belongings, error) {
	err := j.call(ctx, "belongings", source.Name+" to "+target.Name)
	out := map[string]fleet.Belongings{}
	for _, m := range models {
		out[m.UUID] = fleet.Belongings{Owner: "of " + m.Name}
	}
	return out, err
}

func (j *juju) Charms(ctx context.Context, c fleet.Controller, m fleet.Model) ([]fleet.Charm, error) {
	err := j.call(ctx, "charms", c.Name+"/"+m.Name)
	return []fleet.Charm{{Application: "app"}}, err
}

func (j *juju) Applications(ctx context.Context, c fleet.Controller, m fleet.Model, wanted func(string) bool) ([]fleet.Application, error) {
	err := j.call(ctx, "applications", c.Name+"/"+m.Name)
	var out []fleet.Application
	for _, app := range m.Status.Applications {
		if wanted(app.Name) {
			app.Release = &fleet.Release{URL: app.URL, Revision: app.Revision()}
			out = append(out, app)
		}
	}
	return out, err
}

func (j *juju) MoveRefusal(ctx context.Context, source, _ fleet.Controller, m fleet.Model) (*fleet.Problem, error) {
	return nil, j.call(ctx, "refusal", source.Name+"/"+m.Name)
}

func moveGoal() fleet.Goal { return fleet.Goal{To: fleet.Ref{UUID: "t-uuid", Name: "t"}} }

// versioned is a controller of another version.
func versioned(name string, models int, v string) fleet.Controller {
	c := controller(name, models)
	c.Version = version.MustParse(v)
	return c
}

func TestTheTargetOfAMoveIsSeenAndWhatModelsBringAlong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := newJuju(controller("a", 2), versioned("t", 3, "3.6.11"))
		f := look(t, j, moveGoal(), "a")
		if f.Target == nil || f.Target.Version.String() != "3.6.11" || f.Target.Holdings == nil || len(f.Target.Models) != 4 {
			t.Fatalf("the target is %+v", f.Target)
		}
		if h := f.Controllers[0].Holdings; h == nil || h.Users[0].Name != "a-user" {
			t.Errorf("the source has %+v", h)
		}
		for _, m := range f.Controllers[0].Models {
			if (m.Belongings != nil) == m.IsController {
				t.Errorf("of %s is known: %+v", m.Name, m.Belongings)
			}
		}
		if j.calls["objections t"] > 0 || j.calls["model t/admin/m0"] > 0 || j.calls["model t/admin/controller"] != 1 {
			t.Errorf("of the target more was asked than matters: %v", j.calls)
		}
		for call := range j.calls {
			if strings.HasPrefix(call, "charms") {
				t.Errorf("charms were read for a target that wants nothing of them: %s", call)
			}
		}
	})
}

func TestCharmsAreReadWhereTheTargetWantsSomethingOfThem(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := newJuju(controller("a", 2), versioned("t", 0, "4.1.0"))
		f := look(t, j, moveGoal(), "a")
		for _, m := range f.Controllers[0].Models {
			if !m.IsController && len(m.Belongings.Charms) != 1 {
				t.Errorf("%s has the charms %v", m.Name, m.Belongings.Charms)
			}
		}
	})
}

func TestTheSourceIsNotAskedForMoreThanTheTargetHas(t *testing.T) {
	for to, want := range map[string]string{"3.6.9": "3.6.9", "3.6.11": "0.0.0", "3.6.4": "0.0.0", "4.1.0": "0.0.0"} {
		synctest.Test(t, func(t *testing.T) {
			j := newJuju(controller("a", 0), versioned("t", 0, to))
			look(t, j, moveGoal(), "a")
			if got := j.target["a"].String(); got != want {
				t.Errorf("towards %s it was asked last about %s, want %s", to, got, want)
			}
		})
	}
}

func TestWhatIsNotSeenOfAMoveIsAFact(t *testing.T) {
	gone := &fleet.Problem{Code: fleet.Unreachable, Text: "connection refused"}
	for call, check := range map[string]func(fleet.Fleet) bool{
		"login t":           func(f fleet.Fleet) bool { return f.Target.Problem != nil && f.Controllers[0].Problem == nil },
		"controller t":      func(f fleet.Fleet) bool { return f.Target.Problem != nil },
		"holdings t":        func(f fleet.Fleet) bool { return f.Target.Unread != nil && f.Target.Problem == nil },
		"holdings a":        func(f fleet.Fleet) bool { return f.Controllers[0].Unread != nil },
		"belongings a to t": func(f fleet.Fleet) bool { return f.Controllers[0].Unread != nil },
		"refusal a/admin/m0": func(f fleet.Fleet) bool {
			return f.Controllers[0].Models[1].MoveRefusal != nil && f.Controllers[0].Models[2].MoveRefusal == nil
		},
	} {
		t.Run(call, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				j := newJuju(controller("a", 2), versioned("t", 0, "3.6.11"))
				j.broken[call] = gone
				if f := look(t, j, moveGoal(), "a"); !check(f) {
					t.Errorf("it is not told: %+v, target %+v", f.Controllers[0], f.Target)
				}
			})
		})
	}
}

func TestOneWhoIsNoSuperuserIsNotAskedForWhatOnlySuperusersSee(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		target := versioned("t", 0, "3.6.11")
		target.Access = fleet.AccessLogin
		j := newJuju(controller("a", 2), target)
		look(t, j, moveGoal(), "a")
		for _, call := range []string{"holdings t", "belongings a to t"} {
			if j.calls[call] > 0 {
				t.Errorf("%s was called", call)
			}
		}
	})
}

func TestModelsThatStayAreNotLookedIntoForAMove(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := newJuju(controller("a", 3), versioned("t", 0, "3.6.11"))
		goal := moveGoal()
		goal.Include = []fleet.ModelPattern{{Name: "m1"}}
		f := look(t, j, goal, "a")
		var with []string
		for _, m := range f.Controllers[0].Models {
			if m.Belongings != nil {
				with = append(with, m.Name)
			}
		}
		if !slices.Equal(with, []string{"admin/m1"}) {
			t.Errorf("looked into were %v", with)
		}
	})
}
