package jujutest

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/juju/names/v5"

	"github.com/juju/juju/rpc/params"
)

// Call is a request that a controller was sent, and how it ended.
type Call struct {
	Time       time.Time
	Controller string
	// Server is the number of the API server.
	Server int
	// Model is OWNER/NAME of the model that the call names, if it names just one,
	// else of the connection's model; empty for a controller connection.
	Model string
	// User is who was logged in.
	User    string
	Facade  string
	Version int
	Method  string
	// Subject is the name of the user that the call changes or asks about, if it
	// names just one; of a call about charms, the application's.
	Subject string
	// Args are the parameters as JSON, except those of a login, and passwords.
	Args string
	// Code is the code of the error that was answered, in the header or in the
	// only result. ErrorText is its text.
	Code      string
	ErrorText string
	// Effect says that the call changed something.
	Effect bool
}

// Calls are all requests so far, logins and pings among them, in the order in which they were answered.
func (w *World) Calls() []Call {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.calls)
}

// CallsOf are the requests so far for FACADE.METHOD.
func (w *World) CallsOf(method string) []Call {
	return slices.DeleteFunc(w.Calls(), func(c Call) bool { return c.Facade+"."+c.Method != method })
}

// ForgetCalls makes the count begin anew.
func (w *World) ForgetCalls() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.calls = nil
}

// Connections is how many API connections were opened, by controller.
func (w *World) Connections() map[string]int {
	w.mu.Lock()
	defer w.mu.Unlock()
	counts := map[string]int{}
	for _, c := range w.controllers {
		counts[c.name] = c.connected
	}
	return counts
}

func summarise(facade string, args any) string {
	if facade == "Admin" || args == nil {
		return ""
	}
	data, err := json.Marshal(withoutPasswords(args))
	if err != nil {
		return ""
	}
	return string(data)
}

// withoutPasswords is a copy of parameters that tests may print.
func withoutPasswords(args any) any {
	switch args := args.(type) {
	case params.AddUsers:
		args.Users = slices.Clone(args.Users)
		for i := range args.Users {
			args.Users[i].Password = ""
		}
		return args
	case params.EntityPasswords:
		args.Changes = slices.Clone(args.Changes)
		for i := range args.Changes {
			args.Changes[i].Password = ""
		}
		return args
	case params.AddSecretBackendArgs:
		args.Args = slices.Clone(args.Args)
		for i := range args.Args {
			args.Args[i].Config = nil
		}
		return args
	case params.SetModelDefaults:
		args.Config = slices.Clone(args.Config)
		for i := range args.Config {
			args.Config[i].Config = maps.Clone(args.Config[i].Config)
			for key := range args.Config[i].Config {
				args.Config[i].Config[key] = "..."
			}
		}
		return args
	case InitiateMigrationArgs:
		args.Specs = slices.Clone(args.Specs)
		for i := range args.Specs {
			args.Specs[i].TargetInfo.Password = ""
		}
		return args
	}
	return args
}

// subjectOf is the user whom a call names.
func subjectOf(args any) string {
	tag := ""
	switch args := args.(type) {
	case params.AddUsers:
		if len(args.Users) == 1 {
			return args.Users[0].Username
		}
	case params.Entities:
		if len(args.Entities) == 1 {
			tag = args.Entities[0].Tag
		}
	case params.EntityPasswords:
		if len(args.Changes) == 1 {
			tag = args.Changes[0].Tag
		}
	case params.UserInfoRequest:
		if len(args.Entities) == 1 {
			tag = args.Entities[0].Tag
		}
	case params.ApplicationSetCharm:
		return args.ApplicationName
	case params.ApplicationGet:
		return args.ApplicationName
	case params.AddPendingResourcesArgsV2:
		return strings.TrimPrefix(args.Tag, "application-")
	case params.ModifyControllerAccessRequest:
		if len(args.Changes) == 1 {
			tag = args.Changes[0].UserTag
		}
	}
	if t, err := names.ParseUserTag(tag); err == nil {
		return t.Id()
	}
	return ""
}
