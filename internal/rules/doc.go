// Package rules is what Juju does and does not allow, by version: pure data and
// small functions, each with its source in Juju or in the issue that shows it.
//
// It knows nothing of a fleet's state, does no I/O, and imports fleet only for
// its words. What is to be done about a rule is said in preflight and plan.
package rules
