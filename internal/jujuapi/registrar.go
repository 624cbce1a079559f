package jujuapi

import (
	"context"

	"github.com/juju/errors"
	"github.com/juju/names/v5"

	"github.com/juju/juju/rpc/params"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

const usersFacade = "UserManager"

// AddUser implements execute.Registrar.
func (w *Writer) AddUser(ctx context.Context, controller fleet.Ref, name, displayName string, password fleet.Secret) (fleet.Secret, error) {
	key, err := w.addUser(ctx, controller, params.AddUser{Username: name, DisplayName: displayName, Password: password.Reveal()})
	if err != nil {
		return "", errors.Annotatef(without(password, err), "cannot make user %s on controller %s", name, controller.Name)
	}
	if password != "" {
		return "", nil
	}
	return w.registration(controller, name, key)
}

// ResetUser implements execute.Registrar.
func (w *Writer) ResetUser(ctx context.Context, controller fleet.Ref, name string) (fleet.Secret, error) {
	key, err := w.resetUser(ctx, controller, name)
	if err != nil {
		return "", errors.Annotatef(err, "cannot reset user %s on controller %s", name, controller.Name)
	}
	return w.registration(controller, name, key)
}

// GrantController implements execute.Registrar.
func (w *Writer) GrantController(ctx context.Context, controller fleet.Ref, name, access string) error {
	return errors.Annotatef(w.grant(ctx, controller, name, access), "cannot give user %s %s access to controller %s", name, access, controller.Name)
}

// DisableUser implements execute.Registrar.
func (w *Writer) DisableUser(ctx context.Context, controller fleet.Ref, name string) error {
	err := w.onUser(ctx, controller, "DisableUser", name)
	if undecided(err) {
		if is, broken := w.session.user(ctx, controller, name); broken == nil && is != nil && is.Disabled {
			return nil
		}
	}
	return errors.Annotatef(err, "cannot disable user %s on controller %s", name, controller.Name)
}

// addUser makes a user, and returns the key to register with, where no password is
// given. Whether one of that name exists is told by code, or else, since 4.x has none
// for that, by looking.
func (w *Writer) addUser(ctx context.Context, controller fleet.Ref, user params.AddUser) ([]byte, error) {
	if _, err := localUser(user.Username); err != nil {
		return nil, err
	}
	args := params.AddUsers{Users: []params.AddUser{user}}
	secretKey, err := w.forKey(ctx, controller, "AddUser", args, user.Password == "")
	if undecided(err) {
		if is, broken := w.session.user(ctx, controller, user.Username); broken == nil && is != nil {
			return nil, &fleet.Problem{Code: fleet.Exists, Text: "there is a user " + user.Username + " already"}
		}
	}
	return secretKey, err
}

func (w *Writer) resetUser(ctx context.Context, controller fleet.Ref, name string) ([]byte, error) {
	tag, err := localUser(name)
	if err != nil {
		return nil, err
	}
	args := params.Entities{Entities: []params.Entity{{Tag: tag.String()}}}
	return w.forKey(ctx, controller, "ResetPassword", args, true)
}

// forKey makes a call that is answered with a key to register with.
func (w *Writer) forKey(ctx context.Context, controller fleet.Ref, method string, args any, wanted bool) ([]byte, error) {
	results, err := write(ctx, w.session, key{controller: controller}, ask[params.AddUserResults](usersFacade, method, args))
	if err != nil {
		return nil, err
	}
	if err := asMany(1, len(results.Results)); err != nil {
		return nil, err
	}
	result := results.Results[0]
	switch {
	case result.Error != nil:
		return nil, refused(result.Error)
	case wanted && len(result.SecretKey) == 0:
		return nil, &fleet.Problem{Code: fleet.Other, Text: "Juju gives no key to register with"}
	}
	return result.SecretKey, nil
}

// grant gives a user more access to a controller. Juju refuses, without a code, to
// give what the user has already; and 4.1 accepts to give it to a user whose name a
// removed one had, and does not (seen): in both cases looking tells. Of users whose
// identity is kept elsewhere a controller need not tell the access.
func (w *Writer) grant(ctx context.Context, controller fleet.Ref, name, access string) error {
	if !names.IsValidUser(name) {
		return errors.NotValidf("user name %q", name)
	}
	args := params.ModifyControllerAccessRequest{Changes: []params.ModifyControllerAccess{{
		UserTag: names.NewUserTag(name).String(), Action: params.GrantControllerAccess, Access: access,
	}}}
	err := w.forOne(ctx, controller, "Controller", "ModifyControllerAccess", args)
	if err != nil && !undecided(err) {
		return err
	}
	is, broken := w.session.user(ctx, controller, name)
	switch {
	case broken == nil && is != nil && (is.Access == access || is.Access == fleet.AccessSuperuser):
		return nil
	case err != nil:
		return err
	case broken != nil:
		return broken
	case !fleet.LocalUser(name):
		return nil
	}
	return &fleet.Problem{
		Code: fleet.Refused,
		Text: "Juju has accepted that, and the user does not have it: Juju 4.1 does so where a user of that name was removed before",
	}
}

// onUser makes a call for a local user.
func (w *Writer) onUser(ctx context.Context, controller fleet.Ref, method, name string) error {
	tag, err := localUser(name)
	if err != nil {
		return err
	}
	return w.forOne(ctx, controller, usersFacade, method, params.Entities{Entities: []params.Entity{{Tag: tag.String()}}})
}

// forOne makes a call for many that is made for one.
func (w *Writer) forOne(ctx context.Context, controller fleet.Ref, facade, method string, args any) error {
	results, err := write(ctx, w.session, key{controller: controller}, ask[params.ErrorResults](facade, method, args))
	if err != nil {
		return err
	}
	if err := asMany(1, len(results.Results)); err != nil {
		return err
	}
	if e := results.Results[0].Error; e != nil {
		return refused(e)
	}
	return nil
}

// undecided says that a server has answered no, and that the code does not tell why.
func undecided(err error) bool {
	var p *fleet.Problem
	return errors.As(err, &p) && (p.Code == fleet.Refused || p.Code == fleet.Other)
}
