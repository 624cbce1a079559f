package execute_test

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/execute"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

// moveWorld is a world of two controllers, a and t, in which models move from a to
// t. A migration takes its time, agents follow it, and it can be told to fail.
type moveWorld struct {
	*world
	source, target *controller
	// moving are the migrations by model, the ended ones too.
	moving map[string]*move
	// users are those of the target, passwords those of accounts.
	users     map[string]*fleet.User
	passwords map[string]fleet.Secret
	// made and removed count accounts; registered the strings that were given out
	// for each user.
	made, removed int
	registered    map[string]int
	// kept stands for the run's file.
	kept map[string]string
	// followed are the models that the client's store finds on the target.
	followed map[string]bool
	// migrated counts the requests for each model, accepted or not.
	migrated map[string]int

	// unlucky are the models whose next migration is given up by Juju, leftover
	// those of which it leaves a half on the target, unreaped those that the
	// source goes on listing; hidden says that the source shows no migration.
	unlucky, leftover, unreaped map[string]bool
	hidden                      bool
	// stranded are the agents that stay with the source, by model.
	stranded map[string]string
	// loseUser makes the next answer to AddUser for that user be lost; overtake has
	// somebody else make that user just before.
	loseUser, overtake string
	// related has a-m1 consume what a-m0 offers; torn keeps them apart on the target.
	related, torn bool
	// noAccounts keeps accounts from being made; sway has stuck migrations go to and
	// fro between two phases.
	noAccounts, sway bool
	// stick makes migrations stay where they are; listsImporting has the target list
	// models that it is importing.
	stick, listsImporting bool
	// podTime is how long each pod of a model that has moved is away when it is replaced,
	// podPause how long after it the next one is, podTrouble what Kubernetes says of it
	// meanwhile.
	podTime, podPause time.Duration
	podTrouble        string
}

// move is one migration.
type move struct {
	began  time.Time
	ends   time.Time // of one that is given up; zero for one that goes well
	stuck  bool
	halves bool // what is left over on the target
}

// How long after its beginning a migration is where.
const (
	importing = 6 * time.Second
	active    = 12 * time.Second
	reaped    = 20 * time.Second
)

func newMoveWorld(models int) *moveWorld {
	a, t := newController("a", models), newController("t", 0)
	t.base = next
	t.models["t-own"].version, t.models["t-own"].was = next, next
	return &moveWorld{
		world: newWorld(a, t), source: a, target: t,
		moving: map[string]*move{}, users: map[string]*fleet.User{"admin": {Name: "admin", Access: "superuser"}},
		passwords: map[string]fleet.Secret{}, registered: map[string]int{}, kept: map[string]string{},
		followed: map[string]bool{}, migrated: map[string]int{},
		unlucky: map[string]bool{}, leftover: map[string]bool{}, unreaped: map[string]bool{}, stranded: map[string]string{},
	}
}

// split makes the second controller of a look the target of the first.
func (w *moveWorld) split(f fleet.Fleet) fleet.Fleet {
	target := f.Controllers[1]
	target.Holdings = &fleet.Holdings{Users: []fleet.User{{Name: "admin", Access: "superuser"}}}
	f.Controllers = f.Controllers[:1]
	f.Target = &target
	c := &f.Controllers[0]
	c.Holdings = &fleet.Holdings{MigrationWait: time.Minute, Users: []fleet.User{{Name: "admin"}, {Name: "alice", DisplayName: "Alice", Access: "superuser"}, {Name: "bob", Access: "login", Disabled: true}}}
	for i := range c.Models {
		w.relate(&c.Models[i].Status, w.source.uuid, c.Models[i].UUID)
		users := []fleet.ModelUser{{Name: "admin", Access: "admin"}}
		switch i {
		case 1:
			users = append(users, fleet.ModelUser{Name: "alice", Access: "write"})
		case 2:
			users = append(users, fleet.ModelUser{Name: "bob", Access: "read"}, fleet.ModelUser{Name: "eve@elsewhere"})
		}
		c.Models[i].Belongings = &fleet.Belongings{Owner: "admin", Users: users}
	}
	return f
}

