package jujutest

import (
	"cmp"
	"time"

	"github.com/juju/names/v5"
	"github.com/juju/version/v2"

	"github.com/juju/juju/core/life"
	"github.com/juju/juju/core/status"
	"github.com/juju/juju/rpc/params"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujutest/estate"
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
		if s.may(m, "read") && m.listed() {
			out.Results = append(out.Results, params.ModelSummaryResult{Result: m.summary(s)})
		}
	}
	return out, nil
}

func (m *model) summary(s *session) *params.ModelSummary {
	c := m.controller
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
		ProviderType:       m.cloudType,
		DefaultSeries:      "jammy",
		CloudTag:           names.NewCloudTag(m.cloud).String(),
		CloudRegion:        m.region,
		CloudCredentialTag: m.credentialTag(),
		OwnerTag:           userTag(m.owner),
		Life:               life.Value(m.life),
		Status:             m.status(),
		UserAccess:         params.UserAccessPermission(m.accessOf(s)),
		Migration:          m.migrationStatus(),
		SLA:                &params.ModelSLAInfo{Level: "unsupported"},
		AgentVersion:       m.shownVersion(),
		Counts: []params.ModelEntityCount{
			{Entity: params.Machines, Count: hosts},
			{Entity: params.Cores, Count: hosts * 2},
			{Entity: params.Units, Count: units},
		},
	}
	if c.version4() && s.superuser() {
		sum.UserAccess = "" // 4.x does not say what a superuser may
	}
	return sum
}

// shownVersion is nothing while the model is being removed.
func (m *model) shownVersion() *version.Number {
	if m.reaping {
		return nil
	}
	v := m.version
	return &v
}

// listed says whether lists of models have it: those of 3.x leave out what is being imported.
// So do those of Juju 4, if it comes from one, too.
func (m *model) listed() bool { return !m.importing || m.controller.version4() && !m.unseen }

func (c *controller) cloud() string     { return cmp.Or(c.spec.Cloud, "lab") }
func (c *controller) cloudType() string { return cmp.Or(c.spec.CloudType, "lxd") }

// status is the model's own.
func (m *model) status() params.EntityStatus {
	since := m.since
	st := params.EntityStatus{Status: status.Available, Since: &since}
	migrating := m.shownMigration()
	switch {
	case m.reaping:
		return params.EntityStatus{}
	case m.dropping && m.controller.version4():
		st.Status, st.Info = status.Busy, importing4
	case m.spec.Suspended:
		st.Status, st.Info = status.Suspended, "suspended since cloud credential is not valid"
	case m.life != "alive":
		st.Status = status.Destroying
	case migrating != nil && migrating.exporting:
		st.Status, st.Info = status.Busy, "migrating: "+migrating.status
	case migrating != nil && !migrating.end.IsZero():
		st.Info = "migrating: " + migrating.status
	case m.early:
	case m.importing && m.controller.version4():
		st.Status, st.Info = status.Busy, importing4
	case m.importing:
		st.Status, st.Info = status.Busy, "importing"
	case m.aborted != "":
		st.Info = m.aborted
	}
	return st
}

// importing4 is what Juju 4 says of a model that is being imported.
const importing4 = "the model is being migrated"

// shownMigration is the latest migration away from here, where its controller tells
// of it. One of Juju 4 tells of none.
func (m *model) shownMigration() *migration {
	if m.controller.version4() && m.spec.Migrating == "" {
		return nil
	}
	return m.migration
}

