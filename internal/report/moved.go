package report

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/journal"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

// moveWay is what a plan is about that moves models: "3 models of old to new
// (3.6.11)".
func moveWay(p *plan.Plan) string {
	return orElse(movingOnes(tallies(p)), "models") + " to " + targetWords(p)
}

// movedWords say how many models have moved, and what was seen of them there.
func movedWords(s *journal.State, a arrived) string {
	wanted, moved, behind, last := 0, 0, 0, ""
	var awaited []string
	for _, steps := range movesOf(&s.Plan) {
		if steps.migrate == nil || s.Steps[steps.migrate.ID].Status == journal.Skipped {
			continue
		}
		wanted++
		if s.Steps[steps.migrate.ID].Status != journal.Done {
			continue
		}
		moved++
		last = clean(subject(*steps.migrate))
		if steps.arrive != nil && s.Steps[steps.arrive.ID].Status != journal.Done {
			awaited = append(awaited, clean(steps.migrate.Model.Name))
		}
		if steps.upgrade != nil && s.Steps[steps.upgrade.ID].Status != journal.Done {
			behind++
		}
	}
	var words string
	switch {
	case wanted == 0:
		return "there was nothing to move"
	case moved == 0:
		return "no model has moved"
	case wanted == 1:
		words = last + " moved"
	case moved < wanted:
		words = fmt.Sprintf("%d of %s moved%s", moved, count(wanted, "model"), fromWords(&s.Plan))
	default:
		words = count(moved, "model") + " moved" + fromWords(&s.Plan)
	}
	words += " to " + clean(s.Plan.Target.Name)
	if behind == 0 && len(awaited) == 0 {
		words += ", at " + number(s.Plan.Target.Version)
	}
	return words + agentsThere(a.elsewhere, awaited)
}

// agentsThere says how many agents were seen on the controller that models have moved to,
// and of which models they have not all been.
func agentsThere(agents int, awaited []string) string {
	var seen []string
	if agents > 0 {
		seen = append(seen, count(agents, "agent")+" seen there")
	}
	if len(awaited) > 0 {
		slices.Sort(awaited)
		seen = append(seen, "not all of "+someOf(awaited)+" yet")
	}
	if len(seen) == 0 {
		return ""
	}
	return " (" + strings.Join(seen, ", ") + ")"
}

func fromWords(p *plan.Plan) string {
	if source, ok := sourceOf(p); ok {
		return " from " + source
	}
	return ""
}

// sourceOf names the controller that models leave.
func sourceOf(p *plan.Plan) (name string, ok bool) {
	for _, s := range p.Steps {
		if s.Kind == plan.Migrate {
			return clean(s.Controller.Name), true
		}
	}
	return "", false
}

// moving are the names of the models that Juju is moving, as far as the run knows.
func moving(s *journal.State) []string {
	var out []string
	for i := range s.Plan.Steps {
		step := &s.Plan.Steps[i]
		if step.Kind == plan.Migrate && s.Steps[step.ID].Status == journal.Started {
			out = append(out, clean(step.Model.Name))
		}
	}
	return out
}

// goingOnWords say what Juju does by itself although the run has stopped; "" when
// that is nothing.
func goingOnWords(s *journal.State, abandoned bool) string {
	var out []string
	for _, words := range []string{errandWords(s, abandoned), movingWords(s, abandoned), refreshingWords(s, abandoned)} {
		out = appendWords(out, words)
	}
	return strings.Join(out, " ")
}

func movingWords(s *journal.State, abandoned bool) string {
	names := moving(s)
	if len(names) == 0 {
		return ""
	}
	words := "No call stops a migration: Juju goes on with " + someOf(names) + " by itself"
	if abandoned {
		return words + "."
	}
	return fmt.Sprintf("%s; resume %d picks %s up.", words, s.Run, it(len(names)))
}

func it(n int) string {
	if n == 1 {
		return "it"
	}
	return "them"
}

// they is "it" in front of a verb.
func they(n int) string {
	if n == 1 {
		return "it"
	}
	return "they"
}

// goingOn draws what Juju does by itself.
func (p *page) goingOn(s *journal.State, v Verdict) {
	if v.live() {
		return
	}
	if words := goingOnWords(s, v == Abandoned); words != "" {
		p.blank()
		p.sentence(nil, words)
	}
}

