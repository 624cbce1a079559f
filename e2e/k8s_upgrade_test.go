package e2e

import (
	"strings"
	"testing"
	"time"
)

// TestAControllerOnKubernetesIsUpgraded is the main job on Kubernetes: a controller that
// is one pod, and the models in its cluster, one after the other; then their charms.
func TestAControllerOnKubernetesIsUpgraded(t *testing.T) {
	c := newCluster(t)
	c.bootstrap("prod", "3.6.4")
	c.model("prod", "web", "1")
	c.juju("scale-application", "pod1", "2", "-m", "prod:web")
	c.model("prod", "shop", "2", "store")
	c.model("prod", "bare")
	c.active("3.6.4", "prod:admin/web", 2)
	models := []string{"prod:admin/controller", "prod:admin/web", "prod:admin/shop", "prod:admin/bare"}
	page := c.transcript(t, "k8s-upgrade.md", "A controller on Kubernetes is upgraded",
		"`prod` is at 3.6.4, with three models in its cluster: `shop` has two applications of one unit from Charmhub, `web` has one of two units from a local charm, `bare` is empty.")

	before := c.world("prod")
	planned := c.tool("plan", "-c", "prod").exits(t, exitPending)
	page.show(planned)
	planned.says(t, `3\.6\.4 → 3\.6\.11`, `backup +none`, `controller-pod +prod`, `backup-impossible +prod`, `images-not-tried +prod`, `3 of 3 to upgrade`)
	if n := strings.Count(planned.all, "backup-impossible"); n != 1 {
		t.Errorf("that there is no backup is told %d times", n)
	}
	if after := c.world("prod"); after != before {
		t.Errorf("a plan has changed something:\n%s\nafter:\n%s", before, after)
	}
	if got := c.changes("prod"); len(got) != 0 {
		t.Errorf("a plan has asked for %v", got)
	}

	ran := c.tool("-y", "-c", "prod").exits(t, exitDone)
	page.show(ran)
	ran.says(t, `Done in`, `prod`, `3\.6\.11`, `Regressions: none`)
	c.active("3.6.11", "prod:admin/web", 2)
	c.active("3.6.11", "prod:admin/shop", 2)
	c.at("3.6.11", models...)
	c.askedOnce("3.6.11", "prod", []string{"prod"}, models...)
	c.settled(1)
	if !c.endedBefore(1, "/prod/models/admin/web/upgrade", "/prod/models/admin/shop/upgrade") {
		t.Error("a model with applications of one pod has not come after one without")
	}
	shown := c.must(time.Minute, "juju", "status", "-m", "prod:admin/shop")
	page.show(shown)
	shown.says(t, `shop +prod +k8s +3\.6\.11`, `pod1/0\* +active +idle`)
	c.must(time.Minute, "juju", "show-controller", "prod").says(t, `agent-version: 3\.6\.11`)

	c.nothingLeft(t, page, "-c", "prod")

	c.refreshesCharms(t)
	c.keepsSecrets()
}

// refreshesCharms brings the applications of shop to what Charmhub has: a newer image
// alone, then a newer revision.
func (c *cluster) refreshesCharms(t *testing.T) {
	page := c.transcript(t, "k8s-charms.md", "Charms on Kubernetes, with their images",
		"Charmhub has a newer image for the charm `pod`, of which the model `shop` has two applications; then a newer revision, too. `web` has a local charm.")
	was, _ := c.pod("shop/pod1-0")
	c.must(time.Minute, "charmhub", "publish-resource", "pod", "workload-image", "2", "1/stable")
	planned := c.tool("plan", "-c", "prod", "--charms-only").exits(t, exitPending)
	page.show(planned)
	planned.says(t, `2 applications of 1 model to refresh`, `admin/shop\.pod1 .*workload-image 1 → 2`)
	ran := c.tool("-y", "-c", "prod", "--charms-only").exits(t, exitDone)
	page.show(ran)
	ran.says(t, `2 applications refreshed`, `Regressions: none`)
	c.active("3.6.11", "prod:admin/shop", 2)
	if is, _ := c.pod("shop/pod1-0"); is.ID == was.ID {
		t.Error("the pod with the newer image is the one that had the older")
	}

	c.must(time.Minute, "charmhub", "publish", "pod", "2", "1/stable")
	ran = c.tool("-y", "-c", "prod", "--charms-only", "--exclude-app", "prod:admin/shop.pod2").exits(t, exitDone)
	page.show(ran)
	ran.says(t, `1 application refreshed`)
	shown := c.must(time.Minute, "juju", "status", "-m", "prod:admin/shop")
	page.show(shown)
	shown.says(t, `pod1/0\* .*revision 2`, `pod2/0\* .*revision 1`)
	c.active("3.6.11", "prod:admin/shop", 2)
	if got := c.setCharms("prod"); got["pod1"] != 2 || got["pod2"] != 1 || len(got) != 2 {
		t.Errorf("charms were asked for: %v", got)
	}
	c.settled(2)
	c.settled(3)
}

// TestAJuju4ControllerOnKubernetesIsUpgraded in place, and the charm of its model after
// the agents.
func TestAJuju4ControllerOnKubernetesIsUpgraded(t *testing.T) {
	c := newCluster(t)
	c.client = "4.1.1"
	c.bootstrap("next", "4.1.0")
	c.model("next", "shop", "1", "store")
	c.model("next", "bare")
	c.must(time.Minute, "charmhub", "publish", "pod", "2", "1/stable")
	page := c.transcript(t, "k8s-juju4.md", "A controller of Juju 4.1 on Kubernetes", "`next` is at 4.1.0; its model `shop` has a charm that Charmhub has a newer revision of.")
	planned := c.tool("plan", "-c", "next", "--charms").exits(t, exitPending)
	page.show(planned)
	planned.says(t, `4\.1\.0 → 4\.1\.1`, `controller-pod +next`, `admin/shop\.pod1 .*1 → 2`)
	if asked, charms := c.requests("next"), c.setCharms("next"); len(asked)+len(charms) != 0 {
		t.Errorf("a plan has asked for %v, %v", asked, charms)
	}
	ran := c.tool("-y", "-c", "next", "--charms").exits(t, exitDone)
	page.show(ran)
	ran.says(t, `Done in`, `4\.1\.1`, `1 application refreshed`, `Regressions: none`)
	c.active("4.1.1", "next:admin/shop", 1)
	c.at("4.1.1", "next:admin/controller", "next:admin/shop", "next:admin/bare")
	c.askedOnce("4.1.1", "next", []string{"next"}, "next:admin/controller", "next:admin/shop", "next:admin/bare")
	if got := c.setCharms("next"); got["pod1"] != 1 || len(got) != 1 || c.revisionOf("next:admin/shop", "pod1") != 2 {
		t.Errorf("charms were asked for: %v", got)
	}
	if !c.endedBefore(1, "/next/models/admin/shop/upgrade", "/next/models/admin/shop/charms/pod1/refresh") {
		t.Error("the charm was refreshed before the model's agents were there")
	}
	c.settled(1)
	c.tool("-y", "-c", "next", "--charms").exits(t, exitDone).says(t, `(?i)nothing to do`)
	c.keepsSecrets()
}
