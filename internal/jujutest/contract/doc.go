// Package contract says what Juju controllers do in a patch upgrade, in a migration, when
// they are given what another one has, when charms are refreshed, and on Kubernetes, as far
// as this project relies on it. [Run], [RunMove], [RunClone], [RunCharms], [RunKubernetes]
// and [RunKubernetesMove] make the same assertions on the simulation of package jujutest
// and on real controllers: what holds on only one of them is a fault of the simulation, or
// an assertion that should not be made.
//
// It knows controllers through api.Connection alone, and where users register through
// HTTP; it must not import jujutest outside its tests.
package contract
