package jujutest

import (
	"archive/tar"
	"bytes"
	"cmp"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujutest/estate"
)

// What juju scp and juju ssh do on machine 0 of a controller: files get there, and
// juju-restore --copy-controller is run with them.

// copyFiles copies files to machine 0 of a controller.
func (w *World) copyFiles(controllerName string, files map[string][]byte) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	c, err := w.controller(controllerName)
	if err != nil {
		return err
	}
	if w.program.copied[c.uuid] == nil {
		w.program.copied[c.uuid] = map[string][]byte{}
	}
	maps.Copy(w.program.copied[c.uuid], files)
	return nil
}

// Copied are the names of the files that were copied to machine 0 of a controller.
func (w *World) Copied(controllerName string) ([]string, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	c, err := w.controller(controllerName)
	if err != nil {
		return nil, err
	}
	return slices.Sorted(maps.Keys(w.program.copied[c.uuid])), nil
}

// restoring is a command that runs juju-restore with a backup, both in the home folder.
var restoring = regexp.MustCompile(`\./'?([^ ']+)'? (?:\S+ )*--copy-controller (?:\S+ )*\./'?([^ ']+)'?$`)

// runOnMachine runs a command on machine 0 of a controller, and returns its output and
// exit code.
func (w *World) runOnMachine(gone <-chan struct{}, controllerName, command string) (output []string, code int, err error) {
	words := restoring.FindStringSubmatch(command)
	if words == nil || !strings.Contains(command, "--yes") {
		return []string{"bash: " + command + ": command not found"}, 127, nil
	}
	w.mu.Lock()
	c, err := w.controller(controllerName)
	var source *controller
	var refusal string
	if err == nil {
		source, refusal = w.restorable(c, words[1], words[2])
	}
	pause := w.sched.real(w.timing.Restore)
	w.mu.Unlock()
	switch {
	case err != nil:
		return nil, 0, err
	case refusal != "":
		return []string{refusal}, 1, nil
	}
	select {
	case <-time.After(pause):
	case <-gone: // it goes on, as on a machine
		time.Sleep(pause)
	case <-w.done:
		return nil, 0, errors.New("the world has ended")
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	c.copyController(source)
	w.restartAPI(c)
	return []string{"Connecting to database...", "Checking database and replica set health...", "Running restore...", "Database restore complete.", "Controller restored."}, 0, nil
}

// restorable says from which controller a backup is, and why it cannot be restored.
func (w *World) restorable(target *controller, program, file string) (*controller, string) {
	files := w.program.copied[target.uuid]
	for _, name := range []string{program, file} {
		if _, ok := files[name]; !ok {
			return nil, fmt.Sprintf("./%s: No such file or directory", name)
		}
	}
	meta, err := metadataOf(files[file])
	if err != nil {
		return nil, "ERROR cannot read backup: " + err.Error()
	}
	if f := w.program.faults.strike(func(f *fault) bool { return f.Kind == estate.FaultRestoreFails }); f != nil {
		return nil, "ERROR " + cmp.Or(f.Message, "cannot restore: replica set is not healthy")
	}
	source, err := w.controller(meta.ControllerUUID)
	switch {
	case err != nil:
		return nil, "ERROR backup of an unknown controller"
	case meta.FormatVersion > 1:
		return nil, fmt.Sprintf("ERROR unsupported backup format version %d", meta.FormatVersion)
	case target.version4():
		return nil, "ERROR cannot connect to database: no reachable servers"
	case len(target.models) > 1:
		return nil, "ERROR the target controller has workload models"
	}
	return source, ""
}

// metadata is what a backup says of itself.
type metadata struct {
	ControllerUUID string
	FormatVersion  int64
}

// metadataOf reads a backup.
func metadataOf(data []byte) (metadata, error) {
	var meta metadata
	zip, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return meta, err
	}
	for files := tar.NewReader(zip); ; {
		header, err := files.Next()
		if err != nil {
			return meta, err
		}
		if header.Name == "juju-backup/metadata.json" {
			return meta, json.NewDecoder(files).Decode(&meta)
		}
	}
}

// copyController gives a controller what juju-restore --copy-controller copies: users
// with their passwords, access, clouds, settings, model defaults and secret backends.
func (c *controller) copyController(source *controller) {
	c.effects++
	for _, u := range source.users {
		if u.removed || u.name == c.user.name {
			continue
		}
		if old := c.userNamed(u.name); old != nil {
			old.removed = true
		}
		own := *u
		c.users = append(c.users, &own)
	}
	for _, cl := range source.clouds {
		i := slices.IndexFunc(c.clouds, func(own *cloud) bool { return own.name == cl.name })
		if i < 0 {
			c.clouds = append(c.clouds, cl.clone())
			continue
		}
		copied := cl.clone()
		c.clouds[i].users, c.clouds[i].defaults, c.clouds[i].regional = copied.users, copied.defaults, copied.regional
	}
	for key, value := range source.config {
		if s, ok := settingsOf(c.version())[key]; ok && s.may == "S" && key != "controller-name" {
			c.config[key] = value
		}
	}
	for _, b := range source.backends {
		if c.backendByID(b.id) == nil {
			c.backends = append(c.backends, b)
		}
	}
	for id, cred := range source.credentials {
		if c.credentials[id] == nil {
			own := *cred
			c.credentials[id] = &own
		}
	}
}
