package execute

import (
	"errors"
	"fmt"
	"time"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

// stallError is the error of a step in which nothing moves any more.
type stallError struct {
	still   time.Duration
	trouble error
	note    string
}

// Error implements error.
func (e *stallError) Error() string {
	text := fmt.Sprintf("nothing has moved for %s", e.still.Round(time.Second))
	switch {
	case e.trouble != nil:
		text += ": " + e.trouble.Error()
	case e.note != "":
		text += ": " + e.note
	}
	return text
}

// explain says what a failure means and what to type. It decides by the kind of
// the step and the code of the error, never by a text.
func explain(s plan.Step, a *attempt, err error) (meaning string, fix []string) {
	where := s.Controller.Name + ":" + s.Model.Name
	var stall *stallError
	switch {
	case errors.As(err, new(*certainError)):
		return "no further look would change that", []string{"juju upgrade-all abandon", "juju upgrade-all plan -c " + s.Controller.Name}
	case s.Kind == plan.Backup:
		return "without a backup the controller is left as it is", []string{
			"juju upgrade-all resume",
			"juju upgrade-all abandon, then without a backup: juju upgrade-all -c " + s.Controller.Name + " --backup skip",
		}
	case s.Kind == plan.Verify && len(a.sight.Regressions) > 0:
		for _, r := range a.sight.Regressions {
			fix = append(fix, "juju show-status-log -m "+where+" "+target(r.Agent))
		}
		return "the agents arrived, but this is worse than before the upgrade", first(fix, 3)
	case errors.As(err, &stall) && len(a.sight.Missing) > 0:
		for _, agent := range a.sight.Missing {
			fix = append(fix, "juju show-status-log -m "+where+" "+agentArgs(agent))
		}
		return fmt.Sprintf("Juju has accepted %s; these agents have not arrived there", s.To), first(fix, 3)
	case errors.As(err, &stall):
		return fmt.Sprintf("it was asked for, and does not arrive at %s", s.To), []string{
			"juju show-status-log -m " + where + " --type model", "juju debug-log -m " + where + " --level WARNING",
		}
	}
	return explainCode(s, a, err)
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
		fix = []string{fmt.Sprintf("juju enable-command all -m %s:%s", s.Controller.Name, model)}
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
	case fleet.Unsupported, fleet.UpToDate, fleet.Corrupt, fleet.Unreachable, fleet.Busy, fleet.Other:
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
	var kind, id string
	if n, _ := fmt.Sscanf(name, "%s %s", &kind, &id); n == 2 && kind == "machine" {
		return "--type machine " + id
	} else if n == 2 {
		return id
	}
	return name
}

func first(list []string, n int) []string {
	if len(list) > n {
		return list[:n]
	}
	return list
}
