package jujutest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/juju/version/v2"

	"github.com/juju/juju/core/assumes"
	"github.com/juju/juju/rpc/params"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujutest/estate"
)

// What models know of charms, and which their applications have.

// installed is the charm of an application. Its maps are replaced, never changed: the
// halves of a migration share them.
type installed struct {
	name, url string
	revision  int
	channel   string // that it follows, as TRACK/RISK; empty for a local charm
	base      string
	id, hash  string // in the store
	resources map[string]resource
	// modified counts what units have to follow: other charms, and other resources.
	modified int
	// resumed is how far an operator has let units go on that had paused.
	resumed int
}

// resource is a resource as an application or a unit has it.
type resource struct {
	kind     string
	revision int // -1 if it was uploaded
}

// knownCharm is a charm that a model has.
type knownCharm struct {
	name     string
	revision int
	content  estate.CharmRevision
	// pending says that its archive is not there yet.
	pending     bool
	noManifest  bool
	subordinate bool
}

// pendingResource is a resource that an application is to have with its next charm.
type pendingResource struct {
	app, name string
	resource
}

// isStored says that a charm is Charmhub's.
func isStored(url string) bool { return strings.HasPrefix(url, "ch:") }

// installCharms gives applications the charms that the estate says.
func (m *model) installCharms() {
	m.charms = map[string]knownCharm{}
	for _, app := range m.apps {
		url, revision := app.charmURL()
		name, _ := charmName(url)
		c := installed{name: name, url: url, revision: revision, base: cmp.Or(app.spec.Base, m.base), modified: 1}
		known := knownCharm{name: name, revision: revision, noManifest: app.spec.NoManifest, subordinate: app.subordinate}
		if isStored(url) {
			c.channel = normalChannel(app.spec.Channel)
			c.id, c.hash = charmID(name), charmHash(name, revision)
		}
		known.content = m.controller.world.hub.content(name, url, revision)
		c.resources = m.resourcesOf(app.spec, c)
		app.charm = c
		m.charms[url] = known
	}
	for _, u := range m.units() {
		u.charm = unitCharm{url: u.app.charm.url, modified: u.app.charm.modified, resources: u.app.charm.resources, since: m.since}
	}
}

// content is what the store says of a charm; little, if it is not the store's.
func (h charmhub) content(name, url string, revision int) estate.CharmRevision {
	if c := h.charms[name]; c != nil && isStored(url) {
		return c.revision(revision)
	}
	return estate.CharmRevision{Revision: revision}
}

// resourcesOf are the resources of an application at the start of a world.
func (m *model) resourcesOf(spec estate.Application, c installed) map[string]resource {
	h := m.controller.world.hub
	out := map[string]resource{}
	released := estate.Release{}
	if stored := h.charms[c.name]; stored != nil && isStored(c.url) {
		released = stored.channels[c.channel]
	}
	for name, kind := range h.content(c.name, c.url, c.revision).Resources {
		out[name] = resource{kind: kind, revision: cmp.Or(released.Resources[name], 1)}
	}
	for name, held := range spec.Resources {
		r := resource{kind: cmp.Or(out[name].kind, "file"), revision: held.Revision}
		if held.Uploaded {
			r.revision = -1
		}
		out[name] = r
	}
	return out
}

// units are all units of a model, subordinates among them.
func (m *model) units() []*unit {
	var all []*unit
	for _, app := range m.apps {
		for _, u := range app.units {
			all = append(all, u)
			all = append(all, u.subordinates...)
		}
	}
	return all
}

// unitsOf are the units of an application, also if it is subordinate.
func (m *model) unitsOf(app *application) []*unit {
	return slices.DeleteFunc(m.units(), func(u *unit) bool { return u.app != app })
}

// application finds an application by name, or is an error as Juju's.
func (m *model) application(name string) (*application, error) {
	for _, app := range m.apps {
		if app.name == name {
			return app, nil
		}
	}
	return nil, apiError(params.CodeNotFound, "application %q not found", name)
}

// origin is that of an application's charm.
func (app *application) origin() params.CharmOrigin {
	c := app.charm
	o := params.CharmOrigin{
		Source: "local", ID: c.id, Hash: c.hash, Revision: &c.revision,
		Architecture: "amd64", Base: supportedBase(c.base),
	}
	if isStored(c.url) {
		o.Source = "charm-hub"
		follow(&o, c.channel)
	}
	return o
}

// carried is what a unit takes along to another controller: what it was doing begins anew
// there, but an error stays.
func (c unitCharm) carried() unitCharm {
	c.waiting = false
	if c.phase != charmError && c.phase != charmPaused {
		c.phase = ""
	}
	return c
}

// carriedTo is the charm of an application that comes to another controller. The import
// of Juju 4 leaves out the ID of what comes from Juju 3. (seen on 4.1-beta2)
func (c installed) carriedTo(target, source *controller) installed {
	if target.version4() && !source.version4() {
		c.id = ""
	}
	return c
}

// features are what a model offers to the assumptions of charms.
func (m *model) features() assumes.FeatureSet {
	var fs assumes.FeatureSet
	fs.Add(assumes.JujuFeature(m.version))
	if m.onKubernetes() {
		fs.Add(assumes.K8sAPIFeature(version.MustParse("1.29.0")))
	}
	return fs
}

// supportedFeatures are the features as a model's information has them.
func (m *model) supportedFeatures() []params.SupportedFeature {
	var out []params.SupportedFeature
	fs := m.features()
	for _, f := range fs.AsList() {
		shown := params.SupportedFeature{Name: f.Name, Description: f.Description}
		if f.Version != nil {
			shown.Version = f.Version.String()
		}
		out = append(out, shown)
	}
	return out
}

// meta is a charm's metadata.
func (k knownCharm) meta() (*params.CharmMeta, error) {
	meta := &params.CharmMeta{Name: k.name, Subordinate: k.subordinate, MinJujuVersion: "0.0.0"}
	for name, kind := range k.content.Resources {
		if meta.Resources == nil {
			meta.Resources = map[string]params.CharmResourceMeta{}
		}
		meta.Resources[name] = params.CharmResourceMeta{Name: name, Type: kind, Path: name}
	}
	for _, name := range k.content.Storage {
		if meta.Storage == nil {
			meta.Storage = map[string]params.CharmStorage{}
		}
		meta.Storage[name] = params.CharmStorage{Name: name, Type: "filesystem", CountMin: 1, CountMax: 1}
	}
	if len(k.content.Assumes) > 0 {
		data, err := json.Marshal(map[string]any{"assumes-expr": k.content.Assumes})
		if err != nil {
			return nil, err
		}
		if err := json.Unmarshal(data, meta); err != nil {
			return nil, fmt.Errorf("charm %s: %w", k.name, err)
		}
	}
	return meta, nil
}

// supports says whether a charm is for a base.
func (k knownCharm) supports(base string) bool {
	return len(k.content.Bases) == 0 || slices.Contains(k.content.Bases, base)
}

// sortedNames are the names of resources, in order.
func sortedNames[V any](of map[string]V) []string { return slices.Sorted(maps.Keys(of)) }
