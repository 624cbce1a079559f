package plugin

import (
	"context"
	"time"

	"github.com/juju/version/v2"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/discover"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/execute"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// Registry is the Juju client's store, as far as the command needs it. What is
// wrong with it is a fleet.InputError.
type Registry interface {
	// DataDir is the Juju client's data directory.
	DataDir() string
	// Controllers are the controllers of the registry; two names of one UUID
	// are one controller.
	Controllers() ([]discover.Named, error)
	// Current is the name of the controller that juju would work on.
	Current() (string, error)
}

// Reader looks at Juju and cannot change it.
type Reader interface {
	discover.Reader
	execute.Watcher
	execute.Comparer
}

// Writer changes Juju.
type Writer interface {
	execute.Upgrader
	execute.Archivist
	execute.Mover
	execute.Registrar
	execute.ClientStore
	execute.Cloner
	execute.Refresher
}

// World is the connections of one run of the command.
type World interface {
	Reader() Reader
	// Writer is asked for only once the operator has agreed.
	Writer() Writer
	Close() error
}

// Ask asks a person for the password of a user on a controller.
type Ask func(ctx context.Context, controller, user string) (string, error)

// Deps are what main hands to the command.
type Deps struct {
	// Version is the tool's own.
	Version string
	// Library is the version of the Juju client library inside.
	Library version.Number
	// Registry opens the Juju client's store; it touches no network.
	Registry func() (Registry, error)
	// Connect makes the connections' owner; ask is nil without a terminal.
	// warn is told of what does not hold the work up.
	Connect func(r Registry, ask Ask, warn func(error)) (World, error)
	// Client looks at the juju client of that file; with none, at the one on PATH.
	Client func(ctx context.Context, file string) fleet.Client
	// Errands are the programs that run in that directory of a run's.
	Errands func(dir string) execute.Errands
	// Terminal tells what the streams are connected to.
	Terminal Terminal
	// Now tells the time.
	Now func() time.Time
}

// Terminal tells what the command's streams are connected to.
type Terminal struct {
	// In, Out and Err say whether stdin, stdout and stderr are terminals.
	In, Out, Err bool
	// Colour and Unicode say what may be written to a terminal.
	Colour, Unicode bool
	// Size is the size of the terminal on stderr.
	Size func() (width, height int)
	// Password reads a line from the terminal without showing it.
	Password func() (string, error)
}
