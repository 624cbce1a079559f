package jujuapi

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/juju/juju/core/model"
	"github.com/juju/juju/rpc/params"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// ownModelStatus is the status of a controller model: a server that is well, one that is
// becoming one, one that is down, and machines of all kinds.
func ownModelStatus(version string) params.FullStatus {
	agent := func(status string) params.DetailedStatus { return params.DetailedStatus{Status: status} }
	jobs := []model.MachineJob{model.JobHostUnits, model.JobManageModel}
	return params.FullStatus{
		Model: params.ModelStatusInfo{Type: "iaas", Version: version, CloudTag: "cloud-c"},
		Machines: map[string]params.MachineStatus{
			"0":  {AgentStatus: agent("started"), HasVote: true, WantsVote: true, Jobs: jobs},
			"1":  {AgentStatus: agent("started"), WantsVote: true},
			"2":  {AgentStatus: agent("down"), HasVote: true, WantsVote: true, Jobs: jobs},
			"3":  {AgentStatus: agent("started")},
			"4":  {AgentStatus: agent("pending")},
			"5":  {AgentStatus: agent("started")},
			"6":  {AgentStatus: agent("started"), Containers: map[string]params.MachineStatus{"6/lxd/0": {}}},
			"7":  {AgentStatus: params.DetailedStatus{Status: "started", Life: "dying"}},
			"10": {AgentStatus: agent("started")},
		},
		Applications: map[string]params.ApplicationStatus{"a": {Units: map[string]params.UnitStatus{"a/0": {Machine: "5"}}}},
	}
}

func TestServersAreThoseThatVoteAndAreStarted(t *testing.T) {
	for name, test := range map[string]struct {
		version, cloud string
		want           fleet.HA
	}{
		"machines given by people": {"3.6.11", "manual", fleet.HA{Servers: 3, Well: 1, Spare: []string{"3", "10"}}},
		"a cloud":                  {"3.6.11", "openstack", fleet.HA{Servers: 3, Well: 1, Spare: []string{"3", "10"}, Makes: true}},
		"an unknown cloud":         {"3.6.11", "", fleet.HA{Servers: 3, Well: 1, Spare: []string{"3", "10"}}},
		"Juju 4":                   {"4.1.0", "openstack", fleet.HA{Servers: 3, Well: 2}},
	} {
		if diff := cmp.Diff(test.want, haFrom(ownModelStatus(test.version), test.cloud)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	if got := haFrom(params.FullStatus{Model: params.ModelStatusInfo{Type: "caas", Version: "3.6.11"}}, "kubernetes"); got.CanHave(3) || got.Servers != 1 {
		t.Errorf("Kubernetes: %+v", got)
	}
}

func TestAControllerInKubernetesTellsNoServers(t *testing.T) {
	s := newStandIn(t, "3.6.4", "3.6.11")
	holds(s.source(), map[string]any{})
	source, _ := s.controllers()
	source.Models = []fleet.Model{{Ref: modelRef, IsController: true, Type: fleet.CAAS}}
	got, err := s.reader.Holdings(context.Background(), source)
	if err != nil || got.HA != nil || len(s.source().sent("Client.FullStatus")) > 0 {
		t.Errorf("got %+v, %v", got.HA, err)
	}
}

// asksForServers has the source be a controller of that type of cloud, and returns what
// it is sent.
func asksForServers(t *testing.T, cloud string, servers int, answer any) (string, error) {
	t.Helper()
	s := newStandIn(t, "3.6.11", "3.6.11")
	s.T = t
	s.source().facades["HighAvailability"] = []int{2}
	s.source().says("Client.FullStatus", ownModelStatus("3.6.11"))
	s.source().says("Cloud.Clouds", params.CloudsResult{Clouds: map[string]params.Cloud{"cloud-c": {Type: cloud}}})
	s.source().says("HighAvailability.EnableHA", answer)
	s.session.acquainted(sourceUUID, func(a *acquaintance) { a.model = modelUUID })
	err := s.writer.EnableHA(context.Background(), sourceRef, servers)
	if sent := s.source().sent("HighAvailability.EnableHA"); len(sent) == 1 {
		return sent[0].args, err
	}
	return "", err
}

func TestServersAreAskedForOnSpareMachinesWhereTheCloudMakesNone(t *testing.T) {
	fine := params.ControllersChangeResults{Results: []params.ControllersChangeResult{{}}}
	for name, test := range map[string]struct {
		cloud   string
		servers int
		sent    string
	}{
		"given":       {"manual", 5, `{"specs":[{"num-controllers":5,"constraints":{},"placement":["3","10"]}]}`},
		"made":        {"openstack", 5, `{"specs":[{"num-controllers":5,"constraints":{}}]}`},
		"there":       {"manual", 3, ""},
		"fewer":       {"openstack", 1, ""},
		"not so many": {"manual", 7, ""},
	} {
		sent, err := asksForServers(t, test.cloud, test.servers, fine)
		if sent != test.sent || (err != nil) != (name == "not so many") {
			t.Errorf("%s: sent %s, %v", name, sent, err)
		}
	}
	no := params.ControllersChangeResults{Results: []params.ControllersChangeResult{{Error: &params.Error{Message: "juju-ha-space is not set"}}}}
	if _, err := asksForServers(t, "openstack", 5, no); fleet.CodeOf(err) != fleet.Refused {
		t.Errorf("got %v", err)
	}
}
