package preflight

import (
	"fmt"
	"slices"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/rules"
)

// restoreChecks are about giving the target what the source has by a backup.
func restoreChecks() []check {
	target := func(code string, severity fleet.Severity, summary string, says func(view) []say) check {
		return check{
			Check: Check{Code: code, Severity: severity, Scope: fleet.WholeRun, Summary: summary},
			when:  view.restores, target: says,
		}
	}
	return []check{
		target("restore-refused", fleet.Blocker, "What the source has cannot be copied to the target by juju-restore.", restoreRefused),
		target("restore-experimental", fleet.Warning, "What the source has is copied by juju-restore, which calls that experimental.", restoreExperimental),
	}
}

// restores says that juju-restore is to be run for a source.
func (v view) restores() bool {
	return slices.ContainsFunc(v.fleet.Controllers, func(c fleet.Controller) bool {
		return rules.Restores(v.goal, &c, v.there.controller)
	})
}

// whyNoCopy is why juju-restore cannot do it; empty when nothing is known against it.
func (v view) whyNoCopy() string {
	if v.goal.Backup == fleet.BackupSkip {
		return "it is a backup of this run that is copied, and --backup skip makes none"
	}
	if !v.goal.ClonesAll() {
		return "with -m only what these models need is to be brought there, and juju-restore brings all"
	}
	if v.goal.Juju == "" {
		return "it takes a juju client, of which none was found on PATH, to copy the backup to the machine and to run juju-restore there"
	}
	var there []string
	for _, m := range v.c.Models {
		if !m.IsController {
			there = append(there, m.Name)
		}
	}
	slices.SortFunc(there, fleet.CompareNatural)
	if len(there) > 0 {
		return fmt.Sprintf("%s has models, which juju-restore refuses: %s", v.c.Name, some(there))
	}
	for i := range v.fleet.Controllers {
		c := &v.fleet.Controllers[i]
		kubernetes := rules.KindOf(c) == fleet.CAAS || rules.KindOf(v.c) == fleet.CAAS
		// The backup is made before anything is patched.
		if reason := rules.NoCopy(c.Version, v.c.Version, kubernetes); c.Problem == nil && reason != "" {
			return reason
		}
	}
	return ""
}

func restoreRefused(v view) []say {
	reason := v.whyNoCopy()
	if reason == "" {
		return nil
	}
	return one(say{
		meaning: "--clone restore cannot work: " + reason + "; --clone native needs none of it, but users choose new passwords",
		fix:     v.eachSource(func(at view) string { return at.replan(" --clone native") }),
	})
}

func restoreExperimental(v view) []say {
	if v.whyNoCopy() != "" {
		return nil // not twice
	}
	return one(say{
		meaning: "juju-restore calls --copy-controller experimental: it stops the controller's agents and writes into its database, there is no way back, and it has to be run where the database's primary is, which is taken to be machine 0",
		fix:     v.eachSource(func(at view) string { return at.replan(" --clone native   # the way without it") }),
	})
}
