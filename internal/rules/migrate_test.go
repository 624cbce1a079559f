package rules

import (
	"strings"
	"testing"

	"github.com/juju/version/v2"
	"pgregory.net/rapid"
)

func TestEachWayOfMigrationIsTold(t *testing.T) {
	for _, test := range []struct {
		from, to string
		first    string // "" for any
		refused  string // part of the reason; "" when it is not refused
		around   string
	}{
		// Within 3.x, and up to it.
		{from: "3.5.4", to: "3.6.11"},
		{from: "3.6.11", to: "3.6.11"},
		{from: "3.6.4", to: "3.6.11"},
		{from: "3.1.0", to: "3.6.11"},
		{from: "2.9.52", to: "3.6.11", first: "2.9.43"},
		// Back.
		{from: "3.6.11", to: "3.6.4", refused: "older patch", around: "bring the target"},
		{from: "3.6.11", to: "3.5.9", refused: "no way back"},
		{from: "4.0.4", to: "3.6.28", refused: "no way back"},
		{from: "4.1.0", to: "4.0.15", refused: "no way back"},
		// To 4.x.
		{from: "2.9.52", to: "4.0.4", refused: "cannot be skipped", around: "a controller of 3.6 first, and from there to 4.0.4"},
		{from: "3.5.4", to: "4.0.4", refused: "3.6.11 or later", around: "a controller of 3.6 first"},
		{from: "3.0.3", to: "4.1.0", refused: "3.6.11 or later", around: "a controller of 3.6 first"},
		{from: "3.6.4", to: "4.0.4", first: "3.6.11"},
		{from: "3.6.11", to: "4.1-beta2", first: "3.6.11"},
		{from: "3.6.28", to: "4.0.2", refused: "4.0.0 had no migration", around: "bring the target"},
		{from: "3.6.28", to: "4.0-rc1", refused: "4.0.0 had no migration", around: "bring the target"},
		{from: "3.6.28", to: "4.0.3", first: "3.6.11"},
		// Within 4.x.
		{from: "4.0.0", to: "4.0.11", first: "4.0.3"},
		{from: "4.0.11", to: "4.0.15", first: "4.0.3"},
		{from: "4.0.12", to: "4.0.15", refused: "only 4.1 and later", around: "4.1"},
		{from: "4.0.12", to: "4.1-beta2", first: "4.0.3"},
		{from: "4.1.0", to: "4.1.1", first: "4.0.3"},
		{from: "4.1.0", to: "4.2.0", first: "4.0.3"},
		// What nobody knows yet is not promised.
		{from: "3.6.28", to: "5.0.0", refused: "cannot be skipped", around: "a controller of 4.0 first"},
	} {
		got := WayOf(v(test.from), v(test.to))
		first := ""
		if got.First != version.Zero {
			first = got.First.String()
		}
		if first != test.first || (got.Refused == "") != (test.refused == "") ||
			!strings.Contains(got.Refused, test.refused) || !strings.Contains(got.Around, test.around) ||
			(got.Around == "") != (test.around == "") {
			t.Errorf("%s to %s: %+v", test.from, test.to, got)
		}
	}
}

func TestNoWayLeadsBackOrOverAMajorVersion(t *testing.T) {
	number := rapid.Custom(func(t *rapid.T) version.Number {
		return version.Number{
			Major: rapid.IntRange(2, 5).Draw(t, "major"), Minor: rapid.IntRange(0, 9).Draw(t, "minor"),
			Patch: rapid.IntRange(0, 20).Draw(t, "patch"),
		}
	})
	rapid.Check(t, func(t *rapid.T) {
		from, to := number.Draw(t, "from"), number.Draw(t, "to")
		way := WayOf(from, to)
		if (to.Compare(from) < 0 || to.Major > from.Major+1) && way.Refused == "" {
			t.Fatalf("%s to %s: %+v", from, to, way)
		}
		if way.Refused != "" && way.First != version.Zero {
			t.Fatalf("refused, and first something: %+v", way)
		}
		if way.First != version.Zero && way.First.Major != from.Major {
			t.Fatalf("first a version that the source cannot be patched to: %s to %s: %+v", from, to, way)
		}
	})
}

// TestWhereADryRunWouldStartTheMigrationItIsNeverAsked is a law: servers below
// the line ignore the question and start the migration.
func TestWhereADryRunWouldStartTheMigrationItIsNeverAsked(t *testing.T) {
	for s, want := range map[string]bool{
		"0.0.0": false, "2.9.52": false, "2.9.99": false,
		"3.0.3": false, "3.1.10": false, "3.5.4": false, "3.5.99": false,
		"3.6-beta1": false, "3.6-rc2": false,
		"3.6.0": false, "3.6.4": false, "3.6.11": false, "3.6.12": false, "3.6.12.1": false,
		"3.6.13": true, "3.6.14": true, "3.6.28": true, "3.6.14.1": true,
		"3.6.13.1":  false, // built on the way to 3.6.13, perhaps before it
		"3.7-beta1": false, "3.7.0": true,
		"4.0-beta9": false, "4.0-rc1": false, "4.0.0": false, "4.0.1": false, "4.0.2": false, "4.0.2.7": false,
		"4.0.3": true, "4.0.3.1": false, "4.0.4": true, "4.0.15": true,
		"4.1-alpha1": false, "4.1-beta1": false, "4.1-beta2": true, "4.1-rc1": true, "4.1.0": true, "4.1.1": true,
		"4.2-beta1": false, "4.2.0": true,
	} {
		if got := DryRunMigration(v(s)); got != want {
			t.Errorf("%s: %v", s, got)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		n := version.Number{
			Major: rapid.IntRange(0, 4).Draw(t, "major"), Minor: rapid.IntRange(0, 9).Draw(t, "minor"),
			Patch: rapid.IntRange(0, 30).Draw(t, "patch"), Build: rapid.IntRange(0, 3).Draw(t, "build"),
			Tag: rapid.SampledFrom([]string{"", "alpha", "beta", "rc"}).Draw(t, "tag"),
		}
		below := n.Compare(v("3.6.13")) < 0 || n.Major == 4 && n.Compare(v("4.0.3")) < 0
		if below && DryRunMigration(n) {
			t.Fatalf("%s is asked, and would start", n)
		}
	})
}

