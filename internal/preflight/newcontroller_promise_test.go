package preflight

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/juju/version/v2"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/rules"
)

// told is what is always told where all is cloned, by users of an identity provider
// and others, and models are to move.
func told(more ...string) []string {
	out := append([]string{"authority-not-cloned@prod", always, "credentials-not-cloned@prod", "external-users-not-cloned@prod"}, more...)
	slices.Sort(out)
	return out
}

func saying(change func(*estate)) []string {
	e := well()
	change(e)
	return saidOf(e.run())
}

func TestAControllerThatIsYetToBeMadeIsNotAskedForWhatItCanNotHave(t *testing.T) {
	want := told("passwords-not-cloned@prod")
	for name, change := range map[string]func(*estate){
		"of three, like the source":   func(*estate) {},
		"of one":                      func(e *estate) { e.c().Servers = e.c().Servers[:1] },
		"by a patch of the source":    func(e *estate) { e.goal.AgentVersion = same },
		"all passwords are known":     func(e *estate) { e.goal.Passwords = []string{"alice"} },
		"a client of the next series": func(e *estate) { e.freshAt("3.7.1") },
	} {
		want := want
		if strings.Contains(name, "passwords") {
			want = told()
		}
		if diff := cmp.Diff(want, saying(freshly(change))); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestTheUserOfTheRunIsNotToldToBeLessOnTheTarget(t *testing.T) {
	e := well()
	cloning(func(e *estate) {
		e.there().User = "alice"
		e.there().Holdings.User("alice").Access = fleet.AccessSuperuser
		e.c().Holdings.User("alice").Disabled = true
	})(e)
	none(t, e.run(), "clone-differs")
}

func TestAControllerThatCanNotBeMadeHoldsAllOnce(t *testing.T) {
	for name, change := range map[string]func(*estate){
		"refused": func(e *estate) {
			e.there().Problem, e.there().Holdings = &fleet.Problem{Code: fleet.NotFound, Text: "no"}, nil
			e.web().Belongings, e.db().Belongings = nil, nil
		},
		"no client":       func(e *estate) { e.goal.Bootstrap.Juju = "" },
		"a client of old": func(e *estate) { e.freshAt("3.4.0") },
	} {
		e := well()
		freshly(change)(e)
		if got := holds(e.run()); len(got) != 1 || !strings.HasPrefix(got[0], "bootstrap-") || !strings.HasSuffix(got[0], "@fresh") {
			t.Errorf("%s: held by %v", name, got)
		}
	}
}

func TestCommandsNameTheBootstrapAndNotAControllerThatDoesNotExist(t *testing.T) {
	for _, f := range firings() {
		e := well()
		f.change(e)
		if e.goal.Bootstrap == nil {
			continue
		}
		for _, got := range e.run() {
			for _, c := range append(got.See, got.Fix...) {
				after := strings.Contains(c, "after the run")
				if strings.Contains(c, "--to fresh") && got.Code != "bootstrap-refused" || strings.Contains(c, "-c fresh") && !after {
					t.Errorf("%s (%s): %s", got.Name(), f.when, c)
				}
			}
		}
	}
}

func TestWhatTheRunClonesFirstHoldsNoModel(t *testing.T) {
	cave := fleet.Holding{Item: fleet.Item{Kind: fleet.CloudItem, Name: "cave"}, Digest: "cave"}
	deep := fleet.Holding{Item: fleet.Item{Kind: fleet.BackendItem, Name: "deep", ID: "b-2"}, Digest: "deep"}
	needs := func(e *estate) {
		holding(e.c(), cave, deep)
		e.web().Cloud = "cave"
		e.brought().SecretBackends = []string{"b-2"}
	}
	for name, test := range map[string]struct {
		change func(*estate)
		held   int
	}{
		"all":                       {func(*estate) {}, 0},
		"only some models":          {func(e *estate) { e.goal.Include = []fleet.ModelPattern{{Name: "web"}} }, 0},
		"nothing":                   {func(e *estate) { e.goal.Clone = fleet.CloneNone }, 2},
		"a backend of another ID":   {func(e *estate) { other := deep; other.Digest, other.ID = "else", "b-3"; holding(e.there(), other) }, 1},
		"Juju's own are not cloned": {func(e *estate) { e.c().Holdings.Items[0].Preset = true }, 1},
	} {
		e := well()
		cloning(needs)(e)
		test.change(e)
		if got := holds(e.run()); len(got) != test.held {
			t.Errorf("%s: held by %v", name, got)
		}
	}
}

func TestPreflightAndRulesAgreeOnServers(t *testing.T) {
	for _, n := range []int{1, 2, 3} {
		for _, makes := range []bool{true, false} {
			for _, v := range []string{"3.6.24", "4.1.0"} {
				e := well()
				freshly(func(e *estate) {
					e.freshAt(v)
					e.c().Servers = e.c().Servers[:n]
					e.there().Holdings.HA.Makes = makes
				})(e)
				brought := rules.ServersFor(e.c(), e.there()) > 0
				said := len(of(e.run(), "target-not-ha")) > 0
				if wanted := n == 3; (brought || said) != wanted || brought && said {
					t.Errorf("%d servers, makes %v, %s: brought %v, said %v", n, makes, v, brought, said)
				}
			}
		}
	}
}

func TestWhereAllIsClonedAlreadyNothingIsSaidOfIt(t *testing.T) {
	there := func(e *estate) {
		e.arrived(*e.web())
		e.arrived(*e.db())
		holding(e.c(), setting("audit-log-max-size", "200M"), setting("public-dns-address", "old.example"))
		holding(e.there(), setting("audit-log-max-size", "200M"))
	}
	if diff := cmp.Diff([]string(nil), saying(cloning(there))); diff != "" {
		t.Error(diff)
	}
	// What differs is told as long as it does.
	got := saying(cloning(func(e *estate) { there(e); e.there().Holdings.Items[0].Digest = "else" }))
	if diff := cmp.Diff([]string{"clone-differs@prod"}, got); diff != "" {
		t.Error(diff)
	}
}

// TestARestoreIsSpokenOfWhereOneIsPlanned: the plan asks rules.Restores as well.
func TestARestoreIsSpokenOfWhereOneIsPlanned(t *testing.T) {
	for name, test := range map[string]struct {
		change   func(*estate)
		restores bool
	}{
		"users are lacking":                 {func(*estate) {}, true},
		"all users are there":               {func(e *estate) { e.there().Holdings.Users = e.c().Holdings.Users }, false},
		"nobody but who is there anyway":    {func(e *estate) { e.c().Holdings.Users = e.c().Holdings.Users[:1] }, false},
		"nobody, and it could not be done":  {func(e *estate) { e.c().Holdings.Users = e.c().Holdings.Users[:1]; e.toward("4.1.0") }, false},
		"users are lacking, and models are": {func(e *estate) { e.arrived(model("eve/shop", same)) }, true},
		"cloned natively":                   {func(e *estate) { e.goal.Clone = fleet.CloneNative }, false},
		"a target that does not answer":     {func(e *estate) { e.there().Problem = &fleet.Problem{Code: fleet.Unreachable} }, false},
	} {
		e := well()
		restoring(test.change)(e)
		said := slices.ContainsFunc(saidOf(e.run()), func(s string) bool { return strings.HasPrefix(s, "restore") })
		if planned := rules.Restores(e.goal, e.c(), e.there()); planned != test.restores || said != planned {
			t.Errorf("%s: planned %v, spoken of %v", name, planned, said)
		}
	}
}

func TestItemsOnTheTargetAreAskedForEvenIfNoModelIsLeft(t *testing.T) {
	got := saying(cloning(func(e *estate) {
		e.arrived(*e.web())
		e.arrived(*e.db())
		e.there().Holdings.Users = e.there().Holdings.Users[:1]
	}))
	if !slices.Contains(got, "passwords-not-cloned@prod") {
		t.Errorf("said %v", got)
	}
}

func TestNamesAreToldAndNeverWhatIsInThem(t *testing.T) {
	const secret = "s3cr3t"
	e := well()
	cloning(func(e *estate) {
		for _, c := range []*fleet.Controller{e.c(), e.there()} {
			for _, i := range []fleet.Item{
				{Kind: fleet.CloudItem, Name: "cave"},
				{Kind: fleet.CloudAccessItem, Name: "cave", User: "alice", Access: "admin"},
				{Kind: fleet.ModelDefaultItem, Cloud: "lab", Region: "default", Name: "http-proxy"},
				{Kind: fleet.BackendItem, Name: "deep", ID: "b-2"},
			} {
				holding(c, fleet.Holding{Item: i, Digest: c.Name + secret, Value: secret})
			}
		}
	})(e)
	hidden := setting("features", secret)
	hidden.Untold = true
	holding(e.c(), hidden)
	holding(e.there(), setting("features", "else"))
	f := only(t, e.run(), "clone-differs")
	for _, path := range []string{"clouds/cave,", "clouds/cave/access/alice", "model-defaults/lab/default/http-proxy", "secret-backends/deep", "config/features"} {
		if !strings.Contains(f.Meaning+",", path) {
			t.Errorf("%s is not in %q", path, f.Meaning)
		}
	}
	if text := strings.Join(append(append(f.See, f.Fix...), f.Meaning), " "); strings.Contains(text, secret) {
		t.Errorf("told: %s", text)
	}
}

func TestUsersOfRestoredControllersKeepTheirPasswords(t *testing.T) {
	none(t, func() []fleet.Finding { e := well(); restoring(func(*estate) {})(e); return e.run() }(), "passwords-not-cloned")
}

func TestUsersAreToldOfOnce(t *testing.T) {
	for _, clone := range []fleet.CloneMode{fleet.CloneNative, fleet.CloneNone, fleet.CloneRestore} {
		got := saying(restoring(func(e *estate) { e.goal.Clone = clone }))
		n := 0
		for _, name := range got {
			if strings.HasPrefix(name, "users-created@") || strings.HasPrefix(name, "passwords-not-cloned@") {
				n++
			}
		}
		if want := map[bool]int{true: 0, false: 1}[clone == fleet.CloneRestore]; n != want {
			t.Errorf("%s: said %v", clone, got)
		}
	}
}

func TestPasswordsThatAreGivenAreCounted(t *testing.T) {
	for passwords, want := range map[string]string{"": "each needs a new", "alice": "1 with a password that was given; the others", "admin alice": "all with a password"} {
		e := well()
		moves(func(e *estate) {
			e.there().Holdings.Users = nil
			e.goal.Clone, e.goal.Passwords = fleet.CloneNone, strings.Fields(passwords)
		})(e)
		if got := only(t, e.run(), "users-created").Meaning; !strings.Contains(got, want) {
			t.Errorf("%q: %s", passwords, got)
		}
	}
}

func TestServersAndRatesThatTheRunBringsCountForAgents(t *testing.T) {
	e := well()
	freshly(func(e *estate) {
		e.c().Holdings.AgentRate.Burst = 6000
		holding(e.c(), setting("agent-ratelimit-max", "6000"))
		crowd(e.web(), 6000)
	})(e)
	none(t, e.run(), "reconnect-budget")
	e.goal.Clone = fleet.CloneNone
	only(t, e.run(), "reconnect-budget")
}

// TestTheSpaceForServersIsToldBeforeTheyAreAddedAndOnce: afterwards the run has failed.
func TestTheSpaceForServersIsToldBeforeTheyAreAddedAndOnce(t *testing.T) {
	const warned, noticed, silent = "ha-space-unset", "config-not-cloned", ""
	for name, test := range map[string]struct {
		change func(*estate)
		want   string
	}{
		"servers are added":            {func(*estate) {}, warned},
		"only some models are moved":   {func(e *estate) { e.goal.Include = []fleet.ModelPattern{{Name: "web"}} }, warned},
		"nothing is cloned":            {func(e *estate) { e.goal.Clone = fleet.CloneNone }, warned},
		"none are added":               {func(e *estate) { e.c().Servers = e.c().Servers[:1] }, noticed},
		"Juju 4 adds none":             {func(e *estate) { e.freshAt("4.1.0") }, noticed},
		"given by an argument":         {func(e *estate) { e.goal.Bootstrap.Args = append(e.goal.Bootstrap.Args, "--config=juju-ha-space=x") }, silent},
		"given by a file":              {func(e *estate) { holding(e.there(), setting("juju-ha-space", "x")) }, silent},
		"nobody has chosen any":        {func(e *estate) { e.c().Holdings.Items[0].Preset = true }, silent},
		"a space for management alone": {func(e *estate) { e.c().Holdings.Items[0].Name = "juju-mgmt-space" }, noticed},
	} {
		e := well()
		freshly(func(e *estate) { holding(e.c(), setting("juju-ha-space", "ha")); test.change(e) })(e)
		got := ""
		for _, f := range e.run() {
			if (f.Code == warned || f.Code == noticed) && strings.Contains(f.Meaning+f.Code, "-space") {
				got += f.Code
			}
		}
		if got != test.want {
			t.Errorf("%s: said %q, and not %q", name, got, test.want)
		}
	}
}

// TestWhatTheNewControllerIsMadeWithDoesNotStayBehind: by an argument, by a file among
// them, or by its cloud's entry.
func TestWhatTheNewControllerIsMadeWithDoesNotStayBehind(t *testing.T) {
	for name, change := range map[string]func(*estate){
		"an argument": func(e *estate) {
			e.goal.Bootstrap.Args = append(e.goal.Bootstrap.Args, "--config=autocert-dns-name=new.example")
		},
		"a file": func(e *estate) { holding(e.there(), setting("autocert-dns-name", "new.example")) },
	} {
		e := well()
		freshly(func(e *estate) { holding(e.c(), setting("autocert-dns-name", "old.example")); change(e) })(e)
		if got := of(e.run(), "config-not-cloned"); len(got) > 0 {
			t.Errorf("%s: %s", name, got[0].Meaning)
		}
	}
}

func TestValuesAreQuotedForAShell(t *testing.T) {
	for value, want := range map[string]string{"200M": "200M", "": "''", "a b": "'a b'", "it's": `'it'\''s'`, "$(x)": "'$(x)'", "https://x/?a=b": "'https://x/?a=b'"} {
		if got := quote(value); got != want {
			t.Errorf("%q: %s", value, got)
		}
	}
	if got := cut(strings.Repeat("ü", 100)); got != strings.Repeat("ü", widest)+"…" {
		t.Errorf("cut to %q", got)
	}
}

func TestAVersionThatIsNotKnownIsSaidOnce(t *testing.T) {
	e := well()
	freshly(func(e *estate) { e.goal.Bootstrap.Version, e.there().Version = version.Zero, version.Zero })(e)
	if got := holds(e.run()); !cmp.Equal(got, []string{"bootstrap-client@fresh"}) {
		t.Errorf("held by %v", got)
	}
}
