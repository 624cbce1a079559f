package jujutest_test

import (
	"strings"
	"testing"
	"time"

	"github.com/juju/names/v5"

	"github.com/juju/juju/api/controller/controller"
	"github.com/juju/juju/rpc/params"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujutest"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujutest/estate"
)

// checked is an estate of which %S and %T are the versions, %M is what the model is
// like, %O what the source has and %N what the target has.
const checked = `
speed: 200
controllers:
  - name: old
    version: %S
    %O
    models:
      - name: web
        %M
  - name: new
    version: %T
    %N
`

func TestWhatAMigrationIsRefusedFor(t *testing.T) {
	for name, test := range map[string]struct {
		from, to            string // 3.6.11 if empty
		source, model, into string
		code, text          string
	}{
		"dying":        {model: "life: dying", text: "source prechecks failed: model is dying"},
		"importing":    {model: "importing: true", text: "source prechecks failed: model is being imported as part of another migration"},
		"revoked":      {source: "credentials: [{revoked: true}]", text: "source prechecks failed: model has revoked credentials"},
		"objections":   {model: `objections: ["old base"]`, code: params.CodeNotSupported, text: "source prechecks failed: cannot migrate to controller due to issues:\n\"admin/web\":\n- old base"},
		"stopped":      {model: "machines: [{instance: stopped}]", text: "source prechecks failed: machine 0 not running (stopped)"},
		"machine down": {model: "{machines: 1, faults: [{agent: machine-0, kind: down}]}", text: "source prechecks failed: machine 0 agent not functioning at this time (down)"},
		"machine down on 4.1": {from: "4.1.0", to: "4.1.1", model: "{machines: 1, faults: [{agent: machine-0, kind: down}]}",
			text: "source prechecks failed: pre-checking machine statuses for migration: model machines(s) are not ready"},
		"machine lags": {model: "{machines: 1, faults: [{agent: machine-0, kind: lags, version: 3.6.9}]}", text: "source prechecks failed: machine 0 agent binaries don't match model (3.6.9 != 3.6.11)"},
		"unit lost":    {model: "{applications: [{name: app, units: 1}], faults: [{agent: unit-app-0, kind: down}]}", text: "source prechecks failed: unit app/0 not idle or executing (lost)"},
		"subordinate lags": {model: "{applications: [{name: app, units: 1, subordinates: [sub]}], faults: [{agent: unit-sub-0, kind: lags, version: 3.6.9}]}",
			text: "source prechecks failed: unit sub/0 agent binaries don't match model (3.6.9 != 3.6.11)"},
		"source controller": {source: "agent-faults: [{agent: machine-0, kind: error}]", text: "source prechecks failed: controller: machine 0 agent not functioning at this time (error)"},
		"cleanup":           {source: "faults: [{kind: migration-refused}]", text: "source prechecks failed: cleanup needed"},
		"missing user":      {model: "users: [{name: alice}, {name: bob}]", into: "users: [{name: bob}]", text: "do not exist\non the destination controller. To resolve this issue you can add the following\nusers to the destination controller or remove them from the current model:\n  - alice"},
		"external user":     {model: "users: [{name: bob@ext}]", source: "config: {identity-url: https://a}", text: "the two controllers have different identity provider configurations"},
		"same name":         {into: "models: [{name: web}]", text: `target prechecks failed: model named "web" already exists`},
		"same name on 4.1":  {from: "4.1.0", to: "4.1.1", into: "models: [{name: web}]"}, // its worker finds it later
		"same UUID": {model: "uuid: 0ba2b4d5-6c1e-4f6a-8d2c-1f0e9a7b3c5d", into: "models: [{name: other, uuid: 0ba2b4d5-6c1e-4f6a-8d2c-1f0e9a7b3c5d}]",
			text: "target prechecks failed: model with same UUID already exists"},
		"older target":                {to: "3.6.4", text: "target prechecks failed: model has higher version than target controller (3.6.11 > 3.6.4)"},
		"older model":                 {from: "3.6.4", to: "3.6.4", text: ""},
		"older minor":                 {model: "version: 3.4.0", to: "3.5.4", text: "target prechecks failed: source controller has higher version than target controller (3.6.11 > 3.5.4)"},
		"model before 2.9.43":         {from: "2.9.61", model: "version: 2.9.42", text: "target prechecks failed: model must be upgraded to at least version 2.9.43"},
		"source before 3.6.11 to 4.1": {from: "3.6.4", to: "4.1.0", text: "target prechecks failed: Source controller does not support required facades"},
		"target machine":              {into: "agent-faults: [{agent: machine-0, kind: error}]", text: "target prechecks failed: machine 0 agent not functioning at this time (error)"},
		"cloud to 4.1":                {to: "4.1.0", into: "cloud: other", text: `target prechecks failed: model's cloud "lab" not found on target controller`},
		"fan to 4.1":                  {to: "4.1.0", model: "config: {fan-config: 10.0.0.0/8=252.0.0.0/8}", text: `target prechecks failed: fan networking not supported`},
		"manifest to 4.1":             {to: "4.1.0", model: "applications: [{name: app, units: 1, no-manifest: true}]", text: "target prechecks failed: all charms now require a manifest.yaml file"},
		"base to 4.1":                 {to: "4.1.0", model: "{base: ubuntu@18.04, machines: 1}", text: `target prechecks failed: unsupported base "ubuntu@18.04" of machine 0`},
		"4.1 to 3.6":                  {from: "4.1.0", to: "3.6.11", text: "target controller is too old to support password-authenticated migration"},
		"4.0.12 to 4.0.15":            {from: "4.0.12", to: "4.0.15", text: "target controller is too old to support password-authenticated migration"},
		"4.0.12 to 4.1":               {from: "4.0.12", to: "4.1.0"},
		"2.9 to 3.6":                  {from: "2.9.61"},
	} {
		t.Run(name, func(t *testing.T) {
			if test.from == "" {
				test.from = "3.6.11"
			}
			if test.to == "" {
				test.to = "3.6.11"
			}
			model := test.model
			if strings.HasPrefix(model, "{") {
				model = strings.ReplaceAll(flow(model), "\n", "\n        ")
			}
			w := start(t, strings.NewReplacer("%S", test.from, "%T", test.to, "%O", test.source, "%M", model, "%N", test.into).Replace(checked))
			_, err := migrate(t, w, "old", "web", "new")
			switch {
			case (err == nil) != (test.text == ""):
				t.Errorf("got %v, want %q", err, test.text)
			case err != nil && (!strings.Contains(err.Error(), test.text) || params.ErrCode(err) != test.code):
				t.Errorf("got %v (%q), want %q (%q)", err, params.ErrCode(err), test.text, test.code)
			}
		})
	}
}

