package main

import (
	"errors"
	"os"
	"strings"
	"sync"

	"golang.org/x/term"

	"github.com/juju-upgrade-all/juju-upgrade-all/plugin"
)

// terminal tells what the streams of this process are connected to.
func terminal(keyboard *keyboard) plugin.Terminal {
	is := func(f *os.File) bool { return term.IsTerminal(int(f.Fd())) }
	dumb := os.Getenv("TERM") == "dumb"
	_, plain := os.LookupEnv("NO_COLOR")
	t := plugin.Terminal{
		In:       is(os.Stdin),
		Out:      is(os.Stdout),
		Err:      is(os.Stderr) && !dumb,
		Colour:   !plain && !dumb,
		Unicode:  unicode(),
		Password: keyboard.password,
	}
	t.Size = func() (width, height int) {
		for _, f := range []*os.File{os.Stderr, os.Stdout} {
			if w, h, err := term.GetSize(int(f.Fd())); err == nil && w > 0 && h > 0 {
				return w, h
			}
		}
		return 80, 24
	}
	return t
}

// unicode says whether the locale's character set is UTF-8, by the rules of
// setlocale(3): the first of these that is set counts.
func unicode() bool {
	for _, name := range []string{"LC_ALL", "LC_CTYPE", "LANG"} {
		if v := os.Getenv(name); v != "" {
			v = strings.ToLower(v)
			return strings.Contains(v, "utf-8") || strings.Contains(v, "utf8")
		}
	}
	return false
}

// keyboard is the terminal that is typed on. While a password is, it shows nothing,
// and whoever interrupts that wants it back as it was.
type keyboard struct {
	fd int

	mu sync.Mutex
	// before is how the terminal was; nil when no password is being typed.
	before *term.State
	// back says that the process is about to end.
	back bool
}

// password reads a line without showing it.
func (k *keyboard) password() (string, error) {
	k.mu.Lock()
	before, err := term.GetState(k.fd)
	if k.back {
		err = errors.New("interrupted")
	}
	if err != nil {
		k.mu.Unlock()
		return "", err
	}
	k.before = before
	k.mu.Unlock()
	line, err := term.ReadPassword(k.fd)
	k.mu.Lock()
	defer k.mu.Unlock()
	k.before = nil
	return string(line), err
}

// giveBack restores the terminal, if a password is being typed; none is read
// afterwards.
func (k *keyboard) giveBack() {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.back = true
	if k.before != nil {
		_ = term.Restore(k.fd, k.before)
	}
}
