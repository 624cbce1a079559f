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
	p.Goal.Charms, p.Goal.Apps, p.Goal.ExcludeApps = fleet.CharmsAlso, []fleet.AppPattern{appPattern("w*")}, []fleet.AppPattern{appPattern("prod:db.mysql")}
	p.Goal.CharmOrder = []fleet.AppPattern{appPattern("a"), appPattern("web.b")}
	p.Goal.CharmFiles = []fleet.CharmFile{{App: appPattern("own"), File: "/my charms/own.charm"}}
	p.Options = plan.Options{CharmParallel: 3, Parallel: 8, MaxFailures: 1, BackupDir: "/big disk", Stall: time.Minute, SkipBlocked: true}
	want := `-c 'prod,it'\''s' -m 'prod:web*' --exclude bob/x --with-controller --agent-version 3.6.9 --accept agent-down@prod:admin/db --charms --app 'w*' --exclude-app prod:db.mysql --charm-order a,web.b --charm-path 'own=/my charms/own.charm' --backup skip --backup-dir '/big disk' --parallel 8 --stall 1m0s --charm-parallel 3 --skip-blocked`
	if got := p.Arguments(); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
