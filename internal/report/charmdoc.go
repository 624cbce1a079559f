package report

import (
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/journal"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

// ApplicationDoc is what a plan says of one application. To is absent where the revision
// is not known.
type ApplicationDoc struct {
	Name        string        `json:"name" yaml:"name"`
	Charm       string        `json:"charm" yaml:"charm"`
	Source      string        `json:"source,omitempty" yaml:"source,omitempty"`
	Channel     string        `json:"channel,omitempty" yaml:"channel,omitempty"`
	Base        string        `json:"base,omitempty" yaml:"base,omitempty"`
	From        *int          `json:"from,omitempty" yaml:"from,omitempty"`
	To          *int          `json:"to,omitempty" yaml:"to,omitempty"`
	Disposition string        `json:"disposition" yaml:"disposition"`
	Codes       []string      `json:"codes,omitempty" yaml:"codes,omitempty"`
	Resources   []ResourceDoc `json:"resources,omitempty" yaml:"resources,omitempty"`
	Units       int           `json:"units" yaml:"units"`
	File        string        `json:"file,omitempty" yaml:"file,omitempty"`
}

// ResourceDoc is a resource that changes; From is absent where there was none.
type ResourceDoc struct {
	Name string `json:"name" yaml:"name"`
	From *int   `json:"from,omitempty" yaml:"from,omitempty"`
	To   *int   `json:"to,omitempty" yaml:"to,omitempty"`
}

// RefreshDoc is what a step does with an application. ToCharm is absent for a file, which
// Juju numbers when it is uploaded; it is FromCharm where only resources change.
type RefreshDoc struct {
	Application string        `json:"application" yaml:"application"`
	FromCharm   string        `json:"from-charm" yaml:"from-charm"`
	ToCharm     string        `json:"to-charm,omitempty" yaml:"to-charm,omitempty"`
	Channel     string        `json:"channel,omitempty" yaml:"channel,omitempty"`
	Base        string        `json:"base,omitempty" yaml:"base,omitempty"`
	Resources   []ResourceDoc `json:"resources,omitempty" yaml:"resources,omitempty"`
	File        string        `json:"file,omitempty" yaml:"file,omitempty"`
	SHA256      string        `json:"file-digest,omitempty" yaml:"file-digest,omitempty"`
}

// CharmsDoc is what a run has come to with applications, each as "prod:admin/web.tiny".
type CharmsDoc struct {
	// Wanted counts those that the run is to refresh, without those that are gone.
	Wanted    int `json:"wanted" yaml:"wanted"`
	Refreshed int `json:"refreshed" yaml:"refreshed"`
	// Units counts the units that were seen with the new charm.
	Units    int      `json:"units-seen" yaml:"units-seen"`
	UnderWay []string `json:"under-way,omitempty" yaml:"under-way,omitempty"`
	Failed   []string `json:"failed,omitempty" yaml:"failed,omitempty"`
	// Waiting are those that wait for the operator.
	Waiting []string `json:"waiting-for-operator,omitempty" yaml:"waiting-for-operator,omitempty"`
}

// charmsDoc is nil for a run that is to refresh nothing.
func charmsDoc(s *journal.State, progress map[string]journal.StepProgress) *CharmsDoc {
	r := refreshedOf(s)
	if r.wanted == 0 {
		return nil
	}
	out := &CharmsDoc{Wanted: r.wanted, Refreshed: r.done, Units: r.units}
	for i := range s.Plan.Steps {
		step := &s.Plan.Steps[i]
		if step.Refresh == nil {
			continue
		}
		switch s.Steps[step.ID].Status {
		case journal.Failed:
			out.Failed = append(out.Failed, subject(*step))
		case journal.Started:
			out.UnderWay = append(out.UnderWay, subject(*step))
			if progress[step.ID].ForOperator {
				out.Waiting = append(out.Waiting, subject(*step))
			}
		}
	}
	return out
}

func applicationDocs(all []plan.Application) []ApplicationDoc {
	var out []ApplicationDoc
	for _, a := range all {
		out = append(out, ApplicationDoc{
			Name: a.Name, Charm: a.Charm, Source: string(a.Source), Channel: a.Channel, Base: a.Base,
			From: known(a.From), To: known(a.To), Disposition: string(a.Disposition), Codes: a.Codes,
			Resources: resourceDocs(a.Resources), Units: a.Units, File: a.File,
		})
	}
	return out
}

func resourceDocs(all []fleet.Resource) []ResourceDoc {
	var out []ResourceDoc
	for _, r := range all {
		out = append(out, ResourceDoc{Name: r.Name, From: known(r.Now), To: known(r.Then)})
	}
	return out
}

// refreshDoc is nil for a step that refreshes nothing, and for one that only looks
// afterwards.
func refreshDoc(step *plan.Step) *RefreshDoc {
	r := step.Refresh
	if r == nil || step.Kind != plan.RefreshCharm {
		return nil
	}
	return &RefreshDoc{
		Application: r.Application, FromCharm: r.From, ToCharm: r.To, Channel: r.Channel, Base: r.Base,
		Resources: resourceDocs(r.Resources), File: r.File, SHA256: r.SHA256,
	}
}

// application is the name of the one that a step is about; empty where it is none.
func application(step *plan.Step) string {
	if step.Refresh == nil {
		return ""
	}
	return step.Refresh.Application
}

// known is a revision; nil where there is none.
func known(revision int) *int {
	if revision < 0 {
		return nil
	}
	return &revision
}

// leftOutApps are the applications that a plan leaves alone although their models are
// no reason to.
func leftOutApps(c *plan.Controller) []LeftOutDoc {
	var out []LeftOutDoc
	for i := range c.Models {
		m := &c.Models[i]
		for j := range m.Applications {
			a := &m.Applications[j]
			doc := LeftOutDoc{Subject: c.Name + ":" + m.Name + "." + a.Name}
			switch {
			case a.Disposition == plan.Held && m.Disposition != plan.Held:
				doc.Why, doc.Codes = "blocked", a.Codes
			case a.Disposition == plan.LeftOut && m.Disposition != plan.LeftOut && !m.IsController:
				doc.Why = "not selected"
			case a.Disposition == plan.Local:
				doc.Why = "local charm"
			case a.Disposition == plan.OffChannel:
				doc.Why = "off its channel"
			default:
				continue
			}
			out = append(out, doc)
		}
	}
	return out
}
