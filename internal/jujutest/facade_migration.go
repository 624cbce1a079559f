package jujutest

import (
	"net"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/juju/names/v5"
	"github.com/juju/version/v2"

	"github.com/juju/juju/rpc/params"
)

// InitiateMigrationArgs is params.InitiateMigrationArgs with the field that newer
// servers have.
type InitiateMigrationArgs struct {
	params.InitiateMigrationArgs
	DryRun bool `json:"dry-run,omitempty"`
}

// honoursDryRun says whether a server knows that field. One that does not begins the
// migration. (Juju PR 21552)
func honoursDryRun(v version.Number) bool {
	since := version.MustParse("3.6.13")
	if v.Major >= 4 {
		since = version.MustParse("4.0.3")
	}
	return v.Compare(since) >= 0
}

// targetInfo is how a source logs in at a target.
type targetInfo struct {
	uuid, alias, caCert string
	addrs               []string
	user, password      string
}

func targetOf(spec params.MigrationTargetInfo) targetInfo {
	return targetInfo{
		uuid: strings.TrimPrefix(spec.ControllerTag, "controller-"), alias: spec.ControllerAlias, caCert: spec.CACert,
		addrs: spec.Addrs, user: spec.AuthTag, password: spec.Password,
	}
}

// connectFailure is why a source could not log in at a target.
type connectFailure struct {
	params.Error
	// refused says that the target answers, and does not let the source in.
	refused bool
}

// dial finds the controller that answers at one of the addresses.
func (w *World) dial(addrs []string) *controller {
	for _, c := range w.controllers {
		for _, s := range c.servers {
			if slices.Contains(addrs, s.addr()) && s.http != nil && s.freezes == 0 {
				return c
			}
		}
	}
	return nil
}

// connect logs in at the target.
func (w *World) connect(t targetInfo) (*controller, *connectFailure) {
	c, u, failure := w.login(t)
	if failure == nil && u.access != "superuser" {
		return nil, &connectFailure{refused: true, Error: params.Error{Code: params.CodeUnauthorized, Message: "permission denied"}}
	}
	return c, failure
}

func (w *World) login(t targetInfo) (*controller, *user, *connectFailure) {
	c := w.dial(t.addrs)
	if c == nil {
		return nil, nil, &connectFailure{Error: params.Error{Message: "dial tcp " + strings.Join(t.addrs, ",") + ": i/o timeout"}}
	}
	if t.caCert != "" && strings.TrimSpace(t.caCert) != strings.TrimSpace(c.ca.pem) {
		return nil, nil, &connectFailure{refused: true, Error: params.Error{Message: "x509: certificate signed by unknown authority"}}
	}
	u := c.authenticate(t.user, t.password)
	if u == nil {
		return nil, nil, &connectFailure{refused: true,
			Error: params.Error{Code: params.CodeUnauthorized, Message: "invalid entity name or password (unauthorized access)"}}
	}
	u.lastLogin = time.Now()
	return c, u, nil
}

// initiateMigrationHandler is Controller.InitiateMigration. A target that cannot be
// reached is dialled for a while. (seen)
func initiateMigrationHandler() handler {
	h := method(initiateMigration)
	h.slow = func(s *session, args any) time.Duration {
		for _, spec := range args.(InitiateMigrationArgs).Specs {
			if s.superuser() && s.world().dial(spec.TargetInfo.Addrs) == nil {
				if s.controller().version4() {
					return time.Minute
				}
				return 3 * time.Second
			}
		}
		return 0
	}
	return h
}

func initiateMigration(s *session, args InitiateMigrationArgs) (params.InitiateMigrationResults, error) {
	var out params.InitiateMigrationResults
	if !s.superuser() {
		return out, errPerm()
	}
	dry := args.DryRun && honoursDryRun(s.server.version)
	for _, spec := range args.Specs {
		result := params.InitiateMigrationResult{ModelTag: spec.ModelTag}
		result.MigrationId, result.Error = s.initiateOne(spec, dry)
		out.Results = append(out.Results, result)
	}
	return out, nil
}

