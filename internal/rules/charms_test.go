package rules

import (
	"testing"

	"github.com/juju/version/v2"
)

func TestChannelsAreTheSameHoweverTheyAreWritten(t *testing.T) {
	for _, c := range []struct {
		a, b string
		same bool
	}{
		{"stable", "latest/stable", true}, {"latest", "stable", true}, {"1", "1/stable", true}, {"edge", "latest/edge", true},
		{"1/candidate", "1/stable", false}, {"1/stable", "2/stable", false}, {"1/stable", "1/stable/fix", false}, {"stable/fix", "latest/stable/fix", true},
	} {
		if SameChannel(c.a, c.b) != c.same || SameChannel(c.b, c.a) != c.same {
			t.Errorf("%s and %s: not %v", c.a, c.b, c.same)
		}
	}
}

func TestAClientRunsActionsAsItsVersionDoes(t *testing.T) {
	for client, want := range map[string]string{"2.9.51": "juju run-action --wait", "3.6.11": "juju run", "4.1.0": "juju run"} {
		command, wait := RunAction(version.MustParse(client))
		if command+wait != want {
			t.Errorf("%s: %s%s", client, command, wait)
		}
	}
	if command, _ := RunAction(version.Zero); command != "juju run" {
		t.Errorf("no client is known: %s", command)
	}
}

func TestOnlyJuju3AndBeforeSetsTheBaseOfAnApplication(t *testing.T) {
	for v, want := range map[string]bool{"2.9.51": true, "3.6.11": true, "4.1-beta2": false, "4.1.0": false} {
		if SetsBase(version.MustParse(v)) != want {
			t.Errorf("%s: not %v", v, want)
		}
	}
}
