package preflight

import (
	"fmt"
	"slices"
	"strings"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/rules"
)

// landingChecks are about whether the target takes a model.
func landingChecks() []check {
	model := func(code string, severity fleet.Severity, acceptable bool, summary string, says func(view) []say) check {
		return check{
			Check: Check{Code: code, Severity: severity, Scope: fleet.OneModel, Acceptable: acceptable, Summary: summary},
			when:  view.lands, model: says,
		}
	}
	b, w := fleet.Blocker, fleet.Warning
	return []check{
		model("model-newer-than-target", b, false, "The model is newer than the controller that it is to move to.", modelNewerThanTarget),
		model("model-name-taken", b, false, "The target has another model of that owner and name.", modelNameTaken),
		model("model-leftover", b, false, "The target still has what an earlier migration of the model left there.", modelLeftover),
		model("external-users", b, false, "Users of another identity provider have access to the model.", externalUsers),
		model("user-disabled", b, false, "Users with access to the model are disabled on the target: a warning where Juju goes on.", userDisabled),
		model("cloud-missing", b, false, "The target lacks the model's cloud.", cloudMissing),
		model("region-missing", b, false, "The target lacks the region of the model's cloud.", regionMissing),
		model("secret-backend-missing", b, false, "The target lacks a secret backend that the model uses.", secretBackendMissing),
		model("manual-cloud", b, true, "The model is on a manual cloud, which Juju 4 does not know.", manualCloud),
		model("fan-networking", b, false, "The model has fan networking, which Juju 4 does not have.", fanNetworking),
		model("charm-without-manifest", b, false, "Charms of the model name no bases, which Juju 4 wants.", charmWithoutManifest),
		model("local-charms-refused", b, true, "The model is on Kubernetes and has local charms, which the target's import refuses.", localCharmsRefused),
		model("charmhub-refresh-lost", w, false, "Applications from Charmhub cannot be refreshed by juju refresh after the move.", refreshLost),
		model("cross-model", w, false, "The model has cross-model relations, which Juju may not bring along whole.", crossModel),
		model("move-refused", b, false, "Asked without doing it, Juju refuses to migrate the model: a warning where the run changes things first.", moveRefused),
		{
			Check: Check{Code: "moved-unfinished", Severity: w, Scope: fleet.OneModel,
				Summary: "The model is on the target already, and not all of it has arrived there."},
			when: view.hasLanded, model: movedUnfinished,
		},
	}
}

// lands says that the model is to move, and that the target could be looked at.
func (v view) lands() bool { return v.leaves() && v.there.reachable() }

// brings are the model's belongings and the target's holdings; false where one of
// them is not known.
func (v view) brings() (*fleet.Belongings, *fleet.Holdings, bool) {
	b, h := v.m.Belongings, v.there.controller.Holdings
	return b, h, b != nil && h != nil
}

// onTarget names a model of the target as juju's -m does.
func (v view) onTarget(m *fleet.Model) string { return v.there.controller.Name + ":" + m.Name }

// modelNewerThanTarget is about a model that is ahead of its own controller: of the
// others, target-older speaks.
func modelNewerThanTarget(v view) []say {
	target := v.there.controller
	if v.m.Version.Compare(target.Version) <= 0 || v.target.Compare(target.Version) > 0 {
		return nil
	}
	fix := "juju upgrade-all plan -c " + target.Name + " --agent-version " + v.m.Version.String()
	if target.Planned {
		fix = v.replan(" --juju PATH   # a client of " + v.m.Version.String() + " or later")
	}
	return one(say{
		meaning: fmt.Sprintf("it is at %s and %s at %s: Juju takes no model that is newer than the controller", v.m.Version, target.Name, target.Version),
		see:     []string{"juju show-model " + v.here()},
		fix:     []string{fix},
	})
}

func modelNameTaken(v view) []say {
	other := v.there.byName[v.m.Name]
	if other == nil || other.UUID == v.m.UUID {
		return nil
	}
	return one(say{
		meaning: v.there.controller.Name + " has another model of that name and owner, and Juju can rename neither",
		see:     []string{"juju show-model " + v.onTarget(other)},
		fix:     []string{v.without()},
	})
}

