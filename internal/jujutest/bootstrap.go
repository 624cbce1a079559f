package jujutest

import (
	"cmp"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/juju/version/v2"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujutest/estate"
)

// How a controller is made while the world runs. The client drives the stages up to the
// one in which a script runs on the new machine; from then on it comes up by itself,
// whatever becomes of the client.

// Bootstrap says what controller is to be made.
type Bootstrap struct {
	Name, Cloud, Region string
	// Known is what the client's files say of the cloud, if they do; Credential the one
	// of them that it takes.
	Known      *estate.Cloud
	Credential *estate.Credential
	// Version is the client's if it is empty.
	Version string
	// Config are settings of the controller and of its model, as juju's --config has them;
	// ModelDefaults what --model-default has.
	Config, ModelDefaults map[string]any
	// KeepBroken leaves there what has failed.
	KeepBroken bool
}

// Newcomer is a controller that is being made, as the client knows it.
type Newcomer struct {
	ID, UUID, CACert, Password string
	Cloud, Region, CloudType   string
	Endpoint                   string
	ModelUUID, Version         string
	// Unknown are the settings that nobody knows: they become the controller model's.
	Unknown []string
}

// bootstrap is a controller that is being made.
type bootstrap struct {
	id         string
	c          *controller
	keepBroken bool
	done       []string // stages that have ended
	begun      []string
	failure    string
	stopped    bool // the client is to die
	listed     bool
}

// Prepare begins to make a controller: nothing of it is to be seen yet.
func (w *World) Prepare(spec Bootstrap) (Newcomer, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	b, unknown, err := w.prepare(spec)
	if err != nil {
		return Newcomer{}, err
	}
	c := b.c
	own := c.spec.AllClouds()[0]
	for _, r := range own.Regions {
		if r.Name == c.spec.Region {
			own.Endpoint = cmp.Or(r.Endpoint, own.Endpoint)
		}
	}
	return Newcomer{
		ID: b.id, UUID: c.uuid, CACert: c.ca.pem, Password: c.user.password, Cloud: own.Name, Region: c.spec.Region, CloudType: own.Type,
		Endpoint: own.Endpoint, ModelUUID: c.model().uuid, Version: c.version().String(), Unknown: unknown,
	}, nil
}

func (w *World) prepare(spec Bootstrap) (*bootstrap, []string, error) {
	cloud, err := w.program.cloud(spec.Cloud, spec.Known)
	if err != nil {
		return nil, nil, err
	}
	if err := w.preparable(cloud, spec); err != nil {
		return nil, nil, err
	}
	region := spec.Region
	if region == "" && len(cloud.Regions) > 0 {
		region = cloud.Regions[0].Name
	}
	if spec.Region != "" && !slices.ContainsFunc(cloud.Regions, func(r estate.Region) bool { return r.Name == region }) {
		return nil, nil, fmt.Errorf("region %q for cloud %q not valid", region, spec.Cloud)
	}
	made := estate.Controller{
		Name: w.freeName(spec.Name), UUID: newUUID(), Version: cmp.Or(spec.Version, w.program.version.String()), Offers: w.program.spec.Offers,
		Cloud: cloud.Name, Region: region, Clouds: []estate.Cloud{cloud}, ModelDefaults: map[string]map[string]any{cloud.Name: spec.ModelDefaults},
	}
	if cred := spec.Credential; cred != nil {
		made.Credentials, made.Credential = []estate.Credential{*cred}, made.UserName()+"/"+cred.Name
	}
	if len(made.Offers) == 0 {
		made.Offers = []string{made.Version}
	}
	unknown := sortConfig(&made, spec.Config)
	if err := (estate.Estate{Controllers: []estate.Controller{made}}).Validate(); err != nil {
		return nil, nil, err
	}
	c, err := w.newController(made)
	if err != nil {
		return nil, nil, err
	}
	c.coming, c.config["controller-name"] = true, spec.Name
	for _, s := range c.servers {
		s.refusing++
		w.settleServer(s)
	}
	for _, a := range c.model().agents {
		a.present, a.starting = false, true
	}
	b := &bootstrap{id: newUUID(), c: c, keepBroken: spec.KeepBroken}
	w.program.making[b.id] = b
	return b, unknown, nil
}

// freeName is a name by which the world does not know a controller yet: another client
// may call two alike.
func (w *World) freeName(name string) string {
	for n := 2; ; n++ {
		if _, err := w.controller(name); err != nil {
			return name
		}
		name = fmt.Sprintf("%s-%d", strings.TrimSuffix(name, fmt.Sprintf("-%d", n-1)), n)
	}
}

