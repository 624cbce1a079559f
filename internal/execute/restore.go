package execute

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

// restoreErrand is the name of the errand, and of its log in the run's directory.
const restoreErrand = "restore"

// RestoreCopy gives a new controller what juju-restore --copy-controller takes of the
// source's backup: both are copied to its machine 0 by juju scp, and juju-restore is
// run there by juju ssh. What has arrived is then looked at as if it were cloned one
// by one.
type RestoreCopy struct {
	Watcher Watcher
	Errands Errands
	// Backup is where the run's backups are.
	Backup MakeBackup
}

// Look implements Kind: it is there when it has ended well and all users of the source
// are seen. Users alone show nothing, where all have the names of those who are there
// anyway; and the end alone not that Juju has the database in use again.
func (k RestoreCopy) Look(ctx context.Context, s plan.Step) (Sight, error) {
	errand, err := k.Errands.Status(restoreErrand)
	if err != nil {
		return Sight{}, &certainError{err}
	}
	switch {
	case errand.Stage == fleet.NotBegun:
		return Sight{Stage: Absent}, nil
	case errand.Stage == fleet.Running:
		return Sight{Stage: Coming, Note: lastLine(errand), Mark: fmt.Sprint(errand.Lines)}, nil
	case errand.Stage == fleet.Killed, errand.Code != 0:
		// The controller is not asked: one that failed may have left it stopped.
		return Sight{Stage: Absent, Outcome: Outcome{ID: errand.ID, Text: failed("the restore", errand)}}, nil
	}
	return k.arrived(ctx, s)
}

// arrived tells whether the users of the source are there.
func (k RestoreCopy) arrived(ctx context.Context, s plan.Step) (Sight, error) {
	// Juju restarts the controller after it.
	if err := k.Watcher.Open(ctx, s.Target); err != nil {
		return Sight{}, err
	}
	users, err := k.Watcher.Users(ctx, s.Target)
	if err != nil {
		return Sight{}, err
	}
	var missing []string
	for _, name := range s.Names {
		if userOf(users, name) == nil {
			missing = append(missing, name)
		}
	}
	sight := Sight{Stage: There, There: len(s.Names) - len(missing), Awaited: len(s.Names)}
	if len(missing) > 0 {
		sight.Stage, sight.Note = Coming, "juju-restore has ended well, and these users are not there: "+strings.Join(missing, ", ")
	}
	return sight, nil
}

// restoreScript copies and runs. What is on the machine is named as here, so that
// nothing of it has to be quoted for the machine's shell but what quoted is. Each file
// is copied from its directory: juju scp takes what is before a colon for a machine.
const restoreScript = `set -e
echo "copying the backup and juju-restore to machine 0 of $2"
for file in "$3" "$4"; do
	(cd -- "$(dirname -- "$file")" && "$1" scp -m "$2" -- "$(basename -- "$file")" 0:)
done
echo "restoring"
"$1" ssh -m "$2" 0 -- "$5"
`

// Act implements Kind. Its errors are of what comes before: nothing was begun then.
func (k RestoreCopy) Act(_ context.Context, s plan.Step) error {
	backup, err := readKept(k.Backup.base(s) + ".json")
	if errors.Is(err, fs.ErrNotExist) {
		return &preparationError{fmt.Errorf("there is no backup of %s by this run to restore from", s.Controller.Name)}
	}
	if err != nil {
		return &preparationError{err}
	}
	program, file := filepath.Base(s.Program), filepath.Base(backup.File)
	there := fmt.Sprintf("chmod +x ./%[1]s && sudo ./%[1]s --yes --copy-controller ./%[2]s", quoted(program), quoted(file))
	err = k.Errands.Start(restoreErrand, "/bin/sh", "-c", restoreScript, "restore", s.Juju, s.Target.Name+":admin/controller", backup.File, s.Program, there)
	if err != nil {
		return &preparationError{fmt.Errorf("cannot run %s: %w", s.Juju, err)}
	}
	return nil
}

// quoted quotes a word for a POSIX shell.
func quoted(word string) string { return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'" }
