//go:build linux

package main

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujutest/standin"
)

// exits runs a program to its end: exits CODE PROGRAM [ARG...]. Where the exit code
// promises that nothing was changed, that is checked; and that bad input is told in
// one line ERROR.
func exits(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg || len(args) < 2, "exits CODE PROGRAM [ARG...]")
	s := stageOf(ts)
	want := number(ts, args[0])
	effects, folders := s.effects(), s.runFolders()
	err := ts.Exec(args[1], args[2:]...)
	stdout, stderr := ts.ReadFile("stdout"), ts.ReadFile("stderr")
	s.hear(stdout, stderr)
	if got := codeOf(ts, err); got != want {
		ts.Fatalf("exit code %d, want %d", got, want)
	}
	if changesNothing(want) && !s.busy() {
		if n := s.effects() - effects; n > 0 {
			ts.Fatalf("exit code %d, but %d calls changed something", want, n)
		}
		if n := s.runFolders() - folders; n > 0 {
			ts.Fatalf("exit code %d, but there is a new run", want)
		}
	}
	if want == 2 {
		if n := len(regexp.MustCompile(`(?m)^ERROR .`).FindAllString(stderr, -1)); n != 1 {
			ts.Fatalf("%d lines ERROR for a bad input, want 1", n)
		}
	}
}

// changesNothing says that a code promises that nothing was changed.
func changesNothing(code int) bool {
	switch code {
	case 2, 3, 5, 6, 8:
		return true
	}
	return false
}

func codeOf(ts *testscript.TestScript, err error) int {
	var exit *exec.ExitError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &exit):
		return exit.ExitCode()
	}
	ts.Fatalf("%v", err)
	return -1
}

// process is a program that runs beside the script.
type process struct {
	cmd   *exec.Cmd
	files [2]*os.File
	ended chan struct{}
	err   error
}

// start starts a program beside the script: start NAME PROGRAM [ARG...]. Its
// streams are in NAME.out and NAME.err.
func start(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg || len(args) < 2, "start NAME PROGRAM [ARG...]")
	s := stageOf(ts)
	p := &process{cmd: command(ts, args[1:]), ended: make(chan struct{})}
	for i, ending := range []string{".out", ".err"} {
		file, err := os.Create(filepath.Join(s.work, args[0]+ending))
		ts.Check(err)
		p.files[i] = file
	}
	p.cmd.Stdout, p.cmd.Stderr = p.files[0], p.files[1]
	ts.Check(p.cmd.Start())
	go func() {
		p.err = p.cmd.Wait()
		close(p.ended)
	}()
	s.processes[args[0]] = p
}

// variables are those that a program which the harness itself starts gets from the
// script.
var variables = []string{
	"WORK", "PATH", "HOME", "TMPDIR", "JUJU_DATA", "JUJU_CONTROLLER", "JUJU_MODEL", "TERM", "NO_COLOR", "LANG", "LC_ALL", "TZ", "GORACE", "GOCOVERDIR",
	standin.EstateVar, standin.VersionVar,
}

// command is a program in the script's folder and environment.
func command(ts *testscript.TestScript, args []string) *exec.Cmd {
	path := args[0]
	if !strings.ContainsRune(path, filepath.Separator) {
		for _, dir := range filepath.SplitList(ts.Getenv("PATH")) {
			if info, err := os.Stat(filepath.Join(dir, path)); err == nil && !info.IsDir() {
				path = filepath.Join(dir, path)
				break
			}
		}
	}
	cmd := exec.Command(path, args[1:]...)
	cmd.Args[0] = args[0]
	cmd.Dir = ts.MkAbs(".")
	for _, name := range variables {
		if value := ts.Getenv(name); value != "" {
			cmd.Env = append(cmd.Env, name+"="+value)
		}
	}
	return cmd
}

func (s *stage) process(ts *testscript.TestScript, name string) *process {
	p := s.processes[name]
	if p == nil {
		ts.Fatalf("there is no process %q", name)
	}
	return p
}

// busy says that a process runs beside the script.
func (s *stage) busy() bool {
	for _, p := range s.processes {
		select {
		case <-p.ended:
		default:
			return true
		}
	}
	return false
}

func (p *process) kill() {
	select {
	case <-p.ended:
	default:
		_ = p.cmd.Process.Kill()
		<-p.ended
	}
	for _, file := range p.files {
		_ = file.Close()
	}
}

// signalProcess sends a signal: signal NAME INT|TERM|HUP|KILL.
func signalProcess(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg || len(args) != 2, "signal NAME INT|TERM|HUP|KILL")
	sig, ok := map[string]syscall.Signal{
		"INT": syscall.SIGINT, "TERM": syscall.SIGTERM, "HUP": syscall.SIGHUP, "KILL": syscall.SIGKILL,
	}[args[1]]
	usage(ts, !ok, "signal NAME INT|TERM|HUP|KILL")
	if err := stageOf(ts).process(ts, args[0]).cmd.Process.Signal(sig); !errors.Is(err, os.ErrProcessDone) {
		ts.Check(err)
	}
}

// ends waits for the end of a process: ends NAME CODE|killed [DURATION]. What it
// wrote is then stdout and stderr.
func ends(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg || len(args) < 2 || len(args) > 3, "ends NAME CODE|killed [DURATION]")
	p := stageOf(ts).process(ts, args[0])
	patience := patience
	if len(args) == 3 {
		var err error
		patience, err = time.ParseDuration(args[2])
		ts.Check(err)
	}
	select {
	case <-p.ended:
	case <-time.After(patience):
		p.kill()
		ts.Logf("[%s.err]\n%s", args[0], ts.ReadFile(filepath.Join(ts.Getenv("WORK"), args[0]+".err")))
		ts.Fatalf("%s did not end", args[0])
	}
	for i, w := range []interface{ Write([]byte) (int, error) }{ts.Stdout(), ts.Stderr()} {
		data, err := os.ReadFile(p.files[i].Name())
		ts.Check(err)
		_, err = w.Write(data)
		ts.Check(err)
	}
	got := p.cmd.ProcessState.ExitCode()
	if args[1] == "killed" {
		if got != -1 {
			ts.Fatalf("%s was not killed but ended with %d", args[0], got)
		}
		return
	}
	if want := number(ts, args[1]); got != want {
		ts.Fatalf("exit code %d of %s, want %d", got, args[0], want)
	}
}

// waitFor waits until a file has a text: wait-for FILE REGEXP.
func waitFor(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg || len(args) != 2, "wait-for FILE REGEXP")
	re, file := pattern(ts, args[1]), ts.MkAbs(args[0])
	var data []byte
	if !within(func() bool { data, _ = os.ReadFile(file); return re.Match(data) }) {
		ts.Fatalf("%s does not get to have %s:\n%s", args[0], args[1], bytes.TrimSpace(data))
	}
}

func pattern(ts *testscript.TestScript, text string) *regexp.Regexp {
	re, err := regexp.Compile("(?m)" + text)
	ts.Check(err)
	return re
}
