package plan_test

import (
	"fmt"
	"time"

	"github.com/juju/version/v2"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

var (
	v4    = version.MustParse("3.6.4")
	v11   = version.MustParse("3.6.11")
	v410  = version.MustParse("4.1.0")
	v411  = version.MustParse("4.1.1")
	epoch = time.Date(2026, 11, 22, 2, 0, 0, 0, time.UTC)
)

// controller makes a controller at a version, with its own model on that many
// machines; it sees next as its newest patch.
func controller(name string, at, next version.Number, servers int, models ...fleet.Model) fleet.Controller {
	c := fleet.Controller{
		Ref: fleet.Ref{UUID: name + "-uuid", Name: name}, Cloud: "aws", Region: "eu-west-1",
		Version: at, User: "admin", Access: fleet.AccessSuperuser, Stream: "released",
		Objections: &fleet.Objections{Chosen: next},
	}
	own := fleet.Model{
		Ref: fleet.Ref{UUID: name + "-own", Name: "admin/controller"}, IsController: true,
		Type: fleet.IAAS, Version: at, Life: "alive",
	}
	own.Status.Version = at
	for i := range servers {
		c.Servers = append(c.Servers, fleet.Server{Addresses: []string{fmt.Sprintf("10.0.0.%d:17070", i+1)}, Version: at})
		own.Status.Agents = append(own.Status.Agents, machine(i, at))
	}
	own.Status.Agents = append(own.Status.Agents, unit("controller", 0, at))
	for i := range models {
		models[i].UUID = name + "-" + models[i].UUID
	}
	// Juju lists models in any order.
	c.Models = append(models, own)
	return c
}

// model makes a hosted model of one machine and that many units.
func model(name string, at version.Number, units int) fleet.Model {
	m := fleet.Model{Ref: fleet.Ref{UUID: name + "-uuid", Name: "admin/" + name}, Type: fleet.IAAS, Version: at, Life: "alive"}
	m.Status.Version = at
	m.Status.Agents = append(m.Status.Agents, machine(0, at))
	for i := range units {
		m.Status.Agents = append(m.Status.Agents, unit(name, i, at))
	}
	return m
}

func machine(n int, at version.Number) fleet.Agent {
	return fleet.Agent{
		Kind: fleet.MachineAgent, Name: fmt.Sprint(n), Version: at,
		State: fleet.Condition{Status: "started"}, Health: fleet.Condition{Status: "running"},
	}
}

func unit(app string, n int, at version.Number) fleet.Agent {
	return fleet.Agent{
		Kind: fleet.UnitAgent, Name: fmt.Sprintf("%s/%d", app, n), Version: at,
		State: fleet.Condition{Status: "idle"}, Health: fleet.Condition{Status: "active"},
	}
}

// lost marks the model's last agent as out of sight and returns the finding.
func lost(c *fleet.Controller, m *fleet.Model) fleet.Finding {
	a := &m.Status.Agents[len(m.Status.Agents)-1]
	a.State.Status = "lost"
	return fleet.Finding{
		Code: "agent-down", Severity: fleet.Blocker, Scope: fleet.OneModel, Subject: c.Name + ":" + m.Name,
		Controller: c.UUID, Model: m.UUID, Meaning: a.String() + " is lost", Agents: []string{a.String()}, Acceptable: true,
	}
}

func accepted(f fleet.Finding) fleet.Finding {
	f.Accepted = true
	return f
}

func input(goal fleet.Goal, controllers ...fleet.Controller) plan.Input {
	if goal.Backup == "" {
		goal.Backup = fleet.BackupAuto
	}
	return plan.Input{
		Fleet: fleet.Fleet{
			Looked: epoch, Controllers: controllers,
			Client: fleet.Client{Version: v11, Snap: true, Channel: "3.6/stable", Library: v11},
		},
		Goal:      goal,
		Options:   plan.Options{Parallel: 4, Agents: 200, MaxFailures: 1},
		Estimates: plan.Guesses(),
		Tool:      "0.1.0",
	}
}

func pattern(s string) fleet.ModelPattern {
	p, err := fleet.ParseModelPattern(s)
	if err != nil {
		panic(err)
	}
	return p
}