func (m *model) migrationStatus() *params.ModelMigrationStatus {
	g := m.shownMigration()
	if g == nil {
		return nil
	}
	start := g.start
	st := &params.ModelMigrationStatus{Status: g.status, Start: &start}
	if !g.end.IsZero() {
		end := g.end
		st.End = &end
	}
	return st
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
		if s.may(m, "read") && m.listed() {
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
	if m != nil && m.unseen && m.importing {
		m = nil
	}
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
		if m == nil {
			err = s.strayed(e.Tag, err)
		}
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
	valid := !m.spec.Suspended
	info := &params.ModelInfo{
		Name:                    m.name,
		UUID:                    m.uuid,
		Type:                    "iaas",
		ControllerUUID:          c.uuid,
		IsController:            m.isController(),
		ProviderType:            m.cloudType,
		DefaultBase:             m.base,
		CloudTag:                names.NewCloudTag(m.cloud).String(),
		CloudRegion:             m.region,
		CloudCredentialTag:      m.credentialTag(),
		CloudCredentialValidity: &valid,
		OwnerTag:                userTag(m.owner),
		Life:                    life.Value(m.life),
		Status:                  m.status(),
		Users:                   m.userInfo(s),
		Machines:                m.machineInfo(),
		Migration:               m.migrationStatus(),
		SLA:                     &params.ModelSLAInfo{Level: "unsupported"},
		AgentVersion:            m.shownVersion(),
		SupportedFeatures: []params.SupportedFeature{
			{Name: "juju", Description: "the version of Juju used by the model", Version: m.version.String()},
		},
	}
	if c.version4() {
		internal := c.internalBackend()
		internal.ID = ""
		info.SecretBackends = append(info.SecretBackends, internal)
	}
	if info.CloudCredentialTag == "" {
		info.CloudCredentialValidity = nil
	}
	for _, b := range m.backends() {
		info.SecretBackends = append(info.SecretBackends, backendResult(b))
	}
	if m.importing && c.version4() {
		moving := time.Now()
		info.Migration = &params.ModelMigrationStatus{Status: importing4, Start: &moving}
	}
	if m.early {
		info.Machines = []params.ModelMachineInfo{}
	}
	return info
}

// userInfo are the users of a model that the session may know of.
func (m *model) userInfo(s *session) []params.ModelUserInfo {
	list := []params.ModelUserInfo{}
	for _, u := range m.users {
		if m.reaping || m.dropping || !s.may(m, "admin") && u.name != s.user.name {
			continue
		}
		info := params.ModelUserInfo{UserName: u.name, Access: params.UserAccessPermission(u.access)}
		if known := m.controller.userNamed(u.name); known != nil {
			info.DisplayName = known.displayName
		}
		if !u.lastLogin.IsZero() {
			last := u.lastLogin
			info.LastConnection = &last
		}
		list = append(list, info)
	}
	return list
}

// backends are the secret backends that a model uses.
func (m *model) backends() []estate.SecretBackend {
	var list []estate.SecretBackend
	for _, id := range m.backendIDs {
		if b := m.controller.backendByID(id); b != nil {
			list = append(list, *b)
		}
	}
	return list
}

// strayed is what a controller says of a model that it does not have, or does not show.
func (s *session) strayed(tag string, failure *params.Error) *params.Error {
	t, err := names.ParseModelTag(tag)
	if err != nil {
		return failure
	}
	if s.controller().version4() {
		return &params.Error{Message: "model not found", Code: params.CodeNotFound}
	}
	if gone := s.controller().departed[t.Id()]; gone != nil && gone.users[s.user.name] {
		return gone.redirect(false)
	}
	return &params.Error{Message: "permission denied", Code: params.CodeUnauthorized}
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
	return params.ModelConfigResults{Config: s.model.config()}, nil
}

// config is a model's configuration.
func (m *model) config() map[string]params.ConfigValue {
	config := map[string]params.ConfigValue{}
	set := func(key string, value any, source string) {
		config[key] = params.ConfigValue{Value: value, Source: source}
	}
	set("name", m.name, "model")
	set("type", m.cloudType, "model")
	set("uuid", m.uuid, "model")
	set("agent-version", m.version.String(), "model")
	set("agent-stream", m.stream, "default")
	set("agent-metadata-url", m.controller.spec.MetadataURL, "default")
	set("default-base", "", "default")
	set("fan-config", "", "default")
	set("container-networking-method", "", "default")
	set("secret-backend", "auto", "default")
	if backends := m.backends(); len(backends) > 0 {
		set("secret-backend", backends[0].Name, "model")
	}
	// Secrets that clients are shown here in Juju, too.
	set("cloudinit-userdata", "password: canary-userdata", "model")
	set("apt-https-proxy", "https://proxy:canary-proxy-password@proxy.example.com", "model")
	for key, value := range m.spec.Config {
		set(key, value, "model")
	}
	return config
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
