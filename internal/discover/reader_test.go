package discover_test

import (
	"context"
	"fmt"
	"sync"
	"time"

	"github.com/juju/version/v2"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/discover"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// juju is a stateful stand-in for all controllers of a client: calls take time,
// and it remembers how many there were and how many at once.
type juju struct {
	mu          sync.Mutex
	controllers map[string]fleet.Controller // by name, as Controller shows them
	// broken are the errors of calls, by "login a", "controller a",
	// "objections a", "model a/m0".
	broken map[string]error
	// calls counts the calls, by the same names.
	calls map[string]int
	// order is the order in which logins began.
	order []string
	// now and most are how many calls of a kind there are at once, and were at most.
	now, most map[string]int
	// target is what objections were asked about, by controller.
	target map[string]version.Number
	// takes is how long a call takes; stuck calls end with their context only.
	takes time.Duration
	stuck bool
}

func newJuju(controllers ...fleet.Controller) *juju {
	j := &juju{
		controllers: map[string]fleet.Controller{}, broken: map[string]error{}, calls: map[string]int{},
		now: map[string]int{}, most: map[string]int{}, target: map[string]version.Number{}, takes: time.Second,
	}
	for _, c := range controllers {
		j.controllers[c.Name] = c
	}
	return j
}

var at = version.MustParse("3.6.4")

// controller makes a controller with its own model and n hosted ones.
func controller(name string, n int) fleet.Controller {
	c := fleet.Controller{
		Ref: fleet.Ref{UUID: name + "-uuid", Name: name}, Version: at, User: "admin", Access: fleet.AccessSuperuser,
		Models: []fleet.Model{{Ref: fleet.Ref{UUID: name + "-own", Name: "admin/controller"}, IsController: true, Version: at}},
	}
	for i := range n {
		c.Models = append(c.Models, fleet.Model{Ref: fleet.Ref{UUID: fmt.Sprintf("%s-m%d", name, i), Name: fmt.Sprintf("admin/m%d", i)}, Version: at})
	}
	return c
}

func names(j ...string) []discover.Named {
	var out []discover.Named
	for _, name := range j {
		out = append(out, discover.Named{Ref: fleet.Ref{UUID: name + "-uuid", Name: name}, Aliases: []string{name + "-alias"}})
	}
	return out
}

// call is one call: it takes its time, or ends early with its context.
func (j *juju) call(ctx context.Context, kind, subject string) error {
	j.mu.Lock()
	name := kind + " " + subject
	j.calls[name]++
	j.now[kind]++
	j.most[kind] = max(j.most[kind], j.now[kind])
	err := j.broken[name]
	takes, stuck := j.takes, j.stuck
	if kind == "login" {
		j.order = append(j.order, subject)
	}
	j.mu.Unlock()
	defer func() {
		j.mu.Lock()
		j.now[kind]--
		j.mu.Unlock()
	}()
	var done <-chan time.Time
	if !stuck {
		timer := time.NewTimer(takes)
		defer timer.Stop()
		done = timer.C
	}
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-done:
		return err
	}
}

func (j *juju) get(name string) fleet.Controller {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.controllers[name]
}

func (j *juju) Login(ctx context.Context, name string) (fleet.Controller, error) {
	if err := j.call(ctx, "login", name); err != nil {
		return fleet.Controller{}, err
	}
	c := j.get(name)
	return fleet.Controller{
		Ref: c.Ref, Version: c.Version, User: c.User, Access: c.Access,
		Servers: []fleet.Server{{Addresses: []string{"10.0.0.1:17070"}}},
	}, nil
}

func (j *juju) Controller(ctx context.Context, c fleet.Controller) (fleet.Controller, error) {
	if err := j.call(ctx, "controller", c.Name); err != nil {
		return c, err
	}
	known := j.get(c.Name)
	c.Models, c.Upgrading, c.Cloud = append([]fleet.Model(nil), known.Models...), known.Upgrading, "aws"
	c.Servers = []fleet.Server{{Addresses: c.Servers[0].Addresses, Version: known.Version}}
	return c, nil
}

func (j *juju) Objections(ctx context.Context, c fleet.Controller, target version.Number) (fleet.Objections, error) {
	j.mu.Lock()
	j.target[c.Name] = target
	j.mu.Unlock()
	all(c)
	if err := j.call(ctx, "objections", c.Name); err != nil {
		return fleet.Objections{}, err
	}
	all(c)
	return fleet.Objections{Chosen: version.MustParse("3.6.11")}, nil
}

func (j *juju) Model(ctx context.Context, c fleet.Controller, m fleet.Model) (fleet.Model, error) {
	all(c)
	if err := j.call(ctx, "model", c.Name+"/"+m.Name); err != nil {
		return m, err
	}
	all(c)
	m.Status = fleet.ModelStatus{Version: m.Version, Agents: []fleet.Agent{{Kind: fleet.MachineAgent, Name: "0", Version: m.Version}}}
	m.Operations = 1
	return m, nil
}

// all reads all of a controller, as a Reader may: the race detector tells when
// somebody writes to it meanwhile.
func all(c fleet.Controller) int {
	n := len(c.Aliases) + len(c.Servers)
	for _, m := range c.Models {
		n += m.Operations + len(m.Status.Agents)
	}
	if c.Objections != nil {
		n++
	}
	return n
}
