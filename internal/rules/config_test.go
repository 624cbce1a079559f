package rules

import (
	"testing"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

func TestWhenAKeyCanBeSetIsKnownForEachVersion(t *testing.T) {
	const none, boot, set = "unknown", "bootstrap", "set"
	for key, want := range map[string][3]string{ // 3.5.4, 3.6.11, 4.1.0
		"audit-log-max-size":             {set, set, set},
		"agent-ratelimit-max":            {set, set, set},
		"api-port":                       {boot, boot, boot},
		"api-port-open-delay":            {set, set, none},
		"model-logs-size":                {set, set, none},
		"mongo-memory-profile":           {set, set, none},
		"juju-ha-space":                  {set, set, none},
		"juju-mgmt-space":                {set, set, set},
		"ssh-max-concurrent-connections": {none, set, set},
		"ssh-server-port":                {none, boot, boot},
		"dqlite-busy-timeout":            {none, none, set},
		"idle-connection-timeout":        {none, none, set},
		"set-numa-control-policy":        {boot, boot, boot},
		"max-txn-log-size":               {boot, boot, boot},
		"metering-url":                   {boot, boot, none},
		"system-ssh-keys":                {none, none, boot},
		"identity-url":                   {boot, boot, boot},
		"nobody-knows":                   {none, none, none},
	} {
		for i, at := range []string{"3.5.4", "3.6.11", "4.1.0"} {
			got := none
			switch {
			case SettableConfig(v(at), key):
				got = set
			case KnownConfig(v(at), key):
				got = boot
			}
			if got != want[i] {
				t.Errorf("%s at %s: %s, want %s", key, at, got, want[i])
			}
		}
	}
}

func TestEveryKeyIsOfSomeVersionAndNoneIsCarriedOverAgainstItself(t *testing.T) {
	for key, row := range config {
		if row.v3 == unknown && row.v4 == unknown {
			t.Errorf("no version has %s", key)
		}
		for _, at := range []string{"2.9.52", "3.5.4", "3.6.11", "4.0.4", "4.1.0"} {
			h := fleet.Holding{Item: fleet.Item{Kind: fleet.ConfigItem, Name: key}}
			ways := 0
			for _, carried := range []bool{BootstrapConfig(v(at), key), Clonable(h, v(at))} {
				if carried {
					ways++
				}
			}
			if ways > 0 && (OwnConfig(key) || !KnownConfig(v(at), key)) || ways > 1 {
				t.Errorf("%s at %s: carried over in %d ways", key, at, ways)
			}
		}
	}
}

func TestAControllersOwnValuesStayItsOwn(t *testing.T) {
	for _, key := range []string{
		"controller-uuid", "controller-name", "ca-cert", "identity-url", "identity-public-key", "autocert-dns-name", "autocert-url",
		"public-dns-address", "juju-ha-space", "juju-mgmt-space", "caas-image-repo", "controller-api-port", "ssh-server-port", "system-ssh-keys",
	} {
		if !OwnConfig(key) {
			t.Errorf("%s could be carried over", key)
		}
	}
	for _, key := range []string{"api-port", "allow-model-access", "login-token-refresh-url", "set-numa-control-policy", "max-txn-log-size"} {
		if !BootstrapConfig(v("3.6.11"), key) {
			t.Errorf("%s is not carried over to a controller that is made", key)
		}
	}
}

func chosen(name, digest string, preset bool) fleet.Holding {
	return fleet.Holding{Item: fleet.Item{Kind: fleet.ConfigItem, Name: name}, Digest: digest, Preset: preset}
}

func TestWhatATargetLacksIsGivenAndWhatSomebodyChoseThereIsNot(t *testing.T) {
	here := chosen("audit-log-max-size", "one", false)
	for name, test := range map[string]struct {
		there          []fleet.Holding
		lacks, differs bool
	}{
		"nothing":            {nil, true, false},
		"as Juju makes it":   {[]fleet.Holding{chosen("audit-log-max-size", "two", true)}, true, false},
		"the same by chance": {[]fleet.Holding{chosen("audit-log-max-size", "one", true)}, false, false},
		"the same":           {[]fleet.Holding{chosen("audit-log-max-size", "one", false)}, false, false},
		"something else":     {[]fleet.Holding{chosen("audit-log-max-size", "two", false)}, false, true},
	} {
		target := &fleet.Controller{Version: v("3.6.11"), Holdings: &fleet.Holdings{Items: test.there}}
		if Lacks(target, here) != test.lacks || Differs(target, here) != test.differs {
			t.Errorf("%s: lacks %v, differs %v", name, Lacks(target, here), Differs(target, here))
		}
	}
	unread := &fleet.Controller{Version: v("3.6.11"), Holdings: &fleet.Holdings{UnreadItems: []fleet.ItemKind{fleet.ModelDefaultItem, fleet.ConfigItem}}}
	if Lacks(unread, here) || Differs(unread, here) {
		t.Error("of a kind that a target does not tell, something is known")
	}
	hidden := &fleet.Controller{Version: v("3.6.11")}
	if Lacks(hidden, here) || Differs(hidden, here) {
		t.Error("of a target that does not tell, something is known")
	}
}

func TestWhatNobodyHasChosenIsNotCloned(t *testing.T) {
	for _, h := range []fleet.Holding{
		{Item: fleet.Item{Kind: fleet.CloudItem, Name: "lab"}},
		{Item: fleet.Item{Kind: fleet.ModelDefaultItem, Cloud: "lab", Name: "http-proxy"}},
		{Item: fleet.Item{Kind: fleet.BackendItem, Name: "vault", ID: "b"}},
		{Item: fleet.Item{Kind: fleet.CloudAccessItem, Name: "lab", User: "bob", Access: "add-model"}},
		chosen("audit-log-max-size", "", false),
	} {
		if !Clonable(h, v("3.6.11")) {
			t.Errorf("%s is not cloned", h.Path())
		}
		h.Preset = true
		if Clonable(h, v("3.6.11")) {
			t.Errorf("%s is cloned, and is Juju's own", h.Path())
		}
	}
	for name, own := range map[string]bool{"juju-metrics": true, "everyone@external": true, "upgrade-all-3-abc": true, "bob": false, "bob@example": false, "admin": false} {
		if JujusOwnUser(name) != own {
			t.Errorf("%s: %v", name, !own)
		}
	}
}

func TestWhyAKeyStaysBehindIsTold(t *testing.T) {
	exists, planned := &fleet.Controller{Version: v("4.1.0")}, &fleet.Controller{Version: v("3.6.11"), Planned: true}
	for _, test := range []struct {
		target *fleet.Controller
		key    string
		want   Behind
	}{
		{exists, "mongo-memory-profile", UnknownThere},
		{exists, "public-dns-address", ItsOwn},
		{planned, "public-dns-address", ItsOwn},
		{exists, "api-port", AtBootstrapOnly},
		{planned, "api-port", ComesAlong},
		{exists, "audit-log-max-size", ComesAlong},
		{exists, "ca-cert", ComesAlong},
		{exists, "metering-url", ComesAlong},
		{exists, "identity-url", ComesAlong}, // has a finding of its own
	} {
		h := chosen(test.key, "one", false)
		if got := LeftBehind(test.target, h); got != test.want {
			t.Errorf("%s: %q, want %q", test.key, got, test.want)
		}
		if given := GivenAtBootstrap(test.target.Version, h); given && LeftBehind(planned, h) != ComesAlong {
			t.Errorf("%s is given to a controller that is made, and said to stay behind", test.key)
		}
		h.Untold = true
		if test.target == planned && BootstrapConfig(planned.Version, test.key) {
			test.want = InSight
		}
		if got := LeftBehind(test.target, h); got != test.want || GivenAtBootstrap(test.target.Version, h) {
			t.Errorf("%s with a secret: %q, want %q", test.key, got, test.want)
		}
		h.Preset = true
		if got := LeftBehind(test.target, h); got != ComesAlong {
			t.Errorf("%s as Juju makes it: %q", test.key, got)
		}
	}
	same := &fleet.Controller{Version: v("3.6.11"), Holdings: &fleet.Holdings{Items: []fleet.Holding{chosen("api-port", "one", false)}}}
	if got := LeftBehind(same, chosen("api-port", "one", false)); got != ComesAlong {
		t.Errorf("what is the same there: %q", got)
	}
}

func TestSecretsOfAConfigurationAreKnownAsSuch(t *testing.T) {
	for key, told := range map[string]bool{
		"audit-log-max-size": true, "identity-url": true, "object-store-type": true, "object-store-s3-endpoint": true,
		"ca-cert": false, "identity-public-key": false, "caas-image-repo": false, "system-ssh-keys": false,
		"object-store-s3-static-key": false, "object-store-s3-static-secret": false, "object-store-s3-static-session": false,
		"of-a-juju-to-come": false,
	} {
		if TellsConfig(key) != told {
			t.Errorf("%s is told: %v", key, !told)
		}
	}
}

func TestTheObjectStoreIsOfJuju40AndAControllersOwn(t *testing.T) {
	const key = "object-store-s3-static-secret"
	for at, known := range map[string]bool{"3.6.11": false, "4.0.4": true, "4.1-beta2": false, "4.1.0": false, "4.2.0": false} {
		if KnownConfig(v(at), key) != known {
			t.Errorf("%s has it: %v", at, !known)
		}
		if Clonable(chosen(key, "one", false), v(at)) {
			t.Errorf("it is given to %s", at)
		}
	}
}
