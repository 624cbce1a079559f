package preflight

import (
	"fmt"
	"strings"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/rules"
)

func modelChecks() []check {
	blocker := func(code, summary string, when func(view) bool, says func(view) []say, acceptable bool) check {
		return check{
			Check: Check{Code: code, Severity: fleet.Blocker, Scope: fleet.OneModel, Acceptable: acceptable, Summary: summary},
			when:  when, model: says,
		}
	}
	return []check{
		blocker("model-unreadable", "The model's status could not be read.", view.touched, modelUnreadable, false),
		blocker("model-dying", "The model is being destroyed, and is left alone.", view.touchedHosted, modelDying, false),
		blocker("model-migrating", "The model is being migrated to another controller.", view.touchedHosted, modelMigrating, false),
		blocker("model-busy", "The model is being imported, or changed as a whole in another way.", view.touchedHosted, modelBusy, false),
		blocker("model-suspended", "The model's cloud credential is not valid.", view.touchedReadable, modelSuspended, true),
		blocker("model-commands-blocked", "Commands are disabled in the model.", view.hosted, modelCommandsBlocked, true),
		{
			Check: Check{Code: "actions-running", Severity: fleet.Warning, Scope: fleet.OneModel,
				Summary: "Actions are running or waiting; the model's agents go down and wait for them, and Juju reports them as failed. A migration may not wait so long."},
			when: view.readable, model: actionsRunning,
		},
		{
			Check: Check{Code: "model-underway", Severity: fleet.Notice, Scope: fleet.OneModel,
				Summary: "The model was asked to go to the target already, and agents are still to arrive."},
			when: view.readable, model: modelUnderway,
		},
	}
}

func modelUnreadable(v view) []say {
	p := v.m.Problem
	if p == nil || (!v.m.IsController || v.onlyCharms()) && len(modelAccess(v)) > 0 {
		return nil
	}
	return one(say{
		meaning: "its status could not be read, so there is no telling what " + v.journey() + " would meet: " + oneLine(p.Text),
		see:     []string{"juju status -m " + v.here()},
		fix:     remedy(p, ""),
	})
}

// modelDying is a blocker, not a warning, so that no step is planned for it.
func modelDying(v view) []say {
	if v.m.Life == "" || v.m.Life == "alive" {
		return nil
	}
	why := "Juju " + v.does() + " no model that is being destroyed"
	if v.onlyCharms() {
		why = "what is being destroyed is not refreshed"
	}
	return one(say{
		meaning: "it is " + v.m.Life + ": " + why,
		see:     []string{"juju show-model " + v.here()},
		fix:     []string{v.without()},
	})
}

func modelMigrating(v view) []say {
	if v.m.Migration == "" {
		return nil
	}
	return one(say{
		meaning: "it is being migrated to another controller (" + oneLine(v.m.Migration) + "); " + v.do() + " when that has ended",
		see:     []string{"juju show-model " + v.here()},
		fix:     []string{v.without()},
	})
}

// modelBusy is for what Juju calls busy: importing, and what migrates without
// being shown as a migration.
func modelBusy(v view) []say {
	if v.m.Migration != "" || v.m.Life == "dying" || v.m.Life == "dead" {
		return nil
	}
	for _, c := range v.conditions() {
		if c.Status == "busy" {
			return one(say{
				meaning: "it is " + v.since(c) + said(c) + ": " + v.do() + " when that has ended; a model that stays so after a migration that failed has to be looked after first",
				see:     []string{"juju show-model " + v.here()},
				fix:     []string{v.without()},
			})
		}
	}
	return nil
}

// conditions are the model's own status as both calls have shown it.
func (v view) conditions() []fleet.Condition {
	return []fleet.Condition{v.m.Condition, v.m.Status.Condition}
}

// modelSuspended is acceptable: Juju itself upgrades agents without the cloud,
// but refuses where its validation has to ask the cloud.
func modelSuspended(v view) []say {
	if b := v.m.Belongings; v.moves() && b != nil && b.Credential.Invalid {
		return nil // credential-invalid
	}
	for _, c := range v.conditions() {
		if c.Status != "suspended" {
			continue
		}
		cloud := v.m.Cloud
		if cloud == "" {
			cloud = "CLOUD"
		}
		what := "upgrade it or its controller"
		if v.moves() && !v.m.IsController {
			what = "migrate it"
		}
		if v.onlyCharms() {
			what = "give its applications what a new charm needs"
		}
		return one(say{
			meaning: "it is suspended" + said(c) + ": Juju cannot reach its cloud for it, and may refuse to " + what,
			see:     []string{"juju show-model " + v.here(), "juju show-credential -c " + v.c.Name},
			fix: []string{
				"juju update-credential -c " + v.c.Name + " " + cloud + " CREDENTIAL",
				"juju set-credential -m " + v.here() + " " + cloud + " CREDENTIAL",
			},
		})
	}
	return nil
}

// modelCommandsBlocked honours what servers up to 3.6, and all migrations, ignore:
// somebody has disabled changes there for a reason.
func modelCommandsBlocked(v view) []say {
	if !v.m.ChangesBlocked {
		return nil
	}
	meaning := "commands are disabled in it, so Juju refuses to upgrade it"
	ignores := rules.IgnoresModelBlock(v.c.Version) || v.moves() && !v.inPlace()
	switch {
	case ignores && v.moves():
		meaning = "commands are disabled in it: Juju would migrate it all the same, and keep them disabled, but somebody wants no changes there"
	case ignores:
		meaning = "commands are disabled in it: Juju " + v.c.Version.String() + " would upgrade it all the same, but somebody wants no changes there"
	}
	return one(say{
		meaning: meaning,
		see:     []string{"juju disabled-commands -m " + v.here()},
		fix:     []string{"juju enable-command all -m " + v.here()},
		final:   !ignores,
	})
}

// actionsRunning tells what was seen on 3.6.4 with a juju exec of minutes.
func actionsRunning(v view) []say {
	n := v.m.Operations
	if n == 0 {
		return nil
	}
	verb, ends, them := "are", "they end", "them"
	if n == 1 {
		verb, ends, them = "is", "it ends", "it"
	}
	meaning := fmt.Sprintf("%s %s running or waiting: when the model is upgraded, its agents go down and wait until %s; Juju then reports %s as failed",
		count(n, "action"), verb, ends, them)
	if v.moves() {
		meaning = fmt.Sprintf("%s %s running or waiting: the migration needs a report of every agent, which may come only when %s; without it, Juju gives the migration up%s",
			count(n, "action"), verb, ends, v.migrationWait())
	}
	return one(say{
		meaning: meaning,
		see:     []string{"juju operations -m " + v.here()},
		fix:     []string{"juju cancel-task -m " + v.here() + " TASK   # or wait until " + ends},
	})
}

// modelUnderway is why agents that lag behind the target hold nothing: the
// request was made, and the run waits for them.
func modelUnderway(v view) []say {
	if v.m.Version != v.target {
		return nil
	}
	var coming []fleet.Agent
	for _, a := range fleet.Arrival(v.m.Status, v.target).Missing {
		if !a.Gone() {
			coming = append(coming, a)
		}
	}
	if len(coming) == 0 {
		return nil
	}
	return one(say{
		meaning: fmt.Sprintf("it was asked to go to %s already; waiting for %s: %s", v.target, count(len(coming), "agent"),
			list(coming, func(a fleet.Agent) string { return strings.TrimSpace("at " + a.Version.String()) })),
		see:    []string{"juju status -m " + v.here()},
		agents: coming,
	})
}
