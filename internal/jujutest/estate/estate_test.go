package estate_test

import (
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/juju/version/v2"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujutest/estate"
)

const demo = "../../../cmd/juju-estate/demo.yaml"

func TestWhatIsWrongInAnEstateIsToldWithItsLine(t *testing.T) {
	for name, test := range map[string]struct{ text, want string }{
		"empty":             {"", "it is empty"},
		"no controllers":    {"speed: 3\n", "no controllers"},
		"not YAML":          {"controllers: [\n", "line 1"},
		"unknown key":       {"controllers:\n  - {name: a, version: 3.6.4}\nspede: 3\n", "line 3: field spede not found"},
		"unknown inner key": {"controllers:\n  - name: a\n    version: 3.6.4\n    modles: []\n", "line 4: field modles not found"},
		"unknown machine key": {"controllers:\n  - name: a\n    version: 3.6.4\n    models:\n      - name: m\n        machines:\n          - {contaners: 1}\n",
			`line 7: unknown key "contaners"`},
		"machines of text": {"controllers:\n  - name: a\n    version: 3.6.4\n    models:\n      - {name: m, machines: many}\n", "line 5: machines must be a number or a list"},
		"version":          {"controllers:\n  - name: a\n    version: 3.six\n", `line 3: "3.six" is not a version`},
		"no version":       {"controllers:\n  - name: a\n", `line 2: controller "a" has no version`},
		"offer":            {"controllers:\n  - name: a\n    version: 3.6.4\n    series-offers:\n      - 3.6.4\n      - newest\n", `line 6: "newest" is not a version`},
		"twice":            {"controllers:\n  - {name: a, version: 3.6.4}\n  - {name: a, version: 3.6.4}\n", `line 3: controller "a" is there twice`},
		"model twice":      {"controllers:\n  - name: a\n    version: 3.6.4\n    models:\n      - name: m\n      - name: m\n", `line 6: model "m" is there twice`},
		"model twice, once with its owner": {"controllers:\n  - name: a\n    version: 3.6.4\n    models:\n      - name: m\n      - name: admin/m\n",
			`line 6: model "admin/m" is there twice`},
		"model that is generated": {"controllers:\n  - name: a\n    version: 3.6.4\n    generate: {models: 3}\n    models:\n      - name: model-2\n",
			`line 6: model "model-2" is there twice`},
		"speed that is not a number": {"speed: .nan\ncontrollers:\n  - {name: a, version: 3.6.4}\n", "line 1: speed NaN"},
		"model too new":              {"controllers:\n  - name: a\n    version: 3.6.4\n    models:\n      - {name: m, version: 3.6.5}\n", "newer than its controller"},
		"even HA":                    {"controllers:\n  - name: a\n    version: 3.6.4\n    ha: 2\n", "line 4: ha 2"},
		"agent tag":                  {"controllers:\n  - name: a\n    version: 3.6.4\n    models:\n      - name: m\n        faults:\n          - {agent: shop/0, kind: down}\n", `line 7: "shop/0" is not the tag`},
		"agent kind":                 {"controllers:\n  - name: a\n    version: 3.6.4\n    models:\n      - name: m\n        faults:\n          - {agent: machine-0, kind: dwon}\n", `line 7: unknown kind of fault "dwon"`},
		"fault":                      {"controllers:\n  - name: a\n    version: 3.6.4\n    faults:\n      - {kind: drop}\n", "line 5: fault drop needs a method"},
		"negative units":             {"controllers:\n  - name: a\n    version: 3.6.4\n    models:\n      - name: m\n        applications: [{name: x, units: -1}]\n", "line 6: -1"},
		"far too many":               {"controllers:\n  - name: a\n    version: 3.6.4\n    generate: {models: 1000000, units: 1000}\n", "more than 1000000"},
		"second document":            {"controllers:\n  - {name: a, version: 3.6.4}\n---\nspeed: 1\n", "more than one YAML document"},

		"user":           {"controllers:\n  - name: a\n    version: 3.6.4\n    users: [{name: bob}, {name: bob}]\n", `line 4: user "bob" is there twice`},
		"user's access":  {"controllers:\n  - name: a\n    version: 3.6.4\n    users:\n      - {name: bob, access: root}\n", `line 5: "root": want one of superuser`},
		"cloud":          {"controllers:\n  - name: a\n    version: 3.6.4\n    clouds: [{name: lab}, {name: lab}]\n", `line 4: cloud "lab" is there twice`},
		"model default":  {"controllers:\n  - name: a\n    version: 3.6.4\n    model-defaults: {lab/sea: {http-proxy: x}}\n", `line 4: the controller has no cloud or region "lab/sea"`},
		"cloud's user":   {"controllers:\n  - name: a\n    version: 3.6.4\n    clouds: [{name: moon, users: [{name: al, access: write}]}]\n", `line 4: "write": want one of add-model, admin`},
		"region":         {"controllers:\n  - name: a\n    version: 3.6.4\n    clouds: [{name: moon, regions: [{nam: sea}]}]\n", `line 4: unknown key "nam" of a region`},
		"credential":     {"controllers:\n  - name: a\n    version: 3.6.4\n    models: [{name: m, credential: mine}]\n", `line 4: "mine": want OWNER/NAME`},
		"secret backend": {"controllers:\n  - name: a\n    version: 3.6.4\n    models: [{name: m, secret-backends: [safe]}]\n", `line 4: there is no secret backend "safe"`},
		"consumed offer": {"controllers:\n  - name: a\n    version: 3.6.4\n    models: [{name: m, saas: [{name: db, url: db}]}]\n", `line 4: "db": want a name and a url`},
		"cluster's HA":   {"controllers:\n  - name: a\n    version: 3.6.4\n    cloud-type: kubernetes\n    ha: 3\n", "line 5: ha 3: a controller on Kubernetes has one server"},
		"its machines":   {"controllers:\n  - name: a\n    version: 3.6.4\n    cloud-type: kubernetes\n    models: [{name: m, machines: 1}]\n", "line 5: model \"m\" is on Kubernetes"},
		"a cluster's machines": {"controllers:\n  - name: a\n    version: 3.6.4\n    clouds: [{name: k8s, type: kubernetes}]\n    models: [{name: m, cloud: k8s, machines: 1}]\n",
			"line 5: model \"m\" is on Kubernetes"},
		"its subordinates": {"controllers:\n  - name: a\n    version: 3.6.4\n    cloud-type: kubernetes\n    models: [{name: m, applications: [{name: x, subordinates: [y]}]}]\n",
			`line 5: application "x" is on Kubernetes`},
		"a cluster's secrets": {"controllers:\n  - name: a\n    version: 3.6.4\n    models: [{name: m, secrets: 2}]\n", `line 4: model "m" is not on Kubernetes`},
		"own credential":      {"controllers:\n  - name: a\n    version: 3.6.4\n    credential: mine\n", `line 4: "mine": want OWNER/NAME`},
		"phase":               {"controllers:\n  - name: a\n    version: 3.6.4\n    faults: [{kind: migration-aborts, phase: SUCCESS}]\n", "line 4: fault migration-aborts needs a phase, one of QUIESCE, IMPORT, PROCESSRELATIONS, VALIDATION"},
		"phase's time":        {"timing: {migration-phases: {REAPING: 1s}}\ncontrollers:\n  - {name: a, version: 3.6.4}\n", "line 1: REAPING 1s"},
		"image":               {"controllers:\n  - name: a\n    version: 3.6.4\n    faults: [{kind: spoil-image}]\n", `line 4: fault spoil-image needs a version, not ""`},
		"stranded agent":      {"controllers:\n  - name: a\n    version: 3.6.4\n    faults: [{kind: migration-strands, agent: app/0}]\n", "line 4: fault migration-strands needs an agent such as unit-mysql-0"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := estate.Parse([]byte(test.text))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v\nwant %q", err, test.want)
			}
		})
	}
}

