package jujutest

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/juju/names/v5"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujutest/estate"
)

// credential is a cloud credential of a controller.
type credential struct {
	cloud, owner, name, authType string
	attributes                   map[string]string
	revoked                      bool
}

func (c credential) id() string { return c.cloud + "/" + c.owner + "/" + c.name }

// addHoldings makes what a controller has besides users and models.
func (w *World) addHoldings(c *controller) error {
	if err := w.addClouds(c); err != nil {
		return err
	}
	w.addBackends(c)
	if err := c.configure(c.spec.Config); err != nil {
		return err
	}
	for _, spec := range c.spec.Credentials {
		w.addCredential(c, credential{
			cloud:      cmp.Or(spec.Cloud, c.cloud()),
			owner:      cmp.Or(spec.Owner, c.user.name),
			name:       cmp.Or(spec.Name, "default"),
			authType:   spec.AuthType,
			attributes: spec.Attributes,
			revoked:    spec.Revoked,
		})
	}
	return nil
}

// addCredential adds a credential, which is made up as far as it is empty: the same
// on each controller. It returns the one that is there, if there is one.
func (w *World) addCredential(c *controller, cred credential) *credential {
	if have := c.credentials[cred.id()]; have != nil {
		return have
	}
	cred.authType = cmp.Or(cred.authType, "userpass")
	if len(cred.attributes) == 0 {
		cred.attributes = map[string]string{
			"username": cred.owner, "password": "canary-credential-" + strings.ReplaceAll(cred.id(), "/", "-"),
		}
	}
	for name, value := range cred.attributes {
		if secretAttribute(name) {
			w.secrets = append(w.secrets, value)
		}
	}
	c.credentials[cred.id()] = &cred
	return &cred
}

// secretAttribute says whether Juju hides an attribute of a credential.
func secretAttribute(name string) bool {
	return slices.ContainsFunc([]string{"password", "secret", "key", "token"}, func(s string) bool { return strings.Contains(strings.ToLower(name), s) })
}

// setting is a value of the controller's configuration.
func (c *controller) setting(key string) string {
	value, _ := c.config[key].(string)
	return value
}

// place puts a model on a cloud.
func (m *model) place(spec estate.Model) error {
	c := m.controller
	m.cloud = cmp.Or(spec.Cloud, c.cloud())
	cloud := c.cloudNamed(m.cloud)
	if cloud == nil {
		return fmt.Errorf("controller %q has no cloud %q", c.name, m.cloud)
	}
	m.cloudType, m.region = cloud.shown.Type, spec.Region
	if regions := cloud.regions(); m.region == "" && len(regions) > 0 {
		m.region = regions[0]
	}
	return nil
}

// credential is the model's own, as its controller has it.
func (m *model) credential() *credential {
	if m.credentialTag() == "" {
		return nil
	}
	return m.controller.credentials[m.credentialID()]
}

func (m *model) credentialID() string {
	owner, name := m.owner, "default"
	if m.spec.Credential != "" {
		owner, name, _ = strings.Cut(m.spec.Credential, "/")
	}
	return m.cloud + "/" + owner + "/" + name
}

// credentialTag is empty on a cloud that needs none.
func (m *model) credentialTag() string {
	if oneOf(m.cloudType, "manual", "unmanaged") {
		return ""
	}
	return names.NewCloudCredentialTag(m.credentialID()).String()
}

// giveCredential makes the credential that a model uses, unless it is there.
func (w *World) giveCredential(m *model) {
	if m.credentialTag() == "" {
		return
	}
	part := strings.Split(m.credentialID(), "/")
	w.addCredential(m.controller, credential{cloud: part[0], owner: part[1], name: part[2]})
}
