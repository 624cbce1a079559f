package jujutest

import (
	"maps"
	"slices"
	"strings"

	"github.com/juju/names/v5"

	"github.com/juju/juju/rpc/params"
)

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
