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

// attributes are those of a credential, as Go shows a map, and all that follows:
// where the values end cannot be told.
var attributes = regexp.MustCompile(`(?s)\bmap\[.*`)

// scrub removes what may be secret from a text of Juju's: its errors quote the
// addresses that it could not read, with users and passwords, and the attributes of
// credentials that are not the same. (state/migration_import.go "credential attribute
// mismatch: %v != %v")
func scrub(text string) string {
	return attributes.ReplaceAllString(userInfo.ReplaceAllString(text, "://"), "(values are not shown)")
}
