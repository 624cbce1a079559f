package contract

import (
	"slices"
	"strings"

	"github.com/google/go-cmp/cmp"
	"github.com/juju/names/v5"

	"github.com/juju/juju/rpc/params"
)

func (g *giver) settings() map[string]any {
	g.Helper()
	var out params.ControllerConfigResult
	// The API may be restarting.
	g.eventually("the configuration", func() bool {
		return g.call("Controller", g.controllerFacade(), "ControllerConfig", nil, &out) == nil
	})
	return out.Config
}

func (g *giver) set(key string, value any) *params.Error {
	g.Helper()
	err := g.call("Controller", g.controllerFacade(), "ConfigSet", params.ControllerConfigSet{Config: map[string]any{key: value}}, nil)
	if err != nil {
		return &params.Error{Code: code(err), Message: err.Error()}
	}
	return nil
}

// configuration: what is set is told by its type; durations as they were set, by Juju 4 as
// Go writes them. One wrong value refuses all that are set with it, without a code.
func (g *giver) configuration() {
	hours, methods, told := "36h", any([]string{"Client.FullStatus"}), any([]any{"Client.FullStatus"})
	if g.juju4() {
		hours, methods, told = "36h0m0s", "Client.FullStatus", "Client.FullStatus"
	}
	for _, test := range []struct {
		key         string
		value, told any
	}{
		{"audit-log-max-backups", 8, 8.0},
		{"model-logfile-max-backups", "3", 3.0},
		{"audit-log-capture-args", false, false},
		{"audit-log-max-size", "200M", "200M"},
		{"max-debug-log-duration", "36h", hours},
		{"audit-log-exclude-methods", methods, told},
		{"audit-log-max-backups", 8, 8.0}, // the same again
	} {
		g.accepted(test.key, g.set(test.key, test.value))
		g.eventually(test.key+" is told as it is set", func() bool { return cmp.Equal(test.told, g.settings()[test.key]) })
	}
	before := g.settings()
	for _, test := range []struct {
		key   string
		value any
	}{
		{"no-such-key", "x"}, {"api-port", 17071}, {"controller-uuid", g.env.UUID}, {"audit-log-max-backups", "many"},
	} {
		g.refused(test.key, g.set(test.key, test.value), "", "")
	}
	if !g.juju4() { // which takes it, and can then tell nothing any more
		g.refused("no duration", g.set("max-debug-log-duration", "long"), "", "")
		g.refused("a number of nanoseconds", g.set("max-debug-log-duration", 3600000000000), "", "")
	}
	// That is for another type; Juju 4 has a text where Juju 3 has a list.
	other := any("Client.FullStatus")
	if g.juju4() {
		other = []string{"Client.FullStatus"}
	}
	g.refused("a list", g.set("audit-log-exclude-methods", other), "", "")
	err := g.call("Controller", g.controllerFacade(), "ConfigSet", params.ControllerConfigSet{Config: map[string]any{"audit-log-max-backups": 9, "no-such-key": "x"}}, nil)
	if err == nil {
		g.Error("a wrong key is accepted beside a right one")
	}
	if diff := cmp.Diff(before, g.settings()); diff != "" {
		g.Errorf("what was refused has changed something:\n%s", diff)
	}
	g.knows()
}

// knows: which keys there are tells the major version; what was never set and has no
// default is not told.
func (g *giver) knows() {
	config := g.settings()
	for key, want := range map[string]bool{
		"api-port-open-delay": !g.juju4(), "mongo-memory-profile": !g.juju4(), "state-port": !g.juju4(), "dqlite-busy-timeout": g.juju4(),
		"migration-agent-wait-time": true, "controller-uuid": true, "ca-cert": true, "caas-image-repo": false, "juju-mgmt-space": false,
	} {
		if _, ok := config[key]; ok != want {
			g.Errorf("%s is told: %v", key, ok)
		}
	}
}

func (g *giver) addBackend(id, name string) *params.Error {
	g.Helper()
	var out params.ErrorResults
	g.must("SecretBackends", 1, "AddSecretBackends", params.AddSecretBackendArgs{Args: []params.AddSecretBackendArg{{
		ID: id, SecretBackend: params.SecretBackend{Name: name, BackendType: "vault", Config: map[string]any{"endpoint": g.env.Vault, "token": "of-a-contract-only"}},
	}}}, &out)
	return out.Results[0].Error
}

