package jujuapi

import (
	"context"

	"github.com/juju/errors"

	"github.com/juju/juju/api/base"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// read makes a call that only tells something. An error without a code passes.
func read[T any](ctx context.Context, s *Session, k key, call func(*conn) (T, error)) (T, error) {
	return question(ctx, s, k, func(c *conn) (T, error) {
		value, err := call(c)
		return value, passes(err)
	})
}

// question makes a call that changes nothing. One that fails with its connection, or
// because that is an old one, is tried once more on a fresh one.
func question[T any](ctx context.Context, s *Session, k key, call func(*conn) (T, error)) (T, error) {
	value, err := once(ctx, s, k, call)
	if errors.Is(err, errConnection) && ctx.Err() == nil {
		value, err = once(ctx, s, k, call)
	}
	return value, err
}

// errConnection marks what failed for a reason that a fresh connection may not have.
const errConnection = errors.ConstError("connection lost")

// once makes a call on the pool's connection, and discards that if it fails with it.
func once[T any](ctx context.Context, s *Session, k key, call func(*conn) (T, error)) (T, error) {
	var none T
	c, err := s.pool.get(ctx, k)
	if err != nil {
		return none, err
	}
	defer c.release()
	value, err := within(ctx, c.conn, call)
	if err != nil {
		// Busy, too: who logs in during an upgrade is held to few calls until the
		// next login, though the upgrade be over. (apiserver/root.go restrictAPIRoot)
		if fleet.Passing(err) || ctx.Err() != nil {
			c.discard()
		}
		if c.reused && fleet.CodeOf(err) == fleet.Busy {
			err = marked(err)
		}
		return none, err
	}
	return value, nil
}

// within makes a call, and returns when it is answered, when its connection is found
// broken, or when ctx ends: Juju's own calls heed neither of the last two. What a
// forgotten call returns is dropped.
func within[T any](ctx context.Context, c *conn, call func(*conn) (T, error)) (T, error) {
	type answer struct {
		value T
		err   error
	}
	answered := make(chan answer, 1)
	go func() {
		value, err := call(c)
		answered <- answer{value, err}
	}()
	var none T
	select {
	case a := <-answered:
		if a.err != nil {
			return none, lost(c.problem(ctx, a.err))
		}
		return a.value, nil
	case <-c.Broken():
		return none, lost(&fleet.Problem{Code: fleet.Unreachable, Text: "the connection broke before the answer came"})
	case <-ctx.Done():
		return none, ending(ctx, ctx.Err())
	}
}

// lost marks an error of an open connection that is Unreachable.
func lost(err error) error {
	if fleet.CodeOf(err) == fleet.Unreachable {
		return marked(err)
	}
	return err
}

// marked gives a problem the mark of errConnection.
func marked(err error) error {
	var p *fleet.Problem
	if errors.As(err, &p) {
		return &failure{Problem: p, cause: errors.WithType(err, errConnection)}
	}
	return err
}

// ask makes one facade call of the newest version that both sides have.
func ask[R any](facade, method string, args any) func(*conn) (R, error) {
	return func(c *conn) (R, error) {
		var result R
		version := c.BestFacadeVersion(facade)
		if version == 0 {
			return result, lacks(c, facade)
		}
		err := base.NewFacadeCallerForVersion(c, facade, version).FacadeCall(method, args, &result)
		return result, err
	}
}

// lacks says that a server does not have a facade, or only versions of it that
// this library does not have.
func lacks(c *conn, facade string) error {
	return &fleet.Problem{
		Code: fleet.Unsupported,
		Text: "Juju " + c.version.String() + " does not serve " + facade + " in a version that this tool has",
	}
}
