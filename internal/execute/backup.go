package execute

import (
	"context"
	"crypto/sha1" //nolint:gosec // the checksum that Juju's backups come with
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

// backupTries is how often a backup whose copy arrived broken is made anew:
// the server has no copy any more once a download has begun.
const backupTries = 3

// MakeBackup makes a backup of a controller and copies it here.
type MakeBackup struct {
	Archivist Archivist
	// Dir is where backups go, Run the number of the run they are for.
	Dir string
	Run int
}

// base is the beginning of the names of the controller's backup of this run.
func (k MakeBackup) base(s plan.Step) string {
	return filepath.Join(k.Dir, fmt.Sprintf("juju-backup-run%d-%s", k.Run, s.Controller.Name))
}

// kept describes a backup that is here: it is written last, and makes it count.
type kept struct {
	File string `json:"file"`
	Archive
}

// Look implements Kind: it is there when a whole copy is here.
func (k MakeBackup) Look(ctx context.Context, s plan.Step) (Sight, error) {
	backup, err := readKept(k.base(s) + ".json")
	if errors.Is(err, fs.ErrNotExist) {
		return Sight{Stage: Absent, Note: "making the backup"}, nil
	}
	if err != nil {
		return Sight{}, &certainError{err}
	}
	if err := check(ctx, backup.File, backup.Archive); err != nil {
		return Sight{}, &certainError{fmt.Errorf("the backup in %s is not what was kept there: %w", backup.File, err)}
	}
	return Sight{Stage: There, Result: backup.File}, nil
}

// Act implements Kind. It never overwrites a file.
func (k MakeBackup) Act(ctx context.Context, s plan.Step) error {
	if err := os.MkdirAll(k.Dir, 0o700); err != nil {
		return fmt.Errorf("cannot keep a backup: %w", err)
	}
	var err error
	for range backupTries {
		if err = k.try(ctx, s); fleet.CodeOf(err) != fleet.Corrupt {
			return err
		}
	}
	return err
}

func (k MakeBackup) try(ctx context.Context, s plan.Step) error {
	part, err := os.CreateTemp(k.Dir, ".juju-backup-*.part") // 0600
	if err != nil {
		return fmt.Errorf("cannot keep a backup: %w", err)
	}
	defer os.Remove(part.Name())
	archive, err := k.Archivist.Backup(ctx, s.Controller, s.Model, part)
	if err == nil {
		err = part.Sync()
	}
	if cerr := part.Close(); err == nil {
		err = cerr
	}
	if err != nil {
		return fmt.Errorf("cannot keep a backup of %s: %w", s.Controller.Name, err)
	}
	file, err := link(part.Name(), k.base(s))
	if err != nil {
		return fmt.Errorf("cannot keep a backup of %s: %w", s.Controller.Name, err)
	}
	return writeKept(k.base(s)+".json", kept{File: file, Archive: archive})
}

// link gives the file a name that nothing has yet: one that a crash left
// without its description is not overwritten.
func link(part, base string) (string, error) {
	for n := 1; ; n++ {
		file := base + ".tar.gz"
		if n > 1 {
			file = fmt.Sprintf("%s-%d.tar.gz", base, n)
		}
		err := os.Link(part, file) // unlike a rename, fails when there is one
		if err == nil || !errors.Is(err, fs.ErrExist) {
			return file, err
		}
	}
}

// check compares a file with what the server told of it.
func check(ctx context.Context, file string, a Archive) error {
	f, err := os.Open(file)
	if err != nil {
		return err
	}
	defer f.Close()
	hash := sha1.New() //nolint:gosec // see the import
	size, err := io.Copy(hash, &interruptible{ctx: ctx, r: f})
	if err != nil {
		return err
	}
	sum := base64.StdEncoding.EncodeToString(hash.Sum(nil))
	if size != a.Size || sum != a.SHA1 {
		return &fleet.Problem{Code: fleet.Corrupt, Text: fmt.Sprintf("it has %d bytes of %d, or another checksum", size, a.Size)}
	}
	return nil
}

// interruptible stops reading when ctx ends: backups are large.
type interruptible struct {
	ctx context.Context
	r   io.Reader
}

// Read implements io.Reader.
func (i *interruptible) Read(p []byte) (int, error) {
	if err := i.ctx.Err(); err != nil {
		return 0, err
	}
	return i.r.Read(p)
}

func readKept(file string) (kept, error) {
	var backup kept
	data, err := os.ReadFile(file)
	if err != nil {
		return backup, err
	}
	if err := json.Unmarshal(data, &backup); err != nil {
		return backup, fmt.Errorf("%s does not describe a backup: %w", file, err)
	}
	return backup, nil
}

// writeKept writes the description whole or not at all: a torn one would stand
// in the way of every resume.
func writeKept(file string, backup kept) error {
	data, err := json.MarshalIndent(backup, "", "  ")
	if err != nil {
		return fmt.Errorf("cannot keep a backup: %w", err)
	}
	f, err := os.CreateTemp(filepath.Dir(file), ".juju-backup-*.json") // 0600
	if err != nil {
		return fmt.Errorf("cannot keep a backup: %w", err)
	}
	defer os.Remove(f.Name())
	_, err = f.Write(append(data, '\n'))
	if err == nil {
		err = f.Sync()
	}
	if cerr := f.Close(); err == nil {
		err = cerr
	}
	if err == nil {
		err = os.Link(f.Name(), file)
	}
	if err != nil {
		return fmt.Errorf("cannot keep a backup: %w", err)
	}
	return nil
}
