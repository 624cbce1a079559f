package jujutest

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"github.com/juju/names/v5"

	"github.com/juju/juju/rpc/params"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujutest/estate"
)

func (c *controller) cloudParams(cloud estate.Cloud) params.Cloud {
	out := params.Cloud{
		Type: cmp.Or(cloud.Type, "lxd"), AuthTypes: []string{"empty", "userpass"}, IsControllerCloud: cloud.Name == c.cloud(),
	}
	for _, region := range cloud.Regions {
		out.Regions = append(out.Regions, params.CloudRegion{Name: region})
	}
	return out
}

// clouds is Cloud.Clouds.
func clouds(s *session) (params.CloudsResult, error) {
	c := s.controller()
	out := params.CloudsResult{Clouds: map[string]params.Cloud{}}
	for _, cloud := range c.clouds {
		out.Clouds[names.NewCloudTag(cloud.Name).String()] = c.cloudParams(cloud)
	}
	return out, nil
}

// cloudOfTag finds a cloud of the controller.
func (c *controller) cloudOfTag(tag string) (*estate.Cloud, *params.Error) {
	t, err := names.ParseCloudTag(tag)
	if err != nil {
		return nil, &params.Error{Message: err.Error()}
	}
	cloud := c.cloudNamed(t.Id())
	if cloud == nil {
		return nil, &params.Error{Message: `cloud "` + t.Id() + `" not found`, Code: params.CodeNotFound}
	}
	return cloud, nil
}

// eachCloud makes a result for each cloud that is asked for.
func eachCloud[R any](c *controller, args params.Entities, result func(*params.Cloud, *params.Error) R) []R {
	var out []R
	for _, e := range args.Entities {
		cloud, failed := c.cloudOfTag(e.Tag)
		if failed != nil {
			out = append(out, result(nil, failed))
			continue
		}
		shown := c.cloudParams(*cloud)
		out = append(out, result(&shown, nil))
	}
	return out
}

// cloudInfo is Cloud.CloudInfo.
func cloudInfo(s *session, args params.Entities) (params.CloudInfoResults, error) {
	c := s.controller()
	return params.CloudInfoResults{Results: eachCloud(c, args, func(cloud *params.Cloud, failed *params.Error) params.CloudInfoResult {
		if failed != nil {
			return params.CloudInfoResult{Error: failed}
		}
		return params.CloudInfoResult{Result: &params.CloudInfo{
			CloudDetails: params.CloudDetails{Type: cloud.Type, AuthTypes: cloud.AuthTypes, Regions: cloud.Regions},
			Users:        []params.CloudUserInfo{{UserName: c.user.name, DisplayName: c.user.displayName, Access: "admin"}},
		}}
	})}, nil
}

// cloudByTag is Cloud.Cloud.
func cloudByTag(s *session, args params.Entities) (params.CloudResults, error) {
	return params.CloudResults{Results: eachCloud(s.controller(), args, func(cloud *params.Cloud, failed *params.Error) params.CloudResult {
		return params.CloudResult{Cloud: cloud, Error: failed}
	})}, nil
}

// userCredentials is Cloud.UserCredentials: a superuser may ask about everybody.
func userCredentials(s *session, args params.UserClouds) (params.StringsResults, error) {
	var out params.StringsResults
	c := s.controller()
	for _, arg := range args.UserClouds {
		result := params.StringsResult{Result: []string{}}
		cloud, err := names.ParseCloudTag(arg.CloudTag)
		if err != nil {
			result.Error = &params.Error{Message: err.Error()}
		} else if err := s.asksAbout(arg.UserTag); err != nil {
			result.Error = apiFailure(err)
		} else {
			owner, _ := names.ParseUserTag(arg.UserTag)
			for _, id := range slices.Sorted(maps.Keys(c.credentials)) {
				if cred := c.credentials[id]; cred.cloud == cloud.Id() && cred.owner == owner.Id() {
					result.Result = append(result.Result, names.NewCloudCredentialTag(id).String())
				}
			}
		}
		out.Results = append(out.Results, result)
	}
	return out, nil
}

// credentialContents is Cloud.CredentialContents: nobody but its owner is shown one.
func credentialContents(s *session, args params.CloudCredentialArgs) (params.CredentialContentResults, error) {
	var out params.CredentialContentResults
	c := s.controller()
	if len(args.Credentials) == 0 {
		for _, id := range slices.Sorted(maps.Keys(c.credentials)) {
			if cred := c.credentials[id]; cred.owner == s.user.name {
				out.Results = append(out.Results, params.CredentialContentResult{Result: c.credentialInfo(cred, args.IncludeSecrets)})
			}
		}
		if len(out.Results) == 0 && !c.version4() {
			return out, apiError(params.CodeNotFound, "cloud credentials for %q not found", s.user.name)
		}
		return out, nil
	}
	for _, arg := range args.Credentials {
		id := arg.CloudName + "/" + s.user.name + "/" + arg.CredentialName
		if cred := c.credentials[id]; cred != nil {
			out.Results = append(out.Results, params.CredentialContentResult{Result: c.credentialInfo(cred, args.IncludeSecrets)})
			continue
		}
		out.Results = append(out.Results, params.CredentialContentResult{
			Error: &params.Error{Message: `cloud credential "` + id + `" not found`, Code: params.CodeNotFound}})
	}
	return out, nil
}

