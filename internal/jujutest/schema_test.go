package jujutest

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/juju/juju/rpc"
	"github.com/juju/juju/rpc/params"
)

// Juju's own description of its facades, one version of each.
type facadeSchema struct {
	Name    string
	Version int
	Schema  struct {
		Properties map[string]struct {
			Properties struct {
				Params, Result struct {
					Ref string `json:"$ref"`
				}
			} `json:"properties"`
		} `json:"properties"`
		Definitions map[string]struct {
			Properties map[string]any `json:"properties"`
		} `json:"definitions"`
	}
}

// jujuSource is the folder of the linked Juju, as the compiler saw it.
func jujuSource(t *testing.T) string {
	t.Helper()
	pc := reflect.ValueOf(rpc.NewConn).Pointer()
	file, _ := runtime.FuncForPC(pc).FileLine(pc)
	dir := filepath.Dir(filepath.Dir(file))
	if _, err := os.Stat(dir); err != nil {
		t.Skipf("Juju's source is not where it was compiled from (-trimpath): %v", err)
	}
	return dir
}

func TestEachMethodServedHasTheTypesOfJujusSchema(t *testing.T) {
	data, err := os.ReadFile(filepath.Join(jujuSource(t), "apiserver", "facades", "schema.json"))
	if err != nil {
		t.Fatal(err)
	}
	var schemas []facadeSchema
	if err := json.Unmarshal(data, &schemas); err != nil {
		t.Fatal(err)
	}
	own := mustVersion(t, "3.6.11")
	checked := 0
	for _, schema := range schemas {
		for name, h := range handlers()[schema.Name] {
			if !slices.Contains(facadesOf(own)[schema.Name], schema.Version) {
				t.Errorf("%s: schema.json has version %d, which is not served", schema.Name, schema.Version)
				continue
			}
			method, ok := schema.Schema.Properties[name]
			if !ok {
				t.Errorf("%s.%s is served, but Juju has no such method", schema.Name, name)
				continue
			}
			checked++
			h = h.at(schema.Version)
			compare(t, schema, name+" parameters", method.Properties.Params.Ref, h.params)
			compare(t, schema, name+" result", method.Properties.Result.Ref, h.result)
		}
	}
	if checked < 20 {
		t.Errorf("only %d methods compared", checked)
	}
}

// compare looks at the type's name and the names of its fields on the wire.
func compare(t *testing.T, schema facadeSchema, what, ref string, typ reflect.Type) {
	t.Helper()
	name := strings.TrimPrefix(ref, "#/definitions/")
	if typ == nil {
		if name != "" {
			t.Errorf("%s.%s: none, schema has %s", schema.Name, what, name)
		}
		return
	}
	if typ.Name() != name {
		t.Errorf("%s.%s: %s, schema has %q", schema.Name, what, typ.Name(), name)
		return
	}
	have := wireFields(typ)
	// Newer servers have it, whose schema is not here.
	want := map[string][]string{"Controller.InitiateMigration parameters": {"dry-run"}}[schema.Name+"."+what]
	for field := range schema.Schema.Definitions[name].Properties {
		want = append(want, field)
	}
	slices.Sort(have)
	slices.Sort(want)
	if !slices.Equal(have, want) {
		t.Errorf("%s.%s: fields %q, schema has %q", schema.Name, what, have, want)
	}
}

func wireFields(typ reflect.Type) []string {
	var list []string
	for i := range typ.NumField() {
		f := typ.Field(i)
		tag, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if tag == "-" || !f.IsExported() {
			continue
		}
		if f.Anonymous && tag == "" {
			if typ.PkgPath() == reflect.TypeFor[params.Entity]().PkgPath() {
				list = append(list, f.Name) // the schema has both
			}
			list = append(list, wireFields(f.Type)...)
			continue
		}
		if tag == "" {
			tag = f.Name
		}
		list = append(list, tag)
	}
	return list
}
