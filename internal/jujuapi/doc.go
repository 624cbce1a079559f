// Package jujuapi is how this project reaches Juju: the client's store, login,
// connections that survive a controller's restart, and the few facade calls of
// upgrades, migrations and new controllers, with the differences of 2.9, 3.x and 4.x on
// the wire.
//
// A [Session] owns the connections. [Session.Reader] looks and cannot change
// anything; [Session.Writer] is made only by a run that changes something. Both
// speak package fleet's words, and every error of a known cause has a
// *fleet.Problem in its chain, classified by codes and types, never by text.
//
// Secrets that pass through (passwords, credentials that are compared, keys to
// register with) leave it as fleet.Secret or not at all.
//
// It is, with jujutest, the only package that imports github.com/juju/juju. It
// must not import packages plan, preflight, report or plugin.
package jujuapi
