package fleet

import (
	"strings"
	"time"
)

// Migration is the latest migration of a model away from a controller, as that
// controller tells it.
type Migration struct {
	// Status is Juju's text. It is for people; nothing is decided by it.
	Status string    `json:"status"`
	Start  time.Time `json:"start"`
	// End is when it ended, well or not; zero while it is under way.
	End time.Time `json:"end,omitzero"`
}

// Underway says that the migration has not ended. A nil Migration is none.
func (m *Migration) Underway() bool { return m != nil && m.End.IsZero() }

// Importing says that the model is not yet, or not any more, a model that works
// here: Juju calls it busy while it is being imported.
func (m *Model) Importing() bool {
	return m.Condition.Status == "busy" && !m.LastMigration.Underway()
}

// Holdings are what a controller has besides its models. They are read only where
// models are to move from or to it.
type Holdings struct {
	Users []User `json:"users,omitempty"`
	// IdentityURL is where the controller's external users log in; empty when it
	// has none.
	IdentityURL    string          `json:"identity-url,omitempty"`
	Clouds         []Cloud         `json:"clouds,omitempty"`
	SecretBackends []SecretBackend `json:"secret-backends,omitempty"`
	// Items are what could be given to another controller.
	Items []Holding `json:"items,omitempty"`
	// UnreadItems are the kinds of them that the controller does not tell.
	UnreadItems []ItemKind `json:"unread-items,omitempty"`
	// HA is nil where the controller does not tell it.
	HA *HA `json:"ha,omitempty"`
	// AgentRate is how fast agents may log in at each server of the controller.
	AgentRate AgentRate `json:"agent-rate"`
	// MigrationWait is how long a migration away from this controller waits for
	// its agents in each phase.
	MigrationWait time.Duration `json:"migration-wait,omitempty"`
}

// User returns the user of that name, or nil.
func (h *Holdings) User(name string) *User {
	for i := range h.Users {
		if h.Users[i].Name == name {
			return &h.Users[i]
		}
	}
	return nil
}

// Cloud returns the cloud of that name, or nil.
func (h *Holdings) Cloud(name string) *Cloud {
	for i := range h.Clouds {
		if h.Clouds[i].Name == name {
			return &h.Clouds[i]
		}
	}
	return nil
}

// User is a user of a controller.
type User struct {
	// Name is "alice", or "bob@domain" for one whose identity is kept elsewhere.
	Name        string `json:"name"`
	DisplayName string `json:"display-name,omitempty"`
	// Access is what the user may do with the controller itself.
	Access   string `json:"access,omitempty"`
	Disabled bool   `json:"disabled,omitempty"`
	// LastLogin is when the user was last seen; zero when never.
	LastLogin time.Time `json:"last-login,omitzero"`
}

// LocalUser says whether the identity of the user of that name is kept by the
// controller itself.
func LocalUser(name string) bool { return !strings.Contains(name, "@") }

// Cloud is a cloud of a controller.
type Cloud struct {
	Name    string   `json:"name"`
	Type    string   `json:"type,omitempty"`
	Regions []string `json:"regions,omitempty"`
}

// SecretBackend is where a controller lets models keep their secrets.
type SecretBackend struct {
	// ID is what tells it apart on every controller; names are for people.
	ID   string `json:"id"`
	Name string `json:"name"`
	Type string `json:"type,omitempty"`
}

// AgentRate is a bucket of logins: Burst at once, then one each Interval.
type AgentRate struct {
	Burst    int           `json:"burst"`
	Interval time.Duration `json:"interval"`
}

// ValidationTime is for how long an agent tries to log in at the controller that
// its model moves to. One that was refused all the time does not report, and the
// migration is aborted.
// Source: Juju internal/worker/migrationminion/worker.go retryMaxDuration.
const ValidationTime = 5 * time.Minute

// Within is how many agents are let in within the time, by that many servers;
// 0 when there is no limit.
func (r AgentRate) Within(d time.Duration, servers int) int {
	if r.Interval <= 0 {
		return 0
	}
	return (r.Burst + int(d/r.Interval)) * max(1, servers)
}

