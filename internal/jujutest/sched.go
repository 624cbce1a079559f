package jujutest

import (
	"container/heap"
	"sync"
	"time"
)

// scheduler runs functions later, in simulated time, one at a time. It is what
// makes a world move.
type scheduler struct {
	speed float64
	run   func(func()) // runs a due function, under the world's lock

	mu     sync.Mutex
	queue  timerQueue
	seq    int
	wake   chan struct{}
	closed chan struct{}
	done   chan struct{}
}

type timer struct {
	due time.Time
	seq int
	fn  func()
}

func newScheduler(speed float64, run func(func())) *scheduler {
	s := &scheduler{
		speed:  speed,
		run:    run,
		wake:   make(chan struct{}, 1),
		closed: make(chan struct{}),
		done:   make(chan struct{}),
	}
	go s.loop()
	return s
}

// real is how long a simulated time takes.
func (s *scheduler) real(d time.Duration) time.Duration {
	return time.Duration(float64(d) / s.speed)
}

// simulated is how much simulated time a real one is.
func (s *scheduler) simulated(d time.Duration) time.Duration {
	return time.Duration(float64(d) * s.speed)
}

// after calls fn when the simulated time d has passed, unless the world ends first.
func (s *scheduler) after(d time.Duration, fn func()) {
	s.mu.Lock()
	s.seq++
	heap.Push(&s.queue, timer{due: time.Now().Add(s.real(d)), seq: s.seq, fn: fn})
	s.mu.Unlock()
	select {
	case s.wake <- struct{}{}:
	default:
	}
}

func (s *scheduler) stop() {
	close(s.closed)
	<-s.done
}

func (s *scheduler) loop() {
	defer close(s.done)
	clock := time.NewTimer(0)
	defer clock.Stop()
	for {
		fn, wait := s.next()
		if fn != nil {
			s.run(fn)
			continue
		}
		clock.Reset(wait)
		select {
		case <-clock.C:
		case <-s.wake:
		case <-s.closed:
			return
		}
	}
}

// next takes out what is due, or says how long to wait.
func (s *scheduler) next() (func(), time.Duration) {
	s.mu.Lock()
	defer s.mu.Unlock()
	select {
	case <-s.closed:
		return nil, time.Hour
	default:
	}
	if len(s.queue) == 0 {
		return nil, time.Hour
	}
	if wait := time.Until(s.queue[0].due); wait > 0 {
		return nil, wait
	}
	return heap.Pop(&s.queue).(timer).fn, 0
}

// timerQueue is a heap of timers: first due first, first made first among those.
type timerQueue []timer

func (q timerQueue) Len() int { return len(q) }
func (q timerQueue) Less(i, j int) bool {
	if !q[i].due.Equal(q[j].due) {
		return q[i].due.Before(q[j].due)
	}
	return q[i].seq < q[j].seq
}
func (q timerQueue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *timerQueue) Push(x any)   { *q = append(*q, x.(timer)) }
func (q *timerQueue) Pop() any {
	old := *q
	last := old[len(old)-1]
	*q = old[:len(old)-1]
	return last
}
