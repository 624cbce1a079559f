package e2e

import (
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// TestRealControllersKeepTheContract makes, on real controllers, the assertions
// that the simulation is held to (internal/jujutest/contract).
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
			// The suite dials controllers, so it has to run in the bench's network.
			suite := filepath.Join(b.dir, "contract.test")
			if out, err := exec.Command("go", "test", "-c", "-o", suite, "../internal/jujutest/contract").CombinedOutput(); err != nil {
				t.Fatalf("cannot build the contract suite: %v\n%s", err, out)
			}
			b.up("prod", test.from, test.options...)
			b.model("prod", "web", "--worker")
			r := b.must(5*time.Minute, "exec", "env", "JUJU_E2E=1", "CONTRACT_PASSWORD="+password,
				"CONTRACT_CONTROLLER=prod", "CONTRACT_MODEL=admin/web", "CONTRACT_FROM="+test.from, "CONTRACT_TO="+test.to,
				suite, "-test.run", "^TestARealControllerKeepsTheContract$", "-test.v")
			r.says(t, `--- PASS: TestARealControllerKeepsTheContract/model_upgrade`)
			b.at(test.to, "prod:admin/controller", "prod:admin/web")
		})
	}
}
