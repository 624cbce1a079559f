package execute

import (
	"errors"
	"fmt"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

// explainNew says what a failure of a step that prepares the target means and what to
// type; false when there is nothing to say that is not true of every step.
func explainNew(s plan.Step, a *attempt, err error, resume string) (meaning string, fix []string, ok bool) {
	abandon := fmt.Sprintf("juju upgrade-all abandon %d", a.run)
	switch s.Kind {
	case plan.MakeController:
		return explainBootstrap(s, err, resume, abandon)
	case plan.RestoreCopy:
		if errors.As(err, new(*preparationError)) {
			return "nothing was restored, and nothing has moved", []string{abandon, "juju upgrade-all plan -c " + s.Controller.Name + " --to " + s.Target.Name}, true
		}
		return fmt.Sprintf("%s may have a part of what the backup brings; its log is %s.log in the run's directory. It can be given the rest natively, by a run with --clone native", s.Target.Name, restoreErrand),
			[]string{"juju status -m " + s.Target.Name + ":admin/controller", resume, "or: " + abandon}, true
	case plan.EnableHA:
		return explainServers(s, err, resume, abandon)
	case plan.AddUser:
		if fleet.CodeOf(err) != fleet.NeedsPassword {
			break
		}
		return fmt.Sprintf("passwords are kept nowhere, and have to be given again; no model that %s has access to moves without that user", s.User.Name),
			[]string{resume + " --password-file FILE"}, true
	case plan.DisableUser:
		return fmt.Sprintf("%s is disabled on %s, and not on %s", s.User.Name, s.Controller.Name, s.Target.Name),
			[]string{"juju users -c " + s.Target.Name + " --all", resume}, true
	case plan.CloneItem:
		if p := (*fleet.Problem)(nil); errors.As(err, &p) && p.Remedy != "" {
			fix = []string{p.Remedy}
		}
		return cloneMeaning(s), append(append(fix, cloneLooks(s)...), resume), true
	}
	return "", nil, false
}

// explainServers does the same for servers that do not come. A plan wants them wherever
// the target can have them, so without them models move by a new plan only where that
// finds too few machines.
func explainServers(s plan.Step, err error, resume, abandon string) (string, []string, bool) {
	own := s.Target.Name + ":admin/controller"
	meaning := fmt.Sprintf("models do not move before %s has %d servers, as %s has", s.Target.Name, s.Servers, s.Controller.Name)
	fix := []string{"juju status -m " + own}
	switch code := fleet.CodeOf(err); {
	case errors.As(err, new(*sparesError)):
		return meaning, append(fix,
			fmt.Sprintf("juju add-machine -m %s ssh:USER@HOST   # one for each server that is missing", own), resume,
			"or without them: "+abandon+"; juju upgrade-all plan -c "+s.Controller.Name+" --to "+s.Target.Name), true
	case code == fleet.Blocked:
		fix = append(fix, "juju enable-command all -m "+own)
	case code == fleet.Refused:
		meaning += ", and Juju refuses to make them; the run takes them however they are made"
		fix = append(fix,
			"juju controller-config -c "+s.Target.Name+" juju-ha-space=SPACE   # if its machines have several networks: the one for its servers",
			fmt.Sprintf("juju enable-ha -c %s -n %d   # by hand, with what it needs: --constraints, --to", s.Target.Name, s.Servers))
	}
	return meaning, append(fix, resume), true
}

func explainBootstrap(s plan.Step, err error, resume, abandon string) (string, []string, bool) {
	if s.Target.UUID != "" {
		return explainMade(s, err, resume, abandon)
	}
	log := bootstrapErrand + ".log in the run's directory"
	switch fleet.CodeOf(err) {
	case fleet.HalfMade:
		return "the bootstrap was cut short, and nobody but its cloud knows how far it came: this client has no address for it. Nothing has moved. The log is " + log,
			[]string{
				"look at its machine in the cloud, and remove what is left there",
				"juju unregister " + s.Target.Name + " --no-prompt   # only then; the controller cannot be reached from here after it",
				resume + "   # bootstraps anew",
			}, true
	case fleet.NotFound:
		return explainForgotten(s, resume, abandon)
	case fleet.Exists:
		return "the name is taken by another controller, which is left alone; nothing has moved",
			[]string{"juju show-controller " + s.Target.Name, abandon}, true
	case fleet.Refused:
		return "it is not what was planned; nothing has moved. The new controller is left as it is",
			[]string{"juju show-controller " + s.Target.Name, abandon, "juju upgrade-all plan -c " + s.Controller.Name + " --to " + s.Target.Name}, true
	}
	return "nothing has moved; what the bootstrap told is in " + log,
		[]string{"juju controllers", resume + "   # bootstraps anew, if the name is free", abandon}, true
}

// explainMade does the same for a controller that an earlier attempt has made: models may
// have moved there, and it is not made again.
func explainMade(s plan.Step, err error, resume, abandon string) (string, []string, bool) {
	stays := "; what has moved there is left as it is"
	show := "juju show-controller " + s.Target.Name
	switch fleet.CodeOf(err) {
	case fleet.NotFound:
		return explainForgotten(s, resume, abandon)
	case fleet.Exists:
		return "the name is another controller's now, which is left alone. The one that was made is " + s.Target.UUID + stays,
			[]string{show, resume + "   # when this client knows the one that was made by that name", abandon}, true
	case fleet.Refused:
		return "it is older than it was when it was made" + stays,
			[]string{show, abandon, "juju upgrade-all plan -c " + s.Controller.Name + " --to " + s.Target.Name}, true
	}
	var fix []string
	if p := (*fleet.Problem)(nil); errors.As(err, &p) && p.Remedy != "" {
		fix = []string{p.Remedy}
	}
	return s.Target.Name + " was made, and nothing else begins there while it is not seen to serve" + stays,
		append(fix, show, "juju status -m "+s.Target.Name+":admin/controller", resume, abandon), true
}

func explainForgotten(s plan.Step, resume, abandon string) (string, []string, bool) {
	return "a controller that was made is not made again: another bootstrap could end it. Nothing is lost with the entry but the way there",
		[]string{
			"juju login -c " + s.Target.Name + " -u admin HOST:17070   # where it is; or as any of its superusers",
			resume, abandon,
		}, true
}

// cloneMeaning says who goes without what could not be cloned.
func cloneMeaning(s plan.Step) string {
	switch s.Item.Kind {
	case fleet.CloudItem:
		return "models of that cloud do not move before " + s.Target.Name + " has it; others do"
	case fleet.BackendItem:
		return "models with secrets there do not move before " + s.Target.Name + " has it; others do. Its server is asked for: it has to answer, and the token has to be valid"
	case fleet.CloudAccessItem, fleet.ConfigItem, fleet.ModelDefaultItem:
	}
	return "models move without it; it can be set by hand as well"
}

// cloneLooks are the commands that show what could not be cloned.
func cloneLooks(s plan.Step) []string {
	from, to := s.Controller.Name, s.Target.Name
	switch s.Item.Kind {
	case fleet.ConfigItem:
		return []string{"juju controller-config -c " + from + " " + s.Item.Name, "juju controller-config -c " + to + " " + s.Item.Name}
	case fleet.ModelDefaultItem:
		return []string{"juju model-defaults -c " + from + " " + s.Item.Name, "juju model-defaults -c " + to + " " + s.Item.Name}
	case fleet.BackendItem:
		return []string{"juju show-secret-backend -c " + from + " " + s.Item.Name, "juju secret-backends -c " + to}
	case fleet.CloudItem, fleet.CloudAccessItem:
	}
	return []string{"juju show-cloud -c " + from + " " + s.Item.Name, "juju clouds -c " + to}
}
