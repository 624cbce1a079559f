package jujutest

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujutest/estate"
)

// Charms as they truly are, and what others do with them while a test looks elsewhere.

// ApplicationCharm is the charm of an application.
type ApplicationCharm struct {
	// URL and Channel are those of the application; a local charm has no channel.
	URL, Channel, Base string
	// Resources are the revisions of its resources; -1 of one that was uploaded.
	Resources map[string]int
	// Units are its units, in order.
	Units []UnitCharm
}

// UnitCharm is the charm that a unit runs.
type UnitCharm struct {
	Name, URL string
	// State is empty where the unit has done all that it was asked for, else behind,
	// fetching, unpacking, upgrading, error, paused or stuck.
	State string
	// Resources are as it has got them.
	Resources map[string]int
}

// Settled says that all units run the application's charm, and are done.
func (c ApplicationCharm) Settled() bool {
	return !slices.ContainsFunc(c.Units, func(u UnitCharm) bool { return u.State != "" || u.URL != c.URL })
}

// Charm is the charm of an application.
func (w *World) Charm(controllerName, modelName, application string) (ApplicationCharm, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	_, m, err := w.find(controllerName, modelName)
	if err != nil {
		return ApplicationCharm{}, err
	}
	app, err := m.application(application)
	if err != nil {
		return ApplicationCharm{}, err
	}
	out := ApplicationCharm{URL: app.charm.url, Channel: app.charm.channel, Base: app.charm.base, Resources: revisionsOf(app.charm.resources)}
	for _, u := range m.unitsOf(app) {
		state := string(u.charm.phase)
		if state == "" && u.charm.modified != app.charm.modified {
			state = "behind"
		}
		out.Units = append(out.Units, UnitCharm{Name: u.name, URL: u.charm.url, State: state, Resources: revisionsOf(u.charm.resources)})
	}
	return out, nil
}

func revisionsOf(resources map[string]resource) map[string]int {
	out := map[string]int{}
	for name, r := range resources {
		out[name] = r.revision
	}
	return out
}

// Publish releases a revision of a charm of the store to a channel; one that is not
// described is as the charm says. Resources that it does not name stay as they are there.
func (w *World) Publish(charm, channel string, r estate.Release) error {
	return w.changeStore(charm, func(spec *estate.Charm) {
		spec.Channels = normalised(spec.Channels)
		channel = normalChannel(channel)
		merged := maps.Clone(spec.Channels[channel].Resources)
		if merged == nil {
			merged = map[string]int{}
		}
		maps.Copy(merged, r.Resources)
		spec.Channels[channel] = estate.Release{Revision: r.Revision, Resources: merged}
	})
}

// CloseChannel takes back what a channel of a charm has.
func (w *World) CloseChannel(charm, channel string) error {
	return w.changeStore(charm, func(spec *estate.Charm) {
		spec.Channels = normalised(spec.Channels)
		delete(spec.Channels, normalChannel(channel))
	})
}

func normalised(channels map[string]estate.Release) map[string]estate.Release {
	out := map[string]estate.Release{}
	for channel, r := range channels {
		out[normalChannel(channel)] = r
	}
	return out
}

// DescribeRevision says what is in a revision of a charm of the store, in place of what
// was said of it: one that fails can be mended so.
func (w *World) DescribeRevision(charm string, r estate.CharmRevision) error {
	return w.changeStore(charm, func(spec *estate.Charm) {
		spec.Revisions = slices.DeleteFunc(slices.Clone(spec.Revisions), func(old estate.CharmRevision) bool { return old.Revision == r.Revision })
		spec.Revisions = append(spec.Revisions, r)
	})
}

// StoreCharm puts a charm into the store, in place of any other of its name.
func (w *World) StoreCharm(spec estate.Charm) error {
	if err := (estate.Charmhub{Charms: []estate.Charm{spec}}).Validate(); err != nil {
		return err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.hub.charms[spec.Name] = storeCharm(spec)
	for _, c := range w.controllers {
		w.resumeCharms(c)
	}
	return nil
}

func (w *World) changeStore(charm string, change func(*estate.Charm)) error {
	w.mu.Lock()
	c := w.hub.charms[charm]
	w.mu.Unlock()
	if c == nil {
		return fmt.Errorf("the store has no charm %q", charm)
	}
	spec := c.spec
	change(&spec)
	return w.StoreCharm(spec)
}

// ResolveUnit resolves the error of a unit, as "juju resolved" does; without retry its
// failed hook is left out.
func (w *World) ResolveUnit(controllerName, modelName, unitName string, retry bool) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	m, u, err := w.findUnit(controllerName, modelName, unitName)
	if err != nil {
		return err
	}
	w.resolveUnit(m, u, retry)
	return nil
}

// RunAction runs an action on a unit, as "juju run" does. One that paused units ask for
// has all of their application go on.
func (w *World) RunAction(controllerName, modelName, unitName, action string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	m, u, err := w.findUnit(controllerName, modelName, unitName)
	if err != nil {
		return err
	}
	if !m.offers(u, action) {
		return fmt.Errorf("unit %s has no action %q", unitName, action)
	}
	w.runAction(m, u, action)
	return nil
}

// offers says whether a unit has an action: its charm's, or the one that it asks for.
func (m *model) offers(u *unit, action string) bool {
	return slices.Contains(m.charms[u.charm.url].content.Actions, action) ||
		u.charm.phase == charmPaused && action == cmp.Or(m.fateOf(u, false).Action, estate.ResumeRefresh)
}

// Block makes a model refuse commands, as "juju disable-command" does: all,
// remove-object or destroy-model. None takes all blocks away.
func (w *World) Block(controllerName, modelName string, blocks ...string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	_, m, err := w.find(controllerName, modelName)
	if err != nil {
		return err
	}
	m.blocks = nil
	for _, name := range blocks {
		block := estate.BlockType(name)
		if block == "" {
			return fmt.Errorf("there is no block %q", name)
		}
		m.blocks = append(m.blocks, block)
	}
	return nil
}

func (w *World) findUnit(controllerName, modelName, unitName string) (*model, *unit, error) {
	_, m, err := w.find(controllerName, modelName)
	if err != nil {
		return nil, nil, err
	}
	for _, u := range m.units() {
		if u.name == unitName {
			return m, u, nil
		}
	}
	return nil, nil, fmt.Errorf("model %s of controller %q has no unit %q", m.fullName(), controllerName, unitName)
}
