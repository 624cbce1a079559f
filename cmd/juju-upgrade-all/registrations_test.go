//go:build linux

package main

import (
	"encoding/asn1"
	"encoding/base64"
	"encoding/hex"
	"os"
	"path/filepath"
	"testing"

	"github.com/juju/juju/jujuclient"
	"github.com/rogpeppe/go-internal/testscript"
	"gopkg.in/yaml.v3"
)

// registrationsFile is the only file in which the strings may be with which users
// register, and the keys in them.
const registrationsFile = "registrations.yaml"

// registrations are the secrets of a file of a run that has the registrations of
// users: their strings, and the keys that these bring, as they may be written.
func registrations(data []byte) ([]string, error) {
	var document struct {
		Users map[string]struct {
			Register string `yaml:"register"`
		} `yaml:"users"`
	}
	if err := yaml.Unmarshal(data, &document); err != nil {
		return nil, err
	}
	var out []string
	for _, u := range document.Users {
		if u.Register == "" {
			continue
		}
		raw, err := base64.URLEncoding.DecodeString(u.Register)
		if err != nil {
			return nil, err
		}
		var info jujuclient.RegistrationInfo
		if _, err := asn1.Unmarshal(raw, &info); err != nil {
			return nil, err
		}
		key := info.SecretKey
		out = append(out, u.Register, string(key), hex.EncodeToString(key), base64.StdEncoding.EncodeToString(key), base64.URLEncoding.EncodeToString(key))
	}
	return out, nil
}

// allRegistrations are those of all runs of the script, so far.
func (s *stage) allRegistrations() ([]string, error) {
	files, err := filepath.Glob(filepath.Join(s.data, "upgrade-all", "*", registrationsFile))
	if err != nil {
		return nil, err
	}
	var out []string
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		found, err := registrations(data)
		if err != nil {
			return nil, err
		}
		out = append(out, found...)
	}
	return out, nil
}

// registered checks whose strings a run has kept, and that only the operator can read
// them: registered RUN NAME...
func registered(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg || len(args) < 2, "registered RUN NAME...")
	file := filepath.Join(stageOf(ts).data, "upgrade-all", args[0], registrationsFile)
	info, err := os.Stat(file)
	ts.Check(err)
	if info.Mode().Perm() != 0o600 {
		ts.Fatalf("%s has the mode %s", file, info.Mode())
	}
	data, err := os.ReadFile(file)
	ts.Check(err)
	var document struct {
		Users map[string]struct {
			Register string `yaml:"register"`
		} `yaml:"users"`
	}
	ts.Check(yaml.Unmarshal(data, &document))
	for _, name := range args[1:] {
		raw, err := base64.URLEncoding.DecodeString(document.Users[name].Register)
		ts.Check(err)
		var r jujuclient.RegistrationInfo
		if _, err := asn1.Unmarshal(raw, &r); err != nil || r.User != name || len(r.SecretKey) == 0 {
			ts.Fatalf("the registration of %s is for %q: %v", name, r.User, err)
		}
	}
	if len(document.Users) != len(args)-1 {
		ts.Fatalf("there are registrations of %d users, want %v", len(document.Users), args[1:])
	}
}

// TestARegistrationThatLeaksFailsItsScript: neither the string nor the key in it may be
// anywhere else than in the run's file.
func TestARegistrationThatLeaksFailsItsScript(t *testing.T) {
	raw, err := asn1.Marshal(jujuclient.RegistrationInfo{User: "erin", SecretKey: []byte("0123456789abcdef"), ControllerName: "new"})
	if err != nil {
		t.Fatal(err)
	}
	text := base64.URLEncoding.EncodeToString(raw)
	file := "exits 0 sh -c 'umask 077; mkdir -p juju/upgrade-all/1; printf \"users:\\n  erin:\\n    register: %s\\n\" " + text + " >juju/upgrade-all/1/registrations.yaml'\n"
	for name, c := range map[string]struct{ script, want string }{
		"in its file alone":  {file, ""},
		"on a stream":        {file + "exits 0 echo " + text + "\n", "a stream shows"},
		"the key on one":     {file + "exits 0 echo MDEyMzQ1Njc4OWFiY2RlZg==\n", "a stream shows"},
		"in another file":    {file + "exits 0 sh -c 'echo 30313233343536373839616263646566 >f'\n", "is in "},
		"in another of ours": {file + "exits 0 sh -c 'umask 077; echo " + text + " >juju/upgrade-all/1/journal.jsonl'\n", "journal.jsonl"},
	} {
		t.Run(name, func(t *testing.T) { mustFail(t, c.script, c.want) })
	}
}
