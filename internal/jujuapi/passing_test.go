package jujuapi_test

import (
	"bytes"
	"context"
	"errors"
	"net"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/juju/juju/rpc/params"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujuapi"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujutest/estate"
)

func TestTheModelsAreListedInOneCall(t *testing.T) {
	b := prepare(t, two)
	c := b.look("prod")
	b.world.ForgetCalls()
	got, err := b.reader.Models(context.Background(), c.Ref)
	if err != nil {
		t.Fatal(err)
	}
	want := slices.Clone(c.Models)
	for i := range want {
		want[i].ChangesBlocked = false // another call
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
	var names []string
	for _, m := range got {
		names = append(names, m.Name)
	}
	if diff := cmp.Diff([]string{"admin/controller", "admin/web", "bob/db"}, names); diff != "" {
		t.Error(diff)
	}
	if calls := b.world.Calls(); len(calls) != 1 {
		t.Errorf("calls: %+v", calls)
	}
}

func TestAUserWhoIsNoSuperuserIsListedTheirOwnModels(t *testing.T) {
	b := prepare(t, "speed: 100\ncontrollers: [{name: prod, version: 3.6.4, user: eve, access: login, models: [{name: eve/own, access: write}, {name: bob/other, access: none}]}]\n")
	c := b.look("prod")
	got, err := b.reader.Models(context.Background(), c.Ref)
	if err != nil {
		t.Fatal(err)
	}
	if slices.ContainsFunc(got, func(m fleet.Model) bool { return m.Name == "bob/other" }) || !slices.ContainsFunc(got, func(m fleet.Model) bool { return m.Name == "eve/own" }) {
		t.Errorf("got %+v", got)
	}
}

func TestAModelThatWasDestroyedIsNotListed(t *testing.T) {
	b := prepare(t, two)
	_, err := b.reader.Models(context.Background(), fleet.Ref{UUID: "11111111-1111-4111-8111-111111111111", Name: "gone"})
	if !errors.Is(err, jujuapi.ErrUnknownController) {
		t.Errorf("got %v", err)
	}
}

func TestADisturbedDatabaseIsNoUpgrade(t *testing.T) {
	b := prepare(t, two)
	c := b.look("prod")
	b.inject("prod", estate.Fault{Kind: estate.FaultError, Method: "ModelManager.ListModelSummaries", Message: "EOF"})
	got, err := b.reader.Controller(context.Background(), c)
	b.wants(err, fleet.Busy)
	if got.Upgrading != v("0.0.0") {
		t.Errorf("is said to upgrade to %s", got.Upgrading)
	}
}

func TestARefusalWithoutACodeDoesNotPass(t *testing.T) {
	b := prepare(t, two)
	c := b.look("prod")
	b.inject("prod", estate.Fault{Kind: estate.FaultError, Method: "ModelUpgrader.UpgradeModel", Message: "EOF"})
	err := b.session.Writer().UpgradeModel(context.Background(), c.Ref, c.ControllerModel().Ref, v("3.6.11"))
	b.wants(err, fleet.Other)
	got, err := b.reader.Objections(context.Background(), c, v("3.6.11"))
	if err != nil || got.Problem == nil || got.Problem.Code != fleet.Refused {
		t.Errorf("objections: %+v, %v", got, err)
	}
	b.inject("prod", estate.Fault{Kind: estate.FaultError, Method: "Backups.Create", Message: "no space left"})
	_, err = b.session.Writer().Backup(context.Background(), c.Ref, c.ControllerModel().Ref, &bytes.Buffer{})
	b.wants(err, fleet.Other)
}

func TestCommandBlocksAreNotIgnoredBeforeJuju4(t *testing.T) {
	for code, want := range map[string]fleet.ProblemCode{
		"":                        fleet.Busy,
		"a code of the future":    fleet.Other,
		params.CodeNotImplemented: fleet.Unsupported,
	} {
		b := prepare(t, two)
		for _, name := range []string{"prod", "next"} {
			c := b.look(name)
			b.inject(name, estate.Fault{Kind: estate.FaultError, Method: "Controller.ListBlockedModels", Code: code})
			_, err := b.reader.Controller(context.Background(), c)
			if name == "next" {
				b.wants(err, "")
				continue
			}
			b.wants(err, want)
		}
	}
}

func TestAStrangeCertificateDoesNotPass(t *testing.T) {
	b := prepare(t, two)
	prod, err := b.world.Controller("prod")
	if err != nil {
		t.Fatal(err)
	}
	next, err := b.world.Controller("next")
	if err != nil {
		t.Fatal(err)
	}
	swapped := strings.ReplaceAll(b.read("controllers.yaml"), indented(prod.CACert), indented(next.CACert))
	if swapped == b.read("controllers.yaml") {
		t.Fatal("the registry does not have the certificate")
	}
	b.write("controllers.yaml", swapped)
	_, err = b.reader.Login(context.Background(), "prod")
	b.wants(err, fleet.Untrusted)
	var p *fleet.Problem
	if !errors.As(err, &p) || p.Remedy != "juju login -c prod" || !strings.Contains(p.Text, "juju unregister prod") || fleet.Passing(err) {
		t.Errorf("got %+v", p)
	}
	servers, err := b.reader.Servers(context.Background(), fleet.Ref{UUID: prod.UUID, Name: "prod"})
	if err != nil || len(servers) == 0 || servers[0].Problem == nil || servers[0].Problem.Code != fleet.Untrusted {
		t.Errorf("servers: %+v, %v", servers, err)
	}
}

// indented is a text as the registry's YAML has it.
func indented(text string) string {
	return strings.ReplaceAll(strings.TrimSpace(text), "\n", "\n            ")
}

func TestAHandshakeThatIsCutPasses(t *testing.T) {
	b := prepareWith(t, two, jujuapi.Config{DialTimeout: time.Second})
	cutter, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		for {
			c, err := cutter.Accept()
			if err != nil {
				return
			}
			_, _ = c.Read(make([]byte, 1))
			_ = c.Close()
		}
	}()
	t.Cleanup(func() { _ = cutter.Close(); <-done })
	prod, err := b.world.Controller("prod")
	if err != nil {
		t.Fatal(err)
	}
	registry := b.read("controllers.yaml")
	for _, address := range prod.Addrs {
		registry = strings.ReplaceAll(registry, address, cutter.Addr().String())
	}
	b.write("controllers.yaml", registry)
	_, err = b.reader.Login(context.Background(), "prod")
	b.wants(err, fleet.Unreachable)
}

