package report

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/journal"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

// Summary draws what a run that has ended came to. dir is its directory.
func Summary(w io.Writer, s journal.State, dir string, now time.Time, style Style) error {
	p := &page{style: style}
	v := VerdictOf(s, nil, false, now)
	a := arrivedOf(&s)
	p.summaryHead(&s, v, a, now)
	p.notSeen(&s, a)
	p.goingOn(&s, v)
	p.whereabouts(&s, v)
	p.newController(&s, dir, v)
	p.underWay(s, nil, v, now)
	p.failures(s, now)
	p.heldSteps(s)
	p.leftOut(&s.Plan)
	p.gone(s)
	p.unplanned(s)
	p.regressions(s)
	p.toSeeTo(&s, v)
	p.blank()
	p.results(s, dir)
	if words := notPart(&s.Plan); words != "" {
		p.sentence(line{say("Not part of this: ")}, words)
	}
	if dir != "" {
		p.line(say("Journal: %s/journal.jsonl", strings.TrimRight(clean(dir), "/")))
	}
	p.next(&s, v)
	return p.flush(w)
}

// achieved draws in a status what the summary said of a run that has ended.
func (p *page) achieved(s *journal.State) {
	if len(s.Plan.Steps) == 0 {
		return
	}
	a := arrivedOf(s)
	switch r := refreshedOf(s); {
	case len(a.controllers)+a.models+len(movedOnes(s)) > 0:
		p.sentence(nil, "Arrived: "+p.arrivedWords(s, a)+".")
	case r.done > 0:
		p.sentence(nil, "Charms: "+r.words()+".")
	}
	p.notSeen(s, a)
}

// notSeen draws what nobody has seen arrive.
func (p *page) notSeen(s *journal.State, a arrived) {
	switch {
	case a.notShown > 0 && s.Plan.Target != nil && len(a.controllers)+a.models == 0:
		p.sentence(nil, fmt.Sprintf("The version of %s is not shown by the controller.", count(a.notShown, "agent")))
	case a.notShown > 0:
		p.sentence(nil, fmt.Sprintf("%s not shown by the controller: whether %s arrived cannot be told from here.", count(a.notShown, "agent"), they(a.notShown)))
	}
	p.absent(&s.Plan)
	p.notWaitedForUnits(s)
}

// outcomes draws the results in a part of their own, if there are any.
func (p *page) outcomes(s journal.State) {
	part := &page{style: p.style}
	part.results(s, "")
	if part.b.Len() > 0 {
		p.blank()
		p.b.WriteString(part.b.String())
	}
}

// gone names the models and the applications that were there when the plan was made, and are not now.
func (p *page) gone(s journal.State) {
	var names []string
	models := map[string]bool{}
	for i := range s.Plan.Steps {
		step := &s.Plan.Steps[i]
		changes := step.Kind == plan.ModelUpgrade && !step.OnTarget() || step.Kind == plan.Migrate ||
			step.Kind == plan.RefreshCharm && !models[step.Model.UUID]
		name := clean(subject(*step))
		if changes && s.Steps[step.ID].Status == journal.Skipped && !slices.Contains(names, name) {
			names = append(names, name)
			models[step.Model.UUID] = models[step.Model.UUID] || step.Refresh == nil
		}
	}
	if len(names) > 0 {
		p.blank()
		p.sentence(line{say("No longer there: ")}, someOf(names)+".")
	}
}

// unplanned names the models that appeared since the plan was made.
func (p *page) unplanned(s journal.State) {
	if len(s.Unplanned) > 0 {
		p.blank()
		words := "New since the plan was made, and behind: "
		if s.Plan.Target != nil {
			words = "New since the plan was made, and not moved: "
		}
		p.sentence(line{yellow.say("%s", words)}, clean(someOf(s.Unplanned))+".")
	}
}

func (p *page) summaryHead(s *journal.State, v Verdict, a arrived, now time.Time) {
	preposition := "after"
	if v == Done {
		preposition = "in"
	}
	words := p.arrivedWords(s, a)
	n := stepsOf(*s)
	switch {
	case n.total == 0:
		words = "nothing was to be done"
	case v != Done:
		words += "; " + counted(n)
	}
	p.headline(v, " ", preposition+" "+took(elapsed(*s, v, now))+": "+words+".")
}

// absent names the agents that were accepted as absent: they have not arrived.
func (p *page) absent(full *plan.Plan) {
	var names []string
	told := map[[3]string]bool{} // a model is upgraded, moved and upgraded again
	for i := range full.Steps {
		step := &full.Steps[i]
		if step.Kind != plan.ControllerUpgrade && step.Kind != plan.ModelUpgrade {
			continue
		}
		for _, name := range step.Absent {
			if of := [3]string{step.Controller.UUID, step.Model.UUID, name}; !told[of] {
				told[of] = true
				names = append(names, clean(name)+" ("+subject(*step)+")")
			}
		}
	}
	if len(names) > 0 {
		p.sentence(line{yellow.say("Absent, as accepted: ")}, join(names)+".")
	}
}

