package jujutest

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/juju/version/v2"

	"github.com/juju/juju/rpc/params"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujutest/estate"
)

func failf(format string, args ...any) *params.Error {
	return &params.Error{Message: fmt.Sprintf(format, args...)}
}

// sourceChecks are Juju's prechecks of a model that is to migrate, in their order.
// (migration/precheck.go SourcePrecheck)
func (m *model) sourceChecks() *params.Error {
	c := m.controller
	switch cred := m.credential(); {
	case m.life != "alive":
		return failf("model is %s", m.life)
	case m.importing:
		return failf("model is being imported as part of another migration")
	case cred != nil && cred.revoked:
		return failf("model has revoked credentials")
	case len(m.spec.Objections) > 0:
		lines := fmt.Sprintf("%q:\n- %s", m.fullName(), strings.Join(m.spec.Objections, "\n- "))
		return &params.Error{Code: params.CodeNotSupported, Message: "cannot migrate to controller due to issues:\n" + lines}
	}
	if failure := m.machineChecks(); failure != nil {
		return failure
	}
	for _, app := range m.apps {
		for _, u := range app.units {
			if failure := m.unitChecks(u); failure != nil {
				return failure
			}
		}
	}
	if failure := c.ownChecks(); failure != nil {
		failure.Message = "controller: " + failure.Message
		return failure
	}
	return nil
}

func (m *model) machineChecks() *params.Error {
	for _, h := range m.hosts() {
		st := m.machineAgentStatus(h, nil)
		switch {
		case h.instance != "" && h.instance != "running":
			return failf("machine %s not running (%s)", h.id, h.instance)
		case st.Status != "started" && m.controller.version4():
			return failf("pre-checking machine statuses for migration: model machines(s) are not ready for migration:\n"+
				"- machine %q status is not started", h.id)
		case st.Status != "started":
			return failf("machine %s agent not functioning at this time (%s)", h.id, st.Status)
		case h.version != m.version:
			return failf("machine %s agent binaries don't match model (%s != %s)", h.id, h.version, m.version)
		}
	}
	return nil
}

func (m *model) unitChecks(u *unit) *params.Error {
	st := m.unitStatus(u).AgentStatus
	switch {
	case !oneOf(st.Status, "idle", "executing"):
		return failf("unit %s not idle or executing (%s)", u.name, st.Status)
	case u.version != m.version && !m.onKubernetes():
		return failf("unit %s agent binaries don't match model (%s != %s)", u.name, u.version, m.version)
	case u.charm.url != u.app.charm.url:
		return failf("unit %s is upgrading", u.name)
	}
	for _, sub := range u.subordinates {
		if failure := m.unitChecks(sub); failure != nil {
			return failure
		}
	}
	return nil
}

// ownChecks are those of a controller itself.
func (c *controller) ownChecks() *params.Error {
	if c.upgrade != nil {
		return failf("upgrade in progress")
	}
	return c.model().machineChecks()
}

// minimum is the oldest version from which models may migrate to Juju 3, and oldest4
// the oldest controller from which they may to Juju 4. (upgrades/upgradevalidation;
// required facades)
var (
	minimum = version.MustParse("2.9.43")
	oldest4 = version.MustParse("3.6.11")
)

// targetChecks are the target's prechecks of a model of another controller.
// (migration/precheck.go TargetPrecheck)
func (c *controller) targetChecks(m *model) *params.Error {
	own, source := c.version(), m.controller.version()
	switch {
	case c.version4() && source.Compare(oldest4) < 0:
		return failf("Source controller does not support required facades for performing migration.\n"+
			"Upgrade the controller to a newer version of %d.%d, that is greater than %s or migrate to a controller\n"+
			"with an earlier version of the target controller and try again.\n", source.Major, source.Minor, source)
	case c.leaving(m.uuid):
		return failf("model is being migrated out of target controller")
	case own.Compare(m.version) < 0:
		return failf("model has higher version than target controller (%s > %s)", m.version, own)
	case source.Major > own.Major || source.Major == own.Major && source.Minor > own.Minor:
		return failf("source controller has higher version than target controller (%s > %s)", source, own)
	case m.version.Compare(minimum) < 0:
		return failf("model must be upgraded to at least version %s before being migrated to a controller with version %s", minimum, own)
	}
	if c.version4() {
		if failure := c.checks4(m); failure != nil {
			return failure
		}
	}
	if failure := c.ownChecks(); failure != nil {
		return failure
	}
	return c.clashes(m)
}

// leaving says that a model of that UUID is on its way out.
func (c *controller) leaving(uuid string) bool {
	m := c.byUUID[uuid]
	return m != nil && m.migration.active()
}

// clashes: a model that was left over by an import clashes by its name only.
func (c *controller) clashes(m *model) *params.Error {
	for _, other := range c.models {
		if other.uuid == m.uuid && !other.importing {
			return failf("model with same UUID already exists (%s)", m.uuid)
		}
		if other.fullName() == m.fullName() {
			return failf("model named %q already exists", m.name)
		}
	}
	return nil
}

