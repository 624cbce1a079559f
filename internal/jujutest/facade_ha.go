package jujutest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/juju/names/v5"

	"github.com/juju/juju/rpc/params"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujutest/estate"
)

// maxServers is how many machines of a controller Juju allows.
const maxServers = 7

// enableHA is HighAvailability.EnableHA, of Juju 3 only.
func enableHA(s *session, args params.ControllersSpecs) (params.ControllersChangeResults, error) {
	var out params.ControllersChangeResults
	c := s.controller()
	switch {
	case s.model.onKubernetes():
		return out, notOnKubernetes("high availability")
	case c.version4():
		return out, apiError(params.CodeNotSupported, "not supported")
	case !s.superuser():
		return out, errPerm()
	case len(args.Specs) > 1:
		return out, apiError("", "only one controller spec is supported")
	case len(args.Specs) == 0:
		return out, nil
	case !s.model.isController():
		out.Results = []params.ControllersChangeResult{{Error: &params.Error{Message: "unsupported with workload models"}}}
		return out, nil
	case c.blocking(s.server.version, c.model()):
		out.Results = []params.ControllersChangeResult{{Error: &params.Error{Code: params.CodeOperationBlocked, Message: "the operation has been blocked"}}}
		return out, nil
	}
	changes, err := s.world().enableHA(c, args.Specs[0])
	result := params.ControllersChangeResult{Result: changes}
	if err != nil {
		result.Error = apiFailure(err)
	}
	out.Results = append(out.Results, result)
	return out, nil
}

func (w *World) enableHA(c *controller, spec params.ControllersSpec) (params.ControllersChanges, error) {
	var changes params.ControllersChanges
	wanted := spec.NumControllers
	if wanted < 0 || wanted != 0 && wanted%2 != 1 {
		return changes, apiError("", "number of controllers must be odd and non-negative")
	}
	if wanted > maxServers {
		return changes, apiError("", "controller count is too large (allowed %d)", maxServers)
	}
	if wanted == 0 {
		wanted = max(3, len(c.servers))
	}
	fail := func(code, format string, args ...any) (params.ControllersChanges, error) {
		return params.ControllersChanges{}, apiError(code, "failed to enable HA with %d controllers: %s", spec.NumControllers, fmt.Sprintf(format, args...))
	}
	if wanted < len(c.servers) {
		return fail("", "cannot remove controllers with enable-ha, use remove-machine and chose the controller(s) to remove")
	}
	var converted []*machine
	for _, place := range spec.Placement {
		h := c.machineAt(place)
		switch {
		case h == nil:
			return fail(params.CodeNotFound, "can't find machine for placement directive %q: machine %s not found", place, place)
		case c.model().serverOn(h) != nil:
			return fail("", "machine for placement directive %q is already a controller", place)
		}
		converted = append(converted, h)
	}
	missing := wanted - len(c.servers)
	if missing == 0 {
		return changes, nil
	}
	for _, s := range c.servers {
		changes.Maintained = append(changes.Maintained, s.machine().tag)
	}
	for _, h := range converted[:min(missing, len(converted))] {
		changes.Converted = append(changes.Converted, h.tag)
		if err := w.addServer(c, h); err != nil {
			return params.ControllersChanges{}, err
		}
	}
	for range missing - len(changes.Converted) {
		h := w.addMachine(c, true)
		changes.Added = append(changes.Added, h.tag)
		if err := w.addServer(c, h); err != nil {
			return params.ControllersChanges{}, err
		}
	}
	c.effects++
	return changes, nil
}

// machineAt finds the machine of the controller model that a placement names: "1" or "#:1".
func (c *controller) machineAt(place string) *machine {
	id := strings.TrimPrefix(place, "#:")
	for _, h := range c.model().machines {
		if h.id == id {
			return h
		}
	}
	return nil
}

// addMachine adds a machine to the controller model, which starts a while later. What is
// asked of a cloud that makes none never does.
func (w *World) addMachine(c *controller, asked bool) *machine {
	m := c.model()
	h := m.newMachine(fmt.Sprint(len(m.machines)), estate.Machine{})
	m.machines = append(m.machines, h)
	h.present, h.starting = false, true
	if asked && oneOf(c.cloudType(), "manual", "unmanaged") {
		h.starting, h.instance = false, "provisioning error"
		h.fault = estate.AgentFault{Agent: h.tag, Kind: estate.AgentDown}
		return h
	}
	w.sched.after(w.timing.MachineStart, func() { h.arrive(m) })
	return h
}

// addServer makes a controller of a machine: it is to have a vote from now on, is away
// for a while, and then serves the API. Its unit of the controller's application comes
// later still.
func (w *World) addServer(c *controller, h *machine) error {
	s, err := newServer(c, h, c.version())
	if err != nil {
		return err
	}
	c.servers = append(c.servers, s)
	s.refusing++
	w.settleServer(s)
	if i := slices.IndexFunc(c.model().apps, func(app *application) bool { return app.name == "controller" }); i >= 0 {
		app := c.model().apps[i]
		u := c.model().newUnit(app, len(app.units), h)
		u.present, u.starting = false, true
		app.units = append(app.units, u)
	}
	h.present = false
	if h.fault.Kind == estate.AgentDown {
		return nil // nothing comes of it
	}
	w.sched.after(w.timing.MachineStart, func() {
		s.refusing--
		h.arrive(c.model())
		w.settleServer(s)
		for _, u := range h.allUnits() {
			w.sched.after(w.timing.UnitSettle, func() { u.arrive(c.model()) })
		}
	})
	return nil
}

// AddMachine adds a machine to a controller's own model, as juju add-machine does.
func (w *World) AddMachine(controllerName string) (id string, err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	c, err := w.controller(controllerName)
	if err != nil {
		return "", err
	}
	tag, err := names.ParseMachineTag(w.addMachine(c, false).tag)
	return tag.Id(), err
}
