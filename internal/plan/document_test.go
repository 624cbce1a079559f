package plan_test

import (
	"bytes"
	"encoding/json"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

func TestAFlippedByteIsRefusedOrHarmless(t *testing.T) {
	p := plan.Compute(cases()["backup-skipped"])
	data := encode(t, p)
	flips := []byte{0x01, 0x20}
	if testing.Short() {
		flips = flips[:1]
	}
	for i := range data {
		for _, flip := range flips {
			wantRefusedOrEqual(t, p, data, i, flip)
		}
	}
	random := rand.New(rand.NewPCG(1, 2))
	for range 1000 {
		wantRefusedOrEqual(t, p, data, random.IntN(len(data)), byte(1+random.IntN(255)))
	}
}

func wantRefusedOrEqual(t *testing.T, p plan.Plan, data []byte, at int, flip byte) {
	t.Helper()
	broken := bytes.Clone(data)
	broken[at] ^= flip
	got, err := plan.Decode(broken)
	if err != nil {
		if !fleet.IsBadInput(err) {
			t.Fatalf("byte %d: %v is not an input error", at, err)
		}
		return
	}
	if !cmp.Equal(p, got, cmpopts.EquateEmpty()) {
		t.Fatalf("byte %d (%q) as %q is taken for another plan", at, data[at], broken[at])
	}
}

func TestATornPlanIsRefused(t *testing.T) {
	data := encode(t, plan.Compute(cases()["ha"]))
	whole := len(bytes.TrimRight(data, "\n"))
	for n := range whole {
		if _, err := plan.Decode(data[:n]); !fleet.IsBadInput(err) {
			t.Fatalf("torn after %d of %d bytes: %v", n, whole, err)
		}
	}
	if _, err := plan.Decode(data[:whole]); err != nil {
		t.Errorf("without the last line's end: %v", err)
	}
}

func TestAnUnusablePlanSaysWhy(t *testing.T) {
	data := string(encode(t, plan.Compute(cases()["one-controller"])))
	for name, c := range map[string]struct{ document, says string }{
		"empty":         {"", "not a whole plan"},
		"not JSON":      {"controllers:\n  prod:\n", "not a whole plan"},
		"other JSON":    {`{"applications": {}}`, "it has no format"},
		"null":          {"null", "it has no format"},
		"list":          {"[]", "not a whole plan"},
		"later format":  {strings.Replace(data, `"format": 1`, `"format": 2`, 1), "its format is 2 and this version of the tool reads format 1"},
		"edited":        {strings.ReplaceAll(data, "3.6.11", "3.6.12"), "edited or damaged"},
		"edited step":   {strings.Replace(data, "point-of-no-return", "recoverable", 1), "edited or damaged"},
		"no checksum":   {strings.Replace(data, `"checksum"`, `"was-checksum"`, 1), "edited or damaged"},
		"something new": {strings.Replace(data, `"journey"`, `"force": true, "journey"`, 1), "edited or damaged"},
		"two plans":     {data + data, "not a whole plan"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := plan.Decode([]byte(c.document))
			if !fleet.IsBadInput(err) || !strings.Contains(err.Error(), c.says) {
				t.Errorf("got %v, want an input error that says %q", err, c.says)
			}
		})
	}
}

func TestLaidOutAnotherWayItIsTheSamePlan(t *testing.T) {
	p := plan.Compute(cases()["one-controller"])
	var short bytes.Buffer
	if err := json.Compact(&short, encode(t, p)); err != nil {
		t.Fatal(err)
	}
	got, err := plan.Decode(short.Bytes())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(p, got, cmpopts.EquateEmpty()); diff != "" {
		t.Error(diff)
	}
}

// The tool may be refreshed while a run is unfinished: what an earlier version
// wrote is read for ever, and so is what a later one of the same format writes.
func TestPlansOfOtherReleasesAreRead(t *testing.T) {
	files, err := filepath.Glob(filepath.Join("testdata", "released", "*.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no plans are kept: %v", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			p, err := plan.Decode(data)
			if err != nil {
				t.Fatal(err)
			}
			want, err := os.ReadFile(strings.TrimSuffix(file, ".json") + ".tree")
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(string(want), tree(p)); diff != "" {
				t.Errorf("it is read as another plan:\n%s", diff)
			}
		})
	}
}
