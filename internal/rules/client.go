package rules

import (
	"fmt"

	"github.com/juju/version/v2"
)

// RefreshClient is the command that brings the juju snap to target's series.
func RefreshClient(target version.Number) string {
	return "sudo snap refresh juju --channel=" + Channel(target)
}

// Channel is the channel of the juju snap that has the newest of that series:
// "3.6/stable", or that of a pre-release.
func Channel(v version.Number) string {
	risk := "stable"
	switch v.Tag {
	case "":
	case "rc":
		risk = "candidate"
	case "beta":
		risk = "beta"
	default:
		risk = "edge"
	}
	return fmt.Sprintf("%d.%d/%s", v.Major, v.Minor, risk)
}

// ClientBehind returns what it means that the client is older than target;
// empty when it is not. What matters is the series: clients work with later
// patches of their own series, while one of an older series may lack commands
// or be refused. Nothing of an upgrade depends on it: this tool talks to
// controllers by the library inside.
func ClientBehind(client, target version.Number) string {
	switch {
	case client == version.Zero || client.Compare(target) >= 0:
		return ""
	case SameSeries(client, target):
		return fmt.Sprintf("the juju client is %s and the target %s: it works with it, but lacks what was mended since", client, target)
	}
	return fmt.Sprintf("the juju client is %s, of an older series than the target %s: commands of it may fail on what is upgraded", client, target)
}
