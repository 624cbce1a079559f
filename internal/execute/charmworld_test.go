package execute_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/execute"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

// charmWorld is a world whose models have applications: a refresh is seen after a
// while, makes each unit run hooks, and ends well, in an error, or in a pause.
type charmWorld struct {
	*world
	apps map[string]map[string]*charmApp // by model and name
	// sent counts the refreshes of each application, accepted or not: "a-m0.web".
	sent map[string]int
	// uploads counts those of each application.
	uploads map[string]int
	// most is how many of one model's applications were on their way at once.
	most int
	// refuses has requests fail before they take effect, loses after; each is used up.
	refuses, loses map[string]error
	// uploading is for how long an upload takes, in which each unit of its application runs a
	// hook; cut is the error of all uploads, if there is one.
	uploading time.Duration
	cut       error
	// cluster is the Kubernetes cluster that the models are on; empty on machines.
	cluster string
	// otherWay says that URLs are not written as they were when it was planned.
	otherWay bool
}

type charmApp struct {
	url, newest string
	resources   map[string]int
	wants       []fleet.Resource
	actions     []string
	asked       time.Time
	// fails is until when its hooks fail; pauses until when it waits for somebody.
	fails, pauses time.Time
	// deaf is for how long units do not follow; mute says that nothing shows it.
	deaf time.Duration
	mute bool
	// pods is how many units it has on Kubernetes, one on machines if zero: they come one
	// after the other, the last one first. rolling is what is so there only.
	pods int
	rolling
	// stirred is when its units have last run a hook of no account.
	stirred time.Time
	// ails is what another application's unit is like from then on.
	ails string
}

const (
	followTime = 2 * time.Second
	hookTime   = 4 * time.Second
)

// newCharmWorld has n models with the applications db, idle and web, of one unit each.
func newCharmWorld(n int) *charmWorld {
	c := newController("a", n)
	w := &charmWorld{world: newWorld(c), apps: map[string]map[string]*charmApp{}, sent: map[string]int{}, uploads: map[string]int{}, refuses: map[string]error{}, loses: map[string]error{}}
	for uuid, m := range c.models {
		if m.controller {
			continue
		}
		m.agents = []string{"machine 0"}
		w.apps[uuid] = map[string]*charmApp{}
		for _, name := range []string{"db", "idle", "web"} {
			m.agents = append(m.agents, "unit "+name+"/0")
			w.apps[uuid][name] = &charmApp{url: "ch:amd64/" + name + "-1", newest: "ch:amd64/" + name + "-2"}
		}
	}
	return w
}

func (w *charmWorld) app(model, name string) *charmApp { return w.apps[model][name] }

// following says that the units do not run the charm yet, working that they run hooks.
func (a *charmApp) following() bool {
	return !a.asked.IsZero() && time.Since(a.asked) < followTime+a.deaf
}

func (a *charmApp) working() bool {
	return !a.asked.IsZero() && !a.following() && time.Since(a.asked) < followTime+a.deaf+hookTime
}

func (a *charmApp) through() bool {
	if a.pods > 0 {
		return a.asked.IsZero() || a.cameTo(a.pods-1) && !time.Now().Before(a.pauses)
	}
	return a.asked.IsZero() || !a.following() && !a.working()
}

