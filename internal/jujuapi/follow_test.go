package jujuapi

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gopkg.in/yaml.v3"

	"github.com/juju/juju/jujuclient"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

var (
	web = fleet.Model{Ref: modelRef, Type: fleet.IAAS}
	db  = fleet.Model{Ref: fleet.Ref{UUID: otherUUID, Name: "bob/db"}, Type: fleet.CAAS}
)

// clientWith is a writer on a store of these files.
func clientWith(t *testing.T, controllers, models string) (*Writer, *Store) {
	t.Helper()
	t.Setenv("TMPDIR", t.TempDir()) // where juju keeps its locks
	store := StoreIn(t.TempDir())
	for file, content := range map[string]string{"controllers.yaml": controllers, "models.yaml": models} {
		if content == "" {
			continue
		}
		if err := os.WriteFile(store.path(file), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	session, err := New(Config{Store: store})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = session.Close() })
	return session.Writer(), store
}

// pointsTo tells the current controller and the current models of a store, as Juju
// reads it.
func pointsTo(t *testing.T, store *Store) string {
	t.Helper()
	registry, err := store.registry()
	if err != nil {
		t.Fatal(err)
	}
	data, err := store.read("models.yaml")
	if err != nil {
		t.Fatal(err)
	}
	models, err := jujuclient.ParseModels(data)
	if err != nil {
		t.Fatal(err)
	}
	out := registry.CurrentController
	for _, name := range natural(models) {
		var known []string
		for _, model := range natural(models[name].Models) {
			known = append(known, strings.TrimPrefix(model, "admin/"))
		}
		out += " | " + name + "[" + strings.Join(known, " ") + "]" + strings.TrimPrefix(models[name].CurrentModel, "admin/")
	}
	return out
}

const (
	entryOfWeb = `"admin/web": {uuid: ` + modelUUID + `, type: iaas}`
	entryOfDB  = `"bob/db": {uuid: ` + otherUUID + `, type: caas}`
	entryOfOwn = `"admin/controller": {uuid: 55555555-5555-4555-8555-555555555555, type: iaas}`
)

func modelsFile(old, current string) string {
	out := "controllers:\n  old:\n    models: {" + old + "}\n"
	if current != "" {
		out += "    current-model: " + current + "\n"
	}
	return out
}