func TestAProxysPasswordIsNotTold(t *testing.T) {
	for _, name := range []string{"http_proxy", "https_proxy"} {
		t.Run(name, func(t *testing.T) {
			t.Setenv(name, "http://me:canary-proxy%zz@proxy.example.com")
			_, err := jujuapi.New(jujuapi.Config{Store: jujuapi.StoreIn(t.TempDir())})
			if err == nil || strings.Contains(err.Error(), "canary") || !strings.Contains(err.Error(), " "+name+" ") {
				t.Errorf("got %v", err)
			}
		})
	}
}

func TestAStoreThatCannotBeWrittenIsToldOnceForEachController(t *testing.T) {
	b := prepare(t, two)
	b.write("controllers.yaml", strings.NewReplacer("agent-version: 3.6.4", "agent-version: 3.6.3", "agent-version: 4.1.0", "agent-version: 4.0.9").
		Replace(b.read("controllers.yaml")))
	t.Setenv("TMPDIR", b.dir+"/nowhere") // where juju keeps its locks
	for _, name := range []string{"prod", "next"} {
		c := b.look(name)
		for _, m := range c.Models {
			if _, err := b.reader.ModelStatus(context.Background(), c.Ref, m.Ref); err != nil {
				t.Fatal(err)
			}
		}
	}
	if len(b.warnings) != 2 {
		t.Errorf("%d warnings for 2 controllers; one is %v", len(b.warnings), <-b.warnings)
	}
}

func TestABackupThatHangsEndsWithItsContext(t *testing.T) {
	for name, want := range map[string]error{"cancelled": context.Canceled, "out of time": context.DeadlineExceeded} {
		t.Run(name, func(t *testing.T) {
			b := prepare(t, strings.Replace(two, "speed: 100", "speed: 1", 1))
			c := b.look("prod")
			b.inject("prod", estate.Fault{Kind: estate.FaultDelay, Method: "Backups.Create", Delay: time.Hour})
			ctx, cancel := context.WithCancel(context.Background())
			defer cancel()
			if errors.Is(want, context.Canceled) {
				time.AfterFunc(200*time.Millisecond, cancel)
			} else {
				var stop func()
				ctx, stop = context.WithTimeout(ctx, 200*time.Millisecond)
				defer stop()
			}
			begun := time.Now()
			_, err := b.session.Writer().Backup(ctx, c.Ref, c.ControllerModel().Ref, &bytes.Buffer{})
			if took := time.Since(begun); !errors.Is(err, want) || took > 5*time.Second {
				t.Errorf("got %v after %s", err, took)
			}
		})
	}
}
