package plan

import "time"

// Estimates are how long things took in earlier runs of this client.
type Estimates struct {
	// Runs is how many runs they come from; 0 means that they are guesses.
	Runs int `json:"runs"`
	// Backup and Controller are per step, Model is per model and Agent is
	// added for each of its agents.
	Backup     time.Duration `json:"backup"`
	Controller time.Duration `json:"controller"`
	Model      time.Duration `json:"model"`
	Agent      time.Duration `json:"agent"`
	// Migration is per model that moves; Agent is added for each of its agents.
	Migration time.Duration `json:"migration"`
}

// Guesses are the estimates of a client that has no runs yet: what production
// controllers take, on the cautious side.
func Guesses() Estimates {
	return Estimates{Backup: 2 * time.Minute, Controller: 6 * time.Minute, Model: 40 * time.Second, Agent: 2 * time.Second, Migration: 90 * time.Second}
}

// What takes its time on Kubernetes (seen): a controller is one pod; pods of a model are
// replaced one after the other, and once more after a migration.
const (
	controllerPod = 90 * time.Second
	podReplaced   = 10 * time.Second
	podsSettle    = 25 * time.Second
)

// of returns the estimate of a step.
func (e Estimates) of(s Step) time.Duration {
	if s.Cluster != "" {
		e.Agent = max(e.Agent, podReplaced)
		if e.Runs == 0 {
			e.Controller = controllerPod
		}
	}
	switch s.Kind {
	case Backup:
		return e.Backup
	case ControllerUpgrade:
		return e.Controller
	case ModelUpgrade:
		return e.Model + time.Duration(s.Agents)*e.Agent
	case Migrate:
		return e.Migration + time.Duration(s.Agents)*e.Agent
	case Arrive:
		if s.Cluster != "" {
			return podsSettle + time.Duration(s.Agents)*podReplaced
		}
		return 5 * time.Second
	case Verify, Relations:
		return 5 * time.Second
	case Soak:
		return s.Soak
	case MakeController:
		return 8 * time.Minute
	case EnableHA, RestoreCopy:
		return 5 * time.Minute
	case RefreshCharm:
		return 90*time.Second + time.Duration(s.Agents)*10*time.Second
	case AddUser, DisableUser, RemoveAccounts, FollowModels, CloneItem:
		return time.Second
	}
	return 0
}

// Estimate is about how long the whole plan takes: a controller's models share
// its lanes.
func (p *Plan) Estimate() time.Duration {
	var total time.Duration
	for _, c := range p.Controllers {
		var serial time.Duration
		var moves pool
		inPlace := p.Options.sharing()
		for _, s := range p.Steps {
			switch {
			case s.Controller.UUID != c.UUID:
			case s.Stage == stageMove:
				moves.add(s)
			case s.Kind == ModelUpgrade || s.Kind == RefreshCharm:
				inPlace.add(s)
			default:
				serial += s.Estimate
			}
		}
		total += serial + inPlace.estimate() + moves.estimate(p.Options.Migrations)
	}
	return total
}

// EstimateOf is about how long those steps take that the function names, which are of
// models that are worked on side by side.
func (p *Plan) EstimateOf(which func(*Step) bool) time.Duration {
	work := p.Options.sharing()
	for i := range p.Steps {
		if which(&p.Steps[i]) {
			work.add(p.Steps[i])
		}
	}
	return work.estimate()
}

// sharing is work on models that are where they are: each Kubernetes cluster has a
// pace of its own, and so have all machines together.
type sharing struct {
	options Options
	pools   map[string]*pool
}

func (o Options) sharing() sharing { return sharing{options: o, pools: map[string]*pool{}} }

func (w sharing) add(s Step) {
	if w.pools[s.Cluster] == nil {
		w.pools[s.Cluster] = &pool{}
	}
	w.pools[s.Cluster].add(s)
}

func (w sharing) estimate() time.Duration {
	var longest time.Duration
	for cluster, pool := range w.pools {
		longest = max(longest, pool.estimate(w.options.ModelsAtOnce(cluster)))
	}
	return longest
}

// ModelsAtOnce is how many models are worked on at once, where they are: on that
// Kubernetes cluster, or on machines when there is none.
func (o Options) ModelsAtOnce(cluster string) int {
	if cluster != "" {
		return max(1, o.PerCluster)
	}
	return max(1, o.Parallel)
}

// pool is work that is done several lanes at once.
type pool struct {
	total time.Duration
	lanes map[string]time.Duration
}

func (w *pool) add(s Step) {
	if w.lanes == nil {
		w.lanes = map[string]time.Duration{}
	}
	w.total += s.Estimate
	w.lanes[s.Lane] += s.Estimate
}

func (w *pool) estimate(atOnce int) time.Duration {
	var longest time.Duration
	for _, d := range w.lanes {
		longest = max(longest, d)
	}
	return max(longest, w.total/time.Duration(max(1, atOnce)))
}
