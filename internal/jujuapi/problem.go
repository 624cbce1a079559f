package jujuapi

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"io"
	"net"
	"os"
	"strings"
	"syscall"

	"github.com/gorilla/websocket"
	"github.com/juju/errors"
	"gopkg.in/httprequest.v1"

	"github.com/juju/juju/api"
	"github.com/juju/juju/rpc"
	"github.com/juju/juju/rpc/params"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// codes says what Juju's error codes mean here. (rpc/params/apierror.go)
func codes() map[string]fleet.ProblemCode {
	return map[string]fleet.ProblemCode{
		params.CodeUpgradeInProgress:   fleet.Busy,
		params.CodeMigrationInProgress: fleet.Busy,
		params.CodeTryAgain:            fleet.Busy,
		params.CodeNotYetAvailable:     fleet.Busy,
		params.CodeExcessiveContention: fleet.Busy,
		params.CodeDeadlineExceeded:    fleet.Busy,
		params.CodeNotLeader:           fleet.Busy,
		params.CodeStopped:             fleet.Busy,
		params.CodeUnauthorized:        fleet.Forbidden,
		params.CodeForbidden:           fleet.Forbidden,
		params.CodeAccessRequired:      fleet.Forbidden,
		params.CodeLoginExpired:        fleet.LoginNeeded,
		params.CodeSessionTokenInvalid: fleet.LoginNeeded,
		params.CodeNoCreds:             fleet.LoginNeeded,
		params.CodeDischargeRequired:   fleet.LoginNeeded,
		params.CodeOperationBlocked:    fleet.Blocked,
		params.CodeNotFound:            fleet.NotFound,
		params.CodeModelNotFound:       fleet.NotFound,
		params.CodeUserNotFound:        fleet.NotFound,
		params.CodeDead:                fleet.NotFound,
		params.CodeRedirect:            fleet.Moved,
		params.CodeNotImplemented:      fleet.Unsupported,
		params.CodeMethodNotAllowed:    fleet.Unsupported,
		params.CodeAlreadyExists:       fleet.UpToDate,
		params.CodeNotSupported:        fleet.Refused,
		params.CodeNotValid:            fleet.Refused,
		params.CodeBadRequest:          fleet.Refused,
		// Of a charm that is set.
		params.CodeIncompatibleBase:      fleet.Refused,
		params.CodeQuotaLimitExceeded:    fleet.Refused,
		params.CodeAppShouldNotHaveUnits: fleet.Refused,
	}
}

// failure is a problem that keeps its cause, for errors.Is.
type failure struct {
	*fleet.Problem
	cause error
}

// Unwrap gives errors.As the problem and errors.Is the cause.
func (f *failure) Unwrap() []error { return []error{f.Problem, f.cause} }

// errNoCode marks an answer that is an error without a code.
const errNoCode = errors.ConstError("error without a code")

// passes makes a trouble that passes of an answer without a code, such as the "EOF"
// of a server's own database connection: one that was only asked to tell something
// has no other reason to answer so. A call that changes something may be refused
// without a code, too.
func passes(err error) error {
	if code, answered := codeOf(err); answered && code == "" {
		return &failure{Problem: &fleet.Problem{Code: fleet.Busy, Text: text(err)}, cause: errNoCode}
	}
	return err
}

// problem classifies the error of a call on an open connection. The error of an
// ended context is returned as it is, or, when its time ran out, as Unreachable.
func (c *conn) problem(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	var known *fleet.Problem
	if errors.As(err, &known) {
		return err
	}
	if ended := ending(ctx, err); ended != nil {
		return ended
	}
	p := &fleet.Problem{Code: fleet.Other, Text: text(err)}
	code, answered := codeOf(err)
	meaning, ok := codes()[code]
	switch {
	case ok:
		p.Code = meaning
	case answered:
		// An answer of no known code: all there is is its text.
	case strange(err):
		p.Code = fleet.Untrusted
	case cut(err) || isClosed(c.Broken()):
		p.Code = fleet.Unreachable
	}
	switch p.Code {
	case fleet.LoginNeeded:
		p.Remedy = "juju login -c " + c.name
	case fleet.Unsupported:
		p.Text = "Juju " + c.version.String() + " does not have this call"
	}
	return p
}

