package jujutest

import (
	"cmp"
	"fmt"
	"strings"
	"time"

	"github.com/juju/names/v5"

	"github.com/juju/juju/core/instance"
	"github.com/juju/juju/core/life"
	coremodel "github.com/juju/juju/core/model"
	"github.com/juju/juju/rpc/params"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujutest/estate"
)

const notCommunicating = "agent is not communicating with the server"

// fullStatus is Client.FullStatus. It reads as Juju's does, without patterns.
func fullStatus(s *session, _ params.StatusParams) (params.FullStatus, error) {
	m := s.model
	if !s.may(m, "read") {
		return params.FullStatus{}, errPerm()
	}
	now := time.Now()
	st := m.status()
	out := params.FullStatus{
		Model: params.ModelStatusInfo{
			Name:             m.name,
			Type:             m.kind(),
			CloudTag:         names.NewCloudTag(m.cloud).String(),
			CloudRegion:      m.region,
			Version:          m.version.String(),
			AvailableVersion: "",
			ModelStatus: params.DetailedStatus{
				Status: st.Status.String(), Info: st.Info, Since: st.Since, Data: map[string]any{},
			},
			SLA: "unsupported",
		},
		Machines:            map[string]params.MachineStatus{},
		Applications:        map[string]params.ApplicationStatus{},
		RemoteApplications:  map[string]params.RemoteApplicationStatus{},
		Offers:              map[string]params.ApplicationOfferStatus{},
		Branches:            map[string]params.BranchStatus{},
		ControllerTimestamp: &now,
	}
	for _, mach := range m.machines {
		out.Machines[mach.id] = m.machineStatus(mach, s)
	}
	for _, app := range m.apps {
		out.Applications[app.name] = m.applicationStatus(app)
		for _, sub := range app.spec.Subordinates {
			out.Relations = append(out.Relations, relationStatus(len(out.Relations), app.name, sub))
		}
	}
	m.crossModel(&out)
	return out, nil
}

func baseOf(s string) params.Base {
	name, channel, _ := strings.Cut(s, "@")
	return params.Base{Name: name, Channel: channel + "/stable"}
}

func (m *model) instanceID(h *machine) string {
	return fmt.Sprintf("juju-%s-%s", m.uuid[len(m.uuid)-6:], strings.ReplaceAll(h.id, "/", "-"))
}

func (m *model) machineStatus(h *machine, s *session) params.MachineStatus {
	since := m.since
	out := params.MachineStatus{
		AgentStatus:        m.machineAgentStatus(h, s),
		InstanceStatus:     params.DetailedStatus{Status: cmp.Or(h.instance, "running"), Info: "Running", Since: &since, Data: map[string]any{}},
		ModificationStatus: params.DetailedStatus{Status: "applied", Since: &since, Data: map[string]any{}},
		Hostname:           m.instanceID(h),
		DNSName:            "127.0.0.1",
		IPAddresses:        []string{"127.0.0.1"},
		InstanceId:         instance.Id(m.instanceID(h)),
		Base:               baseOf(h.base),
		Id:                 h.id,
		NetworkInterfaces:  map[string]params.NetworkInterface{},
		Containers:         map[string]params.MachineStatus{},
		Hardware:           "arch=" + h.arch + " cores=2 mem=4096M",
		Jobs:               []coremodel.MachineJob{coremodel.JobHostUnits},
		LXDProfiles:        map[string]params.LXDProfile{},
	}
	for _, c := range h.containers {
		out.Containers[c.id] = m.machineStatus(c, s)
	}
	if own := m.serverOn(h); own != nil {
		out.Jobs = []coremodel.MachineJob{coremodel.JobHostUnits, coremodel.JobManageModel}
		// They are wishes: both stay for a dead member, as in Juju 3. Juju 4 has none.
		out.HasVote, out.WantsVote = !m.controller.version4(), !m.controller.version4()
		primary := own.index == m.controller.primary
		if len(m.controller.servers) > 1 && primary {
			out.PrimaryControllerMachine = &primary
		}
	}
	return out
}

// machineAgentStatus is what a server says of a machine's agent. While a controller
// upgrade is not complete, each server says that it is started and the others are down.
func (m *model) machineAgentStatus(h *machine, s *session) params.DetailedStatus {
	since := h.since
	out := params.DetailedStatus{Status: "started", Since: &since, Data: map[string]any{}, Version: h.version.String()}
	if m.controller.version().Major >= 4 {
		out.Version = "" // 4.1-beta2's status does not say
	}
	present := h.present
	if u := m.controller.upgrade; m.serverOn(h) != nil && u != nil && u.phase >= phaseWindow && s != nil && !m.controller.allThere(u) {
		own := h == s.server.machine()
		present = own
		if own {
			out.Info = upgradeProgress(s.server, u)
		}
	}
	switch {
	case h.starting:
		out.Status, out.Version = "pending", ""
	case h.fault.Kind == estate.AgentError:
		out.Status, out.Info = "error", cmp.Or(h.fault.Message, "simulated machine error")
	case h.upgradeError != "":
		out.Status, out.Info = "error", h.upgradeError
	case !present:
		out.Status, out.Info = "down", notCommunicating
	}
	return out
}

