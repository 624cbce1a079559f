package standin_test

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujutest"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/jujutest/estate"
)

func TestAControllerIsCopiedByJujuRestore(t *testing.T) {
	y := newYard(t, `
speed: 50
controllers:
  - name: old
    version: 3.6.11
    users: [{name: ann, display-name: Ann, access: superuser, password: canary-pw-of-ann}, {name: bo, disabled: true}]
    clouds: [{name: moon, type: maas, users: [{name: bo}]}]
    config: {audit-log-max-backups: 7}
    model-defaults: {lab: {http-proxy: x}}
    secret-backends: [{name: safe, id: 0123}]
`)
	if code, _, errs := y.juju("bootstrap", "lab", "new"); code != 0 {
		t.Fatal(errs)
	}
	backup := filepath.Join(t.TempDir(), "b.tar.gz")
	if err := os.WriteFile(backup, y.world.BackupOf("old"), 0o600); err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(t.TempDir(), "juju-restore")
	if err := os.WriteFile(program, []byte("program"), 0o700); err != nil {
		t.Fatal(err)
	}
	const command = "chmod +x ./'juju-restore' && sudo ./'juju-restore' --yes --copy-controller ./'b.tar.gz'"
	run := func() (int, string) {
		code, out, errs := y.juju("ssh", "-m", "new:admin/controller", "0", "--", command)
		return code, out + errs
	}
	if code, out := run(); code != 1 || !strings.Contains(out, "No such file or directory") {
		t.Errorf("code %d\n%s", code, out)
	}
	if code, _, errs := y.juju("scp", "-m", "new:admin/controller", "--", backup, program, "0:"); code != 0 {
		t.Fatal(errs)
	}
	if files, err := y.world.Copied("new"); err != nil || fmt.Sprint(files) != "[b.tar.gz juju-restore]" {
		t.Errorf("%v, %v", files, err)
	}
	end, err := y.world.Inject(estate.ProgramName, estate.Fault{Kind: estate.FaultRestoreFails, Message: "no primary"})
	if err != nil {
		t.Fatal(err)
	}
	if code, out := run(); code != 1 || !strings.Contains(out, "no primary") {
		t.Errorf("code %d\n%s", code, out)
	}
	end()
	if code, out := run(); code != 0 {
		t.Fatalf("code %d\n%s", code, out)
	}
	y.copied("new")
}

// copied fails the test unless a controller has what the old one had.
func (y *yard) copied(name string) {
	y.Helper()
	users, err := y.world.Users(name)
	if err != nil || !slices.ContainsFunc(users, func(u jujutest.User) bool {
		return u.Name == "ann" && u.DisplayName == "Ann" && u.Access == "superuser" && u.Password == "canary-pw-of-ann"
	}) || len(users) != 3 {
		y.Errorf("%+v, %v", users, err)
	}
	config, _ := y.world.Config(name)
	clouds, _ := y.world.Clouds(name)
	backends, _ := y.world.Backends(name)
	if config["audit-log-max-backups"] != 7 || len(clouds) != 2 || clouds[1].Users["bo"] != "add-model" || clouds[0].Defaults[""]["http-proxy"] != "x" ||
		len(backends) != 1 || backends[0].ID != "0123" {
		y.Errorf("%v\n%+v\n%+v", config, clouds, backends)
	}
}
