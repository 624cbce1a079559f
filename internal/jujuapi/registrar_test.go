package jujuapi

import (
	"context"
	"encoding/asn1"
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/juju/juju/jujuclient"
	"github.com/juju/juju/rpc/params"

	"github.com/juju-upgrade-all/juju-upgrade-all/internal/execute"
	"github.com/juju-upgrade-all/juju-upgrade-all/internal/fleet"
)

// usersOf has a server keep users as Juju does, with the answers of that series to
// what cannot be done: up to 3.6 some have a code, in 4.x none has.
func usersOf(s *server, coded bool, users map[string]*params.UserInfo) {
	failure := func(code, message string) *params.Error {
		if !coded {
			code = ""
		}
		return &params.Error{Code: code, Message: message}
	}
	made := func(name string, e *params.Error, key string) params.AddUserResults {
		return params.AddUserResults{Results: []params.AddUserResult{{Tag: "user-" + name, SecretKey: []byte(key), Error: e}}}
	}
	s.answers["UserManager.UserInfo"] = func(json.RawMessage) (any, error) {
		var out params.UserInfoResults
		for _, name := range natural(users) {
			out.Results = append(out.Results, params.UserInfoResult{Result: users[name]})
		}
		return out, nil
	}
	s.answers["UserManager.AddUser"] = func(raw json.RawMessage) (any, error) {
		var args params.AddUsers
		if err := json.Unmarshal(raw, &args); err != nil {
			return nil, err
		}
		user := args.Users[0]
		if users[user.Username] != nil {
			return made(user.Username, failure(params.CodeAlreadyExists, "x"), ""), nil
		}
		users[user.Username] = &params.UserInfo{Username: user.Username, DisplayName: user.DisplayName, Access: fleet.AccessLogin}
		if user.Password != "" {
			return made(user.Username, nil, ""), nil
		}
		return made(user.Username, nil, "canary-key"), nil
	}
	of := func(raw json.RawMessage) string {
		var args params.Entities
		_ = json.Unmarshal(raw, &args)
		return strings.TrimPrefix(args.Entities[0].Tag, "user-")
	}
	one := func(e *params.Error) (any, error) {
		return params.ErrorResults{Results: []params.ErrorResult{{Error: e}}}, nil
	}
	s.answers["UserManager.RemoveUser"] = func(raw json.RawMessage) (any, error) {
		if users[of(raw)] == nil {
			return one(failure(params.CodeUserNotFound, "x"))
		}
		delete(users, of(raw))
		return one(nil)
	}
	s.answers["UserManager.DisableUser"] = func(raw json.RawMessage) (any, error) {
		user := users[of(raw)]
		if user == nil {
			return one(failure(params.CodeUnauthorized, "x"))
		}
		if user.Disabled {
			return one(&params.Error{Message: "already"})
		}
		user.Disabled = true
		return one(nil)
	}
	s.answers["UserManager.ResetPassword"] = func(raw json.RawMessage) (any, error) {
		if users[of(raw)] == nil {
			return made(of(raw), failure(params.CodeUnauthorized, "x"), ""), nil
		}
		return made(of(raw), nil, "canary-again"), nil
	}
	s.answers["Controller.ModifyControllerAccess"] = func(raw json.RawMessage) (any, error) {
		var args params.ModifyControllerAccessRequest
		if err := json.Unmarshal(raw, &args); err != nil {
			return nil, err
		}
		change := args.Changes[0]
		user := users[strings.TrimPrefix(change.UserTag, "user-")]
		switch {
		case user == nil:
			return one(failure(params.CodeNotFound, "x"))
		case user.Access == fleet.AccessSuperuser || user.Access == change.Access:
			return one(&params.Error{Message: "user already has that access or greater"})
		}
		user.Access = change.Access
		return one(nil)
	}
}

// eachSeries runs a test against a controller that gives codes, and one that does not.
func eachSeries(t *testing.T, test func(*standIn, map[string]*params.UserInfo)) {
	t.Helper()
	for version, coded := range map[string]bool{"3.6.11": true, "4.1.0": false} {
		t.Run(version, func(t *testing.T) {
			s := newStandIn(t, "3.6.4", version)
			users := map[string]*params.UserInfo{"admin": {Username: "admin", Access: fleet.AccessSuperuser}}
			usersOf(s.target(), coded, users)
			s.T = t
			test(s, users)
		})
	}
}

