package report

import (
	"path"
	"strings"
	"time"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/journal"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

// StateDoc is the twin of the status screen, and of the summary.
type StateDoc struct {
	Run     int     `json:"run" yaml:"run"`
	Verdict Verdict `json:"verdict" yaml:"verdict"`
	Plan    string  `json:"plan-hash" yaml:"plan-hash"`
	Dir     string  `json:"directory,omitempty" yaml:"directory,omitempty"`
	Begun   string  `json:"begun,omitempty" yaml:"begun,omitempty"`
	Resumed string  `json:"resumed,omitempty" yaml:"resumed,omitempty"`
	// Heard is when the run was last heard of.
	Heard          string `json:"last-heard,omitempty" yaml:"last-heard,omitempty"`
	PID            int    `json:"pid,omitempty" yaml:"pid,omitempty"`
	Host           string `json:"host,omitempty" yaml:"host,omitempty"`
	ElapsedSeconds int    `json:"elapsed-seconds" yaml:"elapsed-seconds"`
	// LeftSeconds is an estimate, while something moves; FailsAt is when the run
	// gives up on a step if nothing does.
	LeftSeconds int       `json:"left-seconds" yaml:"left-seconds"`
	FailsAt     string    `json:"fails-at,omitempty" yaml:"fails-at,omitempty"`
	Counts      CountsDoc `json:"counts" yaml:"counts"`
	AgentsSeen  int       `json:"agents-seen" yaml:"agents-seen"`
	NotShown    int       `json:"agents-not-shown" yaml:"agents-not-shown"`
	// Models are where the models of a move are; GoingOn are those that Juju moves
	// by itself, whatever becomes of the run.
	Models   []PlaceDoc `json:"models,omitempty" yaml:"models,omitempty"`
	GoingOn  []string   `json:"going-on-by-itself,omitempty" yaml:"going-on-by-itself,omitempty"`
	Cautions []string   `json:"cautions,omitempty" yaml:"cautions,omitempty"`
	// New is what has become of the controller that models move to, where the run makes
	// it or gives it more than users; NotCloned is what is to be seen to by hand.
	New       *NewControllerDoc `json:"new-controller,omitempty" yaml:"new-controller,omitempty"`
	NotCloned []FindingDoc      `json:"not-cloned,omitempty" yaml:"not-cloned,omitempty"`
	// Charms is there where applications are refreshed.
	Charms *CharmsDoc `json:"charms,omitempty" yaml:"charms,omitempty"`
	// Registrations is the file of what new users register with.
	Registrations string          `json:"registrations,omitempty" yaml:"registrations,omitempty"`
	Steps         []StepDoc       `json:"steps" yaml:"steps"`
	LeftOut       []LeftOutDoc    `json:"left-out" yaml:"left-out"`
	Unplanned     []string        `json:"unplanned,omitempty" yaml:"unplanned,omitempty"`
	Regressions   []RegressionDoc `json:"regressions" yaml:"regressions"`
	Findings      []FindingDoc    `json:"findings" yaml:"findings"`
	// Next are the commands to type now.
	Next []string `json:"next,omitempty" yaml:"next,omitempty"`
}

// CountsDoc counts a run's steps. Done includes those that were not needed.
type CountsDoc struct {
	Total   int `json:"total" yaml:"total"`
	Done    int `json:"done" yaml:"done"`
	Started int `json:"started" yaml:"started"`
	Failed  int `json:"failed" yaml:"failed"`
	Held    int `json:"held" yaml:"held"`
	Pending int `json:"pending" yaml:"pending"`
}

// StepDoc is where one step stands.
type StepDoc struct {
	ID      string `json:"id" yaml:"id"`
	Kind    string `json:"kind" yaml:"kind"`
	Subject string `json:"subject" yaml:"subject"`
	User    string `json:"user,omitempty" yaml:"user,omitempty"`
	Item    string `json:"item,omitempty" yaml:"item,omitempty"`
	Target  string `json:"target,omitempty" yaml:"target,omitempty"`
	// Application is the one that the step refreshes, or that it looks after.
	Application string `json:"application,omitempty" yaml:"application,omitempty"`
	Status      string `json:"status" yaml:"status"`
	Began       string `json:"began,omitempty" yaml:"began,omitempty"`
	Changed     string `json:"last-change,omitempty" yaml:"last-change,omitempty"`
	Attempts    int    `json:"attempts,omitempty" yaml:"attempts,omitempty"`
	Acted       bool   `json:"changed-juju,omitempty" yaml:"changed-juju,omitempty"`
	Moved       string `json:"last-movement,omitempty" yaml:"last-movement,omitempty"`
	Stall       string `json:"fails-at,omitempty" yaml:"fails-at,omitempty"`
	// Seen is of when the counts and the missing agents are.
	Seen     string     `json:"last-seen,omitempty" yaml:"last-seen,omitempty"`
	There    int        `json:"there" yaml:"there"`
	Awaited  int        `json:"awaited" yaml:"awaited"`
	NotShown int        `json:"not-shown" yaml:"not-shown"`
	Missing  []AgentDoc `json:"missing,omitempty" yaml:"missing,omitempty"`
	Absent   []string   `json:"absent,omitempty" yaml:"absent,omitempty"`
	Note     string     `json:"note,omitempty" yaml:"note,omitempty"`
	// ForOperator says that it goes on when the operator has done what Note says, and
	// does not fail before; Asked is the command for that, where there is one.
	ForOperator bool     `json:"waiting-for-operator,omitempty" yaml:"waiting-for-operator,omitempty"`
	Asked       string   `json:"command-for-operator,omitempty" yaml:"command-for-operator,omitempty"`
	Trouble     string   `json:"trouble,omitempty" yaml:"trouble,omitempty"`
	Detail      string   `json:"detail,omitempty" yaml:"detail,omitempty"`
	Meaning     string   `json:"meaning,omitempty" yaml:"meaning,omitempty"`
	Fix         []string `json:"fix,omitempty" yaml:"fix,omitempty"`
	HeldBy      string   `json:"held-by,omitempty" yaml:"held-by,omitempty"`
	Result      string   `json:"result,omitempty" yaml:"result,omitempty"`
}

// AgentDoc is an agent that has not arrived.
type AgentDoc struct {
	Name    string `json:"name" yaml:"name"`
	Kind    string `json:"kind" yaml:"kind"`
	Version string `json:"version,omitempty" yaml:"version,omitempty"`
	State   string `json:"state,omitempty" yaml:"state,omitempty"`
	Since   string `json:"since,omitempty" yaml:"since,omitempty"`
	Message string `json:"message,omitempty" yaml:"message,omitempty"`
	// Workload is the state of what the agent looks after.
	Workload string `json:"workload,omitempty" yaml:"workload,omitempty"`
}

// LeftOutDoc is a controller, a model or an application that the plan left out.
type LeftOutDoc struct {
	Subject string   `json:"subject" yaml:"subject"`
	Why     string   `json:"why" yaml:"why"`
	Codes   []string `json:"codes,omitempty" yaml:"codes,omitempty"`
}

// RegressionDoc is what is worse than it was before the run.
type RegressionDoc struct {
	Subject string `json:"subject" yaml:"subject"`
	// Application is the one whose refresh it came after.
	Application string `json:"application,omitempty" yaml:"application,omitempty"`
	Agent       string `json:"agent" yaml:"agent"`
	Before      string `json:"before" yaml:"before"`
	After       string `json:"after" yaml:"after"`
	Message     string `json:"message,omitempty" yaml:"message,omitempty"`
}

// StateDocument makes the twin of the status screen and of the summary.
func StateDocument(s journal.State, progress *journal.Progress, alive bool, dir string, now time.Time, style Style) StateDoc {
	v := VerdictOf(s, progress, alive, now)
	n, a := stepsOf(s), arrivedOf(&s)
	heard := s.Last
	out := StateDoc{
		Run: s.Run, Verdict: v, Plan: s.Plan.Hash, Dir: dir, Begun: moment(s.Begun), Resumed: moment(s.Resumed),
		ElapsedSeconds: seconds(elapsed(s, v, now)),
		Counts:         CountsDoc{Total: n.total, Done: n.done, Started: n.running, Failed: n.failed, Held: n.held, Pending: n.pending},
		AgentsSeen:     a.agents + a.elsewhere, NotShown: a.notShown,
		Steps: make([]StepDoc, 0, len(s.Plan.Steps)), LeftOut: leftOutDocs(&s.Plan), Unplanned: s.Unplanned,
		Models: placeDocs(&s), GoingOn: moving(&s), Cautions: cautionsOf(&s, v),
		Regressions: []RegressionDoc{}, Findings: findingDocs(lasting(s.Plan.Findings)),
		New: newControllerDoc(&s, dir), Charms: charmsDoc(&s, stepsUnderWay(progress)),
	}
	if notCloned, _ := notClonedOf(s.Plan.Findings); len(notCloned) > 0 {
		out.NotCloned = findingDocs(notCloned)
	}
	switch v {
	case Running:
		out.LeftSeconds = seconds(left(s, stepsUnderWay(progress), now))
	case Waiting, Stalled:
		if t := givesUp(&s, stepsUnderWay(progress)); now.Before(t) {
			out.FailsAt = moment(t)
		}
	}
	if progress != nil {
		out.PID, out.Host = progress.PID, progress.Host
		if progress.Heartbeat.After(heard) {
			heard = progress.Heartbeat
		}
	}
	out.Heard = moment(heard)
	for i := range s.Plan.Steps {
		step := &s.Plan.Steps[i]
		out.Steps = append(out.Steps, stepDoc(&s, step, progress))
		for _, r := range s.Steps[step.ID].Record.Regressions {
			out.Regressions = append(out.Regressions, RegressionDoc{
				Subject: subject(*step), Application: application(step), Agent: r.Agent, Before: r.Before.Status, After: r.After.Status, Message: r.After.Message,
			})
		}
	}
	if registrations(&s) > 0 {
		out.Registrations = path.Join(dir, journal.RegistrationsName)
	}
	for _, c := range nextCommands(&s, v) {
		out.Next = append(out.Next, c.typed(style))
	}
	return out
}

func stepDoc(s *journal.State, step *plan.Step, progress *journal.Progress) StepDoc {
	at := s.Steps[step.ID]
	r := at.Record
	out := StepDoc{
		ID: step.ID, Kind: string(step.Kind), Subject: subject(*step), Status: string(at.Status),
		Target: step.Target.Name, Item: itemPath(step.Item), Application: application(step),
		Began: moment(at.Began), Changed: moment(at.Last), Attempts: at.Attempts, Acted: at.Changed,
		There: r.There, Awaited: r.Awaited, NotShown: r.NotShown, Missing: agentDocs(r.Missing),
		Absent: step.Absent, Detail: r.Detail, Meaning: r.Meaning, Fix: r.Fix, Result: r.Result,
	}
	if step.User != nil {
		out.User = step.User.Name
	}
	switch at.Status {
	case "":
		out.Status = string(journal.Pending)
	case journal.Held:
		out.HeldBy = heldBy(s, step)
	case journal.Started:
		if progress == nil {
			break
		}
		if p, ok := progress.Steps[step.ID]; ok {
			out.There, out.Awaited, out.NotShown, out.Missing = p.There, p.Awaited, p.NotShown, agentDocs(p.Missing)
			out.Seen = moment(p.Seen)
			out.Moved, out.Stall, out.Note, out.Trouble = moment(p.Moved), moment(p.Stall), p.Note, p.Trouble
			if p.ForOperator {
				out.Moved, out.Stall, out.ForOperator, out.Asked = "", "", true, p.Command
			}
		}
	}
	return out
}

func agentDocs(all []fleet.Agent) []AgentDoc {
	var out []AgentDoc
	for _, a := range all {
		out = append(out, AgentDoc{
			Name: a.Name, Kind: string(a.Kind), Version: text(a.Version),
			State: a.State.Status, Since: moment(a.State.Since), Message: strings.TrimSpace(message(a)), Workload: a.Health.Status,
		})
	}
	return out
}

func leftOutDocs(p *plan.Plan) []LeftOutDoc {
	out := []LeftOutDoc{}
	for i := range p.Controllers {
		c := &p.Controllers[i]
		if c.Problem != nil {
			out = append(out, LeftOutDoc{Subject: c.Name, Why: "not looked at", Codes: []string{string(c.Problem.Code)}})
		} else if c.Disposition == plan.Held {
			out = append(out, LeftOutDoc{Subject: c.Name, Why: "blocked", Codes: controllerCodes(c)})
		}
		for _, m := range c.Models {
			switch {
			case m.IsController:
			case m.Disposition == plan.Held:
				out = append(out, LeftOutDoc{Subject: c.Name + ":" + m.Name, Why: "blocked", Codes: m.Codes})
			case m.Disposition == plan.LeftOut:
				out = append(out, LeftOutDoc{Subject: c.Name + ":" + m.Name, Why: "not selected"})
			}
		}
		out = append(out, leftOutApps(c)...)
	}
	return out
}

// RunsDoc is the twin of the table of runs.
type RunsDoc struct {
	Runs []RunDoc `json:"runs" yaml:"runs"`
}

// RunDoc is one of them.
type RunDoc struct {
	Run            int      `json:"run" yaml:"run"`
	Verdict        Verdict  `json:"verdict,omitempty" yaml:"verdict,omitempty"`
	Problem        string   `json:"problem,omitempty" yaml:"problem,omitempty"`
	Plan           string   `json:"plan-hash,omitempty" yaml:"plan-hash,omitempty"`
	Dir            string   `json:"directory,omitempty" yaml:"directory,omitempty"`
	Begun          string   `json:"begun,omitempty" yaml:"begun,omitempty"`
	ElapsedSeconds int      `json:"elapsed-seconds" yaml:"elapsed-seconds"`
	Done           int      `json:"done" yaml:"done"`
	Total          int      `json:"total" yaml:"total"`
	Controllers    []string `json:"controllers" yaml:"controllers"`
	// Target is the controller to which models move.
	Target string `json:"target,omitempty" yaml:"target,omitempty"`
}

// RunsDocument makes the twin of the table of runs, newest first.
func RunsDocument(runs []Run, now time.Time) RunsDoc {
	out := RunsDoc{Runs: make([]RunDoc, 0, len(runs))}
	for _, r := range newestFirst(runs) {
		doc := RunDoc{Run: r.Number, Dir: r.Dir, Problem: r.Problem, Controllers: []string{}}
		if r.Problem == "" {
			n := stepsOf(r.State)
			doc.Verdict = VerdictOf(r.State, r.Progress, r.Alive, now)
			doc.Plan, doc.Begun, doc.Done, doc.Total = r.State.Plan.Hash, moment(r.State.Begun), n.done, n.total
			doc.ElapsedSeconds = seconds(elapsed(r.State, doc.Verdict, now))
			for _, c := range r.State.Plan.Controllers {
				doc.Controllers = append(doc.Controllers, c.Name)
			}
			if t := r.State.Plan.Target; t != nil {
				doc.Target = t.Name
			}
		}
		out.Runs = append(out.Runs, doc)
	}
	return out
}