// leavesOut says that blockers or the operator have left something out.
func leavesOut(full *plan.Plan) bool {
	return slices.ContainsFunc(tallies(full), func(t tally) bool { return t.stuck() })
}

// leftOut names what the plan left out, and why.
func (p *page) leftOut(full *plan.Plan) {
	var names []string
	byOption := 0
	for _, t := range tallies(full) {
		c := t.controller
		byOption += t.leftOut
		switch {
		case c.Problem != nil:
			names = append(names, fmt.Sprintf("%s (not looked at: %s)", clean(c.Name), c.Problem.Code))
			continue
		case c.Disposition == plan.Held:
			names = append(names, t.whatIsStuck(true)[0]+parenthesis(strings.Join(controllerCodes(c), ", ")))
			continue
		}
		for _, m := range t.held {
			names = append(names, clean(c.Name)+":"+clean(m.Name)+parenthesis(strings.Join(m.Codes, ", ")))
		}
		names = append(names, heldNames(t.charms.held, clean(c.Name)+":", true)...)
	}
	if byOption > 0 {
		names = append(names, count(byOption, "model")+" by -m or --exclude")
	}
	apps, _ := charmsOf(tallies(full))
	if apps.leftOut > 0 {
		names = append(names, count(apps.leftOut, "application")+" by --app or --exclude-app")
	}
	names = append(names, apps.alone()...)
	if len(names) == 0 {
		return
	}
	p.blank()
	p.sentence(line{yellow.say("Left out: ")}, strings.Join(names, ", ")+".")
}

func parenthesis(s string) string {
	if s == "" {
		return ""
	}
	return " (" + clean(s) + ")"
}

// notPart names what an operator might expect of a run, and has to see to; empty when
// that is nothing.
func notPart(full *plan.Plan) string {
	if full.Target == nil {
		return notPartInPlace(full)
	}
	source := "the source"
	if len(full.Controllers) > 0 {
		source = clean(full.Controllers[0].Name)
	}
	var what []string
	switch full.Goal.Clone {
	case fleet.CloneRestore:
	case fleet.CloneNative:
		what = []string{"users' passwords"}
	default:
		what = []string{"users' passwords", "the clouds and the configuration of " + source}
	}
	if !full.Goal.Refreshes() {
		what = append(what, "charms")
	}
	if len(what) == 0 {
		return fmt.Sprintf("%s itself, which stays: left running, never destroyed.", source)
	}
	return fmt.Sprintf("%s. %s itself stays: left running, never destroyed.", strings.Join(what, ", "), source)
}

func notPartInPlace(full *plan.Plan) string {
	var what []string
	switch {
	case !full.Goal.UpgradesAgents():
		what = append(what, "agents and controllers (juju upgrade-all)")
	case full.Goal.Refreshes() && !full.Goal.UpgradesController():
		what = append(what, "the controller and its charm")
	case !full.Goal.Refreshes():
		what = append(what, "charms (juju upgrade-all --charms-only)")
	}
	what = append(what, databases(full)...)
	if !full.Goal.Refreshes() {
		what = append(what, "the controller charm")
	}
	if len(what) == 0 {
		return ""
	}
	return strings.Join(what, ", ") + "."
}

// databases are what the controllers have their databases in, which nothing of this
// upgrades: a snap on machines, an image on Kubernetes. Juju 4 has its own.
func databases(full *plan.Plan) []string {
	snap, image := false, false
	for i := range full.Controllers {
		c := &full.Controllers[i]
		switch {
		case c.From.Major >= 4:
		case slices.ContainsFunc(c.Models, func(m plan.Model) bool { return m.IsController && m.Cluster != "" }):
			image = true
		default:
			snap = true
		}
	}
	var what []string
	if snap {
		what = append(what, "the juju-db snap")
	}
	if image {
		what = append(what, "the juju-db image")
	}
	return what
}

// results draws what the steps have left, and that nothing is worse. dir is the
// run's directory, if that is known.
func (p *page) results(s journal.State, dir string) {
	verifications, verified, compared, worse := 0, 0, 0, 0
	agents := map[fleet.Ref]int{} // a model that is upgraded and moves is compared twice
	for i := range s.Plan.Steps {
		step := &s.Plan.Steps[i]
		at := s.Steps[step.ID]
		if step.Kind == plan.Backup && at.Record.Result != "" {
			p.line(say("Backup: %s", clean(at.Record.Result)))
		}
		if step.Kind == plan.Verify && at.Status != journal.Skipped {
			verifications++
		}
		worse += len(at.Record.Regressions)
		if step.Kind == plan.Verify && at.Status == journal.Done {
			verified++
			compared += at.Record.There - agents[step.Model]
			if step.Model.UUID != "" {
				agents[step.Model] = at.Record.There
			}
		}
	}
	p.ofMove(&s, dir)
	if verified == 0 || worse > 0 {
		return
	}
	words := "Regressions: none"
	if verified < verifications {
		words += " so far"
	}
	if compared > 0 {
		words += " (" + count(compared, "agent") + " compared)"
	}
	p.line(say("%s.", words))
}
