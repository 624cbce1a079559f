package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"testing"
	"time"
)

// TestTheRealClientTalksToTheSimulation: what the simulation serves is Juju's
// API to Juju's own client, too.
func TestTheRealClientTalksToTheSimulation(t *testing.T) {
	b := newBench(t)
	estate := filepath.Join(b.dir, "juju-estate")
	if out, err := exec.Command("go", "build", "-o", estate, "../cmd/juju-estate").CombinedOutput(); err != nil {
		t.Fatalf("cannot build the estate: %v\n%s", err, out)
	}
	const script = `
set -e
juju models -c prod
juju show-controller prod
juju status -m prod:admin/web
juju upgrade-controller -c edge --agent-version 3.6.11 --dry-run`
	cmd := exec.Command(estate, "../cmd/juju-estate/demo.yaml", "--", "sh", "-c", script)
	cmd.Env = append(os.Environ(), "PATH="+filepath.Join(b.dir, "bin", "3.6.11")+":"+os.Getenv("PATH"))
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, want := range []string{`(?m)^controller\* +aws/eu-west-1|^controller +aws/eu-west-1`, `agent-version: 3\.6\.4`, `shop/0`, `nrpe/\d`} {
		if !regexp.MustCompile(want).Match(out) {
			t.Errorf("the client does not say %s:\n%s", want, out)
		}
	}
}

// connectProxy is an HTTP proxy that serves CONNECT and notes what for.
const connectProxy = `
import socket, sys, threading
def pipe(a, b):
    try:
        while (d := a.recv(65536)): b.sendall(d)
    except OSError: pass
    for s in (a, b):
        try: s.shutdown(socket.SHUT_RDWR)
        except OSError: pass
def serve(c):
    head = b""
    while b"\r\n\r\n" not in head: head += c.recv(65536)
    verb, to = head.split()[:2]
    open(sys.argv[1], "a").write(f"{verb.decode()} {to.decode()}\n")
    host, port = to.decode().rsplit(":", 1)
    s = socket.create_connection((host, int(port)))
    c.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
    threading.Thread(target=pipe, args=(s, c), daemon=True).start()
    pipe(c, s)
l = socket.create_server(("10.99.0.1", 3128))
while True: threading.Thread(target=serve, args=(l.accept()[0],), daemon=True).start()
`

func TestTheProxyOfTheEnvironmentIsUsed(t *testing.T) {
	b := newBench(t)
	b.up("prod", "3.6.4")
	log := filepath.Join(b.dir, "proxy.log")
	b.spawn(false, "exec", "python3", "-c", connectProxy, log) // ended with the bench
	b.eventually(30*time.Second, "the proxy listens", func() bool {
		return b.look(5*time.Second, "exec", "python3", "-c", `import socket; socket.create_connection(("10.99.0.1", 3128))`).code == 0
	})
	b.needPlugin()
	r := b.spawn(true, "exec", "env", "HTTPS_PROXY=http://10.99.0.1:3128", "juju-upgrade-all", "plan", "-c", "prod").wait(runLimit)
	r.exits(t, exitPending).says(t, `3\.6\.4 → 3\.6\.11`)
	said, err := os.ReadFile(log)
	if err != nil || !regexp.MustCompile(`(?m)^CONNECT 10\.99\.0\.\d+:17070$`).Match(said) {
		t.Errorf("the proxy was asked for %q, %v", said, err)
	}
}