func (w *moveWorld) engine(d *diary, before map[string]fleet.Health, dir string) *execute.Engine {
	settling := &execute.Settling{}
	return &execute.Engine{
		Journal: d,
		Kinds: map[plan.Kind]execute.Kind{
			plan.Backup:            execute.MakeBackup{Archivist: w, Dir: dir, Run: 1},
			plan.ControllerUpgrade: execute.ControllerUpgrade{Watcher: w, Upgrader: w},
			plan.ModelUpgrade:      execute.ModelUpgrade{Watcher: w, Upgrader: w},
			plan.Verify:            execute.Verify{Watcher: w, Before: before, Settling: settling},
			plan.AddUser:           execute.AddUser{Watcher: w, Registrar: w, Registrations: w},
			plan.DisableUser:       execute.DisableUser{Watcher: w, Registrar: w, Registrations: w},
			plan.Migrate:           execute.Migrate{Watcher: w, Mover: w, Accounts: &execute.Accounts{Mover: w, Prefix: "run-1"}},
			plan.Arrive:            execute.Arrive{Watcher: w, Restarts: &execute.Restarts{}, Done: d.wasDone},
			plan.Relations:         execute.Relations{Watcher: w, Before: before},
			plan.RemoveAccounts:    execute.RemoveAccounts{Watcher: w, Mover: w, Prefix: "run-1", State: d.State, Since: settling},
			plan.FollowModels:      execute.FollowModels{Watcher: w, Store: w},
		},
	}
}

// pass lets time have its effects: what is over is over.
func (w *moveWorld) pass() {
	for uuid, mv := range w.moving {
		m, age := w.source.models[uuid], time.Since(mv.began)
		if m == nil || mv.stuck || !mv.ends.IsZero() && !time.Now().Before(mv.ends) {
			continue
		}
		if mv.ends.IsZero() && age >= active && w.target.models[uuid] == nil {
			there := *m
			there.was, there.asked = m.version, mv.began.Add(active)
			there.never = map[string]bool{}
			for name := range m.never {
				there.never[name] = true
			}
			if name := w.stranded[uuid]; name != "" {
				there.never[name] = true
			}
			w.target.models[uuid] = &there
		}
		if mv.ends.IsZero() && age >= reaped && !w.unreaped[uuid] && !w.hidden {
			delete(w.source.models, uuid)
		}
	}
}

// underway says that the migration has not ended.
func (mv *move) underway() bool {
	if !mv.ends.IsZero() {
		return time.Now().Before(mv.ends)
	}
	return mv.stuck || time.Since(mv.began) < reaped
}

// phase is what the source says of a migration under way.
func (mv *move) phase() string {
	age := time.Since(mv.began)
	switch {
	case mv.stuck || age < importing:
		return "quiescing, waiting for agents to report back"
	case age < active:
		return "importing model into target controller"
	}
	return "successful, transferring logs to target controller"
}

func (w *moveWorld) ModelAt(ctx context.Context, cr, mr fleet.Ref) (fleet.Model, bool, error) {
	w.mu.Lock()
	w.pass()
	mv := w.moving[mr.UUID]
	_, there := w.target.models[mr.UUID]
	w.mu.Unlock()
	if cr.UUID == w.target.uuid && mv != nil && !there {
		half := mv.halves || !w.hidden && mv.underway() && time.Since(mv.began) >= importing
		return fleet.Model{Ref: mr, Life: "alive", Condition: fleet.Condition{Status: "available"}}, half, nil
	}
	m, found, err := w.world.ModelAt(ctx, cr, mr)
	if cr.UUID == w.source.uuid && mv != nil && !w.hidden {
		m.LastMigration = &fleet.Migration{Status: mv.phase(), Start: mv.began}
		if w.sway && time.Now().Unix()/7%2 == 0 {
			m.LastMigration.Status = "validating, all agents reported success"
		}
		if !mv.underway() {
			m.LastMigration.Status, m.LastMigration.End = "aborted, removing model from target controller: machine sanity check failed", time.Now()
		}
	}
	return m, found, err
}

func (w *moveWorld) Models(ctx context.Context, cr fleet.Ref) ([]fleet.Model, error) {
	w.mu.Lock()
	w.pass()
	w.mu.Unlock()
	models, err := w.world.Models(ctx, cr)
	for i := range models {
		models[i].Name, models[i].Life = "admin/"+models[i].UUID, "alive"
		if mv := w.moving[models[i].UUID]; mv != nil && cr.UUID == w.source.uuid && !w.hidden {
			models[i].LastMigration = &fleet.Migration{Start: mv.began}
			if !mv.underway() {
				models[i].LastMigration.End = time.Now()
			}
		}
	}
	return append(models, w.importing(cr)...), err
}

