// Package fleetbench_test measures the tool on a large simulated estate: how
// many API calls a look takes, and how much memory. The estate runs in a process
// of its own, so that the memory is the tool's alone.
package fleetbench_test

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"runtime"
	"runtime/metrics"
	"strings"
	"testing"
	"time"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/discover"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujuapi"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujutest"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujutest/estate"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/plan"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/preflight"
)

// parallel is how many models are read at once.
const parallel = 8

// size is how large an estate is: controllers, models of each, and units and
// machines of each model.
type size struct{ controllers, models, units, machines int }

// asEstate names the folder for the client's store when the test binary is to
// be an estate of the size that ofSize names.
const asEstate, ofSize = "FLEETBENCH_ESTATE", "FLEETBENCH_SIZE"

func TestMain(m *testing.M) {
	dir := os.Getenv(asEstate)
	if dir == "" {
		os.Exit(m.Run())
	}
	if err := serve(dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

// target is a controller without models, to which those of the others may move.
const target = "target"

// counts are the calls that an estate was sent.
type counts struct {
	// Controller and Model count the calls about a controller and about a model
	// that it hosts, by facade and method.
	Controller, Model map[string]int
	Connections       int
	Effects           int
}

// serve is the estate: for each line that it reads it writes the counts since
// the line before.
func serve(dir string) error {
	var e estate.Estate
	var n size
	if _, err := fmt.Sscan(os.Getenv(ofSize), &n.controllers, &n.models, &n.units, &n.machines); err != nil {
		return err
	}
	for i := range n.controllers {
		e.Controllers = append(e.Controllers, estate.Controller{
			Name: fmt.Sprintf("c%02d", i), Version: "3.6.4", Offers: []string{"3.6.11"},
			Generate: &estate.Generated{Models: n.models, Units: n.units, Machines: n.machines},
		})
	}
	e.Controllers = append(e.Controllers, estate.Controller{Name: target, Version: "3.6.11"})
	world, err := jujutest.Start(e)
	if err != nil {
		return err
	}
	defer world.Close()
	if err := world.WriteStore(dir); err != nil {
		return err
	}
	connected := 0
	fmt.Println("ready")
	for in := bufio.NewScanner(os.Stdin); in.Scan(); {
		c := counts{Controller: map[string]int{}, Model: map[string]int{}, Connections: -connected}
		for _, call := range world.Calls() {
			by := c.Controller
			if call.Model != "" && !strings.HasSuffix(call.Model, "/controller") {
				by = c.Model
			}
			by[call.Facade+"."+call.Method]++
			if call.Effect {
				c.Effects++
			}
		}
		world.ForgetCalls()
		connected = 0
		for _, n := range world.Connections() {
			connected += n
		}
		c.Connections += connected
		if err := json.NewEncoder(os.Stdout).Encode(c); err != nil {
			return err
		}
	}
	return nil
}

// bed is an estate that runs.
type bed struct {
	size size
	dir  string
	in   io.Writer
	out  *bufio.Reader
}

func start(b testing.TB, n size) *bed {
	b.Helper()
	e := &bed{size: n, dir: b.TempDir()}
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), asEstate+"="+e.dir, ofSize+"="+strings.Trim(fmt.Sprint(n), "{}"))
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		b.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		b.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		_ = in.Close()
		if err := cmd.Wait(); err != nil {
			b.Error(err)
		}
	})
	e.in, e.out = in, bufio.NewReader(out)
	if line, err := e.out.ReadString('\n'); line != "ready\n" {
		b.Fatalf("the estate says %q, %v", line, err)
	}
	return e
}

// counts returns what the estate was sent since it was last asked.
func (e *bed) counts(b testing.TB) counts {
	b.Helper()
	var c counts
	if _, err := e.in.Write([]byte("\n")); err != nil {
		b.Fatal(err)
	}
	line, err := e.out.ReadBytes('\n')
	if err == nil {
		err = json.Unmarshal(line, &c)
	}
	if err != nil {
		b.Fatal(err)
	}
	return c
}

// look logs in, looks at everything, checks it and plans, as the tool does.
func (e *bed) look(b testing.TB) plan.Plan {
	b.Helper()
	return e.lookFor(b, fleet.Goal{Backup: fleet.BackupAuto})
}