func (w *charmWorld) ModelStatus(ctx context.Context, cr, mr fleet.Ref) (fleet.ModelStatus, error) {
	status, err := w.world.ModelStatus(ctx, cr, mr)
	if err != nil {
		return status, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.with(mr.UUID, status), nil
}

// with adds the applications of a model to its status.
func (w *charmWorld) with(model string, status fleet.ModelStatus) fleet.ModelStatus {
	for _, name := range []string{"db", "idle", "web"} {
		a := w.apps[model][name]
		if a == nil {
			continue
		}
		app := fleet.Application{Name: name, URL: a.url, Channel: "1/stable", Base: "ubuntu@24.04"}
		if a.following() && !a.mute {
			app.Behind = []string{name + "/0"}
		}
		if a.pods > 0 {
			a.showsPods(&app, status.Agents)
			status.Applications = append(status.Applications, app)
			continue
		}
		status.Applications = append(status.Applications, app)
		for i := range status.Agents {
			unit := &status.Agents[i]
			switch {
			case unit.Name == a.ails && a.through() && !a.asked.IsZero():
				unit.Health = fleet.Condition{Status: "error", Message: "upset"}
			case unit.Name != name+"/0":
			default:
				unit.State.Since = longAgo
				if !a.stirred.IsZero() {
					unit.State.Since = a.stirred
				}
				if !a.asked.IsZero() && !a.following() {
					unit.State.Since = a.asked.Add(followTime + a.deaf)
				}
				a.shows(unit)
			}
		}
	}
	return status
}

// longAgo is since when agents are idle before anything happens.
var longAgo = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

// shows has the unit as it is now.
func (a *charmApp) shows(unit *fleet.Agent) {
	switch {
	case a.working():
		unit.State.Status = "executing"
	case a.following() || a.asked.IsZero():
	case time.Now().Before(a.fails):
		unit.Health = fleet.Condition{Status: "error", Message: `hook failed: "upgrade-charm"`}
	case time.Now().Before(a.pauses):
		unit.Health = fleet.Condition{Status: "blocked", Message: "run resume-refresh"}
	}
}

func (w *charmWorld) Resources(_ context.Context, _, mr fleet.Ref, name string) (map[string]int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	out := map[string]int{}
	for resource, revision := range w.app(mr.UUID, name).resources {
		out[resource] = revision
	}
	return out, nil
}

// Upload gives each upload a number of its own.
func (w *charmWorld) Upload(_ context.Context, _, mr fleet.Ref, r fleet.Refresh) (string, error) {
	time.Sleep(w.uploading)
	w.mu.Lock()
	defer w.mu.Unlock()
	name := mr.UUID + "." + r.Application
	w.uploads[name]++
	if w.cut != nil {
		return "", w.cut
	}
	if w.uploading > 0 {
		w.app(mr.UUID, r.Application).stirred = time.Now()
	}
	return fmt.Sprintf("local:%s-%d", r.Application, w.uploads[name]), nil
}

func (w *charmWorld) Refresh(_ context.Context, cr, mr fleet.Ref, r fleet.Refresh) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	name := mr.UUID + "." + r.Application
	a := w.app(mr.UUID, r.Application)
	w.sent[name]++
	if err := w.refuses[name]; err != nil {
		delete(w.refuses, name)
		return err
	}
	w.checkRefresh(cr, mr, r)
	a.url = r.To
	for _, resource := range r.Resources {
		a.resources[resource.Name] = resource.Then
	}
	a.asked = time.Now()
	err := w.loses[name]
	delete(w.loses, name)
	return err
}

// checkRefresh remembers which law an accepted refresh breaks.
func (w *charmWorld) checkRefresh(cr, mr fleet.Ref, r fleet.Refresh) {
	c := w.controllers[cr.UUID]
	m := c.models[mr.UUID]
	if !c.asked.IsZero() && !m.whole(c.to) {
		w.breaks("%s of %s before the agents of its model", r.Application, mr.UUID)
	}
	a := w.app(mr.UUID, r.Application)
	if a.url != r.From && !w.otherWay {
		w.breaks("%s of %s is refreshed from %s, and is at %s", r.Application, mr.UUID, r.From, a.url)
	}
	onTheWay := 1
	for name, other := range w.apps[mr.UUID] {
		if name != r.Application && !other.through() {
			onTheWay++
		}
	}
	w.most = max(w.most, onTheWay)
}

