package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujutest"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujutest/estate"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujutest/standin"
)

func main() {
	args := os.Args[1:]
	switch {
	case filepath.Base(os.Args[0]) == estate.ProgramName:
		os.Exit(standin.Main(args, os.Stdout, os.Stderr))
	case len(args) > 0 && args[0] == estate.ProgramName:
		os.Exit(standin.Main(args[1:], os.Stdout, os.Stderr))
	}
	os.Exit(run(args, os.Stdin, os.Stdout, os.Stderr))
}

type options struct {
	store   string
	speed   float64
	forTime time.Duration
	juju    bool
	estate  string
	command []string
}

// exitUsage is the code for what was typed or read wrong.
const exitUsage = 2

func run(args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	opts, err := parse(args, stderr)
	if errors.Is(err, flag.ErrHelp) {
		return 0
	}
	if err != nil {
		fmt.Fprintln(stderr, "juju-estate:", err)
		return exitUsage
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	code, err := serve(ctx, opts, stdin, stdout, stderr)
	if err != nil {
		fmt.Fprintln(stderr, "juju-estate:", err)
	}
	return code
}

func parse(args []string, stderr io.Writer) (options, error) {
	var opts options
	flags := flag.NewFlagSet("juju-estate", flag.ContinueOnError)
	flags.SetOutput(stderr)
	flags.Usage = func() {
		fmt.Fprintln(stderr, "Usage: juju-estate [-store DIR] [-speed N] [-for DURATION] [-juju] ESTATE.yaml [-- COMMAND ARGS...]")
		flags.PrintDefaults()
	}
	flags.StringVar(&opts.store, "store", "", "write the client store into this folder (default: one that is removed at the end)")
	flags.Float64Var(&opts.speed, "speed", 0, "simulated seconds per second (default: what the file says)")
	flags.DurationVar(&opts.forTime, "for", 0, "end after this time (default: at a signal)")
	flags.BoolVar(&opts.juju, "juju", false, "have the command find the juju that stands in for the real one")
	if err := flags.Parse(args); err != nil {
		return opts, err
	}
	rest := flags.Args()
	if len(rest) == 0 {
		flags.Usage()
		return opts, errors.New("which estate? Name its YAML file")
	}
	opts.estate, rest = rest[0], rest[1:]
	if len(rest) > 0 {
		if rest[0] != "--" || len(rest) == 1 {
			return opts, fmt.Errorf("unexpected argument %q: a command comes after --", rest[0])
		}
		opts.command = rest[1:]
	}
	if opts.speed < 0 || opts.forTime < 0 {
		return opts, errors.New("-speed and -for cannot be negative")
	}
	return opts, nil
}

// serve runs the estate until the command, the time or the context ends.
func serve(ctx context.Context, opts options, stdin io.Reader, stdout, stderr io.Writer) (int, error) {
	data, err := os.ReadFile(opts.estate)
	if err != nil {
		return exitUsage, err
	}
	e, err := estate.Parse(data)
	if err != nil {
		return exitUsage, fmt.Errorf("%s: %w", opts.estate, err)
	}
	if opts.speed > 0 {
		e.Speed = opts.speed
	}
	world, err := jujutest.Start(e)
	if err != nil {
		return 1, err
	}
	defer world.Close()
	if opts.store == "" {
		dir, err := os.MkdirTemp("", "juju-estate-")
		if err != nil {
			return 1, err
		}
		defer os.RemoveAll(dir)
		opts.store = dir
	}
	if err := world.WriteStore(opts.store); err != nil {
		return 1, err
	}
	address, err := world.ServeProgram()
	if err != nil {
		return 1, err
	}
	env := []string{"JUJU_DATA=" + opts.store, standin.EstateVar + "=" + address}
	if opts.forTime > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, opts.forTime)
		defer cancel()
	}
	if opts.juju {
		path, remove, err := putJuju()
		if err != nil {
			return 1, err
		}
		defer remove()
		env = append(env, "PATH="+path)
	}
	if len(opts.command) > 0 {
		return runCommand(ctx, opts.command, env, stdin, stdout, stderr)
	}
	for _, variable := range env {
		fmt.Fprintf(stdout, "export %s\n", variable)
	}
	<-ctx.Done()
	return 0, nil
}

// runCommand runs the command and returns its exit code. A terminal's Ctrl-C reaches
// the command by itself; the estate stays until the command has ended.
func runCommand(ctx context.Context, command, env []string, stdin io.Reader, stdout, stderr io.Writer) (int, error) {
	cmd := exec.CommandContext(ctx, command[0], command[1:]...)
	cmd.Env = append(os.Environ(), env...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = stdin, stdout, stderr
	cmd.Cancel = func() error { return cmd.Process.Signal(syscall.SIGTERM) }
	cmd.WaitDelay = 30 * time.Second
	err := cmd.Run()
	var exit *exec.ExitError
	switch {
	case err == nil:
		return 0, nil
	case errors.As(err, &exit) && exit.ExitCode() >= 0:
		return exit.ExitCode(), nil
	case errors.As(err, &exit):
		return 1, fmt.Errorf("%s: %w", command[0], err)
	}
	return 127, err
}

// putJuju makes a folder with the stand-in for juju in it, and returns a PATH that begins
// with it. It is this very program under that name.
func putJuju() (path string, remove func(), err error) {
	self, err := os.Executable()
	if err != nil {
		return "", nil, err
	}
	dir, err := os.MkdirTemp("", "juju-estate-bin-")
	if err != nil {
		return "", nil, err
	}
	remove = func() { _ = os.RemoveAll(dir) }
	if err := os.Symlink(self, filepath.Join(dir, estate.ProgramName)); err != nil {
		remove()
		return "", nil, err
	}
	return dir + string(filepath.ListSeparator) + os.Getenv("PATH"), remove, nil
}