// openProblem classifies why a connection could not be opened. Whoever answers a
// login with an error of no code is in trouble that passes: Juju's own "login
// failed - maintenance in progress" has none (apiserver/admin.go), and a database
// that is not back yet neither.
func (s *Session) openProblem(ctx context.Context, name string, info *api.Info, discharge bool, err error) error {
	if ended := ending(ctx, err); ended != nil && ctx.Err() != nil {
		return ended
	}
	var moved *api.RedirectError
	if errors.As(err, &moved) {
		if moved.FollowRedirect {
			return refuseJAAS(name)
		}
		where := "another controller"
		if moved.ControllerAlias != "" {
			where = "controller " + moved.ControllerAlias
		}
		return &fleet.Problem{Code: fleet.Moved, Text: "the model has moved to " + where}
	}
	if strange(err) && !discharge {
		return &fleet.Problem{
			Code: fleet.Untrusted,
			Text: "its certificate is not the one that this client's registry has (" + text(err) + `): if it was made anew, ` +
				`"juju unregister ` + name + `" and register it again`,
			Remedy: "juju login -c " + name,
		}
	}
	code, answered := codeOf(err)
	if discharge && !answered && s.interrupted(err) {
		return &fleet.Problem{Code: fleet.Unreachable, Text: "the login was cut short: who vouches for the user does not answer"}
	}
	if discharge && !answered {
		// Its text is the bakery's, and may hold parts of macaroons.
		if s.cfg.Prompt != nil {
			return needLogin(name, "the stored login has expired, and what was typed was not accepted")
		}
		return needLogin(name, "the stored login has expired, and a new one needs a person")
	}
	if !answered {
		if ended := ending(ctx, err); ended != nil {
			return ended
		}
		return &fleet.Problem{Code: fleet.Unreachable, Text: text(err)}
	}
	if code == params.CodeUnauthorized && (info.ModelTag.Id() == "" || !s.hasLoggedIn(info.ControllerUUID)) {
		p := &fleet.Problem{Code: fleet.LoginNeeded, Text: "the stored login is not accepted: " + text(err), Remedy: "juju login -c " + name}
		if info.Password != "" && info.Tag != nil {
			// "juju login" tries the stored password too, and fails; "logout" wants force while there is one.
			p.Remedy = "juju logout -c " + name + " --force && juju login -c " + name + " -u " + info.Tag.Id()
		}
		return p
	}
	if meaning, ok := codes()[code]; ok {
		p := &fleet.Problem{Code: meaning, Text: text(err)}
		if meaning == fleet.LoginNeeded {
			p.Remedy = "juju login -c " + name
		}
		return p
	}
	if code == "" {
		return &fleet.Problem{Code: fleet.Busy, Text: text(err)}
	}
	return &fleet.Problem{Code: fleet.Other, Text: text(err)}
}

func (s *Session) hasLoggedIn(uuid string) (yes bool) {
	s.acquainted(uuid, func(a *acquaintance) { yes = a.loggedIn })
	return yes
}

// ending returns the error of a context that has ended: a caller's own cancellation
// is not a problem of Juju's, running out of time is that nothing answered.
func ending(ctx context.Context, err error) error {
	switch {
	case errors.Is(ctx.Err(), context.Canceled):
		return ctx.Err()
	case ctx.Err() != nil, errors.Is(err, context.DeadlineExceeded):
		return &failure{
			Problem: &fleet.Problem{Code: fleet.Unreachable, Text: "no answer in time"},
			cause:   context.DeadlineExceeded,
		}
	}
	return nil
}

// codeOf returns the code that a server gave its answer, and whether it was a
// server's answer at all.
func codeOf(err error) (code string, answered bool) {
	var coded interface{ ErrorCode() string }
	if errors.As(err, &coded) {
		return coded.ErrorCode(), true
	}
	return "", false
}

// cut says that the connection, not the call, has failed.
func cut(err error) bool {
	var (
		network net.Error
		closing *websocket.CloseError
		record  tls.RecordHeaderError
		alert   tls.AlertError
	)
	for _, is := range []error{rpc.ErrShutdown, io.EOF, io.ErrUnexpectedEOF, net.ErrClosed, os.ErrDeadlineExceeded,
		syscall.ECONNRESET, syscall.ECONNREFUSED, syscall.EPIPE} {
		if errors.Is(err, is) {
			return true
		}
	}
	return rpc.IsShutdownErr(err) || errors.As(err, &network) || errors.As(err, &closing) || errors.As(err, &record) ||
		errors.As(err, &alert)
}

// strange says that the server's certificate was looked at and is not the one on
// record: another authority's, another host's, or out of its time. A handshake that
// is cut is not that.
func strange(err error) bool {
	var (
		authority x509.UnknownAuthorityError
		invalid   x509.CertificateInvalidError
		host      x509.HostnameError
		roots     x509.SystemRootsError
	)
	return errors.As(err, &authority) || errors.As(err, &invalid) || errors.As(err, &host) || errors.As(err, &roots)
}

// interrupted says that a discharge, during which a controller asks another server
// (or itself) over HTTP, was cut or met a server that is restarting, so that it says
// nothing of the stored login. Where a person is asked, running out of time is theirs.
func (s *Session) interrupted(err error) bool {
	if errors.Is(err, context.DeadlineExceeded) {
		return s.cfg.Prompt == nil
	}
	for err != nil {
		if strange(err) {
			return false
		}
		var answer *httprequest.DecodeResponseError
		if errors.As(err, &answer) && answer.Response != nil && answer.Response.StatusCode >= 500 || cut(err) {
			return true
		}
		// The bakery's errors hide what they wrap from errors.As.
		if hiding, ok := err.(interface{ Underlying() error }); ok && hiding.Underlying() != nil {
			err = hiding.Underlying()
			continue
		}
		err = errors.Unwrap(err)
	}
	return false
}

// text is what Juju says, without the code that its client appends.
func text(err error) string {
	var (
		request *rpc.RequestError
		result  *params.Error
	)
	switch {
	case errors.As(err, &request):
		return scrub(strings.TrimSpace(request.Message))
	case errors.As(err, &result):
		return scrub(strings.TrimSpace(result.Message))
	}
	return scrub(strings.TrimSpace(err.Error()))
}

func isClosed(done <-chan struct{}) bool {
	select {
	case <-done:
		return true
	default:
		return false
	}
}
