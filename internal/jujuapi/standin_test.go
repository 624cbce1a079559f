package jujuapi

import (
	"context"
	"encoding/json"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/juju/names/v5"
	"github.com/juju/version/v2"

	"github.com/juju/juju/api"
	"github.com/juju/juju/rpc"
	"github.com/juju/juju/rpc/params"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// standIn is two controllers, source and target, as far as what goes over the wire to
// them matters: each call as JSON, and what it is answered.
type standIn struct {
	*testing.T
	session *Session
	reader  *Reader
	writer  *Writer
	dir     string
	servers map[string]*server
}

// server is one of the controllers.
type server struct {
	version version.Number
	facades map[string][]int
	groups  [][]string
	// access is what the user may do there; that of a superuser when empty.
	access string
	// http is where its HTTP is served; empty when it is not.
	http string
	// answers are by FACADE.METHOD; what is not here is not implemented.
	answers map[string]func(args json.RawMessage) (any, error)

	mu     sync.Mutex
	calls  []wired
	logins int
	wires  []*wire
}

// wired is a call as it went over the wire.
type wired struct {
	method  string
	version int
	args    string
}

const (
	sourceUUID = "11111111-1111-4111-8111-111111111111"
	targetUUID = "22222222-2222-4222-8222-222222222222"
	modelUUID  = "33333333-3333-4333-8333-333333333333"
	otherUUID  = "44444444-4444-4444-8444-444444444444"
)

var (
	sourceRef = fleet.Ref{UUID: sourceUUID, Name: "old"}
	targetRef = fleet.Ref{UUID: targetUUID, Name: "new"}
	modelRef  = fleet.Ref{UUID: modelUUID, Name: "admin/web"}
)

const standInRegistry = `
controllers:
  old: {uuid: 11111111-1111-4111-8111-111111111111, api-endpoints: ["10.0.0.1:17070"], ca-cert: ca-of-old, cloud: c}
  new: {uuid: 22222222-2222-4222-8222-222222222222, api-endpoints: ["192.0.2.9:17070"], ca-cert: ca-of-new, cloud: c}
current-controller: old
`

func newStandIn(t *testing.T, source, target string) *standIn {
	t.Helper()
	s := &standIn{T: t, servers: map[string]*server{
		sourceUUID: newServer(source, "10.0.0.1:17070"),
		targetUUID: newServer(target, "10.0.0.2:17070", "10.0.0.3:17070"),
	}}
	dir := t.TempDir()
	for file, content := range map[string]string{
		"controllers.yaml": standInRegistry,
		"accounts.yaml":    "controllers: {old: {user: admin, password: canary-old}, new: {user: admin, password: canary-new}}\n",
	} {
		if err := os.WriteFile(filepath.Join(dir, file), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	session, err := New(Config{Store: StoreIn(dir)})
	if err != nil {
		t.Fatal(err)
	}
	session.pool = newPool(maxIdleModels, func(_ context.Context, k key) (*conn, error) { return s.servers[k.controller.UUID].open(k), nil })
	t.Cleanup(func() { _ = session.Close() })
	s.dir = dir
	s.session, s.reader, s.writer = session, session.Reader(), session.Writer()
	return s
}

// keeps puts a file into the client's data directory.
func (s *standIn) keeps(file, content string) {
	s.Helper()
	if err := os.WriteFile(filepath.Join(s.dir, file), []byte(content), 0o600); err != nil {
		s.Fatal(err)
	}
}

func newServer(v string, addresses ...string) *server {
	s := &server{version: version.MustParse(v), answers: make(map[string]func(json.RawMessage) (any, error))}
	for _, address := range addresses {
		s.groups = append(s.groups, []string{address})
	}
	s.facades = map[string][]int{
		"Client": {6, 7, 8}, "ModelManager": {9, 10}, "Controller": {11, 12}, "UserManager": {3}, "Cloud": {7},
		"SecretBackends": {1}, "Charms": {5, 6, 7}, "Application": {15, 16, 17, 18, 19, 20, 21, 22}, "Resources": {3},
		"Action": {7}, "Block": {2}, "Storage": {6, 7},
	}
	switch {
	case s.version.Major >= 4:
		s.facades["Controller"] = []int{12, 13, 14}
		s.facades["Charms"] = []int{7}
	case s.version.Major == 2:
		delete(s.facades, "SecretBackends")
		s.facades["Charms"], s.facades["Application"] = []int{2, 3, 4, 5}, []int{13, 14, 15}
	}
	return s
}

func (s *server) open(k key) *conn {
	w := &wire{server: s, broken: make(chan struct{})}
	s.mu.Lock()
	s.logins++
	s.wires = append(s.wires, w)
	s.mu.Unlock()
	return &conn{
		Connection: w, name: k.controller.Name,
		facades: s.facades, groups: s.groups, version: s.version,
	}
}

// hangUp breaks all connections.
func (s *server) hangUp() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, w := range s.wires {
		if !isClosed(w.broken) {
			close(w.broken)
		}
	}
}

// says has a method answer always the same.
func (s *server) says(method string, answer any) {
	s.answers[method] = func(json.RawMessage) (any, error) { return answer, nil }
}

// fails has a method fail.
func (s *server) fails(method, code, message string) {
	s.answers[method] = func(json.RawMessage) (any, error) { return nil, &rpc.RequestError{Code: code, Message: message} }
}

// sent are the calls of a method so far.
func (s *server) sent(method string) []wired {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(s.calls), func(c wired) bool { return c.method != method })
}

func (s *server) all() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.calls)
}

