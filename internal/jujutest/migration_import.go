package jujutest

import (
	"cmp"
	"maps"
	"slices"
	"time"

	"github.com/juju/juju/rpc/params"
)

// importInto makes a copy of a model on another controller, whose agents are not
// there yet. Its credential, users and offers come with it.
func (w *World) importInto(c *controller, m *model) *model {
	if old := c.byUUID[m.uuid]; old != nil {
		w.forgetModel(old) // left over by an earlier import
	}
	n := m.copyTo(c)
	c.models = append(c.models, n)
	c.byUUID[n.uuid] = n
	if cred := m.credential(); cred != nil {
		w.addCredential(c, *cred)
	}
	w.sched.after(w.timing.MigrationPhase/10, func() { n.early = false })
	return n
}

func (m *model) copyTo(c *controller) *model {
	n := *m
	n.controller, n.migration, n.importing, n.early, n.since = c, nil, true, true, time.Now()
	n.rolls = false
	n.moved, n.unseen = true, c.version4() && m.controller.version4()
	n.agents, n.charms, n.pending = map[string]*agent{}, maps.Clone(m.charms), nil
	n.machines, n.pods, n.apps, n.users = nil, nil, nil, nil
	for _, u := range m.users {
		n.users = append(n.users, &modelUser{name: u.name, access: u.access, lastLogin: u.lastLogin})
	}
	hosts := map[*machine]*machine{}
	for _, mach := range m.machines {
		n.machines = append(n.machines, n.copyMachine(mach, hosts))
	}
	for _, pod := range m.pods {
		n.pods = append(n.pods, n.copyPod(pod, hosts))
	}
	apps := map[*application]*application{}
	for _, app := range m.apps {
		copied := *app
		copied.units, copied.charm = nil, app.charm.carriedTo(c, m.controller)
		apps[app] = &copied
		n.apps = append(n.apps, &copied)
	}
	for _, app := range m.apps {
		for _, u := range app.units {
			apps[app].units = append(apps[app].units, n.copyUnit(u, apps, hosts))
		}
	}
	return &n
}

func (m *model) copyMachine(from *machine, hosts map[*machine]*machine) *machine {
	h := *from
	h.units, h.containers = nil, nil
	m.awaitAgent(&h.agent)
	hosts[from] = &h
	for _, c := range from.containers {
		h.containers = append(h.containers, m.copyMachine(c, hosts))
	}
	return &h
}

func (m *model) copyUnit(from *unit, apps map[*application]*application, hosts map[*machine]*machine) *unit {
	u := *from
	u.app, u.machine, u.subordinates = apps[from.app], hosts[from.machine], nil
	u.charm = from.charm.carried()
	m.awaitAgent(&u.agent)
	if u.machine != nil {
		u.machine.units = append(u.machine.units, &u)
	}
	for _, sub := range from.subordinates {
		u.subordinates = append(u.subordinates, m.copyUnit(sub, apps, hosts))
	}
	return &u
}

// awaitAgent makes an agent one of the model that has yet to come.
func (m *model) awaitAgent(a *agent) {
	a.present, a.moving, a.since = false, false, time.Now()
	m.agents[a.tag] = a
}

// inOrder are the agents of a model, by their tags.
func (m *model) inOrder() []*agent {
	return slices.SortedFunc(maps.Values(m.agents), func(a, b *agent) int { return cmp.Compare(a.tag, b.tag) })
}

// departure is what a controller knows of a model that has left it.
type departure struct {
	target targetInfo
	users  map[string]bool
}

// answer is what a login to such a model gets. Who had no access to it is not told
// where it is.
func (d *departure) answer(u *user, uuid string) error {
	if d.users[u.name] {
		return d.redirect(true)
	}
	return apiError(params.CodeModelNotFound, "unknown model: %q", uuid)
}

// redirect says where the model is. A login is told of which controller, too.
func (d *departure) redirect(login bool) *params.Error {
	info := params.RedirectErrorInfo{CACert: d.target.caCert, ControllerAlias: d.target.alias}
	if login {
		info.ControllerTag = "controller-" + d.target.uuid
	}
	var servers []params.HostPort
	for _, addr := range d.target.addrs {
		if hp, ok := hostPort(addr); ok {
			servers = append(servers, hp)
		}
	}
	info.Servers = [][]params.HostPort{servers}
	return &params.Error{Code: params.CodeRedirect, Message: "redirection to alternative server required", Info: info.AsMap()}
}

// unknown says that the controller neither has nor had a model.
func (c *controller) unknown(uuid string) bool {
	return c.byUUID[uuid] == nil && c.departed[uuid] == nil
}
