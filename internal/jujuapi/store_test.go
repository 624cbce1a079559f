package jujuapi_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/juju/errors"
	"gopkg.in/yaml.v3"

	"github.com/juju/juju/jujuclient"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujuapi"
)

const registryOfThree = `
controllers:
  one: {uuid: 11111111-1111-4111-8111-111111111111, api-endpoints: ["10.0.0.1:17070"], ca-cert: x, cloud: c}
  uno: {uuid: 11111111-1111-4111-8111-111111111111, api-endpoints: ["10.0.0.1:17070"], ca-cert: x, cloud: c}
  two: {uuid: 22222222-2222-4222-8222-222222222222, api-endpoints: ["10.0.0.2:17070"], ca-cert: x, cloud: c}
current-controller: uno
`

// storeWith returns a store with these controllers, and an environment without juju's variables.
func storeWith(t *testing.T, controllers string) *jujuapi.Store {
	t.Helper()
	for _, name := range []string{"JUJU_CONTROLLER", "JUJU_MODEL", "SNAP_NAME"} {
		t.Setenv(name, "")
	}
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "controllers.yaml"), []byte(controllers), 0o600); err != nil {
		t.Fatal(err)
	}
	return jujuapi.StoreIn(dir)
}

func TestTwoNamesOfOneControllerAreOne(t *testing.T) {
	got, err := storeWith(t, registryOfThree).Controllers()
	if err != nil {
		t.Fatal(err)
	}
	want := []jujuapi.Registered{
		{UUID: "22222222-2222-4222-8222-222222222222", Name: "two", Aliases: []string{}},
		{UUID: "11111111-1111-4111-8111-111111111111", Name: "uno", Aliases: []string{"one"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestTheStoreIsFoundAsJujuFindsIt(t *testing.T) {
	home := t.TempDir()
	for _, test := range []struct {
		data, xdg, want string
	}{
		{"", "", filepath.Join(home, ".local/share/juju")},
		{"", "/xdg", "/xdg/juju"},
		{"/data", "/xdg", "/data"},
	} {
		t.Setenv("HOME", home)
		t.Setenv("JUJU_DATA", test.data)
		t.Setenv("XDG_DATA_HOME", test.xdg)
		store, err := jujuapi.OpenStore()
		if err != nil {
			t.Fatal(err)
		}
		if store.DataDir() != test.want {
			t.Errorf("found %s, want %s", store.DataDir(), test.want)
		}
	}
}

func TestTheCurrentControllerIsJujus(t *testing.T) {
	for _, test := range []struct {
		name, controller, model, want string
		fault                         error
	}{
		{name: "switched to", want: "uno"},
		{name: "JUJU_CONTROLLER", controller: "two", want: "two"},
		{name: "JUJU_MODEL", model: "two:admin/web", want: "two"},
		{name: "a model alone says nothing", model: "admin/web", want: "uno"},
		{name: "both agree", controller: "two", model: "two:web", want: "two"},
		{name: "both disagree", controller: "one", model: "two:web", fault: jujuapi.ErrNoController},
		{name: "unknown", controller: "nine", fault: jujuapi.ErrUnknownController},
	} {
		t.Run(test.name, func(t *testing.T) {
			store := storeWith(t, registryOfThree)
			t.Setenv("JUJU_CONTROLLER", test.controller)
			t.Setenv("JUJU_MODEL", test.model)
			got, err := store.Current()
			if got != test.want || test.fault != nil && !errors.Is(err, test.fault) || test.fault == nil && err != nil {
				t.Errorf("got %q, %v", got, err)
			}
		})
	}
	t.Run("none", func(t *testing.T) {
		if _, err := storeWith(t, "{}").Current(); !errors.Is(err, jujuapi.ErrNoController) {
			t.Errorf("got %v", err)
		}
	})
}

func TestAStoreThatIsNoneIsBadInput(t *testing.T) {
	for name, content := range map[string]string{
		"not YAML":    "controllers: [",
		"a list":      "- controllers",
		"another's":   "apiVersion: v1\nkind: Config\n",
		"of no form":  "controllers: [one, two]",
		"no identity": "controllers: {one: {api-endpoints: []}}",
	} {
		t.Run(name, func(t *testing.T) {
			store := storeWith(t, content)
			_, err := store.Controllers()
			if !errors.Is(err, jujuapi.ErrBadStore) || !strings.Contains(err.Error(), "controllers.yaml") {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestASnapWithoutItsPlugIsToldWhatToType(t *testing.T) {
	if os.Getuid() == 0 {
		t.Skip("root may read everything")
	}
	store := storeWith(t, "{}")
	t.Setenv("SNAP_NAME", "juju-upgrade-all")
	if err := os.Chmod(filepath.Join(store.DataDir(), "controllers.yaml"), 0); err != nil {
		t.Fatal(err)
	}
	_, err := store.Controllers()
	if !errors.Is(err, jujuapi.ErrBadStore) || !strings.Contains(err.Error(), "sudo snap connect juju-upgrade-all:dot-local-share-juju") {
		t.Errorf("got %v", err)
	}
}

func TestAnEmptyStoreHasNoControllers(t *testing.T) {
	got, err := jujuapi.StoreIn(t.TempDir()).Controllers()
	if err != nil || len(got) > 0 {
		t.Errorf("got %v, %v", got, err)
	}
}

// plant puts an unknown key into each mapping of a document, and returns their number.
func plant(node *yaml.Node, value string) int {
	n := 0
	for _, child := range node.Content {
		n += plant(child, value)
	}
	if node.Kind == yaml.MappingNode {
		node.Content = append(node.Content,
			&yaml.Node{Kind: yaml.ScalarNode, Value: "of-a-newer-client"}, &yaml.Node{Kind: yaml.ScalarNode, Value: value})
		n++
	}
	return n
}

func TestALoginKeepsTheKeysOfNewerClients(t *testing.T) {
	b := prepare(t, two)
	planted := map[string]int{}
	for _, file := range []string{"controllers.yaml", "accounts.yaml"} {
		var doc yaml.Node
		if err := yaml.Unmarshal([]byte(b.read(file)), &doc); err != nil {
			t.Fatal(err)
		}
		planted[file] = plantEntries(&doc)
		out, err := yaml.Marshal(&doc)
		if err != nil {
			t.Fatal(err)
		}
		b.write(file, strings.ReplaceAll(string(out), "agent-version: 3.6.4", "agent-version: 3.6.3"))
	}
	if _, err := b.reader.Login(context.Background(), "prod"); err != nil {
		t.Fatal(err)
	}
	for file, n := range planted {
		if got := strings.Count(b.read(file), "of-a-newer-client"); got != n {
			t.Errorf("%s: %d of %d unknown keys are left", file, got, n)
		}
	}
	registry, err := jujuclient.ParseControllers([]byte(b.read("controllers.yaml")))
	if err != nil {
		t.Fatal(err)
	}
	prod := registry.Controllers["prod"]
	if prod.AgentVersion != "3.6.4" || len(prod.APIEndpoints) != 3 || prod.CACert == "" {
		t.Errorf("entry: %+v", prod)
	}
	if registry.CurrentController != "prod" || len(registry.Controllers) != 2 {
		t.Errorf("registry: %+v", registry)
	}
	if len(b.warnings) > 0 {
		t.Errorf("warned: %v", <-b.warnings)
	}
}

// plantEntries plants at the root and in each entry of "controllers". (Among the
// entries a stranger would be a controller.)
func plantEntries(doc *yaml.Node) int {
	root := doc.Content[0]
	n := 0
	for i := 0; i+1 < len(root.Content); i += 2 {
		if root.Content[i].Value != "controllers" {
			continue
		}
		entries := root.Content[i+1]
		for j := 1; j < len(entries.Content); j += 2 {
			n += plant(entries.Content[j], "kept")
		}
	}
	root.Content = append(root.Content,
		&yaml.Node{Kind: yaml.ScalarNode, Value: "of-a-newer-client"}, &yaml.Node{Kind: yaml.ScalarNode, Value: "kept"})
	return n + 1
}

func TestALoginThatShowsNothingNewWritesNothing(t *testing.T) {
	b := prepare(t, two)
	before := b.read("controllers.yaml")
	if err := os.Chmod(b.dir, 0o500); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(b.dir, 0o700) })
	b.look("prod")
	if b.read("controllers.yaml") != before || len(b.warnings) > 0 {
		t.Error("the registry was written")
	}
}

func TestALoginThroughOneNameTellsTheOthers(t *testing.T) {
	b := prepare(t, two)
	var doc map[string]any
	if err := yaml.Unmarshal([]byte(b.read("controllers.yaml")), &doc); err != nil {
		t.Fatal(err)
	}
	entries := doc["controllers"].(map[string]any)
	entries["alias"] = entries["prod"]
	entries["prod"].(map[string]any)["agent-version"] = "3.6.3"
	out, err := yaml.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	b.write("controllers.yaml", string(out))
	c, err := b.reader.Login(context.Background(), "prod")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"alias"}, c.Aliases); diff != "" {
		t.Error(diff)
	}
	registry, err := jujuclient.ParseControllers([]byte(b.read("controllers.yaml")))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"prod", "alias"} {
		if got := registry.Controllers[name].AgentVersion; got != "3.6.4" {
			t.Errorf("%s is said to run %s", name, got)
		}
	}
}
