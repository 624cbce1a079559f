package jujuapi

import (
	"context"
	"slices"
	"strings"

	"github.com/juju/errors"

	jujucontroller "github.com/juju/juju/controller"
	"github.com/juju/juju/core/secrets"
	"github.com/juju/juju/rpc/params"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// Holdings implements discover.Reader. Calls: one each for users, configuration,
// clouds and secret backends.
func (r *Reader) Holdings(ctx context.Context, c fleet.Controller) (fleet.Holdings, error) {
	out, err := r.holdings(ctx, c)
	return out, errors.Annotatef(err, "cannot read what controller %s has", c.Name)
}

func (r *Reader) holdings(ctx context.Context, c fleet.Controller) (out fleet.Holdings, err error) {
	k := key{controller: c.Ref}
	config, err := read(ctx, r.session, k, ask[params.ControllerConfigResult]("Controller", "ControllerConfig", nil))
	if err != nil {
		return out, err
	}
	settings := jujucontroller.Config(config.Config)
	out.IdentityURL = withoutSecrets(settings.IdentityURL())
	out.AgentRate = agentRate(settings)
	out.MigrationWait = settings.MigrationMinionWaitMax()
	clouds, err := read(ctx, r.session, k, ask[params.CloudsResult]("Cloud", "Clouds", nil))
	if err != nil {
		return out, err
	}
	out.Clouds = cloudsOf(clouds.Clouds)
	if out.SecretBackends, err = r.session.secretBackends(ctx, c.Ref); err != nil {
		return out, err
	}
	out.Users, err = r.Users(ctx, c.Ref)
	return out, err
}

// agentRate is how fast agents may log in. Where it is not set it is Juju's default:
// 10 at once, then one each 250 ms. (controller/config.go DefaultAgentRateLimitMax,
// DefaultAgentRateLimitRate.) A bucket of none means no limit at all.
// (apiserver/apiserver.go)
func agentRate(settings jujucontroller.Config) fleet.AgentRate {
	burst := settings.AgentRateLimitMax()
	if burst <= 0 {
		return fleet.AgentRate{}
	}
	return fleet.AgentRate{Burst: burst, Interval: settings.AgentRateLimitRate()}
}

// cloudsOf lists clouds by their names.
func cloudsOf(clouds map[string]params.Cloud) []fleet.Cloud {
	var out []fleet.Cloud
	for _, tag := range natural(clouds) {
		cloud := fleet.Cloud{Name: cloudOf(tag), Type: clouds[tag].Type}
		for _, region := range clouds[tag].Regions {
			cloud.Regions = append(cloud.Regions, region.Name)
		}
		slices.SortFunc(cloud.Regions, fleet.CompareNatural)
		out = append(out, cloud)
	}
	return out
}

// secretBackends lists the backends that a controller was given, by name. A server
// that does not have the facade (2.9) has none. Secret parts of their configuration
// are not asked for, and none of it is kept.
func (s *Session) secretBackends(ctx context.Context, controller fleet.Ref) ([]fleet.SecretBackend, error) {
	const facade = "SecretBackends"
	return read(ctx, s, key{controller: controller}, func(c *conn) ([]fleet.SecretBackend, error) {
		if len(c.facades[facade]) == 0 {
			return nil, nil
		}
		list, err := ask[params.ListSecretBackendsResults](facade, "ListSecretBackends", params.ListSecretBackendsArgs{Reveal: false})(c)
		if err != nil {
			return nil, err
		}
		var out []fleet.SecretBackend
		for _, b := range list.Results {
			if builtIn(b) {
				continue
			}
			out = append(out, fleet.SecretBackend{ID: b.ID, Name: b.Result.Name, Type: b.Result.BackendType})
		}
		slices.SortFunc(out, func(a, b fleet.SecretBackend) int { return fleet.CompareNatural(a.Name+" "+a.ID, b.Name+" "+b.ID) })
		return out, nil
	})
}

// builtIn says that a backend is one that Juju has without being given it: the
// controller's own database, or a model's namespace in its cluster. Both are told as
// Juju tells them: the former by its type (secrets/provider/juju BackendType), the
// latter by its name (secrets/provider/kubernetes IsBuiltInName, and BackendName of
// 4.x). One that could not be described has nothing but its ID, which up to 3.6 is
// the UUID of a controller or a model when it is built in (core/secrets
// IsInternalSecretBackendID).
func builtIn(b params.SecretBackendResult) bool {
	name, kind := b.Result.Name, b.Result.BackendType
	if name == "" && kind == "" {
		return b.Error != nil && secrets.IsInternalSecretBackendID(b.ID)
	}
	return kind == "controller" || kind == "kubernetes" && (name == "kubernetes" || strings.HasSuffix(name, "-local"))
}
