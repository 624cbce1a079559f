package contract

import (
	"strings"
	"testing"
	"time"

	"github.com/juju/names/v5"
	"github.com/juju/version/v2"

	"github.com/juju/juju/rpc/params"
)

// Kubernetes is a controller that is a pod and may be upgraded. Env.Model has an
// application with two units at least; all units are idle and active.
type Kubernetes struct {
	Env
	// Other is OWNER/NAME of another hosted model with units at the controller's version.
	Other string
	// Restarts is how long the controller may be away before the charms of its models
	// restart; they may do so earlier.
	Restarts time.Duration
	// Break begins a fault of the images of a version, or ends it.
	Break func(fault string, of version.Number, on bool) error
}

// What [Kubernetes.Break] is asked for.
const (
	// HiddenImage is not in the registry.
	HiddenImage = "hide-image"
	// SpoiltImage is, but cannot be pulled.
	SpoiltImage = "spoil-image"
	// NoRegistry is one that answers 503.
	NoRegistry = "registry-down"
)

// RunKubernetes makes the assertions. At its end controller and models are at env.To.
func RunKubernetes(t *testing.T, env Kubernetes) {
	for _, part := range []struct {
		name string
		run  func(*podSuite)
	}{
		{"shape", (*podSuite).shape},
		{"refusals", (*podSuite).refusals},
		{"no registry", (*podSuite).noRegistry},
		{"hidden image", (*podSuite).hiddenImage},
		{"controller upgrade", (*podSuite).controllerUpgrade},
		{"model upgrade", (*podSuite).modelUpgrade},
		{"image that cannot be pulled", (*podSuite).spoiltImage},
	} {
		// The parts are in order: a controller's upgrade comes before a model's.
		if !t.Run(part.name, func(t *testing.T) { part.run(&podSuite{suite{T: t, env: env.Env}, env}) }) {
			t.FailNow()
		}
	}
}

type podSuite struct {
	suite
	pods Kubernetes
}

// units are the units of a model by their names.
func units(st params.FullStatus) map[string]params.UnitStatus {
	all := map[string]params.UnitStatus{}
	for _, app := range st.Applications {
		for name, u := range app.Units {
			all[name] = u
		}
	}
	return all
}

// well says that a unit is idle and active at a version.
func well(u params.UnitStatus, at version.Number) bool {
	return u.AgentStatus.Status == "idle" && u.WorkloadStatus.Status == "active" && u.AgentStatus.Version == at.String()
}

// lost says that a unit is without its agent.
func lost(u params.UnitStatus) bool { return u.AgentStatus.Status == "lost" }

// look asks for a model's status once, on a connection of its own.
func (s *podSuite) look(model string) (params.FullStatus, bool) {
	conn, err := s.env.Open(s.Context(), model)
	if err != nil {
		return params.FullStatus{}, false
	}
	defer conn.Close()
	st, err := s.fullStatus(conn)
	return st, err == nil
}

// settles waits until all units of a model are well at a version.
func (s *podSuite) settles(model string, at version.Number) map[string]params.UnitStatus {
	s.Helper()
	var all map[string]params.UnitStatus
	s.eventually("all units of "+model+" are well at "+at.String(), func() bool {
		st, ok := s.look(model)
		all = units(st)
		for _, u := range all {
			ok = ok && well(u, at)
		}
		return ok && len(all) > 0
	})
	return all
}

// shape: there are no machines; each unit is a pod, with an address and a version; so is
// the controller.
func (s *podSuite) shape() {
	for _, model := range []string{controllerModel, s.env.Model, s.pods.Other} {
		all := s.settles(model, s.env.From)
		st, err := s.fullStatus(s.open(model))
		if err != nil {
			s.Fatal(err)
		}
		if st.Model.Type != "caas" || len(st.Machines) > 0 || st.Model.Version != s.env.From.String() {
			s.Errorf("%s: type %q, version %s, machines %v", model, st.Model.Type, st.Model.Version, st.Machines)
		}
		for name, u := range all {
			if u.ProviderId != strings.Replace(name, "/", "-", 1) || u.Address == "" || u.Machine != "" {
				s.Errorf("%s: provider ID %q, address %q, machine %q", name, u.ProviderId, u.Address, u.Machine)
			}
		}
		if info := s.info(model); info.Type != "caas" || len(info.Machines) > 0 {
			s.Errorf("%s: told of as %q with machines %v", model, info.Type, info.Machines)
		}
	}
	var out params.CloudResults
	cloud := params.Entities{Entities: []params.Entity{{Tag: s.info(s.env.Model).CloudTag}}}
	if err := s.open("").APICall("Cloud", 7, "", "Cloud", cloud, &out); err != nil || out.Results[0].Error != nil || out.Results[0].Cloud.Endpoint == "" {
		s.Errorf("the cluster is told without its endpoint: %+v, %v", out, err)
	}
}

