package plan_test

import (
	"testing"
	"time"

	"github.com/juju/version/v2"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

func TestArgumentsLeadToTheSameGoalAgain(t *testing.T) {
	p := plan.Plan{
		Controllers: []plan.Controller{{Ref: fleet.Ref{Name: "prod"}}, {Ref: fleet.Ref{Name: "it's"}}},
		Goal: fleet.Goal{
			Include: []fleet.ModelPattern{{Controller: "prod", Name: "web*"}}, Exclude: []fleet.ModelPattern{{Owner: "bob", Name: "x"}},
			WithController: true, AgentVersion: version.MustParse("3.6.9"),
			Accept: []fleet.Acceptance{{Code: "agent-down", Subject: "prod:admin/db"}}, Backup: fleet.BackupSkip,
		},
	}
	p.Options = plan.Options{Parallel: 8, MaxFailures: 1, BackupDir: "/big disk", Stall: time.Minute, SkipBlocked: true}
	want := `-c 'prod,it'\''s' -m 'prod:web*' --exclude bob/x --with-controller --agent-version 3.6.9 --accept agent-down@prod:admin/db --backup skip --backup-dir '/big disk' --parallel 8 --stall 1m0s --skip-blocked`
	if got := p.Arguments(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
