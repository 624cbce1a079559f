package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

// bootstrapLog is the file, in a run's directory, with what "juju bootstrap" wrote.
const bootstrapLog = "bootstrap.log"

// itemsNamed is up to how many things of a kind are named in a row.
const itemsNamed = 8

// making draws how the controller that models move to is made, and what it becomes
// before they move.
func (p *page) making(full *plan.Plan) {
	if s := makes(full); s != nil {
		p.bootstrap(full, s)
	}
	if n := full.Target.WantsServers; n > 0 {
		p.row("servers", fmt.Sprintf("%d %s %d, before models move", max(1, full.Target.Servers), p.style.arrow(), n))
	}
	p.restoring(full)
}

func (p *page) bootstrap(full *plan.Plan, s *plan.Step) {
	p.line(say("  %-12s%s", "bootstrap", clean("juju bootstrap "+s.Bootstrap.Place()+" "+full.Target.Name)), dim.say("%s", apart(duration(s.Estimate))))
	if keys := sortedNames(s.Config); len(keys) > 0 {
		p.sentence(line{say("%s", indent)}, "as on "+sourceName(full)+", since it can only be set now: "+p.style.listed(keys, itemsNamed))
	}
	if names := argumentNames(s.Bootstrap.Args); len(names) > 0 {
		p.sentence(line{say("%sas you say: ", indent)}, strings.Join(names, ", "))
	}
	p.sentence(line{say("%s", indent)}, "it goes on by itself whatever becomes of this run, and writes "+bootstrapLog+" in the run's directory")
}

// restoring draws what comes by a backup.
func (p *page) restoring(full *plan.Plan) {
	s := stepOf(full, plan.RestoreCopy)
	if s == nil {
		return
	}
	source, target := sourceName(full), clean(full.Target.Name)
	p.sentence(line{say("  %-12s", "restore"), yellow.say("experimental:"), say(" ")},
		fmt.Sprintf("a backup of %s goes to machine 0 of %s, and juju-restore --copy-controller (%s) takes from it the users with their passwords, "+
			"their access, clouds, the configuration and secret backends", source, target, orElse(clean(s.Program), "juju-restore")))
	if n := len(s.Names); n > 0 {
		p.sentence(line{say("%s", indent)}, fmt.Sprintf("%s then seen there: %s", count(n, "user"), p.style.listed(cleaned(s.Names), itemsNamed)))
	}
}

// cloning draws what the target is given of what the source has.
func (p *page) cloning(full *plan.Plan) {
	n, target := clones(full), clean(full.Target.Name)
	switch {
	case full.Goal.Clone == fleet.CloneNone:
		p.row("cloned", "nothing but the users that models need (--clone none)")
		return
	case n == 0 && full.Goal.Clone == fleet.CloneNative && full.Goal.ClonesAll() && len(full.Steps) > 0:
		p.row("cloned", fmt.Sprintf("nothing: %s has nothing more that can be cloned, and that %s lacks", sourceName(full), target))
		return
	case n == 0:
		return
	}
	p.row("cloned", fmt.Sprintf("%s of %s that %s lacks; what it has stays as it is", count(n, "thing"), sourceName(full), target))
	var rows []line
	for _, of := range itemKinds {
		if items := itemsOf(full, of.kind); len(items) > 0 {
			rows = append(rows, line{say("  %s", of.label), say("%d: %s", len(items), p.style.listed(itemNames(items), itemsNamed))})
		}
	}
	p.labelledRows(rows)
}

// sourceName is the controller that models leave, or else the plan's first one.
func sourceName(full *plan.Plan) string {
	if name, ok := sourceOf(full); ok {
		return name
	}
	if len(full.Controllers) > 0 {
		return clean(full.Controllers[0].Name)
	}
	return "the source"
}

func sortedNames[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for name := range m {
		out = append(out, clean(name))
	}
	slices.Sort(out)
	return out
}

func cleaned(names []string) []string {
	out := make([]string, len(names))
	for i, name := range names {
		out[i] = clean(name)
	}
	return out
}
