package jujuapi

import (
	"context"

	"github.com/juju/errors"

	"github.com/juju/juju/rpc/params"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// Charms implements discover.Reader: a call for the applications, and one for each
// charm that they use.
func (r *Reader) Charms(ctx context.Context, c fleet.Controller, m fleet.Model) ([]fleet.Charm, error) {
	out, err := r.charms(ctx, key{c.Ref, m.UUID})
	return out, errors.Annotatef(err, "cannot read the charms of model %s on %s", m.Name, c.Name)
}

func (r *Reader) charms(ctx context.Context, k key) ([]fleet.Charm, error) {
	full, err := read(ctx, r.session, k, ask[params.FullStatus]("Client", "FullStatus", params.StatusParams{}))
	if err != nil {
		return nil, err
	}
	var out []fleet.Charm
	manifests := make(map[string]bool)
	for _, name := range natural(full.Applications) {
		url := full.Applications[name].Charm
		if url == "" {
			continue
		}
		manifest, known := manifests[url]
		if !known {
			charm, err := read(ctx, r.session, k, ask[params.Charm]("Charms", "CharmInfo", params.CharmURL{URL: url}))
			if err != nil {
				return nil, errors.Annotatef(err, "charm %s", url)
			}
			manifest = charm.Manifest != nil && len(charm.Manifest.Bases) > 0
			manifests[url] = manifest
		}
		out = append(out, fleet.Charm{Application: name, URL: url, Manifest: manifest})
	}
	return out, nil
}
