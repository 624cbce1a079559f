package standin

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujutest"
)

// EstateVar is the variable with the address of the estate.
const EstateVar = "JUJU_ESTATE"

// VersionVar is the variable with the version of the program, where it is not the one
// that the estate says.
const VersionVar = "JUJU_ESTATE_VERSION"

// The exit codes of juju.
const (
	exitFailed = 1
	exitUsage  = 2
)

// usageError is what is typed wrong: exit code 2.
type usageError struct{ error }

// exitError ends the program with a code, without a word.
type exitError struct{ code int }

func (e *exitError) Error() string { return fmt.Sprintf("exit code %d", e.code) }

// juju is one run of the program.
type juju struct {
	estate         string
	version        string
	stdout, stderr io.Writer
}

// Main runs the program with the arguments after its name, and returns its exit code.
func Main(args []string, stdout, stderr io.Writer) int {
	j := &juju{estate: os.Getenv(EstateVar), stdout: stdout, stderr: stderr}
	err := j.run(args)
	var exit *exitError
	var usage usageError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &exit):
		return exit.code
	}
	fmt.Fprintln(stderr, "ERROR", err)
	if errors.As(err, &usage) {
		return exitUsage
	}
	return exitFailed
}

func (j *juju) run(args []string) error {
	known, err := j.ask("/ran", jujutest.Question{Args: args})
	if err != nil {
		return err
	}
	j.version = cmp.Or(os.Getenv(VersionVar), known.Version)
	if len(args) == 0 {
		return usageError{errors.New("which command?")}
	}
	switch args[0] {
	case "--version", "version":
		fmt.Fprintln(j.stdout, j.version+"-ubuntu-amd64")
		return nil
	case "bootstrap":
		return j.bootstrap(args[1:])
	case "scp":
		return j.scp(args[1:])
	case "ssh":
		return j.ssh(args[1:])
	}
	return usageError{fmt.Errorf("unrecognized command: juju %s", args[0])}
}

// ask asks the estate.
func (j *juju) ask(path string, q jujutest.Question) (jujutest.Answer, error) {
	var out jujutest.Answer
	if j.estate == "" {
		return out, errors.New("no simulated estate: " + EstateVar + " is not set")
	}
	body, err := json.Marshal(q)
	if err != nil {
		return out, err
	}
	req, err := http.NewRequestWithContext(context.Background(), http.MethodPost, "http://"+j.estate+path, bytes.NewReader(body))
	if err != nil {
		return out, err
	}
	// Not through a proxy: it is on this machine.
	resp, err := (&http.Client{Transport: &http.Transport{}}).Do(req)
	if err != nil {
		return out, fmt.Errorf("cannot ask the simulated estate: %w", err)
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(&out); err != nil {
		return out, fmt.Errorf("cannot ask the simulated estate: %w", err)
	}
	if out.Error != "" {
		return out, errors.New(out.Error)
	}
	return out, nil
}

// scp copies files to machine 0 of a controller.
func (j *juju) scp(args []string) error {
	model, rest, err := modelOption(args)
	if err != nil {
		return err
	}
	if len(rest) < 2 {
		return usageError{errors.New("at least two arguments required")}
	}
	target := rest[len(rest)-1]
	if machine, _, ok := strings.Cut(target, ":"); !ok || machine != "0" {
		return fmt.Errorf("the simulation copies to machine 0 only, not to %q", target)
	}
	files := map[string][]byte{}
	for _, file := range rest[:len(rest)-1] {
		data, err := os.ReadFile(file)
		if err != nil {
			return &exitError{exitFailed}
		}
		files[filepath.Base(file)] = data
	}
	_, err = j.ask("/copy", jujutest.Question{Controller: model, Files: files})
	return err
}

// ssh runs a command on machine 0 of a controller, and ends as that does.
func (j *juju) ssh(args []string) error {
	model, rest, err := modelOption(args)
	if err != nil {
		return err
	}
	if len(rest) > 1 && rest[1] == "--" {
		rest = append(rest[:1:1], rest[2:]...)
	}
	if len(rest) < 2 || rest[0] != "0" {
		return usageError{errors.New("the simulation runs commands on machine 0 only: juju ssh -m MODEL 0 COMMAND")}
	}
	out, err := j.ask("/run", jujutest.Question{Controller: model, Command: strings.Join(rest[1:], " ")})
	if err != nil {
		return err
	}
	for _, line := range out.Output {
		fmt.Fprintln(j.stdout, line)
	}
	if out.Code != 0 {
		return &exitError{out.Code}
	}
	return nil
}
