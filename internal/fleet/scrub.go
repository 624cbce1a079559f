package fleet

import "regexp"

// userInfo is the user and password of a URL in the middle of a text.
var userInfo = regexp.MustCompile(`://[^/\s@"']*@`)

// attributes are those of a credential, as Go shows a map, and all that follows:
// where the values end cannot be told.
var attributes = regexp.MustCompile(`(?s)\bmap\[.*`)

// Scrub removes what may be secret from a text of Juju's, or of a program of Juju's:
// its errors quote the addresses that it could not read, with users and passwords, and
// the attributes of credentials that are not the same. (state/migration_import.go
// "credential attribute mismatch: %v != %v")
func Scrub(text string) string {
	return attributes.ReplaceAllString(userInfo.ReplaceAllString(text, "://"), "(values are not shown)")
}

// cutShort is what may be the beginning of a URL's user and password, where a text was
// cut off.
var cutShort = regexp.MustCompile(`://[^/\s@"']*$`)

// ScrubBeginning does the same for the beginning of a text, of which more may follow.
func ScrubBeginning(text string) string { return cutShort.ReplaceAllString(Scrub(text), "://…") }
