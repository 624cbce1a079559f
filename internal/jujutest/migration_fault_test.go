package jujutest_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/juju/names/v5"

	"github.com/juju/juju/api/client/modelmanager"
	"github.com/juju/juju/api/controller/controller"
	"github.com/juju/juju/rpc/params"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujutest"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujutest/estate"
)

// injectAt makes a fault of a controller begin, and returns its end.
func injectAt(t *testing.T, w *jujutest.World, c string, f estate.Fault) (end func()) {
	t.Helper()
	end, err := w.Inject(c, f)
	if err != nil {
		t.Fatal(err)
	}
	return end
}

// begun begins the migration of web, and waits until it is in that phase.
func begun(t *testing.T, w *jujutest.World, phase string) (uuid string) {
	t.Helper()
	uuid = uuidOf(t, w, "old", "web")
	if _, err := migrate(t, w, "old", "web", "new"); err != nil {
		t.Fatal(err)
	}
	inPhase(t, w, phase)
	return uuid
}

func inPhase(t *testing.T, w *jujutest.World, phase string) jujutest.Migration {
	t.Helper()
	var g jujutest.Migration
	eventually(t, "phase "+phase, func() bool {
		g, _ = w.Migration("old", "web")
		return g.Phase == phase
	})
	return g
}

// stays fails the test unless a migration that was given up left the model as it was.
func stays(t *testing.T, w *jujutest.World, uuid, why string) {
	t.Helper()
	g := inPhase(t, w, "ABORTDONE")
	if !strings.Contains(g.Status, why) {
		t.Errorf("given up since %q, want %q", g.Status, why)
	}
	if has, importing := w.Whereabouts(uuid); !slices.Equal(has, []string{"old"}) || len(importing) > 0 {
		t.Errorf("on %v, importing on %v", has, importing)
	}
	got := info(t, w, "old", uuid).Result
	if got == nil || got.Status.Status != "available" || got.Migration == nil || got.Migration.End == nil || got.AgentVersion == nil {
		t.Fatalf("the source shows %+v", got)
	}
	if !w.Arrived("old", "web") {
		t.Error("agents have left")
	}
	status(t, open(t, w, "old", "web"))
}

func TestAMigrationThatFailsInAPhaseLeavesTheModelWhereItWas(t *testing.T) {
	for _, phase := range []string{"QUIESCE", "IMPORT", "PROCESSRELATIONS", "VALIDATION"} {
		t.Run(phase, func(t *testing.T) {
			w := start(t, two)
			injectAt(t, w, "old", estate.Fault{Kind: estate.FaultMigrationAborts, Phase: phase, Model: "web", Message: "said so", Times: 1})
			uuid := begun(t, w, "ABORTDONE")
			stays(t, w, uuid, "aborted, removing model from target controller: said so")
			if id, err := migrate(t, w, "old", "web", "new"); err != nil || id != uuid+":1" {
				t.Fatalf("%q, %v", id, err)
			}
			arrivesAt(t, w, "new", "web", uuid)
		})
	}
}

func TestAMigrationThatSticksGoesOnWhenItIsLetGo(t *testing.T) {
	for _, phase := range estate.Phases() {
		t.Run(phase, func(t *testing.T) {
			w := start(t, two)
			end := injectAt(t, w, "old", estate.Fault{Kind: estate.FaultMigrationSticks, Phase: phase})
			uuid := begun(t, w, phase)
			time.Sleep(50 * time.Millisecond) // 2.5 s of its time
			if g := inPhase(t, w, phase); !g.End.IsZero() {
				t.Errorf("%+v", g)
			}
			got := info(t, w, "old", uuid).Result
			if got == nil || got.Status.Status != "busy" || got.Migration.End != nil {
				t.Fatalf("the source shows %+v", got)
			}
			if err := open(t, w, "old", "web").APICall("ModelConfig", 3, "", "ModelGet", nil, nil); params.ErrCode(err) != params.CodeMigrationInProgress {
				t.Errorf("of a model that migrates all is told: %v", err)
			}
			if _, err := migrate(t, w, "old", "web", "new"); err == nil {
				t.Error("a second migration was accepted")
			}
			end()
			arrivesAt(t, w, "new", "web", uuid)
		})
	}
}

