package client

import (
	"bufio"
	"errors"
	"io"
	"os"
	"regexp"
	"strings"
	"unicode"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

const (
	// lastLines is how many lines of an errand are told.
	lastLines = 5
	// longest is how much of a line is told: a program may write without any end.
	longest = 500
)

// tail reads what was written to the log from there on: the last lines that have any
// text, and how many have. A line that is not ended yet counts.
func tail(log *os.File, from int64) (last []string, lines int, err error) {
	if _, err := log.Seek(from, io.SeekStart); err != nil {
		return nil, 0, err
	}
	r := bufio.NewReader(log)
	for err == nil {
		var line []byte
		var whole bool
		line, whole, err = readLine(r)
		text := told(string(line), whole)
		if text == "" {
			continue
		}
		lines++
		if last = append(last, text); len(last) > lastLines {
			last = last[1:]
		}
	}
	return last, lines, ignoreEOF(err)
}

// readLine reads a line whole and returns its beginning; whole says that this is all of
// it, and that nothing will be added.
func readLine(r *bufio.Reader) (line []byte, whole bool, err error) {
	whole = true
	for {
		part, err := r.ReadSlice('\n')
		kept := part[:min(len(part), max(0, longest*4-len(line)))]
		line, whole = append(line, kept...), whole && len(kept) == len(part)
		if !errors.Is(err, bufio.ErrBufferFull) {
			return line, whole && err == nil, err
		}
	}
}

// told is what is told of a line: what a terminal would show of it, without secrets. They
// are removed before it is cut, for half of one is not known for what it is.
func told(line string, whole bool) string {
	scrub := fleet.ScrubBeginning
	if whole {
		scrub = fleet.Scrub
	}
	line = scrub(printable(line))
	if runes := []rune(line); len(runes) > longest {
		line = string(runes[:longest]) + "…"
	}
	return line
}

// escapes are how programs tell a terminal of colours and the like.
var escapes = regexp.MustCompile(`\x1b(\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(\x07|\x1b\\)?|[@-_])`)

// printable is what a terminal would show of a line in the end, without what would do
// something to the terminal.
func printable(line string) string {
	line = escapes.ReplaceAllString(strings.ToValidUTF8(line, "\uFFFD"), "")
	line = strings.TrimRightFunc(line, unicode.IsSpace)
	line = line[strings.LastIndexByte(line, '\r')+1:]
	return strings.TrimSpace(strings.Map(func(r rune) rune {
		switch {
		case r == '\t':
			return ' '
		case unicode.IsPrint(r):
			return r
		}
		return -1
	}, line))
}

func ignoreEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}
