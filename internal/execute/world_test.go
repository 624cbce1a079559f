package execute_test

import (
	"context"
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/juju/version/v2"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/execute"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

var (
	old  = version.MustParse("3.6.4")
	next = version.MustParse("3.6.11")
)

// world is a stateful stand-in for Juju: agents take time, a controller that is
// upgraded is away for a while, and what breaks one of Juju's rules or one of
// our laws is remembered.
type world struct {
	mu          sync.Mutex
	controllers map[string]*controller
	order       []string
	// asked counts the requests for each model, accepted or not.
	asked map[string]int
	// broken are the laws that were broken.
	broken []string
	// most is how many models were on their way at once, at the most.
	most int
	// apart says that the controllers have no order among them.
	apart bool

	// refuse makes requests for a model fail with that error, before they take
	// effect; lose makes their answers be lost, after they took effect. Each
	// is used up.
	refuse, lose map[string][]error
	// blind is what looks at a model fail with, until the time given.
	blind map[string]blindness
	// hang makes requests for a model wait until they are given up.
	hang map[string]bool
	// flap makes one agent of a model go away for the look after the first one
	// that saw it whole; whole counts the looks that did.
	flap  map[string]bool
	whole map[string]int
}

type blindness struct {
	err   error
	until time.Time
}

type controller struct {
	uuid   string
	asked  time.Time
	to     version.Number
	models map[string]*model
	// base is what it runs when nobody has asked for more; old when zero.
	base version.Number
	// late is how much later than the first server a second one comes; 0 when
	// there is none.
	late time.Duration
}

type model struct {
	uuid    string
	version version.Number
	// was is what its agents report while they do not report version; old when zero.
	was    version.Number
	asked  time.Time
	agents []string
	// lag is for how long an accepted request does not show.
	lag        time.Duration
	never      map[string]bool            // agents that never come
	sick       map[string]fleet.Condition // workloads that get worse on arrival
	controller bool
	// cluster is the Kubernetes cluster that it is on; empty for machines.
	cluster string
}

const (
	outage    = 20 * time.Second
	agentTime = 3 * time.Second
)

func newWorld(controllers ...*controller) *world {
	w := &world{
		controllers: map[string]*controller{}, asked: map[string]int{},
		refuse: map[string][]error{}, lose: map[string][]error{},
		blind: map[string]blindness{}, hang: map[string]bool{}, flap: map[string]bool{}, whole: map[string]int{},
	}
	for _, c := range controllers {
		w.controllers[c.uuid] = c
		w.order = append(w.order, c.uuid)
	}
	return w
}

// newController makes a controller with its own model and n hosted ones of
// three agents each.
func newController(name string, n int) *controller {
	c := &controller{uuid: name + "-uuid", models: map[string]*model{}}
	own := &model{uuid: name + "-own", version: old, agents: []string{"machine 0"}, controller: true}
	c.models[own.uuid] = own
	for i := range n {
		m := &model{uuid: fmt.Sprintf("%s-m%d", name, i), version: old, agents: []string{"machine 0", "unit app/0", "unit app/1"}}
		c.models[m.uuid] = m
	}
	return c
}

func (c *controller) down() bool { return !c.asked.IsZero() && time.Since(c.asked) < outage }

func (c *controller) version() version.Number {
	switch {
	case !c.asked.IsZero():
		return c.to
	case c.base != version.Zero:
		return c.base
	}
	return old
}

// status is the model's status now.
func (m *model) status() fleet.ModelStatus {
	out := fleet.ModelStatus{Version: m.version}
	if !m.asked.IsZero() && time.Since(m.asked) < m.lag {
		out.Version = old
	}
	for i, name := range m.agents {
		a := fleet.Agent{Kind: fleet.UnitAgent, Version: old}
		if m.was != version.Zero {
			a.Version = m.was
		}
		var word string
		fmt.Sscanf(name, "%s %s", &word, &a.Name)
		if word == "machine" {
			a.Kind = fleet.MachineAgent
		}
		a.State.Status, a.Health.Status = "idle", "active"
		arrived := !m.asked.IsZero() && time.Since(m.asked) >= time.Duration(i+1)*agentTime
		if m.never[name] {
			a.State.Status, a.Health.Status = "lost", "unknown"
		} else if arrived {
			a.Version = m.version
			if sick, ok := m.sick[name]; ok {
				a.Health = sick
			}
		}
		out.Agents = append(out.Agents, a)
	}
	return out
}

func (m *model) whole(to version.Number) bool {
	var absent []string
	for name := range m.never {
		absent = append(absent, name)
	}
	return fleet.Arrival(m.status(), to, absent...).Complete() && m.version == to
}

func (c *controller) whole() bool {
	for _, m := range c.models {
		if !m.whole(next) {
			return false
		}
	}
	return true
}

func (w *world) breaks(format string, args ...any) {
	w.broken = append(w.broken, fmt.Sprintf(format, args...))
}

func away() error { return &fleet.Problem{Code: fleet.Unreachable, Text: "connection refused"} }

func (w *world) ModelStatus(ctx context.Context, cr, mr fleet.Ref) (fleet.ModelStatus, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	c := w.controllers[cr.UUID]
	if ctx.Err() != nil || c.down() {
		return fleet.ModelStatus{}, away()
	}
	if b, ok := w.blind[mr.UUID]; ok && time.Now().Before(b.until) {
		return fleet.ModelStatus{}, b.err
	}
	m, ok := c.models[mr.UUID]
	if !ok {
		return fleet.ModelStatus{}, &fleet.Problem{Code: fleet.NotFound, Text: "model not found"}
	}
	return w.seen(m), nil
}

// seen is the model's status as this look sees it.
func (w *world) seen(m *model) fleet.ModelStatus {
	status := m.status()
	if !m.whole(next) {
		return status
	}
	if w.flap[m.uuid] && w.whole[m.uuid] == 1 {
		delete(w.flap, m.uuid)
		status.Agents[0].State.Status = "down"
		return status
	}
	w.whole[m.uuid]++
	return status
}

func (w *world) Servers(_ context.Context, cr fleet.Ref) ([]fleet.Server, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	c := w.controllers[cr.UUID]
	s := fleet.Server{Addresses: []string{"10.0.0.1:17070"}, Version: c.version()}
	if c.down() {
		s = fleet.Server{Addresses: s.Addresses, Problem: &fleet.Problem{Code: fleet.Unreachable, Text: "refused"}}
	}
	if c.late == 0 {
		return []fleet.Server{s}, nil
	}
	late := fleet.Server{Addresses: []string{"10.0.0.2:17070"}, Version: old}
	if !c.asked.IsZero() && time.Since(c.asked) >= c.late {
		late.Version = c.to
	}
	return []fleet.Server{s, late}, nil
}

func (w *world) Open(_ context.Context, cr fleet.Ref) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	c := w.controllers[cr.UUID]
	switch {
	case c.down():
		return away()
	case !c.asked.IsZero() && time.Since(c.asked) < outage+5*time.Second:
		return &fleet.Problem{Code: fleet.Busy, Text: "upgrade in progress"}
	}
	return nil
}

