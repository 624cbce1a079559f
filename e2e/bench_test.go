package e2e

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// prefix begins the name of every folder that these tests make beside the
// built bench.
const prefix = "juju-upgrade-all-e2e-"

// bench is one set of real controllers in a folder of its own.
type bench struct {
	t   testing.TB
	dir string
	// pods says that its controllers are in a Kubernetes cluster (see cluster).
	pods bool
	// versions are those that controllers in the cluster began with, by their names.
	versions map[string]string
	// client is the version of the juju client; empty for the bench's default.
	client string
	mu     sync.Mutex
	// processes are the process groups that run, by number.
	processes map[int]bool
	// history is every command with what it answered, shown when the test fails.
	history bytes.Buffer
}

// newBench makes an empty bench with the binaries of the built one, and takes
// down all of it at the end of the test. It skips the test unless JUJU_E2E=1.
func newBench(t *testing.T) *bench {
	t.Helper()
	if os.Getenv("JUJU_E2E") != "1" {
		t.Skip("needs real controllers: JUJU_E2E=1 (see the package comment)")
	}
	t.Parallel()
	built := builtBench()
	if _, err := os.Stat(filepath.Join(built, "bin", "3.6.11", "juju")); err != nil {
		t.Fatalf("the bench is not built: %v (BENCH_DIR=%s %s build)", err, built, benchScript())
	}
	dir, err := os.MkdirTemp(filepath.Dir(built), prefix) // beside it, so that files can be hard-linked
	if err != nil {
		t.Fatal(err)
	}
	b := &bench{t: t, dir: dir}
	live.add(b)
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("what was run:\n%s\n%s", b.history.String(), b.try(30*time.Second, "status").stdout)
		}
		live.down(b)
	})
	b.own()
	if err := b.link(built, "bin"); err != nil {
		t.Fatal(err)
	}
	_ = b.link(built, filepath.Join("streams", "tools", "released")) // agent archives; without them they are packed anew
	return b
}

// own says whose the folder is (see sweep).
func (b *bench) own() {
	b.t.Helper()
	if err := os.WriteFile(filepath.Join(b.dir, "owner"), []byte(processName(os.Getpid())), 0o600); err != nil {
		b.t.Fatal(err)
	}
}

// link makes the same files in this bench as in the built one.
func (b *bench) link(built, tree string) error {
	root := filepath.Join(built, tree)
	return filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(built, path)
		if err != nil {
			return err
		}
		to := filepath.Join(b.dir, rel)
		if d.IsDir() {
			return os.MkdirAll(to, 0o755)
		}
		return os.Link(path, to)
	})
}

// running keeps a process group while it runs.
func (b *bench) running(group int, runs bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.processes == nil {
		b.processes = map[int]bool{}
	}
	if runs {
		b.processes[group] = true
	} else {
		delete(b.processes, group)
	}
}

// remove ends everything in the bench and its folder; first what still runs,
// lest a command that is bringing something up goes on with it.
func (b *bench) remove() {
	b.mu.Lock()
	for group := range b.processes {
		_ = syscall.Kill(-group, syscall.SIGKILL)
	}
	b.mu.Unlock()
	cmd := exec.Command(b.script(), "down")
	cmd.Env = b.env()
	if out, err := cmd.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "e2e: cannot take down %s: %v\n%s", b.dir, err, out)
		return
	}
	if err := os.RemoveAll(b.dir); err != nil {
		fmt.Fprintf(os.Stderr, "e2e: %v\n", err)
	}
}

// env is the caller's environment without what would lead juju elsewhere.
func (b *bench) env() []string {
	var env []string
	for _, kv := range os.Environ() {
		name, _, _ := strings.Cut(kv, "=")
		ours := slices.ContainsFunc([]string{"JUJU_", "BENCH_", "K8SBENCH_", "KB_"}, func(p string) bool { return strings.HasPrefix(name, p) })
		if !ours && name != "PATH" && name != "CI" && name != "KUBECONFIG" {
			env = append(env, kv)
		}
	}
	env = append(env, "PATH="+filepath.Join(b.dir, "plugin")+":"+os.Getenv("PATH"))
	client := "BENCH_CLIENT="
	if b.pods {
		env = append(env, "BENCH_DIR="+builtBench(), "K8SBENCH_DIR="+b.dir)
		client = "KB_CLIENT="
	} else {
		env = append(env, "BENCH_DIR="+b.dir)
	}
	if b.client != "" {
		env = append(env, client+b.client)
	}
	return env
}

// data is the client's data directory.
func (b *bench) data() string { return filepath.Join(b.dir, "data") }

// try runs a command of the bench and returns what it answered.
func (b *bench) try(within time.Duration, args ...string) result {
	b.t.Helper()
	return b.spawn(false, args...).wait(within)
}

// look runs a command of the bench for a caller that asks again: one that hangs, as
// juju's do while no controller answers, is killed and has failed, but not the test.
func (b *bench) look(within time.Duration, args ...string) result {
	b.t.Helper()
	p := b.spawn(false, args...)
	ended := p.ends(within)
	r := p.answer()
	if !ended {
		r.code = -1
	}
	return r
}

