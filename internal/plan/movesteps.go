package plan

import (
	"cmp"
	"slices"
	"time"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/rules"
)

// moveLanes plans the lanes in which models move: canaries first, then those that
// are joined one after the other, offerers before their consumers.
func (b *builder) moveLanes(moving []*fleet.Model, shown map[string]Model, needs map[string][]string) {
	last := map[string]string{} // the last step of each model that was planned
	var canaries []string
	var refs []fleet.Ref
	soaked := false
	for _, m := range b.moveOrder(moving, shown) {
		want := needs[m.UUID]
		for _, offerer := range b.offerers(m, moving) {
			if id, ok := last[offerer.UUID]; ok {
				want = append(want, id)
			}
		}
		if shown[m.UUID].Canary {
			last[m.UUID] = b.moveSteps(m, shown[m.UUID], unique(want))
			canaries, refs = append(canaries, last[m.UUID]), append(refs, m.Ref)
			continue
		}
		if !soaked {
			canaries, soaked = b.soak(canaries, refs, Step{Stage: stageMove, Target: b.in.Fleet.Target.Ref}), true
		}
		last[m.UUID] = b.moveSteps(m, shown[m.UUID], unique(append(want, canaries...)))
	}
	b.relations(moving, shown, last)
}

// relations plans to see, once both sides have moved, that what a model offers is
// joined again. Before its consumers are there too, nothing of it is.
func (b *builder) relations(moving []*fleet.Model, shown map[string]Model, last map[string]string) {
	for _, m := range moving {
		needs := []string{last[m.UUID]}
		stays, joined := false, false
		for i := range b.c.Models {
			other := &b.c.Models[i]
			id, moves := last[other.UUID]
			switch {
			case !b.consumes(other, m):
			case moves:
				needs = append(needs, id)
			case b.onTarget(other):
				joined = true
			default:
				stays = true
			}
		}
		if len(needs) == 1 && !joined || stays {
			continue
		}
		id := laneAt(b.in.Fleet.Target.Ref, m) + "/relations"
		b.add(Step{
			ID: id, Kind: Relations, Lane: id, Class: Recoverable, Needs: needs, Stage: stageMove,
			Target: b.in.Fleet.Target.Ref, Model: m.Ref, From: shown[m.UUID].From, To: shown[m.UUID].To,
		})
	}
}

// moveSteps plans the lane in which a model moves, and returns its last step.
func (b *builder) moveSteps(m *fleet.Model, shown Model, needs []string) string {
	there := b.in.Fleet.Target
	lane, absent := laneAt(there.Ref, m), b.absent(m)
	step := func(id string, kind Kind, class Class, needs ...string) string {
		s := Step{
			ID: id, Kind: kind, Lane: lane, Class: class, Needs: needs, Stage: stageMove,
			Target: there.Ref, Model: m.Ref, From: cmp.Or(shown.Via, shown.From), To: shown.To, Absent: absent, Cluster: m.Cluster,
		}
		if kind == Migrate || kind == ModelUpgrade || kind == Arrive && m.Cluster != "" {
			s.Agents = len(m.Status.Agents)
		}
		if kind == Migrate {
			s.Unseen = b.unseen()
			s.Patience = b.patience()
		}
		return b.add(s)
	}
	migrate := step(b.lane(m)+"/migrate", Migrate, PointOfNoReturn, needs...)
	arrive := step(lane+"/arrive", Arrive, Recoverable, migrate)
	upgrade := step(lane+"/upgrade", ModelUpgrade, PointOfNoReturn, arrive)
	return step(lane+"/verify", Verify, Recoverable, upgrade)
}

// unseenPhases is in how many phases a migration may wait for its agents.
const unseenPhases = 3

// movedCharms plans to refresh the charms of models that have moved, where they are
// then: last of all, since a charm may wait for its operator as long as it likes.
func (b *builder) movedCharms(moving []*fleet.Model, shown map[string]Model) {
	there := b.in.Fleet.Target.Ref
	for _, m := range moving {
		s, lane := shown[m.UUID], laneAt(there, m)
		at := Step{ID: lane, Stage: stageCharms, Target: there, Model: m.Ref, From: cmp.Or(s.Via, s.From), To: s.To}
		b.charmSteps(m, s.Applications, at, []string{lane + "/verify"})
	}
}

// patience is for how long a migration may wait for agents and tell nothing: a
// phase, where its phases are shown, else all of them.
func (b *builder) patience() time.Duration {
	if b.c.Holdings == nil {
		return 0
	}
	if b.unseen() {
		return unseenPhases * b.c.Holdings.MigrationWait
	}
	return b.c.Holdings.MigrationWait
}

// unseen says that the source shows nothing of its migrations.
func (b *builder) unseen() bool { return !rules.ShowsMigrations(b.c.Version) }

// tidy plans what is done when all that can move has moved, whatever failed.
func (b *builder) tidy(moving []*fleet.Model) {
	there := b.in.Fleet.Target.Ref
	accounts, client := "/"+there.Name+"/accounts", "/client"
	var models []fleet.Ref
	for _, m := range moving {
		models = append(models, m.Ref)
	}
	if len(moving) > 0 {
		b.add(Step{
			ID: accounts, Kind: RemoveAccounts, Lane: accounts, Class: Recoverable, Stage: stageAccounts, Always: true,
			Unseen: b.unseen(), Patience: b.patience(), Target: there, Models: slices.Clone(models),
		})
	}
	for i := range b.c.Models {
		// What an earlier run has moved is not where the client finds it either.
		if m := &b.c.Models[i]; !m.IsController && b.in.Goal.Wants(b.c, m) && b.onTarget(m) {
			models = append(models, m.Ref)
		}
	}
	if len(models) == 0 && !b.in.Fleet.Target.Planned {
		return
	}
	slices.SortFunc(models, func(x, y fleet.Ref) int { return cmp.Or(cmp.Compare(x.Name, y.Name), cmp.Compare(x.UUID, y.UUID)) })
	b.add(Step{ID: client, Kind: FollowModels, Lane: client, Class: Recoverable, Stage: stageClient, Always: true, Target: there, Models: models})
}

func unique(list []string) []string {
	var out []string
	for _, s := range list {
		if !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

func sortedKeys[V any](m map[string]V) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}
