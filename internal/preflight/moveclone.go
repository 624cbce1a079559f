package preflight

import (
	"fmt"
	"slices"
	"strings"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/rules"
)

// cloneChecks are about what a source has besides its models: what differs on the
// target, and what does not come along, with what to do.
func cloneChecks() []check {
	source := func(code string, severity fleet.Severity, summary string, when func(view) bool, says func(view) []say) check {
		return check{
			Check: Check{Code: code, Severity: severity, Scope: fleet.WholeController, Summary: summary},
			when:  when, controller: says,
		}
	}
	w, n := fleet.Warning, fleet.Notice
	return []check{
		source("not-cloned", n, "Of what the controller has besides models, only what models need is brought to the target.", func(v view) bool { return v.quits() && v.there.reachable() }, notCloned),
		source("clone-unread", w, "The controller, or the target, does not tell all that could be cloned.", view.clones, cloneUnread),
		source("clone-differs", w, "The target has users or settings of the same name that differ; they are left as they are. A notice where no users do.", view.clones, cloneDiffers),
		source("identity-not-cloned", w, "External users log in at another identity provider on the target, or at none.", view.clonesSome, identityNotCloned),
		source("external-users-not-cloned", n, "What external users may do with the controller itself is not cloned.", view.clonesSome, externalsNotCloned),
		source("passwords-not-cloned", n, "Users who are made on the target have to register there.", view.clonesSome, passwordsNotCloned),
		source("config-not-cloned", n, "Parts of the controller's configuration cannot be set on the target, or would be wrong there.", view.clonesSome, configNotCloned),
		source("ha-space-unset", w, "The target gets more servers, and the space that these need is not set there.", view.needsSpaces, spacesUnset),
		source("credentials-not-cloned", n, "Cloud credentials that no model uses stay behind.", view.clonesSome, credentialsNotCloned),
		source("controller-applications-not-cloned", n, "Applications in the controller's own model stay behind with it.", view.clonesSome, applicationsNotCloned),
		source("authority-not-cloned", n, "The target has a certificate authority and a UUID of its own.", view.clonesSome, authorityNotCloned),
	}
}

// clones says that all that the controller has is to be on the target, and that both
// have told what they have.
func (v view) clones() bool {
	return v.moves() && v.reachable() && v.there.reachable() && v.goal.ClonesAll() && v.c.Holdings != nil && v.there.controller.Holdings != nil
}

// clonesSome says that some of it is not there yet, or that models are to move.
func (v view) clonesSome() bool {
	return v.clones() && (v.leaving || v.there.controller.Planned || len(v.usersToMake()) > 0 ||
		slices.ContainsFunc(v.c.Holdings.Items, func(h fleet.Holding) bool { return rules.Lacks(v.there.controller, h) }))
}

// people are the users of the controller whose identities it keeps itself.
func (v view) people() []fleet.User {
	if v.c.Holdings == nil {
		return nil
	}
	var out []fleet.User
	for _, u := range v.c.Holdings.Users {
		if fleet.LocalUser(u.Name) && !rules.JujusOwnUser(u.Name) {
			out = append(out, u)
		}
	}
	slices.SortFunc(out, func(a, b fleet.User) int { return fleet.CompareNatural(a.Name, b.Name) })
	return out
}

// usersToMake are those of them whom the target lacks.
func (v view) usersToMake() []string {
	return rules.LackingUsers(v.c, v.there.controller)
}

func notCloned(v view) []say {
	switch {
	case v.goal.Clone == fleet.CloneNone:
		return one(say{meaning: "--clone none: of what it has besides models, only the users that these need are brought to " + v.there.controller.Name +
			"; other users, access, clouds, configuration and secret backends are not"})
	case v.goal.Clones() && !v.goal.ClonesAll():
		return one(say{meaning: "with -m, of what it has besides models, only what these need is brought to " + v.there.controller.Name +
			": users, clouds, secret backends"})
	}
	return nil
}

