// Package plugin is the command: options in, exit code out; help, prompts, and
// the joining of the rooms. It is written with juju/cmd and gnuflag, and meets
// Juju only through the interfaces in juju.go.
package plugin