// backends: one has the ID that it was given; its token is told to who asks for it. No ID
// and no name is there twice.
func (g *giver) backends() {
	if g.env.Vault == "" {
		g.Skip("there is no secret backend that the controller can reach")
	}
	id, name := "c0"+g.id+"deadbeef", g.name("vault")
	g.accepted("a backend", g.addBackend(id, name))
	for _, reveal := range []bool{false, true} {
		var out params.ListSecretBackendsResults
		g.must("SecretBackends", 1, "ListSecretBackends", params.ListSecretBackendsArgs{Reveal: reveal}, &out)
		i := slices.IndexFunc(out.Results, func(b params.SecretBackendResult) bool { return b.Result.Name == name })
		if i < 0 {
			g.Fatalf("not listed: %+v", out.Results)
		}
		got := out.Results[i]
		if _, told := got.Result.Config["token"]; told != reveal || got.ID != id || got.Result.BackendType != "vault" || got.Result.Config["endpoint"] != g.env.Vault {
			g.Errorf("reveal %v: the token is told %v; ID %s, endpoint %v", reveal, told, got.ID, got.Result.Config["endpoint"])
		}
		if !slices.ContainsFunc(out.Results, func(b params.SecretBackendResult) bool { return b.Result.Name == "internal" }) {
			g.Error("the internal one is not listed")
		}
	}
	const exists4 = "secret backend already exists"
	g.refused("the same name", g.addBackend("c1"+g.id+"deadbeef", name), params.CodeAlreadyExists, exists4)
	// Juju 4 makes another one of it, without a word.
	if failed := g.addBackend(id, name+"-2"); g.juju4() {
		g.accepted("the same ID", failed)
	} else {
		g.refused("the same ID", failed, params.CodeAlreadyExists, "")
	}
	g.refused("no name", g.addBackend("", ""), params.CodeNotValid, "secret backend not valid")
}

func (g *giver) enableHA(servers int, placement ...string) (params.ControllersChangeResult, error) {
	g.Helper()
	var out params.ControllersChangeResults
	specs := params.ControllersSpecs{Specs: []params.ControllersSpec{{NumControllers: servers, Placement: placement}}}
	if err := g.call("HighAvailability", 2, "EnableHA", specs, &out); err != nil {
		return params.ControllersChangeResult{}, err
	}
	return out.Results[0], nil
}

// highAvailability: machines become controllers in a while, and are told to have a vote at
// once; asked again, nothing is done. Juju 4 does not do it by this call.
func (g *giver) highAvailability() {
	if g.juju4() {
		if _, err := g.enableHA(3); err == nil || code(err) != params.CodeNotSupported {
			g.Errorf("Juju 4 answers %v", err)
		}
		return
	}
	for what, test := range map[string]struct {
		servers int
		place   []string
		code    string
	}{
		"even": {2, nil, ""}, "too many": {9, nil, ""}, "an unknown machine": {3, []string{"99"}, params.CodeNotFound}, "a controller": {3, []string{"0"}, ""},
	} {
		got, err := g.enableHA(test.servers, test.place...)
		if err != nil {
			g.Fatal(err)
		}
		g.refused(what, got.Error, test.code, "")
	}
	if len(g.env.Machines) == 0 {
		g.Skip("there are no machines that could become controllers")
	}
	servers := 1 + len(g.env.Machines)
	got, err := g.enableHA(servers, g.env.Machines...)
	if err != nil || got.Error != nil || len(got.Result.Converted) != len(g.env.Machines) || len(got.Result.Maintained) != 1 || len(got.Result.Added) > 0 {
		g.Fatalf("%+v, %v", got, err)
	}
	if voting, _, _ := g.members(); voting != servers {
		g.Errorf("%d of %d have a vote at once", voting, servers)
	}
	g.eventually("all serve", func() bool {
		_, started, units := g.members()
		return started == servers && units == servers
	})
	if got, err := g.enableHA(servers); err != nil || got.Error != nil || len(got.Result.Added)+len(got.Result.Converted) > 0 {
		g.Errorf("again: %+v, %v", got, err)
	}
	got, err = g.enableHA(1)
	if err != nil {
		g.Fatal(err)
	}
	g.refused("fewer", got.Error, "", "")
	conn, err := g.env.Open(g.Context(), "")
	if err != nil {
		g.Fatal(err)
	}
	defer conn.Close()
	if groups := conn.APIHostPorts(); len(groups) != servers {
		g.Errorf("a login tells of %d servers", len(groups))
	}
}

// members counts the machines that have a vote, are started, and the units of the
// controller that are there.
func (g *giver) members() (voting, started, units int) {
	g.Helper()
	var list params.UserModelList
	g.must("ModelManager", g.modelManager(), "ListModels", params.Entity{Tag: names.NewUserTag(g.env.User).String()}, &list)
	i := slices.IndexFunc(list.UserModels, func(m params.UserModel) bool { return m.Name == controllerModel })
	if i < 0 {
		g.Fatal("it does not list its own model")
	}
	conn, err := g.env.Open(g.Context(), list.UserModels[i].UUID)
	if err != nil {
		return 0, 0, 0 // its servers are being joined
	}
	defer conn.Close()
	var out params.FullStatus
	if conn.APICall("Client", 7, "", "FullStatus", params.StatusParams{}, &out) != nil {
		return 0, 0, 0
	}
	for _, m := range out.Machines {
		if m.HasVote && m.WantsVote {
			voting++
		}
		if m.AgentStatus.Status == "started" {
			started++
		}
	}
	for name, u := range out.Applications["controller"].Units {
		if strings.HasPrefix(name, "controller/") && u.AgentStatus.Status == "idle" {
			units++
		}
	}
	return voting, started, units
}
