package e2e

import (
	"flag"
	"fmt"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"testing"
	"time"
)

// update says that the tests write what they saw to docs/transcripts.
var update = flag.Bool("update", false, "write what the tests saw to docs/transcripts")

// live are the benches that are up: what must be taken down however this
// process ends.
var live = &registry{benches: map[*bench]bool{}}

// TestMain takes down what a killed earlier run left behind, and sees to it
// that this one leaves nothing: neither at a signal, nor when go test's own
// timeout is about to end the process without any cleanup.
func TestMain(m *testing.M) {
	flag.Parse()
	if os.Getenv("JUJU_E2E") != "1" {
		os.Exit(m.Run())
	}
	sweep()
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP, syscall.SIGPIPE)
	var timeout <-chan time.Time
	if f := flag.Lookup("test.timeout"); f != nil {
		if d, ok := f.Value.(flag.Getter).Get().(time.Duration); ok && d > time.Minute {
			timeout = time.After(d - 30*time.Second)
		}
	}
	go func() {
		select {
		case s := <-signals:
			fmt.Fprintf(os.Stderr, "e2e: %v: taking the benches down\n", s)
		case <-timeout:
			fmt.Fprintln(os.Stderr, "e2e: the time of this test run is over: taking the benches down")
		}
		live.downAll()
		os.Exit(1)
	}()
	code := m.Run()
	live.downAll()
	removePlugin()
	os.Exit(code)
}

// registry is a set of benches.
type registry struct {
	mu      sync.Mutex
	benches map[*bench]bool
}

func (r *registry) add(b *bench) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.benches[b] = true
}

// down takes one bench down, once.
func (r *registry) down(b *bench) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.benches[b] {
		delete(r.benches, b)
		b.remove()
	}
}

func (r *registry) downAll() {
	r.mu.Lock()
	defer r.mu.Unlock()
	for b := range r.benches {
		delete(r.benches, b)
		b.remove()
	}
}
