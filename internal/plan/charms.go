package plan

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/rules"
)

// modelHeld is the code of an application whose model is held.
const modelHeld = "model-held"

// applications says what happens with the applications of a model, in the order in
// which they are refreshed.
func (b *builder) applications(m *fleet.Model, model Disposition) []Application {
	if !b.in.Goal.Refreshes() || m.Problem != nil {
		return nil
	}
	var out []Application
	for _, a := range b.charmOrder(m) {
		if m.IsController && a.Name != fleet.ControllerApplication {
			continue
		}
		out = append(out, b.application(m, a, model))
	}
	return out
}

// withApplications adds to what is said of models what becomes of their applications.
func (b *builder) withApplications(models []Model) {
	for i, m := range inOrder(b.c.Models) {
		models[i].Applications = b.applications(m, models[i].Disposition)
	}
}

// application says what happens with an application.
func (b *builder) application(m *fleet.Model, a *fleet.Application, model Disposition) Application {
	out := Application{
		Name: a.Name, Charm: a.Charm(), Source: a.Source(), Channel: a.Channel, Base: a.Base,
		From: a.Revision(), To: -1, Units: len(m.Status.UnitsOf(a.Name)),
	}
	known := a.Release != nil && a.Release.Problem == nil
	if known {
		out.To = a.Release.Revision
	}
	file, codes := b.in.Goal.FileFor(b.c, m, a.Name), b.holdingApp(m, a.Name)
	switch {
	case !b.in.Goal.WantsApp(b.c, m, a.Name):
		out.Disposition = LeftOut
	case file == nil && a.Source() != fleet.Charmhub:
		out.Disposition = Local
	case file == nil && known && a.OffChannel() && !b.in.Goal.NamesApp(b.c, m, a.Name):
		out.Disposition = OffChannel
	case file == nil && known && !a.OffChannel() && !a.Newer():
		out.Disposition = Current
	case model == Held:
		out.Disposition, out.Codes = Held, []string{modelHeld}
	case len(codes) > 0 || file == nil && !known:
		out.Disposition, out.Codes = Held, codes
	default:
		out.Disposition = Upgrade
	}
	if file != nil {
		out.File, out.To = file.File, -1
	} else if out.Disposition == Upgrade {
		out.Resources = changing(a.Release.Resources)
	}
	return out
}

func changing(all []fleet.Resource) []fleet.Resource {
	return slices.DeleteFunc(slices.Clone(all), func(r fleet.Resource) bool { return !r.Changes() })
}

// charmOrder are the applications of a model in the order in which they are refreshed:
// those that the operator has named first, then by their names.
func (b *builder) charmOrder(m *fleet.Model) []*fleet.Application {
	var out []*fleet.Application
	for i := range m.Status.Applications {
		out = append(out, &m.Status.Applications[i])
	}
	slices.SortStableFunc(out, func(x, y *fleet.Application) int {
		return cmp.Or(cmp.Compare(b.turn(m, x), b.turn(m, y)), fleet.CompareNatural(x.Name, y.Name))
	})
	return out
}

// turn is the application's place in the order that the operator has given; beyond all
// of them when it has none.
func (b *builder) turn(m *fleet.Model, a *fleet.Application) int {
	order := b.in.Goal.CharmOrder
	i := slices.IndexFunc(order, func(p fleet.AppPattern) bool { return p.Matches(b.c, m, a.Name) })
	if i < 0 {
		return len(order)
	}
	return i
}

// holdingApp are the codes of the findings that hold the application, or all those of its
// model, but not the model itself.
func (b *builder) holdingApp(m *fleet.Model, name string) []string {
	var codes []string
	for _, f := range b.in.Findings {
		if f.Holds() && f.Scope == fleet.OneApplication && f.Model == m.UUID && (f.Application == name || f.Application == "") && !slices.Contains(codes, f.Code) {
			codes = append(codes, f.Code)
		}
	}
	return codes
}