// cautionsOf are what must not be done now, and what was left behind.
func cautionsOf(s *journal.State, v Verdict) []string {
	source, ok := sourceOf(&s.Plan)
	if !ok || s.Plan.Target == nil {
		return nil
	}
	var out []string
	moved, gone := movedOnes(s), len(moving(s))
	switch {
	case len(moved) > 0:
		out = append(out, fmt.Sprintf("Do not restore a backup of %s: %s moved, and %s.", source, have(len(moved)), twoOwners(&s.Plan)))
	case gone > 0:
		out = append(out, fmt.Sprintf("Do not restore a backup of %s while a model moves: %s.", source, twoOwners(&s.Plan)))
	}
	for i := range s.Plan.Steps {
		step := &s.Plan.Steps[i]
		at := s.Steps[step.ID]
		if step.Kind == plan.Migrate && at.Status == journal.Done && at.Record.Result != "" {
			out = append(out, strings.TrimSuffix(clean(at.Record.Result), ".")+".")
		}
	}
	out = appendWords(out, accountLeft(s, v))
	return append(out, makingCautions(s, v)...)
}

func have(n int) string {
	if n == 1 {
		return "a model has"
	}
	return fmt.Sprintf("%d models have", n)
}

// accountLeft says that the run's superuser may still be on the target, once a run
// has ended without having removed it.
func accountLeft(s *journal.State, v Verdict) string {
	used := false
	var tried, removal time.Time
	for i := range s.Plan.Steps {
		step := &s.Plan.Steps[i]
		at := s.Steps[step.ID]
		switch step.Kind {
		case plan.Migrate:
			used = used || at.Changed || at.Status == journal.Started
			if at.Tried.After(tried) {
				tried = at.Tried
			}
		case plan.RemoveAccounts:
			if at.Status == journal.Done || at.Status == journal.Skipped {
				removal = at.Last
			}
		}
	}
	// A later attempt makes an account of its own; one that got to its end has looked
	// for it.
	removed := !removal.IsZero() && (s.Event == journal.Finished || !removal.Before(tried))
	target := clean(s.Plan.Target.Name)
	switch {
	case !used || removed:
		return ""
	case s.Event == journal.Abandoned:
		return fmt.Sprintf("The run's temporary superuser may still be on %s: 'juju upgrade-all abandon %d' looks for it again, and removes it.", target, s.Run)
	case v == Interrupted || s.Event == journal.Finished: // or killed, and then there is no such event
		return fmt.Sprintf("The run's temporary superuser may still be on %s: resume %d removes it.", target, s.Run)
	}
	return ""
}

// ofMove draws what a move leaves to be handed on.
func (p *page) ofMove(s *journal.State, dir string) {
	if n := registrations(s); n > 0 {
		file := inDir(dir, journal.RegistrationsName)
		p.sentence(nil, fmt.Sprintf("Registrations: %s (0600), for %s: send each their own string.", file, count(n, "new user")))
	}
}

// registrations counts the users that the run has made, and that may log in: one who existed already has
// a result that says so.
func registrations(s *journal.State) int {
	n := 0
	for i := range s.Plan.Steps {
		step := &s.Plan.Steps[i]
		at := s.Steps[step.ID]
		passed := step.User != nil && (step.User.Password || step.User.Disabled)
		if step.Kind == plan.AddUser && at.Status == journal.Done && at.Record.Result == "" && !passed {
			n++
		}
	}
	return n
}

// lookAtMoved is the command that shows the first model that has moved, where it
// is now.
func lookAtMoved(s *journal.State) []nextCommand {
	i := slices.IndexFunc(s.Plan.Steps, func(step plan.Step) bool {
		return step.Kind == plan.Migrate && s.Steps[step.ID].Status == journal.Done
	})
	if i < 0 {
		return nil
	}
	step := s.Plan.Steps[i]
	return []nextCommand{{juju: "juju status -m " + clean(step.Target.Name+":"+step.Model.Name), why: "shows a model that has moved"}}
}

// handingOver are the commands that see a move to its end: users come over, and the
// source is seen to be empty.
func handingOver(s *journal.State) []nextCommand {
	var out []nextCommand
	source, ok := sourceOf(&s.Plan)
	if ok && len(s.Plan.People) > 0 {
		why := "who has come to " + clean(s.Plan.Target.Name)
		if n := registrations(s); n > 0 {
			why = count(n, "user") + " to register: what to send, and who has come"
		}
		out = append(out, nextCommand{args: fmt.Sprintf("handover %d", s.Run), why: why})
	}
	if ok && len(movedOnes(s)) > 0 {
		out = append(out, nextCommand{args: fmt.Sprintf("leftovers %d", s.Run), why: "what still needs " + source + ", and how it is removed"})
	}
	return out
}
