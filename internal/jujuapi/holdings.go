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
// clouds and secret backends, for who may use the clouds and for their model defaults,
// and for the controller's machines.
func (r *Reader) Holdings(ctx context.Context, c fleet.Controller) (fleet.Holdings, error) {
	out, err := r.holdings(ctx, c)
	return out, errors.Annotatef(err, "cannot read what controller %s has", c.Name)
}

func (r *Reader) holdings(ctx context.Context, c fleet.Controller) (out fleet.Holdings, err error) {
	s := r.session
	config, err := s.configuration(ctx, c.Ref)
	if err != nil {
		return out, err
	}
	settings := jujucontroller.Config(config)
	out.IdentityURL = withoutSecrets(settings.IdentityURL())
	out.AgentRate = agentRate(settings)
	out.MigrationWait = settings.MigrationMinionWaitMax()
	clouds, err := s.allClouds(ctx, c.Ref)
	if err != nil {
		return out, err
	}
	out.Clouds = cloudsOf(clouds)
	backends, err := s.backends(ctx, c.Ref, false)
	if err != nil {
		return out, err
	}
	out.SecretBackends = backendsOf(backends)
	out.Items = slices.Concat(s.cloudItems(clouds), s.configItems(config), s.backendItems(backends))
	if err := r.moreItems(ctx, c.Ref, natural(clouds), &out); err != nil {
		return out, err
	}
	if out.HA, err = r.haOf(ctx, c, clouds); err != nil {
		return out, err
	}
	out.Users, err = r.Users(ctx, c.Ref)
	return out, err
}

// moreItems adds the items that not every controller tells of.
func (r *Reader) moreItems(ctx context.Context, controller fleet.Ref, clouds []string, out *fleet.Holdings) error {
	for _, kind := range []fleet.ItemKind{fleet.CloudAccessItem, fleet.ModelDefaultItem} {
		items, err := r.session.itemsOf(ctx, controller, kind, clouds)
		switch fleet.CodeOf(err) {
		case "":
			out.Items = append(out.Items, items...)
		case fleet.Unsupported, fleet.Forbidden, fleet.NotFound, fleet.Refused:
			out.UnreadItems = append(out.UnreadItems, kind)
		default:
			return err
		}
	}
	return nil
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
	for _, name := range natural(clouds) {
		cloud := fleet.Cloud{Name: name, Type: clouds[name].Type}
		for _, region := range clouds[name].Regions {
			cloud.Regions = append(cloud.Regions, region.Name)
		}
		slices.SortFunc(cloud.Regions, fleet.CompareNatural)
		out = append(out, cloud)
	}
	return out
}

// backendsOf lists secret backends. None of their configuration is kept.
func backendsOf(list []params.SecretBackendResult) []fleet.SecretBackend {
	var out []fleet.SecretBackend
	for _, b := range list {
		out = append(out, fleet.SecretBackend{ID: b.ID, Name: b.Result.Name, Type: b.Result.BackendType})
	}
	return out
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
