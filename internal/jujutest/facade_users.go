package jujutest

import (
	"time"

	"github.com/juju/names/v5"

	"github.com/juju/juju/rpc/params"
)

// userInfo is UserManager.UserInfo.
func userInfo(s *session, req params.UserInfoRequest) (params.UserInfoResults, error) {
	var out params.UserInfoResults
	c := s.controller()
	if len(req.Entities) == 0 {
		for _, u := range c.users {
			if !u.removed && (!u.disabled || req.IncludeDisabled) && (s.superuser() || u == s.user) {
				out.Results = append(out.Results, params.UserInfoResult{Result: u.info(c)})
			}
		}
		return out, nil
	}
	for _, e := range req.Entities {
		out.Results = append(out.Results, s.oneUser(e.Tag))
	}
	return out, nil
}

func (s *session) oneUser(tag string) params.UserInfoResult {
	if err := s.asksAbout(tag); err != nil {
		return params.UserInfoResult{Error: apiFailure(err)}
	}
	t, _ := names.ParseUserTag(tag)
	u := s.controller().userNamed(t.Id())
	switch {
	case u != nil:
		return params.UserInfoResult{Result: u.info(s.controller())}
	case !t.IsLocal():
		return params.UserInfoResult{Result: &params.UserInfo{Username: t.Id()}}
	case s.controller().version4():
		return params.UserInfoResult{Error: &params.Error{Message: "user not found", Code: params.CodeUserNotFound}}
	}
	return params.UserInfoResult{Error: &params.Error{Message: "permission denied", Code: params.CodeUnauthorized}}
}

// info is a user as it is told. Juju 4 tells when a user was made to the nanosecond, and
// when one logged in last, as Juju 3 tells both, to the second: a login can look
// older than its user. (seen)
func (u *user) info(c *controller) *params.UserInfo {
	info := &params.UserInfo{
		Username: u.name, DisplayName: u.displayName, Access: u.access,
		CreatedBy: u.createdBy, DateCreated: u.created, Disabled: u.disabled,
	}
	if u.disabled {
		info.Access = ""
	}
	if !c.version4() {
		info.DateCreated = u.created.Truncate(time.Second)
	}
	if !u.lastLogin.IsZero() {
		last := u.lastLogin.Truncate(time.Second)
		info.LastConnection = &last
	}
	return info
}

// mayChangeUsers says why the session may not change users; nil if it may.
func (s *session) mayChangeUsers() error {
	if s.controller().blocking(s.server.version, s.controller().model()) {
		return apiError(params.CodeOperationBlocked, "the operation has been blocked")
	}
	if !s.superuser() {
		return errPerm()
	}
	return nil
}

// addUser is UserManager.AddUser.
func addUser(s *session, args params.AddUsers) (params.AddUserResults, error) {
	var out params.AddUserResults
	if err := s.mayChangeUsers(); err != nil {
		return out, err
	}
	for _, arg := range args.Users {
		out.Results = append(out.Results, s.addOneUser(arg))
	}
	return out, nil
}

func (s *session) addOneUser(arg params.AddUser) params.AddUserResult {
	c := s.controller()
	fail := func(code, text string) params.AddUserResult {
		return params.AddUserResult{Error: &params.Error{Code: code, Message: "failed to create user: " + text}}
	}
	if !names.IsValidUserName(arg.Username) {
		if c.version4() {
			return fail(params.CodeNotValid, `user name "`+arg.Username+`" not valid`)
		}
		return fail("", `invalid user name "`+arg.Username+`"`)
	}
	if c.userNamed(arg.Username) != nil {
		if c.version4() {
			return fail("", "adding user \""+arg.Username+"\": user already exists")
		}
		return fail(params.CodeAlreadyExists, "user "+arg.Username+" already exists")
	}
	u := c.newUser(arg.Username, "login")
	u.displayName, u.password, u.createdBy, u.created = arg.DisplayName, arg.Password, s.user.name, time.Now()
	if old := c.removedUser(arg.Username); old != nil {
		u.lastLogin = old.lastLogin
		if c.version4() {
			u.lastLogin, u.access, u.reused = time.Time{}, "", true
		}
	}
	c.effects++
	result := params.AddUserResult{Tag: userTag(u.name)}
	if arg.Password == "" {
		u.key = newKey()
		result.SecretKey = u.key
	} else {
		c.world.secrets = append(c.world.secrets, arg.Password)
	}
	return result
}

// removeUser is UserManager.RemoveUser.
func removeUser(s *session, args params.Entities) (params.ErrorResults, error) {
	return s.eachUser(args, func(c *controller, name string, u *user) *params.Error {
		switch {
		case u == c.user:
			return &params.Error{Message: `cannot delete controller owner "` + name + `"`}
		case u != nil:
			u.removed = true
			c.effects++
			return nil
		case c.version4():
			return &params.Error{Message: `failed to delete user "` + name + `": removing user "` + name + `": user not found`}
		case c.removedUser(name) != nil:
			return &params.Error{Message: `failed to delete user "` + name + `": user "` + name + `" is permanently deleted`}
		}
		return &params.Error{Code: params.CodeNotFound, Message: `user "` + name + `" not found`}
	})
}

// enableUser and disableUser are UserManager.EnableUser and DisableUser: twice is no error.
func enableUser(s *session, args params.Entities) (params.ErrorResults, error) {
	return s.setDisabled(args, false)
}

