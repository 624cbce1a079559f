package jujuapi

import (
	"cmp"
	"context"
	"net/url"
	"slices"

	"github.com/juju/errors"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// clusters fills in on which Kubernetes cluster each model is that is on one. Two
// clouds of a controller may be the same cluster under two names.
func (s *Session) clusters(ctx context.Context, controller fleet.Ref, models []fleet.Model) error {
	if !slices.ContainsFunc(models, func(m fleet.Model) bool { return m.Type == fleet.CAAS }) {
		return nil
	}
	clouds, err := s.allClouds(ctx, controller)
	if err != nil {
		return errors.Annotate(err, "cannot list clouds")
	}
	for i := range models {
		if m := &models[i]; m.Type == fleet.CAAS {
			// A user may see a model and not its cloud: then the name has to do.
			m.Cluster = cluster(clouds[m.Cloud].Endpoint, m.Cloud)
		}
	}
	return nil
}

// cluster is what tells a cluster from others: where its API is, else the name that its
// cloud has here.
func cluster(endpoint, cloud string) string { return cmp.Or(hostOf(endpoint), cloud) }

// hostOf is the host, with its port, of an address that may be a URL; empty when it is
// none. Nothing else of it is wanted: there may be a password in it.
func hostOf(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return ""
	}
	return u.Host
}
