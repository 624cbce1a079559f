package execute

import (
	"fmt"
	"slices"
	"time"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

// Charms may stop a refresh and wait until somebody has looked: those of databases do,
// after their first unit. That is told by what they say, of a unit or of the application as
// a whole, and by nothing else: to Juju, a unit that waits is as well as any.
//
// On machines all units have the new charm by then, and only their workloads wait: it is a
// pause of the verify step. On Kubernetes the charm holds the pods themselves back, by the
// partition of its StatefulSet, so that units of the old charm and of the new one stand next
// to each other for as long as the operator likes: it is one of the refresh.

// pausePatience is for how long a refresh on Kubernetes has to look like a pause before it is
// said to be one. A pod that came may well wait for the others meanwhile: with agents before
// 3.6 it is not ready before it is 30 to 35 s old, and only then is the next one told to stop,
// for which it has 30 s, in which it looks as before.
// (readiness probe, terminationGracePeriodSeconds; internal/provider/kubernetes/application)
const pausePatience = 90 * time.Second

// pausedAt says that the refresh has stopped with that many units behind, and why it has is up
// to the operator. A hook that units run now and then, as update-status is, ends no pause; on
// Juju 4 it also makes a unit look as if it were not behind any more, so that what was said to be
// a pause goes on being one whatever their number.
func (k RefreshCharm) pausedAt(s plan.Step, units []fleet.Agent, behind int, asking bool) bool {
	paused, busy := s.ID+" paused", s.ID+" busy"
	at := fmt.Sprintf("%s at %d", paused, behind)
	switch {
	case !asking || behind >= len(units):
		k.Settling.forget(paused)
		k.Settling.forget(at)
		k.Settling.forget(busy)
		return false
	case slices.ContainsFunc(units, func(a fleet.Agent) bool { return a.State.Status != "idle" }):
		if k.Settling.expired(busy, settleTime) {
			k.Settling.forget(paused)
			k.Settling.forget(at)
		}
	default:
		k.Settling.forget(busy)
	}
	if !k.Settling.began(paused) && !k.Settling.expired(at, pausePatience) {
		return false
	}
	k.Settling.expired(paused, 0)
	return true
}

// podPauses are the pauses of an application on Kubernetes, where its charm may hold back pods
// that look well, and, on Juju 4, as if they had come: it is not there while it says so.
func (k RefreshCharm) podPauses(s plan.Step, status fleet.ModelStatus) []fleet.Regression {
	if s.Cluster == "" {
		return nil
	}
	return k.pauses(s, status)
}

// pauses are what the application's units say that they wait for, or else the application
// itself, and did not before the run.
func (k RefreshCharm) pauses(s plan.Step, status fleet.ModelStatus) []fleet.Regression {
	before := k.Before[s.Model.UUID]
	own := fleet.Health{}
	for _, unit := range awaitedUnits(status, s) {
		if unit.State.Status == "idle" || unit.State.Status == "executing" { // of others it is Juju that speaks
			own[unit.String()] = unit.Health
		}
	}
	asking := slices.DeleteFunc(fleet.Worse(before, own), func(r fleet.Regression) bool { return !asks(r.After) })
	if len(asking) == 0 {
		return applicationPauses(s, status, before)
	}
	return asking
}

// asks says that it is the condition of who waits for somebody, and says for what.
func asks(c fleet.Condition) bool {
	return c.Message != "" && (c.Status == "blocked" || c.Status == "waiting")
}

// pausing tells which of the regressions that a refresh has brought are pauses: units
// of the application that run the new charm, have nothing to do, and say what they wait
// for. It is empty when one is of another kind.
func pausing(s plan.Step, status fleet.ModelStatus, worse []fleet.Regression) []fleet.Regression {
	if s.Refresh == nil {
		return nil
	}
	idle := map[string]bool{}
	for _, unit := range status.UnitsOf(s.Refresh.Application) {
		idle[unit.String()] = unit.State.Status == "idle"
	}
	for _, r := range worse {
		if !idle[r.Agent] || !asks(r.After) {
			return nil
		}
	}
	return worse
}

// applicationPauses tells that the charm says so of the application as a whole: the units may
// then look as if nothing were the matter. What it merely waits for is Juju's to say as well,
// of units that come and go, so it has to be blocked; and what a unit says as well is that
// unit's.
func applicationPauses(s plan.Step, status fleet.ModelStatus, before fleet.Health) []fleet.Regression {
	if s.Refresh == nil {
		return nil
	}
	app := status.Application(s.Refresh.Application)
	if app == nil || app.Status.Status != "blocked" || app.Status.Message == "" {
		return nil
	}
	if slices.ContainsFunc(status.UnitsOf(app.Name), func(a fleet.Agent) bool { return a.Health.Message == app.Status.Message }) {
		return nil
	}
	return fleet.Worse(before, fleet.ApplicationsOf(fleet.ModelStatus{Applications: []fleet.Application{*app}}))
}

// waitsForOperator has the sight tell that it is for the operator to go on, and how.
func waitsForOperator(s plan.Step, sight *Sight, why []fleet.Regression) {
	sight.ForOperator, sight.Note = true, "waiting for you: "+describe(why)
	if cures := pauseCures(s); len(cures) > 0 {
		sight.Command = cures[0]
	}
}
