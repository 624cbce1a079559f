package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/journal"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

// cloned counts what a run was to clone, by what has come of it.
type cloned struct {
	// given was cloned; there was on the target already; gone is no longer on the
	// source. failed failed, and waiting has not come to an end.
	given, there, gone, failed, waiting int
	// kinds counts by kind what is on the target now.
	kinds map[fleet.ItemKind]int
}

// ended counts what there is nothing more to do about.
func (c cloned) ended() int { return c.given + c.there + c.gone }

func (c cloned) all() int { return c.ended() + c.failed + c.waiting }

func clonedOf(s *journal.State) cloned {
	out := cloned{kinds: map[fleet.ItemKind]int{}}
	for i := range s.Plan.Steps {
		step := &s.Plan.Steps[i]
		if step.Kind != plan.CloneItem {
			continue
		}
		at := s.Steps[step.ID]
		switch {
		case at.Status == journal.Done && at.Changed:
			out.given++
		case at.Status == journal.Done:
			out.there++
		case at.Status == journal.Skipped:
			out.gone++
		case at.Status == journal.Failed, at.Status == journal.Held:
			out.failed++
		default:
			out.waiting++
		}
		if at.Status == journal.Done && step.Item != nil {
			out.kinds[step.Item.Kind]++
		}
	}
	return out
}

// clonedWords are "28 of 30: 2 clouds, 12 configuration keys, …".
func clonedWords(c cloned) string {
	words := fmt.Sprintf("%d of %s", c.given+c.there, count(c.all(), "thing"))
	var kinds []string
	for _, of := range []struct {
		kind  fleet.ItemKind
		thing string
	}{
		{fleet.CloudItem, "cloud"}, {fleet.CloudAccessItem, "grant of cloud access"}, {fleet.ConfigItem, "configuration key"},
		{fleet.ModelDefaultItem, "model default"}, {fleet.BackendItem, "secret backend"},
	} {
		switch n := c.kinds[of.kind]; {
		case of.kind == fleet.CloudAccessItem && n > 1:
			kinds = append(kinds, fmt.Sprintf("%d grants of cloud access", n))
		case n > 0:
			kinds = append(kinds, count(n, of.thing))
		}
	}
	if len(kinds) > 0 {
		words += ": " + strings.Join(kinds, ", ")
	}
	if c.there > 0 {
		words += fmt.Sprintf("; %d of them %s there already", c.there, were(c.there))
	}
	if c.gone > 0 {
		words += fmt.Sprintf("; %d no longer on the source", c.gone)
	}
	return words
}

func were(n int) string {
	if n == 1 {
		return "was"
	}
	return "were"
}

// prepares says that the run makes the controller that models move to, or gives it
// more than users.
func prepares(p *plan.Plan) bool {
	return slices.ContainsFunc(p.Steps, func(s plan.Step) bool {
		switch s.Kind {
		case plan.MakeController, plan.EnableHA, plan.CloneItem, plan.RestoreCopy:
			return true
		}
		return false
	})
}

// newController draws what has become of the controller that models move to.
func (p *page) newController(s *journal.State, dir string, v Verdict) {
	if s.Plan.Target == nil || !prepares(&s.Plan) {
		return
	}
	name := clean(s.Plan.Target.Name)
	p.heading("What " + name + " has become")
	var rows []line
	add := func(label, words string) { rows = append(rows, line{say("%s", label), say("%s", words)}) }
	if step := stepOf(&s.Plan, plan.MakeController); step != nil {
		add("bootstrap", bootstrapStands(s, step, dir, v))
	}
	if step := stepOf(&s.Plan, plan.EnableHA); step != nil {
		add("servers", haStands(s, step, v))
	}
	if step := stepOf(&s.Plan, plan.RestoreCopy); step != nil {
		add("restore", restoreStands(s, step, v))
	}
	if clones(&s.Plan) > 0 {
		add("cloned", clonedWords(clonedOf(s)))
	}
	if words := madeUsers(s); words != "" {
		add("users", words)
	}
	p.labelledRows(rows)
	p.asItIs(s)
}

