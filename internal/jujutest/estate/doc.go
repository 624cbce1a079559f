// Package estate describes what jujutest simulates: controllers, models,
// machines, units and what is wrong with them. An [Estate] is written in Go or in
// a small YAML file, see [Parse]; it only says what there is, jujutest makes it
// happen.
//
// This package must not import any other package of this project, nor Juju: its
// parser is fuzzed, and what is fuzzed is compiled anew with all that it imports.
package estate
