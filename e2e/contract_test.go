package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// contractSuite builds the suite that the simulation is held to, too
// (internal/jujutest/contract). It dials controllers, so it has to run in the
// bench's network.
func (b *bench) contractSuite() string {
	b.t.Helper()
	suite := filepath.Join(b.dir, "contract.test")
	if out, err := exec.Command("go", "test", "-c", "-o", suite, "../internal/jujutest/contract").CombinedOutput(); err != nil {
		b.t.Fatalf("cannot build the contract suite: %v\n%s", err, out)
	}
	return suite
}

// contract runs one test of the suite with those settings.
func (b *bench) contract(test string, settings ...string) result {
	b.t.Helper()
	args := append([]string{"exec", "env", "JUJU_E2E=1", "CONTRACT_PASSWORD=" + password}, settings...)
	return b.must(5*time.Minute, append(args, b.contractSuite(), "-test.run", "^"+test+"$", "-test.v")...)
}

// TestRealControllersKeepTheContract makes, on real controllers, the assertions
// that the simulation is held to.
func TestRealControllersKeepTheContract(t *testing.T) {
	for name, test := range map[string]struct {
		from, to string
		options  []string
	}{
		"3.6":    {from: "3.6.4", to: "3.6.11"},
		"3.6 HA": {from: "3.6.4", to: "3.6.11", options: []string{"--ha"}},
		"4.1":    {from: "4.1.0", to: "4.1.1"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			if test.to[0] == '4' {
				b.client = test.to
			}
			b.up("prod", test.from, test.options...)
			b.model("prod", "web", "--worker")
			b.isWell("prod")
			r := b.contract("TestARealControllerKeepsTheContract",
				"CONTRACT_CONTROLLER=prod", "CONTRACT_MODEL=admin/web", "CONTRACT_FROM="+test.from, "CONTRACT_TO="+test.to)
			r.says(t, `--- PASS: TestARealControllerKeepsTheContract/model_upgrade`)
			b.at(test.to, "prod:admin/controller", "prod:admin/web")
		})
	}
}

// TestRealControllersKeepTheContractOfAMove does the same for what a migration
// shows, refuses and leaves. Between two 4.1 controllers only a model without
// machines gets there on this bench.
func TestRealControllersKeepTheContractOfAMove(t *testing.T) {
	for name, test := range map[string]struct {
		from, to string
		model    []string
	}{
		"3.5 to 3.6": {from: "3.5.4", to: "3.6.11", model: []string{"--worker"}},
		"4.1 to 4.1": {from: "4.1.0", to: "4.1.1"},
	} {
		t.Run(name, func(t *testing.T) {
			b := newBench(t)
			if test.from[0] == '4' {
				b.client = test.from
			}
			b.up("old", test.from)
			b.up("new", test.to)
			b.model("old", "web", test.model...)
			b.model("old", "bare")
			b.isWell("old")
			b.isWell("new")
			r := b.contract("TestARealControllerLetsItsModelsMove",
				"CONTRACT_CONTROLLER=old", "CONTRACT_TARGET=new", "CONTRACT_MODEL=admin/web", "CONTRACT_BARE=admin/bare",
				"CONTRACT_FROM="+test.from, "CONTRACT_TO="+test.to)
			r.says(t, `--- PASS: TestARealControllerLetsItsModelsMove/migration`)
		})
	}
}

// TestRealControllersTakeWhatTheyAreGiven does the same for what a controller takes of
// another one, and how it refuses: users, clouds, access, configuration, defaults.
func TestRealControllersTakeWhatTheyAreGiven(t *testing.T) {
	for _, version := range []string{"3.5.4", "3.6.11", "4.1.0"} {
		t.Run(version, func(t *testing.T) {
			b := newBench(t)
			if version[0] == '4' {
				b.client = version
			}
			b.up("given", version)
			r := b.contract("TestARealControllerTakesWhatItIsGiven",
				"CONTRACT_CONTROLLER=given", "CONTRACT_FROM="+version, "CONTRACT_CLOUD=bench", "CONTRACT_REGION=default", "CONTRACT_HOST=10.99.0.1")
			r.says(t, `--- PASS: TestARealControllerTakesWhatItIsGiven/`)
		})
	}
}

// charmStore is how the contract of charms changes the store and the model of a bench.
const charmStore = `#!/bin/sh
set -e
case "$1" in
publish)     BENCH charmhub publish "$2" "$3" 1/stable ;;
publish-box) BENCH charmhub publish-resource cargo box "$2" 1/stable ;;
reachable)   if $2; then BENCH break start-charmhub; else BENCH break stop-charmhub; fi ;;
hooks)       if $2; then BENCH break mend-upgrade WORKER; else BENCH break fail-upgrade WORKER; fi ;;
block)       if $2; then juju disable-command all -m prod:web; else juju enable-command all -m prod:web; fi ;;
*)           echo "unknown: $*" >&2; exit 2 ;;
esac
`

// TestRealControllersKeepTheContractOfCharms does the same for what a controller shows
// of charms, how it refreshes them and how it refuses to.
func TestRealControllersKeepTheContractOfCharms(t *testing.T) {
	for _, version := range []string{"3.6.11", "4.1.0"} {
		t.Run(version, func(t *testing.T) {
			b := newBench(t)
			if version[0] == '4' {
				b.client = version
			}
			b.up("prod", version)
			b.must(2*time.Minute, "model", "prod", "web", "--worker", "--charmhub")
			for _, deploy := range [][]string{{"cargo"}, {"brittle"}, {"future", "--channel", "1/stable"}} {
				b.juju(append([]string{"deploy", "-m", "prod:web", "--to", "0"}, deploy...)...)
			}
			b.well("prod:web", 5)
			store := filepath.Join(b.dir, "charm-store")
			script := strings.NewReplacer("BENCH", benchScript(), "WORKER", "prod-web-0").Replace(charmStore)
			if err := os.WriteFile(store, []byte(script), 0o700); err != nil { //nolint:gosec // it is run
				t.Fatal(err)
			}
			r := b.contract("TestARealControllerRefreshesCharms",
				"CONTRACT_CONTROLLER=prod", "CONTRACT_MODEL=admin/web", "CONTRACT_FROM="+version, "CONTRACT_STORE="+store)
			r.says(t, `--- PASS: TestARealControllerRefreshesCharms/`)
		})
	}
}
