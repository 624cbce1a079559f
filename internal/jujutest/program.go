package jujutest

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/juju/version/v2"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujutest/estate"
)

// program is the juju program that stands in for the real one: which it is, what it was
// run with, and what it has under way.
type program struct {
	version  version.Number
	spec     estate.Program
	clouds   []estate.Cloud
	stages   map[string]time.Duration
	faults   faults
	making   map[string]*bootstrap
	commands []Command
	copied   map[string]map[string][]byte // by controller, and file on its machine 0
}

// Command is a command that the juju program was run with.
type Command struct {
	Time time.Time
	// Args are those after the program's name.
	Args []string
}

// newProgram makes the program of an estate. It knows the clouds of all controllers.
func newProgram(e estate.Estate) (program, error) {
	v, err := version.Parse(cmp.Or(e.Juju.Version, "3.6.11"))
	if err != nil {
		return program{}, err
	}
	p := program{
		version: v, spec: e.Juju, clouds: slices.Clone(e.Juju.Clouds), stages: map[string]time.Duration{},
		making: map[string]*bootstrap{}, copied: map[string]map[string][]byte{},
	}
	for _, c := range e.Controllers {
		own := c.AllClouds()[0]
		if !slices.ContainsFunc(p.clouds, func(cl estate.Cloud) bool { return cl.Name == own.Name }) {
			p.clouds = append(p.clouds, own)
		}
	}
	for _, stage := range estate.BootstrapStages() {
		p.stages[stage] = cmp.Or(e.Timing.Bootstraps[stage], e.Timing.WithDefaults().BootstrapStage)
	}
	for _, f := range e.Juju.Faults {
		p.faults.add(f)
	}
	return p, nil
}

// cloud finds a cloud that the program knows. Where the client's files say something of
// it, that counts, unless they are about a cloud of another type by the same name.
func (p *program) cloud(name string, known *estate.Cloud) (estate.Cloud, error) {
	for _, cl := range p.clouds {
		if cl.Name == name && (known == nil || known.Type != cl.Type) {
			return cl, nil
		}
	}
	if known != nil {
		return *known, nil
	}
	return estate.Cloud{}, fmt.Errorf("unknown cloud %q, please try \"juju update-public-clouds\"", name)
}

// ran notes a command.
func (w *World) ran(args []string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.program.commands = append(w.program.commands, Command{Time: time.Now(), Args: args})
}

// Commands are those that the juju program was run with, in the order in which they began.
func (w *World) Commands() []Command {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.program.commands)
}
