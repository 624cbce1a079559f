package contract

import (
	"time"

	"github.com/juju/names/v5"

	"github.com/juju/juju/rpc/params"
)

// users: a superuser with a password of our own is made, and works at once.
func (m *mover) users() {
	user := params.AddUser{Username: m.account, Password: m.password}
	if got := m.add(user); got.Error != nil {
		m.Fatal(got.Error)
	}
	grant := params.ModifyControllerAccessRequest{Changes: []params.ModifyControllerAccess{{
		UserTag: names.NewUserTag(m.account).String(), Action: params.GrantControllerAccess, Access: "superuser",
	}}}
	facade := 11
	if m.env.Target.Version.Major >= 4 {
		facade = 12
	}
	var changed params.ErrorResults
	m.target("Controller", facade, "ModifyControllerAccess", grant, &changed)
	if changed.Results[0].Error != nil {
		m.Fatal(changed.Results[0].Error)
	}
	info, ok := m.listed()
	if !ok || info.Access != "superuser" || info.Disabled || info.LastConnection != nil {
		m.Errorf("%+v, listed %v", info, ok)
	}
	if got := m.add(user); got.Error == nil {
		m.Error("made twice")
	}
	// One without a password gets a key, which a new one voids.
	added := m.add(params.AddUser{Username: m.account + "-key", DisplayName: "With Key"})
	if added.Error != nil || len(added.SecretKey) != 32 {
		m.Fatalf("key of %d bytes, %v", len(added.SecretKey), added.Error)
	}
	var reset params.AddUserResults
	m.target("UserManager", 3, "ResetPassword", params.Entities{Entities: []params.Entity{{Tag: added.Tag}}}, &reset)
	if key := reset.Results[0].SecretKey; len(key) != 32 || string(key) == string(added.SecretKey) {
		m.Errorf("a new key of %d bytes, %v", len(key), reset.Results[0].Error)
	}
	m.remove(m.account + "-key")
}

// target calls the target; what is refused as a whole fails the test.
func (m *mover) target(facade string, version int, method string, args, result any) {
	m.Helper()
	conn := m.open(m.env.Target, "")
	defer conn.Close()
	if err := conn.APICall(facade, version, "", method, args, result); err != nil {
		m.Fatalf("%s.%s: %v", facade, method, err)
	}
}

func (m *mover) add(user params.AddUser) params.AddUserResult {
	m.Helper()
	var out params.AddUserResults
	m.target("UserManager", 3, "AddUser", params.AddUsers{Users: []params.AddUser{user}}, &out)
	return out.Results[0]
}

// listed finds the account among all users of the target.
func (m *mover) listed() (params.UserInfo, bool) {
	m.Helper()
	var out params.UserInfoResults
	m.target("UserManager", 3, "UserInfo", params.UserInfoRequest{IncludeDisabled: true}, &out)
	for _, r := range out.Results {
		if r.Result != nil && r.Result.Username == m.account {
			return *r.Result, true
		}
	}
	return params.UserInfo{}, false
}

func (m *mover) remove(user string) {
	m.Helper()
	one := params.Entities{Entities: []params.Entity{{Tag: names.NewUserTag(user).String()}}}
	for _, refused := range []bool{false, true} {
		var out params.ErrorResults
		m.target("UserManager", 3, "RemoveUser", one, &out)
		if failed := out.Results[0].Error; (failed != nil) != refused {
			m.Errorf("%s is removed, again %v: %v", user, refused, failed)
		}
	}
}

// accountRemoved: a removed user is in no list any more.
func (m *mover) accountRemoved() {
	m.remove(m.account)
	if info, ok := m.listed(); ok {
		m.Errorf("still listed: %+v", info)
	}
}

