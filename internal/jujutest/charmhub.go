package jujutest

import (
	"cmp"
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/juju/juju/rpc/params"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujutest/estate"
)

// charmhub is the store of charms that all controllers of a world ask. It answers as
// Charmhub's refresh API does.
type charmhub struct{ charms map[string]*storedCharm }

// storedCharm is a charm of the store.
type storedCharm struct {
	spec      estate.Charm
	revisions map[int]estate.CharmRevision
	channels  map[string]estate.Release // by TRACK/RISK
}

func newCharmhub(spec estate.Charmhub) charmhub {
	h := charmhub{charms: map[string]*storedCharm{}}
	for _, c := range spec.Charms {
		h.charms[c.Name] = storeCharm(c)
	}
	return h
}

func storeCharm(spec estate.Charm) *storedCharm {
	c := &storedCharm{spec: spec, revisions: map[int]estate.CharmRevision{}, channels: map[string]estate.Release{}}
	for _, r := range spec.Revisions {
		c.revisions[r.Revision] = r
	}
	for channel, release := range spec.Channels {
		c.release(channel, release)
	}
	return c
}

// release puts a revision into a channel. Resources that are not named stay.
func (c *storedCharm) release(channel string, r estate.Release) {
	channel = normalChannel(channel)
	resources := maps.Clone(c.channels[channel].Resources)
	if resources == nil {
		resources = map[string]int{}
	}
	maps.Copy(resources, r.Resources)
	for name := range c.revision(r.Revision).Resources {
		resources[name] = cmp.Or(resources[name], 1)
	}
	c.channels[channel] = estate.Release{Revision: r.Revision, Resources: resources}
}

// has says whether there is such a revision: all up to the newest are there.
func (c *storedCharm) has(revision int) bool {
	newest := -1
	for n := range c.revisions {
		newest = max(newest, n)
	}
	for _, r := range c.channels {
		newest = max(newest, r.Revision)
	}
	return revision <= newest
}

// revision is what a revision holds.
func (c *storedCharm) revision(n int) estate.CharmRevision {
	r := c.revisions[n]
	r.Revision = n
	if r.Bases == nil {
		r.Bases = c.spec.Bases
	}
	if r.Actions == nil {
		r.Actions = c.spec.Actions
	}
	if r.Resources == nil {
		r.Resources = c.spec.Resources
	}
	if r.Storage == nil {
		r.Storage = c.spec.Storage
	}
	return r
}

// id is the charm's ID in the store.
func (c *storedCharm) id() string { return charmID(c.spec.Name) }

func charmID(name string) string {
	sum := sha256.Sum256([]byte(name))
	return base32.StdEncoding.EncodeToString(sum[:])[:32]
}

// charmHash is that of a revision's archive.
func charmHash(name string, revision int) string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%s %d", name, revision))
	return hex.EncodeToString(sum[:])
}

// refusal is an error of the store, of which Juju looks at the code.
type refusal struct {
	code, message string
	// bases to ask for instead, the newest first.
	bases []string
}

const (
	revisionNotFound = "revision-not-found"
	invalidBase      = "invalid-charm-base"
)

// entity is what the store answers.
type entity struct {
	charm     *storedCharm
	revision  estate.CharmRevision
	channel   string // empty where it was asked for by revision
	resources map[string]int
}

// find finds a charm by its ID, or else by its name.
func (h charmhub) find(name, id string) (*storedCharm, *refusal) {
	if id == "" {
		if c := h.charms[name]; c != nil {
			return c, nil
		}
		return nil, &refusal{code: "name-not-found", message: fmt.Sprintf("Name %s was not found.", name)}
	}
	for _, c := range h.charms {
		if c.id() == id {
			return c, nil
		}
	}
	return nil, &refusal{code: "id-not-found", message: fmt.Sprintf("ID %s was not found.", id)}
}

// ask asks as Juju does: by revision if there is one and no ID, else for what a
// channel has for a base. (core/charm/repository/charmhub.go refreshConfig)
func (h charmhub) ask(name string, o params.CharmOrigin) (entity, *refusal) {
	c, refused := h.find(name, o.ID)
	if refused != nil {
		return entity{}, refused
	}
	if o.ID == "" && o.Revision != nil && *o.Revision >= 0 {
		if !c.has(*o.Revision) {
			return entity{}, &refusal{code: revisionNotFound}
		}
		return entity{charm: c, revision: c.revision(*o.Revision)}, nil
	}
	return c.released(channelOf(o), baseName(o.Base))
}

// released is what a channel has for a base. A risk that has nothing is that of the next
// more stable one.
func (c *storedCharm) released(channel, base string) (entity, *refusal) {
	track, risk, _ := strings.Cut(channel, "/")
	risk, _, _ = strings.Cut(risk, "/") // what a branch has that is not there
	var others []string
	candidates := []string{channel}
	for i := slices.Index(risks, risk); i >= 0; i-- {
		candidates = append(candidates, track+"/"+risks[i])
	}
	for _, name := range candidates {
		release, there := c.channels[name]
		if !there {
			continue
		}
		revision := c.revision(release.Revision)
		if base == "" && len(revision.Bases) == 0 {
			revision.Bases = []string{anyBase}
		}
		if base != "" && (len(revision.Bases) == 0 || slices.Contains(revision.Bases, base)) {
			return entity{charm: c, revision: revision, channel: name, resources: release.Resources}, nil
		}
		if others = append(others, revision.Bases...); base == "" {
			break
		}
	}
	if len(others) == 0 || base != "" && !c.spec.OffersOtherBase {
		return entity{}, &refusal{code: revisionNotFound}
	}
	slices.Sort(others)
	slices.Reverse(others)
	return entity{}, &refusal{code: invalidBase, bases: slices.Compact(others)}
}

// anyBase is what who names no base is told of a charm that supports any.
const anyBase = "ubuntu@24.04"

// risks are the risks of a track, the most stable first.
var risks = []string{"stable", "candidate", "beta", "edge"}

// normalChannel is a channel as TRACK/RISK, or TRACK/RISK/BRANCH.
func normalChannel(s string) string {
	switch first, _, more := strings.Cut(s, "/"); {
	case s == "":
		return "latest/stable"
	case slices.Contains(risks, first):
		return "latest/" + s
	case !more:
		return s + "/stable"
	}
	return s
}

// channelOf is the channel of an origin.
func channelOf(o params.CharmOrigin) string {
	channel := cmp.Or(deref(o.Track), "latest") + "/" + cmp.Or(o.Risk, "stable")
	if branch := deref(o.Branch); branch != "" {
		channel += "/" + branch
	}
	return channel
}

// follow makes a channel that of an origin.
func follow(o *params.CharmOrigin, channel string) {
	parts := strings.SplitN(channel, "/", 3)
	o.Track, o.Risk, o.Branch = &parts[0], parts[1], nil
	if len(parts) == 3 {
		o.Branch = &parts[2]
	}
}

// baseName is a base as estates name it; empty for none.
func baseName(b params.Base) string {
	if b.Name == "" {
		return ""
	}
	track, _, _ := strings.Cut(b.Channel, "/")
	return b.Name + "@" + track
}

// supportedBase is a base as those that a charm supports are told, without a risk.
func supportedBase(s string) params.Base {
	name, channel, _ := strings.Cut(s, "@")
	return params.Base{Name: name, Channel: channel}
}

func deref(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
