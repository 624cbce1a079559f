package e2e

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// askForFaults is how the contract suite, which runs inside the cluster's network, has
// its faults made outside: what it asks for stands in a file until it is done.
const askForFaults = `#!/bin/sh
printf '%s %s %s\n' "$1" "$2" "$3" > ASK.new && mv ASK.new ASK
while [ -e ASK ]; do sleep 0.05; done
`

// faultsOnDemand makes the faults that the suite asks for, and returns the program with
// which it asks.
func (c *cluster) faultsOnDemand() string {
	c.t.Helper()
	ask := filepath.Join(c.dir, "ask")
	program := ask + ".sh"
	if err := os.WriteFile(program, []byte(strings.ReplaceAll(askForFaults, "ASK", ask)), 0o700); err != nil { //nolint:gosec // it is run
		c.t.Fatal(err)
	}
	stop, stopped := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(stopped)
		for {
			if asked, err := os.ReadFile(ask); err == nil {
				var fault, version, state string
				_, _ = fmt.Sscan(string(asked), &fault, &version, &state)
				c.try(30*time.Second, append([]string{"break"}, breaking(fault, version, state)...)...)
				_ = os.Remove(ask)
			}
			select {
			case <-stop:
				return
			case <-time.After(50 * time.Millisecond):
			}
		}
	}()
	c.t.Cleanup(func() { close(stop); <-stopped })
	return program
}

// breaking is what the cluster is told to do for a fault of the suite.
func breaking(fault, version, state string) []string {
	switch {
	case fault == "registry-down" && state == "off":
		return []string{"registry-up"}
	case fault == "registry-down":
		return []string{fault}
	case state == "off":
		fault = "mend-image"
	}
	return []string{fault, "jujud-operator:" + version}
}

// contract runs one test of the suite with those settings. What the client keeps is the
// right password here.
func (c *cluster) contract(test string, settings ...string) result {
	c.t.Helper()
	args := append([]string{"exec", "env", "JUJU_E2E=1"}, settings...)
	return c.must(10*time.Minute, append(args, c.contractSuite(), "-test.run", "^"+test+"$", "-test.v")...)
}

// TestRealControllersOnKubernetesKeepTheContract makes, on a real controller that is a pod,
// the assertions that the simulation is held to.
func TestRealControllersOnKubernetesKeepTheContract(t *testing.T) {
	c := newCluster(t)
	c.bootstrap("prod", "3.6.4")
	c.model("prod", "web", "2")
	c.model("prod", "db", "1")
	c.juju("scale-application", "-m", "prod:web", "pod1", "2")
	c.active("3.6.4", "prod:web", 3)
	r := c.contract("TestARealControllerOnKubernetesKeepsTheContract", "CONTRACT_BREAK="+c.faultsOnDemand(), "CONTRACT_CONTROLLER=prod",
		"CONTRACT_MODEL=admin/web", "CONTRACT_OTHER=admin/db", "CONTRACT_FROM=3.6.4", "CONTRACT_TO=3.6.11")
	r.says(t, `--- PASS: TestARealControllerOnKubernetesKeepsTheContract/image_that_cannot_be_pulled`)
}

// TestRealControllersOnKubernetesKeepTheContractOfAMove does the same for what pods do in
// a migration on one cluster, and after it.
func TestRealControllersOnKubernetesKeepTheContractOfAMove(t *testing.T) {
	for name, versions := range map[string][2]string{"3.6 to 3.6": {"3.6.4", "3.6.11"}, "3.6 to 4.1": {"3.6.11", "4.1.0"}} {
		t.Run(name, func(t *testing.T) {
			c := newCluster(t)
			c.bootstrap("old", versions[0])
			c.bootstrap("new", versions[1])
			c.model("old", "web", "1", "store") // Juju 4 takes no local charms
			c.juju("scale-application", "-m", "old:web", "pod1", "2")
			c.active(versions[0], "old:web", 2)
			r := c.contract("TestARealControllerOnKubernetesLetsItsModelsMove", "CONTRACT_CONTROLLER=old", "CONTRACT_TARGET=new",
				"CONTRACT_MODEL=admin/web", "CONTRACT_FROM="+versions[0], "CONTRACT_TO="+versions[1])
			r.says(t, `--- PASS: TestARealControllerOnKubernetesLetsItsModelsMove/pods`)
		})
	}
}
