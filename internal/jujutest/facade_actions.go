package jujutest

import (
	"fmt"
	"slices"

	"github.com/juju/names/v5"

	"github.com/juju/juju/rpc/params"
)

// actionHandlers are of actions.
func actionHandlers() served {
	return served{"Action": {
		"ListOperations":            method(listOperations),
		"ApplicationsCharmsActions": method(applicationsCharmsActions),
		"EnqueueOperation":          method(enqueueOperation),
	}}
}

// applicationsCharmsActions is Action.ApplicationsCharmsActions.
func applicationsCharmsActions(s *session, args params.Entities) (params.ApplicationsCharmActionsResults, error) {
	results, err := ofApplications(s, "write", args.Entities, s.model.actionsResult)
	return params.ApplicationsCharmActionsResults{Results: results}, err
}

func (m *model) actionsResult(tag string, app *application, failure *params.Error) params.ApplicationCharmActionsResult {
	result := params.ApplicationCharmActionsResult{ApplicationTag: tag, Error: failure}
	if failure != nil {
		return result
	}
	for _, name := range m.charms[app.charm.url].content.Actions {
		if result.Actions == nil {
			result.Actions = map[string]params.ActionSpec{}
		}
		result.Actions[name] = params.ActionSpec{Params: map[string]any{}}
	}
	return result
}

// enqueueOperation is Action.EnqueueOperation. The actions are done at once.
func enqueueOperation(s *session, args params.Actions) (params.EnqueuedActions, error) {
	m := s.model
	if !s.may(m, "write") {
		return params.EnqueuedActions{}, errPerm()
	}
	m.operations++
	out := params.EnqueuedActions{OperationTag: names.NewOperationTag(fmt.Sprint(m.operations)).String()}
	for _, a := range args.Actions {
		m.operations++
		action := a
		action.Tag = names.NewActionTag(fmt.Sprint(m.operations)).String()
		result := params.ActionResult{Action: &action, Status: "pending"}
		i := slices.IndexFunc(m.units(), func(u *unit) bool { return u.tag == a.Receiver })
		switch {
		case i < 0:
			result = params.ActionResult{Error: apiFailure(apiError(params.CodeNotFound, "%q not found", a.Receiver))}
		case !m.offers(m.units()[i], a.Name):
			result = params.ActionResult{Error: apiFailure(apiError("", "action %q not defined on unit %q", a.Name, m.units()[i].name))}
		default:
			s.world().runAction(m, m.units()[i], a.Name)
			s.controller().effects++
		}
		out.Actions = append(out.Actions, result)
	}
	return out, nil
}