// importing are the models that a target which lists them is importing.
func (w *moveWorld) importing(cr fleet.Ref) []fleet.Model {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.listsImporting || cr.UUID != w.target.uuid {
		return nil
	}
	var out []fleet.Model
	for uuid, mv := range w.moving {
		if age := time.Since(mv.began); age >= importing && age < active {
			out = append(out, fleet.Model{Ref: fleet.Ref{UUID: uuid}, Life: "alive", Condition: fleet.Condition{Status: "busy"}})
		}
	}
	return out
}

// unstick lets stuck migrations begin anew, and go well.
func (w *moveWorld) unstick() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.stick = false
	for _, mv := range w.moving {
		mv.stuck, mv.began = false, time.Now()
	}
}

func (w *moveWorld) ModelStatus(ctx context.Context, cr, mr fleet.Ref) (fleet.ModelStatus, error) {
	w.mu.Lock()
	w.pass()
	w.mu.Unlock()
	status, err := w.world.ModelStatus(ctx, cr, mr)
	if err != nil {
		return status, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.relate(&status, cr.UUID, mr.UUID)
	if mv := w.moving[mr.UUID]; mv != nil && cr.UUID == w.target.uuid {
		w.restart(mv, &status)
	}
	return status, nil
}

// podsLate is how long after its success the target replaces the pods of a model.
const podsLate = 6 * time.Second

// restart has the pods of a model that has moved be replaced, one after the other.
func (w *moveWorld) restart(mv *move, status *fleet.ModelStatus) {
	if w.podTime == 0 {
		return
	}
	turn := w.podTime + w.podPause
	at := time.Since(mv.began) - active - podsLate
	if i := int(at / turn); at >= 0 && i < len(status.Agents) && at%turn < w.podTime {
		a := &status.Agents[i]
		a.State.Status, a.Health = "lost", fleet.Condition{Status: "unknown"}
		if w.podTrouble != "" {
			a.Health = fleet.Condition{Status: "error", Message: w.podTrouble}
		}
	}
}

// relate shows what a-m0 offers to a-m1: joined while both are on one controller,
// unless the relation is broken for good.
func (w *moveWorld) relate(status *fleet.ModelStatus, controller, model string) {
	if !w.related {
		return
	}
	c := w.controllers[controller]
	switch model {
	case "a-m0":
		offer := fleet.Offer{Name: "db"}
		if c.models["a-m1"] != nil && (c != w.target || !w.torn) {
			offer.Connected, offer.Total = 1, 1
		}
		status.Offers = append(status.Offers, offer)
	case "a-m1":
		status.Remotes = append(status.Remotes, fleet.Remote{Name: "db", OfferURL: "admin/a-m0.db", Status: fleet.Condition{Status: "active"}})
	}
}

func (w *moveWorld) Migrate(ctx context.Context, source, target, mr fleet.Ref, as execute.Account) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.pass()
	w.migrated[mr.UUID]++
	if errs := w.refuse["migrate "+mr.UUID]; len(errs) > 0 {
		w.refuse["migrate "+mr.UUID] = errs[1:]
		return errs[0]
	}
	if source.UUID != w.source.uuid || target.UUID != w.target.uuid {
		w.breaks("%s was moved from %s to %s", mr.UUID, source.UUID, target.UUID)
	}
	if w.passwords[as.User] != as.Password || as.Password == "" {
		return &fleet.Problem{Code: fleet.Refused, Text: "connect to target controller: invalid entity name or password"}
	}
	for _, name := range []string{"alice", "bob"} {
		if mr.UUID == map[string]string{"alice": "a-m0", "bob": "a-m1"}[name] && w.users[name] == nil {
			w.breaks("%s moves and %s is not there", mr.UUID, name)
		}
	}
	if mv := w.moving[mr.UUID]; mv != nil && mv.underway() || w.target.models[mr.UUID] != nil {
		w.breaks("%s was asked to move while it did, or had", mr.UUID)
	}
	w.moving[mr.UUID] = &move{began: time.Now(), stuck: w.stick}
	if w.unlucky[mr.UUID] {
		delete(w.unlucky, mr.UUID)
		w.moving[mr.UUID].ends = time.Now().Add(active)
		w.moving[mr.UUID].halves = w.leftover[mr.UUID]
	}
	if errs := w.lose["migrate "+mr.UUID]; len(errs) > 0 {
		w.lose["migrate "+mr.UUID] = errs[1:]
		return errs[0]
	}
	return nil
}

