package jujuapi

import (
	"context"
	"slices"

	"github.com/juju/errors"

	"github.com/juju/juju/core/life"
	"github.com/juju/juju/core/model"
	"github.com/juju/juju/rpc/params"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// HA implements execute.Comparer. Calls: the status of the controller's own model, the
// clouds, and once the models.
func (r *Reader) HA(ctx context.Context, controller fleet.Ref) (fleet.HA, error) {
	own, err := r.session.ownModel(ctx, controller)
	if err != nil {
		return fleet.HA{}, errors.Annotatef(err, "cannot find the controller model of %s", controller.Name)
	}
	full, err := r.session.fullStatus(ctx, controller, own)
	if err != nil {
		return fleet.HA{}, errors.Annotatef(err, "cannot read how many servers controller %s has", controller.Name)
	}
	clouds, err := r.session.allClouds(ctx, controller)
	if err != nil {
		return fleet.HA{}, errors.Annotatef(err, "cannot read the clouds of controller %s", controller.Name)
	}
	return haFrom(full, clouds[cloudOf(full.Model.CloudTag)].Type), nil
}

// ownModel is the UUID of a controller's own model.
func (s *Session) ownModel(ctx context.Context, controller fleet.Ref) (own string, err error) {
	s.acquainted(controller.UUID, func(a *acquaintance) { own = a.model })
	if own != "" {
		return own, nil
	}
	models, err := s.Reader().models(ctx, controller)
	if err != nil {
		return "", err
	}
	for _, m := range models {
		if m.IsController {
			s.acquainted(controller.UUID, func(a *acquaintance) { a.model = m.UUID })
			return m.UUID, nil
		}
	}
	return "", &fleet.Problem{Code: fleet.Forbidden, Text: "it does not show its own model to this user"}
}

// haOf is the HA of a controller whose models are known; nil for one in Kubernetes, and
// for one that does not let its own model be looked into.
func (r *Reader) haOf(ctx context.Context, c fleet.Controller, clouds map[string]params.Cloud) (*fleet.HA, error) {
	own := c.ControllerModel()
	if own == nil || own.Type == fleet.CAAS {
		return nil, nil
	}
	full, err := r.session.fullStatus(ctx, c.Ref, own.UUID)
	switch fleet.CodeOf(err) {
	case "":
		ha := haFrom(full, clouds[own.Cloud].Type)
		return &ha, nil
	case fleet.Unsupported, fleet.Forbidden, fleet.NotFound:
		return nil, nil
	}
	return nil, err
}

// haFrom tells the servers of a controller from the status of its own model. Juju 4
// tells which machines are controllers, and nothing of votes: all that it shows of one
// that serves is that its agent is started.
func haFrom(full params.FullStatus, cloudType string) fleet.HA {
	if full.Model.Type == string(model.CAAS) {
		return fleet.HA{Servers: 1, Well: 1}
	}
	version := number(full.Model.Version)
	out := fleet.HA{Makes: makesServers(version.Major, cloudType)}
	taken := takenMachines(full)
	for _, id := range natural(full.Machines) {
		m := full.Machines[id]
		started := m.AgentStatus.Status == "started" && (m.AgentStatus.Life == "" || m.AgentStatus.Life == life.Alive)
		switch {
		case m.HasVote || m.WantsVote || slices.Contains(m.Jobs, model.JobManageModel):
			out.Servers++
			if started && (version.Major >= 4 || m.HasVote && m.WantsVote) {
				out.Well++
			}
		case started && !taken[id] && version.Major < 4:
			out.Spare = append(out.Spare, id)
		}
	}
	return out
}

// takenMachines are those that something runs on: a unit, or a container.
func takenMachines(full params.FullStatus) map[string]bool {
	taken := make(map[string]bool)
	for _, app := range full.Applications {
		for _, u := range app.Units {
			taken[u.Machine] = true
		}
	}
	for id, m := range full.Machines {
		taken[id] = taken[id] || len(m.Containers) > 0
	}
	return taken
}

// makesServers says that machines are made when more servers are asked for. They are
// not where machines are given to Juju one by one, and Juju 4 is not asked so at all.
// (4.x apiserver/facades/client/highavailability)
func makesServers(major int, cloudType string) bool {
	return major < 4 && cloudType != "" && cloudType != "kubernetes" && !givenMachines(cloudType)
}

// givenMachines says that a cloud of that type is machines that people give to Juju.
func givenMachines(cloudType string) bool { return cloudType == "manual" || cloudType == "unmanaged" }
