//go:build linux

package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/sys/unix"
)

// onTerminal runs a program on a terminal of its own: terminal CODE FILE PROGRAM
// [ARG...]. The file is the dialogue: a line "expect REGEXP" waits for a text, a line
// "send TEXT" types it (\n is Return, \x03 is Ctrl-C). All that the terminal was
// sent is then stdout.
func onTerminal(ts *testscript.TestScript, neg bool, args []string) {
	usage(ts, neg || len(args) < 3, "terminal CODE DIALOGUE PROGRAM [ARG...]")
	s := stageOf(ts)
	want := number(ts, args[0])
	screen, tty, err := openTerminal()
	ts.Check(err)
	defer screen.Close()
	cmd := command(ts, args[2:])
	cmd.Stdin, cmd.Stdout, cmd.Stderr = tty, tty, tty
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
	effects, folders := s.effects(), s.runFolders()
	ts.Check(cmd.Start())
	ts.Check(tty.Close())
	shown := &shown{}
	read := make(chan struct{})
	go func() {
		defer close(read)
		_, _ = shown.ReadFrom(screen) // ends with EIO when the program has
	}()
	talk(ts, cmd, screen, shown, ts.ReadFile(args[1]))
	ended := make(chan error, 1)
	go func() { ended <- cmd.Wait() }()
	select {
	case err = <-ended:
	case <-time.After(patience):
		_ = cmd.Process.Kill()
		<-ended
		ts.Fatalf("%s did not end; the terminal shows:\n%s", args[2], shown.text())
	}
	<-read
	s.hear(shown.text())
	fmt.Fprint(ts.Stdout(), shown.text())
	if got := codeOf(ts, err); got != want {
		ts.Fatalf("exit code %d, want %d; the terminal shows:\n%s", got, want, shown.text())
	}
	if changesNothing(want) && (s.effects() != effects || s.runFolders() != folders) {
		ts.Fatalf("exit code %d, but something was changed", want)
	}
}

// talk carries out the dialogue of a file.
func talk(ts *testscript.TestScript, cmd *exec.Cmd, screen *os.File, shown *shown, dialogue string) {
	from := 0
	for _, line := range strings.Split(strings.TrimSpace(dialogue), "\n") {
		verb, text, _ := strings.Cut(line, " ")
		switch verb {
		case "expect":
			re := pattern(ts, text)
			if !within(func() bool {
				at := re.FindStringIndex(shown.text()[from:])
				if at != nil {
					from += at[1]
				}
				return at != nil
			}) {
				_ = cmd.Process.Kill()
				ts.Fatalf("the terminal does not get to show %s:\n%s", text, shown.text())
			}
		case "send":
			text = strings.NewReplacer(`\n`, "\r", `\x03`, "\x03").Replace(text)
			_, err := screen.WriteString(text)
			ts.Check(err)
		case "":
		default:
			ts.Fatalf("a dialogue has lines expect and send, not %q", verb)
		}
	}
}

// shown is what a terminal was sent.
type shown struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

// ReadFrom implements io.ReaderFrom.
func (s *shown) ReadFrom(screen interface{ Read([]byte) (int, error) }) (total int64, err error) {
	part := make([]byte, 4096)
	for {
		n, err := screen.Read(part)
		s.mu.Lock()
		s.buf.Write(part[:n])
		s.mu.Unlock()
		total += int64(n)
		if err != nil {
			return total, err
		}
	}
}

func (s *shown) text() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.buf.String()
}

// openTerminal opens a terminal of 100 columns and 30 rows: the side of the person
// and the side of the program.
func openTerminal() (screen, tty *os.File, err error) {
	if screen, err = os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY, 0); err != nil {
		return nil, nil, err
	}
	defer func() {
		if err != nil {
			_ = screen.Close()
		}
	}()
	fd := int(screen.Fd())
	if err = unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		return nil, nil, err
	}
	n, err := unix.IoctlGetUint32(fd, unix.TIOCGPTN)
	if err != nil {
		return nil, nil, err
	}
	if err = unix.IoctlSetWinsize(fd, unix.TIOCSWINSZ, &unix.Winsize{Row: 30, Col: 100}); err != nil {
		return nil, nil, err
	}
	tty, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY, 0)
	return screen, tty, err
}
