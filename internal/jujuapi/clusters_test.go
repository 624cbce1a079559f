package jujuapi_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

const pods = `
controllers:
  - name: prod
    version: 3.6.4
    clouds:
      - {name: east, type: kubernetes, endpoint: "https://boss:s3cret@10.0.0.1:6443", regions: [default]}
      - {name: also-east, type: kubernetes, endpoint: "https://10.0.0.1:6443/", regions: [default]}
      - {name: far, type: kubernetes, endpoint: "https://rancher.example/k8s/clusters/c-1", regions: [default]}
      - {name: west, type: kubernetes, regions: [default]}
    models:
      - {name: admin/a, cloud: east, region: default, applications: [{name: app, units: 2}]}
      - {name: admin/b, cloud: also-east, region: default}
      - {name: admin/c, cloud: west, region: default}
      - {name: admin/e, cloud: far, region: default}
      - {name: admin/d, applications: [{name: app, units: 1}]}
  - name: metal
    version: 3.6.4
    models: [{name: admin/web, applications: [{name: app, units: 1}]}]
`

func TestModelsAreOnTheClusterToWhichTheirCloudLeads(t *testing.T) {
	b := prepare(t, pods)
	c := b.look("prod")
	got := map[string]string{}
	for _, m := range c.Models {
		got[m.Name] = m.Cluster
	}
	want := map[string]string{"admin/controller": "", "admin/a": "10.0.0.1:6443", "admin/b": "10.0.0.1:6443", "admin/c": "west", "admin/d": "", "admin/e": "rancher.example:443/k8s/clusters/c-1"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	if c.Cluster != "" {
		t.Errorf("a controller on machines is on cluster %q", c.Cluster)
	}
}

func TestCloudsAreAskedForWhereModelsAreOnKubernetesOnly(t *testing.T) {
	b := prepare(t, pods)
	b.look("prod")
	b.look("metal")
	for name, want := range map[string]int{"prod": 1, "metal": 0} {
		got := 0
		for _, c := range b.world.CallsOf("Cloud.Clouds") {
			if c.Controller == name {
				got++
			}
		}
		if got != want {
			t.Errorf("%s was asked for its clouds %d times, want %d", name, got, want)
		}
	}
}
