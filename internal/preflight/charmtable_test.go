package preflight

import (
	"slices"

	"github.com/juju/version/v2"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

func charmhubFirings() []firing {
	b, a := fleet.Blocker, fleet.OneApplication
	return []firing{
		{"charm-unresolved", "a closed channel", charms(func(e *estate) { unresolved(e.app("web"), fleet.NotFound) }),
			webApp, b, a, false, []string{"no web for it in 1/stable any more", "(no answer)", "juju info web", "juju refresh -m prod:admin/web web --channel CHANNEL", "juju upgrade-all plan -c prod --charms --exclude-app prod:admin/web.web"}},
		{"charm-unresolved", "another refusal", charmsAlone(func(e *estate) { unresolved(e.app("web"), fleet.Other) }),
			webApp, b, a, false, []string{"no answer for web in 1/stable: that may be closed", "juju refresh -m prod:admin/web web --channel CHANNEL", "plan -c prod --charms-only --exclude-app"}},
		{"charm-unresolved", "with a cure of its own", charms(func(e *estate) {
			unresolved(e.app("web"), fleet.NotFound)
			e.app("web").Release.Problem.Remedy = "juju do that"
		}), webApp, b, a, false, []string{"juju do that"}},
		{"charm-unresolved", "not asked", charms(func(e *estate) { e.app("web").Release = nil }),
			webApp, b, a, false, []string{"it was not asked"}},
		{"charm-unresolved", "of the controller's application", charmsAlone(func(e *estate) { unresolved(e.app("controller"), fleet.NotFound) }),
			"prod:admin/controller.controller", b, a, false, []string{"juju info controller"}},
		{"charmhub-unreachable", "one of two", charms(func(e *estate) {
			unresolved(e.app("web"), fleet.Unreachable)
			e.app("logs").Release.Revision = 4
		}), webApp, b, a, false, []string{"its charm stays as it is (no answer)", "juju model-config -m prod:admin/web charmhub-url", "plan -c prod --charms   # once more"}},
		{"charmhub-unreachable", "all of a model", charms(func(e *estate) {
			unresolved(e.app("web"), fleet.Unreachable)
			unresolved(e.app("logs"), fleet.Unreachable)
		}), "prod:admin/web", b, a, false, []string{"the charms of logs, web stay as they are"}},
		{"charmhub-unreachable", "none of a model is answered", charms(func(e *estate) {
			unresolved(e.app("web"), fleet.Other)
			unresolved(e.app("logs"), fleet.Other)
		}), "prod:admin/web", b, a, false, []string{"the charms of logs, web stay as they are"}},
		{"charm-base-unsupported", "on machines", charms(func(e *estate) { e.app("web").Release.Bases = []string{"ubuntu@24.04"} }),
			webApp, b, a, false, []string{"revision 6 of web supports ubuntu@24.04", "on ubuntu@22.04", "juju info web --base ubuntu@22.04",
				"juju set-application-base -m prod:admin/web web ubuntu@24.04", "--channel CHANNEL"}},
		{"charm-base-unsupported", "on Kubernetes", charms(func(e *estate) {
			e.web().Type = fleet.CAAS
			e.app("web").Release.Bases = []string{"ubuntu@26.04", "ubuntu@24.04"}
		}), webApp, b, a, false, []string{"supports ubuntu@24.04, ubuntu@26.04", "juju refresh -m prod:admin/web web --base BASE"}},
		{"charm-channel-closed", "another answers", charms(func(e *estate) { e.app("web").Channel = "1/candidate" }),
			webApp, fleet.Warning, a, false, []string{"follows 1/candidate", "what 1/stable has", "juju refresh -m prod:admin/web web --channel 1/stable"}},
		{"charm-file-other", "of another charm", charms(func(e *estate) { give(e, "web.web", "wub") }),
			webApp, b, a, false, []string{"./own.charm is the charm wub", "juju upgrade-all plan -c prod --charms --charm-path prod:admin/web.web=FILE"}},
	}
}

func charmUnitFirings() []firing {
	b, a := fleet.Blocker, fleet.OneApplication
	return []firing{
		{"charms-commands-blocked", "a hosted model", charms(func(e *estate) { e.web().ChangesBlocked = true }),
			"prod:admin/web", b, a, false, []string{"refuses to refresh its charms, which are left alone: web", "juju disabled-commands -m prod:admin/web", "juju enable-command all -m prod:admin/web"}},
		{"charms-commands-blocked", "the controller's model", charmsAlone(func(e *estate) {
			e.own().ChangesBlocked = true
			e.app("controller").Release.Revision++
		}), "prod:admin/controller", b, a, false, nil},
		{"charm-dying", "dying", charms(func(e *estate) { e.app("web").Life = "dying" }),
			webApp, b, a, false, []string{"it is dying", "juju status -m prod:admin/web web", "--exclude-app prod:admin/web.web"}},
		{"charm-unit-error", "a failed hook", charms(inError),
			webApp, b, a, true, []string{"unit web/0 error", `hook failed: "config-changed"`, "silently passes such units by", "juju resolved -m prod:admin/web web/0",
				"juju show-status-log -m prod:admin/web web/0", "juju debug-log -m prod:admin/web --replay --no-tail --include unit-web-0"}},
		{"charm-unit-error", "of a subordinate", charms(func(e *estate) {
			e.app("logs").Release.Revision++
			e.web().Status.Agents[3].Health.Status = "error"
		}), "prod:admin/web.logs", b, a, true, []string{"unit logs/0 error"}},
		{"charm-unit-lost", "out of sight", charms(func(e *estate) { lost(&e.web().Status.Agents[2]) }),
			webApp, b, a, true, []string{"unit web/0 lost", "would not get there", "juju ssh -m prod:admin/web web/0"}},
		{"charm-underway", "another refresh", charms(func(e *estate) { e.app("web").Behind = []string{"web/0"} }),
			webApp, b, a, true, []string{"web/0 does not run ch:amd64/web-5 yet", "on its way"}},
		{"charm-underway", "and nothing newer", charms(func(e *estate) {
			e.app("web").Release.Revision = 5
			e.app("web").Behind = []string{"web/0", "web/1"}
			inError(e)
		}), webApp, fleet.Warning, a, false, []string{"web/0, web/1 do not run ch:amd64/web-5 yet", "juju resolved -m prod:admin/web web/0"}},
	}
}

func charmNoticeFirings() []firing {
	n, a := fleet.Notice, fleet.OneApplication
	return []firing{
		{"charm-local", "no file", charms(func(e *estate) { e.app("web").URL, e.app("web").Release = "local:web-0", nil }),
			webApp, n, a, false, []string{"local:web-0", "juju upgrade-all plan -c prod --charms --charm-path prod:admin/web.web=FILE"}},
		{"charm-store", "of 2.9", charms(func(e *estate) { e.app("web").URL, e.app("web").Release = "cs:focal/web-4", nil }),
			webApp, n, a, false, []string{"Charm Store", "juju refresh -m prod:admin/web web --switch ch:web"}},
		{"charm-off-channel", "left alone", charms(func(e *estate) { e.app("web").URL = url("web", 9) }),
			webApp, n, a, false, []string{"runs revision 9, and 1/stable has 6", "left alone", "juju upgrade-all plan -c prod --charms --app prod:admin/web.web   # goes back to 6"}},
		{"charm-off-channel", "named", charms(func(e *estate) {
			e.app("web").URL = url("web", 9)
			e.goal.Apps = patterns("web.web")
		}), webApp, n, a, false, []string{"goes back"}},
		{"charm-checks", "both", charms(func(e *estate) {
			e.app("web").Release.Actions = []string{"backup", "pre-upgrade-check", "pre-refresh-check"}
		}),
			webApp, n, a, false, []string{"juju run -m prod:admin/web web/leader pre-refresh-check", "juju run -m prod:admin/web web/leader pre-upgrade-check"}},
		{"charm-checks", "with a client of 2.9", charms(func(e *estate) {
			e.fleet.Client.Version.Major, e.fleet.Client.Version.Minor = 2, 9
			e.app("web").Release.Actions = []string{"pre-upgrade-check"}
		}), webApp, n, a, false, []string{"juju run-action -m prod:admin/web web/leader pre-upgrade-check --wait"}},
		{"charm-pauses", "resume-refresh", charms(func(e *estate) { e.app("web").Release.Actions = []string{"resume-refresh"} }),
			webApp, n, a, false, []string{"wait for you", "juju run -m prod:admin/web web/leader resume-refresh"}},
		{"charm-assumes", "with charms alone", charmsAlone(func(e *estate) { e.app("web").Release.Objection = "charm requires Juju version >= 99.0.0" }),
			webApp, fleet.Blocker, a, true, []string{"revision 6 of web assumes", "version >= 99.0.0", "juju info web", "juju show-model prod:admin/web", "--exclude-app prod:admin/web.web"}},
		{"charm-resource-lacking", "on Juju 4", charmsAlone(func(e *estate) {
			e.c().Version = version.MustParse("4.1.0")
			e.app("web").Release.Resources = []fleet.Resource{{Name: "blob", Now: -1, Then: 2}}
		}), webApp, fleet.Blocker, a, false, []string{"a resource blob", "juju resources -m prod:admin/web web"}},
		{"charm-resource-uploaded", "one of two", charms(func(e *estate) {
			e.app("web").Release.Resources = []fleet.Resource{{Name: "zip", Now: -1, Then: 3, Uploaded: true}, {Name: "blob", Now: 1, Then: 2}}
		}), webApp, n, a, false, []string{"uploaded zip:", "juju resources -m prod:admin/web web --details", "juju attach-resource -m prod:admin/web web zip=FILE"}},
		{"charm-storage-fixed", "on 3.6", charmsAlone(func(e *estate) {
			e.web().Type = fleet.CAAS
			e.app("web").Storage = []string{"logs", "data"}
		}), webApp, n, a, false, []string{"has storage (data, logs)", "its storage, devices, deployment", "changes nothing", "juju storage -m prod:admin/web", "juju info web", "--exclude-app prod:admin/web.web"}},
		{"charm-storage-fixed", "on Juju 4", charmsAlone(func(e *estate) {
			e.c().Version, e.web().Type = version.MustParse("4.1.0"), fleet.CAAS
			e.app("web").Storage = []string{"data"}
		}), webApp, n, a, false, []string{"Juju 4.1.0 refuses", "of its storage, if"}},
		{"charm-podspec", "with units", charmsAlone(func(e *estate) {
			e.web().Type, e.app("web").Podspec = fleet.CAAS, true
		}), webApp, fleet.Warning, a, false, []string{"by a podspec", "while the application has units (1)", "juju scale-application -m prod:admin/web web 0", "--exclude-app prod:admin/web.web"}},
		{"charm-podspec", "without", charmsAlone(func(e *estate) {
			e.web().Type, e.app("web").Podspec = fleet.CAAS, true
			e.web().Status.Agents = e.web().Status.Agents[:2]
		}), webApp, n, a, false, []string{"Juju takes it"}},
		{"charms-already-moved", "some are there", moves(charms(func(e *estate) {
			e.there().Models = append(e.there().Models, model("admin/old", same))
		})), "new", n, fleet.WholeRun, false, []string{"admin/old", "juju upgrade-all plan --charms-only -c new"}},
	}
}

// charmAloneFirings are what else is said where only charms change.
func charmAloneFirings() []firing {
	b, m := fleet.Blocker, fleet.OneModel
	web := "prod:admin/web"
	return []firing{
		{"controller-unreachable", "charms alone", charmsAlone(problem(fleet.Unreachable)), "prod", b, fleet.WholeController, false, []string{"plan --charms-only --skip-blocked"}},
		{"upgrade-in-progress", "charms alone", charmsAlone(func(e *estate) { e.c().Upgrading = target }), "prod", b, fleet.WholeController, false,
			[]string{"no requests for charms", "juju upgrade-all -c prod --agent-version 3.6.11"}},
		{"model-access", "charms alone", charmsAlone(func(e *estate) { e.c().Access, e.web().Access = fleet.AccessLogin, fleet.AccessRead }),
			web, b, m, false, []string{"refreshes the charms of a model", "juju grant -c prod admin write admin/web"}},
		{"model-access", "the controller's application", charmsAlone(func(e *estate) {
			e.c().Access, e.own().Access = fleet.AccessLogin, fleet.AccessRead
			e.app("controller").Release.Revision++
		}), "prod:admin/controller", b, fleet.OneApplication, false, nil},
		{"pods-restart", "of a charm", charmsAlone(func(e *estate) { e.web().Type = fleet.CAAS }),
			web, fleet.Warning, m, false, []string{"the refresh of a charm restarts", "1 unit", "away meanwhile: web"}},
		{"model-unreadable", "charms alone", charmsAlone(func(e *estate) { e.web().Problem = &fleet.Problem{Text: "oh"} }), web, b, m, false, []string{"a refresh of its charms"}},
		{"model-dying", "charms alone", charmsAlone(func(e *estate) { e.web().Life = "dying" }), web, b, m, false, []string{"is not refreshed", "plan --charms-only --exclude prod:admin/web"}},
		{"model-migrating", "charms alone", charmsAlone(func(e *estate) { e.web().Migration = "quiescing" }), web, b, m, false, []string{"refresh its charms when that has ended"}},
		{"model-busy", "charms alone", charmsAlone(func(e *estate) { e.web().Condition.Status = "busy" }), web, b, m, false, []string{"refresh its charms when that has ended"}},
		{"model-suspended", "charms alone", charmsAlone(func(e *estate) { e.web().Condition.Status = "suspended" }), web, b, m, true, []string{"what a new charm needs"}},
		{"model-suspended", "the controller's application", charmsAlone(func(e *estate) {
			e.own().Condition.Status = "suspended"
			e.app("controller").Release.Revision++
		}), "prod:admin/controller", b, fleet.OneApplication, true, nil},
	}
}

func charmFirings() []firing {
	return slices.Concat(charmhubFirings(), charmUnitFirings(), charmNoticeFirings(), charmAloneFirings())
}
