package jujuapi

import (
	"context"
	"encoding/json"
	"errors"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-macaroon-bakery/macaroon-bakery/v3/bakery/checkers"
	"github.com/go-macaroon-bakery/macaroon-bakery/v3/httpbakery"
	"github.com/google/go-cmp/cmp"
	"gopkg.in/macaroon.v2"

	"github.com/juju/juju/rpc"
	"github.com/juju/juju/rpc/params"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/execute"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

const initiateMethod = "Controller.InitiateMigration"

func initiated(id string, e *params.Error) params.InitiateMigrationResults {
	return params.InitiateMigrationResults{Results: []params.InitiateMigrationResult{{MigrationId: id, Error: e}}}
}

func TestAServerThatWouldBeginTheMigrationIsNeverAsked(t *testing.T) {
	for _, test := range []struct{ told, answers string }{
		{"2.9.52", "2.9.52"}, {"3.5.4", "3.5.4"}, {"3.6.12", "3.6.12"}, {"4.0.2", "4.0.2"},
		// Another server of the controller answers than the one that was looked at.
		{"3.6.13", "3.6.12"}, {"4.0.3", "4.0.2"},
	} {
		t.Run(test.told+" "+test.answers, func(t *testing.T) {
			s := newStandIn(t, test.answers, "4.1.1")
			s.source().says(initiateMethod, initiated("begun:0", nil))
			source, target := s.controllers()
			source.Version = newServer(test.told).version
			refusal, err := s.reader.MoveRefusal(context.Background(), source, target, fleet.Model{Ref: modelRef})
			if refusal != nil || err != nil {
				t.Errorf("got %+v, %v", refusal, err)
			}
			if sent := s.source().sent(initiateMethod); len(sent) > 0 {
				t.Errorf("was sent %+v", sent)
			}
		})
	}
}

func TestADryRunSaysSoOnTheWire(t *testing.T) {
	for _, v := range []string{"3.6.13", "4.0.3"} {
		t.Run(v, func(t *testing.T) {
			s := newStandIn(t, v, "4.1.1")
			s.source().says(initiateMethod, initiated("", nil))
			source, target := s.controllers()
			refusal, err := s.reader.MoveRefusal(context.Background(), source, target, fleet.Model{Ref: modelRef})
			if refusal != nil || err != nil {
				t.Errorf("got %+v, %v", refusal, err)
			}
			sent := s.source().sent(initiateMethod)
			if len(sent) != 1 {
				t.Fatalf("was sent %+v", sent)
			}
			var args map[string]any
			if err := json.Unmarshal([]byte(sent[0].args), &args); err != nil {
				t.Fatal(err)
			}
			if args["dry-run"] != true {
				t.Errorf("was sent %s", sent[0].args)
			}
			if !strings.Contains(sent[0].args, `"password":"canary-new"`) || !strings.Contains(sent[0].args, `"auth-tag":"user-admin"`) {
				t.Errorf("source cannot log in with %s", sent[0].args)
			}
		})
	}
}

func TestADryRunThatBeginsAMigrationIsNoAnswer(t *testing.T) {
	s := newStandIn(t, "3.6.13", "3.6.13")
	s.source().says(initiateMethod, initiated("some:0", nil))
	source, target := s.controllers()
	refusal, err := s.reader.MoveRefusal(context.Background(), source, target, fleet.Model{Ref: modelRef})
	s.wants(err, fleet.Other)
	if refusal != nil || err == nil || !strings.Contains(err.Error(), "has begun to move") {
		t.Errorf("got %+v, %v", refusal, err)
	}
}

func TestWhatAPrecheckSaysIsARefusal(t *testing.T) {
	for code, want := range map[string]fleet.ProblemCode{
		"":                      fleet.Refused,
		"a code of the future":  fleet.Refused,
		params.CodeUnauthorized: fleet.Forbidden,
		params.CodeNotSupported: fleet.Refused,
		params.CodeNotFound:     fleet.NotFound,
	} {
		s := newStandIn(t, "3.6.13", "3.6.13")
		// The text is that of something else, which must not matter.
		s.source().says(initiateMethod, initiated("", &params.Error{Code: code, Message: "upgrade in progress"}))
		source, target := s.controllers()
		refusal, err := s.reader.MoveRefusal(context.Background(), source, target, fleet.Model{Ref: modelRef})
		if err != nil || refusal == nil || refusal.Code != want {
			t.Errorf("%q is %+v, %v", code, refusal, err)
		}
	}
	s := newStandIn(t, "3.6.13", "3.6.13")
	s.source().says(initiateMethod, initiated("", &params.Error{Code: params.CodeUpgradeInProgress, Message: "no"}))
	source, target := s.controllers()
	refusal, err := s.reader.MoveRefusal(context.Background(), source, target, fleet.Model{Ref: modelRef})
	if s.wants(err, fleet.Busy); refusal != nil {
		t.Errorf("what passes is a refusal: %+v", refusal)
	}
}

func TestAnOperatorWithoutAPasswordHandsOnMacaroons(t *testing.T) {
	s := newStandIn(t, "3.6.13", "3.6.13")
	s.source().says(initiateMethod, initiated("", nil))
	if err := os.WriteFile(filepath.Join(s.session.cfg.Store.dir, "accounts.yaml"),
		[]byte("controllers: {old: {user: admin, password: x}, new: {user: bob@idp}}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	source, target := s.controllers()
	_, err := s.reader.MoveRefusal(context.Background(), source, target, fleet.Model{Ref: modelRef})
	if s.wants(err, fleet.LoginNeeded); len(s.source().sent(initiateMethod)) > 0 {
		t.Error("asked without a login to hand on")
	}

	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	m, err := macaroon.New([]byte("root"), []byte("canary-id"), "here", macaroon.LatestVersion)
	if err != nil {
		t.Fatal(err)
	}
	at := &url.URL{Scheme: "https", Host: "198.51.100.1:17070"}
	if err := httpbakery.SetCookie(jar, at, checkers.New(nil).Namespace(), macaroon.Slice{m}); err != nil {
		t.Fatal(err)
	}
	s.session.jars["new"] = jar
	if _, err = s.reader.MoveRefusal(context.Background(), source, target, fleet.Model{Ref: modelRef}); err != nil {
		t.Fatal(err)
	}
	var args params.InitiateMigrationArgs
	if err := json.Unmarshal([]byte(s.source().sent(initiateMethod)[0].args), &args); err != nil {
		t.Fatal(err)
	}
	info := args.Specs[0].TargetInfo
	var handed []macaroon.Slice
	if err := json.Unmarshal([]byte(info.Macaroons), &handed); err != nil || len(handed) != 1 || string(handed[0][0].Id()) != "canary-id" {
		t.Errorf("handed on %s, %v", info.Macaroons, err)
	}
	if info.Password != "" || info.AuthTag != "user-bob@idp" {
		t.Errorf("logs in as %s with a password %q", info.AuthTag, info.Password)
	}
}

var account = execute.Account{User: "upgrade-all-7-ab12", Password: "canary-temporary"}

func TestAMigrationIsAskedForOnceAndForReal(t *testing.T) {
	for _, v := range []string{"2.9.52", "3.6.4", "3.6.13", "4.1.0"} {
		s := newStandIn(t, v, "4.1.1")
		s.source().says(initiateMethod, initiated("some:0", nil))
		if err := s.writer.Migrate(context.Background(), sourceRef, targetRef, modelRef, account); err != nil {
			t.Fatal(err)
		}
		sent := s.source().sent(initiateMethod)
		if len(sent) != 1 || strings.Contains(sent[0].args, "dry-run") {
			t.Fatalf("%s was sent %+v", v, sent)
		}
		var args params.InitiateMigrationArgs
		if err := json.Unmarshal([]byte(sent[0].args), &args); err != nil {
			t.Fatal(err)
		}
		want := []params.MigrationSpec{{ModelTag: "model-" + modelUUID, TargetInfo: params.MigrationTargetInfo{
			ControllerTag: "controller-" + targetUUID, ControllerAlias: "new", CACert: "ca-of-new",
			// As the target names them: those of the registry may be good from here only.
			Addrs:   []string{"10.0.0.2:17070", "10.0.0.3:17070"},
			AuthTag: "user-" + account.User, Password: account.Password.Reveal(),
		}}}
		if diff := cmp.Diff(want, args.Specs); diff != "" {
			t.Error(diff)
		}
	}
}

func TestATargetThatNamesNoAddressIsReachedAtTheOneInUse(t *testing.T) {
	s := newStandIn(t, "3.6.4", "3.6.11")
	s.target().groups = nil
	s.source().says(initiateMethod, initiated("some:0", nil))
	if err := s.writer.Migrate(context.Background(), sourceRef, targetRef, modelRef, account); err != nil {
		t.Fatal(err)
	}
	if sent := s.source().sent(initiateMethod); !strings.Contains(sent[0].args, `"addrs":["198.51.100.1:17070"]`) {
		t.Errorf("was sent %s", sent[0].args)
	}
}

func TestAMigrationIsSentOnceThoughItsAnswerIsLost(t *testing.T) {
	s := newStandIn(t, "3.6.4", "3.6.11")
	s.source().answers[initiateMethod] = func(json.RawMessage) (any, error) { return nil, rpc.ErrShutdown }
	s.wants(s.writer.Migrate(context.Background(), sourceRef, targetRef, modelRef, account), fleet.Unreachable)
	if sent := s.source().sent(initiateMethod); len(sent) != 1 {
		t.Errorf("%d calls", len(sent))
	}
}

func TestARefusedMigrationSaysWhyWithoutSecrets(t *testing.T) {
	for code, want := range map[string]fleet.ProblemCode{
		"":                        fleet.Refused,
		params.CodeNotSupported:   fleet.Refused,
		params.CodeAlreadyExists:  fleet.Exists,
		params.CodeUnauthorized:   fleet.Forbidden,
		params.CodeNotFound:       fleet.NotFound,
		params.CodeRedirect:       fleet.Moved,
		"a code of the future":    fleet.Other,
		params.CodeUserNotFound:   fleet.NotFound,
		params.CodeTryAgain:       fleet.Busy,
		params.CodeNotImplemented: fleet.Unsupported,
	} {
		s := newStandIn(t, "3.6.4", "3.6.11")
		s.source().says(initiateMethod, initiated("", &params.Error{Code: code, Message: "no: canary-temporary does not do"}))
		err := s.writer.Migrate(context.Background(), sourceRef, targetRef, modelRef, account)
		s.wants(err, want)
		if err == nil || !strings.Contains(err.Error(), "no: (secret) does not do") {
			t.Errorf("%q: %v", code, err)
		}
	}
}

func TestAMigrationThatNeitherBeganNorWasRefusedIsNotTakenForBegun(t *testing.T) {
	s := newStandIn(t, "3.6.4", "3.6.11")
	s.source().says(initiateMethod, initiated("", nil))
	s.wants(s.writer.Migrate(context.Background(), sourceRef, targetRef, modelRef, account), fleet.Other)
}

func TestAModelIsLookedForOnAController(t *testing.T) {
	ctx := context.Background()
	busy := params.ModelInfo{
		UUID: modelUUID, Name: "web", OwnerTag: "user-admin", Life: "alive", Type: "iaas", CloudTag: "cloud-c",
		Status:    params.EntityStatus{Status: "busy", Info: "importing"},
		Migration: &params.ModelMigrationStatus{Status: "the model is being migrated"},
	}
	say := func(s *server, result params.ModelInfoResult) {
		s.says("ModelManager.ModelInfo", params.ModelInfoResults{Results: []params.ModelInfoResult{result}})
	}
	t.Run("of what it does not have it says no", func(t *testing.T) {
		for _, code := range []string{params.CodeUnauthorized, params.CodeNotFound, params.CodeModelNotFound, params.CodeRedirect} {
			s := newStandIn(t, "3.6.4", "3.6.11")
			say(s.source(), params.ModelInfoResult{Error: &params.Error{Code: code, Message: "x"}})
			_, found, err := s.reader.ModelAt(ctx, sourceRef, modelRef)
			if found || err != nil {
				t.Errorf("%s: %t, %v", code, found, err)
			}
		}
	})
	t.Run("nobody but a superuser is believed that it has none", func(t *testing.T) {
		for _, code := range []string{params.CodeUnauthorized, params.CodeNotFound} {
			s := newStandIn(t, "3.6.4", "3.6.11")
			s.source().access = fleet.AccessLogin
			say(s.source(), params.ModelInfoResult{Error: &params.Error{Code: code, Message: "x"}})
			_, found, err := s.reader.ModelAt(ctx, sourceRef, modelRef)
			if s.wants(err, fleet.Forbidden); found {
				t.Errorf("%s: found", code)
			}
		}
	})
	t.Run("trouble is no answer", func(t *testing.T) {
		for code, want := range map[string]fleet.ProblemCode{"": fleet.Busy, params.CodeUpgradeInProgress: fleet.Busy, "a code of the future": fleet.Other} {
			s := newStandIn(t, "3.6.4", "3.6.11")
			say(s.source(), params.ModelInfoResult{Error: &params.Error{Code: code, Message: "model not found"}})
			_, found, err := s.reader.ModelAt(ctx, sourceRef, modelRef)
			if s.wants(err, want); found {
				t.Errorf("%q: found", code)
			}
		}
	})
	t.Run("a model that Juju 4 calls busy is imported, not migrating away", func(t *testing.T) {
		s := newStandIn(t, "3.6.11", "4.1.0")
		say(s.source(), params.ModelInfoResult{Result: &busy})
		say(s.target(), params.ModelInfoResult{Result: &busy})
		here, _, err := s.reader.ModelAt(ctx, sourceRef, modelRef)
		if err != nil || here.Importing() || !here.LastMigration.Underway() {
			t.Errorf("source: %+v, %v", here, err)
		}
		there, found, err := s.reader.ModelAt(ctx, targetRef, modelRef)
		if err != nil || !found || !there.Importing() || there.Name != "admin/web" {
			t.Errorf("target: %+v, %v", there, err)
		}
	})
}

func TestTheErrorsOfAnEndedContextAreItsOwn(t *testing.T) {
	s := newStandIn(t, "3.6.4", "3.6.11")
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	err := s.writer.Migrate(ctx, sourceRef, targetRef, modelRef, account)
	if !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
}
