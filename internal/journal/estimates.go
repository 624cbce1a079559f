package journal

import (
	"slices"
	"time"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

const (
	// estimateRuns is how many of the newest runs estimates come from: older
	// ones tell of other hardware and other versions, and cost time to read.
	estimateRuns = 20
	// estimateModels is how many of the newest models are looked at, because
	// each is compared with each.
	estimateModels = 200
	// fewestForLine is how many models it takes to tell what an agent adds.
	fewestForLine = 4
)

// Estimates tells how long things took in the newest runs of this client:
// medians, so that one slow night does not spoil them. What no run tells of is
// guessed. A run whose files cannot be read tells nothing.
func (s Store) Estimates() plan.Estimates {
	out := plan.Guesses()
	runs, err := s.Runs()
	if err != nil {
		return out
	}
	var t took
	for _, run := range slices.Backward(runs[max(0, len(runs)-estimateRuns):]) {
		if state, err := s.Load(run); err == nil && t.add(state) {
			out.Runs++
		}
	}
	if len(t.backups) > 0 {
		out.Backup = ceil(median(t.backups), time.Second)
	}
	if len(t.controllers) > 0 {
		out.Controller = ceil(median(t.controllers), time.Second)
	}
	out.Model, out.Agent = fit(t.models, out)
	if len(t.migrations) > 0 {
		out.Migration = ceil(median(t.migrations), time.Second)
	}
	return out
}

// took is how long steps took.
type took struct {
	backups, controllers []time.Duration
	// migrations are without what their agents are reckoned to add.
	migrations []time.Duration
	models     []modelTook
}

type modelTook struct {
	agents int
	time   time.Duration
}

// add takes in what a run tells, and says whether that is anything.
func (t *took) add(state State) bool {
	told := false
	for _, step := range state.Plan.Steps {
		d, ok := duration(state.Steps[step.ID])
		if !ok {
			continue
		}
		switch step.Kind {
		case plan.Backup:
			t.backups = append(t.backups, d)
		case plan.ControllerUpgrade:
			t.controllers = append(t.controllers, d)
		case plan.ModelUpgrade:
			if len(t.models) < estimateModels {
				t.models = append(t.models, modelTook{agents: max(0, step.Agents-len(step.Absent)), time: d})
			}
		case plan.Migrate:
			t.migrations = append(t.migrations, max(0, d-time.Duration(step.Agents)*plan.Guesses().Agent))
		default:
			continue
		}
		told = true
	}
	return told
}

// duration is how long a step took: only one that was done in one go, and that
// had something to do, tells.
func duration(s StepState) (time.Duration, bool) {
	d := s.Last.Sub(s.Began)
	return d, s.Status == Done && s.Attempts == 1 && s.Changed && d > 0
}

// fit tells what a model takes, and what each of its agents adds. When all models
// are about as large as each other there is no telling these apart: then both are
// as in the guess, in proportion.
func fit(models []modelTook, guess plan.Estimates) (base, agent time.Duration) {
	if len(models) == 0 {
		return guess.Model, guess.Agent
	}
	slope, ok := slope(models)
	if !ok {
		ratios := make([]float64, len(models))
		for i, m := range models {
			ratios[i] = float64(m.time) / float64(guess.Model+time.Duration(m.agents)*guess.Agent)
		}
		ratio := median(ratios)
		base = time.Duration(ratio * float64(guess.Model))
		agent = time.Duration(ratio * float64(guess.Agent))
		return ceil(base, time.Second), ceil(agent, time.Millisecond)
	}
	rests := make([]time.Duration, len(models))
	for i, m := range models {
		rests[i] = m.time - time.Duration(m.agents)*slope
	}
	return ceil(max(0, median(rests)), time.Second), ceil(slope, time.Millisecond)
}

// slope is the median of what one agent more adds, over all pairs of models
// (Theil and Sen), and never negative; false when the models do not tell.
func slope(models []modelTook) (time.Duration, bool) {
	bySize := func(a, b modelTook) int { return a.agents - b.agents }
	smallest, largest := slices.MinFunc(models, bySize).agents, slices.MaxFunc(models, bySize).agents
	if len(models) < fewestForLine || largest < 2*max(1, smallest) {
		return 0, false
	}
	var slopes []time.Duration
	for i, a := range models {
		for _, b := range models[:i] {
			if a.agents != b.agents {
				slopes = append(slopes, (a.time-b.time)/time.Duration(a.agents-b.agents))
			}
		}
	}
	return max(0, median(slopes)), true
}

// median is the upper of the two in the middle: rather too long than too short.
func median[T time.Duration | float64](of []T) T {
	sorted := slices.Sorted(slices.Values(of))
	return sorted[len(sorted)/2]
}

// ceil rounds up to whole units.
func ceil(d, unit time.Duration) time.Duration { return (d + unit - 1) / unit * unit }
