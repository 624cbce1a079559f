package jujutest

import (
	"fmt"
	"slices"

	"github.com/juju/names/v5"

	"github.com/juju/juju/rpc/params"
)

// storageHandlers are of the storage of units: what there is, as their charms have it, and
// nothing of what it is made of.
func storageHandlers() served {
	return served{
		"Storage": {
			"ListStorageDetails": method(listStorageDetails),
			"ListFilesystems": method(func(_ *session, f params.FilesystemFilters) (params.FilesystemDetailsListResults, error) {
				return params.FilesystemDetailsListResults{Results: make([]params.FilesystemDetailsListResult, len(f.Filters))}, nil
			}),
			"ListVolumes": method(func(_ *session, f params.VolumeFilters) (params.VolumeDetailsListResults, error) {
				return params.VolumeDetailsListResults{Results: make([]params.VolumeDetailsListResult, len(f.Filters))}, nil
			}),
		},
	}
}

// listStorageDetails is Storage.ListStorageDetails: the same for each filter, which filters
// nothing, and which Juju 4 wants one of.
func listStorageDetails(s *session, args params.StorageFilters) (params.StorageDetailsListResults, error) {
	out := params.StorageDetailsListResults{}
	if !s.may(s.model, "read") {
		return out, errPerm()
	}
	if len(args.Filters) == 0 && s.controller().version4() {
		return out, apiError(params.CodeNotValid, "at least one filter is required")
	}
	var all []params.StorageDetails
	for _, u := range s.model.units() {
		for _, name := range s.model.charms[u.app.charm.url].content.Storage {
			tag := names.NewStorageTag(fmt.Sprintf("%s/%d", name, len(all))).String()
			all = append(all, params.StorageDetails{
				StorageTag: tag, OwnerTag: u.tag, Kind: params.StorageKindFilesystem, Life: "alive",
				Status: params.EntityStatus{Status: "attached", Since: &s.model.since}, Persistent: true,
				Attachments: map[string]params.StorageAttachmentDetails{u.tag: {StorageTag: tag, UnitTag: u.tag, Life: "alive"}},
			})
		}
	}
	for range args.Filters {
		out.Results = append(out.Results, params.StorageDetailsListResult{Result: all})
	}
	return out, nil
}

// sameNames says that both lists have the same in them, in any order.
func sameNames(a, b []string) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}
