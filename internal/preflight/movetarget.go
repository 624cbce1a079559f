package preflight

import (
	"fmt"
	"slices"
	"strings"

	"github.com/juju/version/v2"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/rules"
)

// targetChecks are about the controller that models move to.
func targetChecks() []check {
	blocker := func(code, summary string, when func(view) bool, says func(view) []say) check {
		return check{
			Check: Check{Code: code, Severity: fleet.Blocker, Scope: fleet.WholeRun, Summary: summary},
			when:  when, target: says,
		}
	}
	milder := func(code string, severity fleet.Severity, summary string, says func(view) []say) check {
		return check{
			Check: Check{Code: code, Severity: severity, Scope: fleet.WholeRun, Summary: summary},
			when:  view.awaits, target: says,
		}
	}
	inCluster := blocker("target-in-cluster", "The controller that models are to move to is inside a Kubernetes cluster, and its source or its models are not.", view.awaits, targetInCluster)
	inCluster.Acceptable = true
	return []check{
		blocker("target-unreachable", "The controller that models are to move to could not be looked at.", view.exists, targetUnreachable),
		blocker("target-not-superuser", "The user is no superuser of the controller that models are to move to.", existsLooked, targetNotSuperuser),
		blocker("target-older", "The controller that models are to move to is older than they are.", existsLooked, targetOlder),
		blocker("way-refused", "Juju migrates no models from the one version to the other.", existsLooked, wayRefused),
		blocker("target-upgrading", "An upgrade of the controller that models are to move to is under way.", view.awaitsThere, targetUpgrading),
		blocker("target-commands-blocked", "Commands are disabled in the model of the controller that models are to move to: it takes no users.", view.awaitsThere, targetCommandsBlocked),
		blocker("target-unhealthy", "A machine of the controller that models are to move to is not well: a warning if only a server does not answer.", view.awaitsThere, targetUnhealthy),
		milder("target-not-ha", fleet.Warning, "The controller that models are to move to has fewer servers than theirs.", targetNotHA),
		milder("target-addresses", fleet.Warning, "The controller that models are to move to may only be known by addresses that the source cannot reach.", targetAddresses),
		inCluster,
		milder("users-created", fleet.Notice, "Users that the models need are made on the controller that they move to.", usersCreated),
	}
}

// targetLooked says that the target could be looked at.
func targetLooked(v view) bool { return v.there.reachable() }

// exists says that the target is not yet to be made.
func (v view) exists() bool { return !v.there.controller.Planned }

// existsLooked says both.
func existsLooked(v view) bool { return v.exists() && targetLooked(v) }

// awaitsThere says that something is to move to a target that exists.
func (v view) awaitsThere() bool { return v.exists() && v.awaits() }

// awaits says that the target could be looked at, and that something is to move.
func (v view) awaits() bool {
	return targetLooked(v) && slices.ContainsFunc(v.fleet.Controllers, func(c fleet.Controller) bool {
		at := v.at(&c)
		return at.unreachable() || at.leaving
	})
}

func targetUnreachable(v view) []say {
	p := v.c.Problem
	if p == nil {
		return nil
	}
	fix := remedy(p, "")
	switch {
	case p.Remedy != "":
	case p.Code == fleet.LoginNeeded:
		fix = []string{"juju login -c " + v.c.Name}
	case p.Code == fleet.NotFound:
		fix = []string{"juju controllers"}
	}
	return one(say{
		meaning: "models are to move to it, and it could not be looked at: " + oneLine(p.Text),
		see:     []string{"juju show-controller " + v.c.Name},
		fix:     fix,
	})
}

func targetNotSuperuser(v view) []say {
	if v.c.Superuser() {
		return nil
	}
	user := v.c.User
	if user == "" {
		user = "USER"
	}
	return one(say{
		meaning: user + " is not a superuser of it: Juju migrates models for superusers of both controllers only",
		see:     []string{"juju whoami -c " + v.c.Name},
		fix:     []string{"juju grant -c " + v.c.Name + " " + user + " superuser   # by a superuser"},
	})
}

func targetOlder(v view) []say {
	return v.refusedWays(func(source version.Number) bool { return rules.HopOf(source, v.c.Version) == rules.Back })
}

func wayRefused(v view) []say {
	return v.refusedWays(func(source version.Number) bool { return rules.HopOf(source, v.c.Version) != rules.Back })
}

