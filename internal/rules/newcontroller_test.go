package rules

import (
	"strings"
	"testing"

	"github.com/juju/version/v2"
	"pgregory.net/rapid"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

func TestAClientMakesOnlyWhatModelsMoveTo(t *testing.T) {
	for _, test := range []struct{ source, client, refused, want string }{
		{source: "3.5.4", client: "3.6.11"},
		{source: "3.6.11", client: "3.6.11"},
		{source: "3.6.11", client: "4.1.0"},
		{source: "2.9.52", client: "3.6.11"},
		// Too old: one of the source's own series does.
		{source: "3.6.11", client: "3.5.4", refused: "no way back", want: "3.6.11"},
		{source: "3.6.11", client: "3.6.4", refused: "older patch", want: "3.6.11"},
		{source: "4.0.4", client: "3.6.28", refused: "no way back", want: "4.0.4"},
		// Too new: the newest step on the way does.
		{source: "2.9.52", client: "4.1.0", refused: "cannot be skipped", want: "3.6.11"},
		{source: "3.5.4", client: "4.1.0", refused: "3.6.11 or later", want: "3.6.11"},
		{source: "3.6.28", client: "5.0.0", refused: "cannot be skipped", want: "4.1.0"},
		// Of a series that takes none, or none from there.
		{source: "3.6.28", client: "4.0.1", refused: "no migration at all", want: "4.0.3"},
		{source: "4.0.12", client: "4.0.15", refused: "only 4.1 and later", want: "4.1.0"},
	} {
		got, want := Bootstraps(v(test.client), v(test.source)), version.Zero
		if test.want != "" {
			want = v(test.want)
		}
		if (got.Refused == "") != (test.refused == "") || !strings.Contains(got.Refused, test.refused) || got.Want != want {
			t.Errorf("%s with a client of %s: %+v", test.source, test.client, got)
		}
	}
}

func TestAClientThatIsWantedWouldDo(t *testing.T) {
	number := rapid.Custom(func(t *rapid.T) version.Number {
		return version.Number{
			Major: rapid.IntRange(2, 5).Draw(t, "major"), Minor: rapid.IntRange(0, 9).Draw(t, "minor"), Patch: rapid.IntRange(0, 30).Draw(t, "patch"),
		}
	})
	rapid.Check(t, func(t *rapid.T) {
		client, source := number.Draw(t, "client"), number.Draw(t, "source")
		got := Bootstraps(client, source)
		if want := got.Want; want != version.Zero && source.Compare(want) != 0 && Bootstraps(want, source).Refused != "" {
			t.Fatalf("a client of %s for %s instead of %s: %s", want, source, client, Bootstraps(want, source).Refused)
		}
	})
}

func TestWhereJujuRestoreCanNotCopyItIsToldWhy(t *testing.T) {
	for _, test := range []struct {
		source, target string
		kubernetes     bool
		why            string // "" where it can
	}{
		{source: "3.5.4", target: "3.6.11"},
		{source: "3.6.22", target: "3.6.22"},
		{source: "3.6.22", target: "3.6.28"},
		{source: "2.9.37", target: "2.9.61"},
		{source: "2.9.57", target: "3.6.11"},
		{source: "3.5.4", target: "3.6.11", kubernetes: true, why: "Kubernetes"},
		{source: "3.6.11", target: "4.0.4", why: "Juju 2 and 3 only"},
		{source: "4.0.4", target: "4.1.0", why: "Juju 2 and 3 only"},
		{source: "2.9.36", target: "3.6.11", why: "from 2.9.37 on"},
		{source: "3.6.11", target: "3.6.4", why: "newer (3.6.11) than the controller (3.6.4)"},
		{source: "1.25.0", target: "3.6.0", why: "from 2.9.37 on"},
		{source: "3.6.23", target: "3.6.28", why: "format 2"},
		{source: "2.9.58", target: "3.6.11", why: "format 2"},
	} {
		got := NoCopy(v(test.source), v(test.target), test.kubernetes)
		if (got == "") != (test.why == "") || !strings.Contains(got, test.why) {
			t.Errorf("%s to %s: %q", test.source, test.target, got)
		}
	}
}

// controllerOf has that many servers, and a model of its own of that type ("" for one
// that does not exist yet).
func controllerOf(servers int, at string, kind fleet.ModelType) *fleet.Controller {
	c := &fleet.Controller{Version: v(at), Cloud: "lab", Servers: make([]fleet.Server, servers), Planned: kind == ""}
	if kind != "" {
		c.Models = []fleet.Model{{IsController: true, Type: kind}}
	}
	return c
}

func TestATargetIsBroughtToTheServersOfItsSourceWhereItCan(t *testing.T) {
	makes := &fleet.HA{Servers: 1, Makes: true}
	for name, test := range map[string]struct {
		source int
		target *fleet.Controller
		ha     *fleet.HA
		cloud  string
		want   int
	}{
		"a cloud that makes machines":    {3, controllerOf(1, "3.6.11", fleet.IAAS), makes, "lxd", 3},
		"one that is to be made":         {3, controllerOf(0, "3.6.11", ""), makes, "lxd", 3},
		"with machines that are spare":   {3, controllerOf(1, "3.6.11", fleet.IAAS), &fleet.HA{Servers: 1, Spare: []string{"1", "2"}}, "manual", 3},
		"with too few of them":           {3, controllerOf(1, "3.6.11", fleet.IAAS), &fleet.HA{Servers: 1, Spare: []string{"1"}}, "manual", 0},
		"a manual cloud, to be made":     {3, controllerOf(0, "3.6.11", ""), &fleet.HA{Servers: 1}, "manual", 0},
		"five":                           {5, controllerOf(3, "3.6.11", fleet.IAAS), &fleet.HA{Servers: 3, Makes: true}, "lxd", 5},
		"an even number is one too many": {4, controllerOf(1, "3.6.11", fleet.IAAS), makes, "lxd", 3},
		"two are no safer than one":      {2, controllerOf(1, "3.6.11", fleet.IAAS), makes, "lxd", 0},
		"it has them":                    {3, controllerOf(3, "3.6.11", fleet.IAAS), &fleet.HA{Servers: 3, Makes: true}, "lxd", 0},
		"it has more":                    {1, controllerOf(3, "3.6.11", fleet.IAAS), &fleet.HA{Servers: 3, Makes: true}, "lxd", 0},
		"Juju 4":                         {3, controllerOf(1, "4.1.0", fleet.IAAS), makes, "lxd", 0},
		"Kubernetes":                     {3, controllerOf(1, "3.6.11", fleet.CAAS), makes, "kubernetes", 0},
		"Kubernetes, to be made":         {3, controllerOf(0, "3.6.11", ""), makes, "kubernetes", 0},
		"it does not tell":               {3, controllerOf(1, "3.6.11", fleet.IAAS), nil, "lxd", 0},
		"a source that shows no servers": {0, controllerOf(1, "3.6.11", fleet.IAAS), makes, "lxd", 0},
	} {
		test.target.Holdings = &fleet.Holdings{HA: test.ha, Clouds: []fleet.Cloud{{Name: "lab", Type: test.cloud}}}
		if got := ServersFor(controllerOf(test.source, "3.5.4", fleet.IAAS), test.target); got != test.want {
			t.Errorf("%s: %d", name, got)
		}
	}
	if ServersFor(nil, controllerOf(1, "3.6.11", fleet.IAAS)) != 0 || ServersFor(controllerOf(3, "3.6.11", fleet.IAAS), controllerOf(1, "3.6.11", fleet.IAAS)) != 0 {
		t.Error("what is not known is not planned with")
	}
}
