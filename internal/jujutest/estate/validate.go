package estate

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/juju/version/v2"
	"gopkg.in/yaml.v3"
)

// maxEntities bounds each number in an estate, and the sum of all, so that a slip
// of the keyboard does not eat the machine.
const maxEntities = 1_000_000

// validator collects what is wrong with an estate, with lines if it has a document.
type validator struct {
	root  *yaml.Node
	errs  []error
	total int
}

func (v *validator) err() error { return errors.Join(v.errs...) }

func (v *validator) fail(path []any, format string, args ...any) {
	msg := fmt.Sprintf(format, args...)
	if line := lineOf(v.root, path); line > 0 {
		msg = fmt.Sprintf("line %d: %s", line, msg)
	}
	v.errs = append(v.errs, errors.New("estate: "+msg))
}

// at extends a path without sharing memory with it.
func at(path []any, more ...any) []any {
	return append(append([]any(nil), path...), more...)
}

func (v *validator) estate(e Estate) {
	if !(e.Speed >= 0 && e.Speed <= 1e6) { // so that not-a-number is refused, too
		v.fail([]any{"speed"}, "speed %v: want more than 0 and at most 1000000", e.Speed)
	}
	if len(e.Controllers) == 0 {
		v.fail(nil, "no controllers")
	}
	t := e.Timing
	for _, d := range []int64{int64(t.AgentNotice), int64(t.AgentStagger), int64(t.AgentRestart), int64(t.UnitSettle), int64(t.ControllerNotice),
		int64(t.ControllerDown), int64(t.PodNotice), int64(t.PodDown), int64(t.ControllerStagger), int64(t.UpgradeWindow), int64(t.UpgradeTimeout), int64(t.Backup),
		int64(t.MigrationPhase), int64(t.MigrationNotice), int64(t.AgentMove), int64(t.MigrationGap),
		int64(t.BootstrapStage), int64(t.Restore), int64(t.MachineStart),
		int64(t.CharmFetch), int64(t.CharmNotice), int64(t.CharmUpgrade), int64(t.HookRetry)} {
		if d < 0 {
			v.fail([]any{"timing"}, "a time is negative")
		}
	}
	for phase, d := range t.Phases {
		if !slices.Contains(Phases(), phase) || d < 0 {
			v.fail([]any{"timing", "migration-phases", phase}, "%s %v: want a time for one of %s", phase, d, strings.Join(Phases(), ", "))
		}
	}
	v.program(e)
	v.charmhub(e.Charmhub)
	seen := map[string]bool{}
	for i, c := range e.Controllers {
		path := []any{"controllers", i}
		if seen[c.Name] {
			v.fail(at(path, "name"), "controller %q is there twice", c.Name)
		}
		seen[c.Name] = true
		v.controller(path, c)
	}
	if v.total > maxEntities {
		v.fail(nil, "more than %d machines and units", maxEntities)
	}
}

func (v *validator) controller(path []any, c Controller) {
	if !controllerName.MatchString(c.Name) {
		v.fail(at(path, "name"), "%q is not a controller name", c.Name)
	}
	own := v.version(at(path, "version"), c.Version)
	if c.Version == "" {
		v.fail(path, "controller %q has no version", c.Name)
	}
	for i, offer := range c.Offers {
		v.version(at(path, "series-offers", i), offer)
	}
	if c.Name == ProgramName {
		v.fail(at(path, "name"), "%q is the program, not a controller", c.Name)
	}
	v.count(at(path, "spare-machines"), c.Spare)
	if c.OnKubernetes() {
		v.podsOnly(path, c)
	}
	if c.HA < 0 || c.HA > 7 || c.HA > 0 && c.HA%2 == 0 {
		v.fail(at(path, "ha"), "ha %d: want 1, 3, 5 or 7", c.HA)
	}
	if c.User != "" && !userName.MatchString(c.User) {
		v.fail(at(path, "user"), "%q is not a user name", c.User)
	}
	v.choice(at(path, "access"), c.Access, "superuser", "login", "add-model")
	v.uuid(at(path, "uuid"), c.UUID)
	if c.Cloud != "" && !cloudName.MatchString(c.Cloud) {
		v.fail(at(path, "cloud"), "%q is not a cloud name", c.Cloud)
	}
	v.owned(at(path, "credential"), c.Credential)
	v.holdings(path, c)
	v.blocks(path, c.Blocks)
	v.applications(path, c.Applications)
	v.agentFaults(at(path, "agent-faults"), c.AgentFaults)
	for i, f := range c.Faults {
		if err := f.Validate(); err != nil {
			v.fail(at(path, "faults", i), "%v", err)
		}
	}
	if g := c.Generate; g != nil {
		v.count(at(path, "generate", "models"), g.Models)
		v.count(at(path, "generate", "units"), g.Units)
		v.count(at(path, "generate", "machines"), g.Machines)
		v.total += g.Models * (max(g.Units, g.Machines) + 1)
		if g.Prefix != "" && !modelName.MatchString(g.Prefix) {
			v.fail(at(path, "generate", "prefix"), "%q is not a model name", g.Prefix)
		}
	}
	v.models(path, c, own)
}

func (v *validator) models(path []any, c Controller, own version.Number) {
	seen := map[[2]string]bool{}
	for i, m := range c.Models {
		v.model(at(path, "models", i), c, own, m)
		owner, name := c.Qualify(m.Name)
		generated := c.Generate != nil && owner == c.UserName() && c.Generate.has(name)
		if seen[[2]string{owner, name}] || generated {
			v.fail(at(path, "models", i, "name"), "model %q is there twice", m.Name)
		}
		seen[[2]string{owner, name}] = true
	}
}

