package plugin

import (
	"context"
	"time"

	"github.com/juju/cmd/v3"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// silence is how long a controller may be silent before the operator is told
// which one is waited for.
const silence = 5 * time.Second

// telling is a Reader that names a controller whose login takes long.
type telling struct {
	Reader
	ctx *cmd.Context
}

// Login implements discover.Reader.
func (t telling) Login(ctx context.Context, name string) (fleet.Controller, error) {
	timer := time.AfterFunc(silence, func() { t.ctx.Infof("Waiting for %s to answer ...", name) })
	defer timer.Stop()
	return t.Reader.Login(ctx, name)
}
