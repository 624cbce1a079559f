package jujutest_test

import (
	"maps"
	"slices"
	"testing"

	"github.com/juju/names/v5"

	"github.com/juju/juju/api"
	"github.com/juju/juju/api/client/charms"
	"github.com/juju/juju/api/client/cloud"
	"github.com/juju/juju/api/client/modelmanager"
	"github.com/juju/juju/api/client/secretbackends"
	"github.com/juju/juju/api/controller/controller"
	"github.com/juju/juju/rpc/params"
)

const furnished = `
controllers:
  - name: prod
    version: 3.6.11
    region: here
    clouds: [{name: moon, type: maas, regions: [sea, crater]}]
    credentials: [{cloud: moon, owner: alice, name: key, auth-type: oauth1, attributes: {maas-oauth: canary-oauth-token, token: canary-moon-token}}]
    secret-backends: [{name: safe, id: 0123456789ab}]
    config: {identity-url: https://id.example.com, agent-ratelimit-max: 3}
    models:
      - name: alice/web
        cloud: moon
        region: crater
        credential: alice/key
        secret-backends: [safe]
        config: {fan-config: 10.0.0.0/8=252.0.0.0/8}
        applications: [{name: app, units: 1, charm: "local:app"}, {name: bare, units: 1, no-manifest: true}]
      - name: plain
`

func TestCredentialsAreShownToTheirOwnersOnly(t *testing.T) {
	w := start(t, furnished)
	contents := func(conn api.Connection, secrets bool) map[string]map[string]string {
		t.Helper()
		list, err := cloud.NewClient(conn).CredentialContents("", "", secrets)
		if err != nil {
			t.Fatal(err)
		}
		out := map[string]map[string]string{}
		for _, c := range list {
			out[c.Result.Content.Cloud+"/"+c.Result.Content.Name] = c.Result.Content.Attributes
		}
		return out
	}
	admin := open(t, w, "prod", "")
	if got := contents(admin, true); len(got) != 1 || got["lab/default"]["password"] == "" {
		t.Errorf("admin is shown %v", got)
	}
	alice, err := loginAs(t, w, "prod", "", "alice", passwordOf(t, w, "prod", "alice"))
	if err != nil {
		t.Fatal(err)
	}
	if got := contents(alice, true); len(got) != 1 || got["moon/key"]["token"] != "canary-moon-token" {
		t.Errorf("alice is shown %v", got)
	}
	if got := contents(alice, false); got["moon/key"]["token"] != "" {
		t.Errorf("alice is shown secrets that she did not ask for: %v", got)
	}
	tags, err := cloud.NewClient(admin).UserCredentials(names.NewUserTag("alice"), names.NewCloudTag("moon"))
	if err != nil || len(tags) != 1 || tags[0].Id() != "moon/alice/key" {
		t.Errorf("a superuser sees the names %v, %v", tags, err)
	}
	if _, err := cloud.NewClient(alice).UserCredentials(names.NewUserTag("admin"), names.NewCloudTag("lab")); !params.IsCodeUnauthorized(err) {
		t.Errorf("alice sees admin's: %v", err)
	}
	for _, secret := range []string{"canary-oauth-token", "canary-moon-token"} {
		if shown := slices.Contains(w.Secrets(), secret); shown != (secret == "canary-moon-token") {
			t.Errorf("%s is one of the secrets: %v", secret, shown)
		}
	}
}