// refusedWays tells which ways from the sources to the target are refused, of
// those that are wanted.
func (v view) refusedWays(wanted func(source version.Number) bool) []say {
	var reasons, fix []string
	for i := range v.fleet.Controllers {
		at := v.at(&v.fleet.Controllers[i])
		way := rules.WayOf(at.target, v.c.Version)
		if now := rules.WayOf(at.c.Version, v.c.Version); now.Refused != "" {
			way = now // whatever it is brought to first
		}
		if at.unreachable() || way.Refused == "" || !wanted(at.target) {
			continue
		}
		reason := at.c.Name + ": " + way.Refused
		if way.Around != "" {
			reason += "; " + way.Around
		}
		reasons = append(reasons, reason)
		fix = append(fix, at.around(v.c)...)
	}
	if len(reasons) == 0 {
		return nil
	}
	return one(say{
		meaning: strings.Join(reasons, "; "),
		see:     []string{"juju show-controller " + v.c.Name, "juju controllers"},
		fix:     fix,
	})
}

// around are the commands that open a way that is refused, where there are any.
func (v view) around(target *fleet.Controller) []string {
	var out []string
	if v.target != v.c.Version && rules.WayOf(v.c.Version, target.Version).Refused == "" {
		out = append(out, "juju upgrade-all plan -c "+v.c.Name+v.to()+" --agent-version "+v.c.Version.String()+"   # moves them as they are")
	}
	// Some later patch of the target's series, which one does not matter.
	newer := version.Number{Major: target.Version.Major, Minor: target.Version.Minor, Patch: max(target.Version.Patch, v.target.Patch) + 1}
	if rules.WayOf(v.target, newer).Refused == "" {
		out = append(out, "juju upgrade-all plan -c "+target.Name+"   # brings the target to the newest patch that it sees")
	}
	return out
}

func targetUpgrading(v view) []say {
	to := v.c.Underway()
	if to == version.Zero {
		return nil
	}
	return one(say{
		meaning: fmt.Sprintf("an upgrade of it to %s is under way: Juju brings no model there before it is over on all servers", to),
		see:     []string{"juju status -m " + v.own()},
		fix:     []string{"juju upgrade-all -c " + v.c.Name + " --agent-version " + to.String() + "   # adopts it and waits for it"},
	})
}

// targetCommandsBlocked holds all: the run logs in there as a user of its own.
func targetCommandsBlocked(v view) []say {
	m := v.c.ControllerModel()
	if m == nil || !m.ChangesBlocked {
		return nil
	}
	return one(say{
		meaning: "commands are disabled in its own model: Juju adds no users there, and models move as a user that is made for it",
		see:     []string{"juju disabled-commands -m " + v.own()},
		fix:     []string{"juju enable-command all -m " + v.own()},
	})
}

// targetUnhealthy asks for what Juju asks of the target's machines.
// Source: Juju migration/precheck.go TargetPrecheck, checkController.
func targetUnhealthy(v view) []say {
	if v.c.Underway() != version.Zero {
		return nil // target-upgrading
	}
	m := v.c.ControllerModel()
	if m == nil || m.Problem != nil {
		meaning := "its own model is not shown, so there is no telling whether it is well"
		if m != nil {
			meaning = "its own model could not be read, so there is no telling whether it is well: " + oneLine(m.Problem.Text)
		}
		return one(say{meaning: meaning, see: []string{"juju models -c " + v.c.Name + " --all", "juju status -m " + v.own()}})
	}
	v = v.in(m)
	ill := v.pick(func(a fleet.Agent) bool { return isUnit(a) == 0 && v.ails(a) != "" })
	if len(ill) > 0 {
		return one(say{
			meaning: list(ill, v.ails) + ": Juju brings no model to a controller of which a machine is not well",
			see:     append([]string{"juju status -m " + v.own()}, each(ill, v.log)...),
			fix:     each(ill, v.restart),
			agents:  ill,
		})
	}
	return v.silentServers()
}

// ails says what is not well with a machine; empty when it is.
func (v view) ails(a fleet.Agent) string {
	switch {
	case a.State.Status != "started":
		return v.since(a.State) + said(a.State)
	case a.Health.Status != "" && a.Health.Status != "running":
		return v.since(a.Health) + said(a.Health)
	case a.Version != version.Zero && a.Version != v.m.Version:
		return "at " + a.Version.String() + " instead of " + v.m.Version.String()
	}
	return ""
}

// silentServers are a warning: a client may not be let through to every server of
// a controller that is well.
func (v view) silentServers() []say {
	down := v.silent()
	if len(down) == 0 {
		return nil
	}
	return one(say{
		meaning: fmt.Sprintf("%d of its %s does not answer: %s; agents that try it first take longer to find the others",
			len(down), count(len(v.c.Servers), "server"), strings.Join(down, ", ")),
		see:      []string{"juju show-controller " + v.c.Name, "juju status -m " + v.own()},
		severity: fleet.Warning,
	})
}
