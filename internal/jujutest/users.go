package jujutest

import (
	"cmp"
	"crypto/rand"
	"slices"
	"strings"
	"time"

	"github.com/juju/names/v5"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujutest/estate"
)

// user is a user of a controller.
type user struct {
	name, displayName, password, access string
	createdBy                           string
	created, lastLogin                  time.Time
	disabled, removed                   bool
	// key is what the user registers with; a password voids it.
	key []byte
	// reused says that the name was a removed user's: Juju 4 gives such a user no
	// access any more, and says that it does.
	reused bool
}

func (u *user) local() bool { return !strings.Contains(u.name, "@") }

// addUsers makes the users that a controller has from the start. The first is the
// account of the client's store.
func (w *World) addUsers(c *controller) {
	c.user = c.newUser(c.spec.UserName(), cmp.Or(c.spec.Access, "superuser"))
	c.user.displayName = c.user.name
	c.user.password = c.spec.Password
	for _, spec := range c.spec.Users {
		u := c.userNamed(spec.Name)
		if u == nil {
			u = c.newUser(spec.Name, cmp.Or(spec.Access, "login"))
		}
		u.displayName = cmp.Or(spec.DisplayName, u.displayName)
		u.password = cmp.Or(spec.Password, u.password)
		u.disabled = spec.Disabled
		if spec.LastConnection > 0 {
			u.lastLogin = time.Now().Add(-spec.LastConnection)
		}
	}
	if c.version4() {
		c.newUser("juju-metrics", "login")
		c.newUser("everyone@external", "")
	}
	for _, u := range c.users {
		w.givePassword(u, c.name)
	}
}

// givePassword makes up a password for a user that has none.
func (w *World) givePassword(u *user, of string) {
	switch {
	case !u.local():
	case u.password == "":
		u.password = w.newSecret(of + "-" + u.name)
	default:
		w.secrets = append(w.secrets, u.password)
	}
}

func (c *controller) newUser(name, access string) *user {
	u := &user{name: name, access: access, createdBy: c.spec.UserName(), created: time.Now().Add(-longAgo).Truncate(time.Second)}
	c.users = append(c.users, u)
	return u
}

// ensureUser makes a local user that a model needs, unless there is one.
func (w *World) ensureUser(c *controller, name string) {
	if c.userNamed(name) == nil && !strings.Contains(name, "@") {
		w.givePassword(c.newUser(name, "login"), c.name)
	}
}

// userNamed finds a user who has not been removed.
func (c *controller) userNamed(name string) *user {
	for _, u := range c.users {
		if u.name == name && !u.removed {
			return u
		}
	}
	return nil
}

// removedUser finds a user who has been removed.
func (c *controller) removedUser(name string) *user {
	i := slices.IndexFunc(c.users, func(u *user) bool { return u.name == name && u.removed })
	if i < 0 {
		return nil
	}
	return c.users[i]
}

// authenticate finds the user who may log in so, or nil.
func (c *controller) authenticate(tag, password string) *user {
	t, err := names.ParseUserTag(tag)
	if err != nil || password == "" {
		return nil
	}
	u := c.userNamed(t.Id())
	if u == nil || u.disabled || u.password != password {
		return nil
	}
	return u
}

// newKey is the secret with which a user registers.
func newKey() []byte {
	key := make([]byte, 32)
	_, _ = rand.Read(key)
	return key
}

// modelUser is a user with access to a model.
type modelUser struct {
	name, access string
	lastLogin    time.Time
}

// addUsers makes the users of a model: its owner, the account of the client's store
// as far as the model says so, and those that are listed.
func (m *model) addUsers(w *World, spec estate.Model) {
	c := m.controller
	add := func(name, access string) {
		if m.userNamed(name) == nil && access != "none" {
			m.users = append(m.users, &modelUser{name: name, access: access})
			w.ensureUser(c, name)
		}
	}
	if m.owner != c.user.name || c.user.access == "superuser" {
		add(m.owner, "admin")
	}
	if spec.Access != "" || c.user.access != "superuser" {
		add(c.user.name, cmp.Or(spec.Access, "admin"))
	}
	for _, u := range spec.Users {
		add(u.Name, cmp.Or(u.Access, "read"))
	}
	w.ensureUser(c, m.owner)
}

func (m *model) userNamed(name string) *modelUser {
	for _, u := range m.users {
		if u.name == name {
			return u
		}
	}
	return nil
}

// accessOfUser is the access that a user was given to a model.
func (m *model) accessOfUser(name string) string {
	if u := m.userNamed(name); u != nil {
		return u.access
	}
	return "none"
}
