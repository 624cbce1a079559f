package report

import (
	"fmt"
	"strings"
	"time"

	"pgregory.net/rapid"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

// charms makes the plan one with --charms, or --charms-only.
func (b *builder) charms(mode fleet.CharmMode) *builder {
	b.p.Goal.Charms = mode
	return b
}

// app adds an application to the model that was added last: one that is refreshed,
// unless it is changed.
func (b *builder) app(name string, from, to, units int, change ...func(*plan.Application)) *builder {
	m := b.last()
	a := plan.Application{
		Name: name, Charm: name, Source: fleet.Charmhub, Channel: "1/stable", Base: "ubuntu@24.04",
		From: from, To: to, Units: units, Disposition: plan.Upgrade,
	}
	for _, f := range change {
		f(&a)
	}
	m.Applications = append(m.Applications, a)
	if a.Disposition == plan.Upgrade {
		b.refreshes(m, &a)
	}
	return b
}

// refreshes plans the steps of a refresh, after all that the model has so far.
func (b *builder) refreshes(m *plan.Model, a *plan.Application) {
	head := "/" + b.name + "/models/" + m.Name
	step := plan.Step{Model: m.Ref}
	switch {
	case m.IsController:
		head = "/" + b.name + "/controller"
	case b.p.Target != nil:
		head = "/" + b.p.Target.Name + "/models/" + m.Name
		step.Target, step.Stage = b.p.Target.Ref, 5
	}
	r := &fleet.Refresh{
		Application: a.Name, From: url(a, a.From), To: url(a, a.To), Channel: a.Channel, Base: a.Base, Resources: a.Resources, File: a.File,
	}
	if a.File != "" {
		r.To, r.SHA256 = "", strings.Repeat("0a", 32)
	}
	step.Lane, step.Refresh = head+"/charms", r
	for _, s := range b.p.Steps {
		if s.Lane == step.Lane || s.ID == head+"/verify" {
			step.Needs = []string{s.ID}
		}
	}
	step.ID, step.Kind, step.Class, step.Agents = step.Lane+"/"+a.Name+"/refresh", plan.RefreshCharm, plan.PointOfNoReturn, a.Units
	step.Estimate = 90*time.Second + time.Duration(a.Units)*10*time.Second
	b.add(step)
	step.ID, step.Kind, step.Class, step.Agents = step.Lane+"/"+a.Name+"/verify", plan.Verify, plan.Recoverable, 0
	step.Needs, step.Estimate = []string{step.Lane + "/" + a.Name + "/refresh"}, 5*time.Second
	b.add(step)
}

func url(a *plan.Application, revision int) string {
	if a.Source == fleet.LocalCharm {
		return fmt.Sprintf("local:%s-%d", a.Charm, revision)
	}
	return fmt.Sprintf("ch:amd64/%s-%d", a.Charm, revision)
}

func newest(a *plan.Application)   { a.Disposition, a.To = plan.Current, a.From }
func unwanted(a *plan.Application) { a.Disposition = plan.LeftOut }

func localCharm(a *plan.Application) {
	a.Disposition, a.Source, a.Channel, a.To = plan.Local, fleet.LocalCharm, "", -1
}

func offChannel(a *plan.Application) { a.Disposition = plan.OffChannel }

func fromFile(file string) func(*plan.Application) {
	return func(a *plan.Application) {
		localCharm(a)
		a.Disposition, a.File = plan.Upgrade, file
	}
}

func heldBack(codes ...string) func(*plan.Application) {
	return func(a *plan.Application) { a.Disposition, a.Codes = plan.Held, codes }
}

func resource(name string, now, then int) func(*plan.Application) {
	return func(a *plan.Application) {
		a.Resources = append(a.Resources, fleet.Resource{Name: name, Type: "file", Now: now, Then: then})
	}
}

// unitError is a finding that holds an application.
func unitError(subject, app string) fleet.Finding {
	return fleet.Finding{
		Code: "charm-unit-error", Severity: fleet.Blocker, Scope: fleet.OneApplication, Subject: subject + "." + app, Application: app, Acceptable: true,
		Meaning: app + "/1 is in error (hook failed: \"config-changed\"): a refresh passes it by",
		Fix:     []string{"juju resolved -m " + subject + " " + app + "/1"},
		Agents:  []string{"unit " + app + "/1"},
	}
}

func localFinding(subject, app string) fleet.Finding {
	return fleet.Finding{
		Code: "charm-local", Severity: fleet.Notice, Scope: fleet.OneApplication, Subject: subject + "." + app, Application: app,
		Meaning: "its charm is local (local:" + app + "-0): nobody but you knows what is newer, so it is left alone",
		Fix:     []string{"juju upgrade-all plan -c prod --charms --charm-path " + subject + "." + app + "=FILE"},
	}
}

// withCharms is a patch with charms of each sort.
func withCharms() *builder {
	return newPlan().charms(fleet.CharmsAlso).controller("prod", "aws/eu-west-1", "3.6.4", "3.6.11", plan.Upgrade, 1).
		app("controller", 100, 103, 1).
		model("admin/db", 3, 3, plan.Current).
		app("mysql", 240, 247, 3, pausing).
		app("router", 5, 7, 1, heldBack("charm-unit-error")).
		model("admin/web", 8, 21, plan.Upgrade).
		app("cache", 12, 9, 2, offChannel).
		app("front", 4, 4, 3, resource("site", 1, 2), resource("themes", -1, 3)).
		app("logs", 7, 7, 8, newest).
		app("own", 0, -1, 1, localCharm).
		app("tiny", 1, 2, 8, resource("box", 1, 2)).
		find(localFinding("prod:admin/web", "own"), unitError("prod:admin/db", "router"))
}

// pausing names a channel as the charms have it that pause.
func pausing(a *plan.Application) { a.Channel = "8.0/stable" }

// charmsAlone is the same with --charms-only.
func charmsAlone() *builder {
	return newPlan().charms(fleet.CharmsOnly).controller("prod", "aws/eu-west-1", "3.6.11", "3.6.11", plan.LeftOut, 1).
		model("admin/db", 3, 3, plan.AsIs).
		app("mysql", 240, 247, 3, pausing).
		app("router", 5, 7, 1, unwanted).
		model("admin/web", 8, 21, plan.AsIs).
		app("front", 4, 4, 3, resource("site", 1, 2)).
		app("own", 0, -1, 1, fromFile("./own.charm")).
		app("tiny", 7, 5, 8)
}

// manyCharms are models of so many applications each, some of each sort.
func manyCharms(models, apps int) *builder {
	b := newPlan().charms(fleet.CharmsAlso).controller("prod", "openstack/region-one", "3.6.4", "3.6.11", plan.Upgrade, 3)
	for i := range models {
		name := fmt.Sprintf("admin/tenant-%02d", i)
		if i == 3 {
			b.model(name, 3, 3, plan.Held, "agent-down").find(agentDown("prod:" + name))
		} else {
			b.model(name, 3, 2*apps, plan.Upgrade)
		}
		for j := range apps {
			app := fmt.Sprintf("app%02d", j)
			switch {
			case i == 3:
				b.app(app, 1, 2, 2, heldBack("model-held"))
			case j == 5:
				b.app(app, 3, 3, 2, newest)
			case i%10 == 2 && j == 7:
				b.app(app, 0, -1, 2, localCharm)
			case i%10 == 4 && j == 8:
				b.app(app, 9, 8, 2, offChannel)
			case i%10 == 6 && j == 9:
				b.app(app, 1, 2, 2, heldBack("charm-unit-error")).find(unitError("prod:"+name, app))
			default:
				b.app(app, 1+j, 2+j, 2)
			}
		}
	}
	return b
}

// movedCharms is a move, with charms refreshed where the models have gone.
func movedCharms() plan.Plan {
	m := newMove("3.5.7", "3.5.7", 1).moves("admin/shop", 4, 17).moves("admin/mail", 3, 18)
	m.p.Goal.Clone = fleet.CloneNative
	m.charms(fleet.CharmsAlso)
	m.with(twoUsers...)
	models := m.p.Controllers[0].Models
	for i, apps := range [][]string{{"mail"}, {"cart", "shop"}} {
		// app works on the last model.
		m.p.Controllers[0].Models = models[:len(models)-i]
		if i == 0 {
			m.app("relay", 3, 3, 1, newest)
		}
		for _, name := range apps {
			m.app(name, 1, 2, 4)
		}
	}
	m.p.Controllers[0].Models = models
	return m.p
}

func charmPlans() map[string]plan.Plan {
	out := map[string]plan.Plan{
		"too": withCharms().p, "only": charmsAlone().p, "many": manyCharms(30, 12).p, "move": movedCharms(),
		"nothing": newPlan().charms(fleet.CharmsOnly).controller("prod", "lxd", "3.6.11", "3.6.11", plan.LeftOut, 1).
			model("admin/web", 8, 21, plan.AsIs).app("tiny", 2, 2, 8, newest).app("own", 0, -1, 1, localCharm).
			app("cache", 12, 9, 2, offChannel).app("router", 1, 2, 1, unwanted).p,
		"up-to-date": newPlan().charms(fleet.CharmsAlso).controller("prod", "lxd", "3.6.11", "3.6.11", plan.Current, 1).
			model("admin/web", 8, 21, plan.Current).app("tiny", 2, 2, 8, newest).p,
		"none": newPlan().charms(fleet.CharmsOnly).controller("prod", "lxd", "3.6.11", "3.6.11", plan.LeftOut, 1).model("admin/web", 8, 0, plan.AsIs).p,
		"one": newPlan().charms(fleet.CharmsOnly).controller("prod", "lxd", "3.6.11", "3.6.11", plan.LeftOut, 1).
			model("admin/web", 8, 21, plan.AsIs).app("tiny", 1, 2, 8).p,
	}
	b := newPlan().charms(fleet.CharmsOnly).controller("prod", "lxd", "3.6.11", "3.6.11", plan.LeftOut, 1).model("admin/web", 8, 21, plan.AsIs)
	for i := range 40 {
		b.app(fmt.Sprintf("app%02d", i), 1, 2, 1, heldBack("charms-commands-blocked"))
	}
	out["all-held"] = b.find(fleet.Finding{
		Code: "charms-commands-blocked", Severity: fleet.Blocker, Scope: fleet.OneApplication, Subject: "prod:admin/web",
		Meaning: "commands are disabled in it, so Juju refuses to refresh its charms: 40 applications are left alone",
		See:     []string{"juju disabled-commands -m prod:admin/web"}, Fix: []string{"juju enable-command all -m prod:admin/web"},
	}).p
	b = charmsAlone().controller("stage", "lxd", "3.6.11", "3.6.11", plan.LeftOut, 1).model("admin/db", 1, 1, plan.Held, "model-migrating").
		app("tiny", 1, 2, 8, heldBack("model-held")).model("admin/web", 1, 1, plan.AsIs).app("tiny", 1, 2, 8)
	b.p.Options.CharmParallel = 2
	out["two-controllers"] = b.find(fleet.Finding{Code: "model-migrating", Severity: fleet.Blocker, Scope: fleet.OneModel,
		Subject: "stage:admin/db", Meaning: "it is being migrated"}).p
	return out
}

// anyCharms gives the models of a plan applications as none may ever have them.
func anyCharms(t *rapid.T, b *builder) {
	b.charms(rapid.SampledFrom([]fleet.CharmMode{fleet.CharmsAlso, fleet.CharmsOnly, ""}).Draw(t, "charms"))
	b.p.Options.CharmParallel = rapid.IntRange(-1, 3).Draw(t, "charms at once")
	for range rapid.IntRange(0, 6).Draw(t, "applications") {
		if len(b.p.Controllers) == 0 {
			return
		}
		b.app(anyText.Draw(t, "application"), rapid.IntRange(-1, 9).Draw(t, "revision"), rapid.IntRange(-1, 9).Draw(t, "then"), rapid.IntRange(-1, 9).Draw(t, "units"),
			func(a *plan.Application) {
				a.Disposition = rapid.SampledFrom([]plan.Disposition{plan.Upgrade, plan.Upgrade, plan.Upgrade, plan.Current, plan.Held, plan.LeftOut,
					plan.Local, plan.OffChannel, ""}).Draw(t, "of the application")
				a.Source = rapid.SampledFrom([]fleet.Source{fleet.Charmhub, fleet.LocalCharm, fleet.CharmStore, ""}).Draw(t, "source")
				a.Channel, a.File, a.Charm = anyText.Draw(t, "channel"), anyText.Draw(t, "file"), anyText.Draw(t, "charm")
				resource(anyText.Draw(t, "resource"), rapid.IntRange(-1, 9).Draw(t, "now"), rapid.IntRange(-1, 9).Draw(t, "new"))(a)
			})
		if rapid.Bool().Draw(t, "offers an action") && len(b.p.Steps) > 0 && b.p.Steps[len(b.p.Steps)-1].Refresh != nil {
			b.p.Steps[len(b.p.Steps)-1].Refresh.Resumes = []string{anyText.Draw(t, "action")}
		}
	}
}
