package jujuapi

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/juju/charm/v12"

	"github.com/juju/juju/rpc"
	"github.com/juju/juju/rpc/params"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// onPods is an application with the storage data, and a refresh of it to such a release.
func onPods(t *testing.T, version string, then hubRelease) (*standIn, *hub, fleet.Refresh) {
	t.Helper()
	s := newStandIn(t, version, version)
	h := newHub(s.source())
	h.publish("db", "1/stable", hubRelease{revision: 1, pods: true, storage: map[string]string{"data": "all of it"}})
	h.deploy("db", "db", "1/stable")
	then.revision = 2
	h.publish("db", "1/stable", then)
	return s, h, fleet.Refresh{Application: "db", From: "ch:amd64/db-1", To: "ch:amd64/db-2", Channel: "1/stable", Base: "ubuntu@24.04"}
}

// TestACharmOnKubernetesThatSaysAnythingElseOfStorageIsRefusedByName, before it is set. Of one
// for machines Juju decides.
func TestACharmOnKubernetesThatSaysAnythingElseOfStorageIsRefusedByName(t *testing.T) {
	for name, test := range map[string]struct {
		storage map[string]string
		pods    bool
		want    string
	}{
		"the same":            {map[string]string{"data": "all of it"}, true, ""},
		"another description": {map[string]string{"data": "most of it"}, true, "(data)"},
		"one more":            {map[string]string{"data": "all of it", "logs": ""}, true, "(logs)"},
		"one renamed":         {map[string]string{"files": "all of it"}, true, "(data, files)"},
		"none":                {nil, true, "(data)"},
		"on machines":         {nil, false, ""},
	} {
		for _, version := range []string{"3.6.11", "4.1.0"} {
			t.Run(name+" "+version, func(t *testing.T) {
				s, h, r := onPods(t, version, hubRelease{storage: test.storage, pods: test.pods})
				err := s.refresh(r)
				if test.want == "" {
					if err != nil || h.apps["db"].url != r.To {
						t.Errorf("it is at %s: %v", h.apps["db"].url, err)
					}
					return
				}
				s.wants(err, fleet.Refused)
				if err != nil && !strings.Contains(err.Error(), "ch:amd64/db-2 says something else of its storage "+test.want) {
					t.Error(err)
				}
				if slices.Contains(s.changes(), "Application.SetCharm") {
					t.Error("it was asked for")
				}
			})
		}
	}
}

func TestDevicesAndDeploymentAreFixedUpToJuju3(t *testing.T) {
	for version, refused := range map[string]bool{"3.6.11": true, "4.1.0": false} {
		for what, change := range map[string]func(*params.CharmMeta){
			"devices (gpu)":                   func(m *params.CharmMeta) { m.Devices = map[string]params.CharmDevice{"gpu": {Name: "gpu"}} },
			"deployment (how it is deployed)": func(m *params.CharmMeta) { m.Deployment = &params.CharmDeployment{DeploymentType: "daemon"} },
		} {
			s, h, r := onPods(t, version, hubRelease{storage: map[string]string{"data": "all of it"}, pods: true})
			h.before["Charms.CharmInfo"] = func() {
				if known, ok := h.known[r.To]; ok {
					change(known.Meta)
				}
			}
			err := s.refresh(r)
			if refused && (err == nil || !strings.Contains(err.Error(), what)) || !refused && err != nil {
				t.Errorf("%s on %s: %v", what, version, err)
			}
		}
	}
}

// TestAFileThatSaysAnythingElseOfStorageIsNotUploaded.
func TestAFileThatSaysAnythingElseOfStorageIsNotUploaded(t *testing.T) {
	const containers = "containers: {workload: {}}\n"
	for storage, refused := range map[string]bool{
		"storage: {data: {type: filesystem, description: all of it}}\n":  false,
		"storage: {data: {type: filesystem, description: most of it}}\n": true,
		"storage: {data: {type: block, description: all of it}}\n":       true,
	} {
		s, shelf, r := local(t, tiny("metadata.yaml", containers+storage))
		shelf.hub.known[r.From] = shelf.hub.charm("tiny", hubRelease{revision: 1, pods: true, storage: map[string]string{"data": "all of it"}})
		err := s.refresh(r)
		if refused {
			s.wants(err, fleet.Refused)
		} else if err != nil {
			t.Error(err)
		}
		if uploaded := len(shelf.uploads) > 0; uploaded == refused {
			t.Errorf("%s: uploaded %v", storage, uploaded)
		}
	}
}

// TestACharmOfPodSpecsIsToldToBeEmptiedFirst, by the code of Juju's refusal.
func TestACharmOfPodSpecsIsToldToBeEmptiedFirst(t *testing.T) {
	s, h, r := onPods(t, "3.6.11", hubRelease{pods: true, storage: map[string]string{"data": "all of it"}})
	h.fails["Application.SetCharm"] = &rpc.RequestError{Code: params.CodeAppShouldNotHaveUnits, Message: "no"}
	err := s.refresh(r)
	s.wants(err, fleet.Refused)
	if p := fleet.ProblemOf(err); !strings.HasPrefix(p.Remedy, "juju scale-application -m old:admin/") {
		t.Errorf("to type is %q", p.Remedy)
	}
}

