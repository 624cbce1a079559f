package plugin

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/juju/version/v2"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

func TestWhatContradictsThePlanIsNotPassedOnToABootstrap(t *testing.T) {
	for words, says := range map[string]string{
		"--auto-upgrade":      "--auto-upgrade cannot be passed on: the controller would not be of the client's version",
		"--auto-upgrade=true": "--auto-upgrade cannot be passed on",
		"--build-agent":       "--build-agent cannot be passed on",
		"--keep-broken":       "--keep-broken cannot be passed on: the run says so",
		"--keep-broken=false": "--keep-broken cannot be passed on",
		"--no-switch":         "--no-switch cannot be passed on",
		"--no-switch=false":   "--no-switch cannot be passed on",
		"--switch":            "--switch cannot be passed on",
		"--debug --help":      "--help cannot be passed on: with it, juju makes no controller",
		"-h":                  "-h cannot be passed on",
		"--clouds":            "--clouds cannot be passed on",
		"--regions lab":       "--regions cannot be passed on",
		"-c other":            "-c cannot be passed on: the run names the new controller",
		"--model=admin/x":     "--model cannot be passed on",
		"other":               "number 1 is neither an option of 'juju bootstrap' nor the value of one",
		"--force other":       "number 2 is neither",
		"--config=a=b other":  "number 2 is neither",
		"--config a=b other":  "number 3 is neither",
		"-- other":            "number 1 is neither",
		"-config=a=b":         "number 1 is neither",
		"--credential":        "--credential lacks what it is set to",
		"--config=test-mode=true --model-default":  "--model-default lacks",
		"--config=a.yaml --constraints mem=8G":     "",
		"--force --to zone=a -B --verbose --debug": "",
		"--new-of-a-juju-to-come value --force":    "",
		"--new-of-a-juju-to-come --force":          "",
		"--agent-version 3.6.11":                   "",
	} {
		_, err := bootstrapArguments(strings.Fields(words))
		refusedAs(t, words, err, says)
	}
}

func TestNoSecretIsPassedOnToABootstrapInSight(t *testing.T) {
	const secret = "hunter2"
	for _, words := range [][]string{
		{"--config=admin-secret=hunter2"},
		{"--config", "admin-secret=hunter2"},
		{"--config=ca-private-key=hunter2"},
		{"--config=ssh-server-host-key=hunter2"},
		{"--config=object-store-s3-static-secret=hunter2"},
		{"--config=object-store-s3-static-session=hunter2"},
		{"--model-default=syslog-client-key=hunter2"},
		{"--model-default=http-proxy=http://me:hunter2@proxy:3128"},
		{"--model-default", "http-proxy=me:hunter2@proxy:3128"},
		{"--config=agent-metadata-url=https://store.example/?sig=hunter2"},
		{"--config=login-token-refresh-url=https://hunter2@jimm.example"},
		{`--config=caas-image-repo={"password":"hunter2"}`},
		{"--config=caas-image-repo= [hunter2]"},
		{"--config=cloudinit-userdata=users:\n- hunter2"},
		{"--storage-pool=account-password=hunter2"},
		{"--metadata-source=https://me:hunter2@store.example"},
		{"--new-of-a-juju-to-come", "https://me:hunter2@store.example"},
		{"--force", "hunter2"},
	} {
		_, err := bootstrapArguments(words)
		if !fleet.IsBadInput(err) || strings.Contains(err.Error(), secret) {
			t.Errorf("%q: %v", words, err)
		}
		if strings.Contains(words[0], "config") && !strings.Contains(err.Error(), "put it into a file and pass on --config=FILE") {
			t.Errorf("%q: how it can be done is not said: %v", words, err)
		}
	}
	for _, words := range []string{
		"--config=identity-url=https://id.example --config=identity-public-key=o/ABCD+= --config=agent-ratelimit-max=10",
		"--config=login-token-refresh-url=https://jimm.example/.well-known/jwks.json --config=caas-image-repo=ghcr.io/juju",
		"--config=features=[x,y] --config=ca-private-key-path=/etc/key.pem --config=juju-ha-space=ha",
		"--model-default=http-proxy=http://proxy:3128 --model-default=no-proxy=localhost,10.0.0.0/8 --credential=mine",
	} {
		_, err := bootstrapArguments(strings.Fields(words))
		refusedAs(t, words, err, "")
	}
}

