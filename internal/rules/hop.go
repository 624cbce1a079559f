package rules

import (
	"fmt"

	"github.com/juju/version/v2"
)

// MinimumServer is the oldest controller that this tool works with: 2.9.42 to
// 2.9.46 refuse most calls of a newer client.
// Source: Juju apiserver/restrict_newer_client.go, removed by PR #16692.
func MinimumServer() version.Number { return version.Number{Major: 2, Minor: 9, Patch: 47} }

// TooOld returns why a controller of that version is too old for this tool;
// empty when it is not.
func TooOld(server version.Number) string {
	if server.Compare(MinimumServer()) >= 0 {
		return ""
	}
	return fmt.Sprintf("a controller at %s refuses most calls of newer clients; the oldest that can be worked with is %s", server, MinimumServer())
}

// SameSeries says that both are of one major.minor.
func SameSeries(a, b version.Number) bool { return a.Major == b.Major && a.Minor == b.Minor }

// Hop is the kind of way from one version to another.
type Hop string

// The kinds of way.
const (
	// Stay: they are the same.
	Stay Hop = "stay"
	// Patch: in place, within the series.
	Patch Hop = "patch"
	// NewController: a controller of the new series is needed, and migration of
	// the models to it; a controller does not get there in place.
	NewController Hop = "new-controller"
	// TwoMoves: NewController, but by way of another series between.
	TwoMoves Hop = "two-moves"
	// Back: Juju has no downgrade (Juju issue #13044).
	Back Hop = "back"
)

// HopOf tells which way leads from one version to another.
// Source: Juju upgrades/upgradevalidation (a controller goes within its
// major.minor only) and migration/precheck.go (2.9 models migrate to 3.x;
// nothing migrates from 2.9 to 4.x).
func HopOf(from, to version.Number) Hop {
	switch {
	case from == to:
		return Stay
	case to.Compare(from) < 0:
		return Back
	case SameSeries(from, to):
		return Patch
	case from.Major < 3 && to.Major > 3:
		return TwoMoves
	}
	return NewController
}

// PatchOf returns why to is not the same as, or a later patch of, from; empty
// when it is.
func PatchOf(from, to version.Number) string {
	switch HopOf(from, to) {
	case Stay, Patch:
		return ""
	case Back:
		return fmt.Sprintf("%s is older than %s, and Juju has no way back to an older version", to, from)
	case TwoMoves:
		return fmt.Sprintf("%s is of another series than %s: no controller goes there in place; it takes a new controller of 3.6, to which --to moves the models, then the same again to %d.%d",
			to, from, to.Major, to.Minor)
	}
	return fmt.Sprintf("%s is of another series than %s: no controller goes there in place; it takes a new controller at %s, to which --to moves the models",
		to, from, to)
}

// OldestModel is the oldest version that a hosted model may have when its
// controller is upgraded to target; zero when Juju has no such rule.
// Source: Juju upgrades/upgradevalidation/version.go (MinAgentVersions).
func OldestModel(target version.Number) version.Number {
	if target.Major == 3 {
		return version.Number{Major: 2, Minor: 9, Patch: 43}
	}
	return version.Zero
}
