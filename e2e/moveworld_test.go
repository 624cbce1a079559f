package e2e

import (
	"archive/zip"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/journal"
)

// temporary begins the name of the superuser that a run makes on the target.
const temporary = "upgrade-all-"

// soon bounds how long a run waits for an agent that does not come: what Juju
// strands is stranded for ever, and a test need not wait for the default.
var soon = []string{"--stall", "90s"}

// homes are the controllers that list the model of that UUID.
func (b *bench) homes(uuid string, controllers ...string) []string {
	b.t.Helper()
	var out []string
	for _, c := range controllers {
		for _, id := range b.modelIDs(c) {
			if id == uuid {
				out = append(out, c)
			}
		}
	}
	return out
}

// livesOn fails the test unless each of the models, whose UUIDs are given, is
// listed by that controller and by none of the others.
func (b *bench) livesOn(controller string, uuids []string, others ...string) {
	b.t.Helper()
	for _, id := range uuids {
		if got := b.homes(id, append([]string{controller}, others...)...); !slices.Equal(got, []string{controller}) {
			b.t.Errorf("model %s is listed by %v, want %s alone", id, got, controller)
		}
	}
}

// noAccounts fails the test if a temporary superuser is left on a controller.
func (b *bench) noAccounts(controllers ...string) {
	b.t.Helper()
	for _, c := range controllers {
		for _, name := range b.users(c) {
			if strings.HasPrefix(name, temporary) {
				b.t.Errorf("the temporary superuser %s is left on %s", name, c)
			}
		}
	}
}

// usersAdded counts how often the tool asked a controller to make each user; its
// temporary superusers, whose names are random, are all counted as "".
func (b *bench) usersAdded(controller string) map[string]int {
	b.t.Helper()
	out := map[string]int{}
	for _, a := range b.auditLog(controller) {
		if a.facade != "UserManager" || a.method != "AddUser" {
			continue
		}
		var args struct {
			Users []struct {
				Name string `json:"username"`
			} `json:"users"`
		}
		if err := json.Unmarshal([]byte(a.args), &args); err != nil || len(args.Users) == 0 {
			b.t.Fatalf("a request for users that cannot be read (%v): %s", err, a.args)
		}
		for _, u := range args.Users {
			if strings.HasPrefix(u.Name, temporary) {
				u.Name = ""
			}
			out[u.Name]++
		}
	}
	return out
}

// captures waits until the audit log of a controller has arguments. One of 4.1 takes
// a change of its configuration in by and by.
func (b *bench) captures(controller string) {
	b.t.Helper()
	b.eventually(time.Minute, controller+" captures the arguments of requests", func() bool {
		b.juju("controller-config", "-c", controller, "audit-log-capture-args=true")
		log, err := os.ReadFile(b.file(controller, "/var/log/juju/audit.log"))
		return err == nil && strings.Contains(string(log), `"args":`)
	})
}

// isWell waits until no agent of a controller is out of sight: the machine of one
// of 4.1 is for some seconds after its bootstrap.
func (b *bench) isWell(controller string) {
	b.t.Helper()
	b.eventually(time.Minute, controller+" is well", func() bool {
		for range 3 { // in a row
			for _, a := range b.status(controller + ":admin/controller").agents() {
				if a.state != "started" && a.state != "idle" {
					return false
				}
			}
			time.Sleep(time.Second)
		}
		return true
	})
}

// charm packs a charm of testdata and returns the file.
func (b *bench) charm(name string) string {
	b.t.Helper()
	path := filepath.Join(b.dir, name+".charm")
	f, err := os.Create(path)
	if err != nil {
		b.t.Fatal(err)
	}
	w := zip.NewWriter(f)
	err = w.AddFS(os.DirFS(filepath.Join("testdata", "charms", name))) // keeps the modes
	if err == nil {
		err = w.Close()
	}
	if err == nil {
		err = f.Close()
	}
	if err != nil {
		b.t.Fatal(err)
	}
	return path
}

