package jujutest

import (
	"slices"
	"strings"

	"github.com/juju/names/v5"

	jujucloud "github.com/juju/juju/cloud"
	"github.com/juju/juju/rpc/params"
)

// mayUse says whether the user of a session may know of a cloud.
func (s *session) mayUse(cl *cloud) bool { return s.superuser() || cl.access(s.user.name) != "" }

// clouds is Cloud.Clouds.
func clouds(s *session) (params.CloudsResult, error) {
	c := s.controller()
	out := params.CloudsResult{Clouds: map[string]params.Cloud{}}
	for _, cl := range c.clouds {
		if s.mayUse(cl) {
			out.Clouds[names.NewCloudTag(cl.name).String()] = c.cloudParams(cl)
			continue
		}
		if c.version4() { // it stumbles over the first one (seen)
			return params.CloudsResult{}, apiError("", "access not found for %q on %q", s.user.name, cl.name)
		}
	}
	return out, nil
}

// cloudOfTag finds a cloud of the controller.
func (c *controller) cloudOfTag(tag string) (*cloud, *params.Error) {
	t, err := names.ParseCloudTag(tag)
	if err != nil {
		return nil, &params.Error{Message: err.Error()}
	}
	cl := c.cloudNamed(t.Id())
	if cl == nil {
		return nil, &params.Error{Message: `cloud "` + t.Id() + `" not found`, Code: params.CodeNotFound}
	}
	return cl, nil
}

// cloudInfo is Cloud.CloudInfo.
func cloudInfo(s *session, args params.Entities) (params.CloudInfoResults, error) {
	var out params.CloudInfoResults
	for _, e := range args.Entities {
		cl, failed := s.controller().cloudOfTag(e.Tag)
		result := params.CloudInfoResult{Error: failed}
		if failed == nil {
			result.Result, result.Error = s.infoOfCloud(cl)
		}
		out.Results = append(out.Results, result)
	}
	return out, nil
}

func (s *session) infoOfCloud(cl *cloud) (*params.CloudInfo, *params.Error) {
	c := s.controller()
	shown := c.cloudParams(cl)
	info := &params.CloudInfo{CloudDetails: params.CloudDetails{
		Type: shown.Type, AuthTypes: shown.AuthTypes, Endpoint: shown.Endpoint,
		IdentityEndpoint: shown.IdentityEndpoint, StorageEndpoint: shown.StorageEndpoint, Regions: shown.Regions,
	}}
	all := s.superuser() || cl.access(s.user.name) == "admin"
	for _, u := range cl.users {
		known := c.userNamed(u.name)
		if known == nil && strings.Contains(u.name, "@") {
			known = &user{displayName: u.name} // whose identity is kept elsewhere
		}
		if known == nil || known.disabled && c.version4() || !all && u.name != s.user.name {
			continue // also who was removed
		}
		info.Users = append(info.Users, params.CloudUserInfo{UserName: u.name, DisplayName: known.displayName, Access: u.access})
	}
	if len(info.Users) == 0 {
		if c.version4() {
			return nil, &params.Error{Message: `access not found for "` + s.user.name + `" on "` + cl.name + `"`}
		}
		return nil, &params.Error{Message: "permission denied", Code: params.CodeUnauthorized}
	}
	return info, nil
}

// cloudByTag is Cloud.Cloud.
func cloudByTag(s *session, args params.Entities) (params.CloudResults, error) {
	var out params.CloudResults
	for _, e := range args.Entities {
		cl, failed := s.controller().cloudOfTag(e.Tag)
		if failed == nil && !s.mayUse(cl) {
			failed = &params.Error{Message: `cloud "` + cl.name + `" not found`, Code: params.CodeNotFound}
		}
		result := params.CloudResult{Error: failed}
		if failed == nil {
			shown := s.controller().cloudParams(cl)
			result.Cloud = &shown
		}
		out.Results = append(out.Results, result)
	}
	return out, nil
}

// cloudTypes4 are the types of clouds that Juju 4 knows; Juju 3 takes any. (seen)
var cloudTypes4 = []string{"azure", "ec2", "gce", "kubernetes", "lxd", "maas", "oci", "openstack", "unmanaged", "vsphere"}

