package e2e

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// TestAUserWithoutAStoredPasswordLogsInByCookie: who has registered has no
// password in the client's store, only a macaroon in the cookie jar; without it
// a script is told what to type, and asked nothing.
func TestAUserWithoutAStoredPasswordLogsInByCookie(t *testing.T) {
	b := newBench(t)
	b.up("prod", "3.6.4")
	b.model("prod", "db", "--charm")
	said := b.juju("add-user", "alice", "-c", "prod")
	token := regexp.MustCompile(`juju register (\S+)`).FindStringSubmatch(said)
	if token == nil {
		t.Fatal("juju add-user gives no registration string")
	}
	b.juju("grant", "alice", "superuser", "-c", "prod")

	store := filepath.Join(b.dir, "alice")
	if err := os.Mkdir(store, 0o700); err != nil {
		t.Fatal(err)
	}
	const secret = "alices-secret"
	script := `printf '%s\n%s\nprod\n' ` + secret + ` ` + secret + ` | juju register ` + token[1]
	b.must(time.Minute, "exec", "env", "JUJU_DATA="+store, "sh", "-c", script)
	accounts, err := os.ReadFile(filepath.Join(store, "accounts.yaml"))
	if err != nil || strings.Contains(string(accounts), "password") || !strings.Contains(string(accounts), "alice") {
		t.Fatalf("accounts.yaml is not that of a registered user: %v", err)
	}
	as := func(args ...string) result {
		b.needPlugin()
		return b.spawn(true, append([]string{"exec", "env", "JUJU_DATA=" + store, "juju", "upgrade-all"}, args...)...).wait(runLimit)
	}

	as("plan", "-c", "prod").exits(t, exitPending).says(t, `3\.6\.4 → 3\.6\.11`)
	cookies := filepath.Join(store, "cookies")
	if err := os.Rename(cookies, cookies+".away"); err != nil {
		t.Fatal(err)
	}
	shut := as("-y", "-c", "prod")
	if shut.code == exitDone || shut.code == exitPending {
		t.Errorf("exit %d without any login", shut.code)
	}
	shut.says(t, `juju login -c prod`)
	if strings.Contains(shut.all, "please enter password") {
		t.Errorf("a script was asked for a password:\n%s", shut.all)
	}
	if got := b.requests("prod"); len(got) != 0 {
		t.Errorf("without a login it has asked for %v", got)
	}
	if err := os.RemoveAll(cookies); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(cookies+".away", cookies); err != nil {
		t.Fatal(err)
	}

	as("-y", "-c", "prod").exits(t, exitDone)
	b.at("3.6.11", "prod:admin/controller", "prod:admin/db")
	b.askedOnce("3.6.11", "prod", []string{"prod"}, "prod:admin/controller", "prod:admin/db")
	b.clean(filepath.Join(store, "upgrade-all"), secret, token[1], "macaroon")
}
