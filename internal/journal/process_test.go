//go:build unix

package journal_test

import (
	"bufio"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/journal"
)

// asProcess names what the test binary does instead of testing, in the folder
// that processDir names.
const asProcess, processDir = "JOURNAL_TEST_AS", "JOURNAL_TEST_DIR"

func TestMain(m *testing.M) {
	s := journal.NewStore(os.Getenv(processDir))
	switch name, arg, _ := strings.Cut(os.Getenv(asProcess), " "); name {
	case "":
		os.Exit(m.Run())
	case "create":
		processCreate(s, arg)
	case "hold":
		processHold(s)
	case "full":
		processFull(s)
	}
}

// process starts the test binary as something else.
func process(t *testing.T, dir, as string) *exec.Cmd {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), asProcess+"="+as, processDir+"="+dir)
	cmd.Stderr = os.Stderr
	return cmd
}

// processCreate creates a run at a controller, says its number or who holds the
// controller, and holds it until its input ends.
func processCreate(s journal.Store, name string) {
	buffer := bufio.NewReader(os.Stdin)
	_, _ = buffer.ReadString('\n') // all begin at once
	r, err := s.Create(planOf(name), nil)
	var locked *journal.ErrLocked
	switch {
	case errors.As(err, &locked):
		fmt.Println("locked")
	case err != nil:
		fmt.Println(err)
	default:
		fmt.Println(r.Number)
	}
	_, _ = buffer.ReadString('\n')
}

// race starts n processes that create a run at once, and returns what they say.
func race(t *testing.T, dir string, n int, controller func(int) string) []string {
	t.Helper()
	var said []string
	type racer struct {
		in  interface{ Write([]byte) (int, error) }
		out *bufio.Reader
	}
	var racers []racer
	for i := range n {
		cmd := process(t, dir, "create "+controller(i))
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
		racers = append(racers, racer{in, bufio.NewReader(out)})
	}
	for _, r := range racers {
		_, _ = r.in.Write([]byte("\n"))
	}
	for _, r := range racers {
		line, err := r.out.ReadString('\n')
		if err != nil {
			t.Fatal(err)
		}
		said = append(said, strings.TrimSpace(line))
	}
	slices.Sort(said)
	return said
}

func TestProcessesThatRaceGetNumbersOfTheirOwn(t *testing.T) {
	said := race(t, t.TempDir(), 6, func(i int) string { return fmt.Sprintf("c%d", i) })
	if want := []string{"1", "2", "3", "4", "5", "6"}; !slices.Equal(said, want) {
		t.Errorf("they got %q, want %q", said, want)
	}
}

func TestOneOfTheProcessesThatRaceForAControllerGetsIt(t *testing.T) {
	said := race(t, t.TempDir(), 4, func(i int) string { return fmt.Sprintf("name%d=prod-uuid", i) })
	if want := []string{"1", "locked", "locked", "locked"}; !slices.Equal(said, want) {
		t.Errorf("they got %q, want %q", said, want)
	}
}

// processHold begins a run and goes on until it is killed.
func processHold(s journal.Store) {
	r, err := s.Create(planOf("prod"), health())
	if err == nil {
		err = r.Append(event(journal.Begun))
	}
	if err == nil {
		err = r.Append(moved(backup, journal.Started))
	}
	fmt.Println("holding", err)
	select {}
}

func TestARunOfAKilledProcessIsFreeAtOnce(t *testing.T) {
	dir := t.TempDir()
	s := journal.NewStore(dir)
	cmd := process(t, dir, "hold")
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	if line, err := bufio.NewReader(out).ReadString('\n'); line != "holding <nil>\n" {
		t.Fatalf("the other process says %q, %v", line, err)
	}
	if !s.Alive(1) {
		t.Error("the run of another process is not alive")
	}
	_, err = s.Create(planOf("prod"), nil)
	wantLocked(t, err, "prod", 1)

	_ = cmd.Process.Kill()
	_ = cmd.Wait()
	if s.Alive(1) {
		t.Error("the run of a killed process is alive")
	}
	wantUnfinished(t, s, map[string]int{"prod-uuid": 1})
	r, err := s.Resume(1)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if status := r.State().Steps[backup].Status; status != journal.Started {
		t.Errorf("what it had begun is %s", status)
	}
}

