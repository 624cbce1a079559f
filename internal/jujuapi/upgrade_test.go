package jujuapi_test

import (
	"bytes"
	"context"
	"crypto/sha1"
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujutest/estate"
)

// generations is an estate of all ways in which ModelUpgrader was served.
const generations = `
speed: 200
controllers:
  - {name: c29, version: 2.9.47, series-offers: [2.9.47, 2.9.52], models: [{name: m, machines: 1}]}
  - {name: c36, version: 3.6.4, series-offers: [3.6.4, 3.6.11], models: [{name: m, machines: 1}]}
  - {name: c40, version: 4.0.4, series-offers: [4.0.4, 4.0.5], models: [{name: m, machines: 1}]}
  - {name: c41, version: 4.1.0, series-offers: [4.1.0, 4.1.1], models: [{name: m, machines: 1}]}
`

func TestTheUpgraderIsCalledAsTheServerHasIt(t *testing.T) {
	for name, test := range map[string]struct {
		chosen  string
		version int
	}{
		"c29": {"2.9.52", 1}, "c36": {"3.6.11", 1}, "c40": {"4.0.5", 1}, "c41": {"4.1.1", 2},
	} {
		t.Run(name, func(t *testing.T) {
			b := prepare(t, generations)
			c := b.look(name)
			asked, err := b.reader.Objections(context.Background(), c, v("0.0.0"))
			if err != nil || asked.Problem != nil || asked.Chosen != v(test.chosen) {
				t.Errorf("objections: %+v, %v", asked, err)
			}
			calls := b.world.CallsOf("ModelUpgrader.UpgradeModel")
			if len(calls) != 1 || calls[0].Version != test.version || calls[0].Effect {
				t.Errorf("calls: %+v", calls)
			}
			if got, _ := b.world.ModelVersion(name, "controller"); got == test.chosen {
				t.Error("the question has upgraded it")
			}
			if err := b.session.Writer().UpgradeModel(context.Background(), c.Ref, c.ControllerModel().Ref, v(test.chosen)); err != nil {
				t.Error(err)
			}
			if got, _ := b.world.ModelVersion(name, "controller"); got != test.chosen {
				t.Errorf("it is at %s", got)
			}
		})
	}
}

func TestNothingNewerIsNoObjection(t *testing.T) {
	b := prepare(t, "speed: 100\ncontrollers:\n  - {name: a, version: 3.6.11, series-offers: [3.6.11]}\n  - {name: b, version: 4.1.1, series-offers: [4.1.1]}\n")
	for _, name := range []string{"a", "b"} {
		got, err := b.reader.Objections(context.Background(), b.look(name), v("0.0.0"))
		if err != nil || got.Problem != nil || got.Chosen != v("0.0.0") {
			t.Errorf("%s: %+v, %v", name, got, err)
		}
	}
}

