package execute_test

import (
	"context"
	"maps"
	"sync"
	"time"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/execute"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

// makeWorld is a world in which the target of a move does not exist yet: a stand-in
// for juju makes it, in time, and goes on when nobody waits for it. All that changes
// something can be the last thing that the process does.
type makeWorld struct {
	*moveWorld
	mutex sync.Mutex // guards what follows
	// registry is what the client knows of names, as "juju bootstrap" writes it.
	registry map[string]*entry
	// errands are the programs that were begun, by name; all are kept.
	errands map[string][]*errand
	// serves is since when the new controller serves; zero before it does.
	serves time.Time
	// fate is what becomes of the next bootstrap, and restoring of the next restore.
	fate, restoring fate
	// overtakes is the item that somebody else gives the new controller just before us.
	overtakes string
	// restores is told when a restore begins; lost has the new controller not answer.
	restores func()
	lost     bool
	// snatch has somebody else take the name of the new controller: when juju is
	// started ("start"), or when it is looked at for the second time ("registered"); or
	// begin to make one of that name when juju is started ("begins").
	snatch string
	looked int
	// unread is what the registry cannot be read for, from the second look on.
	unread error
	// busy is for how long the new controller serves only some calls.
	busy time.Duration
	// items are what controllers have, by UUID and path; preset those of the new one
	// that nobody has chosen.
	items  map[string]map[string]string
	preset map[string]bool
	// cloned counts the items that were given, by path; added the users.
	cloned, added map[string]int
	// given are the passwords that users were given.
	given map[string]fleet.Secret
	// ha is what the new controller has of servers, more when it was asked for more.
	ha     fleet.HA
	more   time.Time
	haAsks int
	// passwords are what the operator's file has.
	known map[string]fleet.Secret

	// isMade says that the journal knows the new controller.
	isMade func() bool

	// writes are all that has changed something, in order. The process dies at the
	// one of number killAt: with effect after it, else just before it.
	writes []string
	killAt int
	// killOn is the same by what is written.
	killOn string
	effect bool
	dead   bool
	dies   func()
}

// entry is what the registry has of a name.
type entry struct {
	uuid      string
	addressed bool
}

// fate is how a program ends: after how long, with which code, of which those above 128
// are of signals; or it is killed with all that waits for it, and leaves no code.
type fate struct {
	after  time.Duration
	code   int
	killed bool
	output []string
	// silent is one that writes nothing more.
	silent bool
}

type errand struct {
	fate
	began   time.Time
	program string
	args    []string
	// had says that the registry had the name when it began; brought that a restore has
	// brought its users.
	had, brought bool
}

// How long after its beginning a bootstrap is where.
const (
	entered   = time.Second      // the registry has the name
	launched  = 10 * time.Second // what runs on the machine goes on by itself
	addressed = 60 * time.Second // the registry has the address
	completed = 66 * time.Second
	starting  = 10 * time.Second // its machine's agent, once it serves
	haTime    = 25 * time.Second // until each further server votes
	copying   = 40 * time.Second // of a restore
)

func newMakeWorld(models int) *makeWorld {
	w := &makeWorld{
		moveWorld: newMoveWorld(models), registry: map[string]*entry{"a": {"a-uuid", true}}, errands: map[string][]*errand{},
		fate: fate{after: completed}, restoring: fate{after: copying},
		items: map[string]map[string]string{
			"a-uuid": {
				"clouds/aws": "ec2", "clouds/aws/access/alice": "add-model", "config/audit-log-max-size": "400M",
				"model-defaults/aws/eu-west-1/http-proxy": "proxy", "secret-backends/vault": "token",
			},
			"t-uuid": {"config/audit-log-max-size": "300M"},
		},
		preset: map[string]bool{"config/audit-log-max-size": true},
		cloned: map[string]int{}, added: map[string]int{}, given: map[string]fleet.Secret{},
		ha: fleet.HA{Servers: 1, Well: 1}, known: map[string]fleet.Secret{"svc": "hunter2-planted"},
	}
	return w
}

// the items, by path.
var itemsOfA = []fleet.Item{
	{Kind: fleet.CloudItem, Name: "aws"},
	{Kind: fleet.CloudAccessItem, Name: "aws", User: "alice", Access: "add-model"},
	{Kind: fleet.ConfigItem, Name: "audit-log-max-size"},
	{Kind: fleet.ModelDefaultItem, Name: "http-proxy", Cloud: "aws", Region: "eu-west-1"},
	{Kind: fleet.BackendItem, Name: "vault", ID: "v1"},
}

// unmade makes of a look one in which the target is to be made.
func (w *makeWorld) unmade(f fleet.Fleet, servers int) fleet.Fleet {
	f = w.split(f)
	c := &f.Controllers[0]
	for len(c.Servers) < servers {
		c.Servers = append(c.Servers, c.Servers[0])
	}
	c.Holdings.Users = append(c.Holdings.Users, fleet.User{Name: "svc", Access: "superuser"})
	for _, item := range itemsOfA {
		c.Holdings.Items = append(c.Holdings.Items, fleet.Holding{Item: item, Digest: "of a"})
	}
	c.Holdings.Items = append(c.Holdings.Items, fleet.Holding{Item: fleet.Item{Kind: fleet.ConfigItem, Name: "set-numa-control-policy"}, Value: "true"})
	for i := range c.Models {
		switch c.Models[i].UUID {
		case "a-m0":
			c.Models[i].Cloud = "aws"
		case "a-m1":
			c.Models[i].Belongings.SecretBackends = []string{"v1"}
		}
	}
	to := f.Target
	to.Ref, to.Planned, to.Servers, to.Models = fleet.Ref{Name: "t"}, true, nil, nil
	to.Holdings.HA = &fleet.HA{Servers: 1, Makes: true}
	to.Holdings.Items = []fleet.Holding{{Item: itemsOfA[2], Digest: "of juju", Preset: true}}
	return f
}

// making is a setup in which the target of n models is made, with so many servers.
func making(n, servers int) (*makeWorld, setup) {
	w := newMakeWorld(n)
	w.ha.Makes, w.apart = true, true
	return w, setup{
		world: w.world, moves: w.moveWorld, makes: w, servers: servers,
		goal: fleet.Goal{
			AgentVersion: old, Clone: fleet.CloneNative, Passwords: []string{"svc"}, Juju: "/bin/juju",
			Bootstrap: &fleet.Bootstrap{Cloud: "aws", Region: "eu-west-1", Args: []string{"--constraints", "mem=8G"}, Juju: "/bin/juju", Version: next},
		},
		options: plan.Options{Parallel: 2, MaxFailures: 1, Stall: 4 * time.Minute},
	}
}

func (w *makeWorld) engine(d *diary, before map[string]fleet.Health, dir string) *execute.Engine {
	e := w.moveWorld.engine(d, before, dir)
	w.isMade = func() bool { return d.State().Made.UUID != "" }
	settling := &execute.Settling{}
	maps.Copy(e.Kinds, map[plan.Kind]execute.Kind{
		plan.Backup:         execute.MakeBackup{Archivist: w, Dir: dir, Run: 1},
		plan.ModelUpgrade:   execute.ModelUpgrade{Watcher: w, Upgrader: w},
		plan.Verify:         execute.Verify{Watcher: w, Before: before, Settling: settling},
		plan.AddUser:        execute.AddUser{Watcher: w, Registrar: w, Registrations: w, Passwords: w.known},
		plan.DisableUser:    execute.DisableUser{Watcher: w, Registrar: w, Registrations: w},
		plan.MakeController: execute.MakeController{Watcher: w, Comparer: w, Errands: w},
		plan.EnableHA:       execute.EnableHA{Comparer: w, Cloner: w},
		plan.CloneItem:      execute.CloneItem{Comparer: w, Cloner: w},
		plan.RestoreCopy:    execute.RestoreCopy{Watcher: w, Errands: w, Backup: execute.MakeBackup{Archivist: w, Dir: dir, Run: 1}},
		plan.Migrate:        execute.Migrate{Watcher: w, Mover: w, Accounts: &execute.Accounts{Mover: w, Prefix: "run-1"}},
		plan.Arrive:         execute.Arrive{Watcher: w, Restarts: &execute.Restarts{}, Done: d.wasDone},
		plan.Relations:      execute.Relations{Watcher: w, Before: before},
		plan.RemoveAccounts: execute.RemoveAccounts{Watcher: w, Mover: w, Prefix: "run-1", State: d.State, Since: settling},
		plan.FollowModels:   execute.FollowModels{Watcher: w, Store: w},
	})
	return e
}

// write is something that changes the world, or the run's own files.
func (w *makeWorld) write(what string, do func() error) error {
	w.mutex.Lock()
	if w.dead {
		w.mutex.Unlock()
		return away()
	}
	w.writes = append(w.writes, what)
	kill := len(w.writes) == w.killAt || what == w.killOn
	w.dead = kill
	w.mutex.Unlock()
	if kill && !w.effect {
		w.dies()
		return away()
	}
	err := do()
	if kill {
		w.dies()
		return away() // nobody hears the answer
	}
	return err
}

// killed carries out a run whose process dies at that write; false when the run has
// fewer of them.
func (w *makeWorld) killed(ctx context.Context, s setup, d *diary, before map[string]fleet.Health, at int, effect bool) bool {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	w.killAt, w.effect = at, effect
	w.dies = func() {
		d.mu.Lock()
		d.dead = true
		d.mu.Unlock()
		cancel()
	}
	_ = s.engine(d, before).Run(ctx) // killed, whatever it says
	w.mutex.Lock()
	defer w.mutex.Unlock()
	died := w.dead
	w.dead, w.killAt, w.killOn = false, 0, ""
	d.dead = false
	return died
}
