package report

import (
	"fmt"
	"io"
	"strings"
	"unicode"
)

// span is a piece of a line in one colour.
type span struct {
	text string
	ink  ink
}

// line is what stands in one row of the screen.
type line []span

func say(format string, args ...any) span { return span{text: fmt.Sprintf(format, args...)} }

func (i ink) say(format string, args ...any) span {
	return span{text: fmt.Sprintf(format, args...), ink: i}
}

// clean makes foreign text safe for one row: control characters and runs of
// blanks become one blank, invisible formatting (which can reorder or hide
// text) is dropped.
func clean(s string) string {
	var b strings.Builder
	blank := false
	for _, r := range s {
		switch {
		case unicode.IsSpace(r), unicode.IsControl(r):
			blank = true
			continue
		case !unicode.IsPrint(r):
			continue
		}
		if blank && b.Len() > 0 {
			b.WriteByte(' ')
		}
		blank = false
		b.WriteRune(r)
	}
	return b.String()
}

// wide are the ranges that take two columns in a terminal (East Asian wide and
// full width, pictographs).
var wide = &unicode.RangeTable{
	R16: []unicode.Range16{
		{Lo: 0x1100, Hi: 0x115f, Stride: 1}, {Lo: 0x231a, Hi: 0x231b, Stride: 1},
		{Lo: 0x23e9, Hi: 0x23f3, Stride: 1}, {Lo: 0x25fd, Hi: 0x25fe, Stride: 1},
		{Lo: 0x2614, Hi: 0x2615, Stride: 1}, {Lo: 0x2648, Hi: 0x2653, Stride: 1},
		{Lo: 0x267f, Hi: 0x267f, Stride: 1}, {Lo: 0x2693, Hi: 0x2693, Stride: 1},
		{Lo: 0x26a1, Hi: 0x26fd, Stride: 1}, {Lo: 0x2705, Hi: 0x2705, Stride: 1},
		{Lo: 0x270a, Hi: 0x270b, Stride: 1}, {Lo: 0x2728, Hi: 0x2728, Stride: 1},
		{Lo: 0x274c, Hi: 0x2757, Stride: 1}, {Lo: 0x2795, Hi: 0x2797, Stride: 1},
		{Lo: 0x27b0, Hi: 0x27bf, Stride: 1}, {Lo: 0x2b1b, Hi: 0x2b55, Stride: 1},
		{Lo: 0x2e80, Hi: 0xa4cf, Stride: 1}, {Lo: 0xa960, Hi: 0xa97c, Stride: 1},
		{Lo: 0xac00, Hi: 0xd7a3, Stride: 1}, {Lo: 0xf900, Hi: 0xfaff, Stride: 1},
		{Lo: 0xfe10, Hi: 0xfe6f, Stride: 1}, {Lo: 0xff00, Hi: 0xff60, Stride: 1},
		{Lo: 0xffe0, Hi: 0xffe6, Stride: 1},
	},
	R32: []unicode.Range32{
		{Lo: 0x16fe0, Hi: 0x1b2ff, Stride: 1}, {Lo: 0x1f000, Hi: 0x1faff, Stride: 1},
		{Lo: 0x20000, Hi: 0x3fffd, Stride: 1},
	},
}

func runeWidth(r rune) int {
	switch {
	case r < 0x300:
		return 1
	case unicode.In(r, unicode.Mn, unicode.Me):
		return 0
	case unicode.Is(wide, r):
		return 2
	}
	return 1
}

// columns is how many columns of a terminal the text takes.
func columns(s string) int {
	n := 0
	for _, r := range s {
		n += runeWidth(r)
	}
	return n
}

func (l line) columns() int {
	n := 0
	for _, s := range l {
		n += columns(s.text)
	}
	return n
}

// cut shortens the line to width columns; an ellipsis shows that it did.
func (l line) cut(width int, ellipsis string) line {
	if l.columns() <= width {
		return l
	}
	if width < columns(ellipsis) {
		ellipsis = ""
	}
	room := max(0, width-columns(ellipsis))
	var out line
	for _, s := range l {
		kept := prefix(s.text, room)
		room -= columns(kept)
		out = append(out, span{kept, s.ink})
		if kept != s.text {
			break
		}
	}
	return append(out, span{text: ellipsis})
}

// prefix is the longest start of s that fits.
func prefix(s string, width int) string {
	for i, r := range s {
		if width -= runeWidth(r); width < 0 {
			return s[:i]
		}
	}
	return s
}

// render is the line as it is written: no trailing blanks, colour if wanted.
func (l line) render(style Style) string {
	last := len(l)
	for last > 0 && strings.TrimRight(l[last-1].text, " ") == "" {
		last--
	}
	var b strings.Builder
	for i, s := range l[:last] {
		text := s.text
		if i == last-1 {
			text = strings.TrimRight(text, " ")
		}
		if !style.Colour || s.ink == noInk || text == "" {
			b.WriteString(text)
			continue
		}
		b.WriteString("\x1b[" + string(s.ink) + "m" + text + "\x1b[0m")
	}
	return b.String()
}

// pad fills the span with blanks up to width columns. The blanks are part of
// the span: colours that show on blanks are not used.
func (s span) pad(width int) span {
	if n := width - columns(s.text); n > 0 {
		s.text += strings.Repeat(" ", n)
	}
	return s
}

// wrap breaks a sentence into rows of at most width columns; a word that is
// longer has a row of its own.
func wrap(s string, width int) []string {
	var rows []string
	row := ""
	for _, word := range strings.Fields(s) {
		switch {
		case row == "":
			row = word
		case columns(row)+1+columns(word) <= width:
			row += " " + word
		default:
			rows = append(rows, row)
			row = word
		}
	}
	if row != "" {
		rows = append(rows, row)
	}
	return rows
}

// page collects the lines of a screen, which is written at once.
type page struct {
	style Style
	b     strings.Builder
}

func (p *page) line(spans ...span) {
	p.b.WriteString(line(spans).render(p.style))
	p.b.WriteByte('\n')
}

func (p *page) blank() { p.b.WriteByte('\n') }

// heading begins a new part of the screen.
func (p *page) heading(s string) {
	if p.b.Len() > 0 {
		p.blank()
	}
	p.line(bold.say("%s", s))
}

// sentence writes wrapped text after a lead, further rows hanging below it.
func (p *page) sentence(lead line, text string) {
	hang := lead.columns()
	rows := wrap(text, max(20, p.style.width()-hang))
	if len(rows) == 0 {
		p.line(lead...)
		return
	}
	p.line(append(append(line{}, lead...), say("%s", rows[0]))...)
	for _, row := range rows[1:] {
		p.line(say("%*s%s", hang, "", row))
	}
}

// table writes rows in columns, two blanks apart, after an indent.
func (p *page) table(indent int, rows []line) {
	var widths []int
	for _, row := range rows {
		for i, cell := range row {
			if i == len(widths) {
				widths = append(widths, 0)
			}
			if i < len(row)-1 { // a row's last cell pushes nothing
				widths[i] = max(widths[i], columns(cell.text))
			}
		}
	}
	for _, row := range rows {
		out := line{say("%*s", indent, "")}
		for i, cell := range row {
			if i < len(row)-1 {
				cell = cell.pad(widths[i] + 2)
			}
			out = append(out, cell)
		}
		p.line(out...)
	}
}

func (p *page) flush(w io.Writer) error {
	_, err := io.WriteString(w, p.b.String())
	return err
}
