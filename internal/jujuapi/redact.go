package jujuapi

import (
	"net/url"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// withoutSecrets is a URL for people: without what may be a password or a token
// in it. What is no URL is not shown.
func withoutSecrets(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return "(not a URL)"
	}
	u.User, u.RawQuery, u.Fragment = nil, "", ""
	return u.String()
}

// scrub is a text of Juju's without what may be secret.
func scrub(text string) string { return fleet.Scrub(text) }
