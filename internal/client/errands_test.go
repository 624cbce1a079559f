package client

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"go.uber.org/goleak"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// errandDir names the folder in which the test binary, instead of testing, begins an
// errand; its arguments are the errand's.
const errandDir = "CLIENT_TEST_ERRAND_DIR"

func TestMain(m *testing.M) {
	if dir := os.Getenv(errandDir); dir != "" {
		asOperator(dir)
		return
	}
	goleak.VerifyTestMain(m)
}

// asOperator begins the errand once it is told to, says how that went, and stays.
func asOperator(dir string) {
	in := bufio.NewReader(os.Stdin)
	_, _ = in.ReadString('\n')
	fmt.Println(Errands{Dir: dir}.Start("work", os.Args[1], os.Args[2:]...))
	_, _ = in.ReadString('\n')
}

// operator is another process that begins the errand in a process group of its own.
type operator struct {
	*exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

func newOperator(t *testing.T, dir string, command ...string) operator {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0], command...)
	cmd.Env = append(os.Environ(), errandDir+"="+dir)
	cmd.Stderr = os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = in.Close(); _ = cmd.Wait() })
	return operator{Cmd: cmd, in: in, out: bufio.NewReader(out)}
}

// begin tells the other process to begin the errand.
func (o operator) begin(t *testing.T) {
	t.Helper()
	if _, err := io.WriteString(o.in, "\n"); err != nil {
		t.Fatal(err)
	}
}

// began waits until it has.
func (o operator) began(t *testing.T) {
	t.Helper()
	if said, err := o.out.ReadString('\n'); err != nil || said != "<nil>\n" {
		t.Fatalf("it said %q, %v", said, err)
	}
}

func start(t *testing.T, e Errands, program string, args ...string) {
	t.Helper()
	if err := e.Start("work", program, args...); err != nil {
		t.Fatal(err)
	}
}

