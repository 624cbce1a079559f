//go:build linux

package main

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

// Secrets of the scripts begin with this word: passwords of the simulation, and what
// scripts and harness plant in the client's store and on the controllers.
var canary = regexp.MustCompile(`canary-[A-Za-z0-9-]+`)

// plant notes the files that hold secrets by right: those that are there before the
// tool has run.
func (s *stage) plant() error {
	return s.eachFile(func(file string, data []byte, _ fs.FileInfo) {
		if canary.Match(data) {
			s.planted[file] = true
		}
	})
}

// leaks are the secrets that any stream or any file of the script shows that had
// none planted in it, and the files of the tool's own that others can read.
func (s *stage) leaks() []string {
	var out []string
	keys, err := s.allRegistrations()
	if err != nil {
		out = append(out, err.Error())
	}
	if secret := cmp.Or(s.secretIn(s.said.Bytes()), oneOf(keys, s.said.Bytes())); secret != "" {
		out = append(out, fmt.Sprintf("a stream shows the secret %q", secret))
	}
	own := filepath.Join(s.data, "upgrade-all") + string(filepath.Separator)
	err = s.eachFile(func(file string, data []byte, info fs.FileInfo) {
		if secret := s.secretIn(data); secret != "" && !s.planted[file] {
			out = append(out, fmt.Sprintf("the secret %q is in %s", secret, file))
		}
		if secret := oneOf(keys, data); secret != "" && filepath.Base(file) != registrationsFile {
			out = append(out, fmt.Sprintf("the registration %q is in %s", secret, file))
		}
		if strings.HasPrefix(file, own) && info.Mode()&0o077 != 0 {
			out = append(out, fmt.Sprintf("%s is open to others: %s", file, info.Mode()))
		}
	})
	if err != nil {
		out = append(out, err.Error())
	}
	return out
}

// oneOf finds one of the secrets in a text.
func oneOf(secrets []string, data []byte) string {
	for _, secret := range secrets {
		if bytes.Contains(data, []byte(secret)) {
			return secret
		}
	}
	return ""
}

// secretIn finds a secret in a text, as it is or in base64 as HTTP sends it.
func (s *stage) secretIn(data []byte) string {
	if found := canary.Find(data); found != nil {
		return string(found)
	}
	if s.world == nil {
		return ""
	}
	for _, secret := range s.world.Secrets() {
		if bytes.Contains(data, []byte(secret)) || bytes.Contains(data, []byte(base64.StdEncoding.EncodeToString([]byte(secret)))) {
			return secret
		}
	}
	return ""
}

func (s *stage) eachFile(look func(file string, data []byte, info fs.FileInfo)) error {
	return filepath.WalkDir(s.work, func(file string, d fs.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		data, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		look(file, data, info)
		return nil
	})
}

// watched is a testscript.T that keeps what a script that must fail says.
type watched struct {
	*testing.T
	failed *[]string
}

// stopped is the panic by which a watched script ends.
type stopped struct{}

func (w watched) Fatal(args ...any) {
	*w.failed = append(*w.failed, fmt.Sprint(args...))
	panic(stopped{})
}
func (w watched) FailNow()      { w.Fatal("failed") }
func (w watched) Parallel()     {}
func (w watched) Verbose() bool { return false }
func (w watched) Log(...any)    {}
func (w watched) Run(_ string, f func(testscript.T)) {
	defer func() {
		if r := recover(); r != nil && r != (stopped{}) {
			panic(r)
		}
	}()
	f(w)
}

// TestASecretThatLeaksFailsItsScript: the search that ends each script finds what it
// is there for.
func TestASecretThatLeaksFailsItsScript(t *testing.T) {
	const estate = "-- estate.yaml --\ncontrollers: [{name: prod, version: 3.6.11, series-offers: [3.6.11]}]\n"
	for name, c := range map[string]struct{ script, want string }{
		"nothing leaks":          {"estate estate.yaml\nexits 0 juju-upgrade-all\n", ""},
		"on stdout":              {"exits 0 echo canary-on-stdout\n", "canary-on-stdout"},
		"on stderr":              {"exits 0 sh -c 'echo canary-on-stderr >&2'\n", "canary-on-stderr"},
		"in a file":              {"exits 0 sh -c 'echo canary-in-a-file >f'\n", "canary-in-a-file"},
		"of a process":           {"start p echo canary-of-a-process\nends p 0\n", "canary-of-a-process"},
		"a stored password":      {"estate estate.yaml\nexits 0 cat juju/accounts.yaml\n", "canary-prod-"},
		"a copy of a cookie":     {"estate estate.yaml\ncp juju/cookies/prod.json copy\n", "canary-cookie-value"},
		"what the tool writes":   {"estate estate.yaml\nexits 0 sh -c 'umask 077; mkdir juju/upgrade-all; echo canary-tool >juju/upgrade-all/x'\n", "canary-tool"},
		"open to other people":   {"estate estate.yaml\nexits 0 sh -c 'mkdir juju/upgrade-all; touch juju/upgrade-all/x'\n", "open to others"},
		"after a failing script": {"exits 0 echo canary-early\nexits 1 true\n", "canary-early"},
	} {
		t.Run(name, func(t *testing.T) { mustFail(t, c.script+estate, c.want) })
	}
}

// mustFail runs a script that must fail with that text; not at all, if it is empty.
func mustFail(t *testing.T, script, want string) {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "leak.txtar"), []byte(script), 0o600); err != nil {
		t.Fatal(err)
	}
	var failed []string
	testscript.RunT(watched{t, &failed}, scripts(dir))
	said := strings.Join(failed, "\n")
	if want == "" && said != "" || !strings.Contains(said, want) {
		t.Errorf("the script failed with %q, want %q", said, want)
	}
}
