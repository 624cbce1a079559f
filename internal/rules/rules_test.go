package rules

import (
	"strings"
	"testing"

	"github.com/juju/version/v2"
	"pgregory.net/rapid"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

func v(s string) version.Number { return version.MustParse(s) }

func TestEachWayIsTold(t *testing.T) {
	for _, test := range []struct {
		from, to string
		want     Hop
	}{
		{"3.6.4", "3.6.4", Stay},
		{"3.6.4", "3.6.11", Patch},
		{"3.6.4", "3.6.4.1", Patch},
		{"4.1-beta1", "4.1-beta2", Patch},
		{"3.6.11", "3.6.4", Back},
		{"3.6.0", "3.5.9", Back},
		{"3.5.4", "3.6.0", NewController},
		{"3.6.11", "4.0.1", NewController},
		{"2.9.50", "3.6.11", NewController},
		{"2.9.50", "4.0.1", TwoMoves},
	} {
		if got := HopOf(v(test.from), v(test.to)); got != test.want {
			t.Errorf("%s to %s: %s, want %s", test.from, test.to, got, test.want)
		}
	}
}

func TestOnlyTheSameAndLaterPatchesAreReachedInPlace(t *testing.T) {
	number := rapid.Custom(func(t *rapid.T) version.Number {
		return version.Number{
			Major: rapid.IntRange(2, 4).Draw(t, "major"), Minor: rapid.IntRange(0, 3).Draw(t, "minor"),
			Patch: rapid.IntRange(0, 3).Draw(t, "patch"),
		}
	})
	rapid.Check(t, func(t *rapid.T) {
		from, to := number.Draw(t, "from"), number.Draw(t, "to")
		inPlace := from.Major == to.Major && from.Minor == to.Minor && to.Patch >= from.Patch
		if reason := PatchOf(from, to); (reason == "") != inPlace {
			t.Fatalf("%s to %s: %q", from, to, reason)
		}
	})
}

func TestAnotherSeriesIsReachedByMovingTheModels(t *testing.T) {
	for from, to := range map[string]string{"3.6.11": "4.0.4", "3.5.4": "3.6.11", "2.9.50": "4.1.0"} {
		got := PatchOf(v(from), v(to))
		if !strings.Contains(got, "new controller") || !strings.Contains(got, "--to moves the models") {
			t.Errorf("%s to %s: %q", from, to, got)
		}
	}
}

func TestServersThatRefuseNewerClientsAreTooOld(t *testing.T) {
	for s, want := range map[string]bool{"2.9.46": true, "2.8.9": true, "2.9.47": false, "3.1.0": false, "4.1-beta2": false} {
		if got := TooOld(v(s)) != ""; got != want {
			t.Errorf("%s: %v", s, got)
		}
	}
}

func TestBackupsByVersion(t *testing.T) {
	for _, test := range []struct {
		server                string
		kind                  fleet.ModelType
		none, fail, noRestore bool
	}{
		{"2.9.57", fleet.IAAS, false, false, false},
		{"2.9.58", fleet.IAAS, false, false, true},
		{"3.6.4", fleet.IAAS, false, true, false},
		{"3.6.22", fleet.IAAS, false, true, false},
		{"3.6.23", fleet.IAAS, false, false, true},
		{"4.0.1", fleet.IAAS, true, false, false},
		{"3.6.4", fleet.CAAS, true, true, false},
	} {
		s := v(test.server)
		if got := NoBackup(s, test.kind) != ""; got != test.none {
			t.Errorf("%s %s: none is %v", s, test.kind, got)
		}
		if got := BackupMayFail(s) != ""; got != test.fail {
			t.Errorf("%s: may fail is %v", s, got)
		}
		if got := NotRestorable(s) != ""; got != test.noRestore {
			t.Errorf("%s: not restorable is %v", s, got)
		}
	}
}

func TestWhatServersAskByMajorVersion(t *testing.T) {
	three, four := v("3.6.28"), v("4.0.0")
	for name, got := range map[string]bool{
		"3 blocks all by the controller":  ControllerBlockHoldsModels(three),
		"4 blocks models by themselves":   !ControllerBlockHoldsModels(four),
		"3 ignores a model's block":       IgnoresModelBlock(three),
		"4 honours a model's block":       !IgnoresModelBlock(four),
		"3 wants machines in step":        WantsAgentsInStep(three, fleet.IAAS),
		"3 does not on Kubernetes":        !WantsAgentsInStep(three, fleet.CAAS),
		"4 does not":                      !WantsAgentsInStep(four, fleet.IAAS),
		"3 shows machines' versions":      ShowsMachineVersions(three),
		"4 does not show them":            !ShowsMachineVersions(four),
		"3 hosts no models before 2.9.43": OldestModel(three) == v("2.9.43"),
		"4 has no such rule":              OldestModel(four) == version.Zero,
	} {
		if !got {
			t.Errorf("not so: %s", name)
		}
	}
}

func TestTheSnapIsRefreshedToTheTargetsSeries(t *testing.T) {
	for target, want := range map[string]string{
		"3.6.11": "3.6/stable", "2.9.52": "2.9/stable", "4.1-beta2": "4.1/beta", "4.0-rc1": "4.0/candidate", "3.7-alpha1": "3.7/edge",
	} {
		if got := RefreshClient(v(target)); got != "sudo snap refresh juju --channel="+want {
			t.Errorf("%s: %s", target, got)
		}
	}
}

func TestAClientIsBehindOnlyIfItIsOlder(t *testing.T) {
	for client, want := range map[string]string{
		"3.6.11": "", "3.6.12": "", "4.0.1": "", "0.0.0": "", "3.6.4": "works with it", "3.5.9": "older series", "2.9.52": "older series",
	} {
		got := ClientBehind(v(client), v("3.6.11"))
		if (got == "") != (want == "") || !strings.Contains(got, want) {
			t.Errorf("%s: %q", client, got)
		}
	}
}

func TestKnownIssuesStrikeOnTheirWayOnly(t *testing.T) {
	for way, want := range map[[2]string]int{
		{"3.6.4", "3.6.11"}:  0,
		{"3.6.4", "3.6.14"}:  1,
		{"3.6.4", "3.6.23"}:  2,
		{"3.6.4", "3.6.26"}:  1,
		{"3.6.15", "3.6.23"}: 1,
		{"3.6.23", "3.6.24"}: 0,
		{"4.0.1", "4.0.5"}:   0,
	} {
		got := KnownIssues(v(way[0]), v(way[1]))
		if len(got) != want {
			t.Errorf("%v: %+v", way, got)
		}
		for _, i := range got {
			if i.Link == "" || i.What == "" || i.Where == "" {
				t.Errorf("incomplete: %+v", i)
			}
		}
	}
}
