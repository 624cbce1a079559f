// Package fleet is the vocabulary of the project: what a Juju client can see
// (Fleet, Controller, Model, Agent), what the operator wants (Goal), what
// stands in the way (Finding), when an agent has arrived (Arrival) and whether
// a model is worse off than before (Health).
//
// It is pure data: no I/O, no clock, no Juju, and it imports nothing of ours.
package fleet
