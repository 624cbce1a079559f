package preflight

import (
	"github.com/juju/version/v2"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/rules"
)

func accessChecks() []check {
	// Each is final: without a look at the controller nothing can be planned.
	problem := func(code, summary string, says func(view) []say, is func(fleet.ProblemCode) bool) check {
		return check{
			Check:      Check{Code: code, Severity: fleet.Blocker, Scope: fleet.WholeController, Summary: summary},
			when:       func(v view) bool { return v.unreachable() && is(v.c.Problem.Code) },
			controller: says,
		}
	}
	just := func(code fleet.ProblemCode) func(fleet.ProblemCode) bool {
		return func(c fleet.ProblemCode) bool { return c == code }
	}
	return []check{
		problem("controller-unreachable", "The controller does not answer.", unreachable, just(fleet.Unreachable)),
		problem("controller-busy", "The controller answers, but is in an upgrade or in maintenance and cannot be looked at.", busy, just(fleet.Busy)),
		problem("login-needed", "The stored credentials do not log in to the controller.", loginNeeded, just(fleet.LoginNeeded)),
		problem("controller-forbidden", "The user may not look at the controller.", forbidden, just(fleet.Forbidden)),
		problem("controller-unsupported", "The controller is of a kind, or an age, that this tool does not work with.", unsupported, just(fleet.Unsupported)),
		problem("controller-unreadable", "Looking at the controller failed for another reason.", unreadable, otherwise),
		{
			Check: Check{Code: "controller-too-old", Severity: fleet.Blocker, Scope: fleet.WholeController,
				Summary: "The controller is older than the oldest that this tool works with."},
			when:       view.reachable,
			controller: tooOld,
		},
		{
			Check: Check{Code: "no-superuser", Severity: fleet.Blocker, Scope: fleet.WholeController,
				Summary: "The user may not upgrade the controller, or move its models; to upgrade models alone, write access to them is enough."},
			when:       func(v view) bool { return v.asked() || v.leaving },
			controller: noSuperuser,
		},
		{
			Check: Check{Code: "model-access", Severity: fleet.Blocker, Scope: fleet.OneModel,
				Summary: "The user has no write access to the model."},
			when:  func(v view) bool { return v.touched() && (!v.m.IsController || v.onlyCharms()) },
			model: modelAccess,
		},
	}
}

// otherwise says that no check of its own tells of the code.
func otherwise(code fleet.ProblemCode) bool {
	switch code {
	case fleet.Unreachable, fleet.Busy, fleet.LoginNeeded, fleet.Forbidden, fleet.Unsupported:
		return false
	}
	return true
}

// remedy is the command that the problem itself knows, else another.
func remedy(p *fleet.Problem, other string) []string {
	if p.Remedy != "" {
		return []string{p.Remedy}
	}
	if other == "" {
		return nil
	}
	return []string{other}
}

func unreachable(v view) []say {
	others := "juju upgrade-all plan" + v.charms() + " --skip-blocked   # or leave it out of -c"
	if v.moves() {
		others = "" // there is only one source
	}
	return one(say{
		meaning: "it does not answer, so nothing of it can be checked or upgraded: " + oneLine(v.c.Problem.Text),
		see:     []string{"juju show-controller " + v.c.Name},
		fix:     remedy(v.c.Problem, others),
	})
}

func busy(v view) []say {
	return one(say{
		meaning: "it answers, but is in an upgrade or in maintenance; it can be looked at when that is over: " + oneLine(v.c.Problem.Text),
		see:     []string{"juju status -m " + v.own()},
		fix:     remedy(v.c.Problem, ""),
	})
}

func loginNeeded(v view) []say {
	return one(say{
		meaning: "the stored credentials do not log in: " + oneLine(v.c.Problem.Text),
		fix:     remedy(v.c.Problem, "juju login -c "+v.c.Name),
	})
}

func forbidden(v view) []say {
	return one(say{
		meaning: "the user may not look at it: " + oneLine(v.c.Problem.Text),
		see:     []string{"juju whoami -c " + v.c.Name},
		fix:     remedy(v.c.Problem, "juju login -c "+v.c.Name),
	})
}

func unsupported(v view) []say {
	return one(say{
		meaning: "it cannot be worked with: " + oneLine(v.c.Problem.Text),
		see:     []string{"juju show-controller " + v.c.Name},
		fix:     remedy(v.c.Problem, ""),
	})
}

func unreadable(v view) []say {
	return one(say{
		meaning: "looking at it failed, so nothing of it can be checked or upgraded: " + oneLine(v.c.Problem.Text),
		see:     []string{"juju show-controller " + v.c.Name},
		fix:     remedy(v.c.Problem, ""),
	})
}

func tooOld(v view) []say {
	reason := rules.TooOld(v.c.Version)
	if reason == "" || v.c.Version == version.Zero {
		return nil
	}
	return one(say{
		meaning: reason,
		fix:     []string{"juju upgrade-controller -c " + v.c.Name + "   # with a juju client of its own series"},
	})
}

// noSuperuser holds although nothing newer was seen: without the access the
// controller cannot even be asked what is newer.
func noSuperuser(v view) []say {
	if v.c.Superuser() || !v.moves() && v.goal.AgentVersion == v.c.Version && v.controllerThere() {
		return nil
	}
	user := v.c.User
	if user == "" {
		user = "this user"
	}
	if v.moves() {
		return one(say{
			meaning: user + " is not a superuser of it: Juju migrates models for superusers of both controllers only",
			see:     []string{"juju whoami -c " + v.c.Name},
			fix:     []string{"juju grant -c " + v.c.Name + " " + user + " superuser   # by a superuser"},
		})
	}
	return one(say{
		meaning: user + " is not a superuser of it, so it can neither be upgraded nor asked what is newer; models alone can be brought to its version by whoever may write to them",
		see:     []string{"juju whoami -c " + v.c.Name},
		fix: []string{
			"juju grant -c " + v.c.Name + " " + user + " superuser   # by a superuser",
			"juju upgrade-all -m '" + v.c.Name + ":*'",
		},
	})
}

func modelAccess(v view) []say {
	if v.moves() {
		return nil // it takes a superuser: no-superuser
	}
	if v.c.Superuser() || v.m.Access == fleet.AccessWrite || v.m.Access == fleet.AccessAdmin {
		return nil
	}
	has := v.m.Access
	if has == "" {
		has = "no"
	}
	user := v.c.User
	if user == "" {
		user = "USER"
	}
	what := "upgrades a model"
	if v.onlyCharms() {
		what = "refreshes the charms of a model"
	}
	return one(say{
		meaning: "Juju " + what + " for those who may write to it; " + user + " has " + has + " access",
		see:     []string{"juju show-model " + v.here()},
		fix:     []string{"juju grant -c " + v.c.Name + " " + user + " write " + v.m.Name},
	})
}
