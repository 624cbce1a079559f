package fleet

import (
	"errors"
	"fmt"
)

// ProblemCode classifies what went wrong with a controller or a model, so that
// nothing has to read a text to decide what to do.
type ProblemCode string

// The problems that can be told apart.
const (
	// Unreachable: no answer, refused, or cut.
	Unreachable ProblemCode = "unreachable"
	// Busy: the server answers but is in its upgrade window or in maintenance.
	Busy ProblemCode = "upgrade-in-progress"
	// LoginNeeded: the stored credentials do not log in; a person has to.
	LoginNeeded ProblemCode = "login-needed"
	// Forbidden: logged in, but not allowed.
	Forbidden ProblemCode = "forbidden"
	// Blocked: "juju disable-command" forbids it.
	Blocked ProblemCode = "command-blocked"
	// Refused: Juju's own validation says no.
	Refused ProblemCode = "refused"
	// NotFound: there is no such thing any more.
	NotFound ProblemCode = "not-found"
	// Untrusted: the server's certificate is not by the authority on record.
	Untrusted ProblemCode = "untrusted"
	// Moved: the model is on another controller now.
	Moved ProblemCode = "moved"
	// Unsupported: the controller is of a kind or an age that this tool does
	// not work with, or lacks the call.
	Unsupported ProblemCode = "unsupported"
	// UpToDate: there is nothing newer.
	UpToDate ProblemCode = "up-to-date"
	// Leftover: the controller still has what an aborted migration brought there.
	Leftover ProblemCode = "leftover"
	// Exists: there is one of that name already.
	Exists ProblemCode = "exists"
	// NeedsPassword: a user is to be given a password that nobody has told.
	NeedsPassword ProblemCode = "needs-password"
	// HalfMade: the making of a controller was cut short.
	HalfMade ProblemCode = "half-made"
	// Corrupt: what arrived is not what was sent.
	Corrupt ProblemCode = "corrupt"
	// Other: anything else; the text is all there is.
	Other ProblemCode = "other"
)

// Problem is a reason: both a fact of a Fleet and the error of a call.
type Problem struct {
	Code ProblemCode `json:"code"`
	// Text is for people. It holds no secrets and never decides anything.
	Text string `json:"text"`
	// Remedy is the command to type; empty when none is known.
	Remedy string `json:"remedy,omitempty"`
}

// Error implements error.
func (p *Problem) Error() string { return p.Text }

// CodeOf returns the code of the Problem in err's chain, Other when it has none
// and "" when err is nil.
func CodeOf(err error) ProblemCode {
	if err == nil {
		return ""
	}
	var p *Problem
	if errors.As(err, &p) {
		return p.Code
	}
	return Other
}

// Passing says that the problem may heal by itself while a controller restarts,
// so that it is worth looking again.
func Passing(err error) bool {
	switch CodeOf(err) {
	case Unreachable, Busy:
		return true
	}
	return false
}

// InputError is what the operator typed, or a file that the operator gave, that
// cannot be used: nothing was changed, and the exit code is 2.
type InputError struct{ Text string }

// Error implements error.
func (e *InputError) Error() string { return e.Text }

// BadInput makes an InputError.
func BadInput(format string, args ...any) error {
	return &InputError{Text: fmt.Sprintf(format, args...)}
}

// IsBadInput says whether there is an InputError in err's chain.
func IsBadInput(err error) bool {
	var input *InputError
	return errors.As(err, &input)
}

// ProblemOf makes a fact of an error: the Problem in its chain with the whole
// text of the error, or an Other.
func ProblemOf(err error) Problem {
	var p *Problem
	if errors.As(err, &p) {
		return Problem{Code: p.Code, Text: err.Error(), Remedy: p.Remedy}
	}
	return Problem{Code: Other, Text: err.Error()}
}
