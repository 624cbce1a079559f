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
	u, asked, err := s.identify(req)
	if u == nil {
		return asked, err
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

// identify finds out who logs in, by password or macaroon. If it is nobody, it returns
// what they are told.
func (s *session) identify(req params.LoginRequest) (*user, params.LoginResult, error) {
	c := s.controller()
	u := c.authenticate(req.AuthTag, req.Credentials)
	if req.Credentials == "" {
		u = c.door.admits(req.Macaroons)
	}
	var told params.LoginResult
	switch {
	case u != nil:
		return u, told, nil
	case req.Credentials == "" && c.door.knows(req.AuthTag):
		told, err := c.door.ask(s.server, req.AuthTag)
		return nil, told, err
	case req.AuthTag == "" || req.Credentials == "":
		return nil, told, apiError(params.CodeNoCreds, "no credentials provided")
	}
	return nil, told, apiError(params.CodeUnauthorized, "invalid entity name or password")
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
