package fleet

import (
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestOnlyWhatGotWorseIsARegression(t *testing.T) {
	for _, test := range []struct {
		before, after string
		worse         bool
	}{
		{"active", "active", false}, {"active", "error", true}, {"active", "blocked", true}, {"active", "waiting", true},
		{"active", "maintenance", true}, {"active", "unknown", false}, {"unknown", "error", true},
		{"waiting", "blocked", true}, {"blocked", "error", true}, {"error", "error", false}, {"error", "blocked", false},
		{"blocked", "active", false}, {"maintenance", "waiting", false},
		{"running", "down", true}, {"running", "provisioning error", true}, {"running", "pending", true}, {"", "active", false},
		{"active", "terminated", true},
	} {
		got := Worse(
			Health{"unit mail/0": {Status: test.before}},
			Health{"unit mail/0": {Status: test.after}},
		)
		if (len(got) == 1) != test.worse {
			t.Errorf("%q to %q: %+v", test.before, test.after, got)
		}
	}
}

func TestARegressionTellsBothConditions(t *testing.T) {
	before := Health{"unit mail/0": {Status: "active", Message: "ready"}, "unit mail/1": {Status: "active"}}
	after := Health{"unit mail/0": {Status: "error", Message: "hook failed"}, "unit mail/1": {Status: "blocked"}}
	want := []Regression{
		{Agent: "unit mail/0", Before: before["unit mail/0"], After: after["unit mail/0"]},
		{Agent: "unit mail/1", Before: before["unit mail/1"], After: after["unit mail/1"]},
	}
	if diff := cmp.Diff(want, Worse(before, after)); diff != "" {
		t.Error(diff)
	}
}

func TestWhatCameOrWentIsNotCompared(t *testing.T) {
	before := Health{"unit mail/0": {Status: "active"}}
	after := Health{"unit mail/1": {Status: "error"}}
	if got := Worse(before, after); len(got) != 0 {
		t.Errorf("%+v", got)
	}
}

func TestHealthIsOfWhatTheAgentLooksAfterUnlessTheAgentIsGone(t *testing.T) {
	here, gone := at(UnitAgent, "mail/0", "idle", want), at(UnitAgent, "mail/1", "lost", want)
	here.Health, gone.Health = Condition{Status: "active"}, Condition{Status: "active"}
	health := Health{"unit mail/0": {Status: "active"}, "unit mail/1": {Status: "lost"}}
	if diff := cmp.Diff(health, HealthOf(ModelStatus{Agents: []Agent{here, gone}})); diff != "" {
		t.Error(diff)
	}
}

func TestNothingIsWorseThanItselfAndNothingIsWorseBothWays(t *testing.T) {
	status := rapid.SampledFrom([]string{"active", "error", "blocked", "waiting", "maintenance", "unknown", "running", "down", "new-word", ""})
	rapid.Check(t, func(t *rapid.T) {
		a := Health{"unit mail/0": {Status: status.Draw(t, "a")}}
		b := Health{"unit mail/0": {Status: status.Draw(t, "b")}}
		if len(Worse(a, a)) != 0 || len(Worse(a, b))+len(Worse(b, a)) > 1 {
			t.Fatalf("%v and %v", a, b)
		}
	})
}
