package jujuapi

import (
	"cmp"
	"context"
	"net"
	"net/url"
	"slices"
	"strings"

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
	if err != nil && (fleet.Passing(err) || ctx.Err() != nil) {
		return errors.Annotate(err, "cannot list clouds")
	}
	// Who may not be told of clouds knows clusters by the names of these.
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
func cluster(endpoint, cloud string) string { return cmp.Or(placeOf(endpoint), cloud) }

// placeOf is the host, with its port, and the path of a URL: one host may stand before
// many clusters. Empty for what is no URL. Nothing else of it is wanted: there may be a
// password in it.
func placeOf(address string) string {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" {
		return ""
	}
	host := u.Host
	if u.Port() == "" {
		host = net.JoinHostPort(u.Hostname(), "443")
	}
	return host + strings.TrimRight(u.Path, "/")
}
