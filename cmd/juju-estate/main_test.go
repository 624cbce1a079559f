package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "estate.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

const small = "controllers: [{name: prod, version: 3.6.4}]\n"

func TestItRunsACommandInTheEstateAndExitsWithItsCode(t *testing.T) {
	var out, errs bytes.Buffer
	code := run([]string{write(t, small), "--", "sh", "-c", `cat "$JUJU_DATA/controllers.yaml"; exit 7`}, nil, &out, &errs)
	if code != 7 || !strings.Contains(out.String(), "current-controller: prod") {
		t.Errorf("code %d\n%s%s", code, &out, &errs)
	}
}

func TestItServesForATimeAndTellsWhatToSet(t *testing.T) {
	store := filepath.Join(t.TempDir(), "store")
	var out, errs bytes.Buffer
	begun := time.Now()
	code := run([]string{"-store", store, "-for", "200ms", write(t, small)}, nil, &out, &errs)
	if code != 0 || !strings.HasPrefix(out.String(), "export JUJU_DATA="+store+"\nexport JUJU_ESTATE=127.0.0.1:") {
		t.Errorf("code %d\n%s%s", code, &out, &errs)
	}
	if time.Since(begun) < 200*time.Millisecond {
		t.Error("it ended early")
	}
	if _, err := os.Stat(filepath.Join(store, "accounts.yaml")); err != nil {
		t.Error(err)
	}
}

func TestWhatIsTypedWrongIsToldWithExitCodeTwo(t *testing.T) {
	good := write(t, small)
	for name, test := range map[string]struct {
		args []string
		want string
	}{
		"no estate":        {nil, "which estate?"},
		"not there":        {[]string{"/nowhere.yaml"}, "no such file"},
		"bad estate":       {[]string{write(t, "controllers: [{name: prod, version: x}]\n")}, `line 1: "x" is not a version`},
		"stray argument":   {[]string{good, "juju"}, "a command comes after --"},
		"nothing after --": {[]string{good, "--"}, "a command comes after --"},
		"option":           {[]string{"-sped", "3", good}, "flag provided but not defined: -sped"},
		"negative":         {[]string{"-speed", "-3", good}, "cannot be negative"},
	} {
		t.Run(name, func(t *testing.T) {
			var out, errs bytes.Buffer
			if code := run(test.args, nil, &out, &errs); code != 2 || !strings.Contains(errs.String(), test.want) {
				t.Errorf("code %d\n%s", code, &errs)
			}
		})
	}
}

// docEstate is the estate that the documentation shows.
func docEstate(t *testing.T) string {
	t.Helper()
	data, err := os.ReadFile("doc.go")
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for line := range strings.Lines(string(data)) {
		text, ok := strings.CutPrefix(line, "//\t")
		if ok && (len(lines) > 0 || strings.HasPrefix(text, "speed:")) {
			lines = append(lines, text)
		} else if len(lines) > 0 {
			break
		}
	}
	return strings.Join(lines, "")
}

func TestTheDocumentedEstateStarts(t *testing.T) {
	var out, errs bytes.Buffer
	if code := run([]string{"-for", "1ms", write(t, docEstate(t))}, nil, &out, &errs); code != 0 {
		t.Errorf("code %d\n%s\n%s", code, &errs, docEstate(t))
	}
}

func TestTheEstateThatMovesStarts(t *testing.T) {
	var out, errs bytes.Buffer
	if code := run([]string{"-for", "1ms", "move.yaml"}, nil, &out, &errs); code != 0 {
		t.Errorf("code %d\n%s", code, &errs)
	}
}

// TestMain makes this test binary the program as well.
func TestMain(m *testing.M) {
	if os.Getenv("JUJU_ESTATE_TEST") != "" {
		main()
	}
	os.Exit(m.Run())
}

func TestItsCommandFindsTheJujuThatStandsIn(t *testing.T) {
	t.Setenv("JUJU_ESTATE_TEST", "1")
	t.Setenv("GORACE", "atexit_sleep_ms=0")
	estate := write(t, "speed: 100\ncontrollers: [{name: prod, version: 3.5.4}]\njuju: {version: 3.6.4}\n")
	var out, errs bytes.Buffer
	code := run([]string{"-juju", estate, "--", "sh", "-c", `juju --version && juju bootstrap lab new --no-switch && cat "$JUJU_DATA/controllers.yaml"`}, nil, &out, &errs)
	if code != 0 || !strings.HasPrefix(out.String(), "3.6.4-ubuntu-amd64\n") || !strings.Contains(out.String(), "agent-version: 3.6.4") ||
		!strings.Contains(errs.String(), `Bootstrap complete, controller "new" is now available`) {
		t.Errorf("code %d\n%s%s", code, &out, &errs)
	}
}
