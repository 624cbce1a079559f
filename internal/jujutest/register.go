package jujutest

import (
	"crypto/rand"
	"encoding/json"
	"net/http"
	"strconv"

	"github.com/juju/names/v5"
	"golang.org/x/crypto/nacl/secretbox"

	"github.com/juju/juju/rpc/params"
)

// How a user registers: POST /register, with what only who has the key can have
// written. The user's password is set, and the key is void. (apiserver/registration.go)

const (
	nonceLength = 24
	keyLength   = 32
)

// serveRegister is POST /register.
func (s *server) serveRegister(resp http.ResponseWriter, req *http.Request) {
	if req.Method != http.MethodPost {
		answerJSON(resp, http.StatusMethodNotAllowed, params.ErrorResult{
			Error: &params.Error{Code: params.CodeMethodNotAllowed, Message: "unsupported method: " + strconv.Quote(req.Method)}})
		return
	}
	var login params.SecretKeyLoginRequest
	decodeErr := json.NewDecoder(req.Body).Decode(&login)
	cookie, out, failure := s.register(login, decodeErr)
	if failure != nil {
		status := map[string]int{params.CodeNotFound: http.StatusNotFound, params.CodeUserNotFound: http.StatusNotFound}[failure.Code]
		if status == 0 {
			status = http.StatusInternalServerError
		}
		answerJSON(resp, status, params.ErrorResult{Error: failure})
		return
	}
	http.SetCookie(resp, cookie)
	answerJSON(resp, http.StatusOK, out)
}

func answerJSON(resp http.ResponseWriter, status int, body any) {
	resp.Header().Set("Content-Type", params.ContentTypeJSON)
	resp.WriteHeader(status)
	_ = json.NewEncoder(resp).Encode(body)
}

func (s *server) register(login params.SecretKeyLoginRequest, decodeErr error) (*http.Cookie, *params.SecretKeyLoginResponse, *params.Error) {
	c := s.controller
	w := c.world
	w.mu.Lock()
	defer w.mu.Unlock()
	call := Call{Facade: "HTTP", Method: "POST /register"}
	record := &session{server: s, user: &user{name: "-"}}
	fail := func(failure *params.Error) (*http.Cookie, *params.SecretKeyLoginResponse, *params.Error) {
		record.record(call, failure)
		return nil, nil, failure
	}
	tag, err := names.ParseUserTag(login.User)
	if decodeErr != nil || err != nil {
		return fail(&params.Error{Message: `"` + login.User + `" is not a valid user tag`})
	}
	call.Subject = tag.Id()
	if len(login.Nonce) != nonceLength {
		return fail(&params.Error{Code: params.CodeNotValid, Message: "nonce not valid"})
	}
	u := c.userNamed(tag.Id())
	// Juju 3 uses up the key of a disabled user, Juju 4 keeps it. (seen)
	if u == nil || len(u.key) != keyLength || u.disabled && c.version4() {
		return fail(&params.Error{Code: params.CodeNotFound, Message: `secret key for user "` + tag.Id() + `" not found`})
	}
	var key [keyLength]byte
	var nonce [nonceLength]byte
	copy(key[:], u.key)
	copy(nonce[:], login.Nonce)
	data, ok := secretbox.Open(nil, login.PayloadCiphertext, &nonce, &key)
	if !ok {
		return fail(&params.Error{Code: params.CodeNotValid, Message: "secret key not valid"})
	}
	var wanted params.SecretKeyLoginRequestPayload
	if err := json.Unmarshal(data, &wanted); err != nil {
		return fail(&params.Error{Message: "cannot unmarshal payload: " + err.Error()})
	}
	answer, err := json.Marshal(params.SecretKeyLoginResponsePayload{CACert: c.ca.pem, ControllerUUID: c.uuid})
	if err != nil {
		return fail(&params.Error{Message: err.Error()})
	}
	cookie, err := c.door.cookieFor(u)
	if err != nil {
		return fail(&params.Error{Message: err.Error()})
	}
	u.setPassword(wanted.Password)
	c.effects++
	call.Effect = true
	record.record(call, nil)
	_, _ = rand.Read(nonce[:])
	return cookie, &params.SecretKeyLoginResponse{Nonce: nonce[:], PayloadCiphertext: secretbox.Seal(nil, answer, &nonce, &key)}, nil
}

// setPassword sets a password, which voids a key.
func (u *user) setPassword(password string) { u.password, u.key = password, nil }

// setPassword is UserManager.SetPassword: of everybody for themselves, of a superuser for all.
func setPassword(s *session, args params.EntityPasswords) (params.ErrorResults, error) {
	var out params.ErrorResults
	c := s.controller()
	if err := s.mayChangeUsers(); err != nil && (s.superuser() || params.ErrCode(err) != params.CodeUnauthorized) {
		return out, err
	}
	for _, change := range args.Changes {
		out.Results = append(out.Results, params.ErrorResult{Error: s.changePassword(c, change)})
	}
	return out, nil
}

func (s *session) changePassword(c *controller, change params.EntityPassword) *params.Error {
	tag, err := names.ParseUserTag(change.Tag)
	if err != nil {
		return &params.Error{Message: err.Error()}
	}
	u := c.userNamed(tag.Id())
	switch {
	case u != s.user && !s.superuser():
		return &params.Error{Code: params.CodeUnauthorized, Message: "permission denied"}
	case change.Password == "":
		return &params.Error{Message: "cannot use an empty password"}
	case u == nil && c.version4():
		return &params.Error{Message: `failed to set password: active user "` + tag.Id() + `": user not found`}
	case u == nil:
		return &params.Error{Code: params.CodeUnauthorized, Message: "permission denied"}
	case u.disabled && c.version4():
		return &params.Error{Message: `failed to set password: "` + tag.Id() + `": user authentication disabled`}
	}
	u.setPassword(change.Password)
	c.world.secrets = append(c.world.secrets, change.Password)
	c.effects++
	return nil
}

// Register registers a user with a key and a password, and returns the cookie that juju
// register would keep. That goes on to log in, which makes the user seen; this does not.
func (w *World) Register(controllerName, name string, key []byte, password string) (*http.Cookie, error) {
	w.mu.Lock()
	c, err := w.controller(controllerName)
	w.mu.Unlock()
	if err != nil {
		return nil, err
	}
	payload, err := json.Marshal(params.SecretKeyLoginRequestPayload{Password: password})
	if err != nil {
		return nil, err
	}
	var boxKey [keyLength]byte
	var nonce [nonceLength]byte
	copy(boxKey[:], key)
	_, _ = rand.Read(nonce[:])
	login := params.SecretKeyLoginRequest{User: userTag(name), Nonce: nonce[:], PayloadCiphertext: secretbox.Seal(nil, payload, &nonce, &boxKey)}
	cookie, _, failure := c.servers[c.primary].register(login, nil)
	if failure != nil {
		return nil, failure
	}
	return cookie, nil
}
