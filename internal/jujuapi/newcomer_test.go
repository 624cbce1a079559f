package jujuapi_test

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujuapi"
)

// The files of a client that knows some clouds.
const (
	knownClouds = `
clouds:
  stack:
    type: openstack
    auth-types: [userpass]
    endpoint: https://stack.example.com
    regions: {r1: {}, r2: {endpoint: https://r2.example.com}}
    config: {http-proxy: "http://me:canary@proxy", audit-log-max-backups: 7, bootstrap-timeout: 100}
    region-config: {r2: {ftp-proxy: there}}
  many: {type: openstack, auth-types: [userpass], endpoint: e, regions: {one: {}}}
  given: {type: manual, auth-types: [empty], endpoint: 10.0.0.1, regions: {default: {}}}
  pods: {type: kubernetes, auth-types: [certificate], endpoint: https://k, host-cloud-region: aws/eu, regions: {eu: {}}}
`
	knownCredentials = `
credentials:
  stack: {default-region: r2, mine: {auth-type: userpass, username: me, password: canary}}
  many: {one: {auth-type: userpass, username: me, password: canary}, two: {auth-type: userpass, username: me, password: canary}}
  pods: {mine: {auth-type: certificate, Token: canary}}
`
	knownControllers = `
controllers:
  old: {uuid: 11111111-1111-4111-8111-111111111111, api-endpoints: ["10.0.0.1:17070"], ca-cert: x, cloud: c}
  half: {uuid: 22222222-2222-4222-8222-222222222222, api-endpoints: [], ca-cert: x, cloud: c}
`
)

