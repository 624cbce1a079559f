package jujutest

import (
	"fmt"
	"time"

	"github.com/juju/names/v5"

	"github.com/juju/juju/rpc/params"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujutest/estate"
)

// What others do in a world while a test looks elsewhere.

// AddModel adds a model to a controller, as somebody else would.
func (w *World) AddModel(controllerName string, spec estate.Model) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	c, err := w.controller(controllerName)
	if err != nil {
		return err
	}
	check := estate.Controller{Name: c.name, Version: c.spec.Version, User: c.spec.User, Models: []estate.Model{spec}}
	check.Cloud, check.CloudType, check.Clouds, check.SecretBackends = c.spec.Cloud, c.spec.CloudType, c.spec.Clouds, c.spec.SecretBackends
	if err := (estate.Estate{Controllers: []estate.Controller{check}}).Validate(); err != nil {
		return err
	}
	m, err := newModel(c, spec, c.version())
	if err != nil {
		return err
	}
	if failure := c.clashes(m); failure != nil {
		return failure
	}
	w.adopt(m)
	return nil
}

// RemoveModel removes a model from a controller at once, whatever it is doing.
func (w *World) RemoveModel(controllerName, modelName string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	_, m, err := w.find(controllerName, modelName)
	if err != nil {
		return err
	}
	if m.isController() {
		return fmt.Errorf("the controller's own model is not removed")
	}
	w.forgetModel(m)
	return nil
}

// SetLife makes a model dying, or dead.
func (w *World) SetLife(controllerName, modelName, life string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	_, m, err := w.find(controllerName, modelName)
	if err != nil {
		return err
	}
	m.life = life
	return nil
}

// Migrate begins a migration, as somebody else who is a superuser on both sides would.
func (w *World) Migrate(controllerName, modelName, targetName string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	c, m, err := w.find(controllerName, modelName)
	if err != nil {
		return err
	}
	target, err := w.controller(targetName)
	if err != nil {
		return err
	}
	spec := params.MigrationSpec{ModelTag: names.NewModelTag(m.uuid).String(), TargetInfo: params.MigrationTargetInfo{
		ControllerTag: names.NewControllerTag(target.uuid).String(), ControllerAlias: target.name, CACert: target.ca.pem,
		AuthTag: userTag(target.user.name), Password: target.user.password,
	}}
	for _, s := range target.servers {
		spec.TargetInfo.Addrs = append(spec.TargetInfo.Addrs, s.addr())
	}
	asked := &session{server: c.servers[c.primary], user: &user{name: "somebody", access: "superuser"}}
	if _, failure := asked.initiateOne(spec, false); failure != nil {
		return failure
	}
	return nil
}

// Migration is the latest migration of a model away from a controller, as it truly is.
type Migration struct {
	ID, Phase, Status string
	Start, End        time.Time
}

// Migration finds the latest migration of a model away from a controller. It has none
// once the model was removed there.
func (w *World) Migration(controllerName, modelName string) (Migration, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	_, m, err := w.find(controllerName, modelName)
	if err != nil || m.migration == nil {
		return Migration{}, false
	}
	g := m.migration
	return Migration{ID: g.id, Phase: g.phase, Status: g.status, Start: g.start, End: g.end}, true
}

// Whereabouts are the controllers that have a model of that UUID, in the order of the
// estate, without those where it is only being imported. A model that has moved is
// still had by the controller that cannot remove it, or does not.
func (w *World) Whereabouts(uuid string) (has, importing []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, c := range w.controllers {
		switch m := c.byUUID[uuid]; {
		case m == nil:
		case m.importing:
			importing = append(importing, c.name)
		default:
			has = append(has, c.name)
		}
	}
	return has, importing
}

// User is a user of a controller, as it truly is.
type User struct {
	Name, DisplayName, Access, Password string
	Disabled                            bool
	LastLogin                           time.Time
}

// Users are the users of a controller that have not been removed, in the order in
// which they were made.
func (w *World) Users(controllerName string) ([]User, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	c, err := w.controller(controllerName)
	if err != nil {
		return nil, err
	}
	var list []User
	for _, u := range c.users {
		if !u.removed {
			list = append(list, User{Name: u.name, DisplayName: u.displayName, Access: u.access, Password: u.password, Disabled: u.disabled, LastLogin: u.lastLogin})
		}
	}
	return list, nil
}

// RemoveUser removes a user, as somebody else would.
func (w *World) RemoveUser(controllerName, name string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	c, err := w.controller(controllerName)
	if err != nil {
		return err
	}
	u := c.userNamed(name)
	if u == nil {
		return fmt.Errorf("controller %q has no user %q", controllerName, name)
	}
	u.removed = true
	return nil
}
