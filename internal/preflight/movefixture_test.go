package preflight

import (
	"strconv"
	"time"

	"github.com/juju/version/v2"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// same is the version at which both controllers of the moving estate are.
var same = version.MustParse("3.6.24")

// moving makes of an estate one whose models move: prod, and all of it, is at
// 3.6.24, and so is new, a controller of three that has all that they need. Prod
// sees 3.6.28, to which nothing may go. There is only one thing to say of it.
func moving(e *estate) {
	e.fleet.Client.Version = same
	c := e.c()
	for i := range c.Models {
		goTo(&c.Models[i], same)
	}
	controllerAt(c, same)
	c.Objections.Chosen = version.MustParse("3.6.28")
	there := e.other("new", same)
	e.fleet.Controllers = e.fleet.Controllers[:1]
	there.Aliases, there.User = nil, "boss"
	e.fleet.Target = there
	e.goal.To, e.goal.ToVersion = there.Ref, same
	for _, h := range []*fleet.Controller{e.c(), there} {
		h.Holdings = &fleet.Holdings{
			Users:          []fleet.User{{Name: "admin"}, {Name: "alice"}},
			IdentityURL:    "https://id.example",
			Clouds:         []fleet.Cloud{{Name: "lab", Type: "lxd", Regions: []string{"default"}}},
			SecretBackends: []fleet.SecretBackend{{ID: "b-1", Name: "vault", Type: "vault"}},
			AgentRate:      fleet.AgentRate{Burst: 10, Interval: 250 * time.Millisecond},
			MigrationWait:  15 * time.Minute,
		}
	}
	for _, m := range []*fleet.Model{e.web(), e.db()} {
		m.Region = "default"
		m.Belongings = &fleet.Belongings{
			Owner: "admin",
			Users: []fleet.ModelUser{{Name: "admin", Access: "admin"}, {Name: "alice", Access: "read"}, {Name: "bob@example", Access: "read"}},
			Credential: fleet.Credential{
				Cloud: "lab", Owner: "admin", Name: "default",
			},
			SecretBackends: []string{"b-1"},
			Charms:         []fleet.Charm{{Application: "app", URL: "ch:amd64/app-1", Manifest: true}, {Application: "own", URL: "local:own-0", Manifest: true}},
		}
	}
}

// moves is a moving estate, changed.
func moves(change func(*estate)) func(*estate) {
	return func(e *estate) {
		moving(e)
		change(e)
	}
}

// toward brings the target of a moving estate to a version.
func (e *estate) toward(v string) {
	controllerAt(e.there(), version.MustParse(v))
	e.goal.ToVersion = e.there().Version
	e.fleet.Client.Version = e.there().Version
}

// from brings the source of a moving estate, and all of it, to a version.
func (e *estate) from(v string) {
	controllerAt(e.c(), version.MustParse(v))
	goTo(e.web(), e.c().Version)
	goTo(e.db(), e.c().Version)
	e.c().Objections = &fleet.Objections{}
	e.goal.AgentVersion = e.c().Version
}

func (e *estate) there() *fleet.Controller { return e.fleet.Target }
func (e *estate) brought() *fleet.Belongings {
	return e.web().Belongings
}

// arrived makes the target list a model as one of its own.
func (e *estate) arrived(m fleet.Model) *fleet.Model {
	e.there().Models = append(e.there().Models, m)
	return &e.there().Models[len(e.there().Models)-1]
}

// crowd gives a model that many agents.
func crowd(m *fleet.Model, agents int) {
	m.Status.Agents = nil
	for len(m.Status.Agents) < agents {
		a := unit("many/" + strconv.Itoa(len(m.Status.Agents)))
		a.Version = m.Version
		m.Status.Agents = append(m.Status.Agents, a)
	}
}

// fresh makes of a moving estate one whose target the run is to make, on the same
// cloud and with the same identity provider; all is cloned.
func (e *estate) fresh() {
	e.goal.Clone = fleet.CloneNative
	e.goal.To = fleet.Ref{Name: "fresh"}
	e.goal.Bootstrap = &fleet.Bootstrap{Cloud: "lab", Region: "default", Juju: "/usr/bin/juju", Version: same, Args: []string{"--config=identity-url=https://id.example"}}
	e.fleet.Target = &fleet.Controller{
		Ref: e.goal.To, Planned: true, Cloud: "lab", Region: "default", Version: same, User: "admin", Access: fleet.AccessSuperuser,
		Holdings: &fleet.Holdings{
			Users:          []fleet.User{{Name: "admin", Access: fleet.AccessSuperuser}},
			Clouds:         []fleet.Cloud{{Name: "lab", Type: "lxd", Regions: []string{"default"}}},
			SecretBackends: e.c().Holdings.SecretBackends,
			AgentRate:      e.c().Holdings.AgentRate,
			HA:             &fleet.HA{Servers: 1, Makes: true},
		},
	}
}

// freshly is a moving estate with such a target, changed.
func freshly(change func(*estate)) func(*estate) {
	return moves(func(e *estate) { e.fresh(); change(e) })
}

// freshAt brings the target that is to be made, and the client that makes it, to a
// version.
func (e *estate) freshAt(v string) {
	e.there().Version = version.MustParse(v)
	e.goal.Bootstrap.Version, e.goal.ToVersion = e.there().Version, e.there().Version
	e.fleet.Client.Version = e.there().Version
}

// cloning is a moving estate of which all is cloned to a target that exists.
func cloning(change func(*estate)) func(*estate) {
	return moves(func(e *estate) { e.goal.Clone = fleet.CloneNative; change(e) })
}

// restoring is one that is copied by juju-restore, from 3.6.20 to 3.6.24.
func restoring(change func(*estate)) func(*estate) {
	return moves(func(e *estate) {
		e.from("3.6.20")
		e.goal.Clone, e.goal.Backup = fleet.CloneRestore, fleet.BackupAuto
		e.goal.Restore, e.goal.Juju = "/opt/juju-restore", "/usr/bin/juju"
		e.there().Holdings.Users = e.there().Holdings.Users[:1]
		change(e)
	})
}

// setting is a key of a controller's configuration that somebody has chosen.
func setting(key, value string) fleet.Holding {
	return fleet.Holding{Item: fleet.Item{Kind: fleet.ConfigItem, Name: key}, Value: value, Digest: key + value}
}

// untold is one whose value nobody sees.
func untold(key string) fleet.Holding {
	h := setting(key, "")
	h.Untold = true
	return h
}

// holding gives a controller items.
func holding(c *fleet.Controller, items ...fleet.Holding) {
	c.Holdings.Items = append(c.Holdings.Items, items...)
}
