package preflight

import (
	"testing"
	"time"

	"github.com/juju/version/v2"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

var (
	looked = time.Date(2026, 11, 24, 2, 0, 0, 0, time.UTC)
	old    = version.MustParse("3.6.4")
	target = version.MustParse("3.6.11")
)

// estate is a fleet and a goal that a test changes.
type estate struct {
	fleet fleet.Fleet
	goal  fleet.Goal
}

// well is a controller of three with two models, all at 3.6.4 and well; it sees
// 3.6.11. Nothing is to be said of it.
func well() *estate {
	prod := fleet.Controller{
		Ref:     fleet.Ref{UUID: "c-prod", Name: "prod"},
		Aliases: []string{"prod-old"},
		Cloud:   "lab", Version: old, User: "admin", Access: fleet.AccessSuperuser,
		Objections: &fleet.Objections{Chosen: target, Arches: []string{"amd64"}},
		Servers: []fleet.Server{
			{Addresses: []string{"10.0.0.1:17070"}, Version: old},
			{Addresses: []string{"10.0.0.2:17070"}, Version: old},
			{Addresses: []string{"10.0.0.3:17070"}, Version: old},
		},
		Models: []fleet.Model{
			model("admin/controller", old, member("0"), member("1"), member("2"), unit("controller/0"), unit("controller/1"), unit("controller/2")),
			model("admin/web", old, machine("0"), container("0/lxd/0"), unit("web/0"), subordinate("logs/0")),
			model("admin/db", old, machine("0"), machine("1"), unit("db/0"), unit("db/1")),
		},
	}
	prod.Models[0].IsController = true
	return &estate{
		fleet: fleet.Fleet{
			Looked:      looked,
			Client:      fleet.Client{Version: target, Path: "/usr/bin/juju"},
			Controllers: []fleet.Controller{prod},
		},
		goal: fleet.Goal{Backup: fleet.BackupSkip},
	}
}

// other adds a controller without hosted models.
func (e *estate) other(name string, v version.Number) *fleet.Controller {
	c := well().fleet.Controllers[0]
	c.UUID, c.Name, c.Aliases, c.Version = "c-"+name, name, nil, v
	c.Models = c.Models[:1]
	c.Models[0].UUID = "m-" + name
	c.Objections = &fleet.Objections{}
	controllerAt(&c, v)
	e.fleet.Controllers = append(e.fleet.Controllers, c)
	return &e.fleet.Controllers[len(e.fleet.Controllers)-1]
}

func (e *estate) c() *fleet.Controller { return &e.fleet.Controllers[0] }
func (e *estate) own() *fleet.Model    { return &e.c().Models[0] }
func (e *estate) web() *fleet.Model    { return &e.c().Models[1] }
func (e *estate) db() *fleet.Model     { return &e.c().Models[2] }
func (e *estate) run() []fleet.Finding { return Run(e.fleet, e.goal) }

func model(name string, v version.Number, agents ...fleet.Agent) fleet.Model {
	m := fleet.Model{
		Ref: fleet.Ref{UUID: "m-" + name, Name: name}, Type: fleet.IAAS, Cloud: "lab", Life: "alive",
		Condition: fleet.Condition{Status: "available"}, Version: v, Access: fleet.AccessAdmin,
	}
	m.Status = fleet.ModelStatus{Version: v, Condition: m.Condition, Agents: agents}
	return m
}

func agent(kind fleet.AgentKind, name, state, health string) fleet.Agent {
	return fleet.Agent{Kind: kind, Name: name, Version: old,
		State:  fleet.Condition{Status: state, Since: looked.Add(-5 * time.Minute)},
		Health: fleet.Condition{Status: health}}
}

func machine(name string) fleet.Agent {
	a := agent(fleet.MachineAgent, name, "started", "running")
	a.Arch, a.Base = "amd64", "ubuntu@22.04"
	return a
}

func container(name string) fleet.Agent {
	a := machine(name)
	a.Kind = fleet.ContainerAgent
	return a
}

func member(name string) fleet.Agent {
	a := machine(name)
	a.WantsVote = true
	return a
}

func unit(name string) fleet.Agent { return agent(fleet.UnitAgent, name, "idle", "active") }

func subordinate(name string) fleet.Agent {
	return agent(fleet.SubordinateAgent, name, "idle", "active")
}

// goTo brings a model and its agents to a version.
func goTo(m *fleet.Model, v version.Number) {
	m.Version, m.Status.Version = v, v
	for i := range m.Status.Agents {
		m.Status.Agents[i].Version = v
	}
}

// controllerAt brings a controller, but not its models, to a version.
func controllerAt(c *fleet.Controller, v version.Number) {
	c.Version = v
	for i := range c.Servers {
		c.Servers[i].Version = v
	}
	goTo(&c.Models[0], v)
}

// of returns the findings of a code.
func of(findings []fleet.Finding, code string) []fleet.Finding {
	var out []fleet.Finding
	for _, f := range findings {
		if f.Code == code {
			out = append(out, f)
		}
	}
	return out
}

// only returns the one finding of a code.
func only(t *testing.T, findings []fleet.Finding, code string) fleet.Finding {
	t.Helper()
	found := of(findings, code)
	if len(found) != 1 {
		t.Fatalf("%d findings of %s in %+v", len(found), code, findings)
	}
	return found[0]
}

// none fails if there are findings of a code.
func none(t *testing.T, findings []fleet.Finding, code string) {
	t.Helper()
	if found := of(findings, code); len(found) > 0 {
		t.Errorf("found %+v", found)
	}
}