func TestTheDemosAreEstates(t *testing.T) {
	for _, file := range []string{demo, strings.Replace(demo, "demo.yaml", "move.yaml", 1)} {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := estate.Parse(data); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
}

func TestGeneratedModelsAreAddedToThoseListed(t *testing.T) {
	e, err := estate.Parse([]byte("controllers:\n  - name: a\n    version: 3.6.4\n    models: [{name: web}]\n    generate: {models: 2, units: 3}\n"))
	if err != nil {
		t.Fatal(err)
	}
	app := []estate.Application{{Name: "app", Units: 3}}
	want := []estate.Model{{Name: "web"}, {Name: "model-0", Applications: app}, {Name: "model-1", Applications: app}}
	if diff := cmp.Diff(want, e.Controllers[0].AllModels()); diff != "" {
		t.Error(diff)
	}
}

// FuzzParse wants of whatever is accepted what jujutest relies on: versions that
// can be read, and models that can be told apart.
func FuzzParse(f *testing.F) {
	f.Add([]byte("speed: 50\ncontrollers:\n  - name: prod\n    version: 3.6.4\n    series-offers: [3.6.4, 3.6.11]\n    models:\n" +
		"      - name: web\n        machines: [{containers: 1}, {}]\n        applications: [{name: shop, units: 2, subordinates: [nrpe]}]\n"))
	if data, err := os.ReadFile(demo); err == nil {
		f.Add(data)
	}
	f.Add([]byte("controllers: [{name: a, version: 3.6.4, generate: {models: 3}, faults: [{kind: error, method: A.B}]}]"))
	f.Add([]byte("controllers: [{name: a, version: 3.6.4, generate: {models: 3}, models: [{name: bob/model-1, machines: 2}]}]"))
	f.Add([]byte("controllers: [{name: a, version: 3.6.4, users: [{name: bob}], secret-backends: [{name: s}], models: [{name: m, secret-backends: [s], saas: [{name: db, url: \"a:bob/m.db\"}]}]}]"))
	f.Add([]byte("a: &a [*a]"))
	f.Fuzz(func(t *testing.T, data []byte) {
		e, err := estate.Parse(data)
		if err != nil {
			return
		}
		if err := e.Validate(); err != nil {
			t.Errorf("parsed, yet not valid: %v", err)
		}
		if !(e.Speed >= 0) {
			t.Errorf("speed %v", e.Speed)
		}
		for _, c := range e.Controllers {
			for _, v := range append(slices.Clone(c.Offers), c.Version) {
				if _, err := version.Parse(v); err != nil {
					t.Error(err)
				}
			}
			if c.Generate != nil && c.Generate.Models*(c.Generate.Machines+1) > 10_000 {
				continue // fine, and not made here
			}
			seen := map[[2]string]bool{}
			for _, m := range c.AllModels() {
				owner, name := c.Qualify(m.Name)
				if name == "" || seen[[2]string{owner, name}] {
					t.Errorf("%s/%s is there twice, or has no name", owner, name)
				}
				seen[[2]string{owner, name}] = true
			}
		}
	})
}
