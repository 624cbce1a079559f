package jujuapi

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/juju/juju/rpc/params"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// brings has the source tell of a model web, and the target of none.
func brings(s *standIn, credential string) {
	no := false
	s.source().says("ModelManager.ModelInfo", params.ModelInfoResults{Results: []params.ModelInfoResult{
		{Result: &params.ModelInfo{
			UUID: modelUUID, Name: "web", OwnerTag: "user-admin", CloudTag: "cloud-aws", CloudCredentialTag: credential,
			CloudCredentialValidity: &no,
			Users:                   []params.ModelUserInfo{{UserName: "bob@idp", Access: "read"}, {UserName: "admin", Access: "admin"}},
			SecretBackends:          []params.SecretBackendResult{backend("", "vault", "vault"), backend("", "web-local", "kubernetes")},
		}},
		{Error: &params.Error{Code: params.CodeUnauthorized, Message: "permission denied"}},
	}})
	s.target().says("ModelManager.ModelInfo", params.ModelInfoResults{Results: []params.ModelInfoResult{
		{Error: &params.Error{Code: params.CodeUnauthorized}}, {Error: &params.Error{Code: params.CodeUnauthorized}},
	}})
	s.source().says("SecretBackends.ListSecretBackends", params.ListSecretBackendsResults{Results: []params.SecretBackendResult{
		backend("5f0b", "vault", "vault"), backend("5f0a", "other", "vault"), backend(sourceUUID, "internal", "controller"),
	}})
	for _, server := range s.servers {
		server.says("Cloud.UserCredentials", params.StringsResults{Results: []params.StringsResult{{}}})
		shows(server, nil)
	}
	hosts(s.source(), &params.CloudCredential{AuthType: "access-key", Attributes: map[string]string{"access-key": "id", "secret-key": "canary-source"}})
}

// hosts has the source tell the configuration of the model.
func hosts(s *server, credential *params.CloudCredential) {
	s.says("Controller.HostedModelConfigs", params.HostedModelConfigsResults{Models: []params.HostedModelConfig{
		{Name: "gone", Error: &params.Error{Message: "cannot be read"}},
		{Name: "web", OwnerTag: "user-admin", Config: map[string]interface{}{
			"uuid": modelUUID, "fan-config": "10.0.0.0/8=252.0.0.0/8", "container-networking-method": "fan", "secret-backend": "other",
			"http-proxy": "http://me:canary-proxy@proxy",
		}, CloudSpec: &params.CloudSpec{Credential: credential}},
	}})
}

// shows has a server show its user's own credential.
func shows(s *server, credential *params.CredentialContent) {
	result := params.CredentialContentResult{Error: &params.Error{Code: params.CodeNotFound}}
	if credential != nil {
		result = params.CredentialContentResult{Result: &params.ControllerCredentialInfo{Content: *credential}}
	}
	s.answers["Cloud.CredentialContents"] = func(raw json.RawMessage) (any, error) {
		var args params.CloudCredentialArgs
		if err := json.Unmarshal(raw, &args); err != nil {
			return nil, err
		}
		var out params.CredentialContentResults
		for range args.Credentials {
			out.Results = append(out.Results, result)
		}
		return out, nil
	}
}

func (s *standIn) belongings() map[string]fleet.Belongings {
	s.Helper()
	source, target := s.controllers()
	got, err := s.reader.Belongings(context.Background(), source, target, []fleet.Model{
		{Ref: modelRef}, {Ref: fleet.Ref{UUID: otherUUID, Name: "admin/gone"}},
	})
	if err != nil {
		s.Fatal(err)
	}
	if text := fmt.Sprintf("%+v", got); strings.Contains(text, "canary") {
		s.Errorf("a secret comes out: %s", text)
	}
	return got
}

const adminsCredential = "cloudcred-aws_admin_default"

func TestBelongingsAreWhatAModelBringsAlong(t *testing.T) {
	s := newStandIn(t, "3.6.4", "3.6.11")
	brings(s, adminsCredential)
	want := map[string]fleet.Belongings{modelUUID: {
		Owner:            "admin",
		Users:            []fleet.ModelUser{{Name: "admin", Access: "admin"}, {Name: "bob@idp", Access: "read"}},
		Credential:       fleet.Credential{Cloud: "aws", Owner: "admin", Name: "default", Invalid: true},
		SecretBackends:   []string{"5f0a", "5f0b"},
		FanConfig:        "10.0.0.0/8=252.0.0.0/8",
		NetworkingMethod: "fan",
	}}
	if diff := cmp.Diff(want, s.belongings()); diff != "" {
		t.Error(diff)
	}
	if n := s.source().all() + s.target().all(); n != 7 {
		t.Errorf("%d calls", n)
	}
}

