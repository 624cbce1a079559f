package jujutest

import (
	"cmp"
	"crypto/rand"
	"crypto/sha1"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/juju/version/v2"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujutest/estate"
)

// World is a running simulation. All its state stands under one lock, so that each
// call sees it whole.
type World struct {
	mu          sync.Mutex
	sched       *scheduler
	timing      estate.Timing
	controllers []*controller
	calls       []Call
	secrets     []string
	addresses   int // that pods have had
	served      map[string]map[string]handler
	program     program
	hub         charmhub
	closed      bool
	done        chan struct{}
	wg          sync.WaitGroup
}

// controller is a simulated controller.
type controller struct {
	world   *World
	name    string
	uuid    string
	spec    estate.Controller
	user    *user   // the account that the client's store holds
	users   []*user // all, also those that were removed
	ca      *authority
	servers []*server
	primary int
	models  []*model // the first is the controller model
	byUUID  map[string]*model
	offers  []version.Number
	faults  faults
	upgrade *upgrade
	backups map[string]*backup
	door    *doorkeeper
	// coming says that it is being made, and its API does not answer yet.
	coming bool
	// effects counts what calls changed.
	effects int
	// connected counts API connections.
	connected int
	// binaries are versions that the controller has in its own store.
	binaries map[version.Number]bool
	// What it has besides users and models.
	clouds      []*cloud // the first is its own
	credentials map[string]*credential
	backends    []*backend     // but the internal one
	config      map[string]any // what was set, as it is told
	poisoned    string         // the key whose value breaks its configuration
	// departed are models that have moved to another controller, by UUID; attempts
	// counts the migrations that a model was asked for.
	departed map[string]*departure
	attempts map[string]int
	// logins bounds how fast agents may log in.
	logins bucket
}

// Start makes a world of an estate. Close ends it.
func Start(e estate.Estate) (_ *World, err error) {
	if err := e.Validate(); err != nil {
		return nil, err
	}
	w := &World{timing: e.Timing.WithDefaults(), done: make(chan struct{}), served: handlers(), hub: newCharmhub(e.Charmhub)}
	if w.program, err = newProgram(e); err != nil {
		return nil, err
	}
	w.sched = newScheduler(cmp.Or(e.Speed, 1), w.locked)
	defer func() {
		if err != nil {
			w.Close()
		}
	}()
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, spec := range e.Controllers {
		c, err := w.newController(spec)
		if err != nil {
			return nil, fmt.Errorf("cannot start controller %q: %w", spec.Name, err)
		}
		w.controllers = append(w.controllers, c)
	}
	for _, c := range w.controllers {
		for _, f := range c.spec.Faults {
			if f.Server >= len(c.servers) {
				return nil, fmt.Errorf("controller %q has no API server %d", c.name, f.Server)
			}
			w.inject(c, f)
			c.backdate(f)
		}
	}
	return w, nil
}

// Close ends all that the world runs, and waits until it has ended.
func (w *World) Close() {
	w.mu.Lock()
	if w.closed {
		w.mu.Unlock()
		return
	}
	w.closed = true
	close(w.done)
	for _, c := range w.controllers {
		for _, s := range c.servers {
			s.close()
		}
	}
	w.mu.Unlock()
	w.sched.stop()
	w.wg.Wait()
}

// locked runs what the scheduler finds due.
func (w *World) locked(fn func()) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if !w.closed {
		fn()
	}
}

func (w *World) newController(spec estate.Controller) (*controller, error) {
	c := &controller{
		world:    w,
		name:     spec.Name,
		uuid:     cmp.Or(spec.UUID, uuidFrom("controller "+spec.Name)),
		spec:     spec,
		byUUID:   map[string]*model{},
		backups:  map[string]*backup{},
		binaries: map[version.Number]bool{},

		credentials: map[string]*credential{},
		departed:    map[string]*departure{},
		attempts:    map[string]int{},
		config:      map[string]any{},
	}
	own, err := version.Parse(spec.Version)
	if err != nil {
		return nil, err
	}
	c.binaries[own] = true
	for _, offer := range spec.Offers {
		n, err := version.Parse(offer)
		if err != nil {
			return nil, err
		}
		c.offers = append(c.offers, n)
	}
	w.addUsers(c)
	if err := w.addHoldings(c); err != nil {
		return nil, err
	}
	if c.ca, err = newAuthority(spec.Name); err != nil {
		return nil, err
	}
	if c.door, err = newDoorkeeper(c); err != nil {
		return nil, err
	}
	if err := w.populate(c, own); err != nil {
		return nil, err
	}
	for _, host := range c.model().servers(cmp.Or(spec.HA, 1)) {
		s, err := newServer(c, host, own)
		if err != nil {
			return nil, err
		}
		c.servers = append(c.servers, s)
	}
	for _, s := range c.servers {
		w.settleServer(s)
	}
	return c, nil
}

// model is the controller model.
func (c *controller) model() *model { return c.models[0] }

// version is that of the controller model.
func (c *controller) version() version.Number { return c.model().version }

// version4 says that it is a controller of Juju 4.
func (c *controller) version4() bool {
	return !strings.HasPrefix(c.spec.Version, "2.") && !strings.HasPrefix(c.spec.Version, "3.")
}

func (w *World) newSecret(what string) string {
	var raw [12]byte
	_, _ = rand.Read(raw[:])
	secret := "canary-" + what + "-" + hex.EncodeToString(raw[:])
	w.secrets = append(w.secrets, secret)
	return secret
}

// Secrets are the passwords of this world, which no output may contain.
func (w *World) Secrets() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.secrets)
}

func (w *World) controller(name string) (*controller, error) {
	for _, c := range w.controllers {
		if c.name == name || c.uuid == name {
			return c, nil
		}
	}
	return nil, fmt.Errorf("there is no controller %q in this world", name)
}

// find finds a model by OWNER/NAME, NAME or UUID; "controller" is the controller model.
func (w *World) find(controllerName, modelName string) (*controller, *model, error) {
	c, err := w.controller(controllerName)
	if err != nil {
		return nil, nil, err
	}
	owner, name := c.spec.Qualify(modelName)
	for _, m := range c.models {
		if m.uuid == modelName || m.name == name && m.owner == owner {
			return c, m, nil
		}
	}
	return nil, nil, fmt.Errorf("controller %q has no model %q", controllerName, modelName)
}

// uuidFrom makes a UUID that is the same in each run, so that outputs can be compared.
func uuidFrom(seed string) string {
	h := sha1.Sum([]byte(seed))
	h[6] = h[6]&0x0f | 0x40
	h[8] = h[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", h[0:4], h[4:6], h[6:8], h[8:10], h[10:16])
}
