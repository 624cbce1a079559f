package jujutest

import (
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/juju/names/v5"
	"github.com/juju/version/v2"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujutest/estate"
)

// model is a simulated model.
type model struct {
	controller *controller
	spec       estate.Model
	owner      string
	name       string
	uuid       string
	life       string
	base       string
	version    version.Number
	stream     string
	since      time.Time
	blocks     []string
	machines   []*machine // top level, in order
	pods       []*machine // on Kubernetes: one for each unit
	apps       []*application
	agents     map[string]*agent
	aborted    string    // status text of a controller upgrade that was given up
	upgraded   time.Time // when it was, as status tells for a while
	users      []*modelUser
	cloud      string
	cloudType  string
	region     string
	backendIDs []string // of the secret backends in use
	// migration is the latest one away from here.
	migration *migration
	// importing says that it is not active here yet; early, that it was created a
	// moment ago and does not say so yet. dropping is true while it is removed again.
	importing, early, dropping bool
	// unseen says that, as long as it is importing, the controller does not tell of it
	// at all; moved, that it came from another controller.
	unseen, moved bool
	// rolls says that it has moved, and its pods are to be replaced for that.
	rolls bool
	// reaping is true while it is removed since it has moved away.
	reaping bool
	// charms are those that it has, by their URLs; pending are resources that
	// applications are to have; operations counts those of actions.
	charms     map[string]knownCharm
	pending    map[string]pendingResource
	operations int
}

func (m *model) fullName() string   { return m.owner + "/" + m.name }
func (m *model) isController() bool { return m == m.controller.models[0] }

// agent is what runs in a machine or beside a unit.
type agent struct {
	tag     string
	version version.Number
	// present is false while it restarts, and for good if it is down.
	present bool
	since   time.Time
	fault   estate.AgentFault
	// starting is true until it is there for the first time.
	starting bool
	// moving is true from the moment a restart is scheduled until it is back.
	moving bool
	// upgradeError is shown by the machine of a controller whose upgrade was given up.
	upgradeError string
}

// machine is a machine or a container.
type machine struct {
	agent
	id         string
	base       string
	arch       string
	instance   string
	containers []*machine
	units      []*unit // with their subordinates
	pod        pod     // on Kubernetes
}

// application is an application or a subordinate one.
type application struct {
	spec        estate.Application
	name        string
	subordinate bool
	principals  []string
	units       []*unit // of a subordinate: none, they are with their principals
	charm       installed
}

// unit is a unit of an application.
type unit struct {
	agent
	name         string
	app          *application
	machine      *machine
	subordinates []*unit
	charm        unitCharm
}

// populate makes a controller's models.
func (w *World) populate(c *controller, own version.Number) error {
	n := cmp.Or(c.spec.HA, 1)
	ctl := estate.Model{
		Name:         c.user.name + "/controller",
		Credential:   c.spec.Credential,
		Config:       c.spec.ModelConfig,
		Applications: c.spec.Applications,
		Blocks:       c.spec.Blocks,
		Faults:       c.spec.AgentFaults,
	}
	if !c.spec.OnKubernetes() {
		ctl.Machines = make(estate.Machines, n+c.spec.Spare)
	}
	if ctl.Applications == nil {
		ctl.Applications = []estate.Application{{Name: "controller", Units: n, Charm: "juju-controller", Channel: "3.6/stable"}}
	}
	for _, spec := range append([]estate.Model{ctl}, c.spec.AllModels()...) {
		m, err := newModel(c, spec, own)
		if err != nil {
			return fmt.Errorf("model %s: %w", spec.Name, err)
		}
		w.adopt(m)
	}
	return nil
}

// adopt gives a new model to its controller.
func (w *World) adopt(m *model) {
	c := m.controller
	c.models = append(c.models, m)
	c.byUUID[m.uuid] = m
	m.addUsers(w, m.spec)
	w.giveCredential(m)
}