func TestTheClientFollowsWhatItPointsTo(t *testing.T) {
	elsewhere := strings.Replace(standInRegistry, "current-controller: old", "current-controller: new", 1)
	nowhere := strings.Replace(standInRegistry, "current-controller: old", "", 1)
	for name, test := range map[string]struct {
		registry, models string
		moved            []fleet.Model
		want             string
	}{
		"its model moved": {
			standInRegistry, modelsFile(entryOfOwn+", "+entryOfWeb+", "+entryOfDB, "admin/web"), []fleet.Model{web},
			"new | new[web]web | old[controller bob/db]",
		},
		"its model stays": {
			standInRegistry, modelsFile(entryOfWeb+", "+entryOfDB, "bob/db"), []fleet.Model{web},
			"old | new[web] | old[bob/db]bob/db",
		},
		"it has no model": {
			standInRegistry, modelsFile(entryOfWeb+", "+entryOfDB, ""), []fleet.Model{web},
			"new | new[web]web | old[bob/db]",
		},
		"nothing but the controller's own model is left": {
			standInRegistry, modelsFile(entryOfOwn+", "+entryOfWeb+", "+entryOfDB, "admin/controller"), []fleet.Model{db, web},
			"new | new[web bob/db]web | old[controller]controller",
		},
		"its model is in no list": {
			standInRegistry, modelsFile(entryOfDB, "admin/web"), []fleet.Model{web},
			"new | new[web]web | old[bob/db]",
		},
		"it points elsewhere, and source to a model that moved": {
			elsewhere, modelsFile(entryOfWeb+", "+entryOfDB, "admin/web"), []fleet.Model{web},
			"new | new[web]web | old[bob/db]",
		},
		"it points nowhere, and source to a model that stays": {
			nowhere, modelsFile(entryOfWeb+", "+entryOfDB, "bob/db"), []fleet.Model{web},
			" | new[web] | old[bob/db]bob/db",
		},
		"it points elsewhere, and target to a model of its own": {
			elsewhere, modelsFile(entryOfWeb, "admin/web") + "  new:\n    models: {" + entryOfDB + "}\n    current-model: bob/db\n", []fleet.Model{web},
			"new | new[web bob/db]bob/db | old[]",
		},
		"its model moved, and target points to another": {
			standInRegistry, modelsFile(entryOfWeb, "admin/web") + "  new:\n    models: {" + entryOfDB + "}\n    current-model: bob/db\n", []fleet.Model{web},
			"new | new[web bob/db]web | old[]",
		},
		"it has never seen a model": {
			standInRegistry, "", []fleet.Model{web},
			"new | new[web]web",
		},
		"target has another model of that name on record": {
			standInRegistry, modelsFile(entryOfWeb, "admin/web") + "  new:\n    models: {\"admin/web\": {uuid: " + otherUUID + ", type: iaas}}\n", []fleet.Model{web},
			"new | new[web]web | old[]",
		},
		"nothing moved": {
			standInRegistry, modelsFile(entryOfWeb, ""), nil,
			"old | old[web]",
		},
	} {
		t.Run(name, func(t *testing.T) {
			w, store := clientWith(t, test.registry, test.models)
			if knows, err := w.Knows(sourceRef, targetRef, test.moved); err != nil || knows != (len(test.moved) == 0) {
				t.Errorf("before: %t, %v", knows, err)
			}
			if err := w.Follow(context.Background(), sourceRef, targetRef, test.moved); err != nil {
				t.Fatal(err)
			}
			if got := pointsTo(t, store); got != test.want {
				t.Errorf("got  %s\nwant %s", got, test.want)
			}
			if knows, err := w.Knows(sourceRef, targetRef, test.moved); err != nil || !knows {
				t.Errorf("after: %t, %v", knows, err)
			}
			if len(test.moved) == 0 {
				return
			}
			data, err := store.read("models.yaml")
			if err != nil {
				t.Fatal(err)
			}
			models, err := jujuclient.ParseModels(data)
			if err != nil {
				t.Fatal(err)
			}
			for _, m := range test.moved {
				if got := models["new"].Models[m.Name]; got.ModelUUID != m.UUID || string(got.ModelType) != string(m.Type) {
					t.Errorf("%s is %+v", m.Name, got)
				}
			}
		})
	}
}