func disableUser(s *session, args params.Entities) (params.ErrorResults, error) {
	return s.setDisabled(args, true)
}

func (s *session) setDisabled(args params.Entities, disabled bool) (params.ErrorResults, error) {
	return s.eachUser(args, func(c *controller, name string, u *user) *params.Error {
		if u == nil {
			return c.noSuchUser(name)
		}
		if u.disabled != disabled {
			u.disabled = disabled
			c.effects++
		}
		return nil
	})
}

func (c *controller) noSuchUser(name string) *params.Error {
	if c.version4() {
		return &params.Error{Code: params.CodeUserNotFound, Message: `user "` + name + `" not found`}
	}
	return &params.Error{Code: params.CodeUnauthorized, Message: "permission denied"}
}

// eachUser changes users one by one.
func (s *session) eachUser(args params.Entities, change func(*controller, string, *user) *params.Error) (params.ErrorResults, error) {
	var out params.ErrorResults
	if err := s.mayChangeUsers(); err != nil {
		return out, err
	}
	for _, e := range args.Entities {
		tag, err := names.ParseUserTag(e.Tag)
		if err != nil {
			out.Results = append(out.Results, params.ErrorResult{Error: &params.Error{Message: err.Error()}})
			continue
		}
		failed := change(s.controller(), tag.Id(), s.controller().userNamed(tag.Id()))
		out.Results = append(out.Results, params.ErrorResult{Error: failed})
	}
	return out, nil
}

// resetPassword is UserManager.ResetPassword: the password is void at once, and the
// user has to register with the key.
func resetPassword(s *session, args params.Entities) (params.AddUserResults, error) {
	var out params.AddUserResults
	if err := s.mayChangeUsers(); err != nil {
		return out, err
	}
	c := s.controller()
	for _, e := range args.Entities {
		result := params.AddUserResult{Tag: e.Tag}
		tag, err := names.ParseUserTag(e.Tag)
		var u *user
		if err == nil {
			u = c.userNamed(tag.Id())
		}
		switch {
		case err != nil:
			result.Error = &params.Error{Message: err.Error()}
		case u == nil:
			result.Error = c.noSuchUser(tag.Id())
		case u == s.user:
			result.Error = &params.Error{Code: params.CodeUnauthorized, Message: "permission denied"}
		case u.disabled:
			result.Error = &params.Error{Message: "user deactivated"}
		default:
			u.password, u.key = "", newKey()
			result.SecretKey = u.key
			c.effects++
		}
		out.Results = append(out.Results, result)
	}
	return out, nil
}

// modifyControllerAccess is Controller.ModifyControllerAccess.
func modifyControllerAccess(s *session, args params.ModifyControllerAccessRequest) (params.ErrorResults, error) {
	var out params.ErrorResults
	for _, change := range args.Changes {
		out.Results = append(out.Results, params.ErrorResult{Error: s.changeAccess(change)})
	}
	return out, nil
}

// controllerAccess orders what a user may on a controller.
var controllerAccess = map[string]int{"": 0, "login": 1, "add-model": 2, "superuser": 3}

func (s *session) changeAccess(change params.ModifyControllerAccess) *params.Error {
	c := s.controller()
	tag, err := names.ParseUserTag(change.UserTag)
	switch {
	case !s.superuser():
		return &params.Error{Code: params.CodeUnauthorized, Message: "permission denied"}
	case change.Access == "" || controllerAccess[change.Access] == 0:
		return &params.Error{Code: params.CodeNotValid, Message: `"` + change.Access + `" controller access not valid`}
	case err != nil:
		return &params.Error{Message: "could not modify controller access: " + err.Error()}
	}
	u := c.userNamed(tag.Id())
	if u == nil && !tag.IsLocal() {
		u = c.newUser(tag.Id(), "")
	}
	switch {
	case c.version4() && (u == nil || u.disabled):
		return &params.Error{Message: `active users "` + tag.Id() + `": user not found`}
	case u == nil:
		return &params.Error{Code: params.CodeNotFound,
			Message: `could not grant controller access: user "` + tag.Id() + `" does not exist locally: user "` + tag.Id() + `" not found`}
	case u.disabled:
		return &params.Error{Message: `could not grant controller access: could not look up controller access for user: user "` + tag.Id() + `" is disabled`}
	}
	if change.Action == params.RevokeControllerAccess {
		u.access = map[string]string{"superuser": "login"}[change.Access]
		c.effects++
		return nil
	}
	if controllerAccess[u.access] >= controllerAccess[change.Access] {
		return &params.Error{Message: `could not grant controller access: user already has "` + u.access + `" access or greater`}
	}
	if !u.reused {
		u.access = change.Access
	}
	c.effects++
	return nil
}

// getControllerAccess is Controller.GetControllerAccess.
func getControllerAccess(s *session, args params.Entities) (params.UserAccessResults, error) {
	var out params.UserAccessResults
	for _, e := range args.Entities {
		info := s.oneUser(e.Tag)
		result := params.UserAccessResult{Error: info.Error}
		if info.Result != nil && info.Result.Disabled {
			result.Error = &params.Error{Message: `user "` + info.Result.Username + `" is disabled`}
		} else if info.Result != nil {
			result.Result = &params.UserAccess{UserTag: e.Tag, Access: info.Result.Access}
		}
		out.Results = append(out.Results, result)
	}
	return out, nil
}
