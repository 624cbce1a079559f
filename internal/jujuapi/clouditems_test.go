package jujuapi

import (
	"testing"

	"github.com/juju/juju/rpc/params"
)

func TestACloudIsTheSameWhereverItIsKept(t *testing.T) {
	s := &Session{salt: newSalt()}
	digest := func(c params.Cloud) string {
		return s.cloudItems(map[string]params.Cloud{"c": c})[0].Digest
	}
	region := func(name, endpoint string) params.CloudRegion {
		return params.CloudRegion{Name: name, Endpoint: endpoint}
	}
	stack := params.Cloud{
		Type: "openstack", AuthTypes: []string{"a", "b"}, Endpoint: "https://e", CACertificates: []string{"1", "2"},
		Regions: []params.CloudRegion{region("r1", "https://e"), region("r2", "https://f")},
	}
	for what, pair := range map[string][2]params.Cloud{
		"other order": {stack, {
			Type: "openstack", AuthTypes: []string{"b", "a"}, Endpoint: "https://e", CACertificates: []string{"2", "1"},
			Regions: []params.CloudRegion{region("r2", "https://f"), region("r1", "")}, IsControllerCloud: true,
		}},
		"the region that a controller adds": {
			{Type: "lxd", AuthTypes: []string{"certificate"}, Endpoint: "e"},
			{Type: "lxd", AuthTypes: []string{"certificate"}, Endpoint: "e", Regions: []params.CloudRegion{region("default", "")}},
		},
		"the cloud that a cluster is in, of which only clients know": {
			{Type: "kubernetes", AuthTypes: []string{"oauth2"}, Endpoint: "e", HostCloudRegion: "aws/eu"},
			{Type: "kubernetes", AuthTypes: []string{"oauth2"}, Endpoint: "e"},
		},
		"the machine that it was made on": {
			{Type: "manual", AuthTypes: []string{"empty"}, Endpoint: "10.0.0.1", Regions: []params.CloudRegion{region("default", "10.0.0.1")}},
			{Type: "unmanaged", Endpoint: "10.0.0.2"},
		},
	} {
		if digest(pair[0]) != digest(pair[1]) {
			t.Errorf("%s: not the same", what)
		}
	}
	for what, change := range map[string]func(*params.Cloud){
		"type":        func(c *params.Cloud) { c.Type = "maas" },
		"endpoint":    func(c *params.Cloud) { c.Endpoint = "https://x" },
		"identity":    func(c *params.Cloud) { c.IdentityEndpoint = "https://x" },
		"storage":     func(c *params.Cloud) { c.StorageEndpoint = "https://x" },
		"auth types":  func(c *params.Cloud) { c.AuthTypes = []string{"a"} },
		"certificate": func(c *params.Cloud) { c.CACertificates = []string{"1"} },
		"TLS":         func(c *params.Cloud) { c.SkipTLSVerify = true },
		"region":      func(c *params.Cloud) { c.Regions = c.Regions[:1] },
		"its address": func(c *params.Cloud) {
			c.Regions = []params.CloudRegion{region("r1", "https://x"), region("r2", "https://f")}
		},
	} {
		other := stack
		if change(&other); digest(stack) == digest(other) {
			t.Errorf("another %s is the same", what)
		}
	}
}

func TestADigestIsGoodForOneSessionOnly(t *testing.T) {
	one, other := &Session{salt: newSalt()}, &Session{salt: newSalt()}
	if one.digest("password") == other.digest("password") {
		t.Error("whoever sees it can try passwords")
	}
	again := "password"
	if one.digest("password") != one.digest(again) || one.digest("a") == one.digest("b") {
		t.Error("it compares nothing")
	}
}
