package plan_test

import (
	"slices"
	"testing"

	"github.com/juju/version/v2"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/rules"
)

// holding is an item with something in it.
func holding(item fleet.Item, digest string) fleet.Holding {
	return fleet.Holding{Item: item, Digest: digest, Value: digest}
}

// rich gives the source all that there is to clone.
func rich(in plan.Input) plan.Input {
	h := in.Fleet.Controllers[0].Holdings
	h.Users = append(h.Users, fleet.User{Name: "carol@elsewhere", Access: "login"}, fleet.User{Name: "juju-metrics", Access: "login"})
	h.Items = []fleet.Holding{
		holding(fleet.Item{Kind: fleet.ModelDefaultItem, Cloud: "aws", Region: "eu-west-1", Name: "http-proxy"}, "proxy"),
		holding(fleet.Item{Kind: fleet.ConfigItem, Name: "audit-log-max-size"}, "400M"),
		holding(fleet.Item{Kind: fleet.ConfigItem, Name: "api-port"}, "443"),
		holding(fleet.Item{Kind: fleet.ConfigItem, Name: "public-dns-address"}, "juju.example.com:443"),
		{Item: fleet.Item{Kind: fleet.ConfigItem, Name: "audit-log-max-backups"}, Digest: "10", Preset: true},
		holding(fleet.Item{Kind: fleet.CloudAccessItem, Name: "aws", User: "alice", Access: "add-model"}, "add-model"),
		holding(fleet.Item{Kind: fleet.CloudItem, Name: "aws"}, "aws"),
		holding(fleet.Item{Kind: fleet.CloudItem, Name: "unused"}, "unused"),
		holding(fleet.Item{Kind: fleet.BackendItem, Name: "vault", ID: "v1"}, "vault"),
	}
	for i := range in.Fleet.Controllers[0].Models {
		m := &in.Fleet.Controllers[0].Models[i]
		m.Cloud, m.Belongings.SecretBackends = "aws", []string{"v1"}
	}
	in.Goal.Clone = fleet.CloneNative
	return in
}

// bootstrapped has the run make the target.
func bootstrapped(in plan.Input) plan.Input {
	in.Goal.To = fleet.Ref{Name: "new"}
	in.Goal.Bootstrap = &fleet.Bootstrap{Cloud: "manual", Juju: "/bin/juju", Version: in.Goal.ToVersion, Args: []string{"--constraints=mem=8G"}}
	in.Goal.Juju = "/bin/juju"
	target := in.Fleet.Target
	target.Ref, target.Planned, target.Servers, target.Models = in.Goal.To, true, nil, nil
	target.Holdings.HA = &fleet.HA{Servers: 1}
	target.Holdings.Items = []fleet.Holding{
		{Item: fleet.Item{Kind: fleet.ConfigItem, Name: "audit-log-max-size"}, Digest: "300M", Preset: true},
		holding(fleet.Item{Kind: fleet.CloudItem, Name: "unused"}, "another"),
	}
	return in
}

// clones adds cases in which the target is prepared.
func clones(out map[string]plan.Input) {
	v354 := version.MustParse("3.5.4")
	source := func(servers int) fleet.Controller {
		return controller("old", v354, v354, servers, model("web", v354, 1), model("db", v354, 1))
	}
	out["clone-to-an-existing-controller"] = rich(moveInput(fleet.Goal{}, v11, source(1)))
	out["clone-to-a-controller-that-is-made"] = bootstrapped(rich(moveInput(fleet.Goal{}, v11, source(1))))
	out["clone-what-one-model-needs"] = rich(moveInput(fleet.Goal{Include: []fleet.ModelPattern{pattern("web")}}, v11, source(1)))

	ha := bootstrapped(rich(moveInput(fleet.Goal{}, v11, source(3))))
	ha.Fleet.Target.Holdings.HA.Makes = true
	out["clone-and-enable-ha"] = ha

	restored := bootstrapped(rich(moveInput(fleet.Goal{}, v11, source(1))))
	restored.Goal.Clone, restored.Goal.Restore = fleet.CloneRestore, "/bin/juju-restore"
	out["clone-by-a-restore"] = restored

	passwords := bootstrapped(rich(moveInput(fleet.Goal{Passwords: []string{"alice"}}, v11, source(1))))
	out["clone-with-a-known-password"] = passwords

	none := bootstrapped(rich(moveInput(fleet.Goal{}, v11, source(1))))
	none.Goal.Clone = fleet.CloneNone
	out["clone-none"] = none

	out["clone-when-no-model-is-left"] = rich(moveInput(fleet.Goal{}, v11, controller("old", v354, v354, 1)))

	there := rich(moveInput(fleet.Goal{}, v11, controller("old", v354, v354, 1)))
	there.Fleet.Target.Holdings.Items = there.Fleet.Controllers[0].Holdings.Items
	there.Fleet.Target.Holdings.Users = there.Fleet.Controllers[0].Holdings.Users
	out["clone-when-all-is-there"] = there
}

func TestWhatIsClonedOnceIsNotPlannedAgain(t *testing.T) {
	p := plan.Compute(cases()["clone-when-all-is-there"])
	if len(p.Steps) > 0 {
		t.Errorf("planned is %+v", p.Steps)
	}
}

func TestWhatSomebodyChoseOnTheTargetIsNeverReplaced(t *testing.T) {
	in := rich(moveInput(fleet.Goal{}, v11, controller("old", v4, v11, 1, model("web", v4, 1))))
	for _, h := range in.Fleet.Controllers[0].Holdings.Items {
		h.Digest = "chosen there"
		in.Fleet.Target.Holdings.Items = append(in.Fleet.Target.Holdings.Items, h)
	}
	for _, s := range plan.Compute(in).Steps {
		if s.Kind == plan.CloneItem {
			t.Errorf("%s would be cloned", s.ID)
		}
	}
}

