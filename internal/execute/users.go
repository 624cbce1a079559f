package execute

import (
	"context"
	"fmt"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

// AddUser makes a local user, and keeps the string with which that user registers.
// A user who exists is never changed, except one whom this run itself was about to
// make: then what is missing is done. Who has logged in is given no other string.
type AddUser struct {
	Watcher       Watcher
	Registrar     Registrar
	Registrations Registrations
	// Passwords are those of the users who are given one.
	Passwords map[string]fleet.Secret
}

// Look implements Kind.
func (k AddUser) Look(ctx context.Context, s plan.Step) (Sight, error) {
	user, intended, kept, err := known(ctx, k.Watcher, k.Registrations, s)
	if err != nil {
		return Sight{}, err
	}
	switch {
	case user == nil:
		return Sight{Stage: Absent}, nil
	case !intended:
		return Sight{Stage: There, Result: "exists already, and is left as it is"}, nil
	case (kept || s.User.Password || hasCome(user)) && complete(user, s.User):
		return Sight{Stage: There}, nil
	}
	return Sight{Stage: Absent, Note: "made, but not yet as it should be"}, nil
}

// known tells what the target and the run's file know of the step's user, who is nil
// where the target has none.
func known(ctx context.Context, w Watcher, r Registrations, s plan.Step) (user *fleet.User, intended, kept bool, err error) {
	users, err := w.Users(ctx, s.Target)
	if err != nil {
		return nil, false, false, err
	}
	intended, kept, err = r.Of(s.User.Name)
	return userOf(users, s.User.Name), intended, kept, err
}

func userOf(users []fleet.User, name string) *fleet.User {
	for i := range users {
		if users[i].Name == name {
			return &users[i]
		}
	}
	return nil
}

// hasCome says that the user has logged in, and so needs no string any more: another
// one would make the password void that was chosen with it.
func hasCome(user *fleet.User) bool { return user != nil && !user.LastLogin.IsZero() }

// complete says that the user is as planned.
func complete(is *fleet.User, want *plan.User) bool {
	// Of a user who is disabled, access is not shown.
	return is.Disabled || is.Access == want.Access || want.Access == fleet.AccessLogin && is.Access != ""
}

// Act implements Kind. Each of its parts can be done again.
func (k AddUser) Act(ctx context.Context, s plan.Step) error {
	users, err := k.Watcher.Users(ctx, s.Target)
	if err != nil {
		return err
	}
	user := userOf(users, s.User.Name)
	if ours, err := k.register(ctx, s, user); err != nil || !ours {
		return err
	}
	// Who is made may log in; Juju 4.1 leaves even that out where the name was that
	// of a user who was removed.
	lacks := s.User.Access != fleet.AccessLogin || user != nil && user.Access == ""
	if s.User.Access != "" && lacks && (user == nil || user.Access != s.User.Access) {
		if err := k.Registrar.GrantController(ctx, s.Target, s.User.Name, s.User.Access); err != nil {
			return fmt.Errorf("cannot give %s %s access to %s: %w", s.User.Name, s.User.Access, s.Target.Name, err)
		}
	}
	return nil
}

// DisableUser keeps a user whom the run made from logging in.
type DisableUser struct {
	Watcher       Watcher
	Registrar     Registrar
	Registrations Registrations
}

// Look implements Kind. A user whom somebody else made is left alone. One who is not
// there is not kept from logging in: a later attempt may make one of that name.
func (k DisableUser) Look(ctx context.Context, s plan.Step) (Sight, error) {
	user, ours, _, err := known(ctx, k.Watcher, k.Registrations, s)
	if err != nil {
		return Sight{}, err
	}
	if user == nil {
		return Sight{}, &certainError{&fleet.Problem{Code: fleet.NotFound, Text: fmt.Sprintf("%s has no user %s yet", s.Target.Name, s.User.Name)}}
	}
	if !ours || user.Disabled {
		return Sight{Stage: There}, nil
	}
	return Sight{Stage: Absent}, nil
}

// Act implements Kind.
func (k DisableUser) Act(ctx context.Context, s plan.Step) error {
	if err := k.Registrar.DisableUser(ctx, s.Target, s.User.Name); err != nil {
		return fmt.Errorf("cannot disable %s on %s: %w", s.User.Name, s.Target.Name, err)
	}
	return nil
}

// register sees to it that the user exists and that the user's string is kept. One
// who was made, and whose string was lost on its way, gets a new one. It is false
// for a user whom somebody else made since we looked.
func (k AddUser) register(ctx context.Context, s plan.Step, user *fleet.User) (ours bool, err error) {
	exists := user != nil
	intended, kept, err := k.Registrations.Of(s.User.Name)
	if err != nil || exists && (kept || !intended || s.User.Password || hasCome(user)) {
		return intended, err
	}
	var password fleet.Secret
	if s.User.Password {
		password = k.Passwords[s.User.Name]
	}
	if s.User.Password && password == "" {
		return false, &certainError{&fleet.Problem{Code: fleet.NeedsPassword, Text: "the password that it was to be given is in no file of the run's"}}
	}
	var registration fleet.Secret
	if exists {
		registration, err = k.Registrar.ResetUser(ctx, s.Target, s.User.Name)
	} else if err = k.Registrations.Intend(s.User.Name); err == nil {
		registration, err = k.Registrar.AddUser(ctx, s.Target, s.User.Name, s.User.DisplayName, password)
	}
	switch {
	case fleet.CodeOf(err) == fleet.Exists:
		return false, k.Registrations.Forget(s.User.Name)
	case err != nil:
		return false, fmt.Errorf("cannot make user %s on %s: %w", s.User.Name, s.Target.Name, err)
	}
	if s.User.Password {
		return true, nil
	}
	return true, k.Registrations.Keep(s.User.Name, registration)
}
