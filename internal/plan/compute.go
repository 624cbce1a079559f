package plan

import (
	"cmp"
	"slices"

	"github.com/juju/version/v2"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/rules"
)

// Input is what a plan is computed from.
type Input struct {
	Fleet     fleet.Fleet
	Goal      fleet.Goal
	Findings  []fleet.Finding
	Options   Options
	Estimates Estimates
	// Tool is the tool's version, for people.
	Tool string
}

// Compute makes the plan: of the patch journey, or of the move to another
// controller when the goal names one. The same input gives the same plan, to the
// byte.
func Compute(in Input) Plan {
	p := Plan{
		Format:        Format,
		Created:       in.Fleet.Looked,
		Tool:          in.Tool,
		Journey:       Patch,
		Goal:          in.Goal,
		Options:       in.Options,
		Findings:      in.Findings,
		EstimatedFrom: in.Estimates.Runs,
	}
	if in.Goal.Moves() {
		p.Journey, p.Target = Move, target(in)
	}
	needs := version.Zero
	for i := range in.Fleet.Controllers {
		b := builder{in: in, c: &in.Fleet.Controllers[i]}
		controller, steps := b.build()
		p.Controllers = append(p.Controllers, controller)
		p.Steps = append(p.Steps, steps...)
		p.People = append(p.People, b.came...)
		if len(steps) > 0 && controller.To.Compare(needs) > 0 {
			needs = controller.To
		}
		if len(steps) > 0 && p.Target != nil && p.Target.Version.Compare(needs) > 0 {
			needs = p.Target.Version
		}
	}
	if p.Target != nil {
		p.Target.WantsServers = wantedServers(p.Steps)
	}
	p.Client = clientLine(in.Fleet.Client, needs)
	p.Hash = p.hash()
	return p
}

// wantedServers is to how many servers the steps bring the target; 0 when none does.
func wantedServers(steps []Step) int {
	for _, s := range steps {
		if s.Kind == EnableHA {
			return s.Servers
		}
	}
	return 0
}

func clientLine(c fleet.Client, needs version.Number) ClientLine {
	line := ClientLine{Client: c, Needs: needs}
	if c.Snap && c.Version != version.Zero && c.Version.Compare(needs) < 0 {
		line.Command = rules.RefreshClient(needs)
	}
	return line
}

// builder makes the part of a plan that is about one controller.
type builder struct {
	in    Input
	c     *fleet.Controller
	steps []Step
	// came is how the users of the source get to the target.
	came []Person
}

func (b *builder) build() (Controller, []Step) {
	to := b.in.Goal.Target(b.c)
	out := Controller{
		Ref:         b.c.Ref,
		Aliases:     b.c.Aliases,
		Place:       place(b.c),
		From:        b.c.Version,
		To:          to,
		Problem:     b.c.Problem,
		Servers:     len(b.c.Servers),
		Stream:      b.c.Stream,
		MetadataURL: b.c.MetadataURL,
	}
	out.Disposition = b.controllerDisposition(to)
	if b.in.Goal.Moves() {
		b.move(&out, to)
		return out, b.steps
	}
	var ready []string
	if out.Disposition == Upgrade {
		var id string
		out.Backup, id = b.controllerSteps(to)
		ready = []string{id}
	}
	for _, m := range inOrder(b.c.Models) {
		shown := b.model(m, to, out.Disposition)
		shown.Canary = b.in.Goal.First(b.c, m)
		out.Models = append(out.Models, shown)
	}
	b.heldByCanary(out.Models, Upgrade, AsIs)
	b.withApplications(out.Models)
	b.modelLanes(out.Models, ready)
	return out, b.steps
}

// inOrder returns the controller's own model, then the others by name: the order
// in which Juju lists them differs between two looks at an unchanged world.
func inOrder(models []fleet.Model) []*fleet.Model {
	out := make([]*fleet.Model, len(models))
	for i := range models {
		out[i] = &models[i]
	}
	slices.SortFunc(out, func(x, y *fleet.Model) int {
		if x.IsController != y.IsController {
			if x.IsController {
				return -1
			}
			return 1
		}
		return cmp.Or(cmp.Compare(x.Name, y.Name), cmp.Compare(x.UUID, y.UUID))
	})
	return out
}

// fragile says that something in the model is away while its pods are replaced.
func fragile(m *fleet.Model) bool { return m.Type == fleet.CAAS && len(m.Status.Singles()) > 0 }

func place(c *fleet.Controller) string {
	if c.Region == "" {
		return c.Cloud
	}
	return c.Cloud + "/" + c.Region
}