// flow turns a YAML mapping in one line into lines of its own keys.
func flow(s string) string {
	depth, from, lines := 0, 1, []string{}
	for i, c := range s {
		switch c {
		case '{', '[':
			depth++
		case '}', ']':
			depth--
		}
		if c == ',' && depth == 1 || depth == 0 {
			lines = append(lines, strings.TrimSpace(s[from:i]))
			from = i + 1
		}
	}
	return strings.Join(lines, "\n")
}

func TestHowASourceLogsInAtTheTarget(t *testing.T) {
	w := start(t, two)
	for name, test := range map[string]struct {
		change     func(*controller.MigrationSpec)
		code, text string
	}{
		"wrong password": {func(s *controller.MigrationSpec) { s.TargetPassword = "no" }, params.CodeUnauthorized,
			"connect to target controller: invalid entity name or password (unauthorized access)"},
		"unknown user": {func(s *controller.MigrationSpec) { s.TargetUser = "zoe" }, params.CodeUnauthorized,
			"connect to target controller: invalid entity name or password (unauthorized access)"},
		"unreachable": {func(s *controller.MigrationSpec) { s.TargetAddrs = []string{"127.0.0.1:1"} }, "",
			"connect to target controller: dial tcp 127.0.0.1:1: i/o timeout"},
		"another CA": {func(s *controller.MigrationSpec) { s.TargetCACert = "another" }, "", "connect to target controller: x509"},
		"not superuser": {func(s *controller.MigrationSpec) {
			s.TargetUser, s.TargetPassword, s.SkipUserChecks = "alice", passwordOf(t, w, "new", "alice"), true
		}, params.CodeUnauthorized, "target prechecks failed: permission denied"},
	} {
		_, err := migrate(t, w, "old", "web", "new", test.change)
		if err == nil || !strings.Contains(err.Error(), test.text) || params.ErrCode(err) != test.code {
			t.Errorf("%s: %v (%q)", name, err, params.ErrCode(err))
		}
	}
	if _, err := migrate(t, w, "old", "controller", "new"); err == nil || !strings.Contains(err.Error(), "controllers can't be migrated") &&
		!strings.Contains(err.Error(), `model named "controller" already exists`) {
		t.Errorf("the controller model: %v", err)
	}
	if _, moving := w.Migration("old", "web"); moving {
		t.Error("something was begun")
	}
}

func passwordOf(t *testing.T, w *jujutest.World, c, name string) string {
	t.Helper()
	users, err := w.Users(c)
	if err != nil {
		t.Fatal(err)
	}
	for _, u := range users {
		if u.Name == name {
			return u.Password
		}
	}
	t.Fatalf("%s has no user %s", c, name)
	return ""
}

