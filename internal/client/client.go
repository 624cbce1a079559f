// Package client looks at the juju and snap programs of this machine: which
// juju is on PATH, how old it is, and how it is refreshed.
//
// It runs those programs and nothing else; it does not read Juju's client store.
// It imports fleet and rules, and must not import jujuapi or plugin.
package client

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"

	"github.com/juju/version/v2"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/rules"
)

// patience is how long one program may take to tell its version.
const patience = 5 * time.Second

// Machine is how the programs of this machine are found and run.
type Machine struct {
	// Path is the list of folders to search, as in $PATH.
	Path string
	// Self is this very program: a "juju" that is it is passed over.
	Self string
	// Output runs a program and returns what it writes to stdout.
	Output func(ctx context.Context, program string, args ...string) (string, error)
}

// This is the machine that we run on.
func This() Machine {
	self, err := os.Executable()
	if err != nil {
		self = "" // then nothing is passed over
	}
	return Machine{Path: os.Getenv("PATH"), Self: self, Output: output}
}

// Look tells of the juju client of that file; with none, of the one on PATH. What
// cannot be told is left zero; having no juju client at all is no error. Library is
// left to the caller, who knows what it is linked with.
func Look(ctx context.Context, file string) fleet.Client { return This().Look(ctx, file) }

// Look is as the function Look, for that machine.
func (m Machine) Look(ctx context.Context, file string) fleet.Client {
	c := fleet.Client{Path: file}
	if file == "" {
		c.Path = m.find("juju")
	}
	if c.Path == "" {
		return c
	}
	c.Version = m.version(ctx, c.Path)
	if c.Snap = isSnap(c.Path); c.Snap {
		c.Channel = m.channel(ctx)
	}
	return c
}

// RefreshCommand is the command that brings the client to target; empty when it
// is new enough, is not there, or is not a snap and so not refreshed in a way
// that is known here.
func RefreshCommand(c fleet.Client, target version.Number) string {
	if !c.Snap || rules.ClientBehind(c.Version, target) == "" {
		return ""
	}
	return rules.RefreshClient(target)
}

// find returns the first program of that name on the path that is not we.
func (m Machine) find(name string) string {
	for _, dir := range filepath.SplitList(m.Path) {
		if !filepath.IsAbs(dir) {
			continue // as Go's own look-up: nothing out of the current folder
		}
		file := filepath.Join(dir, name)
		info, err := os.Stat(file)
		if err != nil || info.IsDir() || info.Mode()&0o111 == 0 {
			continue
		}
		if self, err := os.Stat(m.Self); err == nil && os.SameFile(info, self) {
			continue
		}
		return file
	}
	return ""
}

// version asks the program. "juju --version" runs no plugin, so it cannot come
// back to us. (Where juju was never used before, it first makes its folder and
// asks for public clouds, as any juju command does; hence the patience.)
func (m Machine) version(ctx context.Context, juju string) version.Number {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	out, err := m.Output(ctx, juju, "--version")
	if err != nil {
		return version.Zero
	}
	return parseVersion(out)
}

// parseVersion reads "3.6.11-ubuntu-amd64", or a version alone.
func parseVersion(out string) version.Number {
	fields := strings.Fields(out)
	if len(fields) == 0 {
		return version.Zero
	}
	if b, err := version.ParseBinary(fields[0]); err == nil {
		return b.Number
	}
	if n, err := version.Parse(fields[0]); err == nil {
		return n
	}
	return version.Zero
}

// isSnap says whether the program is a snap's: it lies in /snap, or is the link
// to the snap program that stands for a snap's command.
func isSnap(path string) bool {
	target, err := filepath.EvalSymlinks(path)
	if err != nil {
		target = path
	}
	return strings.HasPrefix(path, "/snap/") || strings.HasPrefix(target, "/snap/") ||
		filepath.Base(target) == "snap"
}

// channel asks snapd, which answers from this machine alone, what the juju snap
// tracks; empty when it does not tell.
func (m Machine) channel(ctx context.Context) string {
	snap := m.find("snap")
	if snap == "" {
		return ""
	}
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	out, err := m.Output(ctx, snap, "list", "juju")
	if err != nil {
		return ""
	}
	return parseTracking(out)
}

// parseTracking reads the column Tracking of juju's row in "snap list juju".
func parseTracking(out string) string {
	lines := strings.Split(strings.TrimSpace(out), "\n")
	column := -1
	for i, title := range strings.Fields(lines[0]) {
		if title == "Tracking" {
			column = i
		}
	}
	for _, line := range lines[1:] {
		fields := strings.Fields(line)
		if column >= 0 && len(fields) > column && fields[0] == "juju" && fields[column] != "-" {
			return fields[column]
		}
	}
	return ""
}

// output runs a program of this machine.
func output(ctx context.Context, program string, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, program, args...)
	// A child that keeps the pipe open does not keep us.
	cmd.WaitDelay = time.Second
	// Column titles are translated otherwise.
	cmd.Env = append(os.Environ(), "LC_ALL=C")
	out, err := cmd.Output()
	return string(out), err
}
