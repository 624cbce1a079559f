package contract

import (
	"time"

	"github.com/juju/version/v2"

	"github.com/juju/juju/rpc/params"
)

// dryRun: a dry run says what would be chosen, or why not, and changes nothing.
func (s *suite) dryRun() {
	res, err := s.upgrade(controllerModel, s.env.To, true)
	if err != nil || res.Error != nil || res.ChosenVersion != s.env.To {
		s.Errorf("controller: %+v, %v", res, err)
	}
	res, err = s.upgrade(s.env.Model, version.Zero, true)
	if err != nil || res.Error != nil || res.ChosenVersion.ToPatch() != s.env.From {
		s.Errorf("model: chosen %v, %v, %v", res.ChosenVersion, res.Error, err)
	}
	if res, err = s.upgrade(s.env.Model, s.env.To, true); err == nil && res.Error == nil {
		s.Errorf("a model ahead of its controller: %+v", res)
	}
	res, err = s.upgrade(controllerModel, s.env.From, true)
	if s.env.From.Major < 4 && (err != nil || res.Error == nil || res.Error.Code != params.CodeAlreadyExists || res.ChosenVersion != version.Zero) {
		s.Errorf("to the same version: %+v, %v", res, err)
	}
	unknown := s.env.To
	unknown.Patch += 900
	res, err = s.upgrade(controllerModel, unknown, true)
	// Where no stream can be reached that might have it, the answer is an error without a code.
	if err == nil && (res.Error == nil || res.Error.Code != params.CodeNotFound) {
		s.Errorf("to a version that is not offered: %+v, %v", res, err)
	}
	s.summaries() // all still at env.From
}

// controllerUpgrade: the version flips at once; connections are dropped; in the window
// a model login may ask for the status and a controller login for nearly nothing.
func (s *suite) controllerUpgrade() {
	old := s.open("")
	res, err := s.upgrade(controllerModel, s.env.To, false)
	if err != nil || res.Error != nil || res.ChosenVersion != s.env.To {
		s.Fatalf("%+v, %v", res, err)
	}
	select {
	case <-old.Broken():
	case <-time.After(s.env.Patience):
		s.Error("the connection was not dropped")
	}
	s.eventually("the controller and its agents", func() bool {
		for range 5 { // any server may answer, one that has not arrived among them
			ready, codes := s.controllerReady()
			for _, c := range codes {
				if c != params.CodeUpgradeInProgress {
					s.Errorf("refused with code %q while it upgrades", c)
				}
			}
			if !ready {
				return false
			}
		}
		return true
	})
	for _, sum := range s.listSummaries() {
		want := s.env.From
		if sum.IsController {
			want = s.env.To
		}
		if sum.AgentVersion == nil || sum.AgentVersion.ToPatch() != want {
			s.Errorf("model %s is at %v", sum.Name, sum.AgentVersion)
		}
	}
}

// controllerReady looks once with new connections. A connection that fails is one
// that restarts; what the window refuses has a code.
func (s *suite) controllerReady() (bool, []string) {
	model, err := s.env.Open(s.Context(), controllerModel)
	if err != nil {
		return false, nil
	}
	defer model.Close()
	if v, _ := model.ServerVersion(); v.ToPatch() != s.env.To {
		return false, nil
	}
	st, err := s.fullStatus(model)
	if err != nil {
		if code(err) != "" {
			return false, []string{code(err)}
		}
		return false, nil
	}
	ctl, err := s.env.Open(s.Context(), "")
	if err != nil {
		return false, nil
	}
	defer ctl.Close()
	var list params.UserModelList
	err = ctl.APICall("ModelManager", 10, "", "ListModels", params.Entity{Tag: "user-" + s.env.User}, &list)
	if err != nil {
		if code(err) != "" {
			return false, []string{code(err)}
		}
		return false, nil
	}
	missing, _ := absent(st, s.env.To)
	return st.Model.Version == s.env.To.String() && len(missing) == 0, nil
}

// modelUpgrade: without a version the controller's is taken; the model's version
// flips at once; its agents follow; asking again is no error and does nothing.
func (s *suite) modelUpgrade() {
	res, err := s.upgrade(s.env.Model, version.Zero, false)
	if err != nil || res.Error != nil || res.ChosenVersion.ToPatch() != s.env.To {
		s.Fatalf("%+v, %v", res, err)
	}
	st, err := s.fullStatus(s.open(s.env.Model))
	if err != nil {
		s.Fatal(err)
	}
	if st.Model.Version != s.env.To.String() {
		s.Errorf("version is %q right after the request", st.Model.Version)
	}
	if missing, _ := absent(st, s.env.To); len(missing) == 0 {
		s.Log("all agents arrived before the first look")
	}
	s.eventually("all agents", func() bool {
		conn, err := s.env.Open(s.Context(), s.env.Model)
		if err != nil {
			return false
		}
		defer conn.Close()
		st, err := s.fullStatus(conn)
		if err != nil {
			return false
		}
		missing, seen := absent(st, s.env.To)
		return len(missing) == 0 && seen > 0
	})
	if res, err = s.upgrade(s.env.Model, version.Zero, false); err != nil || res.Error != nil || res.ChosenVersion.ToPatch() != s.env.To {
		s.Errorf("again: %+v, %v", res, err)
	}
}
