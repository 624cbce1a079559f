package jujuapi

import (
	"context"

	"github.com/juju/errors"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// Newcomer implements discover.Reader.
func (r *Reader) Newcomer(context.Context, string, fleet.Bootstrap) (fleet.Controller, error) {
	return fleet.Controller{}, errors.NotImplementedf("newcomer")
}

// Compare implements execute.Comparer.
func (r *Reader) Compare(context.Context, fleet.Ref, fleet.Ref, fleet.Item) (fleet.Likeness, error) {
	return fleet.Lacking, errors.NotImplementedf("compare")
}

// HA implements execute.Comparer.
func (r *Reader) HA(context.Context, fleet.Ref) (fleet.HA, error) {
	return fleet.HA{}, errors.NotImplementedf("HA")
}

// Registered implements execute.Comparer.
func (r *Reader) Registered(string) (fleet.Registered, bool, error) {
	return fleet.Registered{}, false, errors.NotImplementedf("registered")
}

// Clone implements execute.Cloner.
func (w *Writer) Clone(context.Context, fleet.Ref, fleet.Ref, fleet.Item) error {
	return errors.NotImplementedf("clone")
}

// EnableHA implements execute.Cloner.
func (w *Writer) EnableHA(context.Context, fleet.Ref, int) error {
	return errors.NotImplementedf("enable HA")
}