// wire is a connection to a server.
type wire struct {
	api.Connection
	server *server
	broken chan struct{}
}

func (w *wire) APICall(facade string, v int, _, request string, args, response any) error {
	method := facade + "." + request
	sent, err := json.Marshal(args)
	if err != nil {
		return err
	}
	w.server.mu.Lock()
	w.server.calls = append(w.server.calls, wired{method, v, string(sent)})
	w.server.mu.Unlock()
	answer, ok := w.server.answers[method]
	if !ok {
		return &rpc.RequestError{Code: params.CodeNotImplemented, Message: "no such request - method " + method + " is not implemented"}
	}
	result, err := answer(sent)
	if err != nil {
		return err
	}
	received, err := json.Marshal(result)
	if err != nil {
		return err
	}
	return json.Unmarshal(received, response)
}

func (w *wire) BestFacadeVersion(facade string) int {
	// As the linked library: it knows Controller up to 12, and the rest as it is here.
	best := 0
	for _, v := range w.server.facades[facade] {
		if facade != "Controller" || v <= 12 {
			best = max(best, v)
		}
	}
	return best
}

func (w *wire) Broken() <-chan struct{} { return w.broken }
func (w *wire) IsBroken() bool          { return isClosed(w.broken) }
func (w *wire) Close() error            { return nil }
func (w *wire) ControllerAccess() string {
	if w.server.access != "" {
		return w.server.access
	}
	return fleet.AccessSuperuser
}
func (w *wire) AuthTag() names.Tag  { return names.NewUserTag("admin") }
func (w *wire) IsProxied() bool     { return false }
func (w *wire) Addr() *url.URL      { return &url.URL{Scheme: "wss", Host: "198.51.100.1:17070"} }
func (w *wire) CookieURL() *url.URL { return &url.URL{Scheme: "https", Host: "198.51.100.1:17070"} }

// source and target are the controllers.
func (s *standIn) source() *server { return s.servers[sourceUUID] }
func (s *standIn) target() *server { return s.servers[targetUUID] }

// controllers are the same as a look shows them.
func (s *standIn) controllers() (source, target fleet.Controller) {
	return fleet.Controller{Ref: sourceRef, Version: s.source().version, User: "admin", Access: fleet.AccessSuperuser},
		fleet.Controller{Ref: targetRef, Version: s.target().version, User: "admin", Access: fleet.AccessSuperuser}
}

// wants checks the code of an error, and that no secret is in it.
func (s *standIn) wants(err error, code fleet.ProblemCode) {
	s.Helper()
	if got := fleet.CodeOf(err); got != code {
		s.Errorf("got %q (%v), want %q", got, err, code)
	}
	if err != nil && strings.Contains(err.Error(), "canary") {
		s.Errorf("an error tells a secret: %v", err)
	}
}