// addCloud is Cloud.AddCloud.
func addCloud(s *session, args params.AddCloudArgs) error {
	c := s.controller()
	if !s.superuser() {
		return errPerm()
	}
	if args.Cloud.Type != jujucloud.CloudTypeKubernetes && (args.Force == nil || !*args.Force) {
		if err := jujucloud.CurrentWhiteList().Check(c.cloudNamed(c.cloud()).shown.Type, args.Cloud.Type); err != nil {
			return apiError(params.CodeIncompatibleClouds, "%v", err)
		}
	}
	switch {
	case args.Name == "":
		return apiError(params.CodeNotValid, "invalid cloud: empty Name not valid")
	case args.Cloud.Type == "":
		return apiError(params.CodeNotValid, "invalid cloud: empty Type not valid")
	case len(args.Cloud.AuthTypes) == 0:
		return apiError(params.CodeNotValid, "invalid cloud: empty auth-types not valid")
	case c.version4() && !slices.Contains(cloudTypes4, args.Cloud.Type):
		return apiError(params.CodeNotValid, "creating cloud %q: cloud type %q not valid", args.Name, args.Cloud.Type)
	case c.cloudNamed(args.Name) != nil:
		return apiError(params.CodeAlreadyExists, "cloud %q already exists", args.Name)
	}
	if len(args.Cloud.Regions) == 0 {
		args.Cloud.Regions = []params.CloudRegion{{Name: jujucloud.DefaultCloudRegion}}
	}
	added := newCloud(args.Name, s.user.name, args.Cloud)
	c.clouds = append(c.clouds, added)
	c.effects++
	c.setDefaults(added, "", args.Cloud.Config)
	for region, config := range args.Cloud.RegionConfig {
		c.setDefaults(added, region, config)
	}
	return nil
}

// modifyCloudAccess is Cloud.ModifyCloudAccess.
func modifyCloudAccess(s *session, args params.ModifyCloudAccessRequest) (params.ErrorResults, error) {
	var out params.ErrorResults
	for _, change := range args.Changes {
		out.Results = append(out.Results, params.ErrorResult{Error: s.changeCloudAccess(change)})
	}
	return out, nil
}

// cloudAccess orders what a user may do with a cloud.
var cloudAccess = map[string]int{"": 0, "add-model": 1, "admin": 2}

func (s *session) changeCloudAccess(change params.ModifyCloudAccess) *params.Error {
	c := s.controller()
	cl, failed := c.cloudOfTag(change.CloudTag)
	if failed != nil && (!c.version4() || failed.Code != params.CodeNotFound) {
		return failed
	}
	tag, err := names.ParseUserTag(change.UserTag)
	switch {
	case !s.superuser() && (cl == nil || !c.version4() || cl.access(s.user.name) != "admin"):
		return &params.Error{Code: params.CodeUnauthorized, Message: "permission denied"}
	case change.UserTag == userTag(s.user.name):
		return &params.Error{Message: "cannot change your own cloud access"}
	case change.Access == "" || cloudAccess[change.Access] == 0:
		return &params.Error{Code: params.CodeNotValid, Message: `"` + change.Access + `" cloud access not valid`}
	case err != nil:
		return &params.Error{Message: "could not modify cloud access: " + err.Error()}
	case cl == nil:
		c.effects++
		return nil // Juju 4 takes it for a cloud that it does not have (seen)
	}
	name := tag.Id()
	known := c.userNamed(name)
	if tag.IsLocal() && (known == nil || known.disabled && c.version4()) {
		if c.version4() {
			return &params.Error{Message: `active users "` + name + `": user not found`}
		}
		return &params.Error{Code: params.CodeNotFound,
			Message: `could not grant cloud access: user "` + name + `" does not exist locally: user "` + name + `" not found`}
	}
	if change.Action == params.RevokeCloudAccess {
		return c.revokeCloud(cl, name, change.Access)
	}
	if have := cl.access(name); cloudAccess[have] >= cloudAccess[change.Access] {
		if c.version4() {
			return &params.Error{Message: `user "` + name + `" already has "` + change.Access + `" access or greater`}
		}
		return &params.Error{Message: `could not grant cloud access: user already has "` + change.Access + `" access or greater`}
	}
	if u := c.userNamed(name); u == nil || !u.reused {
		cl.grant(name, change.Access)
	}
	c.effects++
	return nil
}

func (c *controller) revokeCloud(cl *cloud, name, access string) *params.Error {
	if cl.access(name) == "" && !c.version4() {
		return &params.Error{Code: params.CodeNotFound,
			Message: `could not revoke cloud access: user permission for "us#` + name + `" on "cloud#` + cl.name + `" not found`}
	}
	left := map[string]string{"admin": "add-model"}[access]
	if cl.access(name) != "" {
		cl.grant(name, left)
	}
	c.effects++
	return nil
}
