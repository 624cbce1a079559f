package report

import (
	"bytes"
	"encoding/json"
	"reflect"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"gopkg.in/yaml.v3"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

func documents() map[string]any {
	return map[string]any{
		"plan":  PlanDocument(blockedPlan().p),
		"lab":   PlanDocument(plans()["fleet-unreachable"]),
		"state": StateDocument(failedRun().s, nil, false, "/runs/17", at(time.Hour), Style{}),
		"live":  StateDocument(halfway().s, underWay(), true, "/runs/17", at(7*time.Minute), Style{}),
		"runs":  RunsDocument([]Run{{Number: 16, State: failedRun().s}, {Number: 15, Problem: "torn"}}, at(time.Hour)),
	}
}

func TestDocumentsReadTheSameInBothFormats(t *testing.T) {
	for name, document := range documents() {
		t.Run(name, func(t *testing.T) {
			var j, y bytes.Buffer
			if err := Encode(&j, "json", document); err != nil {
				t.Fatal(err)
			}
			if err := Encode(&y, "yaml", document); err != nil {
				t.Fatal(err)
			}
			golden(t, "document-"+name+".yaml", y.String())
			var fromJSON, fromYAML any
			if err := json.Unmarshal(j.Bytes(), &fromJSON); err != nil {
				t.Fatal(err)
			}
			if err := yaml.Unmarshal(y.Bytes(), &fromYAML); err != nil {
				t.Fatal(err)
			}
			// Through JSON, so that numbers are of one type.
			data, err := json.Marshal(fromYAML)
			if err != nil {
				t.Fatal(err)
			}
			fromYAML = nil
			if err := json.Unmarshal(data, &fromYAML); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(fromJSON, fromYAML); diff != "" {
				t.Errorf("json and yaml differ:\n%s", diff)
			}
		})
	}
}

func TestKeysAreKebabCaseAndTheSameInBothFormats(t *testing.T) {
	kebab := regexp.MustCompile(`^[a-z]+(-[a-z]+)*$`)
	seen := map[reflect.Type]bool{}
	var check func(reflect.Type)
	check = func(typ reflect.Type) {
		for typ.Kind() == reflect.Slice || typ.Kind() == reflect.Pointer {
			typ = typ.Elem()
		}
		if typ.Kind() != reflect.Struct || seen[typ] {
			return
		}
		seen[typ] = true
		for i := range typ.NumField() {
			f := typ.Field(i)
			if f.Tag.Get("json") == "" || f.Tag.Get("json") != f.Tag.Get("yaml") {
				t.Errorf("%s.%s: json %q, yaml %q", typ, f.Name, f.Tag.Get("json"), f.Tag.Get("yaml"))
			}
			if name, _, _ := strings.Cut(f.Tag.Get("json"), ","); !kebab.MatchString(name) {
				t.Errorf("%s.%s: key %q", typ, f.Name, name)
			}
			check(f.Type)
		}
	}
	for _, document := range documents() {
		check(reflect.TypeOf(document))
	}
	if !seen[reflect.TypeOf(CharmsDoc{})] || !seen[reflect.TypeOf(RefreshDoc{})] {
		t.Error("the documents of charms were not checked")
	}
	if len(seen) < 10 {
		t.Errorf("only %d types were checked", len(seen))
	}
}

func TestAnUnknownFormatIsRefused(t *testing.T) {
	if err := Encode(&bytes.Buffer{}, "xml", PlanDocument(plan.Plan{})); err == nil {
		t.Error("xml was written")
	}
}
