package jujuapi_test

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/juju/juju/rpc/params"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujuapi"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujutest"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujutest/estate"
)

func TestAnErrorIsClassifiedByItsCode(t *testing.T) {
	b := prepare(t, two)
	c := b.look("prod")
	own := *c.ControllerModel()
	for code, want := range map[string]fleet.ProblemCode{
		params.CodeUpgradeInProgress:   fleet.Busy,
		params.CodeMigrationInProgress: fleet.Busy,
		params.CodeTryAgain:            fleet.Busy,
		params.CodeUnauthorized:        fleet.Forbidden,
		params.CodeForbidden:           fleet.Forbidden,
		params.CodeOperationBlocked:    fleet.Blocked,
		params.CodeNotFound:            fleet.NotFound,
		params.CodeModelNotFound:       fleet.NotFound,
		params.CodeNotImplemented:      fleet.Unsupported,
		params.CodeAlreadyExists:       fleet.UpToDate,
		params.CodeNotSupported:        fleet.Refused,
		params.CodeLoginExpired:        fleet.LoginNeeded,
		params.CodeRedirect:            fleet.Moved,
		"":                             fleet.Busy, // what was only asked to tell something has no other reason
		"a code of the future":         fleet.Other,
	} {
		// The text is that of another error, which must not matter.
		end := b.inject("prod", estate.Fault{Kind: estate.FaultError, Method: "Client.FullStatus", Code: code, Message: "upgrade in progress"})
		_, err := b.reader.ModelStatus(context.Background(), c.Ref, own.Ref)
		b.wants(err, want)
		end()
	}
}

func TestALoginIsClassifiedByItsCode(t *testing.T) {
	b := prepare(t, two)
	for code, want := range map[string]fleet.ProblemCode{
		"":                           fleet.Busy, // "maintenance in progress" has none
		params.CodeUnauthorized:      fleet.LoginNeeded,
		params.CodeLoginExpired:      fleet.LoginNeeded,
		params.CodeUpgradeInProgress: fleet.Busy,
		params.CodeNotFound:          fleet.NotFound,
	} {
		end := b.inject("prod", estate.Fault{Kind: estate.FaultError, Method: "Admin.Login", Code: code, Message: "something else"})
		_, err := b.reader.Login(context.Background(), "prod")
		b.wants(err, want)
		end()
	}
}

func TestALoginThatNeedsAPersonSaysWhatToType(t *testing.T) {
	for name, test := range map[string]struct{ store, remedy string }{
		"wrong password": {"canary-wrong", "juju logout -c prod --force && juju login -c prod -u admin"},
		"no password":    {"none", "juju login -c prod"},
	} {
		t.Run(name, func(t *testing.T) {
			b := prepare(t, "controllers:\n  - {name: prod, version: 3.6.4, store-password: "+test.store+"}\n")
			_, err := b.reader.Login(context.Background(), "prod")
			b.wants(err, fleet.LoginNeeded)
			var p *fleet.Problem
			if !errors.As(err, &p) || p.Remedy != test.remedy {
				t.Errorf("remedy: %+v", p)
			}
			if strings.Contains(err.Error(), "canary-wrong") {
				t.Errorf("tells the password: %v", err)
			}
		})
	}
}

func TestNobodyLoggedInSaysWhatToType(t *testing.T) {
	b := prepare(t, two)
	b.write("accounts.yaml", "controllers: {}\n")
	_, err := b.reader.Login(context.Background(), "prod")
	b.wants(err, fleet.LoginNeeded)
}

func TestMangledAccountsAreNotQuoted(t *testing.T) {
	b := prepare(t, two)
	b.write("accounts.yaml", strings.Replace(b.read("accounts.yaml"), "controllers:", "controllers: [", 1))
	_, err := b.reader.Login(context.Background(), "prod")
	if !errors.Is(err, jujuapi.ErrBadStore) {
		t.Errorf("got %v", err)
	}
	b.noSecrets(err)
}

func TestARefusedConnectionIsUnreachable(t *testing.T) {
	b := prepare(t, two)
	b.inject("prod", estate.Fault{Kind: estate.FaultRefuse, All: true})
	_, err := b.reader.Login(context.Background(), "prod")
	b.wants(err, fleet.Unreachable)
}

func TestAFrozenControllerIsUnreachableInTime(t *testing.T) {
	b := prepareWith(t, two, jujuapi.Config{DialTimeout: 300 * time.Millisecond})
	b.inject("prod", estate.Fault{Kind: estate.FaultFreeze, All: true})
	_, err := b.reader.Login(context.Background(), "prod")
	b.wants(err, fleet.Unreachable)
}

func TestAControllerThatIsTooOldIsRefused(t *testing.T) {
	b := prepare(t, "controllers:\n  - {name: prod, version: 2.9.46}\n  - {name: okay, version: 2.9.47}\n")
	_, err := b.reader.Login(context.Background(), "prod")
	b.wants(err, fleet.Unsupported)
	if err == nil || !strings.Contains(err.Error(), "2.9.46") || !strings.Contains(err.Error(), "2.9.47") {
		t.Errorf("does not say which: %v", err)
	}
	if _, err := b.reader.Login(context.Background(), "okay"); err != nil {
		t.Error(err)
	}
}

