package jujuapi_test

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/juju/version/v2"
	"go.uber.org/goleak"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujuapi"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujutest"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujutest/estate"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// bed is a simulated world, a client store that knows it, and a session.
type bed struct {
	*testing.T
	world   *jujutest.World
	dir     string
	session *jujuapi.Session
	reader  *jujuapi.Reader
	// warnings are the session's.
	warnings chan error
}

// prepare starts a world of YAML. Time there is cheap: see speed in the estates.
func prepare(t *testing.T, text string) *bed {
	t.Helper()
	return prepareWith(t, text, jujuapi.Config{})
}

func prepareWith(t *testing.T, text string, cfg jujuapi.Config) *bed {
	t.Helper()
	parsed, err := estate.Parse([]byte(text))
	if err != nil {
		t.Fatal(err)
	}
	world, err := jujutest.Start(parsed)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(world.Close)
	b := &bed{T: t, world: world, dir: t.TempDir(), warnings: make(chan error, 100)}
	if err := world.WriteStore(b.dir); err != nil {
		t.Fatal(err)
	}
	cfg.Store = jujuapi.StoreIn(b.dir)
	cfg.Warn = func(err error) { b.warnings <- err }
	if b.session, err = jujuapi.New(cfg); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.session.Close() })
	b.reader = b.session.Reader()
	return b
}

// log in and look at a controller, which must succeed.
func (b *bed) look(name string) fleet.Controller {
	b.Helper()
	c, err := b.reader.Login(context.Background(), name)
	if err != nil {
		b.Fatal(err)
	}
	if c, err = b.reader.Controller(context.Background(), c); err != nil {
		b.Fatal(err)
	}
	return c
}

// model finds a model of a controller by its name.
func (b *bed) model(c fleet.Controller, name string) fleet.Model {
	b.Helper()
	for _, m := range c.Models {
		if m.Name == name {
			return m
		}
	}
	b.Fatalf("controller %s shows no model %s", c.Name, name)
	return fleet.Model{}
}

func (b *bed) inject(controller string, f estate.Fault) (end func()) {
	b.Helper()
	end, err := b.world.Inject(controller, f)
	if err != nil {
		b.Fatal(err)
	}
	return end
}

// wants checks the code of an error, and that it holds no secret.
func (b *bed) wants(err error, code fleet.ProblemCode) {
	b.Helper()
	if got := fleet.CodeOf(err); got != code {
		b.Errorf("got %q (%v), want %q", got, err, code)
	}
	b.noSecrets(err)
}

func (b *bed) noSecrets(err error) {
	b.Helper()
	if err == nil {
		return
	}
	for _, secret := range b.world.Secrets() {
		if strings.Contains(err.Error(), secret) {
			b.Errorf("an error tells a secret: %v", err)
		}
	}
}

func (b *bed) write(file, content string) {
	b.Helper()
	if err := os.WriteFile(filepath.Join(b.dir, file), []byte(content), 0o600); err != nil {
		b.Fatal(err)
	}
}

func (b *bed) read(file string) string {
	b.Helper()
	data, err := os.ReadFile(filepath.Join(b.dir, file))
	if err != nil {
		b.Fatal(err)
	}
	return string(data)
}

// eventually waits for what the simulation does by itself.
func eventually(t *testing.T, what string, cond func() bool) {
	t.Helper()
	deadline := time.Now().Add(30 * time.Second)
	for !cond() {
		if time.Now().After(deadline) {
			t.Fatalf("never came: %s", what)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

func v(s string) version.Number { return version.MustParse(s) }

// two is an estate of a 3.6 and a 4.1 controller.
const two = `
speed: 100
controllers:
  - name: prod
    version: 3.6.4
    series-offers: [3.6.4, 3.6.11]
    ha: 3
    region: east
    models:
      - name: web
        machines: 2
        applications:
          - {name: app, units: 11, subordinates: [sub]}
        actions:
          - {unit: app/0, name: backup}
      - name: bob/db
        blocks: [all]
        machines: [{containers: 2}]
  - name: next
    version: 4.1.0
    series-offers: [4.1.0, 4.1.1]
    models:
      - name: api
        machines: 1
`

// prepareOn makes another session on the same store, as another process would.
func prepareOn(b *bed) *jujuapi.Reader {
	b.Helper()
	s, err := jujuapi.New(jujuapi.Config{Store: jujuapi.StoreIn(b.dir)})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = s.Close() })
	return s.Reader()
}
