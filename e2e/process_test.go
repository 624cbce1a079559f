package e2e

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// result is what a command answered.
type result struct {
	args []string
	// stdout is empty for a command whose streams are one (see spawn).
	stdout string
	// all is stdout and stderr.
	all  string
	code int
	took time.Duration
}

// says fails the test unless the output matches each pattern.
func (r result) says(t testing.TB, patterns ...string) {
	t.Helper()
	for _, p := range patterns {
		if !regexp.MustCompile(p).MatchString(r.all) {
			t.Errorf("%s does not say %q:\n%s", strings.Join(r.args, " "), p, r.all)
		}
	}
}

// exits fails the test, for good, unless the exit code is this one.
func (r result) exits(t testing.TB, code int) result {
	t.Helper()
	if r.code != code {
		t.Fatalf("%s: exit %d, want %d\n%s", strings.Join(r.args, " "), r.code, code, r.all)
	}
	return r
}

// process is a command that runs.
type process struct {
	b      *bench
	cmd    *exec.Cmd
	args   []string
	began  time.Time
	ended  chan struct{}
	out    *streams
	code   int
	result *result
}

// spawn starts a command of the bench. With one, stdout and stderr are one
// stream, as on a screen, so that all is in the order in which it was written.
func (b *bench) spawn(one bool, args ...string) *process {
	b.t.Helper()
	p := &process{b: b, args: args, began: time.Now(), ended: make(chan struct{}), out: &streams{}}
	p.cmd = exec.Command(b.script(), args...)
	p.cmd.Env = b.env()
	p.cmd.Stdout, p.cmd.Stderr = &stream{p.out, true}, &stream{p.out, false}
	if one {
		p.cmd.Stdout = p.cmd.Stderr
	}
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	p.cmd.WaitDelay = 10 * time.Second
	if err := p.cmd.Start(); err != nil {
		b.t.Fatal(err)
	}
	b.running(p.cmd.Process.Pid, true)
	go func() {
		err := p.cmd.Wait()
		b.running(p.cmd.Process.Pid, false)
		p.code = p.cmd.ProcessState.ExitCode()
		if err != nil && p.code <= 0 {
			p.code = -1
			var exit *exec.ExitError
			if errors.As(err, &exit) {
				if ws, ok := exit.Sys().(syscall.WaitStatus); ok && ws.Signaled() {
					p.code = 128 + int(ws.Signal())
				}
			}
		}
		close(p.ended)
	}()
	return p
}

// running says that the command has not ended.
func (p *process) running() bool {
	select {
	case <-p.ended:
		return false
	default:
		return true
	}
}

// wait returns what the command answered; one that has not ended in time is
// killed, and the test fails.
func (p *process) wait(within time.Duration) result {
	p.b.t.Helper()
	if !p.ends(within) {
		p.b.t.Errorf("%s had not ended after %v", strings.Join(p.args, " "), within)
	}
	return p.answer()
}

// ends says whether the command ends in time; it is killed otherwise.
func (p *process) ends(within time.Duration) bool {
	select {
	case <-p.ended:
		return true
	case <-time.After(within):
		syscall.Kill(-p.cmd.Process.Pid, syscall.SIGKILL)
		<-p.ended
		return false
	}
}

// answer is what a command that has ended has answered.
func (p *process) answer() result {
	if p.result != nil {
		return *p.result
	}
	r := p.out.result()
	r.args, r.code, r.took = p.args, p.code, time.Since(p.began)
	p.b.remember(r)
	p.result = &r
	return r
}

// remember keeps what was run for the case that the test fails: all that the
// tool said, and the beginning of what others did.
func (b *bench) remember(r result) {
	args, said := strings.Join(r.args, " "), r.all
	if !strings.Contains(args, "upgrade-all") && len(said) > 300 {
		said = said[:300] + " …\n"
	}
	fmt.Fprintf(&b.history, "$ %s\n%s[exit %d after %v]\n", args, said, r.code, r.took.Round(10*time.Millisecond))
}

// shown is what it has said so far.
func (p *process) shown() string { return p.out.result().all }

// awaits waits until something is so while the command runs.
func (p *process) awaits(within time.Duration, what string, so func() bool) {
	p.b.t.Helper()
	ok := until(within, 10*time.Millisecond, func() bool { return so() || !p.running() })
	if !ok || !so() {
		p.b.t.Fatalf("%s: not within %v, or before it ended: %s\n%s", strings.Join(p.args, " "), within, what, p.shown())
	}
}

// signal sends the signal to the plugin itself, not to the juju that runs it.
func (p *process) signal(s syscall.Signal) {
	p.b.t.Helper()
	var pid int
	if !until(5*time.Second, 5*time.Millisecond, func() bool { pid = plugin(p.cmd.Process.Pid); return pid != 0 }) {
		p.b.t.Fatalf("%s: no such process below %d", pluginName, p.cmd.Process.Pid)
	}
	if err := syscall.Kill(pid, s); err != nil {
		p.b.t.Fatal(err)
	}
}

// plugin finds the plugin: the process itself or one below it; 0 when there is none.
func plugin(pid int) int {
	if exe, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", pid)); err == nil && filepath.Base(exe) == pluginName {
		return pid
	}
	tasks, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	for _, task := range tasks {
		children, err := os.ReadFile(task)
		if err != nil {
			continue
		}
		for child := range strings.FieldsSeq(string(children)) {
			n, err := strconv.Atoi(child)
			if err != nil {
				continue
			}
			if found := plugin(n); found != 0 {
				return found
			}
		}
	}
	return 0
}

// streams is what a process has written: to stdout, and in all.
type streams struct {
	mu          sync.Mutex
	stdout, all bytes.Buffer
}

// stream is one end of streams.
type stream struct {
	to     *streams
	stdout bool
}

// Write implements io.Writer.
func (s *stream) Write(data []byte) (int, error) {
	s.to.mu.Lock()
	defer s.to.mu.Unlock()
	if s.stdout {
		s.to.stdout.Write(data)
	}
	return s.to.all.Write(data)
}

func (s *streams) result() result {
	s.mu.Lock()
	defer s.mu.Unlock()
	return result{stdout: s.stdout.String(), all: s.all.String()}
}