// cure is a command that the tool printed for a machine.
type cure struct{ model, machine, script string }

var curePattern = regexp.MustCompile(`(?m)juju ssh -m (\S+) (\S+) '.*$`)

// cures are the commands for machines in a screen, "juju ssh -m MODEL MACHINE
// SCRIPT"; the script is what a shell makes of that word.
func cures(t testing.TB, screen string) []cure {
	t.Helper()
	var out []cure
	for _, m := range curePattern.FindAllStringSubmatch(screen, -1) {
		script, err := exec.Command("bash", "-c", `juju() { [ $# = 5 ] && printf %s "$5"; }; `+m[0]).Output()
		if err != nil || len(script) == 0 {
			t.Fatalf("what is printed is no command: %v: %s", err, m[0])
		}
		out = append(out, cure{m[1], m[2], string(script)})
	}
	return out
}

// arrived waits for a run that moves models with agents. Juju before 3.6.19
// strands an agent now and then; then the run has to fail naming it, and what it
// prints for the machine (there is no juju ssh on a bench; it is run there as it
// is), and resume, must bring it in. Workers are the machines, by the model
// that they belong to as the target names it.
func (b *bench) arrived(t *testing.T, run int, ran result, workers map[string]string) (screens []result) {
	t.Helper()
	screens = []result{ran}
	for range workers { // each model can strand its agents, and holds the next ones
		if ran.code == exitDone {
			break
		}
		ran.exits(t, exitFailed)
		b.rejoin(t, run, ran, workers)
		ran = b.tool("resume", "-y")
		screens = append(screens, ran)
	}
	ran.exits(t, exitDone)
	if len(screens) == 1 {
		t.Log("Juju stranded no agent")
	}
	return screens
}

// rejoin does on the machines what the screen of a failed run says. It fails the
// test unless all that failed is that agents of models that have moved are not
// there, and each is named, with something to type.
func (b *bench) rejoin(t *testing.T, run int, ran result, workers map[string]string) {
	t.Helper()
	for step, r := range b.failures(run) {
		if !strings.HasSuffix(step, "/arrive") {
			t.Fatalf("%s failed: %+v\n%s", step, r, ran.all)
		}
		for _, a := range r.Missing {
			ran.says(t, regexp.QuoteMeta(a.Name))
		}
	}
	ran.says(t, `not all agents seen there`, `resume `)
	todo := cures(t, ran.all)
	if len(todo) == 0 {
		t.Fatalf("nothing says which agent is missing and what to type:\n%s", ran.all)
	}
	for _, c := range todo {
		worker, ok := workers[c.model]
		if !ok {
			t.Fatalf("a cure for %s, which has no machine here:\n%s", c.model, ran.all)
		}
		t.Logf("Juju stranded an agent of %s: what was printed is run on %s", c.model, worker)
		b.must(time.Minute, "enter", worker, "bash", "-c", c.script)
	}
}

// failures are the steps of a run whose last status is that they failed.
func (b *bench) failures(run int) map[string]journal.Record {
	b.t.Helper()
	out := map[string]journal.Record{}
	for _, r := range b.records(run) {
		if r.Event == journal.Moved {
			delete(out, r.Step)
			if r.Status == journal.Failed {
				out[r.Step] = r
			}
		}
	}
	return out
}

func TestTheCuresOfAScreenAreWhatAShellMakesOfThem(t *testing.T) {
	got := cures(t, "to type:  juju status -m new:admin/web\n          juju ssh -m new:admin/web 0 'sudo sh -c \"echo \\\"a b\\\" && x\"'\n")
	if want := (cure{"new:admin/web", "0", `sudo sh -c "echo \"a b\" && x"`}); !slices.Equal(got, []cure{want}) {
		t.Errorf("got %q, want %q", got, want)
	}
}
