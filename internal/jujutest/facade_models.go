package jujutest

import (
	"time"

	"github.com/juju/names/v5"

	"github.com/juju/juju/core/life"
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
		Type:               m.kind(),
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
		Counts:             []params.ModelEntityCount{{Entity: params.Units, Count: units}},
	}
	if !m.onKubernetes() {
		sum.Counts = append([]params.ModelEntityCount{
			{Entity: params.Machines, Count: hosts}, {Entity: params.Cores, Count: hosts * 2},
		}, sum.Counts...)
	}
	if c.version4() && s.superuser() {
		sum.UserAccess = "" // 4.x does not say what a superuser may
	}
	return sum
}

func (m *model) userModel() params.UserModel {
	return params.UserModel{Model: params.Model{Name: m.name, UUID: m.uuid, Type: m.kind(), OwnerTag: userTag(m.owner)}}
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
		Type:                    m.kind(),
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
		SupportedFeatures:       m.supportedFeatures(),
	}
	if c.version4() {
		internal := c.internalBackend()
		internal.ID = ""
		info.SecretBackends = append(info.SecretBackends, internal)
	}
	if info.CloudCredentialTag == "" {
		info.CloudCredentialValidity = nil
	}
	if b := m.ownBackend(); b != nil {
		info.SecretBackends = append(info.SecretBackends, *b)
	}
	for _, b := range m.backends() {
		info.SecretBackends = append(info.SecretBackends, b.result(false))
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
			Type:             m.kind(),
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
