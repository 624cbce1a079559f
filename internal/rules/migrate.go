package rules

import (
	"fmt"

	"github.com/juju/version/v2"
)

// Way tells whether models move from controllers of one version to those of
// another by migration.
type Way struct {
	// Refused is why they do not; empty when they do.
	Refused string
	// Around is what leads there all the same; empty when nothing is known.
	Around string
	// First is the version that the source has to be at, at least, before
	// anything moves; zero when any will do.
	First version.Number
}

// WayOf tells the way from a source at one version to a target at another. The
// models are taken to be at the source's version: they are brought there first.
func WayOf(source, target version.Number) Way {
	switch {
	case HopOf(source, target) == Back:
		return back(source, target)
	case target.Major-source.Major > 1:
		return Way{
			Refused: fmt.Sprintf("nothing migrates from %d.x to %d.x: a major version cannot be skipped", source.Major, target.Major),
			Around:  byWayOf(stepBefore(target.Major), target),
		}
	case target.Major == 4 && target.Compare(firstMigrating()) < 0:
		return Way{
			Refused: fmt.Sprintf("the target is at %s: Juju 4.0.0 had no migration at all, and nothing before %s is known to take models", target, firstMigrating()),
			Around:  "bring the target to the newest patch of its series first",
		}
	case target.Major == 4:
		return toFour(source, target)
	case target.Major == 3 && source.Major == 2:
		return Way{First: OldestMovable(target)}
	}
	return Way{}
}

// back is for a target that is older than the source, or an older patch of its
// series: Juju itself compares the patch with that of the model alone, which is
// the source's when it moves.
// Source: Juju migration/precheck.go TargetPrecheck, controllerVersionCompatible.
func back(source, target version.Number) Way {
	if SameSeries(source, target) {
		return Way{
			Refused: fmt.Sprintf("the target is at %s, an older patch than %s, at which the models would move: Juju takes no model that is newer than the controller", target, source),
			Around:  "bring the target to that patch, or a later one, first",
		}
	}
	return Way{
		Refused: fmt.Sprintf("the target is at %s, an older series than the source at %s, and Juju has no way back to an older version", target, source),
	}
}

// firstMigrating is the oldest 4.x that models are known to move from and to.
// Source: Juju 4.0.0 was released without migration; 4.0.3 has it, with its dry
// run (PR #21552).
func firstMigrating() version.Number { return version.Number{Major: 4, Minor: 0, Patch: 3} }

// firstEnvelope is the first patch of 4.0 that sends models in a form that 4.0
// does not read. Source: Juju 4.0 internal/migration/precheck.go
// MinTargetEnvelopeFacadeVersion (PR #22659): only 4.1 and later read it.
func firstEnvelope() version.Number { return version.Number{Major: 4, Minor: 0, Patch: 12} }

// toFour is the way to a target of 4.x that takes models.
// Source: a 4.x target wants facades of the source's controller that 3.6.11 has
// first (SecretsManager 4, commit e5ca07d3b0); no series before 3.6 has them.
func toFour(source, target version.Number) Way {
	three := version.Number{Major: 3, Minor: 6, Patch: 11}
	switch {
	case source.Major == 3 && source.Minor < three.Minor:
		return Way{
			Refused: fmt.Sprintf("nothing migrates from %d.%d to %d.x: the target wants a source of %s or later", source.Major, source.Minor, target.Major, three),
			Around:  byWayOf(three, target),
		}
	case source.Major == 3:
		return Way{First: three}
	case SameSeries(source, firstEnvelope()) && source.Compare(firstEnvelope()) >= 0 && SameSeries(target, firstEnvelope()):
		return Way{
			Refused: fmt.Sprintf("from %s on, 4.0 sends models in a form that only 4.1 and later read, and the target is at %s", firstEnvelope(), target),
			Around:  "move to a controller of 4.1 or later, which takes them from 4.0",
		}
	}
	return Way{First: firstMigrating()}
}

// stepBefore is the series by which one gets to a major version.
func stepBefore(major int) version.Number {
	if major == 4 {
		return version.Number{Major: 3, Minor: 6, Patch: 11}
	}
	return version.Number{Major: major - 1}
}

// byWayOf tells of a controller between.
func byWayOf(between, target version.Number) string {
	return fmt.Sprintf("move the models to a controller of %d.%d first, and from there to %s", between.Major, between.Minor, target)
}

// DryRunMigration says that a controller of that version can be asked, without
// doing it, to migrate a model. It is a law: an older server ignores the
// question's "dry-run" and STARTS the migration.
// Source: Juju PR #21552, in 3.6.13 and 4.0.3. Pre-releases and builds that are
// not releases may be older than it, whatever their number: those of 4.1 are
// known from beta 2 on, others not at all.
func DryRunMigration(server version.Number) bool {
	three, four := version.Number{Major: 3, Minor: 6, Patch: 13}, firstMigrating()
	switch {
	case server.Major < 3:
		return false
	case server.Major == 4 && server.Minor == 1 && server.Tag != "":
		return server.Compare(version.Number{Major: 4, Minor: 1, Tag: "beta", Patch: 2}) >= 0
	case server.Tag != "":
		return false
	}
	first := four
	if server.Major == 3 {
		first = three
	}
	if SameSeries(server, first) && server.Patch == first.Patch && server.Build != 0 {
		return false
	}
	return server.Compare(first) >= 0
}

// OldestMovable is the oldest version that a model may have to move to a
// controller of that version; zero when Juju has no such rule.
// Source: Juju upgrades/upgradevalidation/version.go (MinMajorMigrateVersions).
func OldestMovable(target version.Number) version.Number { return OldestModel(target) }

// StrandsAgents returns why agents of units on machines may stay with a source
// of that version when their model moves; empty when they are not known to.
// Source: Juju issues #18618 and #21820, mended by PR #21821 in 3.6.19; no series
// before 3.6 has it. Of 4.x it is not known which has it first.
func StrandsAgents(source version.Number) string {
	first := version.Number{Major: 3, Minor: 6, Patch: 19}
	switch {
	case source.Compare(first) >= 0:
		return ""
	case SameSeries(source, first):
		return "before " + first.String() + ", agents of units can stay with the old controller when their model moves (Juju issues #18618, #21820)"
	}
	return fmt.Sprintf("in %d.%d, agents of units can stay with the old controller when their model moves (Juju issues #18618, #21820; mended in %s, in no series before 3.6)",
		source.Major, source.Minor, first)
}
