package jujutest

import (
	"fmt"
	"strings"

	"github.com/juju/juju/rpc/params"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujutest/estate"
)

// How a controller asks Charmhub, and what it makes of the answers.
// (core/charm/repository/charmhub.go)

// resolved is what a controller finds a charm to be.
type resolved struct {
	entity
	url    string
	origin params.CharmOrigin
	bases  []string // that the charm supports
}

// charmURL is the URL of a charm of the store.
func charmURL(arch, name string, revision int) string {
	return fmt.Sprintf("ch:%s/%s-%d", arch, name, revision)
}

// charmName is the name of the charm of a URL, and its revision; -1 if it has none.
func charmName(url string) (string, int) {
	last := url[strings.LastIndexAny(url, ":/")+1:]
	if i := strings.LastIndex(last, "-"); i >= 0 {
		revision := -1
		if _, err := fmt.Sscanf(last[i+1:], "%d", &revision); err == nil && revision >= 0 {
			return last[:i], revision
		}
	}
	return last, -1
}

// reachesCharmhub says why the controller cannot ask Charmhub; nil if it can.
func (c *controller) reachesCharmhub() error {
	for _, f := range c.faults.list {
		if f.Kind == estate.FaultCharmhub {
			return apiError("", `Post "https://api.charmhub.io/v2/charms/refresh": dial tcp 127.0.0.1:443: connect: connection refused`)
		}
	}
	return nil
}

// resolve is ResolveWithPreferredChannel: what a channel has for a charm. None of its
// errors has a code.
func (c *controller) resolve(name string, requested params.CharmOrigin) (resolved, error) {
	if err := c.reachesCharmhub(); err != nil {
		return resolved{}, apiError("", "resolving with preferred channel: %v", err)
	}
	out := resolved{origin: requested}
	found, refused := c.world.hub.ask(name, requested)
	channel := found.channel
	switch {
	case refused != nil && refused.code == invalidBase:
		// It is asked again, with a base that the store has named.
		out.bases, out.origin.Base = refused.bases, baseOf(refused.bases[0])
		if found, refused = c.world.hub.ask(name, out.origin); refused != nil {
			return resolved{}, apiError("", "resolving retry error: %s", refused.message)
		}
		channel = found.channel
	case refused != nil && refused.code == revisionNotFound:
		return resolved{}, apiError("", "selecting releases: charm or bundle not found for channel %q, base %q",
			channelOf(requested), requested.Architecture+"/"+strings.ReplaceAll(baseName(requested.Base), "@", "/"))
	case refused != nil:
		return resolved{}, apiError("", "resolving error: %s", refused.message)
	case requested.Revision != nil && *requested.Revision != -1:
		// A revision can be in many channels: the one that was asked for stays.
		out.bases, channel = found.revision.Bases, channelOf(requested)
	}
	if len(out.bases) == 0 && out.origin.Base.Name != "" {
		out.bases = []string{baseName(out.origin.Base)}
	}
	if base := baseName(out.origin.Base); base != "" {
		out.origin.Base = baseOf(base)
	}
	out.entity = found
	out.origin.Type = "charm"
	out.origin.Revision = &found.revision.Revision
	follow(&out.origin, channel)
	if c.version4() {
		out.origin.Hash = charmHash(name, found.revision.Revision)
	}
	out.url = charmURL(requested.Architecture, name, found.revision.Revision)
	return out, nil
}

// download is GetDownloadURL: the ID and hash of what a channel has now.
func (c *controller) download(name string, requested params.CharmOrigin) (params.CharmOrigin, entity, error) {
	if err := c.reachesCharmhub(); err != nil {
		return requested, entity{}, err
	}
	found, refused := c.world.hub.ask(name, requested)
	if refused != nil {
		return requested, entity{}, apiError("", "%s: %s", refused.code, refused.message)
	}
	requested.ID, requested.Hash = found.charm.id(), charmHash(name, found.revision.Revision)
	return requested, found, nil
}
