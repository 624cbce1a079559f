package contract

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/tls"
	"encoding/json"
	"net/http"
	"time"

	"github.com/juju/names/v5"
	"golang.org/x/crypto/nacl/secretbox"

	"github.com/juju/juju/rpc/params"
)

const (
	withPassword = "ann" // logs in with a password that she was given
	withKey      = "bob" // registers
	offPassword  = "cyd" // is disabled
)

func (g *giver) add(user params.AddUser) params.AddUserResult {
	g.Helper()
	var out params.AddUserResults
	g.must("UserManager", 3, "AddUser", params.AddUsers{Users: []params.AddUser{user}}, &out)
	return out.Results[0]
}

// user is what the list of all users has of one.
func (g *giver) user(name string) params.UserInfo {
	g.Helper()
	var out params.UserInfoResults
	g.must("UserManager", 3, "UserInfo", params.UserInfoRequest{IncludeDisabled: true}, &out)
	for _, r := range out.Results {
		if r.Result != nil && r.Result.Username == name {
			return *r.Result
		}
	}
	g.Fatalf("there is no user %s", name)
	return params.UserInfo{}
}

// each changes one user, and returns how that was refused.
func (g *giver) each(method, name string) *params.Error {
	g.Helper()
	var out params.ErrorResults
	g.must("UserManager", 3, method, one(names.NewUserTag(name)), &out)
	return out.Results[0].Error
}

// logsIn says whether a user may log in so, and fails the test if it is not for the
// password that not.
func (g *giver) logsIn(name, password string) bool {
	g.Helper()
	conn, err := g.env.OpenAs(g.Context(), name, password)
	if err == nil {
		return conn.Close() == nil
	}
	if got := code(err); got != params.CodeUnauthorized {
		g.Errorf("the login of %s is refused with the code %q: %v", name, got, err)
	}
	return false
}

// users: one without a password gets a key; who has never logged in has no last
// connection; a login with a password is one.
func (g *giver) users() {
	ann := g.name(withPassword)
	if got := g.add(params.AddUser{Username: ann, DisplayName: "Ann Other", Password: "of-ann"}); got.Error != nil || len(got.SecretKey) > 0 {
		g.Fatalf("%+v, %v", got, got.Error)
	}
	if u := g.user(ann); u.DisplayName != "Ann Other" || u.Access != "login" || u.Disabled || u.LastConnection != nil {
		g.Errorf("%+v", u)
	}
	if !g.logsIn(ann, "of-ann") || g.logsIn(ann, "not-of-ann") {
		g.Error("she does not log in with her password, or does with another one")
	}
	// Both are told to the second, or one of them is.
	if u := g.user(ann); u.LastConnection == nil || u.LastConnection.Before(u.DateCreated.Add(-2*time.Second)) {
		g.Errorf("after a login: %+v", u)
	}
	g.refused("the same name", g.add(params.AddUser{Username: ann}).Error, params.CodeAlreadyExists, "")
	g.refused("a bad name", g.add(params.AddUser{Username: "a b"}).Error, "", params.CodeNotValid)
}

func (g *giver) grant(name, access string) *params.Error {
	g.Helper()
	var out params.ErrorResults
	g.must("Controller", g.controllerFacade(), "ModifyControllerAccess", params.ModifyControllerAccessRequest{Changes: []params.ModifyControllerAccess{{
		UserTag: names.NewUserTag(name).String(), Action: params.GrantControllerAccess, Access: access,
	}}}, &out)
	return out.Results[0].Error
}

// access: what there is already is refused without a code, as is less.
func (g *giver) access() {
	ann := g.name(withPassword)
	g.accepted("superuser", g.grant(ann, "superuser"))
	if u := g.user(ann); u.Access != "superuser" {
		g.Errorf("%+v", u)
	}
	g.refused("again", g.grant(ann, "superuser"), "", "")
	g.refused("less", g.grant(ann, "login"), "", "")
	g.refused("of a model", g.grant(ann, "write"), params.CodeNotValid, params.CodeNotValid)
	g.refused("of nobody", g.grant("nobody-such", "superuser"), params.CodeNotFound, "")
}

// register does what juju register does, and says whether it was let.
func (g *giver) register(name string, key []byte, password string) bool {
	g.Helper()
	payload, err := json.Marshal(params.SecretKeyLoginRequestPayload{Password: password})
	if err != nil {
		g.Fatal(err)
	}
	var boxKey [32]byte
	var nonce [24]byte
	copy(boxKey[:], key)
	_, _ = rand.Read(nonce[:])
	body, err := json.Marshal(params.SecretKeyLoginRequest{
		User: names.NewUserTag(name).String(), Nonce: nonce[:], PayloadCiphertext: secretbox.Seal(nil, payload, &nonce, &boxKey),
	})
	if err != nil {
		g.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(g.Context(), g.env.Patience)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, "https://"+g.env.Addrs[0]+"/register", bytes.NewReader(body))
	if err != nil {
		g.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	transport := &http.Transport{TLSClientConfig: &tls.Config{InsecureSkipVerify: true}, DisableKeepAlives: true} // who registers has no CA yet
	resp, err := (&http.Client{Transport: transport}).Do(req)
	if err != nil {
		g.Fatal(err)
	}
	defer resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return false
	}
	var out params.SecretKeyLoginResponse
	if err := json.NewDecoder(resp.Body).Decode(&out); err != nil {
		g.Fatal(err)
	}
	copy(nonce[:], out.Nonce)
	data, ok := secretbox.Open(nil, out.PayloadCiphertext, &nonce, &boxKey)
	var told params.SecretKeyLoginResponsePayload
	if !ok || json.Unmarshal(data, &told) != nil || told.CACert != g.env.CACert || told.ControllerUUID != g.env.UUID {
		g.Errorf("who has registered is told %+v", told)
	}
	return true
}