func TestAUserWhoExistsIsNotMadeAgain(t *testing.T) {
	eachSeries(t, func(s *standIn, users map[string]*params.UserInfo) {
		ctx := context.Background()
		if _, err := s.writer.AddUser(ctx, targetRef, "bob", "Bob", ""); err != nil || users["bob"].DisplayName != "Bob" {
			s.Fatal(err)
		}
		_, err := s.writer.AddUser(ctx, targetRef, "bob", "Robert", "")
		if s.wants(err, fleet.Exists); users["bob"].DisplayName != "Bob" {
			s.Errorf("bob is %+v", users["bob"])
		}
		err = s.writer.AddAccount(ctx, targetRef, execute.Account{User: "bob", Password: "canary-password"})
		if s.wants(err, fleet.Exists); users["bob"].Access != fleet.AccessLogin {
			s.Errorf("a user of that name was given %s", users["bob"].Access)
		}
	})
}

func TestAnAccountIsASuperuserAndIsRemovedOnce(t *testing.T) {
	eachSeries(t, func(s *standIn, users map[string]*params.UserInfo) {
		ctx := context.Background()
		if err := s.writer.AddAccount(ctx, targetRef, account); err != nil {
			s.Fatal(err)
		}
		if made := users[account.User]; made == nil || made.Access != fleet.AccessSuperuser {
			s.Errorf("made %+v", made)
		}
		for range 2 {
			if err := s.writer.RemoveAccount(ctx, targetRef, account.User); err != nil {
				s.Error(err)
			}
		}
		if users[account.User] != nil {
			s.Error("still there")
		}
	})
}

func TestAnAccountThatCannotBeRemovedIsAnError(t *testing.T) {
	s := newStandIn(t, "3.6.4", "4.1.0")
	usersOf(s.target(), false, map[string]*params.UserInfo{account.User: {Username: account.User}})
	s.target().says("UserManager.RemoveUser", params.ErrorResults{Results: []params.ErrorResult{{Error: &params.Error{Message: "user not found"}}}})
	s.wants(s.writer.RemoveAccount(context.Background(), targetRef, account.User), fleet.Refused)
	s.target().fails("UserManager.RemoveUser", params.CodeOperationBlocked, "x")
	s.wants(s.writer.RemoveAccount(context.Background(), targetRef, account.User), fleet.Blocked)
}

func TestAnAccountWithoutAPasswordIsNotMade(t *testing.T) {
	s := newStandIn(t, "3.6.4", "3.6.11")
	for _, a := range []execute.Account{{User: "me"}, {User: "me@idp", Password: "x"}, {Password: "x"}} {
		if err := s.writer.AddAccount(context.Background(), targetRef, a); err == nil {
			t.Errorf("made %q", a.User)
		}
		if err := s.writer.Migrate(context.Background(), sourceRef, targetRef, modelRef, a); err == nil {
			t.Errorf("migrates as %q", a.User)
		}
	}
	if n := s.target().all() + s.source().all(); n > 0 {
		t.Errorf("%d calls", n)
	}
}

func TestAccessThatAUserHasIsGivenWithoutError(t *testing.T) {
	eachSeries(t, func(s *standIn, users map[string]*params.UserInfo) {
		ctx := context.Background()
		users["bob"] = &params.UserInfo{Username: "bob", Access: fleet.AccessLogin}
		for range 2 {
			if err := s.writer.GrantController(ctx, targetRef, "bob", fleet.AccessSuperuser); err != nil {
				s.Error(err)
			}
		}
		if err := s.writer.GrantController(ctx, targetRef, "bob", fleet.AccessLogin); err != nil {
			s.Error(err)
		}
		if users["bob"].Access != fleet.AccessSuperuser {
			s.Errorf("bob has %s", users["bob"].Access)
		}
		if err := s.writer.GrantController(ctx, targetRef, "nobody", fleet.AccessLogin); err == nil {
			s.Error("gave access to nobody")
		}
	})
}

func TestAccessThatIsAcceptedAndNotGivenIsAnError(t *testing.T) {
	s := newStandIn(t, "3.6.4", "4.1.0")
	usersOf(s.target(), false, map[string]*params.UserInfo{})
	s.target().says("Controller.ModifyControllerAccess", params.ErrorResults{Results: []params.ErrorResult{{}}})
	s.wants(s.writer.AddAccount(context.Background(), targetRef, account), fleet.Refused)
}

