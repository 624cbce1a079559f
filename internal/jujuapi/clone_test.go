package jujuapi

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/juju/juju/rpc"
	"github.com/juju/juju/rpc/params"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

func TestWhatIsNotToldIsUnreadAndHoldsNothingUp(t *testing.T) {
	for name, code := range map[string]string{"lacks": params.CodeNotImplemented, "refuses": params.CodeUnauthorized} {
		s := newStandIn(t, "3.6.4", "3.6.11")
		holds(s.source(), map[string]any{})
		s.source().fails("Cloud.CloudInfo", code, "x")
		s.source().says("ModelManager.ModelDefaultsForClouds", params.ModelDefaultsResults{Results: make([]params.ModelDefaultsResult, 2)})
		source, _ := s.controllers()
		got, err := s.reader.Holdings(context.Background(), source)
		if err != nil || len(got.UnreadItems) != 1 || got.UnreadItems[0] != fleet.CloudAccessItem || len(got.Clouds) == 0 {
			t.Errorf("%s: %v, %v", name, got.UnreadItems, err)
		}
	}
	s := newStandIn(t, "3.6.4", "3.6.11")
	holds(s.source(), map[string]any{})
	s.source().fails("Cloud.CloudInfo", "", "EOF")
	source, _ := s.controllers()
	_, err := s.reader.Holdings(context.Background(), source)
	s.wants(err, fleet.Busy)
}

func TestKeysAndWhatMayHoldAPasswordAreNotTold(t *testing.T) {
	s := newStandIn(t, "3.6.4", "3.6.11")
	holds(s.source(), map[string]any{
		"ca-cert": "canary", "identity-public-key": "canary", "system-ssh-keys": "canary", "caas-image-repo": `{"password":"canary"}`,
		"login-token-refresh-url": "https://me:canary@example.com", "autocert-url": "https://acme.example.com",
		"object-store-s3-static-key": "canary", "object-store-s3-static-secret": "canary", "object-store-s3-static-session": "canary",
		"object-store-s3-endpoint": "https://s3.example.com", "of-a-juju-to-come": "canary",
	})
	source, _ := s.controllers()
	got, err := s.reader.Holdings(context.Background(), source)
	if err != nil {
		t.Fatal(err)
	}
	told := map[string]string{}
	for _, h := range got.Items {
		if told[h.Name] = h.Value; strings.Contains(h.Value, "canary") {
			t.Errorf("told: %+v", h)
		}
		if h.Kind == fleet.ConfigItem && h.Untold != (h.Value == "") {
			t.Errorf("untold, or with nothing in it: %+v", h)
		}
	}
	if _, ok := told["ca-cert"]; ok || told["autocert-url"] != "https://acme.example.com" || told["object-store-s3-endpoint"] != "https://s3.example.com" {
		t.Errorf("told: %v", told)
	}
}

// cloned is a stand-in whose source has one thing of each secret kind, and whose target
// has the cloud for it.
func cloned(t *testing.T, version string) *standIn {
	t.Helper()
	s := newStandIn(t, "3.6.4", version)
	defaults := params.ModelDefaults{Default: "", Controller: "http://me:canary-proxy@p"}
	clouds := params.CloudsResult{Clouds: map[string]params.Cloud{"cloud-aws": {Type: "ec2"}}}
	one := func(d params.ModelDefaults) params.ModelDefaultsResults {
		return params.ModelDefaultsResults{Results: []params.ModelDefaultsResult{{Config: map[string]params.ModelDefaults{"http-proxy": d}}}}
	}
	s.source().says("ModelManager.ModelDefaultsForClouds", one(defaults))
	s.target().says("ModelManager.ModelDefaultsForClouds", one(params.ModelDefaults{Default: ""}))
	s.target().says("Cloud.Clouds", clouds)
	s.source().says("SecretBackends.ListSecretBackends", params.ListSecretBackendsResults{Results: []params.SecretBackendResult{backend("5f0b", "safe", "vault")}})
	s.target().says("SecretBackends.ListSecretBackends", params.ListSecretBackendsResults{})
	return s
}

var (
	proxyItem = fleet.Item{Kind: fleet.ModelDefaultItem, Cloud: "aws", Name: "http-proxy"}
	safeItem  = fleet.Item{Kind: fleet.BackendItem, Name: "safe", ID: "5f0b"}
)