// credentialByTag is Cloud.Credential: a superuser is shown anybody's, without secrets.
func credentialByTag(s *session, args params.Entities) (params.CloudCredentialResults, error) {
	var out params.CloudCredentialResults
	for _, e := range args.Entities {
		out.Results = append(out.Results, s.oneCredential(e.Tag))
	}
	return out, nil
}

func (s *session) oneCredential(tag string) params.CloudCredentialResult {
	t, err := names.ParseCloudCredentialTag(tag)
	if err != nil {
		return params.CloudCredentialResult{Error: &params.Error{Message: err.Error()}}
	}
	if err := s.asksAbout(t.Owner().String()); err != nil {
		return params.CloudCredentialResult{Error: apiFailure(err)}
	}
	cred := s.controller().credentials[t.Id()]
	if cred == nil {
		return params.CloudCredentialResult{Error: &params.Error{Message: `credential "` + t.Name() + `" not found`, Code: params.CodeNotFound}}
	}
	shown := &params.CloudCredential{AuthType: cred.authType, Attributes: map[string]string{}}
	for _, name := range slices.Sorted(maps.Keys(cred.attributes)) {
		if secretAttribute(name) {
			shown.Redacted = append(shown.Redacted, name)
			continue
		}
		shown.Attributes[name] = cred.attributes[name]
	}
	return params.CloudCredentialResult{Result: shown}
}

func (c *controller) credentialInfo(cred *credential, secrets bool) *params.ControllerCredentialInfo {
	valid := !cred.revoked
	info := &params.ControllerCredentialInfo{Content: params.CredentialContent{
		Name: cred.name, Cloud: cred.cloud, AuthType: cred.authType, Valid: &valid, Attributes: map[string]string{},
	}}
	for name, value := range cred.attributes {
		if secrets || !secretAttribute(name) {
			info.Content.Attributes[name] = value
		}
	}
	for _, m := range c.models {
		if m.credentialID() == cred.id() {
			info.Models = append(info.Models, params.ModelAccess{Model: m.name, Access: m.accessOfUser(cred.owner)})
		}
	}
	return info
}

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

// hostedModelConfigs is Controller.HostedModelConfigs: all that is secret is in it.
func hostedModelConfigs(s *session) (params.HostedModelConfigsResults, error) {
	var out params.HostedModelConfigsResults
	if !s.superuser() {
		return out, errPerm()
	}
	for _, m := range s.controller().models[1:] {
		config := params.HostedModelConfig{Name: m.name, OwnerTag: userTag(m.owner), Config: map[string]any{}}
		for key, value := range m.config() {
			config.Config[key] = value.Value
		}
		config.CloudSpec = &params.CloudSpec{
			Type: m.cloudType, Name: m.cloud, Region: m.region, IsControllerCloud: m.cloud == m.controller.cloud(),
		}
		if cred := m.credential(); cred != nil {
			config.CloudSpec.Credential = &params.CloudCredential{AuthType: cred.authType, Attributes: cred.attributes}
		}
		out.Models = append(out.Models, config)
	}
	return out, nil
}

// qualifiedConfig is Juju 4's HostedModelConfig.
type qualifiedConfig struct {
	Name      string            `json:"name"`
	Qualifier string            `json:"qualifier"`
	Config    map[string]any    `json:"config,omitempty"`
	CloudSpec *params.CloudSpec `json:"cloud-spec,omitempty"`
	Error     *params.Error     `json:"error,omitempty"`
}

// qualifiedConfigs is Juju 4's HostedModelConfigsResults.
type qualifiedConfigs struct {
	Models []qualifiedConfig `json:"models"`
}

// hostedModelConfigs4 is Controller.HostedModelConfigs v13.
func hostedModelConfigs4(s *session) (qualifiedConfigs, error) {
	var out qualifiedConfigs
	list, err := hostedModelConfigs(s)
	for _, m := range list.Models {
		// Not where they have their defaults.
		delete(m.Config, "fan-config")
		if m.Config["secret-backend"] == "auto" {
			delete(m.Config, "secret-backend")
		}
		out.Models = append(out.Models, qualifiedConfig{
			Name: m.Name, Qualifier: strings.TrimPrefix(m.OwnerTag, "user-"), Config: m.Config, CloudSpec: m.CloudSpec,
		})
	}
	return out, err
}

// charmInfo is Charms.CharmInfo, as far as clients look at what a charm says of itself.
func charmInfo(s *session, args params.CharmURL) (params.Charm, error) {
	for _, app := range s.model.apps {
		url, rev := app.charmURL()
		if url != args.URL {
			continue
		}
		out := params.Charm{URL: url, Revision: rev, Meta: &params.CharmMeta{
			Name: app.name, Subordinate: app.subordinate, MinJujuVersion: "0.0.0",
		}}
		if !app.spec.NoManifest {
			base := baseOf(s.model.base)
			out.Manifest = &params.CharmManifest{Bases: []params.CharmBase{{Name: base.Name, Channel: base.Channel, Architectures: []string{"amd64"}}}}
		}
		return out, nil
	}
	return params.Charm{}, apiError(params.CodeNotFound, "charm %q not found", args.URL)
}
