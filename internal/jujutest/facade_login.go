package jujutest

import (
	"time"

	"github.com/juju/names/v5"

	"github.com/juju/juju/rpc/params"
)

// login is Admin.Login v3.
func login(s *session, req params.LoginRequest) (params.LoginResult, error) {
	var fail params.LoginResult
	if s.user != nil {
		return fail, apiError("", "already logged in")
	}
	c := s.controller()
	tag, err := names.ParseUserTag(req.AuthTag)
	if req.AuthTag == "" || req.Credentials == "" {
		return fail, apiError(params.CodeNoCreds, "no credentials provided")
	}
	if err != nil || tag.Id() != c.user.name || req.Credentials != c.user.password {
		return fail, apiError(params.CodeUnauthorized, "invalid entity name or password")
	}
	m := c.model()
	if s.modelUUID != "" {
		// That a model does not exist is hidden, as in Juju.
		if m = c.byUUID[s.modelUUID]; m == nil || !(&session{server: s.server, user: c.user}).may(m, "read") {
			return fail, apiError(params.CodeUnauthorized, "invalid entity name or password")
		}
	}
	s.user, s.model = c.user, m
	s.restricted = s.server.window
	now := time.Now()
	info := &params.AuthUserInfo{
		DisplayName:      c.user.name,
		Identity:         tag.String(),
		LastConnection:   &now,
		ControllerAccess: c.user.access,
	}
	modelTag := ""
	if s.modelUUID != "" {
		modelTag = names.NewModelTag(m.uuid).String()
		info.ModelAccess = m.accessOf(s)
	}
	return params.LoginResult{
		Servers:       c.hostPorts(),
		ModelTag:      modelTag,
		ControllerTag: names.NewControllerTag(c.uuid).String(),
		UserInfo:      info,
		Facades:       facadeList(s.server.version, s.modelUUID == ""),
		ServerVersion: s.server.version.String(),
	}, nil
}

// accessOf is the user's access to a model.
func (m *model) accessOf(s *session) string {
	if s.superuser() {
		return "admin"
	}
	if m.access == "none" {
		return ""
	}
	return m.access
}

// hostPorts are the API addresses, grouped by server.
func (c *controller) hostPorts() [][]params.HostPort {
	var groups [][]params.HostPort
	for _, s := range c.servers {
		// Clients forget addresses that are only good on one machine. These are
		// called public, so that all of them are kept.
		addr := params.Address{Value: "127.0.0.1", Type: "ipv4", Scope: "public"}
		groups = append(groups, []params.HostPort{{Address: addr, Port: s.port}})
	}
	return groups
}