// registration: a key is good once; a reset voids it, and the password; another key
// is none. Registering alone is no login.
func (g *giver) registration() {
	bob := g.name(withKey)
	made := g.add(params.AddUser{Username: bob, DisplayName: "Bob"})
	if made.Error != nil || len(made.SecretKey) != 32 {
		g.Fatalf("a key of %d bytes, %v", len(made.SecretKey), made.Error)
	}
	other := bytes.Clone(made.SecretKey)
	other[0] ^= 1
	if g.register(bob, other, "of-bob") || g.register("nobody-such", made.SecretKey, "of-bob") || g.register(g.name(withPassword), made.SecretKey, "of-bob") {
		g.Error("another key is good, or it is for another user")
	}
	if !g.register(bob, made.SecretKey, "of-bob") {
		g.Fatal("his key is refused")
	}
	if u := g.user(bob); u.LastConnection != nil {
		g.Errorf("he has not logged in: %+v", u)
	}
	if !g.logsIn(bob, "of-bob") || g.user(bob).LastConnection == nil {
		g.Error("he does not log in with the password that he has chosen, or is not seen to")
	}
	if g.register(bob, made.SecretKey, "of-bob-2") || g.logsIn(bob, "of-bob-2") {
		g.Error("his key is good twice")
	}
	var reset params.AddUserResults
	g.must("UserManager", 3, "ResetPassword", one(names.NewUserTag(bob)), &reset)
	key := reset.Results[0].SecretKey
	if reset.Results[0].Error != nil || len(key) != 32 || g.logsIn(bob, "of-bob") {
		g.Fatalf("after a reset: a key of %d bytes, %v; or the old password is good", len(key), reset.Results[0].Error)
	}
	g.must("UserManager", 3, "ResetPassword", one(names.NewUserTag(bob)), &reset)
	if g.register(bob, key, "of-bob-3") {
		g.Error("a reset leaves the key before it good")
	}
	if !g.register(bob, reset.Results[0].SecretKey, "of-bob-3") || !g.logsIn(bob, "of-bob-3") {
		g.Error("the latest key is not good")
	}
}

func (g *giver) setPassword(name, password string) *params.Error {
	g.Helper()
	var out params.ErrorResults
	g.must("UserManager", 3, "SetPassword", params.EntityPasswords{Changes: []params.EntityPassword{
		{Tag: names.NewUserTag(name).String(), Password: password},
	}}, &out)
	return out.Results[0].Error
}

// passwords: one that is set voids a key.
func (g *giver) passwords() {
	cyd := g.name(offPassword)
	made := g.add(params.AddUser{Username: cyd})
	if made.Error != nil {
		g.Fatal(made.Error)
	}
	g.refused("none", g.setPassword(cyd, ""), "", "")
	g.accepted("one", g.setPassword(cyd, "of-cyd"))
	if g.register(cyd, made.SecretKey, "of-cyd-2") || !g.logsIn(cyd, "of-cyd") {
		g.Error("the key is good though a password was set, or the password is not")
	}
	g.refused("of nobody", g.setPassword("nobody-such", "x"), params.CodeUnauthorized, "")
}

// disabled: a disabled user may not log in, and shows no access, but keeps it.
func (g *giver) disabled() {
	cyd := g.name(offPassword)
	g.accepted("add-model", g.grant(cyd, "superuser"))
	for range 2 {
		g.accepted("disabled", g.each("DisableUser", cyd))
	}
	if u := g.user(cyd); !u.Disabled || u.Access != "" {
		g.Errorf("%+v", u)
	}
	if g.logsIn(cyd, "of-cyd") {
		g.Error("a disabled user logs in")
	}
	var reset params.AddUserResults
	g.must("UserManager", 3, "ResetPassword", one(names.NewUserTag(cyd)), &reset)
	g.refused("a reset", reset.Results[0].Error, "", "")
	g.refused("a grant", g.grant(cyd, "superuser"), "", "")
	password := "of-cyd-3"
	if failed := g.setPassword(cyd, password); g.juju4() {
		g.refused("a password", failed, "", "")
		password = "of-cyd"
	} else {
		g.accepted("a password", failed)
	}
	g.accepted("enabled", g.each("EnableUser", cyd))
	if u := g.user(cyd); u.Disabled || u.Access != "superuser" || !g.logsIn(cyd, password) {
		g.Errorf("enabled again: %+v", u)
	}
}
