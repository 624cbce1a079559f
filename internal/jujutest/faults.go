package jujutest

import (
	"fmt"
	"slices"
	"strings"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujutest/estate"
)

// fault is a Fault that is in force.
type fault struct {
	estate.Fault
	seen, hits int
}

// faults are those in force of a controller, or of the juju program.
type faults struct{ list []*fault }

func (fs *faults) add(f estate.Fault) *fault {
	in := &fault{Fault: f}
	fs.list = append(fs.list, in)
	return in
}

// end ends a fault, and says whether it was in force.
func (fs *faults) end(f *fault) bool {
	i := slices.Index(fs.list, f)
	if i >= 0 {
		fs.list = slices.Delete(fs.list, i, i+1)
	}
	return i >= 0
}

// Inject makes a fault begin, and returns what ends it. A dead controller agent is
// started again by its end. Those of the juju program are of estate.ProgramName.
func (w *World) Inject(controllerName string, f estate.Fault) (end func(), err error) {
	if err := f.Validate(); err != nil {
		return nil, err
	}
	if (controllerName == estate.ProgramName) != f.OfProgram() {
		return nil, fmt.Errorf("fault %s of %q: those of the program are of %q, and no others", f.Kind, controllerName, estate.ProgramName)
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	if f.OfProgram() {
		in := w.program.faults.add(f)
		return func() {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.program.faults.end(in)
		}, nil
	}
	c, err := w.controller(controllerName)
	if err != nil {
		return nil, err
	}
	if f.Server >= len(c.servers) {
		return nil, fmt.Errorf("controller %q has no API server %d", c.name, f.Server)
	}
	in := w.inject(c, f)
	return func() {
		w.mu.Lock()
		defer w.mu.Unlock()
		if w.closed {
			return
		}
		w.remove(c, in)
	}, nil
}

func (w *World) inject(c *controller, f estate.Fault) *fault {
	in := c.faults.add(f)
	for _, s := range c.serversOf(f) {
		switch f.Kind {
		case estate.FaultRefuse:
			s.refusing++
		case estate.FaultFreeze:
			s.freeze()
		case estate.FaultKilled:
			w.killServer(s)
			continue
		}
		w.settleServer(s)
	}
	return in
}

func (w *World) remove(c *controller, f *fault) {
	if !c.faults.end(f) {
		return
	}
	for _, s := range c.serversOf(f.Fault) {
		switch f.Kind {
		case estate.FaultRefuse:
			s.refusing--
		case estate.FaultFreeze:
			s.thaw()
		case estate.FaultKilled:
			w.startServer(s)
			continue
		}
		w.settleServer(s)
	}
	switch f.Kind {
	case estate.FaultSpoilAgents:
		w.moveAll(c)
	case estate.FaultSpoilImage:
		w.pullAgain(c)
	case estate.FaultUpgradePauses, estate.FaultUpgradeSticks:
		w.resumeCharms(c)
	}
}

func (c *controller) serversOf(f estate.Fault) []*server {
	if !oneOf(f.Kind, estate.FaultRefuse, estate.FaultFreeze, estate.FaultKilled, estate.FaultDatabaseDown) {
		return nil
	}
	if f.All || f.Server < 0 {
		return c.servers
	}
	return c.servers[f.Server : f.Server+1]
}

// strike finds the fault of a kind that hits a call, and counts it.
func (c *controller) strike(kind string, call Call) *fault {
	return c.faults.strike(func(f *fault) bool {
		if f.Kind != kind || f.Method != "" && f.Method != call.Facade+"."+call.Method {
			return false
		}
		return f.Model == "" || f.Model == call.Model || strings.HasSuffix(call.Model, "/"+f.Model)
	})
}

// strike finds a fault that is meant, and counts it.
func (fs *faults) strike(meant func(*fault) bool) *fault {
	for _, f := range fs.list {
		if !meant(f) {
			continue
		}
		if f.seen++; f.seen <= f.Skip {
			continue
		}
		if f.Times > 0 && f.hits >= f.Times {
			continue
		}
		f.hits++
		return f
	}
	return nil
}

// has says whether a fault of a kind is in force for a version.
func (c *controller) has(kind, version string) bool {
	return slices.ContainsFunc(c.faults.list, func(f *fault) bool { return f.Kind == kind && f.Version == version })
}