// bootstrapStands says how far the making of the controller is.
func bootstrapStands(s *journal.State, step *plan.Step, dir string, v Verdict) string {
	t := s.Plan.Target
	at, log := s.Steps[step.ID], "what it wrote: "+inDir(dir, bootstrapLog)
	switch at.Status {
	case journal.Done, journal.Skipped:
		words := clean(t.Name) + parenthesis(t.Place) + " at " + number(t.Version)
		if uuid := s.Target().UUID; uuid != "" {
			words += ", UUID " + clean(uuid)
		}
		return words + "; " + log
	case journal.Failed:
		if !at.Changed {
			return "failed, nothing was made"
		}
	case journal.Held, journal.Pending, "":
		return standsWords(at, v)
	case journal.Started:
	}
	return standsWords(at, v) + "; " + log
}

// inDir names a file of the run.
func inDir(dir, file string) string {
	if dir == "" {
		return file + " in the run's directory"
	}
	return strings.TrimRight(clean(dir), "/") + "/" + file
}

func haStands(s *journal.State, step *plan.Step, v Verdict) string {
	at := s.Steps[step.ID]
	switch {
	case at.Status == journal.Done:
		return fmt.Sprintf("%d, all of them serving", step.Servers)
	case at.Record.Awaited > 0:
		return fmt.Sprintf("%d of %d serving", at.Record.There, at.Record.Awaited)
	}
	return fmt.Sprintf("%d wanted; %s", step.Servers, standsWords(at, v))
}

func restoreStands(s *journal.State, step *plan.Step, v Verdict) string {
	at := s.Steps[step.ID]
	if at.Status == journal.Done {
		return "what the backup of " + clean(step.Controller.Name) + " had besides models is there, " + count(len(step.Names), "user") + " among it"
	}
	return standsWords(at, v)
}

func standsWords(at journal.StepState, v Verdict) string {
	switch at.Status {
	case journal.Started:
		if v.live() {
			return "under way"
		}
		return "begun, and not seen to have ended"
	case journal.Pending, "":
		return "not begun"
	}
	return string(at.Status)
}

// madeUsers says how many users the run has made, and how they get in.
func madeUsers(s *journal.State) string {
	wanted, made, passwords := 0, 0, 0
	for i := range s.Plan.Steps {
		step := &s.Plan.Steps[i]
		if step.Kind != plan.AddUser {
			continue
		}
		wanted++
		if s.Steps[step.ID].Status == journal.Done {
			made++
			if step.User != nil && step.User.Password {
				passwords++
			}
		}
	}
	if wanted == 0 {
		return ""
	}
	words := fmt.Sprintf("%d of %s there", made, count(wanted, "user"))
	if n := registrations(s); n > 0 {
		words += fmt.Sprintf(", %d to register", n)
	}
	if passwords > 0 {
		words += fmt.Sprintf(", %d with the password that was given", passwords)
	}
	return words
}

// asItIs draws what was found on the target that is not as on the source, and how
// to compare and to change it.
func (p *page) asItIs(s *journal.State) {
	const most = 3
	source, target := sourceName(&s.Plan), s.Plan.Target.Name
	for _, group := range differing(s) {
		names := make([]string, len(group.items))
		for i, item := range group.items {
			names[i] = itemWords(item)
		}
		p.sentence(line{yellow.say("  ! ")}, p.style.listed(names, itemsNamed)+": "+group.reason)
		for _, item := range group.items[:min(most, len(group.items))] {
			p.commands("see:", []string{compareItem(source, item), compareItem(target, item)})
			p.commands("fix:", []string{takeItem(target, item)})
		}
	}
}

// differs are items of which the run says the same.
type differs struct {
	reason string
	items  []fleet.Item
}

// differing are the items that were found on the target and are not as on the source.
func differing(s *journal.State) []differs {
	var out []differs
	for i := range s.Plan.Steps {
		step := &s.Plan.Steps[i]
		at := s.Steps[step.ID]
		if step.Kind != plan.CloneItem || step.Item == nil || at.Status != journal.Done || at.Record.Result == "" {
			continue
		}
		reason := clean(at.Record.Result)
		k := slices.IndexFunc(out, func(d differs) bool { return d.reason == reason })
		if k < 0 {
			k = len(out)
			out = append(out, differs{reason: reason})
		}
		out[k].items = append(out[k].items, *step.Item)
	}
	return out
}
