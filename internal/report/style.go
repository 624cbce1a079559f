package report

import (
	"time"
)

// Style says how a screen is drawn.
type Style struct {
	// Colour allows ANSI colours; Unicode allows symbols beyond ASCII.
	Colour  bool
	Unicode bool
	// Width is the number of columns at which sentences are wrapped; 0 for
	// 100. Commands are never wrapped, so that they can be copied.
	Width int
	// Zone is the time zone of the reader; nil leaves times as they are.
	Zone *time.Location
	// Command is how the tool is called here, as it is to be typed; empty for
	// "juju upgrade-all".
	Command string
}

const defaultWidth = 100

func (s Style) width() int {
	if s.Width <= 0 {
		return defaultWidth
	}
	return s.Width
}

// command is the tool's own command line with those arguments.
func (s Style) command(args string) string {
	name := s.Command
	if name == "" {
		name = "juju upgrade-all"
	}
	return name + " " + args
}

func (s Style) in(t time.Time) time.Time {
	if s.Zone != nil {
		return t.In(s.Zone)
	}
	return t
}

// clock is a time of the day.
func (s Style) clock(t time.Time) string { return s.in(t).Format("15:04:05") }

// stamp is a time that still says which day it was in next week's log.
func (s Style) stamp(t time.Time) string { return s.in(t).Format("2006-01-02T15:04:05Z07:00") }

// symbol is a mark that has a name, in what the terminal can show.
func (s Style) symbol(unicode, ascii string) string {
	if s.Unicode {
		return unicode
	}
	return ascii
}

func (s Style) arrow() string    { return s.symbol("→", "->") }
func (s Style) ellipsis() string { return s.symbol("…", "...") }
func (s Style) done() string     { return s.symbol("✔", "+") }
func (s Style) running() string  { return s.symbol("▸", ">") }
func (s Style) failed() string   { return s.symbol("✘", "x") }
func (s Style) waiting() string  { return s.symbol("·", ".") }

// ink is the parameter of an ANSI SGR sequence; "" draws plainly.
type ink string

const (
	noInk  ink = ""
	bold   ink = "1"
	dim    ink = "2"
	red    ink = "1;31"
	green  ink = "32"
	yellow ink = "33"
	cyan   ink = "36"
)
