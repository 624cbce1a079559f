package plugin

import (
	"strings"
	"testing"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

// TestNobodysPasswordIsPassedOver: a service account that is to have a known password,
// and is made without it, would stop working.
func TestNobodysPasswordIsPassedOver(t *testing.T) {
	move := plan.Plan{Journey: plan.Move, Steps: []plan.Step{
		{Kind: plan.AddUser, User: &plan.User{Name: "bot", Password: true}},
		{Kind: plan.AddUser, User: &plan.User{Name: "alice"}},
		{Kind: plan.DisableUser, User: &plan.User{Name: "bot", Password: true}},
		{Kind: plan.Migrate},
	}}
	for name, test := range map[string]struct {
		plan  plan.Plan
		users []string
		says  string
	}{
		"given a password":                      {move, []string{"bot"}, ""},
		"no file":                               {move, nil, ""},
		"made to register":                      {move, []string{"alice", "bot"}, "names alice, to whom run 17 gives no password: do so"},
		"not made at all":                       {move, []string{"zed", "alice"}, "names alice, zed, to whom run 17 gives no password: do so"},
		"nobody is made":                        {plan.Plan{}, []string{"bot"}, "run 17 makes no users"},
		"nobody is made, and there is no file":  {plan.Plan{}, nil, ""},
		"disabled by a step that makes nobody":  {plan.Plan{Journey: plan.Move, Steps: move.Steps[2:]}, []string{"bot"}, "names bot,"},
		"one who registers, without the others": {move, []string{"alice"}, "names alice,"},
	} {
		passwords := map[string]fleet.Secret{}
		for _, user := range test.users {
			passwords[user] = "hunter2"
		}
		err := foreseen(&test.plan, passwords, "run 17", "do so")
		switch {
		case test.says == "" && err != nil, test.says != "" && !fleet.IsBadInput(err):
			t.Errorf("%s: %v", name, err)
		case err != nil && (!strings.Contains(err.Error(), test.says) || strings.Contains(err.Error(), "hunter2")):
			t.Errorf("%s: it says %q, want %q", name, err, test.says)
		}
	}
}