// client is a reader of a client with these files.
func client(t *testing.T, files map[string]string) *jujuapi.Reader {
	t.Helper()
	dir := t.TempDir()
	for name, content := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	s, err := jujuapi.New(jujuapi.Config{Store: jujuapi.StoreIn(dir)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s.Reader()
}

func knownClient(t *testing.T) *jujuapi.Reader {
	t.Helper()
	return client(t, map[string]string{"clouds.yaml": knownClouds, "credentials.yaml": knownCredentials, "controllers.yaml": knownControllers})
}

func TestANewControllerIsWhatBootstrapWillMake(t *testing.T) {
	r := knownClient(t)
	got, err := r.Newcomer(context.Background(), "new", fleet.Bootstrap{
		Cloud: "stack", Version: v("3.6.11"),
		Args: []string{"--config", "agent-ratelimit-max=33", "--config=migration-agent-wait-time=30m", "--model-default", "test-mode=true", "--no-gui"},
	})
	if err != nil || got.Problem != nil {
		t.Fatalf("%v, %+v", err, got.Problem)
	}
	h := got.Holdings
	got.Holdings = nil
	want := fleet.Controller{
		Ref: fleet.Ref{Name: "new"}, Planned: true, Version: v("3.6.11"), Cloud: "stack", Region: "r2", User: "admin", Access: fleet.AccessSuperuser,
		Uploads: fleet.Credential{Cloud: "stack", Owner: "admin", Name: "mine"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if h.AgentRate != (fleet.AgentRate{Burst: 33, Interval: 250 * time.Millisecond}) || h.MigrationWait != 30*time.Minute ||
		h.HA == nil || !h.HA.Makes || h.User("admin") == nil || h.Cloud("stack") == nil || len(h.UnreadItems) > 0 {
		t.Errorf("got %+v", h)
	}
	var chosen []string
	for _, i := range h.Items {
		if strings.Contains(i.Value, "canary") {
			t.Errorf("a secret is told: %+v", i)
		}
		if !i.Preset {
			chosen = append(chosen, i.Path()+" "+i.Value)
		}
	}
	slices.Sort(chosen)
	if diff := cmp.Diff([]string{
		"clouds/stack ", "config/agent-ratelimit-max 33", "config/audit-log-max-backups 7", "config/migration-agent-wait-time 30m0s",
		"model-defaults/stack/ftp-proxy ", "model-defaults/stack/http-proxy ", "model-defaults/stack/r2/ftp-proxy ", "model-defaults/stack/test-mode ",
	}, chosen); diff != "" {
		t.Error(diff)
	}
}

// TestASettingByItselfGoesOverAFileWhereverItStands: as juju has it.
func TestASettingByItselfGoesOverAFileWhereverItStands(t *testing.T) {
	file := filepath.Join(t.TempDir(), "config.yaml")
	if err := os.WriteFile(file, []byte("agent-ratelimit-max: 44\nmigration-agent-wait-time: 40m\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"--config=agent-ratelimit-max=33", "--config=" + file}, {"--config", file, "--config", "agent-ratelimit-max=33"}} {
		got, err := knownClient(t).Newcomer(context.Background(), "new", fleet.Bootstrap{Cloud: "stack", Version: v("3.6.11"), Args: args})
		if err != nil || got.Problem != nil {
			t.Fatalf("%v, %+v", err, got.Problem)
		}
		if h := got.Holdings; h.AgentRate.Burst != 33 || h.MigrationWait != 40*time.Minute {
			t.Errorf("%q: %d agents at once, %s", args, h.AgentRate.Burst, h.MigrationWait)
		}
	}
}

func TestANewControllersServersDependOnWhereItIs(t *testing.T) {
	r := knownClient(t)
	for _, test := range []struct {
		cloud, version string
		want           *fleet.HA
	}{
		{"given", "3.6.11", &fleet.HA{Servers: 1, Well: 1}},
		{"stack", "4.1.0", &fleet.HA{Servers: 1, Well: 1}},
		{"pods", "3.6.11", nil},
	} {
		got, err := r.Newcomer(context.Background(), "new", fleet.Bootstrap{Cloud: test.cloud, Version: v(test.version)})
		if err != nil || got.Problem != nil {
			t.Fatalf("%s: %v, %+v", test.cloud, err, got.Problem)
		}
		if diff := cmp.Diff(test.want, got.Holdings.HA); diff != "" {
			t.Errorf("%s: %s", test.cloud, diff)
		}
	}
}

func TestWhatTheClientDoesNotKnowIsAProblemWithARemedy(t *testing.T) {
	r := knownClient(t)
	for what, test := range map[string]struct {
		name   string
		how    fleet.Bootstrap
		code   fleet.ProblemCode
		remedy string
	}{
		"fine":                     {"new", fleet.Bootstrap{Cloud: "stack", Region: "R1"}, "", ""},
		"one that needs no entry":  {"new", fleet.Bootstrap{Cloud: "localhost"}, "", ""},
		"an address for a region":  {"new", fleet.Bootstrap{Cloud: "manual", Region: "10.0.0.9"}, "", ""},
		"a cloud":                  {"new", fleet.Bootstrap{Cloud: "nowhere"}, fleet.NotFound, "juju add-cloud --client nowhere"},
		"a region":                 {"new", fleet.Bootstrap{Cloud: "stack", Region: "r9"}, fleet.NotFound, "juju regions --client stack"},
		"any credential":           {"new", fleet.Bootstrap{Cloud: "aws"}, fleet.NotFound, "juju add-credential --client aws"},
		"which of the credentials": {"new", fleet.Bootstrap{Cloud: "many"}, fleet.NotFound, "juju default-credential many one"},
		"one that is named":        {"new", fleet.Bootstrap{Cloud: "many", Args: []string{"--credential=two"}}, "", ""},
		"that credential":          {"new", fleet.Bootstrap{Cloud: "many", Args: []string{"--credential", "three"}}, fleet.NotFound, "juju add-credential --client many"},
		"a free name":              {"old", fleet.Bootstrap{Cloud: "stack"}, fleet.Exists, "juju show-controller old"},
		"one that is half made":    {"half", fleet.Bootstrap{Cloud: "stack"}, fleet.Exists, "juju unregister half"},
	} {
		test.how.Version = v("3.6.11")
		got, err := r.Newcomer(context.Background(), test.name, test.how)
		if err != nil {
			t.Fatalf("%s: %v", what, err)
		}
		var problem fleet.Problem
		if got.Problem != nil {
			problem = *got.Problem
		}
		if problem.Code != test.code || problem.Remedy != test.remedy || strings.Contains(problem.Text, "canary") || !got.Planned {
			t.Errorf("%s: %+v", what, problem)
		}
	}
}

func TestTheRegionIsThatOfBootstrap(t *testing.T) {
	r := knownClient(t)
	for _, test := range []struct{ cloud, region, want string }{
		{"stack", "", "r2"}, {"stack", "R1", "r1"}, {"given", "", "default"}, {"manual", "10.0.0.9", ""}, {"localhost", "", "localhost"},
	} {
		got, err := r.Newcomer(context.Background(), "new", fleet.Bootstrap{Cloud: test.cloud, Region: test.region, Version: v("3.6.11")})
		if err != nil || got.Region != test.want {
			t.Errorf("%s/%s is %q, %v, %+v", test.cloud, test.region, got.Region, err, got.Problem)
		}
	}
}

func TestAFileOfTheClientThatCannotBeReadIsSaidWithoutQuotingIt(t *testing.T) {
	for _, file := range []string{"clouds.yaml", "credentials.yaml", "public-clouds.yaml"} {
		files := map[string]string{"clouds.yaml": knownClouds, "credentials.yaml": knownCredentials}
		if file == "public-clouds.yaml" {
			files = map[string]string{}
		}
		files[file] = "clouds: canary\ncredentials: canary\n"
		_, err := client(t, files).Newcomer(context.Background(), "new", fleet.Bootstrap{Cloud: "stack", Version: v("3.6.11")})
		if !errors.Is(err, jujuapi.ErrBadStore) || !strings.Contains(err.Error(), file) || strings.Contains(err.Error(), "canary") {
			t.Errorf("%s: %v", file, err)
		}
	}
}

func TestARegisteredNameIsReadAnew(t *testing.T) {
	b := prepare(t, "controllers: [{name: prod, version: 3.6.11}]\n")
	got, ok, err := b.reader.Registered("prod")
	if err != nil || !ok || !got.Addressed || got.Name != "prod" || got.UUID == "" {
		t.Errorf("got %+v, %t, %v", got, ok, err)
	}
	if _, ok, err = b.reader.Registered("half"); err != nil || ok {
		t.Errorf("%t, %v", ok, err)
	}
	b.write("controllers.yaml", knownControllers)
	if got, ok, err = b.reader.Registered("half"); err != nil || !ok || got.Addressed || got.UUID != "22222222-2222-4222-8222-222222222222" {
		t.Errorf("got %+v, %t, %v", got, ok, err)
	}
}