// migration: the target has the model once it lists it and it is not busy; the source
// then has it no more, or, if it is of Juju 4, goes on as if nothing had been.
func (m *mover) migration() {
	uuid := m.summaries(m.env.Source)[m.env.Model].UUID
	before := m.info(m.env.Source, uuid)
	if got := m.initiate(uuid, nil); got.Error != nil || got.MigrationId == "" {
		m.Fatalf("%+v, %v", got, got.Error)
	}
	arrived, underway := false, false
	m.eventually("the model is on the target", func() bool {
		underway = m.lookAtSource(arrived) || underway
		there, ok := m.summaries(m.env.Target)[m.env.Model]
		if ok && there.UUID == uuid && there.Status.Status == "available" {
			arrived = true
		}
		return arrived
	})
	if m.shows() != underway {
		m.Errorf("the source told of the migration: %v", underway)
	}
	m.there(uuid, before)
	if m.shows() {
		m.leftSource(uuid)
		return
	}
	m.lookAtSource(true)
}

// lookAtSource says whether the source tells of a migration that is under way.
func (m *mover) lookAtSource(arrived bool) bool {
	m.Helper()
	sum, ok := m.summaries(m.env.Source)[m.env.Model]
	switch {
	case !ok && !arrived && m.shows():
		// It can have arrived since the target was looked at.
		return false
	case !ok && !m.shows():
		m.Error("a source of Juju 4 does not list the model any more")
		return false
	case !ok:
		return false
	case !m.shows() && (sum.Migration != nil || sum.Status.Status != "available"):
		m.Errorf("a source of Juju 4 tells of a migration: %+v", sum)
	}
	return sum.Migration != nil && sum.Migration.End == nil
}

// there: the model is alive on the target, with its users, and its machines connect.
func (m *mover) there(uuid string, before params.ModelInfoResult) {
	var info params.ModelInfoResult
	// An import looks available for a moment before it says that it is one.
	m.eventually("it is alive there, and no migration is told of it", func() bool {
		info = m.info(m.env.Target, uuid)
		return info.Error == nil && info.Result.Life == "alive" && info.Result.Migration == nil
	})
	for name, access := range usersOf(before) {
		if got := usersOf(info)[name]; got != access {
			m.Errorf("%s has %q access, had %q", name, got, access)
		}
	}
	m.eventually("its machines are connected", func() bool {
		st, ok := m.statusOf(uuid)
		if !ok || len(st.Machines) != len(before.Result.Machines) {
			return false
		}
		for _, mach := range st.Machines {
			if mach.AgentStatus.Status != "started" {
				return false
			}
		}
		return true
	})
}

func (m *mover) statusOf(uuid string) (params.FullStatus, bool) {
	var out params.FullStatus
	// A connection that was opened during the import refuses for ever.
	conn, err := m.env.Target.Open(m.Context(), uuid)
	if err != nil {
		return out, false
	}
	defer conn.Close()
	return out, conn.APICall("Client", m.status(m.env.Target), "", "FullStatus", params.StatusParams{}, &out) == nil
}

// leftSource: the source lists the model no more, and sends on who had access to it.
func (m *mover) leftSource(uuid string) {
	m.eventually("the source does not list it", func() bool {
		_, ok := m.summaries(m.env.Source)[m.env.Model]
		return !ok
	})
	m.eventually("the source sends a login on", func() bool { return m.redirected(uuid) })
	m.absent(m.env.Source, m.env.Model, uuid)
	if got := m.info(m.env.Source, uuid); got.Error == nil || got.Error.Code != params.CodeRedirect {
		m.Errorf("asked for the model, the source says %v", got.Error)
	}
	if got := m.initiate(uuid, nil); got.Error == nil || got.Error.Code != params.CodeNotFound {
		m.Errorf("again: %+v, %v", got, got.Error)
	}
	time.Sleep(m.env.Poll)
	if sum := m.summaries(m.env.Target)[m.env.Model]; sum.UUID != uuid || sum.Status.Status != "available" {
		m.Errorf("the target shows %+v", sum)
	}
}

// usersOf is who has access to a model.
func usersOf(info params.ModelInfoResult) map[string]string {
	users := map[string]string{}
	if info.Result != nil {
		for _, u := range info.Result.Users {
			users[u.UserName] = string(u.Access)
		}
	}
	return users
}