func status(t *testing.T, e Errands) fleet.Errand {
	t.Helper()
	out, err := e.Status("work")
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// until waits for the errand to be as wanted.
func until(t *testing.T, e Errands, wanted func(fleet.Errand) bool) fleet.Errand {
	t.Helper()
	for range 1000 {
		if got := status(t, e); wanted(got) {
			return got
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("it is %+v", status(t, e))
	return fleet.Errand{}
}

func over(got fleet.Errand) bool { return got.Stage != fleet.Running }

// gated is a program that counts that it runs, says that it does, and goes on until
// open is called; it ends with that code.
func gated(t *testing.T, dir string, code int) (path string, open func()) {
	t.Helper()
	gate := filepath.Join(dir, "gate")
	path = program(t, dir, "gated", fmt.Sprintf(`echo $$ >> %s; echo at work
while test ! -e %s; do sleep 0.01; done
exit %d`, filepath.Join(dir, "pids"), gate, code))
	return path, func() {
		if err := os.WriteFile(gate, nil, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}

// pids are the processes that the gated program has run as.
func pids(t *testing.T, dir string) []int {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(dir, "pids"))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		t.Fatal(err)
	}
	var out []int
	for _, field := range strings.Fields(string(data)) {
		pid, err := strconv.Atoi(field)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, pid)
	}
	return out
}

func TestAnErrandIsToldFromBeginToEnd(t *testing.T) {
	dir := t.TempDir()
	e := Errands{Dir: dir}
	log := filepath.Join(dir, "work.log")
	if diff := cmp.Diff(fleet.Errand{Stage: fleet.NotBegun, Log: log}, status(t, e)); diff != "" {
		t.Error(diff)
	}
	path, open := gated(t, dir, 3)
	start(t, e, path)
	running := until(t, e, func(got fleet.Errand) bool { return got.Lines == 1 })
	if diff := cmp.Diff(fleet.Errand{Stage: fleet.Running, ID: running.ID, Output: []string{"at work"}, Lines: 1, Log: log}, running); diff != "" || running.ID == "" {
		t.Errorf("%+v %s", running, diff)
	}
	open()
	want := running
	want.Stage, want.Code = fleet.Ended, 3
	if diff := cmp.Diff(want, until(t, e, over)); diff != "" {
		t.Error(diff)
	}
}

func TestAnErrandIsRunningFromTheMomentThatItIsBegun(t *testing.T) {
	for range 50 {
		e := Errands{Dir: t.TempDir()}
		path, open := gated(t, e.Dir, 0)
		start(t, e, path)
		if got := status(t, e); got.Stage != fleet.Running || got.ID == "" {
			t.Fatalf("it is %+v", got)
		}
		open()
		until(t, e, over)
	}
}

func TestAnErrandThatIsUnderWayIsNotBegunAgain(t *testing.T) {
	dir := t.TempDir()
	e := Errands{Dir: dir}
	path, open := gated(t, dir, 0)
	start(t, e, path)
	first := status(t, e)
	start(t, e, path)
	start(t, e, path)
	until(t, e, func(got fleet.Errand) bool { return got.Lines == 1 })
	open()
	if got := until(t, e, over); got.ID != first.ID || got.Stage != fleet.Ended || len(pids(t, dir)) != 1 {
		t.Errorf("it is %+v, and ran as %v", got, pids(t, dir))
	}
}

func TestARunOfAnErrandIsToldFromAnEarlierOne(t *testing.T) {
	dir := t.TempDir()
	e := Errands{Dir: dir}
	ids := map[string]bool{}
	for code := range 3 {
		start(t, e, "/bin/sh", "-c", `echo run "$1"; exit "$1"`, "sh", strconv.Itoa(code))
		got := until(t, e, over)
		want := fleet.Errand{Stage: fleet.Ended, ID: got.ID, Code: code, Output: []string{fmt.Sprint("run ", code)}, Lines: 1, Log: got.Log}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Error(diff)
		}
		ids[got.ID] = true
	}
	if len(ids) != 3 {
		t.Errorf("the runs are %v", ids)
	}
	log, err := os.ReadFile(filepath.Join(dir, "work.log"))
	if err != nil || strings.Count(string(log), "\n== work, begun ") != 3 || strings.Count(string(log), "\nrun ") != 3 {
		t.Errorf("the log is %q, %v", log, err)
	}
}

func TestOfManyProcessesOneBeginsTheErrand(t *testing.T) {
	dir := t.TempDir()
	path, open := gated(t, dir, 0)
	var all []operator
	for range 8 {
		all = append(all, newOperator(t, dir, path))
	}
	for _, o := range all {
		o.begin(t)
	}
	e := Errands{Dir: dir}
	for range 200 { // looking is not in the way of beginning
		if got := status(t, e); got.Stage != fleet.NotBegun && got.Stage != fleet.Running {
			t.Fatalf("it is %+v", got)
		}
	}
	for _, o := range all {
		o.began(t)
	}
	until(t, e, func(got fleet.Errand) bool { return got.Lines > 0 })
	open()
	if got := until(t, e, over); got.Stage != fleet.Ended || got.Lines != 1 || len(pids(t, dir)) != 1 {
		t.Errorf("it is %+v, and ran as %v", got, pids(t, dir))
	}
}

func TestAnErrandOutlivesItsOperator(t *testing.T) {
	for name, by := range map[string]syscall.Signal{"killed": syscall.SIGKILL, "interrupted": syscall.SIGINT, "hung up on": syscall.SIGHUP} {
		t.Run(name, func(t *testing.T) {
			if signal.Ignored(by) {
				t.Skipf("%v is ignored here (nohup), and by all that is started from here", by)
			}
			dir := t.TempDir()
			path, open := gated(t, dir, 7)
			o := newOperator(t, dir, path)
			o.begin(t)
			o.began(t)
			e := Errands{Dir: dir}
			until(t, e, func(got fleet.Errand) bool { return got.Lines == 1 })
			if err := syscall.Kill(-o.Process.Pid, by); err != nil {
				t.Fatal(err)
			}
			if _, err := o.Process.Wait(); err != nil {
				t.Fatal(err)
			}
			if got := status(t, e); got.Stage != fleet.Running {
				t.Fatalf("it is %+v", got)
			}
			open()
			if got := until(t, e, over); got.Stage != fleet.Ended || got.Code != 7 {
				t.Errorf("it is %+v", got)
			}
		})
	}
}

// TestAnOperatorKilledAtAnyInstantLeavesNoErrandThatDoesNotLookSo kills a process
// while it begins an errand: whatever was reached, an errand that runs is Running.
func TestAnOperatorKilledAtAnyInstantLeavesNoErrandThatDoesNotLookSo(t *testing.T) {
	for i := range 40 {
		dir := t.TempDir()
		path, open := gated(t, dir, 0)
		o := newOperator(t, dir, path)
		o.begin(t)
		time.Sleep(time.Duration(i) * 150 * time.Microsecond)
		_ = o.Process.Kill()
		_, _ = o.Process.Wait()
		e := Errands{Dir: dir}
		got := status(t, e)
		if got.Stage != fleet.Running {
			time.Sleep(20 * time.Millisecond)
			if ran := pids(t, dir); len(ran) > 0 {
				t.Fatalf("it is %+v, and runs as %v", got, ran)
			}
		}
		open()
		if after := until(t, e, over); got.Stage == fleet.Running && (after.Stage != fleet.Ended || after.ID != got.ID) {
			t.Fatalf("it was %+v, and is %+v", got, after)
		}
		start(t, e, path) // whatever was left of it is in nobody's way
		if again := until(t, e, over); again.Stage != fleet.Ended || again.ID == got.ID {
			t.Fatalf("it was %+v, and is %+v", got, again)
		}
	}
}

func TestAProgramThatIsKilledHasEnded(t *testing.T) {
	dir := t.TempDir()
	e := Errands{Dir: dir}
	path, _ := gated(t, dir, 0)
	start(t, e, path)
	until(t, e, func(fleet.Errand) bool { return len(pids(t, dir)) == 1 })
	if err := syscall.Kill(pids(t, dir)[0], syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if got := until(t, e, over); got.Stage != fleet.Ended || got.Code != 128+int(syscall.SIGKILL) {
		t.Errorf("it is %+v", got)
	}
}

func TestAnErrandOfWhichAllIsKilledWasKilledAndCanBeBegunAgain(t *testing.T) {
	dir := t.TempDir()
	e := Errands{Dir: dir}
	path, open := gated(t, dir, 0)
	start(t, e, path)
	first := until(t, e, func(fleet.Errand) bool { return len(pids(t, dir)) == 1 })
	group, err := syscall.Getpgid(pids(t, dir)[0])
	if err != nil || group == syscall.Getpgrp() {
		t.Fatalf("its process group is %d, %v", group, err)
	}
	if err := syscall.Kill(-group, syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
	if got := until(t, e, over); got.Stage != fleet.Killed || got.ID != first.ID || got.Lines != 1 {
		t.Errorf("it is %+v", got)
	}
	open()
	start(t, e, path)
	if got := until(t, e, over); got.Stage != fleet.Ended || got.ID == first.ID {
		t.Errorf("it is %+v", got)
	}
}

func TestWhatAProgramLeavesBehindDoesNotHoldTheErrand(t *testing.T) {
	dir := t.TempDir()
	e := Errands{Dir: dir}
	gate := filepath.Join(dir, "gate")
	start(t, e, "/bin/sh", "-c", `(while test ! -e "$1"; do sleep 0.01; done; : > "$2") & exit 4`, "sh", gate, filepath.Join(dir, "gone"))
	if got := until(t, e, over); got.Stage != fleet.Ended || got.Code != 4 {
		t.Errorf("it is %+v", got)
	}
	if err := os.WriteFile(gate, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	until(t, e, func(fleet.Errand) bool { _, err := os.Stat(filepath.Join(dir, "gone")); return err == nil })
}

func TestArgumentsAndEnvironmentReachTheProgramAsTheyAre(t *testing.T) {
	t.Setenv("LC_ALL", "de_DE.UTF-8")
	t.Setenv("id", "mine")
	dir := t.TempDir()
	e := Errands{Dir: dir}
	args := []string{"$(touch no)", "a b", "", "*", "; exit 9", `"'\`, "x=y", "-n", "ü"}
	path := program(t, dir, "tell", `printf '<%s>\n' "$#" "$LC_ALL" "$id"
for a; do printf '<%s>' "$a"; done >`+filepath.Join(dir, "args")+`
test -t 0 && echo terminal; read line || echo no input`)
	start(t, e, path, args...)
	got := until(t, e, over)
	want := []string{fmt.Sprintf("<%d>", len(args)), "<de_DE.UTF-8>", "<mine>", "no input"}
	if diff := cmp.Diff(want, got.Output); diff != "" || got.Code != 0 {
		t.Errorf("%+v %s", got, diff)
	}
	told, err := os.ReadFile(filepath.Join(dir, "args"))
	if diff := cmp.Diff("<"+strings.Join(args, "><")+">", string(told)); err != nil || diff != "" {
		t.Error(err, diff)
	}
	for _, file := range []string{"work.log", "work.lock"} {
		data, err := os.ReadFile(filepath.Join(dir, file))
		if err != nil || strings.Contains(string(data), "touch") {
			t.Errorf("%s has the arguments: %q, %v", file, data, err)
		}
	}
}

func TestFilesOfAnErrandAreItsOwnersOnly(t *testing.T) {
	dir := t.TempDir()
	e := Errands{Dir: dir}
	start(t, e, "/bin/sh", "-c", "umask; umask > "+filepath.Join(dir, "umask"))
	until(t, e, over)
	for _, file := range []string{"work.log", "work.lock"} {
		info, err := os.Stat(filepath.Join(dir, file))
		if err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", file, info.Mode(), err)
		}
	}
}

func TestAnErrandThatCanNotBeIsRefusedAndHasNotBegun(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, "text"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	e := Errands{Dir: dir}
	for _, file := range []string{filepath.Join(dir, "none"), filepath.Join(dir, "text"), dir} {
		if err := e.Start("work", file); err == nil || !strings.HasPrefix(err.Error(), "cannot begin work: ") {
			t.Errorf("%s: %v", file, err)
		}
	}
	for _, name := range []string{"", "../work", "a/b", "..", "/work"} {
		if err := e.Start(name, "/bin/sh"); err == nil {
			t.Errorf("%q was begun", name)
		}
	}
	if err := (Errands{Dir: filepath.Join(dir, "none")}).Start("work", "/bin/sh"); err == nil {
		t.Error("begun without a folder")
	}
	if got := status(t, e); got.Stage != fleet.NotBegun {
		t.Errorf("it is %+v", got)
	}
}

func TestARecordThatIsCutOffIsNoCode(t *testing.T) {
	for record, want := range map[string]fleet.Errand{
		"":                                {Stage: fleet.NotBegun},
		"\nA begun 0":                     {Stage: fleet.NotBegun},
		"\nA begun 0\n":                   {Stage: fleet.Killed, ID: "A"},
		"\nA begun 0\nA 1":                {Stage: fleet.Killed, ID: "A"},
		"\nA begun 0\nA 1\n":              {Stage: fleet.Ended, ID: "A", Code: 1},
		"\nA begun 0\nA 1\n\nB begun 0\n": {Stage: fleet.Killed, ID: "B"},
		"\nA begun 0\nA 1\n\nB be":        {Stage: fleet.Ended, ID: "A", Code: 1},
	} {
		e := Errands{Dir: t.TempDir()}
		if err := os.WriteFile(filepath.Join(e.Dir, "work.lock"), []byte(record), 0o600); err != nil {
			t.Fatal(err)
		}
		want.Log = filepath.Join(e.Dir, "work.log")
		if diff := cmp.Diff(want, status(t, e)); diff != "" {
			t.Errorf("%q: %s", record, diff)
		}
	}
}

func TestTheLastLinesAreToldAsATerminalWouldShowThem(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "log")
	written := "before\n" + "one\ntwo\n\n \x1b[0m \nthree\r\n\x1b[31mERROR\x1b[0m \x1b]0;title\x07red\tblue\x07\n" +
		"10%\r20%\r100%\na\u202eb\xff\n" + strings.Repeat("x", 9000) + "\nlast, without an end"
	if err := os.WriteFile(file, []byte(written), 0o600); err != nil {
		t.Fatal(err)
	}
	log, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	last, lines, err := tail(log, int64(len("before\n")))
	want := []string{"ERROR red blue", "100%", "ab\uFFFD", strings.Repeat("x", longest) + "…", "last, without an end"}
	if diff := cmp.Diff(want, last); diff != "" || lines != 8 || err != nil {
		t.Errorf("%d lines, %v: %s", lines, err, diff)
	}
}

// TestNoSecretThatAProgramWritesIsTold: what is told goes to the journal and to screens.
// It is written bit by bit here, as a program that is being looked at may write it.
func TestNoSecretThatAProgramWritesIsTold(t *testing.T) {
	far := strings.Repeat("x ", longest/2-10)
	for written, want := range map[string]string{
		"ERROR cannot read http://bob:s3cret@host:80/tools: 503\n": "ERROR cannot read http://host:80/tools: 503",
		"ERROR http://bob:\x1b[31ms3cret\x1b[0m@host\n":            "ERROR http://host",
		"ERROR credential map[password:s3cret auth-type:x]\n":      "ERROR credential (values are not shown)",
		far + "http://bob:s3cret-s3cret-s3cret@host\n":             far + "http://host",
		far + "http://bob:" + strings.Repeat("s3cret", 400) + "\n": far + "http://…",
		"see https://host\n": "see https://host",
	} {
		file := filepath.Join(t.TempDir(), "log")
		for n := 0; n <= len(written); n += max(1, min(len(written)-n, len(written)/500)) {
			if err := os.WriteFile(file, []byte(written[:n]), 0o600); err != nil {
				t.Fatal(err)
			}
			log, err := os.Open(file)
			if err != nil {
				t.Fatal(err)
			}
			last, _, err := tail(log, 0)
			_ = log.Close()
			told := strings.Join(last, "\n")
			if err != nil || strings.Contains(told, "s3") {
				t.Fatalf("%v; of %q is told %q", err, written[:n], told)
			}
			if n == len(written) && told != want {
				t.Errorf("of %q is told %q, want %q", written, told, want)
			}
		}
	}
}

func TestWhatIsNoProgramIsToldAsBadInput(t *testing.T) {
	dir := t.TempDir()
	t.Chdir(dir)
	good := program(t, dir, "good", "true")
	if err := os.WriteFile(filepath.Join(dir, "text"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for file, want := range map[string]string{
		good: "", "good": "", "none": "no file", "sh": "no file", "text": "chmod +x text", dir: "is no file", "text/x": "cannot look",
	} {
		err := Executable(file)
		switch {
		case want == "" && err != nil:
			t.Errorf("%s: %v", file, err)
		case want != "" && (!fleet.IsBadInput(err) || !strings.Contains(err.Error(), want)):
			t.Errorf("%s: %v", file, err)
		}
	}
}

func TestAnErrandIsInASessionOfItsOwn(t *testing.T) {
	dir := t.TempDir()
	e := Errands{Dir: dir}
	path, open := gated(t, dir, 0)
	start(t, e, path)
	until(t, e, func(fleet.Errand) bool { return len(pids(t, dir)) == 1 })
	session, _, errno := syscall.Syscall(syscall.SYS_GETSID, uintptr(pids(t, dir)[0]), 0, 0)
	ours, _, _ := syscall.Syscall(syscall.SYS_GETSID, 0, 0, 0)
	if errno != 0 || session == ours {
		t.Errorf("its session is %d, ours %d, %v", session, ours, errno)
	}
	open()
	until(t, e, over)
}
