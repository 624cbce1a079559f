package preflight

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"text/tabwriter"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

var update = flag.Bool("update", false, "write the golden files")

func mustDuration(t *testing.T, s string) time.Duration {
	t.Helper()
	d, err := time.ParseDuration(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestTheOrderOfWhatIsLookedAtMakesNoDifference shuffles all but the order of
// the controllers, which is the operator's.
func TestTheOrderOfWhatIsLookedAtMakesNoDifference(t *testing.T) {
	all := firings()
	rapid.Check(t, func(t *rapid.T) {
		e := well()
		e.other("lab", old)
		changes := rapid.SliceOfN(rapid.IntRange(0, len(all)-1), 1, 4).Draw(t, "changes")
		for _, i := range changes {
			if broke := apply(e, all[i].change); broke {
				return // the changes do not go together
			}
		}
		want := e.run()
		controllers := []*fleet.Controller{}
		for i := range e.fleet.Controllers {
			controllers = append(controllers, &e.fleet.Controllers[i])
		}
		if e.fleet.Target != nil {
			controllers = append(controllers, e.fleet.Target)
		}
		for _, c := range controllers {
			if h := c.Holdings; h != nil {
				h.Users = rapid.Permutation(h.Users).Draw(t, "users")
				h.Clouds = rapid.Permutation(h.Clouds).Draw(t, "clouds")
				h.SecretBackends = rapid.Permutation(h.SecretBackends).Draw(t, "backends")
			}
			c.Models = rapid.Permutation(c.Models).Draw(t, "models")
			c.Servers = rapid.Permutation(c.Servers).Draw(t, "servers")
			for j := range c.Models {
				s := &c.Models[j].Status
				s.Agents = rapid.Permutation(s.Agents).Draw(t, "agents")
				s.Offers = rapid.Permutation(s.Offers).Draw(t, "offers")
				s.Remotes = rapid.Permutation(s.Remotes).Draw(t, "remotes")
				shuffle(t, s)
				if b := c.Models[j].Belongings; b != nil {
					b.Users = rapid.Permutation(b.Users).Draw(t, "model's users")
					b.Charms = rapid.Permutation(b.Charms).Draw(t, "charms")
					b.SecretBackends = rapid.Permutation(b.SecretBackends).Draw(t, "model's backends")
				}
			}
		}
		e.goal.Accept = rapid.Permutation(e.goal.Accept).Draw(t, "accept")
		if diff := cmp.Diff(want, e.run()); diff != "" {
			t.Fatal(diff)
		}
	})
}

// shuffle shuffles the applications of a model, and what is told of each.
func shuffle(t *rapid.T, s *fleet.ModelStatus) {
	s.Applications = rapid.Permutation(s.Applications).Draw(t, "applications")
	for i := range s.Applications {
		a := &s.Applications[i]
		a.Behind = rapid.Permutation(a.Behind).Draw(t, "behind")
		if r := a.Release; r != nil {
			r.Bases = rapid.Permutation(r.Bases).Draw(t, "bases")
			r.Resources = rapid.Permutation(r.Resources).Draw(t, "resources")
			r.Actions = rapid.Permutation(r.Actions).Draw(t, "actions")
		}
	}
}

// apply makes a change, and tells whether an earlier one took away what it is
// about.
func apply(e *estate, change func(*estate)) (broke bool) {
	defer func() { broke = recover() != nil }()
	change(e)
	return false
}

// TestTheTextOfARefusalNeverDecidesWhetherItHolds is law 7.
func TestTheTextOfARefusalNeverDecidesWhetherItHolds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		e := well()
		text := rapid.OneOf(rapid.String(), rapid.Map(rapid.SliceOf(rapid.SampledFrom([]string{
			"due to issues with these models:\n", "\"admin/web\":\n", "\"admin/db\":\n", "- reason\n", "\n", "ok, up to date\n",
		})), func(parts []string) string { return string(bytes.Join(toBytes(parts), nil)) })).Draw(t, "text")
		refused(text)(e)
		found := of(e.run(), "juju-refuses")
		if len(found) == 0 {
			t.Fatal("it holds nothing")
		}
		for _, f := range found {
			if !f.Holds() || f.Scope != fleet.WholeController {
				t.Fatalf("found %+v", f)
			}
		}
	})
}

func toBytes(parts []string) [][]byte {
	var out [][]byte
	for _, p := range parts {
		out = append(out, []byte(p))
	}
	return out
}

func TestTheListOfChecksIsStable(t *testing.T) {
	var b bytes.Buffer
	w := tabwriter.NewWriter(&b, 0, 8, 2, ' ', 0)
	checks := Checks()
	slices.SortFunc(checks, func(a, b Check) int { return bytes.Compare([]byte(a.Code), []byte(b.Code)) })
	for _, c := range checks {
		acceptable := "-"
		if c.Acceptable {
			acceptable = "acceptable"
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", c.Code, c.Severity, c.Scope, acceptable, c.Summary)
	}
	w.Flush()
	golden := filepath.Join("testdata", "checks.txt")
	if *update {
		if err := os.WriteFile(golden, b.Bytes(), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), b.String()); diff != "" {
		t.Errorf("codes are what scripts rely on; -update if this is meant: %s", diff)
	}
}
