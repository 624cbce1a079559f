package jujuapi

import "github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"

// Registered implements execute.Comparer. It reads the registry anew: "juju bootstrap"
// writes there while it is waited for.
func (r *Reader) Registered(name string) (fleet.Registered, bool, error) {
	registry, err := r.session.cfg.Store.registry()
	if err != nil {
		return fleet.Registered{}, false, err
	}
	details, ok := registry.Controllers[name]
	if !ok {
		return fleet.Registered{}, false, nil
	}
	return fleet.Registered{
		Ref:       fleet.Ref{UUID: details.ControllerUUID, Name: name},
		Addressed: len(details.APIEndpoints) > 0,
	}, true, nil
}
