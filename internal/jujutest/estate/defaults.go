package estate

import (
	"cmp"
	"strconv"
	"strings"
)

// WithDefaults gives the zero fields their defaults.
func (t Timing) WithDefaults() Timing {
	d := DefaultTiming()
	t.AgentNotice = cmp.Or(t.AgentNotice, d.AgentNotice)
	t.AgentStagger = cmp.Or(t.AgentStagger, d.AgentStagger)
	t.AgentRestart = cmp.Or(t.AgentRestart, d.AgentRestart)
	t.UnitSettle = cmp.Or(t.UnitSettle, d.UnitSettle)
	t.ControllerNotice = cmp.Or(t.ControllerNotice, d.ControllerNotice)
	t.ControllerDown = cmp.Or(t.ControllerDown, d.ControllerDown)
	t.PodNotice = cmp.Or(t.PodNotice, d.PodNotice)
	t.PodDown = cmp.Or(t.PodDown, d.PodDown)
	t.ControllerStagger = cmp.Or(t.ControllerStagger, d.ControllerStagger)
	t.UpgradeWindow = cmp.Or(t.UpgradeWindow, d.UpgradeWindow)
	t.UpgradeTimeout = cmp.Or(t.UpgradeTimeout, d.UpgradeTimeout)
	t.Backup = cmp.Or(t.Backup, d.Backup)
	t.MigrationPhase = cmp.Or(t.MigrationPhase, d.MigrationPhase)
	t.MigrationNotice = cmp.Or(t.MigrationNotice, d.MigrationNotice)
	t.AgentMove = cmp.Or(t.AgentMove, d.AgentMove)
	t.MigrationGap = cmp.Or(t.MigrationGap, d.MigrationGap)
	t.BootstrapStage = cmp.Or(t.BootstrapStage, d.BootstrapStage)
	t.Restore = cmp.Or(t.Restore, d.Restore)
	t.MachineStart = cmp.Or(t.MachineStart, d.MachineStart)
	t.CharmFetch = cmp.Or(t.CharmFetch, d.CharmFetch)
	t.CharmNotice = cmp.Or(t.CharmNotice, d.CharmNotice)
	t.CharmUpgrade = cmp.Or(t.CharmUpgrade, d.CharmUpgrade)
	return t
}

// UserName is the account in the client's store.
func (c Controller) UserName() string { return cmp.Or(c.User, "admin") }

// Qualify takes a model's OWNER/NAME apart; without an owner it is the
// controller's user's.
func (c Controller) Qualify(model string) (owner, name string) {
	if owner, name, ok := strings.Cut(model, "/"); ok {
		return owner, name
	}
	return c.UserName(), model
}

// AllModels are the models that are listed and those that are generated. The
// controller must be valid.
func (c Controller) AllModels() []Model {
	models := append([]Model(nil), c.Models...)
	if c.Generate == nil {
		return models
	}
	for i := range c.Generate.Models {
		models = append(models, c.Generate.model(i))
	}
	return models
}

func (g Generated) prefix() string { return cmp.Or(g.Prefix, "model") + "-" }

func (g Generated) model(i int) Model {
	m := Model{Name: g.prefix() + strconv.Itoa(i)}
	if g.Machines > 0 {
		m.Machines = make(Machines, g.Machines)
	}
	if g.Units > 0 {
		m.Applications = []Application{{Name: "app", Units: g.Units}}
	}
	return m
}

// has says whether a model of that name is generated, without making them all.
func (g Generated) has(name string) bool {
	number, ok := strings.CutPrefix(name, g.prefix())
	i, err := strconv.Atoi(number)
	return ok && err == nil && 0 <= i && i < g.Models && strconv.Itoa(i) == number
}
