package jujutest

import (
	"cmp"
	"time"

	"github.com/juju/names/v5"

	"github.com/juju/juju/core/life"
	"github.com/juju/juju/core/status"
	"github.com/juju/juju/rpc/params"
)

func errPerm() error { return apiError(params.CodeUnauthorized, "permission denied") }

// asksAbout says whether the session may ask about that user: everybody about
// themselves, a superuser about all.
func (s *session) asksAbout(user string) error {
	tag, err := names.ParseUserTag(user)
	if err != nil {
		return apiError("", "%v", err)
	}
	if tag.Id() != s.user.name && !s.superuser() {
		return errPerm()
	}
	return nil
}

// listModelSummaries is ModelManager.ListModelSummaries.
func listModelSummaries(s *session, req params.ModelSummariesRequest) (params.ModelSummaryResults, error) {
	var out params.ModelSummaryResults
	if err := s.asksAbout(req.UserTag); err != nil {
		return out, err
	}
	for _, m := range s.controller().models {
		if s.may(m, "read") {
			out.Results = append(out.Results, params.ModelSummaryResult{Result: m.summary(s)})
		}
	}
	return out, nil
}

func (m *model) summary(s *session) *params.ModelSummary {
	c := m.controller
	v := m.version
	var units int64
	for _, app := range m.apps {
		units += int64(len(app.units))
	}
	hosts := int64(len(m.hosts()))
	sum := &params.ModelSummary{
		Name:               m.name,
		UUID:               m.uuid,
		Type:               "iaas",
		ControllerUUID:     c.uuid,
		IsController:       m.isController(),
		ProviderType:       c.cloudType(),
		DefaultSeries:      "jammy",
		CloudTag:           names.NewCloudTag(c.cloud()).String(),
		CloudRegion:        c.spec.Region,
		CloudCredentialTag: m.credentialTag(),
		OwnerTag:           userTag(m.owner),
		Life:               life.Value(m.life),
		Status:             m.status(),
		UserAccess:         params.UserAccessPermission(m.accessOf(s)),
		Migration:          m.migration(),
		SLA:                &params.ModelSLAInfo{Level: "unsupported"},
		AgentVersion:       &v,
		Counts: []params.ModelEntityCount{
			{Entity: params.Machines, Count: hosts},
			{Entity: params.Cores, Count: hosts * 2},
			{Entity: params.Units, Count: units},
		},
	}
	return sum
}

func (c *controller) cloud() string     { return cmp.Or(c.spec.Cloud, "lab") }
func (c *controller) cloudType() string { return cmp.Or(c.spec.CloudType, "lxd") }

func (m *model) credentialTag() string {
	return names.NewCloudCredentialTag(m.controller.cloud() + "/" + m.owner + "/default").String()
}

// status is the model's own.
func (m *model) status() params.EntityStatus {
	since := m.since
	st := params.EntityStatus{Status: status.Available, Since: &since}
	switch {
	case m.spec.Suspended:
		st.Status, st.Info = status.Suspended, "suspended since cloud credential is not valid"
	case m.life != "alive":
		st.Status = status.Destroying
	case m.spec.Migrating != "":
		st.Status, st.Info = status.Busy, "migrating: "+m.spec.Migrating
	case m.spec.Importing:
		st.Status, st.Info = status.Busy, "importing"
	case m.aborted != "":
		st.Info = m.aborted
	}
	return st
}

func (m *model) migration() *params.ModelMigrationStatus {
	if m.spec.Migrating == "" {
		return nil
	}
	start := m.since
	return &params.ModelMigrationStatus{Status: m.spec.Migrating, Start: &start}
}

func (m *model) userModel() params.UserModel {
	return params.UserModel{Model: params.Model{Name: m.name, UUID: m.uuid, Type: "iaas", OwnerTag: userTag(m.owner)}}
}

// listModels is ModelManager.ListModels.
func listModels(s *session, e params.Entity) (params.UserModelList, error) {
	var out params.UserModelList
	if err := s.asksAbout(e.Tag); err != nil {
		return out, err
	}
	for _, m := range s.controller().models {
		if s.may(m, "read") {
			out.UserModels = append(out.UserModels, m.userModel())
		}
	}
	return out, nil
}

// modelFor finds the model of a tag, if the user may see it.
func (s *session) modelFor(tag string) (*model, *params.Error) {
	t, err := names.ParseModelTag(tag)
	if err != nil {
		return nil, &params.Error{Message: err.Error()}
	}
	m := s.controller().byUUID[t.Id()]
	if m == nil {
		if s.superuser() {
			return nil, &params.Error{Message: "model not found", Code: params.CodeNotFound}
		}
		return nil, &params.Error{Message: "permission denied", Code: params.CodeUnauthorized}
	}
	if !s.may(m, "read") {
		return nil, &params.Error{Message: "permission denied", Code: params.CodeUnauthorized}
	}
	return m, nil
}

// modelInfo is ModelManager.ModelInfo.
func modelInfo(s *session, args params.Entities) (params.ModelInfoResults, error) {
	out := params.ModelInfoResults{Results: []params.ModelInfoResult{}}
	for _, e := range args.Entities {
		m, err := s.modelFor(e.Tag)
		if err != nil {
			out.Results = append(out.Results, params.ModelInfoResult{Error: err})
			continue
		}
		out.Results = append(out.Results, params.ModelInfoResult{Result: m.info(s)})
	}
	return out, nil
}