func upgradeProgress(s *server, u *upgrade) string {
	if s.index == s.controller.primary {
		return "database upgrade for " + u.target.String() + " completed"
	}
	return "confirmed primary database upgrade for " + u.target.String()
}

func (m *model) applicationStatus(app *application) params.ApplicationStatus {
	since := m.since
	url, rev := app.charmURL()
	out := params.ApplicationStatus{
		Charm:            url,
		CharmChannel:     app.charm.channel,
		CharmRev:         rev,
		Base:             baseOf(app.charm.base),
		ExposedEndpoints: map[string]params.ExposedEndpoint{},
		Life:             life.Value(""),
		Relations:        map[string][]string{},
		SubordinateTo:    []string{},
		Units:            map[string]params.UnitStatus{},
		MeterStatuses:    map[string]params.MeterStatus{},
		EndpointBindings: map[string]string{"": "alpha"},
		Status:           params.DetailedStatus{Status: "active", Since: &since, Data: map[string]any{}},
	}
	if m.onKubernetes() {
		app.asService(m, &out)
	}
	out.Relations["juju-info"] = append(out.Relations["juju-info"], app.spec.Subordinates...)
	if app.subordinate {
		out.SubordinateTo = app.principals
		out.Relations["general-info"] = app.principals
		out.Units = nil
	}
	if m.reaping {
		out.Err = &params.Error{Message: fmt.Sprintf("charm %q not found", url), Code: params.CodeNotFound}
	}
	for i, u := range app.units {
		us := m.unitStatus(u)
		us.Leader = i == 0
		out.Units[u.name] = us
		if shown := m.ofUnit(u, us.WorkloadStatus); shown.Status != "active" {
			out.Status = shown
		}
	}
	app.showPause(&out)
	return out
}

// charmURL is the charm of an application, and its revision.
func (app *application) charmURL() (string, int) {
	if app.charm.url != "" {
		return app.charm.url, app.charm.revision
	}
	charm := cmp.Or(app.spec.Charm, app.name)
	rev := cmp.Or(app.spec.Revision, 1)
	if strings.HasPrefix(charm, "local:") || strings.HasPrefix(charm, "cs:") {
		return fmt.Sprintf("%s-%d", charm, rev), rev
	}
	return fmt.Sprintf("ch:amd64/%s-%d", charm, rev), rev
}

func (m *model) unitStatus(u *unit) params.UnitStatus {
	since := u.since
	out := params.UnitStatus{
		AgentStatus:    params.DetailedStatus{Status: "idle", Since: &since, Data: map[string]any{}, Version: u.version.String()},
		WorkloadStatus: params.DetailedStatus{Status: "active", Since: &since, Data: map[string]any{}},
		PublicAddress:  "127.0.0.1",
		OpenedPorts:    []string{},
		Subordinates:   map[string]params.UnitStatus{},
	}
	if u.machine != nil {
		out.Machine = u.machine.id
	}
	if u.app.subordinate {
		out.Machine = ""
	}
	if m.onKubernetes() {
		m.inPod(u, &out)
	}
	m.showCharm(u, &out)
	if u.fault.Kind == estate.AgentError {
		out.WorkloadStatus.Status = "error"
		out.WorkloadStatus.Info = cmp.Or(u.fault.Message, `hook failed: "config-changed"`)
	}
	if action := m.running(u); action != "" {
		out.AgentStatus.Status, out.AgentStatus.Info = "executing", "running action "+action
	}
	if u.starting {
		out.AgentStatus.Status, out.AgentStatus.Version = "allocating", ""
		out.WorkloadStatus.Status, out.WorkloadStatus.Info = "waiting", m.awaited()
	} else if !u.present {
		out.AgentStatus.Status, out.AgentStatus.Info = "lost", notCommunicating
		if out.WorkloadStatus.Status != "error" {
			out.WorkloadStatus.Status = "unknown"
			out.WorkloadStatus.Info = fmt.Sprintf("agent lost, see 'juju show-status-log %s'", u.name)
		}
	}
	if u.machine != nil && m.onKubernetes() {
		m.showPod(u, &out)
	}
	for i, sub := range u.subordinates {
		us := m.unitStatus(sub)
		us.Leader = i == 0
		out.Subordinates[sub.name] = us
	}
	return out
}

// running is the action that a unit runs; empty when there is none.
func (m *model) running(u *unit) string {
	for _, a := range m.spec.Actions {
		if a.Unit == u.name && cmp.Or(a.Status, "running") == "running" {
			return a.Name
		}
	}
	return ""
}

func relationStatus(id int, principal, sub string) params.RelationStatus {
	return params.RelationStatus{
		Id:        id,
		Key:       sub + ":general-info " + principal + ":juju-info",
		Interface: "juju-info",
		Scope:     "container",
		Status:    params.DetailedStatus{Status: "joined", Data: map[string]any{}},
		Endpoints: []params.EndpointStatus{
			{ApplicationName: principal, Name: "juju-info", Role: "provider"},
			{ApplicationName: sub, Name: "general-info", Role: "requirer", Subordinate: true},
		},
	}
}