func TestWhatAnImportLeftOverIsHiddenAndStopsTheNext(t *testing.T) {
	w := start(t, two)
	injectAt(t, w, "old", estate.Fault{Kind: estate.FaultMigrationAborts, Phase: "IMPORT", Times: 1})
	injectAt(t, w, "old", estate.Fault{Kind: estate.FaultMigrationLeftover, Times: 1})
	uuid := begun(t, w, "ABORTDONE")
	if has, importing := w.Whereabouts(uuid); !slices.Equal(has, []string{"old"}) || !slices.Equal(importing, []string{"new"}) {
		t.Fatalf("on %v, importing on %v", has, importing)
	}
	conn := open(t, w, "new", "")
	if sums, err := modelmanager.NewClient(conn).ListModelSummaries("admin", true); err != nil || len(sums) != 1 {
		t.Errorf("lists %d models, %v", len(sums), err)
	}
	if all, err := controller.NewClient(conn).AllModels(); err != nil || len(all) != 2 {
		t.Errorf("of all models %d, %v", len(all), err)
	}
	if got := info(t, w, "new", uuid).Result; got == nil || got.Status.Info != "importing" {
		t.Errorf("shows %+v", got)
	}
	if _, err := migrate(t, w, "old", "web", "new"); err == nil || !strings.Contains(err.Error(), `target prechecks failed: model named "web" already exists`) {
		t.Errorf("again: %v", err)
	}
	if err := conn.APICall("MigrationTarget", 3, "", "Abort", params.ModelArgs{ModelTag: names.NewModelTag(uuid).String()}, nil); err != nil {
		t.Fatal(err)
	}
	if _, err := migrate(t, w, "old", "web", "new"); err != nil {
		t.Fatal(err)
	}
	arrivesAt(t, w, "new", "web", uuid)
}

func TestAUnitThatIsStrandedIsLostUntilItIsMended(t *testing.T) {
	for _, to := range []string{"3.6.11", "4.1.0"} {
		w := start(t, strings.NewReplacer("3.5.4", "3.6.11", "3.6.11", to).Replace(two))
		injectAt(t, w, "old", estate.Fault{Kind: estate.FaultMigrationStrands, Agent: "unit-app-0"})
		uuid := uuidOf(t, w, "old", "web")
		if _, err := migrate(t, w, "old", "web", "new"); err != nil {
			t.Fatal(err)
		}
		unit := func() (machine, agent params.DetailedStatus) {
			st := status(t, open(t, w, "new", "web"))
			return st.Machines["0"].AgentStatus, st.Applications["app"].Units["app/0"].AgentStatus
		}
		eventually(t, "the machine", func() bool {
			_, moving := w.Migration("old", "web")
			if has, _ := w.Whereabouts(uuid); len(has) != 1 || has[0] != "new" || moving {
				return false
			}
			machine, _ := unit()
			return machine.Status == "started"
		})
		time.Sleep(200 * time.Millisecond) // 10 s of its time
		if machine, agent := unit(); machine.Status != "started" || agent.Status != "lost" || agent.Version != "3.6.11" {
			t.Errorf("%s: machine %s, unit %s %s", to, machine.Status, agent.Status, agent.Version)
		}
		if err := w.Heal("new", "web", "unit-app-0"); err != nil {
			t.Fatal(err)
		}
		arrivesAt(t, w, "new", "web", uuid)
	}
}

func TestAModelThatIsNotRemovedWhereItWasIsOnBoth(t *testing.T) {
	for kind, status := range map[string]string{estate.FaultReapFails: "busy", estate.FaultKeepsModel: "available"} {
		w := start(t, two)
		injectAt(t, w, "old", estate.Fault{Kind: kind})
		uuid := uuidOf(t, w, "old", "web")
		if _, err := migrate(t, w, "old", "web", "new"); err != nil {
			t.Fatal(err)
		}
		eventually(t, "its end", func() bool {
			got := info(t, w, "old", uuid).Result
			there := info(t, w, "new", uuid).Result
			ended := got != nil && (got.Migration == nil) == (kind == estate.FaultKeepsModel) && (got.Migration == nil || got.Migration.End != nil)
			return ended && there != nil && there.Status.Status == "available"
		})
		if got := info(t, w, "old", uuid).Result; string(got.Status.Status) != status {
			t.Errorf("%s: the source shows %+v", kind, got.Status)
		}
	}
}
