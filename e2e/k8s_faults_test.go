package e2e

import (
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/journal"
)

// operatorImage is what every agent of Juju runs in at 3.6.11.
const operatorImage = "jujud-operator:3.6.11"

// TestImagesOnKubernetesThatAreMissing: what can be seen before is told before; what can
// not, stalls the step, with an account, and is picked up when it is mended: first of the
// controller, then of a model. The controller is reached by the address of its service, not
// through the cluster as elsewhere.
func TestImagesOnKubernetesThatAreMissing(t *testing.T) {
	c := newCluster(t)
	c.bootstrap("prod", "3.6.4", "--config", "controller-service-type=loadbalancer")
	if store, err := os.ReadFile(filepath.Join(c.data(), "controllers.yaml")); err != nil || strings.Contains(string(store), "proxy-config") {
		t.Fatalf("the client reaches the controller through the cluster: %v\n%s", err, store)
	}
	c.model("prod", "web", "1")
	c.seenBefore(t)

	page := c.transcript(t, "k8s-image-missing.md", "An image that cannot be pulled, on Kubernetes",
		"The registry lists `"+operatorImage+"`, and no node can pull it. The controller is upgraded first, without its model `web`.")
	c.fault("spoil-image", operatorImage)
	ran := c.tool("-y", "-c", "prod", "--exclude", "web", "--stall", "2m").exits(t, exitFailed)
	page.show(ran)
	ran.says(t, `images-not-tried`, `prod upgrade`, `kubectl describe pods`, `resume 1`)
	c.stepIs(1, prodUpgrade, journal.Failed)
	page.show(c.tool("status"))
	c.fault("mend-image", operatorImage)
	page.note("The image is there now; nobody touches the pod:")
	resumed := c.tool("resume", "-y").exits(t, exitDone)
	page.show(resumed)
	resumed.says(t, `Done in`, `3\.6\.11`)
	c.at("3.6.11", "prod:admin/controller")
	c.active("3.6.4", "prod:admin/web", 1)
	c.settled(1)

	page.note("The same, while a model is upgraded:")
	c.fault("spoil-image", operatorImage)
	ran = c.tool("-y", "-m", "prod:web", "--stall", "90s").exits(t, exitFailed)
	page.show(ran)
	ran.says(t, `prod:admin/web upgrade`, `ImagePullBackOff`, `kubectl -n web describe pod pod1-0`, `resume 2`)
	c.stepIs(2, webUpgrade, journal.Failed)
	c.fault("mend-image", operatorImage)
	resumed = c.tool("resume", "-y").exits(t, exitDone)
	page.show(resumed)
	c.active("3.6.11", "prod:admin/web", 1)
	c.askedOnce("3.6.11", "prod", []string{"prod"}, "prod:admin/controller", "prod:admin/web")
	c.settled(2)
	c.keepsSecrets()
}

// seenBefore: a registry that is down, and an image that nobody lists, while nothing has
// been changed.
func (c *cluster) seenBefore(t *testing.T) {
	page := c.transcript(t, "k8s-registry.md", "Images that Juju does not find, on Kubernetes", "`prod` is at 3.6.4. The registry answers 503.")
	c.fault("registry-down")
	down := c.tool("-y", "-c", "prod")
	page.show(down)
	down.exits(t, exitBlocked)
	down.says(t, `(?s)status=503; it looks\s+for\s+agents.*image\s+registry`)
	c.fault("registry-up")

	c.fault("hide-image", operatorImage)
	page.note("The registry is back, and neither it nor the list of agent versions has 3.6.11:")
	hidden := c.tool("-y", "-c", "prod").exits(t, exitDone)
	page.show(hidden)
	hidden.says(t, `nothing-newer`, `caas-image-repo`)
	named := c.tool("-y", "-c", "prod", "--agent-version", "3.6.11").exits(t, exitBlocked)
	page.show(named)
	named.says(t, `BLOCKER +juju-refuses +prod`)
	c.fault("mend-image", operatorImage)
	if got := c.changes("prod"); len(got) != 0 {
		t.Errorf("what was refused has asked for %v", got)
	}
}

// TestAKilledRunOnKubernetesIsResumed: SIGKILL while the controller's pod is away, and
// while a model's pods are replaced; then pods are deleted under the run: a unit's, and
// the controller's.
func TestAKilledRunOnKubernetesIsResumed(t *testing.T) {
	c := newCluster(t)
	c.bootstrap("prod", "3.6.4")
	c.model("prod", "web", "1")
	c.model("prod", "zoo", "1")
	web, zoo := c.modelIDs("prod")["prod:admin/web"], c.modelIDs("prod")["prod:admin/zoo"]
	page := c.transcript(t, "k8s-killed.md", "A run on Kubernetes is killed, twice, and loses its controller",
		"The tool is killed while the controller's pod is away, and again while those of a model are replaced; then a unit's pod is deleted, and the controller's.")

	p := c.start("-y", "-c", "prod")
	p.awaits(2*time.Minute, "the controller was asked", func() bool { return len(c.requests("prod")) == 1 })
	p.signal(syscall.SIGKILL)
	page.show(p.wait(10 * time.Second))
	status := c.tool("status")
	status.says(t, `(?m)^Interrupted`, `resume`)
	page.show(status)

	p = c.start("resume", "-y") // at once: the controller is away
	p.awaits(runLimit, "web was asked", func() bool { return c.asked(web, "prod") })
	p.signal(syscall.SIGKILL)
	page.note("Resumed while the controller is away, and killed again:")
	page.show(p.wait(10 * time.Second))
	if !c.reached(1, prodUpgrade, journal.Done) || c.reached(1, webUpgrade, journal.Done) {
		t.Error("it was not killed between the controller and the model's arrival")
	}

	p = c.start("resume", "1", "-y")
	p.awaits(3*time.Minute, "zoo was asked", func() bool { return c.asked(zoo, "prod") })
	for _, pod := range []string{"zoo/pod1-0", "controller-prod/controller-0"} {
		// It may be away just now, being replaced.
		c.eventually(time.Minute, pod+" is deleted", func() bool { return c.look(time.Minute, "break", "delete-pod", pod).code == 0 })
	}
	resumed := p.wait(runLimit).exits(t, exitDone)
	page.note("Resumed once more; the pod of zoo's unit is deleted meanwhile, and the controller's:")
	page.show(resumed)
	c.active("3.6.11", "prod:admin/web", 1)
	c.active("3.6.11", "prod:admin/zoo", 1)
	c.at("3.6.11", "prod:admin/controller")
	c.askedOnce("3.6.11", "prod", []string{"prod"}, "prod:admin/controller", "prod:admin/web", "prod:admin/zoo")
	c.settled(1)
	c.tool("-y", "-c", "prod").exits(t, exitDone).says(t, `(?i)nothing to do`)
	c.keepsSecrets()
}
