package preflight

import (
	"fmt"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

const webApp = "prod:admin/web.web"

// charmed gives an estate applications, and the wish to refresh them: web has something
// newer, the others have not. There is nothing to say of any.
func charmed(e *estate) {
	e.goal.Charms = fleet.CharmsAlso
	e.own().Status.Applications = []fleet.Application{application("controller", 116, 116)}
	e.web().Status.Applications = []fleet.Application{application("logs", 3, 3), application("web", 5, 6)}
	e.web().Status.Applications[0].Principals = []string{"web"}
	e.db().Status.Applications = []fleet.Application{application("db", 7, 7)}
}

// application is one of Charmhub's, alive, in 1/stable.
func application(name string, now, then int) fleet.Application {
	return fleet.Application{
		Name: name, URL: url(name, now), Channel: "1/stable", Base: "ubuntu@22.04", Life: "alive",
		Release: &fleet.Release{URL: url(name, then), Revision: then, Channel: "1/stable"},
	}
}

// charms is a charmed estate, changed.
func charms(change func(*estate)) func(*estate) {
	return func(e *estate) {
		charmed(e)
		change(e)
	}
}

// charmsAlone is a charmed estate where only charms are wanted, changed.
func charmsAlone(change func(*estate)) func(*estate) {
	return charms(func(e *estate) {
		e.goal.Charms = fleet.CharmsOnly
		change(e)
	})
}

func (e *estate) app(name string) *fleet.Application {
	for i := range e.c().Models {
		if a := e.c().Models[i].Status.Application(name); a != nil {
			return a
		}
	}
	return nil
}

// unresolved is that Charmhub did not tell.
func unresolved(a *fleet.Application, code fleet.ProblemCode) {
	a.Release = &fleet.Release{Problem: &fleet.Problem{Code: code, Text: "no\n answer"}}
}

// inError puts the unit web/0 in error.
func inError(e *estate) {
	e.web().Status.Agents[2].Health = fleet.Condition{Status: "error", Message: `hook failed: "config-changed"`}
}

func url(name string, revision int) string { return fmt.Sprintf("ch:amd64/%s-%d", name, revision) }

// give gives an application a file of a charm.
func give(e *estate, app, charm string) {
	p, err := fleet.ParseAppPattern(app)
	if err != nil {
		panic(err)
	}
	e.goal.CharmFiles = append(e.goal.CharmFiles, fleet.CharmFile{App: p, File: "./own.charm", Charm: charm, SHA256: "d1"})
}

func patterns(all ...string) []fleet.AppPattern {
	var out []fleet.AppPattern
	for _, s := range all {
		p, err := fleet.ParseAppPattern(s)
		if err != nil {
			panic(err)
		}
		out = append(out, p)
	}
	return out
}