func TestJAASIsRefusedUnasked(t *testing.T) {
	b := prepare(t, two)
	b.write("controllers.yaml", strings.Replace(b.read("controllers.yaml"), "agent-version:", "oidc-login: true\n        agent-version:", 2))
	_, err := b.reader.Login(context.Background(), "prod")
	b.wants(err, fleet.Unsupported)
	if len(b.world.Calls()) > 0 {
		t.Error("logged in to it all the same")
	}
}

func TestAnotherControllerAtTheAddressIsNotTaken(t *testing.T) {
	b := prepare(t, two)
	right, err := b.world.Controller("next")
	if err != nil {
		t.Fatal(err)
	}
	b.write("controllers.yaml", strings.Replace(b.read("controllers.yaml"), right.UUID, "11111111-1111-4111-8111-111111111111", 1))
	if _, err := b.reader.Login(context.Background(), "next"); err == nil {
		t.Error("took it")
	}
}

func TestAModelThatIsGoneIsNotALoginMatter(t *testing.T) {
	b := prepare(t, two)
	c := b.look("prod")
	gone := fleet.Ref{UUID: "11111111-1111-4111-8111-111111111111", Name: "admin/gone"}
	_, err := b.reader.ModelStatus(context.Background(), c.Ref, gone)
	// (A login at a model is answered "model not found" on 3.6 and 4.1.)
	b.wants(err, fleet.NotFound)
}

func TestCancellingReturnsAtOnce(t *testing.T) {
	for name, method := range map[string]string{"a login": "Admin.Login", "a call": "Client.FullStatus"} {
		t.Run(name, func(t *testing.T) {
			b := prepare(t, strings.Replace(two, "speed: 100", "speed: 1", 1))
			c := b.look("prod")
			web := b.model(c, "admin/web")
			b.inject("prod", estate.Fault{Kind: estate.FaultDelay, Method: method, Delay: time.Hour})
			ctx, cancel := context.WithCancel(context.Background())
			time.AfterFunc(100*time.Millisecond, cancel)
			begun := time.Now()
			_, err := b.reader.ModelStatus(ctx, c.Ref, web.Ref)
			if !errors.Is(err, context.Canceled) {
				t.Errorf("got %v", err)
			}
			if took := time.Since(begun); took > 5*time.Second {
				t.Errorf("took %s", took)
			}
		})
	}
}

func TestRunningOutOfTimePasses(t *testing.T) {
	b := prepare(t, strings.Replace(two, "speed: 100", "speed: 1", 1))
	c := b.look("prod")
	b.inject("prod", estate.Fault{Kind: estate.FaultDelay, Method: "Client.FullStatus", Delay: time.Hour})
	ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
	defer cancel()
	_, err := b.reader.ModelStatus(ctx, c.Ref, b.model(c, "admin/web").Ref)
	b.wants(err, fleet.Unreachable)
	if !errors.Is(err, context.DeadlineExceeded) || !fleet.Passing(err) {
		t.Errorf("got %v", err)
	}
}

func TestAReadThatIsDroppedIsTriedOnceMore(t *testing.T) {
	b := prepare(t, two)
	c := b.look("prod")
	web := b.model(c, "admin/web")
	b.inject("prod", estate.Fault{Kind: estate.FaultDrop, Method: "Client.FullStatus", Times: 1})
	if _, err := b.reader.ModelStatus(context.Background(), c.Ref, web.Ref); err != nil {
		t.Error(err)
	}
	b.inject("prod", estate.Fault{Kind: estate.FaultDrop, Method: "Client.FullStatus"})
	b.world.ForgetCalls()
	_, err := b.reader.ModelStatus(context.Background(), c.Ref, web.Ref)
	b.wants(err, fleet.Unreachable)
	if calls := b.world.CallsOf("Client.FullStatus"); len(calls) != 2 {
		t.Errorf("%d calls, want 2", len(calls))
	}
}

func TestModelConnectionsDoNotPileUp(t *testing.T) {
	b := prepare(t, "speed: 100\ncontrollers:\n  - {name: big, version: 3.6.4, generate: {models: 60, units: 1}}\n")
	c := b.look("big")
	for range 2 {
		for _, m := range c.Models {
			if _, err := b.reader.Model(context.Background(), c, m); err != nil {
				t.Fatal(err)
			}
		}
	}
	// Were all kept, the second round would need no logins.
	logins := b.world.CallsOf("Admin.Login")
	if len(logins) < 2*60 {
		t.Errorf("%d logins: connections are kept for all models", len(logins))
	}
	again := slices.DeleteFunc(logins, func(c jujutest.Call) bool { return c.Model != "" })
	if len(again) > 3 {
		t.Errorf("%d logins to the controller itself, whose connection is to be kept", len(again))
	}
}
