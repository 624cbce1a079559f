package jujuapi

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/juju/juju/rpc/params"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

func backend(id, name, kind string) params.SecretBackendResult {
	return params.SecretBackendResult{ID: id, Result: params.SecretBackend{
		Name: name, BackendType: kind, Config: map[string]interface{}{"token": "canary-token"},
	}}
}

// holds gives a server something of all that is asked for.
func holds(s *server, config map[string]any) {
	seen := time.Date(2026, 11, 25, 1, 2, 3, 0, time.UTC)
	s.says("Controller.ControllerConfig", map[string]any{"config": config})
	s.says("UserManager.UserInfo", params.UserInfoResults{Results: []params.UserInfoResult{
		{Result: &params.UserInfo{Username: "admin", DisplayName: "Admin", Access: fleet.AccessSuperuser, LastConnection: &seen}},
		{Result: &params.UserInfo{Username: "bob", Disabled: true}},
	}})
	s.says("Cloud.Clouds", params.CloudsResult{Clouds: map[string]params.Cloud{
		"cloud-east2":  {Type: "openstack", Regions: []params.CloudRegion{{Name: "r10"}, {Name: "r9"}}, Endpoint: "https://canary@east"},
		"cloud-east10": {Type: "k8s"},
	}})
	s.says("SecretBackends.ListSecretBackends", params.ListSecretBackendsResults{Results: []params.SecretBackendResult{
		backend(sourceUUID, "internal", "controller"),
		backend(modelUUID, "web-local", "kubernetes"),
		{ID: otherUUID, Error: &params.Error{Message: "cannot be described"}},
		backend("5f0c", "vault-local", "vault"),
		backend("5f0b", "cluster", "kubernetes"),
	}})
}

func TestHoldingsAreWhatAControllerHas(t *testing.T) {
	s := newStandIn(t, "3.6.4", "3.6.11")
	holds(s.source(), map[string]any{
		"identity-url": "https://idp.example.com", "agent-ratelimit-max": 25, "agent-ratelimit-rate": "2s", "migration-agent-wait-time": "30m0s",
	})
	source, _ := s.controllers()
	got, err := s.reader.Holdings(context.Background(), source)
	if err != nil {
		t.Fatal(err)
	}
	want := fleet.Holdings{
		Users: []fleet.User{
			{Name: "admin", DisplayName: "Admin", Access: fleet.AccessSuperuser, LastLogin: time.Date(2026, 11, 25, 1, 2, 3, 0, time.UTC)},
			{Name: "bob", Disabled: true},
		},
		IdentityURL:    "https://idp.example.com",
		Clouds:         []fleet.Cloud{{Name: "east2", Type: "openstack", Regions: []string{"r9", "r10"}}, {Name: "east10", Type: "k8s"}},
		SecretBackends: []fleet.SecretBackend{{ID: "5f0b", Name: "cluster", Type: "kubernetes"}, {ID: "5f0c", Name: "vault-local", Type: "vault"}},
		AgentRate:      fleet.AgentRate{Burst: 25, Interval: 2 * time.Second},
		MigrationWait:  30 * time.Minute,
	}
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(fleet.Holdings{}, "Items", "UnreadItems")); diff != "" {
		t.Error(diff)
	}
	if strings.Contains(fmt.Sprintf("%+v", got), "canary") {
		t.Error("a secret is kept")
	}
	if sent := s.source().sent("SecretBackends.ListSecretBackends"); !strings.Contains(sent[0].args, `"reveal":false`) {
		t.Errorf("asked for secrets: %s", sent[0].args)
	}
	if sent := s.source().sent("UserManager.UserInfo"); !strings.Contains(sent[0].args, `"include-disabled":true`) {
		t.Errorf("leaves users out: %s", sent[0].args)
	}
	if n := s.source().all(); n != 6 {
		t.Errorf("%d calls", n)
	}
}

func TestWhatIsNotConfiguredIsJujusDefault(t *testing.T) {
	s := newStandIn(t, "3.6.4", "2.9.52")
	for _, server := range s.servers {
		holds(server, map[string]any{"controller-uuid": sourceUUID})
	}
	source, target := s.controllers()
	got, err := s.reader.Holdings(context.Background(), source)
	if err != nil || got.AgentRate != (fleet.AgentRate{Burst: 10, Interval: 250 * time.Millisecond}) || got.MigrationWait != 15*time.Minute || got.IdentityURL != "" {
		t.Errorf("got %+v, %v", got, err)
	}
	got, err = s.reader.Holdings(context.Background(), target)
	if err != nil || len(got.SecretBackends) > 0 || len(s.target().sent("SecretBackends.ListSecretBackends")) > 0 {
		t.Errorf("2.9 has backends: %+v, %v", got, err)
	}
}

func TestABucketOfNoneIsNoLimit(t *testing.T) {
	s := newStandIn(t, "3.6.4", "3.6.11")
	holds(s.source(), map[string]any{"agent-ratelimit-max": 0})
	source, _ := s.controllers()
	got, err := s.reader.Holdings(context.Background(), source)
	if err != nil || got.AgentRate.Within(time.Minute, 1) != 0 {
		t.Errorf("got %+v, %v", got.AgentRate, err)
	}
}

