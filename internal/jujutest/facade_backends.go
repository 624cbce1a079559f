package jujutest

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/juju/juju/rpc/params"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujutest/estate"
)

// backend is a secret backend of a controller.
type backend struct {
	id, name, kind string
	config         map[string]any
	rotate         *time.Duration
}

// addBackends makes those that a controller has from the start. What is not said of
// them is made up: the same on each controller.
func (w *World) addBackends(c *controller) {
	for _, spec := range c.spec.SecretBackends {
		b := &backend{id: spec.BackendID(), name: spec.Name, kind: cmp.Or(spec.Type, "vault"), config: maps.Clone(spec.Config)}
		if len(b.config) == 0 {
			b.config = map[string]any{
				"endpoint": "https://" + strings.ToLower(b.name) + ".example.com:8200",
				"token":    "canary-backend-token-" + strings.ToLower(b.name),
			}
		}
		if spec.Rotate > 0 {
			b.rotate = &spec.Rotate
		}
		w.noteSecrets(b)
		c.backends = append(c.backends, b)
	}
}

// noteSecrets notes what no output may contain.
func (w *World) noteSecrets(b *backend) {
	for key, value := range b.config {
		if text, ok := value.(string); ok && secretSetting(key) {
			w.secrets = append(w.secrets, text)
		}
	}
}

// secretSetting says whether Juju tells a setting of a backend to those only who ask for
// it to be revealed. (Of vault and kubernetes: token and the keys of certificates.)
func secretSetting(key string) bool { return oneOf(key, "token", "client-key") }

// listSecretBackends is SecretBackends.ListSecretBackends.
func listSecretBackends(s *session, args params.ListSecretBackendsArgs) (params.ListSecretBackendsResults, error) {
	out := params.ListSecretBackendsResults{Results: []params.SecretBackendResult{}}
	c := s.controller()
	if args.Reveal && !s.superuser() {
		return out, errPerm()
	}
	list := []params.SecretBackendResult{c.internalBackend()}
	for _, b := range c.backends {
		list = append(list, b.result(args.Reveal))
	}
	for _, m := range c.models {
		if b := m.ownBackend(); b != nil {
			list = append(list, *b)
		}
	}
	for _, b := range list {
		if len(args.Names) == 0 || slices.Contains(args.Names, b.Result.Name) {
			out.Results = append(out.Results, b)
		}
	}
	return out, nil
}

// internalBackend is the one that each controller has.
func (c *controller) internalBackend() params.SecretBackendResult {
	id := c.uuid
	if c.version4() {
		id = uuidFrom("internal backend of " + c.name)
	}
	return params.SecretBackendResult{
		Result: params.SecretBackend{Name: "internal", BackendType: "controller"}, ID: id, Status: "active",
	}
}

// result is a backend as it is told.
func (b *backend) result(reveal bool) params.SecretBackendResult {
	config := maps.Clone(b.config)
	if !reveal {
		maps.DeleteFunc(config, func(key string, _ any) bool { return secretSetting(key) })
	}
	return params.SecretBackendResult{
		Result: params.SecretBackend{Name: b.name, BackendType: b.kind, TokenRotateInterval: b.rotate, Config: config},
		ID:     b.id, Status: "active",
	}
}

// addSecretBackends is SecretBackends.AddSecretBackends.
func addSecretBackends(s *session, args params.AddSecretBackendArgs) (params.ErrorResults, error) {
	var out params.ErrorResults
	if !s.superuser() {
		return out, errPerm()
	}
	for _, arg := range args.Args {
		out.Results = append(out.Results, params.ErrorResult{Error: s.controller().addBackend(arg)})
	}
	return out, nil
}

func (c *controller) addBackend(arg params.AddSecretBackendArg) *params.Error {
	invalid, exists := params.CodeNotValid, params.CodeAlreadyExists
	if c.version4() {
		invalid, exists = "secret backend not valid", "secret backend already exists"
	}
	if arg.ID == "" {
		arg.ID = estate.SecretBackend{Name: newUUID()}.BackendID()
	}
	reserved := arg.Name == "internal" || c.version4() && strings.HasSuffix(arg.Name, "-local")
	endpoint, _ := arg.Config["endpoint"].(string)
	switch {
	case arg.Name == "":
		return &params.Error{Code: invalid, Message: "missing backend name not valid"}
	case reserved && c.version4():
		return &params.Error{Code: invalid, Message: `secret backend not valid: reserved name "` + arg.Name + `"`}
	case reserved:
		return &params.Error{Message: `backend "not valid" %!w(MISSING)`} // (seen)
	case !oneOf(arg.BackendType, "vault", "kubernetes"):
		return &params.Error{Code: params.CodeNotFound, Message: `creating backend provider type "` + arg.BackendType + `": no registered provider for "` + arg.BackendType + `"`}
	case endpoint == "" && c.version4():
		return &params.Error{Code: invalid, Message: `secret backend not valid: config for provider "` + arg.BackendType + `": endpoint: expected string, got nothing`}
	case endpoint == "":
		return &params.Error{Message: `invalid config for provider "` + arg.BackendType + `": endpoint: expected string, got nothing`}
	case c.faults.strike(func(f *fault) bool { return f.Kind == estate.FaultBackendRefused }) != nil:
		return &params.Error{Message: `backend not reachable: Get "` + endpoint + `/v1/sys/health": connect: connection refused`}
	case c.version4() && c.backendByID(arg.ID) != nil && !c.namedBackend(arg.Name, arg.ID):
		// It makes another one of it. (seen)
		b := c.backendByID(arg.ID)
		b.name, b.config, b.rotate = arg.Name, arg.Config, arg.TokenRotateInterval
		c.world.noteSecrets(b)
		c.effects++
		return nil
	case c.backendByID(arg.ID) != nil && !c.version4():
		return &params.Error{Code: exists, Message: `secret backend with id "` + arg.ID + `" already exists`}
	case c.namedBackend(arg.Name, arg.ID):
		return &params.Error{Code: exists, Message: `secret backend "` + arg.Name + `" already exists`}
	}
	b := &backend{id: arg.ID, name: arg.Name, kind: arg.BackendType, config: arg.Config, rotate: arg.TokenRotateInterval}
	c.world.noteSecrets(b)
	c.backends = append(c.backends, b)
	c.effects++
	return nil
}

// namedBackend says whether there is a backend of that name with another ID.
func (c *controller) namedBackend(name, id string) bool {
	return slices.ContainsFunc(c.backends, func(b *backend) bool { return b.name == name && b.id != id })
}

// backendByID finds a secret backend other than the internal one.
func (c *controller) backendByID(id string) *backend {
	for _, b := range c.backends {
		if b.id == id {
			return b
		}
	}
	return nil
}

// Backend is a secret backend of a controller, as it truly is.
type Backend struct {
	ID, Name, Type string
	Config         map[string]any
}

// Backends are the secret backends of a controller but the internal one.
func (w *World) Backends(controllerName string) ([]Backend, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	c, err := w.controller(controllerName)
	if err != nil {
		return nil, err
	}
	var list []Backend
	for _, b := range c.backends {
		list = append(list, Backend{ID: b.id, Name: b.name, Type: b.kind, Config: maps.Clone(b.config)})
	}
	return list, nil
}
