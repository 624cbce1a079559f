package jujutest

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/juju/version/v2"
)

// Kinds of faults of a controller.
const (
	// FaultRefuse: its API servers refuse connections.
	FaultRefuse = "refuse"
	// FaultFreeze: they accept connections and answer nothing.
	FaultFreeze = "freeze"
	// FaultKilled: the agent of a controller machine is dead. Its server refuses
	// connections, and an upgrade waits for it.
	FaultKilled = "killed"
	// FaultDatabaseDown: the database of a controller machine is down, to which
	// Juju's validation of an upgrade objects.
	FaultDatabaseDown = "database-down"
	// FaultDrop: the connection is dropped at a method, before or after it took effect.
	FaultDrop = "drop"
	// FaultDelay: a method answers late.
	FaultDelay = "delay"
	// FaultError: a method answers with an error of a code.
	FaultError = "error"
	// FaultBackup: create-backup fails.
	FaultBackup = "backup-fails"
	// FaultTruncate: the download of a backup ends early.
	FaultTruncate = "backup-truncated"
	// FaultHideAgents: a version is not offered, though series-offers has it.
	FaultHideAgents = "hide-agents"
	// FaultStreams: its streams cannot be reached. Asked for the newest, it knows of
	// nothing newer; asked for a version, it fails.
	FaultStreams = "streams-unreachable"
	// FaultSpoilAgents: a version is offered, but no agent can download it.
	FaultSpoilAgents = "spoil-agents"
)

// Fault is something wrong with a controller. Make them with a literal, in YAML, or
// while a world runs with [World.Inject].
type Fault struct {
	// Kind is one of the Fault... constants.
	Kind string `yaml:"kind"`
	// Server is the number of the API server that is meant; -1 for all. It is not
	// looked at where a fault concerns the whole controller. In YAML the default is 0;
	// all: true means all of them.
	Server int `yaml:"server,omitempty"`
	// All means all API servers.
	All bool `yaml:"all,omitempty"`
	// Method is FACADE.METHOD, for drop, delay and error.
	Method string `yaml:"method,omitempty"`
	// Model narrows drop, delay and error to connections to this model, or calls
	// that name it (OWNER/NAME or NAME).
	Model string `yaml:"model,omitempty"`
	// Times is how often it happens; zero means always.
	Times int `yaml:"times,omitempty"`
	// Skip is how many calls pass unharmed first.
	Skip int `yaml:"skip,omitempty"`
	// When a connection is dropped: before (the default) or after the method took effect.
	When string `yaml:"when,omitempty"`
	// Delay of an answer, in simulated time.
	Delay time.Duration `yaml:"delay,omitempty"`
	// Code and Message of an error.
	Code    string `yaml:"code,omitempty"`
	Message string `yaml:"message,omitempty"`
	// Version that hide-agents or spoil-agents means.
	Version string `yaml:"version,omitempty"`
}

func (f Fault) validate() error {
	kinds := []string{FaultRefuse, FaultFreeze, FaultKilled, FaultDatabaseDown, FaultDrop, FaultDelay, FaultError,
		FaultBackup, FaultTruncate, FaultHideAgents, FaultSpoilAgents, FaultStreams}
	if !oneOf(f.Kind, kinds...) {
		return fmt.Errorf("unknown kind of fault %q: want one of %s", f.Kind, quoteList(kinds))
	}
	switch f.Kind {
	case FaultDrop, FaultDelay, FaultError:
		if facade, method, ok := strings.Cut(f.Method, "."); !ok || facade == "" || method == "" {
			return fmt.Errorf("fault %s needs a method such as Client.FullStatus, not %q", f.Kind, f.Method)
		}
	case FaultHideAgents, FaultSpoilAgents:
		if _, err := version.Parse(f.Version); err != nil {
			return fmt.Errorf("fault %s needs a version, not %q", f.Kind, f.Version)
		}
	}
	if !oneOf(f.When, "", "before", "after") {
		return fmt.Errorf("fault %s: when %q: want before or after", f.Kind, f.When)
	}
	if f.Times < 0 || f.Skip < 0 || f.Delay < 0 || f.Server < -1 {
		return fmt.Errorf("fault %s: a number is negative", f.Kind)
	}
	return nil
}

// fault is a Fault that is in force.
type fault struct {
	Fault
	seen, hits int
}

// Inject makes a fault begin, and returns what ends it. A dead controller agent is
// started again by its end.
func (w *World) Inject(controllerName string, f Fault) (end func(), err error) {
	if err := f.validate(); err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
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

func (w *World) inject(c *controller, f Fault) *fault {
	in := &fault{Fault: f}
	c.faults = append(c.faults, in)
	for _, s := range c.serversOf(f) {
		switch f.Kind {
		case FaultRefuse:
			s.refusing++
		case FaultFreeze:
			s.freeze()
		case FaultKilled:
			w.killServer(s)
			continue
		}
		w.settleServer(s)
	}
	return in
}

func (w *World) remove(c *controller, f *fault) {
	i := slices.Index(c.faults, f)
	if i < 0 {
		return
	}
	c.faults = slices.Delete(c.faults, i, i+1)
	for _, s := range c.serversOf(f.Fault) {
		switch f.Kind {
		case FaultRefuse:
			s.refusing--
		case FaultFreeze:
			s.thaw()
		case FaultKilled:
			w.startServer(s)
			continue
		}
		w.settleServer(s)
	}
	if f.Kind == FaultSpoilAgents {
		w.moveAll(c)
	}
}

func (c *controller) serversOf(f Fault) []*server {
	if !oneOf(f.Kind, FaultRefuse, FaultFreeze, FaultKilled, FaultDatabaseDown) {
		return nil
	}
	if f.All || f.Server < 0 {
		return c.servers
	}
	return c.servers[f.Server : f.Server+1]
}

// strike finds the fault of a kind that hits a call, and counts it.
func (c *controller) strike(kind string, call Call) *fault {
	for _, f := range c.faults {
		if f.Kind != kind || f.Method != "" && f.Method != call.Facade+"."+call.Method {
			continue
		}
		if f.Model != "" && f.Model != call.Model && !strings.HasSuffix(call.Model, "/"+f.Model) {
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
	return slices.ContainsFunc(c.faults, func(f *fault) bool { return f.Kind == kind && f.Version == version })
}
