package jujuapi

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/go-macaroon-bakery/macaroon-bakery/v3/httpbakery"
	"github.com/juju/errors"
	"github.com/juju/names/v5"

	"github.com/juju/juju/rpc/params"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/rules"
)

// initiation is params.InitiateMigrationArgs with the field that servers have had
// since 3.6.13 and 4.0.3, and the linked library has not. (Juju PR #21552) Whether
// it is a question is decided where it is made: MoveRefusal (always) and Migrate
// (never).
type initiation struct {
	Specs  []params.MigrationSpec `json:"specs"`
	DryRun bool                   `json:"dry-run,omitempty"`
}

// errNoDryRun says that a server would do what it was only to be asked about.
const errNoDryRun = errors.ConstError("the server has no dry run of a migration")

// initiate makes the one call that asks source to migrate a model, or what it would
// say to that. A server that does not know the question begins the migration: on
// whichever connection it goes out, that of a server that knows it is what counts.
func (s *Session) initiate(ctx context.Context, source fleet.Ref, args initiation,
	send func(context.Context, *Session, key, func(*conn) (params.InitiateMigrationResult, error)) (params.InitiateMigrationResult, error),
) (params.InitiateMigrationResult, error) {
	return send(ctx, s, key{controller: source}, func(c *conn) (params.InitiateMigrationResult, error) {
		var none params.InitiateMigrationResult
		if args.DryRun && !rules.DryRunMigration(c.version) {
			return none, &failure{Problem: &fleet.Problem{Code: fleet.Unsupported, Text: errNoDryRun.Error()}, cause: errNoDryRun}
		}
		results, err := ask[params.InitiateMigrationResults]("Controller", "InitiateMigration", args)(c)
		if err != nil {
			return none, err
		}
		if err := asMany(1, len(results.Results)); err != nil {
			return none, err
		}
		return results.Results[0], nil
	})
}

// destination says where a model is to go and as whom source logs in there, at
// addresses that target itself has named: those that this client uses may be good
// from here only. There is no other than that in use when it names none.
func (s *Session) destination(ctx context.Context, target, model fleet.Ref, as credential) (params.MigrationSpec, error) {
	name, details, err := s.cfg.Store.named(target.Name, target.UUID)
	if err != nil {
		return params.MigrationSpec{}, err
	}
	c, err := s.pool.get(ctx, key{controller: target})
	if err != nil {
		return params.MigrationSpec{}, err
	}
	defer c.release()
	addresses := flat(c.groups)
	if len(addresses) == 0 {
		addresses = endpoints(c.conn)
	}
	return params.MigrationSpec{
		ModelTag: names.NewModelTag(model.UUID).String(),
		TargetInfo: params.MigrationTargetInfo{
			ControllerTag:   names.NewControllerTag(target.UUID).String(),
			ControllerAlias: name,
			Addrs:           slices.Clone(addresses),
			CACert:          details.CACert,
			AuthTag:         as.tag.String(),
			Password:        as.password,
			Macaroons:       as.macaroons,
		},
	}, nil
}

// credential is how a source controller logs in at a target.
type credential struct {
	tag                 names.UserTag
	password, macaroons string
}

// operator is the credential of whoever uses this client: the stored password, else
// the macaroons of a login that was just made, as "juju migrate" takes them.
// (cmd/juju/commands/migrate.go getMigrationSpec)
func (s *Session) operator(ctx context.Context, target fleet.Ref) (credential, error) {
	name, _, err := s.cfg.Store.named(target.Name, target.UUID)
	if err != nil {
		return credential{}, err
	}
	account, err := s.cfg.Store.account(name)
	if err != nil {
		return credential{}, err
	}
	if account == nil || !names.IsValidUser(account.User) {
		return credential{}, needLogin(name, "nobody is logged in there")
	}
	out := credential{tag: names.NewUserTag(account.User), password: account.Password}
	if out.password != "" {
		return out, nil
	}
	c, err := s.pool.get(ctx, key{controller: target})
	if err != nil {
		return credential{}, err
	}
	defer c.release()
	jar, err := s.jar(name)
	if err != nil {
		return credential{}, err
	}
	macaroons := httpbakery.MacaroonsForURL(jar, c.CookieURL())
	if len(macaroons) == 0 {
		return credential{}, needLogin(name, "the stored login is of a kind that cannot be handed on")
	}
	encoded, err := json.Marshal(macaroons)
	if err != nil {
		return credential{}, errors.Errorf("cannot hand on the stored login on %s", name)
	}
	out.macaroons = string(encoded)
	return out, nil
}
