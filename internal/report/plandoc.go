package report

import (
	"time"

	"github.com/juju/version/v2"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

// The documents are the twins of the screens for scripts. Their keys are
// stable; times are RFC 3339 in UTC, durations whole seconds, versions text.

// PlanDoc is the twin of the plan screen.
type PlanDoc struct {
	Hash    string `json:"hash" yaml:"hash"`
	Journey string `json:"journey" yaml:"journey"`
	Created string `json:"created,omitempty" yaml:"created,omitempty"`
	// Charms is also or only, where applications are refreshed.
	Charms string    `json:"charms,omitempty" yaml:"charms,omitempty"`
	Client ClientDoc `json:"client" yaml:"client"`
	// Verdict is the sentence of the screen; for people.
	Verdict         string `json:"verdict" yaml:"verdict"`
	NoWayBack       bool   `json:"no-way-back" yaml:"no-way-back"`
	EstimateSeconds int    `json:"estimate-seconds" yaml:"estimate-seconds"`
	EstimatedFrom   int    `json:"estimated-from-runs" yaml:"estimated-from-runs"`
	// Parallel is how many models on machines are upgraded at once in a controller,
	// PerCluster how many on one Kubernetes cluster.
	Parallel    int             `json:"parallel" yaml:"parallel"`
	PerCluster  int             `json:"parallel-per-cluster" yaml:"parallel-per-cluster"`
	Controllers []ControllerDoc `json:"controllers" yaml:"controllers"`
	// Move is there when models move to another controller.
	Move     *MoveDoc      `json:"move,omitempty" yaml:"move,omitempty"`
	Findings []FindingDoc  `json:"findings" yaml:"findings"`
	Steps    []PlanStepDoc `json:"steps" yaml:"steps"`
	// Next is the command to type now.
	Next string `json:"next,omitempty" yaml:"next,omitempty"`
}

// ClientDoc is what a plan says of the juju client.
type ClientDoc struct {
	Version string `json:"version,omitempty" yaml:"version,omitempty"`
	Path    string `json:"path,omitempty" yaml:"path,omitempty"`
	Channel string `json:"channel,omitempty" yaml:"channel,omitempty"`
	Library string `json:"library,omitempty" yaml:"library,omitempty"`
	Refresh string `json:"refresh-command,omitempty" yaml:"refresh-command,omitempty"`
}

// ControllerDoc is what a plan says of one controller.
type ControllerDoc struct {
	Name        string      `json:"name" yaml:"name"`
	UUID        string      `json:"uuid,omitempty" yaml:"uuid,omitempty"`
	Place       string      `json:"place,omitempty" yaml:"place,omitempty"`
	From        string      `json:"from,omitempty" yaml:"from,omitempty"`
	To          string      `json:"to,omitempty" yaml:"to,omitempty"`
	Disposition string      `json:"disposition" yaml:"disposition"`
	Problem     *ProblemDoc `json:"problem,omitempty" yaml:"problem,omitempty"`
	Servers     int         `json:"servers" yaml:"servers"`
	Stream      string      `json:"agent-stream,omitempty" yaml:"agent-stream,omitempty"`
	MetadataURL string      `json:"agent-metadata-url,omitempty" yaml:"agent-metadata-url,omitempty"`
	Backup      string      `json:"backup,omitempty" yaml:"backup,omitempty"`
	Models      []ModelDoc  `json:"models" yaml:"models"`
}

// ProblemDoc is why something could not be looked at.
type ProblemDoc struct {
	Code   string `json:"code" yaml:"code"`
	Text   string `json:"text" yaml:"text"`
	Remedy string `json:"remedy,omitempty" yaml:"remedy,omitempty"`
}

// ModelDoc is what a plan says of one model.
type ModelDoc struct {
	Name         string   `json:"name" yaml:"name"`
	UUID         string   `json:"uuid,omitempty" yaml:"uuid,omitempty"`
	IsController bool     `json:"is-controller,omitempty" yaml:"is-controller,omitempty"`
	Type         string   `json:"type,omitempty" yaml:"type,omitempty"`
	From         string   `json:"from,omitempty" yaml:"from,omitempty"`
	To           string   `json:"to,omitempty" yaml:"to,omitempty"`
	Disposition  string   `json:"disposition" yaml:"disposition"`
	Codes        []string `json:"codes,omitempty" yaml:"codes,omitempty"`
	Machines     int      `json:"machines" yaml:"machines"`
	Units        int      `json:"units" yaml:"units"`
	There        int      `json:"there" yaml:"there"`
	Awaited      int      `json:"awaited" yaml:"awaited"`
	NotShown     int      `json:"not-shown" yaml:"not-shown"`
	// Via is the version that it is brought to before it moves.
	Via    string   `json:"via,omitempty" yaml:"via,omitempty"`
	Joined []string `json:"joined-with,omitempty" yaml:"joined-with,omitempty"`
	Canary bool     `json:"canary,omitempty" yaml:"canary,omitempty"`
	// Cluster is the Kubernetes cluster that its pods are on, Singles its applications
	// there that have one pod only.
	Cluster string   `json:"cluster,omitempty" yaml:"cluster,omitempty"`
	Singles []string `json:"single-unit-applications,omitempty" yaml:"single-unit-applications,omitempty"`
	// MoveSeconds is about how long its move takes.
	MoveSeconds int `json:"move-seconds,omitempty" yaml:"move-seconds,omitempty"`
	// NotLookedAt says that the counts are of nothing: it was left out.
	NotLookedAt bool `json:"not-looked-at,omitempty" yaml:"not-looked-at,omitempty"`
	// Applications are there with --charms.
	Applications []ApplicationDoc `json:"applications,omitempty" yaml:"applications,omitempty"`
}

// FindingDoc is one finding.
type FindingDoc struct {
	Code       string   `json:"code" yaml:"code"`
	Severity   string   `json:"severity" yaml:"severity"`
	Scope      string   `json:"scope,omitempty" yaml:"scope,omitempty"`
	Subject    string   `json:"subject" yaml:"subject"`
	Meaning    string   `json:"meaning" yaml:"meaning"`
	See        []string `json:"see,omitempty" yaml:"see,omitempty"`
	Fix        []string `json:"fix,omitempty" yaml:"fix,omitempty"`
	Agents     []string `json:"agents,omitempty" yaml:"agents,omitempty"`
	Acceptable bool     `json:"acceptable" yaml:"acceptable"`
	Accepted   bool     `json:"accepted" yaml:"accepted"`
}

// PlanStepDoc is one step of a plan.
type PlanStepDoc struct {
	ID          string   `json:"id" yaml:"id"`
	Kind        string   `json:"kind" yaml:"kind"`
	Lane        string   `json:"lane" yaml:"lane"`
	Class       string   `json:"class" yaml:"class"`
	Needs       []string `json:"needs,omitempty" yaml:"needs,omitempty"`
	Stage       int      `json:"stage,omitempty" yaml:"stage,omitempty"`
	Always      bool     `json:"always,omitempty" yaml:"always,omitempty"`
	Target      string   `json:"target,omitempty" yaml:"target,omitempty"`
	User        *UserDoc `json:"user,omitempty" yaml:"user,omitempty"`
	Item        string   `json:"item,omitempty" yaml:"item,omitempty"`
	Servers     int      `json:"servers,omitempty" yaml:"servers,omitempty"`
	Application string   `json:"application,omitempty" yaml:"application,omitempty"`
	Cluster     string   `json:"cluster,omitempty" yaml:"cluster,omitempty"`
	// Refresh is what a step of kind charm does.
	Refresh         *RefreshDoc `json:"refresh,omitempty" yaml:"refresh,omitempty"`
	Models          []string    `json:"models,omitempty" yaml:"models,omitempty"`
	SoakSeconds     int         `json:"soak-seconds,omitempty" yaml:"soak-seconds,omitempty"`
	From            string      `json:"from,omitempty" yaml:"from,omitempty"`
	To              string      `json:"to,omitempty" yaml:"to,omitempty"`
	Absent          []string    `json:"absent,omitempty" yaml:"absent,omitempty"`
	EstimateSeconds int         `json:"estimate-seconds" yaml:"estimate-seconds"`
}

// PlanDocument makes the twin of the plan screen.
func PlanDocument(p plan.Plan) PlanDoc {
	out := PlanDoc{
		Hash: p.Hash, Journey: string(p.Journey), Created: moment(p.Created), Charms: string(p.Goal.Charms),
		Client: ClientDoc{
			Version: text(p.Client.Version), Path: p.Client.Path, Channel: p.Client.Channel,
			Library: text(p.Client.Library), Refresh: p.Client.Command,
		},
		Verdict: verdictWords(&p), NoWayBack: noWayBack(&p, ""),
		EstimateSeconds: seconds(p.Estimate()), EstimatedFrom: p.EstimatedFrom,
		Parallel: p.Options.ModelsAtOnce(""), PerCluster: max(1, p.Options.PerCluster),
		Controllers: make([]ControllerDoc, 0, len(p.Controllers)),
		Move:        moveDoc(&p),
		Findings:    findingDocs(p.Findings),
		Steps:       make([]PlanStepDoc, 0, len(p.Steps)),
	}
	if _, args := nextOf(&p); args != "" {
		out.Next = Style{}.command(args)
	}
	takes := moveEstimates(&p)
	for _, c := range p.Controllers {
		out.Controllers = append(out.Controllers, controllerDoc(c, takes))
	}
	for _, s := range p.Steps {
		out.Steps = append(out.Steps, PlanStepDoc{
			ID: s.ID, Kind: string(s.Kind), Lane: s.Lane, Class: string(s.Class), Needs: s.Needs,
			Stage: s.Stage, Always: s.Always, Target: s.Target.Name, User: userDoc(s.User), Models: refNames(s.Models),
			Item: itemPath(s.Item), Servers: s.Servers, Application: application(&s), Cluster: s.Cluster, Refresh: refreshDoc(&s),
			From: text(s.From), To: text(s.To), Absent: s.Absent, SoakSeconds: seconds(s.Soak), EstimateSeconds: seconds(s.Estimate),
		})
	}
	return out
}

// text is a version; "" for none.
func text(v version.Number) string {
	if v == version.Zero {
		return ""
	}
	return v.String()
}

func controllerDoc(c plan.Controller, takes map[string]time.Duration) ControllerDoc {
	out := ControllerDoc{
		Name: c.Name, UUID: c.UUID, Place: c.Place, From: text(c.From), To: text(c.To),
		Disposition: string(c.Disposition), Problem: problemDoc(c.Problem), Servers: c.Servers,
		Stream: c.Stream, MetadataURL: c.MetadataURL, Backup: c.Backup,
		Models: make([]ModelDoc, 0, len(c.Models)),
	}
	for _, m := range c.Models {
		out.Models = append(out.Models, ModelDoc{
			Name: m.Name, UUID: m.UUID, IsController: m.IsController, Type: string(m.Type),
			From: text(m.From), To: text(m.To), Disposition: string(m.Disposition), Codes: m.Codes,
			Machines: m.Machines, Units: m.Units, There: m.There, Awaited: m.Awaited, NotShown: m.NotShown,
			Via: text(m.Via), Joined: m.Joined, Canary: m.Canary, Cluster: m.Cluster, Singles: m.Singles, MoveSeconds: seconds(takes[m.UUID]),
			NotLookedAt: notLookedAt(&m), Applications: applicationDocs(m.Applications),
		})
	}
	return out
}

func problemDoc(p *fleet.Problem) *ProblemDoc {
	if p == nil {
		return nil
	}
	return &ProblemDoc{Code: string(p.Code), Text: p.Text, Remedy: p.Remedy}
}

func findingDocs(all []fleet.Finding) []FindingDoc {
	out := make([]FindingDoc, 0, len(all))
	for _, f := range all {
		out = append(out, FindingDoc{
			Code: f.Code, Severity: string(f.Severity), Scope: string(f.Scope), Subject: f.Subject,
			Meaning: f.Meaning, See: f.See, Fix: f.Fix, Agents: f.Agents,
			Acceptable: f.Acceptable, Accepted: f.Accepted,
		})
	}
	return out
}
