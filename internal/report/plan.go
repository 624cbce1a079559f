package report

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/juju/version/v2"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

// Plan draws what is going to be done, what stands in the way, and the exact
// next command.
func Plan(w io.Writer, p plan.Plan, style Style) error {
	out := drawn(p, style)
	out.command(&p)
	return out.flush(w)
}

// PlanToRun draws a plan that is about to be asked about and carried out: there
// is no next command to type.
func PlanToRun(w io.Writer, p plan.Plan, style Style) error {
	return drawn(p, style).flush(w)
}

func drawn(p plan.Plan, style Style) *page {
	out := &page{style: style}
	out.client(p.Client)
	for _, t := range tallies(&p) {
		out.blank()
		out.controller(&p, t)
	}
	if len(p.Controllers) == 0 {
		out.blank()
		out.line(say("There is no controller to look at: juju register, or juju bootstrap."))
	}
	if p.Target != nil {
		out.noReturn(&p)
	}
	notCloned, findings := notClonedOf(p.Findings)
	out.notClonedYet(notCloned)
	if len(findings) > 0 {
		out.heading("Findings")
		out.findings(findings, findingOptions{choices: true})
	}
	out.blank()
	out.verdict(&p)
	return out
}

func (p *page) client(c plan.ClientLine) {
	what := "no juju on PATH"
	if c.Version != version.Zero {
		what = "juju " + c.Version.String()
		switch {
		case c.Snap && c.Channel != "":
			what += " (snap, " + clean(c.Channel) + ")"
		case c.Snap:
			what += " (snap)"
		case c.Path != "":
			what += " (" + clean(c.Path) + ")"
		}
	}
	p.line(bold.say("client"), say("  %s; Juju's client library inside this tool: %s", what, number(c.Library)))
	if c.Command != "" {
		p.line(say("        "), yellow.say("older than %s; refresh it:  ", number(c.Needs)), bold.say("%s", c.Command))
	}
}

// headOf begins the heading of a controller.
func headOf(name, place string) line {
	head := line{bold.say("%s", clean(name))}
	if place != "" {
		head = append(head, say(" (%s)", clean(place)))
	}
	return head
}

// notLookedAt draws a controller that could not be looked at, and why, unless a
// finding says that.
func (p *page) notLookedAt(full *plan.Plan, head line, ref fleet.Ref, why *fleet.Problem) {
	p.line(append(head, say("  "), red.say("not looked at: %s", why.Code))...)
	if says(full, &plan.Controller{Ref: ref}, "") {
		return
	}
	p.sentence(line{say("  ")}, clean(why.Text))
	if why.Remedy != "" {
		p.line(say("  fix: "), bold.say("%s", clean(why.Remedy)))
	}
}

func (p *page) controller(full *plan.Plan, t tally) {
	c := t.controller
	head := headOf(c.Name, c.Place)
	if c.Problem != nil {
		p.notLookedAt(full, head, c.Ref, c.Problem)
		return
	}
	if c.Disposition == plan.Upgrade {
		head = append(head, bold.say("  %s", p.style.hop(c.From, c.To)))
		if full.Target != nil {
			head = append(head, bold.say(" first"))
		}
	} else {
		head = append(head, say("  %s", number(c.From)))
	}
	switch {
	case full.Goal.UpgradesAgents() && noWayBack(full, c.UUID):
		head = append(head, yellow.say("   no way back once accepted"))
	case !t.stuck() && c.Disposition == plan.Current && full.Target == nil:
		head = append(head, green.say("   up to date"))
	}
	p.line(head...)
	if c.Disposition == plan.Current && full.Target == nil {
		p.nothingNewer(full, c)
	}
	itself, models := estimates(full, c.UUID)
	if c.Backup != "" {
		p.line(say("  backup      "), say("%s", clean(c.Backup)))
	}
	if full.Target != nil {
		p.move(full, t)
		p.charms(full, c)
		return
	}
	p.controllerRow(c, duration(itself))
	p.modelsRow(full, t, duration(models))
	p.models(c, shownModels(full, c))
	p.charms(full, c)
}

