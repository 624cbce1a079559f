package jujuapi

import (
	"net/url"
	"regexp"
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

// userInfo is the user and password of a URL in the middle of a text.
var userInfo = regexp.MustCompile(`://[^/\s@"']*@`)

// scrub removes users and passwords of URLs from a text of Juju's: its errors
// quote the addresses that it could not read.
func scrub(text string) string { return userInfo.ReplaceAllString(text, "://") }
