// Command juju-upgrade-all upgrades everything that a Juju client can see. It is
// a plugin: juju runs it for 'juju upgrade-all'.
package main

import (
	"context"
	"fmt"
	"io"
	"log"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/juju/cmd/v3"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/client"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/execute"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujuapi"
	"github.com/juju-upgrade-all/juju-upgrade-all/plugin"
)

// version is set by the linker.
var version = "devel"

// exitInterrupted is the exit code of a second interrupt: the journal makes it
// as resumable as the first.
const exitInterrupted = 4

func main() { os.Exit(run(os.Args[1:])) }

func run(args []string) int {
	// The websocket library logs there that a connection which it no longer
	// needed was closed twice, into the middle of the screen.
	log.SetOutput(io.Discard)
	ctx, err := cmd.DefaultContext()
	if err != nil {
		fmt.Fprintf(os.Stderr, "ERROR %v\n", err)
		return 2
	}
	keyboard := &keyboard{fd: int(os.Stdin.Fd())}
	defer keyboard.giveBack()
	interruptible, stop := interrupts(keyboard.giveBack)
	defer stop()
	ctx.Context = interruptible
	return plugin.Main(deps(keyboard), ctx, args)
}

func deps(keyboard *keyboard) plugin.Deps {
	return plugin.Deps{
		Version:  version,
		Library:  jujuapi.LibraryVersion(),
		Registry: openRegistry,
		Connect:  connect,
		Client:   client.Look,
		Errands:  func(dir string) execute.Errands { return client.Errands{Dir: dir} },
		Terminal: terminal(keyboard),
		Now:      time.Now,
	}
}

// interrupts returns a context that ends at the first signal that means "stop".
// The second ends the process at once. Before either, cleanUp is called. A signal
// that is ignored already (nohup, or a shell's background) stays so. A reader of our
// output that has gone away (SIGPIPE) stops nothing.
func interrupts(cleanUp func()) (context.Context, func()) {
	signal.Ignore(syscall.SIGPIPE)
	signals := make(chan os.Signal, 2)
	for _, s := range []os.Signal{os.Interrupt, syscall.SIGTERM, syscall.SIGHUP} {
		if !signal.Ignored(s) {
			signal.Notify(signals, s)
		}
	}
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		if _, ok := <-signals; !ok {
			return
		}
		cleanUp()
		cancel()
		if _, ok := <-signals; ok {
			cleanUp()
			os.Exit(exitInterrupted)
		}
	}()
	return ctx, func() {
		signal.Stop(signals)
		close(signals)
		cancel()
	}
}
