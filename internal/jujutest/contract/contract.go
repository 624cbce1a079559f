package contract

import (
	"context"
	"testing"
	"time"

	"github.com/juju/errors"
	"github.com/juju/names/v5"
	"github.com/juju/version/v2"

	"github.com/juju/juju/api"
	"github.com/juju/juju/rpc/params"
)

// Env is a controller that may be upgraded, and how to reach it.
type Env struct {
	// Open logs in to a model by OWNER/NAME, or to the controller alone if it is
	// empty. It gives up quickly: a controller that restarts is asked again.
	Open func(ctx context.Context, model string) (api.Connection, error)
	// OpenAs logs in to the controller with another password. If it is nil, the
	// assertions about that are skipped.
	OpenAs func(ctx context.Context, password string) (api.Connection, error)
	// User is who is logged in, a superuser.
	User string
	// Model is OWNER/NAME of a hosted model with an agent, at the controller's version.
	Model string
	// From is the version of controller and model, To a later patch that is offered.
	From, To version.Number
	// Patience is how long to wait for an arrival, Poll how often to look.
	Patience, Poll time.Duration
}

// Run makes the assertions. At its end controller and model are at env.To.
func Run(t *testing.T, env Env) {
	for _, part := range []struct {
		name string
		run  func(*suite)
	}{
		{"login", (*suite).login},
		{"summaries", (*suite).summaries},
		{"status", (*suite).status},
		{"refusals", (*suite).refusals},
		{"dry run", (*suite).dryRun},
		{"controller upgrade", (*suite).controllerUpgrade},
		{"model upgrade", (*suite).modelUpgrade},
	} {
		// The parts are in order: a controller's upgrade comes before a model's.
		if !t.Run(part.name, func(t *testing.T) { part.run(&suite{T: t, env: env}) }) {
			t.FailNow()
		}
	}
}

type suite struct {
	*testing.T
	env Env
}

const controllerModel = "controller"

func (s *suite) open(model string) api.Connection {
	s.Helper()
	conn, err := s.env.Open(s.Context(), model)
	if err != nil {
		s.Fatalf("cannot log in to %q: %v", model, err)
	}
	s.Cleanup(func() { _ = conn.Close() })
	return conn
}

// uuid finds a model's UUID.
func (s *suite) uuid(model string) string {
	s.Helper()
	for _, sum := range s.listSummaries() {
		owner, err := names.ParseUserTag(sum.OwnerTag)
		if err == nil && (owner.Id()+"/"+sum.Name == model || sum.IsController && model == controllerModel) {
			return sum.UUID
		}
	}
	s.Fatalf("there is no model %q", model)
	return ""
}

func (s *suite) listSummaries() []params.ModelSummary {
	s.Helper()
	var out params.ModelSummaryResults
	args := params.ModelSummariesRequest{UserTag: names.NewUserTag(s.env.User).String(), All: true}
	if err := s.open("").APICall("ModelManager", 10, "", "ListModelSummaries", args, &out); err != nil {
		s.Fatal(err)
	}
	var list []params.ModelSummary
	for _, r := range out.Results {
		if r.Error != nil {
			s.Fatal(r.Error)
		}
		list = append(list, *r.Result)
	}
	return list
}

func (s *suite) fullStatus(conn api.Connection) (params.FullStatus, error) {
	var out params.FullStatus
	err := conn.APICall("Client", 8, "", "FullStatus", params.StatusParams{}, &out)
	return out, err
}

// upgrade sends UpgradeModel as its server's version wants it.
func (s *suite) upgrade(model string, target version.Number, dry bool) (params.UpgradeModelResult, error) {
	s.Helper()
	v := 1
	if s.env.From.Major >= 4 {
		v = 2
	}
	var out params.UpgradeModelResult
	args := params.UpgradeModelParams{ModelTag: names.NewModelTag(s.uuid(model)).String(), TargetVersion: target, DryRun: dry}
	err := s.open("").APICall("ModelUpgrader", v, "", "UpgradeModel", args, &out)
	return out, err
}

// code is an error's code, also where api.Connection made a text of its own of it.
func code(err error) string {
	if errors.Is(err, errors.NotImplemented) {
		return params.CodeNotImplemented
	}
	return params.ErrCode(err)
}

func (s *suite) eventually(what string, cond func() bool) {
	s.Helper()
	deadline := time.Now().Add(s.env.Patience)
	for !cond() {
		if time.Now().After(deadline) {
			s.Fatalf("not within %v: %s", s.env.Patience, what)
		}
		time.Sleep(s.env.Poll)
	}
}
