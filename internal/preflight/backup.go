package preflight

import (
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/rules"
)

func backupChecks() []check {
	when := func(v view) bool { return (v.begins() || v.quits()) && v.goal.Backup != fleet.BackupSkip }
	return []check{
		{
			Check: Check{Code: "backup-impossible", Severity: fleet.Blocker, Scope: fleet.WholeController,
				Summary: "The controller can make no backup: a warning, and a blocker with --backup require."},
			when:       when,
			controller: backupImpossible,
		},
		{
			Check: Check{Code: "backup-may-fail", Severity: fleet.Notice, Scope: fleet.WholeController,
				Summary: "Backups of a controller of that version are known to fail at times; one that fails stops it."},
			when:       func(v view) bool { return when(v) && v.noBackup() == "" },
			controller: backupMayFail,
		},
		{
			Check: Check{Code: "backup-not-restorable", Severity: fleet.Notice, Scope: fleet.WholeController,
				Summary: "A backup can be made, but no public juju-restore takes it."},
			when:       func(v view) bool { return when(v) && v.noBackup() == "" },
			controller: backupNotRestorable,
		},
	}
}

// noBackup is why the controller can make no backup.
func (v view) noBackup() string {
	kind := fleet.ModelType("")
	if m := v.c.ControllerModel(); m != nil {
		kind = m.Type
	}
	return rules.NoBackup(v.c.Version, kind)
}

func backupImpossible(v view) []say {
	reason := v.noBackup()
	if reason == "" {
		return nil
	}
	s := say{
		meaning:  "there will be no backup of it: " + reason,
		severity: fleet.Warning,
	}
	if v.goal.Backup == fleet.BackupRequire {
		s.severity = fleet.Blocker
		s.meaning += "; --backup require asks for one"
		s.fix = []string{"juju upgrade-all plan -c " + v.c.Name + v.to() + " --backup skip   # after a backup by other means"}
	}
	return one(s)
}

func backupMayFail(v view) []say {
	reason := rules.BackupMayFail(v.c.Version)
	if reason == "" {
		return nil
	}
	if v.moves() {
		return one(say{meaning: reason + "; if it does, nothing of it moves"})
	}
	return one(say{meaning: reason + "; if it does, it is not upgraded"})
}

func backupNotRestorable(v view) []say {
	reason := rules.NotRestorable(v.c.Version)
	if reason == "" {
		return nil
	}
	return one(say{meaning: reason + ": keep another way back as well, such as snapshots of its machines"})
}
