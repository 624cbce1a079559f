package jujuapi

import "net/url"

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
