package discover_test

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"

	"github.com/juju/version/v2"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// Newcomer knows of a controller that does not exist what this machine knows.
func (j *juju) Newcomer(ctx context.Context, name string, how fleet.Bootstrap) (fleet.Controller, error) {
	err := j.call(ctx, "newcomer", name)
	return fleet.Controller{
		Version: how.Version, Cloud: how.Cloud, User: "admin", Access: fleet.AccessSuperuser,
		Holdings: &fleet.Holdings{Users: []fleet.User{{Name: "admin"}}, HA: &fleet.HA{Servers: 1}},
	}, err
}

// makeGoal is to move to a controller that the run makes.
func makeGoal(v string) fleet.Goal {
	return fleet.Goal{
		To:        fleet.Ref{Name: "new"},
		Bootstrap: &fleet.Bootstrap{Cloud: "aws", Juju: "/bin/juju", Version: version.MustParse(v)},
	}
}

// asked are the calls that are about a controller.
func asked(j *juju, name string) []string {
	var out []string
	for call := range j.calls {
		for _, word := range strings.FieldsFunc(call, func(r rune) bool { return r == ' ' || r == '/' }) {
			if word == name {
				out = append(out, call)
			}
		}
	}
	return out
}

func TestAControllerThatIsToBeMadeIsNotCalledForAnything(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := newJuju(controller("a", 2))
		f := look(t, j, makeGoal("3.6.11"), "a")
		to := f.Target
		if to == nil || to.Ref != (fleet.Ref{Name: "new"}) || !to.Planned || to.Version.String() != "3.6.11" || to.Holdings == nil || to.Problem != nil {
			t.Fatalf("the target is %+v", to)
		}
		for _, call := range asked(j, "new") {
			if call != "newcomer new" && call != "belongings a to new" {
				t.Errorf("%s was called", call)
			}
		}
		for call := range j.calls {
			if strings.HasPrefix(call, "refusal") {
				t.Errorf("a dry run of a move to nowhere was asked for: %s", call)
			}
		}
	})
}

func TestWhatWouldBeBroughtToAControllerThatIsToBeMadeIsRead(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := newJuju(controller("a", 2))
		f := look(t, j, makeGoal("4.1.0"), "a")
		c := f.Controllers[0]
		if c.Holdings == nil || c.Holdings.Users[0].Name != "a-user" || c.Problem != nil || c.Unread != nil {
			t.Errorf("of the source is known: %+v", c)
		}
		for _, m := range c.Models {
			if (m.Belongings != nil) == m.IsController {
				t.Errorf("of %s is known: %+v", m.Name, m.Belongings)
			}
			if !m.IsController && len(m.Belongings.Charms) != 1 {
				t.Errorf("%s has the charms %+v", m.Name, m.Belongings.Charms)
			}
		}
	})
}

// TestTheVersionThatIsToBeMadeBoundsThePatch: as with a target that exists.
func TestTheVersionThatIsToBeMadeBoundsThePatch(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := newJuju(controller("a", 0))
		look(t, j, makeGoal("3.6.9"), "a")
		if got := j.target["a"].String(); got != "3.6.9" {
			t.Errorf("the source was asked last about %s", got)
		}
	})
}

func TestAControllerThatCanNotBeMadeIsAFactAndTheSourceIsSeen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		j := newJuju(controller("a", 2))
		j.broken["newcomer new"] = &fleet.Problem{Code: fleet.Exists, Text: "this client has a controller new", Remedy: "juju controllers"}
		f := look(t, j, makeGoal("3.6.11"), "a")
		wantProblem(t, f.Target.Problem, fleet.Exists, "this client has a controller new", "juju controllers")
		if f.Target.Ref != (fleet.Ref{Name: "new"}) || !f.Target.Planned {
			t.Errorf("the target is %+v", f.Target)
		}
		if got := read(f); len(got) != 3 || f.Controllers[0].Problem != nil {
			t.Errorf("read were %v, %+v", got, f.Controllers[0].Problem)
		}
		for _, call := range asked(j, "new") {
			if call != "newcomer new" {
				t.Errorf("%s was called", call)
			}
		}
	})
}
