//go:build linux

package main

import (
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
	"gopkg.in/yaml.v3"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujutest"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujutest/estate"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujutest/standin"
)

// defaultSpeed makes what takes a minute on real controllers take a moment.
const defaultSpeed = 100

// startEstate starts the controllers of a file and writes their client's store:
// estate FILE [-speed N].
func startEstate(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg || len(args) != 1 && (len(args) != 3 || args[1] != "-speed"), "estate FILE [-speed N]")
	s := stageOf(ts)
	if s.world != nil {
		ts.Fatalf("there is an estate already")
	}
	e, err := estate.Parse([]byte(ts.ReadFile(args[0])))
	ts.Check(err)
	if e.Speed == 0 {
		e.Speed = defaultSpeed
	}
	if len(args) == 3 {
		e.Speed, err = strconv.ParseFloat(args[2], 64)
		ts.Check(err)
	}
	s.world, err = jujutest.Start(e)
	ts.Check(err)
	ts.Check(s.world.WriteStore(s.data))
	ts.Check(s.plantInStore())
	address, err := s.world.ServeProgram()
	ts.Check(err)
	ts.Setenv(standin.EstateVar, address)
	s.noteModels(ts, e)
}

// beginFault breaks something on a controller: fault NAME CONTROLLER FAULT, the
// last in YAML as in an estate's file.
func beginFault(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg || len(args) != 3, "fault NAME CONTROLLER FAULT")
	var f estate.Fault
	ts.Check(yaml.Unmarshal([]byte(args[2]), &f))
	end, err := stageOf(ts).world.Inject(args[1], f)
	ts.Check(err)
	stageOf(ts).faults[args[0]] = end
}

// endFault ends a fault: mend NAME.
func endFault(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg || len(args) != 1 || stageOf(ts).faults[args[0]] == nil, "mend FAULT")
	stageOf(ts).faults[args[0]]()
}

// breakAgent breaks an agent: agent CONTROLLER MODEL FAULT, the last in YAML.
func breakAgent(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg || len(args) != 3, "agent CONTROLLER MODEL FAULT")
	var f estate.AgentFault
	ts.Check(yaml.Unmarshal([]byte(args[2]), &f))
	ts.Check(stageOf(ts).world.SetAgentFault(args[0], args[1], f))
}

// healAgent mends an agent: heal CONTROLLER MODEL AGENT.
func healAgent(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg || len(args) != 3, "heal CONTROLLER MODEL AGENT")
	ts.Check(stageOf(ts).world.Heal(args[0], args[1], args[2]))
}

// countCalls checks how often a controller was sent something: calls
// FACADE.METHOD COUNT [CONTROLLER [MODEL]]. What was only a question (a dry run) does
// not count.
func countCalls(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg || len(args) < 2 || len(args) > 4, "calls FACADE.METHOD COUNT [CONTROLLER [MODEL]]")
	found := stageOf(ts).calls(args[0], args[2:])
	if want := number(ts, args[1]); len(found) != want {
		ts.Fatalf("%s was sent %d times, want %d: %+v", args[0], len(found), want, found)
	}
}

// awaitCall waits until a controller was sent something: await-call FACADE.METHOD
// [CONTROLLER [MODEL]].
func awaitCall(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg || len(args) < 1 || len(args) > 3, "await-call FACADE.METHOD [CONTROLLER [MODEL]]")
	s := stageOf(ts)
	if !within(func() bool { return len(s.calls(args[0], args[1:])) > 0 }) {
		ts.Fatalf("%s was not sent", strings.Join(args, " "))
	}
}

// arrived waits until all agents of a model are at its version: arrived CONTROLLER
// MODEL VERSION. Negated, it looks once.
func arrived(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, len(args) != 3, "arrived CONTROLLER MODEL VERSION")
	w := stageOf(ts).world
	there := func() bool {
		v, err := w.ModelVersion(args[0], args[1])
		ts.Check(err)
		return v == args[2] && w.Arrived(args[0], args[1])
	}
	switch {
	case neg && there():
		ts.Fatalf("%s:%s has arrived at %s", args[0], args[1], args[2])
	case !neg && !within(there):
		agents, _ := w.Agents(args[0], args[1])
		ts.Fatalf("%s:%s did not arrive at %s: %+v", args[0], args[1], args[2], agents)
	}
}

// calls finds what a controller was asked to do, and for a model of it.
func (s *stage) calls(method string, where []string) []jujutest.Call {
	return slices.DeleteFunc(s.everyCall(method, where), isDryRun)
}

// everyCall finds what was sent to a controller, dry runs among it.
func (s *stage) everyCall(method string, where []string) []jujutest.Call {
	return slices.DeleteFunc(s.world.CallsOf(method), func(c jujutest.Call) bool {
		return len(where) > 0 && c.Controller != where[0] ||
			len(where) > 1 && c.Model != where[1]
	})
}

// isDryRun says that a call only asks what would be.
func isDryRun(c jujutest.Call) bool { return strings.Contains(c.Args, `"dry-run":true`) }

// asksForUpgrade says that a call asks for an upgrade, whatever came of it.
func asksForUpgrade(c jujutest.Call) bool { return c.Method == "UpgradeModel" && !isDryRun(c) }

// alias gives a controller another name in the client's store: alias NEW OLD.
func alias(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg || len(args) != 2, "alias NEW OLD")
	for _, name := range []string{"controllers.yaml", "accounts.yaml", "models.yaml"} {
		file := filepath.Join(stageOf(ts).data, name)
		data, err := os.ReadFile(file)
		ts.Check(err)
		var document map[string]any
		ts.Check(yaml.Unmarshal(data, &document))
		entries, ok := document["controllers"].(map[string]any)
		if !ok || entries[args[1]] == nil {
			ts.Fatalf("%s has no controller %q", name, args[1])
		}
		entries[args[0]] = entries[args[1]]
		data, err = yaml.Marshal(document)
		ts.Check(err)
		ts.Check(os.WriteFile(file, data, 0o600))
	}
}

// plantInStore plants secrets in the client's store beside the passwords: a
// credential, unless the script has some of its own, and cookies as juju keeps them.
func (s *stage) plantInStore() error {
	cookies := `[{"Name":"macaroon-1","Value":"canary-cookie-value","Domain":"127.0.0.1","Path":"/","Secure":true,` +
		`"HttpOnly":false,"Persistent":true,"HostOnly":true,"Expires":"2099-01-01T00:00:00Z",` +
		`"Creation":"2020-01-01T00:00:00Z","LastAccess":"2020-01-01T00:00:00Z","Updated":"2020-01-01T00:00:00Z","CanonicalHost":"127.0.0.1"}]`
	credentials := "credentials:\n  lab:\n    admin:\n      auth-type: userpass\n      password: canary-cloud-password\n"
	files := map[string]string{}
	if _, err := os.Stat(s.data + "/credentials.yaml"); os.IsNotExist(err) {
		files["credentials.yaml"] = credentials
	}
	for _, c := range []string{"prod", "edge", "lab"} {
		files["cookies/"+c+".json"] = cookies
	}
	if err := os.MkdirAll(s.data+"/cookies", 0o700); err != nil {
		return err
	}
	for name, content := range files {
		if err := os.WriteFile(s.data+"/"+name, []byte(content), 0o600); err != nil {
			return err
		}
	}
	return s.plant()
}