// fullAt is how many bytes fit on the full disk: not a whole number of records.
const fullAt = 1060

// processFull appends until the journal's file may not grow any more, and says
// what happened.
func processFull(s journal.Store) {
	signal.Ignore(syscall.SIGXFSZ)
	r, err := s.Create(planOf("prod"), health())
	if err != nil {
		fmt.Println(err)
		return
	}
	// Room for some records and a part of one more.
	var wide syscall.Rlimit
	err = syscall.Getrlimit(syscall.RLIMIT_FSIZE, &wide)
	if err == nil {
		err = syscall.Setrlimit(syscall.RLIMIT_FSIZE, &syscall.Rlimit{Cur: fullAt, Max: wide.Max})
	}
	if err != nil {
		fmt.Println(err)
		return
	}
	shown := 0
	r.Watch(func(journal.Record) { shown++ })
	for err = nil; err == nil; {
		err = r.Append(moved(backup, journal.Started))
	}
	seq := r.State().Seq
	// There is room again, but half a record at the end.
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &wide); err != nil {
		fmt.Println(err)
		return
	}
	again := r.Append(event(journal.Interrupted))
	fmt.Println(seq > 1, shown == seq, again != nil && again.Error() == err.Error(), r.State().Seq == seq, seq)
}

func TestAFullDiskIsAnErrorAndLosesNothing(t *testing.T) {
	dir := t.TempDir()
	out, err := process(t, dir, "full").Output()
	if err != nil {
		t.Fatal(err)
	}
	var some, shown, sticks, stays bool
	var seq int
	if _, err := fmt.Sscan(string(out), &some, &shown, &sticks, &stays, &seq); err != nil {
		t.Fatalf("the other process says %q", out)
	}
	if !some || !shown || !sticks || !stays {
		t.Errorf("records before: %t, exactly these shown: %t, next refused: %t, state stays: %t", some, shown, sticks, stays)
	}
	s := journal.NewStore(dir)
	whole := read(t, journalFile(s, 1))
	if len(whole) != fullAt || whole[len(whole)-1] == '\n' {
		t.Fatalf("the last record is not torn: %q", whole)
	}
	if got := load(t, s, 1).Seq; got != seq {
		t.Errorf("%d records are loaded of %d", got, seq)
	}
	wantGoesOn(t, s, seq)
}

func TestAClosedRunAppendsNothing(t *testing.T) {
	s := newStore(t)
	r := create(t, s, planOf("prod"))
	add(t, r, event(journal.Begun))
	_ = r.Close()
	if err := r.Append(moved(backup, journal.Started)); err == nil {
		t.Error("a closed run appended")
	}
	if seq := r.State().Seq; seq != 1 {
		t.Errorf("its state went on to record %d", seq)
	}
	if seq := load(t, s, 1).Seq; seq != 1 {
		t.Errorf("its journal went on to record %d", seq)
	}
}

func TestAStoreThatCannotBeWrittenSaysSo(t *testing.T) {
	dir := t.TempDir()
	write(t, filepath.Join(dir, "upgrade-all"), []byte("a file"))
	s := journal.NewStore(dir)
	if _, err := s.Create(planOf("prod"), nil); err == nil || !strings.HasPrefix(err.Error(), "cannot keep a journal: ") {
		t.Errorf("creating a run: %v", err)
	}
	if _, err := s.KeepPlan(planOf("prod")); err == nil || !strings.HasPrefix(err.Error(), "cannot keep the plan: ") {
		t.Errorf("keeping a plan: %v", err)
	}
}
