package jujuapi

import (
	"context"
	"maps"
	"slices"

	"github.com/juju/version/v2"

	"github.com/juju/juju/cloud"
	jujucontroller "github.com/juju/juju/controller"
	"github.com/juju/juju/rpc/params"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/rules"
)

// Newcomer implements discover.Reader. It makes no call: all is in the client's files.
func (r *Reader) Newcomer(_ context.Context, name string, how fleet.Bootstrap) (fleet.Controller, error) {
	out := fleet.Controller{
		Ref:     fleet.Ref{Name: name},
		Planned: true,
		Version: how.Version,
		Cloud:   how.Cloud,
		Region:  how.Region,
		User:    firstUser,
		Access:  fleet.AccessSuperuser,
	}
	known, registered, err := r.Registered(name)
	if err != nil {
		return out, err
	}
	chosen, problem, err := r.session.cfg.Store.choose(how)
	if err != nil {
		return out, err
	}
	if chosen.cloud.Name != "" {
		out.Cloud, out.Region = chosen.cloud.Name, chosen.region
		if chosen.cloud.Type == cloud.CloudTypeKubernetes {
			out.Cluster = cluster(chosen.cloud.Endpoint, chosen.cloud.Name)
		}
		out.Holdings = r.session.holdingsOfNew(chosen, how)
		if chosen.credential != "" {
			out.Uploads = fleet.Credential{Cloud: out.Cloud, Owner: firstUser, Name: chosen.credential}
		}
	}
	out.Problem = problem
	if registered {
		out.Problem = taken(known)
	}
	return out, nil
}

// taken says that a name is not free.
func taken(known fleet.Registered) *fleet.Problem {
	if !known.Addressed {
		return &fleet.Problem{
			Code:   fleet.Exists,
			Text:   "this client has a controller " + known.Name + ` already, which "juju bootstrap" has not finished: once it is sure that nothing is left of it in its cloud, its name can be freed`,
			Remedy: "juju unregister " + known.Name,
		}
	}
	return &fleet.Problem{
		Code:   fleet.Exists,
		Text:   "this client has a controller " + known.Name + " already: name the new one otherwise with --bootstrap-name, or move to that one with --to",
		Remedy: "juju show-controller " + known.Name,
	}
}

// holdingsOfNew are what a controller has right after it was made so.
func (s *Session) holdingsOfNew(at choice, how fleet.Bootstrap) *fleet.Holdings {
	name := at.cloud.Name
	clouds := map[string]params.Cloud{name: paramsOf(at.cloud)}
	access := map[string][]params.CloudUserInfo{name: {{UserName: firstUser, Access: fleet.AccessAdmin}}}
	config := configOfNew(at, how)
	items := s.configItems(config)
	out := &fleet.Holdings{
		Users:  []fleet.User{{Name: firstUser, DisplayName: firstUser, Access: fleet.AccessSuperuser}},
		Clouds: cloudsOf(clouds),
		Items:  slices.Concat(s.cloudItems(clouds), items, s.accessItems(access), s.defaultItems(defaultsOfNew(at, how))),
	}
	typed := jujucontroller.Config(typedConfig(config, how.Version))
	out.AgentRate = agentRate(typed)
	out.MigrationWait = typed.MigrationMinionWaitMax()
	if at.cloud.Type != cloud.CloudTypeKubernetes {
		out.HA = &fleet.HA{Servers: 1, Well: 1, Makes: makesServers(how.Version.Major, at.cloud.Type)}
	}
	return out
}

// configOfNew is what a new controller is configured with: Juju's defaults, what the
// cloud's entry says, and what the command line does.
func configOfNew(at choice, how fleet.Bootstrap) map[string]any {
	out := make(map[string]any)
	for key, value := range presetValues() {
		if rules.KnownConfig(how.Version, key) {
			out[key] = value
		}
	}
	for _, given := range []map[string]any{at.cloud.Config, at.cloud.RegionConfig[at.region], settings(how.Args, "config")} {
		for key, value := range given {
			if madeOf(key) == controllerSetting {
				out[key] = value
			}
		}
	}
	return out
}

// typedConfig is a configuration with values as Juju's library wants them. One that is
// not of its type is left out: juju refuses it.
func typedConfig(config map[string]any, server version.Number) map[string]any {
	out := make(map[string]any, len(config))
	for key, value := range config {
		if typed, err := configToSend(key, value, server); err == nil {
			out[key] = typed
		}
	}
	return out
}

// defaultsOfNew are the model defaults that come with a cloud's entry and with the
// command line. What the entry says of the region that the controller is made in holds
// for the whole cloud, too. (cmd/juju/commands/bootstrap.go bootstrapConfigs)
func defaultsOfNew(at choice, how fleet.Bootstrap) map[string]map[string]params.ModelDefaults {
	out := make(map[string]params.ModelDefaults)
	whole := make(map[string]any)
	for _, given := range []map[string]any{at.cloud.Config, at.cloud.RegionConfig[at.region], settings(how.Args, "model-default")} {
		maps.Copy(whole, given)
	}
	for key, value := range whole {
		if madeOf(key) == modelSetting {
			out[key] = params.ModelDefaults{Controller: value}
		}
	}
	for region, given := range at.cloud.RegionConfig {
		for key, value := range given {
			if madeOf(key) == modelSetting {
				d := out[key]
				d.Regions = append(d.Regions, params.RegionDefaults{RegionName: region, Value: value})
				out[key] = d
			}
		}
	}
	return map[string]map[string]params.ModelDefaults{at.cloud.Name: out}
}

// paramsOf is a client's cloud as a controller tells it.
func paramsOf(c cloud.Cloud) params.Cloud {
	out := params.Cloud{
		Type:             c.Type,
		HostCloudRegion:  c.HostCloudRegion,
		Endpoint:         c.Endpoint,
		IdentityEndpoint: c.IdentityEndpoint,
		StorageEndpoint:  c.StorageEndpoint,
		CACertificates:   c.CACertificates,
		SkipTLSVerify:    c.SkipTLSVerify,
	}
	for _, auth := range c.AuthTypes {
		out.AuthTypes = append(out.AuthTypes, string(auth))
	}
	for _, r := range c.Regions {
		out.Regions = append(out.Regions, params.CloudRegion{
			Name: r.Name, Endpoint: r.Endpoint, IdentityEndpoint: r.IdentityEndpoint, StorageEndpoint: r.StorageEndpoint,
		})
	}
	return out
}
