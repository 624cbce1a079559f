//go:build linux

package main

import (
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
	"golang.org/x/term"
)

// actor makes a test of this binary play the tool in a process of its own.
const actor = "JUJU_UPGRADE_ALL_TEST_ACTOR"

func TestAnInterruptedPasswordLeavesTheTerminalAsItWas(t *testing.T) {
	if os.Getenv(actor) != "" {
		k := &keyboard{fd: int(os.Stdin.Fd())}
		ctx, stop := interrupts(k.giveBack)
		defer stop()
		go func() { _, _ = k.password() }()
		if os.Getenv(actor) == "second" {
			time.Sleep(time.Hour) // the first signal is not heeded
		}
		<-ctx.Done()
		if _, err := k.password(); err == nil {
			fmt.Println("another password is asked for")
		}
		os.Exit(exitInterrupted)
	}
	for _, signals := range []int{1, 2} {
		screen, tty, err := openTerminal()
		if err != nil {
			t.Fatal(err)
		}
		defer screen.Close()
		defer tty.Close()
		cmd := exec.Command(os.Args[0], "-test.run", "^"+t.Name()+"$")
		cmd.Env = append(os.Environ(), actor+"=first")
		if signals == 2 {
			cmd.Env = append(cmd.Env, actor+"=second")
		}
		cmd.Stdin, cmd.Stdout, cmd.Stderr = tty, tty, tty
		cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
		before, err := term.GetState(int(tty.Fd()))
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		if !within(func() bool { return !echoes(t, tty) }) {
			t.Fatal("no password is asked for")
		}
		if echoes(t, tty) {
			t.Fatal("a password would be shown")
		}
		for range signals {
			if _, err := screen.WriteString("\x03"); err != nil {
				t.Fatal(err)
			}
			if !within(func() bool { return echoes(t, tty) }) {
				t.Error("the terminal does not show again what is typed")
			}
		}
		if err := cmd.Wait(); cmd.ProcessState.ExitCode() != exitInterrupted {
			t.Errorf("ended with %v", err)
		}
		after, err := term.GetState(int(tty.Fd()))
		if err != nil || *after != *before {
			t.Errorf("the terminal is not as it was: %v, %v, %v", err, before, after)
		}
	}
}

// echoes says whether a terminal shows what is typed.
func echoes(t *testing.T, tty *os.File) bool {
	t.Helper()
	state, err := unix.IoctlGetTermios(int(tty.Fd()), unix.TCGETS)
	if err != nil {
		t.Fatal(err)
	}
	return state.Lflag&unix.ECHO != 0
}
