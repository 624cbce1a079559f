package fleet

import (
	"fmt"
	"path"
	"strings"
)

// Severity says what a finding does to a run.
type Severity string

// The severities, from worst to mildest.
const (
	// Blocker holds its subject until it is cleared, accepted or left out.
	Blocker Severity = "blocker"
	// Warning is told and holds nothing.
	Warning Severity = "warning"
	// Notice is good to know.
	Notice Severity = "notice"
)

// Scope says how much a blocker holds.
type Scope string

// The scopes of a finding.
const (
	// WholeRun: nothing can start.
	WholeRun Scope = "run"
	// WholeController: the controller and all its models.
	WholeController Scope = "controller"
	// OneModel: only that model.
	OneModel Scope = "model"
	// OneApplication: only the charm of that application.
	OneApplication Scope = "application"
)

// Finding is one thing that preflight has to say.
type Finding struct {
	// Code is stable: scripts accept findings by it.
	Code     string   `json:"code"`
	Severity Severity `json:"severity"`
	Scope    Scope    `json:"scope"`
	// Subject is "prod", "prod:admin/db" or "prod:admin/db.mysql" (or "client").
	Subject string `json:"subject"`
	// Controller and Model are the UUIDs of the subject; empty where it is wider.
	Controller string `json:"controller-uuid,omitempty"`
	Model      string `json:"model-uuid,omitempty"`
	// Application is the name of the one that it is about; empty where it is wider.
	Application string `json:"application,omitempty"`
	// Meaning says what is the case, and what it would lead to.
	Meaning string `json:"meaning"`
	// See and Fix are commands to type: to look closer, and to cure it.
	See []string `json:"see,omitempty"`
	Fix []string `json:"fix,omitempty"`
	// Agents are those that the finding is about, as Agent.String names them.
	Agents []string `json:"agents,omitempty"`
	// Acceptable says that --accept may let it pass.
	Acceptable bool `json:"acceptable,omitempty"`
	// Accepted says that the operator did accept it.
	Accepted bool `json:"accepted,omitempty"`
}

// Holds says that the finding still holds its subject.
func (f Finding) Holds() bool { return f.Severity == Blocker && !f.Accepted }

// Name is how the finding is accepted: CODE@SUBJECT.
func (f Finding) Name() string { return f.Code + "@" + f.Subject }

// Acceptance is one CODE@SUBJECT of --accept, each part a glob.
type Acceptance struct {
	Code    string `json:"code"`
	Subject string `json:"subject"`
}

// String is the notation that ParseAcceptances reads.
func (a Acceptance) String() string { return a.Code + "@" + a.Subject }

// Matches says whether the acceptance is meant for the finding. A subject of
// "*" is everywhere; otherwise "*" does not cross the "/" of a model's name.
func (a Acceptance) Matches(f Finding) bool {
	return glob(a.Code, f.Code) && (a.Subject == "*" || glob(a.Subject, f.Subject))
}

// ParseAcceptances reads the notation of --accept: CODE@SUBJECT[,…].
func ParseAcceptances(s string) ([]Acceptance, error) {
	var out []Acceptance
	for _, item := range strings.Split(s, ",") {
		item = strings.TrimSpace(item)
		code, subject, ok := strings.Cut(item, "@")
		if !ok || code == "" || subject == "" {
			return nil, fmt.Errorf("cannot accept %q: want CODE@SUBJECT, such as agent-down@prod:admin/db, or CODE@* for everywhere", item)
		}
		if strings.Trim(code, "*?") == "" {
			return nil, fmt.Errorf("cannot accept %q: name the finding's code (there is no blanket force)", item)
		}
		for _, pattern := range []string{code, subject} {
			if _, err := path.Match(pattern, ""); err != nil {
				return nil, fmt.Errorf("cannot accept %q: %q is not a pattern: %v", item, pattern, err)
			}
		}
		out = append(out, Acceptance{Code: code, Subject: subject})
	}
	return out, nil
}

func glob(pattern, s string) bool {
	ok, err := path.Match(pattern, s)
	return err == nil && ok
}