func TestWhatAControllerHasBesidesItsModels(t *testing.T) {
	w := start(t, furnished)
	conn := open(t, w, "prod", "")
	clouds, err := cloud.NewClient(conn).Clouds()
	if err != nil || len(clouds) != 2 || len(clouds[names.NewCloudTag("moon")].Regions) != 2 {
		t.Errorf("clouds %v, %v", clouds, err)
	}
	backends, err := secretbackends.NewClient(conn).ListSecretBackends(nil, true)
	if err != nil || len(backends) != 2 || backends[1].ID != "0123456789ab" || backends[1].Name != "safe" {
		t.Errorf("backends %v, %v", backends, err)
	}
	config, err := controller.NewClient(conn).ControllerConfig()
	if err != nil || config.IdentityURL() != "https://id.example.com" || config["agent-ratelimit-rate"] != nil || config["agent-ratelimit-max"] == nil {
		t.Errorf("%v, %v", config, err)
	}
	infos, err := modelmanager.NewClient(conn).ModelInfo([]names.ModelTag{modelTag(t, w, "prod", "alice/web"), modelTag(t, w, "prod", "plain")})
	if err != nil || infos[0].Error != nil {
		t.Fatal(err, infos)
	}
	web, plain := infos[0].Result, infos[1].Result
	if web.CloudTag != "cloud-moon" || web.CloudRegion != "crater" || web.CloudCredentialTag != "cloudcred-moon_alice_key" ||
		len(web.SecretBackends) != 1 || web.SecretBackends[0].ID != "0123456789ab" {
		t.Errorf("%+v", web)
	}
	if plain.CloudTag != "cloud-lab" || plain.CloudRegion != "here" || plain.CloudCredentialTag != "cloudcred-lab_admin_default" || len(plain.SecretBackends) != 0 {
		t.Errorf("%+v", plain)
	}
}

func TestCharmsTellWhetherTheyHaveAManifest(t *testing.T) {
	w := start(t, furnished)
	conn := open(t, w, "prod", "alice/web")
	st := status(t, conn)
	for app, want := range map[string]struct {
		url      string
		manifest bool
	}{"app": {"local:app-1", true}, "bare": {"ch:amd64/bare-1", false}} {
		url := st.Applications[app].Charm
		info, err := charms.NewClient(conn).CharmInfo(url)
		if err != nil || url != want.url || (info.Manifest != nil) != want.manifest {
			t.Errorf("%s: %s %+v, %v", app, url, info, err)
		}
	}
	if _, err := charms.NewClient(conn).CharmInfo("ch:amd64/other-1"); !params.IsCodeNotFound(err) {
		t.Errorf("another charm: %v", err)
	}
}

// Juju 4.1 panics at the versions that this client knows, and has other ones.
func TestOfAllModelsJuju4TellsAtNewerVersionsOnly(t *testing.T) {
	w := start(t, furnished)
	configs, err := controller.NewClient(open(t, w, "prod", "")).HostedModelConfigs()
	if err != nil || len(configs) != 2 || configs[0].Config["fan-config"] == "" || configs[0].CloudSpec.Credential == nil {
		t.Fatalf("%+v, %v", configs, err)
	}
	w = start(t, "controllers: [{name: prod, version: 4.1.0, models: [{name: bob/web}]}]")
	conn := open(t, w, "prod", "")
	for _, method := range []string{"HostedModelConfigs", "AllModels", "ListBlockedModels"} {
		if err := conn.APICall("Controller", 12, "", method, nil, nil); err == nil || params.ErrCode(err) != "" {
			t.Errorf("%s v12: %v", method, err)
		}
	}
	var got struct {
		Models     []map[string]any `json:"models"`
		UserModels []struct {
			Model map[string]any `json:"model"`
		} `json:"user-models"`
	}
	if err := conn.APICall("Controller", 14, "", "HostedModelConfigs", nil, &got); err != nil || len(got.Models) != 1 || got.Models[0]["qualifier"] != "bob" {
		t.Errorf("%+v, %v", got, err)
	}
	if err := conn.APICall("Controller", 13, "", "AllModels", nil, &got); err != nil || len(got.UserModels) != 2 {
		t.Fatalf("%+v, %v", got, err)
	}
	if keys := slices.Sorted(maps.Keys(got.UserModels[1].Model)); !slices.Equal(keys, []string{"name", "qualifier", "type", "uuid"}) {
		t.Errorf("a model has %v", keys)
	}
}