// charmSteps plans to refresh those of a model's applications that have something
// newer: one after the other, and each one seen to be well before the next; or several
// at once, where that is wanted, once those that have an order are through. It returns
// the last steps. The step that it is given has the IDs' beginning, and where it is.
func (b *builder) charmSteps(m *fleet.Model, all []Application, at Step, needs []string) (last []string) {
	lanes := newLanes(at.ID+"/charms", max(1, b.in.Options.CharmParallel), needs)
	for _, shown := range all {
		if shown.Disposition != Upgrade {
			continue
		}
		a := m.Status.Application(shown.Name)
		if b.turn(m, a) == len(b.in.Goal.CharmOrder) {
			lanes.spread()
		}
		refresh := b.refresh(m, a, shown)
		s := at
		s.ID, s.Kind, s.Class, s.Refresh = at.ID+"/charms/"+a.Name+"/refresh", RefreshCharm, PointOfNoReturn, &refresh
		s.Lane, s.Needs = lanes.next()
		s.Beside = nil
		s.Agents, s.Absent, s.Cluster = shown.Units, b.accepted(m, a.Name), m.Cluster
		refreshed := b.add(s)
		s.ID, s.Kind, s.Class, s.Needs, s.Agents = at.ID+"/charms/"+a.Name+"/verify", Verify, Recoverable, []string{refreshed}, 0
		if lanes.spreads() {
			s.Beside = b.beside(m, all, a.Name)
		}
		lanes.ended(b.add(s))
	}
	return lanes.last()
}

// beside are the applications that are refreshed while that one may be.
func (b *builder) beside(m *fleet.Model, all []Application, name string) []string {
	var out []string
	for _, a := range all {
		if a.Disposition == Upgrade && a.Name != name && b.turn(m, m.Status.Application(a.Name)) == len(b.in.Goal.CharmOrder) {
			out = append(out, a.Name)
		}
	}
	return out
}

// refresh is what is done with an application.
func (b *builder) refresh(m *fleet.Model, a *fleet.Application, shown Application) fleet.Refresh {
	out := fleet.Refresh{Application: a.Name, From: a.URL, Channel: a.Channel, Base: a.Base, Resources: shown.Resources}
	if file := b.in.Goal.FileFor(b.c, m, a.Name); file != nil {
		out.File, out.SHA256 = file.File, file.SHA256
	} else {
		out.To = a.Release.URL
	}
	out.Resumes = a.Release.Offers(rules.RefreshResumes())
	return out
}

// charmLanes hands out the lanes in which a model's applications are refreshed: one for
// those that have an order, and as many for the others as there may be at once.
type charmLanes struct {
	name string
	// waits are what each lane waits for next.
	waits [][]string
	turn  int
	wide  int
}

func newLanes(name string, wide int, needs []string) *charmLanes {
	return &charmLanes{name: name, waits: [][]string{needs}, wide: wide}
}

// spread ends the lane of those that have an order, once.
func (l *charmLanes) spread() {
	if l.wide == 1 || len(l.waits) > 1 {
		return
	}
	before := l.waits[0]
	for len(l.waits) < l.wide {
		l.waits = append(l.waits, before)
	}
}

// spreads says that there is more than one lane.
func (l *charmLanes) spreads() bool { return len(l.waits) > 1 }

func (l *charmLanes) next() (lane string, needs []string) {
	if len(l.waits) == 1 {
		return l.name, l.waits[0]
	}
	return l.name + "/" + strconv.Itoa(l.turn+1), l.waits[l.turn]
}

// ended says that the lane that was handed out goes on after that step.
func (l *charmLanes) ended(step string) {
	l.waits[l.turn] = []string{step}
	l.turn = (l.turn + 1) % len(l.waits)
}

func (l *charmLanes) last() []string { return unique(slices.Concat(l.waits...)) }

// refreshChange tells what is another in a refresh.
func refreshChange(before, now *fleet.Refresh) string {
	_, was := before.Revisions()
	from, is := now.Revisions()
	switch {
	case before.File != now.File || before.SHA256 != now.SHA256:
		return now.Application + " would be given another file"
	case before.To != now.To && now.To != "":
		return fmt.Sprintf("%s would go to revision %d instead of %d", now.Application, is, was)
	case before.From != now.From:
		return fmt.Sprintf("%s is at revision %d now", now.Application, from)
	case before.Channel != now.Channel || before.Base != now.Base:
		return fmt.Sprintf("%s follows %s on %s now", now.Application, now.Channel, now.Base)
	}
	return now.Application + " would get other resources"
}
