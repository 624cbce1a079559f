package jujuapi

import (
	"context"

	"github.com/juju/errors"

	"github.com/juju/juju/rpc/params"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/rules"
)

// MoveRefusal implements discover.Reader.
func (r *Reader) MoveRefusal(ctx context.Context, source, target fleet.Controller, m fleet.Model) (*fleet.Problem, error) {
	if !rules.DryRunMigration(source.Version) {
		return nil, nil
	}
	err := r.moveRefusal(ctx, source.Ref, target.Ref, m.Ref)
	var said *fleet.Problem
	switch {
	case err == nil, errors.Is(err, errNoDryRun):
		return nil, nil
	case !errors.As(err, &said), fleet.Passing(err), said.Code == fleet.LoginNeeded, errors.Is(err, errBegun):
		return nil, errors.Annotatef(err, "cannot ask controller %s whether it would move model %s to %s", source.Name, m.Name, target.Name)
	case said.Code == fleet.Other:
		// Most of Juju's objections have no code; to a dry run every answer is one.
		return &fleet.Problem{Code: fleet.Refused, Text: said.Text}, nil
	}
	return said, nil
}

// errBegun marks that a server did what it was only asked about.
const errBegun = errors.ConstError("a dry run has begun a migration")

func (r *Reader) moveRefusal(ctx context.Context, source, target, model fleet.Ref) error {
	as, err := r.session.operator(ctx, target)
	if err != nil {
		return err
	}
	spec, err := r.session.destination(ctx, target, model, as)
	if err != nil {
		return err
	}
	args := initiation{Specs: []params.MigrationSpec{spec}, DryRun: true}
	result, err := r.session.initiate(ctx, source, args, question[params.InitiateMigrationResult])
	switch {
	case err != nil:
		return err
	case result.Error != nil:
		return refused(result.Error)
	case result.MigrationId != "":
		return &failure{
			Problem: &fleet.Problem{
				Code: fleet.Other,
				Text: "it was only asked, and has begun to move the model (migration " + result.MigrationId + "): wait until that has ended, and look again",
			},
			cause: errBegun,
		}
	}
	return nil
}
