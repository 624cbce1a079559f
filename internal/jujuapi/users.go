package jujuapi

import (
	"context"
	"strings"

	"github.com/juju/errors"
	"github.com/juju/names/v5"

	"github.com/juju/juju/rpc/params"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// Users implements execute.Watcher. Juju leaves removed users out.
func (r *Reader) Users(ctx context.Context, controller fleet.Ref) ([]fleet.User, error) {
	users, err := r.session.users(ctx, controller, params.UserInfoRequest{IncludeDisabled: true})
	return users, errors.Annotatef(err, "cannot list the users of controller %s", controller.Name)
}

// users asks for users. One that cannot be described makes the list useless: who is
// not in it does not exist.
func (s *Session) users(ctx context.Context, controller fleet.Ref, request params.UserInfoRequest) ([]fleet.User, error) {
	results, err := read(ctx, s, key{controller: controller}, ask[params.UserInfoResults]("UserManager", "UserInfo", request))
	if err != nil {
		return nil, err
	}
	out := make([]fleet.User, 0, len(results.Results))
	for _, result := range results.Results {
		switch {
		case result.Error != nil:
			return nil, told(result.Error)
		case result.Result != nil:
			out = append(out, userFrom(*result.Result))
		}
	}
	return out, nil
}

// userFrom translates a user.
func userFrom(info params.UserInfo) fleet.User {
	return fleet.User{
		Name:        localName(info.Username),
		DisplayName: info.DisplayName,
		Access:      info.Access,
		Disabled:    info.Disabled,
		LastLogin:   valueOf(info.LastConnection),
	}
}

// localName is a user's name without the domain of those whom the controller itself
// keeps.
func localName(name string) string { return strings.TrimSuffix(name, "@local") }

// user looks a user up; nil when there is none. One whose identity is kept elsewhere
// is in no list, and has to be asked for by name.
func (s *Session) user(ctx context.Context, controller fleet.Ref, name string) (*fleet.User, error) {
	request := params.UserInfoRequest{IncludeDisabled: true}
	if !fleet.LocalUser(name) {
		request.Entities = []params.Entity{{Tag: names.NewUserTag(name).String()}}
	}
	users, err := s.users(ctx, controller, request)
	if err != nil {
		return nil, err
	}
	for i := range users {
		if users[i].Name == name {
			return &users[i], nil
		}
	}
	return nil, nil
}
