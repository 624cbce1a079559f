package jujutest_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/juju/juju/api/client/usermanager"
	"github.com/juju/juju/api/controller/controller"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujutest/estate"
)

func TestAgentsThatDoNotReportEndAMigrationAfterTheWait(t *testing.T) {
	wait := "    config: {migration-agent-wait-time: 30s}\n    models:"
	slow := strings.Replace(two, "    models:", wait, 1)
	frozen := estate.AgentFault{Agent: "unit-app-0", Kind: estate.AgentFrozen}

	w := start(t, slow)
	if err := w.SetAgentFault("old", "web", frozen); err != nil {
		t.Fatal(err)
	}
	if st := status(t, open(t, w, "old", "web")).Applications["app"].Units["app/0"].AgentStatus; st.Status != "idle" {
		t.Errorf("a frozen agent looks %s", st.Status)
	}
	stays(t, w, begun(t, w, "ABORTDONE"), "quiescing, timed out waiting for agents to report")

	w = start(t, slow)
	end := injectAt(t, w, "old", estate.Fault{Kind: estate.FaultMigrationSticks, Phase: "IMPORT"})
	uuid := begun(t, w, "IMPORT")
	if err := w.SetAgentFault("old", "web", frozen); err != nil {
		t.Fatal(err)
	}
	end()
	stays(t, w, uuid, "validating, timed out waiting for agents to report")

	w = start(t, slow)
	end = injectAt(t, w, "old", estate.Fault{Kind: estate.FaultMigrationSticks, Phase: "VALIDATION"})
	uuid = begun(t, w, "VALIDATION")
	time.Sleep(20 * time.Millisecond) // it has validated
	if err := w.SetAgentFault("old", "web", estate.AgentFault{Agent: "unit-app-0", Kind: estate.AgentDown}); err != nil {
		t.Fatal(err)
	}
	end()
	inPhase(t, w, "ABORTDONE")
	if has, _ := w.Whereabouts(uuid); !slices.Equal(has, []string{"old"}) {
		t.Errorf("on %v", has)
	}
}

func TestAgentsThatAreRefusedForTooLongDoNotReport(t *testing.T) {
	crowd := func(config string) string {
		return strings.Replace(two, "    users: [{name: alice}", config+"    users: [{name: alice}", 1)
	}
	many := strings.Replace(crowd("    config: {agent-ratelimit-max: 1, agent-ratelimit-rate: 1m0s}\n"), "units: 1, subordinates: [nrpe]", "units: 9", 1)
	many = strings.Replace(many, "    models:", "    config: {migration-agent-wait-time: 8m}\n    models:", 1)
	w := start(t, strings.Replace(many, "speed: 50", "speed: 2000", 1))
	stays(t, w, begun(t, w, "ABORTDONE"), "validating, timed out waiting for agents to report")

	// What an operator sets is in force at once.
	if err := controller.NewClient(open(t, w, "new", "")).ConfigSet(map[string]any{"agent-ratelimit-max": 30}); err != nil {
		t.Fatal(err)
	}
	uuid := uuidOf(t, w, "old", "web")
	if _, err := migrate(t, w, "old", "web", "new"); err != nil {
		t.Fatal(err)
	}
	arrivesAt(t, w, "new", "web", uuid)

	// A controller with more room lets them in, and so does one without any limit.
	for _, config := range []string{"{agent-ratelimit-max: 30, agent-ratelimit-rate: 1m0s}", "{agent-ratelimit-max: 0}"} {
		w = start(t, strings.NewReplacer("{agent-ratelimit-max: 1, agent-ratelimit-rate: 1m0s}", config, "speed: 50", "speed: 2000").Replace(many))
		uuid := uuidOf(t, w, "old", "web")
		if _, err := migrate(t, w, "old", "web", "new"); err != nil {
			t.Fatal(err)
		}
		arrivesAt(t, w, "new", "web", uuid)
	}
}

