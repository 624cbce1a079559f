//go:build linux

package main

import (
	"flag"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujutest/standin"
)

// TestMain makes this test binary the tool as well, and the juju that makes simulated
// controllers: testscript puts it on the PATH of its scripts under these names.
func TestMain(m *testing.M) {
	testscript.Main(parallel{m}, map[string]func(){
		"juju-upgrade-all": main,
		"juju-standin":     func() { os.Exit(standin.Main(os.Args[1:], os.Stdout, os.Stderr)) },
	})
}

// parallel runs more scripts at once than there are processors: they wait most
// of the time.
type parallel struct{ *testing.M }

// scriptsAtOnce is how many scripts run at once unless -parallel says otherwise.
const scriptsAtOnce = "8"

func (p parallel) Run() int {
	flag.Parse()
	said := false
	flag.Visit(func(f *flag.Flag) { said = said || f.Name == "test.parallel" })
	if !said {
		_ = flag.Set("test.parallel", scriptsAtOnce)
	}
	return p.M.Run()
}

// TestScripts runs testdata/script: each script is a promise about the command,
// kept on a simulated estate of its own. The commands of the scripts are described
// in testdata/script/README.
func TestScripts(t *testing.T) {
	// What nohup makes this process ignore is not for the processes of the scripts.
	for _, s := range []os.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
		if signal.Ignored(s) {
			signal.Notify(make(chan os.Signal, 1), s)
		}
	}
	testscript.Run(t, scripts("testdata/script"))
}

// scripts are the parameters of all scripts.
func scripts(dir string) testscript.Params {
	return testscript.Params{
		Dir:                 dir,
		Setup:               setUp,
		Cmds:                commands(),
		Condition:           condition,
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
	}
}

func condition(cond string) (bool, error) {
	if cond == "root" {
		return os.Geteuid() == 0, nil
	}
	return false, fmt.Errorf("unknown condition %q", cond)
}

// fakeJuju is the juju client of the scripts, unless they bring one, so that none of
// this machine counts.
const fakeJuju = "#!/bin/sh\necho 3.6.11-ubuntu-amd64\n"

// setUp makes a script's stage and environment.
func setUp(env *testscript.Env) error {
	bin := filepath.Join(env.WorkDir, "bin")
	if err := os.MkdirAll(bin, 0o755); err != nil {
		return err
	}
	juju := filepath.Join(bin, "juju")
	if _, err := os.Stat(juju); err != nil {
		if err := os.WriteFile(juju, []byte(fakeJuju), 0o600); err != nil {
			return err
		}
	}
	if err := os.Chmod(juju, 0o755); err != nil {
		return err
	}
	env.Setenv("PATH", bin+string(filepath.ListSeparator)+env.Getenv("PATH"))
	env.Setenv("JUJU_DATA", filepath.Join(env.WorkDir, "juju"))
	env.Setenv("TERM", "dumb")
	env.Setenv("LANG", "C.UTF-8")
	env.Setenv("TZ", "UTC")
	if os.Getenv("GORACE") == "" {
		// A process under the race detector sleeps for a second at its end.
		env.Setenv("GORACE", "atexit_sleep_ms=0")
	}
	s := newStage(env)
	env.Values[stageKey{}] = s
	env.Defer(s.close)
	return s.plant()
}
