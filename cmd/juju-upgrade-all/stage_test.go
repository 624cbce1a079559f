//go:build linux

package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"sync"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujutest"
)

// stage is what one script plays on.
type stage struct {
	t    testscript.T
	work string
	data string // JUJU_DATA

	world     *jujutest.World
	faults    map[string]func()
	processes map[string]*process
	// models are the UUIDs of the models, by CONTROLLER:OWNER/NAME at the start.
	models map[string]string

	mu sync.Mutex
	// said is all that any process wrote to a stream.
	said bytes.Buffer
	// planted are the files that hold secrets by right.
	planted map[string]bool
}

type stageKey struct{}

func newStage(env *testscript.Env) *stage {
	return &stage{
		t: env.T(), work: env.WorkDir, data: env.Getenv("JUJU_DATA"),
		faults: map[string]func(){}, processes: map[string]*process{}, planted: map[string]bool{},
	}
}

func stageOf(ts *testscript.TestScript) *stage { return ts.Value(stageKey{}).(*stage) }

// commands are those of the scripts besides testscript's own; see
// testdata/script/README.
func commands() map[string]func(*testscript.TestScript, bool, []string) {
	return map[string]func(*testscript.TestScript, bool, []string){
		"estate":     startEstate,
		"fault":      beginFault,
		"mend":       endFault,
		"agent":      breakAgent,
		"heal":       healAgent,
		"calls":      countCalls,
		"await-call": awaitCall,
		"arrived":    arrived,
		"alias":      alias,
		"order":      order,
		"exits":      exits,
		"start":      start,
		"signal":     signalProcess,
		"ends":       ends,
		"wait-for":   waitFor,
		"edit":       edit,
		"keep":       keep,
		"json":       oneJSON,
		"yaml":       oneYAML,
		"same-data":  sameData,
		"terminal":   onTerminal,

		"whereabouts": whereabouts,
		"phase":       awaitPhase,
		"users":       users,
		"registered":  registered,
		"dry-runs":    countDryRuns,
		"add-model":   addModel,
		"drop-model":  dropModel,
		"add-user":    addUser,
		"migrate":     migrateModel,
		"await-gone":  awaitGone,
		"configure":   configure,

		"publish":    publishCharm,
		"resolved":   resolveUnit,
		"run-action": runAction,
		"charm":      charmIs,

		"many-charms": manyCharms,
	}
}

// hear notes what a process wrote.
func (s *stage) hear(texts ...string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, text := range texts {
		s.said.WriteString(text)
	}
}

// close ends the script: its processes, its estate; then nothing of it may hold a
// secret.
func (s *stage) close() {
	for _, p := range s.processes {
		p.kill()
	}
	if s.world != nil {
		defer s.world.Close()
	}
	if problems := s.leaks(); len(problems) > 0 {
		s.t.Fatal(problems)
	}
}

// patience is how long a script waits for what must come: a pause on Kubernetes is said to be
// one after a minute and a half.
const patience = 3 * time.Minute

// within polls until the condition holds.
func within(condition func() bool) bool {
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if condition() {
			return true
		}
	}
	return condition()
}

// runFolders counts the runs that are kept.
func (s *stage) runFolders() int {
	entries, _ := os.ReadDir(filepath.Join(s.data, "upgrade-all"))
	n := 0
	for _, e := range entries {
		if _, err := strconv.Atoi(e.Name()); err == nil {
			n++
		}
	}
	return n
}

// effects counts the calls that changed something on a controller, and the
// requests for an upgrade that were not just questions.
func (s *stage) effects() int {
	if s.world == nil {
		return 0
	}
	n := 0
	for _, c := range s.world.Calls() {
		if c.Effect || asksForUpgrade(c) {
			n++
		}
	}
	return n
}

// edit replaces a text in a file, which keeps its mode: edit FILE OLD NEW.
func edit(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg || len(args) != 3, "edit FILE OLD NEW")
	file := ts.MkAbs(args[0])
	info, err := os.Stat(file)
	ts.Check(err)
	data := ts.ReadFile(args[0])
	if !bytes.Contains([]byte(data), []byte(args[1])) {
		ts.Fatalf("%s has no %q", args[0], args[1])
	}
	ts.Check(os.WriteFile(file, bytes.Replace([]byte(data), []byte(args[1]), []byte(args[2]), 1), info.Mode()))
}

// order checks that a file has texts in this order: order FILE REGEXP...
func order(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg || len(args) < 3, "order FILE REGEXP REGEXP...")
	rest := ts.ReadFile(args[0])
	for _, re := range args[1:] {
		at := pattern(ts, re).FindStringIndex(rest)
		if at == nil {
			ts.Fatalf("%s has no %s, or not there", args[0], re)
		}
		rest = rest[at[1]:]
	}
}

func usage(ts *testscript.TestScript, wrong bool, form string) {
	if wrong {
		ts.Fatalf("usage: %s", form)
	}
}

func number(ts *testscript.TestScript, text string) int {
	n, err := strconv.Atoi(text)
	if err != nil {
		ts.Fatalf("%q is not a number", text)
	}
	return n
}

// keep notes a part of stdout in a variable: keep NAME REGEXP, with one group.
func keep(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg || len(args) != 2, "keep VARIABLE REGEXP")
	found := pattern(ts, args[1]).FindStringSubmatch(ts.ReadFile("stdout"))
	if len(found) != 2 {
		ts.Fatalf("stdout does not have one %s", args[1])
	}
	ts.Setenv(args[0], found[1])
	ts.Logf("%s", fmt.Sprintf("%s=%s", args[0], found[1]))
}