func (v *validator) model(path []any, c Controller, own version.Number, m Model) {
	owner, name := c.Qualify(m.Name)
	if !userName.MatchString(owner) || !modelName.MatchString(name) {
		v.fail(at(path, "name"), "%q is not a model name", m.Name)
	}
	if name == "controller" {
		v.fail(at(path, "name"), "each controller has its model %q already", name)
	}
	if m.Version != "" {
		if n := v.version(at(path, "version"), m.Version); own != version.Zero && n.Compare(own) > 0 {
			v.fail(at(path, "version"), "model %q is newer than its controller", m.Name)
		}
	}
	v.uuid(at(path, "uuid"), m.UUID)
	v.choice(at(path, "life"), m.Life, "alive", "dying", "dead")
	v.choice(at(path, "access"), m.Access, "admin", "write", "read", "none")
	v.base(at(path, "base"), m.Base)
	v.total += len(m.Machines)
	for i, machine := range m.Machines {
		if machine == (Machine{}) {
			continue // as most are: a number of them was asked for
		}
		v.base(at(path, "machines", i, "base"), machine.Base)
		v.count(at(path, "machines", i, "containers"), machine.Containers)
		v.total += machine.Containers
	}
	v.belongings(path, c, m)
	v.count(at(path, "secrets"), m.Secrets)
	switch on := c.hasOnKubernetes(m); {
	case on && len(m.Machines) > 0:
		v.fail(at(path, "machines"), "model %q is on Kubernetes, where there are no machines", m.Name)
	case on:
		v.pods(path, m.Applications)
	case m.Secrets > 0:
		v.fail(at(path, "secrets"), "model %q is not on Kubernetes: name a secret backend", m.Name)
	}
	v.blocks(path, m.Blocks)
	v.applications(path, m.Applications)
	for i, action := range m.Actions {
		if !unitName.MatchString(action.Unit) {
			v.fail(at(path, "actions", i, "unit"), "%q is not a unit", action.Unit)
		}
		v.choice(at(path, "actions", i, "status"), action.Status, "running", "pending")
	}
	v.agentFaults(at(path, "faults"), m.Faults)
}

func (v *validator) applications(path []any, apps []Application) {
	seen, shared := map[string]bool{}, map[string]bool{}
	for i, app := range apps {
		p := at(path, "applications", i)
		shared[app.Name] = app.Subordinate
		v.charmOf(p, app)
		if !applicationName.MatchString(app.Name) {
			v.fail(at(p, "name"), "%q is not an application name", app.Name)
		}
		if seen[app.Name] {
			v.fail(at(p, "name"), "application %q is there twice", app.Name)
		}
		seen[app.Name] = true
		v.count(at(p, "units"), app.Units)
		v.total += app.Units * (1 + len(app.Subordinates))
		for j, sub := range app.Subordinates {
			if !applicationName.MatchString(sub) {
				v.fail(at(p, "subordinates", j), "%q is not an application name", sub)
			}
		}
	}
	for i, app := range apps {
		for j, sub := range app.Subordinates {
			if seen[sub] && !shared[sub] {
				v.fail(at(path, "applications", i, "subordinates", j), "%q is an application of its own, too", sub)
			}
		}
	}
}

func (v *validator) agentFaults(path []any, faults []AgentFault) {
	kinds := []string{AgentDown, AgentLags, AgentNeverComes, AgentNeverUpgrades, AgentSlow, AgentError, AgentFrozen}
	for i, f := range faults {
		if !agentTag.MatchString(f.Agent) {
			v.fail(at(path, i, "agent"), "%q is not the tag of a machine or unit, such as machine-0 or unit-mysql-0", f.Agent)
		}
		if !slices.Contains(kinds, f.Kind) {
			v.fail(at(path, i, "kind"), "unknown kind of fault %q: want one of %s", f.Kind, strings.Join(kinds, ", "))
		}
		if f.Version != "" {
			v.version(at(path, i, "version"), f.Version)
		}
		if f.Kind == AgentLags && f.Version == "" {
			v.fail(at(path, i), "an agent that lags needs a version")
		}
		if f.Delay < 0 {
			v.fail(at(path, i, "delay"), "negative delay")
		}
	}
}

func (v *validator) version(path []any, s string) version.Number {
	if s == "" {
		return version.Zero
	}
	n, err := version.Parse(s)
	if err != nil {
		v.fail(path, "%q is not a version", s)
	}
	return n
}

func (v *validator) uuid(path []any, s string) {
	if s != "" && !uuid.MatchString(s) {
		v.fail(path, "%q is not a UUID", s)
	}
}

func (v *validator) choice(path []any, s string, list ...string) {
	if s != "" && !slices.Contains(list, s) {
		v.fail(path, "%q: want one of %s", s, strings.Join(list, ", "))
	}
}

func (v *validator) count(path []any, n int) {
	if n < 0 || n > maxEntities {
		v.fail(path, "%d: want 0 to %d", n, maxEntities)
	}
}

func (v *validator) base(path []any, s string) {
	if name, channel, ok := strings.Cut(s, "@"); s != "" && (!ok || name == "" || channel == "") {
		v.fail(path, "%q is not a base, such as ubuntu@22.04", s)
	}
}

func (v *validator) blocks(path []any, list []string) {
	for i, name := range list {
		if BlockType(name) == "" {
			v.fail(at(path, "blocks", i), "%q: want one of all, remove-object, destroy-model", name)
		}
	}
}

// BlockType translates the names of juju disable-command to Juju's own, which
// it knows, too; "" for another.
func BlockType(name string) string {
	switch name {
	case "all", "all-changes", "BlockChange":
		return "BlockChange"
	case "remove-object", "BlockRemove":
		return "BlockRemove"
	case "destroy-model", "BlockDestroy":
		return "BlockDestroy"
	}
	return ""
}
