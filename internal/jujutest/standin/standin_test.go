package standin_test

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"strings"
	"syscall"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/juju/juju/api"
	"github.com/juju/juju/jujuclient"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujutest"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujutest/estate"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujutest/standin"
)

// TestMain makes this test binary the program as well.
func TestMain(m *testing.M) {
	if os.Getenv("STANDIN") != "" {
		os.Exit(standin.Main(os.Args[1:], os.Stdout, os.Stderr))
	}
	goleak.VerifyTestMain(m)
}

// yard is an estate, and a folder with the client's store.
type yard struct {
	*testing.T
	world   *jujutest.World
	address string
	data    string
}

func newYard(t *testing.T, text string) *yard {
	t.Helper()
	e, err := estate.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	w, err := jujutest.Start(e)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.Close)
	y := &yard{T: t, world: w, data: t.TempDir()}
	if err := w.WriteStore(y.data); err != nil {
		t.Fatal(err)
	}
	if y.address, err = w.ServeProgram(); err != nil {
		t.Fatal(err)
	}
	t.Setenv("JUJU_DATA", y.data)
	return y
}

// command is the program, to be run.
func (y *yard) command(args ...string) (*exec.Cmd, *bytes.Buffer, *bytes.Buffer) {
	y.Helper()
	cmd := exec.CommandContext(y.Context(), os.Args[0], args...)
	cmd.Env = append(os.Environ(), "STANDIN=1", standin.EstateVar+"="+y.address, "GORACE=atexit_sleep_ms=0")
	var out, errs bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &errs
	return cmd, &out, &errs
}

// juju runs the program to its end.
func (y *yard) juju(args ...string) (code int, out, errs string) {
	y.Helper()
	cmd, stdout, stderr := y.command(args...)
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		y.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), stdout.String(), stderr.String()
}

// entry is what the client's store has of a controller; nil if it has none.
func (y *yard) entry(name string) *jujuclient.ControllerDetails {
	y.Helper()
	details, err := jujuclient.NewFileClientStore().ControllerByName(name)
	if err != nil {
		return nil
	}
	return details
}

func (y *yard) eventually(what string, cond func() bool) {
	y.Helper()
	for deadline := time.Now().Add(20 * time.Second); !cond(); time.Sleep(2 * time.Millisecond) {
		if time.Now().After(deadline) {
			y.Fatal("not in time: " + what)
		}
	}
}

// answers says whether a controller of the world answers with the account in the store.
func (y *yard) answers(name string) bool {
	y.Helper()
	info, err := y.world.APIInfo(name, "")
	if err != nil {
		return false
	}
	account, err := jujuclient.NewFileClientStore().AccountDetails(name)
	if err == nil {
		info.Password = account.Password
	}
	conn, err := api.Open(info, api.DialOpts{Timeout: time.Second, DialTimeout: time.Second})
	if err != nil {
		return false
	}
	return conn.Close() == nil
}

const (
	oldOne = "speed: 50\ncontrollers: [{name: old, version: 3.5.4}]\njuju: {clouds: [{name: yard, type: manual, regions: [{name: here, endpoint: 10.9.9.9}]}]}\n"
	lines  = `Creating Juju controller "new" on lab
Looking for packaged Juju agent version 3.6.11 for amd64
Located Juju agent version 3.6.11-ubuntu-amd64 at https://streams.canonical.com/juju/tools/agent/3.6.11/juju-3.6.11-linux-amd64.tgz
Launching controller instance(s) on lab...
`
)

