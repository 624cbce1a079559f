package preflight

import (
	"fmt"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

func unfinishedRun() Check {
	return Check{Code: "unfinished-run", Severity: fleet.Blocker, Scope: fleet.WholeController,
		Summary: "An earlier run on the controller was not finished: resume it, or abandon it."}
}

// UnfinishedRun is the finding that an earlier run left the controller
// unfinished. The journal knows; Run does not.
func UnfinishedRun(run int, c *fleet.Controller) fleet.Finding {
	return check{Check: unfinishedRun()}.finding(view{c: c}, say{
		meaning: fmt.Sprintf("run %d was not finished there; a new one could do twice what that one began", run),
		see:     []string{fmt.Sprintf("juju upgrade-all status %d", run)},
		fix:     []string{fmt.Sprintf("juju upgrade-all resume %d", run), fmt.Sprintf("juju upgrade-all abandon %d", run)},
	})
}
