package jujutest

import (
	"maps"
	"slices"
	"time"

	"github.com/juju/version/v2"

	"github.com/juju/juju/rpc/params"
)

// configure sets a controller's configuration as at its bootstrap.
func (c *controller) configure(values map[string]any) error {
	known := settingsOf(version.MustParse(c.spec.Version))
	for _, key := range slices.Sorted(maps.Keys(values)) {
		s, ok := known[key]
		if !ok {
			return apiError("", "unknown controller config setting %q", key)
		}
		value, err := s.coerce(values[key], c.version4())
		if err != nil {
			return err
		}
		c.config[key] = value
	}
	return nil
}

// configuration is all that a controller tells of its configuration.
func (c *controller) configuration() map[string]any {
	config := map[string]any{"controller-uuid": c.uuid, "controller-name": c.name, "ca-cert": c.ca.pem}
	if c.version4() {
		config["system-ssh-keys"] = "ssh-ed25519 AAAA juju-system-key\n"
	}
	for key, s := range settingsOf(c.version()) {
		if s.preset != nil {
			config[key] = s.told(c.version4())
		}
	}
	maps.Copy(config, c.config)
	return config
}

// controllerConfig is Controller.ControllerConfig.
func controllerConfig(s *session) (params.ControllerConfigResult, error) {
	c := s.controller()
	if c.poisoned != "" {
		return params.ControllerConfigResult{}, c.errPoisoned("unable to create controller config: ")
	}
	return params.ControllerConfigResult{Config: c.configuration()}, nil
}

func (c *controller) errPoisoned(doing string) error {
	return apiError("", "%s%s: conversion to duration: time: missing unit in duration", doing, c.poisoned)
}

// configSet is Controller.ConfigSet: all or nothing. What it refuses mostly has no code.
func configSet(s *session, args params.ControllerConfigSet) error {
	c := s.controller()
	if !s.superuser() {
		return errPerm()
	}
	if c.poisoned != "" {
		return c.errPoisoned("")
	}
	set := map[string]any{}
	for _, key := range slices.Sorted(maps.Keys(args.Config)) {
		value, err := c.acceptable(key, args.Config[key])
		if err != nil {
			return err
		}
		set[key] = value
	}
	if len(set) == 0 {
		return nil
	}
	maps.Copy(c.config, set)
	c.effects++
	if !c.version4() && slices.ContainsFunc(slices.Collect(maps.Keys(set)), restarts) {
		s.world().restartAPI(c)
	}
	return nil
}

// acceptable is a value as it is told once it is set, or why it is not set.
func (c *controller) acceptable(key string, value any) (any, error) {
	known, ok := settingsOf(c.version())[key]
	switch {
	case !ok:
		return nil, apiError("", "unknown controller config setting %q", key)
	case known.may != "S":
		return nil, apiError("", "can't change %q after bootstrap", key)
	case known.kind == repo && c.config[key] == nil:
		return nil, apiError(params.CodeNotValid, "cannot change %s as it is not currently set", key)
	}
	told, err := known.coerce(value, c.version4())
	if err != nil && c.version4() && (known.kind == duration || known.kind == nanos) {
		// It is taken, number or text, and from then on the configuration cannot be read. (seen)
		c.poisoned = key
		return value, nil
	}
	return told, err
}

// restarts says that a controller of Juju 3 that gets another value drops its
// connections and refuses new ones for a moment. (seen)
func restarts(key string) bool {
	return oneOf(key, "query-tracing-enabled", "query-tracing-threshold", "mongo-memory-profile", "controller-api-port")
}

// restartAPI has the API servers of a controller away for a moment, a moment from now.
func (w *World) restartAPI(c *controller) {
	w.sched.after(200*time.Millisecond, func() {
		for _, s := range c.servers {
			s.refusing++
			w.settleServer(s)
		}
		w.sched.after(time.Second, func() {
			for _, s := range c.servers {
				s.refusing--
				w.settleServer(s)
			}
		})
	})
}

// Config is what was set of a controller's configuration, as it is told.
func (w *World) Config(controllerName string) (map[string]any, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	c, err := w.controller(controllerName)
	if err != nil {
		return nil, err
	}
	return maps.Clone(c.config), nil
}