func TestARefusalThatRepeatsASecretIsToldWithoutIt(t *testing.T) {
	for _, version := range []string{"3.6.11", "4.1.0"} {
		s := cloned(t, version)
		no := params.ErrorResults{Results: []params.ErrorResult{{Error: &params.Error{Message: `"http://me:canary-proxy@p", canary-token: no`}}}}
		s.target().says("ModelManager.SetModelDefaults", no)
		s.target().says("SecretBackends.AddSecretBackends", params.ErrorResults{Results: []params.ErrorResult{{Error: &params.Error{Message: "canary-token: no"}}}})
		err := s.writer.Clone(context.Background(), sourceRef, targetRef, safeItem)
		s.wants(err, fleet.Refused)
		s.target().says("ModelManager.SetModelDefaults", params.ErrorResults{Results: []params.ErrorResult{{Error: &params.Error{Message: "http://me:canary-proxy@p: no"}}}})
		err = s.writer.Clone(context.Background(), sourceRef, targetRef, proxyItem)
		s.wants(err, fleet.Refused)
		if !strings.Contains(err.Error(), ": no") {
			t.Errorf("why is not told: %v", err)
		}
	}
}

func TestABackendGoesWithItsIDAndItsSecrets(t *testing.T) {
	s := cloned(t, "3.6.11")
	s.target().says("SecretBackends.AddSecretBackends", params.ErrorResults{Results: []params.ErrorResult{{}}})
	if err := s.writer.Clone(context.Background(), sourceRef, targetRef, safeItem); err != nil {
		t.Fatal(err)
	}
	sent := s.target().sent("SecretBackends.AddSecretBackends")
	if len(sent) != 1 || !strings.Contains(sent[0].args, `"id":"5f0b"`) || !strings.Contains(sent[0].args, "canary-token") {
		t.Errorf("sent %+v", sent)
	}
	for _, call := range s.target().sent("SecretBackends.ListSecretBackends") {
		if !strings.Contains(call.args, `"reveal":false`) {
			t.Errorf("the target is asked for its secrets: %s", call.args)
		}
	}
}

func TestADefaultThatTheTargetsVersionDoesNotKnowIsNotSent(t *testing.T) {
	s := cloned(t, "4.1.0")
	s.target().says("ModelManager.ModelDefaultsForClouds", params.ModelDefaultsResults{Results: []params.ModelDefaultsResult{{}}})
	s.wants(s.writer.Clone(context.Background(), sourceRef, targetRef, proxyItem), fleet.Refused)
	if n := len(s.target().sent("ModelManager.SetModelDefaults")); n > 0 {
		t.Errorf("%d calls, though Juju 4 takes anything", n)
	}
}

func TestAnAnswerOfNoCodeIsARefusalUnlessTheItemIsThere(t *testing.T) {
	s := newStandIn(t, "3.6.4", "3.6.11")
	item := fleet.Item{Kind: fleet.ConfigItem, Name: "audit-log-max-backups"}
	config := func(n int) any { return map[string]any{"config": map[string]any{"audit-log-max-backups": n}} }
	s.source().says("Controller.ControllerConfig", config(7))
	s.target().says("Controller.ControllerConfig", config(10))
	s.target().fails("Controller.ConfigSet", "", "no")
	s.wants(s.writer.Clone(context.Background(), sourceRef, targetRef, item), fleet.Refused)
	// Somebody else sets it meanwhile.
	s.target().says("Controller.ControllerConfig", config(10))
	s.target().answers["Controller.ConfigSet"] = func(json.RawMessage) (any, error) {
		s.target().says("Controller.ControllerConfig", config(8))
		return nil, &rpc.RequestError{Message: "no"}
	}
	s.wants(s.writer.Clone(context.Background(), sourceRef, targetRef, item), fleet.Exists)
	s.target().says("Controller.ControllerConfig", config(10))
	s.target().fails("Controller.ConfigSet", params.CodeOperationBlocked, "blocked")
	s.wants(s.writer.Clone(context.Background(), sourceRef, targetRef, item), fleet.Blocked)
}

func TestATargetThatIsYetToBeMadeIsAskedNothing(t *testing.T) {
	s := newStandIn(t, "3.6.4", "3.6.11")
	brings(s, "cloudcred-aws_admin_mine")
	shows(s.target(), &params.CredentialContent{AuthType: "other"})
	source, target := s.controllers()
	target.Ref, target.Planned = fleet.Ref{Name: "made"}, true
	got, err := s.reader.Belongings(context.Background(), source, target, []fleet.Model{{Ref: modelRef}, {Ref: fleet.Ref{UUID: otherUUID}}})
	if err != nil {
		t.Fatal(err)
	}
	if b := got[modelUUID]; b.Owner != "admin" || b.Clash != nil || b.Importing || b.Credential.Name != "mine" {
		t.Errorf("got %+v", b)
	}
	if n := s.target().all(); n > 0 {
		t.Errorf("%d calls", n)
	}
}

