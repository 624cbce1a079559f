package jujutest_test

import (
	"strings"
	"testing"

	"github.com/juju/juju/rpc/params"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujutest/estate"
)

// onPods is an application on Kubernetes with three units, as charmed's.
func onPods(t *testing.T, refresh string) app {
	t.Helper()
	return appOf(t, start(t, strings.Replace(`
timing: {charm-upgrade: 50ms, charm-notice: 10ms, charm-fetch: 20ms, agent-restart: 200ms, unit-settle: 20ms}
controllers:
  - name: prod
    version: 3.6.11
    cloud: k8s
    cloud-type: kubernetes
    clouds: [{name: k8s, type: kubernetes, auth-types: [oauth2], endpoint: "https://10.0.0.1:6443", regions: [localhost]}]
    models:
      - {name: web, applications: [{name: db, units: 3}]}
charmhub:
  charms:
    - {name: db, channels: {latest/stable: 1}, revisions: [{revision: 2, refresh: REFRESH}]}
`, "REFRESH", refresh, 1)), "db")
}

// urls are the revisions that the units run, and what they are doing, in order.
func (a app) urls() string {
	var out []string
	for _, u := range a.truth().Units {
		out = append(out, strings.TrimPrefix(u.URL, "ch:amd64/")+" "+u.State)
	}
	return strings.Join(out, ", ")
}

// TestPodsComeToACharmOneAfterTheOther, the last one first, and are away meanwhile.
func TestPodsComeToACharmOneAfterTheOther(t *testing.T) {
	a := onPods(t, "settles")
	a.publish(2)
	a.refresh()
	eventually(t, "the last one is away", func() bool { return a.status().Units["db/2"].AgentStatus.Status == "lost" })
	if got := a.status().Units["db/0"]; got.Charm != "ch:amd64/db-1" || got.AgentStatus.Status != "idle" {
		t.Errorf("the first one is %+v", got)
	}
	eventually(t, "the last one has come", func() bool { return a.truth().Units[2].URL == "ch:amd64/db-2" })
	if got := a.truth().Units[0].URL; got != "ch:amd64/db-1" {
		t.Errorf("the first one runs %s already", got)
	}
	a.settles()
}

// TestAPauseOnKubernetesHoldsBackThePodsThatComeAfterTheFirst, until it is told to go on, once
// for all of them.
func TestAPauseOnKubernetesHoldsBackThePodsThatComeAfterTheFirst(t *testing.T) {
	for name, refresh := range map[string]string{
		"a unit says so":          "{kind: pause, message: look first}",
		"the application says so": "{kind: pause, message: look first, by-application: true}",
	} {
		t.Run(name, func(t *testing.T) {
			a := onPods(t, refresh)
			a.publish(2)
			a.refresh()
			eventually(t, "it pauses", func() bool { return a.urls() == "db-1 behind, db-1 behind, db-2 paused" })
			app, unit := a.status().Status, a.status().Units["db/2"].WorkloadStatus
			if app.Status != "blocked" || app.Info != "look first" {
				t.Errorf("the application is %+v", app)
			}
			if aloft := strings.Contains(refresh, "by-application"); aloft != (unit.Status == "active") {
				t.Errorf("the unit is %+v", unit)
			}
			if err := a.world.RunAction("prod", "web", "db/0", estate.ResumeRefresh); err == nil {
				t.Error("a unit that has not paused has the action")
			}
			if err := a.world.RunAction("prod", "web", "db/2", estate.ResumeRefresh); err != nil {
				t.Fatal(err)
			}
			a.settles()
			if got := a.status().Status.Status; got != "active" {
				t.Errorf("the application is %s afterwards", got)
			}
		})
	}
}

// TestAPodInErrorHoldsBackNoOther: it runs, if not well.
func TestAPodInErrorHoldsBackNoOther(t *testing.T) {
	a := onPods(t, "settles")
	if _, err := a.world.Inject("prod", estate.Fault{Kind: estate.FaultUpgradeHook, Model: "web", Application: "db", Agent: "unit-db-2"}); err != nil {
		t.Fatal(err)
	}
	a.publish(2)
	a.refresh()
	eventually(t, "the others come", func() bool { return a.urls() == "db-2 , db-2 , db-2 error" })
}

// TestWhatACharmSaysOfStorageIsFixedOnKubernetes, and not on machines.
func TestWhatACharmSaysOfStorageIsFixedOnKubernetes(t *testing.T) {
	text := `
timing: {charm-upgrade: 50ms, charm-notice: 10ms, charm-fetch: 20ms, agent-restart: 200ms, unit-settle: 20ms}
controllers:
  - name: prod
    version: 3.6.11
    KIND
    models:
      - {name: web, applications: [{name: db, units: 2}]}
charmhub:
  charms:
    - {name: db, storage: [data, logs], channels: {latest/stable: 1}, revisions: [{revision: 2, storage: [data]}]}
`
	const pods = `cloud: k8s
    cloud-type: kubernetes
    clouds: [{name: k8s, type: kubernetes, auth-types: [oauth2], endpoint: "https://10.0.0.1:6443", regions: [localhost]}]`
	for kind, refused := range map[string]bool{pods: true, "": false} {
		a := appOf(t, start(t, strings.Replace(text, "KIND", kind, 1)), "db")
		var listed params.StorageDetailsListResults
		if err := a.call("Storage", 6, "ListStorageDetails", params.StorageFilters{Filters: []params.StorageFilter{{}}}, &listed); err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, one := range listed.Results[0].Result {
			got = append(got, one.StorageTag+" of "+one.OwnerTag)
		}
		if want := "storage-data-0 of unit-db-0, storage-logs-1 of unit-db-0, storage-data-2 of unit-db-1, storage-logs-3 of unit-db-1"; strings.Join(got, ", ") != want {
			t.Errorf("there is %s", got)
		}
		a.publish(2)
		url, origin := a.add()
		if err := a.set(url, origin, nil); (params.ErrCode(err) == params.CodeNotSupported) != refused {
			t.Errorf("on %q it is answered %v", kind, err)
		}
		if now := a.truth().URL; (now == url) == refused {
			t.Errorf("on %q it is at %s", kind, now)
		}
	}
}
