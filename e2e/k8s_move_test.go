package e2e

import (
	"slices"
	"testing"
	"time"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/journal"
)

// TestAControllerIsMadeOnKubernetesForTheNextMinorVersion: the run has the real client
// make a 3.6.11 controller in the cluster, gives it what the 3.5.4 one has, moves the
// models there, brings them to its version, and hands the users over.
func TestAControllerIsMadeOnKubernetesForTheNextMinorVersion(t *testing.T) {
	c := newCluster(t)
	c.bootstrap("old", "3.5.4")
	c.model("old", "web", "1")
	c.model("old", "shop", "1", "store")
	c.model("old", "bare")
	for _, user := range []string{"alice", "bob"} {
		c.juju("add-user", user, "-c", "old")
	}
	c.juju("grant", "alice", "superuser", "-c", "old")
	c.juju("grant", "bob", "read", "admin/web", "-c", "old")
	c.juju("grant-cloud", "bob", "add-model", "k8s", "-c", "old")
	c.juju("controller-config", "-c", "old", "max-debug-log-duration=12h")
	c.juju("model-defaults", "-c", "old", "--cloud", "k8s", "update-status-hook-interval=7m")
	c.juju("switch", "old:admin/web")
	ids := c.modelIDs("old")
	moving := []string{ids["old:admin/web"], ids["old:admin/shop"], ids["old:admin/bare"]}
	options := append([]string{"-c", "old"}, c.made()...)
	page := c.transcript(t, "k8s-new-controller.md", "From 3.5.4 to a 3.6.11 controller that the run makes, on Kubernetes",
		"`old` is at 3.5.4 and has three models in its cluster, two of them with a unit. `alice` is a superuser, `bob` reads `web` and may add models to the cloud.")

	planned := c.tool(append([]string{"plan"}, options...)...).exits(t, exitPending)
	page.show(planned)
	planned.says(t, `old .*3\.5\.4`, `to new .*3\.6\.11`, `3 of 3 to move`, `backup +none`, `pods-restart`, `passwords-not-cloned`)
	if got := c.changes("old"); len(got) != 0 {
		t.Errorf("a plan has changed something: %v", got)
	}

	ran := c.tool(append([]string{"-y"}, options...)...).exits(t, exitDone)
	page.show(ran)
	ran.says(t, `Done in`, `3 models moved from old to new`, `Regressions: none`, `handover`)
	c.active("3.6.11", "new:admin/web", 1)
	c.active("3.6.11", "new:admin/shop", 1)
	c.at("3.6.11", "new:admin/controller", "new:admin/bare")
	c.livesOn("new", moving, "old")
	c.on("old")
	c.noAccounts("new", "old")
	c.askedToMigrate("old", map[string]int{moving[0]: 1, moving[1]: 1, moving[2]: 1})
	c.askedToUpgrade("new", "3.6.11", moving...)
	if was, is := c.config("old", "max-debug-log-duration"), c.config("new", "max-debug-log-duration"); was != is {
		t.Errorf("max-debug-log-duration is %s on new, and %s on old", is, was)
	}
	if was, is := c.modelDefault("old", "update-status-hook-interval"), c.modelDefault("new", "update-status-hook-interval"); was != is {
		t.Errorf("the default of update-status-hook-interval is on new\n%s\nand on old\n%s", is, was)
	}
	shown := c.must(time.Minute, "juju", "status") // as the operator types it
	page.note("The operator goes on where the model is now:")
	page.show(shown)
	shown.says(t, `web +new +k8s +3\.6\.11`, `pod1/0\* +active +idle`)
	c.settled(1)

	c.usersFindTheWay(t, page)
	c.nothingLeft(t, page, "-c", "old", "--to", "new")
	c.keepsSecrets()
}

// usersFindTheWay has each user register with the real client: the string has in it how
// the controller is reached through the cluster.
func (c *cluster) usersFindTheWay(t *testing.T, page *transcript) {
	c.whoHasCome(t, page, "Who has found the way?", []string{`alice +superuser +not yet`, `bob +login +not yet`}, `alice`, `bob`)

	keys := c.registrations(1)
	c.registers("bob", keys["bob"], "web", "read")
	c.registersAny("alice", keys["alice"])
	for _, user := range []string{"alice", "bob"} {
		c.must(time.Minute, "exec", "env", "JUJU_DATA="+c.dir+"/"+user, "juju", "status", "-m", "admin/web").says(t, `web +new +k8s +3\.6\.11`)
	}
	c.whoHasCome(t, page, "`bob` and `alice` have registered, with the real `juju register`.",
		[]string{`alice +superuser +logged in`, `bob +login +logged in`})
}

// TestModelsOnKubernetesMoveToJuju4: the source is brought to 3.6.11 in the same run. A
// model with a charm from a store and an empty one get there; one with a local charm is
// what 4.1-beta2 refuses to import.
func TestModelsOnKubernetesMoveToJuju4(t *testing.T) {
	c := newCluster(t)
	c.bootstrap("old", "3.6.4")
	c.model("old", "shop", "1", "store")
	c.model("old", "bare")
	c.model("old", "web", "1")
	c.bootstrap("new", "4.1.0")
	c.client = "4.1.0"
	ids := c.modelIDs("old")
	moving := []string{ids["old:admin/shop"], ids["old:admin/bare"]}
	page := c.transcript(t, "k8s-move-juju4.md", "Patched first, then to Juju 4.1, on Kubernetes",
		"`old` is at 3.6.4, `new` at 4.1.0, in one cluster. `shop` has a charm from Charmhub, `web` a local one, `bare` is empty.")

	planned := c.tool("plan", "-c", "old", "--to", "new").exits(t, exitBlocked)
	page.show(planned)
	planned.says(t, `3\.6\.4 → 3\.6\.11`, `to new .*4\.1\.0`, `BLOCKER +local-charms-refused +old:admin/web`, `--skip-blocked`)
	if got := slices.Concat(c.changes("old"), c.changes("new")); len(got) != 0 {
		t.Errorf("a plan has asked for %v", got)
	}
	ran := c.tool("-y", "-c", "old", "--to", "new", "--skip-blocked").exits(t, exitLeftOut)
	page.show(ran)
	ran.says(t, `2 models moved from old to new`, `(?s)Left out.*admin/web`, `Regressions: none`)
	c.active("4.1.0", "new:admin/shop", 1)
	c.at("4.1.0", "new:admin/bare")
	c.at("3.6.11", "old:admin/controller")
	c.livesOn("new", moving, "old")
	c.on("old", "web")
	c.askedToMigrate("old", once(map[string]string{"shop": moving[0], "bare": moving[1]}))
	if got := c.requests("new"); len(got) != 0 {
		t.Errorf("models that came at 4.1.0 were asked to upgrade: %v", got)
	}
	c.noAccounts("new", "old")
	c.settled(1)

	page.note("The operator will have it so:")
	refused := c.tool("-y", "-c", "old", "--to", "new", "--accept", "local-charms-refused@*").exits(t, exitFailed)
	page.show(refused)
	refused.says(t, `old:admin/web migrate`, `multiple settings`, `the model works on old as before`)
	if got := c.failures(2); len(got) != 1 {
		t.Errorf("failed are %v", got)
	}
	c.stepIs(2, "/old/models/admin/web/migrate", journal.Failed)
	c.on("old", "web")
	c.active(c.status("old:admin/web").Model.Version, "old:admin/web", 1)
	c.noAccounts("new", "old")
	c.keepsSecrets()
}
