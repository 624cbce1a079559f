package client

import (
	"bufio"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// Errands are programs that go on by themselves if this process ends, whatever ends
// it: each runs in a session of its own, where no signal of our terminal reaches it.
//
// An errand is told by two files. NAME.log has what it writes. NAME.lock has a line
// for each time that it was begun, and one for each exit code; it is locked for as
// long as the errand runs, by a shell that waits for the program. The lock is taken
// before the shell is there and goes over to it, so there is no instant at which a
// process that dies leaves behind an errand that runs and does not look so.
type Errands struct {
	// Dir is where each keeps its files: the run's directory.
	Dir string
}

// wrapper runs the program ("$@") behind our back, without the lock, which what the
// program leaves behind would keep; and writes the exit code of this run of it ($0)
// where the lock is.
const wrapper = `{ "$@" 3>&-; printf '%s %s\n' "$0" "$?" >&3; } &`

// Start begins the errand of that name; one that is under way is not begun again.
// The arguments reach the program as they are.
func (e Errands) Start(name, program string, args ...string) error {
	if name == "" || name != filepath.Base(name) || !filepath.IsLocal(name) {
		return fmt.Errorf("cannot begin the errand %q: that is no name of a file", name)
	}
	program, err := exec.LookPath(program)
	if err == nil {
		program, err = filepath.Abs(program)
	}
	if err == nil {
		err = e.begin(name, append([]string{program}, args...))
	}
	if err != nil {
		return fmt.Errorf("cannot begin %s: %w", name, err)
	}
	return nil
}

// begin begins the errand while nobody else begins it or looks at it.
func (e Errands) begin(name string, command []string) error {
	gate, err := os.OpenFile(e.file(name, "log"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return err
	}
	defer gate.Close()
	if err := flock(gate, syscall.LOCK_EX); err != nil {
		return err
	}
	// As Go opens it, no other program that we start at this instant keeps it.
	held, err := os.OpenFile(e.file(name, "lock"), os.O_CREATE|os.O_RDWR|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	// Closed, never unlocked: the lock is the errand's as well.
	defer held.Close()
	err = flock(held, syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil
	}
	if err != nil {
		return err
	}
	// Not the file that is the gate: a lock is of all who were given the opened file.
	log, err := os.OpenFile(gate.Name(), os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return err
	}
	defer log.Close()
	return e.run(name, command, held, log)
}

// run writes down that the errand begins, and begins it.
func (e Errands) run(name string, command []string, held, log *os.File) error {
	before, err := held.Stat()
	if err != nil {
		return err
	}
	id, from, err := heading(name, log)
	if err != nil {
		return err
	}
	// One that was killed at its end may have left half a line.
	if _, err := fmt.Fprintf(held, "\n%s begun %d\n", id, from); err != nil {
		return err
	}
	if err := durable(held, e.Dir); err != nil {
		return err
	}
	cmd := exec.Command("/bin/sh", append([]string{"-c", wrapper, id}, command...)...)
	cmd.Stdout, cmd.Stderr = log, log // and stdin is /dev/null
	cmd.ExtraFiles = []*os.File{held} // as 3
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := cmd.Start(); err != nil {
		return errors.Join(err, held.Truncate(before.Size())) // it never was
	}
	return cmd.Wait() // for the shell that leaves another one behind
}

// heading makes an ID for a run of the errand, tells it in the log apart from earlier
// ones, and returns where in the log it begins. The arguments may have secrets.
func heading(name string, log *os.File) (id string, from int64, err error) {
	id = rand.Text()
	if _, err := fmt.Fprintf(log, "\n== %s, begun %s\n", name, time.Now().UTC().Format(time.RFC3339)); err != nil {
		return "", 0, err
	}
	info, err := log.Stat()
	if err != nil {
		return "", 0, err
	}
	return id, info.Size(), nil
}

// durable makes a file and its name outlive a machine that loses its power.
func durable(f *os.File, dir string) error {
	if err := f.Sync(); err != nil {
		return err
	}
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

// Status tells how far the errand of that name is.
func (e Errands) Status(name string) (fleet.Errand, error) {
	out, err := e.status(name)
	if err != nil {
		return fleet.Errand{}, fmt.Errorf("cannot tell how far %s is: %w", name, err)
	}
	return out, nil
}

func (e Errands) status(name string) (fleet.Errand, error) {
	out := fleet.Errand{Stage: fleet.NotBegun, Log: e.file(name, "log")}
	log, err := os.Open(out.Log)
	switch {
	case err == nil:
		defer log.Close()
		// Nobody begins it while we look, and we are not taken for it.
		if err := flock(log, syscall.LOCK_SH); err != nil {
			return out, err
		}
	case !errors.Is(err, fs.ErrNotExist):
		return out, err
	}
	held, err := os.Open(e.file(name, "lock"))
	if errors.Is(err, fs.ErrNotExist) {
		return out, nil
	}
	if err != nil {
		return out, err
	}
	defer held.Close()
	free := flock(held, syscall.LOCK_SH|syscall.LOCK_NB)
	if free != nil && !errors.Is(free, syscall.EWOULDBLOCK) {
		return out, free
	}
	from, err := lastRun(held, &out)
	if err != nil {
		return out, err
	}
	if free != nil {
		out.Stage, out.Code = fleet.Running, 0 // one that has a code ends at this instant
	}
	if log == nil || out.Stage == fleet.NotBegun {
		return out, nil
	}
	out.Output, out.Lines, err = tail(log, from)
	return out, err
}

// lastRun reads which run of the errand was the last and, if it has ended, its code;
// and returns where in the log it begins.
func lastRun(lines *os.File, out *fleet.Errand) (from int64, err error) {
	scan := bufio.NewReader(lines)
	for {
		line, err := scan.ReadString('\n')
		if err != nil {
			return from, ignoreEOF(err) // what has no end was not written whole
		}
		fields := strings.Fields(line)
		switch {
		case len(fields) == 3 && fields[1] == "begun":
			out.Stage, out.ID, out.Code = fleet.Killed, fields[0], 0
			from, err = strconv.ParseInt(fields[2], 10, 64)
		case len(fields) == 2 && fields[0] == out.ID:
			out.Stage = fleet.Ended
			out.Code, err = strconv.Atoi(fields[1])
		}
		if err != nil {
			return 0, err
		}
	}
}

func (e Errands) file(name, kind string) string { return filepath.Join(e.Dir, name+"."+kind) }

// flock locks an open file, for all who were given it, until all of them have closed
// it.
func flock(f *os.File, how int) error {
	for {
		err := syscall.Flock(int(f.Fd()), how)
		if !errors.Is(err, syscall.EINTR) {
			return err
		}
	}
}
