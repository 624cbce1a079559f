package preflight

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/juju/version/v2"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/rules"
)

func objectionChecks() []check {
	return []check{
		{
			Check: Check{Code: "juju-refuses", Severity: fleet.Blocker, Scope: fleet.WholeController,
				Summary: "Asked without doing it, Juju refuses to upgrade the controller."},
			when:       objects,
			controller: jujuRefuses,
		},
		{
			Check: Check{Code: "version-not-offered", Severity: fleet.Blocker, Scope: fleet.WholeController,
				Summary: "The controller finds no agents of that version where it looks."},
			when:       objects,
			controller: notOffered,
		},
		{
			Check: Check{Code: "arch-missing", Severity: fleet.Blocker, Scope: fleet.OneModel,
				Summary: "There are no agents of the target for an architecture in use."},
			when:  view.readable,
			model: archMissing,
		},
	}
}

// objects says that the controller was asked and has an objection that is not
// told by another check.
func objects(v view) bool {
	// Where models move and the controller is left as it is, its upgrade is
	// nobody's wish.
	wanted := v.asked() && (!v.moves() || v.upgrades() || v.unknown())
	return wanted && v.c.Objections != nil && v.c.Objections.Problem != nil &&
		v.c.Objections.Problem.Code != fleet.UpToDate && v.c.Underway() == version.Zero &&
		len(notAPatch(v)) == 0
}

func jujuRefuses(v view) []say {
	p := v.c.Objections.Problem
	see := []string{v.dryRun()}
	switch p.Code {
	case fleet.NotFound:
		return nil // version-not-offered
	case fleet.Blocked:
		return nil // commands-blocked
	case fleet.Refused:
		if out := v.byModel(p.Text, see); len(out) > 0 {
			return out
		}
		meaning := "Juju would refuse: " + oneLine(p.Text)
		if v.goal.AgentVersion != version.Zero {
			// For a version that its own stream lacks, Juju also tries the public
			// one, and speaks of that alone.
			meaning += "; the agents that it is to have are looked for in " + v.looksAt() + " first"
		} else if v.onKubernetes() {
			meaning += "; it looks for agents in " + v.looksAt()
			see = append(see, v.seeRegistry())
		}
		return one(say{meaning: meaning, see: see, fix: remedy(p, "")})
	}
	if v.unknown() {
		return nil // newest-unknown
	}
	return one(say{meaning: "it could not be asked whether it would go on: " + oneLine(p.Text), see: see, fix: remedy(p, "")})
}

// dryRun is the command that asks the controller once more.
func (v view) dryRun() string {
	c := "juju upgrade-controller -c " + v.c.Name + " --dry-run"
	if v.goal.AgentVersion != version.Zero {
		c += " --agent-version " + v.goal.AgentVersion.String()
	}
	return c
}

// byModel makes a finding for each model that Juju names; none when its text is
// not such a list, or names a model that is not shown here.
func (v view) byModel(text string, see []string) []say {
	var out []say
	for _, r := range split(text) {
		i := slices.IndexFunc(v.c.Models, func(m fleet.Model) bool { return m.Name == r.model })
		if i < 0 {
			return nil
		}
		out = append(out, say{
			about:   &v.c.Models[i],
			meaning: "Juju would refuse to upgrade the controller because of this model: " + strings.Join(r.reasons, "; "),
			see:     see,
			fix:     remedy(v.c.Objections.Problem, ""),
		})
	}
	return out
}

// refusal is what Juju says of one model.
type refusal struct {
	model   string
	reasons []string
}

// split takes Juju's text apart, for display only:
//
//	cannot upgrade to "3.6.11" due to issues with these models:
//	"owner/model":
//	- reason
//
// Source: Juju upgrades/upgradevalidation/validation.go. It returns nil when any
// line is of another form.
func split(text string) []refusal {
	const head = "due to issues with these models:\n"
	_, rest, ok := strings.Cut(text, head)
	if !ok {
		return nil
	}
	model := regexp.MustCompile(`^"([^"]+)":$`)
	var out []refusal
	for line := range strings.Lines(rest) {
		line = strings.TrimRight(line, "\r\n\t ")
		reason, isReason := strings.CutPrefix(line, "- ")
		found := model.FindStringSubmatch(line)
		switch {
		case line == "":
		case found != nil:
			i := slices.IndexFunc(out, func(r refusal) bool { return r.model == found[1] })
			if i >= 0 {
				return nil
			}
			out = append(out, refusal{model: found[1]})
		case isReason && len(out) > 0:
			last := &out[len(out)-1]
			last.reasons = append(last.reasons, reason)
		default:
			return nil
		}
	}
	for _, r := range out {
		if len(r.reasons) == 0 {
			return nil
		}
	}
	return out
}

func notOffered(v view) []say {
	p := v.c.Objections.Problem
	if p.Code != fleet.NotFound {
		return nil
	}
	what := "agents of a newer patch"
	if v.goal.AgentVersion != version.Zero {
		what = "agents of " + v.goal.AgentVersion.String()
	}
	return one(say{
		meaning: fmt.Sprintf("it finds no %s in %s: %s", what, v.looksAt(), oneLine(p.Text)),
		see:     append(v.seeStream(), v.dryRun()),
		fix:     remedy(p, "juju upgrade-all plan -c "+v.c.Name+v.to()+"   # without --agent-version: the newest patch that it sees"),
	})
}

// archMissing needs an answer about the very target: what the controller says
// of another version says nothing of this one.
func archMissing(v view) []say {
	o := v.c.Objections
	if o == nil || o.Arches == nil || v.m.Version == v.target {
		return nil
	}
	if o.Chosen != v.target && (o.Chosen != version.Zero || v.goal.AgentVersion != v.target) {
		return nil
	}
	var agents []fleet.Agent
	var arches []string
	for _, a := range v.m.Status.Agents {
		if a.Arch == "" || slices.Contains(o.Arches, a.Arch) {
			continue
		}
		agents = append(agents, a)
		if !slices.Contains(arches, a.Arch) {
			arches = append(arches, a.Arch)
		}
	}
	if len(agents) == 0 {
		return nil
	}
	slices.Sort(arches)
	return one(say{
		meaning: fmt.Sprintf("there are no agents of %s for %s in %s: these would never arrive: %s", v.target, strings.Join(arches, ", "),
			v.looksAt(), list(agents, func(a fleet.Agent) string { return "(" + a.Arch + ")" })),
		see:    append([]string{"juju machines -m " + v.here()}, v.seeStream()...),
		fix:    []string{"juju upgrade-all plan -c " + v.c.Name + v.to() + " --agent-version …   # one that is offered for all architectures"},
		agents: agents,
	})
}

// strikes says whether a known issue of Juju meets the controller.
func (v view) strikes(i rules.Issue) bool {
	m := v.c.ControllerModel()
	switch i.Where {
	case rules.NoControllerApp:
		return m != nil && m.Problem == nil && !slices.ContainsFunc(m.Status.Agents, func(a fleet.Agent) bool {
			return isUnit(a) == 1 && strings.HasPrefix(a.Name, "controller/")
		})
	case rules.HostsKubernetes:
		return slices.ContainsFunc(v.c.Models, func(m fleet.Model) bool { return m.Type == fleet.CAAS && !m.IsController })
	}
	return false
}
