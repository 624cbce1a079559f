package jujutest_test

import (
	"cmp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/juju/juju/rpc/params"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujutest"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujutest/estate"
)

// pods is a controller on Kubernetes, slow enough for what its pods show on the way.
const pods = `
speed: 5
timing: {pod-down: 8s}
controllers:
  - name: prod
    version: 3.6.4
    series-offers: [3.6.4, 3.6.11]
    cloud: k8s
    cloud-type: kubernetes
    models:
      - {name: web, version: 3.6.3, applications: [{name: app, units: 2}]}
      - {name: db, applications: [{name: db, units: 1}]}
`

// shown is a unit in words: workload, agent, what both say, version.
func shown(u params.UnitStatus) string {
	words := []string{u.WorkloadStatus.Status, u.AgentStatus.Status, u.AgentStatus.Version}
	if u.AgentStatus.Status != "lost" && u.AgentStatus.Info != "" {
		words = append(words, u.AgentStatus.Info)
	}
	if u.WorkloadStatus.Status == "maintenance" && u.WorkloadStatus.Info != "" {
		words = append(words, u.WorkloadStatus.Info)
	}
	return strings.Join(words, " ")
}

// watched is what a unit goes through until a model has arrived.
func watched(t *testing.T, w *jujutest.World, model, app, unit string) []string {
	t.Helper()
	conn := open(t, w, "prod", model)
	var seen []string
	eventually(t, model+" arrives", func() bool {
		if now := shown(status(t, conn).Applications[app].Units[unit]); len(seen) == 0 || seen[len(seen)-1] != now {
			seen = append(seen, now)
		}
		return w.Arrived("prod", model)
	})
	return seen
}

// TestAPodIsReplacedToComeToAVersion, and is seen to be.
func TestAPodIsReplacedToComeToAVersion(t *testing.T) {
	w := start(t, pods)
	before := status(t, open(t, w, "prod", "web")).Applications["app"].Units["app/1"]
	if _, err := upgrade(t, w, "web", "", false); err != nil {
		t.Fatal(err)
	}
	want := []string{
		"active idle 3.6.3",
		"maintenance executing 3.6.3 running stop hook stopping charm software",
		"unknown lost 3.6.3",
		"maintenance idle 3.6.4",
		"active executing 3.6.4 running upgrade-charm hook",
		"active executing 3.6.4 running config-changed hook",
		"active executing 3.6.4 running start hook",
		"active executing 3.6.4 running workload-pebble-ready hook",
		"active idle 3.6.4",
	}
	seen := watched(t, w, "web", "app", "app/1")
	rest := want
	for _, state := range seen {
		at := slices.Index(rest, state)
		if at < 0 {
			t.Fatalf("seen: %q, want these in this order: %q", seen, want)
		}
		rest = rest[at:]
	}
	for _, state := range append(want[:5:5], want[8]) { // a busy machine may miss those that are short
		if !slices.Contains(seen, state) {
			t.Errorf("seen: %q, not: %q", seen, state)
		}
	}
	after := status(t, open(t, w, "prod", "web")).Applications["app"].Units["app/1"]
	if after.Address == before.Address || after.ProviderId != before.ProviderId || !after.AgentStatus.Since.After(*before.AgentStatus.Since) {
		t.Errorf("before %+v, after %+v", before, after)
	}
}

// TestPodsOfAnApplicationAreReplacedOneAfterTheOther, the last one first.
func TestPodsOfAnApplicationAreReplacedOneAfterTheOther(t *testing.T) {
	w := start(t, pods)
	if _, err := upgrade(t, w, "web", "", false); err != nil {
		t.Fatal(err)
	}
	conn := open(t, w, "prod", "web")
	eventually(t, "the last one is away", func() bool {
		return status(t, conn).Applications["app"].Units["app/1"].AgentStatus.Status == "lost"
	})
	app := status(t, conn).Applications["app"]
	if got := shown(app.Units["app/0"]); got != "active idle 3.6.3" || app.Status.Status != "maintenance" {
		t.Errorf("the first one is %q meanwhile, the application %+v", got, app.Status)
	}
	eventually(t, "the first one is away", func() bool {
		return status(t, conn).Applications["app"].Units["app/0"].AgentStatus.Status == "lost"
	})
	if got := shown(status(t, conn).Applications["app"].Units["app/1"]); got != "active idle 3.6.4" {
		t.Errorf("the last one is %q then", got)
	}
	eventually(t, "all have come", func() bool { return w.Arrived("prod", "web") })
}

