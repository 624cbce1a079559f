package contract

import (
	"github.com/juju/names/v5"
	"github.com/juju/version/v2"

	"github.com/juju/juju/rpc/params"
)

// login: version, facades and servers are in its answer.
func (s *suite) login() {
	ctl, model := s.open(""), s.open(s.env.Model)
	if v, ok := ctl.ServerVersion(); !ok || v.ToPatch() != s.env.From {
		s.Errorf("server version %v, want %v", v, s.env.From)
	}
	if ctl.ControllerAccess() != "superuser" {
		s.Errorf("access %q", ctl.ControllerAccess())
	}
	if len(ctl.APIHostPorts()) == 0 {
		s.Error("no servers")
	}
	if ctl.ControllerTag() != model.ControllerTag() {
		s.Error("controller and model connection are of two controllers")
	}
	if _, ok := ctl.ModelTag(); ok {
		s.Error("a controller connection has a model")
	}
	if tag, ok := model.ModelTag(); !ok || tag.Id() != s.uuid(s.env.Model) {
		s.Errorf("model tag %v", tag)
	}
	upgrader := 1
	if s.env.From.Major >= 4 {
		upgrader = 0 // this client knows version 1 only
	}
	if got := ctl.BestFacadeVersion("ModelUpgrader"); got != upgrader {
		s.Errorf("ModelUpgrader %d on the controller connection", got)
	}
	if got := model.BestFacadeVersion("ModelUpgrader"); got != 0 {
		s.Errorf("ModelUpgrader %d on the model connection", got)
	}
	if got := model.BestFacadeVersion("Client"); got != 8 {
		s.Errorf("Client %d", got)
	}
}

// summaries: one controller model; each model with version, owner and life.
func (s *suite) summaries() {
	controllers := 0
	for _, sum := range s.listSummaries() {
		if sum.IsController {
			controllers++
			if sum.Name != controllerModel {
				s.Errorf("controller model is called %q", sum.Name)
			}
		}
		if sum.AgentVersion == nil || sum.AgentVersion.ToPatch() != s.env.From {
			s.Errorf("model %s: version %v", sum.Name, sum.AgentVersion)
		}
		if _, err := names.ParseUserTag(sum.OwnerTag); err != nil {
			s.Errorf("model %s: owner %q", sum.Name, sum.OwnerTag)
		}
		if sum.Life != "alive" || sum.Migration != nil {
			s.Errorf("model %s: life %q, migration %v", sum.Name, sum.Life, sum.Migration)
		}
	}
	if controllers != 1 {
		s.Errorf("%d controller models", controllers)
	}
}

// status: agents with their state and version.
func (s *suite) status() {
	for _, model := range []string{controllerModel, s.env.Model} {
		st, err := s.fullStatus(s.open(model))
		if err != nil {
			s.Fatal(err)
		}
		if st.Model.Version != s.env.From.String() {
			s.Errorf("%s: version %q", model, st.Model.Version)
		}
		if missing, seen := absent(st, s.env.From); len(missing) > 0 || seen == 0 {
			s.Errorf("%s: %d agents, not there: %v", model, seen, missing)
		}
	}
}

// absent are the agents that are not there at a version, and how many there are.
// A version that is not shown (a machine's on 4.1) counts as there.
func absent(st params.FullStatus, want version.Number) (missing []string, seen int) {
	check := func(name, healthy string, a params.DetailedStatus) {
		seen++
		if a.Version != "" && a.Version != want.String() || a.Status == "down" || a.Status == "lost" || healthy != "" && a.Status != healthy {
			missing = append(missing, name+" "+a.Status+" "+a.Version)
		}
	}
	var machines func(map[string]params.MachineStatus)
	machines = func(list map[string]params.MachineStatus) {
		for id, m := range list {
			check("machine "+id, "started", m.AgentStatus)
			machines(m.Containers)
		}
	}
	var units func(map[string]params.UnitStatus)
	units = func(list map[string]params.UnitStatus) {
		for name, u := range list {
			check(name, "", u.AgentStatus)
			units(u.Subordinates)
		}
	}
	machines(st.Machines)
	for _, app := range st.Applications {
		units(app.Units)
	}
	return missing, seen
}

// refusals: their codes.
func (s *suite) refusals() {
	ctl, model := s.open(""), s.open(s.env.Model)
	for _, test := range []struct {
		what string
		err  error
		code string
	}{
		{"a model's facade on the controller connection",
			ctl.APICall("Client", 8, "", "FullStatus", params.StatusParams{}, nil), params.CodeNotSupported},
		{"a controller's facade on a model connection",
			model.APICall("ModelManager", 10, "", "ListModels", params.Entity{Tag: "user-" + s.env.User}, nil), params.CodeNotSupported},
		{"a facade version that is not there",
			ctl.APICall("Controller", 99, "", "ControllerVersion", nil, nil), params.CodeNotImplemented},
		{"a method that is not there",
			ctl.APICall("Controller", 12, "", "NoSuchMethod", nil, nil), params.CodeNotImplemented},
	} {
		if test.err == nil || code(test.err) != test.code {
			s.Errorf("%s: %v (%q), want code %q", test.what, test.err, code(test.err), test.code)
		}
	}
	if s.env.OpenAs == nil {
		return
	}
	conn, err := s.env.OpenAs(s.Context(), "not the password")
	if err == nil {
		_ = conn.Close()
	}
	if !params.IsCodeUnauthorized(err) {
		s.Errorf("wrong password: %v", err)
	}
}
