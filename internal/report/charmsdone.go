package report

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/journal"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

// refreshed counts the refreshes of a run.
type refreshed struct {
	// wanted are all of them but those whose application is gone.
	done, wanted, units int
	// one is the last of those wanted.
	one string
}

func refreshedOf(s *journal.State) refreshed {
	var r refreshed
	for i := range s.Plan.Steps {
		step := &s.Plan.Steps[i]
		at := s.Steps[step.ID]
		if step.Kind != plan.RefreshCharm || step.Refresh == nil || at.Status == journal.Skipped {
			continue
		}
		r.wanted++
		r.one = subject(*step)
		if at.Status == journal.Done {
			r.done++
			r.units += at.Record.There
		}
	}
	return r
}

// words say how many applications were refreshed; "" where none was to be.
func (r refreshed) words() string {
	what := count(r.wanted, "application")
	switch {
	case r.wanted == 0:
		return ""
	case r.done == 0 && r.wanted == 1:
		return r.one + " not refreshed"
	case r.done == 0:
		return "none of " + what + " refreshed"
	case r.done < r.wanted:
		what = fmt.Sprintf("%d of %s", r.done, what)
	}
	what += " refreshed"
	if r.units > 0 {
		what += " (" + count(r.units, "unit") + " seen there)"
	}
	return what
}

// ofCharm says what a refresh brings: "1/stable 1 → 2, box 1 → 2".
func (s Style) ofCharm(step *plan.Step) string {
	r := step.Refresh
	from, to := r.Revisions()
	if r.File != "" {
		return revision(from) + " " + s.arrow() + " " + clean(r.File)
	}
	parts := resourceWords(s, r.Resources)
	if from != to {
		parts = append([]string{revision(from) + " " + s.arrow() + " " + revision(to)}, parts...)
	}
	return strings.TrimSpace(clean(r.Channel) + " " + strings.Join(parts, ", "))
}

// refreshingWords say which refreshes Juju goes on with by itself although the run has
// stopped; "" when there are none. Whether it was asked for one that has begun is not
// known before somebody looks.
func refreshingWords(s *journal.State, abandoned bool) string {
	var names []string
	for i := range s.Plan.Steps {
		step := &s.Plan.Steps[i]
		if step.Kind == plan.RefreshCharm && s.Steps[step.ID].Status == journal.Started {
			names = append(names, subject(*step))
		}
	}
	if len(names) == 0 {
		return ""
	}
	words := someOf(names) + ": where Juju has accepted the refresh, the units go on to the new charm by themselves"
	if abandoned {
		return words + "."
	}
	return fmt.Sprintf("%s; resume %d looks again, and picks %s up.", words, s.Run, it(len(names)))
}

// missing draws the agents, or the units, that have not arrived.
func (p *page) missing(step *plan.Step, all []fleet.Agent, now time.Time) {
	if step.Kind != plan.RefreshCharm {
		p.agents(6, all, now)
		return
	}
	if len(all) == 0 {
		return
	}
	rows := []line{{dim.say("UNIT"), dim.say("AGENT"), dim.say("WORKLOAD"), dim.say("SINCE"), dim.say("MESSAGE")}}
	for _, a := range all[:min(agentRows, len(all))] {
		what, text := a.Health, message(a)
		if a.State.Status != "idle" || what.Since.IsZero() {
			what.Since = a.State.Since
		}
		rows = append(rows, line{
			say("%s", clean(a.Name)), say("%s", orDash(a.State.Status)), say("%s", orDash(a.Health.Status)),
			say("%s", orDash(since(what.Since, now))), say("%s", text),
		})
	}
	p.table(6, rows)
	if more := len(all) - agentRows; more > 0 {
		p.line(say("      %s %d more (--format yaml shows all)", p.style.ellipsis(), more))
	}
}

// notWaitedForUnits names the units that were accepted as they are: they may still run
// the old charm.
func (p *page) notWaitedForUnits(s *journal.State) {
	var names []string
	for i := range s.Plan.Steps {
		step := &s.Plan.Steps[i]
		if step.Kind != plan.RefreshCharm || step.Refresh == nil || s.Steps[step.ID].Status != journal.Done {
			continue
		}
		for _, name := range step.Absent {
			if unit, ok := strings.CutPrefix(name, "unit "+step.Refresh.Application+"/"); ok {
				names = append(names, clean(step.Refresh.Application+"/"+unit)+" ("+clean(step.Where().Name+":"+step.Model.Name)+")")
			}
		}
	}
	if len(names) > 0 {
		p.sentence(line{yellow.say("Not waited for, as accepted: ")}, someOf(names)+". They may still run the old charm.")
	}
}

// failedItself says that a step only looks after an application whose refresh failed.
func failedItself(s *journal.State, step *plan.Step) bool {
	if step.Refresh == nil || step.Kind != plan.Verify {
		return false
	}
	return slices.ContainsFunc(step.Needs, func(id string) bool { return s.Steps[id].Status == journal.Failed })
}
