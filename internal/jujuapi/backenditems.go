package jujuapi

import (
	"context"
	"slices"

	"github.com/juju/juju/rpc/params"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

const backendsFacade = "SecretBackends"

// backends lists the backends that a controller was given, with what is secret in
// their configuration or without. A server that does not have the facade (2.9) has none.
func (s *Session) backends(ctx context.Context, controller fleet.Ref, reveal bool) ([]params.SecretBackendResult, error) {
	return read(ctx, s, key{controller: controller}, func(c *conn) ([]params.SecretBackendResult, error) {
		if len(c.facades[backendsFacade]) == 0 {
			return nil, nil
		}
		args := params.ListSecretBackendsArgs{Reveal: reveal}
		list, err := ask[params.ListSecretBackendsResults](backendsFacade, "ListSecretBackends", args)(c)
		if err != nil {
			return nil, err
		}
		var out []params.SecretBackendResult
		for _, b := range list.Results {
			if !builtIn(b) {
				out = append(out, b)
			}
		}
		slices.SortFunc(out, func(a, b params.SecretBackendResult) int {
			return fleet.CompareNatural(a.Result.Name+" "+a.ID, b.Result.Name+" "+b.ID)
		})
		return out, nil
	})
}

// backendItems are secret backends. Two of one ID and one open configuration are the
// same: tokens are renewed where Juju is told to do so, on each controller by itself.
func (s *Session) backendItems(list []params.SecretBackendResult) []fleet.Holding {
	var out []fleet.Holding
	for _, b := range list {
		open := make(map[string]string)
		for name, v := range b.Result.Config {
			open[name] = textOf(v)
		}
		out = append(out, fleet.Holding{
			Item:   fleet.Item{Kind: fleet.BackendItem, Name: b.Result.Name, ID: b.ID},
			Digest: s.digest([]any{b.ID, b.Result.BackendType, open}),
		})
	}
	return out
}
