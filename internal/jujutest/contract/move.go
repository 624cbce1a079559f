package contract

import (
	"context"
	"slices"
	"testing"
	"time"

	"github.com/juju/errors"
	"github.com/juju/names/v5"
	"github.com/juju/version/v2"

	"github.com/juju/juju/api"
	"github.com/juju/juju/rpc/params"
)

// Side is one of the two controllers of a migration, and how to reach it.
type Side struct {
	// Open logs in to a model by its UUID, or to the controller alone if it is empty,
	// as User, who is a superuser. It gives up quickly.
	Open func(ctx context.Context, uuid string) (api.Connection, error)
	User string
	// UUID, Addrs and CACert are how the other side finds it.
	UUID, CACert string
	Addrs        []string
	Version      version.Number
}

// Move is a controller with models, and another to which they may go.
type Move struct {
	Source, Target Side
	// Model is OWNER/NAME of a model of the source whose agents, if it has any, are at
	// its version. At the end of the assertions it is on the target. Bare is one
	// without machines that stays.
	Model, Bare string
	// Patience is how long to wait for an end, Poll how often to look.
	Patience, Poll time.Duration
}

// RunMove makes the assertions about a migration.
func RunMove(t *testing.T, env Move) {
	m := &mover{env: env, account: "contract-" + time.Now().UTC().Format("20060102150405"), password: "of-a-contract-only"}
	for _, part := range []struct {
		name string
		run  func(*mover)
	}{
		{"users", (*mover).users},
		{"refusals", (*mover).refusals},
		{"abort", (*mover).abort},
		{"migration", (*mover).migration},
		{"account removed", (*mover).accountRemoved},
	} {
		// The parts are in order: the account of the first is that of the others.
		if !t.Run(part.name, func(t *testing.T) { m.T = t; part.run(m) }) {
			t.FailNow()
		}
	}
}

type mover struct {
	*testing.T
	env               Move
	account, password string
}

// shows says whether a source tells of migrations. Juju 4 does not.
func (m *mover) shows() bool { return m.env.Source.Version.Major < 4 }

func (m *mover) open(side Side, uuid string) api.Connection {
	m.Helper()
	conn, err := side.Open(m.Context(), uuid)
	if err != nil {
		m.Fatalf("cannot log in to %s %s: %v", side.UUID, uuid, err)
	}
	m.Cleanup(func() { _ = conn.Close() })
	return conn
}

// summaries are the models that a side lists, by OWNER/NAME.
func (m *mover) summaries(side Side) map[string]params.ModelSummary {
	m.Helper()
	version := 10
	if side.Version.Major < 3 {
		version = 9
	}
	var out params.ModelSummaryResults
	args := params.ModelSummariesRequest{UserTag: names.NewUserTag(side.User).String(), All: true}
	conn := m.open(side, "")
	defer conn.Close()
	if err := conn.APICall("ModelManager", version, "", "ListModelSummaries", args, &out); err != nil {
		m.Fatal(err)
	}
	list := map[string]params.ModelSummary{}
	for _, r := range out.Results {
		if r.Error != nil {
			continue // one that is being removed
		}
		owner, err := names.ParseUserTag(r.Result.OwnerTag)
		if err != nil {
			m.Fatal(err)
		}
		list[owner.Id()+"/"+r.Result.Name] = *r.Result
	}
	return list
}

// info asks a side for one model.
func (m *mover) info(side Side, uuid string) params.ModelInfoResult {
	m.Helper()
	var out params.ModelInfoResults
	args := params.Entities{Entities: []params.Entity{{Tag: names.NewModelTag(uuid).String()}}}
	conn := m.open(side, "")
	defer conn.Close()
	if err := conn.APICall("ModelManager", 9+min(1, side.Version.Major-2), "", "ModelInfo", args, &out); err != nil || len(out.Results) != 1 {
		m.Fatalf("%v, %v", out, err)
	}
	return out.Results[0]
}

// initiate asks the source for a migration.
func (m *mover) initiate(uuid string, change func(*params.MigrationSpec)) params.InitiateMigrationResult {
	m.Helper()
	target := m.env.Target
	spec := params.MigrationSpec{ModelTag: names.NewModelTag(uuid).String(), TargetInfo: params.MigrationTargetInfo{
		ControllerTag: names.NewControllerTag(target.UUID).String(), Addrs: target.Addrs, CACert: target.CACert,
		AuthTag: names.NewUserTag(m.account).String(), Password: m.password,
	}}
	if change != nil {
		change(&spec)
	}
	facade := 11
	if !m.shows() {
		facade = 12
	}
	var out params.InitiateMigrationResults
	conn := m.open(m.env.Source, "")
	defer conn.Close()
	err := conn.APICall("Controller", facade, "", "InitiateMigration", params.InitiateMigrationArgs{Specs: []params.MigrationSpec{spec}}, &out)
	if err != nil || len(out.Results) != 1 {
		m.Fatalf("%v, %v", out, err)
	}
	return out.Results[0]
}

