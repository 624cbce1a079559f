package plugin

import (
	"strings"
	"testing"
	"time"

	"github.com/juju/version/v2"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/report"
)

// whatIsLeft is what is left of a source of that version that has the given migration
// on record for a model, which works on the target if it has moved.
func whatIsLeft(source version.Number, migration *fleet.Migration, moved bool) *leftovers {
	model := fleet.Model{Ref: fleet.Ref{UUID: "web-uuid", Name: "admin/web"}}
	l := &leftovers{source: fleet.Controller{Ref: fleet.Ref{Name: "old"}, Version: source}, target: fleet.Controller{Ref: fleet.Ref{Name: "new"}}}
	if moved {
		l.target.Models = []fleet.Model{model}
	}
	model.LastMigration = migration
	l.source.Models = []fleet.Model{model}
	l.models()
	l.view.Removal = l.removal()
	return l
}

// TestASourceThatListsWhatHasMovedIsNeverToBeDestroyed: Juju would end its machines.
func TestASourceThatListsWhatHasMovedIsNeverToBeDestroyed(t *testing.T) {
	began := time.Date(2026, 11, 22, 14, 0, 0, 0, time.UTC)
	over := &fleet.Migration{Start: began, End: began.Add(time.Minute)}
	for name, test := range map[string]struct {
		source    version.Number
		migration *fleet.Migration
		moved     bool
		standing  report.LeftoverStanding
		empty     bool
	}{
		"it could not remove its copy": {version.MustParse("3.6.11"), over, true, report.NotRemoved, false},
		"it is about to remove it":     {version.MustParse("3.6.11"), &fleet.Migration{Start: began}, true, report.Migrating, false},
		"it never removes any":         {version.MustParse("4.1.0"), nil, true, report.ListedOnly, true},
		"it has not moved":             {version.MustParse("3.6.11"), over, false, report.NotPlanned, false},
	} {
		l := whatIsLeft(test.source, test.migration, test.moved)
		if got := l.view.Entries[0]; got.Standing != test.standing || l.view.Empty() != test.empty {
			t.Errorf("%s: it is %s, and empty: %v; want %s, %v", name, got.Standing, l.view.Empty(), test.standing, test.empty)
		}
		listed := test.standing == report.NotRemoved || test.standing == report.ListedOnly
		if destroys := strings.HasPrefix(l.view.Removal.Command, "juju destroy-controller"); listed && destroys {
			t.Errorf("%s: it is removed by %q", name, l.view.Removal.Command)
		}
	}
}

// TestWhatASourceItselfRunsOnIsTakenDownByItsOwnMeans: a controller on Kubernetes has no
// machine.
func TestWhatASourceItselfRunsOnIsTakenDownByItsOwnMeans(t *testing.T) {
	for kind, want := range map[fleet.ModelType]string{fleet.IAAS: "the machine of the controller", fleet.CAAS: "the namespace of the controller"} {
		l := &leftovers{source: fleet.Controller{Ref: fleet.Ref{Name: "old"}, Version: version.MustParse("4.1.0"),
			Models: []fleet.Model{{Ref: fleet.Ref{Name: "admin/controller"}, IsController: true, Type: kind}}}}
		if why := l.removal().Why; !strings.Contains(why, want) {
			t.Errorf("%s: %s", kind, why)
		}
	}
}

// TestASourceWithoutModelsIsDestroyedByJujusOwnCommand where it shows that it has none.
func TestASourceWithoutModelsIsDestroyedByJujusOwnCommand(t *testing.T) {
	for source, want := range map[string]string{"3.6.11": "juju destroy-controller old", "4.1.0": "juju unregister old"} {
		l := &leftovers{source: fleet.Controller{Ref: fleet.Ref{Name: "old"}, Version: version.MustParse(source)}}
		if got := l.removal().Command; got != want {
			t.Errorf("%s: %q, want %q", source, got, want)
		}
	}
}
