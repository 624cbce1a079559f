package preflight

import (
	"slices"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/rules"
)

// charms is the option that makes a plan of charms as well, or alone.
func (v view) charms() string {
	switch v.goal.Charms {
	case fleet.CharmsOnly:
		return " --charms-only"
	case fleet.CharmsAlso:
		return " --charms"
	}
	return ""
}

// planWith is the command that makes the plan once more, with options added.
func (v view) planWith(options string) string {
	if v.moves() {
		return v.replan(options)
	}
	return "juju upgrade-all plan -c " + v.c.Name + v.charms() + options
}

// withoutApp is the command that leaves the application out.
func (v view) withoutApp() string { return v.planWith(" --exclude-app " + v.appPath()) }

// refresh is the command of Juju that refreshes the application, with options.
func (v view) refresh(options string) string {
	return "juju refresh -m " + v.here() + " " + v.app.Name + options
}

// inform is the command that shows what Charmhub has of the application's charm.
func (v view) inform() string { return "juju info " + v.app.Charm() }

// show is the command that shows the application.
func (v view) show() string { return "juju status -m " + v.here() + " " + v.app.Name }

// runAction is the command that runs an action of the application's charm.
func (v view) runAction(action string) string {
	command, wait := rules.RunAction(v.fleet.Client.Version)
	return command + " -m " + v.here() + " " + v.app.Name + "/leader " + action + wait
}

// debugLog is the command that shows what a unit's hooks have logged.
func (v view) debugLog(unit fleet.Agent) string {
	return "juju debug-log -m " + v.here() + " --replay --no-tail --include " + unit.Tag()
}

// follows tells the channel that the application follows.
func (v view) follows() string {
	if v.app.Channel == "" {
		return "its channel"
	}
	return v.app.Channel
}

// appNames are the names of applications, in order.
func appNames(all []view) []string {
	var out []string
	for _, a := range all {
		out = append(out, a.app.Name)
	}
	return natural(out)
}

// natural is the list in order, with numbers as numbers.
func natural(names []string) []string {
	return slices.SortedFunc(slices.Values(names), fleet.CompareNatural)
}