// TestAClientMakesAControllerOfItsOwnVersionOnly: its version decides the target.
func TestAClientMakesAControllerOfItsOwnVersionOnly(t *testing.T) {
	for words, says := range map[string]string{
		"":                                      "",
		"--agent-version=3.6.11":                "",
		"--agent-version 3.6.11-ubuntu-amd64":   "",
		"--agent-version=3.6.10":                "/opt/juju is of 3.6.11 and makes a controller of that version: name another client with --juju PATH",
		"--force --agent-version 4.1.0":         "/opt/juju is of 3.6.11",
		"--agent-version=next":                  "/opt/juju is of 3.6.11",
		"--agent-version=3.6.11 --config=a.yml": "",
	} {
		arguments, err := bootstrapArguments(strings.Fields(words))
		if err != nil {
			t.Fatal(err)
		}
		refusedAs(t, words, ownVersion(arguments, "/opt/juju", version.MustParse("3.6.11")), says)
		refusedAs(t, words, ownVersion(arguments, "", version.Zero), "")
	}
}

// TestFilesOfABootstrapAreFoundWhereverTheRunGoesOn: it may be applied and resumed in
// another directory, and the source is patched before juju reads them.
func TestFilesOfABootstrapAreFoundWhereverTheRunGoesOn(t *testing.T) {
	dir := t.TempDir()
	abs := func(file string) string { return filepath.Join(dir, file) }
	for name, content := range map[string]string{"a.yaml": "admin-secret: hunter2\n", "torn.yaml": "[hunter2", "list.yaml": "- hunter2\n", "db.snap": "\x00"} {
		if err := os.WriteFile(abs(name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for words, want := range map[string]string{
		"--config=a.yaml":         "--config=DIR/a.yaml",
		"--config a.yaml --force": "--config DIR/a.yaml --force",
		"--config=a.yaml --config=a=b --model-default=a.yaml": "--config=DIR/a.yaml --config=a=b --model-default=DIR/a.yaml",
		"--storage-pool=a.yaml --db-snap db.snap":             "--storage-pool=DIR/a.yaml --db-snap DIR/db.snap",
		"--metadata-source=.":                                 "--metadata-source=DIR",
		"--controller-charm-path=./db.snap":                   "--controller-charm-path=DIR/db.snap",
		"--controller-charm-path=juju-controller":             "--controller-charm-path=juju-controller",
		"--credential=a.yaml --bootstrap-base ubuntu@24.04":   "--credential=a.yaml --bootstrap-base ubuntu@24.04",
		"--config=none.yaml":                                  "ERROR --bootstrap-arg --config DIR/none.yaml cannot be read: no such file or directory",
		"--model-default none.yaml":                           "ERROR --bootstrap-arg --model-default DIR/none.yaml cannot be read: no such file or directory",
		"--db-snap-asserts=none.assert":                       "ERROR --bootstrap-arg --db-snap-asserts DIR/none.assert cannot be read: no such file or directory",
		"--config=.":                                          "ERROR --bootstrap-arg --config DIR is no regular file",
		"--config=torn.yaml":                                  "ERROR --bootstrap-arg --config DIR/torn.yaml is not YAML of the form KEY: VALUE",
		"--config=list.yaml":                                  "ERROR --bootstrap-arg --config DIR/list.yaml is not YAML of the form KEY: VALUE",
	} {
		typed := strings.Fields(words)
		arguments, err := bootstrapArguments(typed)
		if err != nil {
			t.Fatal(err)
		}
		got, err := placed(typed, arguments, abs)
		said := strings.Join(got, " ")
		if err != nil {
			said = "ERROR " + err.Error()
		}
		if want := strings.ReplaceAll(want, "DIR", dir); said != want || err != nil && !fleet.IsBadInput(err) {
			t.Errorf("%q: %s, and not %s", words, said, want)
		}
		if diff := strings.Join(typed, " "); diff != words {
			t.Errorf("what was typed is changed: %q", diff)
		}
	}
}

// refusedAs wants bad input that says so, or nothing where it is to say nothing.
func refusedAs(t *testing.T, words string, err error, says string) {
	t.Helper()
	switch {
	case says == "" && err != nil, says != "" && !fleet.IsBadInput(err):
		t.Errorf("%q: %v", words, err)
	case says != "" && !strings.Contains(err.Error(), says):
		t.Errorf("%q: %v, and not %q", words, err, says)
	}
}
