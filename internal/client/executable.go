package client

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// Executable returns why the file that the operator gave is no program that can be
// run; nil when it is.
func Executable(file string) error {
	path, err := filepath.Abs(file) // a name alone is a file here, not one of PATH
	if err != nil {
		return fleet.BadInput("cannot find %q: %v", file, err)
	}
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fleet.BadInput("there is no file %q", file)
	case err != nil:
		return fleet.BadInput("cannot look at %q: %v", file, err)
	case !info.Mode().IsRegular():
		return fleet.BadInput("%q is no file", file)
	}
	if _, err := exec.LookPath(path); err != nil {
		return fleet.BadInput("%q is not executable: chmod +x %s", file, file)
	}
	return nil
}