func newModel(c *controller, spec estate.Model, own version.Number) (*model, error) {
	owner, name := c.spec.Qualify(spec.Name)
	m := &model{
		controller: c,
		spec:       spec,
		owner:      owner,
		name:       name,
		uuid:       cmp.Or(spec.UUID, uuidFrom("model "+c.name+":"+owner+"/"+name)),
		life:       cmp.Or(spec.Life, "alive"),
		base:       cmp.Or(spec.Base, "ubuntu@22.04"),
		version:    own,
		stream:     cmp.Or(c.spec.Stream, "released"),
		since:      time.Now(),
		agents:     map[string]*agent{},
		importing:  spec.Importing,
	}
	if spec.Migrating != "" {
		m.migration = &migration{model: m, status: spec.Migrating, start: m.since, exporting: true}
	}
	if err := m.place(spec); err != nil {
		return nil, err
	}
	if spec.Version != "" {
		v, err := version.Parse(spec.Version)
		if err != nil {
			return nil, err
		}
		m.version = v
	}
	for _, b := range c.spec.SecretBackends {
		if slices.Contains(spec.SecretBackends, b.Name) {
			m.backendIDs = append(m.backendIDs, b.BackendID())
		}
	}
	for _, block := range spec.Blocks {
		m.blocks = append(m.blocks, estate.BlockType(block))
	}
	machines := spec.Machines
	if len(machines) == 0 && !m.onKubernetes() {
		for _, app := range spec.Applications {
			machines = append(machines, make(estate.Machines, max(0, app.Units-len(machines)))...)
		}
	}
	for i, ms := range machines {
		m.machines = append(m.machines, m.newMachine(fmt.Sprint(i), ms))
	}
	for _, app := range spec.Applications {
		m.addApplication(app)
	}
	m.installCharms()
	for _, f := range spec.Faults {
		a := m.agents[f.Agent]
		if a == nil {
			return nil, fmt.Errorf("there is no agent %q", f.Agent)
		}
		m.setFault(a, f, longAgo)
	}
	return m, nil
}

func (m *model) newMachine(id string, spec estate.Machine) *machine {
	mach := &machine{
		id:   id,
		base: cmp.Or(spec.Base, m.base),
		arch: cmp.Or(spec.Arch, "amd64"),

		instance: spec.Instance,
		agent:    agent{tag: names.NewMachineTag(id).String(), version: m.version, present: true, since: m.since},
	}
	m.agents[mach.tag] = &mach.agent
	for i := range spec.Containers {
		mach.containers = append(mach.containers, m.newMachine(fmt.Sprintf("%s/lxd/%d", id, i), estate.Machine{Base: spec.Base, Arch: spec.Arch}))
	}
	return mach
}

func (m *model) addApplication(spec estate.Application) {
	if spec.Subordinate {
		m.subordinate(spec.Name)
		return
	}
	app := &application{spec: spec, name: spec.Name}
	m.apps = append(m.apps, app)
	var subs []*application
	for _, name := range spec.Subordinates {
		subs = append(subs, m.subordinate(name, spec.Name))
	}
	hosts := m.machines
	if spec.InContainers {
		hosts = nil
		for _, mach := range m.machines {
			hosts = append(hosts, mach.containers...)
		}
	}
	for i := range spec.Units {
		var host *machine
		switch {
		case m.onKubernetes():
			host = m.newPod(app, i)
		case len(hosts) > 0:
			host = hosts[i%len(hosts)]
		}
		u := m.newUnit(app, i, host)
		app.units = append(app.units, u)
		for _, sub := range subs {
			s := m.newUnit(sub, sub.spec.Units, host)
			sub.spec.Units++ // the next one's number
			u.subordinates = append(u.subordinates, s)
		}
	}
}

// subordinate finds or makes an application that many may have as a subordinate.
func (m *model) subordinate(name string, principals ...string) *application {
	for _, app := range m.apps {
		if app.subordinate && app.name == name {
			app.principals = append(app.principals, principals...)
			return app
		}
	}
	app := &application{spec: estate.Application{Name: name}, name: name, subordinate: true, principals: principals}
	for _, spec := range m.spec.Applications {
		if spec.Subordinate && spec.Name == name {
			app.spec = spec
		}
	}
	m.apps = append(m.apps, app)
	return app
}

func (m *model) newUnit(app *application, number int, host *machine) *unit {
	name := fmt.Sprintf("%s/%d", app.name, number)
	u := &unit{
		name:    name,
		app:     app,
		machine: host,
		agent:   agent{tag: names.NewUnitTag(name).String(), version: m.version, present: true, since: m.since},
	}
	m.agents[u.tag] = &u.agent
	if host != nil {
		host.units = append(host.units, u)
	}
	return u
}
