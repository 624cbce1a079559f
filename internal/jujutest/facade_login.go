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
	if s.modelUUID != "" && c.unknown(s.modelUUID) {
		return fail, apiError(params.CodeModelNotFound, "unknown model: %q", s.modelUUID)
	}
	if req.Credentials == "" && len(req.Macaroons) == 0 || req.AuthTag == "" && req.Credentials != "" {
		return fail, apiError(params.CodeNoCreds, "no credentials provided")
	}
	u := c.authenticate(req.AuthTag, req.Credentials)
	if req.Credentials == "" {
		u = c.byCookie(req.Macaroons)
	}
	if u == nil {
		return fail, apiError(params.CodeUnauthorized, "invalid entity name or password")
	}
	m := c.model()
	if s.modelUUID != "" {
		if m = c.byUUID[s.modelUUID]; m == nil {
			return fail, c.departed[s.modelUUID].answer(u, s.modelUUID)
		}
		// That there is a model is hidden from those who may not read it, as in Juju.
		if !(&session{server: s.server, user: u}).may(m, "read") {
			return fail, apiError(params.CodeUnauthorized, "invalid entity name or password")
		}
	} else if u.access == "" {
		return fail, apiError(params.CodeUnauthorized, "permission denied")
	}
	s.user, s.model = u, m
	s.restricted = s.server.window
	s.importing = m.importing
	s.exporting = m.shownMigration() != nil && m.migration.exporting
	now := time.Now()
	u.lastLogin = now
	if mu := m.userNamed(u.name); mu != nil && s.modelUUID != "" {
		mu.lastLogin = now
	}
	info := &params.AuthUserInfo{
		DisplayName:      u.displayName,
		Identity:         userTag(u.name),
		LastConnection:   &now,
		ControllerAccess: u.access,
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
	if access := m.accessOfUser(s.user.name); access != "none" {
		return access
	}
	return ""
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
