package jujuapi

import (
	"context"

	"github.com/juju/names/v5"

	"github.com/juju/juju/rpc/params"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// actions fills in, in one call, what actions the charms of now offer, where there is
// another one to go to. Who may only read is not told: that is no reason not to plan.
func (r *Reader) actions(ctx context.Context, k key, asked []*inquiry) error {
	var (
		args   params.Entities
		moving []*fleet.Application
	)
	for _, q := range asked {
		if q.app.Newer() || q.app.OffChannel() {
			args.Entities = append(args.Entities, params.Entity{Tag: names.NewApplicationTag(q.app.Name).String()})
			moving = append(moving, q.app)
		}
	}
	if len(moving) == 0 {
		return nil
	}
	answer, err := question(ctx, r.session, k, ask[params.ApplicationsCharmActionsResults]("Action", "ApplicationsCharmsActions", args))
	if err == nil {
		err = asMany(len(moving), len(answer.Results))
	}
	switch {
	case ctx.Err() != nil || fleet.Passing(err):
		return err
	case err != nil:
		return nil //nolint:nilerr // who may not ask for them, or of whom none are told, has none
	}
	for i, result := range answer.Results {
		if result.Error == nil {
			moving[i].Release.Actions = append([]string{}, natural(result.Actions)...)
		}
	}
	return nil
}
