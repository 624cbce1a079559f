package jujuapi

import (
	"context"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"path/filepath"
	"sync"

	"github.com/go-macaroon-bakery/macaroon-bakery/v3/httpbakery"
	"github.com/juju/errors"
	"github.com/juju/names/v5"
	persistent "github.com/juju/persistent-cookiejar"

	"github.com/juju/juju/api"
	"github.com/juju/juju/api/authentication"
	"github.com/juju/juju/api/base"
	"github.com/juju/juju/jujuclient"
	"github.com/juju/juju/rpc/params"
)

// errNotTyped stands for whatever kept a person from typing a password, so that it
// is not taken for an error of the connection.
const errNotTyped = errors.ConstError("no password was typed")

// login is an api.LoginProvider that is Juju's own, and keeps the server's answer,
// of which api.Connection shows only a part: the list of facades as the server
// has them, and the API servers without the address that was dialed.
type login struct {
	info *api.Info

	mu     sync.Mutex
	inner  api.LoginProvider
	result params.LoginResult
	// discharge says that the stored macaroons did not do.
	discharge bool
}

// Login implements api.LoginProvider.
func (l *login) Login(ctx context.Context, caller base.APICaller) (*api.LoginResultParams, error) {
	bakery, ok := caller.BakeryClient().(*httpbakery.Client)
	if !ok {
		return nil, errors.New("cannot log in: Juju's library has another kind of bakery client")
	}
	inner := api.NewLegacyLoginProvider(l.info.Tag, l.info.Password, "", l.info.Macaroons, bakery,
		api.CookieURLFromHost(api.PreferredHost(l.info)))
	l.mu.Lock()
	l.inner = inner
	l.mu.Unlock()
	return inner.Login(ctx, &listener{APICaller: caller, heard: l.hear})
}

// AuthHeader implements api.LoginProvider.
func (l *login) AuthHeader() (http.Header, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.inner == nil {
		return nil, api.ErrorLoginFirst
	}
	return l.inner.AuthHeader()
}

func (l *login) hear(result params.LoginResult) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.result = result
	l.discharge = l.discharge || result.DischargeRequired != nil || result.BakeryDischargeRequired != nil
}

func (l *login) heard() (result params.LoginResult, discharge bool) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.result, l.discharge
}

// listener hears what a login is answered.
type listener struct {
	base.APICaller
	heard func(params.LoginResult)
}

// APICall implements base.APICaller.
func (l *listener) APICall(facade string, version int, id, request string, args, response any) error {
	err := l.APICaller.APICall(facade, version, id, request, args, response)
	if result, ok := response.(*params.LoginResult); ok && err == nil {
		l.heard(*result)
	}
	return err
}

// identity fills in who logs in: the stored password, else macaroons.
func identity(info *api.Info, account *jujuclient.AccountDetails) {
	if !names.IsValidUser(account.User) {
		return
	}
	if tag := names.NewUserTag(account.User); tag.IsLocal() {
		info.Tag = tag
	}
	info.Password = account.Password
}

// bakery returns the client that discharges macaroons with the stored cookies, and
// with a person's help if there is one.
func (s *Session) bakery(ctx context.Context, name string, account *jujuclient.AccountDetails) (*httpbakery.Client, error) {
	client := httpbakery.NewClient()
	if account.Password != "" {
		return client, nil // with a jar in memory; no cookie is needed
	}
	jar, err := s.jar(name)
	if err != nil {
		return nil, err
	}
	client.Jar = jar
	if s.cfg.Prompt != nil {
		client.AddInteractor(authentication.NewInteractor(account.User, func(user string) (string, error) {
			password, err := s.cfg.Prompt(ctx, name, user)
			if err != nil {
				return "", errNotTyped
			}
			return password, nil
		}))
	}
	if s.cfg.OpenBrowser != nil {
		client.AddInteractor(httpbakery.WebBrowserInteractor{
			OpenWebBrowser: func(page *url.URL) error { return s.cfg.OpenBrowser(page) },
		})
	}
	return client, nil
}

// jar returns the cookies of a controller's name, one jar for all its connections.
func (s *Session) jar(name string) (http.CookieJar, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if jar, ok := s.jars[name]; ok {
		return jar, nil
	}
	var jar http.CookieJar
	jar, err := persistent.New(&persistent.Options{Filename: s.cfg.Store.cookies(name)})
	if err != nil {
		// Unreadable cookies log nobody in, and are all that is lost.
		if jar, err = cookiejar.New(nil); err != nil {
			return nil, errors.Trace(err)
		}
	}
	s.jars[name] = jar
	return jar, nil
}

// saveCookies keeps what a discharge brought, for the juju program too.
func (s *Session) saveCookies(name string) {
	s.mu.Lock()
	jar, ok := s.jars[name].(*persistent.Jar)
	s.mu.Unlock()
	if !ok {
		return
	}
	if err := jar.Save(); err != nil {
		s.warnOnce("cookies of "+name, errors.Errorf("cannot keep the login on %s in juju's cookies", name))
	}
}

// forgetCookies makes the next login read the cookies anew: a person may have
// logged in meanwhile.
func (s *Session) forgetCookies(name string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.jars, name)
}

func (s *Store) cookies(name string) string {
	return filepath.Join(s.dir, "cookies", name+".json")
}