func TestAUserIsDisabledTwiceWithoutError(t *testing.T) {
	eachSeries(t, func(s *standIn, users map[string]*params.UserInfo) {
		ctx := context.Background()
		users["bob"] = &params.UserInfo{Username: "bob"}
		for range 2 {
			if err := s.writer.DisableUser(ctx, targetRef, "bob"); err != nil {
				s.Error(err)
			}
		}
		if !users["bob"].Disabled {
			s.Error("bob is not disabled")
		}
		if err := s.writer.DisableUser(ctx, targetRef, "nobody"); err == nil {
			s.Error("disabled nobody")
		}
	})
}

// registered reads a registration string as "juju register" does.
// (cmd/juju/controller/register.go)
func registered(t *testing.T, registration fleet.Secret) jujuclient.RegistrationInfo {
	t.Helper()
	data, err := base64.URLEncoding.DecodeString(registration.Reveal())
	if err != nil {
		t.Fatal(err)
	}
	var info jujuclient.RegistrationInfo
	if _, err := asn1.Unmarshal(data, &info); err != nil {
		t.Fatal(err)
	}
	return info
}

func TestTheRegistrationStringIsJujus(t *testing.T) {
	s := newStandIn(t, "3.6.4", "3.6.11")
	users := map[string]*params.UserInfo{}
	usersOf(s.target(), true, users)
	for _, name := range []string{"al", "eve", "carl", "diana"} { // of each remainder of 3
		made, err := s.writer.AddUser(context.Background(), targetRef, name, "", "")
		if err != nil {
			t.Fatal(err)
		}
		if strings.ContainsAny(made.Reveal(), "=+/") {
			t.Errorf("%s cannot be copied with a double click", made.Reveal())
		}
		want := jujuclient.RegistrationInfo{
			User: name, Addrs: []string{"192.0.2.9:17070"}, SecretKey: []byte("canary-key"), ControllerName: "new",
		}
		if diff := cmp.Diff(want, registered(t, made)); diff != "" {
			t.Error(diff)
		}
	}
	again, err := s.writer.ResetUser(context.Background(), targetRef, "eve")
	if err != nil || string(registered(t, again).SecretKey) != "canary-again" {
		t.Errorf("reset: %v", err)
	}
	_, err = s.writer.ResetUser(context.Background(), targetRef, "nobody")
	s.wants(err, fleet.Forbidden)
}

func TestARegistrationStringForKubernetesSaysHowToGetThere(t *testing.T) {
	s := newStandIn(t, "3.6.4", "3.6.11")
	usersOf(s.target(), true, map[string]*params.UserInfo{})
	const proxied = `
controllers:
  new:
    uuid: 22222222-2222-4222-8222-222222222222
    api-endpoints: ["10.1.2.3:17070"]
    ca-cert: x
    cloud: k
    proxy-config:
      type: kubernetes-port-forward
      config:
        api-host: https://10.0.0.1:16443
        ca-cert: cluster-ca
        namespace: controller-k
        remote-port: "17070"
        service: controller-service
        service-account-token: token
`
	if err := os.WriteFile(filepath.Join(s.session.cfg.Store.dir, "controllers.yaml"), []byte(proxied), 0o600); err != nil {
		t.Fatal(err)
	}
	made, err := s.writer.AddUser(context.Background(), targetRef, "bob", "", "")
	if err != nil {
		t.Fatal(err)
	}
	// As register does: the text has to be a proxy's configuration to Juju.
	entry := "controllers:\n  new:\n    uuid: u\n    proxy-config:\n      " + strings.ReplaceAll(strings.TrimSpace(registered(t, made).ProxyConfig), "\n", "\n      ") + "\n"
	read, err := jujuclient.ParseControllers([]byte(entry))
	if err != nil || read.Controllers["new"].Proxy == nil || read.Controllers["new"].Proxy.Proxier.Type() != "kubernetes-port-forward" {
		t.Errorf("%v of\n%s", err, entry)
	}
}

func TestAUserNameThatIsNoneIsNotSent(t *testing.T) {
	s := newStandIn(t, "3.6.4", "3.6.11")
	ctx := context.Background()
	for _, name := range []string{"", "bob@idp", "no body"} {
		_, err := s.writer.AddUser(ctx, targetRef, name, "", "")
		if err == nil {
			t.Errorf("made %q", name)
		}
		if _, err = s.writer.ResetUser(ctx, targetRef, name); err == nil {
			t.Errorf("reset %q", name)
		}
		if s.writer.DisableUser(ctx, targetRef, name) == nil || s.writer.RemoveAccount(ctx, targetRef, name) == nil {
			t.Errorf("disabled or removed %q", name)
		}
	}
	if n := s.target().all(); n > 0 {
		t.Errorf("%d calls", n)
	}
}