// Belongings are what a model would bring along to another controller, compared
// with what that one has.
type Belongings struct {
	// Owner is the user who owns the model.
	Owner string `json:"owner"`
	// Users are those with access to it.
	Users []ModelUser `json:"users,omitempty"`
	// Credential is the cloud credential in use; its name is empty when the model
	// has none.
	Credential Credential `json:"credential"`
	// Clash is how the target's credential of the same cloud, owner and name
	// differs; nil when the target has none such, or an equal one.
	Clash *Clash `json:"credential-clash,omitempty"`
	// SecretBackends are the IDs of the backends that the model uses, without
	// those that Juju has built in.
	SecretBackends []string `json:"secret-backends,omitempty"`
	// FanConfig and NetworkingMethod are the model's fan-config and
	// container-networking-method.
	FanConfig        string `json:"fan-config,omitempty"`
	NetworkingMethod string `json:"container-networking-method,omitempty"`
	// Importing says that the target has a model of this UUID that is being
	// imported there, or was left over by an import that failed. (Lists of models
	// leave it out.)
	Importing bool `json:"importing-on-target,omitempty"`
	// Charms are those of its applications; read only where the target wants
	// something of them.
	Charms []Charm `json:"charms,omitempty"`
}

// ModelUser is a user with access to a model.
type ModelUser struct {
	Name   string `json:"name"`
	Access string `json:"access,omitempty"`
}

// Credential names a cloud credential, and never says what is in it.
type Credential struct {
	Cloud string `json:"cloud,omitempty"`
	Owner string `json:"owner,omitempty"`
	Name  string `json:"name,omitempty"`
	// Invalid says that the source knows that its cloud refuses it.
	Invalid bool `json:"invalid,omitempty"`
}

// String is the credential as juju's commands show it: cloud/owner/name.
func (c Credential) String() string { return c.Cloud + "/" + c.Owner + "/" + c.Name }

// Clash tells how two credentials of one name differ, without their values.
type Clash struct {
	// Hidden says that the target does not show the other one to this user, so
	// that they could not be compared.
	Hidden bool `json:"hidden,omitempty"`
	// AuthTypes says that they are of different auth types.
	AuthTypes bool `json:"auth-types,omitempty"`
	// Attributes are the names of those that differ or are on one side only.
	Attributes []string `json:"attributes,omitempty"`
}

// Charm is the charm of an application.
type Charm struct {
	Application string `json:"application"`
	// URL is Juju's: "ch:amd64/tiny-4", "local:tiny-0".
	URL string `json:"url"`
	// Manifest says that the charm tells which bases it is for.
	Manifest bool `json:"manifest,omitempty"`
}

// FromStore says that the charm came from Charmhub.
func (c Charm) FromStore() bool { return strings.HasPrefix(c.URL, "ch:") }

// Offer is an application endpoint that a model offers to others.
type Offer struct {
	Name        string `json:"name"`
	Application string `json:"application,omitempty"`
	// Connected counts the relations that are joined, Total all of them.
	Connected int `json:"connected"`
	Total     int `json:"total"`
}

// Remote is an application of another model that this one consumes (a SAAS).
type Remote struct {
	Name string `json:"name"`
	// OfferURL is Juju's: "[controller:]owner/model.offer".
	OfferURL string    `json:"offer-url"`
	Status   Condition `json:"status"`
}

// OfferedBy returns the controller (empty for the consumer's own) and the model
// ("owner/name") that the remote application is of.
func (r Remote) OfferedBy() (controller, model string) {
	rest := r.OfferURL
	if before, after, ok := strings.Cut(rest, ":"); ok {
		controller, rest = before, after
	}
	if i := strings.LastIndex(rest, "."); i >= 0 {
		rest = rest[:i]
	}
	return controller, rest
}

// Connected tells which of a model's agents are connected to the controller that
// shows them, whatever their version: Arrived.There counts them, Missing are
// those that are down or lost there. Agents named in absent are exempt.
func Connected(status ModelStatus, absent ...string) Arrived {
	exempt := set(absent)
	var out Arrived
	for _, agent := range status.Agents {
		switch {
		case !agent.Gone():
			out.There++
		case exempt[agent.String()]:
			out.Absent = append(out.Absent, agent)
		default:
			out.Missing = append(out.Missing, agent)
		}
	}
	out.Awaited = out.There + len(out.Missing)
	return out
}

// Secret is a text that no log, journal or screen may show by accident.
type Secret string

// String hides it.
func (Secret) String() string { return "(secret)" }

// GoString hides it.
func (Secret) GoString() string { return "(secret)" }

// MarshalText hides it.
func (Secret) MarshalText() ([]byte, error) { return []byte("(secret)"), nil }

// Reveal is for the one place that the secret is for.
func (s Secret) Reveal() string { return string(s) }