// What becomes of a migration whose account is removed depends on its phase.
func TestAMigrationWhoseAccountIsRemoved(t *testing.T) {
	for phase, ends := range map[string]bool{"QUIESCE": true, "IMPORT": true, "VALIDATION": false, "SUCCESS": false, "LOGTRANSFER": false} {
		t.Run(phase, func(t *testing.T) {
			w := start(t, two)
			users := usermanager.NewClient(open(t, w, "new", ""))
			ctl := controller.NewClient(open(t, w, "new", ""))
			add := func() {
				if _, _, err := users.AddUser("mover", "", "canary-of-a-test"); err != nil {
					t.Fatal(err)
				}
				if err := ctl.GrantController("mover", "superuser"); err != nil {
					t.Fatal(err)
				}
			}
			add()
			end := injectAt(t, w, "old", estate.Fault{Kind: estate.FaultMigrationSticks, Phase: phase})
			uuid := uuidOf(t, w, "old", "web")
			as := func(s *controller.MigrationSpec) { s.TargetUser, s.TargetPassword = "mover", "canary-of-a-test" }
			if _, err := migrate(t, w, "old", "web", "new", as); err != nil {
				t.Fatal(err)
			}
			inPhase(t, w, phase)
			if err := users.RemoveUser("mover"); err != nil {
				t.Fatal(err)
			}
			end()
			if ends {
				g := inPhase(t, w, "ABORTDONE")
				if !strings.Contains(g.Status, "invalid entity name or password") {
					t.Errorf("given up since %s", g.Status)
				}
				return
			}
			time.Sleep(300 * time.Millisecond) // 15 s of its time
			if g := inPhase(t, w, phase); !g.End.IsZero() {
				t.Fatalf("%+v", g)
			}
			add() // the same name and password mend it
			arrivesAt(t, w, "new", "web", uuid)
		})
	}
}

func TestATargetThatIsCutOffIsWaitedForNotForEver(t *testing.T) {
	cut := estate.Fault{Kind: estate.FaultRefuse}
	w := start(t, two)
	end := injectAt(t, w, "old", estate.Fault{Kind: estate.FaultMigrationSticks, Phase: "IMPORT"})
	uuid := begun(t, w, "IMPORT")
	mend := injectAt(t, w, "new", cut)
	end()
	time.Sleep(400 * time.Millisecond) // 20 s of its time
	if g := inPhase(t, w, "IMPORT"); !g.End.IsZero() {
		t.Fatalf("%+v", g)
	}
	mend()
	arrivesAt(t, w, "new", "web", uuid)

	w = start(t, two)
	end = injectAt(t, w, "old", estate.Fault{Kind: estate.FaultMigrationSticks, Phase: "PROCESSRELATIONS"})
	uuid = begun(t, w, "PROCESSRELATIONS")
	injectAt(t, w, "old", estate.Fault{Kind: estate.FaultMigrationAborts, Phase: "PROCESSRELATIONS"})
	injectAt(t, w, "new", cut)
	end()
	inPhase(t, w, "ABORTDONE")
	if has, importing := w.Whereabouts(uuid); !slices.Equal(has, []string{"old"}) || !slices.Equal(importing, []string{"new"}) {
		t.Errorf("on %v, importing on %v", has, importing)
	}
}

func TestWhatOnlyTheImportFindsAbortsAfterTheAgentsHaveQuiesced(t *testing.T) {
	for name, test := range map[string]struct{ source, model, target, why string }{
		"cloud":       {"clouds: [{name: moon}]", "cloud: moon", "", `cloud "moon" not found`},
		"region":      {"clouds: [{name: moon, regions: [sea]}]", "cloud: moon", "clouds: [{name: moon, regions: [crater]}]", `region "sea" not found`},
		"attributes":  {"", "blocks: []", "credentials: [{attributes: {username: admin, password: other}}]", "credential attribute mismatch"},
		"auth type":   {"", "blocks: []", "credentials: [{auth-type: certificate}]", `credential auth type mismatch: "certificate" != "userpass"`},
		"revoked":     {"", "blocks: []", "credentials: [{revoked: true}]", `credential "lab/admin/default" is revoked`},
		"secret-back": {"secret-backends: [{name: safe}]", "secret-backends: [safe]", "secret-backends: [{name: safe, id: other}]", "all required secret backends"},
	} {
		t.Run(name, func(t *testing.T) {
			w := start(t, fmt.Sprintf("speed: 50\ncontrollers:\n  - name: old\n    version: 3.6.11\n    %s\n    models:\n      - name: web\n        %s\n"+
				"  - name: new\n    version: 3.6.11\n    %s\n", test.source, test.model, test.target))
			stays(t, w, begun(t, w, "ABORTDONE"), test.why)
		})
	}
}
