package jujuapi

import "testing"

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
