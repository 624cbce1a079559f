package client

import (
	"errors"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// Errands are programs that go on by themselves if this process ends.
type Errands struct {
	// Dir is where each keeps its files: the run's directory.
	Dir string
}

// Start begins the errand of that name.
func (e Errands) Start(name, program string, args ...string) error {
	return errors.ErrUnsupported
}

// Status tells how far the errand of that name is.
func (e Errands) Status(name string) (fleet.Errand, error) {
	return fleet.Errand{}, errors.ErrUnsupported
}