func (s *podSuite) info(model string) params.ModelInfo {
	s.Helper()
	var out params.ModelInfoResults
	args := params.Entities{Entities: []params.Entity{{Tag: names.NewModelTag(s.uuid(model)).String()}}}
	if err := s.open("").APICall("ModelManager", 10, "", "ModelInfo", args, &out); err != nil || len(out.Results) != 1 || out.Results[0].Error != nil {
		s.Fatalf("%+v, %v", out, err)
	}
	return *out.Results[0].Result
}

// refusals: no backup, no further servers, no model ahead of its controller.
func (s *podSuite) refusals() {
	ctl, model := s.open(""), s.open(controllerModel)
	three := params.ControllersSpecs{Specs: []params.ControllersSpec{{NumControllers: 3}}}
	for what, err := range map[string]error{
		"a backup":     model.APICall("Backups", 3, "", "Create", params.BackupsCreateArgs{NoDownload: true}, &struct{}{}),
		"more servers": ctl.APICall("HighAvailability", 2, "", "EnableHA", three, &struct{}{}),
	} {
		if code(err) != params.CodeNotSupported {
			s.Errorf("%s: %v (%q)", what, err, code(err))
		}
	}
	if res, err := s.upgrade(s.env.Model, s.env.To, true); err == nil || code(err) != "" {
		s.Errorf("a model ahead of its controller: %+v, %v (%q)", res, err, code(err))
	}
	if res, err := s.upgrade(controllerModel, s.env.To, true); err != nil || res.Error != nil || res.ChosenVersion != s.env.To {
		s.Errorf("a dry run: %+v, %v", res, err)
	}
}

// broken runs something while a fault is there.
func (s *podSuite) broken(fault string, fn func()) {
	s.Helper()
	if err := s.pods.Break(fault, s.env.To, true); err != nil {
		s.Fatal(err)
	}
	defer func() {
		if err := s.pods.Break(fault, s.env.To, false); err != nil {
			s.Fatal(err)
		}
	}()
	fn()
}

// noRegistry: whatever is asked of a controller is an error without a code; a model that
// comes to its controller's version needs no registry for the answer.
func (s *podSuite) noRegistry() {
	s.broken(NoRegistry, func() {
		for _, target := range []version.Number{version.Zero, s.env.To} {
			if res, err := s.upgrade(controllerModel, target, true); err == nil || code(err) != "" || !strings.Contains(err.Error(), "503") {
				s.Errorf("asked for %v: %+v, %v (%q)", target, res, err, code(err))
			}
		}
		if res, err := s.upgrade(s.env.Model, version.Zero, true); err != nil || res.Error != nil || res.ChosenVersion != s.env.From {
			s.Errorf("a model: %+v, %v", res, err)
		}
	})
}

// hiddenImage: nothing is newer, and what was named is not there, or cannot be known
// where no stream can be reached that might have it.
func (s *podSuite) hiddenImage() {
	s.broken(HiddenImage, func() {
		res, err := s.upgrade(controllerModel, version.Zero, true)
		if err != nil || res.Error == nil || res.Error.Code != params.CodeAlreadyExists || res.ChosenVersion != version.Zero {
			s.Errorf("the newest: %+v, %v", res, err)
		}
		res, err = s.upgrade(controllerModel, s.env.To, true)
		if err == nil && (res.Error == nil || res.Error.Code != params.CodeNotFound) || code(err) != "" {
			s.Errorf("named: %+v, %v (%q)", res, err, code(err))
		}
	})
}
