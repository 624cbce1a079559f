package execute

import (
	"time"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

// defaultStall is after how long without movement a step has failed. HA
// controllers wait 15 minutes for one another before they give up, and agents
// of a large model are let in slowly. Of a backup nothing is seen to move: it is
// the time for the whole of it.
var defaultStall = map[plan.Kind]time.Duration{
	plan.Backup:            time.Hour,
	plan.ControllerUpgrade: 30 * time.Minute,
	plan.ModelUpgrade:      15 * time.Minute,
	plan.Verify:            5 * time.Minute,
	plan.AddUser:           5 * time.Minute,
	plan.DisableUser:       5 * time.Minute,
	plan.Migrate:           20 * time.Minute,
	plan.Arrive:            5 * time.Minute,
	plan.Relations:         5 * time.Minute,
	plan.RefreshCharm:      15 * time.Minute,
	plan.Soak:              5 * time.Minute,
	plan.RemoveAccounts:    20 * time.Minute,
	plan.FollowModels:      5 * time.Minute,
	// A client gives a bootstrap up after 20 minutes, and tells little meanwhile.
	plan.MakeController: 30 * time.Minute,
	plan.EnableHA:       20 * time.Minute,
	plan.CloneItem:      5 * time.Minute,
	plan.RestoreCopy:    time.Hour,
}

// patienceMargin is how much longer than Juju itself a step waits.
const patienceMargin = 5 * time.Minute
