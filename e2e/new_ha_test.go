package e2e

import (
	"os/exec"
	"path/filepath"
	"testing"
	"time"
)

// spareMachines makes a controller "new" with the real client, whose own model then
// has two machines with nothing on them. The bench has no command for that: these are
// its script's own functions.
const spareMachines = `set -e
sed '/^main "\$@"; exit/d; s#^HERE=.*#HERE='"$(dirname "$1")"'#' "$1" > "$BENCH_DIR/functions.sh"
. "$BENCH_DIR/functions.sh"
cmd_machine box
database box
"$1" exec juju bootstrap bench new --no-switch --controller-charm-path "$BENCH_DIR/juju-controller.charm"
for i in 1 2; do
  locked; machine box-$i 11 member 3.6.11; unlock
  use_database box-$i box "$(enter box cat /etc/bench-core)"
  add36 new controller box-$i 3.6.11
done
`

// TestATargetGetsAsManyServersAsItsSource: the manual cloud makes no machines, and the
// two that the target's own model has become servers before any model moves.
func TestATargetGetsAsManyServersAsItsSource(t *testing.T) {
	b := newBench(t)
	b.up("old", "3.6.4", "--ha")
	b.model("old", "lab")
	b.haTarget(t)
	b.juju("switch", "old")
	page := b.transcript(t, "new-ha.md", "The target gets three servers first",
		"`old` is at 3.6.4 and has three servers. `new`, made by the client, is at 3.6.11 and has one; two machines are in its own model, with nothing on them.")

	args := []string{"-c", "old", "--to", "new", "--agent-version", "3.6.4", "--backup", "skip"}
	planned := b.tool(append([]string{"plan"}, args...)...).exits(t, exitPending)
	page.show(planned)
	planned.says(t, `1 → 3`, `1 of 1 to move`)
	ran := b.tool(append([]string{"-y"}, args...)...).exits(t, exitDone)
	page.show(ran)
	ran.says(t, `Done in`, `old:admin/lab moved to new`, `servers +3, all of them serving`)
	b.clonedOnce(t, 1, "/new/enable-ha")
	b.at("3.6.11", "new:admin/lab", "new:admin/controller")
	shown := b.must(time.Minute, "juju", "status", "-m", "new:admin/controller")
	page.show(shown)
	shown.says(t, `(?m)^0 +started`, `(?m)^1 +started`, `(?m)^2 +started`)
	b.tool(append([]string{"-y"}, args...)...).exits(t, exitDone).says(t, `(?i)nothing to do`)
	b.keepsSecrets()
}

// haTarget makes "new", and waits until its machines are there.
func (b *bench) haTarget(t *testing.T) {
	t.Helper()
	script, err := filepath.Abs(benchScript())
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("bash", "-c", spareMachines, "spare", script)
	cmd.Env = b.env()
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("cannot make the target: %v\n%s", err, out)
	}
	b.isWell("new") // all three machines have started
}