func TestOnlySourcesThatAreNotMendedStrandAgents(t *testing.T) {
	for s, want := range map[string]string{
		"2.9.52": "in 2.9", "3.5.4": "in 3.5", "3.6.4": "before 3.6.19", "3.6.18": "before 3.6.19",
		"3.6.19": "", "3.6.28": "", "4.0.4": "", "4.1-beta2": "",
	} {
		got := StrandsAgents(v(s))
		if (got == "") != (want == "") || !strings.HasPrefix(got, want) {
			t.Errorf("%s: %q", s, got)
		}
	}
}

func TestBasesThatDoNotMove(t *testing.T) {
	for _, test := range []struct {
		from, to, base string
		want           bool
	}{
		{"3.6.11", "3.6.28", "ubuntu@22.04", false},
		{"3.6.11", "3.6.28", "ubuntu@22.04/stable", false},
		{"3.6.11", "3.6.28", "ubuntu@18.04", true},
		{"3.6.11", "3.6.28", "ubuntu@23.10", true},
		{"3.6.12", "3.6.28", "ubuntu@23.10", false}, // not known, so not claimed
		{"3.6.28", "3.6.28", "ubuntu@18.04", true},
		{"2.9.52", "3.6.28", "ubuntu@18.04", true},
		{"2.9.52", "3.6.28", "ubuntu@20.04", false},
		{"3.6.11", "3.6.28", "centos@7", false},
		{"3.6.11", "3.6.28", "", false},
		{"3.6.28", "4.0.4", "ubuntu@26.04", false},
		{"3.6.28", "4.0.4", "ubuntu@20.04/edge", false},
		{"3.6.28", "4.0.4", "ubuntu@23.10", true},
		{"3.6.28", "4.0.4", "centos@9", true},
		{"4.0.4", "4.1.0", "ubuntu@18.04", true},
	} {
		if got := UnsupportedBase(v(test.from), v(test.to), test.base); got != test.want {
			t.Errorf("%+v: %v", test, got)
		}
	}
}

func TestWhatTargetsAndSourcesOf4AskAndDo(t *testing.T) {
	three, four := v("3.6.28"), v("4.0.3")
	for name, got := range map[string]bool{
		"3 takes charms without manifest": !WantsManifest(three),
		"4 wants a manifest":              WantsManifest(four),
		"3 takes fan networking":          !RefusesFan(three),
		"4 takes no fan":                  RefusesFan(four),
		"3 takes manual clouds":           !RefusesManualCloud(three),
		"4 does not take them":            RefusesManualCloud(four),
		"3 asks for no workload":          !RefusesWorkload(three, "error"),
		"4 does":                          RefusesWorkload(four, "error"),
		"4 lets active ones go":           !RefusesWorkload(four, "active"),
		"4 lets waiting ones go":          !RefusesWorkload(four, "waiting"),
		"3 takes no models before 2.9.43": OldestMovable(three) == v("2.9.43"),
		"4 has no such rule":              OldestMovable(four) == version.Zero,
	} {
		if !got {
			t.Errorf("not so: %s", name)
		}
	}
}

func TestFaultsOfMovesStrikeOnTheirWayOnly(t *testing.T) {
	for way, want := range map[[2]string][]Whom{
		{"3.5.4", "3.6.11"}:     nil,
		{"3.6.28", "4.0.4"}:     {OnKubernetes},
		{"3.6.28", "4.0.16"}:    nil,
		{"3.6.28", "4.1-beta2"}: {WithAgents},
		{"3.6.28", "4.1.0"}:     {WithAgents},
		{"4.0.4", "4.1.0"}:      nil,
	} {
		var got []Whom
		for _, i := range MoveIssues(v(way[0]), v(way[1])) {
			got = append(got, i.Whom)
			if i.What == "" || i.Told == "" {
				t.Errorf("incomplete: %+v", i)
			}
		}
		if strings.Join(text(got), " ") != strings.Join(text(want), " ") {
			t.Errorf("%v: %v", way, got)
		}
		lost := RefreshLost(v(way[0]), v(way[1])) != ""
		if lost != (v(way[0]).Major < 4 && v(way[1]).Minor == 1) {
			t.Errorf("%v: refreshes are lost: %v", way, lost)
		}
	}
}

func text(list []Whom) []string {
	var out []string
	for _, w := range list {
		out = append(out, string(w))
	}
	return out
}