// initiateOne makes the prechecks of both sides, and begins the migration.
func (s *session) initiateOne(spec params.MigrationSpec, dry bool) (string, *params.Error) {
	c := s.controller()
	tag, err := names.ParseModelTag(spec.ModelTag)
	if err != nil {
		return "", failf("model tag: %v", err)
	}
	m := c.byUUID[tag.Id()]
	if m == nil {
		return "", &params.Error{Code: params.CodeNotFound, Message: "model not found"}
	}
	if _, err := names.ParseControllerTag(spec.TargetInfo.ControllerTag); err != nil {
		return "", failf("controller tag: %v", err)
	}
	if _, err := names.ParseUserTag(spec.TargetInfo.AuthTag); err != nil {
		return "", failf("auth tag: %v", err)
	}
	target := targetOf(spec.TargetInfo)
	if failure := s.migrationChecks(m, target, spec.TargetInfo.SkipUserChecks); failure != nil {
		return "", failure
	}
	switch {
	case m.isController():
		return "", failf("controllers can't be migrated")
	case dry:
		return "", nil
	case m.migration.active() && c.version4():
		return "", failf("model %q already has an active migration: model already has an active migration", m.uuid)
	case m.migration.active():
		return "", failf("failed to create migration: already in progress")
	}
	id := m.uuid + ":" + strconv.Itoa(c.attempts[m.uuid])
	if c.version4() {
		id = uuidFrom("migration " + id)
	}
	c.attempts[m.uuid]++
	c.effects++
	c.world.secrets = append(c.world.secrets, target.password)
	c.world.beginMigration(&migration{id: id, model: m, target: target})
	return id, nil
}

// migrationChecks are what the call itself finds. Juju 4 leaves the target's own
// prechecks to its worker.
func (s *session) migrationChecks(m *model, t targetInfo, skipUsers bool) *params.Error {
	const source = "source prechecks failed: "
	failure := s.controller().refusal(m)
	if failure == nil {
		failure = m.sourceChecks()
	}
	if failure != nil {
		return &params.Error{Code: failure.Code, Message: source + failure.Message}
	}
	target, as, refused := s.world().login(t)
	if refused != nil {
		return &params.Error{Code: refused.Code, Message: "connect to target controller: " + refused.Message}
	}
	if !skipUsers {
		if failure := m.userChecks(target, as); failure != nil {
			return failure
		}
	}
	const prefix = "target prechecks failed: "
	switch {
	case s.controller().version4():
		return tooOld(s.server.version, target.version())
	case as.access != "superuser":
		return &params.Error{Code: params.CodeUnauthorized, Message: prefix + "permission denied"}
	}
	if failure := target.targetChecks(m); failure != nil {
		return &params.Error{Code: failure.Code, Message: prefix + failure.Message}
	}
	return nil
}

// tooOld says that the target does not know what Juju 4 sends: that of 4.0.12 and
// later sends what only 4.1 knows.
func tooOld(source, target version.Number) *params.Error {
	served := facadesOf(target)["MigrationTarget"]
	if target.Major < 4 || !upgraderOnModel(source) && served[len(served)-1] < 8 {
		return failf("target controller is too old to support password-authenticated migration")
	}
	return nil
}

// abortImport is MigrationTarget.Abort: it removes a model that is being imported.
func abortImport(s *session, args params.ModelArgs) error {
	if !s.superuser() {
		return errPerm()
	}
	tag, err := names.ParseModelTag(args.ModelTag)
	if err != nil {
		return apiError("", "%v", err)
	}
	m := s.controller().byUUID[tag.Id()]
	switch {
	case m == nil:
		return apiError(params.CodeNotFound, "model %q not found", tag.Id())
	case !m.importing:
		return apiError("", "migration mode for the model is not importing")
	}
	s.world().forgetModel(m)
	s.controller().effects++
	return nil
}

func hostPort(addr string) (params.HostPort, bool) {
	host, port, err := net.SplitHostPort(addr)
	n, convErr := strconv.Atoi(port)
	if err != nil || convErr != nil {
		return params.HostPort{}, false
	}
	return params.HostPort{Address: params.Address{Value: host, Type: "ipv4", Scope: "public"}, Port: n}, true
}
