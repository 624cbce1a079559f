package jujutest_test

import (
	"os"
	"strings"
	"testing"

	"github.com/juju/names/v5"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujutest"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujutest/estate"
)

// Package estate says Juju's rules for names again, see its names.go.
func TestAnEstateTakesTheNamesThatJujuTakes(t *testing.T) {
	const id = "0ba2b4d5-6c1e-4f6a-8d2c-1f0e9a7b3c5d"
	candidates := []string{
		"a", "ab", "0", "0a", "a0", "A", "Ab", "aB", "a-", "-a", "a-b", "a-0", "a-0b", "a--b", "a.b", "a+b", "a_b", "a b", "a\n", "é",
		"bob@ext", "bob@e", "b@ext", "@ext", "bob@", "bob@a@b", "a/0", "a/00", "a/01", "a/10", "a-b/3", "a-0/3", "a/-1", "A/0", "a/", "/0", "a/0/1",
		"machine-0", "machine-00", "machine-0-lxd-1", "machine-0-lxd-1-kvm-2", "machine-0-lxd", "machine-0-LXD-1", "machine-a", "machine-",
		"unit-a-0", "unit-a-b-0", "unit-a-0-0", "unit-a", "unit-a-00", "unit--0", "unit-0", "user-bob", "model-" + id, "machine", "machine-0/lxd/1",
		id, id + "0", strings.ToUpper(id), strings.Replace(id, "-", "0", 1),
	}
	isAgent := func(s string) bool {
		tag, err := names.ParseTag(s)
		// Juju reads machine-0/lxd/1 as well, but writes no such tag.
		return err == nil && tag.String() == s && (tag.Kind() == names.MachineTagKind || tag.Kind() == names.UnitTagKind)
	}
	for what, rule := range map[string]struct {
		juju func(string) bool
		put  func(*estate.Controller, string)
	}{
		"controller":  {names.IsValidControllerName, func(c *estate.Controller, s string) { c.Name = s }},
		"user":        {names.IsValidUser, func(c *estate.Controller, s string) { c.User = s }},
		"cloud":       {names.IsValidCloud, func(c *estate.Controller, s string) { c.Cloud = s }},
		"owner":       {names.IsValidUser, func(c *estate.Controller, s string) { c.Models[0].Name = s + "/web" }},
		"model":       {names.IsValidModelName, func(c *estate.Controller, s string) { c.Models[0].Name = "bob/" + s }},
		"application": {names.IsValidApplication, func(c *estate.Controller, s string) { c.Applications = []estate.Application{{Name: s}} }},
		"unit":        {names.IsValidUnit, func(c *estate.Controller, s string) { c.Models[0].Actions = []estate.Action{{Unit: s}} }},
		"agent": {isAgent, func(c *estate.Controller, s string) {
			c.AgentFaults = []estate.AgentFault{{Agent: s, Kind: estate.AgentDown}}
		}},
		"another user": {names.IsValidUser, func(c *estate.Controller, s string) { c.Users = []estate.User{{Name: s}} }},
		"model user":   {names.IsValidUser, func(c *estate.Controller, s string) { c.Models[0].Users = []estate.ModelUser{{Name: s}} }},
		"credential":   {names.IsValidCloudCredentialName, func(c *estate.Controller, s string) { c.Credentials = []estate.Credential{{Name: s}} }},
		"UUID":         {func(s string) bool { return len(s) == len(id) && names.IsValidModel(s) }, func(c *estate.Controller, s string) { c.UUID = s }},
	} {
		for _, s := range candidates {
			if what == "owner" && strings.Contains(s, "/") {
				continue // the rest would be the name
			}
			c := estate.Controller{Name: "prod", Version: "3.6.4", Models: []estate.Model{{Name: "web"}}}
			rule.put(&c, s)
			err := estate.Estate{Controllers: []estate.Controller{c}}.Validate()
			if juju := rule.juju(s); (err == nil) != juju {
				t.Errorf("%s %q: Juju takes it: %v, the estate: %v", what, s, juju, err)
			}
		}
	}
}

func TestAFaultOfAnAgentThatIsNotThereIsRefused(t *testing.T) {
	_, err := jujutest.Start(estate.Estate{Controllers: []estate.Controller{{
		Name: "a", Version: "3.6.4",
		Models: []estate.Model{{Name: "m", Faults: []estate.AgentFault{{Agent: "machine-7", Kind: estate.AgentDown}}}},
	}}})
	if err == nil || !strings.Contains(err.Error(), `there is no agent "machine-7"`) {
		t.Errorf("got %v", err)
	}
}

func TestTheDemoStarts(t *testing.T) {
	data, err := os.ReadFile("../../cmd/juju-estate/demo.yaml")
	if err != nil {
		t.Fatal(err)
	}
	e, err := estate.Parse(data)
	if err != nil {
		t.Fatal(err)
	}
	w, err := jujutest.Start(e)
	if err != nil {
		t.Fatal(err)
	}
	w.Close()
}

func TestGeneratedModelsAreThere(t *testing.T) {
	w := start(t, "controllers:\n  - name: prod\n    version: 3.6.4\n    generate: {models: 30, prefix: bulk, units: 20, machines: 5}\n")
	st := status(t, open(t, w, "prod", "bulk-29"))
	if len(st.Machines) != 5 || len(st.Applications["app"].Units) != 20 {
		t.Errorf("%d machines, %d units", len(st.Machines), len(st.Applications["app"].Units))
	}
}
