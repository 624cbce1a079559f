package plan

import (
	"strings"

	"github.com/juju/version/v2"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/rules"
)

// add appends a step with its estimate.
func (b *builder) add(s Step) string {
	s.Controller = b.c.Ref
	s.Estimate = b.in.Estimates.of(s)
	b.steps = append(b.steps, s)
	return s.ID
}

// controllerSteps plans the controller's own lane and returns what is done
// about a backup, and the step that has to be done before any model begins.
func (b *builder) controllerSteps(to version.Number) (backup, ready string) {
	lane := b.ownLane()
	m := b.c.ControllerModel()
	backup, needs := b.backupStep(m, to)
	upgrade := b.add(Step{
		ID: lane + "/upgrade", Kind: ControllerUpgrade, Lane: lane, Class: PointOfNoReturn,
		Needs: needs, Model: m.Ref, From: b.c.Version, To: to,
		Absent: b.absent(m), Answered: answered(b.c), Agents: len(m.Status.Agents), Cluster: m.Cluster,
	})
	ready = b.add(Step{
		ID: lane + "/verify", Kind: Verify, Lane: lane, Class: Recoverable,
		Needs: []string{upgrade}, Model: m.Ref, From: b.c.Version, To: to, Absent: b.absent(m),
	})
	return backup, ready
}

// ownLane is the name of the controller's own lane.
func (b *builder) ownLane() string { return "/" + b.c.Name + "/controller" }

// backupStep plans a backup where one is possible and wanted, and returns what is
// done about it and the steps that it takes.
func (b *builder) backupStep(m *fleet.Model, to version.Number) (words string, ids []string) {
	words, possible := b.backup(m)
	if !possible {
		return words, nil
	}
	return words, []string{b.add(Step{
		ID: "/" + b.c.Name + "/backup", Kind: Backup, Lane: b.ownLane(), Class: Recoverable,
		Model: m.Ref, From: b.c.Version, To: to,
	})}
}

// backup says what is done about a backup, and whether there is a step for it.
func (b *builder) backup(m *fleet.Model) (words string, possible bool) {
	if b.in.Goal.Backup == fleet.BackupSkip {
		return "none (--backup skip)", false
	}
	if b.c.Underway() != version.Zero {
		// It would be one of a controller in the middle of its upgrade, and is
		// refused until that is over.
		return "none: its upgrade is under way already", false
	}
	if reason := rules.NoBackup(b.c.Version, m.Type); reason != "" {
		return "none: " + reason, false
	}
	where := b.in.Options.BackupDir
	if where == "" {
		where = "the run's directory"
	}
	return "controller database, kept in " + where + " (0600)", true
}

// answered are the servers that have to arrive: those that answer. In the middle
// of an upgrade those that just do not are told by the agents of their machines,
// except where the controller does not show these agents' versions.
func answered(c *fleet.Controller) [][]string {
	var out [][]string
	for _, s := range c.Servers {
		if s.Problem == nil || c.Underway() != version.Zero && !rules.ShowsMachineVersions(c.Version) {
			out = append(out, s.Addresses)
		}
	}
	return out
}

// modelSteps plans the lane of a model that is upgraded where it is, and returns
// its last step.
func (b *builder) modelSteps(m *fleet.Model, shown Model, needs []string) string {
	lane := b.lane(m)
	absent := b.absent(m)
	upgrade := b.add(Step{
		ID: lane + "/upgrade", Kind: ModelUpgrade, Lane: lane, Class: PointOfNoReturn,
		Needs: needs, Model: m.Ref, From: shown.From, To: shown.To,
		Absent: absent, Agents: len(m.Status.Agents), Cluster: m.Cluster, Fragile: fragile(m),
	})
	return b.add(Step{
		ID: lane + "/verify", Kind: Verify, Lane: lane, Class: Recoverable,
		Needs: []string{upgrade}, Model: m.Ref, From: shown.From, To: shown.To, Absent: absent,
	})
}

// lane is the name of the lane of a model of the controller.
func (b *builder) lane(m *fleet.Model) string { return laneAt(b.c.Ref, m) }

func laneAt(c fleet.Ref, m *fleet.Model) string {
	return "/" + c.Name + "/models/" + strings.TrimPrefix(m.Name, "/")
}
