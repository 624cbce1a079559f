//go:build linux

package main

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/juju/juju/api"
	"github.com/juju/juju/api/client/usermanager"
	"github.com/juju/juju/api/controller/controller"
	"github.com/rogpeppe/go-internal/testscript"
	"gopkg.in/yaml.v3"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujutest"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujutest/estate"
)

// noteModels notes which model is which, before any has moved.
func (s *stage) noteModels(ts *testscript.TestScript, e estate.Estate) {
	s.models = map[string]string{}
	for _, c := range e.Controllers {
		known, err := s.world.Controller(c.Name)
		ts.Check(err)
		for name, uuid := range known.Models {
			s.models[c.Name+":"+name] = uuid
		}
	}
}

// whereabouts checks which controllers truly have a model: whereabouts CONTROLLER
// MODEL ON [IMPORTING]. The model is the one that CONTROLLER had by that name at the
// start; ON are the names of controllers with commas between them, or - for none.
// IMPORTING are those that have begun to import it, and none unless it is said.
func whereabouts(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg || len(args) < 3 || len(args) > 4, "whereabouts CONTROLLER MODEL ON [IMPORTING]")
	s := stageOf(ts)
	uuid := s.models[args[0]+":"+args[1]]
	if uuid == "" {
		ts.Fatalf("%s had no model %s", args[0], args[1])
	}
	has, importing := s.world.Whereabouts(uuid)
	want := append(args[2:], "-")
	for i, got := range [][]string{has, importing} {
		if got := cmp.Or(strings.Join(got, ","), "-"); got != want[i] {
			ts.Fatalf("%s is on %v, and being imported by %v", args[1], has, importing)
		}
	}
}

// awaitPhase waits until a model's migration truly is in a phase: phase CONTROLLER
// MODEL PHASE.
func awaitPhase(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg || len(args) != 3, "phase CONTROLLER MODEL PHASE")
	w := stageOf(ts).world
	if !within(func() bool {
		m, ok := w.Migration(args[0], args[1])
		return ok && m.Phase == args[2]
	}) {
		m, _ := w.Migration(args[0], args[1])
		ts.Fatalf("%s is not in the phase %s, but in %q (%s)", args[1], args[2], m.Phase, m.Status)
	}
}

// users checks which users a controller truly has: users CONTROLLER NAME[:ACCESS][:disabled]...
// Those of Juju 4 itself are not looked at.
func users(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg || len(args) < 2, "users CONTROLLER NAME[:ACCESS][:disabled]...")
	list, err := stageOf(ts).world.Users(args[0])
	ts.Check(err)
	list = slices.DeleteFunc(list, func(u jujutest.User) bool { return u.Name == "juju-metrics" || u.Name == "everyone@external" })
	want := map[string]string{}
	for _, arg := range args[1:] {
		name, _, _ := strings.Cut(arg, ":")
		want[name] = arg
	}
	for _, u := range list {
		full := u.Name + ":" + u.Access
		if u.Disabled {
			full += ":disabled"
		}
		if arg, ok := want[u.Name]; !ok || arg != u.Name && arg != full {
			ts.Fatalf("%s has the user %s, want %v: %+v", args[0], full, args[1:], list)
		}
		delete(want, u.Name)
	}
	if len(want) > 0 {
		ts.Fatalf("%s lacks users of %v: %+v", args[0], args[1:], list)
	}
}

// countDryRuns checks how often a controller was asked something without doing it:
// dry-runs FACADE.METHOD COUNT [CONTROLLER [MODEL]].
func countDryRuns(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg || len(args) < 2 || len(args) > 4, "dry-runs FACADE.METHOD COUNT [CONTROLLER [MODEL]]")
	found := slices.DeleteFunc(stageOf(ts).everyCall(args[0], args[2:]), func(c jujutest.Call) bool { return !isDryRun(c) })
	if want := number(ts, args[1]); len(found) != want {
		ts.Fatalf("%s was sent %d times as a question, want %d: %+v", args[0], len(found), want, found)
	}
}

// addModel adds a model, as somebody else would: add-model CONTROLLER MODEL, the last
// in YAML as in an estate's file.
func addModel(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg || len(args) != 2, "add-model CONTROLLER MODEL")
	var m estate.Model
	ts.Check(yaml.Unmarshal([]byte(args[1]), &m))
	ts.Check(stageOf(ts).world.AddModel(args[0], m))
}

// dropModel removes a model at once, as somebody who knows the database would:
// drop-model CONTROLLER MODEL.
func dropModel(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg || len(args) != 2, "drop-model CONTROLLER MODEL")
	ts.Check(stageOf(ts).world.RemoveModel(args[0], args[1]))
}

// addUser adds a user, as somebody else would: add-user CONTROLLER NAME.
func addUser(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg || len(args) != 2, "add-user CONTROLLER NAME")
	info, err := stageOf(ts).world.APIInfo(args[0], "")
	ts.Check(err)
	conn, err := api.Open(info, api.DialOpts{})
	ts.Check(err)
	defer conn.Close()
	_, _, err = usermanager.NewClient(conn).AddUser(args[1], "", "canary-of-"+args[1])
	ts.Check(err)
}

// migrateModel begins a migration, as somebody else would: migrate CONTROLLER MODEL
// TARGET.
func migrateModel(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg || len(args) != 3, "migrate CONTROLLER MODEL TARGET")
	ts.Check(stageOf(ts).world.Migrate(args[0], args[1], args[2]))
}

// awaitGone waits until a controller has no model of that name any more: await-gone
// CONTROLLER MODEL.
func awaitGone(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg || len(args) != 2, "await-gone CONTROLLER MODEL")
	if !within(func() bool {
		c, err := stageOf(ts).world.Controller(args[0])
		ts.Check(err)
		return c.Models[args[1]] == ""
	}) {
		ts.Fatalf("%s goes on having %s", args[0], args[1])
	}
}

// configure sets a controller's configuration: configure CONTROLLER KEY=VALUE...
func configure(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg || len(args) < 2, "configure CONTROLLER KEY=VALUE...")
	values := map[string]any{}
	for _, arg := range args[1:] {
		key, value, _ := strings.Cut(arg, "=")
		values[key] = value
		if n, err := strconv.Atoi(value); err == nil {
			values[key] = n
		}
	}
	info, err := stageOf(ts).world.APIInfo(args[0], "")
	ts.Check(err)
	conn, err := api.Open(info, api.DialOpts{})
	ts.Check(err)
	defer conn.Close()
	ts.Check(controller.NewClient(conn).ConfigSet(values))
}