// TestAPodWhoseImageCannotBePulledSaysSoAndComesByItself, and keeps those after it.
func TestAPodWhoseImageCannotBePulledSaysSoAndComesByItself(t *testing.T) {
	w := start(t, pods)
	end := inject(t, w, estate.Fault{Kind: estate.FaultSpoilImage, Version: "3.6.4", Model: "web"})
	if _, err := upgrade(t, w, "web", "", false); err != nil {
		t.Fatal(err)
	}
	conn := open(t, w, "prod", "web")
	var app params.ApplicationStatus
	eventually(t, "it cannot be pulled", func() bool {
		app = status(t, conn).Applications["app"]
		return app.Units["app/1"].WorkloadStatus.Status == "error"
	})
	const text = `unknown container reason "ImagePullBackOff": Back-off pulling image "docker.io/jujusolutions/jujud-operator:3.6.4"`
	unit := app.Units["app/1"]
	if app.Status.Status != "error" || app.Status.Info != text || unit.WorkloadStatus.Info != text || unit.Address != "" ||
		unit.AgentStatus.Status != "lost" || unit.AgentStatus.Version != "3.6.3" || shown(app.Units["app/0"]) != "active idle 3.6.3" {
		t.Errorf("%+v", app)
	}
	end()
	eventually(t, "there is a pod", func() bool {
		unit = status(t, conn).Applications["app"].Units["app/1"]
		return unit.Address != ""
	})
	if unit.WorkloadStatus.Status != "error" || unit.AgentStatus.Status != "lost" {
		t.Errorf("it has its image, and no agent yet: %+v", unit)
	}
	eventually(t, "it comes by itself", func() bool { return w.Arrived("prod", "web") })
}

// comes waits until the controller's pod serves a version.
func comes(t *testing.T, w *jujutest.World, want string) {
	t.Helper()
	eventually(t, "the controller is back", func() bool {
		conn, err := tryOpen(t, w, "prod", "")
		if err != nil {
			return false
		}
		defer func() { _ = conn.Close() }()
		v, ok := conn.ServerVersion()
		return ok && v.String() == want
	})
}

// TestAllUnitsLoseAControllerThatWasAway, and keep their versions and times; those of an
// outage that was longer than their probes wait begin anew.
func TestAllUnitsLoseAControllerThatWasAway(t *testing.T) {
	for away, restarts := range map[string]bool{"8s": false, "32s": true} {
		t.Run(away, func(t *testing.T) {
			w := start(t, strings.Replace(pods, "8s", away, 1))
			before := status(t, open(t, w, "prod", "db")).Applications["db"].Units["db/0"]
			if _, err := upgrade(t, w, "controller", "3.6.11", false); err != nil {
				t.Fatal(err)
			}
			eventually(t, "it goes", func() bool { return serverVersion(t, w, 0) == "refused" })
			comes(t, w, "3.6.11")
			st := status(t, open(t, w, "prod", "db")).Applications["db"]
			if got := st.Units["db/0"]; shown(got) != "unknown lost 3.6.4" || !got.AgentStatus.Since.Equal(*before.AgentStatus.Since) || st.Status.Status != "active" {
				t.Errorf("right afterwards: %+v", st)
			}
			if got := status(t, open(t, w, "prod", "controller")).Model; got.Version != "3.6.11" || !strings.HasPrefix(got.ModelStatus.Info, "upgraded on ") {
				t.Errorf("%+v", got)
			}
			seen := watched(t, w, "db", "db", "db/0")
			if got := slices.Contains(seen, "active executing 3.6.4 running start hook"); got != restarts {
				t.Errorf("seen: %q", seen)
			}
			after := status(t, open(t, w, "prod", "db")).Applications["db"].Units["db/0"]
			if moved := after.AgentStatus.Since.After(*before.AgentStatus.Since); moved != restarts || after.Address != before.Address {
				t.Errorf("before %+v, after %+v", before, after)
			}
			eventually(t, "its own unit comes", func() bool { return w.Arrived("prod", "controller") })
		})
	}
}

