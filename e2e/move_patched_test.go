package e2e

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"
)

// TestASourceIsPatchedFirstAndJoinedModelsMove: a 3.6.4 controller is brought to
// 3.6.11 as the first part of the run; then its models move to another 3.6.11
// controller. Two of them are joined by a relation: it is joined again, on both
// sides, when both are there.
func TestASourceIsPatchedFirstAndJoinedModelsMove(t *testing.T) {
	b := newBench(t)
	b.up("old", "3.6.4")
	b.up("new", "3.6.11")
	// The consumer comes first by name: only the relation puts the offerer first.
	b.model("old", "app", "--worker")
	b.model("old", "off", "--worker")
	b.model("old", "bare")
	b.juju("deploy", b.charm("prov"), "prov", "-m", "old:admin/off", "--to", "0")
	b.juju("deploy", b.charm("cons"), "cons", "-m", "old:admin/app", "--to", "0")
	b.juju("switch", "old:admin/off")
	b.juju("offer", "-c", "old", "off.prov:link")
	b.juju("consume", "-m", "old:admin/app", "old:admin/off.prov")
	b.juju("integrate", "-m", "old:admin/app", "cons", "prov")
	b.eventually(time.Minute, "the relation is joined", func() bool { return b.joined("old") })
	ids := b.modelIDs("old")
	moving := []string{ids["old:admin/off"], ids["old:admin/app"], ids["old:admin/bare"]}
	page := b.transcript(t, "move-patched.md", "Patched first, then moved; with a relation between models", "`old` is at 3.6.4, `new` at 3.6.11. The application `cons` of the model `app` uses what `prov` of the model `off` offers.")

	planned := b.tool(append([]string{"plan", "-c", "old", "--to", "new"}, soon...)...).exits(t, exitPending)
	planned.says(t, `3\.6\.4 → 3\.6\.11`, `3 of 3 to move`, `(?s)admin/off .*admin/app `)
	page.show(planned)
	ran := b.tool(append([]string{"-y", "-c", "old", "--to", "new"}, soon...)...)
	for _, screen := range b.arrived(t, 1, ran, map[string]string{"new:admin/app": "old-app-0", "new:admin/off": "old-off-0"}) {
		page.show(screen)
		ran = screen
	}
	ran.says(t, `3 models moved from old to new`, `Regressions: none`)

	b.juju("status") // the operator's current model has moved
	b.at("3.6.11", "old:admin/controller", "new:admin/app", "new:admin/off", "new:admin/bare")
	b.livesOn("new", moving, "old")
	if !b.joined("new") {
		t.Errorf("the relation is not joined:\n%s", b.juju("status", "-m", "new:admin/app", "--relations"))
	}
	b.stepIs(1, "/new/models/admin/off/relations", "done")
	if !b.endedBefore(1, "/new/models/admin/off/verify", "/old/models/admin/app/migrate") {
		t.Error("the consumer has moved before what it consumes")
	}
	b.askedToMigrate("old", map[string]int{moving[0]: 1, moving[1]: 1, moving[2]: 1})
	b.askedToUpgrade("old", "3.6.11", append(moving, ids["old:admin/controller"])...)
	if got := b.requests("new"); len(got) != 0 {
		t.Errorf("models that came at 3.6.11 were asked to upgrade: %v", got)
	}
	b.noAccounts("new", "old")
	b.settled(1)
	b.tool("-y", "-c", "old", "--to", "new").exits(t, exitDone).says(t, `(?i)nothing to do`)
	b.keepsSecrets()
}

// askedToUpgrade fails the test unless the controller was asked to upgrade exactly
// the models with these UUIDs, some of which may have left it, each once.
func (b *bench) askedToUpgrade(controller, version string, uuids ...string) {
	b.t.Helper()
	var want []request
	for _, id := range uuids {
		want = append(want, request{id, version})
	}
	got := b.requests(controller)
	order := func(a, b request) int { return strings.Compare(a.model+a.version, b.model+b.version) }
	slices.SortFunc(want, order)
	slices.SortFunc(got, order)
	if !slices.Equal(got, want) {
		b.t.Errorf("%s was asked to upgrade %v, want %v", controller, got, want)
	}
}

// joined says that the relation of cons in app to prov in off is there and works,
// seen from both sides.
func (b *bench) joined(controller string) bool {
	b.t.Helper()
	var app struct {
		Remote map[string]struct {
			Status    condition           `json:"application-status"`
			Relations map[string][]string `json:"relations"`
		} `json:"application-endpoints"`
	}
	var off struct {
		Offers map[string]struct {
			Active int `json:"active-connected-count"`
		} `json:"offers"`
	}
	for model, into := range map[string]any{"app": &app, "off": &off} {
		if err := json.Unmarshal([]byte(b.juju("status", "-m", controller+":admin/"+model, "--format", "json")), into); err != nil {
			b.t.Fatal(err)
		}
	}
	prov := app.Remote["prov"]
	return prov.Status.Current == "active" && len(prov.Relations["link"]) == 1 && off.Offers["prov"].Active == 1
}

// endedBefore says that a step of the run was done before another began.
func (b *bench) endedBefore(run int, first, then string) bool {
	b.t.Helper()
	done := false
	for _, r := range b.records(run) {
		if r.Step == first && r.Status == "done" {
			done = true
		}
		if r.Step == then && r.Status == "started" {
			return done
		}
	}
	return false
}
