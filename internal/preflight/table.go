package preflight

import "slices"

// table is all checks.
func table() []check {
	return slices.Concat(
		clientChecks(),
		accessChecks(),
		versionChecks(),
		objectionChecks(),
		controllerChecks(),
		backupChecks(),
		modelChecks(),
		kubernetesChecks(),
		agentChecks(),
		moveChecks(),
		charmChecks(),
		// accept-unused is said by Run, when all others have spoken.
		[]check{{Check: acceptUnused()}},
	)
}