func TestBackendsThatAreKnownAreNotAskedForAgain(t *testing.T) {
	s := newStandIn(t, "3.6.4", "3.6.11")
	brings(s, adminsCredential)
	source, target := s.controllers()
	source.Holdings = &fleet.Holdings{SecretBackends: []fleet.SecretBackend{{ID: "5f09", Name: "vault"}}}
	got, err := s.reader.Belongings(context.Background(), source, target, []fleet.Model{{Ref: modelRef}, {Ref: modelRef}})
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"5f09"}, got[modelUUID].SecretBackends); diff != "" || len(s.source().sent("SecretBackends.ListSecretBackends")) > 0 {
		t.Error(diff)
	}
}

func TestCredentialsAreComparedAsTheImportDoes(t *testing.T) {
	attributes := func(list ...string) map[string]string {
		out := map[string]string{}
		for i := 0; i < len(list); i += 2 {
			out[list[i]] = list[i+1]
		}
		return out
	}
	for name, test := range map[string]struct {
		target *params.CredentialContent
		want   *fleet.Clash
	}{
		"none there": {nil, nil},
		"equal":      {&params.CredentialContent{AuthType: "access-key", Attributes: attributes("access-key", "id", "secret-key", "canary-source")}, nil},
		"another value": {
			&params.CredentialContent{AuthType: "access-key", Attributes: attributes("access-key", "id", "secret-key", "canary-target")},
			&fleet.Clash{Attributes: []string{"secret-key"}},
		},
		"on one side only": {
			&params.CredentialContent{AuthType: "access-key", Attributes: attributes("secret-key", "canary-source", "region", "x")},
			&fleet.Clash{Attributes: []string{"access-key", "region"}},
		},
		"another auth type": {
			&params.CredentialContent{AuthType: "instance-role", Attributes: attributes("access-key", "id", "secret-key", "canary-source")},
			&fleet.Clash{AuthTypes: true},
		},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStandIn(t, "3.6.4", "3.6.11")
			brings(s, adminsCredential)
			shows(s.source(), &params.CredentialContent{AuthType: "access-key", Attributes: attributes("access-key", "id", "secret-key", "canary-source")})
			shows(s.target(), test.target)
			if diff := cmp.Diff(test.want, s.belongings()[modelUUID].Clash); diff != "" {
				t.Error(diff)
			}
		})
	}
}

// TestTheCredentialThatBootstrapUploadsIsComparedBefore: a controller that is to be made
// cannot be asked, and gets what is in the client's file.
func TestTheCredentialThatBootstrapUploadsIsComparedBefore(t *testing.T) {
	for name, test := range map[string]struct {
		here params.CloudCredential
		up   string
		want *fleet.Clash
	}{
		"equal":            {params.CloudCredential{AuthType: "access-key", Attributes: map[string]string{"access-key": "id", "secret-key": "canary"}}, "default", nil},
		"another value":    {params.CloudCredential{AuthType: "access-key", Attributes: map[string]string{"access-key": "id", "secret-key": "canary-here"}}, "default", &fleet.Clash{Attributes: []string{"secret-key"}}},
		"another type":     {params.CloudCredential{AuthType: "userpass"}, "default", &fleet.Clash{AuthTypes: true, Attributes: []string{"access-key", "secret-key"}}},
		"of another name":  {params.CloudCredential{AuthType: "userpass"}, "files", nil},
		"none is uploaded": {params.CloudCredential{AuthType: "userpass"}, "", nil},
	} {
		t.Run(name, func(t *testing.T) {
			s := newStandIn(t, "3.6.4", "3.6.11")
			s.keeps("credentials.yaml", uploadable)
			brings(s, adminsCredential)
			hosts(s.source(), &test.here)
			if diff := cmp.Diff(test.want, s.uploading("aws", test.up).Clash); diff != "" {
				t.Error(diff)
			}
			if n := s.target().all(); n > 0 {
				t.Errorf("a controller that does not exist was asked %d times", n)
			}
		})
	}
}

// TestACredentialThatBootstrapMakesAnewCanNotBeCompared: what the controller gets is not
// in the client's file.
func TestACredentialThatBootstrapMakesAnewCanNotBeCompared(t *testing.T) {
	s := newStandIn(t, "3.6.4", "3.6.11")
	s.keeps("credentials.yaml", uploadable)
	brings(s, "cloudcred-aws_admin_files")
	hosts(s.source(), &params.CloudCredential{AuthType: "jsonfile", Attributes: map[string]string{"file": "canary-content"}})
	if got := s.uploading("aws", "files").Clash; got == nil || !got.Hidden || len(got.Attributes) > 0 {
		t.Errorf("got %+v", got)
	}
}