// must runs a command of the bench that has to succeed.
func (b *bench) must(within time.Duration, args ...string) result {
	b.t.Helper()
	r := b.try(within, args...)
	if r.code != 0 {
		b.t.Fatalf("bench %s: exit %d\n%s", strings.Join(args, " "), r.code, r.all)
	}
	return r
}

// up starts a controller. Its audit log tells requests with their arguments
// from then on.
func (b *bench) up(name, version string, options ...string) {
	b.t.Helper()
	up := append([]string{"up", name, version}, options...)
	if r := b.look(5*time.Minute, up...); r.code != 0 {
		// On a busy machine one may not come up in the time that the bench gives it.
		b.t.Logf("bench %s: exit %d, and once more\n%s", strings.Join(up, " "), r.code, r.all)
		b.must(time.Minute, "down", name)
		b.must(5*time.Minute, up...)
	}
	b.juju("switch", name)
	b.juju("controller-config", "-c", name, "audit-log-capture-args=true")
}

// model makes a model; with --worker it has a machine agent and a unit.
func (b *bench) model(controller, name string, options ...string) {
	b.t.Helper()
	b.must(5*time.Minute, append([]string{"model", controller, name}, options...)...)
}

// fault does what "bench break" calls a fault, or mends one.
func (b *bench) fault(name string, args ...string) {
	b.t.Helper()
	b.must(time.Minute, append([]string{"break", name}, args...)...)
}

// juju runs the real client, which has to succeed, and returns its stdout.
func (b *bench) juju(args ...string) string {
	b.t.Helper()
	return b.must(2*time.Minute, append([]string{"juju"}, args...)...).stdout
}

// audits are the audit logs of a controller, or of one of its machines: whole ones, also
// of servers that have been replaced since.
func (b *bench) audits(controller string) [][]byte {
	b.t.Helper()
	var files []string
	if b.pods {
		files, _ = filepath.Glob(filepath.Join(b.dir, "audits", controller+"_*"))
	} else {
		files = []string{b.file(controller, "/var/log/juju/audit.log")}
	}
	var out [][]byte
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil && !os.IsNotExist(err) {
			b.t.Fatal(err)
		}
		out = append(out, data)
	}
	return out
}

// file is the path, from outside, of a file inside a machine.
func (b *bench) file(machine, path string) string {
	pid, err := os.ReadFile(filepath.Join(b.dir, "run", machine, "pid"))
	if err != nil {
		b.t.Fatal(err)
	}
	return filepath.Join("/proc", strings.TrimSpace(string(pid)), "root", path)
}

// eventually waits until something is so.
func (b *bench) eventually(within time.Duration, what string, so func() bool) {
	b.t.Helper()
	if !until(within, 100*time.Millisecond, so) {
		b.t.Fatalf("not within %v: %s", within, what)
	}
}

func until(within, every time.Duration, so func() bool) bool {
	for end := time.Now().Add(within); ; time.Sleep(every) {
		if so() {
			return true
		}
		if time.Now().After(end) {
			return false
		}
	}
}

// script is the program that starts controllers here.
func (b *bench) script() string {
	if b.pods {
		return clusterScript()
	}
	return benchScript()
}

// benchScript is the program that starts controllers on machines.
func benchScript() string { return inBench("bench") }

// inBench is the path of a file in the folder of the bench.
func inBench(file string) string {
	dir := os.Getenv("JUJU_BENCH")
	if dir == "" {
		dir = filepath.Join("..", "..", "shared", "bench")
	}
	path, err := filepath.Abs(filepath.Join(dir, file))
	if err != nil {
		panic(err)
	}
	return path
}

// builtBench is the folder in which "bench build" left its binaries.
func builtBench() string {
	if dir := os.Getenv("BENCH_DIR"); dir != "" {
		return dir
	}
	return "/var/tmp/juju-bench"
}

// sweep takes down the benches of test processes that are no more.
func sweep() {
	dirs, err := filepath.Glob(filepath.Join(filepath.Dir(builtBench()), prefix+"*"))
	if err != nil {
		return
	}
	for _, dir := range dirs {
		owner, err := os.ReadFile(filepath.Join(dir, "owner"))
		if err == nil {
			pid, _, _ := strings.Cut(string(owner), " ")
			if n, err := strconv.Atoi(pid); err == nil && processName(n) == string(owner) {
				continue
			}
		}
		(&bench{dir: dir, pods: strings.HasPrefix(filepath.Base(dir), clusterPrefix)}).remove()
	}
}

// processName tells a process from any other that had or will have its number.
func processName(pid int) string {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return ""
	}
	_, rest, _ := strings.Cut(string(stat), ") ")
	fields := strings.Fields(rest)
	if len(fields) < 20 {
		return ""
	}
	return fmt.Sprintf("%d %s", pid, fields[19])
}