func (m *mover) eventually(what string, cond func() bool) {
	m.Helper()
	deadline := time.Now().Add(m.env.Patience)
	for !cond() {
		if time.Now().After(deadline) {
			m.Fatalf("not within %v: %s", m.env.Patience, what)
		}
		time.Sleep(m.env.Poll)
	}
}

// strange are the codes with which a side says that it does not have a model.
func strange(code string) bool {
	return slices.Contains([]string{params.CodeUnauthorized, params.CodeNotFound, params.CodeRedirect}, code)
}

// absent fails the test unless a side neither lists a model nor tells of it.
func (m *mover) absent(side Side, model, uuid string) {
	m.Helper()
	if _, ok := m.summaries(side)[model]; ok {
		m.Errorf("%s is listed", model)
	}
	if got := m.info(side, uuid); got.Error == nil || !strange(got.Error.Code) {
		m.Errorf("of %s is told %+v, %v", model, got.Result, got.Error)
	}
}

// refusals: their codes, as far as they have one; nothing is begun.
func (m *mover) refusals() {
	bare := m.summaries(m.env.Source)[m.env.Bare]
	for _, test := range []struct {
		what, code string
		change     func(*params.MigrationSpec)
	}{
		{"a wrong password", params.CodeUnauthorized, func(s *params.MigrationSpec) { s.TargetInfo.Password = "wrong" }},
		{"an unknown user", params.CodeUnauthorized, func(s *params.MigrationSpec) { s.TargetInfo.AuthTag = "user-nobody-such" }},
		{"an unknown model", params.CodeNotFound, func(s *params.MigrationSpec) {
			s.ModelTag = names.NewModelTag("11111111-1111-4111-8111-111111111111").String()
		}},
	} {
		if got := m.initiate(bare.UUID, test.change); got.Error == nil || got.Error.Code != test.code || got.MigrationId != "" {
			m.Errorf("%s: %+v, %v", test.what, got, got.Error)
		}
	}
	if sum := m.summaries(m.env.Source)[m.env.Bare]; sum.Migration != nil || sum.Status.Status != "available" {
		m.Errorf("something was begun: %+v", sum)
	}
	m.absent(m.env.Target, m.env.Bare, bare.UUID)
}

// abort: what the source's worker refuses leaves the model where it was, and the
// source tells of the end. The controller that answers is not the one that was named.
func (m *mover) abort() {
	uuid := m.summaries(m.env.Source)[m.env.Bare].UUID
	begun := time.Now().Add(-time.Minute) // clocks differ
	got := m.initiate(uuid, func(s *params.MigrationSpec) {
		s.TargetInfo.ControllerTag = names.NewControllerTag("22222222-2222-4222-8222-222222222222").String()
	})
	if got.Error != nil || got.MigrationId == "" {
		m.Fatalf("%+v, %v", got, got.Error)
	}
	if !m.shows() {
		m.unseenAbort(uuid)
		return
	}
	m.eventually("the migration has ended", func() bool {
		sum, ok := m.summaries(m.env.Source)[m.env.Bare]
		if !ok {
			m.Fatal("the source does not list the model any more")
		}
		return sum.Migration != nil && sum.Migration.End != nil && sum.Status.Status == "available"
	})
	sum := m.summaries(m.env.Source)[m.env.Bare]
	if sum.Life != "alive" || sum.AgentVersion == nil || sum.Migration.Start == nil || sum.Migration.Start.Before(begun) || sum.Migration.Status == "" {
		m.Errorf("it is not as it was: %+v, %+v", sum, sum.Migration)
	}
	m.absent(m.env.Target, m.env.Bare, uuid)
	conn := m.open(m.env.Source, uuid)
	if err := conn.APICall("Client", m.status(m.env.Source), "", "FullStatus", params.StatusParams{}, &params.FullStatus{}); err != nil {
		m.Errorf("the model does not work: %v", err)
	}
}

// unseenAbort: of Juju 4 nobody learns of it.
func (m *mover) unseenAbort(uuid string) {
	for range 20 {
		if sum := m.summaries(m.env.Source)[m.env.Bare]; sum.Migration != nil || sum.Status.Status != "available" {
			m.Errorf("the source tells of it: %+v", sum)
		}
		time.Sleep(m.env.Poll)
	}
	m.absent(m.env.Target, m.env.Bare, uuid)
}

// status is the version of Client that a side serves.
func (m *mover) status(side Side) int {
	switch {
	case side.Version.Major == 2:
		return 6
	case side.Version.Major == 3 && side.Version.Minor < 6:
		return 7
	}
	return 8
}

// redirected says whether a login to the model is sent on to the target.
func (m *mover) redirected(uuid string) bool {
	conn, err := m.env.Source.Open(m.Context(), uuid)
	if err == nil {
		_ = conn.Close()
		return false
	}
	var redirect *api.RedirectError
	return errors.As(err, &redirect) && redirect.ControllerTag.Id() == m.env.Target.UUID && len(redirect.Servers) > 0
}