// TestAClustersCredentialIsUploadedAsItIs unless its type is one of the past.
func TestAClustersCredentialIsUploadedAsItIs(t *testing.T) {
	here := map[string]string{"ClientCertificateData": "1", "ClientKeyData": "canary"}
	for name, want := range map[string]fleet.Clash{
		"cert": {Attributes: []string{"ClientCertificateData"}},
		"old":  {Hidden: true},
	} {
		s := newStandIn(t, "3.6.4", "3.6.11")
		s.keeps("credentials.yaml", uploadable)
		brings(s, "cloudcred-k8s_admin_"+name)
		kind := map[string]string{"cert": "clientcertificate", "old": "certificate"}[name]
		hosts(s.source(), &params.CloudCredential{AuthType: kind, Attributes: here})
		if got := s.uploading("k8s", name).Clash; got == nil || !cmp.Equal(*got, want) {
			t.Errorf("%s: got %+v", name, got)
		}
	}
}

const uploadable = `
credentials:
  k8s:
    cert: {auth-type: clientcertificate, ClientCertificateData: other, ClientKeyData: canary}
    old: {auth-type: certificate, ClientCertificateData: other, Token: canary}
  aws:
    default: {auth-type: access-key, access-key: id, secret-key: canary}
    files: {auth-type: jsonfile, file: /home/canary/key.json}
`

// uploading is what the model would bring to a controller that is made with that
// credential of the client.
func (s *standIn) uploading(cloud, credential string) fleet.Belongings {
	s.Helper()
	source, _ := s.controllers()
	target := fleet.Controller{Ref: fleet.Ref{Name: "new"}, Planned: true, User: "admin"}
	if cloud == "k8s" {
		target.Holdings = &fleet.Holdings{Clouds: []fleet.Cloud{{Name: cloud, Type: "kubernetes"}}}
	}
	if credential != "" {
		target.Uploads = fleet.Credential{Cloud: cloud, Owner: "admin", Name: credential}
	}
	got, err := s.reader.Belongings(context.Background(), source, target, []fleet.Model{{Ref: modelRef}, {Ref: modelRef}})
	if err != nil {
		s.Fatal(err)
	}
	if text := fmt.Sprintf("%+v", got); strings.Contains(text, "canary") {
		s.Errorf("a secret comes out: %s", text)
	}
	return got[modelUUID]
}

func TestNoCredentialAtAllIsLikeOneWithoutAttributes(t *testing.T) {
	s := newStandIn(t, "3.6.4", "3.6.11")
	brings(s, adminsCredential)
	hosts(s.source(), &params.CloudCredential{AuthType: "empty"})
	shows(s.target(), &params.CredentialContent{AuthType: "empty", Attributes: map[string]string{}})
	if got := s.belongings()[modelUUID].Clash; got != nil {
		t.Errorf("got %+v", got)
	}
}

func TestAnAttributeThatNoControllerShowsDoesNotClash(t *testing.T) {
	s := newStandIn(t, "3.6.4", "3.6.11")
	brings(s, adminsCredential)
	hosts(s.source(), &params.CloudCredential{AuthType: "x", Attributes: map[string]string{"shown": "1", "of-no-schema": "canary"}})
	shown := &params.CredentialContent{AuthType: "x", Attributes: map[string]string{"shown": "1"}}
	shows(s.source(), shown)
	shows(s.target(), shown)
	if got := s.belongings()[modelUUID].Clash; got != nil {
		t.Errorf("got %+v", got)
	}
}

func TestACredentialOfSomebodyElseIsHidden(t *testing.T) {
	for _, listed := range []bool{false, true} {
		s := newStandIn(t, "3.6.4", "3.6.11")
		brings(s, "cloudcred-aws_bob_default")
		if listed {
			s.target().says("Cloud.UserCredentials", params.StringsResults{Results: []params.StringsResult{{Result: []string{"cloudcred-aws_bob_default"}}}})
		}
		got := s.belongings()[modelUUID]
		if listed != (got.Clash != nil && got.Clash.Hidden) || got.Credential.Owner != "bob" {
			t.Errorf("listed %t: %+v", listed, got.Clash)
		}
		for _, server := range s.servers {
			if sent := server.sent("Cloud.CredentialContents"); len(sent) > 0 {
				t.Errorf("asks for one that nobody shows: %+v", sent)
			}
		}
		if sent := s.target().sent("Cloud.UserCredentials"); !strings.Contains(sent[0].args, `{"user-tag":"user-bob","cloud-tag":"cloud-aws"}`) {
			t.Errorf("asked %s", sent[0].args)
		}
	}
}