// charmed is a fleet as discover sees it.
func (w *charmWorld) charmed() fleet.Fleet {
	f := w.fleet()
	for i := range f.Controllers {
		for j := range f.Controllers[i].Models {
			m := &f.Controllers[i].Models[j]
			m.Status = w.with(m.UUID, m.Status)
			if w.cluster != "" {
				m.Type, m.Cluster = fleet.CAAS, w.cluster
			}
			for k := range m.Status.Applications {
				app := &m.Status.Applications[k]
				a := w.app(m.UUID, app.Name)
				offered := fleet.Application{URL: a.newest}
				app.Release = &fleet.Release{URL: a.newest, Revision: offered.Revision(), Channel: "1/stable", Resources: a.wants, Actions: a.actions}
			}
		}
	}
	return f
}

// refreshing is a run of charms.
type refreshing struct {
	world   *charmWorld
	goal    fleet.Goal
	options plan.Options
	found   []fleet.Finding
}

func (s refreshing) plan() plan.Plan {
	if s.options == (plan.Options{}) {
		s.options = plan.Options{Parallel: 2, Agents: 200, MaxFailures: 1}
	}
	if s.goal.Charms == "" {
		s.goal.Charms = fleet.CharmsAlso
	}
	s.goal.Backup = fleet.BackupSkip
	return plan.Compute(plan.Input{Fleet: s.world.charmed(), Goal: s.goal, Options: s.options, Findings: s.found, Estimates: plan.Guesses()})
}

func (s refreshing) before() map[string]fleet.Health {
	out := map[string]fleet.Health{}
	for _, c := range s.world.charmed().Controllers {
		for _, m := range c.Models {
			out[m.UUID] = fleet.RecordOf(m.Status)
		}
	}
	return out
}

func (s refreshing) engine(d *diary, before map[string]fleet.Health) *execute.Engine {
	return &execute.Engine{
		Journal: d,
		Kinds: map[plan.Kind]execute.Kind{
			plan.ControllerUpgrade: execute.ControllerUpgrade{Watcher: s.world, Upgrader: s.world},
			plan.ModelUpgrade:      execute.ModelUpgrade{Watcher: s.world, Upgrader: s.world},
			plan.Verify:            execute.Verify{Watcher: s.world, Before: before, Settling: &execute.Settling{}},
			plan.RefreshCharm:      execute.RefreshCharm{Watcher: s.world, Refresher: s.world, Before: before, Journal: d, Settling: &execute.Settling{}, Idle: &execute.Idle{}},
		},
	}
}

// run plans and carries out, once.
func (s refreshing) run(t *testing.T) *diary {
	t.Helper()
	d := &diary{plan: s.plan()}
	s.again(t, d, s.before())
	return d
}

func (s refreshing) again(t *testing.T, d *diary, before map[string]fleet.Health) {
	t.Helper()
	if err := s.engine(d, before).Run(t.Context()); err != nil {
		t.Fatal(err)
	}
}

// wantRefreshed checks that each of these applications was asked for once, and no other
// was.
func (w *charmWorld) wantRefreshed(t *testing.T, names ...string) {
	t.Helper()
	var got []string
	for name, n := range w.sent {
		got = append(got, name)
		if n != 1 {
			t.Errorf("%s was asked for %d times", name, n)
		}
	}
	slices.Sort(got)
	slices.Sort(names)
	if !slices.Equal(got, names) {
		t.Errorf("refreshed were %q, want %q", got, names)
	}
	wantLawful(t, w.world)
}

// all are the applications of n models.
func allOf(n int) []string {
	var out []string
	for i := range n {
		for _, name := range []string{"db", "idle", "web"} {
			out = append(out, fmt.Sprintf("a-m%d.%s", i, name))
		}
	}
	return out
}

// refreshID is the ID of the step that refreshes an application of the model.
func refreshID(model, app string) string {
	return "/a/models/admin/" + strings.TrimSuffix(model, ".") + "/charms/" + app + "/refresh"
}

// url has somebody ask for the application's newest charm.
func (w *charmWorld) url(model, name string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	a := w.app(model, name)
	a.url, a.asked = a.newest, time.Now()
}
