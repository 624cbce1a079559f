package jujutest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"reflect"
	"strings"
	"time"

	"github.com/juju/names/v5"
	"github.com/juju/rpcreflect"
	"github.com/juju/version/v2"

	"github.com/juju/juju/rpc/params"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujutest/estate"
)

// session is one API connection. It is the root of what is served on it.
type session struct {
	server    *server
	modelUUID string
	net       net.Conn
	gone      chan struct{}
	// What a login makes of it.
	user  *user
	model *model
	// restricted is fixed by the login: who logs in while an upgrade is not
	// complete is restricted until they log in again, as in Juju.
	restricted bool
	// So are who logs in to a model that is being imported, or migrates away.
	importing, exporting bool
}

func (s *session) controller() *controller { return s.server.controller }
func (s *session) world() *World           { return s.server.controller.world }
func (s *session) superuser() bool         { return s.user != nil && s.user.access == "superuser" }

// may says whether the user has at least this access (read, write, admin) to a model.
func (s *session) may(m *model, access string) bool {
	rank := map[string]int{"none": 0, "read": 1, "write": 2, "admin": 3}
	return s.superuser() || rank[m.accessOfUser(s.user.name)] >= rank[access]
}

// drop ends the connection without a word.
func (s *session) drop() { _ = s.net.Close() }

// Kill is part of rpc.Root.
func (s *session) Kill() {}

// FindMethod is part of rpc.Root. It says what is refused before a method is even
// looked at, in Juju's order.
func (s *session) FindMethod(facade string, v int, method string) (rpcreflect.MethodCaller, error) {
	s.world().mu.Lock()
	defer s.world().mu.Unlock()
	call := Call{Facade: facade, Version: v, Method: method}
	if err := s.refuses(facade, v, method); err != nil {
		s.record(call, err)
		return nil, err
	}
	h, ok := s.world().served[facade][method]
	if !ok {
		err := &rpcreflect.CallNotImplementedError{RootMethod: facade, Version: v, Method: method}
		s.record(call, err)
		return nil, err
	}
	if s.controller().version4() && v <= h.panics {
		err := apiError("", "runtime error: index out of range [0] with length 0")
		s.record(call, err)
		return nil, err
	}
	return &caller{session: s, handler: h.at(v), call: call}, nil
}

func (s *session) refuses(facade string, v int, method string) error {
	if s.user == nil {
		if facade == "Admin" {
			return nil
		}
		return apiError(params.CodeUnauthorized, "not logged in")
	}
	own := s.server.version
	if s.modelUUID != "" && isControllerFacade(facade, own) {
		return apiError(params.CodeNotSupported, "facade %q not supported for model API connection", facade)
	}
	if s.modelUUID == "" && !isControllerFacade(facade, own) && !isCommonFacade(facade) {
		return apiError(params.CodeNotSupported, "facade %q not supported for controller API connection", facade)
	}
	if s.restricted && !allowedDuringUpgrade(facade, method) {
		return apiError(params.CodeUpgradeInProgress, "upgrade in progress")
	}
	if s.modelUUID != "" {
		if s.importing {
			return apiError("", "migration in progress, model is importing")
		}
		if s.exporting && !allowedDuringMigration(facade, method) {
			return apiError(params.CodeMigrationInProgress, "model migration in progress")
		}
		if s.controller().byUUID[s.modelUUID] != s.model {
			return apiError(params.CodeNotFound, "model %q not found", s.modelUUID)
		}
	}
	versions := facadesOf(own)[facade]
	for _, served := range versions {
		if served == v {
			return nil
		}
	}
	if len(versions) == 0 {
		return &rpcreflect.CallNotImplementedError{RootMethod: facade}
	}
	return &rpcreflect.CallNotImplementedError{RootMethod: facade, Version: v}
}

// caller calls a handler, with the faults that are in force.
type caller struct {
	session *session
	handler handler
	call    Call
}

func (c *caller) ParamsType() reflect.Type { return c.handler.params }
func (c *caller) ResultType() reflect.Type { return c.handler.result }

