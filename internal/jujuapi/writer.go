package jujuapi

import (
	"context"

	"github.com/juju/errors"
	"github.com/juju/version/v2"

	"github.com/juju/juju/rpc/params"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/execute"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// Writer changes Juju, and what the client on this machine knows of it: it asks for
// upgrades and migrations, refreshes applications, makes backups, and makes users.
type Writer struct {
	session *Session
}

var (
	_ execute.Upgrader    = (*Writer)(nil)
	_ execute.Archivist   = (*Writer)(nil)
	_ execute.Mover       = (*Writer)(nil)
	_ execute.Registrar   = (*Writer)(nil)
	_ execute.Cloner      = (*Writer)(nil)
	_ execute.ClientStore = (*Writer)(nil)
	_ execute.Refresher   = (*Writer)(nil)
)

// UpgradeModel implements execute.Upgrader. It is sent at most once: when the
// connection breaks, the world tells whether it got through. Agents that lag are
// never ignored.
func (w *Writer) UpgradeModel(ctx context.Context, controller, model fleet.Ref, target version.Number) error {
	if target == version.Zero {
		return errors.NotValidf("upgrade of model %s to no version", model.Name)
	}
	args := params.UpgradeModelParams{TargetVersion: target}
	result, err := w.session.upgrade(ctx, controller, model, args, write[params.UpgradeModelResult])
	if err == nil && result.Error != nil {
		err = classed(result.Error)
	}
	return errors.Annotatef(err, "cannot upgrade model %s on %s to %s", model.Name, controller.Name, target)
}

// write makes a call that changes something: once, and on a connection that was
// just seen to be alive.
func write[T any](ctx context.Context, s *Session, k key, call func(*conn) (T, error)) (T, error) {
	if err := s.freshen(ctx, k); err != nil {
		var none T
		return none, err
	}
	return once(ctx, s, k, call)
}

// freshen drops the pool's connection if it does not answer a ping.
func (s *Session) freshen(ctx context.Context, k key) error {
	c, err := s.pool.get(ctx, k)
	if err != nil {
		return err
	}
	defer c.release()
	broken, err := within(ctx, c.conn, func(c *conn) (bool, error) { return c.IsBroken(), nil })
	if err != nil && ctx.Err() != nil {
		return err
	}
	if err != nil || broken {
		c.discard()
	}
	return nil
}
