package execute

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

// explainCharm says what a failure of a refresh means and what to type; false when
// there is nothing to say that is not true of every step.
func explainCharm(s plan.Step, a *attempt, err error, resume string) (meaning string, fix []string, ok bool) {
	if s.Refresh == nil {
		return "", nil, false
	}
	app, where := s.Refresh.Application, s.Where().Name+":"+s.Model.Name
	var hooks *hookError
	var stall *stallError
	switch {
	case errors.As(err, &hooks):
		return fmt.Sprintf("a hook of %s failed after the refresh, and goes on failing; the applications of %s that come after it wait", app, s.Model.Name),
			append(hookCures(where, hooks.units), resume), true
	case s.Kind == plan.Verify && len(a.sight.Regressions) > 0:
		return fmt.Sprintf("it was better before %s was refreshed; the applications of %s that come after it wait", app, s.Model.Name),
			slices.Concat(cures(where, a.sight.Regressions), podCures(s, regressed(a.sight.Regressions)), pauseCures(s), []string{resume}), true
	case s.Kind != plan.RefreshCharm:
		return "", nil, false
	case fleet.CodeOf(err) == fleet.Refused, fleet.CodeOf(err) == fleet.Other && !a.changed && !errors.As(err, &stall):
		if p := (*fleet.Problem)(nil); errors.As(err, &p) && p.Remedy != "" {
			fix = []string{p.Remedy}
		}
		meaning = app + " was not refreshed"
		if a.changed {
			meaning = "what was asked for is not what is there"
		}
		return meaning, append(fix, "juju show-application -m "+where+" "+app, resume,
			"or without it: "+fmt.Sprintf("juju upgrade-all abandon %d", a.run)+"; juju upgrade-all -c "+s.Where().Name+" --charms-only --exclude-app "+where+"."+app), true
	case errors.As(err, &stall) && a.sight.ForOperator:
		meaning = app + " has stopped half way to its new charm, and waits for you"
		if len(a.sight.Missing) > 0 {
			meaning += "; these units still run the old one"
		}
		return meaning, slices.Concat(pauseCures(s), unitLogs(where, a.sight.Missing), []string{resume}), true
	case errors.As(err, &stall) && s.Cluster != "" && len(a.sight.Missing) > 0:
		meaning, fix = explainCharmPods(s, a.sight.Missing)
		return meaning, append(fix, resume), true
	case errors.As(err, &stall) && len(a.sight.Missing) > 0:
		return fmt.Sprintf("%s has its new charm; these units have not followed", app), append(unitLogs(where, a.sight.Missing), resume), true
	}
	return "", nil, false
}

// explainCharmPods says what it means that pods do not follow. What is in error and has an agent
// may be a failed hook as well as an image that cannot be pulled: nothing but a text tells.
func explainCharmPods(s plan.Step, missing []fleet.Agent) (meaning string, fix []string) {
	app, where := s.Refresh.Application, s.Where().Name+":"+s.Model.Name
	meaning = app + " has its new charm; these units have not followed. What keeps a pod (an image that cannot be pulled, no room on a node) shows there, and once it is mended the pod comes back by itself"
	troubled := slices.DeleteFunc(slices.Clone(missing), func(u fleet.Agent) bool { return u.Health.Status != "error" })
	if len(troubled) == 0 {
		troubled = missing
	}
	fix = podCures(s, troubled)
	if failed := inError(troubled); len(failed) > 0 {
		return meaning + "; a hook that failed is in the log", append(fix, hookCures(where, failed)...)
	}
	return meaning, append(fix, unitLogs(where, troubled)...)
}

// regressed are the units that are in error, or gone, and were not before.
func regressed(worse []fleet.Regression) []fleet.Agent {
	var out []fleet.Agent
	for _, r := range worse {
		unit, ok := strings.CutPrefix(r.Agent, "unit ")
		now := fleet.Agent{Name: unit, State: r.After}
		if ok && (r.After.Status == "error" || now.Gone()) {
			out = append(out, now)
		}
	}
	return out
}

// hookCures are the commands for units whose hooks fail: to see why, and to have them
// run again once that is mended.
func hookCures(where string, units []fleet.Agent) []string {
	var out []string
	for _, unit := range first(units, 2) {
		out = append(out, debugLog(where, unit))
	}
	var names []string
	for _, unit := range units {
		names = append(names, unit.Name)
	}
	return append(out,
		"juju resolved -m "+where+" "+strings.Join(names, " ")+"   # once it is mended: runs the hook again",
		"juju resolved --no-retry -m "+where+" "+strings.Join(names, " ")+"   # instead, after a refresh to a mended charm")
}

// unitLogs are the commands that show why units do not follow.
func unitLogs(where string, units []fleet.Agent) []string {
	var out []string
	for _, unit := range first(units, 2) {
		out = append(out, "juju show-status-log -m "+where+" "+unit.Name, debugLog(where, unit))
	}
	return out
}

func debugLog(where string, unit fleet.Agent) string {
	return "juju debug-log -m " + where + " --replay --no-tail --include " + unit.Tag()
}

// pauseCures are the actions by which a charm that has stopped half way says that it is
// told to go on.
func pauseCures(s plan.Step) []string {
	var out []string
	for _, action := range s.Refresh.Resumes {
		out = append(out, fmt.Sprintf("juju run -m %s:%s %s/leader %s   # when you have looked", s.Where().Name, s.Model.Name, s.Refresh.Application, action))
	}
	return out
}
