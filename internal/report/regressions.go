package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/journal"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

// regressions draws what is worse than it was before, and only that.
func (p *page) regressions(s journal.State) {
	all := worse(&s)
	ofCharms := slices.ContainsFunc(all, func(r regression) bool { return len(r.since) > 0 })
	var rows []line
	for _, r := range all {
		row := line{say("%s", modelOf(r.step)), say("%s", clean(r.health.Agent))}
		if ofCharms {
			row = append(row, say("%s", sinceWords(r.since)))
		}
		rows = append(rows, append(row, say("%s %s", orDash(r.health.Before.Status), p.style.arrow()).and(condition(r.health.After))))
	}
	if len(rows) == 0 {
		return
	}
	p.heading(fmt.Sprintf("%s since before the run", count(len(rows), "regression")))
	more := len(rows) - modelRows
	p.table(2, rows[:min(len(rows), modelRows)])
	if more > 0 {
		p.line(say("  %s %d more (--format yaml shows all)", p.style.ellipsis(), more))
	}
}

func (s span) and(text string) span {
	s.text += " " + text
	return s
}

func condition(c fleet.Condition) string {
	s := orDash(c.Status)
	if c.Message != "" {
		s += ": " + clean(c.Message)
	}
	return s
}

// regression is what is worse than it was, and what it is worse since.
type regression struct {
	step   *plan.Step
	since  []string
	health fleet.Regression
}

// worse are the regressions of a run, in the order of its plan. What several steps have
// seen, each after a refresh of its own, is one.
func worse(s *journal.State) []regression {
	var out []regression
	for i := range s.Plan.Steps {
		step := &s.Plan.Steps[i]
		for _, r := range s.Steps[step.ID].Record.Regressions {
			k := slices.IndexFunc(out, func(o regression) bool {
				return step.Refresh != nil && o.step.Refresh != nil && o.step.Model == step.Model && o.health.Agent == r.Agent
			})
			if k < 0 {
				k = len(out)
				out = append(out, regression{step: step, health: r})
			}
			if step.Refresh != nil {
				out[k].since = append(out[k].since, clean(step.Refresh.Application))
			}
		}
	}
	return out
}

// sinceWords say after what a regression came.
func sinceWords(apps []string) string {
	if len(apps) == 0 {
		return ""
	}
	return "since the refresh of " + strings.Join(apps, " or ")
}

// modelOf names the model of a step, whatever application the step is about.
func modelOf(step *plan.Step) string {
	if step.Refresh == nil {
		return subject(*step)
	}
	return clean(step.Where().Name + ":" + step.Model.Name)
}
