package jujuapi

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"github.com/juju/errors"

	"github.com/juju/juju/rpc/params"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// Model implements discover.Reader.
func (r *Reader) Model(ctx context.Context, c fleet.Controller, m fleet.Model) (fleet.Model, error) {
	status, err := r.ModelStatus(ctx, c.Ref, m.Ref)
	if err != nil {
		return m, err
	}
	m.Status, m.Operations = status, 0
	if !slices.ContainsFunc(status.Agents, func(a fleet.Agent) bool { return a.State.Status == "executing" }) {
		return m, nil
	}
	query := params.OperationQueryArgs{Status: []string{"running", "pending"}}
	running, err := read(ctx, r.session, key{c.Ref, m.UUID}, ask[params.OperationResults]("Action", "ListOperations", query))
	switch fleet.CodeOf(err) {
	case "":
		m.Operations = len(running.Results)
	case fleet.NotFound: // Juju's way to say none
	default:
		return m, errors.Annotatef(err, "cannot list the actions of model %s on %s", m.Name, c.Name)
	}
	return m, nil
}

// ModelStatus implements execute.Watcher.
func (r *Reader) ModelStatus(ctx context.Context, controller, model fleet.Ref) (fleet.ModelStatus, error) {
	full, err := r.session.fullStatus(ctx, controller, model.UUID)
	if err != nil {
		return fleet.ModelStatus{}, errors.Annotatef(err, "cannot read the status of model %s on %s", model.Name, controller.Name)
	}
	return statusOf(full), nil
}

// fullStatus reads all of a model.
func (s *Session) fullStatus(ctx context.Context, controller fleet.Ref, model string) (params.FullStatus, error) {
	return read(ctx, s, key{controller, model}, ask[params.FullStatus]("Client", "FullStatus", params.StatusParams{}))
}

// statusOf translates a FullStatus.
func statusOf(full params.FullStatus) fleet.ModelStatus {
	out := fleet.ModelStatus{
		Version:      number(full.Model.Version),
		Condition:    condition(full.Model.ModelStatus),
		Offers:       offersOf(full.Offers),
		Remotes:      remotesOf(full.RemoteApplications),
		Applications: applicationsOf(full.Applications),
		Pods:         full.Model.Type == string(fleet.CAAS),
	}
	// While it migrates, and after it failed to, a model's own message may quote a
	// credential.
	out.Condition.Message = scrub(out.Condition.Message)
	out.Agents = machinesOf(nil, full.Machines, fleet.MachineAgent)
	units := make(map[string]params.UnitStatus)
	for _, app := range full.Applications {
		maps.Copy(units, app.Units)
	}
	out.Agents = unitsOf(out.Agents, units, fleet.UnitAgent, "")
	return out
}

// applicationsOf lists the applications of a model.
func applicationsOf(all map[string]params.ApplicationStatus) []fleet.Application {
	behind := make(map[string][]string)
	for _, a := range all {
		unitsBehind(behind, a.Units)
	}
	var out []fleet.Application
	for _, name := range natural(all) {
		a := all[name]
		app := fleet.Application{
			Name: name, URL: a.Charm, Channel: a.CharmChannel, Life: string(a.Life),
			Base: baseName(a.Base), Principals: a.SubordinateTo, Behind: behind[name],
			Status: condition(a.Status),
		}
		out = append(out, app)
	}
	return out
}

// unitsBehind adds, by their application, the units of which Juju tells that they run
// another charm than it. (apiserver/facades/client/client/status.go processUnit)
func unitsBehind(to map[string][]string, units map[string]params.UnitStatus) {
	for _, name := range natural(units) {
		u := units[name]
		if app, _, ok := strings.Cut(name, "/"); ok && u.Charm != "" {
			to[app] = append(to[app], name)
		}
		unitsBehind(to, u.Subordinates)
	}
}

// offersOf lists what a model offers.
func offersOf(offers map[string]params.ApplicationOfferStatus) []fleet.Offer {
	var out []fleet.Offer
	for _, name := range natural(offers) {
		o := offers[name]
		out = append(out, fleet.Offer{
			Name:        cmp.Or(o.OfferName, name),
			Application: o.ApplicationName,
			Connected:   o.ActiveConnectedCount,
			Total:       o.TotalConnectedCount,
		})
	}
	return out
}

// remotesOf lists what a model consumes.
func remotesOf(remotes map[string]params.RemoteApplicationStatus) []fleet.Remote {
	var out []fleet.Remote
	for _, name := range natural(remotes) {
		r := remotes[name]
		out = append(out, fleet.Remote{Name: name, OfferURL: r.OfferURL, Status: condition(r.Status)})
	}
	return out
}

// machinesOf appends the agents of machines, each followed by its containers.
func machinesOf(agents []fleet.Agent, machines map[string]params.MachineStatus, kind fleet.AgentKind) []fleet.Agent {
	for _, id := range natural(machines) {
		m := machines[id]
		agent := fleet.Agent{
			Kind:      kind,
			Name:      id,
			Version:   number(m.AgentStatus.Version),
			State:     condition(m.AgentStatus),
			Health:    condition(m.InstanceStatus),
			Arch:      archOf(m.Hardware),
			WantsVote: m.WantsVote,
			Base:      baseName(m.Base),
		}
		agents = append(agents, agent)
		agents = machinesOf(agents, m.Containers, fleet.ContainerAgent)
	}
	return agents
}

// unitsOf appends the agents of units, each followed by its subordinates, which
// are on the machine of their principal: host.
func unitsOf(agents []fleet.Agent, units map[string]params.UnitStatus, kind fleet.AgentKind, host string) []fleet.Agent {
	for _, name := range natural(units) {
		u := units[name]
		machine := cmp.Or(u.Machine, host)
		agents = append(agents, fleet.Agent{
			Kind:    kind,
			Name:    name,
			Version: number(u.AgentStatus.Version),
			State:   condition(u.AgentStatus),
			Health:  condition(u.WorkloadStatus),
			Machine: machine,
		})
		agents = unitsOf(agents, u.Subordinates, fleet.SubordinateAgent, machine)
	}
	return agents
}

// condition maps a status. Of an agent that is down or lost, Juju's time is that
// of the last status that the agent itself has set (it computes these two from
// presence), and so says nothing of since when it is gone.
func condition(s params.DetailedStatus) fleet.Condition {
	c := fleet.Condition{Status: s.Status, Message: s.Info}
	if s.Since != nil && s.Status != "down" && s.Status != "lost" {
		c.Since = *s.Since
	}
	return c
}

// archOf finds arch=… in a machine's hardware, "arch=amd64 cores=2 mem=…".
func archOf(hardware string) string {
	for _, field := range strings.Fields(hardware) {
		if arch, ok := strings.CutPrefix(field, "arch="); ok {
			return arch
		}
	}
	return ""
}

// natural lists a map's keys in the order that people count.
func natural[V any](m map[string]V) []string {
	return slices.SortedFunc(maps.Keys(m), fleet.CompareNatural)
}
