package jujuapi

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/go-macaroon-bakery/macaroon-bakery/v3/httpbakery"
	"github.com/juju/clock"
	"github.com/juju/mutex/v2"
	"gopkg.in/macaroon.v2"
	"gopkg.in/yaml.v3"

	"github.com/juju/juju/api"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// discharged is what the bakery says of a third party that answers so.
func discharged(t *testing.T, answer http.HandlerFunc) error {
	t.Helper()
	server := httptest.NewServer(answer)
	defer server.Close()
	client := httpbakery.NewClient()
	defer client.CloseIdleConnections()
	_, err := client.AcquireDischarge(context.Background(), macaroon.Caveat{Location: server.URL, Id: []byte("id")}, nil)
	if err == nil {
		t.Fatal("discharged")
	}
	return err
}

func TestADischargeThatIsCutSaysNothingOfTheLogin(t *testing.T) {
	refusal := func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(http.StatusUnauthorized)
		_, _ = w.Write([]byte(`{"Code":"permission denied","Message":"no"}`))
	}
	for name, test := range map[string]struct {
		answer http.HandlerFunc
		want   fleet.ProblemCode
	}{
		"cut":        {func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) }, fleet.Unreachable},
		"restarting": {func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "later", http.StatusServiceUnavailable) }, fleet.Unreachable},
		"refused":    {refusal, fleet.LoginNeeded},
		"not there":  {func(w http.ResponseWriter, _ *http.Request) { http.Error(w, "what?", http.StatusNotFound) }, fleet.LoginNeeded},
	} {
		t.Run(name, func(t *testing.T) {
			s := &Session{}
			err := s.openProblem(context.Background(), "prod", &api.Info{}, true, discharged(t, test.answer))
			if got := fleet.CodeOf(err); got != test.want {
				t.Errorf("got %s: %v", got, err)
			}
		})
	}
}

func TestAPasswordThatNobodyTypesIsALoginMatter(t *testing.T) {
	s := &Session{cfg: Config{Prompt: func(context.Context, string, string) (string, error) { return "", nil }}}
	for _, err := range []error{errNotTyped, context.DeadlineExceeded} {
		if got := fleet.CodeOf(s.openProblem(context.Background(), "prod", &api.Info{}, true, err)); got != fleet.LoginNeeded {
			t.Errorf("%v is %s", err, got)
		}
	}
}

func TestAModelThatHasMovedSaysWhereTo(t *testing.T) {
	s := &Session{}
	err := s.openProblem(context.Background(), "prod", &api.Info{}, false, &api.RedirectError{ControllerAlias: "new"})
	if fleet.CodeOf(err) != fleet.Moved || err.Error() != "the model has moved to controller new" {
		t.Errorf("got %s: %v", fleet.CodeOf(err), err)
	}
}

func TestTheStoresLockIsNotWaitedForLongerThanTheContext(t *testing.T) {
	t.Setenv("TMPDIR", t.TempDir())
	store := StoreIn(t.TempDir())
	other, err := mutex.Acquire(mutex.Spec{Name: store.lockName(), Clock: clock.WallClock, Delay: time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	defer other.Release()
	ctx, cancel := context.WithTimeout(context.Background(), 50*time.Millisecond)
	defer cancel()
	begun := time.Now()
	err = store.edit(ctx, "controllers.yaml", func(*yaml.Node) error { t.Error("edited"); return nil })
	if !errors.Is(err, mutex.ErrCancelled) || time.Since(begun) > 3*time.Second {
		t.Errorf("got %v after %s", err, time.Since(begun))
	}
}

// line is a connection that notes that it is closed.
type line struct {
	api.Connection
	closed *atomic.Int32
	broken chan struct{}
}

func (l line) Broken() <-chan struct{} { return l.broken }

func (l line) Close() error {
	l.closed.Add(1)
	return nil
}

func TestConnectionsThatOpenWhileTheSessionEndsAreClosed(t *testing.T) {
	var opened, closed atomic.Int32
	for range 200 {
		p := newPool(1, func(context.Context, key) (*conn, error) {
			opened.Add(1)
			return &conn{Connection: line{closed: &closed, broken: make(chan struct{})}}, nil
		})
		var callers sync.WaitGroup
		for i := range 4 {
			callers.Go(func() {
				l, err := p.get(context.Background(), key{model: string(rune('a' + i))})
				if err == nil {
					l.release()
				}
			})
		}
		p.close()
		callers.Wait()
		p.close() // a second time does no harm
	}
	for deadline := time.Now().Add(10 * time.Second); opened.Load() != closed.Load(); time.Sleep(time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("%d of %d connections were closed", closed.Load(), opened.Load())
		}
	}
}