// holding returns the codes of the findings that hold the controller, or that
// model of it when a model is given.
func (b *builder) holding(m *fleet.Model) []string {
	var codes []string
	for _, f := range b.in.Findings {
		if !f.Holds() {
			continue
		}
		wide := f.Scope == fleet.WholeRun || f.Scope == fleet.WholeController && f.Controller == b.c.UUID
		narrow := m != nil && f.Scope == fleet.OneModel && f.Model == m.UUID
		if (wide || narrow) && !slices.Contains(codes, f.Code) {
			codes = append(codes, f.Code)
		}
	}
	return codes
}

// absent returns the agents of the model that the operator accepted as absent.
func (b *builder) absent(m *fleet.Model) []string { return b.accepted(m, "") }

// accepted are the agents of the model, and those of units of that application, which
// the operator accepted as they are.
func (b *builder) accepted(m *fleet.Model, application string) []string {
	var names []string
	for _, f := range b.in.Findings {
		if f.Accepted && f.Controller == b.c.UUID && f.Model == m.UUID && (f.Application == "" || f.Application == application) {
			names = append(names, f.Agents...)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

func (b *builder) controllerDisposition(to version.Number) Disposition {
	switch {
	case b.c.Problem != nil:
		return Held
	case !b.in.Goal.UpgradesController():
		return LeftOut
	case !b.in.Goal.Knows(b.c):
		return Held // where it is says nothing of what is newer
	case b.atVersion(to):
		return Current
	case len(b.holding(nil)) > 0 || b.controllerModelHeld():
		return Held
	}
	return Upgrade
}

// controllerModelHeld says that what holds the controller's own model holds the
// controller: they are upgraded together. One that is not shown holds it too:
// there would be no telling whether the controller arrives.
func (b *builder) controllerModelHeld() bool {
	m := b.c.ControllerModel()
	return m == nil || len(b.holding(m)) > 0
}

// atVersion says that the controller's servers and the agents of its own model
// are all there already.
func (b *builder) atVersion(to version.Number) bool {
	if b.c.Version != to || b.c.Underway() != version.Zero {
		return false
	}
	for _, s := range b.c.Servers {
		if s.Problem == nil && s.Version != to {
			return false
		}
	}
	m := b.c.ControllerModel()
	return m != nil && fleet.Current(m, to, b.absent(m)...)
}

func (b *builder) model(m *fleet.Model, to version.Number, controller Disposition) Model {
	out := Model{Ref: m.Ref, IsController: m.IsController, Type: m.Type, From: m.Version, To: to}
	out.Machines, out.Units = m.Status.Count()
	switch {
	case m.IsController && !b.in.Goal.UpgradesAgents():
		out.To = m.Version
		out.Disposition, out.Codes = b.asItIs(m)
	case m.IsController:
		out.Disposition = controller
		if controller == Held {
			out.Codes = append(b.holding(nil), b.modelCodes(m)...)
		}
	case !b.in.Goal.Wants(b.c, m):
		out.Disposition = LeftOut
		out.To = m.Version
	case !b.in.Goal.UpgradesAgents():
		out.To = m.Version
		out.Disposition, out.Codes = b.asItIs(m)
	default:
		out.Disposition, out.Codes = b.modelDisposition(m, to, controller)
	}
	out.arrived(m, b.absent(m))
	return out
}

// arrived fills in how far the agents are, and what of the model is on Kubernetes.
func (out *Model) arrived(m *fleet.Model, absent []string) {
	arrived := fleet.Arrival(m.Status, out.To, absent...)
	out.There, out.Awaited, out.NotShown = arrived.There, arrived.Awaited, len(arrived.NotShown)
	if out.Cluster = m.Cluster; m.Type == fleet.CAAS {
		out.Singles = m.Status.Singles()
	}
}

// asItIs is for a model of which only the charms may change.
func (b *builder) asItIs(m *fleet.Model) (Disposition, []string) {
	if codes := b.holding(m); len(codes) > 0 || m.Problem != nil {
		return Held, codes
	}
	return AsIs, nil
}

// modelCodes are the codes that hold the model itself.
func (b *builder) modelCodes(m *fleet.Model) []string {
	wide := b.holding(nil)
	return slices.DeleteFunc(b.holding(m), func(code string) bool { return slices.Contains(wide, code) })
}

func (b *builder) modelDisposition(m *fleet.Model, to version.Number, controller Disposition) (Disposition, []string) {
	codes := b.holding(m)
	switch {
	case len(b.modelCodes(m)) == 0 && fleet.Current(m, to, b.absent(m)...):
		return Current, nil
	case len(codes) > 0 || m.Problem != nil:
		return Held, codes
	case controller == Held:
		return Held, []string{"controller-held"}
	}
	return Upgrade, nil
}
