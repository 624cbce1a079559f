package report

import (
	"time"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/journal"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

// Verdict is the one word that a run's status begins with.
type Verdict string

// The verdicts. The words are stable: scripts read them.
const (
	// Running: something has moved within the last minute.
	Running Verdict = "running"
	// Waiting: nothing has moved for a minute, which is nothing to worry about yet; or
	// something waits for the operator.
	Waiting Verdict = "waiting"
	// Stalled: a step has used up half of the time in which something has to
	// move, or the run itself has not been heard of although it is alive.
	Stalled Verdict = "stalled"
	// Failed: the run has ended, and something is not where it should be.
	Failed Verdict = "failed"
	// Interrupted: the run was stopped, or killed, and can be resumed.
	Interrupted Verdict = "interrupted"
	// Abandoned: the operator has ended it for good.
	Abandoned Verdict = "abandoned"
	// Done: every step of the plan is done or was not needed.
	Done Verdict = "done"
)

// word is the verdict as a screen begins with it.
func (v Verdict) word() string {
	if v == "" {
		return ""
	}
	return string(v[0]-'a'+'A') + string(v[1:])
}

// live says that the run is going on.
func (v Verdict) live() bool { return v == Running || v == Waiting || v == Stalled }

func (v Verdict) ink() ink {
	switch v {
	case Running, Done:
		return green
	case Failed, Stalled:
		return red
	}
	return yellow
}

// quiet is after how long without movement a run is waiting rather than
// running; silent after how long without a heartbeat a run that is alive hangs.
const (
	quiet  = time.Minute
	silent = 2 * time.Minute
)

// VerdictOf judges a run: by its state, by its progress if there is any, and by
// whether its process is alive (holds the run's lock).
func VerdictOf(s journal.State, progress *journal.Progress, alive bool, now time.Time) Verdict {
	switch {
	case s.Event == journal.Abandoned:
		return Abandoned
	case !s.Unfinished() && (!alive || s.Event == journal.Finished):
		return Done
	case s.Event == journal.Finished:
		return Failed
	case s.Event == journal.Interrupted || !alive:
		return Interrupted
	case progress == nil:
		return Running
	}
	return pace(s, progress, now)
}

// pace judges a run that is going on.
func pace(s journal.State, progress *journal.Progress, now time.Time) Verdict {
	if now.Sub(progress.Heartbeat) > silent {
		return Stalled
	}
	moving, watched := now.Sub(s.Last) < quiet, false
	for id, p := range progress.Steps {
		if s.Steps[id].Status != journal.Started {
			continue
		}
		watched = true
		if stalled(p, now) {
			return Stalled
		}
		moving = moving || now.Sub(p.Moved) < quiet
	}
	if watched && !moving || forOperator(s, progress.Steps) {
		return Waiting
	}
	return Running
}

// stalled says that half of the time is over in which something has to move.
func stalled(p journal.StepProgress, now time.Time) bool {
	if p.ForOperator || p.Stall.IsZero() || p.Moved.IsZero() {
		return false
	}
	idle := now.Sub(p.Moved)
	return idle >= quiet && idle >= p.Stall.Sub(p.Moved)/2
}

// steps counts a run's steps. Those that were not needed are done, too.
type steps struct {
	total, done, running, failed, held, pending int
}

func stepsOf(s journal.State) steps {
	n := steps{total: len(s.Plan.Steps)}
	for _, step := range s.Plan.Steps {
		switch s.Steps[step.ID].Status {
		case journal.Done, journal.Skipped:
			n.done++
		case journal.Started:
			n.running++
		case journal.Failed:
			n.failed++
		case journal.Held:
			n.held++
		default:
			n.pending++
		}
	}
	return n
}

// elapsed is for how long the run has been going, or did go.
func elapsed(s journal.State, v Verdict, now time.Time) time.Duration {
	if s.Begun.IsZero() {
		return 0
	}
	end := s.Last
	switch v {
	case Running, Waiting, Stalled:
		end = now
	}
	return max(0, end.Sub(s.Begun))
}

// left is about how long a run still takes: the estimates of what is not done,
// corrected by how long what is done really took. A step that has outlived its
// estimate is taken to go on for a quarter of what it took until it last moved,
// so that it does not seem to take ever longer while nothing moves. It is 0 when
// there are no estimates.
func left(s journal.State, progress map[string]journal.StepProgress, now time.Time) time.Duration {
	agents, charms := correction(s, false), correction(s, true)
	rest := s.Plan
	rest.Steps = make([]plan.Step, 0, len(s.Plan.Steps))
	for _, step := range s.Plan.Steps {
		at := s.Steps[step.ID]
		pace := agents
		if step.Refresh != nil {
			pace = charms
		}
		estimate := time.Duration(float64(step.Estimate) * pace)
		switch at.Status {
		case journal.Pending, "":
			step.Estimate = estimate
		case journal.Started:
			if estimate > 0 {
				spent := max(0, now.Sub(at.Last))
				moved := max(0, progress[step.ID].Moved.Sub(at.Last))
				step.Estimate = max(estimate-spent, max(estimate, moved)/4)
			}
		default:
			continue
		}
		rest.Steps = append(rest.Steps, step)
	}
	return rest.Estimate()
}

// correction is how much longer than estimated the upgrades and the moves took
// that are done, or the refreshes of charms, within bounds. Steps that were tried
// again tell nothing.
func correction(s journal.State, charms bool) float64 {
	var estimated, real time.Duration
	for _, step := range s.Plan.Steps {
		at := s.Steps[step.ID]
		takesTime := step.Kind == plan.ModelUpgrade || step.Kind == plan.Migrate
		if charms {
			takesTime = step.Kind == plan.RefreshCharm
		}
		if takesTime && at.Status == journal.Done && at.Attempts == 1 && step.Estimate > 0 {
			estimated += step.Estimate
			real += at.Last.Sub(at.Began)
		}
	}
	if estimated <= 0 || real <= 0 {
		return 1
	}
	return min(4, max(0.25, float64(real)/float64(estimated)))
}
