package e2e

import (
	"crypto/tls"
	"encoding/json"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/gorilla/websocket"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/journal"
)

// TestATargetThatIsCutOffForGoodIsToldTruly: Juju gives up, and cannot tidy up on
// the target. What is left there stands in the way, and the account names it.
func TestATargetThatIsCutOffForGoodIsToldTruly(t *testing.T) {
	b := newBench(t)
	b.pair()
	b.model("old", "app", "--worker")
	b.model("old", "db", "--charm")
	ids := b.modelIDs("old")
	app, db := ids["old:admin/app"], ids["old:admin/db"]
	page := b.transcript(t, "move-target-lost.md", "The target is cut off in the middle of a migration", "The network of `new` is down while `old` uploads the agent binaries of `app`, until Juju gives up.")

	p := b.uploading("--stall", "5m")
	b.fault("cut", "new")
	b.fault("slow", "old", "0")
	p.awaits(3*time.Minute, "Juju has given up", func() bool {
		return strings.Contains(b.look(time.Minute, "juju", "show-model", "old:admin/app").all, "aborted")
	})
	var status result
	p.awaits(4*time.Minute, "the run has seen that", func() bool {
		status = b.tool("status")
		return strings.Contains(status.all, "aborted")
	})
	page.note("Juju has given up, and `new` is still away; from another terminal:")
	page.show(status)
	b.fault("mend", "new")
	ran := p.wait(runLimit).exits(t, exitFailed)
	page.note("`new` is back. What the first terminal has shown:")
	page.show(ran)
	ran.says(t, `resume 1`, `works on old`)
	failed := b.stepIs(1, "/old/models/admin/app/migrate", journal.Failed)
	b.arrives(time.Minute, "3.6.11", "old:admin/app")
	b.on("new")
	b.onlyUsers("new", "admin")

	if !strings.Contains(failed.Detail, "aborted") {
		t.Errorf("Juju's reason is not told: %s", failed.Detail)
	}
	ran.says(t, `unfinished import`, `(?s)MigrationTarget\.Abort\s+of\s+model-`+app)
	stuck := b.tool("resume", "-y").exits(t, exitFailed) // without a cure: no better, and nothing asked for
	stuck.says(t, `unfinished import`)
	b.askedToMigrate("old", map[string]int{app: 1})

	b.asSuperuser("new", "MigrationTarget", "Abort", `{"model-tag":"model-`+app+`"}`)
	page.note("What is left on `new` is removed through Juju's API, and the run goes on:")
	resumed := b.getsThere(t, b.start("resume", "-y"))
	page.show(resumed)
	b.on("old")
	b.on("new", "app", "db")
	b.at("3.6.11", "new:admin/app", "new:admin/db")
	b.askedToMigrate("old", map[string]int{app: 2, db: 1})
	b.onlyUsers("new", "admin")
	b.settled(1)
	b.keepsSecrets()
}

// asSuperuser makes a call of Juju's API that no juju command makes, as admin. It
// is made in the bench's network, by this test binary.
func (b *bench) asSuperuser(controller, facade, method, params string) {
	b.t.Helper()
	var shown map[string]struct {
		Details struct {
			Endpoints []string `json:"api-endpoints"`
		} `json:"details"`
	}
	if err := json.Unmarshal([]byte(b.juju("show-controller", controller, "--format", "json")), &shown); err != nil {
		b.t.Fatal(err)
	}
	self, err := os.Executable()
	if err != nil {
		b.t.Fatal(err)
	}
	b.must(time.Minute, "exec", "env", "CALL_AT="+shown[controller].Details.Endpoints[0], "CALL_FACADE="+facade, "CALL_METHOD="+method, "CALL_PARAMS="+params,
		self, "-test.run", "^TestACallIsMade$", "-test.v").says(b.t, `--- PASS: TestACallIsMade`)
}

// TestACallIsMade is the part of asSuperuser that runs in the bench's network.
func TestACallIsMade(t *testing.T) {
	at := os.Getenv("CALL_AT")
	if at == "" {
		t.Skip("part of another test")
	}
	dialer := websocket.Dialer{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}} // of a bench, on this machine
	conn, _, err := dialer.Dial("wss://"+at+"/api", nil)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	call := func(facade string, version int, method, params string) (response json.RawMessage) {
		t.Helper()
		request := map[string]any{"request-id": 1, "type": facade, "version": version, "request": method, "params": json.RawMessage(params)}
		var reply struct {
			Error    string
			Response json.RawMessage
		}
		if err := conn.WriteJSON(request); err != nil {
			t.Fatal(err)
		}
		if err := conn.ReadJSON(&reply); err != nil || reply.Error != "" {
			t.Fatalf("%s.%s: %v %s", facade, method, err, reply.Error)
		}
		return reply.Response
	}
	var login struct {
		Facades []struct {
			Name     string
			Versions []int
		}
	}
	credentials, err := json.Marshal(map[string]string{"auth-tag": "user-admin", "credentials": password, "client-version": "3.6.11"})
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(call("Admin", 3, "Login", string(credentials)), &login); err != nil {
		t.Fatal(err)
	}
	version := 0
	for _, f := range login.Facades {
		if f.Name == os.Getenv("CALL_FACADE") {
			version = f.Versions[len(f.Versions)-1]
		}
	}
	call(os.Getenv("CALL_FACADE"), version, os.Getenv("CALL_METHOD"), os.Getenv("CALL_PARAMS"))
}
