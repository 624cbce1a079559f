package preflight

import (
	"fmt"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

func unfinishedRun() Check {
	return Check{Code: "unfinished-run", Severity: fleet.Blocker, Scope: fleet.WholeController,
		Summary: "An earlier run on the controller is at work, or was not finished: follow, resume or abandon it."}
}

// UnfinishedRun is the finding that an earlier run left the controller
// unfinished or, when it is alive, is at work on it now. The journal knows; Run
// does not.
func UnfinishedRun(run int, c *fleet.Controller, alive bool) fleet.Finding {
	s := say{
		meaning: fmt.Sprintf("run %d was not finished there; a new one could do twice what that one began", run),
		see:     []string{fmt.Sprintf("juju upgrade-all status %d", run)},
		fix:     []string{fmt.Sprintf("juju upgrade-all resume %d", run), fmt.Sprintf("juju upgrade-all abandon %d", run)},
	}
	if alive {
		s = say{
			meaning: fmt.Sprintf("run %d is at work on it", run),
			see:     []string{fmt.Sprintf("juju upgrade-all status %d --follow", run)},
		}
	}
	return check{Check: unfinishedRun()}.finding(view{c: c}, s)
}
