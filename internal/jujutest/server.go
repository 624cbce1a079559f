package jujutest

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"io"
	"log"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/gorilla/websocket"
	"github.com/juju/version/v2"

	"github.com/juju/juju/rpc"
	"github.com/juju/juju/rpc/jsoncodec"
)

// server is one API server of a controller: that of one controller machine.
type server struct {
	controller *controller
	index      int
	host       *machine
	port       int
	version    version.Number
	// alive is false while the machine's agent is dead.
	alive bool
	// restarting is true during the outage of an upgrade.
	restarting bool
	// restarted is true once it was started after an upgrade was given up.
	restarted bool
	// window is true while it serves with its upgrade incomplete.
	window bool
	// refusing counts the faults that make it refuse connections.
	refusing int
	// thawed is closed by the end of the last freeze; nil when there is none.
	thawed  chan struct{}
	freezes int

	http     *http.Server
	sessions map[*session]bool
}

func newServer(c *controller, host *machine, v version.Number) (*server, error) {
	s := &server{controller: c, index: len(c.servers), host: host, version: v, alive: true, sessions: map[*session]bool{}}
	// The port must still be free after an outage. Those below the range that
	// systems give to outgoing connections are.
	for range 200 {
		s.port = 17000 + rand.IntN(15000)
		l, err := s.listen()
		if err != nil {
			continue
		}
		s.serve(l)
		return s, nil
	}
	return nil, errors.New("no free port between 17000 and 32000")
}

func (s *server) addr() string { return fmt.Sprintf("127.0.0.1:%d", s.port) }

func (s *server) machine() *machine { return s.host }

// serverOn is the API server of a machine, or nil.
func (m *model) serverOn(h *machine) *server {
	if !m.isController() {
		return nil
	}
	for _, s := range m.controller.servers {
		if s.host == h {
			return s
		}
	}
	return nil
}

func (s *server) listen() (net.Listener, error) {
	return net.Listen("tcp4", s.addr())
}

// settleServer makes a server listen if it should and not if it should not.
func (w *World) settleServer(s *server) {
	want := s.alive && !s.restarting && s.refusing == 0
	switch {
	case w.closed || want == (s.http != nil):
	case !want:
		s.close()
	default:
		l, err := s.listen()
		if err != nil {
			// Someone has taken the port meanwhile; they may give it back.
			w.sched.after(time.Second, func() { w.settleServer(s) })
			return
		}
		s.serve(l)
	}
}

func (s *server) serve(l net.Listener) {
	w := s.controller.world
	srv := &http.Server{
		Handler:           http.HandlerFunc(s.handle),
		ErrorLog:          log.New(io.Discard, "", 0),
		ReadHeaderTimeout: time.Minute,
		TLSConfig:         &tls.Config{Certificates: []tls.Certificate{s.controller.ca.server}, MinVersion: tls.VersionTLS12},
	}
	s.http = srv
	w.wg.Add(1)
	go func() {
		defer w.wg.Done()
		_ = srv.ServeTLS(l, "", "")
	}()
}

// close refuses new connections and drops those that are open.
func (s *server) close() {
	if s.http == nil {
		return
	}
	_ = s.http.Close()
	s.http = nil
	for sess := range s.sessions {
		sess.drop()
	}
}

func (s *server) freeze() {
	if s.freezes++; s.freezes == 1 {
		s.thawed = make(chan struct{})
	}
}

func (s *server) thaw() {
	if s.freezes--; s.freezes == 0 {
		close(s.thawed)
		s.thawed = nil
	}
}

// awaitThaw blocks while the server is frozen. It says whether it may go on.
func (s *server) awaitThaw(ended, gone <-chan struct{}) bool {
	w := s.controller.world
	for {
		w.mu.Lock()
		thawed := s.thawed
		w.mu.Unlock()
		if thawed == nil {
			return true
		}
		select {
		case <-thawed:
		case <-ended:
			return false
		case <-gone:
			return false
		case <-w.done:
			return false
		}
	}
}

// handle serves the API, the download of backups and the upload of charms.
func (s *server) handle(resp http.ResponseWriter, req *http.Request) {
	w := s.controller.world
	w.mu.Lock()
	if w.closed {
		w.mu.Unlock()
		return
	}
	w.wg.Add(1)
	w.mu.Unlock()
	defer w.wg.Done()
	if !s.awaitThaw(req.Context().Done(), nil) {
		return
	}
	path, modelUUID := req.URL.Path, ""
	if uuid, object, ok := charmObject(path); ok {
		s.servePutCharm(resp, req, uuid, object)
		return
	}
	if rest, ok := strings.CutPrefix(path, "/model/"); ok {
		uuid, tail, _ := strings.Cut(rest, "/")
		modelUUID, path = uuid, "/"+tail
	}
	switch path {
	case "/", "/api":
		s.serveAPI(resp, req, modelUUID)
	case "/register":
		s.serveRegister(resp, req)
	case "/charms":
		s.servePostCharm(resp, req, modelUUID)
	case "/backups":
		s.serveBackup(resp, req, modelUUID)
	default:
		if strings.HasPrefix(path, authPath+"/") {
			s.controller.door.mux.ServeHTTP(resp, req)
			return
		}
		http.NotFound(resp, req)
	}
}

// quietCodec is silent about answers for which there is no connection any more. It is
// dropped on purpose here, which package rpc would print as an error.
type quietCodec struct{ *jsoncodec.Codec }

func (c quietCodec) WriteMessage(hdr *rpc.Header, body any) error {
	_ = c.Codec.WriteMessage(hdr, body)
	return nil
}

func (s *server) serveAPI(resp http.ResponseWriter, req *http.Request, modelUUID string) {
	upgrader := websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}
	ws, err := upgrader.Upgrade(resp, req, nil)
	if err != nil {
		return
	}
	w := s.controller.world
	sess := &session{server: s, modelUUID: modelUUID, net: ws.NetConn(), gone: make(chan struct{})}
	conn := rpc.NewConn(quietCodec{jsoncodec.NewWebsocket(ws)}, nil)
	conn.ServeRoot(sess, nil, func(err error) error { return err })
	w.mu.Lock()
	if w.closed || s.http == nil {
		w.mu.Unlock()
		_ = ws.Close()
		return
	}
	s.sessions[sess] = true
	s.controller.connected++
	w.mu.Unlock()
	conn.Start(context.Background())
	<-conn.Dead()
	close(sess.gone)
	w.mu.Lock()
	delete(s.sessions, sess)
	w.mu.Unlock()
	_ = conn.Close()
}
