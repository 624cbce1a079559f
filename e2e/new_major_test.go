package e2e

import (
	"slices"
	"testing"
)

// TestAControllerIsMadeForTheNextMajorVersion: the same towards 4.1.0, made by the
// client of that version. Configuration that Juju 4 does not know stays behind, and
// is told.
func TestAControllerIsMadeForTheNextMajorVersion(t *testing.T) {
	b := newBench(t)
	b.richOld("3.6.11")
	b.juju("controller-config", "-c", "old", "model-logs-size=30M")
	b.fault("hide-agents", "3.6.11") // 4.1-beta2 aborts migrations by a race of its own
	b.client = "4.1.0"
	made := b.machine("box")
	ids := b.modelIDs("old")
	moving := []string{ids["old:admin/web"], ids["old:admin/db"], ids["old:admin/lab"]}
	options := slices.Concat([]string{"-c", "old"}, made, soon,
		[]string{"--password-file", b.passwordFile("robot: " + robotPassword + "\n"), "--agent-version", "3.6.11", "--accept", "manual-cloud@*"})
	page := b.transcript(t, "new-controller-juju4.md", "From 3.6.11 to a 4.1.0 controller that the run makes",
		"`old` is at 3.6.11, with models, users, configuration and defaults as before; one of its settings does not exist in Juju 4.")

	planned := b.tool(append([]string{"plan"}, options...)...).exits(t, exitPending)
	page.show(planned)
	planned.says(t, `to new .*4\.1\.0`, `3 of 3 to move`, `model-logs-size`)
	ran := b.tool(slices.Concat([]string{"-y"}, options)...)
	for _, screen := range b.arrived(t, 1, ran, map[string]string{"new:admin/web": "old-web-0"}) {
		page.show(screen)
		ran = screen
	}
	ran.says(t, `Done in`, `3 models moved from old to new`)
	for _, key := range []string{"audit-log-max-size", "max-debug-log-duration"} {
		if was, is := b.config("old", key), b.config("new", key); was != is {
			t.Errorf("%s is %s on new, and %s on old", key, is, was)
		}
	}
	b.at("4.1.0", "new:admin/web", "new:admin/db", "new:admin/lab")
	b.livesOn("new", moving, "old")
	b.noAccounts("new", "old")
	if got := b.disabled("new"); !slices.Equal(got, []string{"carol"}) {
		t.Errorf("disabled on new are %q, want carol as on old", got)
	}
	b.settled(1)
	b.handedOver(t, page)
	b.tool("-y", "-c", "old", "--to", "new", "--agent-version", "3.6.11").exits(t, exitDone).says(t, `(?i)nothing to do`)
	b.keepsSecrets()
}