// TestAControllerWhoseImageCannotBePulledIsGoneUntilItCan: API and database are one pod.
func TestAControllerWhoseImageCannotBePulledIsGoneUntilItCan(t *testing.T) {
	w := start(t, pods)
	end := inject(t, w, estate.Fault{Kind: estate.FaultSpoilImage, Version: "3.6.11"})
	if _, err := upgrade(t, w, "controller", "3.6.11", false); err != nil {
		t.Fatal(err)
	}
	eventually(t, "it goes", func() bool { return serverVersion(t, w, 0) == "refused" })
	time.Sleep(2500 * time.Millisecond) // pod-down is 1.6 s
	if v := serverVersion(t, w, 0); v != "refused" {
		t.Errorf("serves %s", v)
	}
	end()
	comes(t, w, "3.6.11")
}

// TestTheAnswerOfAControllerThatGoesCanBeLost, and its upgrade begins all the same.
func TestTheAnswerOfAControllerThatGoesCanBeLost(t *testing.T) {
	w := start(t, pods)
	inject(t, w, estate.Fault{Kind: estate.FaultDrop, Method: "ModelUpgrader.UpgradeModel", Model: "controller", When: "after", Times: 1})
	if _, err := upgrade(t, w, "controller", "3.6.11", false); err == nil {
		t.Error("an answer came")
	}
	comes(t, w, "3.6.11")
}

// TestWhatARegistryLacksIsNotChosen: a version counts if simplestreams and the registry
// have it, or if simplestreams have none of what was asked for.
func TestWhatARegistryLacksIsNotChosen(t *testing.T) {
	for name, test := range map[string]struct {
		faults        []estate.Fault
		newest, named string // what is chosen, or the code; "-" is an error without one
		text          string
	}{
		"all have it":       {newest: "3.6.11", named: "3.6.11"},
		"hidden image":      {faults: []estate.Fault{{Kind: estate.FaultHideImage, Version: "3.6.11"}}, newest: params.CodeAlreadyExists, named: params.CodeNotFound},
		"hidden in streams": {faults: []estate.Fault{{Kind: estate.FaultHideAgents, Version: "3.6.11"}}, newest: params.CodeAlreadyExists, named: "3.6.11"},
		"no streams":        {faults: []estate.Fault{{Kind: estate.FaultStreams}}, newest: "-", named: "-", text: "streams.canonical.com"},
		"no registry": {faults: []estate.Fault{{Kind: estate.FaultRegistry}}, newest: "-", named: "-",
			text: `Get "https://docker.io/v2/jujusolutions/jujud-operator/tags/list": non-successful response status=503`},
	} {
		t.Run(name, func(t *testing.T) {
			w := start(t, pods)
			for _, f := range test.faults {
				inject(t, w, f)
			}
			for target, want := range map[string]string{"": test.newest, "3.6.11": test.named} {
				chosen, err := upgrade(t, w, "controller", target, true)
				got := chosen.String()
				if err != nil {
					got = cmp.Or(params.ErrCode(err), "-")
				}
				if got != want || err != nil && !strings.Contains(err.Error(), test.text) {
					t.Errorf("asked for %q: %s, want %s (%v)", target, got, want, err)
				}
			}
			if chosen, err := upgrade(t, w, "web", "", true); err != nil || chosen.String() != "3.6.4" {
				t.Errorf("a model to its controller's version: %v, %v", chosen, err)
			}
		})
	}
}
