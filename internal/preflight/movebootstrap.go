package preflight

import (
	"fmt"
	"strings"

	"github.com/juju/version/v2"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/rules"
)

// bootstrapChecks are about a controller that the run is to make.
func bootstrapChecks() []check {
	blocker := func(code, summary string, says func(view) []say) check {
		return check{
			Check: Check{Code: code, Severity: fleet.Blocker, Scope: fleet.WholeRun, Summary: summary},
			when:  func(v view) bool { return v.goal.Bootstrap != nil }, target: says,
		}
	}
	return []check{
		blocker("bootstrap-refused", "The new controller cannot be made: its name is taken, or its cloud, region or credential is not known.", bootstrapRefused),
		blocker("bootstrap-client", "No juju client makes the new controller of a version that the models may move to.", bootstrapClient),
	}
}

func bootstrapRefused(v view) []say {
	p := v.c.Problem
	if p == nil {
		return nil
	}
	s := say{
		meaning: "it cannot be made: " + oneLine(p.Text),
		see:     []string{"juju clouds --client", "juju regions --client " + v.goal.Bootstrap.Cloud, "juju credentials --client " + v.goal.Bootstrap.Cloud},
		fix:     remedy(p, ""),
	}
	if p.Code == fleet.Exists {
		s.see = []string{"juju show-controller " + v.c.Name}
		if p.Remedy == "" {
			s.fix = v.eachSource(func(at view) string {
				return "juju upgrade-all plan -c " + at.c.Name + " --bootstrap " + v.goal.Bootstrap.Place() + " --bootstrap-name OTHER   # or --to " + v.c.Name
			})
		}
	}
	return one(s)
}

// eachSource makes a command for each source.
func (v view) eachSource(command func(view) string) []string {
	var out []string
	for i := range v.fleet.Controllers {
		out = append(out, command(v.at(&v.fleet.Controllers[i])))
	}
	return out[:min(len(out), shown)]
}

// bootstrapClient speaks of all that makes the client unfit, whether or not anything
// else is known of the controller that it would make.
func bootstrapClient(v view) []say {
	b := v.goal.Bootstrap
	switch {
	case b.Juju == "":
		return one(say{
			meaning: "no juju client was found on PATH, and it takes one to make a controller",
			fix:     append([]string{"sudo snap install juju --channel=CHANNEL"}, v.otherClient("")...),
		})
	case b.Version == version.Zero:
		return one(say{
			meaning: "the version of " + b.Juju + " cannot be told, and the controller would be of that version",
			see:     []string{b.Juju + " version"},
			fix:     v.otherClient(""),
		})
	}
	var reasons, fix []string
	for i := range v.fleet.Controllers {
		at := v.at(&v.fleet.Controllers[i])
		if at.unreachable() {
			continue
		}
		maker := rules.Bootstraps(b.Version, at.target)
		if now := rules.Bootstraps(b.Version, at.c.Version); now.Refused != "" {
			maker = now // whatever it is brought to first
		}
		if maker.Refused != "" {
			reasons = append(reasons, at.c.Name+": "+maker.Refused)
			fix = append(fix, at.anotherClient(maker.Want)...)
		}
	}
	if len(reasons) == 0 {
		return nil
	}
	return one(say{
		meaning: fmt.Sprintf("%s makes controllers of %s, to which the models cannot move: %s", b.Juju, b.Version, strings.Join(reasons, "; ")),
		see:     []string{b.Juju + " version", "juju controllers"},
		fix:     fix,
	})
}

// otherClient is the command that has another client make the controller.
func (v view) otherClient(which string) []string {
	return v.eachSource(func(at view) string { return at.replan(" --juju PATH" + which) })
}

// anotherClient are the commands by which a client that will do makes the controller.
func (v view) anotherClient(want version.Number) []string {
	if want == version.Zero {
		return nil
	}
	fix := []string{v.replan(fmt.Sprintf(" --juju PATH   # a juju client of %s or later of %d.%d", want, want.Major, want.Minor))}
	if c := v.fleet.Client; c.Snap && c.Path == v.goal.Bootstrap.Juju {
		fix = append([]string{rules.RefreshClient(want)}, fix...)
	}
	if now := rules.Bootstraps(v.goal.Bootstrap.Version, v.c.Version); now.Refused == "" {
		// It is only too old for what the source is brought to first.
		fix = append(fix, v.replan(" --agent-version "+v.c.Version.String()+"   # moves them as they are"))
	}
	return fix
}
