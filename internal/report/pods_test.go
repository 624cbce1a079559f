package report

import (
	"strings"
	"testing"
	"time"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/journal"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
)

func TestAControllerThatIsAPodIsAwayWhileThatIsReplaced(t *testing.T) {
	now := at(10 * time.Minute)
	for _, c := range []struct {
		name    string
		kind    plan.Kind
		cluster string
		away    time.Duration
		want    string
	}{
		{"for half a minute", plan.ControllerUpgrade, "k:6443", 30 * time.Second, "is being replaced"},
		{"for long", plan.ControllerUpgrade, "k:6443", 3 * time.Minute, "has not come back"},
		{"not seen yet", plan.ControllerUpgrade, "k:6443", 0, ""},
		{"on machines", plan.ControllerUpgrade, "", 3 * time.Minute, ""},
		{"while a model of it is upgraded", plan.ModelUpgrade, "k:6443", 30 * time.Second, ""},
	} {
		step := &plan.Step{Kind: c.kind, Controller: fleet.Ref{Name: "prod"}, Cluster: c.cluster}
		p := journal.StepProgress{Trouble: "connection refused", TroubleCode: fleet.Unreachable}
		if c.away > 0 {
			p.Seen = now.Add(-c.away)
		}
		got := Style{}.blindWords(step, p, now)
		if !strings.HasPrefix(got, "prod does not answer") || !strings.Contains(got, c.want) {
			t.Errorf("%s: %q", c.name, got)
		}
		if help := podHelp(step, p, now); (help == "") != (c.want == "") || strings.Contains(help, "kubectl describe pods") != (c.want == "has not come back") {
			t.Errorf("%s, help: %q", c.name, help)
		}
	}
}

func TestThePaceOfEachClusterIsTold(t *testing.T) {
	full := newPlan().controller("prod", "k8s", "3.6.4", "3.6.11", plan.Upgrade, 1).
		model("admin/web", 0, 2, plan.Upgrade).model("admin/db", 1, 2, plan.Upgrade).p
	c := &full.Controllers[0]
	if got := sideBySide(&full, c); got != "4 at a time" {
		t.Errorf("machines: %q", got)
	}
	c.Models[1].Cluster = "k:6443"
	if got := sideBySide(&full, c); got != "4 at a time; one after the other on each Kubernetes cluster" {
		t.Errorf("both: %q", got)
	}
	c.Models[1].Singles = []string{"web"}
	if got := sideBySide(&full, c); !strings.HasSuffix(got, "; one after the other on each Kubernetes cluster, applications of one pod last") {
		t.Errorf("of one pod: %q", got)
	}
	c.Models[1].Singles = nil
	c.Models[2].Cluster = "k:6443"
	full.Options.PerCluster = 3
	if got := sideBySide(&full, c); got != "3 at a time on each Kubernetes cluster" {
		t.Errorf("pods: %q", got)
	}
}

func TestWhatARunLeavesAloneIsOfItsControllers(t *testing.T) {
	for _, c := range []struct {
		from, cluster, want string
	}{
		{"3.6.4", "", "charms (juju upgrade-all --charms-only), the juju-db snap, the controller charm."},
		{"3.6.4", "k:6443", "charms (juju upgrade-all --charms-only), the juju-db image, the controller charm."},
		{"4.1.0", "", "charms (juju upgrade-all --charms-only), the controller charm."},
	} {
		full := newPlan().controller("prod", "here", c.from, c.from, plan.Current, 1).p
		full.Controllers[0].Models[0].Cluster = c.cluster
		if got := notPart(&full); got != c.want {
			t.Errorf("%s %s: %q", c.from, c.cluster, got)
		}
	}
}

func TestABackupWouldHaveTwoOwnersOfWhatHasMoved(t *testing.T) {
	for want, clusters := range map[string][]string{"machines": {""}, "pods": {"k:6443"}, "machines and pods": {"k:6443", ""}} {
		var full plan.Plan
		for _, cluster := range clusters {
			full.Steps = append(full.Steps, plan.Step{Kind: plan.Migrate, Cluster: cluster})
		}
		if got := twoOwners(&full); got != "two controllers would own the same "+want {
			t.Errorf("%v: %q", clusters, got)
		}
	}
}
