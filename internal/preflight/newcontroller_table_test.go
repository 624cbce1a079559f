package preflight

import (
	"github.com/juju/version/v2"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

func bootstrapFirings() []firing {
	b, run := fleet.Blocker, fleet.WholeRun
	return []firing{
		{"bootstrap-refused", "an unknown cloud", freshly(func(e *estate) {
			e.there().Problem = &fleet.Problem{Code: fleet.NotFound, Text: "no\ncloud", Remedy: "juju add-cloud lab"}
		}), "fresh", b, run, false, []string{"cannot be made: no cloud", "juju credentials --client lab", "juju add-cloud lab"}},
		{"bootstrap-refused", "a name that exists", freshly(func(e *estate) { e.there().Problem = &fleet.Problem{Code: fleet.Exists, Text: "taken"} }),
			"fresh", b, run, false, []string{"taken", "juju show-controller fresh", "juju upgrade-all plan -c prod --bootstrap lab/default --bootstrap-name OTHER   # or --to fresh"}},
		{"bootstrap-client", "none", freshly(func(e *estate) { e.goal.Bootstrap.Juju = ""; e.fleet.Client = fleet.Client{} }),
			"fresh", b, run, false, []string{"no juju client", "sudo snap install juju", "--juju PATH"}},
		{"bootstrap-client", "of no version", freshly(func(e *estate) { e.goal.Bootstrap.Version = version.Zero }),
			"fresh", b, run, false, []string{"/usr/bin/juju cannot be told", "/usr/bin/juju version"}},
		{"bootstrap-client", "too old", freshly(func(e *estate) { e.freshAt("3.5.4") }),
			"fresh", b, run, false, []string{"makes controllers of 3.5.4", "prod: the target is at 3.5.4, an older series", "juju upgrade-all plan -c prod --bootstrap lab/default --bootstrap-name fresh --juju PATH   # a juju client of 3.6.24 or later of 3.6"}},
		{"bootstrap-client", "too new", freshly(func(e *estate) {
			e.from("2.9.52")
			e.freshAt("4.1.0")
			e.fleet.Client.Snap, e.fleet.Client.Path = true, "/usr/bin/juju"
		}), "fresh", b, run, false, []string{"cannot be skipped", "sudo snap refresh juju --channel=3.6/stable", "3.6.11 or later of 3.6"}},
		{"bootstrap-client", "too old for what is patched first", freshly(func(e *estate) { e.goal.AgentVersion = version.MustParse("3.6.28") }),
			"fresh", b, run, false, []string{"older patch than 3.6.28", "--agent-version 3.6.24   # moves them as they are"}},
	}
}

func plannedFirings() []firing {
	b, w, run, m := fleet.Blocker, fleet.Warning, fleet.WholeRun, fleet.OneModel
	again := "juju upgrade-all plan -c prod --bootstrap lab/default --bootstrap-name fresh"
	return []firing{
		{"target-not-ha", "a manual cloud, to be made", freshly(func(e *estate) { e.there().Holdings.HA.Makes = false }),
			"fresh", w, run, false, []string{"will have 1 server, and prod has 3", "makes no machines, and 2 more", "juju add-machine -m fresh:controller ssh:USER@HOST   # after the run", "juju enable-ha -c fresh -n 3   # after the run"}},
		{"target-not-ha", "a manual cloud that exists", moves(func(e *estate) {
			e.there().Servers = e.there().Servers[:1]
			e.there().Holdings.HA = &fleet.HA{Servers: 1, Spare: []string{"1"}}
		}), "new", w, run, false, []string{"1 server, and prod has 3", "1 more are needed", "juju add-machine -m new:admin/controller ssh:USER@HOST"}},
		{"target-not-ha", "Juju 4", freshly(func(e *estate) { e.freshAt("4.1.0") }),
			"fresh", w, run, false, []string{"Juju 4 has no enable-ha", "juju add-unit -m fresh:controller controller -n 2"}},
		{"target-not-ha", "Kubernetes", freshly(func(e *estate) { e.there().Holdings.Clouds[0].Type = "kubernetes" }),
			"fresh", w, run, false, []string{"no enable-ha on Kubernetes"}},
		{"model-newer-than-target", "to be made", freshly(func(e *estate) { goTo(e.web(), version.MustParse("3.6.25")) }),
			"prod:admin/web", b, m, false, []string{again + " --juju PATH   # a client of 3.6.25 or later"}},
		{"cloud-missing", "of one that is to be made", freshly(func(e *estate) { e.goal.Clone = fleet.CloneNone; e.web().Cloud = "cave" }),
			"prod:admin/web", b, m, false, []string{"will not have", again + " --clone native"}},
		{"cloud-missing", "and cannot be read to be cloned", freshly(func(e *estate) { e.web().Cloud = "cave" }),
			"prod:admin/web", b, m, false, []string{again + " --exclude prod:admin/web"}},
		{"region-missing", "of one that is to be made", freshly(func(e *estate) { e.web().Region = "north" }),
			"prod:admin/web", b, m, false, []string{"juju update-cloud lab --client -f FILE"}},
		{"secret-backend-missing", "of one that is to be made", freshly(func(e *estate) {
			e.goal.Clone = fleet.CloneNone
			e.there().Holdings.SecretBackends = nil
			e.db().Belongings.SecretBackends = nil
		}), "prod:admin/web", b, m, false, []string{again + " --clone native"}},
		{"external-users", "of one that is to be made", freshly(func(e *estate) {
			e.goal.Bootstrap.Args = nil
			e.db().Belongings.Users = nil
		}), "prod:admin/web", b, m, false, []string{again + " --bootstrap-arg --config=identity-url=https://id.example"}},
		{"reconnect-budget", "of one that is to be made", freshly(func(e *estate) { crowd(e.web(), 5000) }),
			"prod:admin/web", b, m, true, []string{again + " --bootstrap-arg --config=agent-ratelimit-max=10 --bootstrap-arg --config=agent-ratelimit-rate="}},
	}
}

func restoreFirings() []firing {
	b, w, run := fleet.Blocker, fleet.Warning, fleet.WholeRun
	native := "juju upgrade-all plan -c prod --to new --clone native"
	return []firing{
		{"restore-experimental", "chosen", restoring(func(*estate) {}), "new", w, run, false, []string{"experimental", "no way back", native}},
		{"restore-refused", "format 2", restoring(func(e *estate) { e.from("3.6.23") }), "new", b, run, false, []string{"format 2", native}},
		{"restore-refused", "Juju 4", restoring(func(e *estate) { e.toward("4.0.4") }), "new", b, run, false, []string{"Juju 2 and 3 only"}},
		{"restore-refused", "Kubernetes", restoring(func(e *estate) { e.own().Type = fleet.CAAS }), "new", b, run, false, []string{"Kubernetes"}},
		{"restore-refused", "to Kubernetes", restoring(func(e *estate) { e.there().Models[0].Type = fleet.CAAS }), "new", b, run, false, []string{"Kubernetes"}},
		{"restore-refused", "too old", restoring(func(e *estate) { e.from("2.9.36") }), "new", b, run, false, []string{"from 2.9.37 on"}},
		{"restore-refused", "models on the target", restoring(func(e *estate) { e.arrived(model("eve/shop", same)) }), "new", b, run, false, []string{"has models, which juju-restore refuses: eve/shop"}},
		{"restore-refused", "some models", restoring(func(e *estate) { e.goal.Include = []fleet.ModelPattern{{Name: "web"}} }), "new", b, run, false, []string{"with -m only what these models need", native}},
		{"restore-refused", "no client", restoring(func(e *estate) { e.goal.Juju = "" }), "new", b, run, false, []string{"takes a juju client"}},
		{"restore-refused", "no backup", restoring(func(e *estate) { e.goal.Backup = fleet.BackupSkip }), "new", b, run, false, []string{"--backup skip makes none"}},
	}
}

func cloneFirings() []firing {
	w, n, c := fleet.Warning, fleet.Notice, fleet.WholeController
	return []firing{
		{"not-cloned", "none", moves(func(e *estate) { e.goal.Clone = fleet.CloneNone }), "prod", n, c, false, []string{"--clone none", "only the users"}},
		{"not-cloned", "some models", cloning(func(e *estate) { e.goal.Include = []fleet.ModelPattern{{Name: "web"}} }), "prod", n, c, false, []string{"with -m"}},
		{"clone-unread", "of both", cloning(func(e *estate) {
			e.c().Holdings.UnreadItems = []fleet.ItemKind{fleet.BackendItem, fleet.CloudItem}
			e.there().Holdings.UnreadItems = []fleet.ItemKind{fleet.ModelDefaultItem}
		}), "prod", w, c, false, []string{"prod does not tell this of itself: cloud, secret backend; new does not tell this of itself: model default"}},
		{"clone-differs", "configuration", cloning(func(e *estate) {
			holding(e.c(), setting("audit-log-max-size", "200M"))
			holding(e.there(), setting("audit-log-max-size", "300M"))
		}), "prod", n, c, false, []string{"config/audit-log-max-size (200M here, 300M there)", "juju controller-config -c new audit-log-max-size=200M"}},
		{"clone-differs", "a user's access", cloning(func(e *estate) {
			e.c().Holdings.User("alice").Access = fleet.AccessSuperuser
			e.there().Holdings.User("alice").Access = fleet.AccessLogin
		}), "prod", w, c, false, []string{"user alice (superuser here, login there)", "juju grant -c new alice superuser"}},
		{"clone-differs", "a user with more access there", cloning(func(e *estate) { e.there().Holdings.User("alice").Access = fleet.AccessSuperuser }),
			"prod", w, c, false, []string{"user alice (login here, superuser there)", "juju revoke -c new alice superuser"}},
		{"clone-differs", "a user who is disabled", cloning(func(e *estate) { e.c().Holdings.User("alice").Disabled = true }),
			"prod", w, c, false, []string{"user alice (disabled here, not there)", "juju disable-user -c new alice"}},
		{"clone-differs", "configuration of one that is made", freshly(func(e *estate) {
			holding(e.c(), setting("audit-log-max-size", "200M"))
			holding(e.there(), setting("audit-log-max-size", "300M"))
		}), "prod", n, c, false, []string{"juju controller-config -c fresh audit-log-max-size=200M   # after the run"}},
		{"identity-not-cloned", "one that exists", cloning(func(e *estate) { e.there().Holdings.IdentityURL = "" }),
			"prod", w, c, false, []string{"at https://id.example, and those of new at no identity provider", "--bootstrap CLOUD --bootstrap-name NAME --bootstrap-arg --config=identity-url=https://id.example"}},
		{"identity-not-cloned", "one that is made", freshly(func(e *estate) {
			e.goal.Bootstrap.Args = []string{"--config=identity-url=https://other.example"}
			holding(e.c(), setting("identity-public-key", "o/ABCD+="))
		}), "prod", w, c, false, []string{"https://other.example", "--bootstrap-arg --config=identity-public-key=o/ABCD+="}},
		{"external-users-not-cloned", "listed", cloning(func(e *estate) {
			e.c().Holdings.Users = append(e.c().Holdings.Users, fleet.User{Name: "bob@example", Access: fleet.AccessSuperuser})
		}), "prod", n, c, false, []string{"does not list all of them: bob@example (superuser)", "juju grant -c new bob@example superuser"}},
		{"external-users-not-cloned", "not listed", cloning(func(*estate) {}), "prod", n, c, false, []string{"does not list all"}},
		{"passwords-not-cloned", "of some", freshly(func(e *estate) {
			e.c().Holdings.Users = append(e.c().Holdings.Users, fleet.User{Name: "robot"}, fleet.User{Name: "carol"}, fleet.User{Name: "juju-metrics"})
			e.goal.Passwords = []string{"robot"}
		}), "prod", n, c, false, []string{"2 local users are made on fresh", "copied: alice, carol; 1 other gets a password that was given", "juju upgrade-all handover"}},
		{"passwords-not-cloned", "of all", freshly(func(e *estate) {
			e.c().Holdings.Users = append(e.c().Holdings.Users, fleet.User{Name: "carol"})
		}), "prod", n, c, false, []string{"copied: alice, carol", "--password-file FILE"}},
		{"ha-space-unset", "one that is made", freshly(func(e *estate) { holding(e.c(), setting("juju-ha-space", "ha"), setting("juju-mgmt-space", "mgmt")) }),
			"prod", w, c, false, []string{"it has juju-ha-space=ha and juju-mgmt-space=mgmt, and fresh gets as many servers", "juju spaces -m prod:",
				"--bootstrap-name fresh --bootstrap-arg --config=juju-ha-space=VALUE --bootstrap-arg --config=juju-mgmt-space=VALUE   # what is right there"}},
		{"ha-space-unset", "one that exists", cloning(func(e *estate) {
			e.there().Holdings.HA = &fleet.HA{Servers: 1, Makes: true}
			holding(e.c(), setting("juju-ha-space", "ha"))
		}), "prod", w, c, false, []string{"juju controller-config -c new juju-ha-space=VALUE   # what is right there, before the run"}},
		{"config-not-cloned", "of each kind", cloning(func(e *estate) {
			e.toward("4.0.4")
			holding(e.c(), setting("public-dns-address", "old.example"), setting("api-port", "17080"), setting("mongo-memory-profile", "low"), setting("controller-uuid", "u"))
		}), "prod", n, c, false, []string{
			"public-dns-address=old.example is about this controller", "api-port=17080 can only be set", "mongo-memory-profile=low is nothing that Juju 4.0 has",
			"juju controller-config -c new public-dns-address=VALUE",
		}},
		{"config-not-cloned", "with secrets", cloning(func(e *estate) {
			e.toward("4.0.4")
			holding(e.c(), untold("object-store-s3-static-secret"), untold("of-a-juju-to-come"))
		}), "prod", n, c, false, []string{
			"stays behind: object-store-s3-static-secret is about this controller", "; of-a-juju-to-come is nothing that Juju 4.0 has",
			"juju controller-config -c new --file FILE   # with object-store-s3-static-secret: what is right there",
		}},
		{"config-not-cloned", "a secret that one that is made would be given in sight", freshly(func(e *estate) { holding(e.c(), untold("login-token-refresh-url")) }),
			"prod", n, c, false, []string{"stays behind: login-token-refresh-url can only be set when a controller is made, by an argument that others see", "--bootstrap-arg --config=FILE   # with login-token-refresh-url in it"}},
		{"config-not-cloned", "one that is made", freshly(func(e *estate) { holding(e.c(), setting("autocert-dns-name", "old.example")) }),
			"prod", n, c, false, []string{"--bootstrap-arg --config=autocert-dns-name=VALUE"}},
		{"credentials-not-cloned", "of others", cloning(func(*estate) {}), "prod", n, c, false, []string{"juju update-credential CLOUD CREDENTIAL -c new"}},
		{"controller-applications-not-cloned", "a dashboard", cloning(func(e *estate) {
			e.own().Status.Agents = append(e.own().Status.Agents, unit("dashboard/0"), unit("dashboard/1"), subordinate("agent/0"))
			goTo(e.own(), same)
		}), "prod", n, c, false, []string{"stay behind in it: agent, dashboard", "juju deploy -m new:controller agent"}},
		{"authority-not-cloned", "always", cloning(func(*estate) {}), "prod", n, c, false, []string{"juju show-controller new"}},
	}
}
