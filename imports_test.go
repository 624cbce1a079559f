// Package rooms_test holds the import rules of the project: imports go down
// only, and what can be tested without Juju stays buildable without it.
// .golangci.yml says the same to the linter; this test needs nothing but Go.
package rooms_test

import (
	"fmt"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "github.com/juju-upgrade-all/juju-upgrade-all"

// rooms says for each room which of ours it may import; "*" is all. A room is a
// folder with all below it; the longest name counts. What is not named here is
// not a room, and is refused.
var rooms = map[string][]string{
	"":                           {}, // this test
	"cmd/juju-upgrade-all":       {"plugin", "internal/jujuapi", "internal/client", "internal/fleet", "internal/discover", "internal/execute", "internal/report"},
	"cmd/juju-estate":            {"internal/jujutest", "internal/jujutest/estate", "internal/fleet"},
	"plugin":                     {"internal/fleet", "internal/rules", "internal/discover", "internal/preflight", "internal/plan", "internal/journal", "internal/execute", "internal/client", "internal/report"},
	"internal/fleet":             {},
	"internal/rules":             {"internal/fleet"},
	"internal/discover":          {"internal/fleet"},
	"internal/preflight":         {"internal/fleet", "internal/rules"},
	"internal/plan":              {"internal/fleet", "internal/rules"},
	"internal/journal":           {"internal/fleet", "internal/plan"},
	"internal/execute":           {"internal/fleet", "internal/plan", "internal/journal"},
	"internal/client":            {"internal/fleet", "internal/rules"},
	"internal/report":            {"internal/fleet", "internal/plan", "internal/journal"},
	"internal/jujuapi":           {"internal/fleet", "internal/rules", "internal/discover", "internal/execute"},
	"internal/jujutest":          {"internal/fleet", "internal/jujutest/estate"},
	"internal/jujutest/estate":   {},
	"internal/jujutest/contract": {"internal/fleet", "internal/discover", "internal/execute", "internal/jujuapi", "internal/jujutest", "internal/jujutest/estate"},
	"e2e":                        {"*"},
}

// testsToo are what a room's tests may import besides: a test of jujuapi needs
// a controller to talk to, and the plugin's scripts run the whole tool.
var testsToo = map[string][]string{
	"cmd/juju-upgrade-all": {"*"},
	"cmd/juju-estate":      {"*"},
	"plugin":               {"*"},
	"internal/jujuapi":     {"*"},
	"internal/jujutest":    {"*"},
}

// reserved are modules that only some rooms may import. What links Juju takes
// minutes to compile; what imports Juju's command library would decide how a
// lower room talks to people.
var reserved = map[string][]string{
	"github.com/juju/juju":    {"internal/jujuapi", "internal/jujutest", "internal/jujutest/contract", "cmd/juju-upgrade-all", "cmd/juju-estate", "e2e"},
	"github.com/juju/cmd/v3":  {"plugin", "cmd/juju-upgrade-all", "cmd/juju-estate"},
	"github.com/juju/gnuflag": {"plugin", "cmd/juju-upgrade-all", "cmd/juju-estate"},
}

// file is one Go file with what it imports, its path relative to the project.
type file struct {
	path    string
	imports []string
}

func TestImportsGoDownOnly(t *testing.T) {
	files, err := sources(".")
	if err != nil {
		t.Fatal(err)
	}
	if len(files) < 10 {
		t.Fatalf("found only %d Go files", len(files))
	}
	for _, problem := range broken(files) {
		t.Error(problem)
	}
}

func TestABrokenImportRuleIsFound(t *testing.T) {
	tests := []struct {
		path, imports string
		ok            bool
	}{
		{"internal/fleet/a.go", "strings", true},
		{"internal/fleet/a.go", "github.com/juju/version/v2", true},
		{"internal/fleet/a.go", module + "/internal/plan", false},
		{"internal/fleet/a.go", "github.com/juju/juju/core/status", false},
		{"internal/fleet/a_test.go", "github.com/juju/juju/core/status", false},
		{"internal/plan/a.go", module + "/internal/fleet", true},
		{"internal/plan/a.go", module + "/internal/journal", false},
		{"internal/report/a.go", module + "/internal/execute", false},
		{"internal/execute/a.go", module + "/internal/jujuapi", false},
		{"internal/jujuapi/a.go", "github.com/juju/juju/api", true},
		{"internal/jujuapi/a.go", module + "/internal/jujutest", false},
		{"internal/jujuapi/a_test.go", module + "/internal/jujutest", true},
		{"internal/jujuapi/sub/a.go", "github.com/juju/juju/api", true},
		{"internal/jujuapi/a.go", "github.com/juju/cmd/v3", false},
		{"internal/jujutest/a.go", module + "/internal/jujuapi", false},
		{"internal/jujutest/a.go", module + "/internal/jujutest/estate", true},
		{"internal/jujutest/estate/a.go", "github.com/juju/version/v2", true},
		{"internal/jujutest/estate/a.go", "github.com/juju/juju/rpc/params", false},
		{"internal/jujutest/estate/a_test.go", module + "/internal/jujutest", false},
		{"internal/jujutest/fleetbench/a_test.go", "github.com/juju/juju/api", true},
		{"internal/jujutest/contract/a.go", "github.com/juju/juju/api", true},
		{"internal/jujutest/contract/a.go", module + "/internal/jujuapi", true},
		{"plugin/a.go", "github.com/juju/cmd/v3", true},
		{"plugin/a.go", "github.com/juju/juju/cmd", false},
		{"plugin/a.go", module + "/internal/jujuapi", false},
		{"plugin/a.go", module + "/internal/fleet", true},
		{"internal/attic/a.go", "strings", false},
		{"internal/plan/a.go", "github.com/juju/jujuish", true},
	}
	for _, test := range tests {
		found := broken([]file{{test.path, []string{test.imports}}})
		if (len(found) == 0) != test.ok {
			t.Errorf("%s imports %s: allowed should be %v, found %q", test.path, test.imports, test.ok, found)
		}
	}
}

// broken returns every breach of the rules.
func broken(files []file) []string {
	var out []string
	for _, f := range files {
		room, ok := roomOf(path.Dir(f.path))
		if !ok {
			out = append(out, fmt.Sprintf("%s is in no room: name the room in imports_test.go, with what it may import", f.path))
			continue
		}
		for _, imported := range f.imports {
			if why := breach(room, imported, strings.HasSuffix(f.path, "_test.go")); why != "" {
				out = append(out, fmt.Sprintf("%s imports %s: %s", f.path, imported, why))
			}
		}
	}
	return out
}

// breach says why the room may not import that; "" when it may.
func breach(room, imported string, test bool) string {
	for mod, may := range reserved {
		if within(imported, mod) && !slices.Contains(may, room) {
			if !test || !slices.Contains(testsToo[room], "*") {
				return fmt.Sprintf("only %s may", strings.Join(may, ", "))
			}
		}
	}
	if !within(imported, module) {
		return ""
	}
	target, ok := roomOf(strings.TrimPrefix(strings.TrimPrefix(imported, module), "/"))
	if !ok {
		return "it is in no room"
	}
	may := rooms[room]
	if test {
		may = append(slices.Clone(may), testsToo[room]...)
	}
	if target == room || slices.Contains(may, "*") || slices.Contains(may, target) {
		return ""
	}
	return fmt.Sprintf("%s may import only %s", room, strings.Join(may, ", "))
}

// roomOf returns the room that a folder belongs to.
func roomOf(dir string) (string, bool) {
	if dir == "." {
		dir = ""
	}
	best, found := "", dir == ""
	for room := range rooms {
		if room != "" && within(dir, room) && len(room) > len(best) {
			best, found = room, true
		}
	}
	return best, found
}

// within says that name is parent or below it.
func within(name, parent string) bool {
	return name == parent || strings.HasPrefix(name, parent+"/")
}

// sources reads the imports of every Go file of the project.
func sources(root string) ([]file, error) {
	var out []file
	err := filepath.WalkDir(root, func(p string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && p != root && (strings.ContainsAny(d.Name()[:1], "._") || d.Name() == "testdata" || d.Name() == "bin") {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(p, ".go") {
			return nil
		}
		parsed, err := parser.ParseFile(token.NewFileSet(), p, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		f := file{path: filepath.ToSlash(p)}
		for _, spec := range parsed.Imports {
			name, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				return err
			}
			f.imports = append(f.imports, name)
		}
		out = append(out, f)
		return nil
	})
	return out, err
}
