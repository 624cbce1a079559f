package jujuapi

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/juju/errors"
	"github.com/juju/loggo"
	proxyutils "github.com/juju/proxy"
	"github.com/juju/version/v2"

	"github.com/juju/juju/utils/proxy"
	jujuversion "github.com/juju/juju/version"
)

// Defaults of a Config.
const (
	// DefaultDialTimeout bounds a dial with its login. (Juju's own is 10 minutes.)
	DefaultDialTimeout = 30 * time.Second
	// DefaultProbeTimeout bounds the dial of one API server on its own.
	DefaultProbeTimeout = 5 * time.Second
	// promptTimeout bounds a login in which a person is asked.
	promptTimeout = 5 * time.Minute
	// maxIdleModels is how many unused model connections are kept open.
	maxIdleModels = 16
)

// PromptFunc asks a person for the password of user on a controller.
type PromptFunc func(ctx context.Context, controller, user string) (string, error)

// Config says what a Session works with. Only Store is required.
type Config struct {
	// Store is the client's store.
	Store *Store
	// Prompt asks for passwords; nil without a terminal. Then a login that needs
	// a person fails with fleet.LoginNeeded.
	Prompt PromptFunc
	// OpenBrowser shows a web page to log in with; nil when that is not possible.
	OpenBrowser func(*url.URL) error
	// Warn is told of what does not hold the work up, such as a store that
	// cannot be written; nil for nobody.
	Warn func(error)
	// DialTimeout and ProbeTimeout are the defaults when zero.
	DialTimeout, ProbeTimeout time.Duration
}

// Session holds the connections of one run of the tool. It is safe for
// concurrent use.
type Session struct {
	cfg   Config
	proxy *proxy.ProxyConfig
	pool  *pool
	// salt is what digests are made with.
	salt []byte

	mu sync.Mutex
	// known is what logins have shown of controllers, by UUID.
	known map[string]*acquaintance
	jars  map[string]http.CookieJar
	// warned is what Warn was told already.
	warned map[string]bool
}

// acquaintance is what logins have shown of a controller.
type acquaintance struct {
	// groups are the addresses of each API server, as the controller names them.
	groups [][]string
	// model is the UUID of the controller's own model, if known.
	model string
	// loggedIn says that the stored account was good at least once.
	loggedIn bool
}

// New makes a session. It opens nothing yet.
func New(cfg Config) (*Session, error) {
	if cfg.Store == nil {
		return nil, errors.NotValidf("session without a client store")
	}
	if cfg.DialTimeout == 0 {
		cfg.DialTimeout = DefaultDialTimeout
	}
	if cfg.ProbeTimeout == 0 {
		cfg.ProbeTimeout = DefaultProbeTimeout
	}
	if cfg.Warn == nil {
		cfg.Warn = func(error) {}
	}
	hush()
	hushKubernetes()
	s := &Session{
		cfg:   cfg,
		proxy: &proxy.ProxyConfig{},
		salt:  newSalt(),
		known: make(map[string]*acquaintance),
		jars:  make(map[string]http.CookieJar),

		warned: make(map[string]bool),
	}
	if err := useProxies(s.proxy, proxyutils.DetectProxies()); err != nil {
		return nil, err
	}
	s.pool = newPool(maxIdleModels, s.dial)
	return s, nil
}

// Reader returns what looks at Juju.
func (s *Session) Reader() *Reader { return &Reader{session: s} }

// Writer returns what changes Juju. Do not ask for it in a dry run.
func (s *Session) Writer() *Writer { return &Writer{session: s} }

// Close ends all connections.
func (s *Session) Close() error {
	s.pool.close()
	return nil
}

// LibraryVersion is the version of the Juju client library linked in here.
func LibraryVersion() version.Number { return jujuversion.Current }

// useProxies sets proxies. What is wrong with one is not said, since that would
// quote it, and there may be a password in it.
func useProxies(config *proxy.ProxyConfig, from proxyutils.Settings) error {
	for _, one := range []struct {
		variable string
		settings proxyutils.Settings
	}{
		{"http_proxy", proxyutils.Settings{Http: from.Http}},
		{"https_proxy", proxyutils.Settings{Https: from.Https}},
	} {
		if err := config.Set(one.settings); err != nil {
			return errors.Errorf("cannot use the proxy of the environment variable %s (or %s): it is not a URL",
				one.variable, strings.ToUpper(one.variable))
		}
	}
	if err := config.Set(from); err != nil {
		return errors.New("cannot use the proxies of the environment")
	}
	return nil
}

// warnOnce warns of what would be found again and again: once for each subject,
// which is no text for people.
func (s *Session) warnOnce(subject string, err error) {
	s.mu.Lock()
	again := s.warned[subject]
	s.warned[subject] = true
	s.mu.Unlock()
	if !again {
		s.cfg.Warn(err)
	}
}

// acquainted calls fn with what is known of a controller, under the lock.
func (s *Session) acquainted(uuid string, fn func(*acquaintance)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.known[uuid]
	if a == nil {
		a = &acquaintance{}
		s.known[uuid] = a
	}
	fn(a)
}

// hush keeps Juju's library from writing into the screens: its warnings go to
// stderr by default. Whoever asked for more (--debug, --logging-config) gets it,
// except the wire trace, which shows passwords.
func hush() {
	loggo.GetLogger("juju.rpc.jsoncodec").SetLogLevel(loggo.INFO)
	loggo.GetLogger("httpbakery").SetLogLevel(loggo.INFO)
	library := loggo.GetLogger("juju")
	if library.LogLevel() == loggo.UNSPECIFIED && library.EffectiveLogLevel() == loggo.WARNING {
		library.SetLogLevel(loggo.CRITICAL)
	}
}
