// Package preflight says what stands in the way: Run(Fleet, Goal) → []Finding.
//
// It is a table of named checks, each a pure function, that all run: all
// problems are told at once, in an order that depends on the fleet alone.
//
// How much a finding holds, and when it is silent:
//
//   - What is in the goal and already where it should be, with all its agents
//     there, is held by nothing.
//   - Models out of the goal get no findings; only what Juju itself objects to
//     in them when it validates a controller's upgrade, because that holds the
//     controller.
//   - What is found in a controller's own model holds the controller, and so all
//     its models. With -m the controller is left as it is: its condition then
//     holds nothing, except an upgrade of it that is under way and, up to 3.6,
//     commands that are disabled in its model.
//   - Only blockers can be accepted, and only where Juju itself would go on.
//     Accepting agent-down or machine-error exempts the agents that it names.
//   - Where models move to another controller, every wanted model that is not alive
//     there is in the goal, up to date or not. The source is upgraded for their sake
//     only, and what would hold its upgrade is silent where none is planned. What
//     is found in the target holds the whole run.
//   - Of a target that the run is to make, only what can be known of it is asked, and
//     commands for it say that they are for after the run. What the run gives a target
//     before models move there holds none of them. What is not cloned is told as long
//     as there is anything to do.
//   - Of charms, only applications that are to be refreshed, or that a rule leaves
//     alone, get findings. These hold charms and no agents: that of the application
//     that they name or, where they name none, all of the model that are to be
//     refreshed. A model of which only charms are to change is held by what would hold
//     its upgrade by Juju as well; of a controller's own model that holds the charm of
//     its application alone. With charms alone, nothing is said of agents and versions.
//   - The text of an error is shown and split for display. It decides nothing.
//
// It imports fleet and rules, does no I/O and knows no clock but Fleet.Looked.
package preflight