func (e *bed) lookFor(b testing.TB, goal fleet.Goal) plan.Plan {
	b.Helper()
	session, err := jujuapi.New(jujuapi.Config{Store: jujuapi.StoreIn(e.dir)})
	if err != nil {
		b.Fatal(err)
	}
	defer session.Close()
	var names []discover.Named
	for i := range e.size.controllers {
		names = append(names, discover.Named{Ref: fleet.Ref{Name: fmt.Sprintf("c%02d", i)}})
	}
	seen, err := discover.Fleet(context.Background(), session.Reader(), names, goal, discover.Options{Parallel: parallel})
	if err != nil {
		b.Fatal(err)
	}
	return plan.Compute(plan.Input{
		Fleet: seen, Goal: goal, Findings: preflight.Run(seen, goal),
		Options: plan.Options{Parallel: 4, Agents: 200, MaxFailures: 1}, Estimates: plan.Guesses(),
	})
}

// peak watches how much memory objects on the heap take, until it is stopped.
func peak() (stop func() uint64) {
	done, most := make(chan struct{}), make(chan uint64)
	go func() {
		sample := []metrics.Sample{{Name: "/memory/classes/heap/objects:bytes"}}
		var top uint64
		for {
			metrics.Read(sample)
			top = max(top, sample[0].Value.Uint64())
			select {
			case <-done:
				most <- top
				return
			case <-time.After(2 * time.Millisecond):
			}
		}
	}()
	return func() uint64 { close(done); return <-most }
}

func sum(calls map[string]int) (n int) {
	for _, count := range calls {
		n += count
	}
	return n
}

func BenchmarkDiscoverAndPlan(b *testing.B) {
	n := size{controllers: 20, models: 50, units: 20, machines: 5}
	e := start(b, n)
	e.counts(b)
	runtime.GC()
	var most uint64
	var total counts
	b.ReportAllocs()
	b.ResetTimer()
	for range b.N {
		stop := peak()
		p := e.look(b)
		most = max(most, stop())
		b.StopTimer()
		e.wantWhole(b, p)
		total = e.counts(b)
		b.StartTimer()
	}
	b.StopTimer()
	if total.Effects > 0 {
		b.Errorf("%d calls changed something", total.Effects)
	}
	b.ReportMetric(float64(sum(total.Controller))/float64(n.controllers), "calls/controller")
	b.ReportMetric(float64(sum(total.Model))/float64(n.controllers*n.models), "calls/model")
	b.ReportMetric(float64(total.Connections)/float64(n.controllers), "connections/controller")
	b.ReportMetric(float64(most)/(1<<20), "peak-heap-MB")
	b.Logf("calls about controllers: %v", total.Controller)
	b.Logf("calls about models: %v", total.Model)
}

// wantWhole wants everything to be in the plan.
func (e *bed) wantWhole(b testing.TB, p plan.Plan) {
	b.Helper()
	upgrades := 0
	for _, s := range p.Steps {
		if s.Kind == plan.ModelUpgrade && s.Agents == e.size.units+e.size.machines {
			upgrades++
		}
	}
	if len(p.Controllers) != e.size.controllers || upgrades != e.size.controllers*e.size.models {
		b.Fatalf("planned are %d controllers and %d models; findings: %v", len(p.Controllers), upgrades, p.Blockers())
	}
}

// Logins are not counted: how many connections there are depends on which were
// still in use.
func TestALookTakesAFixedNumberOfCallsAndOneForEachModel(t *testing.T) {
	for _, n := range []size{{controllers: 1, models: 1, units: 1, machines: 1}, {controllers: 2, models: 6, units: 5, machines: 2}} {
		e := start(t, n)
		e.wantWhole(t, e.look(t))
		got := e.counts(t)
		delete(got.Controller, "Admin.Login")
		delete(got.Model, "Admin.Login")
		delete(got.Controller, "Pinger.Ping")
		delete(got.Model, "Pinger.Ping")
		if got.Effects > 0 {
			t.Errorf("%d calls changed something", got.Effects)
		}
		for call, times := range got.Controller {
			if times != n.controllers {
				t.Errorf("%+v: %s was called %d times for %d controllers", n, call, times, n.controllers)
			}
		}
		if len(got.Controller) > 6 {
			t.Errorf("%+v: a controller takes %d different calls: %v", n, len(got.Controller), got.Controller)
		}
		if want := map[string]int{"Client.FullStatus": n.controllers * n.models}; !maps.Equal(got.Model, want) {
			t.Errorf("%+v: models take the calls %v, want %v", n, got.Model, want)
		}
	}
}
