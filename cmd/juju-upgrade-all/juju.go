package main

import (
	"errors"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/discover"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujuapi"
	"github.com/juju-upgrade-all/juju-upgrade-all/plugin"
)

// registry is the Juju client's store as the command sees it.
type registry struct{ *jujuapi.Store }

func openRegistry() (plugin.Registry, error) {
	store, err := jujuapi.OpenStore()
	if err != nil {
		return nil, input(err)
	}
	return registry{store}, nil
}

// Controllers implements plugin.Registry.
func (r registry) Controllers() ([]discover.Named, error) {
	registered, err := r.Store.Controllers()
	if err != nil {
		return nil, input(err)
	}
	out := make([]discover.Named, 0, len(registered))
	for _, c := range registered {
		out = append(out, discover.Named{Ref: fleet.Ref{UUID: c.UUID, Name: c.Name}, Aliases: c.Aliases})
	}
	return out, nil
}

// Current implements plugin.Registry.
func (r registry) Current() (string, error) {
	name, err := r.Store.Current()
	return name, input(err)
}

// input makes bad input of what is wrong with the store.
func input(err error) error {
	for _, kind := range []error{jujuapi.ErrBadStore, jujuapi.ErrUnknownController, jujuapi.ErrNoController} {
		if errors.Is(err, kind) {
			return fleet.BadInput("%v", err)
		}
	}
	return err
}

// world is the connections as the command sees them.
type world struct{ *jujuapi.Session }

func connect(r plugin.Registry, ask plugin.Ask, warn func(error)) (plugin.World, error) {
	store := r.(registry).Store
	session, err := jujuapi.New(jujuapi.Config{Store: store, Prompt: jujuapi.PromptFunc(ask), Warn: warn})
	if err != nil {
		return nil, err
	}
	return world{session}, nil
}

// Reader implements plugin.World.
func (w world) Reader() plugin.Reader { return w.Session.Reader() }

// Writer implements plugin.World.
func (w world) Writer() plugin.Writer { return w.Session.Writer() }
