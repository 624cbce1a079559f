package jujutest

import (
	"slices"
	"strings"
	"time"

	"github.com/juju/names/v5"

	"github.com/juju/juju/rpc/params"
)

// allModels is Controller.AllModels.
func allModels(s *session) (params.UserModelList, error) {
	var out params.UserModelList
	if !s.superuser() {
		return out, errPerm()
	}
	for _, m := range s.controller().models {
		out.UserModels = append(out.UserModels, m.userModel())
	}
	return out, nil
}

// listBlockedModels is Controller.ListBlockedModels.
func listBlockedModels(s *session) (params.ModelBlockInfoList, error) {
	var out params.ModelBlockInfoList
	if !s.superuser() {
		return out, errPerm()
	}
	for _, m := range s.controller().models {
		if len(m.blocks) > 0 {
			out.Models = append(out.Models, params.ModelBlockInfo{
				Name: m.name, UUID: m.uuid, OwnerTag: userTag(m.owner), Blocks: slices.Clone(m.blocks),
			})
		}
	}
	slices.SortFunc(out.Models, func(a, b params.ModelBlockInfo) int {
		return strings.Compare(a.Name+"\x00"+a.OwnerTag, b.Name+"\x00"+b.OwnerTag)
	})
	return out, nil
}

// controllerConfig is Controller.ControllerConfig, as far as clients look.
func controllerConfig(s *session) (params.ControllerConfigResult, error) {
	c := s.controller()
	return params.ControllerConfigResult{Config: map[string]any{
		"controller-uuid":           c.uuid,
		"controller-name":           c.name,
		"api-port":                  c.servers[0].port,
		"ca-cert":                   c.ca.pem,
		"migration-agent-wait-time": "15m0s",
		"agent-ratelimit-max":       10,
		"agent-ratelimit-rate":      "250ms",
	}}, nil
}

// controllerVersion is Controller.ControllerVersion.
func controllerVersion(s *session) (params.ControllerVersionResults, error) {
	return params.ControllerVersionResults{Version: s.server.version.String(), GitCommit: "simulated"}, nil
}

// mongoVersion is Controller.MongoVersion.
func mongoVersion(s *session) (params.StringResult, error) {
	if !s.superuser() {
		return params.StringResult{}, errPerm()
	}
	if s.server.version.Major >= 4 {
		return params.StringResult{}, apiError(params.CodeNotSupported, "mongo version not supported")
	}
	return params.StringResult{Result: "4.4.30"}, nil
}

// identityProviderURL is Controller.IdentityProviderURL.
func identityProviderURL(*session) (params.StringResult, error) { return params.StringResult{}, nil }

// getControllerAccess is Controller.GetControllerAccess.
func getControllerAccess(s *session, args params.Entities) (params.UserAccessResults, error) {
	var out params.UserAccessResults
	for _, e := range args.Entities {
		tag, err := names.ParseUserTag(e.Tag)
		switch {
		case err != nil:
			out.Results = append(out.Results, params.UserAccessResult{Error: &params.Error{Message: err.Error()}})
		case tag.Id() != s.user.name:
			out.Results = append(out.Results, params.UserAccessResult{
				Error: &params.Error{Message: "user not found", Code: params.CodeNotFound}})
		default:
			out.Results = append(out.Results, params.UserAccessResult{
				Result: &params.UserAccess{UserTag: e.Tag, Access: s.user.access}})
		}
	}
	return out, nil
}

// userInfo is UserManager.UserInfo.
func userInfo(s *session, _ params.UserInfoRequest) (params.UserInfoResults, error) {
	return params.UserInfoResults{Results: []params.UserInfoResult{{Result: &params.UserInfo{
		Username: s.user.name, DisplayName: s.user.name, Access: s.user.access, CreatedBy: s.user.name,
		DateCreated: time.Now().Truncate(24 * time.Hour),
	}}}}, nil
}

// clouds is Cloud.Clouds.
func clouds(s *session) (params.CloudsResult, error) {
	c := s.controller()
	return params.CloudsResult{Clouds: map[string]params.Cloud{names.NewCloudTag(c.cloud()).String(): c.cloudParams()}}, nil
}

func (c *controller) cloudParams() params.Cloud {
	cl := params.Cloud{Type: c.cloudType(), AuthTypes: []string{"empty"}, IsControllerCloud: true}
	if c.spec.Region != "" {
		cl.Regions = []params.CloudRegion{{Name: c.spec.Region}}
	}
	return cl
}

// cloudInfo is Cloud.CloudInfo.
func cloudInfo(s *session, args params.Entities) (params.CloudInfoResults, error) {
	var out params.CloudInfoResults
	c := s.controller()
	for _, e := range args.Entities {
		if e.Tag != names.NewCloudTag(c.cloud()).String() {
			out.Results = append(out.Results, params.CloudInfoResult{Error: &params.Error{Message: "cloud not found", Code: params.CodeNotFound}})
			continue
		}
		cl := c.cloudParams()
		out.Results = append(out.Results, params.CloudInfoResult{Result: &params.CloudInfo{
			CloudDetails: params.CloudDetails{Type: cl.Type, AuthTypes: cl.AuthTypes, Regions: cl.Regions},
			Users:        []params.CloudUserInfo{{UserName: s.user.name, DisplayName: s.user.name, Access: "admin"}},
		}})
	}
	return out, nil
}

// cloudByTag is Cloud.Cloud.
func cloudByTag(s *session, args params.Entities) (params.CloudResults, error) {
	var out params.CloudResults
	c := s.controller()
	for _, e := range args.Entities {
		if e.Tag == names.NewCloudTag(c.cloud()).String() {
			cl := c.cloudParams()
			out.Results = append(out.Results, params.CloudResult{Cloud: &cl})
			continue
		}
		out.Results = append(out.Results, params.CloudResult{Error: &params.Error{Message: "cloud not found", Code: params.CodeNotFound}})
	}
	return out, nil
}
