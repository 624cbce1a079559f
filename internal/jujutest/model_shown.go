package jujutest

import (
	"fmt"
	"time"

	"github.com/juju/version/v2"

	"github.com/juju/juju/core/status"
	"github.com/juju/juju/rpc/params"
)

// What a controller tells of a model.

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

func (c *controller) cloud() string     { return c.spec.CloudName() }
func (c *controller) cloudType() string { return c.spec.AllClouds()[0].Type }

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
	case !m.upgraded.IsZero():
		st.Info = fmt.Sprintf("upgraded on %q", m.upgraded.UTC().Format(time.RFC3339))
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
func (m *model) backends() []*backend {
	var list []*backend
	for _, id := range m.backendIDs {
		if b := m.controller.backendByID(id); b != nil {
			list = append(list, b)
		}
	}
	return list
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
		if s := m.serverOn(h); s != nil {
			info.HasVote, info.WantsVote = !m.controller.version4(), !m.controller.version4()
			primary := s.index == m.controller.primary
			info.HAPrimary = &primary
		}
		list = append(list, info)
	}
	return list
}
