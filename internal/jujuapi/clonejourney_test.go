package jujuapi_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujutest/estate"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/rules"
)

// cloning is an estate of a controller that has something of each kind, and one of that
// version that has nothing but a cloud of the same name.
func cloning(to string) string {
	return `
speed: 50
controllers:
  - name: old
    version: 3.5.4
    users: [{name: alice}, {name: bob}]
    clouds:
      - {name: lab, users: [{name: alice}]}
      - name: stack
        type: openstack
        auth-types: [userpass, access-key]
        endpoint: https://stack.example.com
        regions: [r1, {name: r2, endpoint: https://r2.example.com}]
        ca-certificates: [certificate]
        users: [{name: bob, access: admin}, {name: alice}]
      - {name: pods, type: kubernetes, auth-types: [certificate], endpoint: https://pods.example.com}
    config:
      audit-log-max-size: 1G
      audit-log-exclude-methods: [Client.FullStatus, ReadOnlyMethods]
      agent-ratelimit-rate: 300ms
      auditing-enabled: false
      features: [developer-mode]
      migration-agent-wait-time: 5m
    model-defaults:
      lab: {http-proxy: "http://me:canary-proxy@proxy.example.com", automatically-retry-hooks: false, resource-tags: "b=2 a=1", net-bond-reconfigure-delay: 20}
      stack/r2: {update-status-hook-interval: 7m}
    secret-backends: [{name: safe, config: {endpoint: "https://safe.example.com", token: canary-token}}]
  - name: new
    version: ` + to + `
    series-offers: [` + to + `]
    users: [{name: alice}, {name: bob}]
`
}

// controller logs in, looks, and reads all that a controller has.
func (b *bed) holding(name string) fleet.Controller {
	b.Helper()
	c := b.look(name)
	h, err := b.reader.Holdings(context.Background(), c)
	if err != nil {
		b.Fatal(err)
	}
	c.Holdings = &h
	return c
}

// item finds an item of a controller by its path.
func (b *bed) item(c fleet.Controller, path string) fleet.Item {
	b.Helper()
	for _, h := range c.Holdings.Items {
		if h.Path() == path {
			return h.Item
		}
	}
	b.Fatalf("%s has no %s", c.Name, path)
	return fleet.Item{}
}

// compared is how an item of old is next to new's.
func (b *bed) compared(old, target fleet.Controller, item fleet.Item) fleet.Likeness {
	b.Helper()
	got, err := b.reader.Compare(context.Background(), old.Ref, target.Ref, item)
	if err != nil {
		b.Fatalf("%s: %v", item.Path(), err)
	}
	return got
}

func TestWhatAControllerHasIsGivenToAnotherOnce(t *testing.T) {
	for _, version := range []string{"3.6.11", "4.1.0"} {
		t.Run(version, func(t *testing.T) {
			ctx := context.Background()
			b := prepare(t, cloning(version))
			old, target := b.holding("old"), b.holding("new")
			b.noSecrets(fmt.Errorf("%+v", *old.Holdings))
			w := b.session.Writer()
			var given []string
			for _, h := range old.Holdings.Items {
				if !rules.Lacks(&target, h) {
					continue
				}
				given = append(given, h.Path())
				if got := b.compared(old, target, h.Item); got != fleet.Lacking {
					t.Errorf("%s is %d before", h.Path(), got)
				}
				if err := w.Clone(ctx, old.Ref, target.Ref, h.Item); err != nil {
					b.noSecrets(err)
					t.Errorf("%s: %v", h.Path(), err)
				}
				if got := b.compared(old, target, h.Item); got != fleet.Same {
					t.Errorf("%s is %d after", h.Path(), got)
				}
			}
			for _, path := range []string{
				"clouds/stack", "clouds/pods", "clouds/stack/access/bob", "clouds/stack/access/alice", "clouds/lab/access/alice",
				"config/audit-log-max-size", "config/audit-log-exclude-methods", "config/agent-ratelimit-rate", "config/auditing-enabled",
				"config/features", "config/migration-agent-wait-time", "model-defaults/lab/http-proxy", "model-defaults/lab/net-bond-reconfigure-delay",
				"model-defaults/stack/r2/update-status-hook-interval", "secret-backends/safe",
			} {
				if !slices.Contains(given, path) {
					t.Errorf("%s was not given: %v", path, given)
				}
			}
			if b.holding("new").Holdings.SecretBackends[0].ID != old.Holdings.SecretBackends[0].ID {
				t.Error("the backend has another ID, so that no model finds it")
			}
			b.againChangesNothing(old, target)
		})
	}
}