func TestNoModelMovesBeforeItsCloudAndItsSecretBackendAreThere(t *testing.T) {
	p := plan.Compute(cases()["clone-to-an-existing-controller"])
	for _, s := range p.Steps {
		if s.Kind != plan.Migrate {
			continue
		}
		for _, need := range []string{"/new/clouds/aws", "/new/secret-backends/vault"} {
			if !slices.Contains(s.Needs, need) {
				t.Errorf("%s needs %v, and not %s", s.ID, s.Needs, need)
			}
		}
	}
}

func TestNothingOfTheTargetBeginsBeforeItIsMade(t *testing.T) {
	for name, in := range cases() {
		if in.Goal.Bootstrap == nil {
			continue
		}
		p := plan.Compute(in)
		needs := map[string][]string{}
		for _, s := range p.Steps {
			needs[s.ID] = s.Needs
		}
		var waits func(id string) bool
		waits = func(id string) bool {
			return id == "/new/bootstrap" || slices.ContainsFunc(needs[id], waits)
		}
		for _, s := range p.Steps {
			if s.OnTarget() && !s.Always && !waits(s.ID) {
				t.Errorf("%s: %s does not wait for the bootstrap", name, s.ID)
			}
		}
	}
}

func TestANameIsPartOfThePlanOfAControllerThatIsToBeMade(t *testing.T) {
	in := bootstrapped(rich(moveInput(fleet.Goal{}, v11, controller("old", v4, v11, 1, model("web", v4, 1)))))
	before := plan.Compute(in).Hash
	in.Goal.To.Name, in.Fleet.Target.Name = "other", "other"
	if plan.Compute(in).Hash == before {
		t.Error("another name has the same hash")
	}
}

// TestNothingIsRestoredWhereAllUsersAre: a controller with live models would be stopped
// and written over, for nothing that it lacks.
func TestNothingIsRestoredWhereAllUsersAre(t *testing.T) {
	for name, users := range map[string]func(in plan.Input) []fleet.User{
		"all are there":     func(in plan.Input) []fleet.User { return in.Fleet.Target.Holdings.Users },
		"some are lacking":  func(in plan.Input) []fleet.User { return in.Fleet.Controllers[0].Holdings.Users },
		"nobody but Juju's": func(plan.Input) []fleet.User { return []fleet.User{{Name: "juju-metrics"}, {Name: "carol@elsewhere"}} },
	} {
		for _, made := range []bool{true, false} {
			in := rich(moveInput(fleet.Goal{}, v11, controller("old", v4, v11, 1, model("web", v4, 1))))
			if made {
				in = bootstrapped(in)
			}
			in.Goal.Clone, in.Goal.Restore, in.Goal.Juju = fleet.CloneRestore, "/bin/juju-restore", "/bin/juju"
			in.Fleet.Controllers[0].Holdings.Users = users(in)
			p := plan.Compute(in)
			planned := slices.ContainsFunc(p.Steps, func(s plan.Step) bool { return s.Kind == plan.RestoreCopy })
			if want := rules.Restores(in.Goal, &in.Fleet.Controllers[0], in.Fleet.Target); planned != want || want != (name == "some are lacking") {
				t.Errorf("%s, made %v: a restore is planned: %v", name, made, planned)
			}
			if !slices.ContainsFunc(p.Steps, func(s plan.Step) bool { return s.Kind == plan.CloneItem }) {
				t.Errorf("%s, made %v: nothing else is cloned", name, made)
			}
		}
	}
}

// TestNothingIsPassedOnInSightThatMayBeASecret: nor is what somebody chose for the
// controller that is made.
func TestNothingIsPassedOnInSightThatMayBeASecret(t *testing.T) {
	in := bootstrapped(rich(moveInput(fleet.Goal{}, v11, controller("old", v4, v11, 1, model("web", v4, 1)))))
	key := func(name string) fleet.Holding { return holding(fleet.Item{Kind: fleet.ConfigItem, Name: name}, "4") }
	secret := key("login-token-refresh-url")
	secret.Value, secret.Untold = "", true
	in.Fleet.Controllers[0].Holdings.Items = []fleet.Holding{key("api-port"), key("max-txn-log-size"), secret}
	other := key("max-txn-log-size")
	other.Digest = "chosen there"
	in.Fleet.Target.Holdings.Items = []fleet.Holding{other}
	for _, s := range plan.Compute(in).Steps {
		if s.Kind == plan.MakeController && (len(s.Config) != 1 || s.Config["api-port"] != "4") {
			t.Errorf("it is made with %v", s.Config)
		}
	}
}

// TestWhatTheTargetDoesNotTellIsNotGivenToIt: nobody would see that it has arrived.
func TestWhatTheTargetDoesNotTellIsNotGivenToIt(t *testing.T) {
	for _, unread := range []fleet.ItemKind{"", fleet.CloudAccessItem, fleet.ModelDefaultItem} {
		in := rich(moveInput(fleet.Goal{}, v11, controller("old", v4, v11, 1, model("web", v4, 1))))
		in.Fleet.Target.Holdings.UnreadItems = []fleet.ItemKind{unread}
		kinds := map[fleet.ItemKind]bool{}
		for _, s := range plan.Compute(in).Steps {
			if s.Kind == plan.CloneItem {
				kinds[s.Item.Kind] = true
			}
		}
		if want := map[bool]int{true: 5, false: 4}[unread == ""]; kinds[unread] || len(kinds) != want {
			t.Errorf("where %q is not told, %v are cloned", unread, kinds)
		}
	}
}