// says tells whether the plan has a finding of that code (any, when it is empty)
// on the controller itself, so that a screen need not say the same twice.
func says(full *plan.Plan, c *plan.Controller, code string) bool {
	return slices.ContainsFunc(full.Findings, func(f fleet.Finding) bool {
		return f.Subject == c.Name && (code == "" || f.Code == code)
	})
}

// nothingNewer says where the controller looked: a stream that it cannot reach
// looks just like one that has nothing newer.
func (p *page) nothingNewer(full *plan.Plan, c *plan.Controller) {
	if full.Goal.AgentVersion != version.Zero || says(full, c, "nothing-newer") {
		return
	}
	stream, url := c.Stream, "Juju's public streams (https://streams.canonical.com/juju/tools)"
	if stream == "" {
		stream = "released"
	}
	if c.MetadataURL != "" {
		url = c.MetadataURL
	}
	p.sentence(line{say("  ")}, fmt.Sprintf(
		"Nothing newer than %s: the controller consulted stream %q of %s. One that it cannot reach looks the same.",
		number(c.From), clean(stream), clean(url)))
}

func (p *page) controllerRow(c *plan.Controller, estimate string) {
	servers := count(c.Servers, "server")
	if c.Servers > 1 {
		servers += ", HA"
	}
	row := line{say("  controller  ")}
	switch c.Disposition {
	case plan.Upgrade:
		row = append(row, say("%s   %s", p.style.hop(c.From, c.To), servers))
		if estimate != "" {
			row = append(row, dim.say("   %s", estimate))
		}
	case plan.Current:
		row = append(row, say("%s   %s   ", number(c.From), servers), green.say("up to date"))
	case plan.LeftOut:
		row = append(row, say("%s   %s   left as it is", number(c.From), servers))
	case plan.Held:
		row = append(row, say("%s   %s   ", number(c.From), servers), red.say("%s", blocked(controllerCodes(c))))
	}
	p.line(row...)
}

// controllerCodes are the codes that hold the controller, which its own model
// carries.
func controllerCodes(c *plan.Controller) []string {
	for _, m := range c.Models {
		if m.IsController {
			return m.Codes
		}
	}
	return nil
}

func blocked(codes []string) string {
	if len(codes) == 0 {
		return "blocked"
	}
	return "blocked: " + clean(strings.Join(codes, ", "))
}

func (p *page) modelsRow(full *plan.Plan, t tally, estimate string) {
	row := line{say("  models      ")}
	switch {
	case t.models == 0:
		row = append(row, say("none"))
	case t.going == 0 && t.current == t.models:
		row = append(row, say("%s, ", count(t.models, "model")), green.say("up to date"))
	case t.going == 0 && !full.Goal.UpgradesAgents():
		row = append(row, say("%s, whose agents stay as they are", count(t.models, "model")))
	case t.going == 0:
		row = append(row, say("none of %d to upgrade", t.models))
	default:
		row = append(row, say("%d of %d to upgrade, %s", t.going, t.models, sideBySide(full, t.controller)))
		if estimate != "" {
			row = append(row, dim.say("   %s", estimate))
		}
	}
	p.line(row...)
}

// sideBySide says how many models of a controller are upgraded at once, where they are.
func sideBySide(full *plan.Plan, c *plan.Controller) string {
	machines, pods, fragile := 0, 0, 0
	for i := range c.Models {
		switch m := &c.Models[i]; {
		case m.IsController, m.Disposition != plan.Upgrade && m.Via == version.Zero:
		case m.Cluster == "":
			machines++
		default:
			pods++
			if len(m.Singles) > 0 {
				fragile++
			}
		}
	}
	onMachines, onEach := atATime(full.Options.ModelsAtOnce("")), atATime(full.Options.PerCluster)+" on each Kubernetes cluster"
	if fragile > 0 && fragile < machines+pods {
		onEach += ", applications of one pod last"
	}
	switch {
	case pods == 0:
		return onMachines
	case machines == 0:
		return onEach
	}
	return onMachines + "; " + onEach
}

func atATime(parallel int) string {
	if parallel <= 1 {
		return "one after the other"
	}
	return fmt.Sprintf("%d at a time", parallel)
}