// againChangesNothing clones all a second time.
func (b *bed) againChangesNothing(old, target fleet.Controller) {
	b.Helper()
	b.world.ForgetCalls()
	for _, h := range old.Holdings.Items {
		if rules.Lacks(&target, h) {
			b.wants(b.session.Writer().Clone(context.Background(), old.Ref, target.Ref, h.Item), fleet.Exists)
		}
	}
	for _, method := range []string{
		"Cloud.AddCloud", "Cloud.ModifyCloudAccess", "Controller.ConfigSet", "ModelManager.SetModelDefaults", "SecretBackends.AddSecretBackends",
	} {
		if calls := b.world.CallsOf(method); len(calls) > 0 {
			b.Errorf("%d calls of %s", len(calls), method)
		}
	}
	after := b.holding("new")
	for _, h := range old.Holdings.Items {
		if rules.Lacks(&after, h) {
			b.Errorf("%s is lacking still", h.Path())
		}
	}
}

func TestWhatTheTargetHasIsNeverOverwritten(t *testing.T) {
	ctx := context.Background()
	b := prepare(t, cloning("3.6.11")+`
    clouds: [{name: stack, type: openstack, auth-types: [userpass], endpoint: https://other.example.com, users: [{name: bob}]}]
    config: {audit-log-max-size: 200M}
    model-defaults: {lab: {http-proxy: "http://other.example.com"}}
    secret-backends: [{name: safe, id: other}]
`)
	old, target := b.holding("old"), b.holding("new")
	for _, path := range []string{
		"clouds/stack", "clouds/stack/access/bob", "config/audit-log-max-size", "model-defaults/lab/http-proxy", "secret-backends/safe",
	} {
		item := b.item(old, path)
		if got := b.compared(old, target, item); got != fleet.Different {
			t.Errorf("%s is %d", path, got)
		}
		b.wants(b.session.Writer().Clone(ctx, old.Ref, target.Ref, item), fleet.Exists)
	}
	after := b.holding("new")
	for _, h := range target.Holdings.Items {
		if now := after.Holdings.Holding(h.Item); now == nil || now.Digest != h.Digest {
			t.Errorf("%s is not as it was", h.Path())
		}
	}
}

func TestABackendIsTheSameUnderAnotherName(t *testing.T) {
	b := prepare(t, cloning("3.6.11")+"    secret-backends: [{name: vault, id: "+estate.SecretBackend{Name: "safe"}.BackendID()+
		", config: {endpoint: \"https://safe.example.com\", token: canary-other}}]\n")
	old, target := b.holding("old"), b.holding("new")
	item := b.item(old, "secret-backends/safe")
	if got := b.compared(old, target, item); got != fleet.Same {
		t.Errorf("it is %d, though models find it by its ID, and tokens are renewed", got)
	}
	b.wants(b.session.Writer().Clone(context.Background(), old.Ref, target.Ref, item), fleet.Exists)
}

func TestNothingIsGivenWhereItWouldHoldNowhere(t *testing.T) {
	for _, version := range []string{"3.6.11", "4.1.0"} {
		b := prepare(t, cloning(version))
		old, target := b.holding("old"), b.holding("new")
		for _, path := range []string{"clouds/stack/access/bob", "model-defaults/stack/r2/update-status-hook-interval"} {
			item := b.item(old, path)
			b.wants(b.session.Writer().Clone(context.Background(), old.Ref, target.Ref, item), fleet.NotFound)
		}
	}
}

func TestWhatTheSourceHasNoMoreIsForgotten(t *testing.T) {
	b := prepare(t, cloning("3.6.11"))
	old, target := b.holding("old"), b.holding("new")
	for _, item := range []fleet.Item{
		{Kind: fleet.CloudItem, Name: "gone"},
		{Kind: fleet.CloudAccessItem, Name: "lab", User: "bob"},
		{Kind: fleet.ConfigItem, Name: "agent-ratelimit-max"},
		{Kind: fleet.ModelDefaultItem, Name: "ftp-proxy", Cloud: "lab"},
		{Kind: fleet.BackendItem, Name: "gone", ID: "gone"},
	} {
		if got := b.compared(old, target, item); got != fleet.Forgotten {
			t.Errorf("%s is %d", item.Path(), got)
		}
		b.wants(b.session.Writer().Clone(context.Background(), old.Ref, target.Ref, item), fleet.NotFound)
	}
}

func TestACloudThatDoesNotGoWithTheTargetsIsForPeopleToForce(t *testing.T) {
	b := prepare(t, cloning("3.6.11")+"    cloud-type: ec2\n")
	old, target := b.holding("old"), b.holding("new")
	err := b.session.Writer().Clone(context.Background(), old.Ref, target.Ref, b.item(old, "clouds/stack"))
	b.wants(err, fleet.Refused)
	var p *fleet.Problem
	if !errors.As(err, &p) || !strings.Contains(p.Remedy, "juju add-cloud stack --controller new --force") {
		t.Errorf("got %+v", p)
	}
	for _, call := range b.world.CallsOf("Cloud.AddCloud") {
		if call.Effect {
			t.Error("it was forced")
		}
	}
}
