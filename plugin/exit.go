package plugin

import (
	"errors"
	"fmt"

	"github.com/juju/cmd/v3"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/journal"
)

// The exit codes. They are stable, and in the help.
const (
	exitDone        = 0
	exitFailed      = 1
	exitUsage       = 2
	exitBlocked     = 3
	exitInterrupted = 4
	exitStale       = 5
	exitBusy        = 6
	exitPartly      = 7
	exitPending     = 8
)

// exitError is an error with an exit code. Its text may be empty: then what
// there is to say has been said.
type exitError struct {
	code int
	text string
}

// Error implements error.
func (e *exitError) Error() string { return e.text }

// exit ends the command with that code, without another word.
func exit(code int) error {
	if code == exitDone {
		return nil
	}
	return &exitError{code: code}
}

// exitf ends the command with that code and that error message.
func exitf(code int, format string, args ...any) error {
	return &exitError{code: code, text: fmt.Sprintf(format, args...)}
}

// finish is the one place that makes an exit code of an error: it prints the
// error and returns what juju/cmd passes through.
func finish(ctx *cmd.Context, err error) error {
	if err == nil {
		return nil
	}
	code := codeOf(err)
	if err.Error() != "" {
		cmd.WriteError(ctx.Stderr, err)
	}
	return cmd.NewRcPassthroughError(code)
}

func codeOf(err error) int {
	var exit *exitError
	var locked *journal.ErrLocked
	switch {
	case errors.As(err, &exit):
		return exit.code
	case fleet.IsBadInput(err):
		return exitUsage
	case errors.As(err, &locked), errors.As(err, new(*journal.ErrUnfinished)):
		return exitBusy
	}
	return exitFailed
}
