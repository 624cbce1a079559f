package preflight

import (
	"fmt"
	"slices"
	"strings"

	"github.com/juju/version/v2"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/rules"
)

func controllerChecks() []check {
	return []check{
		{
			Check: Check{Code: "upgrade-adopted", Severity: fleet.Notice, Scope: fleet.WholeController,
				Summary: "An upgrade to the same version is under way there; it is waited for."},
			when:       underway,
			controller: upgradeAdopted,
		},
		{
			Check: Check{Code: "upgrade-in-progress", Severity: fleet.Blocker, Scope: fleet.WholeController,
				Summary: "An upgrade to another version, or one that is not in the goal, is under way there."},
			when:       underway,
			controller: upgradeInProgress,
		},
		{
			Check: Check{Code: "controller-model-hidden", Severity: fleet.Blocker, Scope: fleet.WholeController,
				Summary: "The controller's own model is not shown, so it cannot be told whether the upgrade arrives."},
			when:       func(v view) bool { return v.upgrades() && v.c.Superuser() },
			controller: modelHidden,
		},
		{
			Check: Check{Code: "server-down", Severity: fleet.Blocker, Scope: fleet.WholeController, Acceptable: true,
				Summary: "An API server of the controller does not answer on any address, though others do."},
			when:       view.begins,
			controller: serverDown,
		},
		{
			Check: Check{Code: "controller-machine-down", Severity: fleet.Blocker, Scope: fleet.WholeController,
				Summary: "A machine of the controller is not well; the others would wait for it and then give up, and Juju migrates no model away from it. A warning where nothing is left to upgrade or to move."},
			when:       func(v view) bool { return v.begins() || v.asked() && v.controllerThere() || v.quits() },
			controller: machineDown,
		},
		{
			Check: Check{Code: "ha-even", Severity: fleet.Notice, Scope: fleet.WholeController,
				Summary: "The controller has an even number of machines: one of them adds no safety."},
			when:       view.begins,
			controller: haEven,
		},
		{
			Check: Check{Code: "commands-blocked", Severity: fleet.Blocker, Scope: fleet.WholeController,
				Summary: "Commands are disabled in the controller's model: it cannot be upgraded and, up to 3.6, nor can its models."},
			when:       view.reachable,
			controller: commandsBlocked,
		},
		{
			Check: Check{Code: "known-issue", Severity: fleet.Warning, Scope: fleet.WholeController,
				Summary: "A fault of Juju is known that may strike on this way."},
			when:       func(v view) bool { return v.begins() || v.quits() },
			controller: knownIssue,
		},
	}
}

// underway says that an upgrade of the controller is under way, whoever asked
// for it.
func underway(v view) bool { return v.reachable() && v.c.Underway() != version.Zero }

// adopts says that what is under way is what is wanted.
func (v view) adopts() bool { return v.goal.UpgradesController() && v.c.Underway() == v.target }

func upgradeAdopted(v view) []say {
	if !v.adopts() {
		return nil
	}
	meaning := fmt.Sprintf("an upgrade to %s is under way: it is adopted and waited for", v.target)
	if len(v.c.Models) == 0 {
		meaning += "; its models are not shown meanwhile"
	}
	return one(say{meaning: meaning, see: []string{"juju status -m " + v.own()}})
}

func upgradeInProgress(v view) []say {
	if v.adopts() || !v.goal.UpgradesController() && v.c.Upgrading == version.Zero && !v.works() && !v.refreshesAny() {
		return nil
	}
	other := v.c.Underway()
	meaning := fmt.Sprintf("an upgrade to %s is under way: Juju starts no other before it is over on all servers", other)
	if !v.goal.UpgradesController() {
		meaning = fmt.Sprintf("an upgrade of the controller to %s is under way: Juju %s no model before it is over on all servers", other, v.does())
	}
	to := v.to()
	if !v.goal.UpgradesAgents() {
		to = ""
		meaning = fmt.Sprintf("an upgrade of the controller to %s is under way: it takes no requests for charms before that is over on all servers", other)
	}
	return one(say{
		meaning: meaning,
		see:     []string{"juju status -m " + v.own()},
		fix:     []string{"juju upgrade-all -c " + v.c.Name + to + " --agent-version " + other.String() + "   # adopts it and waits for it"},
	})
}

func modelHidden(v view) []say {
	if v.c.ControllerModel() != nil {
		return nil
	}
	meaning := "its own model is not shown, and without it there is no telling whether its agents arrive"
	if v.c.Underway() != version.Zero {
		meaning = "its own model is not shown while an upgrade is under way there; run this again when it is over"
	}
	return one(say{meaning: meaning, see: []string{"juju models -c " + v.c.Name + " --all", "juju status -m " + v.own()}})
}

// serverDown is acceptable because a client may not be let through to every
// server of a controller that is well.
func serverDown(v view) []say {
	down := v.silent()
	if len(down) == 0 {
		return nil
	}
	return one(say{
		meaning: fmt.Sprintf("%d of %s does not answer: %s; if it is dead or frozen, the others wait 15 minutes for it in the upgrade and then give up. Accept this if it is well and only not to be reached from here",
			len(down), count(len(v.c.Servers), "server"), strings.Join(down, ", ")),
		see: []string{"juju show-controller " + v.c.Name, "juju status -m " + v.own()},
		fix: v.restartServers(len(down)),
	})
}

