package main

import (
	"os"
	"strings"

	"golang.org/x/term"

	"github.com/juju-upgrade-all/juju-upgrade-all/plugin"
)

// terminal tells what the streams of this process are connected to.
func terminal() plugin.Terminal {
	is := func(f *os.File) bool { return term.IsTerminal(int(f.Fd())) }
	dumb := os.Getenv("TERM") == "dumb"
	_, plain := os.LookupEnv("NO_COLOR")
	t := plugin.Terminal{
		In:       is(os.Stdin),
		Out:      is(os.Stdout),
		Err:      is(os.Stderr) && !dumb,
		Colour:   !plain && !dumb,
		Unicode:  unicode(),
		Password: password,
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

func password() (string, error) {
	line, err := term.ReadPassword(int(os.Stdin.Fd()))
	return string(line), err
}