func cloneUnread(v view) []say {
	var parts []string
	for _, c := range []*fleet.Controller{v.c, v.there.controller} {
		var kinds []string
		for _, k := range c.Holdings.UnreadItems {
			kinds = append(kinds, strings.ReplaceAll(string(k), "-", " "))
		}
		if len(kinds) > 0 {
			slices.Sort(kinds)
			parts = append(parts, c.Name+" does not tell this of itself: "+strings.Join(kinds, ", "))
		}
	}
	if len(parts) == 0 {
		return nil
	}
	return one(say{
		meaning: strings.Join(parts, "; ") + "; it is not cloned",
		see:     []string{"juju clouds --controller " + v.c.Name, "juju controller-config -c " + v.c.Name, "juju secret-backends -c " + v.c.Name},
	})
}

func passwordsNotCloned(v view) []say {
	if v.goal.Clone == fleet.CloneRestore {
		return nil // they come with the backup
	}
	made := v.usersToMake()
	register := slices.DeleteFunc(slices.Clone(made), func(name string) bool { return slices.Contains(v.goal.Passwords, name) })
	if len(register) == 0 {
		return nil
	}
	meaning := fmt.Sprintf("%s made on %s with a registration string each, by which they choose a new password, as passwords cannot be copied: %s",
		are(len(register), "local user"), v.there.controller.Name, most(register))
	if given := len(made) - len(register); given > 0 {
		meaning += fmt.Sprintf("; %s a password that was given", has(given, "other"))
	}
	s := say{meaning: meaning, see: []string{"juju upgrade-all handover   # after the run: who has come"}}
	if len(v.goal.Passwords) == 0 {
		s.fix = []string{v.replan(" --password-file FILE   # for service accounts, whose passwords are known")}
	}
	return one(s)
}

func are(n int, thing string) string {
	if n == 1 {
		return count(n, thing) + " is"
	}
	return count(n, thing) + " are"
}

func has(n int, thing string) string {
	if n == 1 {
		return count(n, thing) + " gets"
	}
	return count(n, thing) + " get"
}

// credentialsNotCloned cannot know of them: Juju shows credentials to their owners.
func credentialsNotCloned(v view) []say {
	others := slices.DeleteFunc(v.people(), func(u fleet.User) bool { return u.Name == v.c.User })
	if len(others) == 0 {
		return nil
	}
	return one(say{
		meaning: "credentials that a model uses go with it; those that none uses stay behind, and only their owners see them",
		see:     []string{"juju credentials -c " + v.c.Name + "   # as each user"},
		fix:     []string{"juju update-credential CLOUD CREDENTIAL -c " + v.there.controller.Name + "   # as its owner, after the run"},
	})
}

func applicationsNotCloned(v view) []say {
	m := v.c.ControllerModel()
	if m == nil {
		return nil
	}
	var apps []string
	for _, a := range m.Status.Agents {
		app, _, unit := strings.Cut(a.Name, "/")
		if (a.Kind == fleet.UnitAgent || a.Kind == fleet.SubordinateAgent) && unit && app != "controller" {
			apps = append(apps, app)
		}
	}
	slices.Sort(apps)
	if apps = slices.Compact(apps); len(apps) == 0 {
		return nil
	}
	return one(say{
		meaning: "its own model does not move, and these applications stay behind in it: " + most(apps),
		see:     []string{"juju status -m " + v.own() + " --relations"},
		fix:     []string{"juju deploy -m " + v.there.controller.Name + ":controller " + apps[0] + "   # after the run, and its relations"},
	})
}

func authorityNotCloned(v view) []say {
	return one(say{
		meaning: v.there.controller.Name + " has a UUID and a certificate authority of its own: other clients register there anew, and scripts and tools that know the old address or certificate have to be told the new ones",
		fix:     v.later([]string{"juju show-controller " + v.there.controller.Name + "   # tells them"}),
	})
}

// withClones is the command that has the run clone what is missing, where it does not
// do so anyway.
func (v view) withClones() []string {
	if v.goal.Clones() {
		return []string{v.without()}
	}
	return []string{v.replan(" --clone native"), v.without()}
}