func (w *moveWorld) AddAccount(_ context.Context, _ fleet.Ref, a execute.Account) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.noAccounts {
		return &fleet.Problem{Code: fleet.Refused, Text: "no more users"}
	}
	w.made++
	w.users[a.User] = &fleet.User{Name: a.User, Access: "superuser"}
	w.passwords[a.User] = a.Password
	return nil
}

func (w *moveWorld) RemoveAccount(_ context.Context, _ fleet.Ref, user string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.pass()
	for uuid, mv := range w.moving {
		if mv.underway() {
			w.breaks("%s was removed while %s is under way", user, uuid)
		}
	}
	w.removed++
	delete(w.users, user)
	return nil
}

func (w *moveWorld) Users(_ context.Context, cr fleet.Ref) ([]fleet.User, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []fleet.User
	for _, u := range w.users {
		out = append(out, *u)
	}
	return out, nil
}

func (w *moveWorld) AddUser(_ context.Context, _ fleet.Ref, name, display string, _ fleet.Secret) (fleet.Secret, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.overtake == name {
		w.users[name] = &fleet.User{Name: name, Access: "login"}
	}
	if w.users[name] != nil {
		return "", &fleet.Problem{Code: fleet.Exists, Text: "user already exists"}
	}
	w.users[name] = &fleet.User{Name: name, DisplayName: display, Access: "login"}
	w.registered[name]++
	if w.loseUser == name {
		w.loseUser = ""
		return "", away()
	}
	return fleet.Secret(fmt.Sprint("key of ", name, " ", w.registered[name])), nil
}

func (w *moveWorld) ResetUser(_ context.Context, _ fleet.Ref, name string) (fleet.Secret, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.users[name].Disabled {
		return "", &fleet.Problem{Code: fleet.Refused, Text: "user deactivated"}
	}
	w.registered[name]++
	return fleet.Secret(fmt.Sprint("key of ", name, " ", w.registered[name])), nil
}

func (w *moveWorld) GrantController(_ context.Context, _ fleet.Ref, name, access string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.users[name].Access = access
	return nil
}

func (w *moveWorld) DisableUser(_ context.Context, _ fleet.Ref, name string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.users[name].Disabled = true
	return nil
}

// The file of registrations, which outlives a kill.

func (w *moveWorld) Intend(user string) error {
	return w.keep(func() { w.kept[user] = "" })
}

func (w *moveWorld) Forget(user string) error {
	return w.keep(func() { delete(w.kept, user) })
}

func (w *moveWorld) Keep(user string, s fleet.Secret) error {
	return w.keep(func() { w.kept[user] = s.Reveal() })
}

func (w *moveWorld) keep(change func()) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	change()
	return nil
}

func (w *moveWorld) Of(user string) (intended, kept bool, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	s, ok := w.kept[user]
	return ok, s != "", nil
}

func (w *moveWorld) Knows(_, _ fleet.Ref, moved []fleet.Model) (bool, error) {
	for _, m := range moved {
		if !w.followed[m.UUID] {
			return false, nil
		}
	}
	return true, nil
}

func (w *moveWorld) Follow(_ context.Context, _, _ fleet.Ref, moved []fleet.Model) error {
	for _, m := range moved {
		w.followed[m.UUID] = true
	}
	return nil
}

// accounts are the run's that are left on the target.
func (w *moveWorld) accounts() []string {
	var out []string
	for name := range w.users {
		if strings.HasPrefix(name, "run-") {
			out = append(out, name)
		}
	}
	return out
}

// homes tells on how many controllers each model works.
func (w *moveWorld) homes() map[string]int {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.pass()
	out := map[string]int{}
	for uuid, m := range w.source.models {
		if !m.controller {
			out[uuid] = 0
			if w.target.models[uuid] == nil {
				out[uuid]++
			}
		}
	}
	for uuid, m := range w.target.models {
		if !m.controller {
			out[uuid]++
		}
	}
	return out
}
