package rules_test

import (
	"testing"

	"github.com/juju/version/v2"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/rules"
)

// TestADefaultThatWouldHarmJuju4IsNeverGivenToIt: after resource-tags, 4.1-beta2 tells
// no model of that cloud its configuration.
func TestADefaultThatWouldHarmJuju4IsNeverGivenToIt(t *testing.T) {
	for key, wanted := range map[string]bool{"resource-tags": false, "fan-config": false, "secret-backend": false, "http-proxy": true} {
		h := fleet.Holding{Item: fleet.Item{Kind: fleet.ModelDefaultItem, Cloud: "aws", Name: key}, Digest: "x"}
		for v, clonable := range map[string]bool{"3.6.11": true, "4.1.0": wanted} {
			target := fleet.Controller{Version: version.MustParse(v), Holdings: &fleet.Holdings{}}
			if got := rules.Clonable(h, target.Version); got != clonable {
				t.Errorf("%s is given to %s: %v", key, v, got)
			}
			if told := rules.LeftBehind(&target, h) == rules.UnknownThere; told == clonable {
				t.Errorf("%s stays behind of %s: told %v", key, v, told)
			}
		}
	}
}
