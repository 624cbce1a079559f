package execute

import (
	"errors"
	"fmt"
	"strings"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

// explainMove says what a failure of a step of a move means and what to type; false
// when there is nothing to say that is not true of every step.
func explainMove(s plan.Step, a *attempt, err error, resume string) (meaning string, fix []string, ok bool) {
	if meaning, fix, ok := explainNew(s, a, err, resume); ok {
		return meaning, fix, true
	}
	switch s.Kind {
	case plan.Migrate:
		return explainMigrate(s, a, err, resume)
	case plan.Arrive:
		if len(a.sight.Missing) == 0 || a.trouble != nil {
			return "", nil, false
		}
		return stranded(s, a.sight.Missing), append(rejoin(s, a.sight.Missing), resume), true
	case plan.Relations:
		if len(a.sight.Regressions) == 0 {
			return "", nil, false
		}
		return "these cross-model relations were joined before, and are not since both sides have moved",
			[]string{"juju status --relations -m " + s.Target.Name + ":" + s.Model.Name, "juju offers -m " + s.Target.Name + ":" + s.Model.Name, resume}, true
	case plan.AddUser:
		return fmt.Sprintf("no model that %s has access to moves without that user", s.User.Name),
			[]string{"juju users -c " + s.Target.Name, resume}, true
	case plan.RemoveAccounts:
		return "a temporary superuser of this run may be left on " + s.Target.Name + "; remove none that a migration in flight still uses",
			[]string{"later: " + resume, "juju users -c " + s.Target.Name}, true
	case plan.FollowModels:
		return "the models are where they are said to be; only this client does not know it yet",
			[]string{"juju models -c " + s.Target.Name, resume}, true
	}
	return "", nil, false
}

func explainMigrate(s plan.Step, a *attempt, err error, resume string) (string, []string, bool) {
	source := s.Controller.Name + ":" + s.Model.Name
	var stall *stallError
	unprepared := errors.As(err, new(*preparationError)) ||
		errors.As(err, &stall) && stall.trouble != nil && errors.As(stall.trouble, new(*preparationError))
	code := fleet.CodeOf(err)
	if errors.As(err, &stall) && fleet.CodeOf(stall.trouble) == fleet.Leftover {
		code = fleet.Leftover
	}
	switch {
	case errors.As(err, new(*abortedError)):
		return fmt.Sprintf("Juju gave the migration up and the model works on %s as before; agents that had begun to log in at %s may go on trying for %d minutes, and let another migration fail as long",
				s.Controller.Name, s.Target.Name, int(fleet.ValidationTime.Minutes())),
			[]string{"juju status -m " + source, "juju debug-log -m " + s.Controller.Name + ":admin/controller --replay --no-tail --level WARNING", resume}, true
	case code == fleet.Leftover:
		return fmt.Sprintf("the model works on %s; what is left of it on %s stands in the way of another try. No juju command shows or removes it: a superuser of %s can, through Juju's API (MigrationTarget.Abort of model-%s)",
				s.Controller.Name, s.Target.Name, s.Target.Name, s.Model.UUID),
			[]string{"juju show-model " + source, resume}, true
	case unprepared:
		return "nothing was asked for; the model works on " + s.Controller.Name + " as before",
			[]string{"juju show-controller " + s.Target.Name, resume}, true
	case code == fleet.Refused && s.Unseen && a.changed:
		return fmt.Sprintf("%s does not show whether the model is migrating: a migration that was asked for before may be under way", s.Controller.Name),
			[]string{"juju models -c " + s.Target.Name, resume}, true
	case code == fleet.Refused:
		return "what Juju checks before it moves a model says no; the model works on " + s.Controller.Name + " as before",
			[]string{"juju status -m " + source, resume}, true
	case errors.As(err, &stall) && stall.trouble == nil && a.changed:
		return "no call stops a migration: Juju goes on with it, or gives it up, by itself",
			[]string{"juju show-model " + source, "juju debug-log -m " + s.Controller.Name + ":admin/controller --replay --no-tail --level WARNING",
				"one that never gets beyond its start needs the controller's agent restarted: juju ssh -m " + s.Controller.Name + ":admin/controller 0 'sudo systemctl restart jujud-machine-0'",
				resume}, true
	}
	return "", nil, false
}

// stranded says what it means that agents are not seen on the new controller.
func stranded(s plan.Step, missing []fleet.Agent) string {
	return fmt.Sprintf("the model is on %s, but not all of its agents: one that never came has kept the addresses of %s (a fault of Juju before 3.6.19), or its machine is down; what it looks after runs on, unattended",
		s.Target.Name, s.Controller.Name)
}

// rejoin are the commands that bring an agent to the controller that its model is
// on: a unit's gets the addresses and the certificate that its machine's agent has.
func rejoin(s plan.Step, missing []fleet.Agent) []string {
	where := s.Target.Name + ":" + s.Model.Name
	fix := []string{"juju status -m " + where}
	for _, agent := range first(missing, 2) {
		machine := agent.Machine
		if agent.Kind == fleet.MachineAgent || agent.Kind == fleet.ContainerAgent {
			machine = agent.Name
		}
		if machine == "" {
			continue
		}
		fix = append(fix, "juju ssh -m "+where+" "+machine+" "+rejoinScript(agent, machine))
	}
	return fix
}

// rejoinScript is what has to happen on the machine. A machine's agent is restarted.
// A unit's gets the two blocks of its agent.conf that say where its controller is
// from that of its machine's agent, which has come along, and is started anew by it.
// The shell there finds the service: it is jujud-machine-N where Juju 3 made the
// machine, jujuagentd-machine-N where Juju 4 did.
func rejoinScript(agent fleet.Agent, machine string) string {
	owner := "machine-" + strings.ReplaceAll(machine, "/", "-")
	service := "juju*-" + owner + ".service"
	const services = "cd /etc/systemd/system && "
	if agent.Kind == fleet.MachineAgent || agent.Kind == fleet.ContainerAgent {
		return "'" + services + "sudo systemctl restart " + service + "'"
	}
	unit := agent.Tag()
	const blocks = `/^[a-z]/{k=/^(apiaddresses|cacert):/}`
	return fmt.Sprintf(`'sudo sh -c "%[5]ssystemctl stop %[4]s && cd /var/lib/juju/agents && cp -p %[2]s/agent.conf %[2]s/agent.conf.before && `+
		`(awk \"%[3]s !k\" %[2]s/agent.conf.before; awk \"%[3]s k\" %[1]s/agent.conf) > %[2]s/agent.conf; `+
		`sed -i /stopped-units:/d %[1]s/agent.conf; %[5]ssystemctl start %[4]s"'`, owner, unit, blocks, service, services)
}
