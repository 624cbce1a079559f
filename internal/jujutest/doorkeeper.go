package jujutest

import (
	"context"
	"net/http"
	"strings"

	"github.com/go-macaroon-bakery/macaroon-bakery/v3/bakery"
	"github.com/go-macaroon-bakery/macaroon-bakery/v3/bakery/checkers"
	"github.com/go-macaroon-bakery/macaroon-bakery/v3/httpbakery"
	"github.com/juju/names/v5"
	"gopkg.in/macaroon.v2"

	"github.com/juju/juju/rpc/params"
)

// How somebody logs in who has registered, and whose client has not kept the password:
// the login is answered with a macaroon that the client has to discharge at the
// controller itself, which does so for the cookie that came with the registration.

// authPath is where API servers discharge macaroons.
const authPath = "/auth"

const (
	declaredUser = "username"
	isUser       = "is-authenticated-user "
)

// doorkeeper makes and looks at the macaroons of a controller.
type doorkeeper struct {
	controller *controller
	oven       *bakery.Oven
	places     *bakery.ThirdPartyStore
	key        *bakery.KeyPair
	mux        *http.ServeMux
	cookies    map[string]*user // by the IDs of their macaroons
}

func newDoorkeeper(c *controller) (*doorkeeper, error) {
	key, err := bakery.GenerateKey()
	if err != nil {
		return nil, err
	}
	d := &doorkeeper{
		controller: c, key: key, places: bakery.NewThirdPartyStore(), mux: http.NewServeMux(), cookies: map[string]*user{},
	}
	d.oven = bakery.NewOven(bakery.OvenParams{Location: "juju", Key: key, Locator: d.places})
	checker := httpbakery.ThirdPartyCaveatCheckerPFunc(func(_ context.Context, p httpbakery.ThirdPartyCaveatCheckerParams) ([]checkers.Caveat, error) {
		return d.vouch(p)
	})
	httpbakery.NewDischarger(httpbakery.DischargerParams{CheckerP: checker, Key: key}).AddMuxHandlers(d.mux, authPath)
	return d, nil
}

// cookieFor makes a cookie for a user.
func (d *doorkeeper) cookieFor(u *user) (*http.Cookie, error) {
	id := newUUID()
	m, err := macaroon.New([]byte(newUUID()), []byte(id), "juju", macaroon.LatestVersion)
	if err != nil {
		return nil, err
	}
	d.cookies[id] = u
	return httpbakery.NewCookie(checkers.NewNamespace(nil), macaroon.Slice{m})
}

// vouch discharges a macaroon of a user who brings a cookie.
func (d *doorkeeper) vouch(p httpbakery.ThirdPartyCaveatCheckerParams) ([]checkers.Caveat, error) {
	w := d.controller.world
	w.mu.Lock()
	defer w.mu.Unlock()
	name, ok := strings.CutPrefix(string(p.Caveat.Condition), isUser)
	for _, ms := range httpbakery.RequestMacaroons(p.Request) {
		u := d.cookies[string(ms[0].Id())]
		if ok && u != nil && u.name == name && !u.removed && !u.disabled {
			return []checkers.Caveat{checkers.DeclaredCaveat(declaredUser, name)}, nil
		}
	}
	return nil, httpbakery.ErrPermissionDenied
}

// knows says whether the client of a user could have a cookie.
func (d *doorkeeper) knows(tag string) bool {
	t, err := names.ParseUserTag(tag)
	if err != nil {
		return false
	}
	for _, u := range d.cookies {
		if u.name == t.Id() && !u.removed {
			return true
		}
	}
	return false
}

// ask is what a login is answered that has to be repeated with a discharged macaroon.
func (d *doorkeeper) ask(s *server, tag string) (params.LoginResult, error) {
	place := "https://" + s.addr() + authPath
	d.places.AddInfo(place, bakery.ThirdPartyInfo{PublicKey: d.key.Public, Version: bakery.LatestVersion})
	caveat := checkers.NeedDeclaredCaveat(checkers.Caveat{Location: place, Condition: isUser + strings.TrimPrefix(tag, "user-")}, declaredUser)
	m, err := d.oven.NewMacaroon(context.Background(), bakery.LatestVersion, []checkers.Caveat{caveat}, bakery.Op{Entity: "login", Action: "login"})
	if err != nil {
		return params.LoginResult{}, err
	}
	return params.LoginResult{BakeryDischargeRequired: m, DischargeRequiredReason: "verification failed: no macaroons"}, nil
}

// admits is the user of a discharged macaroon; nil if there is none.
func (d *doorkeeper) admits(all []macaroon.Slice) *user {
	for _, ms := range all {
		_, conditions, err := d.oven.VerifyMacaroon(context.Background(), ms)
		if err != nil {
			continue
		}
		name := checkers.InferDeclaredFromConditions(checkers.New(nil).Namespace(), conditions)[declaredUser]
		if u := d.controller.userNamed(name); u != nil && !u.disabled {
			return u
		}
	}
	return nil
}
