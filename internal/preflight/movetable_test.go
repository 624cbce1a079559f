package preflight

import (
	"fmt"

	"github.com/juju/version/v2"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

func targetFirings() []firing {
	b, w, n, run := fleet.Blocker, fleet.Warning, fleet.Notice, fleet.WholeRun
	return []firing{
		{"target-unreachable", "no answer", moves(func(e *estate) {
			*e.there() = fleet.Controller{Ref: e.there().Ref, Problem: &fleet.Problem{Code: fleet.Unreachable, Text: "no\n way"}}
		}), "new", b, run, false, []string{"no way", "juju show-controller new"}},
		{"target-unreachable", "login", moves(func(e *estate) { e.there().Problem = &fleet.Problem{Code: fleet.LoginNeeded} }),
			"new", b, run, false, []string{"juju login -c new"}},
		{"target-unreachable", "not looked at", moves(func(e *estate) { e.fleet.Target = nil }),
			"new", b, run, false, []string{"not looked at"}},
		{"target-not-superuser", "login only", moves(func(e *estate) { e.there().Access = fleet.AccessLogin }),
			"new", b, run, false, []string{"boss is not a superuser", "juju grant -c new boss superuser"}},
		{"target-older", "another series", moves(func(e *estate) { e.toward("3.5.9") }),
			"new", b, run, false, []string{"prod: the target is at 3.5.9, an older series than the source at 3.6.24"}},
		{"target-older", "an older patch", moves(func(e *estate) { e.toward("3.6.11") }),
			"new", b, run, false, []string{"older patch", "bring the target", "juju upgrade-all plan -c new   # brings"}},
		{"target-older", "than what is wished first", moves(func(e *estate) { e.goal.AgentVersion = version.MustParse("3.6.28") }),
			"new", b, run, false, []string{"older patch than 3.6.28", "juju upgrade-all plan -c prod --to new --agent-version 3.6.24"}},
		{"way-refused", "2.9 to 4", moves(func(e *estate) { e.from("2.9.52"); e.toward("4.0.4") }),
			"new", b, run, false, []string{"cannot be skipped", "a controller of 3.6 first"}},
		{"way-refused", "late 4.0 to 4.0", moves(func(e *estate) {
			e.from("4.0.4")
			e.toward("4.0.15")
			e.goal.AgentVersion = version.MustParse("4.0.15")
		}), "new", b, run, false, []string{"only 4.1 and later", "juju upgrade-all plan -c prod --to new --agent-version 4.0.4   # moves them as they are"}},
		{"target-upgrading", "its model is ahead", moves(func(e *estate) { e.there().Models[0].Version = version.MustParse("3.6.28") }),
			"new", b, run, false, []string{"to 3.6.28 is under way", "juju upgrade-all -c new --agent-version 3.6.28"}},
		{"target-commands-blocked", "all", moves(func(e *estate) { e.there().Models[0].ChangesBlocked = true }),
			"new", b, run, false, []string{"adds no users", "juju enable-command all -m new:admin/controller"}},
		{"target-unhealthy", "a machine is down", moves(func(e *estate) { e.there().Models[0].Status.Agents[1].State.Status = "down" }),
			"new", b, run, false, []string{"machine 1 down", "juju ssh -m new:admin/controller 1"}},
		{"target-unhealthy", "an instance is not running", moves(func(e *estate) { e.there().Models[0].Status.Agents[1].Health.Status = "stopped" }),
			"new", b, run, false, []string{"machine 1 stopped"}},
		{"target-unhealthy", "a machine lags", moves(func(e *estate) { e.there().Models[0].Status.Agents[1].Version = version.MustParse("3.6.23") }),
			"new", b, run, false, []string{"machine 1 at 3.6.23 instead of 3.6.24"}},
		{"target-unhealthy", "its model is not read", moves(func(e *estate) { e.there().Models[0].Problem = &fleet.Problem{Text: "oh"} }),
			"new", b, run, false, []string{"oh", "juju status -m new:admin/controller"}},
		{"target-unhealthy", "its model is not shown", moves(func(e *estate) { e.there().Models = nil }),
			"new", b, run, false, []string{"juju models -c new --all"}},
		{"target-unhealthy", "a server does not answer", moves(func(e *estate) { e.there().Servers[2].Problem = &fleet.Problem{Text: "timeout"} }),
			"new", w, run, false, []string{"1 of its 3 servers", "10.0.0.3:17070 (timeout)"}},
		{"target-not-ha", "one against three", moves(func(e *estate) { e.there().Servers = e.there().Servers[:1] }),
			"new", w, run, false, []string{"1 server, and prod has 3", "juju enable-ha -c new -n 3"}},
		{"target-addresses", "loopback", moves(func(e *estate) {
			e.there().Servers = []fleet.Server{{Addresses: []string{"127.0.0.1:17070", "[::1]:17070", "localhost:17070"}, Version: same}}
		}), "new", w, run, false, []string{"127.0.0.1:17070"}},
		{"target-addresses", "by a way that it does not name", moves(func(e *estate) { e.there().ReachedAt = "203.0.113.9:17070" }),
			"new", w, run, false, []string{"203.0.113.9:17070, which is none", "juju show-controller new"}},
		{"target-in-cluster", "models on machines", moves(func(e *estate) {
			e.there().Cluster, e.there().ReachedAt = "k:6443", ""
			e.c().Cluster, e.web().Type, e.web().Cluster = "k:6443", fleet.CAAS, "k:6443"
		}), "new", b, run, true, []string{"inside a Kubernetes cluster (k:6443)", "not for prod:admin/db, which", "controller-service-type=loadbalancer"}},
		{"target-in-cluster", "a source on machines", moves(func(e *estate) {
			e.there().Cluster, e.there().ReachedAt = "k:6443", ""
		}), "new", b, run, true, []string{"not for controller prod, prod:admin/db, prod:admin/web"}},
		{"target-in-cluster", "another address of perhaps the same", moves(func(e *estate) {
			e.there().Cluster, e.there().ReachedAt = "k:6443", ""
			e.c().Cluster = "l:6443"
			for _, m := range []*fleet.Model{e.web(), e.db()} {
				m.Type, m.Cluster = fleet.CAAS, "l:6443"
			}
		}), "new", w, run, false, []string{"as far as the addresses of their clouds tell"}},
		{"local-charms-refused", "towards 4.1", moves(func(e *estate) {
			e.from("3.6.11")
			e.toward("4.1.0")
			e.web().Type = fleet.CAAS
		}), "prod:admin/web", b, fleet.OneModel, true, []string{"gives the migration up: own"}},
		{"images-not-tried", "of a model that moves", moves(func(e *estate) {
			e.from("3.6.11")
			e.web().Type = fleet.CAAS
		}), "prod", n, fleet.WholeController, false, []string{"jujud-operator:3.6.24 on every node", "juju controller-config -c new"}},
		{"target-in-cluster", "one that is to be made", moves(func(e *estate) {
			e.there().Cluster, e.there().ReachedAt, e.there().Planned = "k:6443", "", true
		}), "new", w, run, false, []string{"unless that has a load balancer", "--bootstrap-arg"}},
		{"users-created", "two", moves(func(e *estate) {
			e.there().Holdings.Users = nil
		}), "new", n, run, false, []string{"2 local users", "admin, alice;"}},
	}
}

func sourceFirings() []firing {
	b, w, c := fleet.Blocker, fleet.Warning, fleet.WholeController
	return []firing{
		{"patch-first", "3.6.10 to 4", moves(func(e *estate) { e.from("3.6.10"); e.toward("4.0.4") }),
			"prod", b, c, false, []string{"new at 4.0.4", "3.6.11 or later", "juju upgrade-all plan -c prod --to new --agent-version 3.6.11"}},
		{"patch-first", "models alone", moves(func(e *estate) {
			e.from("3.6.10")
			e.toward("4.0.4")
			e.goal.AgentVersion = version.Zero
			e.goal.Include = []fleet.ModelPattern{{Name: "web"}}
		}), "prod", b, c, false, []string{"juju upgrade-all plan -c prod --to new --with-controller -m"}},
		{"belongings-unread", "of a model", moves(func(e *estate) { e.web().Belongings = nil }),
			"prod:admin/web", b, fleet.OneModel, false, []string{"juju upgrade-all plan -c prod --to new --exclude prod:admin/web"}},
		{"belongings-unread", "of the source", moves(func(e *estate) { e.c().Holdings, e.c().Unread = nil, &fleet.Problem{Text: "was\ncut"} }),
			"prod", b, c, false, []string{"juju users -c prod", ": was cut"}},
		{"belongings-unread", "of the target", moves(func(e *estate) { e.there().Holdings = nil }),
			"new", b, fleet.WholeRun, false, []string{"juju clouds --controller new"}},
		{"strands-agents", "3.6.18", moves(func(e *estate) { e.from("3.6.18") }),
			"prod", w, c, false, []string{"#18618", "3.6.19"}},
		{"strands-agents", "3.5", moves(func(e *estate) { e.from("3.5.4") }),
			"prod", w, c, false, []string{"in no series before 3.6"}},
		{"backup-not-restorable-after-move", "always", moving,
			"prod", fleet.Notice, c, false, []string{"this run's or any other: two controllers would own that model's machines"}},
		{"backup-not-restorable-after-move", "on Kubernetes, where Juju makes none", moves(func(e *estate) { e.own().Type = fleet.CAAS }),
			"prod", fleet.Notice, c, false, []string{"by whatever means it was made: two controllers would own that model's pods"}},
		{"known-issue", "on the way to 4.1", moves(func(e *estate) { e.toward("4.1.0") }),
			"prod", w, c, false, []string{"seen on 4.1-beta2"}},
		{"no-superuser", "to move", moves(func(e *estate) { e.c().Access = fleet.AccessLogin }),
			"prod", b, c, false, []string{"both controllers", "juju grant -c prod admin superuser"}},
		{"controller-machine-down", "where nothing is patched", moves(func(e *estate) { lost(&e.own().Status.Agents[1]) }),
			"prod:admin/controller", b, c, false, []string{"machine 1 lost", "migrates no model away"}},
		{"backup-may-fail", "before a move", moves(func(e *estate) { e.from("3.6.22"); e.goal.Backup = fleet.BackupAuto }),
			"prod", fleet.Notice, c, false, []string{"nothing of it moves"}},
		{"not-a-patch", "with --to", moves(func(e *estate) { e.goal.AgentVersion = version.MustParse("4.0.4") }),
			"prod", b, c, false, []string{"with --to, --agent-version is the patch", "juju upgrade-all plan -c prod --to new   # without"}},
		{"upgrade-in-progress", "and models move", moves(func(e *estate) {
			e.goal.Include = []fleet.ModelPattern{{Name: "web"}}
			e.c().Upgrading = version.MustParse("3.6.28")
		}), "prod", b, c, false, []string{"Juju migrates no model", "juju upgrade-all -c prod --to new --agent-version 3.6.28"}},
	}
}

func landingFirings() []firing {
	b, w, m, web := fleet.Blocker, fleet.Warning, fleet.OneModel, "prod:admin/web"
	without := "juju upgrade-all plan -c prod --to new --exclude prod:admin/web"
	return []firing{
		{"model-newer-than-target", "ahead of both", moves(func(e *estate) { goTo(e.web(), version.MustParse("3.6.25")) }),
			web, b, m, false, []string{"at 3.6.25 and new at 3.6.24", "juju upgrade-all plan -c new --agent-version 3.6.25"}},
		{"model-name-taken", "another model", moves(func(e *estate) { e.arrived(*e.web()).UUID = "m-other" }),
			web, b, m, false, []string{"juju show-model new:admin/web", without}},
		{"model-leftover", "importing", moves(func(e *estate) {
			e.arrived(*e.web()).Condition = fleet.Condition{Status: "busy", Message: "importing"}
		}), web, b, m, false, []string{"(busy (importing))", "Never destroy it there", "juju show-model new:admin/web"}},
		{"user-disabled", "towards 3.6", moves(func(e *estate) {
			e.there().Holdings.User("alice").Disabled = true
			e.db().Belongings.Users = nil
		}), web, w, m, false, []string{"alice cannot log in there", "juju enable-user -c new alice"}},
		{"user-disabled", "towards 4", moves(func(e *estate) {
			e.toward("4.0.4")
			e.there().Holdings.User("alice").Disabled = true
			e.db().Belongings.Users = nil
		}), web, b, m, false, []string{"import there fails"}},
		{"moved-unfinished", "an agent stayed behind", moves(func(e *estate) {
			there := e.arrived(*e.web())
			for i := range there.Status.Agents {
				there.Status.Agents[i].State.Status = "lost"
			}
		}), web, w, m, false, []string{"it is on new already, and not connected there", "juju upgrade-all plan -c new -m admin/web"}},
		{"moved-unfinished", "not yet upgraded", moves(func(e *estate) {
			e.arrived(*e.web()).Status.Version = version.MustParse("3.6.2")
			e.there().Models[len(e.there().Models)-1].Version = version.MustParse("3.6.2")
		}), web, w, m, false, []string{"is not at 3.6.24 there"}},
		{"model-leftover", "not listed", moves(func(e *estate) { e.brought().Importing = true }),
			web, b, m, false, []string{"still on new (importing)"}},
		{"model-leftover", "dead", moves(func(e *estate) { e.arrived(*e.web()).Life = "dead" }),
			web, b, m, false, []string{"on new (dead)"}},
		{"external-users", "another provider", moves(func(e *estate) {
			e.there().Holdings.IdentityURL = ""
			e.db().Belongings.Users = nil
		}), web, b, m, false, []string{"bob@example", "juju revoke -c prod bob@example read admin/web", "juju controller-config -c new identity-url"}},
		{"cloud-missing", "there", moves(func(e *estate) { e.web().Cloud = "cave" }),
			web, b, m, false, []string{`"cave"`, "juju add-cloud --controller new cave FILE", "juju show-cloud cave --controller prod"}},
		{"region-missing", "there", moves(func(e *estate) { e.web().Region = "north" }),
			web, b, m, false, []string{`"north"`, "juju update-cloud lab --controller new -f FILE"}},
		{"secret-backend-missing", "known by name", moves(func(e *estate) {
			e.c().Holdings.SecretBackends = append(e.c().Holdings.SecretBackends, fleet.SecretBackend{ID: "b-2", Name: "deep", Type: "vault"})
			e.brought().SecretBackends = []string{"b-1", "b-2"}
		}), web, b, m, false, []string{"deep b-2", "juju add-secret-backend -c new deep vault --import-id b-2 --config FILE"}},
		{"manual-cloud", "towards 4", moves(func(e *estate) {
			e.toward("4.0.4")
			e.c().Holdings.Clouds = append(e.c().Holdings.Clouds, fleet.Cloud{Name: "desk", Type: "manual", Regions: []string{"default"}})
			e.there().Holdings.Clouds = e.c().Holdings.Clouds
			e.web().Cloud = "desk"
		}), web, b, m, true, []string{`"desk"`, without}},
		{"fan-networking", "towards 4", moves(func(e *estate) { e.toward("4.0.4"); e.brought().FanConfig = "10.0.0.0/16=252.0.0.0/8" }),
			web, b, m, false, []string{`juju model-config -m prod:admin/web fan-config="" container-networking-method=local`}},
		{"fan-networking", "as method", moves(func(e *estate) { e.toward("4.0.4"); e.brought().NetworkingMethod = "fan" }),
			web, b, m, false, []string{"fan"}},
		{"charm-without-manifest", "towards 4", moves(func(e *estate) {
			e.toward("4.0.4")
			e.brought().Charms[0].Manifest, e.brought().Charms[1].Manifest = false, false
		}), web, b, m, false, []string{"app, own", "juju refresh -m prod:admin/web app", "juju refresh -m prod:admin/web own --path CHARM"}},
		{"charmhub-refresh-lost", "towards 4.1", moves(func(e *estate) {
			e.toward("4.1-beta2")
			e.db().Belongings.Charms = nil
		}), web, w, m, false, []string{"app: an application from Charmhub", "juju refresh -m prod:admin/web app", "juju upgrade-all --charms-only -c new   # after it"}},
		{"cross-model", "a model that stays behind", moves(func(e *estate) {
			e.goal.Exclude = []fleet.ModelPattern{{Name: "db"}}
			e.web().Status.Remotes = []fleet.Remote{{Name: "sql", OfferURL: "admin/db.sql"}}
		}), web, w, m, false, []string{"uses sql of admin/db (stays behind)"}},
		{"cross-model", "consumers elsewhere", moves(func(e *estate) {
			e.web().Status.Offers = []fleet.Offer{{Name: "site", Total: 2}}
		}), web, w, m, false, []string{"offers site, 2 relations, to models that are not seen from here"}},
		{"move-refused", "by a dry run", moves(func(e *estate) { e.web().MoveRefusal = &fleet.Problem{Code: fleet.Refused, Text: "source\nprechecks"} }),
			web, b, m, false, []string{"source prechecks", without}},
		{"move-refused", "not to be asked", moves(func(e *estate) {
			e.there().Holdings.Users = e.there().Holdings.Users[:1]
			e.web().MoveRefusal = &fleet.Problem{Code: fleet.Unreachable, Text: "cut"}
		}), web, b, m, false, []string{"could not be told whether Juju would migrate it: cut"}},
		{"move-refused", "before users are made", moves(func(e *estate) {
			e.there().Holdings.Users = e.there().Holdings.Users[:1]
			e.web().MoveRefusal = &fleet.Problem{Code: fleet.Refused, Text: "users"}
		}), web, w, m, false, []string{"before what this run does first"}},
		{"model-dying", "and is to move", moves(func(e *estate) { e.web().Life = "dying" }), web, b, m, false, []string{"Juju migrates no model", without}},
		{"model-migrating", "and is to move", moves(func(e *estate) { e.web().Migration = "quiescing" }), web, b, m, false, []string{"; move it when"}},
		{"model-suspended", "and is to move", moves(func(e *estate) { e.web().Condition.Status = "suspended" }), web, b, m, true, []string{"may refuse to migrate it"}},
		{"model-commands-blocked", "and is to move", moves(func(e *estate) { e.web().ChangesBlocked = true }), web, b, m, true, []string{"would migrate it all the same"}},
		{"model-unreadable", "and is to move", moves(func(e *estate) { e.web().Problem = &fleet.Problem{Text: "oh"} }), web, b, m, false, []string{"what a move would meet"}},
		{"model-behind", "and is to move", moves(func(e *estate) { goTo(e.web(), version.MustParse("3.5.4")) }), web, fleet.Notice, m, false, []string{"goes to 3.6.24 in one step before it moves"}},
		{"actions-running", "and is to move", moves(func(e *estate) { e.web().Operations = 2 }), web, w, m, false, []string{"gives the migration up after 15m"}},
		{"pods-restart", "and is to move", moves(func(e *estate) { e.web().Type = fleet.CAAS }), web, w, m, false, []string{"the move", "2 units"}},
	}
}

func credentialFirings() []firing {
	b, m, web := fleet.Blocker, fleet.OneModel, "prod:admin/web"
	return []firing{
		{"credential-differs", "in attributes", moves(func(e *estate) { e.brought().Clash = &fleet.Clash{Attributes: []string{"secret-key", "access-key"}} }),
			web, b, m, false, []string{"lab/admin/default", "differ: access-key, secret-key", "juju set-credential -m prod:admin/web lab OTHER", "juju update-credential lab default -c new"}},
		{"credential-differs", "in its type", moves(func(e *estate) { e.brought().Clash = &fleet.Clash{AuthTypes: true} }),
			web, b, m, false, []string{"another auth type"}},
		{"credential-unseen", "of another user", moves(func(e *estate) { e.brought().Clash = &fleet.Clash{Hidden: true} }),
			web, fleet.Warning, m, false, []string{"its owner only", "juju show-credential -c new lab default   # as admin"}},
		{"credential-differs", "of one that is made", freshly(func(e *estate) { e.brought().Clash = &fleet.Clash{Attributes: []string{"secret-key"}} }),
			web, b, m, false, []string{"this client's credential lab default", "differ: secret-key", "juju show-credential --client lab default", "--bootstrap-arg --credential=OTHER"}},
		{"credential-unseen", "of one that is made", freshly(func(e *estate) { e.brought().Clash = &fleet.Clash{Hidden: true} }),
			web, fleet.Warning, m, false, []string{"this client's credential lab default", "juju set-credential -m prod:admin/web lab OTHER"}},
		{"credential-invalid", "refused by the cloud", moves(func(e *estate) { e.brought().Credential.Invalid = true }),
			web, b, m, true, []string{"not valid", "juju update-credential lab default -c prod"}},
		{"credential-foreign", "of another user", moves(func(e *estate) { e.brought().Credential.Owner = "alice" }),
			web, b, m, false, []string{"not of its owner admin", "juju set-credential -m prod:admin/web lab CREDENTIAL   # as admin"}},
	}
}

func moveAgentFirings() []firing {
	b, w, m, web := fleet.Blocker, fleet.Warning, fleet.OneModel, "prod:admin/web"
	four := func(change func(*estate)) func(*estate) {
		return moves(func(e *estate) {
			e.from("4.0.4")
			e.toward("4.1.0")
			change(e)
		})
	}
	return []firing{
		{"agents-out-of-step", "ahead", moves(func(e *estate) { e.web().Status.Agents[2].Version = version.MustParse("3.6.26") }),
			web, b, m, false, []string{"to move at 3.6.24, but unit web/0 at 3.6.26", "juju ssh -m prod:admin/web web/0"}},
		{"machine-not-running", "stopped", moves(func(e *estate) { e.web().Status.Agents[0].Health.Status = "stopped" }),
			web, b, m, false, []string{"machine 0 stopped", "juju show-machine -m prod:admin/web 0"}},
		{"machine-not-running", "its agent", moves(func(e *estate) { e.web().Status.Agents[1].State.Status = "stopped" }),
			web, b, m, false, []string{"machine 0/lxd/0 stopped"}},
		{"unit-settling", "failed for a moment", moves(func(e *estate) { e.web().Status.Agents[2].State.Status = "failed" }),
			web, w, m, false, []string{"unit web/0 failed", "asked again"}},
		{"workload-refused", "blocked", four(func(e *estate) { e.web().Status.Agents[2].Health.Status = "blocked" }),
			web, b, m, false, []string{"unit web/0 blocked", "Juju 4"}},
		{"workload-refused", "in error", four(func(e *estate) { e.web().Status.Agents[2].Health.Status = "error" }),
			web, b, m, false, []string{"juju resolved -m prod:admin/web web/0"}},
		{"base-unsupported", "18.04", moves(func(e *estate) { e.web().Status.Agents[0].Base = "ubuntu@18.04" }),
			web, b, m, false, []string{"machine 0 (ubuntu@18.04)", "juju set-application-base"}},
		{"base-unsupported", "towards 4", moves(func(e *estate) { e.toward("4.0.4"); e.web().Status.Agents[0].Base = "centos@9" }),
			web, b, m, false, []string{"only ubuntu@20.04"}},
		{"reconnect-budget", "thousands", moves(func(e *estate) { crowd(e.web(), 5000) }),
			web, b, m, true, []string{"5000 agents", fmt.Sprint("about ", 3*1210), "juju controller-config -c new agent-ratelimit-max=10 agent-ratelimit-rate="}},
		{"reconnect-budget", "comes near", moves(func(e *estate) { crowd(e.web(), 3*1210*7/10) }),
			web, w, m, false, []string{"juju controller-config -c new"}},
		{"agent-down", "and is to move", moves(func(e *estate) { lost(&e.web().Status.Agents[2]) }), web, b, m, false, []string{"Juju migrates no model"}},
		{"agent-not-started", "and is to move", moves(func(e *estate) {
			e.web().Type = fleet.CAAS
			a := &e.web().Status.Agents[2]
			a.Version, a.State.Status = version.Zero, "allocating"
		}), web, b, m, false, []string{"refuses to migrate"}},
		{"machine-error", "and is to move", moves(func(e *estate) { e.web().Status.Agents[0].Health.Status = "error" }), web, b, m, false, []string{"migrates no model"}},
		{"unit-error", "and is to move", moves(func(e *estate) { e.web().Status.Agents[2].Health.Status = "error" }), web, w, m, false, []string{"moves all the same"}},
	}
}