func TestAFollowThatWasCutOffIsDoneTheRestOf(t *testing.T) {
	w, store := clientWith(t, standInRegistry, modelsFile(entryOfWeb+", "+entryOfDB, "admin/web"))
	if err := w.Follow(context.Background(), sourceRef, targetRef, []fleet.Model{web}); err != nil {
		t.Fatal(err)
	}
	want := pointsTo(t, store)
	// The models were written, and the registry was not.
	if err := os.WriteFile(store.path("controllers.yaml"), []byte(standInRegistry), 0o600); err != nil {
		t.Fatal(err)
	}
	if knows, err := w.Knows(sourceRef, targetRef, []fleet.Model{web}); err != nil || knows {
		t.Errorf("taken for done: %v", err)
	}
	if err := w.Follow(context.Background(), sourceRef, targetRef, []fleet.Model{web}); err != nil {
		t.Fatal(err)
	}
	if got := pointsTo(t, store); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestAllNamesOfTheControllersAreTold(t *testing.T) {
	registry := strings.Replace(standInRegistry, "current-controller: old", `  alt: {uuid: `+sourceUUID+`, api-endpoints: ["10.0.0.1:17070"], ca-cert: x, cloud: c}
  neu: {uuid: `+targetUUID+`, api-endpoints: ["10.0.0.2:17070"], ca-cert: x, cloud: c}
current-controller: alt`, 1)
	w, store := clientWith(t, registry, modelsFile(entryOfWeb, "admin/web")+"  alt:\n    models: {"+entryOfWeb+"}\n    current-model: admin/web\n")
	if err := w.Follow(context.Background(), sourceRef, targetRef, []fleet.Model{web}); err != nil {
		t.Fatal(err)
	}
	if got, want := pointsTo(t, store), "new | alt[] | neu[web] | new[web]web | old[]"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestFollowingKeepsTheKeysOfNewerClients(t *testing.T) {
	plantAt := func(text string) string {
		var doc yaml.Node
		if err := yaml.Unmarshal([]byte(text), &doc); err != nil {
			t.Fatal(err)
		}
		var walk func(node *yaml.Node, depth int)
		walk = func(node *yaml.Node, depth int) {
			for i := 0; node.Kind == yaml.MappingNode && i+1 < len(node.Content); i += 2 {
				walk(node.Content[i+1], depth+1)
			}
			// Among the entries of "controllers" and "models" a stranger would be one of them.
			if depth != 1 && depth != 3 {
				setText(node, "of-a-newer-client", "kept")
			}
		}
		walk(doc.Content[0], 0)
		out, err := yaml.Marshal(&doc)
		if err != nil {
			t.Fatal(err)
		}
		return string(out)
	}
	registry, models := plantAt(standInRegistry), plantAt(modelsFile(entryOfOwn+", "+entryOfWeb, "admin/web"))
	w, store := clientWith(t, registry, models)
	if err := w.Follow(context.Background(), sourceRef, targetRef, []fleet.Model{web}); err != nil {
		t.Fatal(err)
	}
	for file, before := range map[string]string{"controllers.yaml": registry, "models.yaml": models} {
		after, err := store.read(file)
		if err != nil {
			t.Fatal(err)
		}
		want, got := strings.Count(before, "of-a-newer-client"), strings.Count(string(after), "of-a-newer-client")
		if want == 0 || got != want {
			t.Errorf("%s: %d of %d unknown keys are left:\n%s", file, got, want, after)
		}
	}
	if got, want := pointsTo(t, store), "new | new[web]web | old[controller]"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestAClientThatFollowedIsNotWrittenAgain(t *testing.T) {
	w, store := clientWith(t, standInRegistry, modelsFile(entryOfWeb, "admin/web"))
	if err := w.Follow(context.Background(), sourceRef, targetRef, []fleet.Model{web}); err != nil {
		t.Fatal(err)
	}
	before := map[string]os.FileInfo{}
	for _, file := range []string{"controllers.yaml", "models.yaml"} {
		info, err := os.Stat(store.path(file))
		if err != nil {
			t.Fatal(err)
		}
		before[file] = info
	}
	if err := w.Follow(context.Background(), sourceRef, targetRef, []fleet.Model{web}); err != nil {
		t.Fatal(err)
	}
	for file, info := range before {
		now, err := os.Stat(store.path(file))
		if err != nil || !os.SameFile(info, now) {
			t.Errorf("%s was written again (%v)", file, err)
		}
	}
	entries, err := filepath.Glob(store.path("*"))
	if err != nil || len(entries) != 2 {
		t.Errorf("left behind: %v, %v", entries, err)
	}
}

func TestAStoreThatCannotBeReadIsNotFollowed(t *testing.T) {
	for name, test := range map[string]struct{ registry, models string }{
		"no YAML":       {standInRegistry, "controllers: ["},
		"a list":        {standInRegistry, "- a\n"},
		"no target":     {strings.Replace(standInRegistry, targetUUID, otherUUID, 1), modelsFile(entryOfWeb, "admin/web")},
		"no controller": {"{}", modelsFile(entryOfWeb, "admin/web")},
	} {
		t.Run(name, func(t *testing.T) {
			w, store := clientWith(t, test.registry, test.models)
			before, err := store.read("models.yaml")
			if err != nil {
				t.Fatal(err)
			}
			if _, err := w.Knows(sourceRef, targetRef, []fleet.Model{web}); err == nil {
				t.Error("is told something")
			}
			if err := w.Follow(context.Background(), sourceRef, targetRef, []fleet.Model{web}); err == nil {
				t.Error("followed")
			}
			after, err := store.read("models.yaml")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(before), string(after)); diff != "" {
				t.Error(diff)
			}
		})
	}
}