// sortConfig tells settings of the controller from those of its model, and names those
// that are neither.
func sortConfig(c *estate.Controller, config map[string]any) (unknown []string) {
	settings := settingsOf(version.MustParse(c.Version))
	c.Config, c.ModelConfig = map[string]any{}, map[string]any{}
	for _, key := range slices.Sorted(maps.Keys(config)) {
		if oneOf(key, ofService...) {
			continue // nothing of it is told later
		}
		if _, ok := settings[key]; ok {
			c.Config[key] = config[key]
			continue
		}
		c.ModelConfig[key] = config[key]
		if !knownToModels(key) {
			unknown = append(unknown, key)
		}
	}
	return unknown
}

// beginStage begins a stage of a bootstrap, unless it has begun.
func (w *World) beginStage(b *bootstrap, stage string) {
	if slices.Contains(b.begun, stage) || b.failure != "" {
		return
	}
	b.begun = append(b.begun, stage)
	if stage == "script" {
		if found := w.provisioned(b); found != nil {
			b.failure = "machine is already provisioned"
			w.removeController(found) // the clean-up does that (seen)
			return
		}
		b.listed = true
		w.controllers = append(w.controllers, b.c)
	}
	w.sched.after(w.program.stages[stage], func() { w.endStage(b, stage) })
}

// endStage ends a stage, unless a fault keeps it.
func (w *World) endStage(b *bootstrap, stage string) {
	of := func(kind string) func(*fault) bool {
		return func(f *fault) bool { return f.Kind == kind && f.Stage == stage }
	}
	p := &w.program
	switch {
	case b.failure != "":
		return
	case p.faults.strike(of(estate.FaultBootstrapSticks)) != nil:
		w.sched.after(w.timing.BootstrapStage/10, func() { w.endStage(b, stage) })
		return
	case p.faults.strike(of(estate.FaultBootstrapStops)) != nil:
		b.stopped = true
	}
	if f := p.faults.strike(of(estate.FaultBootstrapFails)); f != nil {
		b.failure = cmp.Or(f.Message, "subprocess encountered error code 1")
		if b.listed && !b.keepBroken {
			w.removeController(b.c)
		}
		return
	}
	b.done = append(b.done, stage)
	switch stage {
	case "script":
		w.sched.after(w.program.stages["contact"]/2, func() { w.serve(b.c) })
		w.beginStage(b, "contact")
	case "contact":
		w.serve(b.c)
		w.sched.after(w.timing.UnitSettle, func() { w.settleAgents(b.c) })
	}
}

// serve has the API of a controller answer that was made.
func (w *World) serve(c *controller) {
	if !c.coming {
		return
	}
	c.coming = false
	for _, s := range c.servers {
		s.refusing--
		w.settleServer(s)
	}
}

// settleAgents has the agents of a new controller's model started.
func (w *World) settleAgents(c *controller) {
	for _, a := range c.model().agents {
		a.arrive(c.model())
	}
}

// provisioned is the controller that is on the machine of a manual cloud already.
func (w *World) provisioned(b *bootstrap) *controller {
	if b.c.cloudType() != "manual" && b.c.cloudType() != "unmanaged" {
		return nil
	}
	i := slices.IndexFunc(w.controllers, func(c *controller) bool { return c.cloud() == b.c.cloud() })
	if i < 0 {
		return nil
	}
	return w.controllers[i]
}

// removeController is the end of a controller and of its machines.
func (w *World) removeController(c *controller) {
	w.controllers = slices.DeleteFunc(w.controllers, func(other *controller) bool { return other == c })
	for _, s := range c.servers {
		s.alive = false
		w.settleServer(s)
	}
}

// BootstrapStage begins a stage of a bootstrap, and waits for its end or for that of the
// client. It says whether the client has been killed meanwhile.
func (w *World) BootstrapStage(gone <-chan struct{}, id, stage string) (stopped bool, err error) {
	w.mu.Lock()
	b := w.program.making[id]
	if b != nil {
		w.beginStage(b, stage)
	}
	w.mu.Unlock()
	if b == nil {
		return false, fmt.Errorf("there is no bootstrap %q", id)
	}
	for {
		w.mu.Lock()
		failure, ended := b.failure, slices.Contains(b.done, stage)
		stopped = b.stopped
		w.mu.Unlock()
		switch {
		case failure != "":
			return false, fmt.Errorf("%s", failure)
		case stopped || ended:
			return stopped, nil
		}
		select {
		case <-time.After(2 * time.Millisecond):
		case <-gone:
			return false, fmt.Errorf("the client has gone")
		case <-w.done:
			return false, fmt.Errorf("the world has ended")
		}
	}
}

// newUUID makes a UUID that never was.
func newUUID() string {
	var raw [16]byte
	_, _ = rand.Read(raw[:])
	return uuidFrom("new " + hex.EncodeToString(raw[:]))
}
