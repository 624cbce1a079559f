package preflight

import (
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// Check describes a check, for people and for scripts.
type Check struct {
	// Code is stable.
	Code string
	// Severity and Scope are those that its findings have at their worst.
	Severity fleet.Severity
	Scope    fleet.Scope
	// Acceptable says that --accept may let it pass, where Juju would go on.
	Acceptable bool
	// Summary is one sentence: what is the case.
	Summary string
}

// Checks lists all codes that preflight may say, in the order of the table, and
// unfinished-run, which the journal finds.
func Checks() []Check {
	var out []Check
	for _, c := range table() {
		out = append(out, c.Check)
	}
	return append(out, unfinishedRun())
}

// check is a row of the table. It is asked once, about the controller that models
// move to, about each controller, about each model, or about each application of
// which the charm is in the goal, by which of its functions are set.
type check struct {
	Check
	// when says for which controllers, models or applications it is asked at all.
	when        func(view) bool
	run         func(view) []say
	target      func(view) []say
	controller  func(view) []say
	model       func(view) []say
	application func(view) []say
}

// say is what a check has to say; what it leaves out is the check's.
type say struct {
	meaning  string
	see, fix []string
	agents   []fleet.Agent
	// severity is set where it is milder, or graver, than the check's.
	severity fleet.Severity
	// scope is set where it holds more, or less, than the check says.
	scope fleet.Scope
	// subject is set where it is not that of the view.
	subject string
	// about is the model that a controller's finding is about.
	about *fleet.Model
	// final says that it cannot be accepted here.
	final bool
}

func one(s say) []say { return []say{s} }

// finding makes a finding of what a check says of a view.
func (c check) finding(v view, s say) fleet.Finding {
	f := fleet.Finding{
		Code: c.Code, Severity: c.Severity, Scope: c.Scope, Subject: "client",
		Meaning: s.meaning, See: s.see, Fix: s.fix, Agents: names(s.agents),
	}
	if s.severity != "" {
		f.Severity = s.severity
	}
	if s.scope != "" {
		f.Scope = s.scope
	}
	if v.c != nil {
		f.Subject, f.Controller = v.c.Name, v.c.UUID
	}
	m := v.m
	if s.about != nil {
		m = s.about
	}
	if m != nil {
		f.Subject, f.Model = v.path(m), m.UUID
		if m.IsController && f.Scope == fleet.OneModel {
			f.Scope = fleet.WholeController
			if v.onlyCharms() {
				f.Scope = fleet.OneApplication
			}
		}
	}
	if v.app != nil {
		f.Subject, f.Application = v.appPath(), v.app.Name
	}
	if s.subject != "" {
		f.Subject = s.subject
	}
	f.Acceptable = c.Acceptable && !s.final
	return f
}
