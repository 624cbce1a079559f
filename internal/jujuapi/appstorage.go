package jujuapi

import (
	"context"
	"slices"

	"github.com/juju/names/v5"

	"github.com/juju/juju/rpc/params"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// storage fills in, in one call, what storage the units of those applications have for which
// there is another charm. On Kubernetes Juju refuses one that says anything else of storage,
// and no call tells what a charm says of it before the model has that charm; what the one of
// now says takes a call for each. Who may not ask is not told: that is no reason not to plan.
// (apiserver/facades/client/charms/client.go CharmInfo)
func (r *Reader) storage(ctx context.Context, k key, apps []fleet.Application) error {
	if !slices.ContainsFunc(apps, changesCharm) {
		return nil
	}
	// 4.x wants a filter, of which there are none yet.
	args := params.StorageFilters{Filters: []params.StorageFilter{{}}}
	answer, err := question(ctx, r.session, k, ask[params.StorageDetailsListResults]("Storage", "ListStorageDetails", args))
	if err == nil {
		err = asMany(1, len(answer.Results))
	}
	switch {
	case ctx.Err() != nil || fleet.Passing(err):
		return err
	case err != nil:
		return nil //nolint:nilerr // who may not ask for it, or of whom none is told, has none
	}
	used := storageNames(answer.Results[0].Result)
	for i := range apps {
		if changesCharm(apps[i]) {
			apps[i].Storage = natural(used[apps[i].Name])
		}
	}
	return nil
}

// changesCharm says that there is another charm for an application, newer or not.
func changesCharm(a fleet.Application) bool {
	return a.Release != nil && a.Release.Problem == nil && a.Release.Revision != a.Revision()
}

// storageNames are the names of storage by the application that it belongs to. What belongs
// to none any more is none's.
func storageNames(all []params.StorageDetails) map[string]map[string]bool {
	out := make(map[string]map[string]bool)
	for _, one := range all {
		tag, err := names.ParseStorageTag(one.StorageTag)
		if err != nil {
			continue
		}
		name, err := names.StorageName(tag.Id())
		owner := applicationOf(one.OwnerTag)
		if err != nil || owner == "" {
			continue
		}
		if out[owner] == nil {
			out[owner] = make(map[string]bool)
		}
		out[owner][name] = true
	}
	return out
}

// applicationOf is the application that a tag is of, or of a unit of; empty of any other.
func applicationOf(tag string) string {
	if unit, err := names.ParseUnitTag(tag); err == nil {
		application, _ := names.UnitApplication(unit.Id())
		return application
	}
	if application, err := names.ParseApplicationTag(tag); err == nil {
		return application.Id()
	}
	return ""
}