// TestStorageIsToldOfApplicationsOnKubernetesWithAnotherCharm, in one call for all of them.
func TestStorageIsToldOfApplicationsOnKubernetesWithAnotherCharm(t *testing.T) {
	s, h, _ := onPods(t, "3.6.11", hubRelease{pods: true})
	h.publish("same", "1/stable", hubRelease{revision: 1})
	h.deploy("same", "same", "1/stable")
	for _, one := range [][2]string{{"data/0", "unit-db-0"}, {"data/1", "unit-db-1"}, {"logs/2", "application-db"}, {"data/3", "unit-same-0"}, {"lost/4", ""}} {
		h.storage = append(h.storage, params.StorageDetails{StorageTag: "storage-" + strings.ReplaceAll(one[0], "/", "-"), OwnerTag: one[1]})
	}
	for _, kind := range []fleet.ModelType{fleet.CAAS, fleet.IAAS} {
		m := h.look()
		m.Type = kind
		apps, err := s.reader.Applications(t.Context(), fleet.Controller{Ref: sourceRef}, m, all)
		if err != nil {
			t.Fatal(err)
		}
		got := map[string][]string{}
		for _, a := range apps {
			if len(a.Storage) > 0 {
				got[a.Name] = a.Storage
			}
		}
		want := map[string][]string{"db": {"data", "logs"}}
		if kind == fleet.IAAS {
			want = map[string][]string{}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s: %s", kind, diff)
		}
	}
	if sent := s.source().sent("Storage.ListStorageDetails"); len(sent) != 1 || sent[0].args != `{"filters":[{}]}` {
		t.Errorf("sent %+v", sent)
	}
}

// TestWhoMayNotAskForStorageIsToldTheRest.
func TestWhoMayNotAskForStorageIsToldTheRest(t *testing.T) {
	s, h, _ := onPods(t, "3.6.11", hubRelease{pods: true})
	h.fails["Storage.ListStorageDetails"] = &rpc.RequestError{Code: params.CodeUnauthorized, Message: "permission denied"}
	m := h.look()
	m.Type = fleet.CAAS
	apps, err := s.reader.Applications(t.Context(), fleet.Controller{Ref: sourceRef}, m, all)
	if err != nil || len(apps) != 1 || !apps[0].Newer() || apps[0].Storage != nil {
		t.Errorf("got %+v: %v", apps, err)
	}
}

// TestAnArchiveAndAControllerTellTheSameOfACharm: what was deployed from a file is not taken
// for another when the same comes again.
func TestAnArchiveAndAControllerTellTheSameOfACharm(t *testing.T) {
	file, _ := parcel(t, tiny("metadata.yaml", `series: [kubernetes]
storage:
  data: {type: filesystem, description: all of it, location: /srv, minimum-size: 1G, properties: [transient]}
  disks: {type: block, multiple: {range: 2-}, read-only: true}
devices:
  gpu: {type: nvidia.com/gpu, description: one, countmin: 1, countmax: 2}
deployment: {type: stateful, service: cluster, mode: workload, min-version: "1.2.3"}
`))
	archive, err := charm.ReadCharmArchive(file)
	if err != nil {
		t.Fatal(err)
	}
	meta := archive.Meta()
	told := params.CharmMeta{Storage: map[string]params.CharmStorage{}, Devices: map[string]params.CharmDevice{}}
	for name, s := range meta.Storage {
		told.Storage[name] = params.CharmStorage{
			Name: s.Name, Description: s.Description, Type: string(s.Type), Shared: s.Shared, ReadOnly: s.ReadOnly,
			CountMin: s.CountMin, CountMax: s.CountMax, MinimumSize: s.MinimumSize, Location: s.Location, Properties: s.Properties,
		}
	}
	for name, d := range meta.Devices {
		told.Devices[name] = params.CharmDevice{Name: d.Name, Description: d.Description, Type: string(d.Type), CountMin: d.CountMin, CountMax: d.CountMax}
	}
	if d := meta.Deployment; d != nil {
		told.Deployment = &params.CharmDeployment{
			DeploymentType: string(d.DeploymentType), DeploymentMode: string(d.DeploymentMode), ServiceType: string(d.ServiceType), MinVersion: d.MinVersion,
		}
	}
	wire, err := json.Marshal(told)
	if err != nil {
		t.Fatal(err)
	}
	var read params.CharmMeta
	if err := json.Unmarshal(wire, &read); err != nil {
		t.Fatal(err)
	}
	now := metaOf(&read)
	if len(now.Storage) != 2 || len(now.Devices) != 1 || now.Deployment == nil {
		t.Fatalf("it has %+v", now)
	}
	if s, d := difference(now.Storage, meta.Storage), difference(now.Devices, meta.Devices); s+d != "" || !cmp.Equal(now.Deployment, meta.Deployment) {
		t.Errorf("storage %q, devices %q, deployment %+v and %+v", s, d, now.Deployment, meta.Deployment)
	}
}