// silent names the controller's servers that do not answer, each with why.
func (v view) silent() []string {
	var out []string
	for _, s := range v.c.Servers {
		if s.Problem != nil {
			out = append(out, strings.Join(slices.Sorted(slices.Values(s.Addresses)), " or ")+" ("+oneLine(s.Problem.Text)+")")
		}
	}
	slices.Sort(out)
	return out
}

// restartServers are the commands that restart as many servers as are down. No
// server tells its machine: it is one whose agent is down as well, or the only
// one that there is.
func (v view) restartServers(down int) []string {
	const unknown = "<machine>"
	m := v.c.ControllerModel()
	if m == nil {
		return []string{"juju ssh -m " + v.own() + " " + unknown + " \"sudo systemctl restart '" + rules.Service(v.c.Version) + "-machine-*'\""}
	}
	v = v.in(m)
	members := v.pick(func(a fleet.Agent) bool { return a.WantsVote })
	gone := v.pick(func(a fleet.Agent) bool { return a.WantsVote && a.Gone() })
	if len(members) == 1 {
		gone = members
	}
	out := each(gone, v.restart)
	if len(gone) < down && m.Type != fleet.CAAS {
		out = append(out, v.restartOn(unknown, "*"))
	}
	return out
}

// machineDown asks for what an upgrade needs of each member; has-vote in Juju
// is a wish and is not asked.
func machineDown(v view) []say {
	m := v.c.ControllerModel()
	if m == nil || m.Problem != nil {
		return nil
	}
	v = v.in(m)
	var ill []fleet.Agent
	members := 0
	for _, a := range m.Status.Agents {
		if !v.member(a) {
			continue
		}
		members++
		if a.State.Status != "started" {
			ill = append(ill, a)
		}
	}
	if len(ill) == 0 {
		return nil
	}
	s := say{
		about: m,
		meaning: fmt.Sprintf("%d of %s is not well: %s", len(ill), count(members, "controller machine"),
			list(ill, func(a fleet.Agent) string { return v.since(a.State) + said(a.State) })),
		see: append([]string{"juju status -m " + v.own()}, each(ill, v.log)...),
		fix: each(ill, v.restart),
		// Named, but never exempt: the finding cannot be accepted.
		agents: ill,
	}
	if v.leaving && !v.begins() {
		s.meaning += "; Juju migrates no model away from a controller that is not well"
		return one(s)
	}
	if v.controllerThere() {
		s.severity = fleet.Warning
		s.meaning += "; nothing of the controller is left to upgrade, so this holds nothing"
		return one(s)
	}
	s.meaning += "; Juju accepts the upgrade all the same, the others wait 15 minutes for it and give up, and then all have to be restarted by hand"
	return one(s)
}

func haEven(v view) []say {
	members := len(v.c.Servers)
	if m := v.c.ControllerModel(); m != nil && m.Problem == nil && m.Type != fleet.CAAS {
		members = 0
		for _, a := range m.Status.Agents {
			if a.WantsVote {
				members++
			}
		}
	}
	if members < 2 || members%2 == 1 {
		return nil
	}
	return one(say{
		meaning: fmt.Sprintf("it has %d machines: with an even number it stands no more losses than with one less", members),
		see:     []string{"juju show-controller " + v.c.Name},
		fix:     []string{fmt.Sprintf("juju enable-ha -c %s -n %d", v.c.Name, members+1)},
	})
}

// commandsBlocked cannot be accepted: the server refuses. That it refuses to
// tell what is newer is reason enough: there may be something.
func commandsBlocked(v view) []say {
	m := v.c.ControllerModel()
	said := objects(v) && v.c.Objections.Problem.Code == fleet.Blocked
	if !said && (m == nil || !m.ChangesBlocked) {
		return nil
	}
	holdsModels := rules.ControllerBlockHoldsModels(v.c.Version)
	if !v.begins() && !v.unknown() && (!holdsModels || !v.worksInPlace()) {
		return nil
	}
	meaning := "commands are disabled in the controller's model, so Juju refuses to upgrade the controller"
	if holdsModels {
		meaning += ", and all its models with it"
	}
	if v.unknown() {
		meaning += "; nor does it tell what is newer, so there is no knowing whether it is up to date"
	}
	return one(say{
		about:   m,
		meaning: meaning,
		see:     []string{"juju disabled-commands -m " + v.own()},
		fix:     []string{"juju enable-command all -m " + v.own()},
	})
}

func knownIssue(v view) []say {
	var what, links []string
	for _, i := range rules.KnownIssues(v.c.Version, v.target) {
		if v.begins() && v.strikes(i) {
			what, links = append(what, i.What), append(links, i.Link)
		}
	}
	for _, i := range v.moveIssues() {
		what, links = append(what, i.What), append(links, i.Told)
	}
	if len(what) == 0 {
		return nil
	}
	return one(say{meaning: strings.Join(what, "; ") + ": " + strings.Join(links, ", ")})
}
