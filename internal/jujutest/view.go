package jujutest

import (
	"cmp"
	"slices"

	"github.com/juju/names/v5"

	"github.com/juju/juju/api"
)

// Controller is what a test needs to know of a controller.
type Controller struct {
	Name, UUID     string
	User, Password string
	CACert         string
	// Addrs are the addresses of the API servers, one each, in their order.
	Addrs []string
	// Models are the UUIDs by OWNER/NAME, the controller model among them.
	Models map[string]string
}

// Controller finds a controller by name.
func (w *World) Controller(name string) (Controller, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	c, err := w.controller(name)
	if err != nil {
		return Controller{}, err
	}
	out := Controller{Name: c.name, UUID: c.uuid, User: c.user.name, Password: c.user.password, CACert: c.ca.pem, Models: map[string]string{}}
	for _, s := range c.servers {
		out.Addrs = append(out.Addrs, s.addr())
	}
	for _, m := range c.models {
		out.Models[m.fullName()] = m.uuid
	}
	return out, nil
}

// APIInfo is how to log in to a model, or to the controller alone if it is empty.
func (w *World) APIInfo(controllerName, modelName string) (*api.Info, error) {
	c, err := w.Controller(controllerName)
	if err != nil {
		return nil, err
	}
	info := &api.Info{
		Addrs:          c.Addrs,
		CACert:         c.CACert,
		ControllerUUID: c.UUID,
		Tag:            names.NewUserTag(c.User),
		Password:       c.Password,
	}
	if modelName != "" {
		w.mu.Lock()
		defer w.mu.Unlock()
		_, m, err := w.find(controllerName, modelName)
		if err != nil {
			return nil, err
		}
		info.ModelTag = names.NewModelTag(m.uuid)
	}
	return info, nil
}

// Agent is the true state of an agent, whatever a server says of it.
type Agent struct {
	Tag     string
	Version string
	Present bool
}

// ModelVersion is the agent-version of a model, which flips on request.
func (w *World) ModelVersion(controllerName, modelName string) (string, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	_, m, err := w.find(controllerName, modelName)
	if err != nil {
		return "", err
	}
	return m.version.String(), nil
}

// Agents are the agents of a model, by tag.
func (w *World) Agents(controllerName, modelName string) ([]Agent, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	_, m, err := w.find(controllerName, modelName)
	if err != nil {
		return nil, err
	}
	var list []Agent
	for _, a := range m.agents {
		list = append(list, Agent{Tag: a.tag, Version: a.version.String(), Present: a.present})
	}
	slices.SortFunc(list, func(a, b Agent) int { return cmp.Compare(a.Tag, b.Tag) })
	return list, nil
}

// Arrived says whether all agents of a model are there, at its version, with no
// controller upgrade under way.
func (w *World) Arrived(controllerName, modelName string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	c, m, err := w.find(controllerName, modelName)
	if err != nil || c.upgrade != nil {
		return false
	}
	for _, a := range m.agents {
		if !a.present || a.version != m.version {
			return false
		}
	}
	return !slices.ContainsFunc(m.pods, func(h *machine) bool { return h.moving || h.pod.stale || h.pod.hook != "" })
}
