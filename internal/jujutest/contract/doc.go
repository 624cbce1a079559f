// Package contract says what a Juju controller does in a patch upgrade, as far as
// this project relies on it. [Run] makes the same assertions on the simulation of
// package jujutest and on real controllers: what holds on only one of them is a
// fault of the simulation, or an assertion that should not be made.
//
// It knows controllers through api.Connection alone, and must not import jujutest
// outside its tests.
package contract