func TestAUserWhoCannotBeDescribedIsNotLeftOut(t *testing.T) {
	s := newStandIn(t, "3.6.4", "3.6.11")
	s.source().says("UserManager.UserInfo", params.UserInfoResults{Results: []params.UserInfoResult{
		{Result: &params.UserInfo{Username: "admin"}}, {Error: &params.Error{Message: "EOF"}},
	}})
	_, err := s.reader.Users(context.Background(), sourceRef)
	s.wants(err, fleet.Busy)
}

func TestOffersAndWhatIsConsumedComeWithTheStatus(t *testing.T) {
	s := newStandIn(t, "3.6.4", "3.6.11")
	s.source().says("Client.FullStatus", params.FullStatus{
		Model: params.ModelStatusInfo{ModelStatus: params.DetailedStatus{Status: "busy", Info: "aborted: credential attribute mismatch: map[key:canary] != map[]"}},
		Offers: map[string]params.ApplicationOfferStatus{
			"db10": {OfferName: "db10", ApplicationName: "pg", ActiveConnectedCount: 1, TotalConnectedCount: 2}, "db9": {OfferName: "db9"},
		},
		RemoteApplications: map[string]params.RemoteApplicationStatus{
			"mail": {OfferURL: "other:bob/mail.smtp", Status: params.DetailedStatus{Status: "error", Info: "gone"}},
		},
	})
	got, err := s.reader.ModelStatus(context.Background(), sourceRef, modelRef)
	if err != nil {
		t.Fatal(err)
	}
	want := fleet.ModelStatus{
		Condition: fleet.Condition{Status: "busy", Message: "aborted: credential attribute mismatch: (values are not shown)"},
		Offers:    []fleet.Offer{{Name: "db9"}, {Name: "db10", Application: "pg", Connected: 1, Total: 2}},
		Remotes:   []fleet.Remote{{Name: "mail", OfferURL: "other:bob/mail.smtp", Status: fleet.Condition{Status: "error", Message: "gone"}}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestTheLatestMigrationIsTold(t *testing.T) {
	start, end := time.Unix(1000, 0).UTC(), time.Unix(2000, 0).UTC()
	summary := func(m *params.ModelMigrationStatus) params.ModelSummaryResult {
		return params.ModelSummaryResult{Result: &params.ModelSummary{UUID: modelUUID, Name: "web", OwnerTag: "user-admin", Migration: m}}
	}
	s := newStandIn(t, "3.6.4", "3.6.11")
	s.source().says("ModelManager.ListModelSummaries", params.ModelSummaryResults{Results: []params.ModelSummaryResult{
		summary(nil),
		summary(&params.ModelMigrationStatus{Status: "exporting model", Start: &start}),
		summary(&params.ModelMigrationStatus{Status: " aborted, removing: credential attribute mismatch: map[key:canary\n] != map[]", Start: &start, End: &end}),
		summary(&params.ModelMigrationStatus{Start: &start}),
	}})
	got, err := s.reader.Models(context.Background(), sourceRef)
	if err != nil {
		t.Fatal(err)
	}
	var told []string
	for _, m := range got {
		line := m.Migration
		if m.LastMigration != nil {
			line += fmt.Sprintf(" | %s %t %d", m.LastMigration.Status, m.LastMigration.Underway(), m.LastMigration.Start.Unix())
		}
		told = append(told, line)
	}
	want := []string{
		"",
		"exporting model | exporting model true 1000",
		" | aborted, removing: credential attribute mismatch: (values are not shown) false 1000",
		"starting |  true 1000",
	}
	if diff := cmp.Diff(want, told); diff != "" {
		t.Error(diff)
	}
}

func TestEachCharmIsAskedForOnce(t *testing.T) {
	s := newStandIn(t, "3.6.11", "4.1.0")
	s.source().says("Client.FullStatus", params.FullStatus{Applications: map[string]params.ApplicationStatus{
		"a1": {Charm: "ch:amd64/tiny-4"}, "a2": {Charm: "ch:amd64/tiny-4"}, "b": {Charm: "local:old-0"},
	}})
	s.source().answers["Charms.CharmInfo"] = func(raw json.RawMessage) (any, error) {
		var args params.CharmURL
		if err := json.Unmarshal(raw, &args); err != nil {
			return nil, err
		}
		charm := params.Charm{URL: args.URL, Manifest: &params.CharmManifest{}}
		if args.URL == "ch:amd64/tiny-4" {
			charm.Manifest.Bases = []params.CharmBase{{Name: "ubuntu", Channel: "24.04/stable"}}
		}
		return charm, nil
	}
	source, _ := s.controllers()
	got, err := s.reader.Charms(context.Background(), source, fleet.Model{Ref: modelRef})
	if err != nil {
		t.Fatal(err)
	}
	want := []fleet.Charm{
		{Application: "a1", URL: "ch:amd64/tiny-4", Manifest: true}, {Application: "a2", URL: "ch:amd64/tiny-4", Manifest: true},
		{Application: "b", URL: "local:old-0"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if n := len(s.source().sent("Charms.CharmInfo")); n != 2 {
		t.Errorf("%d calls for 2 charms", n)
	}
}
