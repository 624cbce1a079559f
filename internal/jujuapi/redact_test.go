package jujuapi

import "testing"

func TestNoPasswordInAnAddressThatAnErrorQuotesIsShown(t *testing.T) {
	const said = `cannot access URL "https://bob:pa%zz@streams.example/index": 503; see http://other/@x`
	if got, want := scrub(said), `cannot access URL "https://streams.example/index": 503; see http://other/@x`; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

func TestNoPasswordInAnAddressIsShown(t *testing.T) {
	for address, want := range map[string]string{
		"": "",
		"https://streams.canonical.com/juju/tools":     "https://streams.canonical.com/juju/tools",
		"https://user:canary@host:8443/tools?t=canary": "https://host:8443/tools",
		"https://canary@host/#canary":                  "https://host/",
		"file:///srv/tools":                            "file:///srv/tools",
		"https://user:canary%zz@host":                  "(not a URL)",
	} {
		if got := withoutSecrets(address); got != want {
			t.Errorf("%q is shown as %q, want %q", address, got, want)
		}
	}
}

func TestNoCredentialThatAnErrorQuotesIsShown(t *testing.T) {
	const said = "aborted: credential attribute mismatch: map[key:canary [x]\ncanary] != map[key:canary]"
	if got, want := scrub(said), "aborted: credential attribute mismatch: (values are not shown)"; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	const other = "cannot read roadmap[1]"
	if got := scrub(other); got != other {
		t.Errorf("got %s", got)
	}
}
