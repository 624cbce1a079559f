package rules

import (
	"slices"
	"strconv"
	"strings"

	"github.com/juju/version/v2"
)

// SupportedBases are the bases of machines that a target of that version takes,
// as "ubuntu@22.04"; nil when it leaves that to the source.
// Source: Juju 4.x core/base/supportedbases.go WorkloadBases.
func SupportedBases(target version.Number) []string {
	if target.Major < 4 {
		return nil
	}
	return []string{"ubuntu@20.04", "ubuntu@22.04", "ubuntu@24.04", "ubuntu@26.04"}
}

// UnsupportedBase says that a machine of that base ("ubuntu@22.04") does not move
// from a source of one version to a target of another.
// Source: SupportedBases for 4.x; Juju upgrades/upgradevalidation/validation.go
// checkForDeprecatedUbuntuSeriesForModel, which the source asks: up to 3.6.11 no
// Ubuntu but 20.04, 22.04 and 24.04, later none up to 19.10.
func UnsupportedBase(source, target version.Number, base string) bool {
	base, _, _ = strings.Cut(base, "/") // a risk: "ubuntu@22.04/stable"
	if bases := SupportedBases(target); bases != nil {
		return !slices.Contains(bases, base)
	}
	release, ubuntu := strings.CutPrefix(base, "ubuntu@")
	year, _, _ := strings.Cut(release, ".")
	n, err := strconv.Atoi(year)
	if !ubuntu || err != nil {
		return false
	}
	if n < 20 {
		return true
	}
	strict := source.Major == 3 && source.Compare(version.Number{Major: 3, Minor: 6, Patch: 11}) <= 0
	return strict && !slices.Contains([]string{"20.04", "22.04", "24.04"}, release)
}

// WantsManifest says that a target of that version takes no charm without a
// manifest that names bases. Source: Juju 4.x internal/migration/precheck.go
// checkForCharmsWithNoManifest.
func WantsManifest(target version.Number) bool { return target.Major >= 4 }

// RefusesFan says that a target of that version takes no model with fan
// networking. Source: Juju 4.x internal/migration/precheck.go checkNoFanConfig.
func RefusesFan(target version.Number) bool { return target.Major >= 4 }

// RefusesManualCloud says that machines of a manual cloud do not move to a target
// of that version: Juju 4 calls that kind of cloud "unmanaged".
// Source: Juju 4.x domain/cloud/cloudtype.go; refused by 4.1-beta2 when seen.
func RefusesManualCloud(target version.Number) bool { return target.Major >= 4 }

// RefusesWorkload says that a source of that version migrates no model with a
// unit whose workload has that status.
// Source: Juju 4.x core/status/present.go IsUnitWorkloadPresent; up to 3.6 the
// workload is not asked.
func RefusesWorkload(source version.Number, status string) bool {
	switch status {
	case "blocked", "error", "terminated", "unknown":
		return source.Major >= 4
	}
	return false
}