func (m *model) info(s *session) *params.ModelInfo {
	c := m.controller
	v := m.version
	valid := !m.spec.Suspended
	return &params.ModelInfo{
		Name:                    m.name,
		UUID:                    m.uuid,
		Type:                    "iaas",
		ControllerUUID:          c.uuid,
		IsController:            m.isController(),
		ProviderType:            c.cloudType(),
		DefaultBase:             m.base,
		CloudTag:                names.NewCloudTag(c.cloud()).String(),
		CloudRegion:             c.spec.Region,
		CloudCredentialTag:      m.credentialTag(),
		CloudCredentialValidity: &valid,
		OwnerTag:                userTag(m.owner),
		Life:                    life.Value(m.life),
		Status:                  m.status(),
		Users: []params.ModelUserInfo{{
			ModelTag: names.NewModelTag(m.uuid).String(),
			UserName: m.owner, DisplayName: m.owner, Access: "admin",
		}},
		Machines:       m.machineInfo(),
		SecretBackends: []params.SecretBackendResult{},
		Migration:      m.migration(),
		SLA:            &params.ModelSLAInfo{Level: "unsupported"},
		AgentVersion:   &v,
		SupportedFeatures: []params.SupportedFeature{
			{Name: "juju", Description: "the version of Juju used by the model", Version: m.version.String()},
		},
	}
}

// machineInfo lists machines and containers as ModelInfo and ModelStatus have them.
func (m *model) machineInfo() []params.ModelMachineInfo {
	list := []params.ModelMachineInfo{}
	cores := uint64(2)
	for _, h := range m.hosts() {
		st := m.machineAgentStatus(h, nil)
		info := params.ModelMachineInfo{
			Id:         h.id,
			InstanceId: m.instanceID(h),
			Status:     st.Status,
			Message:    st.Info,
			Hardware:   &params.MachineHardware{Arch: &h.arch, Cores: &cores},
		}
		if m.isController() {
			info.HasVote, info.WantsVote = true, true
			primary := h == m.machines[m.controller.primary]
			info.HAPrimary = &primary
		}
		list = append(list, info)
	}
	return list
}

// modelStatus is ModelStatus of Controller and ModelManager.
func modelStatus(s *session, args params.Entities) (params.ModelStatusResults, error) {
	out := params.ModelStatusResults{Results: []params.ModelStatus{}}
	for _, e := range args.Entities {
		m, err := s.modelFor(e.Tag)
		if err == nil && !s.may(m, "admin") {
			err = &params.Error{Message: "permission denied", Code: params.CodeUnauthorized}
		}
		if err != nil {
			out.Results = append(out.Results, params.ModelStatus{Error: err})
			continue
		}
		st := params.ModelStatus{
			ModelTag:         names.NewModelTag(m.uuid).String(),
			Life:             life.Value(m.life),
			Type:             "iaas",
			OwnerTag:         userTag(m.owner),
			ApplicationCount: len(m.apps),
			Machines:         m.machineInfo(),
		}
		for _, app := range m.apps {
			st.UnitCount += len(app.units)
			st.Applications = append(st.Applications, params.ModelApplicationInfo{Name: app.name})
		}
		if !m.isController() {
			st.HostedMachineCount = len(m.hosts())
		}
		out.Results = append(out.Results, st)
	}
	return out, nil
}

// modelGet is ModelConfig.ModelGet: of the controller model on a controller connection.
func modelGet(s *session) (params.ModelConfigResults, error) {
	m := s.model
	c := m.controller
	config := map[string]params.ConfigValue{}
	set := func(key string, value any, source string) {
		config[key] = params.ConfigValue{Value: value, Source: source}
	}
	set("name", m.name, "model")
	set("type", c.cloudType(), "model")
	set("uuid", m.uuid, "model")
	set("agent-version", m.version.String(), "model")
	set("agent-stream", m.stream, "default")
	set("agent-metadata-url", c.spec.MetadataURL, "default")
	set("default-base", "", "default")
	// Secrets that clients are shown here in Juju, too.
	set("cloudinit-userdata", "password: canary-userdata", "model")
	set("apt-https-proxy", "https://proxy:canary-proxy-password@proxy.example.com", "model")
	return params.ModelConfigResults{Config: config}, nil
}

// listBlocks is Block.List.
func listBlocks(s *session) (params.BlockResults, error) {
	var out params.BlockResults
	for i, b := range s.model.blocks {
		out.Results = append(out.Results, params.BlockResult{Result: params.Block{
			Id:   string(rune('0' + i)),
			Tag:  names.NewModelTag(s.model.uuid).String(),
			Type: b,
		}})
	}
	return out, nil
}

// listOperations is Action.ListOperations.
func listOperations(s *session, q params.OperationQueryArgs) (params.OperationResults, error) {
	var out params.OperationResults
	for i, a := range s.model.spec.Actions {
		state := cmp.Or(a.Status, "running")
		if len(q.Status) > 0 && !oneOf(state, q.Status...) || len(q.ActionNames) > 0 && !oneOf(a.Name, q.ActionNames...) {
			continue
		}
		started := s.model.since.UTC().Truncate(time.Second)
		id := string(rune('1' + i%9))
		out.Results = append(out.Results, params.OperationResult{
			OperationTag: names.NewOperationTag(id).String(),
			Summary:      a.Name + " run on unit-" + a.Unit,
			Enqueued:     started,
			Started:      started,
			Status:       state,
			Actions: []params.ActionResult{{
				Action: &params.Action{
					Tag:      names.NewActionTag(id).String(),
					Receiver: names.NewUnitTag(a.Unit).String(),
					Name:     a.Name,
				},
				Enqueued: started, Started: started, Status: state,
			}},
		})
	}
	return out, nil
}
