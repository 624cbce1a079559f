// Package execute carries a plan out: the engine (order, lanes, limits, failure
// policy, interrupt), the step law in one function, and one file per kind of
// step.
//
// It imports plan, journal and fleet, and sees Juju only through the small
// interfaces in world.go. All its time is that of package time, so that tests
// can fake it.
package execute
