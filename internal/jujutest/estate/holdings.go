package estate

import (
	"cmp"
	"crypto/sha1"
	"encoding/hex"
	"strings"
	"time"
)

// User is a user of a controller.
type User struct {
	// Name is "alice", or "bob@domain" for one whose identity is kept elsewhere.
	Name        string `yaml:"name"`
	DisplayName string `yaml:"display-name,omitempty"`
	// Access is superuser, add-model or login (the default).
	Access string `yaml:"access,omitempty"`
	// Password is made up if it is empty.
	Password string `yaml:"password,omitempty"`
	Disabled bool   `yaml:"disabled,omitempty"`
	// LastConnection is how long ago the user was last seen; never if it is zero.
	LastConnection time.Duration `yaml:"last-connection,omitempty"`
}

// ModelUser is a user with access to a model.
type ModelUser struct {
	Name string `yaml:"name"`
	// Access is admin, write or read (the default).
	Access string `yaml:"access,omitempty"`
}

// Credential is a cloud credential of a controller.
type Credential struct {
	// Cloud and Owner are the controller's if empty, Name is "default".
	Cloud string `yaml:"cloud,omitempty"`
	Owner string `yaml:"owner,omitempty"`
	Name  string `yaml:"name,omitempty"`
	// AuthType is userpass if empty. Attributes are made up if there are none.
	AuthType   string            `yaml:"auth-type,omitempty"`
	Attributes map[string]string `yaml:"attributes,omitempty"`
	// Revoked says that the controller will not use it any more.
	Revoked bool `yaml:"revoked,omitempty"`
}

// SecretBackend is where a controller lets models keep their secrets.
type SecretBackend struct {
	Name string `yaml:"name"`
	// Type is vault if empty.
	Type string `yaml:"type,omitempty"`
	// ID is made from the name if it is empty, so that it is the same everywhere.
	ID string `yaml:"id,omitempty"`
	// Config is made up if it is empty: an endpoint, and a token, which is a secret.
	Config map[string]any `yaml:"config,omitempty"`
	// Rotate is how often its token is to be renewed; never if it is zero.
	Rotate time.Duration `yaml:"token-rotate-interval,omitempty"`
}

// BackendID is the backend's ID.
func (b SecretBackend) BackendID() string {
	h := sha1.Sum([]byte("secret backend " + b.Name))
	return cmp.Or(b.ID, hex.EncodeToString(h[:12]))
}

// Offer is an application endpoint that a model offers.
type Offer struct {
	Name string `yaml:"name"`
	// Application is the name if it is empty, Endpoint is "db".
	Application string `yaml:"application,omitempty"`
	Endpoint    string `yaml:"endpoint,omitempty"`
}

// Remote is an application of another model that a model consumes.
type Remote struct {
	Name string `yaml:"name"`
	// URL is [CONTROLLER:]OWNER/MODEL.OFFER.
	URL string `yaml:"url"`
	// Status is active if empty.
	Status string `yaml:"status,omitempty"`
}

// holdings checks what a controller has besides models.
func (v *validator) holdings(path []any, c Controller) {
	seen := map[string]bool{}
	for i, u := range c.Users {
		p := at(path, "users", i)
		if !userName.MatchString(u.Name) {
			v.fail(at(p, "name"), "%q is not a user name", u.Name)
		}
		if seen[u.Name] {
			v.fail(at(p, "name"), "user %q is there twice", u.Name)
		}
		seen[u.Name] = true
		v.choice(at(p, "access"), u.Access, "superuser", "login", "add-model")
		if u.LastConnection < 0 {
			v.fail(at(p, "last-connection"), "%v: want how long ago it was", u.LastConnection)
		}
	}
	v.clouds(path, c)
	for i, cred := range c.Credentials {
		p := at(path, "credentials", i)
		if cred.Cloud != "" && !cloudName.MatchString(cred.Cloud) {
			v.fail(at(p, "cloud"), "%q is not a cloud name", cred.Cloud)
		}
		if cred.Owner != "" && !userName.MatchString(cred.Owner) {
			v.fail(at(p, "owner"), "%q is not a user name", cred.Owner)
		}
		if cred.Name != "" && !credentialName.MatchString(cred.Name) {
			v.fail(at(p, "name"), "%q is not a credential name", cred.Name)
		}
	}
	for i, b := range c.SecretBackends {
		if b.Name == "" || b.Name == "internal" {
			v.fail(at(path, "secret-backends", i, "name"), "%q is not a name for a secret backend", b.Name)
		}
	}
}

// owned checks the name of a credential together with its owner's.
func (v *validator) owned(path []any, credential string) {
	owner, name, ok := strings.Cut(credential, "/")
	if credential != "" && (!ok || !userName.MatchString(owner) || !credentialName.MatchString(name)) {
		v.fail(path, "%q: want OWNER/NAME", credential)
	}
}

// belongings checks what a model brings along to another controller.
func (v *validator) belongings(path []any, c Controller, m Model) {
	for i, u := range m.Users {
		if !userName.MatchString(u.Name) {
			v.fail(at(path, "users", i, "name"), "%q is not a user name", u.Name)
		}
		v.choice(at(path, "users", i, "access"), u.Access, "admin", "write", "read")
	}
	if m.Cloud != "" && !cloudName.MatchString(m.Cloud) {
		v.fail(at(path, "cloud"), "%q is not a cloud name", m.Cloud)
	}
	v.owned(at(path, "credential"), m.Credential)
	known := map[string]bool{}
	for _, b := range c.SecretBackends {
		known[b.Name] = true
	}
	for i, name := range m.SecretBackends {
		if !known[name] {
			v.fail(at(path, "secret-backends", i), "there is no secret backend %q", name)
		}
	}
	for i, o := range m.Offers {
		if !applicationName.MatchString(o.Name) || o.Application != "" && !applicationName.MatchString(o.Application) {
			v.fail(at(path, "offers", i), "%q is not an offer of an application", o.Name)
		}
	}
	for i, r := range m.Remotes {
		rest := r.URL[strings.Index(r.URL, ":")+1:]
		owner, offer, ok := strings.Cut(rest, "/")
		model, name, dotted := strings.Cut(offer, ".")
		if !applicationName.MatchString(r.Name) || !ok || !dotted || !userName.MatchString(owner) ||
			!modelName.MatchString(model) || !applicationName.MatchString(name) {
			v.fail(at(path, "saas", i), "%q: want a name and a url [CONTROLLER:]OWNER/MODEL.OFFER", r.URL)
		}
	}
}
