package client

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/juju/version/v2"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// program writes a shell script and returns its path.
func program(t *testing.T, dir, name, script string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte("#!/bin/sh\n"+script+"\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	return path
}

func machine(dirs ...string) Machine {
	m := This()
	m.Path = strings.Join(dirs, string(filepath.ListSeparator))
	return m
}

const snapList = `printf 'Name  Version  Rev    Tracking    Publisher   Notes\njuju  3.6.4    29241  3.6/stable  canonical** -\n'`

func TestAPlainJujuIsFoundWithItsVersion(t *testing.T) {
	dir := t.TempDir()
	path := program(t, dir, "juju", `test "$*" = --version && echo 3.6.4-ubuntu-amd64`)
	want := fleet.Client{Version: version.MustParse("3.6.4"), Path: path}
	if diff := cmp.Diff(want, machine(dir).Look(context.Background(), "")); diff != "" {
		t.Error(diff)
	}
}

func TestASnapIsFoundWithItsChannel(t *testing.T) {
	real, dir := t.TempDir(), t.TempDir()
	// As snapd does it: juju is a link to snap, which goes by its own name.
	program(t, real, "snap", `case "$0" in */juju) echo 3.6.4-genericlinux-amd64;; *) test "$*" = "list juju" && `+snapList+`;; esac`)
	for _, name := range []string{"juju", "snap"} {
		if err := os.Symlink(filepath.Join(real, "snap"), filepath.Join(dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	want := fleet.Client{Version: version.MustParse("3.6.4"), Path: filepath.Join(dir, "juju"), Snap: true, Channel: "3.6/stable"}
	if diff := cmp.Diff(want, machine(dir).Look(context.Background(), "")); diff != "" {
		t.Error(diff)
	}
}

func TestNoJujuAtAllIsNoError(t *testing.T) {
	if diff := cmp.Diff(fleet.Client{}, machine(t.TempDir()).Look(context.Background(), "")); diff != "" {
		t.Error(diff)
	}
}

func TestAJujuThatFailsOrTalksNonsenseHasNoVersion(t *testing.T) {
	for _, script := range []string{"exit 1", "echo not a version", "true", "echo 3.6.4-ubuntu-amd64; exit 3"} {
		dir := t.TempDir()
		path := program(t, dir, "juju", script)
		if diff := cmp.Diff(fleet.Client{Path: path}, machine(dir).Look(context.Background(), "")); diff != "" {
			t.Errorf("%s: %s", script, diff)
		}
	}
}

func TestAJujuThatHangsIsNotWaitedForLongerThanTheContext(t *testing.T) {
	dir := t.TempDir()
	program(t, dir, "juju", "exec sleep 60")
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	began := time.Now()
	if got := machine(dir).Look(ctx, "").Version; got != version.Zero {
		t.Errorf("version %s", got)
	}
	if took := time.Since(began); took > 10*time.Second {
		t.Errorf("took %s", took)
	}
}

func TestWeAreNeverTakenForJuju(t *testing.T) {
	ours, theirs := t.TempDir(), t.TempDir()
	m := machine(ours, theirs)
	m.Self = program(t, ours, "juju-upgrade-all", "echo 9.9.9")
	if err := os.Symlink(m.Self, filepath.Join(ours, "juju")); err != nil {
		t.Fatal(err)
	}
	path := program(t, theirs, "juju", "echo 4.1-beta2-genericlinux-amd64")
	want := fleet.Client{Version: version.MustParse("4.1-beta2"), Path: path}
	if diff := cmp.Diff(want, m.Look(context.Background(), "")); diff != "" {
		t.Error(diff)
	}
}

func TestWhatCanNotBeRunAndRelativeFoldersArePassedOver(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	program(t, dir, "juju", "echo 3.6.4")
	other := t.TempDir()
	if err := os.WriteFile(filepath.Join(other, "juju"), []byte("text"), 0o644); err != nil {
		t.Fatal(err)
	}
	if got := machine(".", "", other).Look(context.Background(), "").Path; got != "" {
		t.Errorf("found %q", got)
	}
}

func TestTheChannelIsReadFromItsColumn(t *testing.T) {
	tests := map[string]string{
		"Name Version Rev Tracking Publisher Notes\njuju 3.6.4 1 3.6/stable canonical -": "3.6/stable",
		"Name Version Rev Tracking Publisher Notes\njuju 3.6.4 x1 - - -":                 "",
		"Name Version Rev\njuju 3.6.4 1":                                                 "",
		"error: no matching snaps":                                                       "",
		"":                                                                               "",
	}
	for out, want := range tests {
		if got := parseTracking(out); got != want {
			t.Errorf("%q: got %q, want %q", out, got, want)
		}
	}
}

func TestOnlyASnapThatIsBehindIsRefreshed(t *testing.T) {
	target := version.MustParse("3.6.11")
	old := fleet.Client{Version: version.MustParse("3.6.4"), Snap: true}
	if got, want := RefreshCommand(old, target), "sudo snap refresh juju --channel=3.6/stable"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	for name, c := range map[string]fleet.Client{
		"new enough": {Version: target, Snap: true},
		"not a snap": {Version: old.Version},
		"not there":  {},
	} {
		if got := RefreshCommand(c, target); got != "" {
			t.Errorf("%s: %q", name, got)
		}
	}
}