func TestWhatTheServerDoesNotTellOfModelsLeavesTheRest(t *testing.T) {
	for _, test := range []struct{ version, code string }{
		{"3.6.4", params.CodeNotImplemented}, {"4.1.0", params.CodeNotImplemented}, {"4.1.0", ""},
	} {
		s := newStandIn(t, test.version, "4.1.1")
		brings(s, adminsCredential)
		s.source().fails("Controller.HostedModelConfigs", test.code, "runtime error: index out of range")
		here := &params.CredentialContent{AuthType: "x", Attributes: map[string]string{"a": "canary-1"}}
		shows(s.source(), here)
		shows(s.target(), &params.CredentialContent{AuthType: "x", Attributes: map[string]string{"a": "canary-2"}})
		got := s.belongings()[modelUUID]
		if got.Owner != "admin" || got.Clash == nil || len(got.Clash.Attributes) != 1 || got.FanConfig != "" {
			t.Errorf("%s %q: %+v", test.version, test.code, got)
		}
		// Neither side's values are known: that is not equal.
		shows(s.source(), nil)
		if got := s.belongings()[modelUUID]; got.Clash == nil || !got.Clash.Hidden {
			t.Errorf("%s %q: %+v", test.version, test.code, got.Clash)
		}
	}
}

func TestAModelsConfigurationIsAskedForAsTheServerHasIt(t *testing.T) {
	for version, want := range map[string]int{"2.9.52": 12, "3.6.11": 12, "4.1.0": 14} {
		s := newStandIn(t, version, "4.1.1")
		brings(s, adminsCredential)
		s.belongings()
		if sent := s.source().sent("Controller.HostedModelConfigs"); len(sent) != 1 || sent[0].version != want {
			t.Errorf("%s: %+v", version, sent)
		}
	}
}

func TestTroubleIsNotTakenForNothingToBring(t *testing.T) {
	for _, method := range []string{"Controller.HostedModelConfigs", "ModelManager.ModelInfo", "SecretBackends.ListSecretBackends", "Cloud.CredentialContents"} {
		s := newStandIn(t, "3.6.4", "3.6.11")
		brings(s, adminsCredential)
		s.source().fails(method, "", "EOF")
		source, target := s.controllers()
		_, err := s.reader.Belongings(context.Background(), source, target, []fleet.Model{{Ref: modelRef}, {Ref: modelRef}})
		s.wants(err, fleet.Busy)
	}
}

func TestAnUnfinishedImportOnTheTargetIsTold(t *testing.T) {
	for _, version := range []string{"3.6.11", "4.1.0"} {
		s := newStandIn(t, "3.6.4", version)
		brings(s, adminsCredential)
		leftover := params.ModelInfo{UUID: modelUUID, Name: "web", Status: params.EntityStatus{Status: "busy", Info: "importing"}}
		if s.target().version.Major >= 4 {
			leftover.Migration = &params.ModelMigrationStatus{Status: "the model is being migrated"}
		}
		s.target().says("ModelManager.ModelInfo", params.ModelInfoResults{Results: []params.ModelInfoResult{
			{Result: &leftover}, {Error: &params.Error{Code: params.CodeUnauthorized}},
		}})
		if !s.belongings()[modelUUID].Importing {
			t.Errorf("%s: not told", version)
		}
	}
}

func TestCallsForBelongingsDoNotGrowWithTheModels(t *testing.T) {
	count := func(n int) int {
		s := newStandIn(t, "3.6.4", "3.6.11")
		brings(s, adminsCredential)
		var models []fleet.Model
		var infos, none params.ModelInfoResults
		for i := range n {
			uuid := fmt.Sprintf("33333333-3333-4333-8333-%012d", i)
			models = append(models, fleet.Model{Ref: fleet.Ref{UUID: uuid}})
			infos.Results = append(infos.Results, params.ModelInfoResult{Result: &params.ModelInfo{UUID: uuid, OwnerTag: "user-admin", CloudCredentialTag: adminsCredential}})
			none.Results = append(none.Results, params.ModelInfoResult{Error: &params.Error{Code: params.CodeNotFound}})
		}
		s.source().says("ModelManager.ModelInfo", infos)
		s.target().says("ModelManager.ModelInfo", none)
		source, target := s.controllers()
		if _, err := s.reader.Belongings(context.Background(), source, target, models); err != nil {
			t.Fatal(err)
		}
		return s.source().all() + s.target().all()
	}
	if few, many := count(2), count(200); few != many {
		t.Errorf("%d calls for 2 models, %d for 200", few, many)
	}
}