// modelLeftover names no command that removes it: that of Juju would take the
// machines of the model that is still here.
func modelLeftover(v view) []say {
	there := v.there.byUUID[v.m.UUID]
	if there == nil && v.m.Belongings != nil && v.m.Belongings.Importing {
		// Lists of a 3.6 controller leave it out.
		half := *v.m
		half.Life, half.Condition = "alive", fleet.Condition{Status: "importing"}
		there = &half
	}
	if there == nil || v.m.Migration != "" || v.m.LastMigration.Underway() {
		return nil // absent, or on its way: model-migrating
	}
	state := there.Condition.Status
	if there.Life != "alive" && there.Life != "" {
		state = there.Life
	}
	return one(say{
		meaning: fmt.Sprintf("what an earlier migration left of it is still on %s (%s%s): Juju begins no other before it is gone, and has no command to remove it (https://github.com/juju/juju/issues/20361). Never destroy it there: its machines are those of the model here",
			v.there.controller.Name, state, said(there.Condition)),
		see: []string{"juju show-model " + v.onTarget(there), "juju show-model " + v.here()},
		fix: []string{v.without()},
	})
}

func cloudMissing(v view) []say {
	h := v.there.controller.Holdings
	if h == nil || v.m.Cloud == "" || h.Cloud(v.m.Cloud) != nil || v.clonesItem(func(item fleet.Holding) bool {
		return item.Kind == fleet.CloudItem && item.Name == v.m.Cloud
	}) {
		return nil
	}
	if v.there.controller.Planned {
		return one(say{
			meaning: fmt.Sprintf("it is on the cloud %q, which %s will not have: its import there would fail", v.m.Cloud, v.there.controller.Name),
			see:     []string{"juju show-cloud " + v.m.Cloud + " --controller " + v.c.Name},
			fix:     v.withClones(),
		})
	}
	return one(say{
		meaning: fmt.Sprintf("it is on the cloud %q, which %s does not have: its import there would fail", v.m.Cloud, v.there.controller.Name),
		see:     []string{"juju show-cloud " + v.m.Cloud + " --controller " + v.c.Name, "juju clouds --controller " + v.there.controller.Name},
		fix:     []string{"juju add-cloud --controller " + v.there.controller.Name + " " + v.m.Cloud + " FILE   # its definition, as show-cloud tells it"},
	})
}

func regionMissing(v view) []say {
	h := v.there.controller.Holdings
	if h == nil || v.m.Region == "" {
		return nil
	}
	cloud := h.Cloud(v.m.Cloud)
	if cloud == nil || slices.Contains(cloud.Regions, v.m.Region) {
		return nil
	}
	where := " --controller " + v.there.controller.Name
	if v.there.controller.Planned {
		where = " --client" // what the new one is made with
	}
	return one(say{
		meaning: fmt.Sprintf("it is in the region %q of %q, which %s does not have: its import there would fail", v.m.Region, v.m.Cloud, v.there.controller.Name),
		see:     []string{"juju show-cloud " + v.m.Cloud + where},
		fix:     []string{"juju update-cloud " + v.m.Cloud + where + " -f FILE   # its definition, with the region"},
	})
}

func secretBackendMissing(v view) []say {
	b, h, ok := v.brings()
	if !ok {
		return nil
	}
	var names, fix []string
	for _, id := range b.SecretBackends {
		if slices.ContainsFunc(h.SecretBackends, func(s fleet.SecretBackend) bool { return s.ID == id }) || v.clonesItem(func(item fleet.Holding) bool {
			return item.Kind == fleet.BackendItem && item.ID == id
		}) {
			continue
		}
		name, kind := "NAME", "TYPE"
		if v.c.Holdings != nil {
			for _, s := range v.c.Holdings.SecretBackends {
				if s.ID == id {
					name, kind = s.Name, s.Type
				}
			}
		}
		names = append(names, strings.TrimPrefix(name+" ", "NAME ")+id)
		fix = append(fix, "juju add-secret-backend -c "+v.there.controller.Name+" "+name+" "+kind+" --import-id "+id+" --config FILE")
	}
	if len(names) == 0 {
		return nil
	}
	slices.Sort(names)
	slices.Sort(fix)
	s := say{
		meaning: fmt.Sprintf("it keeps secrets in a backend that %s does not have by its ID: %s; its import there would fail", v.there.controller.Name, some(names)),
		see:     []string{"juju secret-backends -c " + v.c.Name + " --format yaml", "juju secret-backends -c " + v.there.controller.Name + " --format yaml"},
		fix:     fix[:min(len(fix), shown)],
	}
	if v.there.controller.Planned {
		s.see, s.fix = s.see[:1], v.withClones()
	}
	return one(s)
}

