package jujuapi

import (
	"context"

	"github.com/juju/errors"

	"github.com/juju/juju/rpc/params"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// EnableHA implements execute.Cloner. Which machines become servers is said only where
// the cloud does not make new ones.
func (w *Writer) EnableHA(ctx context.Context, controller fleet.Ref, servers int) error {
	err := w.enableHA(ctx, controller, servers)
	return errors.Annotatef(err, "cannot bring controller %s to %d servers", controller.Name, servers)
}

func (w *Writer) enableHA(ctx context.Context, controller fleet.Ref, servers int) error {
	now, err := w.session.Reader().HA(ctx, controller)
	if err != nil {
		return err
	}
	if now.Servers >= servers {
		return nil
	}
	if !now.CanHave(servers) {
		return &fleet.Problem{Code: fleet.Refused, Text: "it has no machines for that: its cloud makes none, and none of its own is free"}
	}
	spec := params.ControllersSpec{NumControllers: servers}
	if !now.Makes {
		spec.Placement = now.Spare[:servers-now.Servers]
	}
	own, err := w.session.ownModel(ctx, controller)
	if err != nil {
		return err
	}
	args := params.ControllersSpecs{Specs: []params.ControllersSpec{spec}}
	results, err := write(ctx, w.session, key{controller, own},
		ask[params.ControllersChangeResults]("HighAvailability", "EnableHA", args))
	if err != nil {
		return err
	}
	if err := asMany(1, len(results.Results)); err != nil {
		return err
	}
	if e := results.Results[0].Error; e != nil {
		return refused(e)
	}
	return nil
}
