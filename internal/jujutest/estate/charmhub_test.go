package estate_test

import (
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujutest/estate"
)

const withCharms = `
controllers:
  - name: a
    version: 3.6.4
    models:
      - name: m
        applications:
          - {name: db, units: 1, charm: cargo, channel: 1/stable, base: ubuntu@24.04, subordinates: [idle], resources: {box: 3, note: uploaded}, refresh: pause}
          - {name: idle, subordinate: true, channel: edge, revision: 7}
    faults: [{kind: fail-upgrade, application: db, agent: unit-db-0, times: 1}, {kind: charmhub-unreachable}]
charmhub:
  charms:
    - name: cargo
      bases: [ubuntu@24.04]
      resources: {box: file, note: file}
      actions: [pre-refresh-check]
      revisions: [2, {revision: 3, assumes: ["juju >= 3.6"], refresh: {kind: stuck, takes: 9s}}]
      channels: {1/stable: 2, 1/edge: {revision: 3, resources: {box: 4}}}
`

func TestCharmsAreReadInTheirShortAndTheirLongForm(t *testing.T) {
	e, err := estate.Parse([]byte(withCharms))
	if err != nil {
		t.Fatal(err)
	}
	want := estate.Charmhub{Charms: []estate.Charm{{
		Name: "cargo", Bases: []string{"ubuntu@24.04"}, Resources: map[string]string{"box": "file", "note": "file"}, Actions: []string{"pre-refresh-check"},
		Revisions: []estate.CharmRevision{{Revision: 2}, {
			Revision: 3, Assumes: []string{"juju >= 3.6"}, Refresh: estate.Refresh{Kind: estate.FaultUpgradeSticks, Takes: 9 * time.Second},
		}},
		Channels: map[string]estate.Release{"1/stable": {Revision: 2}, "1/edge": {Revision: 3, Resources: map[string]int{"box": 4}}},
	}}}
	if !reflect.DeepEqual(e.Charmhub, want) {
		t.Errorf("%+v", e.Charmhub)
	}
	db := e.Controllers[0].Models[0].Applications[0]
	if !reflect.DeepEqual(db.Resources, map[string]estate.HeldResource{"box": {Revision: 3}, "note": {Uploaded: true}}) || db.Refresh.Kind != estate.FaultUpgradePauses {
		t.Errorf("%+v", db)
	}
}

func TestWhatIsWrongWithCharmsIsToldWithItsLine(t *testing.T) {
	for name, test := range map[string]struct{ old, new, want string }{
		"charm's name":        {"- name: cargo", "- name: Cargo", `line 13: "Cargo" is not a charm's name`},
		"channel":             {"1/edge: {", "1/sharp: {", `"1/sharp" is not a channel`},
		"released resource":   {"{box: 4}", "{hat: 4}", `charm "cargo" has no resource "hat"`},
		"resource's type":     {"{box: file,", "{box: crate,", `"crate": want one of file, oci-image`},
		"base":                {"bases: [ubuntu@24.04]", "bases: [noble]", `"noble" is not a base`},
		"revision twice":      {"revisions: [2,", "revisions: [3,", `revision 3 twice`},
		"key of a revision":   {"assumes:", "presumes:", `unknown key "presumes"`},
		"key of a refresh":    {"takes:", "lasts:", `unknown key "lasts"`},
		"kind of a refresh":   {"kind: stuck", "kind: jammed", `"jammed": want one of settles, fail-upgrade, pause, stuck`},
		"held resource":       {"note: uploaded", "note: borrowed", `"borrowed" is neither a resource's revision nor uploaded`},
		"application's base":  {"base: ubuntu@24.04", "base: noble", `line 8: "noble" is not a base`},
		"units of its own":    {"subordinate: true", "subordinate: true, units: 1", `line 9: application "idle" is subordinate`},
		"not subordinate":     {"subordinate: true,", "", `"idle" is an application of its own, too`},
		"unit of a fault":     {"unit-db-0", "db/0", `fault fail-upgrade needs an agent such as unit-mysql-0, or none`},
		"application's chann": {"channel: edge", "channel: a/b", `line 9: "a/b" is not a channel`},
	} {
		t.Run(name, func(t *testing.T) {
			text := strings.Replace(withCharms, test.old, test.new, 1)
			if text == withCharms {
				t.Fatal("nothing was changed")
			}
			if _, err := estate.Parse([]byte(text)); err == nil || !strings.Contains(err.Error(), test.want) {
				t.Errorf("%v, want %q", err, test.want)
			}
		})
	}
}