// manualCloud is acceptable: models without machines may pass, and it was seen on
// one pre-release only.
func manualCloud(v view) []say {
	if v.c.Holdings == nil || !rules.RefusesManualCloud(v.there.controller.Version) {
		return nil
	}
	cloud := v.c.Holdings.Cloud(v.m.Cloud)
	if cloud == nil || cloud.Type != "manual" {
		return nil
	}
	return one(say{
		meaning: fmt.Sprintf("it is on the manual cloud %q: Juju 4 has no clouds of that type, and its machines are not known to survive the move", cloud.Name),
		see:     []string{"juju show-cloud " + cloud.Name + " --controller " + v.c.Name},
		fix:     []string{v.without()},
	})
}

func fanNetworking(v view) []say {
	b := v.m.Belongings
	if b == nil || !rules.RefusesFan(v.there.controller.Version) || b.FanConfig == "" && b.NetworkingMethod != "fan" {
		return nil
	}
	return one(say{
		meaning: "it has fan networking, which Juju 4 does not have: its import would fail; containers on its machines lose those networks with it",
		see:     []string{"juju model-config -m " + v.here() + " fan-config", "juju model-config -m " + v.here() + " container-networking-method"},
		fix:     []string{"juju model-config -m " + v.here() + ` fan-config="" container-networking-method=local`},
	})
}

func charmWithoutManifest(v view) []say {
	b := v.m.Belongings
	if b == nil || !rules.WantsManifest(v.there.controller.Version) {
		return nil
	}
	var apps, fix []string
	for _, c := range b.Charms {
		if c.Manifest {
			continue
		}
		apps = append(apps, c.Application)
		command := "juju refresh -m " + v.here() + " " + c.Application
		if !c.FromStore() {
			command += " --path CHARM"
		}
		fix = append(fix, command)
	}
	if len(apps) == 0 {
		return nil
	}
	slices.Sort(apps)
	slices.Sort(fix)
	return one(say{
		meaning: some(apps) + ": the charm has no manifest that names its bases, and Juju 4 takes none such: the import would fail",
		see:     []string{"juju status -m " + v.here()},
		fix:     fix[:min(len(fix), shown)],
	})
}

func refreshLost(v view) []say {
	reason := rules.RefreshLost(v.target, v.there.controller.Version)
	b := v.m.Belongings
	if reason == "" || b == nil {
		return nil
	}
	var apps []string
	for _, c := range b.Charms {
		if c.FromStore() {
			apps = append(apps, c.Application)
		}
	}
	if len(apps) == 0 {
		return nil
	}
	slices.Sort(apps)
	fix := []string{"juju refresh -m " + v.here() + " " + apps[0] + "   # before the move"}
	if !v.there.controller.Planned {
		fix = append(fix, "juju upgrade-all --charms-only -c "+v.there.controller.Name+"   # after it")
	}
	return one(say{
		meaning: some(apps) + ": " + reason + "; a refresh by this tool, after the move, brings that back",
		see:     []string{"juju status -m " + v.here()},
		fix:     fix,
	})
}

// moveRefused is a warning where the run changes things before the move: the
// controller was asked about the model as it is now.
func moveRefused(v view) []say {
	p := v.m.MoveRefusal
	if p == nil {
		return nil
	}
	s := say{
		meaning: "asked without doing it, Juju would refuse: " + oneLine(p.Text),
		see:     []string{"juju status -m " + v.here()},
		fix:     remedy(p, v.without()),
	}
	switch p.Code {
	case fleet.Unreachable, fleet.Busy, fleet.LoginNeeded, fleet.Other:
		s.meaning = "it could not be told whether Juju would migrate it: " + oneLine(p.Text)
		return one(s)
	}
	if v.upgrades() || v.inPlace() || len(v.missingUsers()) > 0 {
		s.severity = fleet.Warning
		s.meaning += "; it was asked before what this run does first (upgrades in place, users), which may cure it"
	}
	return one(s)
}
