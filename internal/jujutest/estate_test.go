package jujutest_test

import (
	"os"
	"strings"
	"testing"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujutest"
)

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
		"model too new":    {"controllers:\n  - name: a\n    version: 3.6.4\n    models:\n      - {name: m, version: 3.6.5}\n", "newer than its controller"},
		"even HA":          {"controllers:\n  - name: a\n    version: 3.6.4\n    ha: 2\n", "line 4: ha 2"},
		"agent tag":        {"controllers:\n  - name: a\n    version: 3.6.4\n    models:\n      - name: m\n        faults:\n          - {agent: shop/0, kind: down}\n", `line 7: "shop/0" is not the tag`},
		"agent kind":       {"controllers:\n  - name: a\n    version: 3.6.4\n    models:\n      - name: m\n        faults:\n          - {agent: machine-0, kind: dwon}\n", `line 7: unknown kind of fault "dwon"`},
		"fault":            {"controllers:\n  - name: a\n    version: 3.6.4\n    faults:\n      - {kind: drop}\n", "line 5: fault drop needs a method"},
		"negative units":   {"controllers:\n  - name: a\n    version: 3.6.4\n    models:\n      - name: m\n        applications: [{name: x, units: -1}]\n", "line 6: -1"},
		"far too many":     {"controllers:\n  - name: a\n    version: 3.6.4\n    generate: {models: 1000000, units: 1000}\n", "more than 1000000"},
		"second document":  {"controllers:\n  - {name: a, version: 3.6.4}\n---\nspeed: 1\n", "more than one YAML document"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := jujutest.ParseEstate([]byte(test.text))
			if err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("got %v\nwant %q", err, test.want)
			}
		})
	}
}

func TestAFaultOfAnAgentThatIsNotThereIsRefused(t *testing.T) {
	_, err := jujutest.Start(jujutest.Estate{Controllers: []jujutest.ControllerSpec{{
		Name: "a", Version: "3.6.4",
		Models: []jujutest.ModelSpec{{Name: "m", Faults: []jujutest.AgentFault{{Agent: "machine-7", Kind: jujutest.AgentDown}}}},
	}}})
	if err == nil || !strings.Contains(err.Error(), `there is no agent "machine-7"`) {
		t.Errorf("got %v", err)
	}
}

func TestTheDemoIsAnEstate(t *testing.T) {
	data, err := os.ReadFile("../../cmd/juju-estate/demo.yaml")
	if err != nil {
		t.Fatal(err)
	}
	estate, err := jujutest.ParseEstate(data)
	if err != nil {
		t.Fatal(err)
	}
	w, err := jujutest.Start(estate)
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

func FuzzParseEstate(f *testing.F) {
	f.Add([]byte(oneController))
	if demo, err := os.ReadFile("../../cmd/juju-estate/demo.yaml"); err == nil {
		f.Add(demo)
	}
	f.Add([]byte("controllers: [{name: a, version: 3.6.4, generate: {models: 3}, faults: [{kind: error, method: A.B}]}]"))
	f.Add([]byte("a: &a [*a]"))
	f.Fuzz(func(t *testing.T, data []byte) {
		estate, err := jujutest.ParseEstate(data)
		if err != nil {
			return
		}
		if err := estate.Validate(); err != nil {
			t.Errorf("parsed, yet not valid: %v", err)
		}
	})
}
