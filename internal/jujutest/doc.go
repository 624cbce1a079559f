// Package jujutest simulates Juju controllers on the loopback interface. They
// speak Juju's real RPC over TLS websockets, so that an unmodified client (this
// project's binary, api.Open, the juju program) takes them for controllers.
//
// An [estate.Estate] describes what there is: controllers, models, machines, units
// and what is wrong with them. It is written in Go or in a small YAML file (see
// [estate.Parse]). [Start] makes a [World] of it, in which upgrades take time:
// a model's agent-version flips at once, then its agents restart one after the
// other; a controller drops its connections, refuses new ones for a while, and
// then serves its new version with most methods refused until its upgrade is
// complete. A model that migrates to another controller of the estate goes through
// Juju's phases, and may fail, stick or leave something behind in each. Time is
// cheap: everything takes Estate.Speed times less than it says.
//
// Controllers can be made while the world runs, by the juju program of package standin;
// [World.ServeProgram] is what that asks. They can be given users, clouds, settings,
// model defaults and secret backends; users register; machines become API servers.
//
// The simulation is stateful and counts what it is asked: [World.Calls] says what
// was called, by whom and how often. Its secrets start with "canary-", so that
// tests can search any output for them.
//
// What it does is taken from Juju's source and from what real controllers were
// seen to do. What it cannot show is what no one has seen yet.
//
// This package must not import any package of this project but estate, nor
// package testing outside its tests.
package jujutest
