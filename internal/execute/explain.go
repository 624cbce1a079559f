package execute

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

// stallError is the error of a step in which nothing moves any more.
type stallError struct {
	still   time.Duration
	trouble error
	note    string
	// missing are how many of the awaited have not come.
	missing, awaited int
}

// Error implements error.
func (e *stallError) Error() string {
	text := fmt.Sprintf("nothing has moved for %s", e.still.Round(time.Second))
	switch {
	case e.trouble != nil:
		text += ": " + e.trouble.Error()
	case e.note != "":
		text += ": " + e.note
	case e.missing > 0:
		text += fmt.Sprintf(": %d of %d have not come", e.missing, e.awaited)
	}
	return text
}

// explain says what a failure means and what to type. It decides by the kind of
// the step and the code of the error, never by a text.
func explain(s plan.Step, a *attempt, err error) (meaning string, fix []string) {
	where := s.Where().Name + ":" + s.Model.Name
	resume, abandon := fmt.Sprintf("juju upgrade-all resume %d", a.run), fmt.Sprintf("juju upgrade-all abandon %d", a.run)
	var stall *stallError
	if meaning, fix, ok := explainPods(s, a, err, resume); ok {
		return meaning, fix
	}
	if meaning, fix, ok := explainMove(s, a, err, resume); ok {
		return meaning, fix
	}
	if meaning, fix, ok := explainCharm(s, a, err, resume); ok {
		return meaning, fix
	}
	switch {
	case errors.As(err, new(*certainError)):
		return "no further look would change that", []string{abandon, "juju upgrade-all plan -c " + s.Where().Name}
	case s.Kind == plan.Backup:
		return "without a backup the controller is left as it is", []string{
			"juju create-backup -m " + where + " --no-download",
			resume,
			"or without a backup: " + abandon + "; juju upgrade-all -c " + s.Controller.Name + " --backup skip",
		}
	case s.Kind == plan.Soak && len(a.sight.Regressions) > 0:
		return "models that went first are worse than before; the others have not begun", []string{
			"juju status -m " + s.Where().Name + ":" + strings.Fields(a.sight.Regressions[0].Agent)[0], resume,
		}
	case s.Kind == plan.Verify && len(a.sight.Regressions) > 0:
		return "the agents arrived, but this is worse than before the upgrade", append(cures(where, a.sight.Regressions), resume)
	case errors.As(err, &stall) && stall.trouble != nil:
		return "nothing is known since then; what Juju has accepted goes on by itself", []string{
			"juju show-controller " + s.Where().Name, resume,
		}
	case errors.As(err, &stall) && len(a.sight.Missing) > 0:
		return fmt.Sprintf("Juju has accepted %s; these agents have not arrived there", s.To), append(agentLogs(where, a.sight.Missing), resume)
	case errors.As(err, &stall):
		return fmt.Sprintf("it was asked for, and does not arrive at %s", s.To), append(agentLogs(where, nil), resume)
	}
	return explainCode(s, a, err)
}

// agentLogs are the commands that show why agents do not arrive: what they say
// of their downloads and restarts stands in the log, not in their status.
func agentLogs(where string, missing []fleet.Agent) []string {
	fix := []string{"juju debug-log -m " + where + " --replay --no-tail --level WARNING"}
	for _, agent := range first(missing, 2) {
		fix = append(fix, "juju show-status-log -m "+where+" "+agentArgs(agent))
	}
	return fix
}

func explainCode(s plan.Step, a *attempt, err error) (meaning string, fix []string) {
	var p *fleet.Problem
	if errors.As(err, &p) && p.Remedy != "" {
		fix = []string{p.Remedy}
	}
	switch fleet.CodeOf(err) {
	case fleet.Refused:
		meaning = "Juju's own validation refuses the upgrade"
	case fleet.Blocked:
		meaning = "commands that change the model are disabled there"
		model := s.Model.Name
		if s.From.Major < 4 {
			// Up to 3.6 it is the controller's own model that is asked.
			meaning, model = "commands that change a model are disabled in the controller's own", "admin/controller"
		}
		fix = []string{fmt.Sprintf("juju enable-command all -m %s:%s", s.Where().Name, model)}
	case fleet.Forbidden:
		meaning = "this user may not do that"
	case fleet.LoginNeeded:
		meaning = "the stored login is not accepted any more"
	case fleet.Untrusted:
		meaning = "it is not certain that this is the controller that the client knows"
	case fleet.Moved:
		meaning = "the model is on another controller now"
	case fleet.NotFound:
		meaning = "Juju no longer has it, or has no agents of that version"
	case fleet.Unsupported, fleet.UpToDate, fleet.Corrupt, fleet.Unreachable, fleet.Busy, fleet.Leftover, fleet.Exists, fleet.Other:
		meaning = "what Juju said is all that is known"
	}
	if !a.changed {
		meaning += "; nothing was changed there"
	}
	return meaning, fix
}

// agentArgs names the agent as juju's commands want it.
func agentArgs(a fleet.Agent) string {
	if a.Kind == fleet.MachineAgent || a.Kind == fleet.ContainerAgent {
		return "--type juju-machine " + a.Name
	}
	return a.Name
}

// target does the same for the name of an agent (fleet.Agent.String).
func target(name string) string {
	if app, ok := strings.CutPrefix(name, fleet.ApplicationPrefix); ok {
		return "--type application " + app
	}
	var kind, id string
	if n, _ := fmt.Sscanf(name, "%s %s", &kind, &id); n == 2 && kind == "machine" {
		return "--type " + kind + " " + id
	} else if n == 2 {
		return id
	}
	return name
}

// cures are the commands for what got worse: to see why, and, for a unit whose
// hook failed, to have it run again once that is mended.
func cures(where string, worse []fleet.Regression) []string {
	var out []string
	for _, r := range first(worse, 2) {
		if strings.HasPrefix(r.Agent, "saas ") {
			out = append(out, "juju status --relations -m "+where)
			continue
		}
		out = append(out, "juju show-status-log -m "+where+" "+target(r.Agent))
		if unit, ok := strings.CutPrefix(r.Agent, "unit "); ok && r.After.Status == "error" {
			out = append(out, "juju resolved -m "+where+" "+unit)
		}
	}
	return out
}

func first[T any](list []T, n int) []T {
	if len(list) > n {
		return list[:n]
	}
	return list
}
