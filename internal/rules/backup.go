package rules

import (
	"github.com/juju/version/v2"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// NoBackup returns why a controller of that version, whose own model is of that
// type, can make no backup; empty when it can.
// Source: Juju apiserver/facades/client/backups/backups.go ("backups on
// kubernetes controllers not supported"); 4.x: "Dqlite-based backups not
// implemented" (PR #23206 adds creating, not yet downloading).
func NoBackup(server version.Number, controllerModel fleet.ModelType) string {
	switch {
	case controllerModel == fleet.CAAS:
		return "Juju makes no backups of controllers on Kubernetes"
	case server.Major >= 4:
		return "Juju 4 does not implement backups"
	}
	return ""
}

// BackupMayFail returns why a backup that the server offers may fail all the
// same; empty when nothing is known.
// Source: Juju issues #22249 and #22455: create-backup fails on controllers that
// were once upgraded in place, mended in 3.6.23.
func BackupMayFail(server version.Number) string {
	if server.Major == 3 && server.Compare(version.Number{Major: 3, Minor: 6, Patch: 23}) < 0 {
		return "before 3.6.23, its backup can fail (Juju issues #22249, #22455)"
	}
	return ""
}

// NotRestorable returns why a backup of that server can be made but not be put
// back; empty when it can.
// Source: Juju commit 6360a8c7e1 writes format 2 from 3.6.23 and 2.9.58 on; the
// public juju-restore rejects it ("unsupported backup format version 2").
func NotRestorable(server version.Number) string {
	if server.Major >= 4 {
		return "" // makes none
	}
	first := version.Number{Major: 3, Minor: 6, Patch: 23}
	if server.Major == 2 {
		first = version.Number{Major: 2, Minor: 9, Patch: 58}
	}
	if server.Compare(first) < 0 {
		return ""
	}
	return "backups from " + first.String() + " on are of format 2, which no public juju-restore takes"
}
