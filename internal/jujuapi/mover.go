package jujuapi

import (
	"context"
	"strings"

	"github.com/juju/errors"
	"github.com/juju/names/v5"

	"github.com/juju/juju/rpc/params"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/execute"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// Migrate implements execute.Mover. It is sent at most once: what both controllers
// show tells whether it got through.
func (w *Writer) Migrate(ctx context.Context, source, target, model fleet.Ref, as execute.Account) error {
	err := w.migrate(ctx, source, target, model, as)
	return errors.Annotatef(err, "cannot move model %s from %s to %s", model.Name, source.Name, target.Name)
}

func (w *Writer) migrate(ctx context.Context, source, target, model fleet.Ref, as execute.Account) error {
	tag, err := localUser(as.User)
	if err != nil {
		return err
	}
	if as.Password == "" {
		return errors.NotValidf("account without a password")
	}
	spec, err := w.session.destination(ctx, target, model, credential{tag: tag, password: as.Password.Reveal()})
	if err != nil {
		return err
	}
	args := initiation{Specs: []params.MigrationSpec{spec}}
	result, err := w.session.initiate(ctx, source, args, write[params.InitiateMigrationResult])
	switch {
	case err != nil:
		return without(as.Password, err)
	case result.Error != nil:
		return without(as.Password, refused(result.Error))
	case result.MigrationId == "":
		return &fleet.Problem{Code: fleet.Other, Text: "Juju neither began the migration nor says why"}
	}
	return nil
}

// without removes a secret from what a server says, should it repeat it.
func without(secret fleet.Secret, err error) error {
	var p *fleet.Problem
	if errors.As(err, &p) && secret != "" && strings.Contains(p.Text, secret.Reveal()) {
		return &fleet.Problem{Code: p.Code, Text: strings.ReplaceAll(p.Text, secret.Reveal(), secret.String()), Remedy: p.Remedy}
	}
	return err
}

// AddAccount implements execute.Mover. An account that was made and could not be
// made a superuser is left for RemoveAccount.
func (w *Writer) AddAccount(ctx context.Context, controller fleet.Ref, a execute.Account) error {
	if a.Password == "" {
		return errors.NotValidf("account without a password")
	}
	user := params.AddUser{Username: a.User, Password: a.Password.Reveal()}
	_, err := w.addUser(ctx, controller, user)
	if err == nil {
		err = w.grant(ctx, controller, a.User, fleet.AccessSuperuser)
	}
	return errors.Annotatef(without(a.Password, err), "cannot make the superuser %s on controller %s", a.User, controller.Name)
}

// RemoveAccount implements execute.Mover.
func (w *Writer) RemoveAccount(ctx context.Context, controller fleet.Ref, user string) error {
	err := w.onUser(ctx, controller, "RemoveUser", user)
	if fleet.CodeOf(err) == fleet.NotFound {
		return nil
	}
	if undecided(err) {
		// 4.x has no code for a user who is not there.
		if is, broken := w.session.user(ctx, controller, user); broken == nil && is == nil {
			return nil
		}
	}
	return errors.Annotatef(err, "cannot remove user %s from controller %s", user, controller.Name)
}

// localUser is the tag of a user whose identity the controller itself keeps.
func localUser(name string) (names.UserTag, error) {
	if !names.IsValidUserName(name) {
		return names.UserTag{}, errors.NotValidf("user name %q", name)
	}
	return names.NewLocalUserTag(name), nil
}
