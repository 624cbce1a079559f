// Package report draws: findings, plans, progress, the state of a run and its
// summary, as text for people and as documents for scripts.
//
// It draws only what it is given: no clock (now is a parameter), no I/O but the
// io.Writer, no Juju. It imports fleet, plan and journal.
//
// What Juju, a charm or a cloud has said is drawn as one line without control
// characters, so that no message can move the cursor, forge a line of ours, or
// break a table.
package report
