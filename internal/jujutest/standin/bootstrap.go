package standin

import (
	"cmp"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"

	"github.com/juju/version/v2"

	"github.com/juju/juju/jujuclient"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujutest"
)

// making is one bootstrap.
type making struct {
	*juju
	options
	made   jujutest.Newcomer
	store  jujuclient.ClientStore
	before string // the client's current controller
	// hostRegion is where a cluster is.
	hostRegion string

	mu   sync.Mutex // of the store and of what is written about it
	over bool
}

// bootstrap makes a controller.
func (j *juju) bootstrap(args []string) error {
	opts, err := parse(args)
	if err != nil {
		return err
	}
	if err := j.suits(opts.agentVersion); err != nil {
		return err
	}
	m := &making{juju: j, options: opts, store: jujuclient.NewFileClientStore()}
	if _, err := m.store.ControllerByName(opts.name); err == nil {
		return fmt.Errorf("controller %q already exists", opts.name)
	}
	cloud, region, _ := strings.Cut(opts.place, "/")
	known, err := clientFiles(cloud, opts.credential)
	if err != nil {
		return err
	}
	prepared, err := j.ask("/prepare", jujutest.Question{Bootstrap: jujutest.Bootstrap{
		Name: opts.name, Cloud: cloud, Region: region, Known: known.cloud, Credential: known.credential,
		Version: cmp.Or(opts.agentVersion, j.version),
		Config:  opts.config, ModelDefaults: opts.modelDefaults, KeepBroken: opts.keepBroken,
	}})
	if err != nil {
		return err
	}
	m.made, m.hostRegion = prepared.Newcomer, known.hostRegion
	for _, key := range m.made.Unknown {
		fmt.Fprintf(j.stderr, "WARNING unknown config field %q\n", key)
	}
	if err := m.begin(); err != nil {
		return err
	}
	m.heedCtrlC()
	if err := m.stages(); err != nil {
		return m.failed(err)
	}
	return m.end()
}

// suits says why the program cannot make controllers of a version.
func (j *juju) suits(agentVersion string) error {
	if agentVersion == "" {
		return nil
	}
	own, err := version.Parse(j.version)
	if err != nil {
		return err
	}
	want, err := version.Parse(agentVersion)
	if err != nil {
		return usageError{err}
	}
	if want.Major != own.Major || want.Minor != own.Minor {
		return usageError{fmt.Errorf("this client can only bootstrap %d.%d agents", own.Major, own.Minor)}
	}
	return nil
}

func (m *making) say(format string, args ...any) { fmt.Fprintf(m.stderr, format+"\n", args...) }

// host is where the new controller's machine is, as far as it is told.
func (m *making) host(addrs []string) string {
	if m.made.Endpoint != "" {
		return m.made.Endpoint
	}
	host, _, _ := strings.Cut(addrs[0], ":")
	return host
}

// stages goes through the stages, telling what the real one tells.
func (m *making) stages() error {
	place := m.made.Cloud
	if m.made.Region != "" {
		place += "/" + m.made.Region
	}
	m.say("Creating Juju controller %q on %s", m.name, place)
	if m.kubernetes() {
		return m.pod()
	}
	m.say("Looking for packaged Juju agent version %s for amd64", m.made.Version)
	if _, err := m.stage("prepare"); err != nil {
		return err
	}
	m.say("Located Juju agent version %[1]s-ubuntu-amd64 at https://streams.canonical.com/juju/tools/agent/%[1]s/juju-%[1]s-linux-amd64.tgz", m.made.Version)
	if m.manual() {
		m.say("Installing Juju agent on bootstrap instance")
	} else {
		m.say("Launching controller instance(s) on %s...", place)
	}
	addrs, err := m.stage("launch")
	if err != nil {
		return err
	}
	if !m.manual() {
		m.say(" - juju-%s-0 (arch=amd64 mem=4G cores=2)", m.made.ModelUUID[len(m.made.ModelUUID)-6:])
		m.say("Installing Juju agent on bootstrap instance")
		m.say("Waiting for address")
		m.say("Attempting to connect to %s:22", m.host(addrs))
		m.say("Connected to %s", m.host(addrs))
	}
	m.say("Running machine configuration script...")
	if addrs, err = m.stage("script"); err != nil {
		return err
	}
	if err := m.addressed(addrs); err != nil {
		return err
	}
	m.say("Bootstrap agent now started")
	m.say("Contacting Juju controller at %s to verify accessibility...", m.host(addrs))
	_, err = m.stage("contact")
	return err
}

// manual says that the cloud makes no machines.
func (m *making) manual() bool {
	return m.made.CloudType == "manual" || m.made.CloudType == "unmanaged"
}

// stage has the estate go through a stage. It does not return if the program is to be killed.
func (m *making) stage(name string) (addrs []string, err error) {
	out, err := m.ask("/stage", jujutest.Question{ID: m.made.ID, Stage: name})
	if err != nil {
		return nil, err
	}
	if out.Stopped {
		_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
		select {}
	}
	return out.Addrs, nil
}

// heedCtrlC does what Ctrl-C makes the real one do: it forgets the controller, which
// goes on coming up.
func (m *making) heedCtrlC() {
	interrupts := make(chan os.Signal, 1)
	signal.Notify(interrupts, os.Interrupt)
	go func() {
		<-interrupts
		m.say("\nCtrl-C pressed, attempting to stop bootstrap and clean up resources")
		_ = m.failed(errors.New("cancelled"))
		m.say("Bootstrap cancelled, you may need to manually remove the bootstrap instance")
		m.say("ERROR failed to bootstrap model: cancelled")
		os.Exit(exitFailed) //nolint:forbidigo // it is a program of its own, which Ctrl-C ends here
	}()
}
