package report

import (
	"fmt"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/journal"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

// refreshed counts the refreshes of a run.
type refreshed struct {
	// wanted are all of them but those whose application is gone.
	done, wanted, units int
}

func refreshedOf(s *journal.State) refreshed {
	var r refreshed
	for i := range s.Plan.Steps {
		step := &s.Plan.Steps[i]
		at := s.Steps[step.ID]
		if step.Kind != plan.RefreshCharm || at.Status == journal.Skipped {
			continue
		}
		r.wanted++
		if at.Status == journal.Done {
			r.done++
			r.units += at.Record.There
		}
	}
	return r
}

// words say how many applications were refreshed; "" where none was to be.
func (r refreshed) words() string {
	switch {
	case r.wanted == 0:
		return ""
	case r.done == 0 && r.wanted == 1:
		return "its application not refreshed yet"
	case r.done == 0:
		return fmt.Sprintf("none of %s refreshed yet", count(r.wanted, "application"))
	case r.done < r.wanted:
		return fmt.Sprintf("%d of %s refreshed", r.done, count(r.wanted, "application"))
	}
	return count(r.wanted, "application") + " refreshed" + parenthesis(unitsWords(r.units))
}

func unitsWords(n int) string {
	if n == 0 {
		return ""
	}
	return count(n, "unit") + " run the new charms"
}

// ofCharm says what a refresh brings: "1/stable 1 → 2, box 1 → 2".
func (s Style) ofCharm(step *plan.Step) string {
	r := step.Refresh
	from, to := r.Revisions()
	words := clean(r.Channel)
	switch {
	case r.File != "":
		words = revision(from) + " " + s.arrow() + " " + clean(r.File)
	case from != to:
		words += " " + revision(from) + " " + s.arrow() + " " + revision(to)
	}
	if resources := resourceWords(s, r.Resources); resources != "" {
		if words != "" {
			words += ", "
		}
		words += resources
	}
	return words
}