func TestJujusRefusalIsAnObjection(t *testing.T) {
	b := prepare(t, `
speed: 100
controllers:
  - name: prod
    version: 3.6.4
    series-offers: [3.6.4, 3.6.11]
    models: [{name: old, objections: ["the model hosts deprecated ubuntu machine(s): ubuntu@18.04(1)"]}]
`)
	c := b.look("prod")
	got, err := b.reader.Objections(context.Background(), c, v("3.6.11"))
	if err != nil || got.Problem == nil || got.Problem.Code != fleet.Refused || !strings.Contains(got.Problem.Text, "deprecated ubuntu") {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestABlockIsAnObjectionToo(t *testing.T) {
	b := prepare(t, "speed: 100\ncontrollers:\n  - {name: prod, version: 3.6.4, series-offers: [3.6.11], blocks: [all]}\n")
	got, err := b.reader.Objections(context.Background(), b.look("prod"), v("3.6.11"))
	if err != nil || got.Problem == nil || got.Problem.Code != fleet.Blocked {
		t.Errorf("%+v, %v", got, err)
	}
}

func TestAnUpgradeIsSentOnceThoughItsAnswerIsLost(t *testing.T) {
	b := prepare(t, two)
	c := b.look("prod")
	web := b.model(c, "bob/db")
	b.inject("prod", estate.Fault{Kind: estate.FaultDrop, Method: "ModelUpgrader.UpgradeModel", When: "after"})
	b.world.ForgetCalls()
	err := b.session.Writer().UpgradeModel(context.Background(), c.Ref, web.Ref, v("3.6.4"))
	b.wants(err, fleet.Unreachable)
	if calls := b.world.CallsOf("ModelUpgrader.UpgradeModel"); len(calls) != 1 {
		t.Errorf("%d calls", len(calls))
	}
}

func TestAnUpgradeToNothingIsNotSent(t *testing.T) {
	b := prepare(t, two)
	c := b.look("prod")
	if err := b.session.Writer().UpgradeModel(context.Background(), c.Ref, c.ControllerModel().Ref, v("0.0.0")); err == nil {
		t.Error("accepted")
	}
	if calls := b.world.CallsOf("ModelUpgrader.UpgradeModel"); len(calls) > 0 {
		t.Error("sent")
	}
}

func TestAControllersUpgradeIsSeenThroughToItsEnd(t *testing.T) {
	for _, name := range []string{"prod", "next"} {
		t.Run(name, func(t *testing.T) {
			ctx := context.Background()
			b := prepare(t, two)
			c := b.look(name)
			target := map[string]string{"prod": "3.6.11", "next": "4.1.1"}[name]
			if err := b.session.Writer().UpgradeModel(ctx, c.Ref, c.ControllerModel().Ref, v(target)); err != nil {
				t.Fatal(err)
			}
			codes := map[fleet.ProblemCode]bool{}
			eventually(t, "all servers at the target, and everything open", func() bool {
				servers, err := b.reader.Servers(ctx, c.Ref)
				if err != nil {
					t.Fatal(err)
				}
				done := len(servers) == len(c.Servers)
				for _, s := range servers {
					done = done && s.Version == v(target)
				}
				err = b.reader.Open(ctx, c.Ref)
				codes[fleet.CodeOf(err)] = true
				if err != nil && !fleet.Passing(err) {
					t.Fatalf("does not pass: %v", err)
				}
				status, broken := b.reader.ModelStatus(ctx, c.Ref, c.ControllerModel().Ref)
				return done && err == nil && broken == nil && fleet.Arrival(status, v(target)).Complete()
			})
			if !codes[fleet.Busy] && !codes[fleet.Unreachable] {
				t.Errorf("the upgrade was never noticed: %v", codes)
			}
			if !strings.Contains(b.read("controllers.yaml"), target) {
				t.Error("the registry does not say the new version")
			}
		})
	}
}

func TestAControllerInItsUpgradeWindowSaysWhereItGoes(t *testing.T) {
	b := prepare(t, strings.Replace(two, "speed: 100", "speed: 100\ntiming: {upgrade-window: 1000s}", 1))
	c := b.look("prod")
	if err := b.session.Writer().UpgradeModel(context.Background(), c.Ref, c.ControllerModel().Ref, v("3.6.11")); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the upgrade window", func() bool {
		return fleet.CodeOf(b.reader.Open(context.Background(), c.Ref)) == fleet.Busy
	})
	// Another run, which knows nothing but the client's store.
	other := prepareOn(b)
	seen, err := other.Login(context.Background(), "prod")
	if err != nil {
		t.Fatal(err)
	}
	if seen, err = other.Controller(context.Background(), seen); err != nil {
		t.Fatal(err)
	}
	if seen.Upgrading != v("3.6.11") || len(seen.Models) > 0 {
		t.Errorf("upgrading: %s, %d models", seen.Upgrading, len(seen.Models))
	}
}

func TestABackupArrivesWhole(t *testing.T) {
	b := prepare(t, two)
	c := b.look("prod")
	var file bytes.Buffer
	got, err := b.session.Writer().Backup(context.Background(), c.Ref, c.ControllerModel().Ref, &file)
	if err != nil {
		t.Fatal(err)
	}
	sum := sha1.Sum(file.Bytes())
	if got.Size != int64(file.Len()) || got.SHA1 != base64.StdEncoding.EncodeToString(sum[:]) || got.Filename == "" || file.Len() == 0 {
		t.Errorf("got %+v and %d bytes", got, file.Len())
	}
}

func TestABackupThatEndsEarlyIsCorrupt(t *testing.T) {
	b := prepare(t, two)
	c := b.look("prod")
	b.inject("prod", estate.Fault{Kind: estate.FaultTruncate})
	var file bytes.Buffer
	_, err := b.session.Writer().Backup(context.Background(), c.Ref, c.ControllerModel().Ref, &file)
	b.wants(err, fleet.Corrupt)
}

func TestABackupThatCannotBeKeptIsNotCorrupt(t *testing.T) {
	b := prepare(t, two)
	c := b.look("prod")
	_, err := b.session.Writer().Backup(context.Background(), c.Ref, c.ControllerModel().Ref, full{})
	if !errors.Is(err, errFull) {
		t.Errorf("got %v", err)
	}
	if fleet.CodeOf(err) == fleet.Corrupt {
		t.Errorf("the controller is blamed: %v", err)
	}
}

func TestJuju4HasNoBackup(t *testing.T) {
	b := prepare(t, two)
	c := b.look("next")
	_, err := b.session.Writer().Backup(context.Background(), c.Ref, c.ControllerModel().Ref, &bytes.Buffer{})
	b.wants(err, fleet.Unsupported)
}

var errFull = errors.New("disk full")

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errFull }