func (c *caller) Call(ctx context.Context, _ string, arg reflect.Value) (reflect.Value, error) {
	s := c.session
	w := s.world()
	if !s.server.awaitThaw(ctx.Done(), s.gone) {
		return reflect.Value{}, errDropped
	}
	call := c.call
	var args any
	if arg.IsValid() {
		args = arg.Interface()
	}
	call.Args = summarise(call.Facade, args)
	call.Subject = subjectOf(args)
	w.mu.Lock()
	call.Model = s.modelOf(args)
	delay := s.controller().strike(estate.FaultDelay, call)
	drop := s.controller().strike(estate.FaultDrop, call)
	fail := s.controller().strike(estate.FaultError, call)
	wait := c.handler.takes(s, args)
	w.mu.Unlock()
	if delay != nil {
		wait += delay.Delay
	}
	if !s.pause(ctx, wait) {
		return reflect.Value{}, errDropped
	}

	w.mu.Lock()
	defer w.mu.Unlock()
	if drop != nil && drop.When != "after" {
		s.record(call, errDropped)
		s.drop()
		return reflect.Value{}, errDropped
	}
	if fail != nil {
		err := apiError(fail.Code, "%s", cmp.Or(fail.Message, "injected error"))
		s.record(call, err)
		return reflect.Value{}, err
	}
	effects := s.controller().effects
	result, err := c.handler.call(s, arg)
	call.Effect = s.controller().effects != effects
	inner := err
	if err == nil {
		inner = errorWithin(result)
	}
	s.record(call, inner)
	if drop != nil {
		s.drop()
		return reflect.Value{}, errDropped
	}
	return result, err
}

// errorWithin is the error that a result carries, where it carries just one.
func errorWithin(result reflect.Value) error {
	if result.IsValid() && result.Kind() == reflect.Struct {
		if list := result.FieldByName("Results"); list.IsValid() && list.Kind() == reflect.Slice && list.Len() == 1 {
			return errorWithin(list.Index(0))
		}
	}
	if result.IsValid() && result.Kind() == reflect.Struct {
		if f := result.FieldByName("Error"); f.IsValid() && f.Type() == reflect.TypeFor[*params.Error]() && !f.IsNil() {
			return f.Interface().(*params.Error)
		}
	}
	return nil
}

// pause waits a simulated time, and says whether the connection is still there.
func (s *session) pause(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return true
	}
	t := time.NewTimer(s.world().sched.real(d))
	defer t.Stop()
	select {
	case <-t.C:
		return true
	case <-ctx.Done():
	case <-s.gone:
	case <-s.world().done:
	}
	return false
}

// record notes a call and how it ended.
func (s *session) record(call Call, err error) {
	w := s.world()
	call.Time = time.Now()
	call.Controller = s.controller().name
	call.Server = s.server.index
	if call.Model == "" && s.model != nil && s.modelUUID != "" {
		call.Model = s.model.fullName()
	}
	if s.user != nil {
		call.User = s.user.name
	}
	if err != nil {
		call.ErrorText = err.Error()
		var coder interface{ ErrorCode() string }
		var missing *rpcreflect.CallNotImplementedError
		if errors.As(err, &coder) {
			call.Code = coder.ErrorCode()
		} else if errors.As(err, &missing) {
			call.Code = params.CodeNotImplemented
		}
	}
	w.calls = append(w.calls, call)
}

// modelOf is the full name of the model that a call is about.
func (s *session) modelOf(args any) string {
	uuid := ""
	switch args := args.(type) {
	case params.UpgradeModelParams:
		uuid = strings.TrimPrefix(args.ModelTag, "model-")
	case params.Entities:
		if len(args.Entities) == 1 {
			uuid = strings.TrimPrefix(args.Entities[0].Tag, "model-")
		}
	case InitiateMigrationArgs:
		if len(args.Specs) == 1 {
			uuid = strings.TrimPrefix(args.Specs[0].ModelTag, "model-")
		}
	}
	if m := s.controller().byUUID[uuid]; m != nil {
		return m.fullName()
	}
	if s.modelUUID != "" && s.model != nil {
		return s.model.fullName()
	}
	return ""
}

// apiError is an error with a code, as it goes over the wire.
func apiError(code, format string, args ...any) error {
	return &params.Error{Code: code, Message: fmt.Sprintf(format, args...)}
}

// apiFailure is an error as it stands in a result.
func apiFailure(err error) *params.Error {
	var failure *params.Error
	if errors.As(err, &failure) {
		return failure
	}
	return &params.Error{Message: err.Error()}
}

// errDropped never reaches a client: its connection is gone.
var errDropped error = &params.Error{Message: "connection dropped"}

func parseVersion(s string) (version.Number, bool) {
	v, err := version.Parse(s)
	return v, err == nil
}

func userTag(name string) string { return names.NewUserTag(name).String() }