// checks4 are those that Juju 4 has added.
func (c *controller) checks4(m *model) *params.Error {
	if c.cloudNamed(m.cloud) == nil {
		return failf("model's cloud %q not found on target controller", m.cloud)
	}
	if fan, _ := m.spec.Config["fan-config"].(string); fan != "" {
		return failf("fan networking not supported, remove fan-config %q from migrating model config", fan)
	}
	var bare []string
	for _, app := range m.apps {
		if app.spec.NoManifest {
			bare = append(bare, app.name)
		}
	}
	if len(bare) > 0 {
		return failf("all charms now require a manifest.yaml file, this model hosts charm(s) with no manifest.yaml file: %s", strings.Join(bare, ", "))
	}
	for _, h := range m.hosts() {
		if !oneOf(h.base, "ubuntu@20.04", "ubuntu@22.04", "ubuntu@24.04", "ubuntu@26.04") {
			return failf("unsupported base %q of machine %s", h.base, h.id)
		}
	}
	return nil
}

// userChecks compares who has access to the model with the users that the target
// shows to the account that asks.
func (m *model) userChecks(target *controller, as *user) *params.Error {
	var missing, external []string
	for _, u := range m.users {
		known := target.userNamed(u.name)
		switch {
		case strings.Contains(u.name, "@"):
			external = append(external, u.name)
		case known == nil, as.access != "superuser" && known != as:
			missing = append(missing, u.name)
		}
	}
	slices.Sort(missing)
	slices.Sort(external)
	if len(external) > 0 && m.controller.setting("identity-url") != target.setting("identity-url") {
		return failf("cannot initiate migration as external users have been granted access to the model\n"+
			"and the two controllers have different identity provider configurations. To resolve\n"+
			"this issue you can remove the following users from the current model:\n  - %s", strings.Join(external, "\n  - "))
	}
	if len(missing) > 0 {
		return failf("cannot initiate migration as the users granted access to the model do not exist\n"+
			"on the destination controller. To resolve this issue you can add the following\n"+
			"users to the destination controller or remove them from the current model:\n  - %s", strings.Join(missing, "\n  - "))
	}
	return nil
}

// cannotImport is what only the import itself finds, after the agents have quiesced.
// (state/migration_import.go) That it quotes credentials is Juju's own doing.
func (c *controller) cannotImport(m *model) string {
	if reason := c.lacksCloud(m); reason != "" {
		return reason
	}
	if c.userNamed(m.owner) == nil && !strings.Contains(m.owner, "@") {
		return fmt.Sprintf("granting admin permission to the owner: user %q is permanently deleted", m.owner)
	}
	for _, id := range m.backendIDs {
		if c.backendByID(id) == nil {
			return "secrets: target controller does not have all required secret backends set up"
		}
	}
	if reason := c.refusesPods(m); reason != "" {
		return reason
	}
	cred, have := m.credential(), c.credentials[m.credentialID()]
	switch {
	case cred == nil || have == nil:
		return ""
	case have.authType != cred.authType:
		return fmt.Sprintf("credential auth type mismatch: %q != %q", have.authType, cred.authType)
	case !maps.Equal(have.attributes, cred.attributes):
		return fmt.Sprintf("credential attribute mismatch: %v != %v", have.attributes, cred.attributes)
	case have.revoked:
		return fmt.Sprintf("credential %q is revoked", cred.id())
	}
	return ""
}

func (c *controller) lacksCloud(m *model) string {
	cloud := c.cloudNamed(m.cloud)
	switch {
	case cloud == nil:
		return fmt.Sprintf("cloud %q not found", m.cloud)
	case m.region != "" && !cloud.hasRegion(m.region):
		return fmt.Sprintf("region %q not found (expected one of %q)", m.region, cloud.regions())
	case m.region == "" && len(cloud.regions()) > 0:
		return "missing cloud region not valid"
	}
	return ""
}

// strangeInstances are the machines about which the model and its cloud disagree.
func (m *model) strangeInstances() int {
	if m.spec.Suspended {
		return 1 // the cloud refuses to tell
	}
	n := 0
	for _, h := range m.hosts() {
		if h.instance != "" && h.instance != "running" {
			n++
		}
	}
	return n
}

// means says whether a fault of migrations is one of this model.
func (f *fault) means(m *model) bool {
	return f.Model == "" || f.Model == m.fullName() || f.Model == m.name
}

// refusal is the fault that refuses a migration.
func (c *controller) refusal(m *model) *params.Error {
	f := c.faults.strike(func(f *fault) bool { return f.Kind == estate.FaultMigrationRefused && f.means(m) })
	if f == nil {
		return nil
	}
	text := f.Message
	if text == "" {
		text = "cleanup needed"
	}
	return &params.Error{Code: f.Code, Message: text}
}
