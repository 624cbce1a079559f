package jujutest_test

import (
	"strings"
	"testing"

	"github.com/juju/errors"
	"github.com/juju/juju/api/client/modelupgrader"
	"github.com/juju/juju/rpc/params"
	"github.com/juju/version/v2"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujutest/estate"
)

func TestWhatAnUpgradeIsRefusedFor(t *testing.T) {
	const estate = `
speed: 50
controllers:
  - name: prod
    version: 3.6.4
    series-offers: [3.6.4, 3.6.9, 3.6.11, 3.7.0]
    faults: [{kind: hide-agents, version: 3.6.9}]
    models:
      - {name: fine, machines: 1}
      - {name: dying, life: dying}
      - {name: behind, machines: 1, version: 3.6.3, faults: [{agent: machine-0, kind: lags, version: 3.6.1}]}
      - {name: blocked, machines: 1, version: 3.6.3, blocks: [all]}
      - {name: old-base, version: 3.6.3, objections: ["the model hosts deprecated ubuntu machine(s): ubuntu@18.04(1)"]}
`
	w := start(t, estate)
	for _, test := range []struct {
		model, target string
		dry           bool
		code, text    string
		chosen        string
	}{
		{model: "controller", dry: true, code: params.CodeNotSupported, chosen: "3.6.11",
			text: "cannot upgrade to \"3.6.11\" due to issues with these models:\n\"admin/old-base\":\n- the model hosts deprecated"},
		{model: "controller", target: "3.6.4", code: params.CodeAlreadyExists, text: "no upgrades available", chosen: "0.0.0"},
		{model: "controller", target: "3.6.10", code: params.CodeNotFound, text: "no matching agent versions available", chosen: "0.0.0"},
		{model: "controller", target: "3.6.9", code: params.CodeNotFound, text: "no matching agent versions available", chosen: "0.0.0"},
		{model: "controller", target: "3.7.0", dry: true, code: params.CodeNotSupported, text: "newer major.minor version 3.7 not supported", chosen: "3.7.0"},
		{model: "fine", target: "3.6.11", text: `cannot upgrade to a version "3.6.11" greater than that of the controller "3.6.4"`},
		{model: "fine", target: "", chosen: "3.6.4"},
		{model: "dying", code: params.CodeNotValid, text: "model is not alive"},
		{model: "behind", dry: true, chosen: "3.6.4"},
		{model: "behind", text: "some agents have not upgraded to the current model version 3.6.3: machine-0"},
		{model: "old-base", code: params.CodeNotSupported, text: "deprecated ubuntu", chosen: "3.6.4"},
		{model: "blocked", dry: true, chosen: "3.6.4"}, // 3.6 does not look at a hosted model's own blocks
	} {
		chosen, err := upgrade(t, w, test.model, test.target, test.dry)
		name := test.model + " to " + test.target
		if (err == nil) != (test.text == "") {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if err != nil && (!strings.Contains(err.Error(), test.text) || params.ErrCode(err) != test.code) {
			t.Errorf("%s: got %v (%q), want %q (%q)", name, err, params.ErrCode(err), test.text, test.code)
		}
		if test.chosen != "" && chosen != version.MustParse(test.chosen) {
			t.Errorf("%s: chosen %v", name, chosen)
		}
	}
	for _, call := range w.CallsOf("ModelUpgrader.UpgradeModel") {
		if call.Effect {
			t.Errorf("%s had an effect: %s", call.Model, call.Args)
		}
	}
	if v, _ := w.ModelVersion("prod", "controller"); v != "3.6.4" {
		t.Errorf("controller moved to %s", v)
	}
}

// codeOf is the code of an error, also where api.Connection made a message of its own of it.
func codeOf(err error) string {
	if errors.Is(err, errors.NotImplemented) {
		return params.CodeNotImplemented
	}
	return params.ErrCode(err)
}

func TestABlockOnTheControllerModelStopsAllUpgrades(t *testing.T) {
	w := start(t, `
controllers:
  - name: prod
    version: 3.6.4
    blocks: [all]
    models: [{name: fine, version: 3.6.3}]
`)
	_, err := upgrade(t, w, "fine", "", false)
	if params.ErrCode(err) != params.CodeOperationBlocked {
		t.Errorf("got %v", err)
	}
}

func TestWhoIsNotASuperuserCanUpgradeOnlyModelsThatTheyMayWriteTo(t *testing.T) {
	w := start(t, `
controllers:
  - name: prod
    version: 3.6.4
    series-offers: [3.6.11]
    user: bob
    access: login
    models:
      - {name: mine, version: 3.6.3, access: write}
      - {name: theirs, version: 3.6.3, access: read}
      - {name: alice/hidden, access: none}
`)
	if _, err := upgrade(t, w, "mine", "", false); err != nil {
		t.Errorf("mine: %v", err)
	}
	for _, model := range []string{"theirs", "alice/hidden", "controller"} {
		if _, err := upgrade(t, w, model, "", false); params.ErrCode(err) != params.CodeUnauthorized {
			t.Errorf("%s: %v", model, err)
		}
	}
	if _, err := tryOpen(t, w, "prod", "alice/hidden"); !params.IsCodeUnauthorized(err) {
		t.Errorf("hidden model: %v", err)
	}
	conn := open(t, w, "prod", "")
	if err := conn.APICall("Controller", 12, "", "AllModels", nil, nil); !params.IsCodeUnauthorized(err) {
		t.Errorf("AllModels: %v", err)
	}
	if conn.ControllerAccess() != "login" {
		t.Errorf("access %q", conn.ControllerAccess())
	}
}

func TestAFacadeIsServedToItsKindOfConnectionAlone(t *testing.T) {
	w := start(t, oneController)
	ctl, model := open(t, w, "prod", ""), open(t, w, "prod", "web")
	for _, test := range []struct {
		err  error
		code string
	}{
		{ctl.APICall("Client", 8, "", "FullStatus", params.StatusParams{}, nil), params.CodeNotSupported},
		{model.APICall("ModelUpgrader", 1, "", "UpgradeModel", params.UpgradeModelParams{}, nil), params.CodeNotSupported},
		{ctl.APICall("ModelUpgrader", 2, "", "UpgradeModel", params.UpgradeModelParams{}, nil), params.CodeNotImplemented},
		{ctl.APICall("Controller", 12, "", "RemoveBlocks", params.RemoveBlocksArgs{}, nil), params.CodeNotImplemented},
		{ctl.APICall("JIMM", 4, "", "ListControllers", nil, nil), params.CodeNotSupported},
	} {
		if codeOf(test.err) != test.code {
			t.Errorf("got %v, want code %q", test.err, test.code)
		}
	}
	if ctl.BestFacadeVersion("ModelUpgrader") != 1 || model.BestFacadeVersion("ModelUpgrader") != 0 {
		t.Error("ModelUpgrader is offered to the wrong connection")
	}
}

func TestAFourDotOneControllerServesItsOwnFacades(t *testing.T) {
	w := start(t, `
speed: 50
controllers:
  - name: prod
    version: 4.1.0
    series-offers: [4.1.0, 4.1.1]
    models: [{name: m, machines: 1, applications: [{name: app, units: 1}]}]
`)
	conn := open(t, w, "prod", "")
	if v := conn.BestFacadeVersion("ModelUpgrader"); v != 0 {
		t.Errorf("a 3.6 client finds ModelUpgrader %d", v)
	}
	raw := func(model string) (params.UpgradeModelResult, error) {
		var res params.UpgradeModelResult
		err := open(t, w, "prod", "").APICall("ModelUpgrader", 2, "", "UpgradeModel",
			params.UpgradeModelParams{ModelTag: modelTag(t, w, "prod", model).String()}, &res)
		return res, err
	}
	if res, err := raw("controller"); err != nil || res.Error != nil || res.ChosenVersion.String() != "4.1.1" {
		t.Fatalf("%+v, %v", res, err)
	}
	eventually(t, "controller", func() bool { return w.Arrived("prod", "controller") })
	if res, err := raw("m"); err != nil || res.Error != nil {
		t.Fatalf("%+v, %v", res, err)
	}
	eventually(t, "model", func() bool { return w.Arrived("prod", "m") })
	st := status(t, open(t, w, "prod", "m"))
	if st.Machines["0"].AgentStatus.Version != "" || st.Applications["app"].Units["app/0"].AgentStatus.Version != "4.1.1" {
		t.Errorf("status shows %+v", st)
	}
	if err := open(t, w, "prod", "controller").APICall("Backups", 3, "", "Create", params.BackupsCreateArgs{}, nil); codeOf(err) != params.CodeNotImplemented {
		t.Errorf("backup: %v", err)
	}
}

func TestEarlyFourDotZeroHasItsUpgraderOnTheModelConnection(t *testing.T) {
	w := start(t, "controllers: [{name: prod, version: 4.0.5, models: [{name: m, version: 4.0.4}]}]")
	if v := open(t, w, "prod", "").BestFacadeVersion("ModelUpgrader"); v != 0 {
		t.Errorf("on the controller: %d", v)
	}
	_, err := modelupgrader.NewClient(open(t, w, "prod", "m")).UpgradeModel(modelTag(t, w, "prod", "m").Id(), version.Zero, "", false, false)
	if err != nil {
		t.Error(err)
	}
}

func TestStreamsThatCannotBeReachedLookLikeNothingNewer(t *testing.T) {
	w := start(t, oneController)
	end := inject(t, w, estate.Fault{Kind: estate.FaultStreams})
	if _, err := upgrade(t, w, "controller", "", true); params.ErrCode(err) != params.CodeAlreadyExists {
		t.Errorf("the newest: %v", err)
	}
	if _, err := upgrade(t, w, "controller", "3.6.11", true); err == nil || params.ErrCode(err) != "" {
		t.Errorf("a version: %v", err)
	}
	end()
	if v, err := upgrade(t, w, "controller", "", true); err != nil || v.String() != "3.6.11" {
		t.Errorf("afterwards: %v, %v", v, err)
	}
}