// A server that does not know the field begins the migration: nothing may ever ask it.
func TestADryRunIsOneOnlyWhereTheServerKnowsIt(t *testing.T) {
	for from, knows := range map[string]bool{
		"2.9.61": false, "3.5.4": false, "3.6.11": false, "3.6.12": false, "3.6.13": true, "3.6.28": true,
		"4.0.0": false, "4.0.2": false, "4.0.3": true, "4.1.0": true,
	} {
		to := "3.6.28"
		if from[0] == '4' {
			to = "4.1.1"
		}
		w := start(t, strings.NewReplacer("3.5.4", from, "3.6.11", to).Replace(two))
		target, err := w.Controller("new")
		if err != nil {
			t.Fatal(err)
		}
		args := jujutest.InitiateMigrationArgs{DryRun: true}
		args.Specs = []params.MigrationSpec{{ModelTag: modelTag(t, w, "old", "bare").String(), TargetInfo: params.MigrationTargetInfo{
			ControllerTag: names.NewControllerTag(target.UUID).String(), Addrs: target.Addrs, CACert: target.CACert,
			AuthTag: "user-" + target.User, Password: target.Password,
		}}}
		version := 11
		if from[0] == '4' {
			version = 14
		}
		var out params.InitiateMigrationResults
		if err := open(t, w, "old", "").APICall("Controller", version, "", "InitiateMigration", args, &out); err != nil || out.Results[0].Error != nil {
			t.Errorf("%s: %+v, %v", from, out, err)
			continue
		}
		_, moving := w.Migration("old", "bare")
		if moving == knows || (out.Results[0].MigrationId == "") != knows {
			t.Errorf("%s: id %q, begun %v", from, out.Results[0].MigrationId, moving)
		}
		if call := w.CallsOf("Controller.InitiateMigration")[0]; call.Effect == knows || !strings.Contains(call.Args, `"dry-run":true`) || strings.Contains(call.Args, "canary") {
			t.Errorf("%s: %+v", from, call)
		}
	}
}

// A model that a migration left to Juju 4's worker fails there, and nobody is told.
func TestJuju4GivesUpInSilence(t *testing.T) {
	w := start(t, strings.NewReplacer("%S", "4.1.0", "%T", "4.1.1", "%O", "", "%M", "", "%N", "models: [{name: web}]").Replace(checked))
	uuid := uuidOf(t, w, "old", "web")
	if _, err := migrate(t, w, "old", "web", "new"); err != nil {
		t.Fatal(err)
	}
	if _, err := migrate(t, w, "old", "web", "new"); err == nil || !strings.Contains(err.Error(), "already has an active migration") {
		t.Errorf("again: %v", err)
	}
	if g := inPhase(t, w, "ABORTDONE"); !strings.Contains(g.Status, `model named "web" already exists`) {
		t.Errorf("given up since %s", g.Status)
	}
	got := info(t, w, "old", uuid).Result
	if got == nil || got.Migration != nil || got.Status.Status != "available" || got.Status.Info != "" {
		t.Errorf("the source shows %+v", got)
	}
	if failed := info(t, w, "new", uuid).Error; failed == nil || failed.Code != params.CodeNotFound {
		t.Errorf("the target shows %v", failed)
	}
}

func TestOthersChangeTheWorldMeanwhile(t *testing.T) {
	w := start(t, two)
	if err := w.AddModel("old", estate.Model{Name: "late", Applications: []estate.Application{{Name: "app", Units: 1}}}); err != nil {
		t.Fatal(err)
	}
	uuid := uuidOf(t, w, "old", "late")
	if err := w.AddModel("old", estate.Model{Name: "late"}); err == nil {
		t.Error("twice the same model")
	}
	if err := w.Migrate("old", "late", "new"); err != nil {
		t.Fatal(err)
	}
	arrivesAt(t, w, "new", "late", uuid)
	// It can go back.
	if err := w.Migrate("new", "late", "old"); err == nil {
		t.Error("3.6.11 gives a model to 3.5.4")
	}
	if err := w.RemoveModel("new", "late"); err != nil {
		t.Fatal(err)
	}
	if has, _ := w.Whereabouts(uuid); len(has) != 0 {
		t.Errorf("still on %v", has)
	}
	// A model that is removed while it migrates goes nowhere.
	end := injectAt(t, w, "old", estate.Fault{Kind: estate.FaultMigrationSticks, Phase: "QUIESCE"})
	uuid = begun(t, w, "QUIESCE")
	if err := w.RemoveModel("old", "web"); err != nil {
		t.Fatal(err)
	}
	end()
	time.Sleep(100 * time.Millisecond)
	if has, importing := w.Whereabouts(uuid); len(has)+len(importing) != 0 {
		t.Errorf("on %v, importing on %v", has, importing)
	}
}
