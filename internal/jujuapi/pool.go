package jujuapi

import (
	"context"
	"sync"
	"time"

	"github.com/juju/errors"
)

// goodbye is how long a pool waits for its connections to be closed. A frozen
// server must not hold the tool's end up.
const goodbye = time.Second

// pool keeps connections: one of each controller, and some of models that were
// used last, since a client may see thousands of models.
type pool struct {
	open    func(context.Context, key) (*conn, error)
	maxIdle int

	mu     sync.Mutex
	slots  map[place]*slot
	clock  int64
	closed bool
	// leaving counts connections that are being closed. When there are none, and
	// the pool is closed, gone is. (No WaitGroup: a dial that ends while close
	// waits would add to it.)
	leaving int
	gone    chan struct{}
}

// place tells connections apart. Names do not: they are for people.
type place struct{ controller, model string }

// slot is where one connection is kept.
type slot struct {
	// turn is held by whoever dials.
	turn chan struct{}
	// conn, users and last are the pool's lock's.
	conn  *conn
	users int
	last  int64
}

func newPool(maxIdle int, open func(context.Context, key) (*conn, error)) *pool {
	return &pool{open: open, maxIdle: maxIdle, slots: make(map[place]*slot), gone: make(chan struct{})}
}

// lease is a connection in use. It must be released.
type lease struct {
	*conn
	pool *pool
	slot *slot
	// reused says that the connection was open before.
	reused bool
}

// get returns a connection, an open one if there is one.
func (p *pool) get(ctx context.Context, k key) (*lease, error) {
	place := place{controller: k.controller.UUID, model: k.model}
	p.mu.Lock()
	if p.closed {
		p.mu.Unlock()
		return nil, errors.New("the session has ended")
	}
	s := p.slots[place]
	if s == nil {
		s = &slot{turn: make(chan struct{}, 1)}
		p.slots[place] = s
	}
	s.users++
	p.mu.Unlock()

	select {
	case s.turn <- struct{}{}:
	case <-ctx.Done():
		p.put(s)
		return nil, ending(ctx, ctx.Err())
	}
	defer func() { <-s.turn }()
	p.mu.Lock()
	c := s.conn
	p.mu.Unlock()
	if c != nil && !isClosed(c.Broken()) {
		return &lease{conn: c, pool: p, slot: s, reused: true}, nil
	}
	p.drop(s, c)
	c, err := p.open(ctx, k)
	if err != nil {
		p.put(s)
		return nil, err
	}
	p.fill(s, c)
	return &lease{conn: c, pool: p, slot: s}, nil
}

func (p *pool) fill(s *slot, c *conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		p.hangUp(c)
		return
	}
	s.conn = c
}

// release ends the use of a connection.
func (l *lease) release() { l.pool.put(l.slot) }

// discard closes a connection that is of no use any more, for whoever uses it.
func (l *lease) discard() { l.pool.drop(l.slot, l.conn) }

func (p *pool) put(s *slot) {
	p.mu.Lock()
	defer p.mu.Unlock()
	s.users--
	p.clock++
	s.last = p.clock
	p.evict()
}

// evict closes the model connections that were used longest ago, and forgets
// empty slots. Controller connections stay.
func (p *pool) evict() {
	for {
		var oldest place
		idle := 0
		for k, s := range p.slots {
			if s.users > 0 {
				continue
			}
			if s.conn == nil {
				delete(p.slots, k)
				continue
			}
			if k.model == "" {
				continue
			}
			if idle++; idle == 1 || s.last < p.slots[oldest].last {
				oldest = k
			}
		}
		if idle <= p.maxIdle {
			return
		}
		p.hangUp(p.slots[oldest].conn)
		delete(p.slots, oldest)
	}
}

func (p *pool) drop(s *slot, c *conn) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if c != nil && s.conn == c {
		s.conn = nil
		p.hangUp(c)
	}
}

// hangUp closes in the background: to say good-bye to a frozen server takes time.
// It is called under the lock.
func (p *pool) hangUp(c *conn) {
	p.leaving++
	go func() {
		_ = c.Close()
		p.mu.Lock()
		defer p.mu.Unlock()
		p.leaving--
		p.settle()
	}()
}

// settle tells close that all is closed. It is called under the lock.
func (p *pool) settle() {
	if p.closed && p.leaving == 0 && !isClosed(p.gone) {
		close(p.gone)
	}
}

// close ends all connections, those in use too.
func (p *pool) close() {
	p.mu.Lock()
	p.closed = true
	for k, s := range p.slots {
		if s.conn != nil {
			p.hangUp(s.conn)
			s.conn = nil
		}
		delete(p.slots, k)
	}
	p.settle()
	p.mu.Unlock()
	select {
	case <-p.gone:
	case <-time.After(goodbye):
	}
}