func TestAUserWithAPasswordNeedsNoRegistration(t *testing.T) {
	eachSeries(t, func(s *standIn, users map[string]*params.UserInfo) {
		ctx := context.Background()
		made, err := s.writer.AddUser(ctx, targetRef, "robot", "A robot", "canary-password")
		if err != nil || made != "" || users["robot"].DisplayName != "A robot" {
			s.Fatalf("%q, %v", made.Reveal(), err)
		}
		if sent := s.target().sent("UserManager.AddUser"); !strings.Contains(sent[0].args, `"password":"canary-password"`) {
			s.Errorf("sent %s", sent[0].args)
		}
		_, err = s.writer.AddUser(ctx, targetRef, "robot", "", "canary-password")
		s.wants(err, fleet.Exists)
		s.target().fails("UserManager.AddUser", "", "canary-password is too short")
		delete(users, "robot")
		_, err = s.writer.AddUser(ctx, targetRef, "robot", "", "canary-password")
		if err == nil || strings.Contains(err.Error(), "canary") {
			s.Errorf("got %v", err)
		}
	})
}

func TestARegistrationHasTheAddressesThatTheClientHasNow(t *testing.T) {
	s := newStandIn(t, "3.6.4", "3.6.11")
	usersOf(s.target(), true, map[string]*params.UserInfo{})
	fresh := strings.ReplaceAll(standInRegistry, "192.0.2.9:17070", "192.0.2.77:17070")
	if err := os.WriteFile(filepath.Join(s.session.cfg.Store.dir, "controllers.yaml"), []byte(fresh), 0o600); err != nil {
		t.Fatal(err)
	}
	made, err := s.writer.AddUser(context.Background(), targetRef, "bob", "", "")
	if err != nil || registered(t, made).Addrs[0] != "192.0.2.77:17070" {
		t.Errorf("%v, %v", registered(t, made).Addrs, err)
	}
}

func TestValuesAreTakenOutOfAText(t *testing.T) {
	p := &fleet.Problem{Code: fleet.Refused, Text: "token canary is not true", Remedy: "juju x"}
	err := withoutValues(p, "canary", true, nil, "")
	var got *fleet.Problem
	if !errors.As(err, &got) || got.Text != "token (value) is not (value)" || got.Code != fleet.Refused || got.Remedy != "juju x" {
		t.Errorf("got %+v", got)
	}
	if err := withoutValues(nil, "x"); err != nil {
		t.Error(err)
	}
}

func TestMachinesGivenByPeopleAreUnmanagedInJuju4(t *testing.T) {
	for version, want := range map[string]string{"3.6.11": `"type":"manual"`, "4.1.0": `"type":"unmanaged"`} {
		s := newStandIn(t, "3.6.4", version)
		s.source().says("Cloud.Clouds", params.CloudsResult{Clouds: map[string]params.Cloud{"cloud-hall": {Type: "manual", IsControllerCloud: true}}})
		s.target().says("Cloud.Clouds", params.CloudsResult{})
		s.target().says("Cloud.AddCloud", nil)
		if err := s.writer.Clone(context.Background(), sourceRef, targetRef, fleet.Item{Kind: fleet.CloudItem, Name: "hall"}); err != nil {
			t.Fatal(err)
		}
		sent := s.target().sent("Cloud.AddCloud")[0].args
		if !strings.Contains(sent, want) || strings.Contains(sent, "is-controller-cloud") {
			t.Errorf("%s is sent %s", version, sent)
		}
	}
}

func TestAJuju4ControllerThatCannotTellItsConfigurationIsLookedAt(t *testing.T) {
	for version, code := range map[string]fleet.ProblemCode{"3.6.11": fleet.Busy, "4.1.0": ""} {
		s := newStandIn(t, version, "4.1.0")
		s.source().facades["ModelConfig"] = []int{3}
		s.source().says("Controller.ListBlockedModels", params.ModelBlockInfoList{})
		s.source().says("ModelManager.ListModelSummaries", params.ModelSummaryResults{Results: []params.ModelSummaryResult{
			{Result: &params.ModelSummary{UUID: modelUUID, Name: "controller", OwnerTag: "user-admin", IsController: true, CloudTag: "cloud-aws"}},
		}})
		s.source().fails("ModelConfig.ModelGet", "", "runtime error: comparing uncomparable type map[string]string")
		source, _ := s.controllers()
		got, err := s.reader.facts(context.Background(), source)
		if fleet.CodeOf(err) != code || got.Cloud != "aws" || got.Stream != "" {
			t.Errorf("%s: %v, %+v", version, err, got)
		}
	}
}
