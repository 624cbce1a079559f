package report

import (
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/journal"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

// BootstrapDoc is how a run makes a controller. What it is configured with is named
// and never shown: arguments may have secrets in them.
type BootstrapDoc struct {
	Place       string   `json:"place" yaml:"place"`
	Juju        string   `json:"juju" yaml:"juju"`
	JujuVersion string   `json:"juju-version" yaml:"juju-version"`
	ConfigKeys  []string `json:"config-keys,omitempty" yaml:"config-keys,omitempty"`
	Arguments   []string `json:"arguments,omitempty" yaml:"arguments,omitempty"`
}

// RestoreDoc is what comes by a backup.
type RestoreDoc struct {
	Program      string   `json:"program" yaml:"program"`
	Users        []string `json:"users,omitempty" yaml:"users,omitempty"`
	Experimental bool     `json:"experimental" yaml:"experimental"`
}

// ItemDoc is a thing that is cloned. It never says what is in it.
type ItemDoc struct {
	// Path is what the ID of its step ends with.
	Path   string `json:"path" yaml:"path"`
	Kind   string `json:"kind" yaml:"kind"`
	Name   string `json:"name" yaml:"name"`
	Cloud  string `json:"cloud,omitempty" yaml:"cloud,omitempty"`
	Region string `json:"region,omitempty" yaml:"region,omitempty"`
	User   string `json:"user,omitempty" yaml:"user,omitempty"`
	Access string `json:"access,omitempty" yaml:"access,omitempty"`
}

// PersonDoc is a user of the source, and how that user gets to the target: registers,
// has-password, was-there, comes-with-it, external, restored or stays-out.
type PersonDoc struct {
	User   string `json:"user" yaml:"user"`
	Access string `json:"access,omitempty" yaml:"access,omitempty"`
	Comes  string `json:"comes" yaml:"comes"`
}

// NewControllerDoc is what has become of the controller that models move to.
type NewControllerDoc struct {
	Name string `json:"name" yaml:"name"`
	UUID string `json:"uuid,omitempty" yaml:"uuid,omitempty"`
	// Bootstrap, Servers and Restore are the statuses of those steps; empty where the
	// run has none such.
	Bootstrap string `json:"bootstrap,omitempty" yaml:"bootstrap,omitempty"`
	Servers   string `json:"enable-ha,omitempty" yaml:"enable-ha,omitempty"`
	Restore   string `json:"restore,omitempty" yaml:"restore,omitempty"`
	// Log is the file with what juju bootstrap wrote.
	Log     string           `json:"bootstrap-log,omitempty" yaml:"bootstrap-log,omitempty"`
	Cloned  *ClonedCountsDoc `json:"cloned,omitempty" yaml:"cloned,omitempty"`
	Differs []DiffersDoc     `json:"differs,omitempty" yaml:"differs,omitempty"`
}

// ClonedCountsDoc counts what was to be cloned.
type ClonedCountsDoc struct {
	Total    int            `json:"total" yaml:"total"`
	Cloned   int            `json:"cloned" yaml:"cloned"`
	WasThere int            `json:"was-there" yaml:"was-there"`
	Gone     int            `json:"gone" yaml:"gone"`
	Failed   int            `json:"failed" yaml:"failed"`
	Waiting  int            `json:"waiting" yaml:"waiting"`
	ByKind   map[string]int `json:"there-by-kind,omitempty" yaml:"there-by-kind,omitempty"`
}

// DiffersDoc is an item that the target has otherwise than the source.
type DiffersDoc struct {
	Item string   `json:"item" yaml:"item"`
	Text string   `json:"text" yaml:"text"`
	See  []string `json:"see" yaml:"see"`
	Fix  []string `json:"fix" yaml:"fix"`
}

func itemPath(i *fleet.Item) string {
	if i == nil {
		return ""
	}
	return i.Path()
}

func bootstrapDoc(p *plan.Plan) *BootstrapDoc {
	b := p.Target.Bootstrap
	if b == nil {
		return nil
	}
	out := &BootstrapDoc{Place: b.Place(), Juju: b.Juju, JujuVersion: text(b.Version), Arguments: argumentNames(b.Args)}
	if s := stepOf(p, plan.MakeController); s != nil {
		out.ConfigKeys = sortedNames(s.Config)
	}
	return out
}

func restoreDoc(p *plan.Plan) *RestoreDoc {
	s := stepOf(p, plan.RestoreCopy)
	if s == nil {
		return nil
	}
	return &RestoreDoc{Program: s.Program, Users: s.Names, Experimental: true}
}

func clonedDocs(p *plan.Plan) []ItemDoc {
	var out []ItemDoc
	for _, s := range p.Steps {
		if s.Kind == plan.CloneItem && s.Item != nil {
			i := s.Item
			out = append(out, ItemDoc{Path: i.Path(), Kind: string(i.Kind), Name: i.Name, Cloud: i.Cloud, Region: i.Region, User: i.User, Access: i.Access})
		}
	}
	return out
}

func personDocs(people []plan.Person) []PersonDoc {
	var out []PersonDoc
	for _, person := range people {
		out = append(out, PersonDoc{User: person.Name, Access: person.Access, Comes: string(person.Comes)})
	}
	return out
}

func newControllerDoc(s *journal.State, dir string) *NewControllerDoc {
	if s.Plan.Target == nil || !prepares(&s.Plan) {
		return nil
	}
	status := func(kind plan.Kind) string {
		step := stepOf(&s.Plan, kind)
		if step == nil {
			return ""
		}
		return orElse(string(s.Steps[step.ID].Status), string(journal.Pending))
	}
	target := s.Target()
	out := &NewControllerDoc{
		Name: s.Plan.Target.Name, UUID: target.UUID, Bootstrap: status(plan.MakeController),
		Servers: status(plan.EnableHA), Restore: status(plan.RestoreCopy),
	}
	if out.Bootstrap != "" {
		out.Log = inDir(dir, bootstrapLog)
	}
	if clones(&s.Plan) > 0 {
		c := clonedOf(s)
		out.Cloned = &ClonedCountsDoc{
			Total: c.all(), Cloned: c.given, WasThere: c.there, Gone: c.gone, Failed: c.failed, Waiting: c.waiting, ByKind: map[string]int{},
		}
		for kind, n := range c.kinds {
			out.Cloned.ByKind[string(kind)] = n
		}
	}
	source := sourceName(&s.Plan)
	for _, group := range differing(s) {
		for _, item := range group.items {
			out.Differs = append(out.Differs, DiffersDoc{
				Item: item.Path(), Text: group.reason, See: []string{compareItem(source, item), compareItem(target.Name, item)},
				Fix: []string{takeItem(target.Name, item)},
			})
		}
	}
	return out
}
