package jujuapi_test

import (
	"context"
	"testing"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

func TestAControllerGetsThreeServers(t *testing.T) {
	ctx := context.Background()
	b := prepare(t, `
speed: 50
controllers:
  - {name: given, version: 3.6.11, cloud-type: manual, spare-machines: 2}
  - {name: none, version: 3.6.11, cloud-type: manual}
  - {name: made, version: 3.6.11, cloud-type: openstack}
  - {name: four, version: 4.1.0, cloud-type: openstack}
`)
	for name, can := range map[string]bool{"given": true, "none": false, "made": true, "four": false} {
		c := b.holding(name)
		if got := c.Holdings.HA; got == nil || got.Servers != 1 || got.Well != 1 || got.CanHave(3) != can {
			t.Fatalf("%s: %+v", name, got)
		}
		err := b.session.Writer().EnableHA(ctx, c.Ref, 3)
		if !can {
			b.wants(err, fleet.Refused)
			continue
		}
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		eventually(t, "three servers of "+name, func() bool {
			ha, err := b.reader.HA(ctx, c.Ref)
			if err != nil && !fleet.Passing(err) {
				t.Fatal(err)
			}
			return ha.Servers == 3 && ha.Well == 3
		})
		if err := b.session.Writer().EnableHA(ctx, c.Ref, 3); err != nil {
			t.Errorf("%s, again: %v", name, err)
		}
	}
}
