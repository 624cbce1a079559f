package rules

import (
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// ServersThen is how many servers target has when models of source move there.
func ServersThen(source, target *fleet.Controller) int {
	return max(1, len(target.Servers), ServersFor(source, target))
}

// RateThen is how fast agents may log in at target when models of source move there:
// what source has chosen is cloned before, where all is cloned.
func RateThen(source, target *fleet.Controller, clonesAll bool) fleet.AgentRate {
	if target.Holdings == nil {
		return fleet.AgentRate{}
	}
	rate := target.Holdings.AgentRate
	if source == nil || source.Holdings == nil || !clonesAll {
		return rate
	}
	for _, item := range source.Holdings.Items {
		switch {
		case item.Kind != fleet.ConfigItem || !Lacks(target, item):
		case item.Name == "agent-ratelimit-max":
			rate.Burst = source.Holdings.AgentRate.Burst
		case item.Name == "agent-ratelimit-rate":
			rate.Interval = source.Holdings.AgentRate.Interval
		}
	}
	return rate
}

// ReconnectBudget is about how many agents of a model target lets in within the time
// for which they try, when models of source move there; 0 when there is no limit, or
// it is not known.
func ReconnectBudget(source, target *fleet.Controller, clonesAll bool) int {
	return RateThen(source, target, clonesAll).Within(fleet.ValidationTime, ServersThen(source, target))
}
