package jujuapi

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"sync"
	"time"

	"github.com/gorilla/websocket"

	"github.com/juju/juju/api"
	"github.com/juju/juju/rpc/jsoncodec"
)

// grace is how much longer than Juju's own limit a dial may take.
const grace = 2 * time.Second

// dialing is one api.Open under way. Juju's own dialer heeds neither a context nor
// a time limit once TCP is connected, so that a frozen server holds it for 45 s.
type dialing struct {
	ctx   context.Context
	proxy func(*http.Request) (*url.URL, error)

	mu      sync.Mutex
	sockets []net.Conn
	aborted bool
}

// open is api.Open that returns when ctx ends. A connection that comes too late
// is closed.
func (d *dialing) open(info *api.Info, opts api.DialOpts) (api.Connection, error) {
	opts.DialWebsocket = d.dial
	type result struct {
		conn api.Connection
		err  error
	}
	done := make(chan result, 1)
	go func() {
		conn, err := api.Open(info, opts)
		done <- result{conn, err}
	}()
	// What Juju does before it dials (a tunnel into Kubernetes) heeds no limit at all.
	overdue := time.NewTimer(opts.Timeout + grace)
	defer overdue.Stop()
	var err error
	select {
	case r := <-done:
		if r.err != nil {
			hangUpTunnel(info)
		}
		return r.conn, r.err
	case <-d.ctx.Done():
		err = d.ctx.Err()
	case <-overdue.C:
		err = context.DeadlineExceeded
	}
	d.abort()
	go func() {
		if r := <-done; r.conn != nil {
			_ = r.conn.Close()
		} else {
			hangUpTunnel(info)
		}
	}()
	return nil, err
}

// hangUpTunnel ends a tunnel that no connection will.
func hangUpTunnel(info *api.Info) {
	if info.Proxier != nil {
		info.Proxier.Stop()
	}
}

// dial implements api.DialOpts.DialWebsocket. ip is where to go in fact; the
// host of the address is for TLS alone.
func (d *dialing) dial(ctx context.Context, address string, config *tls.Config, ip string) (jsoncodec.JSONConn, error) {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(d.ctx, cancel)()
	target, err := url.Parse(address)
	if err != nil {
		return nil, err
	}
	dialer := websocket.Dialer{
		NetDialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
			if addr == target.Host {
				addr = ip // otherwise it is a proxy's
			}
			var plain net.Dialer
			socket, err := plain.DialContext(ctx, network, addr)
			if err != nil {
				return nil, err
			}
			return &quiet{Conn: socket}, nil
		},
		Proxy:            d.proxy,
		TLSClientConfig:  config,
		HandshakeTimeout: 45 * time.Second, // as Juju; ctx is what ends it sooner
	}
	ws, resp, err := dialer.DialContext(ctx, address, nil)
	if err != nil {
		if resp != nil {
			_ = resp.Body.Close()
			return nil, &refusal{status: resp.StatusCode}
		}
		return nil, err
	}
	if !d.keep(ws.NetConn()) {
		_ = ws.Close()
		return nil, d.ctx.Err()
	}
	return jsoncodec.NewWebsocketConn(ws), nil
}

// keep notes a socket for abort, and says whether it is still wanted.
func (d *dialing) keep(socket net.Conn) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.sockets = append(d.sockets, socket)
	return !d.aborted
}

// abort cuts what is connected already, so that a login that waits for an answer ends.
func (d *dialing) abort() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.aborted = true
	for _, socket := range d.sockets {
		_ = socket.Close()
	}
}

// quiet is a connection that may be closed twice: the websocket library would log
// that to stderr, into the screen.
type quiet struct{ net.Conn }

// Close implements net.Conn.
func (q *quiet) Close() error {
	if err := q.Conn.Close(); !errors.Is(err, net.ErrClosed) {
		return err
	}
	return nil
}

// refusal is an HTTP answer where a websocket was asked for, such as the 503 of
// an API server that is shutting down.
type refusal struct{ status int }

func (r *refusal) Error() string {
	return fmt.Sprintf("the API server answers %d %s", r.status, http.StatusText(r.status))
}