func (w *world) Models(_ context.Context, cr fleet.Ref) ([]fleet.Model, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	c := w.controllers[cr.UUID]
	if c.down() {
		return nil, away()
	}
	var out []fleet.Model
	for uuid := range c.models {
		out = append(out, fleet.Model{Ref: fleet.Ref{UUID: uuid}})
	}
	return out, nil
}

func (w *world) ModelAt(_ context.Context, cr, mr fleet.Ref) (fleet.Model, bool, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	c := w.controllers[cr.UUID]
	if c.down() {
		return fleet.Model{}, false, away()
	}
	_, ok := c.models[mr.UUID]
	return fleet.Model{Ref: mr, Life: "alive"}, ok, nil
}

func (w *world) Users(context.Context, fleet.Ref) ([]fleet.User, error) { return nil, nil }

func (w *world) UpgradeModel(ctx context.Context, cr, mr fleet.Ref, to version.Number) error {
	if w.hang[mr.UUID] {
		<-ctx.Done()
		return &fleet.Problem{Code: fleet.Unreachable, Text: "given up"}
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	c := w.controllers[cr.UUID]
	m := c.models[mr.UUID]
	w.asked[mr.UUID]++
	if c.down() {
		return away()
	}
	if errs := w.refuse[mr.UUID]; len(errs) > 0 {
		w.refuse[mr.UUID] = errs[1:]
		return errs[0]
	}
	w.check(c, m, to)
	m.version, m.asked = to, time.Now()
	if m.controller {
		c.asked, c.to = time.Now(), to
	}
	if errs := w.lose[mr.UUID]; len(errs) > 0 {
		w.lose[mr.UUID] = errs[1:]
		return errs[0]
	}
	return nil
}

// check remembers which law an accepted request breaks.
func (w *world) check(c *controller, m *model, to version.Number) {
	if !m.controller && (c.version() != to || c.down()) {
		w.breaks("model %s ahead of its controller", m.uuid)
	}
	if !m.controller && !c.asked.IsZero() && time.Since(c.asked) < outage+5*time.Second {
		w.breaks("model %s asked while its controller finishes its upgrade", m.uuid)
	}
	if m.version == to {
		w.breaks("model %s was asked for what it has", m.uuid)
	}
	for _, uuid := range w.order {
		other := w.controllers[uuid]
		if other == c || w.apart {
			break
		}
		if !other.whole() {
			w.breaks("controller %s before %s was whole", c.uuid, other.uuid)
		}
	}
	onTheWay := 1
	for _, other := range c.models {
		if other != m && !other.controller && !other.asked.IsZero() && !other.whole(to) {
			onTheWay++
		}
	}
	w.most = max(w.most, onTheWay)
}

func (w *world) Backup(_ context.Context, _, _ fleet.Ref, out io.Writer) (execute.Archive, error) {
	n, err := out.Write([]byte("database"))
	return execute.Archive{ID: "1", Filename: "x", Size: int64(n), SHA1: "bWE6HuAe7EwPjKZt8Ntx3KDG4c8="}, err
}

// fleet looks at the world as discover would.
func (w *world) fleet() fleet.Fleet {
	w.mu.Lock()
	defer w.mu.Unlock()
	f := fleet.Fleet{Looked: time.Now()}
	for _, uuid := range w.order {
		c := w.controllers[uuid]
		servers := []fleet.Server{{Addresses: []string{"10.0.0.1:17070", "localhost:17070"}, Version: c.version()}}
		if c.late > 0 {
			servers = append(servers, fleet.Server{Addresses: []string{"10.0.0.2:17070"}, Version: old})
		}
		fc := fleet.Controller{
			Ref: fleet.Ref{UUID: uuid, Name: uuid[:len(uuid)-5]}, Version: c.version(), Access: fleet.AccessSuperuser,
			Objections: &fleet.Objections{Chosen: next},
			Servers:    servers,
		}
		for i := -1; i < len(c.models)-1; i++ {
			name := fmt.Sprintf("%s-m%d", fc.Name, i)
			if i < 0 {
				name = fc.Name + "-own"
			}
			m := c.models[name]
			kind := fleet.IAAS
			if m.cluster != "" {
				kind = fleet.CAAS
			}
			fc.Models = append(fc.Models, fleet.Model{
				Ref: fleet.Ref{UUID: m.uuid, Name: "admin/" + name}, IsController: m.controller, Type: kind, Cluster: m.cluster,
				Version: m.version, Life: "alive", Status: m.status(),
			})
		}
		f.Controllers = append(f.Controllers, fc)
	}
	return f
}

// before is the health of every model, as a run's beginning records it.
func (w *world) before() map[string]fleet.Health {
	out := map[string]fleet.Health{}
	for _, c := range w.fleet().Controllers {
		for _, m := range c.Models {
			out[m.UUID] = fleet.RecordOf(m.Status)
		}
	}
	return out
}
