//go:build linux

package main

import (
	"fmt"
	"os"
	"strings"

	"github.com/rogpeppe/go-internal/testscript"
	"gopkg.in/yaml.v3"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujutest/estate"
)

// publishCharm releases a revision of a charm: publish CHARM CHANNEL REVISION
// [RESOURCE=REVISION...].
func publishCharm(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg || len(args) < 3, "publish CHARM CHANNEL REVISION [RESOURCE=REVISION...]")
	r := estate.Release{Revision: number(ts, args[2]), Resources: map[string]int{}}
	for _, arg := range args[3:] {
		name, revision, ok := strings.Cut(arg, "=")
		usage(ts, !ok, "publish CHARM CHANNEL REVISION [RESOURCE=REVISION...]")
		r.Resources[name] = number(ts, revision)
	}
	ts.Check(stageOf(ts).world.Publish(args[0], args[1], r))
}

// resolveUnit is juju resolved: resolved CONTROLLER MODEL UNIT.
func resolveUnit(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg || len(args) != 3, "resolved CONTROLLER MODEL UNIT")
	ts.Check(stageOf(ts).world.ResolveUnit(args[0], args[1], args[2], true))
}

// runAction is juju run: run-action CONTROLLER MODEL UNIT ACTION.
func runAction(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg || len(args) != 4, "run-action CONTROLLER MODEL UNIT ACTION")
	ts.Check(stageOf(ts).world.RunAction(args[0], args[1], args[2], args[3]))
}

// charmIs checks that an application truly is at a revision of its charm, and all its
// units with it: charm CONTROLLER MODEL APPLICATION REVISION.
func charmIs(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, len(args) != 4, "[!] charm CONTROLLER MODEL APPLICATION REVISION")
	is := func() bool {
		c, err := stageOf(ts).world.Charm(args[0], args[1], args[2])
		ts.Check(err)
		return strings.HasSuffix(c.URL, "-"+args[3]) && c.Settled()
	}
	if neg && is() || !neg && !within(is) {
		c, err := stageOf(ts).world.Charm(args[0], args[1], args[2])
		ts.Fatalf("it is %+v (%v)", c, err)
	}
}

// manyCharms writes an estate of 30 models with 12 applications each: many-charms FILE.
// In each model seven have something newer in three kinds of channels, and one a newer
// resource; one is at its newest, one ahead of its channel, one local; one is a
// subordinate with something newer. In m11 one charm pauses.
func manyCharms(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg || len(args) != 1, "many-charms FILE")
	e := estate.Estate{Controllers: []estate.Controller{{Name: "prod", Version: "3.6.11", Offers: []string{"3.6.11"}}}}
	channels := []string{"latest/stable", "1/stable", "2/edge"}
	for i := range 7 {
		channel := channels[i%len(channels)]
		e.Charmhub.Charms = append(e.Charmhub.Charms, estate.Charm{
			Name: fmt.Sprintf("app%d", i), Actions: []string{"resume-refresh"}, Channels: map[string]estate.Release{channel: {Revision: 10 + i}},
		})
	}
	e.Charmhub.Charms = append(e.Charmhub.Charms,
		estate.Charm{Name: "boxed", Resources: map[string]string{"box": "file"}, Channels: map[string]estate.Release{"latest/stable": {Revision: 1, Resources: map[string]int{"box": 3}}}},
		estate.Charm{Name: "juju-controller", Channels: map[string]estate.Release{"3.6/stable": {Revision: 1}}},
		estate.Charm{Name: "same", Channels: map[string]estate.Release{"latest/stable": {Revision: 1}}},
		estate.Charm{Name: "ahead", Channels: map[string]estate.Release{"latest/stable": {Revision: 5}}},
		estate.Charm{Name: "sub", Channels: map[string]estate.Release{"latest/stable": {Revision: 2}}},
	)
	for i := range 30 {
		m := estate.Model{Name: fmt.Sprintf("admin/m%02d", i)}
		for j := range 7 {
			m.Applications = append(m.Applications, estate.Application{Name: fmt.Sprintf("app%d", j), Units: 1, Channel: channels[j%len(channels)]})
		}
		m.Applications[0].Subordinates = []string{"sub"}
		m.Applications = append(m.Applications,
			estate.Application{Name: "boxed", Units: 1, Resources: map[string]estate.HeldResource{"box": {Revision: 1}}},
			estate.Application{Name: "same", Units: 1}, estate.Application{Name: "ahead", Units: 1, Revision: 7},
			estate.Application{Name: "own", Units: 1, Charm: "local:own"}, estate.Application{Name: "sub", Subordinate: true})
		if i == 11 {
			m.Applications[5].Refresh = estate.Refresh{Kind: estate.FaultUpgradePauses, Message: "run resume-refresh"}
		}
		e.Controllers[0].Models = append(e.Controllers[0].Models, m)
	}
	data, err := yaml.Marshal(e)
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), data, 0o600))
}
