package report

import (
	"fmt"
	"io"
	"maps"
	"strings"
	"sync"
	"time"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/journal"
)

// redrawEvery is how much time is between two drawings at least, so that a
// thousand agents make no terminal flicker.
const redrawEvery = 100 * time.Millisecond

// LiveOptions say how a Live draws.
type LiveOptions struct {
	// Size tells the terminal's width and height, asked at every drawing.
	Size func() (width, height int)
	// Now tells the time.
	Now func() time.Time
	// Tick redraws the block whenever it fires (about each second, and on a
	// resize); nil for a block that only moves with the run.
	Tick  <-chan time.Time
	Style Style
}

// Live is the Progress of a run on a terminal: one block that is redrawn in
// place and cleared at the end.
type Live struct {
	w    io.Writer
	o    LiveOptions
	done chan struct{}
	gone sync.WaitGroup

	mu       sync.Mutex
	state    journal.State
	progress map[string]journal.StepProgress
	// drawn are the widths of the rows that stand on the screen.
	drawn  []int
	last   time.Time
	closed bool
}

// NewLive returns a Progress that draws on the terminal w, beginning from that
// state. It draws nothing before it is told something.
func NewLive(w io.Writer, s journal.State, o LiveOptions) *Live {
	l := &Live{w: w, o: o, done: make(chan struct{}), state: private(s), progress: map[string]journal.StepProgress{}}
	if o.Tick != nil {
		l.gone.Add(1)
		go l.ticking()
	}
	return l
}

func (l *Live) ticking() {
	defer l.gone.Done()
	for {
		select {
		case <-l.done:
			return
		case _, more := <-l.o.Tick:
			if !more {
				return
			}
			l.mu.Lock()
			l.draw()
			l.mu.Unlock()
		}
	}
}

// Record implements Progress.
func (l *Live) Record(r journal.Record) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.state.Apply(r)
	if r.Event == journal.Moved && r.Status != journal.Started {
		delete(l.progress, r.Step)
	}
	l.draw()
}

// Progress implements Progress.
func (l *Live) Progress(step string, p journal.StepProgress) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.progress[step] = p
	if l.o.Now().Sub(l.last) >= redrawEvery {
		l.draw()
	}
}

// Close clears the block and ends the drawing. Its last words are what Juju goes
// on with by itself, if that is anything. It may be called again.
func (l *Live) Close() {
	l.mu.Lock()
	first := !l.closed
	if first {
		width, _ := l.o.Size()
		_, _ = io.WriteString(l.w, l.erase(width)+l.lastWords(width))
		l.drawn, l.closed = nil, true
		close(l.done)
	}
	l.mu.Unlock()
	l.gone.Wait()
}

// lastWords are what stays on the screen of a run that stops while a model moves.
func (l *Live) lastWords(width int) string {
	p := &page{style: l.o.Style}
	if width > 0 {
		p.style.Width = width
	}
	if words := goingOnWords(&l.state, false); words != "" {
		p.sentence(nil, words)
	}
	return p.b.String()
}

// draw replaces the block, in one write. The cursor rests below it.
func (l *Live) draw() {
	if l.closed {
		return
	}
	width, height := l.o.Size()
	l.last = l.o.Now()
	// One column stays free (the last one wraps on some terminals), and one
	// row, for the cursor.
	rows := frame(l.state, maps.Clone(l.progress), l.last, width-1, height-1, l.o.Style)
	var b strings.Builder
	b.WriteString(l.erase(width))
	// Without autowrap, a symbol that is wider here than we think cuts the row
	// instead of breaking the block.
	b.WriteString("\x1b[?7l")
	l.drawn = l.drawn[:0]
	for _, row := range rows {
		b.WriteString(row + "\n")
		l.drawn = append(l.drawn, columns(plainText(row)))
	}
	b.WriteString("\x1b[?7h")
	_, _ = io.WriteString(l.w, b.String())
}

// erase is what clears the block. On a terminal that has become narrower, rows
// were broken into several.
func (l *Live) erase(width int) string {
	up := 0
	for _, n := range l.drawn {
		up++
		if width > 0 && n > width {
			up += (n - 1) / width
		}
	}
	if up == 0 {
		return ""
	}
	return fmt.Sprintf("\r\x1b[%dA\x1b[J", up)
}

// plainText is a rendered row without its colours.
func plainText(row string) string {
	for {
		from := strings.Index(row, "\x1b[")
		if from < 0 {
			return row
		}
		to := strings.IndexByte(row[from:], 'm')
		if to < 0 {
			return row[:from]
		}
		row = row[:from] + row[from+to+1:]
	}
}
