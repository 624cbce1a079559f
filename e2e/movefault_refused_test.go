package e2e

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"testing"
	"time"
)

// exitUsage is the exit code of bad usage or input.
const exitUsage = 2

// TestAMoveThatCannotBeIsRefused: a target that is older, the same, unknown, down
// or not one's own, and options that contradict each other. Each is told with what
// to type, before anything is changed anywhere.
func TestAMoveThatCannotBeIsRefused(t *testing.T) {
	b := newBench(t)
	b.pair()
	b.up("older", "3.6.4")
	b.model("old", "db", "--charm")
	page := b.transcript(t, "move-refused.md", "Moves that cannot be", "`old` and `new` are at 3.6.11, `older` at 3.6.4.")
	for _, name := range []string{"old", "new", "older"} {
		b.isWell(name) // what is compared at the end must be what lasts
	}
	before := b.world("old", "new", "older")

	for _, test := range []struct {
		args []string
		code int
		says []string
	}{
		{[]string{"-c", "old", "--to", "older"}, exitBlocked, []string{`BLOCKER\s+target-older\s+older`, `3\.6\.4`, `juju upgrade-all plan -c older`}},
		{[]string{"-c", "old", "--to", "old"}, exitUsage, []string{`--to old is the controller that the models are on`}},
		{[]string{"-c", "old", "--to", "nowhere"}, exitUsage, []string{`nowhere`, `juju controllers`}},
		{[]string{"--all-controllers", "--to", "new"}, exitUsage, []string{`--to`, `-c`}},
		{[]string{"-c", "old,older", "--to", "new"}, exitUsage, []string{`--to`, `-c`}},
		{[]string{"-c", "old", "-c", "older", "--to", "new"}, exitUsage, []string{`--to`, `-c`}},
		{[]string{"-c", "old", "--to", "new", "-m", "nothing"}, exitUsage, []string{`-m nothing`, `juju models`}},
		{[]string{"-c", "old", "--to", "new", "--exclude", "bd"}, exitUsage, []string{`--exclude bd`}},
		{[]string{"-c", "old", "--to", "new", "--canary", "nothing"}, exitUsage, []string{`--canary nothing`}},
		{[]string{"-c", "old", "--to", "new", "--canary", "db", "--exclude", "db"}, exitUsage, []string{`db`}},
	} {
		r := b.tool(append([]string{"-y"}, test.args...)...).exits(t, test.code)
		r.says(t, test.says...)
		page.show(r)
	}
	b.direct("-c", "old", "--to", "new").wait(runLimit).exits(t, exitUsage).says(t, `-y`)

	alice := b.notSuperuser("new")
	refused := alice("-y", "-c", "old", "--to", "new").exits(t, exitBlocked)
	refused.says(t, `BLOCKER\s+target-not-superuser\s+new`, `juju grant -c new alice superuser`)
	page.note("The user of this client is no superuser of `new`:")
	page.show(refused)

	b.fault("kill-controller", "new")
	down := b.tool("-y", "-c", "old", "--to", "new").exits(t, exitBlocked)
	down.says(t, `BLOCKER\s+target-unreachable\s+new`, `juju show-controller new`)
	page.note("`new` is down:")
	page.show(down)
	b.fault("start-controller", "new")
	b.eventually(time.Minute, "new is as before", func() bool { return b.look(time.Minute, "juju", "status", "-m", "new:admin/controller").code == 0 })

	b.eventually(time.Minute, "all is as before", func() bool { return b.world("old", "new", "older") == before })
	for _, c := range []string{"old", "new", "older"} {
		if got := b.changes(c); len(got) > 0 {
			t.Errorf("%s was asked for changes: %v", c, got)
		}
	}
	if _, err := os.Stat(b.runDir(1)); err == nil {
		t.Error("a refused move has left a run")
	}
}

// notSuperuser makes a client whose user is no superuser of that controller, and
// returns what runs the tool as that client.
func (b *bench) notSuperuser(controller string) func(args ...string) result {
	b.t.Helper()
	said := b.juju("add-user", "alice", "-c", controller)
	token := regexp.MustCompile(`juju register (\S+)`).FindStringSubmatch(said)
	if token == nil {
		b.t.Fatal("juju add-user gives no registration string")
	}
	store := filepath.Join(b.dir, "alice")
	err := filepath.WalkDir(b.data(), func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		to := filepath.Join(store, path[len(b.data()):])
		if d.IsDir() {
			return os.MkdirAll(to, 0o700)
		}
		data, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(to, data, 0o600)
	})
	if err != nil {
		b.t.Fatal(err)
	}
	as := func(args ...string) *process {
		return b.spawn(true, append([]string{"exec", "env", "JUJU_DATA=" + store}, args...)...)
	}
	as("juju", "unregister", controller, "--no-prompt").wait(time.Minute).exits(b.t, 0)
	as("sh", "-c", `printf '%s\n%s\n`+controller+`\n' alices-secret alices-secret | juju register `+token[1]).wait(time.Minute).exits(b.t, 0)
	return func(args ...string) result {
		b.needPlugin()
		return as(append([]string{"juju", "upgrade-all"}, args...)...).wait(runLimit)
	}
}
