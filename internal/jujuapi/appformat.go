package jujuapi

import (
	"context"

	"github.com/juju/juju/rpc/params"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// podspecs fills in which of those applications for which there is another charm have one
// of format 1, which makes its pods by a podspec: Juju up to 3 has such charms on
// Kubernetes, and brings none with units to a sidecar charm. Only the charm tells, so it is
// a call for each charm, on Kubernetes, that is to be another one. What cannot be asked is
// not told: that is no reason not to plan.
func (r *Reader) podspecs(ctx context.Context, k key, apps []fleet.Application) error {
	known := make(map[string]bool)
	for i := range apps {
		if !changesCharm(apps[i]) {
			continue
		}
		url := apps[i].URL
		if _, asked := known[url]; !asked {
			info, err := question(ctx, r.session, k, ask[params.Charm]("Charms", "CharmInfo", params.CharmURL{URL: url}))
			if ctx.Err() != nil || fleet.Passing(err) {
				return err
			}
			known[url] = err == nil && formatOne(info)
		}
		apps[i].Podspec = known[url]
	}
	return nil
}

// formatOne says that a charm is of format 1: it names series, or neither bases nor
// containers. (juju/charm v12 charm.go MetaFormatReasons)
func formatOne(info params.Charm) bool {
	bases := info.Manifest != nil && len(info.Manifest.Bases) > 0
	switch {
	case info.Meta == nil:
		return false
	case len(info.Meta.Series) > 0:
		return true
	}
	return !bases && len(info.Meta.Containers) == 0
}
