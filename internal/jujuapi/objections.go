package jujuapi

import (
	"context"
	"slices"

	"github.com/juju/errors"
	"github.com/juju/version/v2"

	"github.com/juju/juju/api/base"
	"github.com/juju/juju/rpc/params"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// Objections implements discover.Reader: a dry run of the controller model's
// upgrade, which Juju validates together with all hosted models.
func (r *Reader) Objections(ctx context.Context, c fleet.Controller, target version.Number) (fleet.Objections, error) {
	own := c.ControllerModel()
	if own == nil {
		return fleet.Objections{}, errors.Annotatef(&fleet.Problem{
			Code: fleet.Forbidden, Text: c.User + " does not see the controller's own model",
		}, "cannot ask controller %s", c.Name)
	}
	args := params.UpgradeModelParams{TargetVersion: target, DryRun: true}
	result, err := r.session.upgrade(ctx, c.Ref, own.Ref, args, question[params.UpgradeModelResult])
	if err == nil && result.Error != nil {
		err = classed(result.Error)
	}
	out := fleet.Objections{Chosen: result.ChosenVersion}
	var p *fleet.Problem
	switch {
	case err == nil:
	case !errors.As(err, &p), fleet.Passing(err), p.Code == fleet.LoginNeeded:
		return fleet.Objections{}, errors.Annotatef(err, "cannot ask controller %s whether it would upgrade", c.Name)
	case p.Code == fleet.UpToDate:
		return fleet.Objections{}, nil
	default:
		said := *p
		if said.Code == fleet.Other {
			// Some of Juju's objections have no code; to a dry run every answer is one.
			said.Code = fleet.Refused
		}
		out.Problem = &said
	}
	if out.Chosen.Compare(c.Version) <= 0 && target == version.Zero {
		out.Chosen = version.Zero // 3.x answers its own version when it refuses
	}
	wanted := target
	if out.Chosen != version.Zero {
		wanted = out.Chosen
	}
	if wanted != version.Zero && own.Type == fleet.IAAS {
		out.Arches = r.arches(ctx, c.Ref, own.Ref, wanted)
	}
	return out, nil
}

// findTools is the last version of the Client facade that has FindTools; 2.9 to 3.6
// serve it, 4.x does not.
const findTools = 7

// arches tells for which architectures the controller sees agents of a version; nil
// when it does not tell.
func (r *Reader) arches(ctx context.Context, controller, own fleet.Ref, v version.Number) []string {
	args := params.FindToolsParams{Number: v, MajorVersion: v.Major}
	found, err := read(ctx, r.session, key{controller, own.UUID}, func(c *conn) (params.FindToolsResult, error) {
		var result params.FindToolsResult
		best := c.newest("Client", findTools)
		if best == 0 {
			return result, lacks(c, "Client")
		}
		err := base.NewFacadeCallerForVersion(c, "Client", best).FacadeCall("FindTools", args, &result)
		return result, err
	})
	if err != nil || found.Error != nil && found.Error.Code != params.CodeNotFound {
		return nil
	}
	arches := []string{}
	for _, agent := range found.List {
		if agent.Version.Number == v && !slices.Contains(arches, agent.Version.Arch) {
			arches = append(arches, agent.Version.Arch)
		}
	}
	slices.Sort(arches)
	return arches
}