func TestABootstrapMakesAControllerThatTheClientKnows(t *testing.T) {
	y := newYard(t, oldOne)
	code, out, errs := y.juju("bootstrap", "lab", "new", "--no-switch", "--config", "audit-log-max-backups=4", "--config", "bogus=x",
		"--config", "http-proxy=http://p", "--model-default", "no-proxy=here", "--bootstrap-constraints", "mem=4G")
	if code != 0 || out != "" || !strings.Contains(errs, "WARNING unknown config field \"bogus\"\n"+lines) ||
		!strings.Contains(errs, "\n\nBootstrap complete, controller \"new\" is now available\n") {
		t.Fatalf("code %d\n%s\n%s", code, out, errs)
	}
	entry := y.entry("new")
	if entry == nil || len(entry.APIEndpoints) != 1 || entry.AgentVersion != "3.6.11" || entry.Cloud != "lab" {
		t.Fatalf("%+v", entry)
	}
	if current, _ := jujuclient.NewFileClientStore().CurrentController(); current != "old" {
		t.Errorf("the client points to %q", current)
	}
	if !y.answers("new") {
		t.Error("it does not answer")
	}
	config, err := y.world.Config("new")
	if err != nil || config["audit-log-max-backups"] != 4 {
		t.Errorf("%v, %v", config, err)
	}
	clouds, err := y.world.Clouds("new")
	if err != nil || len(clouds) != 1 || clouds[0].Defaults[""]["no-proxy"] != "here" {
		t.Errorf("%+v, %v", clouds, err)
	}
	y.eventually("its agents are there", func() bool { return y.world.Arrived("new", "controller") })
	if got := y.world.Commands(); len(got) != 1 || got[0].Args[0] != "bootstrap" {
		t.Errorf("%+v", got)
	}
	if code, _, errs := y.juju("bootstrap", "lab", "new"); code != 1 || errs != "ERROR controller \"new\" already exists\n" {
		t.Errorf("again: code %d\n%s", code, errs)
	}
}

func TestAClientThatIsKilledLeavesWhatTheRealOneLeaves(t *testing.T) {
	for stage, test := range map[string]struct{ addressed, comes bool }{
		"prepare": {false, false}, "launch": {false, false}, "script": {false, true}, "contact": {true, true},
	} {
		t.Run(stage, func(t *testing.T) {
			y := newYard(t, oldOne)
			if _, err := y.world.Inject(estate.ProgramName, estate.Fault{Kind: estate.FaultBootstrapStops, Stage: stage}); err != nil {
				t.Fatal(err)
			}
			if code, _, errs := y.juju("bootstrap", "lab", "new"); code != -1 {
				t.Fatalf("code %d\n%s", code, errs)
			}
			if entry := y.entry("new"); entry == nil || len(entry.APIEndpoints) > 0 != test.addressed {
				t.Errorf("the entry is %+v", entry)
			}
			if !test.comes {
				time.Sleep(200 * time.Millisecond)
				if y.answers("new") {
					t.Error("something came up")
				}
				return
			}
			y.eventually("it comes up by itself", func() bool { return y.answers("new") })
		})
	}
}

func TestAControllerComesUpThoughItsClientIsKilledMidway(t *testing.T) {
	y := newYard(t, oldOne)
	mend, err := y.world.Inject(estate.ProgramName, estate.Fault{Kind: estate.FaultBootstrapSticks, Stage: "script"})
	if err != nil {
		t.Fatal(err)
	}
	cmd, _, errs := y.command("bootstrap", "lab", "new")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	y.eventually("the entry", func() bool { return y.entry("new") != nil })
	y.eventually("the controller", func() bool { _, err := y.world.Controller("new"); return err == nil })
	_ = cmd.Process.Signal(syscall.SIGTERM)
	_ = cmd.Wait()
	if y.entry("new") == nil || y.answers("new") {
		t.Fatalf("%+v\n%s", y.entry("new"), errs)
	}
	mend()
	y.eventually("it comes up", func() bool { return y.answers("new") })
}

