// Package contract says what Juju controllers do in a patch upgrade and in a migration, as far as
// this project relies on it. [Run] and [RunMove] make the same assertions on the simulation of
// package jujutest and on real controllers: what holds on only one of them is a
// fault of the simulation, or an assertion that should not be made.
//
// It knows controllers through api.Connection alone, and must not import jujutest
// outside its tests.
package contract
