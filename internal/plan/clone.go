package plan

import (
	"cmp"
	"slices"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/rules"
)

// newController plans what makes the target what models can move to: it is made, where
// it does not exist, gets what a backup brings, and as many servers as the source has.
// It returns the step that has to be done before anything else of the target begins;
// ready when there is none.
func (b *builder) newController(ready string) string {
	there := b.in.Fleet.Target
	step := func(id string, kind Kind) Step {
		s := Step{ID: "/" + there.Name + "/" + id, Kind: kind, Lane: "/" + there.Name + "/controller", Class: Recoverable, Target: there.Ref, To: there.Version}
		if ready != "" {
			s.Needs = []string{ready}
		}
		return s
	}
	if there.Planned {
		s := step("bootstrap", MakeController)
		how := *b.in.Goal.Bootstrap
		how.KeepBroken = !there.Holdings.Makes()
		s.Bootstrap, s.Config = &how, b.bootstrapConfig()
		ready = b.add(s)
	}
	if rules.Restores(b.in.Goal, b.c, there) {
		s := step("restore", RestoreCopy)
		s.Program, s.Juju = b.in.Goal.Restore, b.in.Goal.Juju
		s.Names = b.localUsersHere()
		ready = b.add(s)
	}
	if n := rules.ServersFor(b.c, there); n > 0 {
		s := step("enable-ha", EnableHA)
		s.Servers = n
		ready = b.add(s)
	}
	return ready
}

// bootstrapConfig is what can only be set when a controller is made, where somebody
// has chosen it on the source and nobody for the target. Secrets are not: arguments of
// a program are seen by every user of the machine, and are in the plan.
func (b *builder) bootstrapConfig() map[string]string {
	out := map[string]string{}
	if b.c.Holdings == nil || b.in.Fleet.Target.Holdings == nil || !b.in.Goal.ClonesAll() {
		return nil
	}
	for _, h := range b.c.Holdings.Items {
		there := b.in.Fleet.Target.Holdings.Holding(h.Item)
		if rules.GivenAtBootstrap(b.in.Fleet.Target.Version, h) && (there == nil || there.Preset) {
			out[h.Name] = h.Value
		}
	}
	return out
}

// localUsersHere are the names of all local users of the source, but of those that
// Juju makes itself.
func (b *builder) localUsersHere() []string {
	if b.c.Holdings == nil {
		return nil
	}
	var out []string
	for _, u := range b.c.Holdings.Users {
		if fleet.LocalUser(u.Name) && !rules.JujusOwnUser(u.Name) {
			out = append(out, u.Name)
		}
	}
	slices.Sort(out)
	return out
}

// items plans what the target is to be given, and adds to needs what each of the
// moving models cannot do without.
func (b *builder) items(moving []*fleet.Model, needs map[string][]string, made []User, ready string) {
	for _, item := range b.missing(moving) {
		id := b.itemID(item)
		step := Step{ID: id, Kind: CloneItem, Lane: id, Class: Recoverable, Stage: stageUsers, Target: b.in.Fleet.Target.Ref, Item: &item}
		if ready != "" {
			step.Needs = []string{ready}
		}
		step.Needs = append(step.Needs, b.itemNeeds(item, made)...)
		b.add(step)
		for _, m := range moving {
			if needsItem(m, item) {
				needs[m.UUID] = append(needs[m.UUID], id)
			}
		}
	}
}

func (b *builder) itemID(item fleet.Item) string {
	return "/" + b.in.Fleet.Target.Name + "/" + item.Path()
}

// missing are the items that the target lacks: all, or, where only some models are
// brought there, those that they need.
func (b *builder) missing(moving []*fleet.Model) []fleet.Item {
	here := b.c.Holdings
	if here == nil || !b.in.Goal.Clones() {
		return nil
	}
	var out []fleet.Item
	for i := range here.Items {
		h := &here.Items[i]
		if !rules.Lacks(b.in.Fleet.Target, *h) {
			continue // it is equal, or somebody's choice: preflight tells
		}
		if b.in.Goal.ClonesAll() || slices.ContainsFunc(moving, func(m *fleet.Model) bool { return needsItem(m, h.Item) }) {
			out = append(out, h.Item)
		}
	}
	slices.SortStableFunc(out, func(x, y fleet.Item) int {
		return cmp.Or(cmp.Compare(rankOf(x.Kind), rankOf(y.Kind)), fleet.CompareNatural(x.Path(), y.Path()))
	})
	return out
}

// rankOf puts clouds before what is about them.
func rankOf(kind fleet.ItemKind) int {
	return slices.Index([]fleet.ItemKind{fleet.CloudItem, fleet.CloudAccessItem, fleet.BackendItem, fleet.ConfigItem, fleet.ModelDefaultItem}, kind)
}

// itemNeeds are the steps of the plan without which the item cannot be there.
func (b *builder) itemNeeds(item fleet.Item, made []User) []string {
	var want []string
	switch item.Kind {
	case fleet.CloudAccessItem:
		want = append(want, b.itemID(fleet.Item{Kind: fleet.CloudItem, Name: item.Name}))
		if slices.ContainsFunc(made, func(u User) bool { return u.Name == item.User }) {
			want = append(want, b.userID(item.User))
		}
	case fleet.ModelDefaultItem:
		want = append(want, b.itemID(fleet.Item{Kind: fleet.CloudItem, Name: item.Cloud}))
	case fleet.CloudItem, fleet.ConfigItem, fleet.BackendItem:
	}
	return slices.DeleteFunc(want, func(id string) bool {
		return !slices.ContainsFunc(b.steps, func(s Step) bool { return s.ID == id })
	})
}

// needsItem says that the target has to have the item before the model can move.
func needsItem(m *fleet.Model, item fleet.Item) bool {
	switch item.Kind {
	case fleet.CloudItem:
		return m.Cloud == item.Name
	case fleet.BackendItem:
		return m.Belongings != nil && slices.Contains(m.Belongings.SecretBackends, item.ID)
	case fleet.CloudAccessItem, fleet.ConfigItem, fleet.ModelDefaultItem:
	}
	return false
}

// people tells how each user of the source gets to the target.
func (b *builder) people(made []User) []Person {
	here, there := b.c.Holdings, b.in.Fleet.Target.Holdings
	if here == nil || there == nil {
		return nil
	}
	var out []Person
	for _, u := range here.Users {
		if rules.JujusOwnUser(u.Name) {
			continue
		}
		p := Person{Name: u.Name, Access: u.Access, Comes: StaysOut}
		i := slices.IndexFunc(made, func(m User) bool { return m.Name == u.Name })
		switch {
		case !fleet.LocalUser(u.Name):
			p.Comes = External
		case there.User(u.Name) != nil && b.in.Fleet.Target.Planned:
			p.Comes = ComesWithIt
		case there.User(u.Name) != nil:
			p.Comes = WasThere
		case i < 0:
		case made[i].Password:
			p.Comes = HasPassword
		case b.in.Goal.Clone == fleet.CloneRestore:
			p.Comes = Restored
		default:
			p.Comes = Registers
		}
		if i >= 0 {
			p.Access = made[i].Access
		}
		out = append(out, p)
	}
	slices.SortFunc(out, func(x, y Person) int { return fleet.CompareNatural(x.Name, y.Name) })
	return out
}
