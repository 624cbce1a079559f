package fleet

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

func TestNamesComeInTheOrderThatPeopleCount(t *testing.T) {
	want := []string{
		"", "0", "0/lxd/2", "0/lxd/10", "2", "10", "99999999999999999998", "99999999999999999999",
		"a", "a/01", "a/1", "a/2", "a/10", "a-2/7", "a-10/0", "a2", "a10", "b/0",
	}
	got := slices.Clone(want)
	slices.Sort(got)
	slices.SortFunc(got, CompareNatural)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestTheNaturalOrderIsOne(t *testing.T) {
	name := rapid.StringMatching(`[a0-2/-]{0,5}`)
	rapid.Check(t, func(t *rapid.T) {
		a, b, c := name.Draw(t, "a"), name.Draw(t, "b"), name.Draw(t, "c")
		if CompareNatural(a, b) != -CompareNatural(b, a) || (CompareNatural(a, b) == 0) != (a == b) {
			t.Fatalf("%q and %q have no order", a, b)
		}
		if CompareNatural(a, b) < 0 && CompareNatural(b, c) < 0 && CompareNatural(a, c) >= 0 {
			t.Fatalf("%q, %q, %q go in a circle", a, b, c)
		}
	})
}
