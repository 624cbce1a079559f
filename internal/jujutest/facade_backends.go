package jujutest

import (
	"cmp"
	"strings"

	"github.com/juju/juju/rpc/params"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujutest/estate"
)

// listSecretBackends is SecretBackends.ListSecretBackends.
func listSecretBackends(s *session, args params.ListSecretBackendsArgs) (params.ListSecretBackendsResults, error) {
	out := params.ListSecretBackendsResults{Results: []params.SecretBackendResult{}}
	c := s.controller()
	if args.Reveal && !s.superuser() {
		return out, errPerm()
	}
	out.Results = append(out.Results, c.internalBackend())
	for _, b := range c.spec.SecretBackends {
		out.Results = append(out.Results, backendResult(b))
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

func backendResult(b estate.SecretBackend) params.SecretBackendResult {
	return params.SecretBackendResult{
		Result: params.SecretBackend{
			Name: b.Name, BackendType: cmp.Or(b.Type, "vault"),
			Config: map[string]any{"endpoint": "https://" + strings.ToLower(b.Name) + ".example.com:8200"},
		},
		ID: b.BackendID(), Status: "active",
	}
}