func TestCtrlCForgetsAControllerThatComesUp(t *testing.T) {
	y := newYard(t, oldOne)
	mend, err := y.world.Inject(estate.ProgramName, estate.Fault{Kind: estate.FaultBootstrapSticks, Stage: "script"})
	if err != nil {
		t.Fatal(err)
	}
	cmd, _, errs := y.command("bootstrap", "lab", "new")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	y.eventually("the controller", func() bool { _, err := y.world.Controller("new"); return err == nil })
	_ = cmd.Process.Signal(os.Interrupt)
	_ = cmd.Wait()
	if code := cmd.ProcessState.ExitCode(); code != 1 || y.entry("new") != nil || !strings.HasSuffix(errs.String(), "ERROR failed to bootstrap model: cancelled\n") {
		t.Fatalf("code %d, %+v\n%s", code, y.entry("new"), errs)
	}
	mend()
	y.eventually("it comes up all the same", func() bool { return y.answers("new") })
}

func TestABootstrapThatFailsLeavesNothing(t *testing.T) {
	for _, stage := range estate.BootstrapStages() {
		y := newYard(t, oldOne)
		if _, err := y.world.Inject(estate.ProgramName, estate.Fault{Kind: estate.FaultBootstrapFails, Stage: stage, Message: "no room"}); err != nil {
			t.Fatal(err)
		}
		code, _, errs := y.juju("bootstrap", "lab", "new")
		if code != 1 || !strings.HasSuffix(errs, "ERROR failed to bootstrap model: no room\n") || y.entry("new") != nil {
			t.Errorf("%s: code %d, %+v\n%s", stage, code, y.entry("new"), errs)
		}
		if current, _ := jujuclient.NewFileClientStore().CurrentController(); current != "old" {
			t.Errorf("%s: the client points to %q", stage, current)
		}
		if _, err := y.world.Controller("new"); err == nil {
			t.Errorf("%s: the controller is there", stage)
		}
	}
}

func TestASecondBootstrapOnOneMachineEndsTheFirst(t *testing.T) {
	y := newYard(t, oldOne)
	if code, _, errs := y.juju("bootstrap", "yard/here", "new"); code != 0 || !strings.Contains(errs, "Contacting Juju controller at 10.9.9.9") {
		t.Fatalf("code %d\n%s", code, errs)
	}
	code, _, errs := y.juju("bootstrap", "yard", "other")
	if code != 1 || !strings.HasSuffix(errs, "ERROR failed to bootstrap model: machine is already provisioned\n") || y.answers("new") {
		t.Errorf("code %d\n%s", code, errs)
	}
}

func TestWhatIsTypedWrongIsRefusedAsByTheRealOne(t *testing.T) {
	y := newYard(t, oldOne)
	for _, test := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"bootstrap", "lab", "new", "--agent-version", "4.1.0"}, 2, "ERROR this client can only bootstrap 3.6 agents\n"},
		{[]string{"bootstrap", "lab", "new", "--bogus"}, 2, "ERROR option provided but not defined: --bogus\n"},
		{[]string{"bootstrap", "moon", "new"}, 1, "ERROR unknown cloud \"moon\""},
		{[]string{"bootstrap", "lab/sea", "new"}, 1, "ERROR region \"sea\""},
		{[]string{"bootstrap", "lab", "new", "--config", "api-port=x"}, 1, "ERROR api-port: expected number"},
		{[]string{"status"}, 2, "ERROR unrecognized command: juju status\n"},
	} {
		code, _, errs := y.juju(test.args...)
		if code != test.code || !strings.HasPrefix(errs, test.want) || y.entry("new") != nil {
			t.Errorf("%v: code %d\n%s", test.args, code, errs)
		}
	}
	if code, out, _ := y.juju("--version"); code != 0 || out != "3.6.11-ubuntu-amd64\n" {
		t.Errorf("code %d, %s", code, out)
	}
	t.Setenv(standin.VersionVar, "4.1.0")
	if code, out, _ := y.juju("version"); code != 0 || out != "4.1.0-ubuntu-amd64\n" {
		t.Errorf("code %d, %s", code, out)
	}
}
